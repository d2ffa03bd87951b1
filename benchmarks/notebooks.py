"""Seconds and peak memory of each notebook, seconds of each training in it, and redraws of its labs.

    python -m benchmarks.notebooks [LESSON ...]

One notebook at a time, run as a reader runs it, each time from a cold kernel. When the last cell of the first run has
ended and its seconds and memory are taken, the labs are timed in the same kernel, on the data or models that the lesson
has made (``benchmarks.lab_timer``).
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
import psutil
from nbclient import NotebookClient

from benchmarks import report
from benchmarks.measured import (
    OF_TRAININGS,
    end,
    extreme,
    fingerprint,
    geometric_mean,
    go_on,
    helper_files,
    measured,
)
from tools.machine import clean_environment, peak_megabytes
from tools.notebooks import QUIET_KERNEL, ROOT, TIMEOUT, find
from tools.trainings import trainings

#: Runs of each notebook.
REPEATS = 3
#: Budgets: of a notebook, of one training, of a first figure in the lessons that need no model for it, of a redraw.
SECONDS, MEMORY, ONE_TRAINING, FIRST_FIGURE, REDRAW = 120, 1500, 25, 3, 60
NO_MODEL = ("01", "02")
TIMED = "TIMED "
TIMER = f"import json\nfrom benchmarks import lab_timer\nprint({TIMED!r} + json.dumps(lab_timer.time_all()))"

NOTEBOOKS_INTRO = f"""\
From a cold kernel to the last cell, as a reader runs it, one notebook at a time: as shares of the budgets, which are
{SECONDS} s and {MEMORY:,} MB, and absolutely. The first figure is the first picture on the page, of a plot or a lab,
from the start of the kernel to the end of the cell that shows it. Medians of {REPEATS} runs."""

NOTEBOOKS_HEADER = (
    "notebook",
    "time / budget",
    "memory / budget",
    "seconds",
    "first figure after, s",
    "longest training, s",
    "peak memory, MB",
)

TRAININGS_INTRO = f"""\
Each training of those runs, compilation included, as a share of the budget of {ONE_TRAINING} s and absolutely."""

TRAININGS_HEADER = ("training", "time / budget", "seconds")

LABS_INTRO = f"""\
Milliseconds from a moved control to the new PNG, in the lesson's own kernel after its first run: the median over all
places of all controls. *While dragging*: controls that run
no model, budget {REDRAW}. *On release*: controls that run a model. *Fresh figure*: the same picture drawn from nothing.
*interact*: the same picture and sentence by `interact` with an inline figure, for the controls of the first kind, or of
the second where a lab has no other; the first column compares it with the lab."""

LABS_HEADER = ("lab", "interact / lab", "while dragging", "on release", "fresh figure", "interact")


def measure(path: Path) -> dict[str, Any]:
    """Measure one notebook and its labs, or take what is stored; returns the medians, as ``median`` does."""
    files = [path, *helper_files(), ROOT / "requirements.lock"]
    files += [ROOT / "benchmarks" / "lab_timer.py", ROOT / "benchmarks" / "notebooks.py"]
    code = fingerprint(files=files, packages=())

    def run(number: int) -> dict[str, Any]:
        name = f"{path.stem}, run {number}"
        return measured("notebooks", name, code, lambda: _run(path, time_labs=number == 0))

    return median([run(number) for number in range(REPEATS)])


def median(runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The medians of a notebook's runs, and the labs' times of the first.

    Raises:
        ValueError: the runs do not show the same trainings.
    """
    whats = [[what for what, _ in run["trainings"]] for run in runs]
    if any(others != whats[0] for others in whats):
        raise ValueError(f"the runs trained different things: {whats}")
    firsts = [run["first_figure"] for run in runs]
    fits = zip(*([seconds for _, seconds in run["trainings"]] for run in runs), strict=True)
    return {
        "seconds": statistics.median(run["seconds"] for run in runs),
        "first_figure": None if None in firsts else statistics.median(firsts),
        "peak_mb": statistics.median(run["peak_mb"] for run in runs),
        "trainings": list(zip(whats[0], map(statistics.median, fits), strict=True)),
        "labs": runs[0]["labs"],
    }


def _run(path: Path, *, time_labs: bool) -> dict[str, Any]:
    """Run a notebook as a reader does.

    Returns:
        Seconds from starting the kernel to the last cell, seconds to the first figure (None without one), peak memory
        of the kernel in MB, the trainings' seconds, and the labs' times.
    """
    client, first = _client(path), None
    began = time.monotonic()
    with client.setup_kernel(env=clean_environment(*OF_TRAININGS)):
        for index, cell in enumerate(client.nb.cells):
            client.execute_cell(cell, index)
            if first is None and _shows_a_figure(cell):
                first = time.monotonic() - began
        seconds = time.monotonic() - began
        peak = peak_megabytes(psutil.Process(client.km.provisioner.pid))
        fits = trainings(client.nb)
        labs = _time_labs(client, client.nb) if time_labs else []
    return {
        "seconds": round(seconds, 1),
        "first_figure": None if first is None else round(first, 2),
        "peak_mb": round(peak),
        "trainings": fits,
        "labs": labs,
    }


def _client(path: Path) -> NotebookClient:
    notebook = nbformat.read(path, as_version=4)
    resources = {"metadata": {"path": str(path.parent)}}
    return NotebookClient(notebook, timeout=TIMEOUT, extra_arguments=QUIET_KERNEL, resources=resources)


def _shows_a_figure(cell: nbformat.NotebookNode) -> bool:
    return any("<img" in output.get("data", {}).get("text/html", "") for output in cell.get("outputs", []))


def _time_labs(client: NotebookClient, notebook: nbformat.NotebookNode) -> list[dict[str, Any]]:
    if not any("lab" in cell.metadata.get("tags", []) for cell in notebook.cells):
        return []
    cell = nbformat.v4.new_code_cell(TIMER)
    notebook.cells.append(cell)
    client.execute_cell(cell, len(notebook.cells) - 1)
    printed = "".join(output.get("text", "") for output in cell.outputs if output.output_type == "stream")
    (line,) = [line for line in printed.splitlines() if line.startswith(TIMED)]
    return json.loads(line.removeprefix(TIMED))


def notebook_cells(name: str, found: dict[str, Any]) -> list[str]:
    """The table's line of one notebook."""
    first = found["first_figure"]
    longest = max((seconds for _, seconds in found["trainings"]), default=None)
    figures = ["–" if figure is None else f"{figure:.1f}" for figure in (first, longest)]
    shares = [f"{found['seconds'] / SECONDS:.2f}", f"{found['peak_mb'] / MEMORY:.2f}"]
    return [name, *shares, f"{found['seconds']:.0f}", *figures, f"{found['peak_mb']:,.0f}"]


def lab_cells(lesson: str, lab: dict[str, Any]) -> list[str]:
    """The table's line of one lab."""
    times = [f"{lab[kind]:.0f}" if lab[kind] else "–" for kind in ("moved", "released", "fresh", "interact")]
    return [f"{lesson} {lab['lab']}", f"{faster(lab):.1f}", *times]


def faster(lab: dict[str, Any]) -> float:
    """How many times longer ``interact`` takes than the lab."""
    return lab["interact"] / (lab["moved"] or lab["released"])


def goals(found: dict[str, dict[str, Any]]) -> tuple[list[report.Goal], list[report.Goal]]:
    """What notebooks and labs set themselves."""
    seconds = {name: one["seconds"] for name, one in found.items()}
    memory = {name: one["peak_mb"] for name, one in found.items()}
    notebooks = [
        report.Goal("longest", f"≤ {SECONDS} s", extreme(seconds, max, " s"), max(seconds.values()) <= SECONDS),
        report.Goal("largest peak", f"≤ {MEMORY:,} MB", extreme(memory, max, " MB"), max(memory.values()) <= MEMORY),
    ]
    took = [(f"{name[:2]} {what}", seconds) for name, one in found.items() for what, seconds in one["trainings"]]
    fits = dict(sorted(took, key=lambda fit: fit[1]))  # of those with one name the longest
    if fits:
        longest = max(fits.values())
        notebooks.append(
            report.Goal("longest training", f"≤ {ONE_TRAINING} s", extreme(fits, max, " s"), longest <= ONE_TRAINING)
        )
    for name, one in found.items():
        if name.startswith(NO_MODEL):
            first = one["first_figure"]
            what = f"first figure of {name}"
            notebooks.append(report.Goal(what, f"≤ {FIRST_FIGURE} s", f"{first:.1f} s", first <= FIRST_FIGURE))
    labs = {f"{name[:2]} {lab['lab']}": lab for name, one in found.items() for lab in one["labs"]}
    ratios = {name: faster(lab) for name, lab in labs.items()}
    mean = geometric_mean(ratios.values())
    dragged = {name: lab["moved"] for name, lab in labs.items() if lab["moved"]}
    slowest = max(dragged.values())
    return notebooks, [
        report.Goal("interact / lab, geometric mean", "≥ 3", f"{mean:.1f}; smallest {extreme(ratios)}", mean >= 3),
        report.Goal("slowest redraw while dragging", f"≤ {REDRAW} ms", extreme(dragged, max, " ms"), slowest <= REDRAW),
    ]


def main(arguments: list[str] | None = None) -> None:
    """Measure the named notebooks, or all; write the tables when all were measured."""
    parser = argparse.ArgumentParser(description="Seconds and peak memory of each notebook, and its labs' redraws.")
    parser.add_argument("lessons", nargs="*", help="lesson numbers such as 03; all when none is given")
    lessons = parser.parse_args(arguments).lessons
    paths = find(lessons)
    found: dict[str, dict[str, Any]] = {}
    failures: list[str] = []
    for number, path in enumerate(paths, 1):
        print(f"notebooks: {number} of {len(paths)}, {path.stem}", flush=True)
        with go_on(failures, path.stem):
            found[path.stem] = measure(path)
            print("  ".join(notebook_cells(path.stem, found[path.stem])))
            for lab in found[path.stem]["labs"]:
                print("  ".join(lab_cells(path.stem[:2], lab)), flush=True)
    end("notebooks", failures)
    if lessons:
        return
    rows = [notebook_cells(name, one) for name, one in found.items()]
    report.write_section("Notebooks", NOTEBOOKS_INTRO, NOTEBOOKS_HEADER, rows)
    fits = [(f"{name[:2]} {what}", took) for name, one in found.items() for what, took in one["trainings"]]
    rows = [[what, f"{took / ONE_TRAINING:.2f}", f"{took:.1f}"] for what, took in fits]
    report.write_section("Trainings", TRAININGS_INTRO, TRAININGS_HEADER, rows)
    rows = [lab_cells(name[:2], lab) for name, one in found.items() for lab in one["labs"]]
    report.write_section("Labs", LABS_INTRO, LABS_HEADER, rows)
    of_notebooks, of_labs = goals(found)
    report.write_goals("Notebooks", of_notebooks)
    report.write_goals("Labs", of_labs)


if __name__ == "__main__":
    main()
