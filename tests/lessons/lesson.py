"""What the rules of a lesson's form share: how to look at a notebook, and the list of rules."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import nbformat

from tools import notebooks

LESSONS = [path.stem for path in notebooks.find()]

Notebook = nbformat.NotebookNode
RULES: dict[str, Callable[[Notebook, str], Iterator[str]]] = {}


def rule(function):
    """Add a rule: it takes a notebook and its file name and yields what is wrong, in words."""
    RULES[function.__name__] = function
    return function


def tags(cell) -> set[str]:
    return set(cell.metadata.get("tags", []))


def code_cells(nb: Notebook) -> list:
    return [cell for cell in nb.cells if cell.cell_type == "code"]


def text_cells(nb: Notebook) -> list:
    return [cell for cell in nb.cells if cell.cell_type == "markdown"]


def headings(nb: Notebook) -> list[tuple[int, str]]:
    found = []
    for cell in text_cells(nb):
        text = re.sub(r"^(```|~~~).*?^\1", "", cell.source, flags=re.MULTILINE | re.DOTALL)
        found += [(len(marks), title.strip()) for marks, title in re.findall(r"^(#{1,6}) +(.+)$", text, re.MULTILINE)]
    return found


def minutes(nb: Notebook) -> tuple[str, str] | None:
    """The minutes to read and to run that the opening gives, as a table shows them."""
    found = re.search(
        r"\*\*Minutes:\*\* (\d+) to read and play(?:, (\d+) with the deeper parts)?\b.*?\b(\d+) to run\b",
        nb.cells[0].source,
        re.DOTALL,
    )
    return (f"{found[1]} ({found[2]})" if found[2] else found[1], found[3]) if found else None


def is_introduction(name: str) -> bool:
    return name.startswith("00_")


def html_of(cell) -> str:
    """Everything that a cell's outputs store as HTML."""
    return "\n".join(output.get("data", {}).get("text/html", "") for output in cell.outputs)


__all__ = ["LESSONS", "RULES", "Notebook", "code_cells", "headings", "html_of", "is_introduction", "minutes", "rule"]
__all__ += ["tags", "text_cells"]
