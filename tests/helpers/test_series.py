"""Series, splits and windows: published figures to the digit, no leak, and errors that help."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import series


def naive_mae(frame, lag):
    """Mean absolute error on the test months, on hours that were recorded."""
    error = (frame["traffic"] - frame["traffic"].shift(lag)).abs()
    return error[~frame["missing"]].loc["2018-05-01":].mean()


@pytest.fixture(scope="module")
def traffic():
    return series.load_traffic()


def test_importing_it_does_not_import_tensorflow():
    code = "import sys, helpers.series; print('tensorflow' in sys.modules or 'keras' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "False"


# --- the synthetic series -------------------------------------------------------------------------------------------


def test_seed_42_gives_the_published_figures():
    made = series.generate_time_series(10000, 51)
    valid = series.split_series(made).valid
    assert made.shape == (10000, 51, 1)
    assert made.dtype == np.float32
    assert np.mean(np.square(valid[:, 50] - valid[:, 49])) == pytest.approx(0.020211367, abs=1e-9)
    forecasts = valid[[0, 1, 2, -3, -2, -1], 49, 0]
    published = [0.5643068, -0.6759614, 0.64214784, -0.19055651, -0.1811238, 0.42333305]
    np.testing.assert_allclose(forecasts, published, rtol=1e-7)


def test_sixty_steps_give_the_published_ten_step_figure():
    valid = series.split_series(series.generate_time_series(10000, 60)).valid
    assert np.mean(np.square(valid[:, 50:] - valid[:, 49:50])) == pytest.approx(0.256974, abs=1e-6)


def test_global_random_state_is_neither_read_nor_changed():
    np.random.seed(0)
    first = series.generate_time_series(3, 4)
    after = np.random.rand()
    np.random.seed(0)
    assert np.random.rand() == after
    np.testing.assert_array_equal(first, series.generate_time_series(3, 4))
    assert not np.array_equal(first, series.generate_time_series(3, 4, seed=1))


def test_noise_floor_is_the_variance_of_the_noise():
    drawn = 0.1 * (np.random.RandomState(0).rand(200_000) - 0.5)
    assert series.noise_floor() == pytest.approx(drawn.var(), rel=0.01)
    assert series.noise_floor(0) == 0
    assert series.noise_floor(np.float32(2)) == pytest.approx(1 / 3)


@pytest.mark.parametrize("bad", [-0.1, float("nan"), float("inf")])
def test_noise_floor_refuses_what_is_no_width(bad):
    with pytest.raises(ValueError, match=r"amplitude is .*expected a finite width"):
        series.noise_floor(bad)


@pytest.mark.parametrize("bad", ["0.1", None, True, [0.1]])
def test_noise_floor_refuses_what_is_no_number(bad):
    with pytest.raises(TypeError, match=r"amplitude is .*expected a number"):
        series.noise_floor(bad)


@pytest.mark.parametrize("sizes", [(0, 5), (-1, 5), (5, 0), (5, -3)])
def test_sizes_below_one_are_refused(sizes):
    with pytest.raises(ValueError, match=r"(batch_size|n_steps) is -?\d; expected a whole number of at least 1"):
        series.generate_time_series(*sizes)


@pytest.mark.parametrize("bad", [2.0, 2.5, "2", None, True, np.nan])
def test_sizes_that_are_not_whole_are_refused(bad):
    with pytest.raises(TypeError, match=r"batch_size is .*expected a whole number"):
        series.generate_time_series(bad, 5)
    with pytest.raises(TypeError, match=r"n_steps is .*expected a whole number"):
        series.generate_time_series(5, bad)


@pytest.mark.parametrize("bad", [-1, 2**32])
def test_seeds_out_of_range_are_refused(bad):
    with pytest.raises(ValueError, match=r"seed is .*at most 4294967295"):
        series.generate_time_series(2, 2, seed=bad)


# --- splits ---------------------------------------------------------------------------------------------------------


def test_split_by_series_keeps_order_and_shares_nothing():
    made = series.generate_time_series(10, 3)
    parts = series.split_series(made, n_train=6, n_valid=np.int64(3))
    np.testing.assert_array_equal(np.concatenate(parts), made)
    assert [len(part) for part in parts] == [6, 3, 1]


@pytest.mark.parametrize("shape", [(), (10,), (10, 5), (10, 5, 1, 1)])
def test_split_by_series_wants_three_axes(shape):
    with pytest.raises(ValueError, match=r"expected three axes .*np.newaxis"):
        series.split_series(np.zeros(shape))


@pytest.mark.parametrize("sizes", [(7, 3), (9, 9), (10, 1)])
def test_split_by_series_leaves_a_test_part(sizes):
    with pytest.raises(ValueError, match="there are 10 series; leave at least one"):
        series.split_series(np.zeros((10, 5, 1)), *sizes)


@pytest.mark.parametrize(("sizes", "error"), [((0, 1), ValueError), ((1, -1), ValueError), ((1.5, 1), TypeError)])
def test_split_by_series_refuses_bad_sizes(sizes, error):
    with pytest.raises(error, match="expected a whole number of at least 1"):
        series.split_series(np.zeros((10, 5, 1)), *sizes)


def test_split_by_series_refuses_nan_and_text():
    with pytest.raises(ValueError, match="1 values that are NaN"):
        series.split_series(np.full((1, 1, 1), np.nan), 1, 1)
    with pytest.raises(TypeError, match="expected real numbers"):
        series.split_series(np.full((10, 5, 1), "a"), 1, 1)


def test_split_by_time_is_ordered_and_complete(traffic):
    parts = series.split_by_time(traffic, "2018-01-01", pd.Timestamp("2018-05-01"))
    assert parts.train.index[-1] == pd.Timestamp("2017-12-31 23:00")
    assert parts.valid.index[0] == pd.Timestamp("2018-01-01 00:00")
    assert parts.test.index[0] == pd.Timestamp("2018-05-01 00:00")
    pd.testing.assert_frame_equal(pd.concat(parts), traffic, check_freq=False)


@pytest.mark.parametrize(
    ("valid_from", "test_from", "says"),
    [
        ("2018-05-01", "2018-01-01", "is not before"),
        ("2018-05-01", "2018-05-01", "is not before"),
        ("2010-01-01", "2018-05-01", "train part is empty"),
        ("2018-01-01", "2018-01-01 00:30", None),
        ("2018-01-01 00:10", "2018-01-01 00:20", "valid part is empty"),
        ("2018-01-01", "2030-01-01", "test part is empty"),
        ("soon", "2018-05-01", "valid_from is 'soon'; expected a date"),
        ("2018-01-01", None, "test_from is None; expected a date"),
        (2018, "2018-05-01", "valid_from is 2018; expected a date"),
        ("2018-01-01", "2018-05-01T00:00Z", "time zone"),
    ],
)
def test_split_by_time_says_what_is_wrong_with_the_moments(traffic, valid_from, test_from, says):
    if says is None:
        assert len(series.split_by_time(traffic, valid_from, test_from).valid) == 1
        return
    with pytest.raises(ValueError, match=says):
        series.split_by_time(traffic, valid_from, test_from)


def test_split_by_time_wants_a_frame_in_order(traffic):
    with pytest.raises(TypeError, match="expected a pandas frame with a DatetimeIndex"):
        series.split_by_time(traffic.to_numpy(), "2018-01-01", "2018-05-01")
    with pytest.raises(TypeError, match="RangeIndex"):
        series.split_by_time(traffic.reset_index(), "2018-01-01", "2018-05-01")
    with pytest.raises(ValueError, match="not in increasing order"):
        series.split_by_time(traffic.iloc[::-1], "2018-01-01", "2018-05-01")


# --- the traffic series ---------------------------------------------------------------------------------------------


def test_traffic_is_two_complete_years(traffic):
    assert len(traffic) == 2 * 365 * 24
    assert traffic.index.equals(pd.date_range("2016-10-01", periods=17_520, freq="h", name="time"))
    assert list(traffic.columns) == ["traffic", "temperature", "rain", "snow", "clouds", "weather", "missing"]
    assert not traffic.isna().any().any()
    numbers = traffic.drop(columns=["weather", "missing"])
    assert set(numbers.dtypes) == {np.dtype(float)}
    assert traffic["missing"].dtype == bool


def test_traffic_counts_its_missing_hours(traffic):
    missing = traffic["missing"]
    assert missing.sum() == 104
    assert missing.groupby((~missing).cumsum()).sum().max() == 9


def test_traffic_has_sensible_units(traffic):
    assert traffic["traffic"].between(1, 7280).all()
    assert traffic["temperature"].between(-40, 40).all()  # a reading of 0 K would be -273
    assert traffic["rain"].between(0, 11).all()
    assert traffic["clouds"].between(0, 100).all()
    assert (traffic["snow"] == 0).all()
    assert (traffic["weather"] == "Snow").sum() >= 1221


def test_repair_looks_backwards_only(traffic):
    hours = np.flatnonzero(traffic["missing"])
    values = traffic["traffic"].to_numpy()
    for hour in hours:
        assert values[hour] == values[hour - (168 if hour >= 168 else 24)]
        assert traffic["weather"].iloc[hour] == traffic["weather"].iloc[hour - 1]


def test_traffic_gives_the_reference_figures(traffic):
    assert [round(naive_mae(traffic, lag)) for lag in (1, 24, 168)] == [583, 512, 257]
    recorded = traffic["traffic"].where(~traffic["missing"])
    found = [recorded.autocorr(lag) for lag in (1, 24, 168)]
    np.testing.assert_allclose(found, [0.913, 0.867, 0.952], atol=6e-4)


def test_each_call_gives_a_frame_of_its_own(traffic):
    other = series.load_traffic()
    other["traffic"] = 0.0
    assert series.load_traffic()["traffic"].equals(traffic["traffic"])


# --- windows --------------------------------------------------------------------------------------------------------


def windows_by_hand(values, length, horizon, stride):
    X, y, start = [], [], 0
    while start + length + horizon <= len(values):
        X.append(values[start : start + length])
        y.append(values[start + length : start + length + horizon, 0])
        start += stride
    return np.array(X), np.array(y)


@given(data=st.data(), n_steps=st.integers(2, 60), features=st.integers(1, 3), stride=st.integers(1, 20))
def test_windows_equal_those_made_by_hand(data, n_steps, features, stride):
    length = data.draw(st.integers(1, n_steps - 1))
    horizon = data.draw(st.integers(1, n_steps - length))
    values = np.arange(n_steps * features, dtype=float).reshape(n_steps, features)
    X, y = series.make_windows(values, length, horizon, stride)
    X_hand, y_hand = windows_by_hand(values, length, horizon, stride)
    np.testing.assert_array_equal(X, X_hand)
    np.testing.assert_array_equal(y, y_hand)
    assert X.dtype == y.dtype == np.float32
    assert len(X) == (n_steps - length - horizon) // stride + 1


def test_targets_start_one_step_after_the_last_input():
    X, y = series.make_windows(range(20), 5, 3)
    np.testing.assert_array_equal(y[:, 0], X[:, -1, 0] + 1)
    assert y[-1, -1] == 19


def test_windows_of_traffic_are_views_and_keep_the_values(traffic):
    X, y = series.make_windows(traffic[["traffic", "temperature", "missing"]], 168, 24, 24)
    assert X.shape == (723, 168, 3)
    assert y.shape == (723, 24)
    assert not X.flags.owndata
    np.testing.assert_array_equal(X[0, :, 0], traffic["traffic"].to_numpy()[:168].astype(np.float32))
    assert set(np.unique(X[..., 2])) == {0.0, 1.0}


def test_windows_do_not_change_what_they_are_given():
    values = np.arange(10.0)
    X, y = series.make_windows(values, 3)
    for view in (X, y):
        with pytest.raises(ValueError, match="read-only"):
            view[0] = 7
    assert values.sum() == 45


@pytest.mark.parametrize("sizes", [(10, 1), (9, 2), (1, 10), (99, 1)])
def test_windows_longer_than_the_series_are_refused(sizes):
    with pytest.raises(ValueError, match=r"need \d+ steps, but the series has 10; take a shorter"):
        series.make_windows(np.zeros(10), *sizes)


@pytest.mark.parametrize("sizes", [(0, 1, 1), (3, 0, 1), (3, 1, 0), (-3, 1, 1)])
def test_windows_refuse_sizes_below_one(sizes):
    with pytest.raises(ValueError, match="expected a whole number of at least 1"):
        series.make_windows(np.zeros(10), *sizes)


@pytest.mark.parametrize("sizes", [(2.0, 1, 1), (3, "1", 1), (3, 1, None), (True, 1, 1)])
def test_windows_refuse_sizes_that_are_not_whole(sizes):
    with pytest.raises(TypeError, match="expected a whole number of at least 1"):
        series.make_windows(np.zeros(10), *sizes)


@pytest.mark.parametrize("shape", [(), (2, 5, 1)])
def test_windows_refuse_the_wrong_rank(shape):
    with pytest.raises(ValueError, match=r"expected one series, \(steps,\) or \(steps, features\)"):
        series.make_windows(np.zeros(shape), 2)


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e300])
def test_windows_refuse_gaps_and_what_float32_cannot_hold(bad):
    with pytest.raises(ValueError, match=r"1 values that are NaN or infinite.*looking backwards only"):
        series.make_windows([0.0, 1.0, bad, 3.0], 2)


def test_windows_refuse_columns_that_are_not_numeric(traffic):
    with pytest.raises(TypeError, match="not numeric: weather"):
        series.make_windows(traffic, 24)
    with pytest.raises(TypeError, match="expected real numbers"):
        series.make_windows(["a", "b", "c"], 1)
    with pytest.raises(TypeError, match="expected real numbers"):
        series.make_windows(None, 1)
    with pytest.raises(ValueError, match="rows of different lengths"):
        series.make_windows([[1.0], [1.0, 2.0]], 1)


# --- gaps -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def holed():
    """Values 0 … 9 and 40 … 99, hourly: 30 hours were never recorded."""
    hours = pd.date_range("2024-01-01", periods=100, freq="h")
    return pd.DataFrame({"value": np.arange(100.0)}, index=hours).drop(hours[10:40])


@pytest.mark.parametrize("of", [lambda frame: frame, lambda frame: frame["value"]], ids=["frame", "series"])
def test_windows_do_not_join_across_missing_rows(holed, of):
    with pytest.raises(ValueError, match=r"after 2024-01-01 09:00:00 comes 2024-01-02 16:00:00.*missing rows.*: 30"):
        series.make_windows(of(holed), 12)
    X, y = series.make_windows(of(holed), 12, gaps="skip")
    np.testing.assert_array_equal(X[0, :, 0], np.arange(40, 52))
    assert len(X) == 60 - 12
    X, y = series.make_windows(of(holed), 3, 2, gaps="skip")
    np.testing.assert_array_equal(np.diff(np.hstack([X[:, :, 0], y]), axis=1), 1)
    assert len(X) == (10 - 4) + (60 - 4)


def test_the_repair_that_the_refusal_names_is_taken(holed):
    with pytest.raises(ValueError, match=r"\.asfreq\('h'\).*backwards only.*gaps='skip'"):
        series.make_windows(holed, 12)
    assert len(series.make_windows(holed.asfreq("h").ffill(), 12)[0]) == 88


def test_windows_skip_values_that_are_missing_too(holed):
    X, y = series.make_windows(holed.asfreq("h"), 3, 2, gaps="skip")
    X_dropped, y_dropped = series.make_windows(holed, 3, 2, gaps="skip")
    np.testing.assert_array_equal(X, X_dropped)
    np.testing.assert_array_equal(y, y_dropped)


@given(
    missing=st.sets(st.integers(0, 29), max_size=12),
    length=st.integers(1, 4),
    horizon=st.integers(1, 3),
    stride=st.integers(1, 3),
)
def test_skipping_gives_the_windows_of_each_stretch(missing, length, horizon, stride):
    values = np.where(np.isin(np.arange(30), list(missing)), np.nan, np.arange(30.0))
    by_stretch = [
        windows_by_hand(values[part][:, np.newaxis], length, horizon, stride)
        for part in np.split(np.arange(30), np.flatnonzero(np.diff(np.isnan(values))) + 1)
        if not np.isnan(values[part[0]]) and len(part) >= length + horizon
    ]
    if not by_stretch:
        with pytest.raises(ValueError, match="the longest stretch without a gap has"):
            series.make_windows(values, length, horizon, stride, gaps="skip")
        return
    X, y = series.make_windows(values, length, horizon, stride, gaps="skip")
    np.testing.assert_array_equal(X, np.concatenate([X for X, _ in by_stretch]))
    np.testing.assert_array_equal(y, np.concatenate([y for _, y in by_stretch]))


def test_rows_dropped_from_a_plain_frame_leave_a_hole_too():
    values = pd.Series([0.0, 1, 2, np.nan, 4, 5, 6, 7]).dropna()
    with pytest.raises(ValueError, match="after row 2 of its index comes row 4"):
        series.make_windows(values, 2)
    assert len(series.make_windows(values.to_numpy(), 2)[0]) == 5
    assert series.make_windows(values, 2, gaps="skip")[0][:, :, 0].tolist() == [[0, 1], [4, 5], [5, 6]]


def test_a_split_refuses_missing_rows_or_is_told_to_keep_them(holed):
    with pytest.raises(ValueError, match=r"after 2024-01-01 09:00:00 comes 2024-01-02 16:00:00.*gaps='keep'"):
        series.split_by_time(holed, "2024-01-03", "2024-01-04")
    parts = series.split_by_time(holed, "2024-01-03", "2024-01-04", gaps="keep")
    assert [len(part) for part in parts] == [18, 24, 28]


@pytest.mark.parametrize("gaps", ["refuse", "skip"])
def test_doubles_and_disorder_are_refused_whatever_the_gaps(holed, gaps):
    with pytest.raises(ValueError, match=r"2024-01-01 00:00:00 twice \(1 doubles in all\)"):
        series.make_windows(pd.concat([holed.iloc[:1], holed]), 3, gaps=gaps)
    with pytest.raises(ValueError, match="not in increasing order"):
        series.make_windows(holed.iloc[::-1], 3, gaps=gaps)


def test_a_wrong_word_for_gaps_is_named(holed):
    with pytest.raises(ValueError, match="gaps is 'drop'; expected one of 'refuse', 'skip'"):
        series.make_windows(holed, 3, gaps="drop")
    with pytest.raises(ValueError, match="gaps is 'skip'; expected one of 'refuse', 'keep'"):
        series.split_by_time(holed, "2024-01-03", "2024-01-04", gaps="skip")


@pytest.mark.parametrize("empty", [[], np.zeros((0, 2)), np.zeros((3, 0))])
def test_windows_of_nothing_are_refused_in_a_sentence_of_their_own(empty):
    with pytest.raises(ValueError, match="values is empty"):
        series.make_windows(empty, 3)
