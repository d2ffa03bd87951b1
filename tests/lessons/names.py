"""Which names a lesson's cells need and make, read from their source: what ``runtime.resume`` has to run again."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import nbformat

from tools.names import names_of

#: What IPython gives every cell.
GIVEN = {*dir(builtins), "display", "get_ipython", "__name__"}
#: Methods that change what their owner holds.
CHANGING = {"add", "append", "extend", "insert", "pop", "remove", "setdefault", "update"}
#: Cells whose names no other part of a lesson counts on.
APART = {"machinery", "exercise", "check", "raises-exception"}
AGAIN = {"imports", "restore"}

_SOLUTION = re.compile(r"<summary>Solution.*?```python\n(.*?)```", re.DOTALL)


class Names(NamedTuple):
    """The names that a cell reads before it binds them, those that it binds, and those whose contents it changes."""

    read: frozenset[str] = frozenset()
    bound: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()


@cache
def names(source: str) -> Names:
    """The names of one cell; none where the source is no Python.

    A function's body counts as read where the function is defined.

    >>> found = names("total = x + 1\\nresults['a'] = [total for y in z]")
    >>> sorted(found.read), sorted(found.bound), sorted(found.changed)
    (['results', 'x', 'z'], ['total'], ['results'])
    """
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return Names()
    bound, read = names_of(tree.body)
    return Names(frozenset(read - GIVEN), frozenset(bound), frozenset(_changed(tree)))


def _changed(tree: ast.Module) -> Iterator[str]:
    """The names whose contents statements outside functions change."""
    nodes: list[ast.AST] = list(tree.body)
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            continue
        nodes.extend(ast.iter_child_nodes(node))
        if isinstance(node, ast.Subscript | ast.Attribute) and not isinstance(node.ctx, ast.Load):
            changed = node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHANGING:
            changed = node.func.value
        else:
            continue
        while isinstance(changed, ast.Attribute | ast.Subscript):
            changed = changed.value
        if isinstance(changed, ast.Name):
            yield changed.id


def tags(cell) -> set[str]:
    return set(cell.metadata.get("tags", []))


def beginning(nb: nbformat.NotebookNode, section: int) -> int | None:
    """The index of the cell that holds the heading ``## section …``, or None."""
    heading = re.compile(rf"^## {section}\b", re.MULTILINE)
    found = (i for i, cell in enumerate(nb.cells) if cell.cell_type == "markdown" and heading.search(cell.source))
    return next(found, None)


def read_from(nb: nbformat.NotebookNode, start: int) -> Iterator[tuple[str, int]]:
    """The names, and the cells that read them, that cells from ``start`` on read before one of these binds them."""
    bound: set[str] = set()
    for index, cell in enumerate(nb.cells[start:], start=start):
        code = [cell.source] if cell.cell_type == "code" else _SOLUTION.findall(cell.source)
        for source in code:
            yield from ((name, index) for name in sorted(names(source).read - bound))
        if cell.cell_type == "code":
            bound |= names(cell.source).bound


def missing(nb: nbformat.NotebookNode, section: int) -> list[str]:
    """What keeps a reader from going on at ``section`` after the cells tagged imports and restore, in words."""
    start = beginning(nb, section)
    if start is None:
        return [f"there is no section {section}"]
    reads = list(read_from(nb, start))
    faults = [
        f"section {section}: no cell above makes {name!r}, which cell {nb.cells[reader].id} reads"
        for name, reader in reads
        if not _makers(nb, name, start) and _is_unknown(nb, name, start, reader)
    ]
    for index, wanted in needed(nb, {name for name, _ in reads}, start).items():
        if not tags(nb.cells[index]) & (AGAIN | {"bootstrap"}):
            faults.append(f"section {section} needs {wanted!r} of cell {nb.cells[index].id}; tag that cell restore")
    return sorted(faults)


def needed(nb: nbformat.NotebookNode, wanted: set[str], before: int) -> dict[int, str]:
    """The cells above ``before`` that make the names ``wanted``, and what these need: index to a name that it makes."""
    cells: dict[int, str] = {}
    done = set()
    open_ = [(name, before) for name in wanted]
    while open_:
        name, above = open_.pop()
        if (name, above) in done:
            continue
        done.add((name, above))
        for index in _makers(nb, name, above):
            cells.setdefault(index, name)
            open_ += [(read, index) for read in names(nb.cells[index].source).read]
    return dict(sorted(cells.items()))


def _makers(nb: nbformat.NotebookNode, name: str, before: int) -> list[int]:
    """The last cell above ``before`` that binds ``name``, and those after it that change what it holds."""
    makers: list[int] = []
    for index, cell in enumerate(nb.cells[:before]):
        if cell.cell_type != "code" or (tags(cell) & APART and "bootstrap" not in tags(cell)):
            continue
        found = names(cell.source)
        if name in found.bound and name not in found.read:
            makers = [index]
        elif name in found.bound or (name in found.changed and makers):
            makers.append(index)
    return makers


def _is_unknown(nb: nbformat.NotebookNode, name: str, start: int, reader: int) -> bool:
    """Whether nothing binds the name later either, for a function that is called then, and no mistake is meant."""
    later = any(name in names(cell.source).bound for cell in nb.cells[start:] if cell.cell_type == "code")
    return not later and "raises-exception" not in tags(nb.cells[reader])
