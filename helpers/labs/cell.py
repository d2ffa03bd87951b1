"""Lab *cell* (lesson 07): the plain and the normalised cell, trained live together at a rate that you choose."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from helpers import baselines
from helpers.labs.framework import runs as lab_runs
from helpers.labs.framework.controls import Choice, Slider
from helpers.labs.framework.lab import Invalid, Lab, stop_callback
from helpers.plots import COLOURS

UNITS, BATCH, EPOCHS = 20, 70, 20
EPSILON = 1e-3  # as in Keras
LOWEST, HIGHEST = 3e-3, 1.0
#: As in the lesson's figures, where red and dashed is batch normalisation.
CELLS = {"plain": (COLOURS["blue"], "-", "o"), "normalised": (COLOURS["green"], "-.", "D")}


@dataclass(frozen=True)
class Run:
    """One training of both cells: the rate it began with, the error after each epoch, the epochs it was made for."""

    rate: float
    errors: Mapping[str, tuple[float, ...]]
    epochs: int
    name: str = ""

    def last(self, cell: str) -> float | None:
        """The error after the last epoch, or None before the first has ended."""
        return self.errors[cell][-1] if self.errors[cell] else None


@dataclass(frozen=True)
class Trainings:
    """The data, the lines to compare with, all runs so far, and the two models, compiled once."""

    train: tuple[np.ndarray, np.ndarray]
    valid: tuple[np.ndarray, np.ndarray]  # targets of the last time step only
    lines: Mapping[str, float]
    runs: tuple[Run, ...] = ()
    models: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)


def lab(
    train: tuple[np.ndarray, np.ndarray],
    valid: tuple[np.ndarray, np.ndarray],
    *,
    first_run: Mapping[str, Sequence[float]] | None = None,
    rate: float = 1e-2,
) -> Lab:
    """The lab on the lesson's data.

    Args:
        train: series (batch, steps, 1) and their targets at every time step (batch, steps, horizon).
        valid: the same for validation.
        first_run: last-step error after each epoch of the lesson's own models, ``{"plain": …, "normalised": …}``.
        rate: the rate of that run.

    Raises:
        ValueError: shapes that do not fit, or a first run without both cells.
    """
    for name, (X, Y) in (("train", train), ("valid", valid)):
        if np.ndim(X) != 3 or np.ndim(Y) != 3 or np.shape(X)[:2] != np.shape(Y)[:2] or np.shape(X)[2] != 1:
            raise ValueError(
                f"{name} has shapes {np.shape(X)} and {np.shape(Y)}; expected (batch, steps, 1) and "
                "(batch, steps, horizon)."
            )
    if first_run is not None and set(first_run) != set(CELLS):
        raise ValueError(f"first_run has {sorted(first_run)}; expected the errors of {sorted(CELLS)}.")
    past, future = valid[0], np.asarray(valid[1])[:, -1]
    linear = baselines.LeastSquares().fit(train[0], np.asarray(train[1])[:, -1])
    lines = {
        "naive": baselines.mse(future, baselines.naive(past, horizon=future.shape[1])),
        "least squares": baselines.mse(future, linear.predict(past)),
    }
    runs: tuple[Run, ...] = ()
    if first_run is not None:
        errors = {cell: tuple(map(float, first_run[cell])) for cell in CELLS}
        runs = (Run(rate, errors, len(errors["plain"]), "the lesson's run"),)
    rates = [1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1.0]
    return Lab(
        "cell",
        tasks=[
            "Which of the two stands a larger rate? Raise it until the plain cell ends above least squares, and on.",
            "Go on until the normalised cell fails, too. Press Stop as soon as you know how it ends.",
            "And downwards: which of the two is ahead at 0.001, where training does not finish?",
        ],
        draw=draw,
        update=update,
        data=Trainings(train, (past, future), lines, runs),
        controls={
            "rate": Choice("rate", 1e-1, options=[(f"{value:g}", value) for value in rates]),
            "epochs": Slider("epochs", 10, minimum=1, maximum=EPOCHS),
        },
        train=fit,
        size=(10.0, 4.2),
    )


def fit(data: Trainings, *, report: Callable, stopped: Callable[[], bool], rate: float, epochs: int) -> Trainings:
    """Train both cells in turns, one epoch each, with a rate that falls along a cosine; report after every epoch."""
    run = Run(rate, dict.fromkeys(CELLS, ()), epochs)
    end = replace(data, runs=(*data.runs, run))
    models = _fresh_models(data)
    for epoch in range(epochs):
        for cell, model in models.items():
            model.optimizer.learning_rate = rate * 0.5 * (1 + math.cos(math.pi * epoch / epochs))
            model.fit(*data.train, batch_size=BATCH, epochs=1, verbose=0, callbacks=[stop_callback(stopped)])
            if stopped():
                return end if any(run.errors.values()) else data
            error = last_step_error(model.get_weights(), *data.valid)
            run = replace(run, errors={**run.errors, cell: (*run.errors[cell], error)})
            end = replace(data, runs=(*data.runs, run))
            report(end)
    return end


def _fresh_models(data: Trainings) -> dict[str, Any]:
    """Both models with the weights and the optimizer that they began with; they are built and compiled once."""
    import keras

    from helpers import runtime, training
    from helpers.layers import LNSimpleRNNCell

    n_series, n_steps, horizon = data.train[1].shape
    kinds = {"plain": lambda: keras.layers.SimpleRNNCell(UNITS), "normalised": lambda: LNSimpleRNNCell(UNITS)}
    for name, cell in kinds.items():
        if name not in data.models:
            keras.utils.set_random_seed(runtime.seed)
            layers = [keras.layers.RNN(cell(), return_sequences=True) for _ in range(2)]
            model = keras.Sequential([keras.Input((n_steps, 1)), *layers, keras.layers.Dense(horizon)])
            settings = training.fast_settings(n_series, BATCH, compile=n_series % BATCH == 0)
            model.compile(loss="mse", optimizer=keras.optimizers.Adam(1e-2, clipnorm=1.0), **settings)
            model.optimizer.build(model.trainable_variables)
            start = [variable.numpy() for variable in model.optimizer.variables]
            data.models[name] = (model, model.get_weights(), start)
    for model, weights, start in data.models.values():
        model.set_weights(weights)
        for variable, value in zip(model.optimizer.variables, start, strict=True):
            variable.assign(value)
    return {name: made[0] for name, made in data.models.items()}


def last_step_error(weights: Sequence[np.ndarray], X: np.ndarray, y: np.ndarray) -> float:
    """MSE of the forecast at the last time step, from the weights of two recurrent layers and a dense one, in NumPy.

    Args:
        weights: per recurrent layer kernel, recurrent kernel, bias and, when normalised, γ and β; then the head's two.
        X: series (batch, steps, 1).
        y: targets (batch, horizon).
    """
    *recurrent, head, head_bias = weights
    size = len(recurrent) // 2
    sequence = X
    for kernel, feedback, bias, *learnt in (recurrent[:size], recurrent[size:]):
        state, states = np.zeros((len(X), len(bias)), np.float32), []
        for t in range(X.shape[1]):
            total = sequence[:, t] @ kernel + state @ feedback + bias
            if learnt:
                mean, variance = total.mean(axis=1, keepdims=True), total.var(axis=1, keepdims=True)
                total = learnt[0] * (total - mean) / np.sqrt(variance + EPSILON) + learnt[1]
            state = np.tanh(total)
            states.append(state)
        sequence = np.stack(states, axis=1)
    return baselines.mse(y, sequence[:, -1] @ head + head_bias) if np.isfinite(sequence).all() else math.nan


def draw(fig: Figure, data: Trainings) -> dict[str, Any]:
    """Left the error by epoch of the last run, right the last error over the rate of all runs made for as many."""
    left, right = fig.subplots(1, 2, sharey=True, width_ratios=[1.2, 1])
    artists: dict[str, Any] = {"curves": {}, "ends": {}}
    for ax in (left, right):
        for (name, value), style in zip(data.lines.items(), ("-", ":"), strict=True):
            ax.axhline(value, color=COLOURS["black"], linestyle=style, linewidth=1.3, label=name)
        for cell, (colour, style, marker) in CELLS.items():
            look = {"color": colour, "linestyle": style, "marker": marker, "label": cell}
            (line,) = ax.plot([], [], **look | {"markersize": 4 if ax is left else 9})
            artists["curves" if ax is left else "ends"][cell] = line
    left.set(
        xlabel="epoch", ylabel="last-step MSE, validation", yscale="log", ylim=(LOWEST, HIGHEST), xlim=(0, EPOCHS + 1)
    )
    left.set_yticks([0.003, 0.01, 0.03, 0.1, 0.3, 1], ["0.003", "0.01", "0.03", "0.1", "0.3", "1"])
    left.minorticks_off()
    left.set_title("the last run", loc="left", fontsize=12)
    right.set(xlabel="rate at the start", xscale="log", xlim=(6e-4, 1.7))
    right.set_xticks([1e-3, 1e-2, 1e-1, 1], ["0.001", "0.01", "0.1", "1"])
    right.minorticks_off()
    artists["title"] = right.set_title("", loc="left", fontsize=12)
    right.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return artists


def update(artists: Mapping[str, Any], data: Trainings, *, rate: float, epochs: int) -> str:
    """Set the curves of the last run and the ends of all; returns both cells' errors."""
    if epochs < 1 or rate <= 0:
        raise Invalid(f"Rate {rate} and {epochs} epochs: expected a rate above 0 and at least 1 epoch.")
    run = data.runs[-1] if data.runs else Run(rate, dict.fromkeys(CELLS, ()), epochs)
    alike = [past for past in data.runs if past.epochs == run.epochs]  # the rate falls over so many epochs
    artists["title"].set_text(f"where runs of {run.epochs} epoch{'' if run.epochs == 1 else 's'} ended")
    for cell in CELLS:
        errors = run.errors[cell]
        artists["curves"][cell].set_data(range(1, len(errors) + 1), lab_runs.inside(errors, LOWEST, HIGHEST))
        ends = {past.rate: last for past in alike if (last := past.last(cell)) is not None}
        rates = sorted(ends)
        artists["ends"][cell].set_data(rates, lab_runs.inside([ends[value] for value in rates], LOWEST, HIGHEST))
    following = f"Next: rate {rate:g}, {epochs} epoch{'' if epochs == 1 else 's'}."
    if run.last("plain") is None:
        return f"Least squares: {data.lines['least squares']:.4f}. {following}"
    parts = ", ".join(f"{cell} {_figure(run.last(cell))}" for cell in CELLS)
    done = len(run.errors["plain"])
    name = f"{run.name[:1].upper()}{run.name[1:]}, rate" if run.name else "Rate"
    return f"{name} {run.rate:g}, {done} epoch{'' if done == 1 else 's'}: {parts}. {following}"


def _figure(error: float | None) -> str:
    if error is None:
        return "not yet"
    return f"{error:.4f}" if np.isfinite(error) else "diverged"
