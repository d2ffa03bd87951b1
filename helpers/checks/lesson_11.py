"""Checks of lesson 11: layers and models of your own."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from helpers.checks.base import NotYet, Wrong, as_array, as_number, brief, call, check_of, close


@check_of(
    "11.1",
    "a gated layer that comes back from a file",
    hints=[
        "A layer may be made of layers: two Dense, one of them with a sigmoid. Or add four weights in build.",
        "Keep units and activation in __init__, build both parts in build, multiply them in call.",
        "Register the class; get_config gives units and keras.activations.serialize(self.activation).",
    ],
)
def ex_11_1(answer: Any) -> str:
    """``GatedDense``, a class, against its formula in NumPy, and through a file."""
    cls = _layer_class(answer, "GatedDense")
    X = np.random.default_rng(3).normal(size=(6, 4, 5)).astype("float32")
    import keras

    for activation, name in (("tanh", "tanh"), (keras.activations.elu, "elu"), (None, "linear")):
        for rows in (X[:, 0], X):
            where = f"GatedDense(3, {name}) on {rows.shape}"
            layer = _built(lambda activation=activation: cls(3, activation=activation), rows, where)
            _shapes(layer, [(5, 3), (3,), (5, 3), (3,)], where, "W, b, V, c")
            weights = _fill(layer)
            got = as_array(np.asarray(call(layer, rows)), (*rows.shape[:-1], 3), f"for {where} the result")
            _compare_gate(got, rows, weights, name, where)
    _through_a_file(lambda: cls(3, activation="tanh"), X[:, 0], cls)
    _through_a_file(lambda: cls(3, activation=keras.activations.elu), X[:, 0], cls)
    return "It equals the formula, on rows and on sequences, and comes back from a file with its activation."


def _compare_gate(got: np.ndarray, X: np.ndarray, weights: Sequence[np.ndarray], name: str, where: str) -> None:
    W, b, V, c = (weight.astype(float) for weight in weights)
    acts: dict[str, Callable[[np.ndarray], np.ndarray]] = {"tanh": np.tanh, "elu": _elu, "linear": lambda a: a}
    act = acts[name]
    value, gate = X @ W + b, X @ V + c
    if close(got, act(value) * _sigmoid(gate)):
        return
    mistakes = {
        "the activation is missing on the left factor": value * _sigmoid(gate),
        "the sigmoid is missing: the gate lies between 0 and 1": act(value) * gate,
        "the factors are exchanged: W and b belong to the activation, V and c to the gate": act(gate) * _sigmoid(value),
        "both factors come from the same weights; the gate has V and c of its own": act(value) * _sigmoid(value),
        "value and gate are multiplied, not added": act(value) + _sigmoid(gate),
        "the activation goes around x W + b alone, not around the product": act(value * _sigmoid(gate)),
        "the biases are left out": act(X @ W) * _sigmoid(X @ V),
    }
    for mistake, values in mistakes.items():
        if close(got, values):
            raise Wrong(f"for {where}: {mistake}")
    first = (0,) * (X.ndim - 1)
    raise Wrong(f"for {where} expected {brief((act(value) * _sigmoid(gate))[first])}, got {brief(got[first])}")


@check_of(
    "11.2",
    "the weights of a model that calls a block four times",
    hints=[
        "Add up the parts: the first layer, the blocks, the last layer. What has weights, a call or an object?",
        "A dense layer from a to b has a · b + b weights. The first goes from 8 to 30, the last from 30 to 1.",
        "270 + (number of block objects) · 1,860 + 31.",
    ],
)
def ex_11_2(answer: Any) -> str:
    """Weights of ``ResidualRegressor(1)`` on eight features."""
    given = as_number(answer)
    mistakes = {
        9601: "that counts a block for every call; weights belong to objects, and there are two blocks",
        2161: "that counts one block; the model holds block1 and block2, of two dense layers each",
        4021 - 31: "the output layer is missing: 30 · 1 + 1",
        4021 - 270: "the first layer is missing: 8 · 30 + 30",
        3901: "that is for four features; here there are eight",
        5560: "that is for 50 values and ten steps; here there are eight features and one forecast",
        240 + 4 * 900 + 30: "the biases are missing",
    }
    if given in mistakes:
        raise Wrong(f"{given:,.0f} weights? {mistakes[int(given)]}")
    if given != 4021:
        raise Wrong(
            f"{given:,g} weights? Count the first layer, two blocks of two dense layers each, and the last layer"
        )
    return "270 + 2 · 1,860 + 31. Calling a block again costs time and no weights."


@check_of(
    "11.3",
    "a residual block for any number of features",
    hints=[
        "The number of features is known in build: decide there whether a Dense(use_bias=False) is needed.",
        "super().build(input_shape) builds the hidden layers; then build the layer on the way around, if there is one.",
        "call: kept = inputs if self.around is None else self.around(inputs); return kept + self.through(inputs).",
    ],
)
def ex_11_3(answer: Any) -> str:
    """``AnyBlock``, a class, on as many features as neurons, on others and on one."""
    cls = _layer_class(answer, "AnyBlock")
    random = np.random.default_rng(5)
    for n_layers, n_neurons, shape in ((2, 4, (6, 4)), (2, 4, (6, 7)), (1, 4, (6, 3, 7)), (2, 4, (6, 5, 1))):
        X = random.normal(size=shape).astype("float32")
        features = shape[-1]
        where = f"AnyBlock({n_layers}, {n_neurons}) on {features} feature{'' if features == 1 else 's'}"
        layer = _built(lambda sizes=(n_layers, n_neurons): cls(*sizes), X, where)
        expected = [(features, n_neurons), (n_neurons,)] + [(n_neurons, n_neurons), (n_neurons,)] * (n_layers - 1)
        if features != n_neurons:
            expected.append((features, n_neurons))
        if len(layer.weights) == len(expected) - 1 and features == 1:
            raise Wrong(f"for {where} there is no kernel on the way around: one number is broadcast to all {n_neurons}")
        if len(layer.weights) == len(expected) + 1:
            raise Wrong(
                f"for {where} there are {len(layer.weights)} arrays of weights, expected {len(expected)}: "
                + ("the input fits, so nothing stands on the way around" if features == n_neurons else "no bias there")
            )
        _shapes(layer, expected, where, "hidden layers, then the way around")
        weights = _fill(layer)
        got = as_array(np.asarray(call(layer, X)), (*shape[:-1], n_neurons), f"for {where} the result")
        _compare_block(got, X, weights, n_layers, where)
    _through_a_file(lambda: cls(2, 4), random.normal(size=(6, 7)).astype("float32"), cls)
    _through_a_file(lambda: cls(2, 4), random.normal(size=(6, 4)).astype("float32"), cls)
    return "Any number of features fits, one of them too, and the weights come back from a file."


def _compare_block(got: np.ndarray, X: np.ndarray, weights: list, n_layers: int, where: str) -> None:
    X, weights = X.astype(float), [weight.astype(float) for weight in weights]
    through = X
    for kernel, bias in zip(weights[: 2 * n_layers : 2], weights[1 : 2 * n_layers : 2], strict=True):
        total = through @ kernel + bias
        through = _elu(total)
    around = X @ weights[-1] if len(weights) > 2 * n_layers else X
    if close(got, around + through):
        return
    mistakes = {
        "the way around is not added": through,
        "what the hidden layers make is not added": around,
        "the way around passes an activation; it is to be linear": _elu(around) + through,
    }
    for mistake, values in mistakes.items():
        if values.shape == got.shape and close(got, values):
            raise Wrong(f"for {where}: {mistake}")
    first = (0,) * (X.ndim - 1)
    raise Wrong(f"for {where} expected {brief((around + through)[first])}, got {brief(got[first])}")


@check_of(
    "11.4",
    "what a trained network can do without",
    hints=[
        "Pass X_valid through model.layers one by one, and leave one of them out: layers 1 to 16 are the blocks.",
        "Divide each error by that of the whole network, and take the median of the 16 ratios.",
        "ratios = tuple(median_ratio(deep_models[kind]) for kind in KINDS): plain, skip, skip from zero.",
    ],
)
def ex_11_4(answer: Any) -> str:
    """(plain, skip, skip from zero): median over the blocks of the error without one, divided by that with all."""
    if answer is ... or answer is None:
        raise NotYet
    try:
        given = list(answer)
    except TypeError:
        raise Wrong(f"expected three ratios (plain, skip, skip from zero), got {brief(answer)}") from None
    if len(given) != 3:
        raise Wrong(f"expected three ratios (plain, skip, skip from zero), got {len(given)}")
    names = ("plain", "skip", "skip from zero")
    plain, skip, zero = (as_number(value, name) for value, name in zip(given, names, strict=True))
    if max(plain, skip, zero) < 1.01 and min(plain, skip, zero) < 0.9:
        raise Wrong(
            f"got {brief(plain)}, {brief(skip)}, {brief(zero)}: errors or differences? Divide by the whole's error"
        )
    if abs(plain - 1) < 0.01 and abs(skip - 1) < 0.01:
        raise Wrong("ratios of 1: no block was left out; layer 0 is the first layer, layers 1 to 16 are the blocks")
    if plain < 3 and zero > 3:
        raise Wrong("the kinds are exchanged: the order is plain, skip, skip from zero")
    if zero >= 3:
        raise Wrong(
            f"{zero:.3g} for the skip from zero: the largest ratio, or several blocks at once? Take the median of 16"
        )
    if zero < 1:
        raise Wrong(
            f"{zero:.3g} for the skip from zero: divide the error without the block by that of the whole network"
        )
    if skip < 8 or plain < 3:
        raise Wrong(f"{plain:.3g} for plain and {skip:.3g} for the skip: leave out a whole block, and nothing else")
    return (
        f"Without one block the error is {plain:.3g}, {skip:.3g} and {zero:.3g} times as large. Only blocks that add "
        "little to what passes can be missed."
    )


def _layer_class(answer: Any, name: str) -> type:
    """The reader's class, once it is one."""
    import keras

    if answer is ... or answer is None:
        raise NotYet
    if not isinstance(answer, type) or not issubclass(answer, keras.layers.Layer):
        raise Wrong(f"expected the class {name}, got {brief(answer)}")
    return answer


def _built(make: Any, X: np.ndarray, where: str) -> Any:
    """A layer of the reader's, built for ``X`` by a first call."""
    layer = call(make)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        call(lambda: [layer.build(X.shape)])
        try:
            result = layer(X)
        except Exception as error:
            if not layer.weights:
                raise NotYet(f"for {where} it has no weights") from None
            text = " ".join(str(error).split("Arguments received")[0].split())
            raise Wrong(f"for {where} calling it raised {type(error).__name__}: {text[:200]}") from error
    if result is None:
        raise NotYet("call returns nothing")
    return layer


def _shapes(layer: Any, expected: list[tuple[int, ...]], where: str, order: str) -> None:
    shapes = [tuple(weight.shape) for weight in layer.weights]
    if not shapes:
        raise Wrong(f"for {where} Keras knows of no weights: make them by add_weight, or by layers kept in the layer")
    if shapes != expected:
        raise Wrong(f"for {where} the weights have shapes {shapes}; expected {expected} ({order})")


def _fill(layer: Any) -> list[np.ndarray]:
    """Give all weights of ``layer`` values of their own."""
    random = np.random.default_rng(11)
    weights = [0.5 * random.normal(size=weight.shape).astype("float32") for weight in layer.weights]
    layer.set_weights(weights)
    return weights


def _through_a_file(make: Any, X: np.ndarray, cls: type) -> None:
    """Save a model that holds the layer, load it again without ``custom_objects``, and compare."""
    import keras

    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
        warnings.simplefilter("ignore")
        inputs = keras.Input(X.shape[1:])
        layer = call(make)
        model = call(lambda: keras.Model(inputs, layer(inputs)))
        _fill(layer)
        before = np.asarray(model(X), float)
        path = Path(folder) / "model.keras"
        call(lambda: [model.save(path)])
        try:
            after = np.asarray(keras.saving.load_model(path)(X), float)
        except Exception as error:  # each cause has its own class: TypeError, ValueError, NotImplementedError
            raise Wrong(_why_not_loaded(error, cls)) from error
    if after.shape != before.shape or not close(after, before):
        raise Wrong(
            f"loaded, it gives {brief(after[0])} instead of {brief(before[0])}: what get_config leaves out starts at "
            "its default"
        )


def _why_not_loaded(error: Exception, cls: type) -> str:
    import keras

    if keras.saving.get_registered_name(cls) == cls.__name__:
        return "it saves and does not load: the class is not registered (keras.saving.register_keras_serializable)"
    cause = " ".join(str(error.__cause__ or error).split("encountered: ")[-1].split())
    return f"it saves and does not load ({type(error).__name__}: {cause[:160]}); compare get_config with __init__"


def _elu(a: np.ndarray) -> np.ndarray:
    return np.where(a > 0, a, np.expm1(np.minimum(a, 0)))


def _sigmoid(a: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-a))
