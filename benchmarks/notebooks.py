"""Seconds and peak memory of each notebook, one at a time, and seconds of each training in it.

python -m benchmarks.notebooks [LESSON ...]
"""

from __future__ import annotations

import argparse
import os
import re
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import nbformat
import psutil
from nbclient import NotebookClient

from benchmarks.report import write_section
from tools.notebooks import QUIET_KERNEL, TIMEOUT, find

#: Seconds between two looks at the kernel's memory.
LOOK = 0.05
#: The line that a training leaves, such as "LSTM: 20 epochs in 15.2 s: loss 0.0031".
TRAINING = re.compile(r"^(?P<what>.*\bepochs?) in (?P<seconds>[\d.]+) s\b", re.MULTILINE)


@dataclass(frozen=True)
class Measured:
    """What a reader's run of a notebook cost: seconds from starting the kernel, memory of the kernel in MB.

    ``trainings`` are the last lines of `helpers.training.Progress`, as (what was trained, seconds with compilation).
    """

    seconds: float
    first_figure: float
    memory: float
    trainings: list[tuple[str, float]]


def measure(path: Path) -> Measured:
    """Run a notebook as a reader does."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("COURSE_", "LAB_"))}
    notebook = nbformat.read(path, as_version=4)
    figure: list[float] = []

    def note_figure(cell: nbformat.NotebookNode, **_: object) -> None:
        if not figure and any("image/png" in output.get("data", {}) for output in cell.get("outputs", [])):
            figure.append(time.monotonic() - began)

    client = NotebookClient(
        notebook,
        timeout=TIMEOUT,
        extra_arguments=QUIET_KERNEL,
        resources={"metadata": {"path": str(path.parent)}},
        on_cell_executed=note_figure,
    )
    began = time.monotonic()
    peak, over = [0], threading.Event()
    with client.setup_kernel(env=environment):
        kernel = psutil.Process(client.km.provisioner.pid)
        watch = threading.Thread(target=_watch, args=(kernel, peak, over), daemon=True)
        watch.start()
        for index, cell in enumerate(notebook.cells):
            client.execute_cell(cell, index)
        seconds = time.monotonic() - began
        over.set()
        watch.join()
    return Measured(seconds, figure[0] if figure else float("nan"), peak[0] / 2**20, trainings(notebook))


def trainings(notebook: nbformat.NotebookNode) -> list[tuple[str, float]]:
    """The trainings of an executed notebook, in its order: what was trained, and the seconds that it took."""
    outputs = (output for cell in notebook.cells for output in cell.get("outputs", []))
    texts = (output.get("text") or output.get("data", {}).get("text/plain", "") for output in outputs)
    return [(match["what"], float(match["seconds"])) for text in texts for match in TRAINING.finditer(text)]


def _watch(kernel: psutil.Process, peak: list[int], over: threading.Event) -> None:
    while not over.wait(LOOK):
        peak[0] = max(peak[0], kernel.memory_info().rss)


def main() -> None:
    """Measure the named notebooks, or all, and write the table when all were measured."""
    parser = argparse.ArgumentParser(description="Seconds and peak memory of each notebook.")
    parser.add_argument("lessons", nargs="*", help="lesson numbers such as 03; all when none is given")
    lessons = parser.parse_args().lessons
    rows, fits = [], []
    for path in find(lessons):
        cost = measure(path)
        longest = max((seconds for _, seconds in cost.trainings), default=0.0)
        numbers = (f"{cost.seconds:.0f}", f"{cost.first_figure:.1f}", f"{longest:.1f}", f"{cost.memory:.0f}")
        rows.append([path.stem, *numbers])
        fits += [[f"{path.stem[:2]} {what}", f"{seconds:.1f}"] for what, seconds in cost.trainings]
        print("  ".join(rows[-1]), flush=True)
    if not lessons:
        intro = (
            "From a cold kernel to the last cell, as a reader runs it, one notebook at a time. The budget is 120 s and "
            "1,500 MB, and 25 s for a training."
        )
        header = ["notebook", "seconds", "first figure after, s", "longest training, s", "peak memory, MB"]
        write_section("Notebooks", intro, header, rows)
        intro = "Each training of those runs, compilation included."
        write_section("Trainings", intro, ["training", "seconds"], fits)


if __name__ == "__main__":
    main()
