"""Checks of lesson 02: baselines."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from helpers import baselines, series
from helpers.checks.base import NotYet, Wrong, as_array, as_number, brief, call, check_of


@check_of(
    "02.1",
    "the ruler, many steps ahead",
    hints=[
        "The slope is the last value minus the one before it. One step adds it once; how often do h steps?",
        "X[:, -1:] and X[:, -2:-1] have shape (batch, 1); np.arange(1, horizon + 1) is (horizon,): they broadcast.",
        "X[:, -1:] + (X[:, -1:] - X[:, -2:-1]) * np.arange(1, horizon + 1)",
    ],
)
def ex_02_1(answer: Any) -> str:
    """``last_slope(X, horizon)`` for several shapes."""
    random = np.random.default_rng(2)
    for batch, steps, horizon in ((3, 6, 4), (1, 2, 1), (5, 9, 7)):
        X = random.normal(size=(batch, steps))
        where = f"X of shape {X.shape} and horizon {horizon}"
        forecast = as_array(call(answer, X, horizon), (batch, horizon), f"for {where}, the forecast")
        expected = baselines.last_slope(X, horizon)
        if np.allclose(forecast, expected):
            continue
        slope = X[:, -1:] - X[:, -2:-1]
        mistakes = {
            "the slope is added once for all steps; at step h it counts h times": X[:, -1:] + slope,
            "that is drift, the line through the first and the last point": baselines.drift(X, horizon),
            "that is naive: the slope is missing": baselines.naive(X, horizon),
            "step 1 is the last value itself; the steps ahead are 1 to horizon, not 0 to horizon − 1": X[:, -1:]
            + slope * np.arange(horizon),
            "the slope has the wrong sign: the last value minus the one before": X[:, -1:]
            - slope * np.arange(1, horizon + 1),
        }
        for mistake, values in mistakes.items():
            if np.allclose(forecast, values):
                raise Wrong(f"for {where} expected {brief(expected[0])}, got {brief(forecast[0])}; {mistake}")
        raise Wrong(f"for {where} expected {brief(expected[0])} for the first series, got {brief(forecast[0])}")
    X, y = _published()[1]
    error = float(np.mean((y - as_array(call(answer, X, 1), y.shape, "for the validation series, the forecast")) ** 2))
    if error < series.noise_floor():
        raise Wrong(f"an MSE of {error:.5f} is below the noise floor: the forecast knows the target")
    return f"One step ahead the ruler has an MSE of {error:.5f} on the validation series."


@check_of(
    "02.2",
    "the last season, again and again",
    hints=[
        "The last season is y[-lag:]. The forecast walks through it and starts anew when it is used up.",
        "Step h (from 0) takes entry h % lag of the last season, so a horizon longer than the season works too.",
        "np.asarray(y)[-lag:][np.arange(horizon) % lag]",
    ],
)
def ex_02_2(answer: Any) -> str:
    """``seasonal_naive(y, lag, horizon)`` with horizons below and above the season."""
    for n_steps, lag, horizon in ((12, 4, 3), (12, 4, 4), (11, 3, 8), (200, 168, 24), (200, 24, 168)):
        y = np.random.default_rng(n_steps + lag).normal(size=n_steps).round(2)
        where = f"{n_steps} values, lag {lag} and horizon {horizon}"
        try:
            result = call(answer, y, lag, horizon)
        except Wrong as problem:
            if "IndexError" in str(problem):
                raise Wrong(
                    f"for {where} it reads beyond the last known value, y[{n_steps - 1}]: that is the future. "
                    "Start the season again instead"
                ) from problem
            raise
        forecast = as_array(result, (horizon,), f"for {where}, the forecast")
        expected = baselines.seasonal_naive(y, lag, horizon)
        if np.allclose(forecast, expected):
            continue
        ahead = np.arange(horizon)
        mistakes = {
            "that repeats the last value, not the last season": np.full(horizon, y[-1]),
            "the season starts one step too early": y[-lag - 1 :][ahead % lag],
            "the season starts one step too late": y[(n_steps - lag + 1 + ahead % lag) % n_steps],
            "a negative index wraps round to the other end of y; start the season again instead": y[
                (n_steps - lag + ahead) % n_steps
            ],
            "that is the first season; the last one is y[-lag:]": y[ahead % lag],
        }
        for mistake, values in mistakes.items():
            if len(values) == horizon and np.allclose(forecast, values):
                raise Wrong(f"for {where} expected {brief(expected[:4])} …, got {brief(forecast[:4])} …; {mistake}")
        raise Wrong(f"for {where} expected {brief(expected[:4])} …, got {brief(forecast[:4])} …")
    return "A horizon longer than the season repeats it, and no future value is read."


@check_of(
    "02.3",
    "a series that grows by 10 %",
    hints=[
        "Each month is the month before times 1.1. What turns a product into a sum?",
        "On the logarithms the series is a straight line: forecast there, then undo the logarithm with np.exp.",
        "np.exp(2 * np.log(growth[23]) - np.log(growth[22])), which is 100 · 1.1 ** 24.",
    ],
)
def ex_02_3(answer: Any) -> str:
    """The forecast of 100 · 1.1^t for month 24, given months 0 to 23."""
    value = as_number(answer)
    months = np.arange(24)
    growth = 100 * 1.1**months
    line = np.polyval(np.polyfit(months, growth, 1), 24)
    mistakes = {
        "adding the last difference draws a straight line, and this series is none": 2 * growth[-1] - growth[-2],
        "a straight trend was subtracted and added back; growth multiplies, so take logarithms": line,
        "that is the logarithm of the answer: undo it with np.exp": np.log(100 * 1.1**24),
        "that is month 23, the last one that is known": growth[-1],
        "that is month 25; the months begin at 0": 100 * 1.1**25,
    }
    for mistake, wrong in mistakes.items():
        if abs(value - wrong) < 0.006 * max(1.0, abs(wrong) / 100):
            raise Wrong(f"got {value:.2f}: {mistake}")
    expected = 100 * 1.1**24
    if abs(value - expected) > 0.05:
        raise Wrong(f"got {value:.2f}; month 23 is {growth[-1]:.2f}, and each month is 1.1 times the one before")
    return "984.97: a line on the logarithms, and exp at the end."


@check_of(
    "02.4",
    "least squares with a bias",
    hints=[
        "The bias is the weight of a column of ones: add one to X.",
        "np.linalg.lstsq(A, y, rcond=None)[0] gives all weights; the last belongs to the column of ones.",
        "A = np.column_stack([X, np.ones(len(X))]); solution = np.linalg.lstsq(A, y, rcond=None)[0]; "
        "return solution[:-1], solution[-1]",
    ],
)
def ex_02_4(answer: Any) -> str:
    """``least_squares(X, y)`` on the published series and on shifted data."""
    (X, y), (X_valid, y_valid) = _published()
    error = _error(answer, X, y[:, 0], X_valid, y_valid[:, 0], "the training series of this lesson")
    best = baselines.mse(y_valid, baselines.LeastSquares().fit(X, y).predict(X_valid))
    if error < 0.995 * best:
        raise Wrong(
            f"a validation MSE of {error:.5f} is better than possible ({best:.5f}): the weights were fitted on the "
            "validation series, which they are scored on"
        )
    if error > 1.05 * best:
        raise Wrong(
            f"the validation MSE is {error:.5f}, closed form gives {best:.5f}: gradient descent that has not "
            "finished, or lags left out"
        )
    random = np.random.default_rng(4)
    A = random.normal(size=(200, 3)) + 10.0
    target = A @ [1.0, -2.0, 0.5] + 100.0 + 0.01 * random.normal(size=200)
    shifted = _error(answer, A, target, A, target, "data that are shifted by 100")
    if shifted > 1e-3:
        raise Wrong(
            f"on data that are shifted by 100 the MSE is {shifted:.3g} instead of 0.0001: the bias may be missing"
        )
    return f"Validation MSE {error:.5f}, as good as a published network of three recurrent layers."


@check_of(
    "02.5",
    "how many lags reach 0.004",
    hints=[
        "Fit on the training series with 1, 2, 3, … lags, and score each on the validation series.",
        "baselines.LeastSquares(lags).fit(X_train, y_train).predict(X_valid) gives the forecasts.",
        "Raise lags from 1 while the MSE is above 0.004. Nine lags are at 0.00401.",
    ],
)
def ex_02_5(answer: Any) -> str:
    """The fewest lags with a validation MSE of at most 0.004."""
    value = as_number(answer)
    if value != int(value) or not 1 <= value <= 50:
        raise Wrong(f"got {value:g}; expected a whole number of lags from 1 to 50")
    lags = int(value)
    train, (X_valid, y_valid) = _published()

    def error(n_lags: int) -> float:
        return baselines.mse(y_valid, baselines.LeastSquares(n_lags).fit(*train).predict(X_valid))

    mine = error(lags)
    if mine > 0.004:
        raise Wrong(f"{lags} lags have a validation MSE of {mine:.5f}, above 0.004; more are needed")
    if lags > 1 and (before := error(lags - 1)) <= 0.004:
        raise Wrong(f"{lags} lags reach it, but {lags - 1} do too ({before:.5f}): give the smallest number")
    return f"{lags} lags have {mine:.5f}; forty more bring it to {error(50):.5f}."


@cache
def _published() -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Inputs (batch, 50) and targets (batch, 1) of the training and the validation series."""
    splits = series.split_series(series.generate_time_series(10_000, 51))
    train, valid = (np.asarray(part, dtype=float) for part in splits[:2])
    return (train[:, :50, 0], train[:, 50]), (valid[:, :50, 0], valid[:, 50])


def _error(answer: Any, X: np.ndarray, y: np.ndarray, X_new: np.ndarray, y_new: np.ndarray, where: str) -> float:
    """The mean squared error on new data of the weights and bias that the answer fits."""
    result = call(answer, X, y)
    try:
        weights, bias = result
    except (TypeError, ValueError):
        raise Wrong(f"on {where} expected (weights, bias), got {brief(result)}") from None
    if weights is ... or bias is ...:
        raise NotYet
    steps = X.shape[1]
    weights = as_array(np.ravel(weights), (steps,), f"on {where}, weights")
    return float(np.mean((X_new @ weights + as_number(np.ravel(bias)[:1], "the bias") - y_new) ** 2))
