"""What takes minutes: each lesson killed, run twice, its labs moved; without a network. `make test-long`."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import psutil
import pytest

from tests.browser.conftest import find_chromium
from tests.long import long_page
from tests.support.kernel import CellFailed, Kernel
from tests.support.sandbox import sandboxed
from tools.machine import clean_environment
from tools.notebooks import ROOT, find, read
from tools.trainings import trains

pytestmark = pytest.mark.long

NOTEBOOKS = ROOT / "notebooks"
LESSONS = pytest.mark.parametrize("path", find(), ids=lambda path: path.stem)
#: Seconds after which a cell is looked at, and killed if it runs still, in lesson 13, which trains nothing.
RUNS = 1.5
#: Random moves over the labs of a lesson, and the most MB by which its kernel may grow meanwhile.
MOVES, MOST_GROWTH = 1000, 50
MOVE = "import json\nfrom tests.support import moves\nprint(json.dumps(moves.make({})))"


def code_cells(path: Path) -> list[nbformat.NotebookNode]:
    return [cell for cell in read(path).cells if cell.cell_type == "code"]


def tags(cell: nbformat.NotebookNode) -> set[str]:
    return set(cell.metadata.get("tags", []))


def run(kernel: Kernel, cell: nbformat.NotebookNode) -> str:
    """What a cell prints; one that shall raise must."""
    if "raises-exception" in tags(cell):
        (error,) = [output for output in cell.outputs if output.output_type == "error"]
        with pytest.raises(CellFailed, match=error.ename):
            kernel.run(cell.source)
        return ""
    try:
        return kernel.run(cell.source)
    except CellFailed as fault:
        raise AssertionError(f"{cell.id}: {fault}") from None


def megabytes(kernel: Kernel) -> float:
    return psutil.Process(kernel.manager.provisioner.pid).memory_info().rss / 2**20


# --- restarts, cells twice, and labs ---------------------------------------------------------------------------------


@LESSONS
def test_killed_in_the_middle_of_a_training_and_restarted_it_runs_every_cell_twice(path):
    """The second time gives what the first gave, results within the range of the study; no file of the course moves.

    Then its labs are moved at random, on the models that it has just trained: no error, and no growth of memory. Each
    lab is there twice, as its cell was run twice.
    """
    before, began = files(), time.monotonic()
    with Kernel(NOTEBOOKS) as kernel:
        killed = start_a_training(kernel, code_cells(path))
        kernel.restart()
        for cell in code_cells(path):
            first, second = run(kernel, cell), run(kernel, cell)
            if "nbval-check-output" in tags(cell):
                assert second == first, cell.id
        twice = killed, f"{time.monotonic() - began:.0f}", f"{megabytes(kernel):,.0f}"
        moved = json.loads(kernel.run(MOVE.format(MOVES)))
    assert files() == before
    assert moved["growth"] < MOST_GROWTH
    assert moved["labs"] == 2 * sum("lab" in tags(cell) for cell in code_cells(path)) > 0
    long_page.keep("killed", path.stem, *twice)
    figures = str(moved["labs"]), f"{MOVES:,}", f"{moved['seconds']:.0f}", f"{moved['growth']:+.1f}"
    long_page.keep("moves", path.stem, *figures)


def start_a_training(kernel: Kernel, cells: list[nbformat.NotebookNode]) -> str:
    """Run the cells up to the first training, and return while it runs: the cell's name.

    A training is a cell that printed its epochs and seconds; it is looked at after half of those that its first fit
    took when the lesson was stored, when it is compiled and in its epochs. Lesson 13 has none: any cell that takes its
    time.
    """
    trainings = {cell.id: fits[0][1] / 2 for cell in cells if (fits := trains(cell))}
    for cell in cells:
        if "raises-exception" in tags(cell):
            run(kernel, cell)
            continue
        candidate = cell.id in trainings if trainings else not {"bootstrap", "imports"} & tags(cell)
        if kernel.begin(cell.source, seconds=trainings.get(cell.id, RUNS) if candidate else 300):
            return cell.id
    assert not trainings, "no training took its time"
    return "none takes so long"


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

make = subprocess.Popen(["make", "--assume-old=.venv/.synced", "lab"], start_new_session=True)
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
    environment = clean_environment() | {"HOME": str(tmp_path), "BROWSER": "true"}
    environment |= {"JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime")}
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
