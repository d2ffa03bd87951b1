"""Figures of gated memory: paths of h and c, two tasks for a memory, how long gates keep, what was remembered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from helpers.plots import COLOURS, CURVES, axes_of, figure_of, new_figure

FACE = "#dceaf4"
#: Colours of the two states, in every figure and lab of gates.
STATE_H, STATE_C = COLOURS["blue"], COLOURS["red"]


def lstm_paths(n_steps: int = 3) -> Figure:
    """Left the inside of an LSTM cell; right two layers over time, with the ways of h and c.

    Raises:
        ValueError: fewer than two time steps.
    """
    if n_steps < 2:
        raise ValueError(f"n_steps is {n_steps}; expected at least 2, so that a state can go on.")
    fig = new_figure(width=10.5, height=4.2)
    inside, over_time = fig.subplots(1, 2, width_ratios=[1.25, 1])
    _inside(inside)
    _two_layers(over_time, n_steps)
    return fig


def memory_tasks(first: tuple[np.ndarray, float], marked: tuple[np.ndarray, float]) -> Figure:
    """One series of each memory task, with what has to be remembered and the answer.

    Args:
        first: a series (steps, 1) and its answer, 0 or 1.
        marked: a series (steps, 2), values and marks, and its answer.

    Raises:
        ValueError: a series has another shape.
    """
    for name, (X, _), features in (("first", first, 1), ("marked", marked, 2)):
        if np.ndim(X) != 2 or np.shape(X)[1] != features:
            raise ValueError(f"the series {name} has shape {np.shape(X)}; expected (steps, {features}).")
    fig = new_figure(width=9.5, height=3.4)
    titles = ("first symbol", "marked symbol")
    for ax, title, (X, answer) in zip(fig.subplots(1, 2), titles, (first, marked), strict=True):
        place = int(np.argmax(X[:, 1])) if X.shape[1] == 2 else 0
        ax.plot(X[:, 0], ".-", color=COLOURS["grey"], linewidth=0.8, markersize=6, label="value")
        ax.plot([place], [X[place, 0]], "D", color=COLOURS["red"], markersize=10, label="to be remembered")
        if X.shape[1] == 2:
            ax.axvline(place, color=COLOURS["red"], linestyle=":", linewidth=1.5, label="mark")
        ax.axhline(0, color="black", linewidth=0.8)
        ax.set(xlabel="time step", ylabel="value", ylim=(-4.2, 4.2))
        ax.set_title(f"{title}: the answer is {'+' if answer else '−'}")
        ax.legend(loc="lower center", ncols=3, columnspacing=1.0, handletextpad=0.4)
    return fig


def keeping(shares: Mapping[str, np.ndarray], *, ax: Axes | None = None) -> Figure:
    """What gates keep of a value, step by step; the half is marked.

    Args:
        shares: label to the share kept after 0, 1, 2, … steps; as many as there are line styles.
        ax: axes to draw on; new ones when None.

    Raises:
        ValueError: no curve, or more than seven.
    """
    _check_curves(shares)
    ax = axes_of(ax)
    for (label, kept), (colour, style) in zip(shares.items(), CURVES, strict=False):
        ax.plot(kept, color=colour, linestyle=style, label=label)
    ax.axhline(0.5, color="black", linewidth=1.0, linestyle=":", label="half")
    ax.set(xlabel="time steps since", ylabel="share still there", ylim=(-0.02, 1.02))
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure_of(ax)


def traces(
    differences: Mapping[str, np.ndarray],
    *,
    xlabel: str = "time step",
    lowest: float = 1e-9,
    ax: Axes | None = None,
) -> Figure:
    """How far states are apart, on a logarithmic axis, when two series differ in one value.

    Args:
        differences: label to the distance of the states at each time step.
        xlabel: what the steps are counted from.
        lowest: lower end of the axis.
        ax: axes to draw on; new ones when None.

    Raises:
        ValueError: no curve, or more than seven.
    """
    _check_curves(differences)
    ax = axes_of(ax)
    for (label, distance), (colour, style) in zip(differences.items(), CURVES, strict=False):
        ax.plot(np.maximum(distance, 1e-12), color=colour, linestyle=style, label=label)
    ax.set(xlabel=xlabel, ylabel="distance of the states", yscale="log", ylim=(lowest, 10))
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure_of(ax)


def accuracy_by_length(results: Mapping[str, Mapping[str, Mapping[int, Sequence[float]]]]) -> Figure:
    """Accuracy by length of the series, a panel a task: the median over seeds, and bars from the worst to the best.

    Args:
        results: task to model to length to the accuracy of each seed; a task that was not studied yet has no models.

    Raises:
        ValueError: no task, or more models than line styles.
    """
    if not results or any(len(models) > len(CURVES) for models in results.values()):
        raise ValueError(f"results holds {len(results)} tasks; expected some, each with at most {len(CURVES)} models.")
    every = sorted({length for models in results.values() for by_length in models.values() for length in by_length})
    fig = new_figure(width=10.0, height=4.0)
    panels = fig.subplots(1, len(results), sharey=True, squeeze=False)[0]
    for ax, (task, models) in zip(panels, results.items(), strict=True):
        for place, ((label, by_length), (colour, style)) in enumerate(zip(models.items(), CURVES, strict=False)):
            lengths = sorted(by_length)
            middle = np.array([np.median(by_length[length]) for length in lengths])
            ends = np.array([(min(by_length[length]), max(by_length[length])) for length in lengths])
            ax.errorbar(
                np.array(lengths) * 1.035 ** (place - (len(models) - 1) / 2),  # side by side
                middle,
                yerr=(middle - ends[:, 0], ends[:, 1] - middle),
                color=colour,
                linestyle=style,
                marker="os^Dvx*"[place],
                capsize=3,
                label=label,
            )
        ax.axhline(0.5, color="black", linestyle=":", label="chance")
        ax.set_xscale("log")
        ax.set_xticks(every, [str(length) for length in every])
        ax.minorticks_off()
        ax.set(xlabel="length T of the series", ylim=(0.42, 1.03), title=task)
    panels[0].set_ylabel("accuracy on new series")
    handles, labels = panels[0].get_legend_handles_labels()
    fig.legend(handles, labels, loc="outside lower center", ncols=len(labels))
    return fig


def _check_curves(curves: Mapping[str, np.ndarray]) -> None:
    if not 1 <= len(curves) <= len(CURVES):
        raise ValueError(f"there are {len(curves)} curves; expected 1 to {len(CURVES)}, so that each can be told.")


def _inside(ax: Axes) -> None:
    """The cell: c runs along the top, the gates reach into it from below."""
    ax.set(xlim=(-0.9, 7.4), ylim=(-0.3, 4.2), title="inside one cell")
    ax.axis("off")
    ax.add_patch(FancyBboxPatch((0.6, 0.55), 5.5, 3.15, boxstyle="round,pad=0.1", facecolor=FACE, edgecolor="#888888"))
    for x, gate, what in ((1.2, "f", "σ"), (2.4, "i", "σ"), (3.3, "g", "tanh"), (4.6, "o", "σ")):
        _box(ax, x, 1.35, f"{gate}\n{what}", width=0.75, height=0.62)
        _arrow(ax, (x, 0.78), (x, 1.02), "black")
    ax.plot([0.75, 4.6], [0.78, 0.78], color="black", linewidth=1.5)
    _arrow(ax, (-0.1, 0.78), (0.8, 0.78), STATE_H)
    _arrow(ax, (2.0, -0.05), (2.0, 0.76), "black")
    _arrow(ax, (-0.1, 3.3), (1.02, 3.3), STATE_C)
    _arrow(ax, (1.38, 3.3), (2.68, 3.3), STATE_C)
    _arrow(ax, (3.02, 3.3), (6.9, 3.3), STATE_C)
    for x, y, sign in ((1.2, 3.3, "×"), (2.85, 3.3, "+"), (2.85, 2.45, "×"), (5.4, 1.35, "×")):
        _node(ax, x, y, sign)
    _arrow(ax, (1.2, 1.68), (1.2, 3.12), "black")
    _arrow(ax, (2.4, 1.68), (2.72, 2.32), "black")
    _arrow(ax, (3.3, 1.68), (2.98, 2.32), "black")
    _arrow(ax, (2.85, 2.63), (2.85, 3.12), "black")
    _arrow(ax, (4.98, 1.35), (5.22, 1.35), "black")
    _arrow(ax, (5.4, 3.28), (5.4, 2.72), "black")
    _box(ax, 5.4, 2.45, "tanh", width=0.75, height=0.5)
    _arrow(ax, (5.4, 2.18), (5.4, 1.53), "black")
    _arrow(ax, (5.58, 1.35), (6.9, 1.35), STATE_H)
    for x, y, name, colour in (
        (-0.5, 3.3, "c$_{t-1}$", STATE_C),
        (-0.5, 0.78, "h$_{t-1}$", STATE_H),
        (2.0, -0.22, "x$_t$", "black"),
        (7.1, 3.3, "c$_t$", STATE_C),
        (7.1, 1.35, "h$_t$", STATE_H),
    ):
        ax.text(x, y, name, color=colour, fontsize=13, ha="center", va="center")


def _two_layers(ax: Axes, n_steps: int) -> None:
    """Two LSTM layers: h goes up and on, c only on."""
    ax.set(xlim=(-0.9, 2.0 * n_steps - 0.6), ylim=(-0.3, 4.2), title="two layers over time")
    ax.axis("off")
    for t in range(n_steps):
        x = 2.0 * t
        ax.text(x, -0.22, f"x$_{t}$", fontsize=13, ha="center", va="center")
        ax.text(x, 4.1, f"y$_{t}$", fontsize=13, ha="center", va="center")
        _arrow(ax, (x, -0.05), (x, 0.68), "black")
        for layer in (1.05, 2.75):
            _box(ax, x, layer, "LSTM", width=0.95, height=0.7)
            if t + 1 < n_steps:
                _arrow(ax, (x + 0.5, layer + 0.2), (x + 1.5, layer + 0.2), STATE_C)
                _arrow(ax, (x + 0.5, layer - 0.2), (x + 1.5, layer - 0.2), STATE_H)
        _arrow(ax, (x, 1.42), (x, 2.38), STATE_H)
        _arrow(ax, (x, 3.12), (x, 3.92), STATE_H)
    for layer in (1.05, 2.75):
        ax.text(1.0, layer + 0.28, "c", color=STATE_C, fontsize=13, ha="center", va="bottom")
        ax.text(1.0, layer - 0.26, "h", color=STATE_H, fontsize=13, ha="center", va="top")
    ax.text(0.12, 1.9, "h", color=STATE_H, fontsize=13, va="center")
    ax.text(0.12, 3.5, "h", color=STATE_H, fontsize=13, va="center")


def _box(ax: Axes, x: float, y: float, text: str, *, width: float, height: float) -> None:
    ax.add_patch(
        FancyBboxPatch(
            (x - width / 2, y - height / 2),
            width,
            height,
            boxstyle="round,pad=0,rounding_size=0.1",
            facecolor="#fde3c8",
            edgecolor=COLOURS["red"],
            linewidth=1.3,
        )
    )
    ax.text(x, y, text, ha="center", va="center", fontsize=11, linespacing=1.0)


def _node(ax: Axes, x: float, y: float, sign: str) -> None:
    ax.plot([x], [y], "o", markersize=17, markerfacecolor="white", markeredgecolor="black")
    ax.text(x, y - 0.02, sign, ha="center", va="center", fontsize=13)


def _arrow(ax: Axes, start: tuple[float, float], end: tuple[float, float], colour: str) -> None:
    ax.add_patch(
        FancyArrowPatch(
            start, end, arrowstyle="-|>", mutation_scale=12, color=colour, linewidth=1.6, shrinkA=0, shrinkB=0
        )
    )
