"""Lab *receptive field* (lesson 09): which outputs of a trained model move with one input."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from helpers.labs.framework.axes import reach
from helpers.labs.framework.controls import Choice, Slider
from helpers.labs.framework.lab import Lab
from helpers.plots import COLOURS

#: By how much the input is raised: small against the series, large against rounding.
RAISED = 0.1
#: Changes below this are rounding.
LEAST = 1e-6
SHARES = {"at all": 0.0, "1 % of the largest": 0.01, "10 %": 0.1, "50 %": 0.5}
N_SHOWN = 30


@dataclass(frozen=True)
class Subjects:
    """Models, what the formula says of each, the series, and the changes measured so far."""

    models: Mapping[str, tuple[Callable[[np.ndarray], Any], int | None]]
    X: np.ndarray  # (batch, steps, 1)
    measured: dict[tuple[str, int], tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)

    def changes(self, name: str, series: int) -> tuple[np.ndarray, np.ndarray]:
        """Time steps of the outputs, and changes (inputs, outputs) of one series; the model runs once for each pair."""
        if (name, series) not in self.measured:
            self.measured[name, series] = changes(self.models[name][0], self.X[series])
        return self.measured[name, series]


def lab(models: Mapping[str, tuple[Callable[[np.ndarray], Any], int | None]], X: np.ndarray) -> Lab:
    """The lab on one or several trained sequence models.

    Args:
        models: name to (model, receptive field by the formula, or None where it has no end). A model maps
            (batch, steps, 1) to (batch, outputs, horizon); its last output stands at the last input.
        X: series (batch, steps, 1).

    Raises:
        ValueError: no model, one with another output, or series of another shape.
    """
    X = np.asarray(X, dtype=np.float32)
    if X.ndim != 3 or X.shape[2] != 1 or len(X) == 0 or X.shape[1] < 3:
        raise ValueError(f"X has shape {X.shape}; expected (batch, at least 3 steps, 1).")
    if not models:
        raise ValueError("models is empty; expected at least one, such as {'stack': (model, 31)}.")
    data = Subjects(dict(models), X)
    for name in data.models:
        data.changes(name, 0)  # raises where the output has another shape
    n_steps = X.shape[1]
    first = next(iter(data.models))
    return Lab(
        "receptive field",
        tasks=[
            "Move the changed input from left to right. Which outputs may move by the formula (blue ground)? Do all of "
            "them? Does any other?",
            "Count only changes of 10 % of the largest: how many outputs are left? Compare the models. Whose far "
            "inputs count?",
            "Look at the maps of all models. A causal model leaves one side of the diagonal white; which one does not?",
            "Go through the series with the input at 20. Does the number of outputs that move depend on the series?",
        ],
        draw=draw,
        update=update,
        data=data,
        controls={
            "model": Choice("model", first, options=list(data.models), on_release=True),
            "step": Slider("changed input", min(15, n_steps - 1), minimum=0, maximum=n_steps - 1),
            "share": Choice("counts as moved", "at all", options=list(SHARES)),
            "series": Slider("series", 0, minimum=0, maximum=max(1, min(N_SHOWN, len(X)) - 1), on_release=True),
        },
        size=(10.0, 4.2),
    )


def changes(model: Callable[[np.ndarray], Any], x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Raise each input of a series in turn and see how far each output moves.

    Args:
        model: maps (batch, steps, 1) to (batch, outputs, horizon).
        x: one series (steps, 1).

    Returns:
        The time step of each output (outputs,), and the largest absolute change over the horizon (inputs, outputs).

    Raises:
        ValueError: the model's output has another shape.
    """
    n_steps = len(x)
    batch = np.repeat(x[np.newaxis].astype(np.float32), n_steps + 1, axis=0)  # the last one stays as it is
    batch[np.arange(n_steps), np.arange(n_steps)] += RAISED
    outputs = np.asarray(model(batch), dtype=np.float64)
    if outputs.ndim != 3 or len(outputs) != n_steps + 1 or not 1 < outputs.shape[1] <= n_steps:
        raise ValueError(
            f"the model gives {outputs.shape} for {batch.shape}; expected an output for every time step, "
            "(batch, outputs, horizon), as a model with return_sequences=True gives."
        )
    stride = n_steps // outputs.shape[1]
    places = n_steps - 1 - stride * np.arange(outputs.shape[1])[::-1]
    moved = np.abs(outputs[:-1] - outputs[-1]).max(axis=2)
    return places, np.where(moved < LEAST, 0.0, moved)


def draw(fig: Figure, data: Subjects) -> dict[str, Any]:
    """Left the change of every output for one input, right the map of all inputs and outputs."""
    n_steps = data.X.shape[1]
    left, right = fig.subplots(1, 2, width_ratios=[1.6, 1])
    left.set(xlim=(-1, n_steps), ylim=(-7.3, 1.3), xlabel="time step of the output", ylabel="change of the output")
    left.set_yticks([-7, -6, -4, -2, 0], ["none", "1e-6", "1e-4", "0.01", "1"])
    span = left.add_patch(Rectangle((0, -7.3), 1, 8.6, color="#d6ecfa", linewidth=0, label="may move, if causal"))
    (here,) = left.plot([], [], "-", color=COLOURS["black"], linewidth=1.5, label="changed input")
    (bar,) = left.plot([], [], ":", color=COLOURS["grey"], label="threshold")
    (still,) = left.plot([], [], "o", color=COLOURS["grey"], fillstyle="none", markersize=6, label="does not count")
    (moved,) = left.plot([], [], "o", color=COLOURS["blue"], markersize=6, label="moved")
    (early,) = left.plot([], [], "X", color=COLOURS["red"], markersize=9, label="moved too early")
    fig.legend(*left.get_legend_handles_labels(), loc="outside upper center", ncols=6, columnspacing=1.2)
    image = right.imshow(
        np.zeros((n_steps, n_steps)), vmin=-6, vmax=0, cmap="cividis_r", aspect="auto", interpolation="nearest"
    )
    right.set(xlabel="time step of the output", ylabel="changed input", title="white: no change, or no output")
    right.grid(visible=False)
    (row,) = right.plot([], [], "-", color=COLOURS["red"], linewidth=1.5)
    colours = fig.colorbar(image, ax=right, ticks=[-6, -4, -2, 0])
    colours.ax.set_yticklabels(["1e-6", "1e-4", "0.01", "1"])
    return {"image": image, "span": span, "here": here, "bar": bar, "still": still, "moved": moved} | {
        "early": early,
        "row": row,
    }


def update(artists: Mapping[str, Any], data: Subjects, *, model: str, step: int, share: str, series: int) -> str:
    """Set the changes for one input of one series; returns how many outputs moved, and how many may."""
    series = min(series, len(data.X) - 1)
    n_steps, field_size = data.X.shape[1], data.models[model][1]
    places, table = data.changes(model, series)
    change = table[step]
    counts_from = max(SHARES[share] * change.max(), LEAST)
    counted = change >= counts_from
    last = n_steps - 1 if field_size is None else min(step + field_size - 1, n_steps - 1)
    heights = np.log10(np.maximum(change, 1e-7))
    early = counted & (places < step)
    high = reach(max(heights.max(), 0.0), least=1.3)
    artists["here"].axes.set_ylim(-7.3, high)
    artists["span"].set(x=step - 0.5, width=last - step + 1, height=high + 7.3)
    artists["here"].set_data([step, step], [-7.3, high])
    artists["bar"].set_data([-1, n_steps], [np.log10(counts_from)] * 2)
    for name, chosen in (("still", ~counted), ("moved", counted & ~early), ("early", early)):
        artists[name].set_data(places[chosen], heights[chosen])
    artists["image"].set_data(_map(places, table, n_steps))
    artists["row"].set_data([-0.5, n_steps - 0.5], [step, step])
    may = int(((places >= step) & (places <= last)).sum())
    return _reading(model, step, field_size, places, counted, may, last)


def _map(places: np.ndarray, table: np.ndarray, n_steps: int) -> np.ma.MaskedArray:
    """log10 of the changes at every pair of time steps; masked where nothing moved or no output stands."""
    whole = np.zeros((n_steps, n_steps))
    whole[:, places] = table
    return np.ma.masked_less(np.log10(np.maximum(whole, 1e-9)), -8)


def _reading(
    model: str, step: int, field_size: int | None, places: np.ndarray, counted: np.ndarray, may: int, last: int
) -> str:
    outside = int((counted & ((places < step) | (places > last))).sum())
    formula = "all later ones may" if field_size is None else f"by the formula, {field_size} inputs, {may} may"
    stray = f", {outside} of them outside of it" if outside else ""
    before = int((counted & (places < step)).sum())
    future = f" {before} moved before the input came: the model reads the future." if before else ""
    moved = f"{int(counted.sum())} outputs count as moved{stray}"
    return f"{model}, input {step} raised by {RAISED}: {moved}; {formula}.{future}"
