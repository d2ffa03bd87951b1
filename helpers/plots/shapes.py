"""Diagrams of what goes into a network, what it carries, and what comes out."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from helpers.plots import COLOURS, new_figure

BOX = {"input": "#d6ecfa", "network": "#fde3c8", "output": "#d3efe5"}
EDGE = {"input": COLOURS["blue"], "network": COLOURS["red"], "output": COLOURS["green"]}


def stateless_and_stateful() -> Figure:
    """Left: inputs that pass one by one and leave nothing. Right: each step hands a state to the next."""
    fig = new_figure(width=9, height=3.4)
    for ax, carries in zip(fig.subplots(1, 2), (False, True), strict=True):
        _canvas(ax, width=4, title="stateful: a state goes on" if carries else "stateless: nothing is carried")
        for step in range(3):
            what = f"x at step {step}" if carries else f"image {step + 1}"
            out = f"output {step}" if carries else f"label {step + 1}"
            _column(ax, 0.7 + 1.3 * step, what, "cell" if carries else "network", out)
            if carries and step:
                _arrow(ax, (0.7 + 1.3 * step - 0.88, 1.5), (0.7 + 1.3 * step - 0.44, 1.5), COLOURS["red"])
        if carries:
            ax.text(1.35, 1.72, "state", ha="center", color=COLOURS["red"])
            ax.text(2.65, 1.72, "state", ha="center", color=COLOURS["red"])
    return fig


def sequence_types() -> Figure:
    """Four shapes of a sequence task: which steps read, which write."""
    fig = new_figure(width=9.5, height=5.6)
    kinds = {
        "sequence-to-sequence: an output at every step": ((1, 1, 1), (1, 1, 1), 3),
        "sequence-to-vector: read all, answer once": ((1, 1, 1), (0, 0, 1), 3),
        "vector-to-sequence: one input, then write": ((1, 0, 0), (1, 1, 1), 3),
        "encoder-decoder: read all, then write": ((1, 1, 0, 0), (0, 0, 1, 1), 4),
    }
    for ax, (title, (reads, writes, n_steps)) in zip(fig.subplots(2, 2).flat, kinds.items(), strict=True):
        _canvas(ax, width=4.3, title=title)
        for step in range(n_steps):
            x = 0.6 + 1.02 * step
            cell = "cell" if n_steps == 3 else ("decoder" if writes[step] else "encoder")
            _column(ax, x, "x" if reads[step] else "", cell, "y" if writes[step] else "", width=0.74)
            if step:
                _arrow(ax, (x - 0.65, 1.5), (x - 0.37, 1.5), COLOURS["red"])
    return fig


def windows(n_steps: int, length: int, horizon: int, stride: int) -> Figure:
    """Every window of a short series as a row: inputs, targets, and what is left over."""
    starts = range(0, n_steps - length - horizon + 1, stride)
    fig = new_figure(width=8.5, height=1.3 + 0.42 * (len(starts) + 1))
    ax = fig.subplots()
    for row, start in enumerate([None, *starts]):
        for step in range(n_steps):
            kind = _kind(step, start, length, horizon)
            face = BOX.get(kind, "#ffffff")
            edge = EDGE.get(kind, "#bbbbbb")
            ax.add_patch(
                FancyBboxPatch(
                    (step + 0.08, row + 0.1),
                    0.84,
                    0.8,
                    boxstyle="round,pad=0,rounding_size=0.1",
                    facecolor=face,
                    edgecolor=edge,
                    linewidth=2 if kind == "output" else 1,
                )
            )
            if kind or start is None:
                ax.text(step + 0.5, row + 0.52, str(step), ha="center", va="center", fontsize=12)
    names = ["series", *(f"window {number}" for number in range(len(starts)))]
    ax.set_yticks([row + 0.5 for row in range(len(names))], names)
    ax.set_xticks([])
    ax.set_xlim(0, n_steps)
    ax.set_ylim(len(names), 0)
    ax.grid(visible=False)
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)
    ax.tick_params(length=0)
    ax.set_title(f"length {length}, horizon {horizon}, stride {stride}: thin edge = input, thick edge = target")
    return fig


def targets_by_step(n_steps: int, horizon: int) -> Figure:
    """For every time step of a sequence-to-sequence model: the values it has read, and its targets."""
    fig = new_figure(width=8.5, height=1.3 + 0.42 * n_steps)
    ax = fig.subplots()
    for t in range(n_steps):
        for place in range(n_steps + horizon):
            kind = "input" if place <= t else "output" if place <= t + horizon else ""
            ax.add_patch(
                FancyBboxPatch(
                    (place + 0.08, t + 0.1),
                    0.84,
                    0.8,
                    boxstyle="round,pad=0,rounding_size=0.1",
                    facecolor=BOX.get(kind, "#ffffff"),
                    edgecolor=EDGE.get(kind, "#dddddd"),
                    linewidth=2 if kind == "output" else 1,
                )
            )
            if kind:
                ax.text(place + 0.5, t + 0.52, str(place), ha="center", va="center", fontsize=12)
    ax.axvline(n_steps, color=COLOURS["black"], linestyle="--", linewidth=1.5)
    ax.set_yticks([t + 0.5 for t in range(n_steps)], [f"time step {t}" for t in range(n_steps)])
    ax.set(xticks=[], xlim=(0, n_steps + horizon), ylim=(n_steps, 0))
    ax.grid(visible=False)
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)
    ax.tick_params(length=0)
    ax.set_title(f"thin edge = read so far, thick edge = {horizon} targets; inputs end at the dashed line")
    return fig


def stacked(*, n_layers: int = 2, n_steps: int = 4, dropout: bool = False) -> Figure:
    """Recurrent layers on top of each other, unrolled: states run right, outputs run up.

    Args:
        n_layers: layers to draw.
        n_steps: time steps to draw.
        dropout: mark the three places for dropout: 1 on the inputs, 2 between layers, 3 on the recurrent connection.

    Raises:
        ValueError: fewer than one layer or step.
    """
    if n_layers < 1 or n_steps < 1:
        raise ValueError(f"n_layers is {n_layers} and n_steps {n_steps}; expected at least 1 of each.")
    fig = new_figure(width=9.0, height=1.2 + 1.15 * (n_layers + 1))
    ax = fig.subplots()
    ax.set_xlim(-1.35, 2 * n_steps - 0.6)
    ax.set_ylim(-0.45, n_layers + 1.45)
    ax.set_axis_off()
    ax.text(-1.3, 0, "input", va="center")
    for layer in range(1, n_layers + 1):
        ax.text(-1.3, layer, f"layer {layer}", va="center")
        for step in range(n_steps):
            _box(ax, 2 * step, layer, "network", "cell")
            mark = ("1" if layer == 1 else "2") if dropout else ""
            _marked_arrow(ax, (2 * step, layer - 0.76), (2 * step, layer - 0.27), COLOURS["blue"], mark)
            if step:
                mark = "3" if dropout else ""
                _marked_arrow(ax, (2 * step - 1.55, layer), (2 * step - 0.47, layer), COLOURS["red"], mark)
    for step in range(n_steps):
        _box(ax, 2 * step, 0, "input", f"step {step}")
    last = 2 * (n_steps - 1)
    _arrow(ax, (last, n_layers + 0.27), (last, n_layers + 0.75), COLOURS["black"])
    _box(ax, last, n_layers + 1, "output", "head")
    return fig


def _box(ax: Axes, x: float, y: float, kind: str, text: str) -> None:
    ax.add_patch(
        FancyBboxPatch(
            (x - 0.44, y - 0.24),
            0.88,
            0.48,
            boxstyle="round,pad=0,rounding_size=0.1",
            facecolor=BOX[kind],
            edgecolor=EDGE[kind],
            linewidth=1.5,
        )
    )
    ax.text(x, y, text, ha="center", va="center", fontsize=11)


def _marked_arrow(ax: Axes, start: tuple[float, float], end: tuple[float, float], colour: str, mark: str = "") -> None:
    """An arrow; with a mark it is dashed and carries the mark in a circle."""
    ax.add_patch(
        FancyArrowPatch(
            start,
            end,
            arrowstyle="-|>",
            mutation_scale=14,
            color=colour,
            linewidth=1.8,
            linestyle="--" if mark else "-",
            shrinkA=0,
            shrinkB=0,
        )
    )
    if mark:
        middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
        sideways = start[0] == end[0]
        place = (middle[0] + 0.24, middle[1]) if sideways else (middle[0], middle[1] + 0.24)
        ax.text(*place, mark, ha="center", va="center", fontsize=11, color=colour)


def _kind(step: int, start: int | None, length: int, horizon: int) -> str:
    if start is None or not start <= step < start + length + horizon:
        return ""
    return "input" if step < start + length else "output"


def _canvas(ax: Axes, *, width: float, title: str) -> None:
    ax.set_xlim(0, width)
    ax.set_ylim(0, 3)
    ax.set_axis_off()
    ax.set_title(title, loc="left", fontsize=12)


def _column(ax: Axes, x: float, below: str, middle: str, above: str, *, width: float = 0.84) -> None:
    """Input, network and output of one step, with arrows between those that are there."""
    for kind, text, y in (("input", below, 0.4), ("network", middle, 1.5), ("output", above, 2.6)):
        if text:
            ax.add_patch(
                FancyBboxPatch(
                    (x - width / 2, y - 0.26),
                    width,
                    0.52,
                    boxstyle="round,pad=0,rounding_size=0.1",
                    facecolor=BOX[kind],
                    edgecolor=EDGE[kind],
                    linewidth=1.5,
                )
            )
            ax.text(x, y, text, ha="center", va="center", fontsize=11)
    if below:
        _arrow(ax, (x, 0.68), (x, 1.22), COLOURS["black"])
    if above:
        _arrow(ax, (x, 1.78), (x, 2.32), COLOURS["black"])


def _arrow(ax: Axes, start: tuple[float, float], end: tuple[float, float], colour: str) -> None:
    ax.add_patch(
        FancyArrowPatch(
            start, end, arrowstyle="-|>", mutation_scale=14, color=colour, linewidth=1.8, shrinkA=0, shrinkB=0
        )
    )
