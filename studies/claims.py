"""The claims of a lesson as its notebook makes them, to be tried on other rows than those of its study.

Of the notebook, only the statements run that make its claims, and those that these need: imports, names of models, a
function that reads a row. Nothing is trained.
"""

from __future__ import annotations

import ast
import symtable
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import nbformat

from helpers import scores
from studies.names import bound_by_imports, full_name, nodes
from studies.plain import computed, dump

CLAIM = "helpers.scores.claim"
LEFT_OUT = {"lab", "exercise", "check"}


@dataclass(frozen=True)
class Claim:
    """A sentence of a lesson, and the function that says whether it holds for the rows of one seed."""

    sentence: str
    holds: Callable[[scores.SeedRows], bool]
    tables: tuple[str, ...]

    def under(self, seeds: Iterable[str], rows: Sequence[scores.Row]) -> dict[str, bool]:
        """Seed to whether the claim holds under it.

        Raises:
            LookupError: a row that it needs was not recorded under one of the seeds.
        """
        mine = [row for row in rows if row.table in self.tables]
        return {seed: bool(self.holds(scores.SeedRows(seed, mine))) for seed in seeds}

    def needs(self, rows: Iterable[scores.Row]) -> list[scores.Row]:
        """Those of ``rows`` that the claim looks at, under any of their seeds."""
        mine = [row for row in rows if row.table in self.tables]
        views = [scores.SeedRows(seed, mine) for seed in sorted({seed for row in mine for seed in row.seeds})]
        for view in views:
            self.holds(view)
        return list({row.key: row for view in views for row, _ in view.asked}.values())


def claims_of(notebook: Path) -> list[Claim]:
    """The claims of a notebook, in their order."""
    found: list[Claim] = []

    def collect(sentence: str, holds: Callable, *, table: str | Sequence[str], at_least: int = 5) -> None:
        found.append(Claim(sentence, holds, (table,) if isinstance(table, str) else tuple(table)))

    namespace: dict[str, Any] = {"__name__": notebook.stem}
    with mock.patch.object(scores, "claim", collect):
        for statement in claiming_statements(notebook):
            exec(compile(ast.Module([statement], []), notebook.name, "exec"), namespace)
    return found


def code_of_claims(notebook: Path) -> str:
    """The plain form of what ``claims_of`` runs: another one is another set of claims."""
    return dump(computed(ast.Module(claiming_statements(notebook), [])))


def claiming_statements(notebook: Path) -> list[ast.stmt]:
    """The statements of a notebook that make its claims, and those that they need, in their order."""
    cells = [
        cell.source
        for cell in nbformat.read(notebook, as_version=4).cells
        if cell.cell_type == "code" and not LEFT_OUT & set(cell.metadata.get("tags", []))
    ]
    statements = [part for source in cells for statement in ast.parse(source).body for part in _parts(statement)]
    names = bound_by_imports(statements)
    taken: set[int] = set()
    for index, statement in enumerate(statements):
        if any(isinstance(node, ast.Call) and full_name(node.func, names) == CLAIM for node in nodes([statement])):
            _take(index, index, statements, names, taken)
    return [statements[index] for index in sorted(taken)]


def _parts(statement: ast.stmt) -> list[ast.stmt]:
    """A statement, or the single imports that it makes: what is not needed may take long to import."""
    if isinstance(statement, ast.ImportFrom):
        return [
            ast.ImportFrom(statement.module, [alias], statement.level, lineno=1, col_offset=0)
            for alias in statement.names
        ]
    return [statement]


def _take(
    index: int, before: int, statements: Sequence[ast.stmt], imported: Mapping[str, str], taken: set[int]
) -> None:
    """Take a statement, and what it needs of those that ran ``before`` it does its work."""
    if index in taken:
        return
    taken.add(index)
    for name in _needed(statements[index]):
        for earlier in range(before - 1, -1, -1):
            binds, changes = _binds(statements[earlier], name)
            if binds or (changes and name not in imported):
                defines = isinstance(statements[earlier], ast.FunctionDef | ast.ClassDef)
                _take(earlier, before if defines else earlier, statements, imported, taken)
            if binds:
                break


def _needed(statement: ast.stmt) -> set[str]:
    """Names that a statement reads and does not make itself: no argument, no variable of a loop."""
    found: set[str] = set()
    waiting = [symtable.symtable(ast.unparse(statement), "cell", "exec")]
    while waiting:
        scope = waiting.pop()
        waiting += scope.get_children()
        top = scope.get_type() == "module"
        found |= {each.get_name() for each in scope.get_symbols() if each.is_referenced() and (top or each.is_global())}
    loops = [node.target for node in nodes([statement]) if isinstance(node, ast.For | ast.comprehension)]
    return found - {node.id for node in nodes(loops) if isinstance(node, ast.Name)}


def _binds(statement: ast.stmt, name: str) -> tuple[bool, bool]:
    """Whether a statement gives ``name`` a new value, and whether it changes the value that it has."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return statement.name == name, False
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return name in bound_by_imports([statement]), False
    if isinstance(statement, ast.AugAssign):
        return False, name in {node.id for node in ast.walk(statement.target) if isinstance(node, ast.Name)}
    top = symtable.symtable(ast.unparse(statement), "cell", "exec")
    if name in top.get_identifiers() and top.lookup(name).is_assigned():
        return True, False
    if isinstance(statement, ast.Assign):
        return False, any(_root(target) == name for target in statement.targets)
    call = statement.value if isinstance(statement, ast.Expr) else None
    method = isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)
    return False, method and isinstance(call.func.value, ast.Name) and call.func.value.id == name


def _root(target: ast.expr) -> str | None:
    while isinstance(target, ast.Subscript | ast.Attribute):
        target = target.value
    return target.id if isinstance(target, ast.Name) else None
