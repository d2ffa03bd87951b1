"""Every notebook has the form of a lesson, and each rule of that form sees the damage it is there for."""

from __future__ import annotations

import copy

import nbformat
import pytest

from tests.lessons.form import LESSONS, RULES, SECTIONS, SEED, faults, minutes
from tools import links, notebooks

NOTEBOOKS = notebooks.find()


def test_the_folder_holds_numbered_lessons_in_order_and_nothing_else():
    folder = notebooks.ROOT / "notebooks"
    names = sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*.ipynb") if path.parent.name[0] != "."
    )
    expected = [f"{lesson}.ipynb" for lesson in LESSONS]
    assert names == [name for name in expected if name in names]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_readme_s_table_gives_the_lesson_s_title_minutes_and_buttons(path):
    nb = notebooks.read(path)
    title = nb.cells[0].source.splitlines()[0].removeprefix("# ")
    readme = (notebooks.ROOT / "README.md").read_text(encoding="utf-8")
    row = next((line for line in readme.splitlines() if line.startswith(f"| [{title}](notebooks/{path.name})")), "")
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[3:] == [*minutes(nb), links.badges(path.name, links.read_address())]


@pytest.mark.parametrize("check", RULES.values(), ids=RULES.keys())
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook(path, check):
    found = list(check(notebooks.read(path), path.name))
    assert not found, "\n" + "\n".join(f"{path.name}: {fault}" for fault in found)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_file_is_in_its_normal_form(path):
    assert notebooks.difference(path) == []


# What follows makes a lesson that keeps every rule, damages it in one place, and sees the rule for it speak.

NAME = "03_simple_rnn.ipynb"
SLIDES = ", ".join(f"slide {number}" for number in range(12))
RUN_SHEET = (
    f"**Run sheet, 90 minutes.** Hook (20). Lab\n(70). **Ten minutes lost?** Drop it. **Core slides:** {SLIDES}."
)


def text(source, slide="fragment"):
    return nbformat.v4.new_markdown_cell(source, metadata={"slideshow": {"slide_type": slide}})


def code(source, *tags, outputs=(), **arguments):
    metadata = {"slideshow": {"slide_type": "-"}} | ({"tags": list(tags)} if tags else {})
    return nbformat.v4.new_code_cell(source, metadata=metadata, outputs=list(outputs), **arguments)


def picture():
    png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
    metadata = {"image/png": {"alt": "One point"}}
    return nbformat.v4.new_output("display_data", data={"image/png": png, "text/plain": "point"}, metadata=metadata)


def printed(words):
    return nbformat.v4.new_output("stream", name="stdout", text=words)


def exercise(number):
    solution = f"<details><summary>Solution 03.{number}</summary>\n\n```python\nanswer = 1\n```\n\n</details>"
    return [
        code("answer = ...", "exercise", id=f"ex-03-{number}"),
        code(f"checks.ex_03_{number}(answer)", "check", outputs=[printed("not filled yet\n")]),
        text(solution, "skip"),
    ]


@pytest.fixture
def lesson():
    address = links.read_address()
    error = nbformat.v4.new_output("error", ename="ValueError", evalue="no", traceback=["ValueError: no"])
    promise = "After this lesson you can test. **Minutes:** 40 to read and play, 2 to run."
    opening = f"# A lesson\n\n{links.badges(NAME, address)}\n\n{promise}"
    cells = [
        text(opening, "slide"),
        text(RUN_SHEET, "notes"),
        code(links.bootstrap(address, NAME[:2]), "bootstrap"),
        text("## A section\n\n**Predict.** What comes?", "slide"),
        *(code(f"x{i} = {i}") for i in range(15)),
        code(f"{SEED}\nmodel = keras.Sequential([])", outputs=[printed("built\n")]),
        code("lab(model)", "lab", outputs=[picture()]),
        text(f"## {SECTIONS[0]}"),
        code("raise ValueError('no')", "raises-exception", outputs=[error]),
        text("**It means** no. **The mend** is yes."),
        text(f"## {SECTIONS[1]}"),
        *(cell for number in (1, 2, 3) for cell in exercise(number)),
        text(f"## {SECTIONS[2]}"),
        text(f"## {SECTIONS[3]}\n\n**Terms** **Sources** **Next**"),
    ]
    for count, cell in enumerate((cell for cell in cells if cell.cell_type == "code"), start=1):
        cell.execution_count = count
    return notebooks.normalise(nbformat.v4.new_notebook(cells=cells))


def test_a_lesson_that_keeps_every_rule_has_no_faults(lesson):
    assert faults(lesson, NAME) == []


def model_cell(nb):
    return next(cell for cell in nb.cells if "Sequential" in cell.source)


def lab_cell(nb):
    return next(cell for cell in nb.cells if "lab" in cell.metadata.get("tags", []))


def mend_cell(nb):
    return next(cell for cell in nb.cells if "**The mend**" in cell.source)


def tag(cell, name):
    cell.metadata["tags"] = [name]


DAMAGE = {
    "opening: button of another lesson": lambda nb: nb.cells[0].update(
        source=nb.cells[0].source.replace("03_simple_rnn", "04_deep_rnn")
    ),
    "opening: no minutes": lambda nb: nb.cells[0].update(
        source=nb.cells[0].source.replace("40 to read", "long to read")
    ),
    "opening: no title": lambda nb: nb.cells.pop(0),
    "bootstrap: changed by hand": lambda nb: nb.cells[2].update(source=nb.cells[2].source + "\nx = 1"),
    "bootstrap: tag lost": lambda nb: nb.cells[2].metadata.pop("tags"),
    "sections: no Recap": lambda nb: nb.cells[-1].update(source="## The end"),
    "sections: no lab": lambda nb: nb.cells.remove(lab_cell(nb)),
    "sections: no Predict": lambda nb: nb.cells[3].update(source="## A section"),
    "heading_order: two titles": lambda nb: nb.cells[3].update(source="# A section\n\n**Predict.**"),
    "heading_order: a level skipped": lambda nb: nb.cells[3].update(source="### A section\n\n**Predict.**"),
    "alternative_text: none": lambda nb: lab_cell(nb).outputs[0].update(metadata={}),
    "alternative_text: none in the text": lambda nb: nb.cells[1].update(source="![](picture.png)"),
    "executed: a count missing": lambda nb: nb.cells[5].update(execution_count=None),
    "executed: run out of order": lambda nb: nb.cells[5].update(execution_count=99),
    "executed: an error stored": lambda nb: nb.cells[5].metadata.update(tags=["raises-exception"]),
    "executed: lab without a picture": lambda nb: lab_cell(nb).update(outputs=[]),
    "normal_form: widget state": lambda nb: nb.metadata.update(widgets={"state": {}}),
    "normal_form: timings": lambda nb: nb.cells[5].metadata.update(execution={"iopub.status.busy": "12:00"}),
    "normal_form: widget view": lambda nb: (
        lab_cell(nb).outputs[0].data.update({"application/vnd.jupyter.widget-view+json": {"model_id": "1"}})
    ),
    "size: too large": lambda nb: nb.cells[1].update(source="x" * 1_000_000),
    "short_cells: longer than a screen": lambda nb: nb.cells[5].update(source="\n".join(["x = 1"] * 41)),
    "short_cells: too few": lambda nb: nb.cells.__delitem__(slice(5, 12)),
    "plain_python: magic": lambda nb: nb.cells[5].update(source="%matplotlib inline"),
    "plain_python: shell": lambda nb: nb.cells[5].update(source="!pip install keras"),
    "stable_text: seconds": lambda nb: model_cell(nb).outputs.append(printed("trained in 3.2 s\n")),
    "stable_text: address": lambda nb: model_cell(nb).outputs.append(printed("<object at 0x7f1dc6f89a10>\n")),
    "stable_text: nothing to check": lambda nb: tag(nb.cells[5], "nbval-check-output"),
    "slides: none": lambda nb: nb.cells[5].metadata.pop("slideshow"),
    "slides: no notes": lambda nb: nb.cells[1].metadata.slideshow.update(slide_type="skip"),
    "run_sheet: none": lambda nb: nb.cells[1].update(source="Talk about it"),
    "run_sheet: a minute too long": lambda nb: nb.cells[1].update(source=RUN_SHEET.replace("70", "71")),
    "run_sheet: nothing to drop": lambda nb: nb.cells[1].update(
        source=RUN_SHEET.replace("Ten minutes lost?", "In short")
    ),
    "run_sheet: too few core slides": lambda nb: nb.cells[1].update(source=RUN_SHEET.replace("slide 0, ", "")),
    "mistakes_explained: not": lambda nb: mend_cell(nb).update(source="Mend it"),
    "mistakes_explained: no mend": lambda nb: mend_cell(nb).update(source="**It means** no."),
    "mistakes_explained: not a paragraph of its own": lambda nb: mend_cell(nb).update(
        source="So: " + mend_cell(nb).source
    ),
    "mistakes_explained: in another section": lambda nb: nb.cells.append(nb.cells.pop(nb.cells.index(mend_cell(nb)))),
    "recorded_in_the_open: in a function": lambda nb: model_cell(nb).update(
        source="def keep(value):\n    scores.record('a', table='b', value=value, unit='MSE')"
    ),
    "seeded: not": lambda nb: model_cell(nb).update(source="model = keras.Sequential([])"),
    "seeded: by a line that comes too late": lambda nb: model_cell(nb).update(source=f"x = 1\n{model_cell(nb).source}"),
    "seeded: not in its function": lambda nb: model_cell(nb).update(
        source="def make():\n    return keras.Sequential([])"
    ),
    "known_tags: a typing error": lambda nb: tag(nb.cells[5], "excercise"),
    "unique_ids: one twice": lambda nb: nb.cells[5].update(id=nb.cells[6].id),
    "exercises: a wrong id": lambda nb: next(c for c in nb.cells if c.id == "ex-03-2").update(id="ex-03-9"),
    "exercises: no solution": lambda nb: nb.cells.remove(next(c for c in nb.cells if "Solution 03.2" in c.source)),
    "exercises: no check": lambda nb: nb.cells.remove(next(c for c in nb.cells if "ex_03_3" in c.source)),
    "exercises: filled in": lambda nb: next(c for c in nb.cells if c.id == "ex-03-1").update(source="answer = 1"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_is_named_by_its_rule(lesson, damage):
    name = damage.split(":")[0]
    damaged = copy.deepcopy(lesson)
    DAMAGE[damage](damaged)
    assert list(RULES[name](damaged, NAME)), f"the rule {name} did not see it"


def test_a_function_or_a_loop_may_set_the_seed(lesson):
    for block in ("def make(rate):", "for rate in rates:"):
        model_cell(lesson).source = f"{block}\n    {SEED}\n    model = keras.Sequential([])"
        assert list(RULES["seeded"](lesson, NAME)) == []


def test_every_rule_is_seen_at_work():
    assert {damage.split(":")[0] for damage in DAMAGE} == set(RULES)
