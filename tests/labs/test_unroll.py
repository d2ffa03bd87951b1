"""Lab *unroll* (lesson 03): it opens on any weights of one neuron and refuses other models."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.labs import unroll
from helpers.labs.framework.lab import Lab
from tests.labs.stand_ins import model, one_neuron, several_units, synthetic


def stand_in() -> Lab:
    """The lab on small data."""
    return unroll.lab(one_neuron(), synthetic()[:, :50])


WRONG = {
    "no model": (None, np.zeros((2, 50, 1))),
    "a model without layers": (model(), np.zeros((2, 50, 1))),
    "a Dense layer": (model([np.zeros((1, 1)), np.zeros(1)]), np.zeros((2, 50, 1))),
    "20 units": (several_units(20), np.zeros((2, 50, 1))),
    "weights that are NaN": (one_neuron(w_h=float("nan")), np.zeros((2, 50, 1))),
    "one series": (one_neuron(), np.zeros((1, 50, 1))),
    "49 steps": (one_neuron(), np.zeros((2, 49, 1))),
    "two features": (one_neuron(), np.zeros((2, 50, 2))),
    "a plain list": (one_neuron(), [0.0] * 50),
    "series that are NaN": (one_neuron(), np.full((2, 50, 1), np.nan)),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_wrong_data_is_refused(wrong):
    with pytest.raises(ValueError, match=r"expected|not finite"):
        unroll.lab(*wrong)


def test_it_opens_on_weights_beyond_its_usual_range():
    lab = unroll.lab(one_neuron(w_x=-4.5, w_h=3.0), synthetic()[:, :50])
    assert (lab.values()["w_x"], lab.values()["w_h"]) == (-4.5, 3.0)
