"""Figures of lesson 09: convolutions, seconds by length, and errors against seconds."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from matplotlib.text import Text

from helpers.plots import convolution as convolution_plots
from helpers.plots import scores as score_plots
from tests.helpers.test_plots import drawn, legend

FIGURES = {
    "connections": lambda: convolution_plots.connections(11, {"a": {"kernel_size": 4, "stride": 2}}),
    "stack": lambda: convolution_plots.stack([(2, 1), (2, 2)], n_steps=12),
    "milliseconds by length": lambda: convolution_plots.by_length({"a": {50: 10.0, 100: 20.0}}),
    "errors against seconds": lambda: score_plots.against_seconds(
        [("a", 9.0, [0.02, 0.03, 0.01], 0.03), ("b", 12.0, [], 0.01)], lines={"naive": 0.2}, unit="MSE"
    ),
}


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_drawn_on_white_without_a_warning(name):
    pixels = drawn(FIGURES[name]())
    assert (pixels[0, 0] == 255).all()
    assert (pixels < 200).any()


# --- errors against seconds -----------------------------------------------------------------------------------------

AGAINST = [("Slow", 20.0, [0.0025, 0.0035, 0.003], 0.0031), ("Quick", 5.0, [0.017], None)]


def test_errors_against_seconds_are_named_in_the_order_of_the_errors_and_joined_to_their_points():
    fig = score_plots.against_seconds(AGAINST, lines={"naive": 0.26, "noise floor": 0.00083}, unit="MSE")
    drawn(fig)
    ax = fig.axes[0]
    assert {text.get_text(): text.xy for text in ax.texts} == {
        "Slow": (20.0, pytest.approx(0.003)),
        "Quick": (5.0, 0.017),
    }
    heights = {text.get_text(): text.get_position()[1] for text in ax.texts}
    assert heights["Slow"] < heights["Quick"]
    assert set(legend(fig)) == {"study: a dot per seed", "you, today", "naive, 0.26", "noise floor, 0.00083"}
    assert ax.get_xlim()[0] == 0


def test_against_seconds_there_is_a_dot_per_seed():
    fig = score_plots.against_seconds(AGAINST[:1], lines={}, unit="MSE")
    (dots,) = [line for line in fig.axes[0].lines if line.get_label() == "study: a dot per seed"]
    assert list(dots.get_ydata()) == [0.0025, 0.0035, 0.003]
    assert set(dots.get_xdata()) == {20.0}


def test_names_of_twenty_rows_that_tie_do_not_overlap():
    rows = [(f"model {k}", 10.0 + k / 10, [0.004 + k / 1e6], None) for k in range(20)]
    fig = score_plots.against_seconds(rows, lines={"naive": 0.26}, unit="MSE")
    drawn(fig)
    boxes = sorted(tuple(Text.get_window_extent(text).intervaly) for text in fig.axes[0].texts)  # without the line
    assert all(above[0] >= below[1] - 1 for below, above in itertools.pairwise(boxes))


def test_nothing_against_seconds_is_refused():
    with pytest.raises(ValueError, match="record a score"):
        score_plots.against_seconds([], lines={"naive": 0.2}, unit="MSE")


# --- convolutions ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n_steps", [7, 12, 51])
@pytest.mark.parametrize("padding", convolution_plots.PADDINGS)
@pytest.mark.parametrize(("kernel_size", "stride", "dilation"), [(4, 2, 1), (2, 3, 1), (3, 1, 2), (1, 4, 1)])
def test_an_output_reads_its_kernel_and_the_number_of_outputs_is_keras(n_steps, padding, kernel_size, stride, dilation):
    taps = convolution_plots.reads(n_steps, kernel_size=kernel_size, stride=stride, padding=padding, dilation=dilation)
    span = (kernel_size - 1) * dilation + 1
    assert len(taps) == ((n_steps - span) // stride + 1 if padding == "valid" else -(-n_steps // stride))
    assert (np.diff(taps, axis=1) == dilation).all()
    assert (np.diff(taps, axis=0) == stride).all()
    if padding != "same":
        places = convolution_plots.stands_at(taps, stride=stride, padding=padding)
        np.testing.assert_array_equal(taps[:, -1], places)  # its newest input, never a later one


@pytest.mark.parametrize(
    "wrong", [{"kernel_size": 0}, {"kernel_size": 2, "padding": "full"}, {"kernel_size": 2, "stride": 2, "dilation": 2}]
)
def test_a_convolution_that_keras_refuses_is_refused(wrong):
    with pytest.raises(ValueError, match=r"expected|refuses"):
        convolution_plots.reads(10, **wrong)


@pytest.mark.parametrize(
    "nothing",
    [
        lambda: convolution_plots.connections(9, {}),
        lambda: convolution_plots.stack([], n_steps=9),
        lambda: convolution_plots.by_length({}),
    ],
)
def test_figures_of_no_convolution_are_refused(nothing):
    with pytest.raises(ValueError, match="expected"):
        nothing()
