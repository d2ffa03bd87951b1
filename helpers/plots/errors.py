"""Figures of errors: forecasts of one series against what came, and errors against a setting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.plots import COLOURS, CURVES, axes_of, figure_of
from helpers.plots.models import looks


def against(
    past: Sequence[float],
    truth: Sequence[float],
    forecasts: Mapping[str, Sequence[float]],
    *,
    xlabel: str = "time step",
    ylabel: str = "value",
    ax: Axes | None = None,
) -> Figure:
    """One series, what came after it, and the forecasts for the same steps.

    Args:
        past: (steps,).
        truth: (horizon,), what came.
        forecasts: method to (horizon,).
        xlabel: name of the axis of time.
        ylabel: name of the axis of values.
        ax: axes to draw on; new ones when None.
    """
    ax = axes_of(ax, width=9)
    now = len(past)
    ahead = np.arange(now, now + len(truth))
    ax.plot(np.arange(now), past, ".-", color=COLOURS["grey"], label="past")
    ax.plot(ahead, truth, "X-", color=COLOURS["black"], linewidth=1.2, label="what came")
    for name, (colour, mark, style) in looks(forecasts).items():
        (line,) = ax.plot(ahead, forecasts[name], mark, color=colour, linestyle=style, label=name)
        line.set(fillstyle="none", linewidth=1.6)
    ax.set_xlabel(xlabel)
    ax.set_ylabel(ylabel)
    ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0))
    return figure_of(ax)


def by_setting(
    errors: Mapping[float, float],
    *,
    xlabel: str,
    unit: str,
    lines: Mapping[str, float] | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Errors by a setting, such as the number of lags, with horizontal lines to compare with, on a logarithmic axis."""
    ax = axes_of(ax)
    ax.plot(list(errors), list(errors.values()), "o-", color=COLOURS["blue"])
    for (name, value), (colour, _), style in zip((lines or {}).items(), CURVES[1:], ("--", ":", "-."), strict=False):
        ax.axhline(value, color=colour, linestyle=style, label=name)
    ax.set_yscale("log")
    ax.set_xlabel(xlabel)
    ax.set_ylabel(unit)
    if lines:
        ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0))
    return figure_of(ax)
