"""Which names a lesson's cells need and make, read from their source: what ``runtime.resume`` has to run again."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

import nbformat

#: What IPython gives every cell.
GIVEN = {*dir(builtins), "display", "get_ipython", "__name__"}
#: Methods that change what their owner holds.
CHANGING = {"add", "append", "extend", "insert", "pop", "remove", "setdefault", "update"}
#: Cells whose names no other part of a lesson counts on.
APART = {"machinery", "exercise", "check", "raises-exception"}
AGAIN = {"imports", "restore"}

_SOLUTION = re.compile(r"<summary>Solution.*?```python\n(.*?)```", re.DOTALL)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass
class Names:
    """The names that a cell reads before it binds them, those that it binds, and those whose contents it changes."""

    read: set[str] = field(default_factory=set)
    bound: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)


@cache
def names(source: str) -> Names:
    """The names of one cell; none where the source is no Python.

    A function's body counts as read where the function is defined, but finds what its cell binds further down.

    >>> found = names("total = x + 1\\nresults['a'] = [total for y in z]")
    >>> sorted(found.read), sorted(found.bound), sorted(found.changed)
    (['results', 'x', 'z'], ['total'], ['results'])
    """
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return Names()
    reader = _Reader()
    reader.visit(tree)
    while reader.later:
        body, scopes = reader.later.pop(0)
        reader.scopes = scopes
        reader.visit_all(body)
    return Names(reader.names.read - GIVEN, reader.names.bound, reader.names.changed)


class _Reader(ast.NodeVisitor):
    """Visits a cell in the order in which Python evaluates it; bodies of functions come last."""

    def __init__(self) -> None:
        self.names = Names()
        self.scopes: list[set[str]] = []
        self.later: list[tuple[list[ast.AST], list[set[str]]]] = []

    def visit_all(self, nodes) -> None:
        for node in nodes:
            if node is not None:
                self.visit(node)

    def bind(self, name: str) -> None:
        (self.scopes[-1] if self.scopes else self.names.bound).add(name)

    def read(self, name: str) -> None:
        if name not in self.names.bound and not any(name in scope for scope in self.scopes):
            self.names.read.add(name)

    def change(self, node: ast.AST) -> None:
        while isinstance(node, ast.Attribute | ast.Subscript):
            node = node.value
        if isinstance(node, ast.Name) and not any(node.id in scope for scope in self.scopes):
            self.names.changed.add(node.id)

    def visit_Name(self, node):
        (self.bind if isinstance(node.ctx, ast.Store) else self.read)(node.id)

    def visit_Attribute(self, node):
        if not isinstance(node.ctx, ast.Load):
            self.change(node)
        self.generic_visit(node)

    visit_Subscript = visit_Attribute

    def visit_Call(self, node):
        if isinstance(node.func, ast.Attribute) and node.func.attr in CHANGING:
            self.change(node.func)
        self.generic_visit(node)

    def visit_Assign(self, node):
        self.visit_all([node.value, *node.targets])

    def visit_AnnAssign(self, node):
        self.visit_all([node.annotation, node.value, node.target])

    def visit_NamedExpr(self, node):
        self.visit_all([node.value, node.target])

    def visit_AugAssign(self, node):
        self.visit(node.value)
        self.change(node.target)
        if isinstance(node.target, ast.Name):
            self.read(node.target.id)
        self.visit(node.target)

    def visit_For(self, node):
        self.visit_all([node.iter, node.target, *node.body, *node.orelse])

    def visit_ExceptHandler(self, node):
        self.visit_all([node.type])
        if node.name:
            self.bind(node.name)
        self.visit_all(node.body)

    def visit_Import(self, node):
        for alias in node.names:
            self.bind(alias.asname or alias.name.split(".")[0])

    visit_ImportFrom = visit_Import

    def visit_FunctionDef(self, node):
        arguments = node.args
        outside = [*arguments.defaults, *arguments.kw_defaults]
        everyone = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
        local = {argument.arg for argument in everyone if argument}
        if isinstance(node, ast.Lambda):
            self.visit_all(outside)
            self.later.append(([node.body], [*self.scopes, local]))
            return
        annotations = [argument.annotation for argument in everyone if argument]
        self.visit_all([*node.decorator_list, *outside, *annotations, node.returns])
        self.bind(node.name)
        self.later.append((node.body, [*self.scopes, local | _locals(node.body)]))

    visit_AsyncFunctionDef = visit_Lambda = visit_FunctionDef

    def visit_ClassDef(self, node):
        self.visit_all([*node.decorator_list, *node.bases, *node.keywords])
        self.scopes = [*self.scopes, set()]
        self.visit_all(node.body)
        self.scopes = self.scopes[:-1]
        self.bind(node.name)

    def _comprehension(self, node):
        self.visit(node.generators[0].iter)
        self.scopes = [*self.scopes, set()]
        for number, generator in enumerate(node.generators):
            self.visit_all([generator.iter] if number else [])
            self.visit_all([generator.target, *generator.ifs])
        self.visit_all([node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt])
        self.scopes = self.scopes[:-1]

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension


def _locals(body: list[ast.AST]) -> set[str]:
    """The names that a function's body binds itself, functions and comprehensions within it apart."""
    found, outer, nodes = set(), set(), list(body)
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.Global | ast.Nonlocal):
            outer.update(node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found.update(alias.asname or alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) or (
            isinstance(node, ast.ExceptHandler) and node.name
        ):
            found.add(node.name)
        if not isinstance(node, (*_FUNCTIONS, ast.ClassDef, *_COMPREHENSIONS)):
            nodes.extend(ast.iter_child_nodes(node))
    return found - outer


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
