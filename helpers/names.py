"""Which names the code of a cell binds, uses and changes, read from its syntax without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

#: Methods that leave their object as it was; any other method is taken to change it.
READS = frozenset(
    [
        *("all", "any", "argmax", "argmin", "argsort", "astype", "clip", "copy", "cumsum", "dot", "flatten", "item"),
        *("max", "mean", "min", "nonzero", "numpy", "prod", "ravel", "repeat", "reshape", "round", "squeeze", "std"),
        *("sum", "swapaxes", "take", "tobytes", "tolist", "transpose", "var"),  # arrays
        *("count", "decode", "encode", "endswith", "find", "format", "get", "index", "isdigit", "items", "join"),
        *("keys", "lower", "lstrip", "replace", "rstrip", "split", "splitlines", "startswith", "strip", "title"),
        *("maketrans", "most_common", "upper", "values", "zfill"),  # texts, lists, tables
        *(
            "assign",
            "describe",
            "groupby",
            "head",
            "isin",
            "isna",
            "normalize",
            "rolling",
            "shift",
            "tail",
            "to_numpy",
        ),  # pandas
        *("count_params", "evaluate", "get_config", "get_layer", "get_weights", "predict", "summary"),  # Keras
        "reset_state",  # of a recurrent layer: who reads a model with a state empties it first
    ]
)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(frozen=True)
class Call:
    """A call of a function by its name: which arguments are (parts of) named objects."""

    function: str
    positional: tuple[str | None, ...]
    keywords: dict[str, str]


@dataclass
class Function:
    """A function that a cell defines: its parameters, and what its body changes and calls."""

    parameters: list[str]
    local: set[str]
    changes: set[str]
    calls: list[Call]


@dataclass
class Names:
    """What a cell does with names at its top level.

    ``binds`` keeps the order of the cell; ``always_binds`` leaves out what only one branch of an ``if`` binds. ``uses``
    are read before the cell binds them, ``uses_later`` by its functions when they are called.
    """

    binds: list[str] = field(default_factory=list)
    always_binds: set[str] = field(default_factory=set)
    imports: set[str] = field(default_factory=set)
    uses: set[str] = field(default_factory=set)
    uses_later: set[str] = field(default_factory=set)
    changes: set[str] = field(default_factory=set)
    calls: list[Call] = field(default_factory=list)
    functions: dict[str, Function] = field(default_factory=dict)


def names_of(source: str) -> Names:
    """The names of a cell; lines of IPython's own (``%time``, ``!ls``) and code with a slip on purpose have none.

    >>> found = names_of("model = build(X)\\nmodel.fit(X)")
    >>> found.binds, sorted(found.uses), found.changes
    (['model'], ['X', 'build'], {'model'})
    """
    lines = ["" if line.lstrip().startswith(("%", "!")) else line for line in source.splitlines()]
    names = Names()
    try:
        tree = ast.parse("\n".join(lines))
    except SyntaxError:
        return names
    _run(tree.body, names, always=True)
    names.uses_later -= set(names.binds)
    names.changes, names.calls = _changes(tree.body)
    return names


class Functions:
    """What calls of a lesson's functions change: their arguments, and names of the notebook."""

    def __init__(self, cells: Iterable[Names]) -> None:
        self.known = {name: function for names in cells for name, function in names.functions.items()}
        self.changed: dict[str, set[str]] = {name: set(function.changes) for name, function in self.known.items()}
        grows = True
        while grows:  # a function that calls another one changes what that one changes
            grows = False
            for name, function in self.known.items():
                more = set().union(*(self._by_call(call) for call in function.calls)) - self.changed[name]
                self.changed[name] |= more
                grows = grows or bool(more)

    def changed_by(self, names: Names) -> set[str]:
        """The names whose objects a cell changes, itself or in the functions that it calls."""
        return names.changes.union(*(self._by_call(call) for call in names.calls))

    def _by_call(self, call: Call) -> set[str]:
        if (function := self.known.get(call.function)) is None:
            return set()
        changed = self.changed[call.function]
        given = dict(zip(function.parameters, call.positional, strict=False)) | call.keywords
        passed = (given.get(name) for name in function.parameters if name in changed)
        arguments = {argument for argument in passed if argument}
        return arguments | (changed - function.local)


# --- binding and use, in the order in which a cell runs ---------------------------------------------------------------


def _run(body: Sequence[ast.stmt], names: Names, *, always: bool) -> None:
    """Follow statements as they run; what they bind is bound for those below."""
    for statement in body:
        if isinstance(statement, ast.If):
            _run_if(statement, names, always)
        elif isinstance(statement, (ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try)):
            _run_block(statement, names, always)
        else:
            _use([statement], names)
            _bind(statement, names, always)


def _run_if(statement: ast.If, names: Names, always: bool) -> None:
    if ast.unparse(statement.test) != "runtime.is_study()":  # a reader's kernel leaves a study's settings out
        _use([statement.test], names)
        before = set(names.always_binds)
        _run(statement.body, names, always=always)
        first, names.always_binds = names.always_binds, set(before)
        _run(statement.orelse, names, always=always)
        names.always_binds &= first
    else:
        _run(statement.orelse, names, always=always)


def _run_block(statement: ast.stmt, names: Names, always: bool) -> None:
    heads = [part for part in ast.iter_child_nodes(statement) if isinstance(part, (ast.expr, ast.withitem))]
    _use([part for part in heads if not _is_target(part)], names)
    for head in heads:
        _bind(head, names, always)
    for block in ("body", "handlers", "orelse", "finalbody"):
        for part in getattr(statement, block, []):
            if isinstance(part, ast.ExceptHandler):
                _use([part.type] if part.type else [], names)
                inner = Names(binds=[*names.binds, *([part.name] if part.name else [])])
                _run(part.body, inner, always=False)
                names.uses |= inner.uses
                names.uses_later |= inner.uses_later
            else:
                _run([part], names, always=always)


def _is_target(node: ast.AST) -> bool:
    return isinstance(getattr(node, "ctx", None), ast.Store) and isinstance(node, (ast.Name, ast.Tuple, ast.List))


def _use(nodes: Sequence[ast.AST], names: Names) -> None:
    now, later = _reads(nodes)
    names.uses |= now - set(names.binds)
    names.uses_later |= later


def _bind(node: ast.AST, names: Names, always: bool) -> None:
    found = _stores([node])
    names.binds += [name for name in found if name not in names.binds]
    if always:
        names.always_binds |= set(found)
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        names.imports |= set(found)
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        changes, calls = _changes(node.body)
        names.functions[node.name] = Function(_parameters(node), _locals(node), changes, calls)


# --- scopes -----------------------------------------------------------------------------------------------------------


def _reads(nodes: Iterable[ast.AST]) -> tuple[set[str], set[str]]:
    """Names read when the nodes run, and names of the notebook read when functions in them are called."""
    now: set[str] = set()
    later: set[str] = set()
    for node in nodes:
        if isinstance(node, _FUNCTIONS):
            inside = set().union(*_reads(node.body if isinstance(node.body, list) else [node.body]))
            later |= inside - _locals(node)
            around = [*node.args.defaults, *[default for default in node.args.kw_defaults if default]]
            parts = _reads([*around, *getattr(node, "decorator_list", [])])
        elif isinstance(node, _COMPREHENSIONS):
            own = set(_stores(node.generators))
            inner_now, inner_later = _reads(ast.iter_child_nodes(node))
            parts = inner_now - own, inner_later - own
        elif isinstance(node, ast.ClassDef):
            own = set(_stores(node.body))
            in_body, in_methods = _reads(node.body)
            parts = _reads([*node.bases, *[keyword.value for keyword in node.keywords], *node.decorator_list])
            parts = parts[0] | (in_body - own), parts[1] | in_methods
        else:
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                now.add(node.id)
            elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
                now.add(node.target.id)
            parts = _reads(ast.iter_child_nodes(node))
        now |= parts[0]
        later |= parts[1]
    return now, later


def _stores(nodes: Iterable[ast.AST]) -> list[str]:
    """Names that the nodes bind in their own scope, in order."""
    found: list[str] = []
    for node in nodes:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.append(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found += [alias.asname or alias.name.partition(".")[0] for alias in node.names]
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.append(node.id)
        elif isinstance(node, _COMPREHENSIONS):
            found += [walrus.target.id for walrus in ast.walk(node) if isinstance(walrus, ast.NamedExpr)]
        elif not isinstance(node, ast.Lambda):
            found += _stores(ast.iter_child_nodes(node))
    return list(dict.fromkeys(found))


def _parameters(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> list[str]:
    given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return [argument.arg for argument in given]


def _locals(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> set[str]:
    rest = [argument.arg for argument in (node.args.vararg, node.args.kwarg) if argument]
    body = node.body if isinstance(node.body, list) else []
    outside = {
        name for part in body for inner in ast.walk(part) if isinstance(inner, ast.Global) for name in inner.names
    }
    caught = {
        part.name for inner in body for part in ast.walk(inner) if isinstance(part, ast.ExceptHandler) and part.name
    }
    return ({*_parameters(node), *rest, *_stores(body)} | caught) - outside


# --- changes of objects -----------------------------------------------------------------------------------------------


def _changes(body: Iterable[ast.AST]) -> tuple[set[str], list[Call]]:
    """Names whose objects the nodes change when they run, and the functions that they call by name."""
    changed: set[str] = set()
    calls: list[Call] = []
    for node in body:
        if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
            continue
        if isinstance(node, (ast.Attribute, ast.Subscript)) and isinstance(node.ctx, (ast.Store, ast.Del)):
            changed.add(_root(node) or "")
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr not in READS:
                changed.add(_root(node.func.value) or "")
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            keywords = {word.arg: root for word in node.keywords if word.arg and (root := _root(word.value))}
            calls.append(Call(node.func.id, tuple(_root(argument) for argument in node.args), keywords))
        inside, called = _changes(ast.iter_child_nodes(node))
        changed |= inside
        calls += called
    return changed - {""}, calls


def _root(node: ast.AST) -> str | None:
    """The name at the beginning of ``name.attribute[index]…``, or None."""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None
