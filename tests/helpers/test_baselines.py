"""helpers.baselines and helpers.arima: the reference figures of the course, the definitions, and bad input."""

from __future__ import annotations

import doctest
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from helpers import _validate, arima, baselines, metrics, series
from helpers.baselines import LeastSquares, mae, mse

ROOT = Path(__file__).resolve().parents[2]
FLOATS = st.floats(-1e3, 1e3)


@lru_cache
def synthetic(n_steps=51):
    parts = series.split_series(series.generate_time_series(10000, n_steps))
    return [(part[:, :50], part[:, 50:, 0]) for part in parts[:2]]


@lru_cache
def traffic():
    """The series, its repaired hours, and where the validation and the test months begin."""
    frame = series.load_traffic()
    starts = [int((frame.index < day).sum()) for day in ("2018-01-01", "2018-05-01")]
    return frame["traffic"].to_numpy(), frame["missing"].to_numpy(), *starts


@pytest.mark.parametrize("module", [baselines, arima, metrics, _validate])
def test_docstrings_hold(module):
    assert doctest.testmod(module).failed == 0


def test_importing_baselines_imports_neither_statsmodels_nor_tensorflow():
    code = (
        "import sys, helpers.baselines; print([m for m in ('statsmodels', 'tensorflow', 'keras') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


class TestReferenceFigures:
    """One step ahead on the published series, and the traffic of the months from May 2018 on."""

    @pytest.mark.parametrize(
        ("forecast", "expected"),
        [
            (baselines.naive, 0.020211367),
            (baselines.last_slope, 0.008859),
            (baselines.drift, 0.020762),
            (lambda X: baselines.moving_average(X, 3), 0.068739),
            (lambda X: baselines.weighted_moving_average(X, [1, 2, 3]), 0.048936),
            (lambda X: baselines.exponential_smoothing(X, 0.5), 0.057240),
            (lambda X: baselines.exponential_smoothing(X, 1.0), 0.020211367),
        ],
    )
    def test_one_step(self, forecast, expected):
        X, y = synthetic()[1]
        assert mse(y, forecast(X)) == pytest.approx(expected, rel=1e-4)

    @pytest.mark.parametrize(
        ("n_lags", "expected"),
        [(1, 0.019891), (2, 0.005582), (5, 0.005168), (9, 0.00401), (10, 0.003978), (50, 0.002931)],
    )
    def test_least_squares_by_lags(self, n_lags, expected):
        train, (X, y) = synthetic()
        assert mse(y, LeastSquares(n_lags).fit(*train).predict(X)) == pytest.approx(expected, rel=2e-3)

    def test_ten_steps_by_horizon(self):
        train, (X, y) = synthetic(60)
        errors = baselines.error_by_horizon(y, LeastSquares().fit(*train).predict(X), mse)
        expected = [0.0026, 0.0053, 0.0095, 0.0142, 0.0168, 0.0167, 0.0158, 0.0167, 0.0230, 0.0343]
        np.testing.assert_allclose(errors, expected, atol=6e-5)
        assert errors.mean() == pytest.approx(0.0155, abs=1e-4)
        assert mse(y, baselines.naive(X, 10)) == pytest.approx(0.256974, rel=1e-5)

    def test_the_published_naive_forecasts(self):
        X, _ = synthetic()[1]
        expected = [0.5643068, -0.6759614, 0.64214784, -0.19055651, -0.1811238, 0.42333305]
        np.testing.assert_allclose(baselines.naive(X)[[0, 1, 2, -3, -2, -1], 0], expected, rtol=1e-6)

    @pytest.mark.parametrize(("lag", "valid", "test"), [(1, 594.0, 582.5), (24, 637.7, 511.4), (168, 438.1, 256.7)])
    def test_traffic_naive(self, lag, valid, test):
        values, _, first, second = traffic()
        for begin, end, expected in ((first, second, valid), (second, len(values), test)):
            assert mae(values[begin:end], values[begin - lag : end - lag]) == pytest.approx(expected, abs=0.1)

    def test_traffic_24_hours_at_once_and_why_the_origin_matters(self):
        values, missing, _, begin = traffic()
        weekly = baselines.difference(values, 168)
        changes = weekly[: begin - 168]
        phi = float(changes[:-1] @ changes[1:] / (changes[:-1] @ changes[:-1]))

        def regression(past, horizon):
            last = past[-1] - past[-169]
            return baselines.seasonal_naive(past, 168, horizon) + last * phi ** np.arange(1, horizon + 1)

        def weekly_naive(past, horizon):
            return baselines.seasonal_naive(past, 168, horizon)

        found = {}
        for stride in (1, 24):
            for forecast in (weekly_naive, regression):
                rolling = baselines.rolling_origin(values, forecast, first=begin, horizon=24, stride=stride)
                known = ~missing[rolling.origins[:, np.newaxis] + np.arange(24)]
                found[forecast.__name__, stride] = mae(rolling.y_true[known], rolling.y_pred[known])
                if stride == 1 and forecast is regression:
                    found["one hour"] = mae(rolling.y_true[:, 0], rolling.y_pred[:, 0])
        assert found["one hour"] == pytest.approx(184, abs=0.5)
        assert found["weekly_naive", 1] == pytest.approx(257.6, abs=0.5)
        assert found["weekly_naive", 24] == pytest.approx(257, abs=0.5)
        assert found["regression", 24] == pytest.approx(282, abs=1)  # from midnight the regression loses …
        assert found["regression", 1] == pytest.approx(251.5, abs=0.5)  # … from every hour it wins

    def test_traffic_arima_after_the_weekly_difference(self):
        values, _, _, begin = traffic()
        weekly = baselines.difference(values, 168)
        train, new = weekly[begin - 168 - 8 * 168 : begin - 168], weekly[begin - 168 :]
        assert mae(new, baselines.sarima(train, new, order=(1, 0, 0))) == pytest.approx(187.9, abs=0.5)

    def test_traffic_sarima_on_daily_totals_beats_the_same_day_of_last_week(self):
        values, _, _, begin = traffic()
        days = values.reshape(-1, 24).sum(axis=1)
        train, new = days[: begin // 24], days[begin // 24 :]
        forecast = baselines.sarima(train, new, order=(1, 0, 0), seasonal_order=(0, 1, 1, 7))
        assert mae(new, forecast) == pytest.approx(3037, rel=0.01)
        assert mae(new, days[begin // 24 - 7 : -7]) == pytest.approx(4023, rel=0.01)


class TestForecasters:
    FORECASTS = (
        baselines.naive,
        baselines.last_slope,
        baselines.drift,
        lambda X, horizon=1: baselines.seasonal_naive(X, 3, horizon),
        lambda X, horizon=1: baselines.moving_average(X, 3, horizon),
        lambda X, horizon=1: baselines.weighted_moving_average(X, [1, 2], horizon),
        lambda X, horizon=1: baselines.exponential_smoothing(X, 0.3, horizon),
    )

    @pytest.mark.parametrize("forecast", FORECASTS)
    @given(batch=st.integers(1, 4), steps=st.integers(3, 9), horizon=st.integers(1, 8), data=st.data())
    @settings(max_examples=15, deadline=None)
    def test_rank_follows_the_input_and_rows_do_not_mix(self, forecast, batch, steps, horizon, data):
        X = data.draw(arrays(float, (batch, steps), elements=FLOATS))
        many = forecast(X, horizon)
        assert many.shape == (batch, horizon)
        np.testing.assert_allclose(forecast(X[..., np.newaxis], horizon), many)
        for row, past in enumerate(X):
            np.testing.assert_allclose(forecast(past, horizon), many[row], atol=1e-9)

    @pytest.mark.parametrize("forecast", FORECASTS)
    def test_a_constant_series_goes_on_as_it_is(self, forecast):
        np.testing.assert_allclose(forecast(np.full(5, 7.0), 4), 7.0)

    def test_slope_and_drift_follow_a_line(self):
        line = 3 + 2.0 * np.arange(6)
        for forecast in (baselines.last_slope, baselines.drift):
            np.testing.assert_allclose(forecast(line, 3), [15, 17, 19])

    def test_drift_re_estimated_on_a_sliding_window(self):
        past = np.array([1.0, 2, 4, 7, 11])
        first = baselines.drift(past)[0]
        assert [first, baselines.drift([*past[1:], first])[0]] == [13.5, 16.375]

    def test_exponential_smoothing_is_its_recurrence(self):
        past = np.random.RandomState(1).rand(20)
        level = past[0]
        for value in past[1:]:
            level = 0.3 * value + 0.7 * level
        assert baselines.exponential_smoothing(past, 0.3)[0] == pytest.approx(level)

    def test_the_last_weight_belongs_to_the_last_value(self):
        assert baselines.weighted_moving_average([0, 0, 8], [1, 1, 2])[0] == 4


class TestLeastSquares:
    def test_it_finds_a_linear_rule_with_a_bias_for_every_step(self):
        X = np.random.RandomState(0).rand(50, 4, 1)
        y = np.stack([X[:, -1, 0] - X[:, -2, 0] + 5, 2 * X[:, -1, 0]], axis=1)
        model = LeastSquares(2).fit(X, y)
        np.testing.assert_allclose(model.weights, [[-1, 0], [1, 2]], atol=1e-9)
        np.testing.assert_allclose(model.bias, [5, 0], atol=1e-9)
        assert model.predict(X).shape == (50, 2)

    def test_it_refuses_to_predict_before_it_was_fitted(self):
        with pytest.raises(ValueError, match="call fit"):
            LeastSquares().predict(np.zeros((1, 5)))

    @pytest.mark.parametrize(
        ("X", "y", "message"),
        [
            (np.zeros((0, 5)), np.zeros(0), "at least one"),
            (np.zeros((3, 5)), np.zeros(4), "3 rows and y has 4"),
            (np.zeros((3, 5, 2)), np.zeros(3), "expected"),
            (np.full((3, 5), np.nan), np.zeros(3), "NaN"),
            (np.zeros((3, 5)), np.array([1, np.inf, 2]), "y holds 1"),
            (np.zeros((3, 5)), np.zeros((3, 1, 1)), "y has shape"),
        ],
    )
    def test_bad_training_data(self, X, y, message):
        with pytest.raises(ValueError, match=message):
            LeastSquares().fit(X, y)

    def test_lags_and_window_lengths_are_checked(self):
        with pytest.raises(ValueError, match="at least 9"):
            LeastSquares(9).fit(np.zeros((3, 5)), np.zeros(3))
        with pytest.raises(ValueError, match="fitted on windows of 5"):
            LeastSquares().fit(np.eye(5), np.zeros(5)).predict(np.zeros((3, 4)))
        with pytest.raises(ValueError, match="n_lags is 0"):
            LeastSquares(0)


class TestDifferences:
    @given(arrays(float, st.integers(9, 40), elements=FLOATS), st.integers(1, 8))
    @settings(deadline=None)
    def test_undoing_gives_the_series_back(self, values, lag):
        again = baselines.undo_difference(baselines.difference(values, lag), values[:lag], lag)
        np.testing.assert_allclose(again, values, atol=1e-6)

    @pytest.mark.parametrize("lag", [1, 24, 168])
    def test_undoing_real_differences(self, lag):
        values = traffic()[0]
        again = baselines.undo_difference(baselines.difference(values, lag), values[:lag], lag)
        np.testing.assert_allclose(again, values, atol=1e-6)

    def test_first_values_must_be_as_many_as_the_lag(self):
        with pytest.raises(ValueError, match="expected the first 2"):
            baselines.undo_difference([1, 2], [1], lag=2)


class TestErrors:
    def test_definitions(self):
        assert (mse([0, 0], [3, 4]), mae([0, 0], [3, 4])) == (12.5, 3.5)
        assert baselines.mase([10, 10], [12, 12], [0, 4, 0, 4], lag=1) == 0.5

    def test_shapes_that_numpy_would_broadcast_are_refused(self):
        for error in (mse, mae):
            with pytest.raises(ValueError, match="broadcast"):
                error(np.zeros((3, 1)), np.zeros(3))

    def test_empty_and_nan_are_refused(self):
        with pytest.raises(ValueError, match="with values"):
            mse([], [])
        with pytest.raises(ValueError, match="y_pred holds 1"):
            mae([1.0], [np.nan])

    def test_a_series_that_repeats_has_no_naive_error_to_divide_by(self):
        with pytest.raises(ValueError, match="every 2 steps"):
            baselines.mase([1], [1], [1, 2, 1, 2], lag=2)

    def test_by_horizon_needs_two_axes(self):
        with pytest.raises(ValueError, match=r"expected \(batch, horizon\)"):
            baselines.error_by_horizon([1.0], [1.0])


class TestRollingOrigin:
    def test_a_forecast_never_sees_its_target(self):
        seen = []

        def spy(past, horizon):
            seen.append(past.copy())
            return np.zeros(horizon)

        rolling = baselines.rolling_origin(np.arange(10.0), spy, first=4, horizon=2, stride=3)
        assert rolling.origins.tolist() == [4, 7]
        assert [past[-1] for past in seen] == [3, 6]
        assert rolling.y_true.tolist() == [[4, 5], [7, 8]]

    def test_what_it_needs(self):
        with pytest.raises(ValueError, match="expected at least 6"):
            baselines.rolling_origin(np.arange(5.0), baselines.naive, first=4, horizon=2)
        with pytest.raises(ValueError, match=r"expected \(2,\)"):
            baselines.rolling_origin(np.arange(9.0), lambda past, horizon: [1.0], first=4, horizon=2)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: baselines.naive([1, 2], 0), "horizon is 0"),
        (lambda: baselines.naive([], 1), "0 steps"),
        (lambda: baselines.last_slope([1], 1), "at least 2"),
        (lambda: baselines.naive([[[1, 2]]], 1), "expected"),
        (lambda: baselines.naive([1, np.nan]), "X holds 1 values that are NaN"),
        (lambda: baselines.seasonal_naive([1, 2], 3), "at least 3"),
        (lambda: baselines.seasonal_naive([1, 2], -1), "lag is -1"),
        (lambda: baselines.moving_average([1, 2], 3), "at least 3"),
        (lambda: baselines.weighted_moving_average([1, 2], [1, -1]), "sum other than 0"),
        (lambda: baselines.exponential_smoothing([1, 2], 0), "above 0"),
        (lambda: baselines.exponential_smoothing([1, 2], float("nan")), "above 0"),
        (lambda: baselines.difference([1, 2], 2), "at least 3"),
        (lambda: baselines.difference([[1, 2]]), "one series"),
        (lambda: baselines.sarima([], [1], order=(1, 0, 0)), "0 steps"),
        (lambda: baselines.sarima([1, 2], [1], order=(1, 0)), "expected 3 whole numbers"),
        (lambda: baselines.sarima([1, 2], [1], order=(0, 0, 0), seasonal_order=(1, 0, 0, 1)), "at least 2"),
        (lambda: baselines.sarima([1, 2], [1], order=(1, 0, 0), seasonal_order=(1, 1, 1, 24)), "needs"),
    ],
)
def test_bad_input_says_what_was_got_and_expected(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_what_is_no_number_is_refused():
    with pytest.raises(TypeError, match=r"horizon is 1\.5"):
        baselines.naive([1, 2], 1.5)
    with pytest.raises(TypeError, match="not an array of numbers"):
        baselines.naive(["a", "b"])
