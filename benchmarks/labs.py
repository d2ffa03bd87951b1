"""Redraw medians of each lab, on the data or model that its lesson makes.

    python -m benchmarks.labs [LESSON ...]

A notebook is run in a kernel of its own; then every control of each of its labs is moved over its range, as a hand
would, and each redraw is timed.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from benchmarks.report import write_section
from tools.notebooks import QUIET_KERNEL, TIMEOUT, find

#: Runs in the lesson's kernel: wraps the base class so that every lab made is timed when it appears.
TIMER = """
import json as _json, statistics as _statistics, time as _time
from helpers.labs import base as _base, controls as _controls

def _timed(lab):
    moved, full = {True: [], False: []}, []
    for name, control in lab.controls.items():
        lab.set(**control.when)
        values = control.values()
        if isinstance(control, _controls.Slider):
            steps = round((control.maximum - control.minimum) / control.step)
            values = [control.minimum + control.step * (steps * k // 19) for k in range(20)]
        for value in values:
            began = _time.perf_counter()
            lab.widgets[name].value = value
            moved[control.on_release].append(_time.perf_counter() - began)
        lab.reset()
    for _ in range(5):
        began = _time.perf_counter()
        lab.render().canvas.draw()
        full.append(_time.perf_counter() - began)
    median = lambda seconds: round(1000 * _statistics.median(seconds), 1) if seconds else None
    return {"lab": lab.title, "moved": median(moved[False]), "released": median(moved[True]), "fresh": median(full)}

_first = _base.Lab.__init__

def _init(lab, *arguments, **keywords):
    _first(lab, *arguments, **keywords)
    print("TIMED " + _json.dumps(_timed(lab)))

_base.Lab.__init__ = _init
"""


def measure(path: Path) -> list[dict]:
    """Time the labs of one notebook; milliseconds by lab."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("COURSE_", "LAB_"))}
    notebook = nbformat.read(path, as_version=4)
    bootstrap = next(i for i, cell in enumerate(notebook.cells) if "bootstrap" in cell.metadata.get("tags", []))
    notebook.cells.insert(bootstrap + 1, nbformat.v4.new_code_cell(TIMER))
    where = {"metadata": {"path": str(path.parent)}}
    client = NotebookClient(notebook, timeout=TIMEOUT, extra_arguments=QUIET_KERNEL, resources=where)
    client.execute(env=environment)
    printed = "\n".join(output.get("text", "") for cell in notebook.cells for output in cell.get("outputs", []))
    return [json.loads(line.removeprefix("TIMED ")) for line in printed.splitlines() if line.startswith("TIMED ")]


def main() -> None:
    """Time the labs of the named lessons, or of all, and write the table when all were timed."""
    parser = argparse.ArgumentParser(description="Redraw medians of the labs.")
    parser.add_argument("lessons", nargs="*", help="lesson numbers such as 03; all when none is given")
    lessons = parser.parse_args().lessons
    rows = []
    for path in find(lessons):
        for lab in measure(path):
            times = [f"{lab[kind]:.0f}" if lab[kind] is not None else "–" for kind in ("moved", "released", "fresh")]
            rows.append([f"{path.stem[:2]} {lab['lab']}", *times])
            print("  ".join(rows[-1]), flush=True)
    if not lessons:
        intro = (
            "Median milliseconds from a moved control to the new PNG. *While dragging*: controls that run no model, "
            "budget 60. *On release*: controls that run a model. *Fresh figure*: the same picture without blitting."
        )
        write_section("Labs", intro, ["lab", "while dragging", "on release", "fresh figure"], rows)


if __name__ == "__main__":
    main()
