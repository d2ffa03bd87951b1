"""Every exercise: its stub is answered "not yet", its solution is right, wrong answers are refused with help."""

from __future__ import annotations

import ast
import contextlib
import importlib
import io
import re
from pathlib import Path
from types import CodeType

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SOLUTION = re.compile(
    r"<details><summary>Solution (\d\d)\.(\d)</summary>\s+```python\n(.*?)```.*?</details>", re.DOTALL
)


class Lesson:
    """The exercises of one notebook, and a namespace in which they can be answered."""

    def __init__(self, path: Path) -> None:
        cells = nbformat.read(path, as_version=4).cells
        self.number = path.stem[:2]
        self.stubs = {cell.id: cell.source for cell in cells if "exercise" in tags(cell)}
        self.solutions = {
            f"ex-{lesson}-{number}": source
            for cell in cells
            if cell.cell_type == "markdown"
            for lesson, number, source in SOLUTION.findall(cell.source)
        }
        self.checks = {}
        for cell in cells:
            if "check" in tags(cell) and (found := re.search(r"checks\.ex_(\d\d)_(\d)\(", cell.source)):
                self.checks[f"ex-{found[1]}-{found[2]}"] = cell.source
        self.setup = [cell.source for cell in cells if {"imports", "restore"} & tags(cell)]
        self._namespace: dict | None = None

    def answer(self, exercise: str, source: str) -> str:
        """The line that the check prints for an answer given as source code."""
        namespace = dict(self.namespace)
        execute(source, namespace)
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            execute(self.checks[exercise], namespace)
        return printed.getvalue().strip()

    @property
    def namespace(self) -> dict:
        """What the cells tagged imports and restore define; run once."""
        if self._namespace is None:
            namespace: dict = {}
            for source in ("from helpers import runtime\nreport = runtime.start()", *self.setup):
                execute(source, namespace)
            self._namespace = namespace
        return self._namespace


def tags(cell: nbformat.NotebookNode) -> set[str]:
    return set(cell.metadata.get("tags", []))


def execute(source: str, namespace: dict) -> None:
    code: CodeType = compile(ast.parse(source), "<answer>", "exec")
    exec(code, namespace)


LESSONS = {path.stem[:2]: Lesson(path) for path in NOTEBOOKS}
EXERCISES = [(number, exercise) for number, lesson in LESSONS.items() for exercise in lesson.stubs]


def wrong_answers(lesson: str) -> dict[str, list[tuple[str, str, str]]]:
    return importlib.import_module(f"tests.lessons.wrong_answers.lesson_{lesson}").WRONG


WRONG = [
    pytest.param(number, f"ex-{exercise.replace('.', '-')}", source, word, id=f"{exercise} {what}")
    for number in sorted({number for number, _ in EXERCISES})
    for exercise, answers in wrong_answers(number).items()
    for what, source, word in answers
]


@pytest.mark.parametrize(("lesson", "exercise"), EXERCISES)
def test_an_exercise_has_stub_check_and_solution(lesson: str, exercise: str) -> None:
    assert exercise in LESSONS[lesson].checks
    assert exercise in LESSONS[lesson].solutions


@pytest.mark.parametrize(("lesson", "exercise"), EXERCISES)
def test_a_stub_is_answered_not_yet(lesson: str, exercise: str) -> None:
    line = LESSONS[lesson].answer(exercise, LESSONS[lesson].stubs[exercise])
    assert line.startswith("…"), line


@pytest.mark.parametrize(("lesson", "exercise"), EXERCISES)
def test_a_solution_is_accepted(lesson: str, exercise: str) -> None:
    line = LESSONS[lesson].answer(exercise, LESSONS[lesson].solutions[exercise])
    assert line.startswith("✓"), line


@pytest.mark.parametrize(("lesson", "exercise", "source", "word"), WRONG)
def test_a_wrong_answer_is_refused_with_help(lesson: str, exercise: str, source: str, word: str) -> None:
    line = LESSONS[lesson].answer(exercise, source)
    assert line.startswith("✗"), line
    assert word in line
    assert "could not be checked" not in line


@pytest.mark.parametrize(("lesson", "exercise"), EXERCISES)
def test_an_exercise_has_at_least_three_wrong_answers(lesson: str, exercise: str) -> None:
    assert len(wrong_answers(lesson)[exercise.removeprefix("ex-").replace("-", ".")]) >= 3


@pytest.mark.parametrize("lesson", sorted(LESSONS))
def test_a_lesson_has_enough_exercises(lesson: str) -> None:
    assert len(LESSONS[lesson].stubs) >= (1 if lesson == "00" else 3)


@pytest.mark.parametrize(
    "nonsense", ["None", "'text'", "float('nan')", "[]", "{}", "object()", "lambda *a, **k: 'x'", "lambda: 1", "print"]
)
@pytest.mark.parametrize(("lesson", "exercise"), EXERCISES)
def test_nonsense_never_raises_and_is_never_right(lesson: str, exercise: str, nonsense: str) -> None:
    from helpers import checks

    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        getattr(checks, exercise.replace("-", "_"))(eval(nonsense))
    assert printed.getvalue().strip().splitlines()[-1][0] in "✗…"
