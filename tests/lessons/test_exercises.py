"""Every exercise: its stub is answered "not yet", its solution is right, wrong answers are refused with help."""

from __future__ import annotations

import ast
import contextlib
import functools
import importlib
import io
import re
from pathlib import Path

import pytest

from tests.support import lessons

SOLUTION = re.compile(
    r"<details><summary>Solution (\d\d)\.(\d)</summary>\s+```python\n(.*?)```.*?</details>", re.DOTALL
)
#: What loads Keras, which takes ten seconds.
OF_KERAS = re.compile(r"^(import (keras|tensorflow)|from helpers import training)\b", re.MULTILINE)
#: The call that trains.
TRAINS = re.compile(r"\bfit\(|\btrain\w*\(")
NONSENSE = ["None", "'text'", "float('nan')", "[]", "{}", "object()", "lambda *a, **k: 'x'", "lambda: 1", "print"]


class Lesson:
    """The exercises of one notebook, and a namespace in which they can be answered."""

    def __init__(self, path: Path) -> None:
        self.stubs = {cell.id: cell.source for cell in lessons.tagged(path, "exercise")}
        self.solutions = {
            f"ex-{lesson}-{number}": source
            for cell in lessons.notebook(path).cells
            if cell.cell_type == "markdown"
            for lesson, number, source in SOLUTION.findall(cell.source)
        }
        self.checks = {}
        for cell in lessons.tagged(path, "check"):
            if found := re.search(r"checks\.ex_(\d\d)_(\d)\(", cell.source):
                self.checks[f"ex-{found[1]}-{found[2]}"] = cell.source
        self.steps = lessons.steps([cell.source for cell in lessons.tagged(path, *lessons.MAKING)])

    @functools.cached_property
    def namespace(self) -> lessons.Namespace:
        """What the cells tagged imports and restore define."""
        return lessons.Namespace(self.steps)

    def answer(self, exercise: str, source: str) -> str:
        """What the check prints for an answer given as source code, without what a training printed before it."""
        code = f"{source}\n{self.checks[exercise]}"
        names = self.namespace.for_code(code)
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            lessons.execute(code, names)
        text = printed.getvalue()
        verdict = re.search(r"^[✓✗…].*", text, re.MULTILINE | re.DOTALL)
        return (verdict[0] if verdict else text).strip()

    def trains(self, exercise: str, source: str) -> bool:
        """Whether an answer given as source code trains, or a cell of the lesson that it needs."""
        code = f"{source}\n{self.checks.get(exercise, '')}"
        ran = [source, *(self.steps[place].source for place in lessons.needed(self.steps, code))]
        statements = [statement for part in ran for statement in ast.parse(part).body]
        return any(TRAINS.search(ast.unparse(one)) for one in statements if not isinstance(one, ast.FunctionDef))

    def uses_keras(self, exercise: str) -> bool:
        """Whether the solution needs Keras, directly or through a cell of the lesson."""
        code = f"{self.solutions.get(exercise, '')}\n{self.checks.get(exercise, '')}"
        return any(OF_KERAS.search(self.steps[place].source) for place in lessons.needed(self.steps, code))


LESSONS = {path.stem[:2]: Lesson(path) for path in lessons.LESSONS}


@functools.cache
def needs_keras(lesson: str, exercise: str) -> bool:
    """Whether the solution of an exercise needs Keras."""
    return LESSONS[lesson].uses_keras(exercise)


def exercise_param(lesson: str, exercise: str, *values: str, id: str, answer: str = "") -> object:
    """A case of an exercise, with the mark ``once`` where its answer trains, and ``keras``."""
    marks = [pytest.mark.keras] if needs_keras(lesson, exercise) else []
    marks += [pytest.mark.once] if answer and LESSONS[lesson].trains(exercise, answer) else []
    return pytest.param(lesson, exercise, *values, id=id, marks=marks)


EXERCISES = [
    exercise_param(number, exercise, id=exercise) for number, lesson in LESSONS.items() for exercise in lesson.stubs
]
SOLVED = [
    exercise_param(number, exercise, id=exercise, answer=lesson.solutions.get(exercise, ""))
    for number, lesson in LESSONS.items()
    for exercise in lesson.stubs
]


def wrong_answers(lesson: str) -> dict[str, list[tuple[str, str, str]]]:
    return importlib.import_module(f"tests.lessons.wrong_answers.lesson_{lesson}").WRONG


WRONG = [
    exercise_param(
        number,
        f"ex-{exercise.replace('.', '-')}",
        source,
        word,
        id=f"ex-{exercise.replace('.', '-')} {what}",
        answer=source,
    )
    for number in LESSONS
    for exercise, answers in wrong_answers(number).items()
    for what, source, word in answers
]


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_has_enough_exercises_and_each_has_check_solution_and_three_wrong_answers(lesson: str) -> None:
    parts = LESSONS[lesson]
    assert len(parts.stubs) >= (1 if lesson == "00" else 3)
    assert parts.stubs.keys() == parts.checks.keys() == parts.solutions.keys()
    few = [exercise for exercise, answers in wrong_answers(lesson).items() if len(answers) < 3]
    assert few == []
    assert {f"ex-{exercise.replace('.', '-')}" for exercise in wrong_answers(lesson)} == parts.stubs.keys()


@pytest.mark.parametrize(("lesson", "exercise"), EXERCISES)
def test_a_stub_is_answered_not_yet(lesson: str, exercise: str) -> None:
    line = LESSONS[lesson].answer(exercise, LESSONS[lesson].stubs[exercise])
    assert line.startswith("…"), line


@pytest.mark.parametrize(("lesson", "exercise"), SOLVED)
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
def test_nonsense_never_raises_and_is_never_right(lesson: str, exercise: str) -> None:
    from helpers import checks

    for nonsense in NONSENSE:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            getattr(checks, exercise.replace("-", "_"))(eval(nonsense))
        assert printed.getvalue().strip().splitlines()[-1][0] in "✗…", nonsense


def test_an_answer_runs_those_cells_alone_that_it_needs() -> None:
    """The chain data, model, fit; a function that calls another one; and a cell that nobody needs."""
    cells = [
        "import math\nimport no_such_module",
        "log = []\ndata = 3",
        "log.append('unneeded')\nother = 1 / 0",
        "def model():\n    return data + late",
        "late = math.floor(4.5)",
        "data = 10",
    ]
    namespace = lessons.Namespace(lessons.steps(cells))
    names = namespace.for_code("model()")
    lessons.execute("answer = model()", names)
    assert names["answer"] == 7
    assert "no_such_module" not in names
    assert "other" not in names
    assert lessons.Namespace(lessons.steps(cells)).for_code("data")["data"] == 10


def test_a_cell_that_an_earlier_answer_did_not_need_is_run_in_its_turn() -> None:
    """The model of the second cell is not the first cell's, whatever was asked for first."""
    cells = ["model = [1]", "size = len(model)", "model = [1, 2]", "model.append(3)"]
    namespace = lessons.Namespace(lessons.steps(cells))
    assert namespace.for_code("model")["model"] == [1, 2, 3]
    assert namespace.for_code("size")["size"] == 1
    assert namespace.for_code("model")["model"] == [1, 2, 3]
