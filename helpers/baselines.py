"""Forecasts that need no network, and the errors by which all forecasts are judged.

Every forecaster takes ``X``, the past: one series (steps,), a batch of windows (batch, steps) or (batch, steps, 1).
It returns (horizon,) for one series and (batch, horizon) for a batch, in the units of ``X``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from helpers._validate import finite, one_series, regular, whole
from helpers.arima import sarima as sarima  # re-exported; statsmodels is imported when it is called
from helpers.metrics import error_by_horizon as error_by_horizon
from helpers.metrics import mae as mae
from helpers.metrics import mase as mase
from helpers.metrics import mse as mse

Forecaster = Callable[[np.ndarray, int], np.ndarray]


def naive(X: ArrayLike, horizon: int = 1) -> np.ndarray:
    """Repeat the last value.

    >>> naive([1, 2, 4], 2)
    array([4., 4.])
    """
    past, shape = _past(X, horizon, at_least=1)
    return shape(np.repeat(past[:, -1:], horizon, axis=1))


def last_slope(X: ArrayLike, horizon: int = 1) -> np.ndarray:
    """Go on along the line through the last two values: x + h·(x − the value before).

    >>> last_slope([1, 2, 4], 3)
    array([ 6.,  8., 10.])
    """
    past, shape = _past(X, horizon, at_least=2)
    return shape(past[:, -1:] + (past[:, -1:] - past[:, -2:-1]) * _steps(horizon))


def drift(X: ArrayLike, horizon: int = 1) -> np.ndarray:
    """Go on along the line through the first and the last value (Hyndman and Athanasopoulos, section 5.2).

    >>> drift([1, 2, 4, 7, 11], 2)
    array([13.5, 16. ])
    """
    past, shape = _past(X, horizon, at_least=2)
    slope = (past[:, -1:] - past[:, :1]) / (past.shape[1] - 1)
    return shape(past[:, -1:] + slope * _steps(horizon))


def seasonal_naive(X: ArrayLike, lag: int, horizon: int = 1) -> np.ndarray:
    """Repeat the last season of ``lag`` steps, as often as the horizon needs.

    Raises:
        ValueError: the past is shorter than one season.

    >>> seasonal_naive([9, 1, 2, 3], lag=3, horizon=5)
    array([1., 2., 3., 1., 2.])
    """
    whole("lag", lag)
    past, shape = _past(X, horizon, at_least=lag)
    return shape(past[:, past.shape[1] - lag + np.arange(horizon) % lag])


def moving_average(X: ArrayLike, window: int, horizon: int = 1) -> np.ndarray:
    """Forecast the mean of the last ``window`` values, at every step.

    >>> moving_average([9, 1, 2, 3], window=3)
    array([2.])
    """
    whole("window", window)
    return weighted_moving_average(X, np.ones(window), horizon)


def weighted_moving_average(X: ArrayLike, weights: ArrayLike, horizon: int = 1) -> np.ndarray:
    """Forecast a weighted mean of the last values; the last weight belongs to the last value.

    Args:
        X: the past.
        weights: (window,), of any size: they are divided by their sum.
        horizon: steps ahead.

    Raises:
        ValueError: weights that are not one-dimensional and finite, that sum to 0, or that are more than the past.

    >>> weighted_moving_average([9, 1, 2, 3], [1, 2, 3]).round(3)
    array([2.333])
    """
    weights = np.asarray(weights, dtype=float)
    if weights.ndim != 1 or not weights.size or not np.isfinite(weights).all() or np.isclose(weights.sum(), 0):
        raise ValueError(f"weights are {weights.tolist()}; expected a list of finite numbers with a sum other than 0.")
    past, shape = _past(X, horizon, at_least=weights.size)
    mean = past[:, -weights.size :] @ (weights / weights.sum())
    return shape(np.repeat(mean[:, np.newaxis], horizon, axis=1))


def exponential_smoothing(X: ArrayLike, smoothing: float, horizon: int = 1) -> np.ndarray:
    """Forecast a mean whose weights fall by the factor 1 − ``smoothing`` with every step into the past.

    The level starts at the first value; then level = smoothing · value + (1 − smoothing) · level.

    Args:
        X: the past.
        smoothing: above 0, at most 1; at 1 this is naive.
        horizon: steps ahead.

    >>> exponential_smoothing([0, 8, 8], 0.5)
    array([6.])
    """
    if not 0 < smoothing <= 1:
        raise ValueError(f"smoothing is {smoothing}; expected above 0 and at most 1 (1 is naive).")
    past, shape = _past(X, horizon, at_least=1)
    n_steps = past.shape[1]
    weights = smoothing * (1 - smoothing) ** np.arange(n_steps - 1, -1, -1)
    weights[0] = (1 - smoothing) ** (n_steps - 1)
    return shape(np.repeat((past @ weights)[:, np.newaxis], horizon, axis=1))


class LeastSquares:
    """A linear forecast in closed form: one weight per lag and a bias for each step of the horizon.

    Args:
        n_lags: how many of the last values it sees; None means all of the window.

    After ``fit``: ``weights`` (n_lags, horizon) and ``bias`` (horizon,).

    >>> X, y = np.array([[1, 2], [2, 3], [5, 7]]), np.array([[3], [4], [9]])
    >>> LeastSquares().fit(X, y).predict([[10, 20]]).round(6)
    array([[30.]])
    """

    def __init__(self, n_lags: int | None = None) -> None:
        if n_lags is not None:
            whole("n_lags", n_lags)
        self.n_lags = n_lags
        self.weights: np.ndarray | None = None
        self.bias: np.ndarray | None = None

    def fit(self, X: ArrayLike, y: ArrayLike) -> LeastSquares:
        """Find the weights of smallest mean squared error on ``X`` (batch, steps[, 1]) and ``y`` (batch[, horizon]).

        Raises:
            ValueError: no rows, rows that do not match, NaN, wrong rank, or more lags than steps.
        """
        past = self._lags(X)
        targets = finite("y", y)
        if targets.ndim not in (1, 2):
            raise ValueError(f"y has shape {targets.shape}; expected (batch,) or (batch, horizon).")
        targets = targets[:, np.newaxis] if targets.ndim == 1 else targets
        if not len(past) or len(past) != len(targets):
            raise ValueError(f"X has {len(past)} rows and y has {len(targets)}; expected equally many, at least one.")
        solution = np.linalg.lstsq(_with_bias(past), targets, rcond=None)[0]
        self.weights, self.bias = solution[:-1], solution[-1]
        return self

    def predict(self, X: ArrayLike) -> np.ndarray:
        """Forecast (batch, horizon); raises ValueError before ``fit``."""
        if self.weights is None:
            raise ValueError("this LeastSquares has not been fitted; call fit(X, y) on training data first.")
        past = self._lags(X)
        if past.shape[1] != len(self.weights):
            raise ValueError(f"X has {past.shape[1]} steps; this model was fitted on windows of {len(self.weights)}.")
        return past @ self.weights + self.bias

    def _lags(self, X: ArrayLike) -> np.ndarray:
        past, _ = _past(X, 1, at_least=self.n_lags or 1)
        return past[:, -self.n_lags :] if self.n_lags else past


def difference(values: ArrayLike, lag: int = 1) -> np.ndarray:
    """Each value minus the one ``lag`` steps before; (steps,) becomes (steps − lag,).

    >>> difference([1, 2, 4, 7, 11])
    array([1., 2., 3., 4.])
    """
    values = one_series("values", values, at_least=whole("lag", lag) + 1)
    return values[lag:] - values[:-lag]


def undo_difference(changes: ArrayLike, first: ArrayLike, lag: int = 1) -> np.ndarray:
    """The series whose ``difference`` is ``changes``: the inverse, given its ``first`` ``lag`` values.

    >>> undo_difference([1, 2, 3, 4], first=[1])
    array([ 1.,  2.,  4.,  7., 11.])
    """
    whole("lag", lag)
    changes = one_series("changes", changes, at_least=0)
    first = one_series("first", first, at_least=1)
    if len(first) != lag:
        raise ValueError(f"first holds {len(first)} values; expected the first {lag}, one for each phase of the lag.")
    values = np.concatenate([first, changes])
    for phase in range(lag):
        values[phase::lag] = np.cumsum(values[phase::lag])
    return values


class Rolling(NamedTuple):
    """What ``rolling_origin`` saw: ``origins`` (m,), ``y_true`` and ``y_pred`` (m, horizon)."""

    origins: np.ndarray
    y_true: np.ndarray
    y_pred: np.ndarray


def rolling_origin(values: ArrayLike, forecast: Forecaster, *, first: int, horizon: int, stride: int = 1) -> Rolling:
    """Forecast again and again from later origins, each time from all values before the origin and from no other.

    Args:
        values: (steps,).
        forecast: called as ``forecast(past, horizon)`` with ``past = values[:origin]``.
        first: index of the first value to be forecast.
        horizon: steps ahead.
        stride: steps from one origin to the next.

    >>> rolling_origin([1, 2, 4, 7, 11], naive, first=2, horizon=2).y_pred
    array([[2., 2.],
           [4., 4.]])
    """
    for name, value in (("first", first), ("horizon", horizon), ("stride", stride)):
        whole(name, value)
    values = one_series("values", values, at_least=first + horizon)
    origins = np.arange(first, len(values) - horizon + 1, stride)
    y_true = np.stack([values[origin : origin + horizon] for origin in origins])
    y_pred = np.stack([np.asarray(forecast(values[:origin], horizon), dtype=float) for origin in origins])
    if y_pred.shape != y_true.shape:
        raise ValueError(f"forecast returned {y_pred.shape[1:]} for each origin; expected ({horizon},).")
    return Rolling(origins, y_true, y_pred)


def _past(X: ArrayLike, horizon: int, *, at_least: int) -> tuple[np.ndarray, Callable[[np.ndarray], np.ndarray]]:
    """``X`` as (batch, steps), and the function that gives a forecast (batch, horizon) the rank that ``X`` asks for."""
    whole("horizon", horizon)
    past = finite("X", X)
    if past.ndim == 1:
        regular("X", getattr(X, "index", None))
    if past.ndim == 3 and past.shape[2] == 1:
        past = past[:, :, 0]
    if past.ndim not in (1, 2):
        raise ValueError(f"X has shape {past.shape}; expected (steps,), (batch, steps) or (batch, steps, 1).")
    one = past.ndim == 1
    past = np.atleast_2d(past)
    if past.shape[1] < at_least:
        raise ValueError(
            f"X has {past.shape[1]} steps; this forecast needs at least {at_least}. Give it a longer past."
        )
    return past, (lambda forecast: forecast[0]) if one else (lambda forecast: forecast)


def _steps(horizon: int) -> np.ndarray:
    return np.arange(1, horizon + 1)


def _with_bias(past: np.ndarray) -> np.ndarray:
    return np.column_stack([past, np.ones(len(past))])
