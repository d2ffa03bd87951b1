"""Figures of errors: they draw what they are given."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

from helpers import plots
from helpers.plots import errors as error_plots


def test_figures_of_errors_draw_what_they_are_given():
    against = error_plots.against([1, 2], [3, 4], {"naive": [2, 2]}, xlabel="month", ylabel="tons")
    assert [line.get_label() for line in against.axes[0].lines] == ["past", "what came", "naive"]
    by_setting = error_plots.by_setting({1: 0.1, 2: 0.05}, xlabel="lags", unit="MSE", lines={"floor": 0.01})
    assert by_setting.axes[0].get_yscale() == "log"
    for fig in (against, by_setting):
        assert Image.open(BytesIO(plots.to_png(fig))).size[0] > 600
