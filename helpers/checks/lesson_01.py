"""Checks of lesson 01: sequences, windows and leaks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from helpers import runtime
from helpers.checks.base import NotYet, Wrong, as_array, as_number, brief, call, check_of
from helpers.series import load_traffic


@check_of(
    "01.1",
    "how many windows",
    hints=[
        "Where may the first window start, and where the last? Both must leave room for length + horizon steps.",
        "The last start is n - length - horizon. From 0 to there, in steps of stride: how many starts are that?",
        "return (n - length - horizon) // stride + 1. The + 1 is the window that starts at 0.",
    ],
)
def ex_01_1(answer: Any) -> str:
    """``count_windows(n, length, horizon, stride)``."""
    sizes = ((10, 4, 2, 1), (17_520, 168, 24, 24), (51, 50, 1, 1), (100, 7, 3, 8), (20, 5, 2, 7))
    for n, length, horizon, stride in sizes:
        where = f"n = {n:,}, length = {length}, horizon = {horizon}, stride = {stride}"
        got = as_number(call(answer, n, length, horizon, stride), f"the count for {where}")
        expected = len(range(0, n - length - horizon + 1, stride))
        if got == expected:
            continue
        mistakes = {
            expected - 1: "one is missing: the window that starts at 0 counts too, so add 1",
            (n - length) // stride + 1: "the horizon is forgotten: the last window must leave room for its targets",
            n // stride: "that is n // stride, which lets windows run past the end: length and horizon must fit",
            (n - length - horizon) + 1: "the stride is forgotten: not every step starts a window",
            expected + 1: "one too many: the last window runs past the end, so round down with //",
        }
        if got != int(got):
            mistakes = {int(got): "a count is whole: divide with //"}
        why = mistakes.get(int(got), "list the starts on paper for n = 10, length = 4, horizon = 2, stride = 1")
        raise Wrong(f"for {where} expected {expected:,}, got {brief(got)}; {why}")
    return "Two years of hours hold 723 windows of a week, one a day, each with a day to forecast."


@check_of(
    "01.2",
    "windows with a horizon",
    hints=[
        "Window i starts at step i. Its inputs are length steps; its targets are the horizon steps after them.",
        "There are len(series) - length - horizon + 1 windows. Slice series[i : i + length] for the inputs of each.",
        "X = np.stack([series[i : i + length] for i in range(m)])[..., np.newaxis]; the targets are "
        "series[i + length : i + length + horizon].",
    ],
)
def ex_01_2(answer: Any) -> str:
    """``make_windows(series, length, horizon)`` -> X (m, length, 1), y (m, horizon)."""
    sizes = ((8, 3, 1), (10, 4, 2), (60, 50, 10), (5, 1, 1))
    cases = [(f"0 … {n - 1}", np.arange(float(n)), length, horizon) for n, length, horizon in sizes]
    mixed = np.random.default_rng(1).permutation(np.arange(9.0))  # above, a value and its position are the same
    cases.append((", ".join(f"{value:.0f}" for value in mixed), mixed, 4, 2))
    for name, values, length, horizon in cases:
        m = len(values) - length - horizon + 1
        at = np.arange(m)[:, np.newaxis] + np.arange(length + horizon)  # positions, one window a row
        where = f"series {name}, length {length}, horizon {horizon}"
        X, y = _windows(call(answer, values.copy(), length, horizon), m, length, horizon, where)
        if values is mixed and (np.array_equal(X, at[:, :length]) or np.array_equal(y, at[:, length:])):
            raise Wrong(f"for {where} these are the positions; take the values at them")
        if not np.array_equal(X, values[at[:, :length]]):
            raise Wrong(f"for {where} expected the first window {brief(values[:length])}, got {brief(X[0])}")
        if np.array_equal(y[:, 0], X[:, -1]):
            raise Wrong(
                f"for {where} the first target {brief(y[0, 0])} is the last input: your model could copy it; targets "
                f"start at step i + length"
            )
        if not np.array_equal(y, values[at[:, length:]]):
            raise Wrong(f"for {where} expected the first targets {brief(values[at[0, length:]])}, got {brief(y[0])}")
    return "Each target stands one step after the last input, and none beyond the end of the series."


@check_of(
    "01.3",
    "undo a difference",
    hints=[
        "A difference says how far a value is from the one lag steps before. Which value do you need to know first?",
        "Write the result step by step: result[t + lag] = d[t] + result[t]. The first lag values are given.",
        "result = list(first); then for change in d: result.append(result[-lag] + change).",
    ],
)
def ex_01_3(answer: Any) -> str:
    """``undo_difference(d, first, lag)`` gives the series back, its first values included."""
    random = np.random.default_rng(1)
    for lag, n in ((1, 6), (24, 80), (168, 400)):
        values = random.integers(0, 5000, n).astype(float)
        first, d = values[:lag], values[lag:] - values[:-lag]
        where = f"lag {lag} and a series of {n} steps"
        got = _whole_array(call(answer, d.copy(), first.copy(), lag), "the result", where)
        if got.shape == (n - lag,):
            raise Wrong(f"for {where} the result has {n - lag} steps, expected {n}: first belongs to it too")
        got = as_array(got, (n,), f"for {where} the result")
        if np.allclose(got, values):
            continue
        if np.allclose(got[lag:], np.cumsum(d) + first[-1]) or np.allclose(got[lag:], np.cumsum(d) + first[0]):
            raise Wrong(
                f"for {where} the differences are summed with cumsum, which undoes lag 1 only: add result[t - lag]"
            )
        if np.allclose(got[lag : 2 * lag], values[lag : 2 * lag]):
            raise Wrong(
                f"for {where} the result is right up to step {2 * lag - 1} and then not: the first values are added "
                "once, but each step stands on the result lag steps before it"
            )
        at = int(np.flatnonzero(~np.isclose(got, values))[0])
        raise Wrong(f"for {where} expected {brief(values[at])} at step {at}, got {brief(got[at])}")
    return "Lag 1, 24 and 168 come back to the digit; lesson 02 forecasts differences and undoes them so."


@check_of(
    "01.4",
    "how much leaks",
    hints=[
        "Mark in one array of hours which occur in a training window, in another which are targets of a test window.",
        "A training window that starts at s holds the hours s to s + length + horizon - 1, inputs and targets. The "
        "targets of a test window are the last horizon of these.",
        "seen = np.zeros(len(values), bool), then seen[s : s + length + horizon] = True for each training start; the "
        "targets of the test are marked in the same way. The count is (seen & target).sum(), once for each split.",
    ],
)
def ex_01_4(answer: Any) -> str:
    """How many test target hours a training window holds: (random split, split by time)."""
    if answer is ... or (isinstance(answer, tuple | list) and any(value is ... for value in answer)):
        raise NotYet
    at_random, by_time = (float(value) for value in as_array(answer, (2,), "the pair (random, by time)"))
    right, mistakes = _leaks()
    if at_random == 0:
        raise Wrong(
            "for the random split expected most of the test target hours, got 0: 192 windows share each hour, and four "
            "of five of these are for training"
        )
    if 0 < at_random <= 1:
        raise Wrong(
            f"for the random split expected a number of hours, got {at_random:g}: a share says less than a count"
        )
    if at_random != right:
        why = mistakes.get(at_random, "mark the hours of all training windows, inputs and targets, and count each once")
        raise Wrong(f"for the random split got {at_random:,.0f} hours; {why}")
    if by_time == right:
        raise Wrong(f"for the split by time got {by_time:,.0f} hours: that is the random split again")
    if by_time != 0:
        why = "every target of the test lies after every hour of training"
        if by_time == 168:
            why = "these are the test windows' inputs: they may lie in the past, only the targets must not be seen"
        raise Wrong(f"for the split by time expected 0 hours, got {by_time:,.0f}; {why}")
    return f"At random {right:,} test target hours are known from training; by time none is."


@check_of(
    "01.5",
    "the noise floor",
    hints=[
        "The best forecast is right but for the noise, so its mean squared error is the mean square of the noise.",
        "a · (rand - 1/2) lies evenly between -a/2 and a/2. The mean of u² over that interval is an integral.",
        "(1/a) times the integral of u² from -a/2 to a/2 is (1/a) · 2 · (a/2)³ / 3 = a² / 12.",
    ],
)
def ex_01_5(answer: Any) -> str:
    """``noise_floor(a)`` of noise a · (rand - 1/2)."""
    mistakes: dict[str, Callable[[float], float]] = {
        "(a/2)² is the square of the largest deviation; most are smaller, so average the squares": lambda a: a**2 / 4,
        "a²/3 is the mean square of a · rand, from 0 to a; the - 1/2 centres the noise on 0": lambda a: a**2 / 3,
        "that is the standard deviation; the mean squared error is its square": lambda a: a / np.sqrt(12),
        "a² is the square of the whole width; the noise is nowhere that large": lambda a: a**2,
        "a/12 grows with a, but doubling the noise makes its square four times as large": lambda a: a / 12,
    }
    for a in (0.1, 1.0, 3.0):
        got = as_number(call(answer, a), f"the floor for a = {a}")
        if np.isclose(got, a**2 / 12, rtol=1e-6):
            continue
        why = "the mean of u² for u even between -a/2 and a/2 is wanted"
        for mistake, formula in mistakes.items():
            if all(np.isclose(as_number(call(answer, b)), formula(b), rtol=1e-3) for b in (0.1, 3.0)):
                why = mistake
        raise Wrong(f"for a = {a} expected {a**2 / 12:.6f}, got {brief(got)}; {why}")
    return "For a = 0.1 it is 0.000833: a forecaster with a smaller error on new series has seen the answers."


def _windows(result: Any, m: int, length: int, horizon: int, where: str) -> tuple[np.ndarray, np.ndarray]:
    """X without its feature axis, (m, length), and y (m, horizon), once their shapes are right."""
    if not isinstance(result, tuple | list) or len(result) != 2:
        raise Wrong(f"for {where} expected two arrays, X and y, got {brief(result)}")
    X, y = (_whole_array(part, name, where) for part, name in zip(result, "Xy", strict=True))
    if X.shape == (m, length):
        raise Wrong(
            f"for {where} X has shape {X.shape}, expected {(m, length, 1)}: the feature axis is missing, add "
            "[..., np.newaxis]"
        )
    if len(X) == m + 1:
        raise Wrong(f"for {where} expected {m} windows, got {len(X)}: the last window runs past the end")
    return as_array(X, (m, length, 1), f"for {where} X")[..., 0], as_array(y, (m, horizon), f"for {where} y")


def _leaks() -> tuple[int, dict[float, str]]:
    """For the lesson's random split: how many test target hours training windows hold, and what else one may count."""
    length, horizon, n_hours = 168, 24, len(load_traffic())
    mixed = np.random.default_rng(runtime.seed).permutation(n_hours - length - horizon + 1)
    test, train = np.split(mixed, [len(mixed) // 5])

    def held(starts: np.ndarray, begin: int, end: int) -> np.ndarray:
        hours = np.zeros(n_hours, bool)
        hours[starts[:, np.newaxis] + np.arange(begin, end)] = True
        return hours

    seen, target = held(train, 0, length + horizon), held(test, length, length + horizon)
    right = int((seen & target).sum())
    mistakes: dict[float, str] = {
        len(test): "that is how many windows the test has; count their target hours",
        len(test) * horizon: "the test windows share target hours; count each hour once",
        int(target.sum()): "these are all target hours of the test; count those that a training window holds too",
        int(seen.sum()): "these are the hours of the training windows; count those that are test targets too",
        int((seen & held(test, 0, length)).sum()): "these are inputs of the test windows; count their targets",
        int((held(train, 0, length) & target).sum()): "a training window holds its targets too, not only its inputs",
    }
    mistakes.pop(right, None)
    return right, mistakes


def _whole_array(value: Any, name: str, where: str) -> np.ndarray:
    """``value`` as a float array of any shape."""
    try:
        return np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise Wrong(f"for {where} expected an array of numbers for {name}, got {brief(value)}") from None
