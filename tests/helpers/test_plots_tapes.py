"""Figures of tapes: what they draw and what they refuse."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from helpers import plots
from helpers.plots import tapes as tape_plots


def test_they_draw():
    z = np.linspace(80, 95, 20)
    curve = {"formula": np.where(z > 88.7, np.inf, z), "stable": z}
    for fig in (tape_plots.recorded(), tape_plots.by_input(z, curve, curve)):
        assert Image.open(BytesIO(plots.to_png(fig))).size[0] > 400


def test_the_slopes_of_the_record_follow_from_its_steps():
    slopes = dict.fromkeys(tape_plots.NUMBERS, 0.0) | {"sum": 1.0}
    for start, end, slope in sorted(tape_plots.STEPS, key=lambda step: -tape_plots.NUMBERS[step[1]][0]):
        slopes[start] += slope * slopes[end]
    assert slopes == {name: number[-1] for name, number in tape_plots.NUMBERS.items()}


def test_they_say_what_is_wrong():
    with pytest.raises(ValueError, match="the same 1 to 7 labels"):
        tape_plots.by_input(np.zeros(3), {"a": np.zeros(3)}, {"b": np.zeros(3)})
    with pytest.raises(ValueError, match="expected"):
        tape_plots.by_input(np.zeros(3), {"a": np.zeros(2)}, {"a": np.zeros(3)})
