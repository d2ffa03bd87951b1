"""Figures of automatic differentiation: what a tape records and plays back, and where a formula overflows."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.plots import COLOURS, CURVES, axes_of, figure_of, new_figure

#: Of f(5, 3) = 3 · 5² + 2 · 5 · 3: place, name and value of each number, and its slope from behind.
NUMBERS = {
    "w1": (0.0, 1.1, "w₁", 5, 36),
    "w2": (0.0, -1.1, "w₂", 3, 10),
    "square": (2.6, 1.6, "w₁²", 25, 3),
    "double": (2.6, 0.1, "2 w₁", 10, 3),
    "left": (5.2, 1.6, "3 w₁²", 75, 1),
    "right": (5.2, -0.6, "2 w₁ w₂", 30, 1),
    "sum": (7.8, 0.5, "z", 105, 1),
}
#: What each number is made of, and the slope of that one operation.
STEPS = (
    ("w1", "square", 10),
    ("square", "left", 3),
    ("left", "sum", 1),
    ("w1", "double", 2),
    ("double", "right", 3),
    ("w2", "right", 10),
    ("right", "sum", 1),
)


def recorded(*, ax: Axes | None = None) -> Figure:
    """What a tape records of f(5, 3), values in blue, and the slopes that come back, in red.

    Args:
        ax: axes to draw on; new ones when None.
    """
    ax = axes_of(ax, width=9.5, height=4.0)
    ax.set(xlim=(-0.9, 8.7), ylim=(-2.0, 2.4))
    ax.axis("off")
    for start, end, slope in STEPS:
        (x0, y0, *_), (x1, y1, *_) = NUMBERS[start], NUMBERS[end]
        arrow = {"arrowstyle": "->", "linewidth": 1.6, "color": COLOURS["blue"], "shrinkA": 40, "shrinkB": 48}
        ax.annotate("", xy=(x1, y1), xytext=(x0, y0), arrowprops=arrow)
        ax.text(
            (x0 + x1) / 2,
            (y0 + y1) / 2 + 0.08,
            f"× {slope}",
            ha="center",
            va="bottom",
            fontsize=12,
            color=COLOURS["red"],
        )
    for x, y, name, value, slope in NUMBERS.values():
        box = {"boxstyle": "round,pad=0.45", "facecolor": "#dceaf4", "edgecolor": COLOURS["blue"], "linewidth": 1.5}
        ax.text(x, y, f"{name} = {value}", ha="center", va="center", fontsize=13, bbox=box)
        ax.text(x, y - 0.36, f"slope {slope}", ha="center", va="top", fontsize=12, color=COLOURS["red"])
    return figure_of(ax)


def by_input(z: np.ndarray, values: Mapping[str, np.ndarray], slopes: Mapping[str, np.ndarray]) -> Figure:
    """Values and gradients of several forms of one function; a gap is what is not finite, × and + where a form ends.

    Args:
        z: inputs (n,).
        values: label to values (n,).
        slopes: the same labels to gradients (n,).

    Raises:
        ValueError: the labels differ, there are none or too many, or an array has another length.
    """
    if set(values) != set(slopes) or not 1 <= len(values) <= len(CURVES):
        raise ValueError(f"values has {sorted(values)} and slopes {sorted(slopes)}; expected the same 1 to 7 labels.")
    fig = new_figure(width=9.5, height=3.6)
    for ax, curves, label in zip(fig.subplots(1, 2), (values, slopes), ("value", "gradient"), strict=True):
        for (name, curve), (colour, style), end_mark in zip(curves.items(), CURVES, cycle("x+"), strict=False):
            if np.shape(curve) != np.shape(z):
                raise ValueError(f"the {label} of {name!r} has shape {np.shape(curve)}; expected {np.shape(z)}.")
            ax.plot(z, np.where(np.isfinite(curve), curve, np.nan), color=colour, linestyle=style, label=name)
            finite = np.flatnonzero(np.isfinite(curve))
            if finite.size and finite[-1] < len(z) - 1:
                end = finite[-1]
                ax.plot(z[end], curve[end], end_mark, color=colour, markersize=13, markeredgewidth=2)
        ax.set(xlabel="z", ylabel=label)
    fig.axes[0].legend(loc="upper left")
    return fig
