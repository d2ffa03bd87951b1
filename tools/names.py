"""Which names statements bind and which they use, read from their source."""

from __future__ import annotations

import ast
import copy
import symtable
from collections.abc import Iterable, Iterator


def one_import_each(node: ast.stmt) -> Iterator[ast.stmt]:
    """An import as one statement per name; any other statement as it is."""
    if isinstance(node, ast.Import):
        yield from (ast.Import(names=[alias]) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield from (ast.ImportFrom(module=node.module, names=[alias], level=node.level) for alias in node.names)
    else:
        yield node


def names_of(nodes: Iterable[ast.stmt]) -> tuple[set[str], set[str]]:
    """Names that statements, run in order, bind, and those that they use before they have bound them.

    >>> binds, uses = names_of(ast.parse("total = [x for x in values]\\nprint(total)").body)
    >>> sorted(binds), sorted(uses)
    (['total'], ['print', 'values'])
    """
    binds: set[str] = set()
    uses: set[str] = set()
    for node in nodes:
        parts = _parts(node)
        new, used = names_of(parts) if parts else _names_of_simple(node)
        uses |= used - binds
        binds |= new
    return binds, uses


def _parts(node: ast.stmt) -> list[ast.stmt]:
    """A loop, a condition or a with as simple statements in the order in which they run; nothing for others."""
    if isinstance(node, ast.For):
        return [ast.Assign(targets=[node.target], value=node.iter), *node.body, *node.orelse]
    if isinstance(node, (ast.If, ast.While)):
        return [ast.Expr(value=node.test), *node.body, *node.orelse]
    if isinstance(node, ast.With):
        heads = [
            ast.Assign(targets=[item.optional_vars], value=item.context_expr)
            if item.optional_vars
            else ast.Expr(value=item.context_expr)
            for item in node.items
        ]
        return [*heads, *node.body]
    if isinstance(node, ast.Try):
        return [*node.body, *(part for handler in node.handlers for part in handler.body), *node.finalbody]
    return []


class _Generators(ast.NodeTransformer):
    """Comprehensions as generators: their names stay their own, while Python 3.12 and later inline comprehensions."""

    def visit_ListComp(self, node: ast.ListComp | ast.SetComp) -> ast.AST:
        return self.generic_visit(ast.GeneratorExp(elt=node.elt, generators=node.generators))

    visit_SetComp = visit_ListComp

    def visit_DictComp(self, node: ast.DictComp) -> ast.AST:
        pair = ast.Tuple(elts=[node.key, node.value], ctx=ast.Load())
        return self.generic_visit(ast.GeneratorExp(elt=pair, generators=node.generators))


def _names_of_simple(node: ast.stmt) -> tuple[set[str], set[str]]:
    node = ast.fix_missing_locations(_Generators().visit(copy.deepcopy(node)))
    table = symtable.symtable(ast.unparse(node), "<cell>", "exec")
    binds = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned() or symbol.is_imported()}
    return binds, set(_globals_used(table))


def _globals_used(table: symtable.SymbolTable) -> Iterator[str]:
    """Names that the statement, or a function in it, takes from the notebook's namespace."""
    is_module = table.get_type() == "module"
    for symbol in table.get_symbols():
        if symbol.is_referenced() and (is_module or symbol.is_global()):
            yield symbol.get_name()
    for child in table.get_children():
        yield from _globals_used(child)
