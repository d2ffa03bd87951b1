"""The form of a lesson: each rule takes a notebook and its file name and yields what is wrong, in words."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from tests.lessons import form_code
from tests.lessons.lesson import (
    LESSONS,
    RULES,
    Notebook,
    code_cells,
    headings,
    html_of,
    is_introduction,
    minutes,
    rule,
    tags,
    text_cells,
)
from tools import errors, links, notebooks

TAGS = {
    "bootstrap",
    "check",
    "exercise",
    "figure",
    "imports",
    "lab",
    "lecturers",
    "machinery",
    "nbval-check-output",
    "nbval-ignore-output",
    "raises-exception",
    "restore",
}
SLIDES = {"slide", "subslide", "fragment", "skip", "notes", "-"}
SECTIONS = ["Broken on purpose", "Exercises", "What we found", "Recap"]  # in this order
CORE_SLIDES = range(12, 16)
LECTURE = 90  # minutes
LARGEST = 2_000_000  # bytes

SHUT_DOWN = (
    "**Before you go on.** Choose *Kernel → Shut Down Kernel* before you open the next lesson: two lessons' kernels "
    "left open can exceed 2 GB."
)
MEASURED = re.compile(
    r"\d ?(?:ms|s|sec|seconds|minutes|[kMG]i?B)\b|\bversion\b|\b(?:TensorFlow|Keras|NumPy|Python) \d", re.IGNORECASE
)
PICTURE = re.compile(r"<img\b[^>]*>")


@rule
def opening(nb, name):
    """A title, what one can do afterwards, and the minutes it takes; links that open this very notebook, no badges."""
    first = nb.cells[0]
    if first.cell_type != "markdown" or not first.source.startswith("# "):
        yield "the first cell must be text that begins with the title, '# …'"
        return
    if first.source != links.with_launch(first.source, name, links.read_address()):
        yield "the launch line must be that of this file, at the end of the first cell; run `make links`"
    if re.search(r"badge[\w-]*\.svg", "\n".join(cell.source for cell in text_cells(nb))):
        yield "a launch button is a picture from the network; `make links` writes plain links"
    if "After this lesson you can" not in first.source:
        yield "the opening must say 'After this lesson you can …'"
    if minutes(nb) is None:
        yield "the opening must say '**Minutes:** 50 to read and play, 2 to run.'"


@rule
def lecturers(nb, name):
    """The second cell is the run sheet, folded away from learners and a note of the lecture."""
    sheet = nb.cells[1]
    if "lecturers" not in tags(sheet) or any("lecturers" in tags(cell) for cell in nb.cells[2:]):
        yield "the second cell, and no other, must be tagged lecturers"
    if not re.fullmatch(r"<details><summary>For lecturers</summary>\n\n.+\n\n</details>", sheet.source, re.DOTALL):
        yield "the second cell must be '<details><summary>For lecturers</summary>', the run sheet and '</details>'"


@rule
def shut_down(nb, name):
    """The last cell says what keeps the next lesson from running out of memory, in the same words everywhere."""
    if SHUT_DOWN not in nb.cells[-1].source.split("\n\n"):
        yield f"the last cell must hold the paragraph: {SHUT_DOWN}"


@rule
def sections(nb, name):
    """A question to answer before running, a lab, and the closing sections in their order."""
    text = "\n".join(cell.source for cell in text_cells(nb))
    if "Predict" not in text:
        yield "there must be a question headed Predict"
    if not any("lab" in tags(cell) for cell in code_cells(nb)):
        yield "there must be a lab (a code cell tagged lab)"
    if is_introduction(name):
        return
    titles = [title for level, title in headings(nb) if level == 2]
    places = []
    for section in SECTIONS:
        place = next((i for i, title in enumerate(titles) if section.lower() in title.lower()), None)
        if place is None:
            yield f"there must be a section '## {section}'"
        else:
            places.append(place)
    if places != sorted(places):
        yield f"the closing sections must come in the order {', '.join(SECTIONS)}"
    closing = "\n".join(cell.source for cell in nb.cells[-8:] if cell.cell_type == "markdown")
    for word in ("Terms", "ources", "Next"):
        if word not in closing:
            yield f"the end of the lesson must name {word.replace('ources', 'Sources')}"


@rule
def heading_order(nb, name):
    """One title, and headings that step down one level at a time."""
    levels = headings(nb)
    if sum(level == 1 for level, _ in levels) != 1:
        yield "there must be exactly one heading of the first level"
    for (above, _), (level, title) in itertools.pairwise(levels):
        if level > above + 1:
            yield f"'{title}' steps from level {above} to {level}"


@rule
def alternative_text(nb, name):
    """Every stored picture says in words what it shows, where front ends read it."""
    for cell in code_cells(nb):
        if any("image/png" in output.get("data", {}) for output in cell.outputs):
            yield f"cell {cell.id} stores image/png, whose alt text reaches nobody; show it with plots.show"
        if not all(map(_has_alt, PICTURE.findall(html_of(cell)))):
            yield f"cell {cell.id} stores a picture without alt text; show it with plots.show"
    for cell in text_cells(nb):
        if re.search(r"!\[\s*\]\(", cell.source) or not all(map(_has_alt, PICTURE.findall(cell.source))):
            yield f"cell {cell.id} holds a picture without alt text"


def _has_alt(picture: str) -> bool:
    return bool(re.search(r'\balt="[^"]*\w', picture))


@rule
def lab_as_text(nb, name):
    """A page without a kernel shows of each lab its tasks, its picture and how to read it."""
    for cell in code_cells(nb):
        if "lab" not in tags(cell):
            continue
        stored = html_of(cell)
        if not PICTURE.search(stored):
            yield f"lab {cell.id} stores no picture for pages without a kernel"
        if "<li>" not in stored:
            yield f"lab {cell.id} stores no tasks ('<li>') for pages without a kernel"
        if not re.search(r"\w", re.sub(r"<[^>]*>|\s", "", PICTURE.split(stored)[-1])):
            yield f"lab {cell.id} stores no reading after its picture for pages without a kernel"


@rule
def executed(nb, name):
    """Every code cell was run, in order, in one kernel, and the notebook stores what came."""
    cells = code_cells(nb)
    if [cell.execution_count for cell in cells] != list(range(1, len(cells) + 1)):
        yield "the execution counts must be 1, 2, 3, …; run `make notebooks`"
    if not any(cell.outputs for cell in cells):
        yield "no output is stored; run `make notebooks`"
    for cell in cells:
        raised = [output for output in cell.outputs if output.output_type == "error"]
        if bool(raised) != ("raises-exception" in tags(cell)):
            yield f"cell {cell.id} must store an error exactly if it is tagged raises-exception"


@rule
def normal_form(nb, name):
    """Nothing is left that the normaliser would change: no widget state, timings or front-end noise."""
    if notebooks.normalise(nb) != nb:
        yield f"the normaliser would change it; run `make notebooks LESSON={name[:2]}`"
    if "widgets" in nb.metadata:
        yield "it carries widget metadata, which GitHub refuses"


@rule
def size(nb, name):
    """Under 2 MB, so that GitHub shows it and Binder opens it."""
    length = len(notebooks.dump(nb).encode("utf-8"))
    if length >= LARGEST:
        yield f"it holds {length:,} bytes; the limit is {LARGEST:,}"


@rule
def stable_text(nb, name):
    """Text that differs from run to run is marked so, and none holds an address in memory."""
    for cell in code_cells(nb):
        text = "\n".join(_texts(cell))
        if "nbval-ignore-output" not in tags(cell) and (found := MEASURED.search(text)):
            yield f"cell {cell.id} prints {found[0]!r}; tag it nbval-ignore-output"
        if re.search(r"\b0x[0-9a-f]{6,}", text):
            yield f"cell {cell.id} prints an address in memory"
        if "nbval-check-output" in tags(cell) and not cell.outputs:
            yield f"cell {cell.id} is tagged nbval-check-output and stores none"
        if tags(cell) >= {"nbval-check-output", "nbval-ignore-output"}:
            yield f"cell {cell.id} is both checked and ignored"


def _texts(cell) -> Iterator[str]:
    for output in cell.outputs:
        if output.output_type == "stream":
            yield output.text
        elif not PICTURE.search(output.get("data", {}).get("text/html", "")):
            yield from (value for mime, value in output.get("data", {}).items() if mime.startswith("text/"))


@rule
def slides(nb, name):
    """Every cell has its place in the lecture, and the first slide is followed by the lecturer's notes."""
    for cell in nb.cells:
        kind = cell.metadata.get("slideshow", {}).get("slide_type")
        if kind not in SLIDES:
            yield f"cell {cell.id} has slide type {kind!r}; one of {', '.join(sorted(SLIDES))} is needed"
    kinds = [cell.metadata.get("slideshow", {}).get("slide_type") for cell in nb.cells[:2]]
    if kinds != ["slide", "notes"]:
        yield "the first cell must be a slide and the second the lecturer's notes"


@rule
def run_sheet(nb, name):
    """The notes of the first slide carry a lecturer through 90 minutes, and say what to drop."""
    sheet = " ".join(re.sub(r"</?details>|<summary>.*?</summary>", "", nb.cells[1].source).split())
    if not sheet.startswith(f"**Run sheet, {LECTURE} minutes.**"):
        yield f"the notes of the first slide must begin '**Run sheet, {LECTURE} minutes.**'"
        return
    spent = sum(int(number) for number in re.findall(r"\((\d+)\)", sheet))
    if spent != LECTURE:
        yield f"the minutes in brackets on the run sheet make {spent}; a lecture has {LECTURE}"
    if "**Ten minutes lost?**" not in sheet:
        yield "the run sheet must say what to drop: '**Ten minutes lost?** Drop …'"
    core = sheet.partition("**Core slides:**")[2].split(", ")
    if len(core) not in CORE_SLIDES:
        wanted = f"{CORE_SLIDES.start} to {CORE_SLIDES.stop - 1}"
        yield f"the run sheet names {len(core)} core slides; a lecture has {wanted}"


@rule
def mistakes_explained(nb, name):
    """Each mistake made on purpose is explained in the form that docs/errors.md is made from."""
    yield from errors.faults(nb)


@rule
def known_tags(nb, name):
    """Tags are those the tools know."""
    for cell in nb.cells:
        if unknown := tags(cell) - TAGS:
            yield f"cell {cell.id} has unknown tags: {', '.join(sorted(unknown))}"


@rule
def unique_ids(nb, name):
    """Cells can be named, and links to them last."""
    ids = [cell.id for cell in nb.cells]
    for repeated in sorted({cell_id for cell_id in ids if ids.count(cell_id) > 1}):
        yield f"the id {repeated} is used more than once"


@rule
def exercises(nb, name):
    """Each exercise has its number, a cell that checks it and a folded solution."""
    lesson = name[:2]
    stubs = [cell for cell in nb.cells if "exercise" in tags(cell)]
    if len(stubs) < (1 if is_introduction(name) else 3):
        yield f"{len(stubs)} exercises are too few"
    wanted = [f"ex-{lesson}-{number}" for number in range(1, len(stubs) + 1)]
    if [cell.id for cell in stubs] != wanted:
        yield f"the exercise cells must have the ids {', '.join(wanted)}"
    checked = "\n".join(cell.source for cell in nb.cells if "check" in tags(cell))
    for number, cell in enumerate(stubs, start=1):
        if "..." not in cell.source:
            yield f"exercise {lesson}.{number} has no ... to fill in"
        if f"checks.ex_{lesson}_{number}(" not in checked:
            yield f"no cell tagged check calls checks.ex_{lesson}_{number}"
        if sum(_is_solution(cell, f"{lesson}.{number}") for cell in text_cells(nb)) != 1:
            yield f"exercise {lesson}.{number} must have one folded solution that holds one Python block"


def _is_solution(cell, number: str) -> bool:
    pattern = rf"<details>\s*<summary>Solution {re.escape(number)}</summary>\s*\n\n.*```python\n.+?```.*</details>"
    return bool(re.search(pattern, cell.source, re.DOTALL)) and cell.source.count("```python") == 1


def faults(nb: Notebook, name: str) -> list[str]:
    """Everything that is wrong with the notebook stored as ``name``."""
    return [fault for check in RULES.values() for fault in check(nb, name)]


__all__ = ["LESSONS", "RULES", "SECTIONS", "SHUT_DOWN", "faults", "form_code", "headings", "minutes"]
