"""Checks of lesson 07: normalisation and cells."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from helpers.checks.base import NotYet, Wrong, as_array, as_number, brief, call, check_of, close


@check_of(
    "07.1",
    "how many means",
    hints=[
        "A mean belongs to a group of numbers. How many groups does each normalisation make of a batch (32, 50, 20)?",
        "Batch normalisation groups by unit; layer normalisation groups by sample and time step.",
        "For (4, 6, 3) they were 3 and 4 · 6 = 24. Do the same with (32, 50, 20).",
    ],
)
def ex_07_1(answer: Any) -> str:
    """(means of batch normalisation, means of layer normalisation) for a batch (32, 50, 20)."""
    if answer is ... or answer is None:
        raise NotYet
    try:
        pair = list(answer)
    except TypeError:
        raise Wrong(f"expected two numbers (batch, layer), got {brief(answer)}") from None
    if len(pair) != 2:
        raise Wrong(f"expected two numbers (batch, layer), got {len(pair)}")
    batch, layer = (as_number(value, name) for value, name in zip(pair, ("batch", "layer"), strict=True))
    if (batch, layer) == (1600, 20):
        raise Wrong("the two are exchanged: the first is for batch normalisation, which works per unit")
    if batch != 20:
        raise Wrong(
            f"batch normalisation computes {batch:g} means? Each of the 20 units has one, over all samples and steps"
        )
    mistakes = {
        32: "one per sample is what the class notes say; each time step of a sample has its own",
        50: "one per time step would mix the samples; each sample has its own",
        20: "one per unit is batch normalisation",
        32_000: "that is a mean for every single number",
        1: "one mean for everything would couple all samples",
    }
    if layer in mistakes:
        raise Wrong(f"layer normalisation computes {layer:g} means? {mistakes[int(layer)]}")
    if layer != 1600:
        raise Wrong(f"layer normalisation computes {layer:g} means? Count the pairs of sample and time step")
    return "20 units; 32 · 50 = 1,600 pairs of sample and time step. The learnt factors are 20 + 20 for both."


@check_of(
    "07.2",
    "layer normalisation in NumPy",
    hints=[
        "Mean and variance go over the last axis only; keepdims=True keeps the shapes ready for the subtraction.",
        "Keras adds epsilon to the variance, inside the root, and divides by n, as np.var does.",
        "(x − mean) / np.sqrt(variance + epsilon), times gamma, plus beta.",
    ],
)
def ex_07_2(answer: Any) -> str:
    """``layer_norm(x, gamma, beta, epsilon)`` against Keras' definition."""
    random = np.random.default_rng(7)
    for shape, epsilon in (((4, 6, 3), 1e-3), ((5, 8), 1e-3), ((2, 3, 4, 5), 0.5)):
        x = random.normal(size=shape) + random.normal(size=(*shape[:-1], 1))
        gamma, beta = random.normal(size=shape[-1]), random.normal(size=shape[-1])
        where = f"x of shape {shape} and epsilon {epsilon:g}"
        got = as_array(call(answer, x, gamma, beta, epsilon), shape, f"for {where} the result")
        if np.allclose(got, _layer_norm(x, gamma, beta, epsilon), atol=1e-6):
            continue
        plain = _layer_norm(x, 1, 0, epsilon)
        mean, variance = x.mean(axis=-1, keepdims=True), x.var(axis=-1, keepdims=True)
        axes = tuple(range(x.ndim - 1))
        centred = x - mean
        mistakes = {
            "mean and variance go over the last axis, the features, not over batch and time": gamma
            * (x - x.mean(axis=axes))
            / np.sqrt(x.var(axis=axes) + epsilon)
            + beta,
            "mean and variance go over the last axis, not over the batch": gamma
            * (x - x.mean(axis=0))
            / np.sqrt(x.var(axis=0) + epsilon)
            + beta,
            "each time step has its own mean; yours is one a sample": gamma * _whole_sample(x, epsilon) + beta,
            "the variance divides by n, not by n − 1 (ddof=0)": gamma
            * centred
            / np.sqrt(x.var(axis=-1, keepdims=True, ddof=1) + epsilon)
            + beta,
            "epsilon belongs inside the root, added to the variance": gamma * centred / (np.sqrt(variance) + epsilon)
            + beta,
            "epsilon is left out": gamma * centred / np.sqrt(variance) + beta,
            "gamma and beta are left out": plain,
            "beta is left out": gamma * plain,
            "gamma is left out": plain + beta,
            "gamma multiplies after beta was added; it comes first": gamma * (plain + beta),
            "the root is missing: divide by the deviation, not by the variance": gamma * centred / (variance + epsilon)
            + beta,
        }
        for mistake, value in mistakes.items():
            if np.allclose(got, value, atol=1e-6):
                raise Wrong(f"for {where}: {mistake}")
        first = (0,) * (x.ndim - 1)
        raise Wrong(
            f"for {where} expected {brief(_layer_norm(x, gamma, beta, epsilon)[first])} at the first step, "
            f"got {brief(got[first])}"
        )
    return "It equals keras.layers.LayerNormalization to 1e-6, whatever stands before the last axis."


@check_of(
    "07.3",
    "a cell that runs in a model, saves and loads",
    hints=[
        "From the top: build makes the inner cell's weights; Keras calls get_initial_state with batch_size alone.",
        "call gets inputs and states as two arguments, and returns the output and a list of what the next step needs.",
        "The new state is the mixture itself: return mixed, [mixed]. The inner cell builds with self.inner.build(…).",
    ],
)
def ex_07_3(answer: Any) -> str:
    """``LeakyCell``, a class, against the formula in NumPy, and through a file."""
    import keras

    if answer is ... or answer is None:
        raise NotYet
    if not isinstance(answer, type) or not issubclass(answer, keras.layers.Layer):
        raise Wrong(f"expected the class LeakyCell, got {brief(answer)}")
    if "build" not in vars(answer):
        raise Wrong(
            "LeakyCell has no build: it may run, but a loaded model has no weights to put the saved ones into "
            "(“was never built”)"
        )
    X = np.random.default_rng(3).normal(size=(4, 5, 2)).astype("float32")
    for leak in (0.5, 0.8):
        cell = call(lambda leak=leak: answer(3, leak=leak))
        call(lambda cell=cell: [cell.build((None, 2))])
        if not cell.weights:
            raise NotYet("build leaves no weights behind")
        _check_cell(answer, leak, X)
    return "It runs in a model, with 4 series and with 1, equals the formula, and keeps its leak in a file."


def _check_cell(cls: Any, leak: float, X: np.ndarray) -> None:
    """Run ``cls(3, leak=leak)`` over ``X``, then save and load it."""
    import keras

    layer = keras.layers.RNN(call(lambda: cls(3, leak=leak)), return_sequences=True)
    call(lambda: [layer.build(X.shape)])
    random = np.random.default_rng(5)
    shapes = [values.shape for values in layer.get_weights()]
    if shapes != [(2, 3), (3, 3), (3,)]:
        raise Wrong(f"the cell has weights of shapes {shapes}; expected those of its inner cell, (2, 3), (3, 3), (3,)")
    weights = [random.normal(size=shape) for shape in shapes]
    layer.set_weights(weights)
    got = np.asarray(call(lambda: layer(X)))
    expected = _leaky(X, weights, leak)
    if got.shape != expected.shape:
        raise Wrong(f"for leak={leak} the outputs have shape {got.shape}; expected {expected.shape}")
    if not close(got, expected):
        if close(got, _leaky(X, weights, leak, state="inner")):
            raise Wrong(f"for leak={leak} the state is the inner cell's new_states; it must be the mixture: [mixed]")
        if close(got, _leaky(X, weights, 1 - leak)):
            raise Wrong(f"for leak={leak}: leak is the share of the state before, 1 − leak that of the new one")
        if close(got, _leaky(X, weights, leak, output="inner")):
            raise Wrong(f"for leak={leak} the output is the inner cell's; it must be the mixture")
        raise Wrong(f"for leak={leak} expected {brief(expected[0, -1])} at the last step, got {brief(got[0, -1])}")
    model = keras.Sequential([keras.Input((5, 2)), layer])
    alone = np.asarray(call(lambda: model.predict_on_batch(X[:1])))  # in a graph, and with another batch size
    if alone.shape != got[:1].shape:
        raise Wrong(f"for a batch of 1 the output has shape {alone.shape}: get_initial_state must use batch_size")
    if not close(alone, got[:1]):
        raise Wrong(f"for leak={leak} a series alone gives {brief(alone[0, -1])}, in a batch of 4 {brief(got[0, -1])}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        call(lambda: [model.save(path)])
        try:
            loaded = keras.saving.load_model(path)
        except Exception as error:  # each cause has its own class: TypeError, ValueError, NotImplementedError
            raise Wrong(_why_not_loaded(error, cls)) from error
    again = np.asarray(loaded(X))
    if not close(again, got):
        raise Wrong(
            f"saved with leak={leak} and loaded, it gives {brief(again[0, -1])} instead of {brief(got[0, -1])}: what "
            "__init__ was given must be in get_config"
        )


def _why_not_loaded(error: Exception, cls: Any) -> str:
    import keras

    if keras.saving.get_registered_name(cls) == cls.__name__:
        return "it saves and does not load: the class is not registered (keras.saving.register_keras_serializable)"
    cause = str(error.__cause__ or error)
    if "never built" in cause:
        return "it saves and does not load: build leaves a part “never built”"
    return f"it saves and does not load ({type(error).__name__}: {cause[:160]}); compare get_config with __init__"


@check_of(
    "07.4",
    "what a larger sum does",
    hints=[
        "get_weights() of a recurrent layer gives kernel, recurrent kernel and bias first; multiply these three.",
        "Work on a copy: keras.Sequential.from_config(model.get_config()), then set_weights. Your models stay intact.",
        "Ratio: last-step MSE over X_valid with the weights multiplied, divided by that before; for both models.",
    ],
)
def ex_07_4(answer: Any) -> str:
    """(ratio of the plain model, ratio of the normalised one) when all sums are multiplied by 1.5."""
    if answer is ... or answer is None:
        raise NotYet
    try:
        pair = list(answer)
    except TypeError:
        raise Wrong(f"expected two ratios (plain, normalised), got {brief(answer)}") from None
    if len(pair) != 2:
        raise Wrong(f"expected two ratios (plain, normalised), got {len(pair)}")
    plain, normalised = (as_number(value, name) for value, name in zip(pair, ("plain", "normalised"), strict=True))
    if plain < normalised and 0.9 < plain < 1.1:
        raise Wrong("the two are exchanged: the first is the plain model's ratio")
    if plain < 0.2 or normalised < 0.2:
        raise Wrong(f"got {brief(plain)} and {brief(normalised)}: the error after divided by the error before")
    if abs(plain - 1) < 0.05:
        raise Wrong("the plain model does not stay as good: were the weights set in the model that you evaluated?")
    if normalised > 1.5:
        raise Wrong(
            f"a ratio of {normalised:.3g} for the normalised model: gamma and beta were multiplied too, or not all of "
            "kernel, recurrent kernel and bias, or the head"
        )
    if not 0.9 < normalised < 1.1:
        raise Wrong(
            f"a ratio of {normalised:.3g} for the normalised model; multiply the first three weights of a layer"
        )
    return (
        f"The plain error grows {plain:.3g} times; the normalised cell looks at the pattern of a sum, not at its size."
    )


def _layer_norm(x: np.ndarray, gamma: Any, beta: Any, epsilon: float) -> np.ndarray:
    mean, variance = x.mean(axis=-1, keepdims=True), x.var(axis=-1, keepdims=True)
    return gamma * (x - mean) / np.sqrt(variance + epsilon) + beta


def _whole_sample(x: np.ndarray, epsilon: float) -> np.ndarray:
    axes = tuple(range(1, x.ndim))
    return (x - x.mean(axis=axes, keepdims=True)) / np.sqrt(x.var(axis=axes, keepdims=True) + epsilon)


def _leaky(X: np.ndarray, weights: list, leak: float, *, state: str = "mixed", output: str = "mixed") -> np.ndarray:
    kernel, recurrent, bias = weights
    held, outputs = np.zeros((len(X), len(bias))), []
    for t in range(X.shape[1]):
        inner = np.tanh(X[:, t] @ kernel + held @ recurrent + bias)
        mixed = leak * held + (1 - leak) * inner
        held = mixed if state == "mixed" else inner
        outputs.append(mixed if output == "mixed" else inner)
    return np.stack(outputs, axis=1)
