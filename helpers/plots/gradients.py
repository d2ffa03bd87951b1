"""Figures of gradients: the way back through time, their norm at each step, and what clipping makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.plots import COLOURS, CURVES, axes_of, figure_of


def way_back(*, n_steps: int = 4, ax: Axes | None = None) -> Figure:
    """A recurrent layer unrolled: states go forward, the gradient of the loss comes back, one factor a step.

    Args:
        n_steps: time steps to draw.
        ax: axes to draw on; new ones when None.

    Raises:
        ValueError: fewer than two steps.
    """
    if n_steps < 2:
        raise ValueError(f"n_steps is {n_steps}; expected at least 2, so that there is a way back.")
    ax = axes_of(ax, width=9.0, height=2.9)
    ax.set(xlim=(-0.8, 2.0 * n_steps + 1.0), ylim=(-1.35, 1.35), aspect="equal")
    ax.axis("off")
    for t in range(1, n_steps + 1):
        place = 2.0 * (t - 1)
        _box(ax, place, f"h$_{t}$", "#dceaf4", COLOURS["blue"])
        ax.text(place, -1.15, f"x$_{t}$", ha="center", va="center", fontsize=14)
        _arrow(ax, (place, -0.95), (place, -0.42), COLOURS["blue"])
        _arrow(ax, (place + 0.42, -0.16), (place + 1.58, -0.16), COLOURS["blue"])
        factor = f"× J$_{t + 1}$" if t < n_steps else "× Vᵀ"
        _arrow(ax, (place + 1.58, 0.2), (place + 0.42, 0.2), COLOURS["red"])
        ax.text(place + 1.0, 0.42, factor, ha="center", va="bottom", fontsize=13, color=COLOURS["red"])
    _box(ax, 2.0 * n_steps, "loss", "#f7e3d8", COLOURS["red"])
    return figure_of(ax)


def by_step(curves: Mapping[str, np.ndarray], *, lowest: float = 1e-12, ax: Axes | None = None) -> Figure:
    """The norm of the gradient with respect to the state, by time step, one curve a label, on a logarithmic axis.

    Args:
        curves: label to norms (steps,), first step first; as many as there are line styles.
        lowest: lower end of the axis; curves may run out of it.
        ax: axes to draw on; new ones when None.

    Raises:
        ValueError: no curve, more than seven, or one that is no path (steps,).
    """
    if not 1 <= len(curves) <= len(CURVES):
        raise ValueError(f"curves holds {len(curves)}; expected 1 to {len(CURVES)}, so that each can be told.")
    ax = axes_of(ax, width=8.5)
    for (label, norms), (colour, style) in zip(curves.items(), CURVES, strict=False):
        if np.ndim(norms) != 1 or len(norms) == 0:
            raise ValueError(f"the norms {label!r} have shape {np.shape(norms)}; expected (steps,).")
        ax.plot(np.arange(1, len(norms) + 1), np.maximum(norms, 1e-300), color=colour, linestyle=style, label=label)
    ax.set(xlabel="time step", ylabel="norm of ∂L/∂h", yscale="log")
    ax.set_ylim(bottom=lowest)
    ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0))
    return figure_of(ax)


def clipped(gradient: tuple[float, float], limit: float, *, ax: Axes | None = None) -> Figure:
    """One gradient of two numbers, clipped by value and by norm.

    Args:
        gradient: its two numbers.
        limit: of each number, or of the norm.
        ax: axes to draw on; new ones when None.

    Raises:
        ValueError: the limit is not above 0.
    """
    if limit <= 0:
        raise ValueError(f"limit is {limit}; expected a number above 0.")
    ax = axes_of(ax, width=7.5, height=3.8)
    whole = np.asarray(gradient, dtype=float)
    arrows = {
        "the gradient": whole,
        "clipped by value": np.clip(whole, -limit, limit),
        "clipped by norm": whole * min(1.0, limit / np.linalg.norm(whole)),
    }
    marks = {"the gradient": ("grey", "D"), "clipped by value": ("red", "s"), "clipped by norm": ("blue", "o")}
    for label, (x, y) in arrows.items():
        colour, mark = marks[label]
        look: dict[str, Any] = {
            "color": COLOURS[colour],
            "marker": mark,
            "markevery": [1],
            "markersize": 9,
            "linewidth": 2.2,
        }
        ax.plot([0, x], [0, y], label=f"{label}: ({x:.2f}, {y:.2f})", **look)
    ax.plot(*(limit * np.array([[-1, 1, 1, -1, -1], [-1, -1, 1, 1, -1]])), ":", color=COLOURS["red"])
    turn = np.linspace(0, 2 * np.pi, 200)
    ax.plot(limit * np.cos(turn), limit * np.sin(turn), "--", color=COLOURS["blue"], linewidth=1.0)
    edge = 1.15 * max(limit, float(np.abs(whole).max()))
    ax.set(xlim=(-0.45 * edge, 0.75 * edge), ylim=(-0.4 * edge, edge), aspect="equal")
    ax.set(xlabel="∂L/∂w₁", ylabel="∂L/∂w₂")
    ax.legend(loc="upper left", bbox_to_anchor=(1.02, 1.0))
    return figure_of(ax)


def _box(ax: Axes, place: float, text: str, face: str, edge: str) -> None:
    box = {"boxstyle": "round,pad=0.5", "facecolor": face, "edgecolor": edge, "linewidth": 1.5}
    ax.text(place, 0, text, ha="center", va="center", fontsize=14, bbox=box)


def _arrow(ax: Axes, start: tuple[float, float], end: tuple[float, float], colour: str) -> None:
    ax.annotate("", xy=end, xytext=start, arrowprops={"arrowstyle": "->", "linewidth": 1.6, "color": colour})
