"""Checks of input that the forecasting helpers share: what was got, what was expected, what to do."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def finite(name: str, values: ArrayLike) -> np.ndarray:
    """``values`` as an array of finite floats of any rank, or an error that names it."""
    try:
        array = np.asarray(values, dtype=float)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{name} is not an array of numbers ({error}); convert or drop what is not numeric.") from None
    bad = array.size - np.count_nonzero(np.isfinite(array))
    if bad:
        raise ValueError(f"{name} holds {bad} values that are NaN or infinite; repair or drop them first.")
    return array


def series(name: str, values: ArrayLike, *, at_least: int = 1) -> np.ndarray:
    """``values`` as one series (steps,) of finite floats with at least so many steps."""
    array = finite(name, values)
    if array.ndim != 1:
        raise ValueError(f"{name} has shape {array.shape}; expected one series, (steps,).")
    if len(array) < at_least:
        raise ValueError(f"{name} has {len(array)} steps; expected at least {at_least}.")
    return array


def positive(name: str, value: int) -> int:
    """``value`` when it is a whole number of at least 1."""
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(f"{name} is {value!r}; expected a whole number of at least 1.")
    if value < 1:
        raise ValueError(f"{name} is {value}; expected at least 1.")
    return value
