"""The form of a lesson's code: what teaches, what is machinery, and what a reader can come back to."""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterator

from helpers.names import names_of
from helpers.resume import RUNS, needed_cells, sections
from tests.lessons.lesson import code_cells, is_introduction, rule, tags
from tools import links

SCREEN = 40  # lines
CODE_CELLS = range(15, 36)
#: Cells that are not counted: what a lesson has of them follows from its exercises, labs and results.
UNCOUNTED = {"exercise", "check", "lab", "bootstrap", "machinery"}

#: What only machinery may name: what the learner reads holds what the lesson teaches.
MACHINERY = {
    "scores.record",
    "scores.claim",
    "scores.grid",
    "training.forget",
    "runtime.is_study",
    "runtime.is_test",
    "runtime.give_back_memory",
}
#: Cells that make nothing for other parts of a lesson.
APART = {"bootstrap", "machinery", "exercise", "check", "lab", "raises-exception"}
SOLUTION = re.compile(r"<summary>Solution.*?```python\n(.*?)```", re.DOTALL)
TITLE = re.compile(r"# @title [A-Z][^\n]{9,79}(?<![.\s])\n")

SEED = "keras.utils.set_random_seed(runtime.seed)"
BUILDERS = {"keras.Sequential", "keras.Model", "keras.models.Sequential", "keras.models.Model"}
BLOCKS = ast.Module | ast.FunctionDef | ast.For | ast.With

STARTING = "*Starting here? Run the set-up cell, then `runtime.resume(section={})` in a cell of its own.*"


@rule
def bootstrap(nb, name):
    """The first code cell is the bootstrap cell, the same text everywhere."""
    marked = [cell for cell in nb.cells if "bootstrap" in tags(cell)]
    if len(marked) != 1 or marked[0] is not code_cells(nb)[0]:
        yield "one cell, the first with code, must be tagged bootstrap"
    elif marked[0].source != links.bootstrap(links.read_address(), name[:2]):
        yield "the bootstrap cell differs from tools/bootstrap.py; run `make links`"


@rule
def machinery(nb, name):
    """What records, states claims and frees memory stands in cells of its own, with a title and folded away."""
    for cell in code_cells(nb):
        named = sorted(
            {ast.unparse(node) for node in ast.walk(_parsed(cell.source)) if isinstance(node, ast.Attribute)}
            & MACHINERY
        )
        if "machinery" not in tags(cell):
            if named:
                yield f"cell {cell.id} names {', '.join(named)}; move that into a cell tagged machinery"
            if cell.metadata.get("cellView") or cell.metadata.get("jupyter", {}).get("source_hidden"):
                yield f"cell {cell.id} is folded and not tagged machinery; unfold it"
        elif "bootstrap" not in tags(cell):
            if not TITLE.match(cell.source):
                yield f"machinery {cell.id} must begin with '# @title ' and a phrase, without a full stop"
            if clash := tags(cell) & (RUNS | UNCOUNTED - {"machinery"}):
                yield f"machinery {cell.id} is tagged {', '.join(sorted(clash))}, too"


@rule
def machinery_apart(nb, name):
    """A reader may leave the machinery out: no cell that teaches uses a name that it bound last."""
    maker = {}
    for cell in code_cells(nb):
        found = names_of(cell.source)
        if "machinery" not in tags(cell):
            for used in sorted((found.uses | found.uses_later) & maker.keys()):
                yield f"cell {cell.id} uses {used!r}, which machinery {maker[used]} binds"
            for bound in found.binds:
                maker.pop(bound, None)
        elif "bootstrap" not in tags(cell):
            maker |= dict.fromkeys(found.binds, cell.id)


@rule
def coming_back(nb, name):
    """Where a reader may start in the middle, one line says how, and the cells that it runs make all that is needed."""
    section = None
    for cell in nb.cells:
        if cell.cell_type != "markdown":
            continue
        for paragraph in re.split(r"\n\s*\n", cell.source):
            section = (re.findall(r"^## (\d+)\b", paragraph, re.MULTILINE) or [section])[-1]
            if "tarting here" not in paragraph:
                continue
            if section is None or STARTING.format(section) not in paragraph:
                yield f"cell {cell.id} must say: {STARTING.format(section or 'N')}"
            else:
                yield from _not_made(nb, int(section))


def _not_made(nb, section: int) -> Iterator[str]:
    """What a section needs of cells above that ``runtime.resume`` leaves out, the solutions' code included."""
    if section not in sections(nb):
        yield f"there is no section {section}"
        return
    every = copy.deepcopy(nb)  # every cell that teaches is run again here
    for cell in every.cells:
        if cell.cell_type == "markdown" and (solutions := SOLUTION.findall(cell.source)):
            cell.cell_type, cell.source = "code", "\n".join(solutions)
        elif cell.cell_type == "code" and not tags(cell) & APART:
            cell.metadata["tags"] = [*tags(cell), "restore"]
    for position in needed_cells(every, section).cells:
        if not RUNS & tags(nb.cells[position]):
            yield f"section {section} needs what cell {nb.cells[position].id} makes or changes; tag that cell restore"


@rule
def short_cells(nb, name):
    """No cell longer than a screen, and as many as a lesson needs."""
    for cell in code_cells(nb):
        lines = cell.source.count("\n") + 1
        if lines > SCREEN and "machinery" not in tags(cell):
            yield f"cell {cell.id} has {lines} lines; a screen holds {SCREEN}"
    counted = [cell for cell in code_cells(nb) if not tags(cell) & UNCOUNTED]
    if not is_introduction(name) and len(counted) not in CODE_CELLS:
        wanted = f"{CODE_CELLS.start} to {CODE_CELLS.stop - 1}"
        yield f"it has {len(counted)} code cells besides labs, exercises and machinery; a lesson has {wanted}"


@rule
def plain_python(nb, name):
    """Code is Python that any runner takes: no magics, no shell."""
    for cell in code_cells(nb):
        if re.search(r"^\s*(?:%{1,2}\w|!\w|\?|\w+\?$)", cell.source, re.MULTILINE):
            yield f"cell {cell.id} uses a magic or the shell"
        if re.search(r"\binteract(?:ive)?\(|widgets\.Output\(|display_id", cell.source):
            yield f"cell {cell.id} uses Output, interact or display_id, which break saved pages"


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
