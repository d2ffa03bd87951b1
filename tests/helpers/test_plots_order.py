"""The map of accuracies: what it draws and what it refuses."""

from __future__ import annotations

import pytest

from helpers.plots import order as order_plots


def test_the_map_of_accuracies_has_a_number_in_every_field():
    fig = order_plots.accuracy_map({"bag": {"a": 0.5, "b": 1.0}, "LSTM": {"a": 1.0, "b": 0.98}})
    assert [text.get_text() for text in fig.axes[0].texts] == ["0.50", "1.00", "1.00", "0.98"]


@pytest.mark.parametrize("wrong", [{}, {"a": {}}, {"a": {"x": 0.5}, "b": {"y": 0.5}}, {"a": {"x": 1.5}}])
def test_a_map_of_something_else_is_refused(wrong):
    with pytest.raises(ValueError, match="expected"):
        order_plots.accuracy_map(wrong)
