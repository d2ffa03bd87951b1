"""Checks of lesson 04: deep RNN."""

from __future__ import annotations

from typing import Any

import numpy as np

from helpers.checks.base import NotYet, Wrong, as_number, brief, call, check_of

STACKS = ("30-10 + Dense(1)", "30-10-10 + Dense(1)", "30-10 + SimpleRNN(1)")


@check_of(
    "04.1",
    "weights of three stacks",
    hints=[
        "Count layer by layer. What a layer reads are the units of the layer below; the first reads five features.",
        "SimpleRNN: units · (features + units + 1). The first layer has 30 · (5 + 30 + 1), the second reads 30.",
        "On ten units SimpleRNN(1) has 1 · (10 + 1 + 1) weights; Dense(1), on the last state, has 10 + 1.",
    ],
)
def ex_04_1(answer: Any) -> str:
    """The weights of 30-10 + Dense(1), 30-10-10 + Dense(1) and 30-10 + SimpleRNN(1) on five features."""
    for name, value, right in zip(STACKS, _numbers(answer, STACKS), (1501, 1711, 1502), strict=True):
        if value != right:
            reason = _MISCOUNTED.get(int(value), "add up the layers: 1,080 for the first, those above, and the head")
            raise Wrong(f"for {name} got {value:g}: {reason}")
    return "The upper layer pays for what it reads: 10 · 30 of its 410 weights are for the thirty units below."


_FEATURES = "a layer above the first reads the units of the layer below, 30 or 10, not the five features"
_MISCOUNTED = {
    1080 + 160 + 11: _FEATURES,
    1080 + 2 * 160 + 11: _FEATURES,
    1080 + 160 + 12: _FEATURES,
    1080 + 2 * 410 + 11: "the third layer reads the ten units of the second, not thirty",
    960 + 410 + 11: "the first layer reads five features, not one",
    960 + 410 + 210 + 11: "the first layer reads five features, not one",
    960 + 410 + 12: "the first layer reads five features, not one",
    1080 + 410 + 501: "Dense(1) reads the last state, ten numbers, not all 50 steps",
    1080 + 410 + 210 + 501: "Dense(1) reads the last state, ten numbers, not all 50 steps",
    1080 + 410: "the head is missing",
    1080 + 410 + 210: "the head is missing",
    1080 + 410 + 11: "SimpleRNN(1) also listens to its own state, one weight more than Dense(1)",
    1080 + 410 + 12: "Dense(1) has no weight for a state of its own",
    1080 + 410 + 210 + 12: "Dense(1) has no weight for a state of its own",
}


@check_of(
    "04.2",
    "a stack that fits together",
    hints=[
        "Which layers feed a recurrent layer? Those must keep the time axis.",
        "Dense(1) wants the last state only: look at which of the three layers feeds it.",
        "return_sequences=True on the first two SimpleRNN layers, and not on the third.",
    ],
)
def ex_04_2(answer: Any) -> str:
    """A function that returns three SimpleRNN(10) and Dense(1) with output shape (None, 1)."""
    model = answer if hasattr(answer, "layers") else call(answer)
    layers = getattr(model, "layers", None)
    if not isinstance(layers, list) or not hasattr(model, "output_shape"):
        raise Wrong(f"expected a function that returns a keras model, got {brief(model)}")
    kinds = [type(layer).__name__ for layer in layers if type(layer).__name__ != "InputLayer"]
    shape = tuple(np.ravel(np.asarray(model.output_shape, dtype=object)))
    if shape == (None, 50, 1):
        raise Wrong(
            "the output has shape (None, 50, 1): look at the output shape; it would train in silence, to no use. "
            "One forecast a series needs the last state only"
        )
    if kinds != ["SimpleRNN"] * 3 + ["Dense"]:
        raise Wrong(f"the layers are {', '.join(kinds)}; expected the four given: three SimpleRNN, then Dense")
    if shape != (None, 1):
        raise Wrong(f"the output has shape {shape}; expected (None, 1)")
    units = [layer.units for layer in layers[-4:]]
    if units != [10, 10, 10, 1]:
        raise Wrong(f"the layers have {units} units; expected [10, 10, 10, 1], as given")
    if tuple(model.input_shape) != (None, 50, 1):
        raise Wrong(f"the input has shape {tuple(model.input_shape)}; expected (None, 50, 1)")
    return "Two layers hand over all their states, the third its last: (None, 50, 10) twice, then (None, 10)."


@check_of(
    "04.3",
    "units for a budget",
    hints=[
        "Write the weights of the whole stack as a function of units; then raise units while it stays in the budget.",
        "The first layer has units · (1 + units + 1) weights, each of the others units · (units + units + 1).",
        "Add units + 1 for the head. For a budget of 1,281 and depth 2 the answer is 20.",
    ],
)
def ex_04_3(answer: Any) -> str:
    """``units_for(depth, budget)`` for several depths and budgets."""
    for depth, budget in ((1, 1281), (2, 1281), (3, 1281), (2, 1280), (1, 100), (4, 5000)):
        given = as_number(call(answer, depth, budget), f"units_for({depth}, {budget})")
        right = _units(depth, budget)
        if given == right:
            continue
        where = f"for depth {depth} and budget {budget} got {given:g}"
        if given != int(given):
            raise Wrong(f"{where}; units are a whole number")
        if given > 0 and given == _units_flat(depth, budget) and depth > 1:
            raise Wrong(f"{where}: only the first layer reads one feature; a layer above reads the units below it")
        if given > 0 and given == budget // depth:
            raise Wrong(f"{where}: a budget of weights is not a budget of units; weights grow with the square of units")
        if given > right:
            raise Wrong(f"{where}: that stack has {_weights(depth, int(given)):,} weights, over the budget")
        raise Wrong(f"{where}: {right} units still fit, with {_weights(depth, right):,} weights")
    return "Depth is paid for in width: 34, 20 and 15 units for the same 1,281 weights."


@check_of(
    "04.4",
    "how long a unit stays untouched",
    hints=[
        "Draw masks as rng.random((units, steps)) >= 0.2: True is kept. One mask a sequence is one column of it.",
        "With fresh masks a unit is untouched only if it is kept at every one of the twenty steps: masks.all(axis=1).",
        "Take 100,000 units or more: the second share is about one in a hundred.",
    ],
)
def ex_04_4(answer: Any) -> str:
    """Shares untouched after 20 steps at rate 0.2: (one mask, fresh masks)."""
    fixed, fresh = _numbers(answer, ("one mask", "fresh masks"))
    if abs(fixed - 0.2) < 0.02:
        raise Wrong(f"with one mask got {fixed:.3g}: that is the share dropped, not the share untouched")
    if not 0.77 < fixed < 0.83:
        raise Wrong(f"with one mask got {fixed:.3g}; that mask is drawn once, so the twenty steps do not matter")
    if abs(fresh - fixed) < 0.02:
        raise Wrong(f"with fresh masks got {fresh:.3g}, as with one mask; a unit must survive twenty draws, not one")
    if fresh < 0:
        raise Wrong(f"with fresh masks got {fresh:.3g}; 1 − 0.2 · 20 is no share: survival multiplies, it does not add")
    if fresh == 0 or (fresh * 200 == round(fresh * 200) and not 0.0095 < fresh < 0.0135):
        raise Wrong(f"with fresh masks got {fresh:.3g}; with so few units chance decides: take 100,000")
    if not 0.0095 < fresh < 0.0135:
        raise Wrong(
            f"with fresh masks got {fresh:.3g}; a unit must be kept at each of twenty steps, with enough units drawn"
        )
    return "0.8 against 0.8 to the power 20, about 0.0115: seventy times fewer."


def _numbers(answer: Any, names: tuple[str, ...]) -> list[float]:
    if answer is ... or answer is None:
        raise NotYet
    try:
        values = list(answer)
    except TypeError:
        raise Wrong(f"expected {len(names)} numbers, for {', '.join(names)}; got {brief(answer)}") from None
    if len(values) != len(names):
        raise Wrong(f"expected {len(names)} numbers, for {', '.join(names)}; got {len(values)}")
    return [as_number(value, name) for value, name in zip(values, names, strict=True)]


def _weights(depth: int, units: int) -> int:
    """Of ``depth`` SimpleRNN layers on one feature, and Dense(1)."""
    return units * (units + 2) + (depth - 1) * units * (2 * units + 1) + units + 1


def _units(depth: int, budget: int) -> int:
    units = 0
    while _weights(depth, units + 1) <= budget:
        units += 1
    return units


def _units_flat(depth: int, budget: int) -> int:
    """The answer of one who counts every layer as if it read one feature."""
    units = 0
    while depth * (units + 1) * (units + 3) + units + 2 <= budget:
        units += 1
    return units
