"""Minutes that a lesson takes to read and play, counted from its text: ``python -m tools.minutes``.

Prose is read at 110 words a minute and code at 25 lines, a lab takes 6 minutes and an exercise 5, solutions and
what others found included. What lies under a heading that ends in "(deeper)" is counted apart. The normaliser writes
the minutes into each lesson's opening; run by itself, this tool writes them into the README and lesson 00's map too.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import NamedTuple

import nbformat

WORDS, LINES, LAB, EXERCISE = 110, 25, 6, 5
#: Counted minutes are given to the next five.
STEP = 5
#: From how many minutes on a lesson has to say which of its parts are deeper.
LONG = 90
#: Code that nobody reads in passing.
UNREAD = {"bootstrap", "machinery", "check"}

_OPENING = re.compile(r"(\*\*Minutes:\*\* )\d+ to read and play(?:, \d+ with the deeper parts)?")
_HEADING = re.compile(r"^(#{1,6}) +(.+)$", re.MULTILINE)
_PASSED_BY = re.compile(r"<details>.*?</details>|<!-- launch -->.*?<!-- /launch -->|<!--.*?-->", re.DOTALL)
_FENCED = re.compile(r"^(```|~~~)[^\n]*\n(.*?)^\1", re.MULTILINE | re.DOTALL)
_TARGET = re.compile(r"\]\([^)]*\)")


class Minutes(NamedTuple):
    """Minutes without the deeper parts, and with them."""

    core: int
    whole: int

    @property
    def opening(self) -> str:
        """The words of a lesson's opening."""
        deeper = f", {self.whole} with the deeper parts" if self.whole > self.core else ""
        return f"{self.core} to read and play{deeper}"

    @property
    def cell(self) -> str:
        """The cell of a table."""
        return f"{self.core} ({self.whole})" if self.whole > self.core else str(self.core)


def count(nb: nbformat.NotebookNode) -> Minutes:
    """The minutes that a lesson takes to read and play."""
    core = whole = 0.0
    deeper_level = 0  # of the heading that we are under, 0 outside deeper parts
    for cell in nb.cells:
        for marks, title in _HEADING.findall(_FENCED.sub("", cell.source)) if cell.cell_type == "markdown" else []:
            if title.strip().lower().endswith("(deeper)"):
                deeper_level = deeper_level or len(marks)
            elif deeper_level and len(marks) <= deeper_level:
                deeper_level = 0
        spent = _of_cell(cell)
        whole += spent
        core += 0 if deeper_level else spent
    return Minutes(_rounded(core), _rounded(whole))


def _rounded(minutes: float) -> int:
    return max(STEP, STEP * round(minutes / STEP))


def _of_cell(cell: nbformat.NotebookNode) -> float:
    tags = set(cell.metadata.get("tags", []))
    if cell.cell_type == "code":
        if "lab" in tags or "exercise" in tags:
            return LAB if "lab" in tags else EXERCISE
        return 0 if tags & UNREAD else _lines(cell.source) / LINES
    if "lecturers" in tags:
        return 0
    text = _PASSED_BY.sub("", cell.source)
    code = sum(_lines(block) for _, block in _FENCED.findall(text))
    return code / LINES + _words(_FENCED.sub("", text)) / WORDS


def _lines(source: str) -> int:
    return sum(bool(line.strip()) for line in source.splitlines())


def _words(text: str) -> int:
    """Words of Markdown text, addresses of links and signs alone apart.

    >>> _words("| **Look** | at [the page](https://keras.io) |")
    4
    """
    return sum(bool(re.search(r"\w", word)) for word in _TARGET.sub("]", text).split())


def write_opening(nb: nbformat.NotebookNode) -> None:
    """Put the counted minutes into the first cell, where that gives minutes."""
    if nb.cells and nb.cells[0].cell_type == "markdown" and _OPENING.search(nb.cells[0].source):
        nb.cells[0].source = _OPENING.sub(rf"\g<1>{count(nb).opening}", nb.cells[0].source)


def write_rows(text: str, minutes: dict[str, Minutes], column: int) -> str:
    """Put the minutes of lessons, by their file names, into a column (from 1) of a table that links to them."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        found = re.match(r"\| \[[^\]]*\]\((?:notebooks/)?(\d\d_\w+\.ipynb)\) \|", line)
        name = found[1] if found else "00_start_here.ipynb" if line.startswith("| 00 Start here |") else None
        if name in minutes:
            cells = line.split(" | ")
            end = " |" if column == len(cells) else ""
            cells[column - 1] = minutes[name].cell + end
            lines[number] = " | ".join(cells)
    return "\n".join(lines)


def main(root: Path | None = None) -> int:
    from tools import notebooks

    paths = notebooks.find(root=root or notebooks.ROOT)
    read = {path: notebooks.normalise(notebooks.read(path)) for path in paths}  # the openings
    minutes = {path.name: count(nb) for path, nb in read.items()}
    for cell in read[paths[0]].cells:
        if cell.cell_type == "markdown":
            cell.source = write_rows(cell.source, minutes, 3)
    for path, nb in read.items():
        notebooks.write_text(path, notebooks.dump(nb))
    readme = paths[0].parent.parent / "README.md"
    notebooks.write_text(readme, write_rows(readme.read_text(encoding="utf-8"), minutes, 4))
    for name, counted in minutes.items():
        too_long = f"; above {LONG}: mark deeper parts" if counted.core > LONG else ""
        print(f"{name}: {counted.opening}{too_long}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
