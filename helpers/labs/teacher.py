"""Lab *teacher* (lesson 05): one-step models run ten steps ahead, fed with forecasts and a share of the truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from helpers.labs.forecast import LOWEST, N_SCORED, N_SHOWN, compiled
from helpers.labs.framework.axes import reach
from helpers.labs.framework.controls import Choice, Slider
from helpers.labs.framework.lab import Lab
from helpers.plots import COLOURS

#: Shares of the truth fed back that the slider reaches.
SHARES = tuple(round(share, 1) for share in np.linspace(0, 1, 11))
N_PAST_SHOWN = 20

TASKS = (
    "At share 0 a model hears only itself. Raise the share of truth: from which one on does step 10 beat the direct "
    "forecasts? Ask every model.",
    "Look at the path at share 0.3. What does one true value (a full mark) do to the forecasts after it?",
    "At share 1 every input is true, as in training. Does the error still grow with the step?",
)


@dataclass(frozen=True)
class Feedback:
    """Forecasts of one-step models for every share of truth, and the direct forecasts that they are compared with."""

    past: np.ndarray  # (batch, steps)
    future: np.ndarray  # (batch, horizon)
    fed_true: np.ndarray  # (shares, batch, horizon): whether the truth of a step was fed back
    paths: Mapping[str, np.ndarray]  # model to (shares, batch, horizon)
    errors: Mapping[str, np.ndarray]  # model to (shares, horizon), MSE
    bars: Mapping[str, np.ndarray]  # direct forecast to (horizon,), MSE


def lab(
    models: Mapping[str, Any],
    past: np.ndarray,
    future: np.ndarray,
    direct: Mapping[str, np.ndarray],
    *,
    tasks: Sequence[str] = TASKS,
) -> Lab:
    """The lab on one or several one-step models.

    Args:
        models: name to Keras model or function from (batch, any steps, 1) to (batch, 1).
        past: (batch, steps, 1).
        future: what comes, (batch, horizon).
        direct: name to forecasts of the same steps that were made without feeding back, (batch, horizon).
        tasks: what to try, shown above the controls.

    Raises:
        ValueError: shapes that do not fit, no model, nothing to beat, or a model that gives more than one step.
    """
    data = score(models, past, future, direct)
    horizon = data.future.shape[1]
    last = min(N_SHOWN, len(data.past)) - 1
    return Lab(
        "teacher",
        tasks=tasks,
        draw=draw,
        update=update,
        data=data,
        controls={
            "model": Choice("model", next(iter(data.paths)), options=list(data.paths)),
            "bar": Choice("to beat", next(iter(data.bars)), options=list(data.bars)),
            "share": Slider("share of truth", 0.0, minimum=0.0, maximum=1.0, step=0.1),
            "step": Slider("step", horizon, minimum=1, maximum=horizon),
            "series": Slider("series", min(3, last), minimum=0, maximum=last),
        },
        size=(10.0, 4.4),
    )


def score(
    models: Mapping[str, Any], past: np.ndarray, future: np.ndarray, direct: Mapping[str, np.ndarray]
) -> Feedback:
    """Run every model over the horizon once, for all shares together.

    The same draw decides for every share and model: what is true at one share is so at larger ones.

    Raises:
        ValueError: shapes that do not fit, no model, nothing to beat, or a model that gives more than one step.
    """
    if not models or not direct:
        raise ValueError(f"{len(models)} models and {len(direct)} direct forecasts; expected at least one of each.")
    past, future = np.asarray(past, dtype=np.float32), np.asarray(future, dtype=np.float32)
    if past.ndim != 3 or past.shape[2] != 1 or len(past) < 2:
        raise ValueError(f"past has shape {past.shape}; expected (at least 2 series, steps, 1).")
    if future.ndim != 2 or len(future) != len(past) or future.shape[1] < 2:
        raise ValueError(f"future has shape {future.shape}; expected ({len(past)}, horizon of at least 2).")
    for name, forecasts in direct.items():
        if np.shape(forecasts) != future.shape:
            raise ValueError(f"the forecasts {name!r} have shape {np.shape(forecasts)}; expected {future.shape}.")
    past, future = past[:N_SCORED], future[:N_SCORED]
    draws = np.random.RandomState(0).rand(*future.shape)
    fed_true = draws < np.array(SHARES)[:, np.newaxis, np.newaxis]
    paths = {name: fed_back(name, model, past, future, fed_true) for name, model in models.items()}
    return Feedback(
        past=past[:, :, 0],
        future=future,
        fed_true=fed_true,
        paths=paths,
        errors={name: np.mean((path - future) ** 2, axis=1) for name, path in paths.items()},
        bars={name: np.mean((np.asarray(made)[:N_SCORED] - future) ** 2, axis=0) for name, made in direct.items()},
    )


def fed_back(name: str, model: Any, past: np.ndarray, future: np.ndarray, fed_true: np.ndarray) -> np.ndarray:
    """The paths (shares, batch, horizon) of one model whose input is the truth where ``fed_true`` says so.

    Raises:
        ValueError: the model gives more than one step.
    """
    run = compiled(name, model)
    if (shape := np.shape(run(past[:2]))) != (2, 1):
        raise ValueError(f"the model {name!r} gives {shape} for {past[:2].shape}; expected (2, 1), one step ahead.")
    n_steps, horizon = past.shape[1], future.shape[1]
    window = np.tile(past, (len(fed_true), 1, 1))  # every share is a block of the batch
    paths = []
    for step in range(horizon):
        paths.append(np.asarray(run(window)).reshape(len(fed_true), -1))
        fed = np.where(fed_true[:, :, step], future[:, step], paths[-1]).reshape(-1, 1, 1)
        window = np.concatenate([window, fed], axis=1)[:, -n_steps:].astype(np.float32)
    return np.stack(paths, axis=-1)


def draw(fig: Figure, data: Feedback) -> dict[str, Any]:
    """Left one series and the path of the forecasts, right the error by step at this share, at 0 and at 1."""
    n_past, horizon = data.past.shape[1], data.future.shape[1]
    path, by_step = fig.subplots(1, 2, width_ratios=[1.5, 1])
    (past,) = path.plot([], [], ".-", color=COLOURS["grey"], linewidth=1.0, label="past")
    (truth,) = path.plot([], [], "x", color=COLOURS["black"], markersize=8, markeredgewidth=2, label="what came")
    (line,) = path.plot([], [], "--", color=COLOURS["red"], label="forecast")
    (own,) = path.plot([], [], "o", color=COLOURS["red"], fillstyle="none", markersize=9, label="fed back")
    (fed_true,) = path.plot([], [], "o", color=COLOURS["black"], markersize=9, label="truth fed instead")
    path.axvline(n_past - 0.5, color=COLOURS["grey"], linewidth=1)
    path.set(xlim=(n_past - N_PAST_SHOWN, n_past + horizon), ylim=(-1.2, 1.2), xlabel="time step", ylabel="value")
    path.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3)
    (none,) = by_step.plot([], [], color=COLOURS["sky"], linewidth=1, label="share 0")
    (all_,) = by_step.plot([], [], color=COLOURS["green"], linewidth=1, label="share 1")
    (bar,) = by_step.plot([], [], color=COLOURS["black"], linestyle=":", marker="s", label="to beat")
    (curve,) = by_step.plot([], [], "--", color=COLOURS["red"], marker="o", fillstyle="none", label="this share")
    (mark,) = by_step.plot([], [], "D", color=COLOURS["red"], markersize=11)
    worst = max(float(np.max(errors)) for errors in [*data.errors.values(), *data.bars.values()])
    by_step.set(xlabel="step of the forecast", ylabel="MSE over many series", yscale="log")
    by_step.set(xlim=(0.5, horizon + 0.5), ylim=(LOWEST, 2 * max(worst, 2 * LOWEST)))
    by_step.set_xticks(np.arange(1, horizon + 1)[::3])
    by_step.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    curves = {"none": none, "all": all_, "bar": bar, "curve": curve, "mark": mark}
    return {"past": past, "truth": truth, "line": line, "own": own, "fed_true": fed_true, **curves}


def update(
    artists: Mapping[str, Any], data: Feedback, *, model: str, bar: str, share: float, step: int, series: int
) -> str:
    """Show one share of truth; returns the error at ``step`` beside that of the direct forecasts."""
    place = int(np.argmin(np.abs(np.array(SHARES) - share)))
    n_past, horizon = data.past.shape[1], data.future.shape[1]
    ahead, steps = np.arange(n_past, n_past + horizon), np.arange(1, horizon + 1)
    path, truth = data.paths[model][place, series], data.future[series]
    fed_true = data.fed_true[place, series].copy()
    fed_true[-1] = False  # nothing comes after the last step, so nothing is fed back there
    own = ~fed_true
    own[-1] = False
    high = reach(data.past[series], truth, data.paths[model][:, series], least=1.2)  # the same at every share
    artists["past"].axes.set_ylim(-high, high)
    artists["past"].set_data(np.arange(n_past), data.past[series])
    artists["truth"].set_data(ahead, truth)
    artists["line"].set_data(ahead, path)
    artists["own"].set_data(ahead[own], path[own])
    artists["fed_true"].set_data(ahead[fed_true], truth[fed_true])
    errors, to_beat = data.errors[model], data.bars[bar]
    artists["none"].set_data(steps, errors[0])
    artists["all"].set_data(steps, errors[-1])
    artists["bar"].set_data(steps, to_beat)
    artists["curve"].set_data(steps, errors[place])
    artists["mark"].set_data([step], [errors[place, step - 1]])
    mine, other = float(errors[place, step - 1]), float(to_beat[step - 1])
    verdict = "below" if mine < other else "not below"
    return (
        f"{model}, share {SHARES[place]:.1f}: at step {step} the error is {mine:.4f}, {verdict} the {other:.4f} of "
        f"{bar} for this step; in this series {int(fed_true.sum())} of {horizon - 1} values fed back were true."
    )
