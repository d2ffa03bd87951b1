"""Figures of scores: a ladder of errors with a dot per seed, and errors against seconds of training.

Each row has its model's colour and marker (``helpers.plots.models``); what the reader got today is a ring.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from helpers.plots import COLOURS, new_figure
from helpers.plots.models import look

#: What the legend calls a dot of a study and the ring of the reader.
SEED, TODAY = "study: a dot per seed", "you, today"
#: Markers that are nothing but their edge.
THIN = ("x", "+", "_", "|", "1", "2", "3", "4")


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
    for place, (label, mine, study) in zip(places, rows, strict=True):
        _dots(ax, label, study, [place] * len(study))
        if mine is not None:
            _today(ax, label, mine, place)
    for (label, value), style in zip(lines.items(), itertools.cycle(("--", ":", "-.", "-")), strict=False):
        ax.axvline(value, color=COLOURS["black"], linestyle=style, label=label)
    if log:
        ax.set_xscale("log")
    ax.set_yticks(list(places), [label for label, _, _ in rows])
    ax.set_ylim(max(len(rows), 1) - 0.5, -0.5)
    ax.set_xlabel(unit)
    _legend(ax, rows=[(mine, study) for _, mine, study in rows], loc="upper left", bbox_to_anchor=(1.01, 1.0))
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
    for label, seconds, study, mine in rows:
        _dots(ax, label, [seconds] * len(study), study)
        if mine is not None:
            _today(ax, label, seconds, mine)
    longest = max(seconds for _, seconds, _, _ in rows)
    ax.set(xlabel="seconds of training, compilation included", ylabel=unit, xlim=(0, 1.08 * longest))
    ends = {label: (seconds, float(np.mean(study)) if len(study) else mine) for label, seconds, study, mine in rows}
    places = {label: (seconds, end) for label, (seconds, end) in ends.items() if end is not None}
    _name_at_the_right(ax, places)
    drawn = [(mine, study) for _, _, study, mine in rows]
    _legend(ax, rows=drawn, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=3)
    return fig


def _dots(ax: Axes, label: str, x: Sequence[float], y: Sequence[float]) -> None:
    """One translucent dot per seed in the model's look, so that those on top of each other look darker."""
    colour, marker, _ = look(label)
    if len(x):
        edge = None if marker in THIN else 0
        ax.plot(x, y, marker, color=colour, markersize=8, alpha=0.5, markeredgewidth=edge, label=SEED)


def _today(ax: Axes, label: str, x: float, y: float) -> None:
    """The reader's own value: the model's colour in a ring, so that it shows on the study's dots, too."""
    ax.plot([x], [y], "o", color=look(label).colour, fillstyle="none", markersize=13, markeredgewidth=2, label=TODAY)


def _legend(ax: Axes, *, rows: Sequence[tuple[float | None, Sequence[float]]], **where: Any) -> None:
    """A legend of the lines, and of what a dot and a ring mean where there are any."""
    entries = [
        (handle, label)
        for handle, label in zip(*ax.get_legend_handles_labels(), strict=True)
        if label not in (SEED, TODAY)
    ]
    handles, labels = [handle for handle, _ in entries], [label for _, label in entries]
    grey: dict[str, Any] = {"color": COLOURS["grey"], "linestyle": "none"}
    if any(len(study) for _, study in rows):
        handles, labels = [*handles, Line2D([], [], marker="o", alpha=0.5, **grey)], [*labels, SEED]
    if any(mine is not None for mine, _ in rows):
        ring = Line2D([], [], marker="o", fillstyle="none", markersize=13, markeredgewidth=2, **grey)
        handles, labels = [*handles, ring], [*labels, TODAY]
    ax.legend(handles, labels, **where)


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
    gap = min(gap, 0.06)
    placed: list[float] = []
    for height in heights:
        placed.append(max(height, placed[-1] + gap if placed else 0.02))
    ceiling = 0.98
    for index in reversed(range(len(placed))):
        placed[index] = min(placed[index], ceiling)
        ceiling = placed[index] - gap
    return placed
