"""Diagrams of normalisation: which numbers share a mean, and where in a recurrent cell it stands."""

from __future__ import annotations

import itertools

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle

from helpers.plots import COLOURS, new_figure

#: One tint a unit.
TINTS = ("#d6ecfa", "#fde3c8", "#d3efe5")


def shared_means(*, n_sequences: int = 4, n_steps: int = 6) -> Figure:
    """Which numbers of a batch (sequences, steps, 3 units) share a mean under batch and layer normalisation.

    Args:
        n_sequences: rows.
        n_steps: columns.

    Raises:
        ValueError: there is nothing to draw.
    """
    if n_sequences < 1 or n_steps < 1:
        raise ValueError(f"{n_sequences} sequences of {n_steps} steps; expected at least one of each.")
    fig = new_figure(width=10, height=0.75 * n_sequences + 1.0)
    titles = ("batch normalisation: 3 means", f"layer normalisation: {n_sequences * n_steps} means")
    for ax, title, by_unit in zip(fig.subplots(1, 2), titles, (True, False), strict=True):
        for row in range(n_sequences):
            for step in range(n_steps):
                _numbers_of_a_step(ax, step, row, None if by_unit else row * n_steps + step + 1)
        ax.set(xlim=(-0.05, n_steps + 0.05), ylim=(n_sequences + 0.05, -0.05), xlabel="time step")
        ax.set_title(title, loc="left")
        ax.set_xticks([step + 0.5 for step in range(n_steps)], range(n_steps))
        ax.set_yticks([row + 0.5 for row in range(n_sequences)], [f"sequence {row}" for row in range(n_sequences)])
        ax.grid(visible=False)
        ax.tick_params(length=0)
        for side in ("left", "bottom"):
            ax.spines[side].set_visible(False)
    return fig


def normalised_cell() -> Figure:
    """The plain cell and the normalised one: sum, activation, and what stands between them."""
    fig = new_figure(width=9.5, height=4.4)
    ax = fig.subplots()
    ax.set(xlim=(0, 12.2), ylim=(-0.2, 5.7))
    ax.axis("off")
    _cell(ax, 4.3, "SimpleRNNCell(20)", [("sum", TINTS[1], 4.2), ("tanh", TINTS[2], 8.0)])
    parts = [("sum", TINTS[1], 4.2), ("normalise", TINTS[0], 6.1), ("tanh", TINTS[2], 8.0)]
    _cell(ax, 1.3, "LNSimpleRNNCell(20)", parts)
    ax.annotate(
        "new_states of the inner cell:\nnot normalised, not squashed",
        xy=(4.9, 1.08),
        xytext=(6.1, -0.02),
        color=COLOURS["red"],
        fontsize=11,
        va="center",
        arrowprops={"arrowstyle": "<-", "linestyle": "--", "linewidth": 1.8, "color": COLOURS["red"]},
    )
    return fig


def _numbers_of_a_step(ax: Axes, step: int, row: int, number: int | None) -> None:
    """One time step of one sequence: three units, each with the number of its mean, or all with ``number``."""
    for unit in range(3):
        left = step + 0.08 + 0.28 * unit
        ax.add_patch(
            Rectangle(
                (left, row + 0.1), 0.28, 0.8, facecolor=TINTS[unit] if number is None else "#eeeeee", edgecolor="white"
            )
        )
        if number is None:
            ax.text(left + 0.14, row + 0.52, f"{unit + 1}", ha="center", va="center", fontsize=11)
    if number is not None:
        ax.add_patch(
            Rectangle((step + 0.08, row + 0.1), 0.84, 0.8, fill=False, edgecolor=COLOURS["blue"], linewidth=1.8)
        )
        ax.text(step + 0.5, row + 0.52, f"{number}", ha="center", va="center", fontsize=11)


def _cell(ax: Axes, y: float, title: str, parts: list[tuple[str, str, float]]) -> None:
    """One cell in a row: inputs from the left, its parts, and the output that is also the next state."""
    left, right = parts[0][2] - 1.0, parts[-1][2] + 0.85
    ax.add_patch(
        FancyBboxPatch(
            (left, y - 0.75),
            right - left,
            1.5,
            boxstyle="round,pad=0,rounding_size=0.15",
            facecolor="#f7f7f7",
            edgecolor=COLOURS["grey"],
            linewidth=1.2,
        )
    )
    ax.text(left, y + 0.9, title, fontsize=12, va="bottom")
    for text, colour, x in parts:
        ax.add_patch(
            FancyBboxPatch(
                (x - 0.7, y - 0.32),
                1.4,
                0.64,
                boxstyle="round,pad=0,rounding_size=0.1",
                facecolor=colour,
                edgecolor="#555555",
            )
        )
        ax.text(x, y, text, ha="center", va="center", fontsize=12)
    for text, height in (("input x", 0.4), ("state h, step before", -0.4)):
        ax.text(left - 0.75, y + height, text, ha="right", va="center", fontsize=12)
        _arrow(ax, (left - 0.65, y + height), (parts[0][2] - 0.72, y + height / 3))
    for (_, _, x), (_, _, following) in itertools.pairwise(parts):
        _arrow(ax, (x + 0.7, y), (following - 0.7, y))
    _arrow(ax, (parts[-1][2] + 0.7, y + 0.1), (right + 0.85, y + 0.4))
    _arrow(ax, (parts[-1][2] + 0.7, y - 0.1), (right + 0.85, y - 0.4))
    ax.text(right + 0.95, y + 0.4, "output", va="center", fontsize=12)
    ax.text(right + 0.95, y - 0.4, "state h, next step", va="center", fontsize=12)


def _arrow(ax: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    ax.add_patch(
        FancyArrowPatch(
            start, end, arrowstyle="-|>", mutation_scale=13, color="black", linewidth=1.5, shrinkA=0, shrinkB=0
        )
    )
