"""How the seconds of an epoch grow with steps, units, layers and series, against the work that must be done.

    python -m benchmarks.growth [steps|units|layers|series ...]

The work is counted, not measured: a recurrent layer multiplies, for each series and step, its inputs and its state by
their weights, and the head the states by its own; a multiplication and the addition after it are two operations. The
way back costs twice the way forward, so a training step costs three times that. Activations are left out.
"""

from __future__ import annotations

import argparse
import statistics
from typing import Any

from benchmarks import report
from benchmarks.measured import child, end, fingerprint, go_on, measured
from helpers import runtime
from tools.notebooks import ROOT

BASE = {"steps": 50, "units": 20, "layers": 2, "series": 7000}
BATCH = 70
REPEATS = 3
AHEAD = 10
SIZES = {
    "steps": (50, 100, 200, 400, 800),
    "units": (5, 10, 20, 40, 80, 160),
    "layers": (1, 2, 3, 4),
    "series": (1750, 3500, 7000, 14000),
}

INTRO = """\
One epoch of a stack of `SimpleRNN` layers with sequence targets and a `Dense({ahead})`, compiled and fed as in the
lessons (batch {batch}). One size grows at a time, the others stay at {base}. Time and work are given as multiples of
that base: where time grows more slowly than work, the machine waits for something else than multiplications. Median of
three epochs after the first, and of {repeats} processes; each size runs once before any runs again. A product of two
large matrices reaches {machine:.0f} GFLOP/s here."""

HEADER = ("size", "time / base", "work / base", "s an epoch", "GFLOP", "GFLOP/s", "compiling, s")


def work(steps: int, units: int, layers: int, series: int) -> int:
    """Floating-point operations of one epoch.

    >>> work(steps=1, units=1, layers=1, series=1)
    72
    """
    recurrent = sum(((1 if layer == 0 else units) + units) * units for layer in range(layers))
    return 3 * 2 * series * steps * (recurrent + units * AHEAD)


def measure(size: dict[str, int], repeat: int) -> dict[str, float]:
    """One run of one size in a process of its own, or what is stored of it."""
    job = size | {"batch": BATCH, "ahead": AHEAD}
    variables = {"KERAS_BACKEND": "tensorflow", "CUDA_VISIBLE_DEVICES": "-1", **runtime.QUIET_TENSORFLOW}
    files = [ROOT / "helpers" / "training.py", ROOT / "helpers" / "series.py", ROOT / "benchmarks" / "one_growth.py"]
    settings = str(sorted((job | variables).items(), key=str))
    code = fingerprint(settings, files=[*files, ROOT / "requirements.lock"], packages=())
    name = ", ".join([*(f"{value} {what}" for what, value in size.items()), str(repeat)])
    return measured("growth", name, code, lambda: child(["-m", "benchmarks.one_growth"], job, **variables))


def median(runs: list[dict[str, float]]) -> dict[str, float]:
    """The medians of repeated runs, figure by figure."""
    return {figure: statistics.median(run[figure] for run in runs) for figure in runs[0]}


def cells(what: str, size: dict[str, int], found: dict[str, Any], base: dict[str, Any]) -> list[str]:
    """The table's line of one size."""
    operations = work(**size)
    return [
        f"{size[what]:,} {what}",
        f"{found['epoch'] / base['epoch']:.2f}",
        f"{operations / work(**BASE):.2f}",
        f"{found['epoch']:.2f}",
        f"{operations / 1e9:.2f}",
        f"{operations / found['epoch'] / 1e9:.1f}",
        f"{found['compile']:.1f}",
    ]


def main(arguments: list[str] | None = None) -> None:
    """Measure what is missing; write the table when all sizes were asked for."""
    parser = argparse.ArgumentParser(description="How seconds of an epoch grow with the sizes of model and data.")
    parser.add_argument("sizes", nargs="*", metavar="SIZE", help=f"one or more of {', '.join(SIZES)}; all by default")
    asked = parser.parse_args(arguments).sizes or list(SIZES)
    if unknown := set(asked) - set(SIZES):
        parser.error(f"no size {sorted(unknown)}; there are {list(SIZES)}")
    sizes = [(what, BASE | {what: value}) for what in asked for value in SIZES[what]]
    different = list({tuple(size.values()): size for size in [BASE, *(size for _, size in sizes)]}.values())
    runs: dict[tuple[int, ...], list[dict[str, float]]] = {tuple(size.values()): [] for size in different}
    failures: list[str] = []
    for repeat in range(REPEATS):
        for number, size in enumerate(different, 1):
            print(f"growth: run {repeat + 1} of {REPEATS}, {number} of {len(different)}: {size}", flush=True)
            with go_on(failures, str(size)):
                runs[tuple(size.values())].append(measure(size, repeat))
    end("growth", failures)
    found = {size: median(of_one) for size, of_one in runs.items()}
    base = found[tuple(BASE.values())]
    rows = [cells(what, size, found[tuple(size.values())], base) for what, size in sizes]
    for row in rows:
        print("  ".join(row))
    if set(asked) == set(SIZES):
        text = ", ".join(f"{value:,} {what}" for what, value in BASE.items())
        machine = statistics.median(run["machine"] for of_one in runs.values() for run in of_one)
        intro = INTRO.format(repeats=REPEATS, ahead=AHEAD, batch=BATCH, base=text, machine=machine)
        report.write_section("Growth", intro, HEADER, rows)


if __name__ == "__main__":
    main()
