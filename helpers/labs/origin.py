"""Lab *origin* (lesson 10): forecast again and again, from origin to origin, and see when forecasts fail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from helpers._validate import no_gaps, regular
from helpers.labs.day import HORIZON, WEEK, Forecaster
from helpers.labs.framework.axes import reach
from helpers.labs.framework.controls import Choice, Slider
from helpers.labs.framework.lab import Invalid, Lab
from helpers.plots import COLOURS, CURVES

HOURS = (0, 6, 12, 18)  # at which a forecast is made
SPANS = (1, 7, 28)  # days that the upper curves average
SNOWY = 6  # hours of snow that make a day a snowy one


@dataclass(frozen=True)
class Origins:
    """Forecasts from every origin: arrays (days, len(HOURS), 24), the first day's forecasts in row 0."""

    dates: pd.DatetimeIndex
    truth: np.ndarray
    scored: np.ndarray
    forecasts: Mapping[str, np.ndarray]
    snow: np.ndarray  # (days,), whether it snowed for some hours
    special: np.ndarray  # (days,), whether the day is marked as a holiday

    def errors(self, name: str, hour: int) -> np.ndarray:
        """Mean absolute error of each day's forecast from one hour, (days,)."""
        place = HOURS.index(hour)
        wrong = np.abs(self.forecasts[name] - self.truth)[:, place]
        scored = self.scored[:, place]
        return (wrong * scored).sum(axis=1) / np.maximum(scored.sum(axis=1), 1)


def lab(
    forecasters: Mapping[str, Forecaster],
    frame: pd.DataFrame,
    midnights: np.ndarray,
    *,
    holidays: np.ndarray,
    day: int = 0,
) -> Lab:
    """The lab on forecasters of the lesson.

    Args:
        forecasters: name to ``forecaster(frame, rows)``, as in the lab *day*; 2 to 5 of them.
        frame: hours with the columns of ``series.load_traffic()``.
        midnights: rows of ``frame`` at which consecutive days begin, with 42 hours after the last.
        holidays: bool (hours,), whether an hour belongs to a holiday.
        day: the day that is shown first, counted in ``midnights``.

    Raises:
        ValueError: too few or too many forecasters, too few days, or forecasts of a wrong shape.
    """
    data = prepare(forecasters, frame, midnights, holidays)
    return Lab(
        "origin",
        tasks=[
            "Above is each day's error. What have the peaks in common? Squares are snow, triangles holidays.",
            "Go to a peak, then seven days on. Which forecast fails a second time, and why?",
            "Stay at a peak and forecast from 6, 12 and 18 o'clock. Which forecasts use the hours they have seen since "
            "midnight?",
            "Average over 28 days. Who is ahead at the end of April, and is the order the same in every month?",
        ],
        draw=draw,
        update=update,
        data=data,
        controls={
            "day": Slider("day", day, minimum=0, maximum=len(data.dates) - 1),
            "hour": Choice("forecast made at", 0, options=[(f"{hour}:00", hour) for hour in HOURS]),
            "span": Choice("mean over", 1, options=[(f"{span} day{'s' * (span > 1)}", span) for span in SPANS]),
        },
        size=(9.6, 5.2),
    )


def prepare(
    forecasters: Mapping[str, Forecaster], frame: pd.DataFrame, midnights: np.ndarray, holidays: np.ndarray
) -> Origins:
    """Ask every forecaster once, from four hours of every day."""
    regular("frame", frame.index)
    no_gaps('frame["traffic"]', frame["traffic"].to_numpy(dtype=float))
    rows = np.asarray(midnights)
    if not 2 <= len(forecasters) <= 5:
        raise ValueError(f"{len(forecasters)} forecasters; expected 2 to 5, so that they fit one picture.")
    if len(rows) < max(SPANS) or rows.min() < WEEK or rows.max() + max(HOURS) + HORIZON > len(frame):
        raise ValueError(
            f"expected at least {max(SPANS)} midnights, with {WEEK} hours of the frame before the first and "
            f"{max(HOURS) + HORIZON} after the last."
        )
    origins = rows[:, np.newaxis] + np.array(HOURS)
    ahead = origins[..., np.newaxis] + np.arange(HORIZON)
    forecasts = {}
    for name, forecaster in forecasters.items():
        values = np.asarray(forecaster(frame, origins.ravel()), dtype=float)
        middle = values[..., 1] if values.ndim == 3 else values
        if middle.shape != (origins.size, HORIZON):
            raise ValueError(f"the forecaster {name!r} gave {values.shape}; expected ({origins.size}, {HORIZON}).")
        forecasts[name] = middle.reshape(ahead.shape)
    days = rows[:, np.newaxis] + np.arange(24)
    return Origins(
        pd.DatetimeIndex(frame.index[rows]),
        frame["traffic"].to_numpy()[ahead],
        ~frame["missing"].to_numpy()[ahead],
        forecasts,
        (frame["weather"].to_numpy()[days] == "Snow").sum(axis=1) >= SNOWY,
        np.asarray(np.asarray(holidays)[days].any(axis=1)),
    )


def trailing_mean(values: np.ndarray, span: int) -> np.ndarray:
    """Mean of each value and those before it, ``span`` in all; NaN where there are fewer.

    >>> trailing_mean(np.array([1.0, 3.0, 5.0]), 2).tolist()
    [nan, 2.0, 4.0]
    """
    sums = np.cumsum(np.r_[0.0, values])
    means = np.full(len(values), np.nan)
    means[span - 1 :] = (sums[span:] - sums[:-span]) / span
    return means


def draw(fig: Figure, data: Origins) -> dict[str, Any]:
    """Above the errors of all days, below the forecasts of one."""
    above, below = fig.subplots(2, 1, height_ratios=[1.0, 1.1])
    days = np.arange(len(data.dates))
    above.plot(days[data.snow], np.full(data.snow.sum(), -120), "s", color=COLOURS["sky"], markersize=4)
    above.plot(days[data.special], np.full(data.special.sum(), -120), "^", color=COLOURS["orange"], markersize=8)
    first = np.flatnonzero(data.dates.day == 1).tolist()
    above.set_xticks(first, [f"1 {data.dates[place]:%b}" for place in first])
    high = reach(*(data.errors(name, hour) for name in data.forecasts for hour in HOURS), least=2600)
    above.set(xlim=(-1, len(days)), ylim=(-250, high), ylabel="error, vehicles/h")
    above.set_yticks([0, 1000, 2000], ["0", "1,000", "2,000"])
    below.set(xlim=(0, HORIZON), ylim=(-300, 8200), xlabel="hours from the origin", ylabel="vehicles/h")
    below.set_xticks(range(0, HORIZON + 1, 6))
    below.set_yticks([0, 2000, 4000, 6000], ["0", "2,000", "4,000", "6,000"])
    (truth,) = below.plot([], [], color=COLOURS["grey"], linewidth=5, alpha=0.6, label="what came")
    errors, paths = {}, {}
    for name, (colour, style) in zip(data.forecasts, CURVES, strict=False):
        (errors[name],) = above.plot([], [], color=colour, linestyle=style, linewidth=1.4)
        (paths[name],) = below.plot([], [], color=colour, linestyle=style, linewidth=2, label=name)
    (marker,) = above.plot([], [], color=COLOURS["black"], linewidth=1, linestyle=(0, (1, 2)))
    below.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0))
    date = below.text(0.02, 0.9, "", fontsize=11, transform=below.transAxes)
    return {"truth": truth, "errors": errors, "paths": paths, "marker": marker, "date": date}


def update(artists: Mapping[str, Any], data: Origins, *, day: int, hour: int, span: int) -> str:
    """Show one origin among all; returns the errors there and over all days."""
    if not 0 <= day < len(data.dates):
        raise Invalid(f"Day {day} is none of the {len(data.dates)} days.")
    place, ahead = HOURS.index(hour), np.arange(HORIZON) + 0.5
    scored = data.scored[day, place]
    artists["truth"].set_data(ahead, np.where(scored, data.truth[day, place], np.nan))
    paths = [forecast[day, place] for forecast in data.forecasts.values()]
    high = reach(data.truth[day, place][scored], *paths, least=8200)
    artists["truth"].axes.set_ylim(min(-300, 1.1 * np.nanmin(paths)), high)
    artists["marker"].set_data([day, day], artists["marker"].axes.get_ylim())
    here, overall = {}, {}
    for name, forecast in data.forecasts.items():
        by_day = data.errors(name, hour)
        artists["errors"][name].set_data(np.arange(len(by_day)), trailing_mean(by_day, span))
        artists["paths"][name].set_data(ahead, forecast[day, place])
        here[name], overall[name] = by_day[day], by_day.mean()
    date = data.dates[day]
    artists["date"].set_text(f"{date:%A}, {date.day} {date:%B}, from {hour}:00")
    return (
        f"From {date:%a} {date.day} {date:%b}, {hour}:00: {_listed(here)} vehicles/h. "
        f"Mean of all {len(data.dates)} days from {hour}:00: {_listed(overall)}."
    )


def _listed(errors: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {error:,.0f}" for name, error in errors.items())
