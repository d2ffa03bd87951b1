"""The form of a lesson: each rule takes a notebook and its file name and yields what is wrong, in words."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Callable, Iterator

import nbformat

from tools import errors, links, notebooks

LESSONS = [
    "00_start_here",
    "01_sequences",
    "02_baselines",
    "03_simple_rnn",
    "04_deep_rnn",
    "05_multi_step_forecasting",
    "06_unstable_gradients",
    "07_layer_norm_cells",
    "08_lstm_and_gru",
    "09_conv1d",
    "10_real_series",
    "11_custom_layers",
    "12_gradient_tape",
    "13_tokenization",
    "14_embedding_and_order",
    "15_language_model",
]
TAGS = {
    "bootstrap",
    "check",
    "exercise",
    "figure",
    "imports",
    "lab",
    "nbval-check-output",
    "nbval-ignore-output",
    "raises-exception",
    "restore",
}
SLIDES = {"slide", "subslide", "fragment", "skip", "notes", "-"}
SECTIONS = ["Broken on purpose", "Exercises", "What we found", "Recap"]  # in this order
SCREEN = 40  # lines
CODE_CELLS = range(15, 36)
CORE_SLIDES = range(12, 16)
LECTURE = 90  # minutes
LARGEST = 1_000_000  # bytes

SEED = "keras.utils.set_random_seed(runtime.seed)"
BUILDERS = {"keras.Sequential", "keras.Model", "keras.models.Sequential", "keras.models.Model"}
BLOCKS = ast.Module | ast.FunctionDef | ast.For | ast.With
MEASURED = re.compile(
    r"\d ?(?:ms|s|sec|seconds|minutes|[kMG]i?B)\b|\bversion\b|\b(?:TensorFlow|Keras|NumPy|Python) \d", re.IGNORECASE
)

Notebook = nbformat.NotebookNode
RULES: dict[str, Callable[[Notebook, str], Iterator[str]]] = {}


def rule(function):
    RULES[function.__name__] = function
    return function


def tags(cell) -> set[str]:
    return set(cell.metadata.get("tags", []))


def code_cells(nb: Notebook) -> list:
    return [cell for cell in nb.cells if cell.cell_type == "code"]


def text_cells(nb: Notebook) -> list:
    return [cell for cell in nb.cells if cell.cell_type == "markdown"]


def headings(nb: Notebook) -> list[tuple[int, str]]:
    found = []
    for cell in text_cells(nb):
        text = re.sub(r"^(```|~~~).*?^\1", "", cell.source, flags=re.MULTILINE | re.DOTALL)
        found += [(len(marks), title.strip()) for marks, title in re.findall(r"^(#{1,6}) +(.+)$", text, re.MULTILINE)]
    return found


def minutes(nb: Notebook) -> tuple[str, str] | None:
    """The minutes to read and to run that the opening gives."""
    found = re.search(r"\*\*Minutes:\*\* (\d+) to read and play\b.*?\b(\d+) to run\b", nb.cells[0].source, re.DOTALL)
    return found.groups() if found else None


def is_introduction(name: str) -> bool:
    return name.startswith("00_")


@rule
def opening(nb, name):
    """A title, buttons that open this very notebook, what one can do afterwards, and the minutes it takes."""
    first = nb.cells[0]
    if first.cell_type != "markdown" or not first.source.startswith("# "):
        yield "the first cell must be text that begins with the title, '# …'"
        return
    until_code = nb.cells[: next((i for i, cell in enumerate(nb.cells) if cell.cell_type == "code"), None)]
    text = "\n".join(cell.source for cell in until_code)
    if links.badges(name, links.read_address()) not in text:
        yield "the launch buttons must be those of this file; run `make links`"
    if text.count("colab-badge.svg") != 1 or text.count("badge_logo.svg") != 1:
        yield "there must be one Colab and one Binder button"
    if "After this lesson you can" not in text:
        yield "the opening must say 'After this lesson you can …'"
    if minutes(nb) is None:
        yield "the opening must say '**Minutes:** 50 to read and play, 2 to run.'"


@rule
def bootstrap(nb, name):
    """The first code cell is the bootstrap cell, the same text everywhere."""
    marked = [cell for cell in nb.cells if "bootstrap" in tags(cell)]
    if len(marked) != 1 or marked[0] is not code_cells(nb)[0]:
        yield "one cell, the first with code, must be tagged bootstrap"
    elif marked[0].source != links.bootstrap(links.read_address(), name[:2]):
        yield "the bootstrap cell differs from tools/bootstrap.py; run `make links`"


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
    """Every stored picture says in words what it shows."""
    for cell in code_cells(nb):
        for output in cell.outputs:
            if "image/png" in output.get("data", {}) and not (
                output.metadata.get("image/png", {}).get("alt", "").strip()
                or output.metadata.get("mystnb", {}).get("image", {}).get("alt", "").strip()
            ):
                yield f"cell {cell.id} stores a picture without alt text; show it with plots.show"
    for cell in text_cells(nb):
        if re.search(r"!\[\s*\]\(|<img(?![^>]*\balt=\"[^\"]+\")", cell.source):
            yield f"cell {cell.id} holds a picture without alt text"


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
        if "lab" in tags(cell) and not any("image/png" in output.get("data", {}) for output in cell.outputs):
            yield f"lab {cell.id} stores no picture for pages without a kernel"


@rule
def normal_form(nb, name):
    """Nothing is left that the normaliser would change: no widget state, timings or front-end noise."""
    if notebooks.normalise(nb) != nb:
        yield f"the normaliser would change it; run `make notebooks LESSON={name[:2]}`"
    if "widgets" in nb.metadata:
        yield "it carries widget metadata, which GitHub refuses"


@rule
def size(nb, name):
    """Under 1 MB, so that GitHub shows it and Binder opens it."""
    length = len(notebooks.dump(nb).encode("utf-8"))
    if length >= LARGEST:
        yield f"it holds {length:,} bytes; the limit is {LARGEST:,}"


@rule
def short_cells(nb, name):
    """No cell longer than a screen, and as many as a lesson needs."""
    for cell in code_cells(nb):
        lines = cell.source.count("\n") + 1
        if lines > SCREEN:
            yield f"cell {cell.id} has {lines} lines; a screen holds {SCREEN}"
    counted = [cell for cell in code_cells(nb) if not tags(cell) & {"exercise", "check", "lab", "bootstrap"}]
    if not is_introduction(name) and len(counted) not in CODE_CELLS:
        wanted = f"{CODE_CELLS.start} to {CODE_CELLS.stop - 1}"
        yield f"it has {len(counted)} code cells besides labs and exercises; a lesson has {wanted}"


@rule
def plain_python(nb, name):
    """Code is Python that any runner takes: no magics, no shell."""
    for cell in code_cells(nb):
        if re.search(r"^\s*(?:%{1,2}\w|!\w|\?|\w+\?$)", cell.source, re.MULTILINE):
            yield f"cell {cell.id} uses a magic or the shell"
        if re.search(r"\binteract(?:ive)?\(|widgets\.Output\(|display_id", cell.source):
            yield f"cell {cell.id} uses Output, interact or display_id, which break saved pages"


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
        elif "image/png" not in output.get("data", {}):
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
    sheet = " ".join(nb.cells[1].source.split())
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
def recorded_in_the_open(nb, name):
    """A study's fingerprint ends at the last cell that records; a call to a function that records would escape it."""
    for cell in code_cells(nb):
        for node in ast.walk(_parsed(cell.source)):
            inside = isinstance(node, ast.FunctionDef | ast.Lambda)
            if inside and any(
                isinstance(part, ast.Call) and ast.unparse(part.func) == "scores.record" for part in ast.walk(node)
            ):
                yield f"cell {cell.id} records a score inside a function; let the cell that has the result record it"


@rule
def seeded(nb, name):
    """A training must not depend on which cells ran before."""
    for cell in code_cells(nb):
        if "exercise" not in tags(cell) and not _seeds_its_models(_parsed(cell.source), False):
            yield f"cell {cell.id} builds a model and must begin with {SEED}, or its function must"


def _seeds_its_models(node: ast.AST, seeded: bool) -> bool:
    """Whether each call that builds a model stands in a cell, function or loop that begins with the seed."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) in BUILDERS and not seeded:
        return False
    statements = [part for part in node.body if not _is_docstring(part)] if isinstance(node, BLOCKS) else []
    seeded = seeded or bool(statements and ast.unparse(statements[0]) in _ways_to_seed(node))
    return all(_seeds_its_models(child, seeded) for child in ast.iter_child_nodes(node))


def _ways_to_seed(block: ast.AST) -> set[str]:
    """The seed is the course's, or the one that a function about seeds is given."""
    given = isinstance(block, ast.FunctionDef) and "seed" in {argument.arg for argument in block.args.args}
    return {SEED, "keras.utils.set_random_seed(seed)"} if given else {SEED}


def _parsed(source: str) -> ast.AST:
    try:
        return ast.parse(source)
    except SyntaxError:  # a magic, which another rule names; or a mistake on purpose, which builds nothing
        return ast.Module(body=[], type_ignores=[])


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


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
