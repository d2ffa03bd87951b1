"""Which full names stand behind the names in a piece of code."""

from __future__ import annotations

import ast
from collections.abc import Iterable

#: Stands for everything in a module.
ALL = "*"


def bound_by_imports(statements: Iterable[ast.stmt]) -> dict[str, str]:
    """Local name to full name, for the imports in ``statements`` at whatever depth.

    >>> bound_by_imports(ast.parse("import numpy as np; from helpers import series; import helpers.text").body)
    {'np': 'numpy', 'series': 'helpers.series', 'helpers': 'helpers'}
    """
    names: dict[str, str] = {}
    for node in nodes(statements):
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.partition(".")[0]
                names[alias.asname or first] = alias.name if alias.asname else first
        elif isinstance(node, ast.ImportFrom) and node.module != "__future__":
            names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return names


def full_name(node: ast.expr, names: dict[str, str]) -> str:
    """The full name of what an expression begins with; empty when that is no imported name.

    >>> code = ast.parse("plots.new_figure().subplots()", mode="eval").body
    >>> full_name(code, {"plots": "helpers.plots"})
    'helpers.plots.new_figure'
    """
    trail: list[str] = []
    while not isinstance(node, ast.Name):
        if isinstance(node, ast.Attribute):
            trail.append(node.attr)
        elif isinstance(node, ast.Call | ast.Subscript):
            trail.clear()
        else:
            return ""
        node = node.func if isinstance(node, ast.Call) else node.value
    return ".".join([names[node.id], *reversed(trail)]) if node.id in names else ""


def used_of_helpers(statements: Iterable[ast.stmt], names: dict[str, str]) -> set[tuple[str, str]]:
    """(module, name) for what ``statements`` use of the helpers, where ``names`` is what their imports bind.

    >>> code = ast.parse("x = series.noise_floor(); f(series)").body
    >>> sorted(used_of_helpers(code, {"series": "helpers.series"}))
    [('series', '*'), ('series', 'noise_floor')]
    """
    found: set[str] = set()
    for statement in statements:
        _collect(statement, names, found)
    return {_split(name) for name in found if name == "helpers" or name.startswith("helpers.")}


def _collect(node: ast.AST, names: dict[str, str], found: set[str]) -> None:
    trail, root = [], node
    while isinstance(root, ast.Attribute):
        trail.append(root.attr)
        root = root.value
    if isinstance(root, ast.Name):
        if root.id in names:
            found.add(".".join([names[root.id], *reversed(trail)]))
        return
    for child in ast.iter_child_nodes(root):
        _collect(child, names, found)


def _split(name: str) -> tuple[str, str]:
    """``helpers.series.load_traffic.attribute`` as module and name."""
    _, module, used, *_ = [*name.split("."), ALL, ALL]
    return module, used


def nodes(statements: Iterable[ast.stmt]) -> Iterable[ast.AST]:
    """All nodes of the syntax trees of ``statements``."""
    return (node for statement in statements for node in ast.walk(statement))


def mentioned(statements: Iterable[ast.stmt]) -> set[str]:
    """Every plain name in ``statements``."""
    return {node.id for node in nodes(statements) if isinstance(node, ast.Name)}
