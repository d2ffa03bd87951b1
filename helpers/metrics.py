"""The errors by which all forecasts are judged; ``helpers.baselines`` hands them on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from helpers._validate import finite, one_series, whole


def mse(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Mean squared error, in squared units; the shapes must be equal, since NumPy would broadcast others silently.

    >>> mse([1, 2], [1, 4])
    2.0
    """
    y_true, y_pred = _pair(y_true, y_pred)
    return float(np.mean((y_true - y_pred) ** 2))


def mae(y_true: ArrayLike, y_pred: ArrayLike) -> float:
    """Mean absolute error, in the units of the values.

    >>> mae([1, 2], [1, 4])
    1.0
    """
    y_true, y_pred = _pair(y_true, y_pred)
    return float(np.mean(np.abs(y_true - y_pred)))


def mase(y_true: ArrayLike, y_pred: ArrayLike, train: ArrayLike, *, lag: int = 1) -> float:
    """Mean absolute error in units of the (seasonal) naive error on the training series (Hyndman and Koehler 2006).

    Args:
        y_true, y_pred: equal shapes.
        train: (steps,), the series before the forecasts.
        lag: 1 compares with naive, a season with seasonal naive.

    Returns:
        Below 1: better than naive was, one step ahead, on the training series.

    >>> mase([5], [6], train=[1, 3, 5])
    0.5
    """
    past = one_series("train", train, at_least=whole("lag", lag) + 1)
    scale = float(np.mean(np.abs(past[lag:] - past[:-lag])))
    if scale == 0:
        raise ValueError(f"the training series repeats itself exactly every {lag} steps; its naive error is 0.")
    return mae(y_true, y_pred) / scale


def error_by_horizon(
    y_true: ArrayLike, y_pred: ArrayLike, metric: Callable[[ArrayLike, ArrayLike], float] = mae
) -> np.ndarray:
    """``metric`` of each step ahead: (batch, horizon) twice becomes (horizon,).

    >>> error_by_horizon([[1, 2], [3, 4]], [[1, 3], [3, 1]])
    array([0., 2.])
    """
    y_true, y_pred = _pair(y_true, y_pred)
    if y_true.ndim != 2:
        raise ValueError(f"y_true has shape {y_true.shape}; expected (batch, horizon).")
    return np.array([metric(y_true[:, step], y_pred[:, step]) for step in range(y_true.shape[1])])


def _pair(y_true: ArrayLike, y_pred: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    y_true, y_pred = finite("y_true", y_true), finite("y_pred", y_pred)
    if y_true.shape != y_pred.shape or not y_true.size:
        raise ValueError(
            f"y_true has shape {y_true.shape} and y_pred {y_pred.shape}; expected equal shapes with values. "
            "NumPy would broadcast them and average over the wrong pairs."
        )
    return y_true, y_pred
