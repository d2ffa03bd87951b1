"""Lab *finite difference* (lesson 12): quotients are those of the lesson."""

from __future__ import annotations

import numpy as np
import pytest

from helpers import bptt, series
from helpers.labs import finite_difference
from helpers.labs.framework.lab import Invalid, Lab
from tests.labs.stand_ins import several_units, synthetic


def recurrent_weights():
    """All arrays of a small recurrent network, as ``get_weights`` gives them."""
    return [array for layer in several_units().layers for array in layer.get_weights()]


def stand_in() -> Lab:
    """The lab on small data."""
    return finite_difference.lab(recurrent_weights(), synthetic()[:, :50], synthetic()[:, 50])


@pytest.fixture(scope="module")
def data():
    splits = series.split_series(series.generate_time_series(10_000, 51))
    return splits.train[:, :50], splits.train[:, 50]


@pytest.fixture(scope="module")
def weights():
    random = np.random.default_rng(0)
    layer = [random.uniform(-0.5, 0.5, (1, 20)), np.linalg.qr(random.normal(size=(20, 20)))[0], np.zeros(20)]
    return [*layer, random.uniform(-0.5, 0.5, (20, 1)), np.zeros(1)]


@pytest.fixture(scope="module")
def under_the_microscope(weights, data):
    return finite_difference.lab(weights, *data)


@pytest.fixture
def lab(under_the_microscope):
    under_the_microscope.reset()
    return under_the_microscope


def test_the_first_picture_shows_the_wrong_slope_of_float32(lab):
    assert lab.reading.startswith("f by w1, float32, forward, eps 1.0e-06: quotient 38.14697266, slope 36")
    assert "Best power of ten: 1e-3" in lab.reading


@pytest.mark.parametrize(
    ("precision", "method", "best"),
    [("float32", "forward", 3), ("float64", "forward", 8), ("float64", "central", 2)],
)
def test_the_best_eps_of_f(lab, precision, method, best):
    errors = lab.data["f by w1"].errors[precision, method][::4]
    assert int(np.argmin(errors)) + 1 == best


def test_in_double_precision_the_quotients_are_those_of_the_lesson(lab):
    assert lab.data["f by w1"].quotient(1e-6, "float64", "forward") == 36.000003007075065
    assert lab.data["f by w2"].quotient(1e-6, "float64", "forward") == 10.000000003174137


def test_in_single_precision_the_slope_is_0_from_1e_7_on(lab):
    curve = lab.data["f by w1"]
    assert [curve.quotient(10.0**-k, "float32", "forward") == 0 for k in (5, 6, 7, 8)] == [False, False, True, True]


def test_the_network_s_slope_is_that_of_back_propagation(lab, weights, data):
    curve = lab.data["network"]
    slopes = bptt.backward(data[0][:20], data[1][:20], weights).arrays[1]
    assert abs(curve.slope) == np.abs(slopes).max()
    assert curve.quotient(1e-5, "float64", "central") == pytest.approx(curve.slope, rel=1e-8)
    loss = curve.function(np.array([curve.point]))
    assert loss[0] == pytest.approx(bptt.backward(data[0][:20], data[1][:20], weights).loss)
    assert curve.function(np.array([curve.point], "float32")).dtype == np.float32


def test_under_the_microscope_a_line_becomes_a_staircase(lab):
    curve = lab.data["f by w1"]
    smooth, stairs = (len(np.unique(curve.near(1e-6, precision))) for precision in ("float64", "float32"))
    assert stairs < 15 < 100 < smooth


def test_nonsense_is_refused(lab, weights, data):
    with pytest.raises(Invalid, match="1 to 16"):
        lab.render(power=0.5)
    with pytest.raises(ValueError, match="expected SimpleRNN on one feature"):
        finite_difference.lab(weights[:3], *data)
    with pytest.raises(ValueError, match=r"expected \(batch, steps, 1\)"):
        finite_difference.lab(weights, data[0][..., 0], data[1])
    with pytest.raises(ValueError, match="not finite"):
        finite_difference.lab([np.full_like(array, np.nan) for array in weights], *data)
