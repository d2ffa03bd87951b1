"""A lesson's own training, cut out of its notebook so that it can be run and timed alone.

The benchmarks hold no second definition of any model, schedule or data set. They name the variable that keeps what a
training returned, such as ``lstm_history``, and take from the notebook the cell that sets it, as far as the statement
that does, together with those statements of earlier cells on which it depends, found by name. So what is timed is what
a reader runs, and a lesson that changes is timed as changed. Tags cannot do this: a cell tagged ``restore`` may train a
model that another row is about.

What is not followed: a statement that changes a value in place, such as ``errors["naive"] = …``.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.names import names_of, one_import_each
from tools.notebooks import read


@dataclass(frozen=True)
class Training:
    """Source of a training: ``setup`` holds imports, data and functions; ``cell`` builds, compiles and fits a model."""

    setup: str
    cell: str


@dataclass(frozen=True)
class _Statement:
    """One statement of a notebook, or one name of an import, with the names that it binds and uses."""

    source: str
    binds: frozenset[str]
    uses: frozenset[str]


def training(notebook: Path, history: str) -> Training:
    """The cell of ``notebook`` that binds ``history``, and all that it needs from the cells before.

    Raises:
        LookupError: no cell binds that name, or a name that is needed is bound nowhere before.
    """
    cells = [
        cell.source
        for cell in read(notebook).cells
        if cell.cell_type == "code" and "raises-exception" not in cell.metadata.get("tags", [])
    ]
    before: list[_Statement] = []
    found = None
    for source in cells:
        nodes = ast.parse(source).body
        places = [place for place, node in enumerate(nodes) if history in names_of([node])[0]]
        if places:
            found = list(before), nodes[: places[-1] + 1]
        before.extend(_statements(nodes))
    if found is None:
        raise LookupError(f"{notebook.stem} has no cell that sets {history!r}.")
    earlier, cell = found
    needed = _needed(earlier, names_of(cell)[1], notebook.stem)
    return Training("\n".join(earlier[place].source for place in needed), "\n".join(map(ast.unparse, cell)))


def _needed(statements: list[_Statement], wanted: set[str], lesson: str) -> list[int]:
    """Places of the statements on which the names depend, in order."""
    needed: set[int] = set()
    open_names = [(name, len(statements)) for name in wanted]
    while open_names:
        name, end = open_names.pop()
        if name in vars(builtins) or name == "runtime":  # the bootstrap cell brings runtime
            continue
        place = _last_binding(statements[:end], name)
        if place is None:  # a function may use what is bound only later
            place = _last_binding(statements, name)
        if place is None:
            raise LookupError(f"{lesson}: nothing before the training sets {name!r}, which it needs.")
        if place not in needed:
            needed.add(place)
            open_names.extend((used, place) for used in statements[place].uses)
    return sorted(needed)


def _last_binding(statements: list[_Statement], name: str) -> int | None:
    return next((place for place in reversed(range(len(statements))) if name in statements[place].binds), None)


def _statements(nodes: Iterable[ast.stmt]) -> Iterator[_Statement]:
    for node in nodes:
        for part in one_import_each(node):
            binds, uses = names_of([part])
            yield _Statement(ast.unparse(part), frozenset(binds), frozenset(uses))
