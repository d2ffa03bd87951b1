"""helpers.checks: every answer gets one line, hints come in stages, answers survive in a file."""

from __future__ import annotations

import errno
import functools
import inspect
import json
import linecache
import os
import re
from pathlib import Path

import nbformat
import numpy as np
import pytest

from helpers import checks
from helpers.checks import base
from helpers.checks.base import NotYet, Wrong, as_array, as_number, brief, call, check_of
from helpers.checks.source import text_of
from tests.support.kernel import Kernel
from tests.support.sandbox import full_disk

ROOT = Path(__file__).resolve().parents[2]


ALL = dict(base.EXERCISES)


@pytest.fixture(autouse=True)
def _own_exercises(monkeypatch):
    monkeypatch.setattr(base, "EXERCISES", {})


@pytest.fixture
def said(capsys):
    """The one line that was printed since it was last asked for."""

    def line() -> str:
        printed = capsys.readouterr().out
        assert printed.endswith("\n")
        assert printed.count("\n") == 1, printed
        return printed[:-1]

    return line


def double(title: str = "99.1"):
    """An exercise: a function that doubles its input, an array."""

    @check_of(title, "double it", hints=["think of twice", "x + x", "def f(x): return 2 * x"])
    def check(answer):
        """Twice the input."""
        x = np.array([1.0, 2.0])
        got = as_array(call(answer, x), (2,))
        if not np.allclose(got, 2 * x):
            raise Wrong(f"for {brief(x)} expected {brief(2 * x)}, got {brief(got)}")
        return "Twice is x + x."

    return check


def value(check, title="99.2"):
    return check_of(title, "a number", hints=["a", "b", "c"])(check)


# --- one line for every answer --------------------------------------------------------------------------------------


def stub(x): ...


def half_filled(x):
    y = 2 * x  # noqa: F841
    ...


@pytest.mark.parametrize("answer", [..., stub, half_filled, lambda x: None, lambda x: ...])
def test_a_stub_is_answered_not_yet(said, answer):
    double()(answer)
    line = said()
    assert line.startswith("… 99.1 is not filled in yet")
    assert "checks.hint('99.1')" in line


def test_a_function_without_return_is_told_that_it_returns_nothing(said):
    double()(half_filled)
    assert "the function returns nothing" in said()


def test_a_right_answer_is_praised_with_a_fact(said):
    double()(lambda x: x + x)
    assert said() == "✓ 99.1 is right. Twice is x + x."
    assert base.EXERCISES["99.1"].solved


def test_a_wrong_answer_hears_input_expectation_and_result(said):
    double()(lambda x: x)
    assert said() == "✗ 99.1 not right yet: for [1.0, 2.0] expected [2.0, 4.0], got [1.0, 2.0]."
    assert not base.EXERCISES["99.1"].solved


def test_a_function_that_raises_hears_its_error_and_the_input(said):
    double()(lambda x: x / "2")
    line = said()
    assert line.startswith("✗ 99.1 not right yet: for [1.0, 2.0] it raised ")
    assert "UFuncTypeError" in line or "TypeError" in line


class Awkward:
    """Raises whatever is asked of it."""

    def __repr__(self):
        raise RuntimeError("no repr")

    def __array__(self, *arguments, **keywords):
        raise RuntimeError("no array")

    def __eq__(self, other):
        raise RuntimeError("no comparison")

    __hash__ = None


def leaves(x):
    raise SystemExit("bye")


def deep(x):
    return deep(x)


def many_lines(x):
    raise ValueError("first\n\n  second\r\nthird " + "long " * 1000)


def mute(x):
    class Mute(Exception):
        def __str__(self):
            raise RuntimeError("no text")

    raise Mute


def objects(*values):
    made = np.empty(len(values), dtype=object)
    for place, value in enumerate(values):
        made[place] = value
    return made


WEIRD = {
    "None": None,
    "text": "text",
    "lines": "a\nb",
    "NaN": float("nan"),
    "empty": [],
    "dict": {"a": 1},
    "type": int,
    "built-in": len,
    "object": object(),
    "awkward": Awkward(),
    "gives awkward": lambda x: Awkward(),
    "no arguments": lambda: 1,
    "generator": (n for n in range(3)),
    "gives a generator": lambda x: (n for n in x),
    "SystemExit": leaves,
    "recursion": deep,
    "many lines": many_lines,
    "mute error": mute,
    "strings": np.array(["a", "b"]),
    "objects": objects(None, Awkward()),
    "ragged": lambda x: [[1], [1, 2]],
    "complex": lambda x: x * 1j,
    "dates": np.array(["2018-01-01"], dtype="datetime64[D]"),
    "huge": 10**400,
    "wrong shape": lambda x: x[:, None],
}


@pytest.mark.parametrize("what", WEIRD)
def test_no_answer_raises_is_right_or_takes_a_second_line(said, what):
    double()(WEIRD[what])
    line = said()
    assert line[0] in "✗…"
    assert len(line) < 700


@pytest.mark.parametrize("what", WEIRD)
def test_no_answer_escapes_a_check_that_asks_for_a_number(said, what):
    def check(answer):
        as_number(answer)
        return "A number."

    value(check)(WEIRD[what])
    assert said()[0] in "✗…"


@pytest.mark.parametrize("fault", [KeyError("k"), ZeroDivisionError("two\nlines"), SystemExit(3), RecursionError()])
def test_a_fault_of_the_check_itself_is_one_line_too(said, fault):
    def check(answer):
        raise fault

    value(check)(7)
    line = said()
    assert line.startswith(f"✗ 99.2 could not be checked: {type(fault).__name__}")
    assert "The answer was 7" in line


def test_an_interruption_is_no_answer():
    def check(answer):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        value(check)(7)


def test_a_function_that_changes_its_input_cannot_change_the_checks_own(said):
    def doubles_in_place(x):
        x *= 2
        return x

    double()(doubles_in_place)
    assert said().startswith("✓")


def test_a_check_keeps_its_name_and_docstring_for_help():
    check = double()
    assert check.__name__ == "check"
    assert inspect.getdoc(check) == "Twice the input."


@pytest.mark.parametrize("hints", [[], ["one"], ["1", "2", "3", "4"]])
def test_an_exercise_has_three_hints(hints):
    with pytest.raises(ValueError, match=r"99\.9 has \d hints; expected three"):
        check_of("99.9", "", hints=hints)


# --- what checks are made of ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", [3, 3.0, np.float32(3), np.int64(3), np.array([3.0]), np.array(3), [3], (3.0,)])
def test_a_number_is_taken_in_any_of_its_types(answer):
    assert as_number(answer) == 3.0


@pytest.mark.parametrize(
    "answer",
    [True, np.True_, "3", [3, 4], [], ["3"], np.nan, np.inf, 10**400, 3j, np.array([1, 2]), np.array(["3"]), Awkward()],
)
def test_what_is_no_single_finite_number_is_wrong(answer):
    with pytest.raises(Wrong, match="expected one number for the length"):
        as_number(answer, "the length")


@pytest.mark.parametrize("answer", [..., None])
def test_a_number_may_still_be_missing(answer):
    with pytest.raises(NotYet):
        as_number(answer)


def test_an_array_is_taken_from_lists_and_refused_by_shape_or_type():
    assert as_array([1, 2], (2,)).tolist() == [1.0, 2.0]
    with pytest.raises(Wrong, match=r"the states has shape \(1, 2\); expected \(2,\)"):
        as_array([[1, 2]], (2,), "the states")
    with pytest.raises(Wrong, match="expected an array of numbers"):
        as_array(["a", "b"], (2,))


def test_a_call_passes_all_arguments_and_names_them_when_it_fails():
    assert call(lambda a, *, b: a - b, 5, b=2) == 3
    with pytest.raises(Wrong, match=r"for 5, b=0 it raised ZeroDivisionError"):
        call(lambda a, *, b: a / b, 5, b=0)


def test_what_is_falsy_is_an_answer_all_the_same():
    assert call(lambda: 0) == 0
    assert call(lambda: []) == []


@pytest.mark.parametrize("answer", [3, "f", [len]])
def test_what_cannot_be_called_is_wrong(answer):
    with pytest.raises(Wrong, match="expected a function"):
        call(answer)


@pytest.mark.parametrize("what", WEIRD)
def test_anything_is_shown_in_one_short_line(what):
    text = brief(WEIRD[what])
    assert "\n" not in text
    assert 0 < len(text) <= 160


def test_floats_and_arrays_are_shown_rounded():
    assert brief(1 / 3) == brief(np.float32(1 / 3)) == "0.333333"
    assert brief(np.array([1 / 3])) == "[0.3333]"
    assert brief(np.zeros((50, 2))) == "an array of shape (50, 2) starting with [0.0, 0.0, 0.0, 0.0]"


# --- hints and summary ----------------------------------------------------------------------------------------------


def test_hints_come_in_stages_and_start_again_after_the_third(said):
    double()
    lines = []
    for _ in range(4):
        checks.hint("99.1")
        lines.append(said())
    assert [line.split(":")[0] for line in lines] == [f"Hint {n} of 3 for 99.1" for n in (1, 2, 3, 1)]
    assert lines[0] == lines[3]
    assert "x + x" in lines[1]


@pytest.mark.parametrize("written", ["3.1", "03.1", 3.1, " 3.1 ", "ex_03_1", np.float64(3.1)])
def test_a_hint_takes_the_number_as_people_write_it(said, written):
    double("03.1")
    checks.hint(written)
    assert said() == "Hint 1 of 3 for 03.1: think of twice"


@pytest.mark.parametrize(
    ("wrong", "answer"),
    [
        ("99.7", "There is no exercise 99.7; lesson 99 has 99.1, 99.2."),
        (99, "Which exercise; lesson 99 has 99.1, 99.2."),
        ("97.1", "There is no lesson 97 with exercises."),
        ("", "There is no exercise ''."),
        (None, "There is no exercise None."),
        (["99.1"], "There is no exercise ['99.1']."),
        (Awkward(), "There is no exercise a Awkward."),
    ],
)
def test_a_hint_for_no_exercise_names_those_of_that_lesson_alone(said, wrong, answer):
    for number in ("98.1", "99.1", "99.2"):
        double(number)
    checks.hint(wrong)
    line = said()
    assert line.startswith(answer)
    assert "98.1" not in line
    assert ("98, 99" in line) == ("lesson 99" not in answer)


def test_the_summary_counts_solved_and_open_of_one_lesson(said):
    check, other = double("98.1"), double("99.1")
    check(lambda x: 2 * x)
    said()
    other(lambda x: x)
    said()
    checks.summary()
    assert said() == "Solved 1 of 2: 98.1. Still open: 99.1."
    checks.summary("99")
    assert said() == "Solved 0 of 1: none. Still open: 99.1."


@pytest.mark.parametrize("lesson", [3, "3", "03", 3.0, np.int64(3)])
def test_the_summary_takes_the_lesson_as_people_write_it(said, lesson):
    double("03.1")
    double("13.1")
    checks.summary(lesson)
    assert said() == "Solved 0 of 1: none. Still open: 03.1."


@pytest.mark.parametrize("lesson", [97, "97", "", "three", True, 3.5, Awkward()])
def test_the_summary_of_no_lesson_says_which_there_are(said, lesson):
    double("98.1")
    double("99.1")
    checks.summary(lesson)
    line = said()
    assert line.startswith("There is no lesson ")
    assert line.endswith("with exercises; there are 98, 99.")


# --- the list of exercises ------------------------------------------------------------------------------------------


def test_a_check_is_found_by_its_number_without_a_second_list(said):
    double("99.1")
    checks.ex_99_1(lambda x: 2 * x)
    assert said().startswith("✓ 99.1 is right")
    assert "ex_99_1" in dir(checks)
    with pytest.raises(AttributeError, match="has no ex_99_2; lesson 99 has ex_99_1"):
        _ = checks.ex_99_2
    with pytest.raises(ImportError):
        from helpers.checks import ex_99_3  # noqa: F401


def test_all_checks_of_the_lessons_are_there_by_their_names():
    assert len(ALL) > 70
    assert sorted({number[:2] for number in ALL})[:3] == ["00", "01", "02"]
    for number, task in ALL.items():
        assert task.check.__name__ == task.name == f"ex_{number.replace('.', '_')}"
        assert task.check.__doc__


# --- answers in a file ----------------------------------------------------------------------------------------------


def twice(x):
    return 2 * x


def keep_me(cls):
    return cls


def test_an_answer_comes_back_from_the_file_as_its_source(tmp_path, said, capsys, monkeypatch):
    file = tmp_path / "mine.json"
    double()(twice)
    said()
    checks.save(file)
    assert said() == "1 answer of this notebook kept in mine.json, 1 in all."
    monkeypatch.setattr(base, "EXERCISES", {})
    double()
    checks.load(file)
    assert capsys.readouterr().out == "# 99.1: solved\ndef twice(x):\n    return 2 * x\n\n"
    checks.summary()
    assert said().startswith("Solved 1 of 1")


def test_a_wrong_answer_is_kept_as_open(tmp_path, said):
    double()(lambda x: x)
    said()
    checks.save(tmp_path / "a.json")
    assert json.loads((tmp_path / "a.json").read_text())["99.1"]["solved"] is False


def test_trying_something_wrong_after_the_right_answer_keeps_the_right_one(tmp_path, said):
    check = double()
    for answer in (twice, lambda x: x, stub, 3):
        check(answer)
        said()
    checks.save(tmp_path / "a.json")
    kept = json.loads((tmp_path / "a.json").read_text())["99.1"]
    assert kept["solved"] is True
    assert "return 2 * x" in kept["answer"]


def test_trying_something_wrong_on_another_day_keeps_the_right_one(tmp_path, said, monkeypatch):
    file = tmp_path / "a.json"
    double()(twice)
    checks.save(file)
    monkeypatch.setattr(base, "EXERCISES", {})  # a new kernel
    double()(lambda x: x)
    checks.save(file)
    entry = json.loads(file.read_text())["99.1"]
    assert entry == {"solved": True, "kept": True, "answer": "def twice(x):\n    return 2 * x"}


def test_a_value_is_kept_whole_so_that_it_can_be_pasted(tmp_path, said):
    answer = [round(0.1 * k, 1) for k in range(60)]
    value(lambda answer: "Right.")(answer)
    said()
    checks.save(tmp_path / "a.json")
    assert json.loads(json.loads((tmp_path / "a.json").read_text())["99.2"]["answer"]) == answer


LOST = {
    "awkward": (Awkward(), "a Awkward"),
    "large array": (np.zeros(5000), "an array of shape (5000,) and type float64"),
    "dict of arrays": ({"plain": np.zeros(5000), "n": 3}, "a dict: 'plain' an array of shape (5000,)"),
    "long list": (list(range(20_000)), "a list of 20,000 entries"),
    "built-in": (len, "a builtin_function_or_method"),
    "class without source": (type("Cell", (), {}), "the source of Cell cannot be read here; copy it from its cell"),
    "function without source": (eval("lambda x: x"), "the source of <lambda> cannot be read here"),
}


@pytest.mark.parametrize("what", LOST)
def test_what_cannot_be_kept_is_said_and_described(tmp_path, said, what):
    answer, words = LOST[what]
    value(lambda answer: "Right.")(answer)
    said()
    checks.save(tmp_path / "a.json")
    line = said()
    assert line.startswith("0 answers of this notebook kept in a.json, 0 in all. Not kept, only noted there: 99.2 (")
    assert words in line
    entry = json.loads((tmp_path / "a.json").read_text())["99.2"]
    assert entry["kept"] is False
    assert entry["answer"].startswith(f"# not kept: {words}")


def test_only_the_last_answer_decides_whether_an_exercise_is_right():
    check = double()
    assert not checks.is_right("99.1")
    check(twice)
    assert checks.is_right("99.1")
    check(lambda x: x)
    assert not checks.is_right("99.1")
    assert base.EXERCISES["99.1"].solved
    with pytest.raises(ValueError, match="There is no exercise"):
        checks.is_right("99.9")


def test_the_text_behind_python_c_is_no_source(monkeypatch):
    # Python 3.13 keeps it under the file name that exec and eval give to what they compile
    monkeypatch.setitem(linecache.cache, "<string>", (17, None, ["import sys; main()\n"], "<string>"))
    text, kept = text_of(eval("lambda x: x"))
    assert not kept
    assert "main" not in text


def test_what_cannot_be_kept_does_not_replace_what_was(tmp_path, said, monkeypatch):
    file = tmp_path / "a.json"
    double()(twice)
    checks.save(file)
    monkeypatch.setattr(base, "EXERCISES", {})
    double()(eval("lambda x: 2 * x"))
    checks.save(file)
    assert json.loads(file.read_text())["99.1"]["answer"] == "def twice(x):\n    return 2 * x"


def test_an_answer_that_a_check_stumbles_over_is_kept_as_open(tmp_path, said):
    def check(answer):
        raise KeyError("k")

    value(check)(twice)
    said()
    checks.save(tmp_path / "a.json")
    entry = json.loads((tmp_path / "a.json").read_text())["99.2"]
    assert entry == {"solved": False, "kept": True, "answer": "def twice(x):\n    return 2 * x"}


@pytest.mark.parametrize("answer", ["\ud800", None, 2.5, {"a": [1, 2]}, np.arange(3)])
def test_any_value_can_be_saved(tmp_path, said, answer):
    value(lambda answer: "Right.")(answer)
    said()
    checks.save(tmp_path / "a.json")
    assert said() == "1 answer of this notebook kept in a.json, 1 in all."
    assert json.loads((tmp_path / "a.json").read_text())["99.2"]["solved"] is True


LEAKY = """@keep_me
class Leaky:  # its comment
    size = 3

    def call(self, x):
        return x"""


@keep_me
class Leaky:  # its comment
    size = 3

    def call(self, x):
        return x


@functools.lru_cache
def cached(x):
    return twice(x)


@pytest.mark.parametrize(
    ("answer", "source"),
    [
        (Leaky, "@keep_me\nclass Leaky:  # its comment\n    size = 3\n\n    def call(self, x):\n        return x"),
        (
            Leaky().call,
            "@keep_me\nclass Leaky:  # its comment\n    size = 3\n\n    def call(self, x):\n        return x",
        ),
        (cached, "@functools.lru_cache\ndef cached(x):\n    return twice(x)"),
        (functools.partial(twice, 3), "# functools.partial with 3 of:\ndef twice(x):\n    return 2 * x"),
    ],
)
def test_a_definition_is_kept_as_it_was_written(answer, source):
    assert text_of(answer) == (source, True)


CELLS = """
import numpy as np
from helpers import checks
from helpers.checks import base
=====
unused = 1
FACTOR = 2

def twice(x):
    return FACTOR * x

def answer(X):
    unused = 5  # its own
    return twice(X)
=====
class Empty:
    size = 3
=====
%%time
class Timed:
    size = 4
=====
class Empty:
    size = 5
=====
four = lambda x: 4 * x; five = 5
=====
def outer():
    def inner(x):
        return x
    return inner
=====
class Callable:
    def __call__(self, x):
        return x
=====
for name, one in {"f": answer, "e": Empty, "t": Timed, "l": four, "i": outer(), "c": Callable()}.items():
    print(f"--- {name}")
    print(*base.text_of(one), sep="\\n")
"""

IN_A_KERNEL = """--- f
FACTOR = 2

def twice(x):
    return FACTOR * x

def answer(X):
    unused = 5  # its own
    return twice(X)
True
--- e
class Empty:
    size = 5
True
--- t
class Timed:
    size = 4
True
--- l
four = lambda x: 4 * x; five = 5
True
--- i
def outer():
    def inner(x):
        return x
    return inner
True
--- c
# an object of this class:
class Callable:
    def __call__(self, x):
        return x
True
"""


def test_in_a_notebook_classes_functions_and_lambdas_are_kept_and_what_they_use_of_their_cell(tmp_path):
    with Kernel(tmp_path, PYTHONPATH=str(ROOT)) as kernel:
        printed = [kernel.run(cell.strip()) for cell in CELLS.split("=====\n")]
    assert printed[-1] == IN_A_KERNEL


def test_the_solution_of_07_3_comes_back_from_its_file_in_another_kernel(tmp_path):
    """A class: Python alone cannot find its source in a notebook."""
    source = nbformat.read(ROOT / "notebooks" / "07_layer_norm_cells.ipynb", as_version=4)
    texts = "\n".join(cell.source for cell in source.cells if "Solution 07.3" in cell.source)
    solution = re.search(r"Solution 07\.3.*?```python\n(.*?)```", texts, re.DOTALL)[1].strip()
    with Kernel(tmp_path, PYTHONPATH=str(ROOT)) as kernel:
        kernel.run("import keras\nfrom helpers import checks")
        kernel.run(solution)
        assert kernel.run("checks.ex_07_3(LeakyCell)").startswith("✓ 07.3 is right")
        assert kernel.run("checks.save()") == "1 answer of this notebook kept in my_answers.json, 1 in all.\n"
        kernel.restart()
        kernel.run("from helpers import checks")
        printed = kernel.run("checks.load()")
        assert printed == f"# 07.3: solved\n{solution}\n\n"
        assert kernel.run("checks.summary(7)").startswith("Solved 1 of 4: 07.3.")


def test_saving_keeps_what_another_lesson_saved(tmp_path, said, monkeypatch):
    file = tmp_path / "a.json"
    double("98.1")(twice)
    said()
    checks.save(file)
    said()
    monkeypatch.setattr(base, "EXERCISES", {})  # another notebook
    double("99.1")(twice)
    said()
    checks.save(file)
    assert said() == "1 answer of this notebook kept in a.json, 2 in all."
    assert set(json.loads(file.read_text())) == {"98.1", "99.1"}


def test_saving_before_anything_was_answered_loses_nothing(tmp_path, said):
    file = tmp_path / "a.json"
    file.write_text('{"98.1": {"solved": true, "answer": "42"}}')
    double()
    checks.save(file)
    said()
    assert json.loads(file.read_text())["98.1"]["answer"] == "42"


BROKEN = {
    "empty": b"",
    "no JSON": b"hello",
    "half": b'{"99.1": {"solved": tr',
    "a list": b"[1, 2]",
    "a number": b"3",
    "no answer": b'{"99.1": {"solved": true}}',
    "an answer of another form": b'{"99.1": "def f(x): return x"}',
    "not UTF-8": b'\xff\xfe{"99.1"',
    "deep": b"[" * 100_000,
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_file_is_said_to_be_broken_and_is_not_overwritten(tmp_path, said, what):
    file = tmp_path / "a.json"
    file.write_bytes(BROKEN[what])
    double()(twice)
    said()
    checks.load(file)
    assert said().startswith("a.json is not a file that checks.save() wrote")
    checks.save(file)
    assert "Nothing was changed" in said()
    assert file.read_bytes() == BROKEN[what]


def test_no_file_a_folder_and_a_place_that_cannot_be_written_are_said(tmp_path, said):
    checks.load(tmp_path / "a.json")
    assert "There is no file a.json" in said()
    checks.load(tmp_path)
    assert "is not a file that checks.save() wrote" in said()
    double()(twice)
    said()
    checks.save(tmp_path / "nowhere" / "a.json")
    assert "could not be written" in said()


def test_in_a_folder_that_cannot_be_written_save_asks_for_another_place(tmp_path, said, monkeypatch):
    def refuse(path, *arguments, **options):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    double()(twice)
    said()
    monkeypatch.setattr(Path, "write_text", refuse)
    checks.save(tmp_path / "a.json")
    assert "a.json could not be written (PermissionError: [Errno 13] Permission denied" in (line := said())
    assert line.endswith("give save another place.")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="the size of files is limited as on Linux and macOS")
def test_on_a_full_disk_the_answers_of_before_stay(tmp_path, said):
    file = tmp_path / "a.json"
    value(lambda answer: "yes")(1)
    said()
    checks.save(file)
    said()
    before = file.read_bytes()
    value(lambda answer: "yes", "99.3")("long" * 400)
    said()
    with full_disk(1024):
        checks.save(file)
    assert "could not be written" in said()
    assert file.read_bytes() == before
    assert list(tmp_path.iterdir()) == [file]


def test_nothing_in_a_loaded_file_is_executed(tmp_path, capsys):
    trap = tmp_path / "trap"
    code = f"open({str(trap)!r}, 'w').close()"
    (tmp_path / "a.json").write_text(json.dumps({"99.1": {"solved": True, "answer": code}}))
    double()
    checks.load(tmp_path / "a.json")
    assert code in capsys.readouterr().out
    assert not trap.exists()


def test_loading_an_older_file_does_not_unsolve_what_was_solved_since(tmp_path, said, capsys):
    (tmp_path / "a.json").write_text('{"99.1": {"solved": false, "answer": "lambda x: x"}}')
    double()(twice)
    said()
    checks.load(tmp_path / "a.json")
    capsys.readouterr()
    checks.summary()
    assert said().startswith("Solved 1 of 1")


def test_an_answer_of_a_lesson_that_is_not_here_is_printed_all_the_same(tmp_path, capsys):
    (tmp_path / "a.json").write_text('{"97.1": {"solved": true, "answer": "42"}}')
    checks.load(tmp_path / "a.json")
    assert capsys.readouterr().out == "# 97.1: solved\n42\n\n"
