"""What `make test-long` measures, on one page: docs/long.md.

    python -m tests.long.long_page

The tests keep each figure in ``.long/`` with the day on which it was measured. The page is written when all of them are
there, and says between which days they were measured.
"""

from __future__ import annotations

import datetime
import json
import platform
from dataclasses import dataclass

from tools import machine
from tools.notebooks import ROOT, find, write_text

STORE, PAGE = ROOT / ".long", ROOT / "docs" / "long.md"
#: MB of memory that Binder gives to a reader.
BINDER = 2000


@dataclass(frozen=True)
class Section:
    """A table of the page: its title, its columns, and the names of its rows."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[str, ...]


LESSONS = tuple(path.stem for path in find())
SECTIONS = {
    "killed": Section(
        "Killed in the middle of a training (lesson 13 has none), restarted, then every cell twice",
        ("lesson", "killed in cell", "seconds", "kernel's memory at the end, MB"),
        LESSONS,
    ),
    "offline": Section(
        "Without a network, in a folder that cannot be written", ("lesson", "seconds with the kernel's start"), LESSONS
    ),
    "moves": Section(
        "Random moves of the labs, each of which is there twice, on the models just trained",
        ("lesson", "labs", "moves", "seconds", "kernel's memory grown by, MB"),
        LESSONS,
    ),
    "memory": Section(
        "In JupyterLab: server and kernel at their peaks",
        ("lesson", f"memory of both, MB; {BINDER:,} on Binder"),
        LESSONS,
    ),
}


def keep(section: str, row: str, *figures: str) -> None:
    """Keep what a test measured, when it has passed: as many figures as the section has columns behind the first."""
    wanted = len(SECTIONS[section].columns) - 1
    if len(figures) != wanted or row not in SECTIONS[section].rows:
        raise ValueError(f"{section}, {row}: got {figures}; expected {wanted} figures of one of its rows.")
    path = STORE / section / f"{row}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, json.dumps({"figures": figures, "date": str(datetime.date.today())}) + "\n")


class Missing(Exception):
    """A row was never measured here."""


def page() -> str:
    """The page's text.

    Raises:
        Missing: a row was never measured here.
    """
    lines = ["# What the long tests found", "", "Made by `make test-long`."]
    dates = set()
    for name, section in SECTIONS.items():
        ruler = "| --- |" + " ---: |" * (len(section.columns) - 1)
        lines += ["", f"## {section.title}", "", f"| {' | '.join(section.columns)} |", ruler]
        for row in section.rows:
            path = STORE / name / f"{row}.json"
            if not path.exists():
                raise Missing(f"{section.title}: {row}")
            found = json.loads(path.read_text(encoding="utf-8"))
            dates.add(found["date"])
            lines.append(f"| {' | '.join([row, *found['figures']])} |")
    when = " to ".join(sorted({min(dates), max(dates)}))
    where = f"{machine.describe()}, Python {platform.python_version()}"
    return "\n".join([*lines, "", f"*Measured {when}: {where}; two tests at a time.*", ""])


def main() -> None:
    """Write the page, or say why it stays."""
    try:
        write_text(PAGE, page())
        print(f"wrote {PAGE.relative_to(ROOT)}")
    except Missing as missing:
        print(f"{PAGE.relative_to(ROOT)} stays as it is; not yet measured here: {missing}.")
        print("`make test-long` measures all of them.")


if __name__ == "__main__":
    main()
