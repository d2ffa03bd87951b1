"""Seconds and peak memory of each notebook, from a cold kernel to its last cell, one at a time.

python -m benchmarks.notebooks [LESSON ...]
"""

from __future__ import annotations

import argparse
import os
import threading
import time
from pathlib import Path

import nbformat
import psutil
from nbclient import NotebookClient

from benchmarks.report import write_section
from tools.notebooks import QUIET_KERNEL, TIMEOUT, find

#: Seconds between two looks at the kernel's memory.
LOOK = 0.05


def measure(path: Path) -> tuple[float, float, float]:
    """Run a notebook as a reader does.

    Returns:
        Seconds from starting the kernel to the last cell, seconds to the first figure, peak memory of the kernel in MB.
    """
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
    return seconds, figure[0] if figure else float("nan"), peak[0] / 2**20


def _watch(kernel: psutil.Process, peak: list[int], over: threading.Event) -> None:
    while not over.wait(LOOK):
        peak[0] = max(peak[0], kernel.memory_info().rss)


def main() -> None:
    """Measure the named notebooks, or all, and write the table when all were measured."""
    parser = argparse.ArgumentParser(description="Seconds and peak memory of each notebook.")
    parser.add_argument("lessons", nargs="*", help="lesson numbers such as 03; all when none is given")
    lessons = parser.parse_args().lessons
    rows = []
    for path in find(lessons):
        seconds, first, memory = measure(path)
        rows.append([path.stem, f"{seconds:.0f}", f"{first:.1f}", f"{memory:.0f}"])
        print("  ".join(rows[-1]), flush=True)
    if not lessons:
        intro = (
            "From a cold kernel to the last cell, as a reader runs it, one notebook at a time. The budget is 120 s and "
            "1,500 MB."
        )
        write_section("Notebooks", intro, ["notebook", "seconds", "first figure after, s", "peak memory, MB"], rows)


if __name__ == "__main__":
    main()
