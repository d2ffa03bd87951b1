"""A checkout that cannot be written: lessons run in it, and what wants to write says so in a sentence."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import nbformat
import pytest

from tests.support.sandbox import sandboxed
from tools.notebooks import ROOT

CELLS = (
    (ROOT / "tools" / "bootstrap.py").read_text(encoding="utf-8"),
    "from helpers import baselines, checks, plots, scores, series\nfrom helpers.labs import window",
    "traffic = series.load_traffic()['traffic']\nlab = window.lab(traffic, split='2018-05-01')\nlab.set(length=100)",
    "scores.record('Naive', table='t', value=1.0, unit='MSE')\nchecks.save()",
)
#: Runs a notebook and keeps what it prints to itself.
RUN = """
import sys
from pathlib import Path
from tools.notebooks import execute
for cell in execute(Path(sys.argv[1])).cells:
    print("".join(output.get("text", "") for output in cell.outputs), end="")
"""


@pytest.fixture
def course(tmp_path):
    """A copy of what runs a lesson, with one small lesson."""
    root = tmp_path / "course"
    for folder in ("helpers", "studies", "tools"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", root)
    (root / "notebooks").mkdir()
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), root / "notebooks" / "03_small.ipynb")
    return root


def run(course, *command):
    """A command with nothing of its own but the interpreter, in a course that cannot be written."""
    inside = sandboxed(sys.executable, *command, read_only=course)
    home = course.parent / "home"
    home.mkdir()
    before = {path: path.stat().st_mtime_ns for path in course.rglob("*")}
    done = subprocess.run(inside, cwd=course, env=os.environ | {"HOME": str(home)}, capture_output=True, text=True)
    assert {path: path.stat().st_mtime_ns for path in course.rglob("*")} == before
    return done


def test_the_sandbox_keeps_everybody_from_writing(course):
    done = run(course, "-c", "open('new', 'w')")
    assert "Read-only file system" in done.stderr


def test_a_lesson_runs_and_answers_that_cannot_be_kept_are_said_to_be(course):
    done = run(course, "-c", RUN, "notebooks/03_small.ipynb")
    assert done.returncode == 0, done.stderr
    assert "my_answers.json could not be written (OSError: [Errno 30] Read-only file system" in done.stdout
    assert "give save another place" in done.stdout


def test_a_study_says_that_it_cannot_be_kept(course):
    done = run(course, "-m", "studies.run", "03")
    assert done.returncode == 1
    assert done.stderr.startswith("The study cannot be kept here: [Errno 30] Read-only file system")
    assert done.stderr.count("\n") == 1


def test_the_tool_that_stores_a_lesson_says_that_it_could_not(course):
    done = run(course, "-m", "tools.notebooks", "03")
    assert done.returncode == 1
    assert "03_small.ipynb failed and is left as it was:\n[Errno 30] Read-only file system" in done.stderr
    assert "Traceback" not in done.stderr
