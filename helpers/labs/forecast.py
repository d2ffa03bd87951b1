"""Lab *forecast*: what trained models make of a series, step by step, beside the truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from helpers.labs.base import Lab
from helpers.labs.controls import Slider
from helpers.plots import COLOURS, CURVES

#: Series that the slider reaches.
N_SHOWN = 100
SHORTEST_PAST = 5


@dataclass(frozen=True)
class Forecasts:
    """The models, the series they forecast, and their errors by step over all of them."""

    models: Mapping[str, Any]
    past: np.ndarray  # (batch, steps, 1)
    future: np.ndarray  # (batch, horizon)
    errors: Mapping[str, np.ndarray]  # (horizon,) for naive and each model


def lab(models: Mapping[str, Any], past: np.ndarray, future: np.ndarray) -> Lab:
    """The lab on one or several trained models.

    Args:
        models: name to Keras model, each from (batch, any steps, 1) to (batch, horizon).
        past: what the models see, (batch, steps, 1), at least 5 steps.
        future: what comes, (batch, horizon).

    Raises:
        ValueError: no model, a model with another output, or arrays that do not fit.
    """
    data = score(models, past, future)
    n_past = data.past.shape[1]
    return Lab(
        "forecast",
        tasks=[
            "Go through the series. Which forecast goes wrong first, and at which step does it leave the truth?",
            "Let the network see fewer steps of the past. How many does it need for the right shape?",
            "Add noise to the past. What suffers more, step 1 or step 10?",
        ],
        draw=draw,
        update=update,
        data=data,
        controls={
            "series": Slider("series", 3, minimum=0, maximum=min(N_SHOWN, len(data.past)) - 1, on_release=True),
            "seen": Slider("steps it sees", n_past, minimum=SHORTEST_PAST, maximum=n_past, on_release=True),
            "noise": Slider("noise added", 0.0, minimum=0.0, maximum=0.5, step=0.05, on_release=True),
        },
        size=(10.0, 4.4),
    )


def score(models: Mapping[str, Any], past: np.ndarray, future: np.ndarray) -> Forecasts:
    """Run every model over all series once and keep its error by step.

    Raises:
        ValueError: no model, a model with another output, or arrays that do not fit.
    """
    if not models:
        raise ValueError("models is empty; expected at least one trained model, such as {'SimpleRNN(20)': model}.")
    if len(models) > len(CURVES) - 1:
        raise ValueError(f"{len(models)} models do not fit one figure; expected at most {len(CURVES) - 1}.")
    past, future = np.asarray(past, dtype=np.float32), np.asarray(future, dtype=np.float32)
    if past.ndim != 3 or past.shape[1] < SHORTEST_PAST or past.shape[2] != 1:
        raise ValueError(f"past has shape {past.shape}; expected (batch, at least {SHORTEST_PAST} steps, 1).")
    if future.ndim != 2 or len(future) != len(past):
        raise ValueError(f"future has shape {future.shape}; expected ({len(past)}, horizon), one row a series.")
    errors = {"naive": np.mean((past[:, -1] - future) ** 2, axis=0)}
    for name, model in models.items():
        output = np.asarray(model(past))
        if output.shape != future.shape:
            raise ValueError(f"the model {name!r} gives {output.shape}; expected {future.shape}, one value a step.")
        errors[name] = np.mean((output - future) ** 2, axis=0)
    return Forecasts(models, past, future, errors)


def draw(fig: Figure, data: Forecasts) -> dict[str, Any]:
    """Left the series with all forecasts, right the error by step over all series."""
    n_past, horizon = data.past.shape[1], data.future.shape[1]
    paths, by_step = fig.subplots(1, 2, width_ratios=[1.8, 1])
    (hidden,) = paths.plot([], [], ".", color="#cccccc", markersize=4)
    (seen,) = paths.plot([], [], ".-", color=COLOURS["black"], linewidth=1.0, label="past")
    (truth,) = paths.plot([], [], "x", color=COLOURS["black"], markersize=8, markeredgewidth=2, label="what came")
    forecasts = {}
    for name, (colour, style) in zip(data.models, CURVES, strict=False):
        (forecasts[name],) = paths.plot([], [], color=colour, linestyle=style, marker="D", markersize=5, label=name)
    paths.axvline(n_past - 0.5, color=COLOURS["grey"], linewidth=1)
    paths.set(xlim=(-1, n_past + horizon), ylim=(-1.6, 1.6), xlabel="time step", ylabel="value")
    paths.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3)
    steps = np.arange(1, horizon + 1)
    by_step.plot(steps, data.errors["naive"], color=COLOURS["grey"], marker="s", label="naive")
    for name, (colour, style) in zip(data.models, CURVES, strict=False):
        by_step.plot(steps, data.errors[name], color=colour, linestyle=style, marker="D", markersize=5, label=name)
    by_step.set(yscale="log", xlabel="step of the forecast", ylabel="MSE over all series", xticks=steps[::3])
    by_step.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    return {"hidden": hidden, "seen": seen, "truth": truth, "forecasts": forecasts.values()}


def update(artists: Mapping[str, Any], data: Forecasts, *, series: int, seen: int, noise: float) -> str:
    """Run the models on the last ``seen`` steps of one series with noise added; returns their errors."""
    n_past, horizon = data.past.shape[1], data.future.shape[1]
    disturbed = data.past[series, :, 0] + noise * np.random.RandomState(series).uniform(-1, 1, n_past)
    x, y = disturbed[n_past - seen :].astype(np.float32), data.future[series]
    ahead = np.arange(n_past, n_past + horizon)
    artists["hidden"].set_data(np.arange(n_past - seen), disturbed[: n_past - seen])
    artists["seen"].set_data(np.arange(n_past - seen, n_past), x)
    artists["truth"].set_data(ahead, y)
    parts = []
    for (name, model), line in zip(data.models.items(), artists["forecasts"], strict=True):
        path = np.asarray(model(x[np.newaxis, :, np.newaxis]))[0]
        line.set_data(ahead, path)
        parts.append(
            f"{name} is off by {abs(path[0] - y[0]):.2f} at step 1 and {abs(path[-1] - y[-1]):.2f} at step {horizon}"
        )
    return f"Series {series}, {seen} steps seen: {'; '.join(parts)}."
