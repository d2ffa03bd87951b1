"""Lab *gates* (lesson 08): a trained LSTM, unit by unit and step by step: its gates, its two states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

import numpy as np
from matplotlib.figure import Figure

from helpers.labs.framework.axes import reach
from helpers.labs.framework.controls import Choice, Slider, Switch
from helpers.labs.framework.lab import Lab
from helpers.plots import COLOURS

N_SHOWN = 20
N_SCORED = 500


@dataclass(frozen=True)
class Trained:
    """An LSTM layer and its head, and how much they tell of the answer with h fed back (True) and without (False)."""

    kernel: np.ndarray  # (2, 4 units), in Keras' order i, f, g, o
    recurrent: np.ndarray  # (units, 4 units)
    bias: np.ndarray  # (4 units,)
    head: np.ndarray  # (units,)
    head_bias: float
    by_unit: Mapping[bool, np.ndarray] = field(default_factory=dict)  # (units,)
    by_head: Mapping[bool, float] = field(default_factory=dict)
    largest: Mapping[bool, np.ndarray] = field(default_factory=dict)  # (units,): |c| over the series shown

    @property
    def units(self) -> int:
        return len(self.recurrent)


@dataclass(frozen=True)
class Models:
    """The models by name, the series (batch, steps, 2) that they read, and the answers (batch,)."""

    trained: Mapping[str, Trained]
    X: np.ndarray
    y: np.ndarray


def lab(models: Mapping[str, Any], X: np.ndarray, y: np.ndarray) -> Lab:
    """The lab on LSTMs trained on *marked symbol*.

    Args:
        models: name to a Keras model of an LSTM on two features and a Dense(1) head; all of one size.
        X: series (batch, steps, 2): values, and marks that are 1 at one step.
        y: answers (batch,) or (batch, 1), 0 or 1.

    Raises:
        ValueError: models or series have other shapes, or are not finite.
    """
    X, y = np.asarray(X, dtype=float)[:N_SCORED], np.ravel(np.asarray(y, dtype=float))[:N_SCORED]
    if X.ndim != 3 or X.shape[2] != 2 or len(X) < N_SHOWN or len(y) != len(X):
        raise ValueError(
            f"X has shape {X.shape} and y {y.shape}; expected at least {N_SHOWN} series (batch, steps, 2) and as "
            "many answers."
        )
    if not np.isfinite(X).all() or not np.isin(y, (0, 1)).all():
        raise ValueError("the series are not finite or the answers not 0 and 1; expected those of marked symbol.")
    trained = {name: _trained(name, model, X, y) for name, model in models.items()}
    if len({one.units for one in trained.values()}) != 1:
        raise ValueError(f"the models {list(trained)} differ in size; expected models of the same number of units.")
    first, units = next(iter(trained)), next(iter(trained.values())).units
    marked = X[np.arange(N_SHOWN), np.argmax(X[:N_SHOWN, :, 1], axis=1), 0]
    series = int(np.argmax(np.abs(marked)))  # one whose answer is plain
    unit = int(np.argmax(np.abs(run(trained[first], X[series : series + 1])["c"][0, -1])))
    return Lab(
        "gates",
        tasks=[
            "Click the step's slider and walk across the mark with the arrow keys. How much does c move there, and "
            "when does it become large?",
            "Go through the units. Is the answer kept in one of them or in many, and which one tells least?",
            "Switch 'feed h back' off. What is left of c at the end, and what do the units tell?",
            "Choose the other model. Whose f is nearer to 1? How often is each right without h?",
        ],
        draw=draw,
        update=update,
        data=Models(trained, X, y),
        controls={
            "model": Choice("model", first, options=list(trained)),
            "series": Slider("series", series, minimum=0, maximum=N_SHOWN - 1),
            "step": Slider("step", int(np.argmax(X[series, :, 1])), minimum=0, maximum=X.shape[1] - 1),
            "unit": Slider("unit", unit, minimum=0, maximum=units - 1),
            "loop": Switch("feed h back", True),
        },
        size=(10.5, 4.8),
    )


def run(trained: Trained, X: np.ndarray, *, loop: bool = True) -> dict[str, np.ndarray]:
    """Gates and states of an LSTM layer, each (batch, steps, units), for X (batch, steps, features).

    Without ``loop`` h is not fed back: gates and proposal see the input only.
    """
    units, recurrent = trained.units, trained.recurrent * loop
    every = {name: np.empty((*X.shape[:2], units)) for name in "ifgoch"}
    h = c = np.zeros((len(X), units))
    for t in range(X.shape[1]):
        sums = X[:, t] @ trained.kernel + h @ recurrent + trained.bias
        i, f, g, o = np.split(sums, 4, axis=1)
        i, f, g, o = _sigmoid(i), _sigmoid(f), np.tanh(g), _sigmoid(o)
        c = f * c + i * g
        h = o * np.tanh(c)
        for name, values in zip("ifgoch", (i, f, g, o, c, h), strict=True):
            every[name][:, t] = values
    return every


def draw(fig: Figure, data: Models) -> dict[str, Any]:
    """Left the series above the map of c; right the gates of one unit above its g, c and h."""
    n_steps, units = data.X.shape[1], next(iter(data.trained.values())).units
    left, right = cast(np.ndarray, fig.subfigures(1, 2, width_ratios=[1.15, 1]))
    above, below = left.subplots(2, 1, height_ratios=[1, 2], sharex=True)
    (values,) = above.plot([], [], ".-", color=COLOURS["grey"], linewidth=0.8)
    (here,) = above.plot([], [], "D", color=COLOURS["black"], markersize=9)
    high = reach(data.X[:N_SHOWN, :, 0], least=4)
    above.set(xlim=(-1, n_steps), ylim=(-high, high), ylabel="value")
    image = below.imshow(
        np.zeros((units, n_steps)), vmin=-3, vmax=3, cmap="RdBu_r", aspect="auto", interpolation="nearest"
    )
    (row,) = below.plot([], [], "D", color=COLOURS["black"], markersize=9, clip_on=False)
    below.set(xlabel="time step", ylabel="unit", yticks=range(0, units, 4 if units > 8 else 1), xlim=(-1, n_steps))
    below.grid(False)
    left.colorbar(image, ax=(above, below), label="c", fraction=0.05, aspect=30, extend="both")
    gates, states = right.subplots(2, 1, sharex=True)
    lines, points = {}, {}
    looks = {
        "f": ("red", "-"),
        "i": ("blue", "--"),
        "o": ("green", "-."),
        "g": ("orange", ":"),
        "c": ("red", "-"),
        "h": ("blue", "--"),
    }
    for name, (colour, style) in looks.items():
        ax = gates if name in "fio" else states
        (lines[name],) = ax.plot([], [], color=COLOURS[colour], linestyle=style, linewidth=1.8, label=name)
        (points[name],) = ax.plot([], [], "D", color=COLOURS[colour], markersize=7)
    gates.set(ylim=(-0.05, 1.05), ylabel="gates", xlim=(-1, n_steps))
    states.set(ylim=(-1.2, 1.2), ylabel="g, c and h", xlabel="time step")
    marks = []
    for ax in (above, gates, states):
        marks.append(ax.plot([], [], ":", color=COLOURS["red"], linewidth=1.6)[0])
        if ax is not above:
            ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return {
        "values": values,
        "here": here,
        "image": image,
        "row": row,
        "lines": lines,
        "points": points,
        "marks": marks,
    }


def update(
    artists: Mapping[str, Any], data: Models, *, model: str, series: int, step: int, unit: int, loop: bool
) -> str:
    """Show one series through one unit of one model; returns this step's sums, written out."""
    trained, X = data.trained[model], data.X[series]
    every = {name: values[0] for name, values in run(trained, X[np.newaxis], loop=loop).items()}
    time, place = np.arange(len(X)), int(np.argmax(X[:, 1]))
    artists["values"].set_data(time, X[:, 0])
    artists["here"].set_data([step], [X[step, 0]])
    artists["image"].set_data(every["c"].T)
    artists["row"].set_data([step], [unit])
    for name in "fiogch":
        artists["lines"][name].set_data(time, every[name][:, unit])
        artists["points"][name].set_data([step], [every[name][step, unit]])
    high = reach(trained.largest[loop][unit], least=1.2)  # of all series shown, so that they compare
    artists["lines"]["c"].axes.set_ylim(-high, high)
    for line in artists["marks"]:
        line.set_data([place, place], line.axes.get_ylim())
    before = every["c"][step - 1, unit] if step else 0.0
    f, i, g, o, c, h = (every[name][step, unit] for name in "figoch")
    return (
        f"Step {step}{', marked' if step == place else ''}, unit {unit}: c = f × c before + i × g = {f:.2f} × "
        f"({before:.2f}) + {i:.2f} × ({g:.2f}) = {c:.2f}; h = o × tanh(c) = {o:.2f} × ({np.tanh(c):.2f}) = {h:.2f}. "
        f"Over {len(data.X)} series the sign of this unit's last c tells the answer in "
        f"{trained.by_unit[loop][unit]:.0%}, the network's answer is right in {trained.by_head[loop]:.0%}."
    )


def _trained(name: str, model: Any, X: np.ndarray, y: np.ndarray) -> Trained:
    layers = [layer.get_weights() for layer in getattr(model, "layers", None) or []]
    shapes = [[np.shape(values) for values in weights] for weights in layers]
    units = shapes[-1][0][0] if len(shapes) == 2 and shapes[-1] and shapes[-1][0] else 0
    expected = [[(2, 4 * units), (units, 4 * units), (4 * units,)], [(units, 1), (1,)]]
    if not units or shapes != expected:
        raise ValueError(
            f"the layers of {name!r} have weights {shapes}; expected an LSTM on two features and Dense(1)."
        )
    if not all(np.isfinite(values).all() for weights in layers for values in weights):
        raise ValueError(f"weights of {name!r} are not finite; train the model again.")
    layer, (head, head_bias) = ([np.asarray(values, dtype=float) for values in weights] for weights in layers)
    kernel, recurrent, bias = layer
    trained = Trained(kernel, recurrent, bias, head[:, 0], float(head_bias[0]))
    by_unit, by_head, largest = {}, {}, {}
    for loop in (True, False):
        every = run(trained, X, loop=loop)
        largest[loop] = np.abs(every["c"][:N_SHOWN]).max(axis=(0, 1))
        agrees = np.mean((every["c"][:, -1] > 0) == (y[:, np.newaxis] > 0.5), axis=0)
        by_unit[loop] = np.maximum(agrees, 1 - agrees)
        by_head[loop] = float(np.mean((every["h"][:, -1] @ trained.head + trained.head_bias > 0) == (y > 0.5)))
    return replace(trained, by_unit=by_unit, by_head=by_head, largest=largest)


def _sigmoid(values: np.ndarray) -> np.ndarray:
    return 0.5 * (1 + np.tanh(0.5 * values))  # no overflow
