"""What `make test-long` and `make test-jupyterlab` measure, on one page: docs/long.md.

    python -m tests.long_page

The tests keep each figure in ``.long/``; the page is written when all are there, and stays as it is otherwise.
"""

from __future__ import annotations

import datetime
import json
import os
import platform
from dataclasses import dataclass

from tools.notebooks import ROOT, find, write_text

STORE, PAGE = ROOT / ".long", ROOT / "docs" / "long.md"


@dataclass(frozen=True)
class Section:
    """A table of the page: its title, its columns, and the names of its rows."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[str, ...]


LESSONS = tuple(path.stem for path in find())
SECTIONS = {
    "killed": Section(
        "Killed in the middle of a training, restarted, then every cell twice",
        ("lesson", "killed in cell", "seconds", "kernel's memory at the end, MB"),
        LESSONS,
    ),
    "offline": Section(
        "Without a network, in a folder that cannot be written", ("lesson", "seconds with the kernel's start"), LESSONS
    ),
    "moves": Section(
        "Random moves of labs", ("labs", "moves", "seconds", "memory grown by, MB"), ("all that the course has",)
    ),
    "memory": Section(
        "In JupyterLab: server and kernel at their peaks", ("lesson", "memory of both, MB; 2,000 on Binder"), LESSONS
    ),
}


def keep(section: str, row: str, *figures: str) -> None:
    """Keep what a test measured: as many figures as the section has columns behind the first."""
    wanted = len(SECTIONS[section].columns) - 1
    if len(figures) != wanted or row not in SECTIONS[section].rows:
        raise ValueError(f"{section}, {row}: got {figures}; expected {wanted} figures of one of its rows.")
    path = STORE / section / f"{row}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, json.dumps({"figures": figures, "date": str(datetime.date.today())}) + "\n")


def page() -> str:
    """The page's text.

    Raises:
        FileNotFoundError: a row was not measured here.
    """
    lines = ["# What the long tests found", "", "Made by `make test-long` and `make test-jupyterlab`."]
    dates = set()
    for name, section in SECTIONS.items():
        ruler = "| --- |" + " ---: |" * (len(section.columns) - 1)
        lines += ["", f"## {section.title}", "", f"| {' | '.join(section.columns)} |", ruler]
        for row in section.rows:
            found = json.loads((STORE / name / f"{row}.json").read_text(encoding="utf-8"))
            dates.add(found["date"])
            lines.append(f"| {' | '.join([row, *found['figures']])} |")
    when = " to ".join(sorted({min(dates), max(dates)}))
    where = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    return "\n".join([*lines, "", f"*Measured {when}: {where}; two tests at a time.*", ""])


def main() -> None:
    """Write the page, or say why it stays."""
    try:
        write_text(PAGE, page())
        print(f"wrote {PAGE.relative_to(ROOT)}")
    except FileNotFoundError as missing:
        print(f"{PAGE.relative_to(ROOT)} stays as it is: nothing of {missing.filename} yet")


if __name__ == "__main__":
    main()
