"""The text of an answer as the reader wrote it, which ``checks.save()`` keeps."""

from __future__ import annotations

import ast
import functools
import inspect
import linecache
import re
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np

#: Characters of a value that are kept whole.
LONGEST_VALUE = 20_000
NOT_KEPT = "# not kept: "


def text_of(answer: Any) -> tuple[str, bool]:
    """The text of an answer, and whether it is the answer itself.

    Of a function or a class that is its source as it was written, with what it uses from the same cell; of a number, a
    text, a list or a small array its value. Anything else, such as a model, is described in a comment.

    >>> text_of([1, 2.5])
    ('[1, 2.5]', True)
    >>> text_of(np.zeros(5000))
    ('# not kept: an array of shape (5000,) and type float64', False)
    """
    definition, remark = _definition(answer)
    if definition is None:
        return _value(answer)
    source = source_of(definition)
    if source is None:
        name = getattr(definition, "__qualname__", "this answer")
        return f"{NOT_KEPT}the source of {name} cannot be read here; copy it from its cell", False
    return remark + source, True


def source_of(definition: Any) -> str | None:
    """The source of a function or a class: the whole statement of its cell, and what that uses of the same cell.

    Returns:
        None where no source can be had, as for what was made by ``exec`` or ``type``.
    """
    if any(function.__code__.co_filename == "<string>" for function in _functions(definition)):
        return None  # made by exec or eval; where Python was begun with -c, it would show that text as the source
    for cell, line in _cells(definition):
        try:
            tree = ast.parse(cell)
        except SyntaxError:
            continue
        statement = _statement(tree, definition, line)
        if statement is not None:
            statements = _with_neighbours(tree, statement) if definition.__module__ == "__main__" else [statement]
            return "\n\n".join(_lines(cell, one) for one in statements)
    try:
        return inspect.getsource(definition).rstrip()
    except (OSError, TypeError):
        return None


def describe(value: Any) -> str:
    """What a value is, in a few words, where the value itself is too long or cannot be written.

    >>> describe({"plain": np.zeros((2, 3)), "name": "x"})
    "a dict: 'plain' an array of shape (2, 3) and type float64, 'name' a str"
    """
    kind = type(value)
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape} and type {value.dtype}"
    if kind is dict:
        parts = [f"{key!r} {_name_of(one)}" for key, one in list(value.items())[:6] if isinstance(key, str)]
        return f"a dict: {', '.join(parts)}" if parts else f"a dict of {len(value)}"
    if kind in (list, tuple, str):
        return f"a {kind.__name__} of {len(value):,} {'characters' if kind is str else 'entries'}"
    if hasattr(value, "count_params") and getattr(value, "built", False):
        return f"a {kind.__name__} with {value.count_params():,} weights"
    return _name_of(value)


def _name_of(value: Any) -> str:
    return describe(value) if isinstance(value, np.ndarray) else f"a {type(value).__name__}"


def _definition(answer: Any) -> tuple[Any, str]:
    """The function or class behind an answer, None for a plain value, and a comment on how the answer comes from it."""
    if isinstance(answer, functools.partial):
        given = ", ".join([*map(repr, answer.args), *(f"{name}={value!r}" for name, value in answer.keywords.items())])
        return _definition(answer.func)[0], f"# functools.partial with {given} of:\n"
    if inspect.isclass(answer):
        return answer, ""
    if inspect.ismethod(answer):
        answer = answer.__func__
    wrapped = getattr(answer, "__wrapped__", None) or getattr(answer, "python_function", None)  # as tf.function has it
    if inspect.isfunction(answer) or inspect.isfunction(wrapped):
        return inspect.unwrap(wrapped or answer), ""
    if type(answer).__module__ == "__main__":
        return type(answer), "# an object of this class:\n"
    return None, ""


def _cells(definition: Any) -> Iterator[tuple[str, int | None]]:
    """Sources that may hold a definition, with its line where that is known, the surest first."""
    for function in _functions(definition):
        lines = linecache.getlines(function.__code__.co_filename)
        if lines:
            yield "".join(lines), function.__code__.co_firstlineno
    if definition.__module__ != "__main__" or "IPython" not in sys.modules:
        return
    from IPython import get_ipython

    shell = get_ipython()
    for cell in reversed(shell.user_ns.get("In", [])) if shell else ():
        yield cell, None
        yield from ((body, None) for body in _magic_bodies(cell))


def _functions(definition: Any) -> Iterator[Any]:
    """The function itself, or those that a class body defines: Python keeps the line of a function, not of a class."""
    if not inspect.isclass(definition):
        yield definition
        return
    for value in vars(definition).values():
        value = inspect.unwrap(getattr(value, "__func__", None) or getattr(value, "fget", None) or value)
        if inspect.isfunction(value) and value.__code__.co_qualname.startswith(f"{definition.__qualname__}."):
            yield value


def _magic_bodies(cell: str) -> Iterator[str]:
    """What stands under a magic such as ``%%time``, which IPython hands on as a text."""
    try:
        body = ast.parse(cell).body
    except SyntaxError:
        return
    for node in body:
        call = node.value if isinstance(node, ast.Expr) else None
        if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "run_cell_magic" and len(call.args) == 3:
            text = call.args[2]
            if isinstance(text, ast.Constant) and isinstance(text.value, str):
                yield text.value


def _statement(tree: ast.Module, definition: Any, line: int | None) -> ast.stmt | None:
    """The statement of a cell that holds ``line``, or else that defines the name."""
    for node in reversed(tree.body):
        if line is not None:
            holds = _first_line(node) <= line <= (node.end_lineno or 0)
        else:
            kinds = (ast.ClassDef,) if inspect.isclass(definition) else (ast.FunctionDef, ast.AsyncFunctionDef)
            holds = any(isinstance(one, kinds) and one.name == definition.__name__ for one in ast.walk(node))
        if holds:
            return node
    return None


def _with_neighbours(tree: ast.Module, statement: ast.stmt) -> list[ast.stmt]:
    """``statement`` and the statements of its cell that make what it uses, in their order."""
    makers = {name: node for node in tree.body if node is not statement for name in _makes(node)}
    chosen, new = [statement], [statement]
    while new:
        used = [makers[name] for name in _uses(new.pop()) & makers.keys()]
        new += [node for node in dict.fromkeys(used) if node not in chosen]
        chosen += [node for node in dict.fromkeys(used) if node not in chosen]
    return sorted(chosen, key=lambda node: node.lineno)


def _makes(node: ast.stmt) -> set[str]:
    """Names that a statement of a cell makes."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {node.name}
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return {part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)}


def _uses(node: ast.stmt) -> set[str]:
    """Names that a statement reads and does not make itself."""
    names = [part for part in ast.walk(node) if isinstance(part, ast.Name)]
    own = {part.id for part in names if isinstance(part.ctx, ast.Store)}
    own |= {part.arg for part in ast.walk(node) if isinstance(part, ast.arg)}
    return {part.id for part in names} - own


def _first_line(node: ast.stmt) -> int:
    return min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", []))])


def _lines(cell: str, node: ast.stmt) -> str:
    return "\n".join(cell.splitlines()[_first_line(node) - 1 : node.end_lineno])


def _value(answer: Any) -> tuple[str, bool]:
    try:
        text = repr(answer)
        ast.parse(text.encode("utf-8", "backslashreplace"), mode="eval")
    except Exception:  # an odd answer's repr may raise anything; what is no expression cannot be pasted
        return f"{NOT_KEPT}{describe(answer)}", False
    if len(text) > LONGEST_VALUE or re.search(r",\s*\.\.\.,", text):  # NumPy leaves out the middle of a large array
        return f"{NOT_KEPT}{describe(answer)}", False
    return text, True
