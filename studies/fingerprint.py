"""What a study depends on, as one number: the code of a notebook that makes its results, and of its helpers.

It is taken over the sequence of statements up to the last that records a score. How they are spread over cells, what
they print and draw, and the words in them change nothing; ``studies.plain`` says what counts as words.
"""

from __future__ import annotations

import ast
import hashlib
from pathlib import Path

import nbformat

from studies.helper_code import Helpers
from studies.names import bound_by_imports, full_name, mentioned, nodes, used_of_helpers
from studies.plain import as_published, computed, dump
from studies.plain import bare as bare

ROOT = Path(__file__).resolve().parent.parent
#: Cells that no result depends on.
IDLE_TAGS = {"bootstrap", "figure", "lab", "exercise", "check"}
#: What shows or states something. ``scores.record`` and ``scores.grid`` are of another kind.
SHOWS = (
    *("helpers.plots", "helpers.labs", "helpers.checks", "helpers.runtime", "helpers.scores"),
    *("helpers.training.forget", "IPython.display", "matplotlib"),
)
RECORD = "helpers.scores.record"
DRAWS = ("helpers.plots", "helpers.labs", "matplotlib")
#: What a name that the results depend on cannot mean; where one is mentioned, it is a variable of the same name.
IDLE_NAMES = ("helpers.plots", "helpers.labs", "helpers.checks")
#: Calls whose arguments are words to show.
LABELLED = "helpers.training.Progress"


def fingerprint(notebook: Path, *, root: Path = ROOT) -> str:
    """SHA-256 over the code that the results of ``notebook`` depend on, in hexadecimal.

    That is: its statements up to the last that records a score, but for cells that no result depends on, imports,
    ``print`` and what shows something; what it uses of the helpers, and what that uses in turn; and the data files
    that this code names.
    """
    statements, names = result_code(notebook)
    used = sorted(
        f"{name} is {names[name]}" for name in mentioned(statements) & set(names) if not _is(names[name], IDLE_NAMES)
    )
    covered = Helpers(root / "helpers").code(used_of_helpers(statements, names)).values()
    digest = hashlib.sha256("\n".join([dump(statements), *used, *covered]).encode("ascii"))
    for path in sorted((root / "helpers" / "data").glob("*.*")):
        if any(path.name in code for code in [dump(statements), *covered]):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def result_cells(notebook: Path) -> list[str]:
    """Sources of the code cells up to the last that calls ``record``; none when no cell does."""
    return [cell.source for cell in up_to_last_record(nbformat.read(notebook, as_version=4)) if _is_covered(cell)]


def up_to_last_record(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    """The cells up to the last that calls ``record``; none when no cell does."""
    recording = [
        index for index, cell in enumerate(notebook.cells) if _is_covered(cell) and "scores.record(" in cell.source
    ]
    return notebook.cells[: recording[-1] + 1] if recording else []


def result_code(notebook: Path) -> tuple[list[ast.stmt], dict[str, str]]:
    """The statements that a notebook's results depend on, and what its imports bind: local name to full name."""
    cells = [cell for cell in up_to_last_record(nbformat.read(notebook, as_version=4)) if cell.cell_type == "code"]
    code = [(cell, computed(ast.parse(cell.source))) for cell in cells]
    names = bound_by_imports(statement for _, statements in code for statement in statements)
    covered = [statement for cell, statements in code if _is_covered(cell) for statement in statements]
    recording = [index for index, statement in enumerate(covered) if _records(statement, names)]
    return _Silent(names).of(as_published(covered[: recording[-1] + 1] if recording else [], names)), names


class _Silent(ast.NodeTransformer):
    """Takes out what imports, prints, shows, or only looks at a value."""

    def __init__(self, names: dict[str, str]) -> None:
        self.names = names
        self.drawn: set[str] = set()  # names of figures and axes

    def of(self, statements: list[ast.stmt]) -> list[ast.stmt]:
        return [left for each in statements if (left := self.visit(each)) is not None]

    def visit_Import(self, node: ast.Import) -> None:
        return None

    visit_ImportFrom = visit_Import

    def visit_Expr(self, node: ast.Expr) -> ast.Expr | None:
        if _assigns(node):
            return self.generic_visit(node)
        calls = any(isinstance(each, ast.Call | ast.Await | ast.Yield | ast.YieldFrom) for each in ast.walk(node))
        return self.generic_visit(node) if calls and not self._shows(node.value) else None

    def visit_Assign(self, node: ast.Assign) -> ast.Assign | None:
        bound = mentioned(node.targets)
        if not _assigns(node.value) and (self._is_drawn(node.value) or _is(full_name(node.value, self.names), DRAWS)):
            self.drawn = self.drawn | bound
            return None
        self.drawn = self.drawn - bound
        return self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        outside = self.drawn
        self.drawn = outside - {each.arg for each in ast.walk(node.args) if isinstance(each, ast.arg)}
        self.generic_visit(node)
        self.drawn = outside
        return node

    def visit_For(self, node: ast.For) -> ast.For | None:
        bound = mentioned([node.target])
        self.drawn = self.drawn | bound if self._is_drawn(node.iter) else self.drawn - bound
        self.generic_visit(node)
        return node if node.body or node.orelse or _assigns(node.iter) else None

    def visit_If(self, node: ast.If) -> ast.If | None:
        self.generic_visit(node)
        return node if node.body or node.orelse or _assigns(node.test) else None

    def visit_Call(self, node: ast.Call) -> ast.Call:
        self.generic_visit(node)
        if full_name(node.func, self.names) == LABELLED:
            node.args, node.keywords = [], []
        return node

    def _shows(self, value: ast.expr) -> bool:
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id in ("print", "display"):
            return True
        name = full_name(value, self.names)
        return self._is_drawn(value) or (_is(name, SHOWS) and not _is(name, (RECORD,)))

    def _is_drawn(self, value: ast.expr) -> bool:
        return bool(full_name(value, dict.fromkeys(self.drawn, "figure")))


def _assigns(node: ast.AST) -> bool:
    """Whether an expression binds a name (``:=``), so that it does more than give a value."""
    return any(isinstance(each, ast.NamedExpr) for each in ast.walk(node))


def _is(name: str, kinds: tuple[str, ...]) -> bool:
    """Whether ``name`` is one of ``kinds`` or stands in one."""
    return any(name == kind or name.startswith(f"{kind}.") for kind in kinds)


def _records(statement: ast.stmt, names: dict[str, str]) -> bool:
    calls = (node for node in nodes([statement]) if isinstance(node, ast.Call))
    return any(full_name(call.func, names) == RECORD for call in calls)


def _is_covered(cell: nbformat.NotebookNode) -> bool:
    return cell.cell_type == "code" and not IDLE_TAGS & set(cell.metadata.get("tags", []))
