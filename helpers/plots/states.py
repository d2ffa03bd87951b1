"""Figures of states: what a recurrent layer holds, step by step."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.plots import CURVES, axes_of, figure_of


def impulse_responses(states: Mapping[str, np.ndarray], *, ax: Axes | None = None) -> Figure:
    """States over time, one curve a label.

    Args:
        states: label to states (steps,); as many as there are line styles.
        ax: axes to draw on; new ones when None.

    Raises:
        ValueError: no curve, more than seven, or one that is no path (steps,).
    """
    if not 1 <= len(states) <= len(CURVES):
        raise ValueError(f"states holds {len(states)} curves; expected 1 to {len(CURVES)}, so that each can be told.")
    for label, values in states.items():
        if np.ndim(values) != 1 or len(values) == 0:
            raise ValueError(f"the states {label!r} have shape {np.shape(values)}; expected (steps,).")
    ax = axes_of(ax)
    for (label, values), (colour, style) in zip(states.items(), CURVES, strict=False):
        ax.plot(values, color=colour, linestyle=style, marker="o", markersize=4, label=label)
    ax.axhline(0, color="black", linewidth=0.8)
    ax.set(xlabel="time step", ylabel="state h", ylim=(-1.08, 1.08))
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure_of(ax)


def unrolled(*, n_steps: int = 4, ax: Axes | None = None) -> Figure:
    """One recurrent layer drawn once with its loop, then once for each time step.

    Args:
        n_steps: time steps to draw.
        ax: axes to draw on; new ones when None.

    Raises:
        ValueError: fewer than one step.
    """
    if n_steps < 1:
        raise ValueError(f"n_steps is {n_steps}; expected at least 1.")
    ax = axes_of(ax, width=9.0, height=3.2)
    ax.set(xlim=(-2.2, n_steps * 1.8), ylim=(-1.5, 1.5), aspect="equal")
    ax.axis("off")
    _cell(ax, -1.3, "x", "y", "h")
    ax.annotate(
        "",
        xy=(-0.95, -0.15),
        xytext=(-0.95, 0.2),
        arrowprops={"arrowstyle": "->", "connectionstyle": "arc3,rad=-2.2", "linewidth": 1.5, "color": CURVES[1][0]},
    )
    ax.text(0.05, 0, "=", fontsize=20, ha="center", va="center")
    for t in range(n_steps):
        place = 0.9 + 1.7 * t
        _cell(ax, place, f"x$_{t}$", f"y$_{t}$", f"h$_{t}$")
        if t + 1 < n_steps:
            _arrow(ax, (place + 0.38, 0), (place + 1.32, 0), colour=CURVES[1][0])
    return figure_of(ax)


def _cell(ax: Axes, place: float, below: str, above: str, inside: str) -> None:
    ax.text(
        place,
        0,
        inside,
        ha="center",
        va="center",
        fontsize=14,
        bbox={"boxstyle": "round,pad=0.55", "facecolor": "#dceaf4", "edgecolor": CURVES[0][0], "linewidth": 1.5},
    )
    ax.text(place, -1.3, below, ha="center", va="center", fontsize=14)
    ax.text(place, 1.3, above, ha="center", va="center", fontsize=14)
    _arrow(ax, (place, -1.1), (place, -0.42))
    _arrow(ax, (place, 0.42), (place, 1.1))


def _arrow(ax: Axes, start: tuple[float, float], end: tuple[float, float], *, colour: str = "black") -> None:
    ax.annotate("", xy=end, xytext=start, arrowprops={"arrowstyle": "->", "linewidth": 1.5, "color": colour})
