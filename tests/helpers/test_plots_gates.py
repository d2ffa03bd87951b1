"""Figures of gates and memory: what they draw and what they refuse."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from helpers import plots
from helpers.plots import gates as gate_plots

UNITS, LENGTH = 5, 30


def marked_symbol(n_series, length, seed):
    """The task of the lesson, with the mark at one place."""
    rng = np.random.default_rng(seed)
    X = np.zeros((n_series, length, 2), dtype="float32")
    X[..., 0] = rng.normal(size=(n_series, length))
    X[:, 4, 1] = 1
    return X, (X[:, 4, :1] > 0).astype("float32")


def test_each_draws_what_it_is_given():
    X, y = marked_symbol(1, LENGTH, 0)
    seeds = {25: [0.5, 0.9, 1.0], 50: [0.5, 0.5, 0.6]}
    figures = [
        gate_plots.lstm_paths(),
        gate_plots.memory_tasks((X[0, :, :1], 1.0), (X[0], y[0, 0])),
        gate_plots.keeping({"bias 1": 0.73 ** np.arange(20)}),
        gate_plots.traces({"LSTM": 0.73 ** np.arange(20)}),
        gate_plots.accuracy_by_length({"first": {"LSTM": seeds, "GRU": seeds}, "not studied yet": {}}),
    ]
    for fig in figures:
        assert Image.open(BytesIO(plots.to_png(fig))).size[0] > 600


def test_bars_go_from_the_worst_seed_to_the_best():
    fig = gate_plots.accuracy_by_length({"first": {"LSTM": {25: [0.5, 0.9, 1.0]}}})
    (bar,) = fig.axes[0].containers[0].lines[2][0].get_segments()
    np.testing.assert_allclose(bar[:, 1], [0.5, 1.0])


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(ValueError, match="at least 2"):
        gate_plots.lstm_paths(1)
    with pytest.raises(ValueError, match=r"expected \(steps, 2\)"):
        gate_plots.memory_tasks((np.zeros((5, 1)), 1), (np.zeros((5, 1)), 1))
    for draw in (gate_plots.keeping, gate_plots.traces):
        with pytest.raises(ValueError, match="expected 1 to 7"):
            draw({})
    with pytest.raises(ValueError, match="at most 7"):
        gate_plots.accuracy_by_length({})
