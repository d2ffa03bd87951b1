"""Small notebooks to be studied, and the files that a study leaves."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from studies import runner
from studies.fingerprint import ROOT

START = f"""
import os, sys, time
from pathlib import Path
sys.path.insert(0, {str(ROOT)!r})
from helpers import runtime, scores
seed = int(os.environ["COURSE_SEED"])
log = Path("log")
"""


def write(course: Path, name: str, *cells) -> Path:
    path = course / "notebooks" / f"{name}.ipynb"
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(new_notebook(cells=[code(START), *cells], metadata=kernel), path)
    return path


def row(value="seed", name="r"):
    return code(f'scores.record({name!r}, table="t", value={value}, unit="MSE", seconds=1, T=50)')


NOTE = 'with log.open("a") as file: file.write(f"{seed}\\n")'


def ran(course: Path) -> list[str]:
    """The seeds under which a notebook came to its note, in order."""
    log = course / "notebooks" / "log"
    return sorted(log.read_text().split()) if log.exists() else []


def left(course: Path) -> list[str]:
    """Every file that a study left."""
    folders = (course / ".study", course / "helpers")
    return sorted(str(path.relative_to(course)) for folder in folders for path in folder.rglob("*") if path.is_file())


def code(source, *tags):
    return new_code_cell(textwrap.dedent(source).strip(), metadata={"tags": list(tags)})


def finished(course: Path, seed: int, *lines: dict, lesson="03_tiny") -> None:
    """The file that a run leaves, without the run."""
    path = course / ".study" / lesson / f"{seed}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    head = runner.made_by(course / "notebooks" / f"{lesson}.ipynb") | {"date": f"2026-01-0{seed + 1}"}
    path.write_text("".join(json.dumps(line) + "\n" for line in (head, *lines, {"run_seconds": 1.0})))


def entry(value=1.0, name="r", **settings):
    return {
        "table": "t",
        "row": name,
        "settings": settings,
        "unit": "MSE",
        "figures": {"value": value, "seconds": None, "params": None},
    }
