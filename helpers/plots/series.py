"""Figures of series: what was observed, what was forecast, how wrong it was, and how a series repeats itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib import dates as mdates
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from helpers.plots import COLOURS, CURVES, axes_of, figure_of, new_figure
from helpers.plots.models import looks

if TYPE_CHECKING:
    import pandas as pd

MARKS = ("X", "o", "s", "^", "D", "v")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def forecasts(
    X: np.ndarray,
    y: np.ndarray | None = None,
    predicted: Mapping[str, np.ndarray] | None = None,
    *,
    count: int = 3,
    hidden: int = 0,
) -> Figure:
    """The first series side by side, each with its target and the forecasts of one or more methods.

    Args:
        X: inputs (series, steps, 1) or (series, steps).
        y: targets (series, horizon) or (series, horizon, 1); None draws the inputs alone.
        predicted: method to forecasts of the shape of ``y``.
        count: how many series.
        hidden: steps that follow and are not shown, marked by "?".

    Raises:
        ValueError: ``X`` holds fewer than ``count`` series.
    """
    X = np.asarray(X)
    if not 1 <= count <= len(X):
        raise ValueError(f"count is {count}, but X holds {len(X)} series; ask for 1 to {len(X)}.")
    X = X.reshape(len(X), -1)
    fig = new_figure(width=3.3 * count, height=3.2)
    panels = np.atleast_1d(fig.subplots(1, count, sharey=True))
    for place, ax in enumerate(panels):
        ax.plot(X[place], ".-", color=COLOURS["blue"], markersize=4, linewidth=1.2, label="inputs")
        ahead = X.shape[1]
        if y is not None:
            truth = np.asarray(y)[place].ravel()
            steps = np.arange(ahead, ahead + len(truth))
            ax.plot(steps, truth, "X", color=COLOURS["black"], markersize=9, linestyle="none", label="target")
        for mark, (name, values), (colour, _) in zip(MARKS[1:], (predicted or {}).items(), CURVES[1:], strict=False):
            values = np.asarray(values)[place].ravel()
            steps = np.arange(ahead, ahead + len(values))
            ax.plot(steps, values, mark, color=colour, markersize=8, fillstyle="none", markeredgewidth=2, label=name)
        if hidden:
            ax.axvspan(ahead - 0.5, ahead + hidden - 0.5, color=COLOURS["grey"], alpha=0.15, linewidth=0)
            ax.text(ahead + hidden / 2 - 0.5, 0, "?", ha="center", va="center", fontsize=22, color=COLOURS["red"])
        ax.set_xlabel("time step")
    panels[0].set_ylabel("value")
    if y is not None or predicted:
        fig.legend(*panels[0].get_legend_handles_labels(), loc="outside upper left", ncols=2 + len(predicted or {}))
    return fig


def hours(values: pd.Series, missing: pd.Series | None = None, *, unit: str, ax: Axes | None = None) -> Figure:
    """Hourly values over time; repaired hours are marked."""
    ax = axes_of(ax, width=9)
    ax.plot(values.index, values, color=COLOURS["blue"], linewidth=1.2, label="recorded")
    if missing is not None and missing.any():
        repaired = values[missing]
        ax.plot(repaired.index, repaired, "X", color=COLOURS["red"], markersize=7, label="repaired")
        ax.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2)
    ax.set_ylabel(unit)
    ax.tick_params(axis="x", rotation=20)
    return figure_of(ax)


def mean_week(values: pd.Series, *, unit: str, ax: Axes | None = None) -> Figure:
    """The mean of every hour of the week, Monday first."""
    ax = axes_of(ax, width=9)
    import pandas as pd

    hours = pd.DatetimeIndex(values.index)
    week = values.groupby([hours.day_of_week, hours.hour]).mean().to_numpy()
    ax.plot(np.arange(len(week)), week, color=COLOURS["blue"])
    ax.set_xticks(np.arange(7) * 24 + 12, DAYS)
    ax.set_xticks(np.arange(8) * 24, minor=True)
    ax.grid(visible=False, axis="x")
    ax.grid(which="minor", axis="x", color="#aaaaaa")
    ax.tick_params(axis="x", length=0)
    ax.set_xlim(0, 168)
    ax.set_ylim(bottom=0)
    ax.set_ylabel(unit)
    return figure_of(ax)


def autocorrelation(values: Sequence[float], *, marks: Sequence[int] = (), ax: Axes | None = None) -> Figure:
    """Autocorrelation by lag, from lag 0 on; the lags in ``marks`` are named."""
    ax, height = axes_of(ax, width=9), np.asarray(values)
    ax.plot(np.arange(len(height)), height, color=COLOURS["blue"], linewidth=1.5)
    ax.axhline(0, color=COLOURS["black"], linewidth=0.8)
    for lag in marks:
        right = lag > 0.8 * len(height)  # no room beside it: write to the left
        ax.plot(lag, height[lag], "o", color=COLOURS["red"], markersize=9)
        ax.annotate(
            f"lag {lag}: {height[lag]:.3f}",
            (lag, height[lag]),
            xytext=(-10 if right else 10, 12 if lag == 1 else 2),
            textcoords="offset points",
            ha="right" if right else "left",
        )
    ax.set_ylim(top=1.2)
    ax.set_xlabel("lag (steps)")
    ax.set_ylabel("autocorrelation")
    return figure_of(ax)


def error_by_horizon(
    errors: Mapping[str, Sequence[float]],
    *,
    unit: str,
    lines: Mapping[str, float] | None = None,
    log: bool = False,
    ax: Axes | None = None,
) -> Figure:
    """The error of each method at each step ahead, from 1 on.

    Args:
        errors: method to (horizon,).
        unit: of the errors.
        lines: label to an error that is the same at all steps, such as the noise floor.
        log: whether the axis of errors is logarithmic; else it begins at 0.
        ax: axes to draw on; new ones when None.
    """
    ax = axes_of(ax)
    for name, (colour, marker, style) in looks(errors).items():
        values = np.asarray(errors[name])
        steps = np.arange(1, len(values) + 1)
        every = max(1, len(values) // 12)
        ax.plot(steps, values, color=colour, linestyle=style, marker=marker, markevery=every, label=name)
    for (name, value), line in zip((lines or {}).items(), ("-", "--", ":"), strict=False):
        ax.axhline(value, color=COLOURS["black"], linestyle=line, linewidth=1.2, label=name)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel("steps ahead")
    ax.set_ylabel(unit)
    if log:
        ax.set_yscale("log")
        ax.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    else:
        ax.set_ylim(bottom=0)
    ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0))
    return figure_of(ax)


def learning_curves(
    curves: Mapping[str, Sequence[float]],
    *,
    unit: str,
    lines: Mapping[str, float] | None = None,
    log: bool = True,
    ax: Axes | None = None,
) -> Figure:
    """The error after each epoch, with horizontal lines for what it is compared with."""
    ax = axes_of(ax)
    for (name, values), (colour, style) in zip(curves.items(), CURVES, strict=False):
        ax.plot(np.arange(1, len(values) + 1), values, color=colour, linestyle=style, label=name)
    for (name, value), style in zip((lines or {}).items(), ("--", ":", "-."), strict=False):
        ax.axhline(value, color=COLOURS["black"], linestyle=style, linewidth=1.2, label=name)
    if log:
        ax.set_yscale("log")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel("epoch")
    ax.set_ylabel(unit)
    ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0))
    return figure_of(ax)


def parts(index: pd.DatetimeIndex, ways: Mapping[str, np.ndarray], *, ax: Axes | None = None) -> Figure:
    """Which hours belong to which part, one row a way of splitting.

    Args:
        index: the hours.
        ways: way of splitting to an array over the hours that is 0 (training), 1 (validation) or 2 (test).
    """
    ax = axes_of(ax, width=9, height=1.2 + 0.6 * len(ways))
    looks = {"training": COLOURS["sky"], "validation": COLOURS["yellow"], "test": COLOURS["red"]}
    ends = mdates.date2num([index[0], index[-1]])
    for place, which in enumerate(ways.values()):
        ax.imshow(
            np.asarray(which)[np.newaxis],
            cmap=ListedColormap(list(looks.values())),
            vmin=0,
            vmax=2,
            extent=(*ends, place + 0.35, place - 0.35),
            aspect="auto",
            interpolation="nearest",
        )
    ax.xaxis_date()
    ax.set_yticks(range(len(ways)), list(ways))
    ax.set_xlim(*ends)
    ax.set_ylim(len(ways) - 0.5, -0.5)
    ax.grid(visible=False)
    used = set(np.concatenate(list(ways.values())).tolist())
    handles = [Patch(color=colour, label=name) for code, (name, colour) in enumerate(looks.items()) if code in used]
    ax.legend(handles=handles, loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=3)
    return figure_of(ax)
