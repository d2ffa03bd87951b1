"""What the labs of lesson 01 compute: series as generated, windows and leaks as counted by hand."""

import doctest

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import baselines, series
from helpers.labs import series as series_lab
from helpers.labs import window
from helpers.labs.framework.lab import Invalid


@pytest.fixture(autouse=True)
def without_selftest(monkeypatch):
    """The self-test runs once in the notebook; here each lab is made many times."""
    monkeypatch.delenv("LAB_SELFTEST", raising=False)


@pytest.fixture(scope="module")
def made():
    return series.generate_time_series(1000, 51)


@pytest.fixture(scope="module")
def road():
    return series.load_traffic()["traffic"]


# --- series ---------------------------------------------------------------------------------------------------------


def test_the_lab_draws_the_course_series_at_neutral_settings():
    count = series_lab.N_TRAIN + series_lab.N_VALID
    random = np.random.RandomState(42).rand(count * 60)
    drawn = series_lab.draw_series(random, 51, slow=1.0, fast=1.0, offsets=1.0, noise=0.1)
    np.testing.assert_allclose(drawn, series.generate_time_series(count, 51), atol=1e-5)


def test_your_series_keep_the_published_errors():
    yours = series_lab.prepare(series.generate_time_series(10_000, 51))["yours"]
    assert yours["naive"] == pytest.approx(0.0202114, abs=1e-6)
    assert yours["last slope"] == pytest.approx(0.00886, abs=5e-6)
    assert yours["least squares"] == pytest.approx(0.00293, abs=5e-6)


def test_the_least_squares_are_those_of_the_baselines(made):
    X, y = made[:, :50], made[:, 50]
    expected = baselines.LeastSquares().fit(X[:500], y[:500]).predict(X[500:])
    np.testing.assert_allclose(series_lab.least_squares(X[:500, :, 0], y[:500], X[500:, :, 0]), expected, atol=1e-5)


def test_naive_and_the_last_slope_tie_near_noise_021(made):
    lab = series_lab.lab(made)
    readings = {}
    for noise in (0.1, 0.21, 0.3):
        lab.set(noise=noise)
        readings[noise] = lab.reading
    assert readings[0.1].endswith("The last slope beats naive.")
    assert readings[0.21].endswith("Naive and the last slope tie.")
    assert readings[0.3].endswith("The last slope loses to naive.")
    assert "naive 0.0269, last slope 0.0265" in readings[0.21]


def test_every_move_uses_the_same_random_numbers(made):
    lab = series_lab.lab(made)
    lab.set(noise=0.2)
    reading = lab.reading
    lab.set(noise=0.5)
    lab.set(noise=0.2)
    assert lab.reading == reading


def test_errors_on_mere_noise_are_six_two_and_one_floors(made):
    lab = series_lab.lab(made)
    lab.set(slow=0.0, fast=0.0)
    assert "naive 0.0153, last slope 0.0442, least squares 0.0080; the floor is 0.00750" in lab.reading
    lab.set(slow=1.0, fast=1.0, noise=1.0)
    assert "naive 0.1907, last slope 0.4993, least squares 0.1308; the floor is 0.08333" in lab.reading


def test_no_method_passes_the_floor(made):
    data = series_lab.prepare(made)
    for noise in (0.05, 0.3, 1.0):
        drawn = series_lab.draw_series(data["random"], 51, slow=1.0, fast=1.0, offsets=1.0, noise=noise)
        errors = series_lab._errors(drawn[: series_lab.N_TRAIN], drawn[series_lab.N_TRAIN :])
        assert min(errors.values()) > series.noise_floor(noise)


@pytest.mark.parametrize("nonsense", [{"noise": -0.1}, {"steps": 2}, {"steps": 101}, {"noise": float("nan")}])
def test_nonsense_of_the_series_controls_is_invalid(made, nonsense):
    lab = series_lab.lab(made)
    with pytest.raises(Invalid, match="the noise is at least 0, the steps are 3 to 100"):
        lab.render(**nonsense)


@pytest.mark.parametrize("shape", [(1000, 51), (1000, 51, 2), (10, 51, 1), (1000, 2, 1)])
def test_the_series_lab_names_the_shape_it_wants(shape):
    with pytest.raises(ValueError, match="expected \\(batch, steps, 1\\)"):
        series_lab.lab(np.zeros(shape))


def test_doctests_run():
    assert doctest.testmod(window).attempted == 1
    assert doctest.testmod(window).failed == 0


# --- window ---------------------------------------------------------------------------------------------------------


@given(
    n_hours=st.integers(20, 120),
    length=st.integers(1, 12),
    horizon=st.integers(1, 8),
    stride=st.integers(1, 30),
    split=st.integers(5, 100),
)
def test_windows_are_sorted_by_where_their_targets_lie(n_hours, length, horizon, stride, split):
    made = window.cut(n_hours, length=length, horizon=horizon, stride=stride, split=split, way=window.BY_TIME)
    assert made.starts.tolist() == list(range(0, n_hours - length - horizon + 1, stride))
    for start, kind in zip(made.starts, made.kinds, strict=True):
        after = [hour >= split for hour in range(start + length, start + length + horizon)]
        expected = window.TEST if all(after) else window.LEAK if any(after) else window.TRAIN
        assert kind == expected


@given(n_hours=st.integers(20, 120), length=st.integers(1, 12), horizon=st.integers(1, 8), stride=st.integers(1, 30))
def test_random_test_windows_leak_when_training_holds_a_target_hour(n_hours, length, horizon, stride):
    made = window.cut(n_hours, length=length, horizon=horizon, stride=stride, split=10, way=window.AT_RANDOM)
    seen, targets = set(), set()
    for start in made.starts[made.kinds == window.TRAIN]:
        seen |= set(range(start, start + length + horizon))
    for start, kind in zip(made.starts, made.kinds, strict=True):
        if kind != window.TRAIN:
            hours = set(range(start + length, start + length + horizon))
            assert kind == (window.LEAK if hours & seen else window.TEST)
            targets |= hours
    assert made.leaked == pytest.approx(len(targets & seen) / len(targets))
    if stride >= length + horizon:
        assert made.leaked == 0


def test_the_window_lab_starts_with_23_windows_that_cross(road):
    lab = window.lab(road)
    assert "and 23 with target hours on both sides" in lab.reading
    lab.set(way=window.AT_RANDOM)
    assert "100% of the test hours" in lab.reading
    lab.set(stride=192)
    assert "and 0% of the test hours" in lab.reading


def test_a_horizon_of_one_or_a_stride_of_a_day_leaves_no_window_that_crosses(road):
    lab = window.lab(road)
    lab.set(horizon=1)
    assert "13,680 for training, 3,672 for the test, and 0 with" in lab.reading
    lab.set(horizon=24, stride=24)
    assert "570 for training, 153 for the test, and 0 with" in lab.reading


def test_of_the_strides_to_30_only_24_and_30_step_over_the_split(road):
    split = int(road.index.searchsorted(pd.Timestamp("2018-05-01")))

    def crossing(stride):
        made = window.cut(len(road), length=168, horizon=24, stride=stride, split=split, way=window.BY_TIME)
        return int((made.kinds == window.LEAK).sum())

    assert [stride for stride in range(1, 31) if crossing(stride) == 0] == [24, 30]


def test_the_length_does_not_change_how_many_cross_and_the_horizon_does(road):
    split = int(road.index.searchsorted(pd.Timestamp("2018-05-01")))

    def crossing(length, horizon):
        made = window.cut(len(road), length=length, horizon=horizon, stride=1, split=split, way=window.BY_TIME)
        return int((made.kinds == window.LEAK).sum())

    assert {crossing(length, 24) for length in (1, 24, 168, 336)} == {23}
    assert [crossing(168, horizon) for horizon in (1, 2, 48)] == [0, 1, 47]


def test_at_random_all_3465_test_windows_leak_until_the_stride_is_length_plus_horizon(road):
    lab = window.lab(road)
    lab.set(way=window.AT_RANDOM)
    assert "3,465 of these 3,465 leak" in lab.reading
    lab.set(stride=191)
    assert "and 0% of" not in lab.reading
    lab.set(stride=192)
    assert lab.reading.startswith("91 windows")
    assert "0 of these 18 leak" in lab.reading


@pytest.mark.parametrize("nonsense", [{"length": 0}, {"horizon": -1}, {"stride": 0}, {"length": 17_500}])
def test_nonsense_of_the_window_controls_is_invalid(road, nonsense):
    with pytest.raises(Invalid, match="do not fit 17520 hours"):
        window.lab(road).render(**nonsense)


def test_the_window_lab_says_what_it_wants(road):
    with pytest.raises(TypeError, match="expected an hourly Series"):
        window.lab(road.to_numpy())
    with pytest.raises(ValueError, match="Choose another moment"):
        window.lab(road, split="2018-09-30")
    with pytest.raises(TypeError, match="expected an hourly Series"):
        window.lab(pd.Series([1.0, 2.0]))
