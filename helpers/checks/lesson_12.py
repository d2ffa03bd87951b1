"""Checks of lesson 12: the gradient tape and the training loop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from helpers.checks.base import NotYet, Wrong, as_array, as_number, brief, call, check_of


@check_of(
    "12.1",
    "a Jacobian by central differences",
    hints=[
        "Column j holds how all outputs change when weight j alone moves. Move it up by eps, and down by eps.",
        "Copy the point before you move one of its numbers. The two results lie 2 · eps apart.",
        "columns.append((function(above) - function(below)) / (2 * eps)), then np.stack(columns, axis=1).",
    ],
)
def ex_12_1(answer: Any) -> str:
    """``jacobian(function, point, eps)`` by central differences, shape (outputs, weights)."""
    point = np.array([5.0, 3.0])
    calls: list[np.ndarray] = []

    def lesson(w: np.ndarray) -> np.ndarray:
        calls.append(np.array(w, dtype=float))
        return np.array([3 * w[0] ** 2 + 2 * w[0] * w[1]])

    handed = point.copy()
    got = as_array(_call(answer, lesson, handed, 1e-5), (1, 2), "the Jacobian of f at (5, 3)")
    if not np.array_equal(handed, point):
        raise Wrong("the point that was handed in has changed; copy it before you move one of its numbers")
    _compare_with_f(got[0])
    if len(calls) > 4:
        raise Wrong(f"f was called {len(calls)} times; two weights need four calls")
    weights, place = np.array([[1.0, -2.0, 0.5], [0.3, 0.7, -1.0]]), np.array([0.2, -0.4, 1.1])
    bent = as_array(
        _call(answer, lambda w: np.tanh(weights @ w), place, 1e-4),
        (2, 3),
        "for three weights and two outputs the result",
    )
    exact = (1 - np.tanh(weights @ place) ** 2)[:, np.newaxis] * weights
    if np.abs(bent - exact).max() > 1e-6:
        raise Wrong(f"for tanh(A w) expected {brief(exact)}, got {brief(bent)}")
    return "2 · n calls, whatever the number of outputs. A backward pass takes one for each output."


def _call(answer: Any, function: Any, point: np.ndarray, eps: float) -> Any:
    """Run the answer on this very point, so that changing it in place can be seen."""
    if answer is ... or not callable(answer):
        return call(answer, point)
    return call(lambda eps: answer(function, point, eps), eps)


def _compare_with_f(got: np.ndarray) -> None:
    """At (5, 3) with eps 1e-5 the slopes of f are 36 and 10, to 1e-8."""
    eps = 1e-5
    mistakes: dict[str, tuple[list[float], float]] = {
        "that is a forward difference: its error is 3 · eps. Take the value below, too": ([36 + 3 * eps, 10], 1e-6),
        "that is a backward difference: take the value above, too": ([36 - 3 * eps, 10], 1e-6),
        "the two values lie 2 · eps apart, so divide by that": ([72, 20], 1e-3),
        "both weights were moved at once; each column moves one": ([46, 46], 1e-2),
        "divide the difference by 2 · eps": ([72 * eps, 20 * eps], 1e-6),
        "weight 1 stayed where it was moved to, and weight 2 was moved on top of it": ([36, 10 + 2 * eps], 1e-6),
    }
    if np.allclose(got, [36, 10], rtol=0, atol=1e-8):
        return
    for mistake, (values, tolerance) in mistakes.items():
        if np.allclose(got, values, rtol=0, atol=tolerance):
            raise Wrong(f"at (5, 3) with eps 1e-5 got {got[0]:.10g} and {got[1]:.10g}; {mistake}")
    raise Wrong(f"at (5, 3) with eps 1e-5 expected 36 and 10 to 1e-8, got {got[0]:.10g} and {got[1]:.10g}")


#: What the eight tapes of exercise 12.2 give, and what a usual wrong answer overlooks.
TAPES: dict[str, tuple[float | None, dict[float | None, str]]] = {
    "a": (None, {4.0: "nobody watches the constant", 0.0: "the tape knows nothing of the constant: None, not 0"}),
    "b": (4.0, {None: "a watched constant is followed like a variable", 5.0: "the slope of c · w by c is w"}),
    "c": (None, {8.0: "whole numbers have no slope, and a tape follows none", 0.0: "the tape gives None, not 0"}),
    "d": (
        4.0,
        {
            8.0: "one of the two factors is taken for a constant",
            None: "only one of the two factors is stopped; the other is followed",
        },
    ),
    "e": (4.0, {8.0: "w.numpy() is a number; the tape sees one factor", None: "one of the two factors is still w"}),
    "f": (
        None,
        {3.0: "the square was taken before the tape began", 24.0: "the square was taken before the tape began"},
    ),
    "g": (
        3.0,
        {
            None: "both outputs depend on w",
            1.0: "the slopes of all outputs are added",
            2.0: "slopes of all outputs are added",
        },
    ),
    "h": (8.0, {None: "a frozen variable can be watched, as a constant can", 0.0: "it is watched, so it is followed"}),
}


@check_of(
    "12.2",
    "eight tapes",
    hints=[
        "Ask of each: does the tape see a path of operations from this source to z, and how many?",
        "Only what happens inside the block is recorded, and only from trainable float variables and what is watched. "
        "Factors that were stopped or went through NumPy are plain numbers.",
        "Three of them are None. In d and e one factor of two counts; in g the slopes of both outputs are added.",
    ],
)
def ex_12_2(answer: Any) -> str:
    """A dict from a to h: a number, or None."""
    if answer is ... or answer is None:
        raise NotYet
    if not isinstance(answer, Mapping) or set(answer) != set(TAPES):
        raise Wrong(f"expected a dict with the keys a to h, got {brief(answer)}")
    if any(value is ... for value in answer.values()):
        raise NotYet
    wrong = []
    for name, (expected, mistakes) in TAPES.items():
        got = None if answer[name] is None else as_number(answer[name], name)
        if got == expected:
            continue
        wrong.append(f"{name}: {mistakes.get(got, 'run it and follow the path from the source to z')}")
    if wrong:
        raise Wrong(f"{len(TAPES) - len(wrong)} of 8 are right. {wrong[0]}")
    return (
        "None where no path is recorded; half of the slope where half of the path is. The second is the dangerous one."
    )


POINTS = np.array([-1000.0, -100.0, -88.0, -1.0, 0.0, 0.5, 3.0, 88.0, 100.0, 1000.0], "float32")


@check_of(
    "12.3",
    "log cosh without overflow",
    hints=[
        "cosh z = (e^z + e^−z) / 2. Take the larger of the two out of the sum before you take the logarithm.",
        "log cosh z = |z| + log((1 + e^(−2|z|)) / 2). Nothing in it overflows.",
        "a = tf.abs(z); return a + tf.math.log1p(tf.exp(-2 * a)) - np.log(2).",
    ],
)
def ex_12_3(answer: Any) -> str:
    """``log_cosh(z)`` in float32: value and gradient from −1000 to 1000."""
    import tensorflow as tf

    if answer is ... or not callable(answer):
        call(answer)
    points = tf.constant(POINTS)
    with tf.GradientTape() as tape:
        tape.watch(points)
        values = call(answer, points)
    if not tf.is_tensor(values):
        raise Wrong(f"expected a tensor, so that a tape can follow it, got {brief(values)}")
    slopes = tape.gradient(values, points)
    if slopes is None:
        raise Wrong("the tape found no way from z to the result: compute with TensorFlow or Keras, not with NumPy")
    got = as_array(values.numpy(), POINTS.shape, "the result")
    slopes = as_array(slopes.numpy(), POINTS.shape, "the gradient")
    size = np.abs(POINTS.astype(float))
    exact, exact_slopes = size + np.log1p(np.exp(-2 * size)) - np.log(2), np.tanh(POINTS.astype(float))
    _compare_values(got, exact)
    if np.allclose(slopes, exact_slopes, rtol=1e-5, atol=1e-6):
        return "Its gradient is tanh, never above 1. Keras has it among its losses, as LogCosh."
    far = size > 50
    if np.isnan(slopes[far]).any():
        raise Wrong(
            "the values are right, but the gradient is nan far out: a branch that `where` does not take still "
            "takes part in the gradient, and 0 · inf is nan"
        )
    if (slopes[far] == 0).all():
        raise Wrong("the gradient is 0 far out: what is clipped has no slope; it should be 1, or −1 on the left")
    if not np.isclose(slopes[4], 0, atol=1e-6):
        raise Wrong(f"at 0 the gradient should be 0, got {slopes[4]:g}: look at what maximum or abs does at a tie")
    worst = int(np.argmax(np.abs(slopes - exact_slopes)))
    raise Wrong(f"at {POINTS[worst]:g} the gradient should be {exact_slopes[worst]:.6g}, got {slopes[worst]:.6g}")


def _compare_values(got: np.ndarray, exact: np.ndarray) -> None:
    if np.allclose(got, exact, rtol=1e-5, atol=1e-6):
        return
    if not np.isfinite(got).all():
        first = POINTS[~np.isfinite(got)][np.argmin(np.abs(POINTS[~np.isfinite(got)]))]
        raise Wrong(
            f"the value at {first:g} is {got[first == POINTS][0]:g}: exp overflows; fixing the gradient alone leaves it"
        )
    if np.allclose(got, exact + np.log(2), rtol=1e-5, atol=1e-6):
        raise Wrong("every value is too large by log 2: the 1/2 of cosh is missing")
    near = np.abs(POINTS) < 50
    if np.allclose(got[near], exact[near], rtol=1e-5, atol=1e-5):
        worst = int(np.argmax(np.abs(got - exact)))
        raise Wrong(
            f"near 0 it is right, but at {POINTS[worst]:g} the value should be {exact[worst]:.6g}, got {got[worst]:.6g}"
        )
    worst = int(np.argmax(np.abs(got - exact) * near))
    raise Wrong(f"at {POINTS[worst]:g} the value should be {exact[worst]:.6g}, got {got[worst]:.6g}")


@check_of(
    "12.4",
    "an epoch by hand",
    hints=[
        "Training: tape, loss plus the model's own losses, gradient, optimizer. Validation: no tape, training=False, "
        "the same sum.",
        "A mean over batches of unequal size needs weights: "
        "keras.metrics.Mean().update_state(loss, sample_weight=len(y)).",
        "loss = loss_function(y, model(X, training=True)) + sum(model.losses); make both Mean() inside the function, "
        "so that each epoch starts afresh.",
    ],
)
def ex_12_4(answer: Any) -> str:
    """``epoch(model, optimizer, loss_function, train_batches, valid_batches)`` against ``fit``."""
    import keras

    if answer is ... or not callable(answer):
        call(answer)
    mse = keras.losses.MeanSquaredError()
    model, train, valid = _small(keras, dropout=0.0)
    pair = _pair(_run(answer, model, keras.optimizers.SGD(0.0), mse, train, valid))
    _compare_still(pair, model, train, valid)
    again = _pair(_run(answer, model, keras.optimizers.SGD(0.0), mse, valid, train))
    if not np.allclose(again, pair[::-1], rtol=1e-5):
        raise Wrong(
            f"called again with the lists exchanged it gives {again[0]:.6g} and {again[1]:.6g}, and not "
            f"{pair[1]:.6g} and {pair[0]:.6g}: a metric that lives on must be reset for each epoch"
        )
    model, train, valid = _small(keras, dropout=0.5)
    pair = _pair(_run(answer, model, keras.optimizers.SGD(0.0), mse, train, valid))
    plain = _losses(model, train), _losses(model, valid)
    if np.isclose(pair[0], plain[0][0], rtol=1e-5):
        raise Wrong("the model has dropout, and the training loss is as if it had none: call it with training=True")
    if not np.isclose(pair[1], plain[1][0], rtol=1e-5):
        raise Wrong("dropout acts on the validation loss: call the model with training=False there")
    _compare_with_fit(keras, answer, mse)
    return "Weights and losses equal those of fit over two epochs. Now you may change any line of it."


def _run(answer: Any, *arguments: Any) -> Any:
    return call(lambda: answer(*arguments))


def _pair(result: Any) -> tuple[float, float]:
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        raise Wrong(f"expected (training loss, validation loss), got {brief(result)}")
    training, validation = result
    return as_number(_plain(training), "training loss"), as_number(_plain(validation), "validation loss")


def _plain(value: Any) -> Any:
    return float(value) if hasattr(value, "shape") and np.shape(value) == () else value


def _small(keras: Any, *, dropout: float) -> tuple[Any, list, list]:
    """A small regularised model, and batches of unequal size."""
    keras.utils.set_random_seed(12)
    model = keras.Sequential(
        [
            keras.Input((3,)),
            keras.layers.Dense(8, activation="tanh", kernel_regularizer=keras.regularizers.L2(0.1)),
            keras.layers.Dropout(dropout),
            keras.layers.Dense(1),
        ]
    )
    random = np.random.default_rng(12)
    X, y = random.normal(size=(15, 3)).astype("float32"), random.normal(size=(15, 1)).astype("float32")
    y[8:10] += 3.0  # the last, smaller batches differ from the others
    y[14:] -= 2.0
    rows = [(X[i : i + 4], y[i : i + 4]) for i in (0, 4)] + [(X[8:10], y[8:10])]
    return model, rows, [(X[10:14], y[10:14]), (X[14:], y[14:])]


def _losses(model: Any, batches: list) -> tuple[float, float, float]:
    """Mean loss over samples with the penalty, without it, and with batches weighted alike; no dropout."""
    errors = [float(np.mean((np.asarray(model(X, training=False)) - y) ** 2)) for X, y in batches]
    penalty = float(sum(float(part) for part in model.losses))
    sizes = [len(X) for X, _ in batches]
    mean = float(np.average(errors, weights=sizes))
    return mean + penalty, mean, float(np.mean(errors)) + penalty


def _compare_still(pair: tuple[float, float], model: Any, train: list, valid: list) -> None:
    """At rate 0 nothing moves, so both losses are known."""
    for got, name, (right, bare, alike) in zip(
        pair, ("training", "validation"), (_losses(model, train), _losses(model, valid)), strict=True
    ):
        if np.isclose(got, right, rtol=1e-5):
            continue
        if np.isclose(got, bare, rtol=1e-5) or np.isclose(got, alike - (right - bare), rtol=1e-5):
            raise Wrong(
                f"the {name} loss is {got:.6g} and {right:.6g} with the regularisation losses: add model.losses"
            )
        if np.isclose(got, alike, rtol=1e-5):
            raise Wrong(
                f"the {name} loss is {got:.6g}: the last, smaller batch counts as much as the others; weight by samples"
            )
        raise Wrong(f"at rate 0 the {name} loss should be {right:.6g}, got {got:.6g}")


def _compare_with_fit(keras: Any, answer: Any, mse: Any) -> None:
    """Two epochs with dropout and momentum, by hand and by ``fit``."""
    import tensorflow as tf

    model, train, valid = _small(keras, dropout=0.5)
    model.compile(loss=mse, optimizer=keras.optimizers.Adam(0.05), run_eagerly=True)
    sets = [
        tf.data.Dataset.from_tensor_slices(
            (np.concatenate([X for X, _ in part]), np.concatenate([y for _, y in part]))
        ).batch(4)
        for part in (train, valid)
    ]
    history = model.fit(sets[0], validation_data=sets[1], epochs=2, shuffle=False, verbose=0).history
    own, train, valid = _small(keras, dropout=0.5)
    optimizer = keras.optimizers.Adam(0.05)
    got = [_pair(_run(answer, own, optimizer, mse, train, valid)) for _ in range(2)]
    expected = list(zip(history["loss"], history["val_loss"], strict=True))
    if np.allclose(got, expected, rtol=1e-5):
        weights = zip(own.get_weights(), model.get_weights(), strict=True)
        if all(np.allclose(mine, theirs, atol=1e-5) for mine, theirs in weights):
            return
        raise Wrong("the losses equal those of fit, the weights do not")
    raise Wrong(
        f"over two epochs fit has training losses {expected[0][0]:.6g}, {expected[1][0]:.6g} and your loop "
        f"{got[0][0]:.6g}, {got[1][0]:.6g}; what do you hand to the optimizer, and how often?"
    )


#: The eigenvalues of the Hessian are 0.0207 and 0.5570: at rates beyond 2 / 0.5570 the descent diverges.
FLAT, STEEP = 0.020725, 0.557011
LIMIT = 2 / STEEP


@check_of(
    "12.5",
    "the largest rate that descends",
    hints=[
        "Try rates 1, 2, 3, 4 first, then narrow it down. Print the loss after 200 steps.",
        "Below the limit the loss falls to about 0.006; above it explodes. Go to two digits after the point.",
        "Take the Hessian by two tapes or by jacobian. For a quadratic loss the limit is 2 / its largest eigenvalue.",
    ],
)
def ex_12_5(answer: Any) -> str:
    """The largest rate at which descent on the loss of two weights converges."""
    rate = as_number(answer, "the largest rate")
    mistakes = {
        1 / STEEP: "that is 1 / the largest eigenvalue; a step may go past the bottom, as long as it ends lower",
        2 / (STEEP + FLAT): "that is 2 / the sum of the eigenvalues; the largest one alone decides",
        4.0: "at 4 it explodes; go back in steps of 0.1",
        3.0: "at 3 it still descends; go on in steps of 0.1",
        3.5: "at 3.5 it still descends; go on in steps of 0.01",
    }
    for value, mistake in mistakes.items():
        if np.isclose(rate, value, rtol=5e-3):
            raise Wrong(f"{rate:g}: {mistake}")
    if rate > 10:
        raise Wrong(
            f"{rate:g} is far too large: is it 2 / the smallest eigenvalue? The steepest direction explodes first"
        )
    if not np.isclose(rate, LIMIT, rtol=0.01):
        raise Wrong(f"got {rate:g}; try it: does the loss after 200 steps fall, and does it explode a little above?")
    return "2 / the largest eigenvalue of the Hessian. No gradient tells it: it is a matter of the second derivatives."
