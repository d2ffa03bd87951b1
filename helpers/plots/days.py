"""Figures of days: a week against the week before, forecasts with intervals, and errors on two parts of the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.plots import COLOURS, CURVES, axes_of, figure_of


def against_before(values: pd.Series, *, lag: int = 168, unit: str, shaded: pd.Series | None = None) -> Figure:
    """The last hours of a series over those ``lag`` steps earlier.

    Args:
        values: hourly values with a ``DatetimeIndex``; the first ``lag`` of them are only drawn as "before".
        lag: steps between the two curves.
        unit: of the values.
        shaded: bool, hours with a grey ground, such as those with snow; its name is their label.
    """
    now = values.iloc[lag:]
    ax = axes_of(None, width=9)
    ax.plot(now.index, values.iloc[:-lag], color=COLOURS["orange"], linestyle="--", label="the week before")
    ax.plot(now.index, now, color=COLOURS["blue"], linewidth=2, label="this week")
    if shaded is not None:
        ax.fill_between(
            now.index,
            0,
            float(values.max()) * 1.05,
            where=shaded.iloc[lag:],
            step="post",
            color=COLOURS["grey"],
            alpha=0.3,
            linewidth=0,
            label=str(shaded.name),
        )
    return _counts_over_days(ax, unit)


def fan(
    index: pd.DatetimeIndex,
    truth: Sequence[float],
    low: Sequence[float],
    middle: Sequence[float],
    high: Sequence[float],
    *,
    unit: str,
    label: str,
) -> Figure:
    """Forecasts with an interval, and what came; all (hours,)."""
    ax = axes_of(None, width=9)
    ax.fill_between(index, low, high, color=COLOURS["sky"], alpha=0.5, linewidth=0, label=label)
    ax.plot(index, middle, color=COLOURS["blue"], linestyle="--", label="forecast")
    ax.plot(index, truth, color=COLOURS["black"], label="what came")
    return _counts_over_days(ax, unit)


def pinball(errors: Sequence[float], losses: Mapping[float, Sequence[float]], *, ax: Axes | None = None) -> Figure:
    """The pinball loss over the error, a curve for each quantile."""
    ax = axes_of(ax, width=7, height=3.2)
    for (quantile, values), (colour, style) in zip(losses.items(), CURVES, strict=False):
        ax.plot(errors, values, color=colour, linestyle=style, label=f"quantile {quantile:g}")
    ax.axvline(0, color=COLOURS["black"], linewidth=0.8)
    ax.set(xlabel="what came − forecast", ylabel="loss")
    ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0))
    return figure_of(ax)


def two_parts(
    rows: Sequence[tuple[str, Sequence[float], Sequence[float]]], *, unit: str, names: tuple[str, str]
) -> Figure:
    """Errors on two parts of the data, one line a model, a dot a seed.

    Args:
        rows: (label, errors on the first part, errors on the second), a value a seed; the worst row comes on top.
        unit: of the errors.
        names: of the parts.
    """
    ax = axes_of(None, width=8.5, height=1.4 + 0.34 * max(3, len(rows)))
    for place, (_, *parts) in enumerate(rows):
        ax.plot([np.mean(part) for part in parts], [place, place], color=COLOURS["grey"], linewidth=1, zorder=1)
    looks = (("o", COLOURS["orange"]), ("D", COLOURS["blue"]))
    for which, (name, (mark, colour)) in enumerate(zip(names, looks, strict=True), start=1):
        points = [(value, place) for place, row in enumerate(rows) for value in row[which]]
        values, places = zip(*points, strict=True) if points else ((), ())
        ax.plot(values, places, mark, color=colour, fillstyle="none", markersize=7, label=name)
    ax.set_yticks(range(len(rows)), [label for label, _, _ in rows])
    ax.set_ylim(max(len(rows), 1) - 0.5, -0.5)
    ax.set_xlabel(unit)
    ax.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2)
    return figure_of(ax)


def _counts_over_days(ax: Axes, unit: str) -> Figure:
    """The axes of counts over dates: from 0 up, in thousands, the legend beside."""
    ax.set_ylim(bottom=0)
    ax.set_ylabel(unit)
    ax.yaxis.set_major_formatter("{x:,.0f}")
    ax.tick_params(axis="x", rotation=20)
    ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0))
    return figure_of(ax)
