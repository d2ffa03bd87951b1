"""Lab *fit* (lesson 02): a linear model trained live by gradient descent, against least squares."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from helpers import baselines
from helpers.labs.framework import runs as lab_runs
from helpers.labs.framework.controls import Choice, Slider
from helpers.labs.framework.lab import Invalid, Lab
from helpers.plots import COLOURS

BATCH = 32
CLOSE = 1.05  # "within 5 %"
LOWEST, HIGHEST = 2.6e-3, 0.1


@dataclass(frozen=True)
class Run:
    """One training: what was set, and the validation error after each epoch."""

    label: str
    errors: tuple[float, ...] = ()

    def reached(self, bar: float) -> int | None:
        """The first epoch whose error is at most ``bar``."""
        return next((epoch for epoch, error in enumerate(self.errors, start=1) if error <= bar), None)


@dataclass(frozen=True)
class Trainings:
    """The data, the least squares error on them, and all runs so far, the present one last."""

    train: tuple[np.ndarray, np.ndarray]
    valid: tuple[np.ndarray, np.ndarray]
    least_squares: float
    runs: tuple[Run, ...] = ()


def lab(
    train: tuple[np.ndarray, np.ndarray],
    valid: tuple[np.ndarray, np.ndarray],
    *,
    first_run: Sequence[float] = (),
) -> Lab:
    """The lab on the lesson's data.

    Args:
        train: inputs (batch, steps, 1) and targets (batch, 1) to train on.
        valid: the same for validation.
        first_run: validation error after each epoch of the model that the lesson trained.

    Raises:
        ValueError: shapes that do not fit, NaN.
    """
    least_squares = baselines.LeastSquares().fit(train[0], train[1]).predict(valid[0])
    runs = (Run("the lesson's model", tuple(float(error) for error in first_run)),) if len(first_run) else ()
    return Lab(
        "fit",
        tasks=[
            "Press Train, with one rate after the other. Which constant rate gets within 5 % of least squares in 60 "
            "epochs, and which never does?",
            "A rate of 0.01 is ten times the lesson's: is it ten times as fast, and where does it stop?",
            "Choose the decaying rate at 0.01 and 20 epochs. What does it do that no constant rate does?",
            "Train at 0.3, and press Stop as soon as you know how it ends.",
        ],
        draw=draw,
        update=update,
        data=Trainings(train, valid, baselines.mse(valid[1], least_squares), runs),
        controls={
            "rate": Choice("rate", 0.01, options=[0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3]),
            "schedule": Choice("schedule", "constant", options=["constant", "decaying"]),
            "epochs": Slider("epochs", 60, minimum=5, maximum=60, step=5),
        },
        train=fit,
        size=(9.5, 4.4),
    )


def fit(
    data: Trainings,
    *,
    report: Callable[[Trainings], None],
    stopped: Callable[[], bool],
    rate: float,
    schedule: str,
    epochs: int,
) -> Trainings:
    """Train the linear model once; ``report`` gets the curve after each epoch."""
    import keras

    from helpers import runtime, training

    keras.utils.set_random_seed(runtime.seed)
    X, y = data.train
    past, future = data.valid[0].reshape(len(data.valid[0]), -1), data.valid[1]
    model = keras.Sequential([keras.Input(X.shape[1:]), keras.layers.Flatten(), keras.layers.Dense(1)])
    steps = epochs * -(-len(X) // BATCH)
    decay = keras.optimizers.schedules.CosineDecay(rate, steps)
    optimizer = keras.optimizers.Adam(decay if schedule == "decaying" else rate)
    model.compile(loss="mse", optimizer=optimizer, **training.fast_settings(len(X), BATCH, compile=False))
    before = data.runs[-(lab_runs.SHOWN_RUNS - 1) :]

    def error(_logs: Mapping[str, float]) -> float:
        weights, bias = model.get_weights()
        return np.mean((past @ weights + bias - future) ** 2)  # Keras' validation takes 1.4 times as long

    return lab_runs.train(
        model,
        X,
        y,
        data_after=lambda errors: replace(data, runs=(*before, Run(f"{rate:g} {schedule}", errors))),
        report=report,
        stopped=stopped,
        epochs=epochs,
        batch_size=BATCH,
        measure=error,
    )


def draw(fig: Figure, data: Trainings) -> dict[str, Any]:
    """Error by epoch: the present run, earlier ones as faint lines, least squares and the 5 % above it."""
    ax = fig.subplots()
    ax.set(xlabel="epoch", ylabel="validation MSE", yscale="log", xlim=(0, 61), ylim=(LOWEST, HIGHEST))
    ax.set_yticks([0.003, 0.005, 0.01, 0.02, 0.05, 0.1], ["0.003", "0.005", "0.01", "0.02", "0.05", "0.1"])
    ax.minorticks_off()
    ax.axhspan(data.least_squares, CLOSE * data.least_squares, color=COLOURS["yellow"], alpha=0.6, label="within 5 %")
    ax.axhline(data.least_squares, color=COLOURS["black"], linewidth=1.5, label="least squares")
    ax.axhline(
        baselines.mse(data.valid[1], baselines.naive(data.valid[0])), color=COLOURS["black"], ls=":", label="naive"
    )
    (curve,) = ax.plot([], [], ".-", color=COLOURS["blue"], markersize=7, label="this run")
    (mark,) = ax.plot([], [], "D", color=COLOURS["red"], markersize=10, label="first within 5 %")
    ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1.02))
    earlier = lab_runs.draw(ax, "earlier runs, last error", top=0.46, longest="the lesson's model: 0.0000")
    return {"earlier": earlier, "curve": curve, "mark": mark}


def update(artists: Mapping[str, Any], data: Trainings, *, rate: float, schedule: str, epochs: int) -> str:
    """Set the curves of all runs; returns how the last one compares with least squares."""
    if epochs < 1 or rate <= 0:
        raise Invalid(f"rate {rate} and {epochs} epochs: expected a rate above 0 and at least 1 epoch.")
    finished = [run for run in data.runs[:-1] if run.errors]
    lab_runs.update(
        artists["earlier"],
        [(f"{run.label}: {run.errors[-1]:.4f}", lab_runs.inside(run.errors, LOWEST, HIGHEST)) for run in finished],
    )
    run = data.runs[-1] if data.runs else Run("")
    artists["curve"].set_data(range(1, len(run.errors) + 1), lab_runs.inside(run.errors, LOWEST, HIGHEST))
    reached = run.reached(CLOSE * data.least_squares)
    artists["mark"].set_data([reached] if reached else [], [run.errors[reached - 1]] if reached else [])
    following = f"Next: rate {rate:g}, {schedule}, {epochs} epochs."
    if not run.errors:
        return f"Least squares: {data.least_squares:.5f}. {following}"
    last = run.errors[-1]
    above = f"{last / data.least_squares - 1:.0%} above least squares" if np.isfinite(last) else "diverged"
    first = f"within 5 % from epoch {reached} on" if reached else "never within 5 %"
    count = f"{len(run.errors)} epoch{'' if len(run.errors) == 1 else 's'}"
    return f"{run.label[:1].upper()}{run.label[1:]}, {count}: {last:.5f}, {above}, {first}. {following}"
