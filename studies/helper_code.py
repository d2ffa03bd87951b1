"""What a notebook uses of the helpers: the functions, classes and constants that its code reaches, and no others."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path

from studies.names import ALL, bound_by_imports, mentioned, used_of_helpers
from studies.plain import as_published, computed, dump

#: Helpers that draw, check, report, or change how fast a model trains, but not what it learns: all others count.
IDLE = {"labs", "plots", "checks", "runtime", "scores", "training"}
#: A module and a name in it.
Use = tuple[str, str]


class Helpers:
    """The modules of a folder of helpers, each read once.

    Raises:
        ValueError: a helper is a package; only single modules and the idle ones are known here.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._modules: dict[str, _Module] = {}

    def code(self, wanted: Iterable[Use]) -> dict[str, str]:
        """Module to the plain form of those of its statements that ``wanted`` reaches, also by way of others."""
        waiting, done = list(wanted), set()
        taken: dict[str, set[int]] = {}
        while waiting:
            use = waiting.pop()
            if use in done or use[0] in IDLE:
                continue
            done.add(use)
            module = self._module(use[0])
            for index in module.reached(use[1]) - taken.setdefault(use[0], set()):
                taken[use[0]].add(index)
                waiting += module.uses(index)
        return {name: f"{name}\n{self._module(name).form(taken[name])}" for name in sorted(taken)}

    def _module(self, name: str) -> _Module:
        if name not in self._modules:
            path = self.folder / f"{name}.py"
            if not path.exists():
                raise ValueError(
                    f"the fingerprint finds no {path.name} in {self.folder.name}/. If {name!r} is a package that no "
                    "result depends on, add it to IDLE in studies/helper_code.py; else make it a module."
                )
            self._modules[name] = _Module(name, path.read_text(encoding="utf-8"))
        return self._modules[name]


class _Module:
    """The statements of one module, and which names each binds and uses."""

    def __init__(self, name: str, source: str) -> None:
        self.name = name
        statements = computed(ast.parse(source))
        self.imports = bound_by_imports(statements)
        self.statements = as_published(statements, self.imports)
        self.binds: dict[str, set[int]] = {}
        self.always: set[int] = set()  # what binds no name of its own acts on the others
        for index, statement in enumerate(self.statements):
            if _imports(statement):
                continue
            bound = _bound(statement)
            for each in bound:
                self.binds.setdefault(each, set()).add(index)
            if not bound:
                self.always.add(index)

    def reached(self, name: str) -> set[int]:
        """Statements behind ``name``: what binds it, and what acts on the whole module."""
        if name == ALL:
            return {index for index, each in enumerate(self.statements) if not _imports(each)}
        return self.always | self.binds.get(name, set())

    def uses(self, index: int) -> set[Use]:
        """What a statement uses of this module and of other helpers."""
        statement = self.statements[index]
        names = mentioned([statement])
        if {"globals", "vars", "__getattr__"} & (names | set(self.binds)):
            return {(self.name, ALL)} | used_of_helpers([statement], self.imports)
        return {(self.name, each) for each in names & set(self.binds)} | used_of_helpers([statement], self.imports)

    def form(self, taken: set[int]) -> str:
        """The plain form of some statements, in their order, with what their imports mean."""
        statements = [self.statements[index] for index in sorted(taken)]
        names = mentioned(statements)
        meaning = sorted(f"{name} is {self.imports[name]}" for name in names & set(self.imports))
        return "\n".join([dump(statements), *meaning])


def _bound(statement: ast.stmt) -> set[str]:
    """Names that a definition or an assignment binds; none for any other statement."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {statement.name}
    if isinstance(statement, ast.Assign | ast.AnnAssign):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        parts = [part for each in targets for part in (each.elts if isinstance(each, ast.Tuple) else [each])]
        return {part.id for part in parts} if all(isinstance(part, ast.Name) for part in parts) else set()
    return set()


def _imports(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Import | ast.ImportFrom)
