"""Every notebook has the form of a lesson, and each rule of that form sees the damage it is there for."""

from __future__ import annotations

import copy
import re
from functools import cache

import nbformat
import pytest

from tests.lessons.form import RULES, SECTIONS, SHUT_DOWN, faults, minutes
from tests.lessons.form_code import SEED, STARTING
from tools import links, notebooks

NOTEBOOKS = notebooks.find()
read = cache(notebooks.read)


def test_the_folder_holds_lessons_numbered_without_a_gap_and_nothing_else():
    folder = notebooks.ROOT / "notebooks"
    names = sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*.ipynb") if path.parent.name[0] != "."
    )
    assert names == [path.name for path in NOTEBOOKS]
    assert [name[:3] for name in names] == [f"{number:02d}_" for number in range(len(names))]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_readme_s_table_gives_the_lesson_s_title_minutes_and_buttons(path):
    nb = read(path)
    title = nb.cells[0].source.splitlines()[0].removeprefix("# ")
    readme = (notebooks.ROOT / "README.md").read_text(encoding="utf-8")
    row = next((line for line in readme.splitlines() if line.startswith(f"| [{title}](notebooks/{path.name})")), "")
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[3:] == [*minutes(nb), links.badges(path.name, links.read_address())]


def test_the_map_in_lesson_00_gives_the_minutes_of_every_lesson():
    text = "\n".join(cell.source for cell in read(NOTEBOOKS[0]).cells)
    rows = re.findall(r"^\| \[[^\]]*\]\((\d\d_\w+\.ipynb)\) \|.*\| ([\d ()]+) \|$", text, re.MULTILINE)
    assert rows == [(path.name, minutes(read(path))[0]) for path in NOTEBOOKS[1:]]


@pytest.mark.parametrize("check", RULES.values(), ids=RULES.keys())
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook(path, check):
    found = list(check(read(path), path.name))
    assert not found, "\n" + "\n".join(f"{path.name}: {fault}" for fault in found)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_file_is_in_its_normal_form(path):
    assert notebooks.difference(path) == []


# What follows makes a lesson that keeps every rule, damages it in one place, and sees the rule for it speak.

NAME = "03_simple_rnn.ipynb"
SLIDES = ", ".join(f"slide {number}" for number in range(12))
RUN_SHEET = (
    "<details><summary>For lecturers</summary>\n\n"
    f"**Run sheet, 90 minutes.** Hook (20). Lab\n(70). **Ten minutes lost?** Drop it. **Core slides:** {SLIDES}."
    "\n\n</details>"
)
RECORD = "# @title Record this result for the score table\nscores.record('a', table='b', value=loss, unit='MSE')"


def text(source, slide="fragment", **metadata):
    return nbformat.v4.new_markdown_cell(source, metadata={"slideshow": {"slide_type": slide}, **metadata})


def code(source, *tags, outputs=(), **arguments):
    metadata = {"slideshow": {"slide_type": "-"}} | ({"tags": list(tags)} if tags else {})
    return nbformat.v4.new_code_cell(source, metadata=metadata, outputs=list(outputs), **arguments)


def picture(before="", after=""):
    png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
    html = f'{before}<img alt="One point" width="1" src="data:image/png;base64,{png}">{after}'
    return nbformat.v4.new_output("display_data", data={"text/html": html, "text/plain": "point"})


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
    opening = "# A lesson\n\nAfter this lesson you can test.\n\n**Minutes:** 40 to read and play, 2 to run."
    lab = picture("<ol><li>Move it.</li></ol>", "<p>It moved.</p>")
    cells = [
        text(opening, "slide"),
        text(RUN_SHEET, "notes", tags=["lecturers"]),
        code(links.bootstrap(address, NAME[:2]), "bootstrap", "machinery"),
        text("## 1 A section\n\n**Predict.** What comes?", "slide"),
        *(code(f"x{i} = {i}", "restore") for i in range(15)),
        text(f"## 2 Another\n\n{STARTING.format(2)}", "slide"),
        code(f"{SEED}\nmodel = keras.Sequential([])\nloss = x3", "restore", outputs=[printed("built\n")]),
        code(RECORD, "machinery"),
        code("lab(model)", "lab", outputs=[lab]),
        code("plots.show(x1)", "figure", outputs=[picture()]),
        text(f"## {SECTIONS[0]}"),
        code("raise ValueError('no')", "raises-exception", outputs=[error]),
        text("**It means** no. **The fix** is yes."),
        text(f"## {SECTIONS[1]}"),
        *(cell for number in (1, 2, 3) for cell in exercise(number)),
        text(f"## {SECTIONS[2]}"),
        text(f"## {SECTIONS[3]}\n\n**Terms** **Sources**\n\n{SHUT_DOWN}\n\n**Next.** More."),
    ]
    cells[4].source = "import keras\n\nfrom helpers import checks, plots, scores\nfrom helpers.labs.unroll import lab"
    cells[4].metadata["tags"] = ["imports"]
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
    return next(cell for cell in nb.cells if "**The fix**" in cell.source)


def machine_cell(nb):
    return next(cell for cell in nb.cells if "scores.record" in cell.source)


def tag(cell, *names):
    cell.metadata["tags"] = list(names)


def replace(cell, old, new):
    assert old in cell.source
    cell.source = cell.source.replace(old, new)


def replace_html(cell, old, new):
    data = cell.outputs[0].data
    assert old in data["text/html"]
    data["text/html"] = data["text/html"].replace(old, new)


DAMAGE = {
    "opening: launch line of another lesson": lambda nb: nb.cells[0].update(
        source=links.with_launch(nb.cells[0].source, "04_deep_rnn.ipynb", links.Address("lee/course", "v1.0.0"))
    ),
    "opening: badges": lambda nb: nb.cells[3].update(source=links.badges(NAME, links.read_address())),
    "opening: no promise": lambda nb: replace(nb.cells[0], "After this lesson you can", "You can"),
    "opening: no minutes": lambda nb: replace(nb.cells[0], "**Minutes:** ", "**Minutes:** about "),
    "opening: no title": lambda nb: nb.cells.pop(0),
    "bootstrap: changed by hand": lambda nb: nb.cells[2].update(source=nb.cells[2].source + "\nx = 1"),
    "bootstrap: tag lost": lambda nb: nb.cells[2].metadata.pop("tags"),
    "lecturers: no tag": lambda nb: nb.cells[1].metadata.pop("tags"),
    "lecturers: open": lambda nb: replace(nb.cells[1], "<details>", "<details open>"),
    "lecturers: a second time": lambda nb: tag(nb.cells[3], "lecturers"),
    "shut_down: not": lambda nb: replace(nb.cells[-1], SHUT_DOWN, ""),
    "shut_down: in other words": lambda nb: replace(nb.cells[-1], "Shut Down Kernel", "Restart Kernel"),
    "machinery: a score in a cell that teaches": lambda nb: tag(machine_cell(nb), "restore"),
    "machinery: a claim in a cell that teaches": lambda nb: replace(
        model_cell(nb), "loss", "claim = scores.claim\nloss"
    ),
    "machinery: a study in a cell that teaches": lambda nb: replace(
        model_cell(nb), "loss", "several = runtime.is_study()\nloss"
    ),
    "machinery: memory freed in a function": lambda nb: model_cell(nb).update(
        source="def tidy(model):\n    training.forget(model)"
    ),
    "machinery: no title": lambda nb: replace(machine_cell(nb), "# @title ", "# "),
    "machinery: a title of one word": lambda nb: replace(machine_cell(nb), " this result for the score table", ""),
    "machinery: a restore cell": lambda nb: tag(machine_cell(nb), "machinery", "restore"),
    "machinery: a cell that teaches folded": lambda nb: nb.cells[5].metadata.update(jupyter={"source_hidden": True}),
    "machinery_apart: a name": lambda nb: (
        replace(machine_cell(nb), "scores.", "kept = 1\nscores."),
        replace(lab_cell(nb), "model", "kept"),
    ),
    "machinery_apart: a loop's name": lambda nb: (
        replace(machine_cell(nb), "scores.", "for model in ():\n    scores."),
    ),
    "coming_back: in other words": lambda nb: replace(nb.cells[19], "in a cell of its own", "somewhere"),
    "coming_back: cells to run by hand": lambda nb: nb.cells[3].update(
        source="## 1 A section\n\n(Starting here? Run all cells above.)"
    ),
    "coming_back: another section": lambda nb: replace(nb.cells[19], "section=2", "section=1"),
    "coming_back: a name of a cell without its tag": lambda nb: nb.cells[7].metadata.pop("tags"),
    "coming_back: what that name needs": lambda nb: (
        nb.cells[7].update(source="x3 = x2 + 1"),
        nb.cells[6].metadata.pop("tags"),
    ),
    "coming_back: what a cell without its tag changes": lambda nb: (
        nb.cells[7].update(source="x3 = {}"),
        nb.cells[8].update(source="x3['a'] = 1"),
        nb.cells[8].metadata.pop("tags"),
    ),
    "coming_back: what a solution needs": lambda nb: (
        replace(next(c for c in nb.cells if "Solution 03.2" in c.source), "answer = 1", "answer = x4"),
        nb.cells[8].metadata.pop("tags"),
    ),
    "sections: no Recap": lambda nb: nb.cells[-1].update(source="## The end"),
    "sections: no lab": lambda nb: nb.cells.remove(lab_cell(nb)),
    "sections: no Predict": lambda nb: nb.cells[3].update(source="## A section"),
    "heading_order: two titles": lambda nb: nb.cells[3].update(source="# A section\n\n**Predict.**"),
    "heading_order: a level skipped": lambda nb: nb.cells[3].update(source="### A section\n\n**Predict.**"),
    "alternative_text: none": lambda nb: replace_html(lab_cell(nb), 'alt="One point" ', ""),
    "alternative_text: an empty one": lambda nb: replace_html(lab_cell(nb), "One point", " "),
    "alternative_text: in the metadata": lambda nb: (
        lab_cell(nb).outputs[0].update(data={"image/png": "iVBORw0KGgo="}, metadata={"image/png": {"alt": "One point"}})
    ),
    "alternative_text: none in the text": lambda nb: nb.cells[1].update(source="![](picture.png)"),
    "lab_as_text: nothing stored": lambda nb: lab_cell(nb).update(outputs=[]),
    "lab_as_text: no tasks": lambda nb: replace_html(lab_cell(nb), "<li>", "<b>"),
    "lab_as_text: no picture": lambda nb: replace_html(lab_cell(nb), "<img ", "<i "),
    "lab_as_text: no reading": lambda nb: replace_html(lab_cell(nb), "It moved.", ""),
    "executed: a count missing": lambda nb: nb.cells[5].update(execution_count=None),
    "executed: run out of order": lambda nb: nb.cells[5].update(execution_count=99),
    "executed: an error stored": lambda nb: nb.cells[5].metadata.update(tags=["raises-exception"]),
    "normal_form: widget state": lambda nb: nb.metadata.update(widgets={"state": {}}),
    "normal_form: machinery unfolded": lambda nb: machine_cell(nb).metadata.pop("cellView"),
    "normal_form: minutes made up": lambda nb: replace(nb.cells[0], "**Minutes:** ", "**Minutes:** 1"),
    "normal_form: timings": lambda nb: nb.cells[5].metadata.update(execution={"iopub.status.busy": "12:00"}),
    "normal_form: widget view": lambda nb: (
        lab_cell(nb).outputs[0].data.update({"application/vnd.jupyter.widget-view+json": {"model_id": "1"}})
    ),
    "size: too large": lambda nb: nb.cells[1].update(source="x" * 2_000_000),
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


def test_a_name_that_a_cell_in_between_binds_again_is_no_longer_the_machinery_s(lesson):
    replace(machine_cell(lesson), "scores.", "kept = 1\nscores.")
    replace(lab_cell(lesson), "lab(model)", "kept = 2\nlab(kept)")
    assert list(RULES["machinery_apart"](lesson, NAME)) == []
