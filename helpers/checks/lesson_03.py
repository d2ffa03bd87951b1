"""Checks of lesson 03: SimpleRNN."""

from __future__ import annotations

from typing import Any

import numpy as np

from helpers import series
from helpers.checks.base import NotYet, Wrong, as_array, as_number, brief, call, check_of


@check_of(
    "03.1",
    "three states by hand",
    hints=[
        "Each state needs the state before it. The state before the first step is 0.",
        "The first state is tanh(0.5 · 1 + 0.8 · 0 + 0) = tanh(0.5). The second input is 0, so only the state counts.",
        "h = 0, then three times: h = np.tanh(0.5 * x + 0.8 * h) for x = 1, 0, 0.",
    ],
)
def ex_03_1(answer: Any) -> str:
    """The states of one neuron for x = 1, 0, 0 with w_x = 0.5, w_h = 0.8, b = 0."""
    if answer is ... or answer is None or any(value is ... for value in np.ravel(np.asarray(answer, dtype=object))):
        raise NotYet
    states = as_array(np.ravel(answer) if np.size(answer) == 3 else answer, (3,), "the list of states")
    expected = _states([1, 0, 0], 0.5, 0.8)
    mistakes: dict[str, Any] = {
        "tanh is missing: it squashes every sum, not only large ones": [0.5, 0.4, 0.32],
        "tanh belongs to every step, not only to the last": [0.5, 0.4, np.tanh(0.32)],
        "w_x and w_h are exchanged: w_x multiplies the input": _states([1, 0, 0], 0.8, 0.5),
    }
    for mistake, values in mistakes.items():
        if np.allclose(states, values, atol=5e-4):
            raise Wrong(f"for x = 1, 0, 0 expected {brief(expected)}, got {brief(states)}; {mistake}")
    if not np.allclose(states, expected, atol=5e-4):
        raise Wrong(f"for x = 1, 0, 0 the first state is tanh(0.5) = 0.4621, got {brief(states)}")
    return "Each step keeps a little less than 0.8 of the state before it, since tanh takes its share."


@check_of(
    "03.2",
    "a layer in NumPy",
    hints=[
        "Loop over the time steps; all sequences of the batch move together, so the state has shape (batch, units).",
        "The state of every sequence starts at zero: np.zeros((len(X), len(b))). Multiply it by W_h from the right.",
        "state = np.tanh(X[:, t] @ W_x + state @ W_h + b); stack the states on axis 1, or return the last one.",
    ],
)
def ex_03_2(answer: Any) -> str:
    """``simple_rnn(X, W_x, W_h, b, return_sequences)`` against Keras' definition."""
    random = np.random.default_rng(3)
    for batch, steps, features, units in ((2, 5, 1, 3), (4, 3, 2, 2), (1, 1, 3, 4)):
        X = random.normal(size=(batch, steps, features))
        weights = (random.normal(size=(features, units)), random.normal(size=(units, units)), random.normal(size=units))
        where = f"X of shape {X.shape} and {units} units"
        every = _layer(X, *weights)
        whole = np.asarray(call(answer, X, *weights, True))
        last = np.asarray(call(answer, X, *weights, False))
        if steps > 1 and whole.shape == (batch, units) and last.shape == (batch, steps, units):
            raise Wrong(f"for {where} return_sequences works the wrong way round: True means the states of all steps")
        whole = as_array(whole, (batch, steps, units), f"with return_sequences=True, for {where}, the result")
        last = as_array(last, (batch, units), f"with return_sequences=False, for {where}, the result")
        if np.allclose(whole, every, atol=1e-6) and np.allclose(last, every[:, -1], atol=1e-6):
            continue
        if np.allclose(whole, every, atol=1e-6):
            raise Wrong(
                f"for {where} the states of all steps are right; return_sequences=False must give the last, "
                f"{brief(every[0, -1])}, got {brief(last[0])}"
            )
        if np.allclose(whole, _layer(X, weights[0], weights[1].T, weights[2]), atol=1e-6):
            raise Wrong(f"for {where} W_h is transposed: row i of W_h holds what unit i sends out, so use state @ W_h")
        if np.allclose(whole[0], every[0], atol=1e-6):
            raise Wrong(
                f"for {where} only the first sequence is right: start every sequence of the batch from a zero state"
            )
        raise Wrong(f"for {where} expected {brief(every[0, 0])} as the first state, got {brief(whole[0, 0])}")
    return "It equals Keras to 1e-6 on every shape tried."


@check_of(
    "03.3",
    "parameters of SimpleRNN(32) on five features",
    hints=[
        "Three arrays hold the weights: input to state, state to state, and one more.",
        "With 5 features and 32 units their shapes are (5, 32), (32, 32) and (32,).",
        "units · (features + units + 1), with 32 units and 5 features.",
    ],
)
def ex_03_3(answer: Any) -> str:
    """The number of weights of SimpleRNN(32) on five features."""
    value = as_number(answer)
    mistakes = {
        1184: "the bias is missing, one for each unit",
        1024: "only the recurrent matrix is counted; the input's weights and the bias are missing",
        192: "the recurrent matrix is missing: each unit also listens to all 32 states",
        1088: "that is for one feature; W_x has a row for each of the five",
        60_800: "the same weights serve all 50 steps; they are not multiplied by the steps",
        1249: "that counts a Dense(1) head as well",
    }
    if value in mistakes:
        raise Wrong(f"got {value:g}: {mistakes[int(value)]}")
    if value != 1216:
        raise Wrong(f"got {value:g}; add up the entries of the arrays (5, 32), (32, 32) and (32,)")
    return "32 · (5 + 32 + 1) = 1,216, for sequences of any length."


@check_of(
    "03.4",
    "the best that one neuron can do",
    hints=[
        "Train a SimpleRNN(1) with Adam(learning_rate=5e-3) for 20 epochs or more, and take the validation error.",
        "The error is history.history['val_loss'][-1]; the weights are model.layers[0].get_weights().",
        "w_x, w_h, b = (float(np.ravel(w)[0]) for w in model.layers[0].get_weights()); answer = (mse, w_x, w_h, b).",
    ],
)
def ex_03_4(answer: Any) -> str:
    """(validation MSE, w_x, w_h, b) of a SimpleRNN(1) trained to the end."""
    if answer is ... or answer is None:
        raise NotYet
    try:
        values = list(answer)
    except TypeError:
        raise Wrong(f"expected four numbers (mse, w_x, w_h, b), got {brief(answer)}") from None
    if len(values) != 4:
        raise Wrong(f"expected four numbers (mse, w_x, w_h, b), got {len(values)}")
    names = ("mse", "w_x", "w_h", "b")
    mse, w_x, w_h, b = (as_number(value, name) for value, name in zip(values, names, strict=True))
    if mse > 0.14:
        raise Wrong(
            f"an MSE of {mse:.4f} is no better than the mean: nothing was learned. Is return_sequences on? "
            "If not, the start was unlucky (w_h near 1, w_x near 0): train under another seed"
        )
    trained = 1.45 <= w_x <= 1.8 and -0.8 <= w_h <= -0.5
    if mse > 0.0113 and not trained:
        raise Wrong(
            f"an MSE of {mse:.4f} is unfinished training: compile with the optimizer that you made, at rate 5e-3"
        )
    if not trained:
        raise Wrong(f"w_x = {w_x:.2f} and w_h = {w_h:.2f}; expected about 1.66 and −0.68, in this order")
    true = _validation_mse(w_x, w_h, b)
    if abs(mse - true) > 1e-4:
        raise Wrong(
            f"these weights have a validation MSE of {true:.5f}, got {mse:.5f}; the training loss, or another run's?"
        )
    return f"h = tanh({w_x:.2f} x {w_h:+.2f} h): the last value, corrected by what came before."


def _validation_mse(w_x: float, w_h: float, b: float) -> float:
    valid = series.generate_time_series(10_000, 51)[7000:9000, :, 0]
    state = np.zeros(len(valid))
    for t in range(50):
        state = np.tanh(w_x * valid[:, t] + w_h * state + b)
    return float(np.mean((state - valid[:, 50]) ** 2))


def _states(x: list[float], w_x: float, w_h: float) -> np.ndarray:
    state, states = 0.0, []
    for value in x:
        state = np.tanh(w_x * value + w_h * state)
        states.append(state)
    return np.array(states)


def _layer(X: np.ndarray, W_x: np.ndarray, W_h: np.ndarray, b: np.ndarray) -> np.ndarray:
    state, every = np.zeros((len(X), len(b))), []
    for t in range(X.shape[1]):
        state = np.tanh(X[:, t] @ W_x + state @ W_h + b)
        every.append(state)
    return np.stack(every, axis=1)
