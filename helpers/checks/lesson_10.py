"""Checks of lesson 10: a real series."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from helpers import series
from helpers.checks.base import NotYet, Wrong, as_array, as_number, brief, call, check_of

#: Of the candidates of exercise 10.1: whether it may be used, and why.
CANDIDATES = {
    "a": (True, "the clock and the week are known for years ahead"),
    "b": (True, "holidays stand in the calendar"),
    "c": (False, "it is measured eight hours after midnight, and no forecaster has it then"),
    "d": (True, "a forecast issued at 18:00 is there at midnight, unlike the weather itself"),
    "e": (True, "it was counted seven days before"),
    "f": (False, "mean and deviation of all two years know the validation and test months"),
    "g": (True, "it was counted sixteen hours before midnight"),
    "h": (False, "a gap filled from both sides uses the hour after it, which lies beyond midnight"),
}


@check_of(
    "10.1",
    "what is known at midnight",
    hints=[
        "Ask of each: at midnight, could somebody have written this number down?",
        "Five of the eight may be used. A forecast is not the thing that it forecasts.",
        "Of the statistics in f, and of the repair in h, ask which hours they look at.",
    ],
)
def ex_10_1(answer: Any) -> str:
    """The letters of the inputs that may be used."""
    if answer is ... or answer is None:
        raise NotYet
    if isinstance(answer, str):
        answer = set(answer.replace(",", " ").replace(" ", ""))
    if not isinstance(answer, (set, frozenset, list, tuple)) or not answer or not all(type(x) is str for x in answer):
        raise Wrong(f"expected letters such as {{'a', 'c'}}, got {brief(answer)}")
    given = {letter.strip().lower() for letter in answer}
    if unknown := given - set(CANDIDATES):
        raise Wrong(f"there is no input {', '.join(sorted(unknown))}; the letters go from a to h")
    for letter, (allowed, why) in CANDIDATES.items():
        if letter in given and not allowed:
            raise Wrong(f"{letter} must not be used: {why}")
    for letter, (allowed, why) in CANDIDATES.items():
        if letter not in given and allowed:
            raise Wrong(f"{letter} may be used as well: {why}")
    return "Five of eight. The other three make a model look good, and only on paper."


@check_of(
    "10.2",
    "scale by the training months",
    hints=[
        "Mean and standard deviation of the first n_train rows, one of each per column: axis=0.",
        "The column snow is 0 throughout, so its deviation is 0. What is 0 divided by 0? Divide by 1 there.",
        "mean = values[:n_train].mean(axis=0); std = values[:n_train].std(axis=0); "
        "return (values - mean) / np.where(std == 0, 1, std)",
    ],
)
def ex_10_2(answer: Any) -> str:
    """``scale(values, n_train)`` on random columns, one of them constant."""
    random = np.random.default_rng(10)
    for n_rows, n_train in ((50, 30), (400, 100)):
        values = random.normal(size=(n_rows, 3)) * [5.0, 0.1, 1.0] + [100.0, 0.0, -3.0]
        values[n_train:] += [4.0, 0.3, 2.0]  # later months are higher
        values = np.column_stack([values, np.zeros(n_rows)])
        where = f"{n_rows} rows, {n_train} of them for training"
        mean, std = values[:n_train].mean(axis=0), values[:n_train].std(axis=0)
        expected = (values - mean) / np.where(std == 0, 1, std)
        with np.errstate(all="ignore"):
            result = call(answer, values, n_train)
        scaled = as_array(result, values.shape, f"for {where}, the result")
        if np.allclose(scaled, expected):
            continue
        if not np.isfinite(scaled).all():
            raise Wrong(
                f"for {where} the constant column became {brief(scaled[0, 3])}; its deviation is 0: divide by 1 there"
            )
        spread = np.where(values.std(axis=0) == 0, 1, values.std(axis=0))
        sample = values[:n_train].std(axis=0, ddof=1)
        mistakes = {
            "mean and deviation are those of all rows, so the training knows later months": (
                values - values.mean(axis=0)
            )
            / spread,
            "each part was scaled by its own months: the jump between them is gone, and with it the truth": np.vstack(
                [_standard(values[:n_train]), _standard(values[n_train:])]
            ),
            "one mean and one deviation for all columns; take axis=0": (values - values[:n_train].mean())
            / values[:n_train].std(),
            "the deviation is divided by n − 1; take NumPy's default here": (values - mean)
            / np.where(sample == 0, 1, sample),
            "the mean is not subtracted": values / np.where(std == 0, 1, std),
        }
        for mistake, wrong in mistakes.items():
            if np.allclose(scaled, wrong):
                raise Wrong(f"for {where}, {mistake}")
        raise Wrong(f"for {where} expected the first row {brief(expected[0])}, got {brief(scaled[0])}")
    return "Training columns have mean 0 and deviation 1, later months need not."


#: Of exercise 10.3: what the network says for its quantiles.
SAID = {0.1: 3000.0, 0.5: 3500.0, 0.9: 4500.0}
ITEMS = ("the loss of 3,000", "the loss of 3,500", "the loss of 4,500", "the mean")


@check_of(
    "10.3",
    "pinball losses by hand",
    hints=[
        "Each forecast is compared with what came. Was it too low or too high, and by how much?",
        "Too low costs q times the difference, too high costs (1 − q) times it. No loss is negative.",
        "If 4,900 come, the 0.1 quantile is 1,900 too low: 0.1 · 1,900. If 2,800 come, it is 200 too high: 0.9 · 200.",
    ],
)
def ex_10_3(answer: Any) -> str:
    """Two groups of four numbers: the three losses and their mean, if 4,900 come and if 2,800 come."""
    try:
        groups = list(answer)
    except TypeError:
        groups = []
    if len(groups) != 2:
        raise Wrong(f"expected two groups of four numbers, got {brief(answer)}")
    if any(group is ... or group is None for group in groups):
        raise NotYet
    for came, group in zip((4900.0, 2800.0), groups, strict=True):
        _hold_losses(came, group)
    return "A vehicle too few costs the 0.9 quantile nine times what a vehicle too many costs it."


def _hold_losses(came: float, group: Any) -> None:
    where = f"if {came:,.0f} come"
    try:
        values = [as_number(value, name) for value, name in zip(group, ITEMS, strict=True)]
    except (TypeError, ValueError):
        raise Wrong(f"{where}: expected four numbers, three losses and their mean; got {brief(group)}") from None
    q, miss = np.array(list(SAID)), came - np.array(list(SAID.values()))
    right = np.maximum(q * miss, (q - 1) * miss)
    mistakes = {
        "both sides are weighed by q; a forecast that is too high costs 1 − q times the difference": q * np.abs(miss),
        "the sides are exchanged: too low costs q times the difference, too high 1 − q times it": np.maximum(
            (1 - q) * miss, -q * miss
        ),
        "those are the absolute differences, not yet weighed by the quantile": np.abs(miss),
        "a loss is never negative: take the larger of the two products": np.minimum(q * miss, (q - 1) * miss),
        "a forecast that is too high must cost something, too": np.maximum(q * miss, 0),
    }
    given = np.array(values[:3])
    for mistake, wrong in mistakes.items():
        if np.allclose(given, wrong, atol=0.5) and not np.allclose(wrong, right, atol=0.5):
            raise Wrong(f"{where}, {mistake}")
    for name, value, expected in zip(ITEMS, values, [*right, right.mean()], strict=True):
        if abs(value - expected) < 0.5:
            continue
        if name == "the mean" and abs(value - right.sum()) < 0.5:
            raise Wrong(f"{where}, {value:g} is the sum of the three losses; divide it by three")
        raise Wrong(f"{where}, {name} is not {value:g}")


@check_of(
    "10.4",
    "how many weeks",
    hints=[
        "A loop over weeks from 1 to 20 around `weekly_median`, scored by `day_error`.",
        "day_error(weekly_median(valid_days, weeks), valid_days) is the error of one number of weeks.",
        "errors = {weeks: day_error(weekly_median(valid_days, weeks), valid_days) for weeks in range(1, 21)}; "
        "min(errors, key=errors.get)",
    ],
)
def ex_10_4(answer: Any) -> str:
    """The number of weeks, 1 to 20, whose median has the smallest error on the validation days."""
    value = as_number(answer)
    if value != int(value) or not 1 <= value <= 20:
        raise Wrong(f"got {value:g}; expected a whole number of weeks from 1 to 20")
    weeks = int(value)
    valid, test, means = (
        _errors_by_weeks(*what) for what in (("valid", "median"), ("test", "median"), ("valid", "mean"))
    )
    best = 1 + int(np.argmin(valid))
    if weeks == best:
        return f"{weeks} weeks have {valid[best - 1]:.0f}; from 7 weeks on the curve is flat, so nothing hangs on it."
    if weeks == 1 + int(np.argmin(test)):
        raise Wrong(
            f"{weeks} weeks are best on the test months. You looked: what was chosen by the test is no test any more"
        )
    if weeks == 1 + int(np.argmin(means)):
        raise Wrong(f"{weeks} weeks are best for the mean, {means[weeks - 1]:.1f}; the question is the median's")
    raise Wrong(f"{weeks} weeks have {valid[weeks - 1]:.1f} in the validation months; another number has less")


def _standard(values: np.ndarray) -> np.ndarray:
    std = values.std(axis=0)
    return (values - values.mean(axis=0)) / np.where(std == 0, 1, std)


@cache
def _errors_by_weeks(months: str, kind: str) -> np.ndarray:
    """Mean absolute error from midnight, over 24 hours, of the median or mean of 1 to 20 weeks."""
    frame = series.load_traffic()
    parts = series.split_by_time(frame, "2018-01-01", "2018-05-01")
    first = len(parts.train) if months == "valid" else len(frame) - len(parts.test)
    n_days = len(parts.valid if months == "valid" else parts.test) // 24
    ahead = first + np.arange(24 * n_days)
    traffic, scored = frame["traffic"].to_numpy(), ~frame["missing"].to_numpy()[ahead]
    weeks = np.stack([traffic[ahead - 168 * k] for k in range(1, 21)])
    middle: Callable[..., np.ndarray] = np.median if kind == "median" else np.mean
    return np.array([np.abs(middle(weeks[:k], axis=0) - traffic[ahead])[scored].mean() for k in range(1, 21)])
