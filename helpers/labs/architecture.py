"""Lab *architecture* (lesson 04): a stack of recurrent layers, the shape at each, the error where one does not fit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Patch

from helpers import baselines
from helpers.labs.fit import Run
from helpers.labs.framework import runs as lab_runs
from helpers.labs.framework.controls import Choice, Slider
from helpers.labs.framework.lab import Invalid, Lab
from helpers.plots import COLOURS, CURVES
from helpers.plots.shapes import BOX, EDGE

BATCH, RATE = 70, 1e-2
MOST_LAYERS, SHOWN_RUNS = 3, 5
LOWEST, HIGHEST = 1.5e-3, 0.3
SEQUENCES = ("all but the last", "all layers", "no layer")
HEADS = ("Dense(1)", "SimpleRNN(1)")


@dataclass(frozen=True)
class Layer:
    """One layer of a planned stack; ``error`` says why it cannot take its input."""

    name: str
    text: str
    output: tuple[int, ...] = ()  # without the batch
    weights: int = 0
    error: str = ""


@dataclass(frozen=True)
class Trainings:
    """The data, two errors to compare with, and all runs so far, the present one last."""

    train: tuple[np.ndarray, np.ndarray]
    valid: tuple[np.ndarray, np.ndarray]
    lines: Mapping[str, float]
    runs: tuple[Run, ...] = ()


def lab(train: tuple[np.ndarray, np.ndarray], valid: tuple[np.ndarray, np.ndarray]) -> Lab:
    """The lab on the lesson's data.

    Args:
        train: inputs (batch, steps, 1) and targets (batch, 1) to train on.
        valid: the same for validation.

    Raises:
        ValueError: shapes that do not fit, NaN.
    """
    for name, (X, y) in {"train": train, "valid": valid}.items():
        if np.ndim(X) != 3 or np.shape(X)[2] != 1 or np.shape(y) != (len(X), 1):
            raise ValueError(
                f"{name} has shapes {np.shape(X)} and {np.shape(y)}; expected (batch, steps, 1) and (batch, 1)."
            )
    lines = {
        "naive": baselines.mse(valid[1], baselines.naive(valid[0])),
        "least squares": baselines.mse(valid[1], baselines.LeastSquares().fit(*train).predict(valid[0])),
    }
    return Lab(
        "architecture",
        tasks=[
            "Nothing is refused here, and yet something is wrong. Which shape says so? Fix it with one button.",
            "Let no layer return sequences. Which layer complains, and which one is at fault?",
            "Take SimpleRNN(1) as head. Which of the three ways to return sequences does it need?",
            "Fix the stack, take Dense(1), and train 20-20, then one layer of 34, then 15-15-15. Which ends lowest?",
        ],
        draw=draw,
        update=update,
        data=Trainings(train, valid, lines),
        controls={
            "layers": Choice("layers", 2, options=[1, 2, 3]),
            "units": Choice("units", 20, options=[5, 10, 15, 20, 34]),
            "sequences": Choice("return sequences", SEQUENCES[1], options=list(SEQUENCES)),
            "head": Choice("head", HEADS[0], options=list(HEADS)),
            "epochs": Slider("epochs", 10, minimum=2, maximum=20, step=2),
        },
        train=fit,
        size=(10.5, 4.8),
    )


def plan(n_steps: int, *, layers: int, units: int, sequences: str, head: str) -> list[Layer]:
    """The layers from the bottom up, with the shapes that Keras gives them, to the first that cannot take its input.

    >>> [layer.output for layer in plan(50, layers=2, units=20, sequences="all but the last", head="Dense(1)")]
    [(50, 20), (20,), (1,)]
    """
    planned: list[Layer] = []
    shape: tuple[int, ...] = (n_steps, 1)
    for number in range(1, layers + 2):
        is_head = number == layers + 1
        name = "head" if is_head else f"layer {number}"
        text = head if is_head else f"SimpleRNN({units})"
        every = not is_head and returns_sequences(number, layers, sequences)
        if every:
            text += ", return_sequences=True"
        dense = is_head and head == HEADS[0]
        if not dense and len(shape) == 1:
            error = f"expected ndim=3, found ndim=2. Full shape received: {shown(shape)}"
            return [*planned, Layer(name, text, error=error)]
        size, features = 1 if is_head else units, shape[-1]
        weights = size * (features + 1) if dense else size * (features + size + 1)
        shape = (*shape[:-1], size) if dense or every else (size,)
        planned.append(Layer(name, text, shape, weights))
    return planned


def returns_sequences(number: int, layers: int, sequences: str) -> bool:
    """Whether layer ``number`` of ``layers`` passes on all its states."""
    return {SEQUENCES[0]: number < layers, SEQUENCES[1]: True, SEQUENCES[2]: False}[sequences]


def shown(shape: tuple[int, ...]) -> str:
    """A shape with its batch, as Keras prints it."""
    return f"(None, {', '.join(map(str, shape))})"


def build(n_steps: int, *, layers: int, units: int, sequences: str, head: str) -> Any:
    """The Keras model of a plan."""
    import keras

    recurrent = [
        keras.layers.SimpleRNN(units, return_sequences=returns_sequences(number, layers, sequences))
        for number in range(1, layers + 1)
    ]
    top = keras.layers.Dense(1) if head == HEADS[0] else keras.layers.SimpleRNN(1)
    return keras.Sequential([keras.Input((n_steps, 1)), *recurrent, top])


def fit(
    data: Trainings,
    *,
    report: Callable[[Trainings], None],
    stopped: Callable[[], bool],
    epochs: int,
    **architecture: Any,
) -> Trainings:
    """Train the stack once by the lesson's protocol; ``report`` gets the curve after each epoch.

    Raises:
        Invalid: the layers do not fit together.
    """
    import keras

    from helpers import runtime, training

    X, y = data.train
    wrong = plan(X.shape[1], **architecture)[-1]
    if wrong.error:
        raise Invalid(f"ValueError: Input 0 of {wrong.name!r} is incompatible: {wrong.error}")
    keras.utils.set_random_seed(runtime.seed)
    model = build(X.shape[1], **architecture)
    rate = keras.optimizers.schedules.CosineDecay(RATE, epochs * -(-len(X) // BATCH))
    whole_batches = len(X) % BATCH == 0 and len(data.valid[0]) % lab_runs.VALID_BATCH == 0
    model.compile(
        loss="mse",
        optimizer=keras.optimizers.Adam(rate, clipnorm=1.0),
        **training.fast_settings(len(X), BATCH, compile=whole_batches),
    )
    before, name = data.runs[-(SHOWN_RUNS - 1) :], label(**architecture)
    return lab_runs.train(
        model,
        X,
        y,
        data_after=lambda errors: replace(data, runs=(*before, Run(name, errors))),
        report=report,
        stopped=stopped,
        epochs=epochs,
        batch_size=BATCH,
        valid=data.valid,
    )


def label(*, layers: int, units: int, sequences: str, head: str) -> str:
    """A run's name, such as "20-20 + Dense(1)"."""
    name = "-".join([str(units)] * layers) + ("-1" if head == HEADS[1] else " + Dense(1)")
    out = plan(2, layers=layers, units=units, sequences=sequences, head=head)[-1].output
    return f"{name}, every step" if len(out) == 2 else name


def draw(fig: Figure, data: Trainings) -> dict[str, Any]:
    """Left the stack from its input up, right the validation error by epoch of this run and of earlier ones."""
    stack, ax = fig.subplots(1, 2, width_ratios=[1.15, 1])
    stack.set(xlim=(0, 10), ylim=(-0.5, MOST_LAYERS + 1.9))
    stack.set_axis_off()
    n_steps = data.train[0].shape[1]
    _box(stack, 0, BOX["input"], EDGE["input"])
    stack.text(0.3, 0, f"series {shown((n_steps, 1))}", va="center", fontsize=11)
    boxes = [_box(stack, row, BOX["network"], EDGE["network"]) for row in range(1, MOST_LAYERS + 2)]
    texts = [stack.text(0.3, row, "", va="center", fontsize=11) for row in range(1, MOST_LAYERS + 2)]
    (arrows,) = stack.plot([], [], "^", color=COLOURS["black"], markersize=7)
    out = stack.text(5.0, 1.9, "", ha="center", va="center", fontsize=11)

    ax.set(
        xlabel="epoch",
        ylabel="validation MSE",
        yscale="log",
        xlim=(0, 21),
        ylim=(LOWEST, HIGHEST),
        xticks=[1, 5, 10, 15, 20],
    )
    ax.set_yticks(
        [0.002, 0.003, 0.005, 0.01, 0.02, 0.05, 0.15], ["0.002", "0.003", "0.005", "0.01", "0.02", "0.05", "0.15"]
    )
    ax.minorticks_off()
    for (name, value), ls in zip(data.lines.items(), (":", "-"), strict=True):
        ax.axhline(value, color=COLOURS["black"], ls=ls, linewidth=1.3)
        ax.text(20.8, value * 1.06, name, ha="right", fontsize=11)
    curves, names = [], []
    for place in range(SHOWN_RUNS):
        colour, style = CURVES[place % len(CURVES)]
        curves.append(ax.plot([], [], color=colour, linestyle=style)[0])
        names.append(ax.text(20.6, 0.26 * 0.72**place, "", ha="right", va="top", fontsize=11, color=colour))
    return {"boxes": boxes, "texts": texts, "arrows": arrows, "out": out, "curves": curves, "names": names}


def update(
    artists: Mapping[str, Any], data: Trainings, *, layers: int, units: int, sequences: str, head: str, epochs: int
) -> str:
    """Show the stack for these controls and the runs so far; returns its output shape, weights or error."""
    planned = plan(data.train[0].shape[1], layers=layers, units=units, sequences=sequences, head=head)
    for row, (box, text) in enumerate(zip(artists["boxes"], artists["texts"], strict=True)):
        layer = planned[row] if row < len(planned) else None
        box.set_visible(layer is not None)
        text.set_text("" if layer is None else _line(layer))
        box.set(
            facecolor="#f7d4d4" if layer and layer.error else BOX["network"],
            linestyle="--" if layer and layer.error else "-",
        )
    rows = np.arange(len(planned)) + 0.5
    artists["arrows"].set_data(np.full(len(rows), 5.0), rows)
    top, total = planned[-1], sum(layer.weights for layer in planned)
    if top.error:
        summary = f"ValueError from {top.name}: {top.error}."
    elif len(top.output) == 2:
        summary = f"Output {shown(top.output)}, {total:,} weights: {top.output[0]} forecasts per series for one target."
    else:
        summary = f"Output {shown(top.output)}, {total:,} weights: one forecast per series."
    artists["out"].set_position((5.0, len(planned) + 0.8))
    artists["out"].set_text("refused" if top.error else f"{shown(top.output)}, {total:,} weights")
    following = f"Next training: {epochs} epochs."
    for place, (curve, name) in enumerate(zip(artists["curves"], artists["names"], strict=True)):
        run = data.runs[place] if place < len(data.runs) and data.runs[place].errors else None
        errors = lab_runs.inside(run.errors, LOWEST, HIGHEST) if run else []
        last = run is not None and place == len(data.runs) - 1
        curve.set_data(np.arange(1, len(errors) + 1), errors)
        curve.set(linewidth=2.4 if last else 1.5, alpha=1.0 if last else 0.6)
        name.set_text(f"{run.label}: {run.errors[-1]:.4f}" if run else "")
    if data.runs and data.runs[-1].errors:
        run = data.runs[-1]
        return f"{summary} Trained: {run.label}, MSE {run.errors[-1]:.4f} after {len(run.errors)}. {following}"
    return f"{summary} {following}"


def _line(layer: Layer) -> str:
    if layer.error:
        return f"{layer.text}\n{layer.error.split('.')[0]}"
    return f"{layer.text}\n{shown(layer.output)}, {layer.weights:,} weights"


def _box(ax: Axes, row: float, face: str, edge: str) -> Patch:
    return ax.add_patch(
        FancyBboxPatch(
            (0.1, row - 0.36),
            9.8,
            0.72,
            boxstyle="round,pad=0,rounding_size=0.15",
            facecolor=face,
            edgecolor=edge,
            linewidth=1.5,
        )
    )
