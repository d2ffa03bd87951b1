"""Lab *teacher*: a one-step model run ten steps on, fed with its own forecasts and with a share of the truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from helpers.labs.base import Lab
from helpers.labs.controls import Slider
from helpers.labs.forecast import LOWEST, N_SCORED, N_SHOWN, compiled
from helpers.plots import COLOURS

#: Shares of the truth fed back that the slider reaches.
SHARES = tuple(round(share, 1) for share in np.linspace(0, 1, 11))


@dataclass(frozen=True)
class Feedback:
    """Forecasts of a one-step model for every share of truth, and the direct forecasts they are compared with."""

    past: np.ndarray  # (batch, steps)
    future: np.ndarray  # (batch, horizon)
    paths: np.ndarray  # (shares, batch, horizon)
    told: np.ndarray  # (shares, batch, horizon): whether the truth of a step was fed back
    bar: np.ndarray  # (horizon,): error by step of the direct forecasts

    @property
    def errors(self) -> np.ndarray:
        """MSE by share and step, (shares, horizon)."""
        return np.mean((self.paths - self.future) ** 2, axis=1)


def lab(model: Any, past: np.ndarray, future: np.ndarray, direct: np.ndarray) -> Lab:
    """The lab on a trained one-step model.

    Args:
        model: a Keras model or function from (batch, any steps, 1) to (batch, 1).
        past: (batch, steps, 1).
        future: what comes, (batch, horizon).
        direct: forecasts of the same steps by least squares, (batch, horizon): the bar.

    Raises:
        ValueError: shapes that do not fit, or a model that gives more than one step.
    """
    data = score(model, past, future, direct)
    horizon = data.future.shape[1]
    last = min(N_SHOWN, len(data.past)) - 1
    return Lab(
        "teacher",
        tasks=[
            "At share 0 the model hears only itself. Raise the share of truth: from which one on does step 10 beat "
            "least squares?",
            "Look at the path. What does one true value (a full mark) do to the forecast after it, and for how long?",
            "At share 1 every input is true, as in training. Why does the error no longer grow with the step?",
        ],
        draw=draw,
        update=update,
        data=data,
        controls={
            "share": Slider("share of truth", 0.0, minimum=0.0, maximum=1.0, step=0.1),
            "step": Slider("step", horizon, minimum=1, maximum=horizon),
            "series": Slider("series", min(3, last), minimum=0, maximum=last),
        },
        size=(10.0, 4.4),
    )


def score(model: Any, past: np.ndarray, future: np.ndarray, direct: np.ndarray) -> Feedback:
    """Run the model over the horizon once for all shares together.

    The same draw decides for every share: what is told at one share is told at all larger ones.

    Raises:
        ValueError: shapes that do not fit, or a model that gives more than one step.
    """
    past, future = np.asarray(past, dtype=np.float32), np.asarray(future, dtype=np.float32)
    direct = np.asarray(direct)
    if past.ndim != 3 or past.shape[2] != 1 or len(past) < 2:
        raise ValueError(f"past has shape {past.shape}; expected (at least 2 series, steps, 1).")
    if future.ndim != 2 or len(future) != len(past) or future.shape[1] < 2 or future.shape != direct.shape:
        raise ValueError(
            f"future has shape {future.shape} and direct {direct.shape}; expected both ({len(past)}, horizon)."
        )
    past, future = past[:N_SCORED], future[:N_SCORED]
    bar = np.mean((direct[:N_SCORED] - future) ** 2, axis=0)
    run = compiled("one-step model", model)
    if (shape := np.shape(run(past[:2]))) != (2, 1):
        raise ValueError(f"the model gives {shape} for {past[:2].shape}; expected (2, 1), one step ahead.")
    draws = np.random.RandomState(0).rand(*future.shape)
    told = draws < np.array(SHARES)[:, np.newaxis, np.newaxis]
    n_steps, horizon = past.shape[1], future.shape[1]
    window = np.tile(past, (len(SHARES), 1, 1))  # every share is a block of the batch
    paths = []
    for step in range(horizon):
        following = run(window)
        paths.append(following.reshape(len(SHARES), -1))
        fed = np.where(told[:, :, step], future[:, step], paths[-1]).reshape(-1, 1, 1)
        window = np.concatenate([window, fed], axis=1)[:, -n_steps:]
    return Feedback(past[:, :, 0], future, np.stack(paths, axis=-1), told, bar)


def draw(fig: Figure, data: Feedback) -> dict[str, Any]:
    """Left one series and the path of the forecasts, right the error by step at this share, at 0 and at 1."""
    n_past, horizon = data.past.shape[1], data.future.shape[1]
    path, by_step = fig.subplots(1, 2, width_ratios=[1.5, 1])
    (past,) = path.plot([], [], ".-", color=COLOURS["grey"], linewidth=1.0, label="past")
    (truth,) = path.plot([], [], "x", color=COLOURS["black"], markersize=8, markeredgewidth=2, label="what came")
    (line,) = path.plot([], [], "--", color=COLOURS["red"], label="forecast")
    (own,) = path.plot([], [], "o", color=COLOURS["red"], fillstyle="none", markersize=9, label="fed back")
    (told,) = path.plot([], [], "o", color=COLOURS["black"], markersize=9, label="truth fed instead")
    path.axvline(n_past - 0.5, color=COLOURS["grey"], linewidth=1)
    path.set(xlim=(n_past - 20, n_past + horizon), ylim=(-1.2, 1.2), xlabel="time step", ylabel="value")
    path.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3)
    steps, errors = np.arange(1, horizon + 1), data.errors
    by_step.plot(steps, errors[0], color=COLOURS["sky"], linewidth=1, label="share 0")
    by_step.plot(steps, errors[-1], color=COLOURS["green"], linewidth=1, label="share 1")
    by_step.plot(steps, data.bar, color=COLOURS["black"], linestyle=":", marker="s", label="least squares, direct")
    (curve,) = by_step.plot([], [], "--", color=COLOURS["red"], marker="o", fillstyle="none", label="this share")
    (mark,) = by_step.plot([], [], "D", color=COLOURS["red"], markersize=11)
    by_step.set(xlabel="step of the forecast", ylabel="MSE over many series", yscale="log", xticks=steps[::3])
    by_step.set_ylim(LOWEST, 2 * max(float(errors.max()), float(data.bar.max()), 2 * LOWEST))
    by_step.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    return {"past": past, "truth": truth, "line": line, "own": own, "told": told, "curve": curve, "mark": mark}


def update(artists: Mapping[str, Any], data: Feedback, *, share: float, step: int, series: int) -> str:
    """Show one share of truth; returns the error at ``step`` beside that of the direct forecasts."""
    place = int(np.argmin(np.abs(np.array(SHARES) - share)))
    n_past, horizon = data.past.shape[1], data.future.shape[1]
    ahead = np.arange(n_past, n_past + horizon)
    path, truth = data.paths[place, series], data.future[series]
    told = data.told[place, series].copy()
    told[-1] = False  # nothing comes after the last step, so nothing is fed back there
    own = ~told
    own[-1] = False
    artists["past"].set_data(np.arange(n_past), data.past[series])
    artists["truth"].set_data(ahead, truth)
    artists["line"].set_data(ahead, path)
    artists["own"].set_data(ahead[own], path[own])
    artists["told"].set_data(ahead[told], truth[told])
    errors = data.errors[place]
    artists["curve"].set_data(np.arange(1, horizon + 1), errors)
    artists["mark"].set_data([step], [errors[step - 1]])
    mine, bar = float(errors[step - 1]), float(data.bar[step - 1])
    verdict = "below" if mine < bar else "not below"
    return (
        f"Share {SHARES[place]:.1f}: at step {step} the error is {mine:.4f}, {verdict} the {bar:.4f} of least squares "
        f"for this step; {int(told.sum())} of {horizon - 1} values fed back were true."
    )
