"""Start a lesson at one of its sections: which cells above it are needed, and run them in the reader's notebook.

A section is the second-level heading that begins with its number, as "## 4 A layer with weights". ``needed_cells``
reads the cells' code, not what they do: a name that a cell binds is *made* there, and so is a needed object on which
a cell calls a method that may change it (``vector.adapt(X)``), directly or in a function of the lesson.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from helpers.names import Functions, Names, names_of

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"

#: Tags of the cells that ``resume`` runs.
RUNS = {"imports", "restore"}


class CannotResume(Exception):
    """Says in a sentence why ``resume`` ended; a notebook shows the sentence without a traceback."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


class Needed(NamedTuple):
    """What has to run above a section.

    ``cells`` are positions in the notebook, in its order. ``made`` are the names that the section or a later cell uses
    and that these cells make, but for those of cells tagged ``imports``. ``missing`` maps each name that only other
    cells above make to the position of the last of them.
    """

    cells: list[int]
    made: list[str]
    missing: dict[str, int]


def resume(*, lesson: str, section: int) -> None:
    """Run what a section of ``lesson`` and all cells below it need, in the reader's notebook, and say what it made.

    Raises:
        CannotResume: the lesson is not known, has no such section, there is no notebook around, or a cell failed.
    """
    began = time.monotonic()
    if not lesson:
        raise CannotResume(
            "No lesson is known here: run the set-up cell at the top of the lesson first, the one that ends with "
            'report = runtime.start(lesson="…").'
        )
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None:
        raise CannotResume("resume runs cells of a notebook, and there is none here: call it in a cell of the lesson.")
    notebook = read_lesson(lesson)
    needed = needed_cells(notebook, section)
    for position in needed.cells:
        source = _source(notebook["cells"][position])
        result = shell.run_cell(source, store_history=False)
        if not result.success:
            first_line = source.strip().splitlines()[0]
            raise CannotResume(f"Stopped at the cell of lesson {lesson} that begins with `{first_line}`.")
    print(_sentence(needed, notebook, section, time.monotonic() - began))


def read_lesson(lesson: str) -> dict[str, Any]:
    """The lesson's notebook in the course's own folder, as the reader got it.

    Raises:
        CannotResume: there is none.
    """
    paths = sorted(NOTEBOOKS.glob(f"{lesson}*.ipynb"))
    if not paths:
        raise CannotResume(
            f"The course's folder has no notebook that begins with {lesson}: get the whole course again."
        )
    return json.loads(paths[0].read_text(encoding="utf-8"))


def needed_cells(nb: Mapping[str, Any], section: int) -> Needed:
    """Which cells tagged ``imports`` or ``restore`` above a section it needs, with all cells below its heading.

    Args:
        nb: a notebook of format 4, as ``json`` or ``nbformat`` reads it.
        section: the number at the beginning of a second-level heading.

    Raises:
        CannotResume: there is no such section.

    >>> def cell(text, *tags):
    ...     return {"cell_type": "code", "metadata": {"tags": list(tags)}, "source": text}
    >>> heading = {"cell_type": "markdown", "metadata": {}, "source": "## 2 Use"}
    >>> nb = {"cells": [cell("x = 1", "restore"), cell("y = 2", "restore"), heading, cell("print(x)")]}
    >>> needed_cells(nb, 2)
    Needed(cells=[0], made=['x'], missing={})
    """
    cells = nb["cells"]
    start = _first_cell_of(cells, section)
    names = [names_of(_source(cell)) if cell["cell_type"] == "code" else Names() for cell in cells]
    functions = Functions(names)
    at_hand = {
        name for cell, found in zip(cells, names, strict=True) if "bootstrap" in _tags(cell) for name in found.binds
    }
    wanted = _used_but_not_made(names[start:]) - at_hand
    runs = [position for position in range(start) if RUNS & _tags(cells[position])]
    chosen, asked = _makers(wanted, runs, names, functions)
    by_these = {name for position in chosen for name in names[position].binds}
    above = {name: position for position in range(start) for name in names[position].binds}
    missing = {name: above[name] for name in asked - by_these - at_hand if name in above}
    makers = [position for position in chosen if "imports" not in _tags(cells[position])]
    made = [name for position in makers for name in names[position].binds if name in wanted]
    return Needed(chosen, list(dict.fromkeys(made)), missing)


def sections(nb: Mapping[str, Any]) -> list[int]:
    """The numbers at the beginning of a notebook's second-level headings."""
    texts = [_source(cell) for cell in nb["cells"] if cell["cell_type"] == "markdown"]
    return [int(number) for text in texts for number in re.findall(r"^## (\d+)\b", text, re.MULTILINE)]


def _first_cell_of(cells: Sequence[Mapping[str, Any]], section: int) -> int:
    heading = re.compile(rf"^## {re.escape(str(section))}(?!\d)", re.MULTILINE)
    for position, cell in enumerate(cells):
        if cell["cell_type"] == "markdown" and heading.search(_source(cell)):
            return position
    known = sections({"cells": cells})
    raise CannotResume(
        f"This lesson has no section {section!r}; it has {min(known)} to {max(known)}."
        if known
        else f"This lesson has no section {section!r}, since none of its headings begins with a number."
    )


def _used_but_not_made(names: Sequence[Names]) -> set[str]:
    """The names that cells, run in their order, use before one of them has made it."""
    wanted: set[str] = set()
    made: set[str] = set()
    for found in names:
        wanted |= found.uses - made
        made |= set(found.binds)
        wanted |= found.uses_later - made
    return wanted


def _makers(
    wanted: set[str], runs: Sequence[int], names: Sequence[Names], functions: Functions
) -> tuple[list[int], set[str]]:
    """The positions among ``runs`` that make the wanted names and what those cells use, and all names asked for."""
    chosen: set[int] = set()
    asked, at_the_end = set(wanted), set(wanted)
    imported = {name for found in names for name in found.imports}
    while True:
        open_names = set(at_the_end)
        for position in reversed(runs):
            found = names[position]
            if not open_names & (set(found.binds) | (functions.changed_by(found) - imported)):
                continue
            chosen.add(position)
            used = found.uses | found.uses_later
            open_names = (open_names - found.always_binds) | used
            asked |= used
        # a function may use a name that a cell below its own makes: ask for that name at the end, too
        makers = {name for position in runs for name in names[position].binds}
        if not (below := (open_names & makers) - at_the_end):
            return sorted(chosen), asked
        at_the_end |= below


def _sentence(needed: Needed, nb: Mapping[str, Any], section: int, seconds: float) -> str:
    if needed.made:
        ready = f"Ready for section {section}: {', '.join(needed.made)}, in {seconds:.0f} s."
    else:
        ready = f"Ready for section {section}: it needs nothing that the sections above make."
    for name, position in needed.missing.items():
        first_line = _source(nb["cells"][position]).strip().splitlines()[0]
        ready += f"\n{name} is still missing: run the cell that begins with `{first_line}` where you need it."
    return ready


def _source(cell: Mapping[str, Any]) -> str:
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def _tags(cell: Mapping[str, Any]) -> set[str]:
    return set(cell["metadata"].get("tags", []))
