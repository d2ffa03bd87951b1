"""Cells out of order: a lab, an exercise or its check is run first; a sentence says what to run instead."""

from __future__ import annotations

import contextlib
import io

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from helpers import runtime
from tests.support.lessons import LESSONS, notebook, tagged, tags
from tools.notebooks import ROOT, plain
from tools.trainings import trains

#: Lines that IPython shows of a NameError in the longest of these cells: until the set-up cell has run, nothing helps.
IPYTHON_S_OWN = 20


class Shell:
    """IPython, and what it shows of the last error."""

    def __init__(self) -> None:
        self.ip = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
        self.ip._showtraceback = lambda kind, error, lines: self.shown.extend(plain("\n".join(lines)).splitlines())
        self.shown: list[str] = []

    def run(self, source: str) -> list[str]:
        """The lines of the error that a cell shows, none when all is well."""
        self.shown = []
        with contextlib.redirect_stdout(io.StringIO()):
            self.ip.run_cell(source)
        return self.shown


@pytest.fixture
def shell(monkeypatch):
    monkeypatch.chdir(ROOT / "notebooks")
    yield Shell()
    InteractiveShell.clear_instance()


def told(lines: list[str]) -> bool:
    """Whether that is one sentence about a missing name and what to do."""
    return len(lines) == 1 and lines[0].startswith("NameError: name ") and lines[0].endswith(runtime.MISSING_NAME)


of_lessons = pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)


@of_lessons
def test_first_of_all_cells_a_lab_or_exercise_shows_few_lines(path, shell):
    for cell in tagged(path, "lab", "check", "exercise"):
        lines = shell.run(cell.source)
        assert "exercise" in tags(cell) or lines[-1].startswith("NameError: name "), cell.id
        assert len(lines) <= IPYTHON_S_OWN, cell.id


@of_lessons
def test_after_the_set_up_cell_alone_a_lab_or_exercise_is_answered_in_a_sentence(path, shell):
    for cell in tagged(path, "bootstrap"):
        assert shell.run(cell.source) == []
    for cell in tagged(path, "lab", "check", "exercise"):
        lines = shell.run(cell.source)
        assert told(lines) or ("exercise" in tags(cell) and not lines), cell.id


@pytest.mark.once
@pytest.mark.keras
@of_lessons
def test_before_its_data_or_model_a_lab_or_exercise_is_answered_in_a_sentence(path, shell):
    for cell in tagged(path, "bootstrap", "imports"):
        assert shell.run(cell.source) == []
    before = dict(shell.ip.user_ns)
    for cell in tagged(path, "lab", "check", "exercise"):
        lines = shell.run(cell.source)
        assert not lines or told(lines), (cell.id, lines)
        shell.ip.user_ns.clear()
        shell.ip.user_ns.update(before)


@pytest.mark.once
@pytest.mark.keras
@of_lessons
def test_where_no_training_was_run_a_lab_or_exercise_runs_or_is_answered_in_a_sentence(path, shell):
    """Someone in a hurry skips what takes seconds: the cells that printed their epochs and seconds.

    Other cells may miss an entry of a dictionary, too, which IPython tells in a few lines.
    """
    for cell in notebook(path).cells:
        if cell.cell_type != "code" or "raises-exception" in tags(cell) or trains(cell):
            continue
        lines, strict = shell.run(cell.source), {"lab", "check", "exercise"} & tags(cell)
        assert not lines or told(lines) or (not strict and len(lines) <= IPYTHON_S_OWN), (cell.id, lines)


CASES = {
    "in the cell": ("x = 1\nmissing", "NameError: name 'missing' is not defined (line 2). "),
    "in a comprehension": ("[missing for _ in 'a']", "NameError: name 'missing' is not defined (line 1). "),
    "in a function of another cell": (
        "train()",
        "NameError: name 'data' is not defined (line 3 of the cell that makes ",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_the_sentence_names_the_line(case, shell):
    shell.run("from helpers import runtime\nreport = runtime.start()\nreport = runtime.start()")
    shell.run("def train():\n    x = 1\n    return data")
    source, beginning = CASES[case]
    lines = shell.run(source)
    assert told(lines)
    assert lines[0].startswith(beginning)


OTHERS = {
    "another error": "1 / 0",
    "a failed import": "import no_such_module",
    "a local name": "def f():\n    x\n    x = 1\nf()",
    "a name that is missing elsewhere": "exec('missing', {})",
}


@pytest.mark.parametrize("source", OTHERS.values(), ids=OTHERS)
def test_other_errors_are_shown_as_ever(source, shell):
    shell.run("from helpers import runtime\nreport = runtime.start()")
    lines = shell.run(source)
    assert len(lines) > 4
    assert runtime.MISSING_NAME not in "".join(lines)


def test_who_explained_errors_before_goes_on(shell):
    """Colab adds a note to an import that fails."""

    def explain(ip, kind, error, trace, tb_offset=None):
        ip._showtraceback(kind, error, ["Install it."])

    shell.ip.set_custom_exc((ImportError,), explain)
    shell.run("from helpers import runtime\nreport = runtime.start()")
    assert shell.run("import no_such_module") == ["Install it."]
    assert told(shell.run("missing"))
