"""ARIMA and seasonal ARIMA one step ahead, through statsmodels, which is imported when a forecast is asked for."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import ArrayLike

from helpers._validate import one_series


def sarima(
    train: ArrayLike,
    new: ArrayLike,
    *,
    order: tuple[int, int, int],
    seasonal_order: tuple[int, int, int, int] = (0, 0, 0, 0),
) -> np.ndarray:
    """Fit on ``train``, then forecast each value of ``new`` from everything before it, without fitting again.

    Args:
        train: (steps,), the values to fit on.
        new: (m,), the values that follow them.
        order: lags p, differences d, past errors q.
        seasonal_order: the same for lags that are multiples of the season, and the season's length. The state has
            about as many entries as the season, and the work grows with its cube: 7 and 24 are easy, 168 is not.

    Returns:
        (m,) forecasts one step ahead.

    Raises:
        TypeError, ValueError: values that are no finite series, a series shorter than the model needs, bad orders.

    Source: Durbin and Koopman (2012), Time Series Analysis by State Space Methods; the code is statsmodels'.

    >>> wave = np.sin(np.arange(60))  # a sine is a regression on its last two values
    >>> bool(np.abs(sarima(wave[:50], wave[50:], order=(2, 0, 0)) - wave[50:]).max() < 0.01)
    True
    """
    train, new = one_series("train", train), one_series("new", new)
    _check_orders(order, seasonal_order, len(train))
    from statsmodels.tsa.statespace.kalman_filter import MEMORY_CONSERVE, MEMORY_NO_FORECAST_MEAN
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    def model(values: np.ndarray) -> SARIMAX:
        # Differencing outside the state halves its entries, and keeping one matrix per hour less saves a gigabyte: a
        # season of 24 is fitted in seconds and 0.1 GB instead of a minute and 1.4 GB.
        made = SARIMAX(values, order=order, seasonal_order=seasonal_order, simple_differencing=True)
        made.ssm.set_conserve_memory(MEMORY_CONSERVE & ~MEMORY_NO_FORECAST_MEAN)
        return made

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about starting values and the last digits of the likelihood
        parameters = model(train).fit(disp=False).params
        filtered = model(np.concatenate([train, new])).filter(parameters)
    errors = filtered.resid[-len(new) :]  # a difference is off by as much as the value itself
    return new - errors


def _check_orders(order: tuple[int, ...], seasonal_order: tuple[int, ...], n_steps: int) -> None:
    for name, value, length in (("order", order, 3), ("seasonal_order", seasonal_order, 4)):
        if len(value) != length or any(not hasattr(part, "__index__") or part < 0 for part in value):
            raise ValueError(f"{name} is {value!r}; expected {length} whole numbers of at least 0.")
    seasonal, season = max(seasonal_order[:3]), seasonal_order[3]
    if seasonal and season < 2:
        raise ValueError(f"seasonal_order is {seasonal_order!r}; its last number, the season, must be at least 2.")
    needed = sum(order) + sum(seasonal_order[:3]) * season + 2
    if n_steps < needed:
        raise ValueError(f"train has {n_steps} steps; a model of order {order} × {seasonal_order} needs {needed}.")
