"""Lab *window* (lesson 01): windows and leaks as counted by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import series
from helpers.labs import window
from helpers.labs.framework.lab import Invalid, Lab
from tests.labs.stand_ins import hourly


def stand_in() -> Lab:
    """The lab on small data."""
    return window.lab(hourly(), split="2018-02-15")


@pytest.fixture(scope="module")
def made():
    return series.generate_time_series(1000, 51)


@pytest.fixture(scope="module")
def road():
    return series.load_traffic()["traffic"]


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


def with_a_hole(series):
    return series.drop(series.index[1000:1040])


def with_a_double(series):
    return pd.concat([series.iloc[:1000], series.iloc[999:]])


def with_nan(series):
    return series.where(np.arange(len(series)) != 1000)


def daily(series):
    return pd.Series(series.to_numpy(), pd.date_range("2016-01-01", periods=len(series), freq="D"))


@pytest.mark.parametrize(
    ("damage", "advice"),
    [(with_a_hole, "asfreq"), (with_a_double, "duplicated"), (with_nan, "NaN"), (daily, "expected hours")],
)
def test_windows_never_join_what_is_hours_apart(damage, advice):
    with pytest.raises(ValueError, match=advice):
        window.lab(damage(hourly()), split="2018-02-15")
