"""The lessons as tests read them: each notebook once, and a namespace that runs no more cells than an answer needs."""

from __future__ import annotations

import ast
import builtins
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from tools import notebooks
from tools.names import names_of, one_import_each

#: What the bootstrap cell leaves to all cells after it.
SET_UP = "from helpers import runtime\nreport = runtime.start()"
#: Tags of the cells that make what exercises and labs need.
MAKING = ("imports", "restore")
#: Methods that change the object on which they are called.
CHANGING = {"add", "append", "build", "compile", "extend", "fit", "load_weights", "set_weights", "update"}

LESSONS = notebooks.find()


@functools.cache
def notebook(path: Path) -> nbformat.NotebookNode:
    """A notebook, read once in this process; nobody may change it."""
    return notebooks.read(path)


def tags(cell: nbformat.NotebookNode) -> set[str]:
    """The tags of a cell."""
    return set(cell.metadata.get("tags", []))


def tagged(path: Path, *names: str) -> list[nbformat.NotebookNode]:
    """The cells of a notebook that have at least one of these tags."""
    return [cell for cell in notebook(path).cells if set(names) & tags(cell)]


@dataclass(frozen=True)
class Step:
    """A cell that makes what later cells need, or one name of an import.

    Attributes:
        source: its code.
        binds: the names that it makes.
        uses: the names that it needs from the steps before it, or, in a function, from any step.
        changes: the names of objects that it changes in place.
    """

    source: str
    binds: frozenset[str]
    uses: frozenset[str]
    changes: frozenset[str]


class Namespace:
    """What the cells tagged imports and restore of a lesson define, each run when the first answer needs it.

    Args:
        steps: those cells, as ``steps`` takes them apart.
    """

    def __init__(self, steps: list[Step]) -> None:
        self.steps = steps
        self._begin()

    def for_code(self, source: str) -> dict[str, Any]:
        """A copy of the namespace in which ``source`` finds the names that it needs."""
        missing = [place for place in needed(self.steps, source) if place not in self._done]
        if any(self._comes_too_late(place) for place in missing):
            self._begin()
            missing = needed(self.steps, source)
        for place in missing:
            execute(self.steps[place].source, self._names)
            self._done.add(place)
        return dict(self._names)

    def _begin(self) -> None:
        self._names: dict[str, Any] = {}
        self._done: set[int] = set()
        execute(SET_UP, self._names)

    def _comes_too_late(self, place: int) -> bool:
        """Whether a later step, run for another answer, has already made or changed a name of this step."""
        step = self.steps[place]
        names = step.binds | step.uses | step.changes
        later = (self.steps[done] for done in self._done if done > place)
        return any(names & (other.binds | other.changes) for other in later)


def steps(sources: list[str]) -> list[Step]:
    """The steps of cells that are given by their code, in order."""
    return [step for source in sources for step in _steps(source)]


def needed(steps: list[Step], source: str) -> list[int]:
    """Places of the steps on which a piece of code depends, through all names that these need in turn."""
    found: set[int] = set()
    wanted = [(name, len(steps)) for name in names_of(ast.parse(source).body)[1]]
    while wanted:
        name, end = wanted.pop()
        for place in _makers(steps, name, end):
            if place not in found:
                found.add(place)
                wanted.extend((used, place) for used in steps[place].uses)
    return sorted(found)


def _makers(steps: list[Step], name: str, end: int) -> list[int]:
    """Places of the step before ``end`` that binds a name last, and of those that then change its object."""
    binding = [place for place, step in enumerate(steps) if name in step.binds]
    if name in vars(builtins) or not binding:
        return []  # the answer's own, the set-up cell's, or missing: then the check or the answer says so
    before = [place for place in binding if place < end]
    first = before[-1] if before else binding[-1]  # a function may use what is bound only later
    return [first, *(place for place in range(first + 1, end) if name in steps[place].changes)]


def execute(source: str, namespace: dict[str, Any]) -> None:
    """Run code in a namespace."""
    exec(compile(source, "<lesson>", "exec"), namespace)


def _steps(source: str) -> Iterator[Step]:
    """A cell as one step; its imports before it, one step per name, so that nothing loads Keras for one of them."""
    nodes = ast.parse(source).body
    imports = [node for node in nodes if isinstance(node, (ast.Import, ast.ImportFrom))]
    for node in (part for one in imports for part in one_import_each(one)):
        yield _step([node])
    if others := [node for node in nodes if node not in imports]:
        yield _step(others)


def _step(nodes: list[ast.stmt]) -> Step:
    binds, uses = names_of(nodes)
    return Step(
        "\n".join(map(ast.unparse, nodes)), frozenset(binds), frozenset(uses), frozenset(_changed(nodes)) - binds
    )


def _changed(nodes: list[ast.stmt]) -> Iterator[str]:
    """Names of objects that statements change in place: an entry or attribute is set, or a method changes them."""
    for node in (inner for outer in nodes for inner in ast.walk(outer)):
        if isinstance(node, (ast.Subscript, ast.Attribute)) and isinstance(node.ctx, (ast.Store, ast.Del)):
            target = node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHANGING:
            target = node.func.value
        else:
            continue
        while isinstance(target, (ast.Subscript, ast.Attribute)):
            target = target.value
        if isinstance(target, ast.Name):
            yield target.id
