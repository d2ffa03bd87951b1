"""Lab *series* (lesson 01): two sines and noise as you set them, three forecasts, and the floor below them all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from helpers import baselines
from helpers.labs.framework.axes import reach
from helpers.labs.framework.controls import Slider
from helpers.labs.framework.lab import Invalid, Lab
from helpers.plots import COLOURS, CURVES
from helpers.series import noise_floor, split_series

#: Series behind each picture, from the same random numbers each time: enough for errors within a few percent, few
#: enough for a quick redraw.
N_TRAIN, N_VALID = 2000, 1000
MOST_STEPS = 100
METHODS = ("naive", "last slope", "least squares")
MARKS = ("o", "s", "D")
LOWEST, HIGHEST = 1e-4, 10.0  # ends of the error axis; a smaller error is drawn at its left end


def lab(series: np.ndarray) -> Lab:
    """The lab next to the errors on your own series.

    Args:
        series: what ``generate_time_series`` gave, (batch, steps, 1); the last step is the target. Nine tenths train
            the least squares and are validated on as in the lesson, 7 to 2.

    Raises:
        ValueError: another shape, or fewer than 100 series.
    """
    series = np.asarray(series)
    if series.ndim != 3 or series.shape[2] != 1 or series.shape[1] < 3 or len(series) < 100:
        raise ValueError(
            f"series has shape {series.shape}; expected (batch, steps, 1) with at least 100 series of 3 steps, "
            "as generate_time_series(10000, 51) gives."
        )
    return Lab(
        "series",
        tasks=[
            "Hollow marks are your series, filled ones the series you set here. Lower the noise until naive and the "
            "last slope tie: where is that, and which wins below it?",
            "Raise the noise to 1. How many times the floor is each error now? Which method knows how to ignore noise?",
            "Noise 0: the floor is 0. Why is the error of naive not 0?",
            "Set both waves to 0 × their frequency. What is left to forecast, and which method is worst at it?",
        ],
        draw=draw,
        update=update,
        data=prepare(series),
        controls={
            "slow": Slider("slow wave ×", 1.0, minimum=0.0, maximum=3.0, step=0.05),
            "fast": Slider("fast wave ×", 1.0, minimum=0.0, maximum=3.0, step=0.05),
            "offsets": Slider("offsets ×", 1.0, minimum=0.0, maximum=2.0, step=0.05),
            "noise": Slider("noise", 0.3, minimum=0.0, maximum=1.0, step=0.01),
            "steps": Slider("steps", 50, minimum=10, maximum=MOST_STEPS),
        },
        size=(9.6, 4.0),
    )


def prepare(series: np.ndarray) -> dict[str, Any]:
    """What the lab shows: the errors on ``series`` and the random numbers behind all series made here."""
    n_train, n_valid = len(series) * 7 // 10, len(series) * 2 // 10
    train, valid, _ = split_series(series, n_train, n_valid)
    return {
        "yours": _errors(np.asarray(train), np.asarray(valid)),
        "random": np.random.RandomState(42).rand((N_TRAIN + N_VALID) * (4 + MOST_STEPS + 1)),
    }


def draw_series(
    random: np.ndarray, n_steps: int, *, slow: float, fast: float, offsets: float, noise: float
) -> np.ndarray:
    """Series as ``generate_time_series`` makes them, with its frequencies, offsets and noise multiplied.

    Args:
        random: numbers from 0 to 1, at least ``(4 + n_steps)`` a series.
        n_steps: steps of each series.
        slow: multiplies the slow wave's frequencies.
        fast: multiplies the fast wave's frequencies.
        offsets: multiplies both offsets.
        noise: the noise's amplitude; 0.1 as generated.

    Returns:
        float32 (N_TRAIN + N_VALID, n_steps, 1); with 1, 1, 1, 0.1 the very series of ``generate_time_series``.
    """
    count = N_TRAIN + N_VALID
    freq1, freq2, offset1, offset2 = random[: 4 * count].reshape(4, count, 1).astype(np.float32)
    time = np.linspace(0, 1, n_steps, dtype=np.float32)
    made = 0.5 * np.sin((time - offset1 * offsets) * ((freq1 * 10 + 10) * slow))
    made += 0.2 * np.sin((time - offset2 * offsets) * ((freq2 * 20 + 20) * fast))
    jitter = random[4 * count : (4 + n_steps) * count].reshape(count, n_steps)
    made += noise * (jitter - 0.5)
    return made[..., np.newaxis].astype(np.float32)


def least_squares(X_train: np.ndarray, y_train: np.ndarray, X: np.ndarray) -> np.ndarray:
    """The forecast of ``baselines.LeastSquares``, from the normal equations.

    They multiply matrices where the other decomposes one, and so keep a redraw short even while other programs hold
    the cores: 0.4 ms where the decomposition took 100. A ridge of 1e-6 serves series without noise, whose equations
    have no single solution.

    Args:
        X_train: (series, steps) to fit on.
        y_train: targets (series, 1).
        X: (series, steps) to forecast.

    Returns:
        Forecasts (series, 1).
    """
    A = np.column_stack([X_train, np.ones(len(X_train))]).astype(float)
    weights = np.linalg.solve(A.T @ A + 1e-6 * np.eye(A.shape[1]), A.T @ y_train)
    return X @ weights[:-1] + weights[-1]


def draw(fig: Figure, data: Mapping[str, Any]) -> dict[str, Any]:
    """Left one of the series made here with its forecasts, right the errors on all of them."""
    left, right = fig.subplots(1, 2, width_ratios=[1.35, 1])
    left.set(
        xlabel="time", ylabel="value", xlim=(-0.02, 1.06), ylim=(-1.45, 1.45), title="one of the series as set here"
    )
    (inputs,) = left.plot([], [], ".-", color=COLOURS["grey"], linewidth=1.2, markersize=5, label="inputs")
    (target,) = left.plot([], [], "X", color=COLOURS["black"], markersize=11, label="target")
    right.set(xscale="log", xlim=(LOWEST, HIGHEST), ylim=(3.0, -0.7), xlabel="mean squared error")
    right.set_title("filled: as set here, hollow: yours")
    right.set_yticks(range(3), METHODS)
    right.plot([noise_floor()] * 2, [-0.35, 2.6], ":", color=COLOURS["grey"])
    right.text(noise_floor(), -0.42, "your floor", color="#555555", ha="center", fontsize=11)
    artists: dict[str, Any] = {"inputs": inputs, "target": target}
    for place, (method, mark, (colour, _)) in enumerate(zip(METHODS, MARKS, CURVES, strict=False)):
        style = {"color": colour, "markersize": 10, "linestyle": "none", "marker": mark}
        right.plot(data["yours"][method], place, fillstyle="none", markeredgewidth=2, **style)
        (artists[f"forecast {method}"],) = left.plot([], [], fillstyle="none", markeredgewidth=2, label=method, **style)
        (artists[f"error {method}"],) = right.plot([], [], **style)
        artists[f"text {method}"] = right.text(
            0.8 * HIGHEST, place, "", color=colour, ha="right", va="center", fontsize=13
        )
    (artists["floor"],) = right.plot([], [], "--", color=COLOURS["black"], linewidth=1.8)
    artists["floor text"] = right.text(LOWEST, 2.85, "", fontsize=12, ha="center")
    left.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=5, handletextpad=0.2, columnspacing=1.0)
    return artists


def update(
    artists: Mapping[str, Any],
    data: Mapping[str, Any],
    *,
    slow: float,
    fast: float,
    offsets: float,
    noise: float,
    steps: int,
) -> str:
    """Make the series anew, fit the least squares on them, and set all errors; returns them in a sentence."""
    if not (noise >= 0 and 3 <= steps <= MOST_STEPS):
        raise Invalid(f"noise {noise} and {steps} steps: the noise is at least 0, the steps are 3 to {MOST_STEPS}.")
    made = draw_series(data["random"], steps + 1, slow=slow, fast=fast, offsets=offsets, noise=noise)
    train, valid = made[:N_TRAIN], made[N_TRAIN:]
    errors = _errors(train, valid, artists)
    time = np.linspace(0, 1, steps + 1)
    artists["inputs"].set_data(time[:-1], valid[0, :-1, 0])
    artists["target"].set_data(time[-1:], valid[0, -1])
    for method, error in errors.items():
        place = METHODS.index(method)
        where = max(error, LOWEST)
        artists[f"error {method}"].set_data([where], [place])
        artists[f"text {method}"].set_text(f"{error:.4f}")
        artists[f"forecast {method}"].set_xdata([1.0])
    high = reach(valid[0], *(artists[f"forecast {method}"].get_ydata() for method in METHODS), least=1.45)
    artists["inputs"].axes.set_ylim(-high, high)
    floor = noise_floor(noise)
    artists["floor"].set_data([max(floor, LOWEST)] * 2, [-0.35, 2.6])
    artists["floor text"].set(text=f"floor {floor:.5f}", x=max(floor, 4 * LOWEST))
    best = min(errors, key=errors.__getitem__)
    numbers = ", ".join(f"{method} {error:.4f}" for method, error in errors.items())
    return f"Noise {noise:.2f}: {numbers}; the floor is {floor:.5f}. Best: {best}. " + _duel(errors)


def _duel(errors: Mapping[str, float]) -> str:
    ratio = errors["last slope"] / max(errors["naive"], 1e-12)
    if 0.95 < ratio < 1.05:
        return "Naive and the last slope tie."
    return "The last slope loses to naive." if ratio > 1 else "The last slope beats naive."


def _errors(train: np.ndarray, valid: np.ndarray, artists: Mapping[str, Any] | None = None) -> dict[str, float]:
    """Mean squared error of the methods on ``valid``; the first series' forecasts go to the artists."""
    X, y = valid[:, :-1], valid[:, -1]
    made = {
        "naive": baselines.naive(X),
        "last slope": baselines.last_slope(X),
        "least squares": least_squares(train[:, :-1, 0], train[:, -1], X[..., 0]),
    }
    if artists is not None:
        for method, values in made.items():
            artists[f"forecast {method}"].set_ydata([float(np.ravel(values[0])[0])])
    return {method: baselines.mse(y, values) for method, values in made.items()}
