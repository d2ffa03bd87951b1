"""Lab *baseline* (lesson 02): six forecasts without a network and their errors at each step ahead, on two series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullLocator

from helpers import baselines
from helpers._validate import finite, regular
from helpers.labs.framework.controls import Choice, Slider
from helpers.labs.framework.lab import Invalid, Lab
from helpers.plots import COLOURS, CURVES

METHODS = ("naive", "last slope", "drift", "seasonal naive", "moving average", "exponential smoothing")
WINDOWED, SMOOTHED = ("seasonal naive", "moving average"), ("exponential smoothing",)
LONGEST_SEASON, LONGEST_HORIZON = 168, 48
SYNTHETIC_HORIZON = 10
EVERY = 5  # hours from one origin to the next: all hours of the day occur, a fifth of the work


@dataclass(frozen=True, eq=False)  # compared and hashed by identity, so that errors can be cached
class Past:
    """Windows with what came after them: ``X`` (m, steps), ``y`` (m, horizon); ``known`` marks targets to score on."""

    X: np.ndarray
    y: np.ndarray
    known: np.ndarray
    unit: str
    power: int  # 1: mean absolute error, 2: mean squared error
    limits: tuple[float, float]  # of the error axis
    example: int  # the window on the left
    ticks: Mapping[str, Sequence[float]]  # few and fixed, since a change of the series draws every one anew


def lab(synthetic: np.ndarray, traffic: np.ndarray, missing: np.ndarray, first: int) -> Lab:
    """The lab on both series.

    Args:
        synthetic: series (batch, 60, 1), of which 50 steps are the past and 10 are forecast.
        traffic: hourly values up to the last hour that may be looked at, (hours,).
        missing: bool (hours,), the hours that are not scored.
        first: index of the first hour that is forecast.

    Raises:
        ValueError: shapes that do not fit, or too few hours.
    """
    return Lab(
        "baseline",
        tasks=[
            "Raise 'window, season' from 24 to 168, the hours of a week. From which step on is seasonal naive below "
            "naive, at each of the two?",
            "Naive is worst 12 hours ahead and recovers at 24. Why?",
            "Choose the moving average. Is there a window that beats naive one hour ahead? And 24 hours ahead?",
            "Change to the synthetic series. Which method wins at step 1, which at step 10, and what happened between?",
        ],
        draw=draw,
        update=update,
        data=prepare(synthetic, traffic, missing, first),
        controls={
            "source": Choice("series", "traffic", options=["traffic", "synthetic"]),
            "method": Choice("method", "seasonal naive", options=list(METHODS)),
            "window": Slider("window, season", 24, minimum=2, maximum=LONGEST_SEASON),
            "smoothing": Slider("smoothing", 0.5, minimum=0.05, maximum=1.0, step=0.05),
            "horizon": Slider("horizon", 24, minimum=1, maximum=LONGEST_HORIZON),
        },
        size=(9.8, 4.0),
    )


def prepare(synthetic: np.ndarray, traffic: np.ndarray, missing: np.ndarray, first: int) -> dict[str, Past]:
    """Both series as windows of the longest past and horizon that the controls can ask for."""
    regular("traffic", getattr(traffic, "index", None))
    synthetic, traffic, missing = np.asarray(synthetic), finite("traffic", traffic), np.asarray(missing)
    if synthetic.ndim != 3 or synthetic.shape[1:] != (50 + SYNTHETIC_HORIZON, 1):
        raise ValueError(f"synthetic has shape {synthetic.shape}; expected (batch, {50 + SYNTHETIC_HORIZON}, 1).")
    if traffic.ndim != 1 or missing.shape != traffic.shape:
        raise ValueError(f"traffic has shape {traffic.shape} and missing {missing.shape}; expected (hours,) twice.")
    if not LONGEST_SEASON <= first <= len(traffic) - LONGEST_HORIZON:
        raise ValueError(
            f"first is {first} of {len(traffic)} hours; {LONGEST_SEASON} must lie before and {LONGEST_HORIZON} after."
        )
    origins = np.arange(first, len(traffic) - LONGEST_HORIZON + 1, EVERY)
    ahead = origins[:, np.newaxis] + np.arange(LONGEST_HORIZON)
    behind = origins[:, np.newaxis] + np.arange(-LONGEST_SEASON, 0)
    y = synthetic[:, 50:, 0].astype(float)
    return {
        "traffic": Past(
            traffic[behind],
            traffic[ahead],
            ~missing[ahead],
            unit="vehicles/h",
            power=1,
            limits=(150.0, 20_000.0),
            example=51,
            ticks={"time": (-48, -24, 0, 24, 48), "ahead": (12, 24, 36, 48), "error": (200, 1000, 5000, 20_000)},
        ),
        "synthetic": Past(
            synthetic[:, :50, 0].astype(float),
            y,
            np.ones(y.shape, bool),
            unit="MSE",
            power=2,
            limits=(2e-3, 20.0),
            example=0,
            ticks={"time": (-40, -20, 0), "ahead": (2, 4, 6, 8, 10), "error": (0.01, 0.1, 1, 10)},
        ),
    }


def forecast(method: str, X: np.ndarray, *, window: int, smoothing: float, horizon: int) -> np.ndarray:
    """The forecasts (m, horizon) of one method for windows ``X`` (m, steps)."""
    if method == "seasonal naive":
        return baselines.seasonal_naive(X, window, horizon)
    if method == "moving average":
        return baselines.moving_average(X, window, horizon)
    if method == "exponential smoothing":
        return baselines.exponential_smoothing(X, smoothing, horizon)
    return {"naive": baselines.naive, "last slope": baselines.last_slope, "drift": baselines.drift}[method](X, horizon)


def errors(past: Past, method: str, *, window: int, smoothing: float) -> np.ndarray:
    """The error of one method at every step ahead, over all windows."""
    return _errors(past, method, window if method in WINDOWED else 2, smoothing if method in SMOOTHED else 1.0)


@lru_cache(maxsize=64)
def _errors(past: Past, method: str, window: int, smoothing: float) -> np.ndarray:
    wrong = np.abs(forecast(method, past.X, window=window, smoothing=smoothing, horizon=past.y.shape[1]) - past.y)
    if past.power == 2:
        wrong **= 2
    wrong *= past.known
    return wrong.sum(axis=0) / past.known.sum(axis=0)


def draw(fig: Figure, data: Mapping[str, Past]) -> dict[str, Any]:
    """Left one window with its forecast, right the error of every method by horizon."""
    left, right = fig.subplots(1, 2, width_ratios=[1.0, 1.25])
    left.set(xlabel="one forecast: steps from now")
    (inputs,) = left.plot([], [], color=COLOURS["grey"], linewidth=1.5, label="past")
    (truth,) = left.plot([], [], color=COLOURS["black"], linewidth=1.5, label="what came")
    (chosen,) = left.plot([], [], color=COLOURS["red"], linestyle="--", linewidth=2.5, label="forecast")
    left.legend(loc="upper center", bbox_to_anchor=(0.45, -0.16), ncols=3, columnspacing=1.0, handlelength=1.5)
    left.yaxis.set_major_locator(MaxNLocator(4))
    right.set(xlabel="steps ahead", yscale="log")
    right.yaxis.set_minor_locator(NullLocator())
    artists: dict[str, Any] = {"inputs": inputs, "truth": truth, "chosen": chosen}
    for method, (colour, style) in zip(METHODS, CURVES, strict=False):
        (artists[method],) = right.plot([], [], color=colour, linestyle=style, label=method)
    (artists["marks"],) = right.plot(
        [], [], "D", color=COLOURS["black"], markersize=9, fillstyle="none", markeredgewidth=2
    )
    right.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0))
    _frame(fig, data["traffic"])
    return artists


def update(
    artists: Mapping[str, Any],
    data: Mapping[str, Past],
    *,
    source: str,
    method: str,
    window: int,
    smoothing: float,
    horizon: int,
) -> str:
    """Set every curve; returns the chosen method's mean error up to the horizon and where it passes naive."""
    if window < 1 or horizon < 1 or not 0 < smoothing <= 1:
        raise Invalid(
            f"window {window}, horizon {horizon}, smoothing {smoothing}: expected 1 or more, 1 or more, 0 to 1."
        )
    past = data[source]
    window, horizon = min(window, past.X.shape[1]), min(horizon, past.y.shape[1])
    settings: dict[str, Any] = {"window": window, "smoothing": smoothing}
    _frame(artists["inputs"].figure, past)
    by_horizon = {name: errors(past, name, **settings) for name in METHODS}
    steps = np.arange(1, horizon + 1)
    for name, values in by_horizon.items():
        artists[name].set_data(steps, values[:horizon])
        artists[name].set_linewidth(4.0 if name == method else 1.3)
    mine, naive = by_horizon[method], by_horizon["naive"]
    artists["marks"].set_data([horizon], [mine[horizon - 1]])
    X, shown = past.X[past.example], min(72, past.X.shape[1])
    artists["inputs"].set_data(np.arange(1 - shown, 1), X[-shown:])
    artists["truth"].set_data(np.arange(0, horizon + 1), [X[-1], *past.y[past.example, :horizon]])
    artists["chosen"].set_data(steps, forecast(method, X, horizon=horizon, **settings))
    return f"{_named(method, window, smoothing)} on {source}: " + _reading(mine, naive, horizon, past, method)


def _frame(fig: Figure, past: Past) -> None:
    """Limits and labels that belong to a series; setting what is set already costs no redraw."""
    left, right = fig.axes
    longest = past.y.shape[1]
    shown = min(72, past.X.shape[1])
    around = past.X[past.example, -shown:]
    margin = 0.45 * (around.max() - around.min())
    left.set(xlim=(-shown, longest + 1), ylim=(around.min() - margin, around.max() + margin))
    left.set_ylabel("value" if past.power == 2 else past.unit)
    right.set(xlim=(0, longest + 1), ylim=past.limits)
    right.set_ylabel("mean squared error" if past.power == 2 else f"mean absolute error, {past.unit}")
    for axis, where in ((left.xaxis, "time"), (right.xaxis, "ahead"), (right.yaxis, "error")):
        axis.set_ticks(past.ticks[where], [f"{tick:,g}".replace("-", "−") for tick in past.ticks[where]])


def _named(method: str, window: int, smoothing: float) -> str:
    if method in WINDOWED:
        return f"{method.capitalize()} ({window})"
    return f"{method.capitalize()} ({smoothing:.2f})" if method in SMOOTHED else method.capitalize()


def _reading(mine: np.ndarray, naive: np.ndarray, horizon: int, past: Past, method: str) -> str:
    digits = 4 if past.power == 2 else 0
    mean, last = f"{mine[:horizon].mean():.{digits}f}", f"{mine[horizon - 1]:.{digits}f}"
    text = f"mean error {mean} over {horizon} step{'' if horizon == 1 else 's'}, {last} at the last."
    if method == "naive":
        return text
    below = np.flatnonzero(mine < naive)
    return text + (f" First below naive at step {below[0] + 1}." if len(below) else " Nowhere below naive.")
