"""Checks of lesson 08: LSTM and GRU."""

from __future__ import annotations

from typing import Any

import numpy as np

from helpers.checks.base import NotYet, Wrong, as_array, as_number, brief, call, check_of


@check_of(
    "08.1",
    "how long a gate keeps",
    hints=[
        "A gate at f keeps the share f of c at each step, so after n steps f^n is left.",
        "Half-life: f^n = 1/2 gives n = log(1/2) / log(f), with f = σ(3). Then backwards: f = (1/2)^(1/1000).",
        "f = 1 / (1 + np.exp(-3)); np.log(0.5) / np.log(f). And f = 0.5 ** (1 / 1000); bias = np.log(f / (1 - f)).",
    ],
)
def ex_08_1(answer: Any) -> str:
    """(half-life at a forget bias of 3, forget bias for a half-life of 1,000 steps)."""
    half_life, bias = (as_number(value, name) for value, name in zip(_two(answer), ("half_life", "bias"), strict=True))
    f = 1 / (1 + np.exp(-3))
    _compare(
        "half_life",
        half_life,
        np.log(0.5) / np.log(f),
        {
            1 / (1 - f): "1 / (1 − f) is after how many steps 1/e is left, not one half",
            np.log(0.5) / np.log(3 / 4): "3 is the bias; what the gate keeps is σ(3)",
            0.5 / (1 - f): "the loss is not the same at every step: each step takes its share of what is left",
            f: "that is the share which one step keeps",
        },
        "log(1/2) / log(σ(3))",
    )
    share = 0.5 ** (1 / 1000)
    _compare(
        "bias",
        bias,
        np.log(share / (1 - share)),
        {
            np.log(1000): "a bias of log 1000 has a half-life of 693: log T keeps 1/e over T steps, not one half",
            share: "that is the share the gate has to keep, σ(bias); the bias is log(f / (1 − f))",
            1000.0: "that is the half-life itself",
            -np.log(share / (1 - share)): "the sign is turned: this gate would forget all but nothing in one step",
        },
        "log(f / (1 − f)) with f = (1/2)^(1/1000)",
    )
    return "Two units more of bias, seven times the memory: about e for each unit, once the gate is nearly open."


@check_of(
    "08.2",
    "an LSTM step with peepholes",
    hints=[
        "It is lstm_step with three more terms inside the sigmoids. g stays as it is.",
        "i and f look at the c that comes in; then the new c is made; only then o looks, at the new c.",
        "i = sigmoid(i + p_i * c); f = sigmoid(f + p_f * c); c = f * c + i * np.tanh(g); o = sigmoid(o + p_o * c).",
    ],
)
def ex_08_2(answer: Any) -> str:
    """``peephole_step(x, h, c, W, U, b, p_i, p_f, p_o)`` returns (h, c)."""
    random = np.random.default_rng(8)
    for batch, features, units in ((2, 1, 3), (1, 2, 4)):
        arrays = [random.normal(size=shape) for shape in ((batch, features), (batch, units), (batch, units))]
        weights = [random.normal(size=shape) for shape in ((features, 4 * units), (units, 4 * units), (4 * units,))]
        peepholes = [random.normal(size=units) for _ in range(3)]
        where = f"{batch} sequences, {features} features and {units} units"
        result = call(answer, *arrays, *weights, *peepholes)
        if not isinstance(result, (tuple, list)) or len(result) != 2:
            raise Wrong(f"for {where} expected two arrays, h and c, got {brief(result)}")
        h = as_array(result[0], (batch, units), f"for {where}, h")
        c = as_array(result[1], (batch, units), f"for {where}, c")
        h_true, c_true = _peephole_step(*arrays, *weights, *peepholes)
        if np.allclose(h, c_true, atol=1e-6) and np.allclose(c, h_true, atol=1e-6):
            raise Wrong(f"for {where} the two arrays are exchanged: return h first, then c")
        for kind, what in _SLIPS.items():
            h_slip, c_slip = _peephole_step(*arrays, *weights, *peepholes, slip=kind)
            if np.allclose(h, h_slip, atol=1e-6) and np.allclose(c, c_slip, atol=1e-6):
                raise Wrong(f"for {where} {what}")
        if not np.allclose(c, c_true, atol=1e-6):
            raise Wrong(f"for {where} expected c = {brief(c_true[0])}, got {brief(c[0])}; c does not depend on o")
        if not np.allclose(h, h_true, atol=1e-6):
            raise Wrong(f"for {where} c is right; expected h = o · tanh(c) = {brief(h_true[0])}, got {brief(h[0])}")
    return "With all peepholes at 0 it is the LSTM that you know."


_SLIPS = {
    "none": "the peepholes are missing: this is the plain LSTM step",
    "old": "o looks at the c that came in; it must look at the new c, which it is about to let out",
    "exchanged": "i and f are exchanged: Keras' order is i, f, g, o",
    "no tanh": "h is o · c; the tanh on the new c is missing",
    "ifog": "the order of the blocks is i, f, g, o; here o and g are exchanged",
    "on g": "g has no peephole: only the three gates look at c",
}


def _peephole_step(
    x: np.ndarray,
    h: np.ndarray,
    c: np.ndarray,
    W: np.ndarray,
    U: np.ndarray,
    b: np.ndarray,
    p_i: np.ndarray,
    p_f: np.ndarray,
    p_o: np.ndarray,
    *,
    slip: str = "",
) -> tuple[np.ndarray, np.ndarray]:
    i, f, g, o = np.split(x @ W + h @ U + b, 4, axis=1)
    if slip == "none":
        p_i = p_f = p_o = np.array(0.0)
    if slip == "exchanged":
        i, f = f, i
    if slip == "ifog":
        g, o = o, g
    i, f = _sigmoid(i + p_i * c), _sigmoid(f + p_f * c)
    new = f * c + i * np.tanh(g + p_i * c if slip == "on g" else g)
    o = _sigmoid(o + p_o * (c if slip == "old" else new))
    return o * (new if slip == "no tanh" else np.tanh(new)), new


@check_of(
    "08.3",
    "parameters of gated layers",
    hints=[
        "Count blocks: an LSTM makes i, f, g and o, a GRU z, r and g. Each block is a SimpleRNN's worth of weights.",
        "A block on 3 features with 32 units has 3 · 32 + 32 · 32 weights and 32 biases; a second bias adds 32.",
        "4·32·(3+32+1), 3·32·(3+32+2), 3·32·(3+32+1); nn.LSTM: 4·32·(3+32+2), then a second layer on 32 features.",
    ],
)
def ex_08_3(answer: Any) -> str:
    """Parameters of LSTM(32), GRU(32), GRU(32, reset_after=False) on 3 features, and of nn.LSTM(3, 32, 2)."""
    names = ("LSTM(32)", "GRU(32)", "GRU(32, reset_after=False)", "nn.LSTM(3, 32, 2)")
    values = [as_number(value, name) for value, name in zip(_several(answer, 4), names, strict=True)]
    mistakes = (
        {
            3456: "an LSTM has four blocks, i, f, g and o; you counted three",
            4736: "that has two biases; Keras' LSTM has one",
            4480: "the biases are missing",
            1152: "that is one block of four",
        },
        {
            3456: "with reset_after=True, the default, a GRU has two biases a block",
            4736: "a GRU has three blocks, z, r and g",
            3360: "the biases are missing",
        },
        {
            3552: "that has two biases a block; with reset_after=False there is one",
            4608: "a GRU has three blocks, z, r and g",
            3360: "the biases are missing",
        },
        {
            12_928: "that has one bias a block; PyTorch keeps two",
            9472: "the second layer reads the 32 states of the first, not the 3 features",
            4736: "that is the first of two layers",
            12_672: "the biases are missing",
        },
    )
    for name, value, true, known in zip(names, values, (4608, 3552, 3456, 13_184), mistakes, strict=True):
        if value in known:
            raise Wrong(f"{name}: got {value:g}; {known[int(value)]}")
        if value != true:
            raise Wrong(f"{name}: got {value:g}; count blocks · units · (features + units + biases)")
    return "Four, three, three blocks; and in PyTorch 4,736 for the first layer and 8,448 for the second."


@check_of(
    "08.4",
    "the other convention of z",
    hints=[
        "z of one convention is 1 − z of the other. When is σ(a) turned into 1 − σ(a)?",
        "1 − σ(a) = σ(−a): whatever makes the sum a has to change its sign, in all three arrays.",
        "z is the first third of the last axis: kernel[:, :units] *= -1 on a copy, and the same for the other two.",
    ],
)
def ex_08_4(answer: Any) -> str:
    """``exchange_z(kernel, recurrent_kernel, bias)``: weights for a GRU whose z lets the new in."""
    random = np.random.default_rng(84)
    for features, units, biases in ((1, 3, 2), (2, 4, 1)):
        shape = (2, 3 * units) if biases == 2 else (3 * units,)
        weights = [random.normal(size=size) for size in ((features, 3 * units), (units, 3 * units), shape)]
        where = f"{units} units and a bias of shape {shape}"
        result = call(answer, *weights)
        if not isinstance(result, (tuple, list)) or len(result) != 3:
            raise Wrong(f"for {where} expected three arrays, got {brief(result)}")
        names = ("kernel", "recurrent_kernel", "bias")
        found = [
            as_array(values, np.shape(true), f"for {where}, {name}")
            for values, true, name in zip(result, weights, names, strict=True)
        ]
        if all(np.array_equal(a, b) for a, b in zip(found, weights, strict=True)):
            raise Wrong(f"for {where} nothing was changed")
        X = random.normal(size=(2, 6, features))
        expected = _gru(X, *weights)
        if np.allclose(_gru(X, *found, new_by_z=True), expected, atol=1e-6):
            continue
        signs = [
            [_sign(a, b) for a, b in zip(np.split(one, 3, axis=-1), np.split(true, 3, axis=-1), strict=True)]
            for one, true in zip(found, weights, strict=True)
        ]
        if signs == [[-1, -1, -1]] * 3:
            raise Wrong(f"for {where} every sign is turned; r and g must stay as they are")
        if signs == [[1, -1, 1]] * 3:
            raise Wrong(f"for {where} the signs of r are turned: z is the first of the three blocks")
        if signs == [[-1, 1, 1], [-1, 1, 1], [1, 1, 1]]:
            raise Wrong(f"for {where} the bias of z was left as it is; it is part of the sum inside σ")
        if signs == [[-1, 1, 1], [1, 1, 1], [-1, 1, 1]]:
            raise Wrong(f"for {where} the recurrent weights of z were left as they are")
        raise Wrong(
            f"for {where} the last state must stay {brief(expected[0])}, got "
            f"{brief(_gru(X, *found, new_by_z=True)[0])}; turn the signs of z's weights, 1 − σ(a) = σ(−a)"
        )
    return "The two conventions are one layer: only the sign of z's weights tells them apart."


def _gru(X: np.ndarray, W: np.ndarray, U: np.ndarray, b: np.ndarray, *, new_by_z: bool = False) -> np.ndarray:
    """The last state; two rows of ``b`` mean reset_after."""
    units = len(U)
    inner, outer = (b[0], b[1]) if np.ndim(b) == 2 else (b, np.zeros(3 * units))
    h = np.zeros((len(X), units))
    for t in range(X.shape[1]):
        z, r, g = np.split(X[:, t] @ W + inner, 3, axis=1)
        U_z, U_r, U_g = np.split(U, 3, axis=1)
        z = _sigmoid(z + h @ U_z + outer[:units])
        r = _sigmoid(r + h @ U_r + outer[units : 2 * units])
        g = np.tanh(g + (r * (h @ U_g + outer[2 * units :]) if np.ndim(b) == 2 else (r * h) @ U_g))
        h = (1 - z) * h + z * g if new_by_z else z * h + (1 - z) * g
    return h


def _sign(found: np.ndarray, true: np.ndarray) -> int:
    return 1 if np.allclose(found, true) else -1 if np.allclose(found, -true) else 0


@check_of(
    "08.5",
    "a GRU that remembers",
    hints=[
        "A GRU keeps by z, so its bias decides how long. Give z the bias that the LSTM's forget gate was given.",
        "bias_initializer takes a function f(shape, dtype=None); the shape is (2, 60), z the first third of each row.",
        "def long_z(shape, dtype=None): bias = np.zeros(shape); "
        "bias[0, :20] = np.log(np.random.uniform(1, 49, 20)); return bias.",
    ],
)
def ex_08_5(answer: Any) -> str:
    """A model with a GRU layer that solves marked symbol at T = 50, tried on new series."""
    if answer is ... or answer is None:
        raise NotYet
    layers = getattr(answer, "layers", None)
    if not layers or not callable(answer):
        raise Wrong(f"expected a trained Keras model, got {brief(answer)}")
    kinds = [type(layer).__name__ for layer in layers]
    if "GRU" not in kinds:
        raise Wrong(f"the model's layers are {', '.join(kinds)}; there is no GRU among them")
    shape = tuple(getattr(answer, "input_shape", ()))
    if len(shape) != 3 or shape[2] != 2:
        raise Wrong(f"the model reads {shape}; marked symbol has two features, the value and the mark")
    X, right = _marked(2000, 50)
    guesses = np.asarray(answer.predict(X, batch_size=500, verbose=0)).reshape(len(X), -1)
    if guesses.shape[1] != 1:
        raise Wrong(f"the model gives {guesses.shape[1]} numbers a series; expected one, the probability of +")
    accuracy = float(np.mean((guesses[:, 0] > 0.5) == right))
    if accuracy < 0.1:
        raise Wrong(f"on 2,000 new series {accuracy:.0%} are right: the model answers the opposite")
    if accuracy < 0.56:
        raise Wrong(f"on 2,000 new series {accuracy:.0%} are right: chance. {_bias_of(layers[kinds.index('GRU')])}")
    if accuracy < 0.9:
        raise Wrong(f"on 2,000 new series {accuracy:.0%} are right, not yet 90 %: train on, or for all ten epochs")
    return f"On 2,000 new series {accuracy:.0%} are right: it was the start, not the layer."


def _bias_of(layer: Any) -> str:
    """Which gate's bias was set, by what is left of it after training."""
    bias = layer.get_weights()[2]
    z, r, _ = np.split(bias[0] if np.ndim(bias) == 2 else bias, 3)
    if np.mean(z) > 1:
        return "z keeps long enough; was the model trained, and on marked symbol"
    if np.mean(z) < -1:
        return "The bias of z is negative, which lets the new in; in Keras z keeps the old"
    if np.mean(r) > 1:
        return "The bias of r was raised; the gate that keeps is z, the first block"
    return "The bias of z is still near 0, so half is forgotten at each step"


def _marked(n_series: int, length: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(808)
    X = np.zeros((n_series, length, 2), dtype="float32")
    X[..., 0] = random.normal(size=(n_series, length))
    place = random.integers(0, length // 2, size=n_series)
    X[np.arange(n_series), place, 1] = 1
    return X, X[np.arange(n_series), place, 0] > 0


def _two(answer: Any) -> list:
    return _several(answer, 2)


def _several(answer: Any, count: int) -> list:
    if answer is ... or answer is None:
        raise NotYet
    try:
        values = list(answer)
    except TypeError:
        raise Wrong(f"expected {count} numbers, got {brief(answer)}") from None
    if len(values) != count:
        raise Wrong(f"expected {count} numbers, got {len(values)}")
    if any(value is ... for value in values):
        raise NotYet
    return values


def _compare(name: str, value: float, true: float, mistakes: dict[float, str], formula: str) -> None:
    if abs(value - true) <= 0.005 * abs(true):
        return
    for wrong, what in mistakes.items():
        if abs(value - wrong) <= 0.005 * abs(wrong):
            raise Wrong(f"{name}: got {value:g}; {what}")
    raise Wrong(f"{name}: got {value:g}; expected {formula}")


def _sigmoid(values: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-values))
