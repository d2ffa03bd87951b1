"""Lab *memory* (lesson 08): recurrent layers trained live on the memory tasks, against chance."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from helpers.labs.framework import runs as lab_runs
from helpers.labs.framework.controls import Choice
from helpers.labs.framework.lab import Invalid, Lab
from helpers.plots import COLOURS

BATCH, UNITS, RATE = 100, 20, 3e-3
N_VALID = 1000
SOLVED = 0.95
#: Batches between two looks at the Stop button.
STEPS = 10

Task = Callable[..., tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Run:
    """One training: what was set, and the accuracy on new series after each epoch."""

    label: str
    accuracies: tuple[float, ...] = ()


@dataclass(frozen=True)
class Trainings:
    """The tasks by name, the size of a training, and all runs so far, the present one last."""

    tasks: Mapping[str, Task]
    n_series: int
    epochs: int
    runs: tuple[Run, ...] = ()


def lab(
    tasks: Mapping[str, Task],
    *,
    runs: Mapping[str, Sequence[float]] | None = None,
    n_series: int = 8000,
    epochs: int = 10,
) -> Lab:
    """The lab on the lesson's tasks.

    Args:
        tasks: name to a function ``task(n_series, T, seed)`` that gives X (n_series, T, features) and y (n_series, 1).
        runs: label to the accuracies, one per epoch, of what the lesson trained; the last is drawn in front.
        n_series: series to train on, a multiple of 100.
        epochs: the most that a training takes; one that has solved its task stops.

    Raises:
        ValueError: no task, one that gives other shapes, or sizes that do not fit.
    """
    if n_series < BATCH or n_series % BATCH or epochs < 1:
        raise ValueError(f"n_series is {n_series} and epochs {epochs}; expected a multiple of {BATCH}, and at least 1.")
    for name, task in tasks.items():
        X, y = task(4, 10, 0)
        if np.shape(X)[:2] != (4, 10) or np.ndim(X) != 3 or np.shape(y) != (4, 1):
            raise ValueError(f"{name!r} gives {np.shape(X)} and {np.shape(y)}; expected (4, 10, features) and (4, 1).")
    if not tasks:
        raise ValueError("there is no task; expected at least one.")
    done = tuple(Run(label, tuple(map(float, accuracies))) for label, accuracies in (runs or {}).items())
    names = list(tasks)
    return Lab(
        "memory",
        tasks=[
            "Marked symbol, T = 50: the GRU's default bias is 0 and leaves it at chance. Is 1 enough? And 3?",
            "First symbol, T = 100: train the LSTM with its default, which is 1, and with 3. How many epochs?",
            "Marked symbol, T = 100: train the LSTM with 3, with 5 and with 'long'. Is a large bias enough?",
            "Press Stop as soon as you know how a training ends.",
        ],
        draw=draw,
        update=update,
        data=Trainings(tasks, n_series, epochs, done[-lab_runs.SHOWN_RUNS :]),
        controls={
            "task": Choice("task", names[-1], options=names),
            "length": Choice("T", 50, options=[25, 50, 100]),
            "cell": Choice("cell", "GRU", options=["SimpleRNN", "LSTM", "GRU"]),
            "bias": Choice("gate bias", "default", options=["default", "1", "3", "5", "long"]),
        },
        train=train,
        size=(9.5, 4.4),
    )


def train(
    data: Trainings,
    *,
    report: Callable[[Trainings], None],
    stopped: Callable[[], bool],
    task: str,
    length: int,
    cell: str,
    bias: str,
) -> Trainings:
    """Train one layer on one task; ``report`` gets the curve after each epoch."""
    import keras

    from helpers import runtime, training

    make = data.tasks[task]
    X, y = make(data.n_series, length, runtime.seed)
    X_valid, y_valid = make(N_VALID, length, runtime.seed + 1000)
    keras.utils.set_random_seed(runtime.seed)
    layer = getattr(keras.layers, cell)(UNITS)
    model = keras.Sequential([keras.Input(X.shape[1:]), layer, keras.layers.Dense(1, activation="sigmoid")])
    set_gate_bias(layer, bias, length, np.random.default_rng(runtime.seed))
    schedule = keras.optimizers.schedules.CosineDecay(RATE, data.epochs * data.n_series // BATCH)
    model.compile(
        loss="binary_crossentropy",
        optimizer=keras.optimizers.Adam(schedule, clipnorm=1.0),
        **training.fast_settings(data.n_series, BATCH, compile=False) | {"steps_per_execution": STEPS},
    )
    before, name = data.runs[-(lab_runs.SHOWN_RUNS - 1) :], _label(task, length, cell, bias)
    return lab_runs.train(
        model,
        X,
        y,
        data_after=lambda accuracies: replace(data, runs=(*before, Run(name, accuracies))),
        report=report,
        stopped=stopped,
        epochs=data.epochs,
        batch_size=BATCH,
        measure=lambda _logs: np.mean((np.asarray(model.predict_on_batch(X_valid)) > 0.5) == (y_valid > 0.5)),
        enough=lambda accuracy: accuracy >= SOLVED,
    )


def set_gate_bias(layer: Any, bias: str, length: int, random: np.random.Generator) -> None:
    """Set the bias of the gate that keeps: f of an LSTM, z of a GRU; a SimpleRNN has none.

    Args:
        layer: a built Keras layer.
        bias: "default", a number, or "long": log U(1, length - 1), and for an LSTM its negative at the input gate.
        length: steps of the series.
        random: where "long" comes from.
    """
    weights = layer.get_weights()
    if bias == "default" or weights[0].shape[1] == layer.units:
        return
    long = bias == "long"
    values = np.log(random.uniform(1, length - 1, layer.units)) if long else np.full(layer.units, float(bias))
    if weights[0].shape[1] == 4 * layer.units:  # order i, f, g, o
        weights[2][layer.units : 2 * layer.units] = values
        if long:
            weights[2][: layer.units] = -values
    else:  # order z, r, g; the first row is the input's bias
        weights[2][0, : layer.units] = values
    layer.set_weights(weights)


def draw(fig: Figure, data: Trainings) -> dict[str, Any]:
    """Accuracy by epoch: the present run in front, earlier ones as faint lines, chance and the line of 95 %."""
    ax = fig.subplots()
    ax.set(xlabel="epoch", ylabel="accuracy on new series", xlim=(0, data.epochs + 0.5), ylim=(0.44, 1.02))
    ax.set_xticks(range(0, data.epochs + 1, max(1, data.epochs // 10)))
    ax.axhline(0.5, color=COLOURS["black"], linestyle=":", label="chance")
    ax.axhline(SOLVED, color=COLOURS["black"], linestyle="--", linewidth=1.5, label="solved: 95 %")
    (curve,) = ax.plot([], [], ".-", color=COLOURS["blue"], markersize=9, linewidth=2.5, label="this run")
    ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1.02))
    longest = "marked, T = 100, SimpleRNN, bias default: 0.00"
    earlier = lab_runs.draw(ax, "earlier runs, last accuracy", top=0.53, longest=longest)
    return {"earlier": earlier, "curve": curve}


def update(artists: Mapping[str, Any], data: Trainings, *, task: str, length: int, cell: str, bias: str) -> str:
    """Set the curves of all runs; returns how the last one ended and what Train does next."""
    if task not in data.tasks:
        raise Invalid(f"there is no task {task!r}; expected one of {', '.join(data.tasks)}.")
    finished = [run for run in data.runs[:-1] if run.accuracies]
    lab_runs.update(
        artists["earlier"], [(f"{run.label}: {run.accuracies[-1]:.2f}", run.accuracies) for run in finished]
    )
    following = f"Next: {_label(task, length, cell, bias)}."
    run = data.runs[-1] if data.runs else Run("")
    artists["curve"].set_data(range(1, len(run.accuracies) + 1), run.accuracies)
    if not run.accuracies:
        return f"Chance: 0.50. {following}"
    last, count = run.accuracies[-1], len(run.accuracies)
    verdict = "solved" if last >= SOLVED else ("at chance" if abs(last - 0.5) < 0.05 else "not solved")
    epochs = f"{count} epoch{'' if count == 1 else 's'}"
    return f"{run.label[:1].upper()}{run.label[1:]}: {last:.2f} after {epochs}, {verdict}. {following}"


def _label(task: str, length: int, cell: str, bias: str) -> str:
    gate = "" if cell == "SimpleRNN" else f", bias {bias}"
    return f"{task.removesuffix(' symbol')}, T = {length}, {cell}{gate}"
