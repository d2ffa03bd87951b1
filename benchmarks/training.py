"""Seconds until the course's trainings reach the published errors, against the class notes' recipe and against JAX.

    python -m benchmarks.training [WORD ...]

With words, only the rows whose names contain one of them are measured, and the table stays as it is. ``--repeats 1``
measures under one seed instead of three. What is measured is kept in ``.bench/``; the same command goes on from there.

Model, data and schedule come out of the lessons themselves, see ``benchmarks.lessons``; here stand only the published
errors and, for the recipe, its rate: the class notes' where they train such a model and reach the published error,
else the published one.
"""

from __future__ import annotations

import argparse
import itertools
import math
import statistics
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import report
from benchmarks.lessons import training
from benchmarks.measured import (
    child,
    chosen,
    end,
    extreme,
    fingerprint,
    first_at_or_below,
    geometric_mean,
    go_on,
    measured,
    median_time,
    ratio,
)
from helpers import runtime
from helpers.runtime import usable_cores
from tools.notebooks import ROOT, find

REPEATS = 3
JAX = ROOT / ".venv-jax" / "bin" / "python"
TORCH = ROOT / ".venv-torch" / "bin" / "python"
WAYS = ("course", "jax", "torch", "notes")
#: What a training runs through, beside its lesson's cells.
TRAINED_WITH = [
    *(ROOT / "helpers" / f"{name}.py" for name in ("baselines", "layers", "runtime", "scores", "series", "training")),
    ROOT / "benchmarks" / "one_training.py",
]


@dataclass(frozen=True)
class Row:
    """A published row: its error, the lesson and variable of the course's training, and the recipe's rate.

    Attributes:
        error: an expression in the lesson's names and ``model``, for an error that is not the validation's own.
        torch: whether the model is one of ``nn.RNN``, ``nn.LSTM``, ``nn.GRU`` and ``nn.Linear``.
    """

    name: str
    published: float
    lesson: str
    history: str
    rate: float = 1e-3
    error: str | None = None
    torch: bool = False


ITERATED = "baselines.mse(y_valid, iterate_one_step(lambda window: predict(model, window), X_valid))"


ROWS = (
    Row("one step: Dense(1)", 0.0042, "02", "decayed_history"),
    Row("one step: SimpleRNN(1)", 0.0109, "03", "history", 5e-3, torch=True),
    Row("one step: SimpleRNN 20-20-1", 0.0029, "04", "recurrent_head_history", 5e-3, torch=True),
    Row("one step: SimpleRNN 20-20, Dense(1)", 0.0026, "04", "two_layers_history", torch=True),
    Row("ten steps: Dense(10)", 0.0187, "05", "dense_history"),
    Row("ten steps: SimpleRNN 20-20, Dense(1), iterated", 0.0275, "05", "one_step_history", error=ITERATED),
    Row("ten steps: SimpleRNN 20-20, vector", 0.0085, "05", "vector_history", 5e-3, torch=True),
    Row("ten steps: SimpleRNN 20-20, sequence", 0.0096, "05", "sequence_history", 1e-2, torch=True),
    Row("ten steps: with BatchNorm", 0.0164, "07", "batch_history"),
    Row("ten steps: with LayerNorm cell", 0.0121, "07", "normalised_history"),
    Row("ten steps: LSTM 20-20", 0.0086, "08", "lstm_history", torch=True),
    Row("ten steps: GRU 20-20", 0.0103, "08", "gru_history", torch=True),
    Row("ten steps: Conv1D + GRU", 0.0080, "09", "conv_gru_history"),
    Row("ten steps: dilated Conv1D stack", 0.0072, "09", "stack_history"),
)

INTRO = """\
Seconds until the course's own training of a model reaches the published validation error (rounded to four decimals, as
published), against four other ways to get there with the same model and data:

- **(a)** the class notes' recipe as a reader runs it: Keras' defaults, Adam at one rate (in the table; the class notes'
  where they train such a model and reach the error, else the published one), batch 32, all 20 epochs;
- **(b)** the same recipe, stopped after the first epoch that reaches the error, which a reader cannot know beforehand;
  where most runs do not get there in 20 epochs (marked >), it is given those 20 epochs' time;
- **(c)** the course's training on Keras with the JAX backend (JAX {jax}). There Keras draws the order of the batches
  anew for each epoch; on TensorFlow, after `keras.utils.set_random_seed`, once for all;
- **(d)** the same layers, rates, batches and clipping in eager PyTorch ({torch}): `nn.RNN`, `nn.LSTM`, `nn.GRU` and
  `nn.Linear` with PyTorch's own initial weights, on one thread or on as many as there are cores, whichever is faster.

The ratios say how many times longer (a) to (d) take than the course. Medians of {repeats} runs from different
seeds, each run in a process of its own; building, tracing and compiling the model count, importing Keras and making the
data do not. A run that does not get there counts as one that takes for ever; beside the epochs stands how many of the
{repeats} did, where not all did. Each row runs in all ways before the next begins. *Iterated* is published for a
model of one step that was trained on the wrong grid and fed with its own output; here all ways train on the right
one, and the error is the mean over ten steps, whose reckoning after each epoch does not count."""

HEADER = (
    "model",
    "(a) / course",
    "(b) / course",
    "(c) / course",
    "(d) / course",
    "published error",
    "course, s",
    "epochs",
    "(a) s",
    "(b) s",
    "epochs",
    "rate",
    "(c) s",
    "epochs",
    "(d) s",
    "epochs",
    "threads",
)

EPOCHS_INTRO = """\
Where the seconds of the course's trainings go, on TensorFlow and, as in (c) above, on JAX: the first epoch, with
building, tracing and compiling, and the median of all later ones, over the same runs. The ratios say how many times
longer JAX takes. For as many epochs as the course needs to the published error it takes {mean:.2f} times as long, in
the geometric mean."""

EPOCHS_HEADER = (
    "model",
    "first epoch, JAX / course",
    "each later, JAX / course",
    "first, course, s",
    "first, JAX, s",
    "later, course, s",
    "later, JAX, s",
)


def measure(row: Row, way: str, seed: int) -> dict[str, Any]:
    """One training of one row, or what is stored of it."""
    if way == "torch":
        return min((measure_torch(row, threads, seed) for threads in {1, usable_cores()}), key=lambda run: run["total"])
    (notebook,) = find([row.lesson])
    lesson = training(notebook, row.history)
    job = {"setup": lesson.setup, "cell": lesson.cell, "how": way, "seed": seed}
    job |= {"published": row.published, "rate": row.rate}
    job |= {"error": row.error} if row.error else {}
    if way == "notes":  # runs all epochs, whatever they reach
        job.pop("published")
    locks = [ROOT / "benchmarks" / "jax.lock", ROOT / "requirements.lock"]  # all ways are measured side by side
    python: dict[str, Any] = {"python": JAX, "KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"}
    if way != "jax":
        quiet = runtime.QUIET_TENSORFLOW if way == "course" else {"TF_CPP_MIN_LOG_LEVEL": "3"}
        python = {"KERAS_BACKEND": "tensorflow", "CUDA_VISIBLE_DEVICES": "-1", **quiet}
    texts = map(str, itertools.chain.from_iterable(sorted((job | python).items(), key=str)))
    code = fingerprint(*texts, files=[*TRAINED_WITH, *locks], packages=())
    name = f"{row.name}, {way}, seed {seed}"
    return measured("training", name, code, lambda: child(["-m", "benchmarks.one_training"], job, **python))


def measure_torch(row: Row, threads: int, seed: int) -> dict[str, Any]:
    """One training of one row in PyTorch on so many threads, or what is stored of it."""
    (notebook,) = find([row.lesson])
    lesson = training(notebook, row.history)
    texts = (lesson.setup, lesson.cell, str(row.published), str(threads), str(seed), str(TORCH.stat().st_mtime_ns))
    files = [*TRAINED_WITH, ROOT / "benchmarks" / "one_torch.py"]

    def run() -> dict[str, Any]:
        with tempfile.TemporaryDirectory() as folder:
            arrays = str(Path(folder) / "arrays.npz")
            job = {"setup": lesson.setup, "cell": lesson.cell, "how": "arrays", "seed": seed, "arrays": arrays}
            quiet = {"KERAS_BACKEND": "tensorflow", "CUDA_VISIBLE_DEVICES": "-1", **runtime.QUIET_TENSORFLOW}
            described = child(["-m", "benchmarks.one_training"], job, **quiet)
            job = {**described, "arrays": arrays, "seed": seed, "threads": threads, "published": row.published}
            return child(["benchmarks/one_torch.py"], job, python=TORCH) | {"threads": threads}

    name = f"{row.name}, torch, {threads} threads, seed {seed}"
    return measured("training", name, fingerprint(*texts, files=files, packages=()), run)


def to_error(row: Row, run: dict[str, Any]) -> float | None:
    """Seconds until a run reached the published error; None when it did not."""
    epoch = first_at_or_below(run["errors"], row.published)
    return None if epoch is None else run["seconds"][epoch]


@dataclass(frozen=True)
class Result:
    """A row's medians in seconds, and the median numbers of epochs; infinite where the error was not reached.

    Attributes:
        reached: how many runs reached it, by the way of training, where not all did.
    """

    course: float
    course_epochs: float
    jax: float
    jax_epochs: float
    all_epochs: float
    to_error: float
    to_error_epochs: float
    reached: Mapping[str, int]
    torch: float | None = None
    torch_epochs: float = math.inf
    threads: int = 0


def result(row: Row, runs: dict[str, list[dict[str, Any]]]) -> Result:
    """The medians of a row's runs in the three ways."""

    def epochs(way: str) -> float:
        reached = [first_at_or_below(run["errors"], row.published) for run in runs[way]]
        return median_time([None if epoch is None else epoch + 1 for epoch in reached])

    return Result(
        course=median_time(to_error(row, run) for run in runs["course"]),
        course_epochs=epochs("course"),
        jax=median_time(to_error(row, run) for run in runs["jax"]),
        jax_epochs=epochs("jax"),
        all_epochs=median_time(run["total"] for run in runs["notes"]),
        to_error=median_time(to_error(row, run) for run in runs["notes"]),
        to_error_epochs=epochs("notes"),
        reached={way: len(arrived) for way in WAYS if len(arrived := arrivals(row, runs[way])) < len(runs[way])},
        torch=median_time(to_error(row, run) for run in runs["torch"]) if row.torch else None,
        torch_epochs=epochs("torch") if row.torch else math.inf,
        threads=statistics.mode(run["threads"] for run in runs["torch"]) if row.torch else 0,
    )


def arrivals(row: Row, runs: Sequence[dict[str, Any]]) -> list[float]:
    """Seconds until the published error of those runs that reached it."""
    return [seconds for run in runs if (seconds := to_error(row, run)) is not None]


def cells(row: Row, found: Result) -> list[str]:
    """The table's line of a row."""
    within = math.isfinite(found.to_error)
    seconds = found.to_error if within else found.all_epochs
    return [
        row.name,
        times(ratio(found.course, found.all_epochs)),
        ("" if within else "> ") + times(ratio(found.course, seconds)),
        times(ratio(found.course, found.jax)),
        "–" if found.torch is None else times(ratio(found.course, found.torch)),
        f"{row.published:.4f}",
        text(found.course),
        epochs_text(found, "course"),
        text(found.all_epochs),
        text(found.to_error) if within else "–",
        epochs_text(found, "notes"),
        f"{row.rate:g}",
        text(found.jax),
        epochs_text(found, "jax"),
        *(("–", "–", "–") if found.torch is None else torch_cells(found)),
    ]


def torch_cells(found: Result) -> tuple[str, str, str]:
    """Seconds, epochs and threads of PyTorch."""
    return text(found.torch or math.inf), epochs_text(found, "torch"), str(found.threads)


def epochs_text(found: Result, way: str) -> str:
    """The epochs that a way of training took to the error, and how many runs got there where not all did."""
    epochs = {
        "course": found.course_epochs,
        "jax": found.jax_epochs,
        "torch": found.torch_epochs,
        "notes": found.to_error_epochs,
    }[way]
    number = f"{epochs:.0f}" if math.isfinite(epochs) else "–"
    return f"{number} ({found.reached[way]} did)" if way in found.reached else number


def first_and_later(runs: Mapping[str, list[dict[str, Any]]]) -> tuple[dict[str, float], dict[str, float]]:
    """Median seconds of the first epoch and of a later one, in the course's way and on JAX."""
    first = {way: statistics.median(run["seconds"][0] for run in runs[way]) for way in ("course", "jax")}
    return first, {way: later_epoch(runs[way]) for way in first}


def at_equal_epochs(found: Result, runs: Mapping[str, list[dict[str, Any]]]) -> float:
    """How many times longer JAX takes for as many epochs as the course needs to the published error."""
    first, later = first_and_later(runs)
    seconds = {way: first[way] + (found.course_epochs - 1) * later[way] for way in first}
    return ratio(seconds["course"], seconds["jax"])


def epoch_cells(name: str, runs: Mapping[str, list[dict[str, Any]]]) -> list[str]:
    """The line of a row in the table of epochs, from its runs in the course's way and on JAX."""
    parts = first_and_later(runs)
    ratios = [times(ratio(part["course"], part["jax"])) for part in parts]
    return [name, *ratios, *(text(part[way], 2) for part in parts for way in ("course", "jax"))]


def later_epoch(runs: Sequence[dict[str, Any]]) -> float:
    """Median seconds of all epochs after the first; infinite when no run had a second one.

    >>> later_epoch([{"seconds": [3.0, 3.5, 4.1]}, {"seconds": [3.2, 3.5]}])
    0.5
    """
    ends = [run["seconds"] for run in runs]
    return statistics.median([round(b - a, 6) for run in ends for a, b in itertools.pairwise(run)] or [math.inf])


def goals(found: dict[str, Result]) -> list[report.Goal]:
    """What the course set itself, and what was found; rows that never got there fail it."""
    reached = {name: one for name, one in found.items() if math.isfinite(one.course)}
    a = {name: ratio(one.course, one.all_epochs) for name, one in reached.items()}
    b = {name: ratio(one.course, min(one.to_error, one.all_epochs)) for name, one in reached.items()}
    c = {name: ratio(one.course, one.jax) for name, one in reached.items() if math.isfinite(one.jax)}
    means = [geometric_mean(ratios.values()) if ratios else math.nan for ratios in (a, b, c)]
    every = len(reached) == len(found)
    missing = "" if every else f"; {len(found) - len(reached)} rows never reach their error"
    left_out = f"; without {len(a) - len(c)} rows that JAX never reaches" if len(c) < len(a) else ""
    jax = f"{means[2]:.2f}{missing}{left_out}"
    return [
        report.Goal("(a) / course, geometric mean", "≥ 6", f"{means[0]:.1f}{missing}", every and means[0] >= 6),
        report.Goal("(a) / course, smallest", "≥ 2", extreme(a) if a else "–", every and min(a.values()) >= 2),
        report.Goal("(b) / course, geometric mean", "≥ 1.5", f"{means[1]:.1f}{missing}", every and means[1] >= 1.5),
        report.Goal("(c) / course, geometric mean", "≥ 1", jax, every and means[2] >= 1),
    ]


def times(value: float) -> str:
    """A ratio for the table."""
    return "not reached" if math.isnan(value) else "∞" if math.isinf(value) else f"{value:.{1 if value >= 2 else 2}f}"


def text(value: float, digits: int = 1) -> str:
    """A figure for the table."""
    return f"{value:.{digits}f}" if math.isfinite(value) else "not reached"


def main(arguments: list[str] | None = None) -> None:
    """Measure what is missing; write the table when all rows were asked for."""
    parser = argparse.ArgumentParser(description="Seconds to the published errors, in five ways.")
    parser.add_argument("words", nargs="*", help="measure only rows whose names contain one of these, such as LSTM")
    parser.add_argument("--repeats", type=int, default=REPEATS, help=f"runs of each kind (default {REPEATS})")
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS, help="measure only these, and no table")
    asked = parser.parse_args(arguments)
    if "jax" in asked.ways and not JAX.exists():
        raise FileNotFoundError("there is no .venv-jax: run `bash tools/env.sh jax`, or leave jax out of --ways.")
    if "torch" in asked.ways and not TORCH.exists():
        raise FileNotFoundError("there is no .venv-torch: run `bash tools/env.sh torch`, or leave torch out of --ways.")
    rows = chosen(parser, ROWS, asked.words)
    failures: list[str] = []
    runs: dict[str, dict[str, list]] = {row.name: {way: [] for way in asked.ways} for row in rows}
    for seed in range(asked.repeats):
        for number, row in enumerate(rows, 1):
            print(f"training: run {seed + 1} of {asked.repeats}, row {number} of {len(rows)}: {row.name}", flush=True)
            for way in asked.ways:
                if way == "torch" and not row.torch:
                    continue
                with go_on(failures, f"{row.name}, {way}, seed {seed}"):
                    runs[row.name][way].append(measure(row, way, seed))
    end("training", failures)
    if set(asked.ways) != set(WAYS):
        return
    found = {row.name: result(row, runs[row.name]) for row in rows}
    table = [cells(row, found[row.name]) for row in rows]
    for line in (HEADER, *table):
        print("  ".join(line))
    if len(rows) == len(ROWS) and asked.repeats == REPEATS:
        jax = runs[rows[-1].name]["jax"][0]["jax"]
        torch = next(runs[row.name]["torch"][0]["torch"] for row in rows if row.torch)
        intro = INTRO.format(repeats=asked.repeats, jax=jax, torch=torch)
        report.write_section("Published errors", intro, HEADER, table)
        report.write_goals("Published errors", goals(found))
        table = [epoch_cells(row.name, runs[row.name]) for row in rows]
        ratios = [at_equal_epochs(found[row.name], runs[row.name]) for row in rows]
        mean = geometric_mean(filter(math.isfinite, ratios))
        report.write_section("Epochs", EPOCHS_INTRO.format(mean=mean), EPOCHS_HEADER, table)


if __name__ == "__main__":
    main()
