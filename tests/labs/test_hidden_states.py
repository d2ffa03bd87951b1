"""Lab *hidden states* (lesson 03): what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.labs import hidden_states
from helpers.labs.framework.lab import Lab
from tests.labs.stand_ins import model, one_neuron, several_units, synthetic

GRU_OF_TWO = [np.zeros((1, 6)), np.zeros((2, 6)), np.zeros((2, 6))]


def stand_in() -> Lab:
    """The lab on small data."""
    return hidden_states.lab(several_units(), synthetic()[:, :50], synthetic()[:, 50])


WRONG = {
    "no model": (None, np.zeros((2, 50, 1)), np.zeros(2)),
    "no head": (one_neuron(), np.zeros((2, 50, 1)), np.zeros(2)),
    "two features": (several_units(), np.zeros((2, 50, 2)), np.zeros(2)),
    "a GRU": (model(GRU_OF_TWO, [np.zeros((2, 1)), np.zeros(1)]), np.zeros((2, 50, 1)), np.zeros(2)),
    "one series": (several_units(), np.zeros((1, 50, 1)), np.zeros(1)),
    "more targets than series": (several_units(), np.zeros((2, 50, 1)), np.zeros(3)),
    "no steps axis": (several_units(), np.zeros((2, 50)), np.zeros(2)),
    "targets that are NaN": (several_units(), np.zeros((2, 50, 1)), np.full(2, np.nan)),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_wrong_data_is_refused(wrong):
    with pytest.raises(ValueError, match=r"expected|not finite"):
        hidden_states.lab(*wrong)
