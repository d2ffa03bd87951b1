"""Checks of input that all helpers share: what was got, what was expected, what to do."""

from __future__ import annotations

import operator
import sys
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

#: What a series with missing values or rows needs.
REPAIR = "Repair them first, looking backwards only, as load_traffic() does."
#: Steps of the calendar that are not equally long: month starts, month ends, business days.
CALENDAR = ("MS", "ME", "B")


def whole(name: str, value: Any, lowest: int = 1, highest: int | None = None) -> int:
    """``value`` as a Python int from ``lowest`` to ``highest``.

    Raises:
        TypeError: it is not a whole number.
        ValueError: it is outside the range.

    >>> whole("length", np.int64(3))
    3
    """
    wanted = f"a whole number of at least {lowest}" + (f" and at most {highest}" if highest is not None else "")
    try:
        if isinstance(value, bool | np.bool_):
            raise TypeError
        number = operator.index(value)
    except TypeError:
        raise TypeError(
            f"{name} is {value!r} ({type(value).__name__}); expected {wanted}; convert it: int(...)."
        ) from None
    if number < lowest or (highest is not None and number > highest):
        raise ValueError(f"{name} is {number}; expected {wanted}. Change {name}.")
    return number


def one_of(name: str, value: object, choices: tuple[str, ...]) -> None:
    """Raise ValueError where ``value`` is none of the choices."""
    if value not in choices:
        raise ValueError(f"{name} is {value!r}; expected one of {', '.join(map(repr, choices))}.")


def numeric(name: str, values: object) -> np.ndarray:
    """``values`` as an array of real numbers, which may be NaN.

    Raises:
        TypeError: they are not numeric; of a frame, the columns are named.
        ValueError: rows have different lengths.
    """
    pd = sys.modules.get("pandas")  # before it is loaded, nothing can be a frame
    if pd and isinstance(values, pd.DataFrame):
        others = [str(column) for column, kind in values.dtypes.items() if not pd.api.types.is_numeric_dtype(kind)]
        if others:
            raise TypeError(f"{name} has columns that are not numeric: {', '.join(others)}; drop or encode them.")
        return values.to_numpy(dtype=float, na_value=np.nan)
    try:
        array = np.asarray(values)
    except ValueError:
        raise ValueError(f"{name} has rows of different lengths; expected equal rows: cut or pad.") from None
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} holds {array.dtype} values; expected real numbers: convert them first.")
    return array


def no_gaps(name: str, array: np.ndarray) -> None:
    """Raise ValueError where an array of numbers holds NaN or infinite values."""
    bad = int(np.count_nonzero(~np.isfinite(array)))
    if bad:
        raise ValueError(f"{name} holds {bad} values that are NaN or infinite; expected finite numbers. {REPAIR}")


def finite(name: str, values: ArrayLike) -> np.ndarray:
    """``values`` as an array of finite floats of any rank.

    Raises:
        TypeError: they are not numbers.
        ValueError: some are NaN or infinite.
    """
    try:
        array = np.asarray(values, dtype=float)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{name} is not an array of numbers ({error}); convert or drop what is not numeric.") from None
    no_gaps(name, array)
    return array


def one_series(name: str, values: ArrayLike, *, at_least: int = 1) -> np.ndarray:
    """``values`` as one series (steps,) of finite floats with at least so many steps; a pandas index must be regular.

    Raises:
        TypeError: they are not numbers.
        ValueError: NaN, another rank, too few steps, or an index with holes, see ``regular``.
    """
    array = finite(name, values)
    if array.ndim != 1:
        raise ValueError(f"{name} has shape {array.shape}; expected one series, (steps,).")
    if len(array) < at_least:
        raise ValueError(f"{name} has {len(array)} steps; expected at least {at_least}.")
    regular(name, getattr(values, "index", None))
    return array


def regular(name: str, index: Any, *, advice: str = "") -> None:
    """Look whether a pandas index goes on by one step: no holes, no doubles, in order.

    Times, periods, time differences and whole numbers are looked at; an index of names, or none, counts nothing and
    passes. Month starts, month ends and business days are regular, though they are not equally far apart.

    Args:
        name: what the index belongs to, such as "values"; begins the message.
        index: a pandas index, or anything else.
        advice: what else can be done about a hole, as a sentence.

    Raises:
        ValueError: the index is not regular; the message names the first place and says what to do.

    >>> import pandas as pd
    >>> regular("values", pd.to_datetime(["2024-01-01 00:00", "2024-01-01 01:00", "2024-01-01 02:00"]))
    """
    found = breaks(name, index)
    if not len(found):
        return
    places, unit = _places(index)
    steps, first = np.diff(places), found[0]
    step = _usual(steps)
    before, after = index[first - 1], index[first]
    missing = np.where(steps % step == 0, steps // step - 1, 0)
    extra = f" {advice}" if advice else ""
    if not unit:
        raise ValueError(
            f"{name} has a hole: after row {before} of its index comes row {after}, though the step is {step}. Put the "
            f"missing rows back and repair them, or, where the index counts no steps, pass .to_numpy().{extra}"
        )
    length = _step_name(int(step), unit, index)
    if missing[first - 1]:
        make = f".reindex(pd.period_range({str(index[0])!r}, {str(index[-1])!r}, freq={length!r}))"
        raise ValueError(
            f"{name} has a hole: after {before} comes {after}, though the step is {length!r}; missing rows there: "
            f"{missing[first - 1]}, in all: {missing.sum()}. Make them with "
            f"{make if unit == 'period' else f'.asfreq({length!r})'} and repair them, looking backwards only.{extra}"
        )
    raise ValueError(
        f"{name} has no regular step: after {before} comes {after}, though most steps are {length!r}. Bring it to one "
        f"step, as .resample({length!r}).mean() does, and repair the empty ones, looking backwards only.{extra}"
    )


def breaks(name: str, index: Any) -> np.ndarray:
    """Places of the rows that do not follow the row before by the usual step; none where ``regular`` passes.

    Raises:
        ValueError: the index is not in order, or holds doubles or missing times.
    """
    if not _counts(index):
        return np.array([], dtype=int)
    if index.hasnans:
        raise ValueError(f"the index of {name} holds {int(index.isna().sum())} missing times; drop those rows.")
    if index.has_duplicates:
        doubles = index.duplicated()
        raise ValueError(
            f"the index of {name} holds {index[doubles][0]} twice ({int(doubles.sum())} doubles in all); look why, and "
            "keep one of each: frame[~frame.index.duplicated()]."
        )
    if not index.is_monotonic_increasing:
        raise ValueError(f"the index of {name} is not in increasing order; sort it with .sort_index().")
    if len(index) < 3:
        return np.array([], dtype=int)
    steps = np.diff(_places(index)[0])
    return np.flatnonzero(steps != _usual(steps)) + 1


def _counts(index: object) -> bool:
    """Whether ``index`` is a pandas index that counts steps."""
    pd = sys.modules.get("pandas")
    if not pd or not isinstance(index, pd.Index) or isinstance(index, pd.MultiIndex):
        return False
    return _is_time(index) or pd.api.types.is_integer_dtype(index.dtype)


def _is_time(index: Any) -> bool:
    return index.dtype.kind in "mM" or hasattr(index.dtype, "freq")  # times, also with a zone, or periods


def _usual(steps: np.ndarray) -> Any:
    """The most frequent step, of equally frequent ones the smallest."""
    kinds, counts = np.unique(steps, return_counts=True)
    return kinds[np.argmax(counts)]


def _places(index: Any) -> tuple[np.ndarray, str]:
    """Where each row stands, in whole numbers that grow by one amount where the index is regular, and their unit.

    The unit is "ns", one of ``CALENDAR``, "period", or "" for an index of numbers.
    """
    import pandas as pd

    if not _is_time(index):
        return index.to_numpy(), ""
    if isinstance(index, pd.PeriodIndex):
        return index.asi8, "period"
    places = index.as_unit("ns").asi8
    if isinstance(index, pd.TimedeltaIndex) or _usual(np.diff(places)) < pd.Timedelta(days=1).value:
        return places, "ns"
    times = index.tz_localize(None)  # a day is a day, also where the clocks change
    for unit in CALENDAR:
        on_calendar = pd.date_range(times[0], times[-1], freq=unit).get_indexer(times)
        if (on_calendar >= 0).all():
            return on_calendar, unit
    return times.as_unit("ns").asi8, "ns"


def _step_name(step: int, unit: str, index: Any) -> str:
    """The step as pandas writes it, such as "h", "15min", "D" or "3MS"."""
    import pandas as pd

    if unit == "ns" and step % pd.Timedelta(days=1).value:
        return pd.tseries.frequencies.to_offset(pd.Timedelta(step)).freqstr
    if unit == "ns":
        step, unit = step // pd.Timedelta(days=1).value, "D"
    if unit == "period":
        unit = index.freqstr
    return unit if step == 1 else f"{step}{unit}"
