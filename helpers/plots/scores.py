"""Figures of scores: a ladder of errors with a dot per seed, and errors against seconds of training."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.plots import COLOURS, new_figure

#: What the legend calls a dot of a study.
SEED = "study: a dot per seed"


def ladder(
    rows: Sequence[tuple[str, float | None, Sequence[float]]],
    *,
    lines: Mapping[str, float],
    unit: str,
    log: bool = True,
) -> Figure:
    """Errors from worst (top) to best, with a dot per seed: a mean would hide the one that failed.

    Args:
        rows: (label, your value or None, the study's values, one per seed). Equal values make one dot.
        lines: label to error, drawn as vertical lines: a baseline, the noise floor.
        unit: of the errors.
        log: whether the axis is logarithmic.

    Raises:
        ValueError: there is nothing to draw.
    """
    if not rows and not lines:
        raise ValueError("ladder got no rows and no lines; record a score first.")
    fig = new_figure(width=8.5, height=1.4 + 0.36 * max(3, len(rows)))
    ax = fig.subplots()
    places = range(len(rows))
    dots = [(value, place) for place, (_, _, study) in zip(places, rows, strict=True) for value in study]
    mine = [(place, value) for place, (_, value, _) in zip(places, rows, strict=True) if value is not None]
    if dots:
        _dots(ax, *zip(*dots, strict=True), label=SEED)
    if mine:
        where, values = zip(*mine, strict=True)
        ax.plot(values, where, "D", color=COLOURS["red"], fillstyle="none", markersize=9, label="you, today")
    for (label, value), style in zip(lines.items(), itertools.cycle(("--", ":", "-.", "-")), strict=False):
        ax.axvline(value, color=COLOURS["black"], linestyle=style, label=label)
    if log:
        ax.set_xscale("log")
    ax.set_yticks(list(places), [label for label, _, _ in rows])
    ax.set_ylim(max(len(rows), 1) - 0.5, -0.5)
    ax.set_xlabel(unit)
    ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0))
    return fig


def against_seconds(
    rows: Sequence[tuple[str, float, Sequence[float], float | None]],
    *,
    lines: Mapping[str, float],
    unit: str,
) -> Figure:
    """Errors against seconds of training, each row named at the right in the order of the errors.

    Args:
        rows: (label, seconds, the study's values, one per seed, your value or None).
        lines: label to error, drawn as level lines: a baseline, the noise floor.
        unit: of the errors.

    Raises:
        ValueError: there is nothing to draw.
    """
    if not rows:
        raise ValueError("against_seconds got no rows; record a score with its seconds first.")
    fig = new_figure(width=9.5, height=max(4.5, 1.0 + 0.3 * (len(rows) + len(lines))))
    ax = fig.subplots()
    ax.set_yscale("log")
    for (label, value), style in zip(lines.items(), itertools.cycle(("--", ":", "-.", "-")), strict=False):
        ax.axhline(value, color=COLOURS["black"], linestyle=style, linewidth=1.2, label=f"{label}, {value:.2g}")
    dots = [(seconds, value) for _, seconds, study, _ in rows for value in study]
    yours = [(seconds, mine) for _, seconds, _, mine in rows if mine is not None]
    if dots:
        _dots(ax, *zip(*dots, strict=True), label=SEED)
    if yours:
        where, values = zip(*yours, strict=True)
        ax.plot(where, values, "D", color=COLOURS["red"], fillstyle="none", markersize=9, label="you, today")
    longest = max(seconds for _, seconds, _, _ in rows)
    ax.set(xlabel="seconds of training, compilation included", ylabel=unit, xlim=(0, 1.08 * longest))
    places = {label: (seconds, float(np.mean(study)) if len(study) else mine) for label, seconds, study, mine in rows}
    _name_at_the_right(ax, places)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=3)
    return fig


def _dots(ax: Axes, x: Sequence[float], y: Sequence[float], *, label: str) -> None:
    """One translucent dot per seed, so that those on top of each other look darker."""
    ax.plot(x, y, "o", color=COLOURS["blue"], markersize=8, alpha=0.5, markeredgewidth=0, label=label)


def _name_at_the_right(ax: Axes, places: Mapping[str, tuple[float, float]]) -> None:
    """Names at the right edge in the order of the errors, each joined to its point by a thin line."""
    ordered = sorted(places.items(), key=lambda place: place[1][1])
    low, high = np.log(ax.get_ylim())
    heights = [(np.log(y) - low) / (high - low) for _, (_, y) in ordered]
    for (label, (x, y)), height in zip(ordered, _apart(heights, gap=0.95 / len(ordered)), strict=True):
        ax.annotate(
            label,
            xy=(x, y),
            xytext=(1.04, height),
            textcoords="axes fraction",
            va="center",
            fontsize=11,
            arrowprops={
                "arrowstyle": "-",
                "color": COLOURS["grey"],
                "linewidth": 0.7,
                "shrinkB": 5,
                "relpos": (0, 0.5),
            },
        )


def _apart(heights: Sequence[float], *, gap: float) -> list[float]:
    """Ascending heights in 0 … 1, moved as far apart as ``gap`` (at most 0.06) with the first at 0.02 or above."""
    gap, placed = min(gap, 0.06), []
    for height in heights:
        placed.append(max(height, placed[-1] + gap if placed else 0.02))
    ceiling = 0.98
    for index in reversed(range(len(placed))):
        placed[index] = min(placed[index], ceiling)
        ceiling = placed[index] - gap
    return placed
