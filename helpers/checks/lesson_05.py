"""Checks of lesson 05: multi-step forecasting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from helpers.checks.base import NotYet, Wrong, as_array, as_number, brief, call, check_of


@check_of(
    "05.1",
    "targets for chosen steps ahead",
    hints=[
        "Write down what the first row must be: at time step 0 the model has seen value 0; one step ahead is value 1.",
        "For one number of steps ahead, h, the targets of all n_steps time steps are one slice: h to h + n_steps.",
        "np.stack([series[:, h : h + n_steps, 0] for h in ahead], axis=-1)",
    ],
)
def ex_05_1(answer: Any) -> str:
    """``sequence_targets(series, n_steps, ahead)`` on counting series."""
    for n_steps, ahead, batch in ((50, list(range(1, 11)), 2), (50, [1, 5, 10], 3), (4, [2, 3], 1)):
        total = n_steps + max(ahead)
        values = (np.arange(total) + 100 * np.arange(batch)[:, np.newaxis])[..., np.newaxis].astype(np.float32)
        where = f"values 0, 1, … {total - 1}, n_steps={n_steps}, ahead={ahead if len(ahead) < 6 else '1 … 10'}"
        expected = np.stack([values[:, h : h + n_steps, 0] for h in ahead], axis=-1)
        got = np.asarray(call(answer, values, n_steps, ahead))
        if got.shape != expected.shape and sorted(got.shape) == sorted(expected.shape):
            raise Wrong(f"for {where} the axes are exchanged: expected (batch, time step, step ahead), got {got.shape}")
        got = as_array(got, expected.shape, f"for {where}, the result")
        if np.array_equal(got, expected):
            continue
        first = f"for {where} expected Y[0, 0] = {brief(expected[0, 0])}, got {brief(got[0, 0])}"
        if np.array_equal(got, expected - 1):
            raise Wrong(f"{first}; one step ahead of step t is step t + 1: your target starts at its own step")
        if np.array_equal(got, expected[..., ::-1]):
            raise Wrong(f"{first}; the steps ahead run backwards")
        if np.array_equal(got, expected + 1):
            raise Wrong(f"{first}; that is one step too far ahead")
        if np.array_equal(got[:1], expected[:1]):
            raise Wrong(f"for {where} the first series is right and the others are not: take every row of the batch")
        raise Wrong(first)
    return "Every time step has its own targets: Y[i, t, k] is the value ahead[k] steps after step t."


@check_of(
    "05.2",
    "iterate a model that gives several steps",
    hints=[
        "Keep one array that grows: the past first, then every forecast. The model gets only its last n_steps values.",
        "A forecast has shape (batch, k), the array (batch, steps, 1): add an axis, then concatenate along axis 1.",
        "while it is too short: path = np.concatenate([path, model(path[:, -n_steps:])[..., np.newaxis]], axis=1); at "
        "the end path[:, n_steps : n_steps + horizon, 0].",
    ],
)
def ex_05_2(answer: Any) -> str:
    """``iterate(model, X, horizon)`` on models that one can compute by hand."""
    random = np.random.RandomState(5)
    X = random.rand(3, 5, 1)
    for name, model, horizon in (
        ("2 · last − before", lambda window: 2 * window[:, -1] - window[:, -2], 4),
        ("the mean of the window", lambda window: window.mean(axis=1), 6),
        ("three steps along the last slope", _three_steps, 7),
    ):
        expected = _iterate(model, X, horizon)
        given: list[tuple[int, ...]] = []
        got = np.asarray(call(answer, _watched(model, given), X, horizon))
        where = f"the model '{name}' and {horizon} steps"
        if got.shape == (*expected.shape, 1):
            raise Wrong(f"for {where} the result has shape {got.shape}; expected {expected.shape}: drop the last axis")
        got = as_array(got, expected.shape, f"for {where} the result")
        if np.allclose(got, expected, atol=1e-5):
            continue
        first = f"for {where} expected {brief(expected[0])}, got {brief(got[0])}"
        if any(shape[1] > X.shape[1] for shape in given):
            raise Wrong(f"{first}; the window grew to {max(s[1] for s in given)} steps: it must slide")
        if np.allclose(got, _stuck(model, X, horizon), atol=1e-5):
            raise Wrong(f"{first}; all comes from the first window: feed the forecasts back")
        if name.startswith("three") and np.allclose(got, _iterate(_first_of_three_steps, X, horizon), atol=1e-5):
            raise Wrong(f"{first}; only the first of the model's three steps is used")
        if name.startswith("three") and len(given) > 3:
            raise Wrong(f"{first}; the model gives three steps a call, so three calls are enough, got {len(given)}")
        raise Wrong(first)
    return "It slides by as many steps as the model gives: with ten a call, an iterated and a direct forecast are one."


@check_of(
    "05.3",
    "error of the last time step, by step ahead",
    hints=[
        "Three axes: series, time step, step ahead. Which one is cut, which one is averaged, which one stays?",
        "Cut the time steps to the last, [:, -1]. What is left has shape (batch, horizon); average over the series.",
        "np.mean((Y[:, -1] - Y_pred[:, -1]) ** 2, axis=0)",
    ],
)
def ex_05_3(answer: Any) -> str:
    """``last_step_by_horizon(Y, Y_pred)`` against NumPy."""
    random = np.random.RandomState(3)
    for shape in ((4, 6, 3), (5, 50, 10), (2, 3, 3)):
        Y, Y_pred = random.rand(*shape), random.rand(*shape)
        squares = (Y - Y_pred) ** 2
        expected = squares[:, -1].mean(axis=0)
        got = np.asarray(call(answer, Y, Y_pred))
        where = f"arrays of shape {shape}"
        if got.shape == () and np.isclose(got, expected.mean()):
            raise Wrong(
                f"for {where} one number came, the mean over the horizon; expected {shape[2]}, one a step ahead"
            )
        if got.shape == (shape[1],) and np.allclose(got, squares[..., -1].mean(axis=0)):
            raise Wrong(f"for {where} the axes are mixed up: that is the last step ahead, made at every time step")
        got = as_array(got, (shape[2],), f"for {where} the result")
        if np.allclose(got, expected):
            continue
        mistakes = {
            "that averages over all time steps, as the class notes' 0.0169 does": squares.mean(axis=(0, 1)),
            "that is the first time step; take the last": squares[:, 0].mean(axis=0),
            "the axes are mixed up: that is the last step ahead, made at every time step": squares[..., -1].mean(
                axis=0
            ),
            "square the differences": np.abs(Y - Y_pred)[:, -1].mean(axis=0),
        }
        for mistake, values in mistakes.items():
            if values.shape == got.shape and np.allclose(got, values):
                raise Wrong(f"for {where} expected {brief(expected)}, got {brief(got)}; {mistake}")
        raise Wrong(f"for {where} expected {brief(expected)}, got {brief(got)}")
    return "Its mean over the horizon is the lesson's last_step_mse."


@check_of(
    "05.4",
    "1 2 4 7 11 three ways",
    hints=[
        "Drift adds (last − first) / (number of values − 1) at each step. Compute it once for the first way.",
        "Second way: after each forecast drop the first value, append the forecast, and compute the drift again. The "
        "window of the third value is 4, 7, 11, 13.5, 16.375.",
        "11 + 3 · 2.5; then 16.375 + (16.375 − 4) / 4; then, as the differences 1, 2, 3, 4 go on, 11 + 5 + 6 + 7.",
    ],
)
def ex_05_4(answer: Any) -> str:
    """The third value after 1 2 4 7 11 by drift, by drift re-estimated on a sliding window, by second differences."""
    if answer is ... or answer is None:
        raise NotYet
    try:
        values = list(answer)
    except TypeError:
        raise Wrong(f"expected three numbers, got {brief(answer)}") from None
    if any(value is ... for value in values):
        raise NotYet
    if any(np.size(value) > 1 for value in values):
        raise Wrong(f"expected the third value only by each way, three numbers in all, got {brief(answer)}")
    if len(values) != 3:
        raise Wrong(f"expected three numbers, got {brief(answer)}")
    given = [as_number(value) for value in values]
    right = {"drift": 18.5, "drift re-estimated": 19.46875, "second differences": 29.0}
    repeated = "that repeats the last difference"
    mistakes = {
        ("drift", 19.46875): "drift fixes its slope once, from the first and last value",
        ("drift", 23.0): f"{repeated}; drift adds the mean difference",
        ("drift", 16.0): "that is the second value",
        ("drift re-estimated", 19.47): "that is rounded; do not round",
        ("drift re-estimated", 19.469): "that is rounded; do not round",
        ("drift re-estimated", 19.5): "that is rounded, or made from a rounded 16.4; do not round",
        ("drift re-estimated", 18.5): "drop the 2, append the 16.375, and estimate the slope again",
        ("drift re-estimated", 16.375): "that is the second value",
        ("second differences", 23.0): f"{repeated}; the differences themselves grow by 1",
        ("second differences", 18.5): "that is drift",
        ("second differences", 19.46875): "that is the re-estimated drift, as the class notes read it",
        ("second differences", 22.0): "that is the second value",
    }
    for (name, expected), value in zip(right.items(), given, strict=True):
        if np.isclose(value, expected, rtol=0, atol=1e-6):
            continue
        reason = next(
            (why for (what, wrong), why in mistakes.items() if what == name and np.isclose(value, wrong, rtol=0)), ""
        )
        raise Wrong(f"by {name} the third value is another, got {brief(value)}{'; ' if reason else ''}{reason}")
    return (
        "Only second differences see the rule. The other two draw straight lines; neither is how a network is trained."
    )


@check_of(
    "05.5",
    "where a model looks ahead",
    hints=[
        "Predict X_valid with `bidirectional`, and take the mean of the squared error over series and steps ahead.",
        "At time step t, counted from 0, the targets are values t + 1 to t + 10. A leaking model has seen 0 to 49.",
        "curve = np.mean((Y_valid - Y_pred) ** 2, axis=(0, 2)); all ten are seen as long as t + 10 is at most 49.",
    ],
)
def ex_05_5(answer: Any) -> str:
    """(time steps at which all ten targets are seen, MSE at each of the 50 time steps)."""
    if answer is ... or answer is None:
        raise NotYet
    try:
        values = list(answer)
    except TypeError:
        raise Wrong(f"expected (number, curve), got {brief(answer)}") from None
    if any(value is ... for value in values):
        raise NotYet
    if len(values) != 2:
        raise Wrong(f"expected (number, curve), got {len(values)} values")
    steps, curve = as_number(values[0], "the number of time steps"), values[1]
    mistakes = {
        50: "that is every time step; but the last targets, values 50 to 59, are in no input",
        41: "count again: at t = 40 the tenth target is value 50, which is not among the inputs 0 to 49",
        39: "count t = 0 too",
        10: "that is how many time steps do not see all ten",
        49: "that is where at least one target is seen; all ten are asked for",
    }
    if steps != 40:
        raise Wrong(
            f"got {steps:g} time steps; {mistakes.get(int(steps), 'all ten are seen while t + 10 is at most 49')}"
        )
    curve = as_array(np.ravel(curve) if np.size(curve) == 50 else curve, (50,), "the curve")
    if not curve[-1] > 2 * curve[5:40].mean() > 0:
        raise Wrong(
            f"the curve ends at {curve[-1]:.4f} after a mean of {curve[5:40].mean():.4f} at steps 5 to 39; a model "
            "that looks ahead jumps at the end: is this the curve of the other model, or by step ahead?"
        )
    jump = int(curve[-1] / curve[5:40].mean())
    return f"At the last time step, the one you need, its error is {jump} times that of the steps which see everything."


def _three_steps(window: np.ndarray) -> np.ndarray:
    slope = window[:, -1] - window[:, -2]
    return window[:, -1] + slope * np.array([1.0, 1.5, 1.75])


def _first_of_three_steps(window: np.ndarray) -> np.ndarray:
    return _three_steps(window)[:, :1]


def _watched(model: Callable[[np.ndarray], np.ndarray], given: list[tuple[int, ...]]) -> Callable[..., np.ndarray]:
    """``model``, noting the shape of every window it gets."""

    def watched(window: Any) -> np.ndarray:
        window = np.asarray(window, dtype=float)
        given.append(window.shape)
        return model(window)

    return watched


def _iterate(model: Callable[[np.ndarray], np.ndarray], X: np.ndarray, horizon: int) -> np.ndarray:
    path, n_steps = X, X.shape[1]
    while path.shape[1] < n_steps + horizon:
        path = np.concatenate([path, model(path[:, -n_steps:])[..., np.newaxis]], axis=1)
    return path[:, n_steps : n_steps + horizon, 0]


def _stuck(model: Callable[[np.ndarray], np.ndarray], X: np.ndarray, horizon: int) -> np.ndarray:
    block = model(X)
    return np.tile(block, (1, horizon))[:, :horizon]
