"""The labs and figures of lesson 12: what their curves mean, what they say, and what they refuse."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from helpers import bptt, plots, series
from helpers.labs import finite_difference, tape
from helpers.labs.framework.lab import Invalid
from helpers.plots import tapes as tape_plots


@pytest.fixture(autouse=True)
def _no_selftest(monkeypatch):
    monkeypatch.delenv("LAB_SELFTEST", raising=False)


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
def on_a_surface(data):
    return tape.lab(*data)


class TestTape:
    @pytest.fixture
    def lab(self, on_a_surface):
        on_a_surface.reset()
        return on_a_surface

    @pytest.mark.parametrize("name", ["f", "two values", "one tanh neuron"])
    @pytest.mark.parametrize("place", [(5.0, 3.0), (-1.3, 0.4), (0.2, -4.0)])
    def test_slopes_are_those_of_the_surface(self, lab, name, place):
        surface, eps = lab.data[name], 1e-6
        moves = eps * np.eye(2)
        numeric = [(surface.value(place + move) - surface.value(place - move)) / (2 * eps) for move in moves]
        np.testing.assert_allclose(surface.slope(np.array(place)), numeric, rtol=1e-6, atol=1e-7)

    def test_the_surfaces_are_errors_of_forecasts(self, data, lab):
        X, y = data[0][: tape.N_SERIES, :, 0].astype(float), data[1][: tape.N_SERIES, 0]
        w = np.array([1.4, -0.6])
        two, neuron = 1.4 * X[:, -1] - 0.6 * X[:, -2], -0.6 * np.tanh(1.4 * X[:, -1])
        assert lab.data["two values"].value(w) == pytest.approx(np.mean((two - y) ** 2))
        assert lab.data["one tanh neuron"].value(w) == pytest.approx(np.mean((neuron - y) ** 2))

    def test_f_has_no_lowest_point_so_its_descent_does_not_end(self, lab):
        path = tape.descend(lab.data["f"], 5.0, 3.0, 0.1)
        assert path.slopes[0].tolist() == [36.0, 10.0]
        assert (np.diff(path.values) < 0).all()
        assert path.values[-1] < -500

    def test_the_largest_rate_for_f_is_two_over_the_largest_second_derivative(self, lab):
        limit = 2 / np.linalg.eigvalsh([[6, 2], [2, 0]]).max()
        bears = [rate for rate in tape.RATES if _swings_less(lab.data["f"], rate)]
        assert max(bears) == max(rate for rate in tape.RATES if rate < limit) == 0.3

    def test_two_values_bear_rates_up_to_three_and_a_half(self, lab):
        ends = {rate: tape.descend(lab.data["two values"], 0.0, 0.0, rate).values for rate in tape.RATES}
        assert max(rate for rate, values in ends.items() if values[-1] < 0.006) == 3.5
        assert ends[4.0][-1] > 1e3
        assert int(np.argmax(ends[3.5] < ends[0.1][-1])) == SLOW_AGAINST_QUICK

    def test_the_neuron_has_two_equal_ends_and_a_start_from_which_nothing_moves(self, lab):
        surface = lab.data["one tanh neuron"]
        one, other = (tape.descend(surface, sign * 2.0, sign * 1.0, 1.0) for sign in (1, -1))
        np.testing.assert_allclose(one.points, -other.points)
        np.testing.assert_allclose(one.values, other.values)
        assert np.ptp(tape.descend(surface, 0.0, 0.0, 4.0).points) == 0

    def test_a_lost_descent_says_when_and_draws_what_is_near(self, lab):
        lab.set(surface="f", rate=4.0, steps=60)
        assert not lab.message
        assert "lost after 3 steps" in lab.reading
        drawn = np.abs(lab._canvas._artists["path"].get_xydata())
        assert drawn.max() <= tape.FAR

    def test_the_arrow_points_down_and_is_gone_where_it_is_flat(self, lab):
        lab.set(surface="one tanh neuron", w1=0.0, w2=0.0)
        assert not lab._canvas._artists["arrow"].get_visible()
        lab.set(surface="f", w1=5.0, w2=3.0, steps=0)
        assert "at (5, 3), value 105, gradient (36, 10)" in lab.reading

    def test_nonsense_is_refused(self, lab, data):
        with pytest.raises(Invalid, match="0 to 60"):
            lab.render(steps=61)
        with pytest.raises(ValueError, match=r"expected \(batch, steps, 1\)"):
            tape.lab(data[0][..., 0], data[1])
        with pytest.raises(ValueError, match="NaN"):
            tape.lab(np.full((3, 50, 1), np.nan), data[1][:3])


SLOW_AGAINST_QUICK = 9  # steps at rate 3.5 for what 60 steps at rate 0.1 reach


def _swings_less(surface, rate):
    """Whether the first steps along the steep direction come nearer each time."""
    points = tape.descend(surface, 5.0, 3.0, rate).points[:6]
    steep = np.linalg.eigh([[6, 2], [2, 0]])[1][:, 1]
    swings = np.abs(points @ steep)
    return bool((np.diff(swings) < 0).all())


@pytest.fixture(scope="module")
def under_the_microscope(weights, data):
    return finite_difference.lab(weights, *data)


class TestFiniteDifference:
    @pytest.fixture
    def lab(self, under_the_microscope):
        under_the_microscope.reset()
        return under_the_microscope

    def test_the_first_picture_shows_the_wrong_slope_of_float32(self, lab):
        assert lab.reading.startswith("f by w1, float32, forward, eps 1.0e-06: quotient 38.14697266, slope 36")
        assert "Best power of ten: 1e-3" in lab.reading

    @pytest.mark.parametrize(
        ("precision", "method", "best"),
        [("float32", "forward", 3), ("float64", "forward", 8), ("float64", "central", 2)],
    )
    def test_the_best_eps_of_f(self, lab, precision, method, best):
        errors = lab.data["f by w1"].errors[precision, method][::4]
        assert int(np.argmin(errors)) + 1 == best

    def test_in_double_precision_the_quotients_are_those_of_the_lesson(self, lab):
        assert lab.data["f by w1"].quotient(1e-6, "float64", "forward") == 36.000003007075065
        assert lab.data["f by w2"].quotient(1e-6, "float64", "forward") == 10.000000003174137

    def test_in_single_precision_the_slope_is_0_from_1e_7_on(self, lab):
        curve = lab.data["f by w1"]
        assert [curve.quotient(10.0**-k, "float32", "forward") == 0 for k in (5, 6, 7, 8)] == [False, False, True, True]

    def test_the_network_s_slope_is_that_of_back_propagation(self, lab, weights, data):
        curve = lab.data["network"]
        slopes = bptt.backward(data[0][:20], data[1][:20], weights).arrays[1]
        assert abs(curve.slope) == np.abs(slopes).max()
        assert curve.quotient(1e-5, "float64", "central") == pytest.approx(curve.slope, rel=1e-8)
        loss = curve.function(np.array([curve.point]))
        assert loss[0] == pytest.approx(bptt.backward(data[0][:20], data[1][:20], weights).loss)
        assert curve.function(np.array([curve.point], "float32")).dtype == np.float32

    def test_under_the_microscope_a_line_becomes_a_staircase(self, lab):
        curve = lab.data["f by w1"]
        smooth, stairs = (len(np.unique(curve.near(1e-6, precision))) for precision in ("float64", "float32"))
        assert stairs < 15 < 100 < smooth

    def test_nonsense_is_refused(self, lab, weights, data):
        with pytest.raises(Invalid, match="1 to 16"):
            lab.render(power=0.5)
        with pytest.raises(ValueError, match="expected SimpleRNN on one feature"):
            finite_difference.lab(weights[:3], *data)
        with pytest.raises(ValueError, match=r"expected \(batch, steps, 1\)"):
            finite_difference.lab(weights, data[0][..., 0], data[1])
        with pytest.raises(ValueError, match="not finite"):
            finite_difference.lab([np.full_like(array, np.nan) for array in weights], *data)


class TestFigures:
    def test_they_draw(self):
        z = np.linspace(80, 95, 20)
        curve = {"formula": np.where(z > 88.7, np.inf, z), "stable": z}
        for fig in (tape_plots.recorded(), tape_plots.by_input(z, curve, curve)):
            assert Image.open(BytesIO(plots.to_png(fig))).size[0] > 400

    def test_the_slopes_of_the_record_follow_from_its_steps(self):
        slopes = dict.fromkeys(tape_plots.NUMBERS, 0.0) | {"sum": 1.0}
        for start, end, slope in sorted(tape_plots.STEPS, key=lambda step: -tape_plots.NUMBERS[step[1]][0]):
            slopes[start] += slope * slopes[end]
        assert slopes == {name: number[-1] for name, number in tape_plots.NUMBERS.items()}

    def test_they_say_what_is_wrong(self):
        with pytest.raises(ValueError, match="the same 1 to 7 labels"):
            tape_plots.by_input(np.zeros(3), {"a": np.zeros(3)}, {"b": np.zeros(3)})
        with pytest.raises(ValueError, match="expected"):
            tape_plots.by_input(np.zeros(3), {"a": np.zeros(2)}, {"a": np.zeros(3)})
