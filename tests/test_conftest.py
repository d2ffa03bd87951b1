"""The rules that tests/conftest.py adds to nbval, seen at work on a notebook made for it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

CONFTEST = Path(__file__).with_name("conftest.py")
ROOT = CONFTEST.parent.parent


def stream(text):
    return [nbformat.v4.new_output("stream", name="stdout", text=text)]


def error(name):
    return [nbformat.v4.new_output("error", ename=name, evalue="", traceback=[name])]


CELLS = {
    "raises what is stored": ("1 / 0", "raises-exception", error("ZeroDivisionError"), "PASSED"),
    "raises nothing": ("1 / 1", "raises-exception", error("ZeroDivisionError"), "FAILED"),
    "raises another error": ("[][0]", "raises-exception", error("ZeroDivisionError"), "FAILED"),
    "stores no error": ("1 / 0", "raises-exception", [], "FAILED"),
    "prints what is stored": ("print(2)", "nbval-check-output", stream("2\n"), "PASSED"),
    "prints something else": ("print(3)", "nbval-check-output", stream("2\n"), "FAILED"),
    "stores nothing to compare": ("print(2)", "nbval-check-output", [], "FAILED"),
    "is not compared": ("print(3)", "nbval-ignore-output", stream("2\n"), "PASSED"),
    "runs as a test": (
        "import os; assert os.environ['COURSE_TEST'] == os.environ['LAB_SELFTEST'] == '1'",
        "",
        [],
        "PASSED",
    ),
    "runs as no study": ("assert 'COURSE_SEED' not in os.environ", "", [], "PASSED"),
}


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory):
    root = tmp_path_factory.mktemp("course")
    for folder in ("tests", "notebooks"):
        (root / folder).mkdir()
    shutil.copy(CONFTEST, root / "tests")
    cells = [
        nbformat.v4.new_code_cell(source, metadata={"tags": [tag]} if tag else {}, outputs=outputs, execution_count=1)
        for source, tag, outputs, _ in CELLS.values()
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), root / "notebooks" / "made.ipynb")
    command = [sys.executable, "-m", "pytest", "--nbval-lax", "--nbval-current-env", "-rA", "-p", "no:cacheprovider"]
    environment = os.environ | {"COURSE_SEED": "1", "COURSE_TEST": "", "LAB_SELFTEST": "", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([*command, "."], cwd=root, env=environment, capture_output=True, text=True, timeout=120)
    output = done.stdout
    lines = re.findall(r"^(PASSED|FAILED) .*::Cell (\d+)", output, re.MULTILINE)
    found = {int(number): verdict for verdict, number in lines}
    assert len(found) == len(CELLS), output
    return {case: found[number] for number, case in enumerate(CELLS)}


@pytest.mark.parametrize("case", CELLS)
def test_a_cell_passes_only_when_it_does_what_is_stored(verdicts, case):
    assert verdicts[case] == CELLS[case][-1]
