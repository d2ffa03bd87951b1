"""Lab *forecast* (lessons 00 and 05): what trained models make of a series, step by step, next to the truth."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from helpers.labs.framework.axes import reach
from helpers.labs.framework.controls import Slider
from helpers.labs.framework.lab import Lab
from helpers.plots import COLOURS, CURVES
from helpers.plots.models import looks

#: Series that the slider reaches, series over which the error by step is averaged, steps from origin to origin.
N_SHOWN = 100
N_SCORED = 500
SHORTEST_PAST = 5
STRIDE = 5
LOWEST = 5e-4  # of the error axis: below the noise floor
LEAST = 1.0  # reach of the values' axis

TASKS = (
    "Go through the series. Which forecast goes wrong first, and at which step does it leave the truth?",
    "Let the network see fewer steps of the past. How many does it need for the right shape?",
    "Add noise to the past. What suffers more, step 1 or step 10?",
)

Forecaster = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Forecasts:
    """The models as forecasters, the series, and the noise that is added to their past."""

    models: Mapping[str, Forecaster]
    values: np.ndarray  # (batch, steps + horizon)
    n_past: int
    noise: np.ndarray  # (batch, n_past), from -1 to 1
    known: dict[tuple[int, int, float], Mapping[str, np.ndarray]] = field(default_factory=dict)  # what was computed

    @property
    def horizon(self) -> int:
        return self.values.shape[1] - self.n_past

    @property
    def origins(self) -> range:
        """The origins that the slider reaches, in steps from the beginning."""
        first = self.n_past % STRIDE or STRIDE
        return range(first if first >= SHORTEST_PAST else first + STRIDE, self.n_past + 1, STRIDE)

    def past(self, origin: int, noise: float) -> np.ndarray:
        """All steps before the origin, with noise, (batch, origin)."""
        return (self.values[:, :origin] + noise * self.noise[:, :origin]).astype(np.float32)

    def errors(self, origin: int, seen: int, noise: float) -> Mapping[str, np.ndarray]:
        """The error by step over many series, name to (horizon,), for naive and each model."""
        key = origin, min(seen, origin), round(noise, 3)
        if key not in self.known:
            window = self.past(origin, noise)[:N_SCORED, origin - key[1] :, np.newaxis]
            truth = self.values[:N_SCORED, origin : origin + self.horizon]
            paths = {"naive": window[:, -1]} | {name: forecast(window) for name, forecast in self.models.items()}
            self.known[key] = {name: np.mean((path - truth) ** 2, axis=0) for name, path in paths.items()}
        return self.known[key]


def lab(
    models: Mapping[str, Any],
    past: np.ndarray,
    future: np.ndarray,
    *,
    tasks: Sequence[str] = TASKS,
    first: int = 3,
    origin: int | None = None,
) -> Lab:
    """The lab on one or several trained models.

    Args:
        models: name to Keras model or function of an array (batch, any steps, 1), which gives one of
            all steps ahead (batch, horizon) or (batch, horizon, 1); all steps ahead from every time step
            (batch, steps, horizon), of which the last time step counts; one step ahead (batch, 1), which is iterated.
        past: what the models see, (batch, steps, 1), at least 5 steps.
        future: what comes, (batch, horizon).
        tasks: what to try, shown above the controls.
        first: the series shown at the start.
        origin: the step from which the forecasts begin at the start; by default the end of ``past``.

    Raises:
        ValueError: no model, a model with another output, arrays that do not fit, or an origin that the slider misses.
    """
    data = forecasts_of(models, past, future)
    n_past, horizon = data.n_past, data.horizon
    last = min(N_SHOWN, len(data.values)) - 1
    origins = list(data.origins)
    origin = n_past if origin is None else origin
    if origin not in origins:
        raise ValueError(f"origin is {origin}; expected one of {origins}.")
    return Lab(
        "forecast",
        tasks=tasks,
        draw=draw,
        update=update,
        data=data,
        controls={
            "series": Slider("series", min(first, last), minimum=0, maximum=last, on_release=True),
            "seen": Slider("steps it sees", n_past, minimum=SHORTEST_PAST, maximum=n_past, on_release=True),
            "noise": Slider("noise added", 0.0, minimum=0.0, maximum=0.5, step=0.05, on_release=True),
            "origin": Slider("origin", origin, minimum=origins[0], maximum=n_past, step=STRIDE, on_release=True),
            "horizon": Slider("horizon", horizon, minimum=1, maximum=horizon, on_release=True),
        },
        size=(10.0, 4.4),
    )


def forecasts_of(models: Mapping[str, Any], past: np.ndarray, future: np.ndarray) -> Forecasts:
    """The lab's data: the models as forecasters, and the series with the noise for their past.

    Raises:
        ValueError: no model, a model with another output, or arrays that do not fit.
    """
    if not models:
        raise ValueError("models is empty; expected at least one trained model, such as {'SimpleRNN(20)': model}.")
    if len(models) > len(CURVES) - 1:
        raise ValueError(f"{len(models)} models do not fit one figure; expected at most {len(CURVES) - 1}.")
    past, future = np.asarray(past, dtype=np.float32), np.asarray(future, dtype=np.float32)
    if past.ndim != 3 or past.shape[1] <= SHORTEST_PAST or past.shape[2] != 1:
        raise ValueError(f"past has shape {past.shape}; expected (batch, more than {SHORTEST_PAST} steps, 1).")
    if future.ndim != 2 or len(future) != len(past) or future.shape[1] < 2:
        raise ValueError(f"future has shape {future.shape}; expected ({len(past)}, horizon of at least 2).")
    n_past, horizon = past.shape[1], future.shape[1]
    values = np.concatenate([past[:, :, 0], future], axis=1)
    forecasters = {name: forecaster(name, model, past, horizon) for name, model in models.items()}
    noise = np.random.RandomState(0).uniform(-1, 1, (len(past), n_past)).astype(np.float32)
    return Forecasts(forecasters, values, n_past, noise)


def forecaster(name: str, model: Any, past: np.ndarray, horizon: int) -> Forecaster:
    """A function from (batch, steps, 1) to the forecasts (batch, horizon) that ``model`` makes at the last time step.

    Raises:
        ValueError: the model gives none of the outputs that ``lab`` names, or takes one length only.
    """
    run = compiled(name, model)
    few = past[:2]
    shape = np.shape(run(few))
    if shape == (len(few), horizon):
        return run
    if shape == (len(few), horizon, 1) and horizon != past.shape[1]:
        return lambda seen: run(seen)[:, :, 0]
    if shape == (len(few), past.shape[1], horizon):
        return lambda seen: run(seen)[:, -1]
    if shape == (len(few), 1):
        return lambda seen: iterated(run, seen, horizon)
    raise ValueError(
        f"the model {name!r} gives {shape} for {few.shape}; expected ({len(few)}, {horizon}), "
        f"({len(few)}, {past.shape[1]}, {horizon}) or, one step ahead, ({len(few)}, 1)."
    )


def iterated(one_step: Forecaster, seen: np.ndarray, horizon: int) -> np.ndarray:
    """Feed a one-step model its own forecasts: (batch, steps, 1) to (batch, horizon); the window keeps its length."""
    n_steps, window = seen.shape[1], seen
    for _ in range(horizon):
        following = one_step(window[:, -n_steps:])
        window = np.concatenate([window, following[:, np.newaxis]], axis=1)
    return window[:, -horizon:, 0]


def draw(fig: Figure, data: Forecasts) -> dict[str, Any]:
    """Left the series with all forecasts, right the error by step over many series."""
    n_past, horizon = data.n_past, data.horizon
    paths, by_step = fig.subplots(1, 2, width_ratios=[1.8, 1])
    (hidden,) = paths.plot([], [], ".", color="#cccccc", markersize=4)
    (seen,) = paths.plot([], [], ".-", color=COLOURS["black"], linewidth=1.0, label="past")
    (truth,) = paths.plot([], [], "x", color=COLOURS["black"], markersize=8, markeredgewidth=2, label="what came")
    (now,) = paths.plot([], [], color=COLOURS["grey"], linewidth=1)
    forecasts, errors = {}, {}
    for name, (colour, marker, style) in looks(data.models).items():
        (forecasts[name],) = paths.plot([], [], color=colour, linestyle=style, marker=marker, markersize=6, label=name)
    paths.set(xlim=(-1, n_past + horizon), ylim=(-LEAST, LEAST), xlabel="time step", ylabel="value")
    paths.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3)
    (errors["naive"],) = by_step.plot([], [], color=COLOURS["grey"], linestyle=":", marker="x", label="naive")
    for name, (colour, marker, style) in looks(data.models).items():
        (errors[name],) = by_step.plot([], [], color=colour, linestyle=style, marker=marker, markersize=6, label=name)
    by_step.set(
        yscale="log", xlabel="step of the forecast", ylabel=f"MSE over {min(N_SCORED, len(data.values))} series"
    )
    by_step.set(xlim=(0.5, horizon + 0.5), ylim=(LOWEST, 1.0))
    by_step.set_xticks(np.arange(1, horizon + 1)[:: 1 + horizon // 12])
    by_step.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    return {"hidden": hidden, "seen": seen, "truth": truth, "now": now, "forecasts": forecasts, "errors": errors}


def update(
    artists: Mapping[str, Any],
    data: Forecasts,
    *,
    series: int,
    seen: int,
    noise: float,
    origin: int,
    horizon: int,
) -> str:
    """Forecast one series, and many, from ``origin`` on, from the last ``seen`` steps with noise added.

    Returns the errors.
    """
    values = data.values[series]
    asked, seen = seen, min(seen, origin)
    before = f"; there are no {asked} before the origin" if asked > seen else ""
    disturbed = data.past(origin, noise)[series]
    x, y = disturbed[origin - seen :], values[origin : origin + horizon]
    over_many = data.errors(origin, seen, noise)
    ahead = np.arange(origin, origin + horizon)
    artists["hidden"].set_data(np.arange(origin - seen), disturbed[: origin - seen])
    artists["seen"].set_data(np.arange(origin - seen, origin), x)
    artists["truth"].set_data(ahead, y)
    for name, curve in over_many.items():
        artists["errors"][name].set_data(np.arange(1, horizon + 1), curve[:horizon])
    parts, means, paths = [], [], []
    for name, forecast in data.models.items():
        path = forecast(x[np.newaxis, :, np.newaxis])[0, :horizon]
        artists["forecasts"][name].set_data(ahead, path)
        paths.append(path)
        off = f"{name} is off by {abs(path[0] - y[0]):.2f} at step 1"
        parts.append(off + (f" and {abs(path[-1] - y[-1]):.2f} at step {horizon}" if horizon > 1 else ""))
        means.append(f"{name} {np.mean(over_many[name][:horizon]):.4f}")
    high = reach(disturbed, y, *paths, least=LEAST)
    artists["now"].set_data([origin - 0.5] * 2, [-high, high])
    artists["now"].axes.set_ylim(-high, high)
    artists["errors"]["naive"].axes.set_ylim(LOWEST, reach(*over_many.values(), least=1.0))
    return (
        f"Series {series}, {seen} steps seen{before}: {'; '.join(parts)}. "
        f"MSE of many series with this origin, past and noise: {', '.join(means)}."
    )


def compiled(name: str, model: Any) -> Forecaster:
    """The model as a function of arrays; a Keras model is traced once, for any number of steps."""
    if not hasattr(model, "input_shape"):
        return lambda seen: np.asarray(model(seen))
    if model.input_shape[1] is not None:
        raise ValueError(
            f"the model {name!r} takes {model.input_shape[1]} steps only; "
            "expected one built with keras.Input((None, 1)), since the origin moves."
        )
    import tensorflow as tf

    @tf.function(input_signature=[tf.TensorSpec((None, None, 1), tf.float32)])
    def run(seen: Any) -> Any:
        return model(seen, training=False)

    return lambda seen: run(np.asarray(seen, dtype=np.float32)).numpy()
