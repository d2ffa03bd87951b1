"""helpers._validate: what is refused, and with which words."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers import _validate, baselines

REGULAR = {
    "hours": pd.date_range("2024-01-01", periods=24, freq="h"),
    "hours with a clock change": pd.date_range("2024-03-30", periods=48, freq="h", tz="Europe/Berlin"),
    "days with a clock change": pd.date_range("2024-03-25", periods=24, freq="D", tz="Europe/Berlin"),
    "weeks": pd.date_range("2024-01-01", periods=24, freq="W"),
    "business days": pd.date_range("2024-01-01", periods=24, freq="B"),
    "month starts": pd.date_range("2024-01-01", periods=24, freq="MS"),
    "month ends": pd.date_range("2024-01-01", periods=24, freq="ME"),
    "quarters": pd.date_range("2024-01-01", periods=24, freq="QS"),
    "periods": pd.period_range("2024-01", periods=24, freq="M"),
    "time differences": pd.to_timedelta(range(24), "h"),
    "numbers": pd.RangeIndex(24),
}


@pytest.mark.parametrize("kind", REGULAR)
def test_a_regular_index_passes_whole_or_cut(kind):
    for part in (REGULAR[kind], REGULAR[kind][:2], REGULAR[kind][:1], REGULAR[kind][:0], REGULAR[kind][3:]):
        _validate.regular("values", part)


@pytest.mark.parametrize("kind", REGULAR)
def test_a_hole_is_found_where_it_is(kind):
    index = REGULAR[kind].delete([5, 9, 10])
    assert _validate.breaks("values", index).tolist() == [5, 8]
    with pytest.raises(ValueError, match="values has a hole") as refused:
        _validate.regular("values", index)
    assert f"{REGULAR[kind][4]} " in str(refused.value)
    assert f"{REGULAR[kind][6]}, " in str(refused.value)


@pytest.mark.parametrize("kind", sorted(REGULAR.keys() - {"numbers", "periods", "time differences"}))
def test_the_repair_that_a_hole_is_given_fills_it(kind):
    whole = pd.Series(1.0, REGULAR[kind])
    with pytest.raises(ValueError, match="asfreq") as refused:
        _validate.regular("values", whole.drop(whole.index[5]).index)
    step = str(refused.value).split(".asfreq('")[1].split("'")[0]
    assert whole.drop(whole.index[5]).asfreq(step).index.equals(whole.index)


def test_the_words_of_a_hole_count_what_is_missing():
    with pytest.raises(ValueError, match=r"step is 'h'; missing rows there: 1, in all: 3\..*Or wait\.$"):
        _validate.regular("values", REGULAR["hours"].delete([5, 9, 10]), advice="Or wait.")


def test_rows_between_the_steps_are_no_hole():
    index = REGULAR["hours"].insert(3, pd.Timestamp("2024-01-01 02:10"))
    with pytest.raises(ValueError, match=r"no regular step: after .* 02:00:00 comes .* 02:10:00.*resample\('h'\)"):
        _validate.regular("values", index)


def test_a_missing_time_is_refused():
    with pytest.raises(ValueError, match="holds 1 missing times"):
        _validate.regular("values", pd.DatetimeIndex(["2024-01-01", None]))


@pytest.mark.parametrize(
    "index", [None, [3, 1, 1], pd.Index(["b", "a", "a"]), np.array([1, 5, 2]), pd.Index([0.5, 0.1])]
)
def test_what_counts_no_steps_is_not_looked_at(index):
    _validate.regular("values", index)


@pytest.mark.parametrize(
    "forecast",
    [
        lambda values: baselines.naive(values),
        lambda values: baselines.exponential_smoothing(values, 0.5),
        lambda values: baselines.difference(values),
        lambda values: baselines.rolling_origin(values, baselines.naive, first=2, horizon=1),
        lambda values: baselines.sarima(values, values, order=(1, 0, 0)),
        lambda values: baselines.mase([1.0], [2.0], train=values),
    ],
)
def test_forecasts_look_at_the_index_of_a_series(forecast):
    values = pd.Series(np.arange(24.0) ** 2, REGULAR["hours"])
    with pytest.raises(ValueError, match="has a hole"):
        forecast(values.drop(values.index[5]))


def test_a_score_may_leave_rows_out():
    values = pd.Series(np.arange(24.0), REGULAR["hours"]).drop(REGULAR["hours"][5])
    assert baselines.mae(values, values + 1) == 1


@pytest.mark.parametrize("value", [2.0, "2", None, True, np.True_])
def test_what_is_no_whole_number_is_named_with_its_type(value):
    with pytest.raises(TypeError, match=rf"size is .*{type(value).__name__}.*expected a whole number of at least 1"):
        _validate.whole("size", value)


def test_a_whole_number_outside_its_range_is_named():
    assert _validate.whole("size", np.int64(3)) == 3
    for value in (-1, 0, 6):
        with pytest.raises(ValueError, match=f"size is {value}; expected a whole number of at least 1 and at most 5"):
            _validate.whole("size", value, 1, 5)
