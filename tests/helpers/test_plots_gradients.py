"""Figures of gradients: what they draw and what they refuse."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from helpers import plots
from helpers.plots import gradients as gradient_plots


def test_they_draw():
    for fig in (
        gradient_plots.way_back(n_steps=3),
        gradient_plots.by_step({"tanh": np.linspace(0, 1, 50)}),
        gradient_plots.clipped((0.75, 3.0), 1.0),
    ):
        assert Image.open(BytesIO(plots.to_png(fig))).size[0] > 400


def test_clipping_by_norm_keeps_the_direction_and_by_value_turns():
    labels = [text.get_text() for text in gradient_plots.clipped((0.75, 3.0), 1.0).axes[0].get_legend().get_texts()]
    assert labels[1] == "clipped by value: (0.75, 1.00)"
    assert labels[2] == "clipped by norm: (0.24, 0.97)"


def test_they_say_what_is_wrong():
    with pytest.raises(ValueError, match="way back"):
        gradient_plots.way_back(n_steps=1)
    with pytest.raises(ValueError, match="expected 1 to"):
        gradient_plots.by_step({})
    with pytest.raises(ValueError, match=r"expected \(steps,\)"):
        gradient_plots.by_step({"a": np.zeros((2, 2))})
    with pytest.raises(ValueError, match="above 0"):
        gradient_plots.clipped((1.0, 1.0), 0.0)
