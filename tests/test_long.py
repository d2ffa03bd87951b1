"""What takes minutes: each lesson killed, then run twice; without a network; a thousand moves. `make test-long`."""

from __future__ import annotations

import gc
import os
import random
import re
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import psutil
import pytest

from benchmarks.notebooks import TRAINING
from helpers.labs import selftest
from tests import long_page, test_labs
from tests.browser.conftest import find_chromium
from tests.kernel import CellFailed, Kernel
from tests.sandbox import sandboxed
from tools.notebooks import ROOT, find, read

pytestmark = pytest.mark.long

NOTEBOOKS = ROOT / "notebooks"
LESSONS = pytest.mark.parametrize("path", find(), ids=lambda path: path.stem)
#: Seconds after which a training is looked at, and killed if it runs still.
TRAINS = 1.5
MOVES, MOST_GROWTH = 1000, 50  # MB


def code_cells(path: Path) -> list[nbformat.NotebookNode]:
    return [cell for cell in read(path).cells if cell.cell_type == "code"]


def tags(cell: nbformat.NotebookNode) -> set[str]:
    return set(cell.metadata.get("tags", []))


def run(kernel: Kernel, cell: nbformat.NotebookNode) -> str:
    """What a cell prints; one that shall raise must."""
    if "raises-exception" in tags(cell):
        with pytest.raises(CellFailed, match=cell.outputs[0].ename):
            kernel.run(cell.source)
        return ""
    try:
        return kernel.run(cell.source)
    except CellFailed as fault:
        raise AssertionError(f"{cell.id}: {fault}") from None


def megabytes(kernel: Kernel) -> float:
    return psutil.Process(kernel.manager.provisioner.pid).memory_info().rss / 2**20


# --- restarts, and cells twice --------------------------------------------------------------------------------------


@LESSONS
def test_killed_in_the_middle_of_a_training_and_restarted_it_runs_every_cell_twice(path):
    """The second time gives what the first gave, results within the range of the study; no file of the course moves."""
    before, began = files(), time.monotonic()
    with Kernel(NOTEBOOKS) as kernel:
        killed = start_a_training(kernel, code_cells(path))
        kernel.restart()
        for cell in code_cells(path):
            first, second = run(kernel, cell), run(kernel, cell)
            if "nbval-check-output" in tags(cell):
                assert second == first, cell.id
        figures = killed, f"{time.monotonic() - began:.0f}", f"{megabytes(kernel):,.0f}"
        long_page.keep("killed", path.stem, *figures)
    assert files() == before


def start_a_training(kernel: Kernel, cells: list[nbformat.NotebookNode]) -> str:
    """Run the cells up to the first training, and return while it runs: the cell's name.

    A training is a cell that printed its epochs and seconds. Lessons 12 and 13 have none: any cell that takes its time.
    """
    trainings = {cell.id for cell in cells if TRAINING.search(printed(cell))}
    for cell in cells:
        candidate = cell.id in trainings if trainings else not {"bootstrap", "imports"} & tags(cell)
        if kernel.begin(cell.source, seconds=TRAINS if candidate else 300):
            return cell.id
    assert not trainings, "no training took its time"
    return "none takes so long"


def printed(cell: nbformat.NotebookNode) -> str:
    """What a cell shows as text in its stored form."""
    return "\n".join(out.get("text") or out.get("data", {}).get("text/plain", "") for out in cell.outputs)


def files() -> dict[Path, int]:
    """What is committed and could be changed by a run, and when it was changed last."""
    found = (file for folder in ("notebooks", "helpers", "docs") for file in (ROOT / folder).rglob("*"))
    return {file: file.stat().st_mtime_ns for file in found if file.is_file() and "__pycache__" not in file.parts}


# --- without a network ----------------------------------------------------------------------------------------------

RUN = "import sys; from pathlib import Path; from tools.notebooks import execute; execute(Path(sys.argv[1]))"
#: `make lab` from an installed environment, until the page of lesson 00 and its kernel are there.
OPEN_LAB = """
import json, os, signal, subprocess, time
from pathlib import Path
from urllib.request import Request, urlopen

def opened():
    server = json.loads(next(Path(os.environ["JUPYTER_RUNTIME_DIR"]).glob("jpserver-*.json")).read_text())
    token = "?token=" + server["token"]
    page = urlopen(server["url"] + "lab/tree/00_start_here.ipynb" + token)
    kernel = urlopen(Request(server["url"] + "api/kernels" + token, data=b"{}", method="POST"))
    return f"page {page.status}, kernel {kernel.status}"

make = subprocess.Popen(["make", "--assume-old=requirements.lock", "lab"], start_new_session=True)
try:
    said = None
    while not said and make.poll() is None:
        try:
            said = opened()
        except (OSError, ValueError, StopIteration):
            time.sleep(0.5)
    print(said)
finally:
    os.killpg(make.pid, signal.SIGTERM)
    make.wait()
"""


def offline(tmp_path: Path, *command: str | Path, seconds: float = 900, **options: Path) -> str:
    """What a command prints without a network, in a home where nothing was ever kept."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("COURSE_", "LAB_"))}
    environment |= {"HOME": str(tmp_path), "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"), "BROWSER": "true"}
    inside = sandboxed(sys.executable, *command, offline=True, **options)
    done = subprocess.run(inside, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=seconds)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def test_the_sandbox_has_no_network(tmp_path):
    code = "import socket\ntry: socket.create_connection(('192.0.2.1', 80), 5)\nexcept OSError as error: print(error)"
    assert "Network is unreachable" in offline(tmp_path, "-c", code)


@LESSONS
def test_a_lesson_runs_without_a_network_in_a_folder_that_cannot_be_written(path, tmp_path):
    began = time.monotonic()
    offline(tmp_path, "-c", RUN, path, read_only=ROOT)
    long_page.keep("offline", path.stem, f"{time.monotonic() - began:.0f}")


def test_make_lab_opens_without_a_network(tmp_path):
    assert "page 200, kernel 201" in offline(tmp_path, "-c", OPEN_LAB, seconds=120)


def test_a_lesson_in_jupyterlab_without_a_network(tmp_path):
    """The page asks no other host for its scripts, widgets and formulas."""
    command = ["-m", "pytest", "-p", "no:cacheprovider", "-m", "browser", "-k", "00_start_here"]
    if find_chromium() is None:
        pytest.skip("no Chromium or Chrome on the PATH")
    assert re.search(r"\b1 passed", offline(tmp_path, *command, "tests/browser/test_jupyterlab.py"))


# --- labs -----------------------------------------------------------------------------------------------------------


def test_a_thousand_random_moves_leave_no_error_and_no_memory(monkeypatch):
    monkeypatch.delenv("LAB_SELFTEST", raising=False)
    chooser = random.Random(0)
    labs = [test_labs.real(name) for name in test_labs.MODULES]
    began, sizes = time.monotonic(), []
    for number in range(-4 * len(labs), MOVES):  # the first ones fill what is kept for ever, such as letters drawn
        if number == 0:
            sizes.append(own_megabytes())
        lab = labs[number % len(labs)]
        name = chooser.choice(sorted(lab.controls))
        lab.widgets[name].value = selftest._any_value(lab, name, chooser)
        assert "fault" not in lab.message, f"{lab.title}: {lab.message}"
    sizes.append(own_megabytes())
    growth = sizes[1] - sizes[0]
    figures = f"{MOVES:,} over {len(labs)} labs", f"{time.monotonic() - began:.0f}", f"{growth:+.1f}"
    long_page.keep("moves", "all that the course has", *figures)
    assert growth < MOST_GROWTH


def own_megabytes() -> float:
    gc.collect()
    return psutil.Process().memory_info().rss / 2**20
