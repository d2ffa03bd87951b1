"""The benchmarks' page: each benchmark replaces its own section of ``benchmarks/README.md``."""

from __future__ import annotations

import datetime
import importlib.metadata
import os
import platform
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "benchmarks" / "README.md"
TITLE = "# What the course costs\n\nMade by `make bench`; nothing here is written by hand.\n"


def write_section(
    name: str, intro: str, header: Sequence[str], rows: Sequence[Sequence[str]], page: Path = PAGE
) -> None:
    """Replace the section ``name`` of the page by a table; other sections stay."""
    ruler = ["---", *["---:"] * (len(header) - 1)]
    table = "\n".join("| " + " | ".join(cells) + " |" for cells in [header, ruler, *rows])
    section = f"## {name}\n\n{intro}\n\n{table}\n\n*{_where()}*\n"
    text = page.read_text(encoding="utf-8") if page.exists() else TITLE
    head, *old = text.split("\n## ")
    sections = {part.split("\n", 1)[0]: f"## {part.rstrip()}\n" for part in old} | {name: section}
    part = page.with_suffix(".part")
    part.write_text("\n".join([head.rstrip() + "\n", *(sections[key] for key in sorted(sections))]), encoding="utf-8")
    part.replace(page)


def _where() -> str:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    versions = ", ".join(
        f"{label} {importlib.metadata.version(package)}"
        for label, package in (("Keras", "keras"), ("Matplotlib", "matplotlib"), ("ipywidgets", "ipywidgets"))
    )
    return (
        f"Measured on {datetime.date.today().isoformat()}: {platform.system()} {platform.machine()}, {cores} cores, "
        f"Python {platform.python_version()}, {versions}."
    )
