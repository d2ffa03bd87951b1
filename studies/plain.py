"""Python code in one plain form: what it computes stays, what it says to people and how it is written down go."""

from __future__ import annotations

import ast

from studies.names import full_name

#: Parts of a syntax tree that say nothing of what is computed, or that some versions of Python lack.
UNREAD = {"ctx", "kind", "type_comment", "type_ignores", "type_params", "simple"}


def bare(source: str) -> str:
    """``source`` in plain form: no comment, docstring, blank line, type annotation, or words of an error.

    Two sources have the same plain form when they compute the same in the same steps; Python 3.11 to 3.13 give the
    same one.

    >>> bare("x = 1  # one") == bare("x: int = (1)")
    True
    """
    return dump(computed(ast.parse(source)))


def computed(module: ast.Module) -> list[ast.stmt]:
    """The statements of a module without what is for people and type checkers alone; changes ``module``."""
    return _Wordless().visit(module).body


def dump(statements: list[ast.stmt]) -> str:
    """The plain form of statements, one per line, in ASCII."""
    return "\n".join(map(_form, statements))


def as_published(statements: list[ast.stmt], names: dict[str, str]) -> list[ast.stmt]:
    """``statements`` with the ``runtime.data_seed(42)`` that a study computes with: 42; changes them."""
    return [_AsPublished(names).visit(statement) for statement in statements]


class _AsPublished(ast.NodeTransformer):
    def __init__(self, names: dict[str, str]) -> None:
        self.names = names

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        fresh = full_name(node.func, self.names) == "helpers.runtime.data_seed"
        return node.args[0] if fresh and len(node.args) == 1 and not node.keywords else node


class _Wordless(ast.NodeTransformer):
    def visit(self, node: ast.AST) -> ast.AST | None:
        body = getattr(node, "body", None)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and _is_text(body[:1]):
            del body[0]
        return super().visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        return self.generic_visit(ast.Assign(targets=[node.target], value=node.value))

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        if isinstance(node.exc, ast.Call):
            node.exc = node.exc.func
        return self.generic_visit(node)

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        node.msg = None
        return self.generic_visit(node)

    def visit_If(self, node: ast.If) -> ast.AST | None:
        for_type_checkers = isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        return None if for_type_checkers else self.generic_visit(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        """Joins neighbouring texts of an f-string, which the versions of Python cut in different places."""
        self.generic_visit(node)
        pieces: list[ast.expr] = []
        for piece in node.values:
            if isinstance(piece, ast.Constant) and pieces and isinstance(pieces[-1], ast.Constant):
                piece = ast.Constant(pieces.pop().value + piece.value)
            pieces.append(piece)
        node.values = [piece for piece in pieces if not (isinstance(piece, ast.Constant) and piece.value == "")]
        return node


def _is_text(body: list[ast.stmt]) -> bool:
    return any(
        isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant) and isinstance(each.value.value, str)
        for each in body
    )


def _form(node: object) -> str:
    if isinstance(node, list):
        return "[" + ", ".join(map(_form, node)) + "]"
    if isinstance(node, ast.Constant):
        return ascii(node.value)  # repr shows a letter or its number, depending on the Python that runs
    if not isinstance(node, ast.AST):
        return ascii(node)
    parts = [(name, value) for name, value in ast.iter_fields(node) if name not in UNREAD and value not in (None, [])]
    return f"{type(node).__name__}({', '.join(f'{name}={_form(value)}' for name, value in parts)})"
