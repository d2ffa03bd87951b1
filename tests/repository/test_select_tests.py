"""`make test LESSON=03` runs the lesson's exercises and labs, and `make test LAB=unroll` the lab's tests."""

from __future__ import annotations

import nbformat
import pytest

from tools import select_tests
from tools.notebooks import find


@pytest.fixture
def course(tmp_path):
    """A course of two lessons, the second of which shows two labs; one lab more is shown in neither."""
    cells = {
        "02_plain": "import numpy as np",
        "03_simple_rnn": "from helpers.labs import hidden_states, unroll as unroll_lab",
    }
    (tmp_path / "notebooks").mkdir()
    for name, source in cells.items():
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
        nbformat.write(notebook, tmp_path / "notebooks" / f"{name}.ipynb")
    for folder, prefix in (("helpers/labs", ""), ("tests/labs", "test_")):
        (tmp_path / folder).mkdir(parents=True)
        for lab in ("unroll", "hidden_states", "cliff"):
            (tmp_path / folder / f"{prefix}{lab}.py").touch()
    return tmp_path


def test_a_lesson_is_its_notebook_form_exercises_cells_out_of_order_and_labs(course):
    *paths, option, cases = select_tests.of_lesson("03", root=course)
    assert paths == [
        "notebooks/03_simple_rnn.ipynb",
        "tests/lessons/test_form.py",
        "tests/lessons/test_exercises.py",
        "tests/lessons/test_out_of_order.py",
        "tests/labs/test_hidden_states.py",
        "tests/labs/test_unroll.py",
        "tests/labs/test_contract.py",
    ]
    assert option == "-k"
    assert cases.split(" or ")[:3] == ["03_simple_rnn", "ex-03-", "test_hidden_states.py"]


def test_a_lesson_without_labs_has_no_tests_of_labs(course):
    assert not any("tests/labs" in word for word in select_tests.of_lesson("02", root=course))


def test_a_lab_is_its_own_module_and_what_holds_for_every_lab(course):
    words = select_tests.of_lab("unroll", root=course)
    assert words == [
        "tests/labs/test_unroll.py",
        "tests/labs/test_contract.py",
        "-m",
        "not long",
        "-k",
        "test_unroll.py or [unroll] or [unroll-",
    ]


@pytest.mark.parametrize(("number", "message"), [("3", "two digits of a lesson"), ("99", "no notebook begins with 99")])
def test_an_unknown_lesson_is_refused(number, message, course):
    with pytest.raises(ValueError, match=message):
        select_tests.of_lesson(number, root=course)


def test_an_unknown_lab_is_refused_with_those_that_there_are(capsys):
    assert select_tests.main(["lab", "unrol"]) == 2
    assert "there is no such lab; there are architecture, " in capsys.readouterr().err


def test_a_lab_without_tests_is_named_with_the_file_to_write(course):
    (course / "tests" / "labs" / "test_unroll.py").unlink()
    with pytest.raises(LookupError, match=r"write tests/labs/test_unroll\.py"):
        select_tests.of_lesson("03", root=course)


def test_labs_of_the_course_s_lessons_are_found():
    assert select_tests.labs_of(*find(["03"])) == ["hidden_states", "unroll"]


NAMES = {
    "test_exercises.py test_a_solution_is_accepted[ex-03-1]": True,
    "test_exercises.py test_a_wrong_answer_is_refused_with_help[ex-03-4 no tanh]": True,
    "test_exercises.py test_a_solution_is_accepted[ex-04-1]": False,
    "test_exercises.py test_a_solution_is_accepted[ex-13-1]": False,
    "test_form.py test_rule[03_simple_rnn-tags]": True,
    "test_form.py test_rule[04_deep_rnn-tags]": False,
    "test_contract.py test_the_picture_is_steady[unroll]": True,
    "test_contract.py test_what_is_typed[unroll-weights]": True,
    "test_contract.py test_the_picture_is_steady[cliff]": False,
    "test_unroll.py test_it_opens_on_weights_beyond_its_usual_range": True,
}


@pytest.mark.parametrize("name", NAMES)
def test_the_cases_of_a_lesson_are_its_own(name, course):
    """``-k`` takes a test when one of the words stands in its name or in that of its file."""
    *_, cases = select_tests.of_lesson("03", root=course)
    assert any(case in name for case in cases.split(" or ")) == NAMES[name]
