"""Lab *mask* (lesson 04): recurrent dropout with one mask per sequence or a fresh one per step, and what each costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from helpers.labs.framework.controls import Choice, Slider
from helpers.labs.framework.lab import Lab
from helpers.plots import COLOURS

#: Units in the map of masks; series over which a model's error under masks is measured.
N_UNITS, N_SCORED = 200, 200
N_STEPS = 50
RATES = tuple(round(0.05 * k, 2) for k in range(19))
KINDS = ("one for the sequence", "fresh at each step")


@dataclass(frozen=True)
class Stack:
    """The weights of SimpleRNN layers under a Dense(1)."""

    layers: tuple[tuple[np.ndarray, np.ndarray, np.ndarray], ...]  # kernel, recurrent kernel, bias of each
    head: np.ndarray  # (units,)
    head_bias: float


@dataclass(frozen=True)
class Masks:
    """The models, the random numbers that the map's masks are made of, and the models' errors under masks."""

    models: Mapping[str, Stack]
    chances: np.ndarray  # (steps, N_UNITS), for the map
    errors: Mapping[tuple[str, str, float], float]  # MSE by model, kind of mask and rate
    naive: float


def lab(models: Mapping[str, Any], X: np.ndarray, y: np.ndarray) -> Lab:
    """The lab on trained stacks of ``SimpleRNN`` under ``Dense(1)``.

    Args:
        models: label to Keras model; equal in layers and units.
        X: validation series (batch, 50, 1).
        y: their next values (batch,) or (batch, 1).

    Raises:
        ValueError: a model is another one, or ``X`` and ``y`` do not fit.
    """
    data = prepare(models, X, y)
    names = list(data.models)
    return Lab(
        "mask",
        tasks=[
            "Switch between the two kinds of mask and watch the map. What becomes of a unit that was kept at first?",
            "Rate 0.3, fresh masks: move the steps. From which step on are fewer than ten of the 200 units untouched?",
            "Compare the two models under one mask for the sequence. Which one has learned to live with it?",
            "Now fresh masks, which neither model has met: does the training with dropout still help?",
        ],
        draw=draw,
        update=update,
        data=data,
        controls={
            "rate": Slider("rate", 0.3, minimum=0.0, maximum=0.9, step=0.05),
            "steps": Slider("steps", 10, minimum=1, maximum=N_STEPS),
            "kind": Choice("mask", KINDS[1], options=list(KINDS)),
            "model": Choice("model", names[0], options=names),
        },
        size=(10.5, 4.2),
    )


def prepare(models: Mapping[str, Any], X: np.ndarray, y: np.ndarray) -> Masks:
    """Take the weights out of the models and draw the random numbers.

    Raises:
        ValueError: fewer than two models, one that is no SimpleRNN stack under Dense(1), or series of another shape.
    """
    X, y = np.asarray(X, dtype=np.float32), np.ravel(y)
    if X.ndim != 3 or X.shape[1:] != (N_STEPS, 1) or len(X) != len(y) or len(X) < 2:
        raise ValueError(f"X has shape {X.shape} and y {y.shape}; expected (batch, {N_STEPS}, 1) and (batch,).")
    if not (np.isfinite(X).all() and np.isfinite(y).all()):
        raise ValueError("X or y hold values that are not finite.")
    if not isinstance(models, Mapping) or len(models) < 2:
        raise ValueError(f"models is {type(models).__name__}; expected a dict of two trained models or more.")
    stacks = {name: read(model) for name, model in models.items()}
    sizes = {tuple(len(bias) for _, _, bias in stack.layers) for stack in stacks.values()}
    if len(sizes) != 1 or len(set(next(iter(sizes)))) != 1:
        raise ValueError(f"the models have layers of {sorted(sizes)} units; expected the same in all.")
    units = next(iter(sizes))
    random = np.random.default_rng(0)
    chances = random.random((N_STEPS, N_UNITS))
    draws = random.random((len(units), N_STEPS, len(X[:N_SCORED]), units[0]), dtype=np.float32)
    errors = {
        (name, kind, rate): error(stack, X[:N_SCORED], y[:N_SCORED], draws=draws, rate=rate, kind=kind)
        for name, stack in stacks.items()
        for kind in KINDS
        for rate in RATES
    }
    naive = float(np.mean((X[:N_SCORED, -1, 0] - y[:N_SCORED]) ** 2))
    return Masks(stacks, chances, errors, naive)


def read(model: Any) -> Stack:
    """The weights of a stack of SimpleRNN on one feature under Dense(1).

    Raises:
        ValueError: the weights are those of another model.
    """
    weights = [
        np.asarray(values, np.float32) for layer in getattr(model, "layers", ()) for values in layer.get_weights()
    ]
    shapes, features, layers = [values.shape for values in weights], 1, []
    for place in range(0, len(weights) - 2, 3):
        kernel, recurrent, bias = weights[place : place + 3]
        if bias.ndim == 1 and (kernel.shape, recurrent.shape) == ((features, len(bias)), (len(bias), len(bias))):
            layers.append((kernel, recurrent, bias))
            features = len(bias)
    if not layers or shapes[3 * len(layers) :] != [(features, 1), (1,)]:
        raise ValueError(f"a model's weights have shapes {shapes}; expected SimpleRNN layers on one feature, Dense(1).")
    if not all(np.isfinite(values).all() for values in weights):
        raise ValueError("a model's weights are not finite; train it again.")
    return Stack(tuple(layers), weights[-2][:, 0], float(weights[-1][0]))


def error(stack: Stack, X: np.ndarray, y: np.ndarray, *, draws: np.ndarray, rate: float, kind: str) -> float:
    """MSE of a model with recurrent dropout at ``rate``, every sequence under masks of its own.

    ``draws`` are the random numbers of the masks, (layers, steps, batch, units).
    """
    sequence = X
    for (kernel, recurrent, bias), chances in zip(stack.layers, draws, strict=True):
        inputs = sequence @ kernel + bias
        state = np.zeros_like(inputs[:, 0])
        every = np.empty_like(inputs)
        scale = np.float32(1 / (1 - rate))
        for t in range(N_STEPS):
            if rate > 0:
                state = state * ((chances[0 if kind == KINDS[0] else t] >= rate) * scale)
            state = np.tanh(inputs[:, t] + state @ recurrent)
            every[:, t] = state
        sequence = every
    return float(np.mean((sequence[:, -1] @ stack.head + stack.head_bias - y) ** 2))


def untouched(data: Masks, *, rate: float, kind: str) -> np.ndarray:
    """Which of the 200 units were never dropped up to each step: (steps, units)."""
    kept = data.chances >= rate
    return np.broadcast_to(kept[0], kept.shape) if kind == KINDS[0] else np.logical_and.accumulate(kept, axis=0)


def draw(fig: Figure, data: Masks) -> dict[str, Any]:
    """Left the units over time, in the middle the share untouched, right the errors."""
    left, middle, right = fig.subplots(1, 3, width_ratios=[1.2, 1.2, 0.9])
    picture = left.imshow(
        np.zeros((N_UNITS, N_STEPS)), vmin=0, vmax=2, cmap="cividis", aspect="auto", interpolation="nearest"
    )
    left.set(
        xlabel="time step",
        ylabel="unit",
        title="yellow: never dropped so far\ngrey: kept now, dropped before\ndark: dropped now",
    )
    left.grid(False)
    left.set_xticks([0, 9, 19, 29, 39, 49], ["1", "10", "20", "30", "40", "50"])
    (limit,) = left.plot([], [], color=COLOURS["red"], linewidth=2)
    middle.set(xlabel="time step", ylabel="share untouched", xlim=(0, N_STEPS + 1), ylim=(-0.02, 1.02))
    steps = np.arange(1, N_STEPS + 1)
    (one,) = middle.plot(steps, steps * 0.0, "--", color=COLOURS["blue"], label="1 − rate")
    (power,) = middle.plot(steps, steps * 0.0, ":", color=COLOURS["black"], label="(1 − rate) to the power t")
    (share,) = middle.plot(steps, steps * 0.0, color=COLOURS["red"], label="the 200 units", linewidth=2.2)
    (here,) = middle.plot([], [], "D", color=COLOURS["red"], markersize=10)
    middle.legend(loc="upper center", bbox_to_anchor=(0.5, 1.32))
    errors = [error for error in data.errors.values() if np.isfinite(error)]
    right.set(
        yscale="log",
        ylim=(min([1e-3, *errors]) / 2, 2 * max([5, *errors])),
        xlim=(-0.5, 2.5),
        ylabel="MSE of the model",
    )
    right.set_xticks([0, 1, 2], ["no\nmask", "one\nmask", "fresh\nmasks"])
    (errors,) = right.plot([], [], "o", color=COLOURS["blue"], markersize=9)
    (chosen,) = right.plot([], [], "D", color=COLOURS["red"], markersize=12, fillstyle="none", markeredgewidth=2)
    right.axhline(data.naive, color=COLOURS["black"], ls="--", label="naive")
    right.legend(loc="upper left")
    return {
        "picture": picture,
        "limit": limit,
        "one": one,
        "power": power,
        "share": share,
        "here": here,
        "errors": errors,
        "chosen": chosen,
    }


def update(artists: Mapping[str, Any], data: Masks, *, rate: float, steps: int, kind: str, model: str) -> str:
    """Show the masks up to ``steps`` and the model's errors; returns the share untouched and the errors."""
    whole = untouched(data, rate=rate, kind=kind)
    kept_now = np.broadcast_to(data.chances[0] >= rate, whole.shape) if kind == KINDS[0] else data.chances >= rate
    shown = (whole.astype(int) + kept_now).T
    artists["picture"].set_data(np.where(np.arange(N_STEPS) < steps, shown, np.nan))
    artists["limit"].set_data([steps - 0.5] * 2, [-0.5, N_UNITS - 0.5])
    time = np.arange(1, N_STEPS + 1)
    share = whole.mean(axis=1)
    artists["one"].set_ydata(np.full(N_STEPS, 1 - rate))
    artists["power"].set_ydata((1 - rate) ** time)
    artists["share"].set_data(time[:steps], share[:steps])
    artists["here"].set_data([steps], [share[steps - 1]])
    errors = [data.errors[model, kind, 0.0], *(data.errors[model, which, round(rate, 2)] for which in KINDS)]
    artists["errors"].set_data([0, 1, 2], errors)
    place = 1 + KINDS.index(kind)
    artists["chosen"].set_data([place], [errors[place]])
    return (
        f"Rate {rate:.2f}, after {_count(steps)}: {int(whole[steps - 1].sum())} of {N_UNITS} units were never dropped. "
        f"The model {model}: MSE {errors[0]:.4f} without a mask, {errors[1]:.4f} with one mask a sequence, "
        f"{errors[2]:.4f} with fresh masks."
    )


def _count(steps: int) -> str:
    return f"{steps} step{'' if steps == 1 else 's'}"
