"""Lab *residual* (lesson 11): networks of any depth, trained live with and without a way around each block."""

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
from helpers.labs.framework.lab import Invalid, Lab
from helpers.plots import COLOURS, CURVES

BATCH, RATE = 140, 1e-2
DEPTHS = (1, 2, 4, 8, 16)
RATES = (3e-3, 1e-2, 3e-2)
LOWEST, HIGHEST = 3e-3, 0.3
SMALLEST, LARGEST = 0.1, 1e4  # sizes drawn
SAMPLES = 500  # series of which the sizes are taken
MARKERS = ("o", "s", "D")


@dataclass(frozen=True)
class Run:
    """One training: the kind, the depth, the rate it began with, the epochs planned, the error after each epoch."""

    kind: str
    blocks: int
    rate: float
    epochs: int
    errors: tuple[float, ...] = ()


@dataclass(frozen=True)
class Trainings:
    """The maker of networks, the data, the sizes before training, and all runs so far."""

    make: Callable[[int, str], Any]
    kinds: tuple[str, ...]
    train: tuple[np.ndarray, np.ndarray]
    valid: tuple[np.ndarray, np.ndarray]
    least_squares: float
    sizes: Mapping[str, np.ndarray]
    runs: tuple[Run, ...] = field(default=())


def lab(
    make: Callable[[int, str], Any],
    train: tuple[np.ndarray, np.ndarray],
    valid: tuple[np.ndarray, np.ndarray],
    *,
    kinds: Sequence[str],
    first_runs: Mapping[str, Sequence[float]] | None = None,
) -> Lab:
    """The lab on the lesson's own blocks and data.

    Args:
        make: ``make(n_blocks, kind)`` gives an untrained Keras model of a first layer, so many blocks and a head, drawn
            in this order from one seed.
        train: inputs (series, steps) and targets (series, horizon).
        valid: the same for validation.
        kinds: two or three names that ``make`` knows.
        first_runs: validation error after each epoch of the lesson's own networks of 16 blocks, by kind.

    Raises:
        ValueError: shapes that do not fit, or kinds that are too few or too many, or runs of other kinds.
    """
    for name, (X, y) in {"train": train, "valid": valid}.items():
        if np.ndim(X) != 2 or np.ndim(y) != 2 or len(X) != len(y):
            raise ValueError(
                f"{name} has shapes {np.shape(X)} and {np.shape(y)}; expected (series, steps) and (series, horizon)."
            )
    if not 2 <= len(kinds) <= len(MARKERS):
        raise ValueError(f"kinds is {list(kinds)}; expected two or three names.")
    if unknown := set(first_runs or ()) - set(kinds):
        raise ValueError(f"first_runs has {sorted(unknown)}; expected kinds among {list(kinds)}.")
    least_squares = baselines.mse(valid[1], baselines.LeastSquares().fit(*train).predict(valid[0]))
    sizes = {kind: sizes_of(make(DEPTHS[-1], kind), valid[0][:SAMPLES]) for kind in kinds}
    runs = tuple(
        Run(kind, DEPTHS[-1], RATE, len(errors), tuple(map(float, errors)))
        for kind, errors in (first_runs or {}).items()
    )
    return Lab(
        "residual",
        tasks=[
            "Which of the kinds keeps its values in bounds at the start? Move the number of blocks and read the size.",
            "Train 4 blocks of each kind. Does the way around pay at this depth?",
            "Which kind goes on to gain from depth, and which does not? Try 10 epochs, then 20.",
            "The skip begins a thousand times too large. Does a lower rate help it, or a higher one?",
        ],
        draw=draw,
        update=update,
        data=Trainings(make, tuple(kinds), train, valid, least_squares, sizes, runs),
        controls={
            "kind": Choice("kind", kinds[1], options=list(kinds)),
            "blocks": Choice("blocks", 16, options=list(DEPTHS)),
            "rate": Choice("rate", RATE, options=[(f"{rate:g}", rate) for rate in RATES]),
            "epochs": Slider("epochs", 10, minimum=2, maximum=20, step=2),
        },
        train=fit,
        size=(11.0, 4.2),
    )


def sizes_of(model: Any, X: np.ndarray) -> np.ndarray:
    """Standard deviation of the values after the first layer of ``model`` and after each block, without the head."""
    found, values = [], X
    for layer in model.layers[:-1]:
        values = layer(values)
        found.append(float(np.std(np.asarray(values))))
    return np.array(found)


def fit(
    data: Trainings,
    *,
    report: Callable[[Trainings], None],
    stopped: Callable[[], bool],
    kind: str,
    blocks: int,
    rate: float,
    epochs: int,
) -> Trainings:
    """Train one network by the lesson's protocol; ``report`` gets the curve after each epoch."""
    import keras

    from helpers import training

    X, y = data.train
    model = data.make(blocks, kind)
    schedule = keras.optimizers.schedules.CosineDecay(rate, epochs * -(-len(X) // BATCH))
    optimizer = keras.optimizers.Adam(schedule, clipnorm=1.0)
    model.compile(loss="mse", optimizer=optimizer, **training.fast_settings(len(X), BATCH, compile=False))
    end = lab_runs.train(
        model,
        X,
        y,
        data_after=lambda errors: replace(data, runs=(*data.runs, Run(kind, blocks, rate, epochs, errors))),
        report=report,
        stopped=stopped,
        epochs=epochs,
        batch_size=BATCH,
        valid=data.valid,
    )
    return end if end.runs[-1].errors else data


def draw(fig: Figure, data: Trainings) -> dict[str, Any]:
    """Sizes before training, the error by epoch of the last run, and where runs of as many epochs ended by depth."""
    start, curve, ends = fig.subplots(1, 3, width_ratios=[1, 1, 1.05])
    artists: dict[str, Any] = {"sizes": {}, "curves": {}, "ends": {}}
    for kind, (colour, style), marker in zip(data.kinds, CURVES, MARKERS, strict=False):
        look = {"color": colour, "linestyle": style, "marker": marker, "label": kind}
        (artists["sizes"][kind],) = start.plot([], [], **look | {"markersize": 4})
        (artists["curves"][kind],) = curve.plot([], [], **look | {"markersize": 4})
        (artists["ends"][kind],) = ends.plot([], [], **look | {"markersize": 9})
    (artists["chosen"],) = start.plot([], [], "o", color=COLOURS["black"], markersize=11, fillstyle="none")
    start.set(xlabel="blocks passed", yscale="log", xlim=(-0.8, DEPTHS[-1] + 0.8), ylim=(SMALLEST, LARGEST))
    start.set_xticks([0, *DEPTHS[2:]])
    start.set_yticks([0.1, 1, 10, 100, 1000, 10000], ["0.1", "1", "10", "100", "1,000", "10,000"])
    start.set_title("size before training", loc="left", fontsize=12)
    for ax in (curve, ends):
        ax.axhline(data.least_squares, color=COLOURS["black"], linestyle=":", linewidth=1.3, label="least squares")
        ax.set(yscale="log", ylim=(LOWEST, HIGHEST))
        ax.set_yticks([0.003, 0.01, 0.03, 0.1, 0.3], ["0.003", "0.01", "0.03", "0.1", "0.3"])
    curve.set(xlabel="epoch", xlim=(0, 21), xticks=[1, 5, 10, 15, 20])
    curve.set_title("validation MSE", loc="left", fontsize=12)
    ends.set(xlabel="blocks", xscale="log", xlim=(0.8, 20))
    ends.set_xticks(list(DEPTHS), list(map(str, DEPTHS)))
    artists["title"] = ends.set_title("", loc="left", fontsize=12)
    for ax in (start, curve, ends):
        ax.minorticks_off()
    fig.legend(*ends.get_legend_handles_labels(), loc="outside lower center", ncols=len(data.kinds) + 1)
    return artists


def update(artists: Mapping[str, Any], data: Trainings, *, kind: str, blocks: int, rate: float, epochs: int) -> str:
    """Show the sizes up to the chosen depth and all runs that compare; returns the size and the last error."""
    if kind not in data.kinds:
        raise Invalid(f"There is no kind {kind!r}; there are {', '.join(data.kinds)}.")
    if blocks not in DEPTHS or rate <= 0 or epochs < 1:
        raise Invalid(f"{blocks} blocks, rate {rate}, {epochs} epochs: expected blocks among {list(DEPTHS)}.")
    for name, sizes in data.sizes.items():
        artists["sizes"][name].set_data(range(len(sizes)), np.clip(sizes, SMALLEST, LARGEST))
    size = data.sizes[kind]
    artists["chosen"].set_data([blocks], np.clip(size[[blocks]], SMALLEST, LARGEST))
    alike = [run for run in data.runs if data.runs and _comparable(run, data.runs[-1])]
    for name in data.kinds:
        mine = [run for run in alike if run.kind == name and run.errors]
        latest = [run for run in mine if run.blocks == data.runs[-1].blocks]
        errors = latest[-1].errors if latest else ()
        artists["curves"][name].set_data(range(1, len(errors) + 1), lab_runs.inside(errors, LOWEST, HIGHEST))
        last = {run.blocks: run.errors[-1] for run in mine}
        depths = sorted(last)
        artists["ends"][name].set_data(depths, lab_runs.inside([last[depth] for depth in depths], LOWEST, HIGHEST))
    start = f"Before training {_count(blocks)} of kind {kind} make the values {_times(size[blocks] / size[0])}."
    following = f"Next: {_named(kind, blocks, rate)}, {epochs} epochs."
    if not data.runs or not data.runs[-1].errors:
        artists["title"].set_text("where runs ended")
        return f"{start} Least squares: {data.least_squares:.4f}. Nothing is trained yet. {following}"
    run = data.runs[-1]
    artists["title"].set_text(f"after {run.epochs} epochs, rate {run.rate:g}")
    ended = f"{_figure(run.errors[-1])} after {len(run.errors)} of {run.epochs} epochs"
    return f"{start} Last run: {_named(run.kind, run.blocks, run.rate)}: {ended}. {following}"


def _comparable(run: Run, last: Run) -> bool:
    """Runs compare when their rate began at the same height and fell over as many epochs."""
    return (run.rate, run.epochs) == (last.rate, last.epochs)


def _count(blocks: int) -> str:
    return f"{blocks} block{'' if blocks == 1 else 's'}"


def _named(kind: str, blocks: int, rate: float) -> str:
    return f"{kind}, {_count(blocks)}, rate {rate:g}"


def _times(factor: float) -> str:
    return f"{factor:,.0f} times as large" if factor >= 10 else f"{factor:.2g} times as large"


def _figure(error: float) -> str:
    return f"{error:.4f}" if math.isfinite(error) else "diverged"
