"""Figures of scores: a ladder of errors with the spread over the seeds."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from helpers.plots import COLOURS, new_figure


def ladder(
    rows: Sequence[tuple[str, float | None, tuple[float, float, float] | None]],
    *,
    lines: Mapping[str, float],
    unit: str,
    log: bool = True,
) -> Figure:
    """Errors from worst (top) to best.

    Args:
        rows: (label, your value or None, (mean, deviation, smallest) of the study or None); a bar goes from the mean a
            deviation up, and a deviation down but not below the smallest seed.
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
    studied = [(place, *study) for place, (_, _, study) in zip(places, rows, strict=True) if study]
    mine = [(place, value) for place, (_, value, _) in zip(places, rows, strict=True) if value is not None]
    if studied:
        where, means, deviations, smallest = zip(*studied, strict=True)
        down = [
            min(deviation, mean - least) for mean, deviation, least in zip(means, deviations, smallest, strict=True)
        ]
        ax.errorbar(
            means,
            where,
            xerr=(down, deviations),
            fmt="o",
            color=COLOURS["blue"],
            capsize=4,
            label="study: mean ± deviation",
        )
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
