"""The page "If you see this error" is made from the lessons, and says of each mistake what the lesson says."""

from __future__ import annotations

import nbformat
import pytest

from tools import errors, notebooks

ROOT = notebooks.ROOT


def test_the_committed_page_is_what_the_lessons_make():
    stored = (ROOT / errors.PAGE).read_text(encoding="utf-8")
    assert stored == errors.page(notebooks.find()), "run `make index`"


def test_every_error_that_a_lesson_prints_is_explained():
    assert errors.unexplained(notebooks.find()) == []


def test_an_error_that_nobody_explains_is_named(tmp_path):
    cell = nbformat.v4.new_code_cell(outputs=[nbformat.v4.new_output("stream", text="ValueError: brand new\n")])
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "01_new.ipynb")
    (fault,) = errors.unexplained([tmp_path / "01_new.ipynb"])
    assert "01_new.ipynb prints 'ValueError: brand new'" in fault


def test_every_error_raised_on_purpose_is_on_the_page():
    stored = (ROOT / errors.PAGE).read_text(encoding="utf-8")
    for path in notebooks.find():
        nb = notebooks.read(path)
        raised = [
            errors.message(output)
            for cell in nb.cells
            if cell.cell_type == "code"
            for output in cell.outputs
            if output.output_type == "error"
        ]
        assert [text for text in raised if f"```text\n{text}\n```" not in stored] == [], path.name
        assert stored.count(f"](../notebooks/{path.name}#") >= len(raised), path.name


def failure(ename, evalue):
    return nbformat.v4.new_output("error", ename=ename, evalue=evalue, traceback=[])


@pytest.mark.parametrize(
    ("evalue", "shown"),
    [
        ("name 'x' is not defined", "name 'x' is not defined"),
        (
            "Graph execution error:\n\nDetected at node mse/sub defined at (most recent call last):\n<stack traces "
            "unavailable>\nIncompatible shapes: [500,50] vs. [500,24]\n\t [[{{node mse/sub}}]]\n\ttf2xla conversion "
            "failed\n\t [[while]] [Op:__inference_21587]",
            "Graph execution error:\nIncompatible shapes: [500,50] vs. [500,24]",
        ),
        (
            "Exception encountered when calling Block.call().\n\n\x1b[1m{{function_node __wrapped__AddV2_device}} "
            "Incompatible shapes: [8,50] vs. [8,30] [Op:AddV2] name: \x1b[0m\n\nArguments received by Block:\n"
            "  • inputs=tf.Tensor(shape=(8, 50), dtype=float32)",
            "Exception encountered when calling Block.call().\nIncompatible shapes: [8,50] vs. [8,30]",
        ),
        (
            "Dimensions must be equal, but are 64 and 24 for '{{node mae/mul}} = Mul[T=DT_FLOAT](mae/Mean, data)' with "
            "input shapes: [64], [64,24].",
            "Dimensions must be equal, but are 64 and 24 … with input shapes: [64], [64,24].",
        ),
    ],
)
def test_a_message_keeps_what_one_would_search_for(evalue, shown):
    assert errors.message(failure("E", evalue)) == f"E: {shown}"


def lesson(*cells):
    made = [nbformat.v4.new_markdown_cell("# 03 A lesson")]
    for cell in cells:
        if isinstance(cell, str):
            made.append(nbformat.v4.new_markdown_cell(cell))
        else:
            made.append(nbformat.v4.new_code_cell("x", metadata={"tags": ["raises-exception"]}, outputs=[cell]))
    return nbformat.v4.new_notebook(cells=made)


TOLD = "**It means** {0}. **The fix** is {0}:"
SILENT = "**You see** nothing. **It means** luck. **The fix** is to look."


def write(folder, nb):
    path = folder / "notebooks" / "03_a_lesson.ipynb"
    path.parent.mkdir(exist_ok=True)
    notebooks.write_text(path, notebooks.dump(notebooks.normalise(nb)))
    return path


def test_the_page_holds_the_error_the_lesson_s_sentences_and_a_link(tmp_path):
    nb = lesson(
        "## 5 Broken on purpose\n\n### Two that say so",
        failure("ValueError", "first"),
        f"So.\n\n{TOLD.format('one')}",
        failure("KeyError", "second"),
        TOLD.format("two"),
        "Before.\n\n### One that says nothing\n\n**Predict.** What comes?",
        f"(c). A word.\n\n{SILENT}\n\nAnother.",
    )
    path = write(tmp_path, nb)
    assert errors.main(tmp_path) == 0
    page = (tmp_path / errors.PAGE).read_text(encoding="utf-8")
    assert page == errors.page([path])
    there = "([03 A lesson, 5 Broken on purpose](../notebooks/03_a_lesson.ipynb#5-Broken-on-purpose))"
    first = f"### ValueError\n\n```text\nValueError: first\n```\n\nIt means one. The fix is one. {there}\n"
    second = f"### KeyError\n\n```text\nKeyError: second\n```\n\nIt means two. The fix is two. {there}\n"
    silent = f"- **You see** nothing. It means luck. The fix is to look. {there}\n"
    assert page.index(second) < page.index(first) < page.index("## Nothing is raised, and yet") < page.index(silent)


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param(["## A", failure("E", "e")], id="an error that nothing explains"),
        pytest.param(["## A", failure("E", "e"), SILENT], id="an error explained as if nothing were raised"),
        pytest.param(["## A", failure("E", "e"), TOLD, TOLD], id="one error explained twice"),
        pytest.param(["## A", failure("E", "e"), "## B", TOLD], id="explained in another section"),
        pytest.param(["## A", failure("E", "e"), f"So: {TOLD}"], id="within another paragraph"),
        pytest.param(["## A", failure("E", "e"), TOLD, "**The fix** is to look."], id="a fix of nothing"),
        pytest.param(["## A", f"```text\n{TOLD}\n```", failure("E", "e")], id="within a block of code"),
    ],
)
def test_an_explanation_that_would_not_reach_the_page_is_named(cells, tmp_path, capsys):
    nb = lesson(*cells)
    assert errors.faults(nb)
    write(tmp_path, nb)
    assert errors.main(tmp_path) == 1
    assert errors.faults(nb)[0] in capsys.readouterr().err
    assert not (tmp_path / errors.PAGE).exists()


def test_a_part_that_breaks_something_in_silence_must_say_how_one_sees_it():
    nb = lesson("## Broken on purpose\n\n### One that says nothing")
    nb.cells.append(nbformat.v4.new_code_cell("x"))
    assert errors.faults(nb)
    nb.cells.append(nbformat.v4.new_markdown_cell(SILENT))
    assert errors.faults(nb) == []
