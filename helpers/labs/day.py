"""Lab *day* (lesson 10): one day of traffic, forecast at midnight from a past that you may disturb."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from helpers._validate import no_gaps, regular
from helpers.labs.framework.axes import reach
from helpers.labs.framework.controls import Choice, Slider
from helpers.labs.framework.lab import Invalid, Lab
from helpers.plots import COLOURS

#: From a frame with the columns of ``load_traffic()`` and the rows of some midnights to (midnights, 24) vehicles/h, or
#: to (midnights, 24, 3): lower end, middle and upper end of an interval.
Forecaster = Callable[[pd.DataFrame, np.ndarray], np.ndarray]

HORIZON, WEEK = 24, 168
HISTORY = 6 * WEEK  # hours before a midnight that a forecaster gets
SHOWN = 48  # of them in the picture
LOST = (0, 6, 24, 72)
NO_STORM, EVENING, TOMORROW = "none", "the evening before", "on the day"
STORMS = (NO_STORM, EVENING, TOMORROW)
STORM_HOURS = 12  # of the evening before
WORST = 2200.0  # right end of the error axis


@dataclass(frozen=True)
class Days:
    """What the lab shows: for every setting what the forecasters see and say."""

    dates: pd.DatetimeIndex
    truth: np.ndarray  # (days, 24)
    scored: np.ndarray  # (days, 24)
    past: Mapping[tuple[int, str], np.ndarray]  # (days, SHOWN), as it was seen
    forecasts: Mapping[tuple[str, int, str], np.ndarray]  # (days, 24, 3)
    names: tuple[str, ...]

    def error(self, day: int, name: str, lost: int, storm: str) -> float:
        """Mean absolute error of one forecaster on one day, repaired hours apart."""
        wrong = np.abs(self.forecasts[name, lost, storm][day, :, 1] - self.truth[day])
        return float(wrong[self.scored[day]].mean())


def lab(forecasters: Mapping[str, Forecaster], frame: pd.DataFrame, midnights: Sequence[int], *, day: int = 0) -> Lab:
    """The lab on forecasters of the lesson.

    Args:
        forecasters: name to ``forecaster(frame, rows)``; 2 to 6 of them. The first picture shows the last one.
        frame: hours with the columns of ``series.load_traffic()``.
        midnights: rows of ``frame`` at which the days begin, with 6 weeks before and 24 hours after each.
        day: the day that is shown first, counted in ``midnights``.

    Raises:
        ValueError: too few or too many forecasters, rows too near an end of the frame, or forecasts of a wrong shape.
    """
    data = prepare(forecasters, frame, midnights)
    return Lab(
        "day",
        tasks=[
            "Go through the forecasts of this day. Does knowing the snow help?",
            "On a day without snow, put a storm on the day itself, then on the evening before. Which forecasts move?",
            "Choose an ordinary day and lose more and more hours before midnight. Whose forecast moves most?",
        ],
        draw=draw,
        update=update,
        data=data,
        controls={
            "day": Slider("day", day, minimum=0, maximum=len(data.dates) - 1),
            "model": Choice("forecast", data.names[-1], options=list(data.names)),
            "lost": Choice("hours lost before midnight", 0, options=list(LOST)),
            "storm": Choice("snow added", NO_STORM, options=list(STORMS)),
        },
        size=(9.6, 4.2),
    )


def prepare(forecasters: Mapping[str, Forecaster], frame: pd.DataFrame, midnights: Sequence[int]) -> Days:
    """Ask every forecaster for every day under every setting, once."""
    regular("frame", frame.index)
    no_gaps('frame["traffic"]', frame["traffic"].to_numpy(dtype=float))
    rows = np.asarray(midnights)
    if not 2 <= len(forecasters) <= 6:
        raise ValueError(f"{len(forecasters)} forecasters; expected 2 to 6, so that they fit one picture.")
    if rows.ndim != 1 or not len(rows) or rows.min() < HISTORY or rows.max() > len(frame) - HORIZON:
        raise ValueError(
            f"the midnights must be rows of the frame with {HISTORY} hours before and {HORIZON} after each."
        )
    ahead = rows[:, np.newaxis] + np.arange(HORIZON)
    past, forecasts = {}, {}
    for lost in LOST:
        for storm in STORMS:
            disturbed = disturb(frame, rows, lost=lost, storm=storm)
            own_rows = np.arange(len(rows)) * (HISTORY + HORIZON) + HISTORY
            seen = disturbed["traffic"].to_numpy().reshape(len(rows), -1)
            past[lost, storm] = seen[:, HISTORY - SHOWN : HISTORY]
            for name, forecaster in forecasters.items():
                forecasts[name, lost, storm] = _with_interval(name, forecaster(disturbed, own_rows), len(rows))
    return Days(
        pd.DatetimeIndex(frame.index[rows]),
        frame["traffic"].to_numpy()[ahead],
        ~frame["missing"].to_numpy()[ahead],
        past,
        forecasts,
        tuple(forecasters),
    )


def disturb(frame: pd.DataFrame, rows: np.ndarray, *, lost: int, storm: str) -> pd.DataFrame:
    """One piece of ``frame`` for each midnight, 6 weeks and the day, put one below the other, with changed hours.

    A storm is snow, clouds and frost, in the 12 hours before midnight or the 24 after; the traffic stays as it was.
    Then the last ``lost`` hours before midnight are repaired as ``load_traffic`` repairs: traffic from the week
    before, weather from the last hour known.
    """
    hours = np.asarray(rows)[:, np.newaxis] + np.arange(-HISTORY, HORIZON)
    shape = hours.shape
    columns = {name: frame[name].to_numpy()[hours] for name in frame.columns}
    if storm != NO_STORM:
        stormy = slice(HISTORY - STORM_HOURS, HISTORY) if storm == EVENING else slice(HISTORY, None)
        columns["weather"][:, stormy] = "Snow"
        columns["clouds"][:, stormy] = 90
        columns["temperature"][:, stormy] = np.minimum(columns["temperature"][:, stormy], -2.0)
    if lost:
        gap = slice(HISTORY - lost, HISTORY)
        columns["traffic"][:, gap] = columns["traffic"][:, HISTORY - lost - WEEK : HISTORY - WEEK]
        columns["missing"][:, gap] = True
        for name in set(columns) - {"traffic", "missing"}:
            columns[name][:, gap] = columns[name][:, HISTORY - lost - 1, np.newaxis]
    index = pd.DatetimeIndex(frame.index.to_numpy()[hours].ravel())
    return pd.DataFrame({name: values.reshape(np.prod(shape)) for name, values in columns.items()}, index=index)


def _with_interval(name: str, values: Any, n_days: int) -> np.ndarray:
    """Forecasts as (days, 24, 3); those without an interval have three equal ends."""
    values = np.asarray(values, dtype=float)
    if values.shape == (n_days, HORIZON):
        values = np.repeat(values[..., np.newaxis], 3, axis=2)
    if values.shape != (n_days, HORIZON, 3):
        raise ValueError(
            f"the forecaster {name!r} gave {values.shape}; expected ({n_days}, {HORIZON}), or ({n_days}, {HORIZON}, 3) "
            "with lower end, middle and upper end."
        )
    return values


def draw(fig: Figure, data: Days) -> dict[str, Any]:
    """Left two days and the forecast one, right the error of every forecaster on this day."""
    left, right = fig.subplots(1, 2, width_ratios=[2.1, 1.0])
    band = left.add_patch(
        Polygon(np.zeros((3, 2)), facecolor=COLOURS["sky"], alpha=0.45, label="80 % interval, if any")
    )
    (seen,) = left.plot([], [], color=COLOURS["grey"], linewidth=1.5, label="past")
    (lost,) = left.plot([], [], "x", color=COLOURS["orange"], markersize=6, label="repaired")
    (truth,) = left.plot([], [], color=COLOURS["black"], linewidth=1.8, label="what came")
    (plain,) = left.plot([], [], color=COLOURS["blue"], linewidth=1.2, linestyle=":", label="undisturbed")
    (forecast,) = left.plot([], [], color=COLOURS["blue"], linewidth=2.4, linestyle="--", label="forecast")
    left.axvline(0, color=COLOURS["black"], linewidth=0.8)
    left.set(xlim=(-SHOWN, HORIZON), ylim=(-300, 8200), xlabel="hours from midnight", ylabel="vehicles/h")
    left.set_xticks(range(-SHOWN, HORIZON + 1, 12), [f"{hour}".replace("-", "−") for hour in range(-48, 25, 12)])
    left.set_yticks([0, 2000, 4000, 6000], ["0", "2,000", "4,000", "6,000"])
    left.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, fontsize=10)
    date = left.text(0.02, 0.91, "", fontsize=11, transform=left.transAxes)
    bars = right.barh(range(len(data.names)), 0.0, color=COLOURS["blue"])
    right.set(xlim=(0, WORST), ylim=(len(data.names) - 0.5, -0.5), xlabel="error of the day, vehicles/h")
    right.set_yticks(range(len(data.names)), data.names)
    right.set_xticks([0, 1000, 2000], ["0", "1,000", "2,000"])
    right.grid(visible=False)
    numbers = [right.text(0, place, "", va="center", fontsize=10) for place in range(len(data.names))]
    return {
        "band": band,
        "seen": seen,
        "lost": lost,
        "truth": truth,
        "plain": plain,
        "forecast": forecast,
        "date": date,
        "bars": list(bars),
        "numbers": numbers,
    }


def update(artists: Mapping[str, Any], data: Days, *, day: int, model: str, lost: int, storm: str) -> str:
    """Show one day under one setting; returns the error and how far the disturbance moved the forecast."""
    if not 0 <= day < len(data.dates):
        raise Invalid(f"Day {day} is none of the {len(data.dates)} days.")
    here = [forecasts[day] for (name, *_), forecasts in data.forecasts.items() if name == model]
    high = reach(data.past[lost, storm][day], data.truth[day], *here, least=8200)
    artists["forecast"].axes.set_ylim(min(-300, 1.1 * np.nanmin(here)), high)
    ahead, before = np.arange(HORIZON) + 0.5, np.arange(-SHOWN, 0) + 0.5
    low, middle, high = data.forecasts[model, lost, storm][day].T
    plain = data.forecasts[model, 0, NO_STORM][day, :, 1]
    past = data.past[lost, storm][day]
    artists["band"].set_xy(np.column_stack([np.r_[ahead, ahead[::-1]], np.r_[low, high[::-1]]]))
    artists["seen"].set_data(before, past)
    hidden = before >= -lost
    artists["lost"].set_data(before[hidden], past[hidden])
    artists["truth"].set_data(ahead, np.where(data.scored[day], data.truth[day], np.nan))
    artists["plain"].set_data(ahead, plain)
    artists["forecast"].set_data(ahead, middle)
    date = data.dates[day]
    added = "" if storm == NO_STORM else f", snow added {storm}"
    artists["date"].set_text(f"{date:%A}, {date.day} {date:%B %Y}{added}")
    errors = {name: data.error(day, name, lost, storm) for name in data.names}
    for bar, number, (name, error) in zip(artists["bars"], artists["numbers"], errors.items(), strict=True):
        bar.set_width(min(error, WORST))
        bar.set_facecolor(COLOURS["red"] if name == model else COLOURS["grey"])
        number.set_text(f"{error:,.0f}")
        inside = error > 0.72 * WORST
        number.set_position((min(error, WORST) + (-40 if inside else 40), number.get_position()[1]))
        number.set_horizontalalignment("right" if inside else "left")
    return _reading(data, day, model, errors, middle - plain, (low, high), disturbed=bool(lost) or storm != NO_STORM)


def _reading(
    data: Days,
    day: int,
    model: str,
    errors: Mapping[str, float],
    moved: np.ndarray,
    interval: tuple[np.ndarray, np.ndarray],
    *,
    disturbed: bool,
) -> str:
    date, scored = data.dates[day], data.scored[day]
    best = min(errors, key=errors.__getitem__)
    text = f"{date:%a} {date.day} {date:%b}, {model}: off by {errors[model]:,.0f} vehicles/h on average"
    text += " (the least of all)." if best == model else f" (least: {best}, {errors[best]:,.0f})."
    low, high = interval
    if (high > low).any():
        inside = (low <= data.truth[day]) & (data.truth[day] <= high)
        text += f" {int(inside[scored].sum())} of {int(scored.sum())} hours lie in the interval."
    if disturbed:
        text += f" The disturbance moved it by {np.abs(moved).mean():,.0f}."
    return text
