"""Figures of days draw what they are given."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pandas as pd
from PIL import Image

from helpers import plots
from helpers.plots import days

INDEX = pd.date_range("2018-04-01", periods=48, freq="h")


def wide(fig) -> bool:
    return Image.open(BytesIO(plots.to_png(fig))).size[0] > 500


def test_a_week_lies_over_the_one_before():
    values = pd.Series(np.arange(48.0), INDEX)
    shaded = pd.Series([False] * 40 + [True] * 8, INDEX, name="snow")
    fig = days.against_before(values, lag=24, unit="vehicles/h", shaded=shaded)
    before, now = fig.axes[0].lines
    np.testing.assert_array_equal(now.get_ydata() - before.get_ydata(), 24)
    assert [text.get_text() for text in fig.axes[0].get_legend().get_texts()][-1] == "snow"
    assert wide(fig)


def test_a_fan_holds_interval_forecast_and_truth():
    low, middle, high = (np.full(48, level) for level in (1.0, 2.0, 3.0))
    fig = days.fan(INDEX, middle, low, middle, high, unit="vehicles/h", label="80 % interval")
    assert len(fig.axes[0].collections) == 1
    assert [line.get_label() for line in fig.axes[0].lines] == ["forecast", "what came"]
    assert wide(fig)


def test_every_quantile_has_its_curve_of_the_loss():
    assert len(days.pinball([-1, 0, 1], {0.1: [0.9, 0, 0.1], 0.9: [0.1, 0, 0.9]}).axes[0].lines) == 3


def test_two_parts_show_every_seed_and_need_no_study():
    rows = [("naive", [440.0], [257.0]), ("GRU", [300.0, 310.0], [180.0, 190.0])]
    fig = days.two_parts(rows, unit="MAE", names=("a", "b"))
    first, second = fig.axes[0].lines[-2:]
    assert list(first.get_xdata()) == [440.0, 300.0, 310.0]
    assert list(second.get_ydata()) == [0, 1, 1]
    assert wide(fig)
    assert wide(days.two_parts([], unit="MAE", names=("a", "b")))  # in the first study there are no rows yet
