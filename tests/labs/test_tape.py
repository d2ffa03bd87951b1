"""Lab *tape* (lesson 12): slopes are those of the surface, and descents end as the lesson says."""

from __future__ import annotations

import numpy as np
import pytest

from helpers import series
from helpers.labs import tape
from helpers.labs.framework.lab import Invalid, Lab
from tests.labs.seen import artists
from tests.labs.stand_ins import synthetic


def stand_in() -> Lab:
    """The lab on small data."""
    return tape.lab(synthetic()[:, :50], synthetic()[:, 50])


@pytest.fixture(scope="module")
def data():
    splits = series.split_series(series.generate_time_series(10_000, 51))
    return splits.train[:, :50], splits.train[:, 50]


@pytest.fixture(scope="module")
def on_a_surface(data):
    return tape.lab(*data)


@pytest.fixture
def lab(on_a_surface):
    on_a_surface.reset()
    return on_a_surface


@pytest.mark.parametrize("name", ["f", "two values", "one tanh neuron"])
@pytest.mark.parametrize("place", [(5.0, 3.0), (-1.3, 0.4), (0.2, -4.0)])
def test_slopes_are_those_of_the_surface(lab, name, place):
    surface, eps = lab.data[name], 1e-6
    moves = eps * np.eye(2)
    numeric = [(surface.value(place + move) - surface.value(place - move)) / (2 * eps) for move in moves]
    np.testing.assert_allclose(surface.slope(np.array(place)), numeric, rtol=1e-6, atol=1e-7)


def test_the_surfaces_are_errors_of_forecasts(data, lab):
    X, y = data[0][: tape.N_SERIES, :, 0].astype(float), data[1][: tape.N_SERIES, 0]
    w = np.array([1.4, -0.6])
    two, neuron = 1.4 * X[:, -1] - 0.6 * X[:, -2], -0.6 * np.tanh(1.4 * X[:, -1])
    assert lab.data["two values"].value(w) == pytest.approx(np.mean((two - y) ** 2))
    assert lab.data["one tanh neuron"].value(w) == pytest.approx(np.mean((neuron - y) ** 2))


def test_f_has_no_lowest_point_so_its_descent_does_not_end(lab):
    path = tape.descend(lab.data["f"], 5.0, 3.0, 0.1)
    assert path.slopes[0].tolist() == [36.0, 10.0]
    assert (np.diff(path.values) < 0).all()
    assert path.values[-1] < -500


def test_the_largest_rate_for_f_is_two_over_the_largest_second_derivative(lab):
    limit = 2 / np.linalg.eigvalsh([[6, 2], [2, 0]]).max()
    bears = [rate for rate in tape.RATES if _swings_less(lab.data["f"], rate)]
    assert max(bears) == max(rate for rate in tape.RATES if rate < limit) == 0.3


def test_two_values_bear_rates_up_to_three_and_a_half(lab):
    ends = {rate: tape.descend(lab.data["two values"], 0.0, 0.0, rate).values for rate in tape.RATES}
    assert max(rate for rate, values in ends.items() if values[-1] < 0.006) == 3.5
    assert ends[4.0][-1] > 1e3
    assert int(np.argmax(ends[3.5] < ends[0.1][-1])) == SLOW_AGAINST_QUICK


def test_the_neuron_has_two_equal_ends_and_a_start_from_which_nothing_moves(lab):
    surface = lab.data["one tanh neuron"]
    one, other = (tape.descend(surface, sign * 2.0, sign * 1.0, 1.0) for sign in (1, -1))
    np.testing.assert_allclose(one.points, -other.points)
    np.testing.assert_allclose(one.values, other.values)
    assert np.ptp(tape.descend(surface, 0.0, 0.0, 4.0).points) == 0


def test_a_lost_descent_says_when_and_draws_what_is_near(lab):
    lab.set(surface="f", rate=4.0, steps=60)
    assert not lab.message
    assert "lost after 3 steps" in lab.reading
    drawn = np.abs(artists(lab)["path"].get_xydata())
    assert drawn.max() <= tape.FAR


def test_the_arrow_points_down_and_is_gone_where_it_is_flat(lab):
    lab.set(surface="one tanh neuron", w1=0.0, w2=0.0)
    assert not artists(lab)["arrow"].get_visible()
    lab.set(surface="f", w1=5.0, w2=3.0, steps=0)
    assert "at (5, 3), value 105, gradient (36, 10)" in lab.reading


def test_nonsense_is_refused(lab, data):
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
