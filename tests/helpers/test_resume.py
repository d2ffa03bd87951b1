"""runtime.resume: which cells a section needs, and that they run in the reader's notebook."""

from __future__ import annotations

import doctest

import nbformat
import pytest

from helpers import names, resume, runtime
from helpers.resume import CannotResume, needed_cells
from tests.support.kernel import Kernel
from tools import notebooks
from tools.notebooks import ROOT


def code(source, *tags):
    return nbformat.v4.new_code_cell(source, metadata={"tags": list(tags)})


def text(source):
    return nbformat.v4.new_markdown_cell(source)


def lesson(above, below=()):
    """A notebook of one cell in section 1 for each text in ``above`` (all tagged restore), and section 2."""
    cells = [cell if isinstance(cell, dict) else code(cell, "restore") for cell in above]
    return nbformat.v4.new_notebook(cells=[text("# L"), text("## 1 A"), *cells, text("## 2 B"), *map(code, below)])


def needed(above, *below):
    """The positions among ``above`` that section 2 needs."""
    return [position - 2 for position in needed_cells(lesson(above, below), 2).cells]


@pytest.mark.parametrize("module", [names, resume])
def test_doctests_run(module):
    failed, attempted = doctest.testmod(module)
    assert failed == 0
    assert attempted


# --- which cells ----------------------------------------------------------------------------------------------------

CASES = {
    "a name that is used": (["x = 1", "y = 2"], ["print(x)"], [0]),
    "nothing": (["x = 1"], ["y = 2; print(y)"], []),
    "through another cell": (["x = 1", "y = x"], ["print(y)"], [0, 1]),
    "through a function's body": (["x = 1", "def f():\n    return x"], ["f()"], [0, 1]),
    "through a function of a cell below its own": (
        ["def f():\n    return g()", "def g():\n    return 1"],
        ["f()"],
        [0, 1],
    ),
    "through a class": (["class A:\n    pass", "class B(A):\n    pass"], ["B()"], [0, 1]),
    "through a method": (["x = 1", "class B:\n    def b(self):\n        return x"], ["B()"], [0, 1]),
    "through a default": (["x = 1", "def f(a=x):\n    return a"], ["f()"], [0, 1]),
    "through a decorator": (["def d(f):\n    return f", "@d\ndef f():\n    return 1"], ["f()"], [0, 1]),
    "a parameter is no name of the notebook": (["x = 1", "def f(x):\n    return x"], ["f(2)"], [1]),
    "nor is a local name": (["x = 1", "def f():\n    x = 2\n    return x"], ["f()"], [1]),
    "nor is a comprehension's": (["x = 1", "y = [x for x in range(3)]"], ["print(y)"], [1]),
    "a comprehension reads its source": (["x = [1]", "y = [i for i in x]"], ["print(y)"], [0, 1]),
    "only the last maker": (["x = 1", "x = 2"], ["print(x)"], [1]),
    "a maker that needs the one before": (["x = 1", "x = x + 1"], ["print(x)"], [0, 1]),
    "an addition in place": (["x = 1", "x += 1"], ["print(x)"], [0, 1]),
    "one branch does not make it alone": (["x = 1", "if a:\n    x = 2"], ["print(x)"], [0, 1]),
    "both branches do": (["x = 1", "if a:\n    x = 2\nelse:\n    x = 3"], ["print(x)"], [1]),
    "a loop's body": (["for i in range(3):\n    x = i"], ["print(x)"], [0]),
    "a with block": (["with open('a') as file:\n    x = file.read()"], ["print(x)"], [0]),
    "several targets": (["(a, b), *c = d()", "y = 1"], ["print(c)"], [0]),
    "a method call": (["v = V()", "v.adapt(1)"], ["v(2)"], [0, 1]),
    "a method that only reads": (["v = V()", "print(v.mean())"], ["v(2)"], [0]),
    "an item set": (["d = {}", "d['a'] = 1"], ["print(d)"], [0, 1]),
    "an attribute set deep inside": (["m = M()", "m.layers[0].rate = 1"], ["m(2)"], [0, 1]),
    "a method of a module changes nothing": (["import numpy as np", "y = np.zeros(3)"], ["np.ones(2)"], [0]),
    "a function of the lesson that trains its argument": (
        ["def train(model):\n    return model.fit(1)", "m = M()", "history = train(m)"],
        ["m(2)"],
        [0, 1, 2],
    ),
    "by keyword, through another function": (
        ["def a(x):\n    x.fit()", "def b(*, model):\n    a(model)", "m = M()", "b(model=m)"],
        ["m(2)"],
        [0, 1, 2, 3],
    ),
    "a function of the lesson that fills a table": (
        ["kept = {}", "def keep(x):\n    kept[x] = 1", "keep(3)"],
        ["print(kept)"],
        [0, 1, 2],
    ),
    "a study's settings are no reader's": (["x = 1"], ["if runtime.is_study():\n    print(x)"], []),
    "used in a later cell": (["x = 1"], ["y = 1", "print(x)"], [0]),
    "made in the section": (["x = 1"], ["x = 2", "print(x)"], []),
    "made in the section after its use": (["x = 1"], ["print(x)", "x = 2"], [0]),
    "used in a function that the section defines": (["x = 1"], ["def f():\n    return x"], [0]),
    "IPython's own lines": (["x = 1"], ["%time print(1)\nprint(x)"], [0]),
    "a slip on purpose": (["x = 1"], ["print(x"], []),
    "an error caught": (["x = 1"], ["try:\n    f()\nexcept ValueError as x:\n    print(x)"], []),
}


@pytest.mark.parametrize("case", CASES)
def test_a_section_needs(case):
    above, below, cells = CASES[case]
    assert needed(above, *below) == cells


def test_cells_without_one_of_the_tags_do_not_run_and_their_names_are_missing():
    nb = lesson([code("x = 1"), code("import y", "imports"), "z = x"], ["print(y, z)"])
    assert needed_cells(nb, 2) == ([3, 4], ["z"], {"x": 2})


def test_what_the_set_up_cell_makes_is_at_hand():
    nb = lesson([code("from helpers import runtime", "bootstrap")], ["runtime.seed"])
    assert needed_cells(nb, 2) == ([], [], {})


def test_builtins_and_names_of_nobody_are_not_missing():
    assert needed_cells(lesson(["x = 1"], ["print(nobody)"]), 2).missing == {}


def test_a_section_is_found_by_its_whole_number():
    nb = nbformat.v4.new_notebook(cells=[code("x = 1", "restore"), text("## 10 A"), code("x"), text("Text\n\n## 1 B")])
    assert needed_cells(nb, 10).cells == [0]
    assert needed_cells(nb, 1).cells == []


@pytest.mark.parametrize("section", [3, 0, -1, "B"])
def test_a_section_that_is_not_there_is_refused_in_a_sentence(section):
    with pytest.raises(CannotResume, match=rf"This lesson has no section {section!r}; it has 1 to 2\."):
        needed_cells(lesson(["x = 1"]), section)


@pytest.mark.parametrize("path", notebooks.find(), ids=lambda path: path.stem)
def test_each_section_of_a_lesson_can_be_read_and_its_cells_stand_above_it(path):
    nb = notebooks.read(path)
    assert resume.sections(nb)
    for section in resume.sections(nb):
        found = needed_cells(nb, section)
        assert all(resume.RUNS & set(nb.cells[position].metadata.tags) for position in found.cells)
        assert not set(found.missing) & {name for p in found.cells for name in names.names_of(nb.cells[p].source).binds}


def test_lesson_03_restores_its_data_and_its_network_for_section_7():
    found = needed_cells(resume.read_lesson("03"), 7)
    assert {"X_valid", "y_valid", "twenty"} <= set(found.made)
    assert "neuron" not in found.made


# --- running them ---------------------------------------------------------------------------------------------------


def test_without_a_lesson_it_says_to_run_the_set_up_cell(monkeypatch):
    monkeypatch.setattr(runtime, "lesson", "")
    with pytest.raises(CannotResume, match="run the set-up cell"):
        runtime.resume(section=2)


def test_outside_of_a_notebook_it_says_so(monkeypatch):
    monkeypatch.setattr(runtime, "lesson", "03")
    with pytest.raises(CannotResume, match="call it in a cell of the lesson"):
        runtime.resume(section=2)


def test_a_lesson_that_the_course_does_not_have_is_named():
    with pytest.raises(CannotResume, match="no notebook that begins with 99"):
        resume.read_lesson("99")


CALL = """
from helpers import resume, runtime
resume.NOTEBOOKS = __import__("pathlib").Path({folder!r})
runtime.lesson = "77"
try:
    runtime.resume(section={section})
except resume.CannotResume as error:
    print(*error._render_traceback_())
"""


def test_in_a_kernel_the_cells_run_in_the_reader_s_notebook(tmp_path):
    above = [code("import math", "imports"), "print('data')\nx = math.pi", code("gone = 1"), "unused = 1"]
    nb = lesson(above, ["print(x, gone)"])
    nb.cells += [text("## 3 C"), code("left = 1 / 0", "restore"), text("## 4 D"), code("left")]
    nbformat.write(nb, tmp_path / "77_lesson.ipynb")
    with Kernel(ROOT) as kernel:
        printed = kernel.run(CALL.format(folder=str(tmp_path), section=2)).splitlines()
        assert printed == [
            "data",
            "Ready for section 2: x, in 0 s.",
            "gone is still missing: run the cell that begins with `gone = 1` where you need it.",
        ]
        assert kernel.run("print(round(x, 2), 'unused' in globals())") == "3.14 False\n"
        printed = kernel.run(CALL.format(folder=str(tmp_path), section=1)).splitlines()
        assert printed == ["Ready for section 1: it needs nothing that the sections above make."]
        printed = kernel.run(CALL.format(folder=str(tmp_path), section=4)).splitlines()
        assert printed == ["Stopped at the cell of lesson 77 that begins with `left = 1 / 0`."]
