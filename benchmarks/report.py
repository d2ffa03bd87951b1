"""The benchmarks' pages, ``README.md`` and ``details.md``: each benchmark replaces its sections of both."""

from __future__ import annotations

import importlib.metadata
import platform
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import measured
from tools import machine
from tools.notebooks import ROOT, write_text

FOLDER = ROOT / "benchmarks"
MADE = "Made by `make bench`; nothing here is written by hand."
#: The pages: what stands above their sections, and these in their order. What users ask for stands in front.
PAGES = {
    "README.md": (
        f"# What the course costs\n\n{MADE} More is in [details](details.md).\n",
        ("Published errors", "Notebooks"),
    ),
    "details.md": (f"# What else was measured\n\n{MADE}\n", ("Goals", "Epochs", "Trainings", "Labs")),
}
GOALS_HEADER = ("what", "aim", "found", "met")


@dataclass(frozen=True)
class Goal:
    """One aim, what was found, and whether that is enough."""

    what: str
    aim: str
    found: str
    met: bool


def write_section(
    name: str, intro: str, header: Sequence[str], rows: Sequence[Sequence[str]], folder: Path = FOLDER
) -> None:
    """Replace the section ``name`` of its page by a table; other sections stay."""
    ruler = ["---", *["---:"] * (len(header) - 1)]
    _replace(name, f"{intro}\n\n{_table(header, ruler, rows)}\n\n*{_where()}*", folder)


def write_goals(part: str, goals: Sequence[Goal], folder: Path = FOLDER) -> None:
    """Put the goals of one benchmark in place of its earlier ones; those of others stay."""
    text = _sections(folder / _page("Goals")).get("Goals", "")
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if re.match(r"\| \w[\w ]*: ", line)]
    rows = [row for row in rows if not row[0].startswith(f"{part}: ")]
    rows += [[f"{part}: {goal.what}", goal.aim, goal.found, "yes" if goal.met else "**no**"] for goal in goals]
    rows.sort(key=lambda row: _place(row[0].split(": ")[0]))
    table = _table(GOALS_HEADER, ["---"] * len(GOALS_HEADER), rows)
    _replace("Goals", f"What the course set itself, beside what the tables say.\n\n{table}", folder)


def _page(section: str) -> str:
    """The file of a section."""
    return next(file for file, (_, sections) in PAGES.items() if section in sections)


def _table(header: Sequence[str], ruler: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [header, ruler, *rows])


def _sections(page: Path) -> dict[str, str]:
    """The page's sections by name, with their headings."""
    old = page.read_text(encoding="utf-8").split("\n## ")[1:] if page.exists() else []
    return {part.split("\n", 1)[0]: f"## {part.rstrip()}\n" for part in old}


def _replace(name: str, body: str, folder: Path) -> None:
    page = folder / _page(name)
    head, order = PAGES[page.name]
    sections = _sections(page) | {name: f"## {name}\n\n{body}\n"}
    write_text(page, "\n".join([head, *(sections[key] for key in order if key in sections)]))


def _place(part: str) -> int:
    return [*PAGES["README.md"][1], *PAGES["details.md"][1]].index(part)


def _where() -> str:
    packages = {
        "TensorFlow": "tensorflow-cpu",
        "Keras": "keras",
        "Matplotlib": "matplotlib",
        "ipywidgets": "ipywidgets",
    }
    versions = ", ".join(f"{label} {_version(package)}" for label, package in packages.items())
    return f"Measured {_when()}: {machine.describe()}, Python {platform.python_version()}, {versions}."


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:  # tensorflow-cpu is for Linux on x86-64
        return importlib.metadata.version(package.removesuffix("-cpu"))


def _when() -> str:
    days = sorted(measured.dates)
    return f"on {days[0]}" if len(days) == 1 else f"from {days[0]} to {days[-1]}" if days else "at an unknown date"
