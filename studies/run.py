"""Run the study: the notebooks under seeds 0 to 4, two at a time, and keep what they recorded.

    python -m studies.run [LESSON ...]

Each run of a notebook under a seed leaves one file in ``.study/``; a run that was killed leaves none and is done again,
a finished one is kept as long as the code that made it has not changed. When all seeds of a lesson are there, its
results are written to ``helpers/results/``.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import json
import os
import platform
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from tqdm import tqdm

from studies.fingerprint import ROOT, fingerprint, result_cells

SEEDS = range(5)
AT_ONCE = 2
#: Seconds that a study run of one notebook may take.
LIMIT = 900
NOTEBOOKS, RUNS, RESULTS = ROOT / "notebooks", ROOT / ".study", ROOT / "helpers" / "results"
#: Cells that a study leaves out: they record nothing.
LEFT_OUT = {"lab", "exercise", "check"}


def main(arguments: list[str] | None = None) -> int:
    """Study the named lessons (by number or name), or all; returns the number of runs that failed."""
    parser = argparse.ArgumentParser(description="Run notebooks under seeds 0 to 4 and keep what they record.")
    parser.add_argument("lessons", nargs="*", help="lesson numbers such as 03; all when none is given")
    lessons = find_lessons(parser.parse_args(arguments).lessons)
    jobs = [(lesson, seed) for lesson in lessons for seed in SEEDS if not is_done(lesson, seed)]
    failures = []
    with ThreadPoolExecutor(AT_ONCE) as pool, tqdm(total=len(jobs), desc="study", unit="run") as bar:
        running = {pool.submit(run_notebook, lesson, seed): (lesson, seed) for lesson, seed in jobs}
        for job in as_completed(running):
            lesson, seed = running[job]
            if error := job.exception():
                failures.append(f"{lesson.stem}, seed {seed}: {error}")
            bar.set_postfix_str(f"{lesson.stem} seed {seed}")
            bar.update()
    for lesson in lessons:
        if all(is_done(lesson, seed) for seed in SEEDS):
            print(f"{write_results(lesson).relative_to(ROOT)}")
    for failure in failures:
        print(f"FAILED {failure}", file=sys.stderr)
    return len(failures)


def find_lessons(names: list[str]) -> list[Path]:
    """The notebooks that record scores, or those among them that ``names`` start.

    Raises:
        ValueError: a name fits no notebook that records scores.
    """
    recording = [path for path in sorted(NOTEBOOKS.glob("*.ipynb")) if result_cells(path)]
    for name in names:
        if not any(path.stem.startswith(name) for path in recording):
            raise ValueError(f"no lesson {name!r} records scores; there are {[path.stem for path in recording]}.")
    return [path for path in recording if not names or path.stem.startswith(tuple(names))]


def is_done(lesson: Path, seed: int) -> bool:
    """Whether the run is finished and was made by the present code."""
    path = run_file(lesson, seed)
    return path.exists() and read_lines(path)[0]["fingerprint"] == fingerprint(lesson)


def run_file(lesson: Path, seed: int) -> Path:
    """Where a finished run lies."""
    return RUNS / lesson.stem / f"{seed}.jsonl"


def run_notebook(lesson: Path, seed: int) -> None:
    """Execute a notebook in a fresh kernel under ``seed``; its file appears when the last cell has run."""
    target = run_file(lesson, seed)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(f".{os.getpid()}.part")
    part.write_text(json.dumps({"fingerprint": fingerprint(lesson)}) + "\n", encoding="utf-8")
    notebook = nbformat.read(lesson, as_version=4)
    for cell in notebook.cells:
        if LEFT_OUT & set(cell.metadata.get("tags", [])):
            cell.source = ""
    environment = os.environ | {"COURSE_SEED": str(seed), "COURSE_RESULTS": str(part)}
    for name in ("COURSE_TEST", "LAB_SELFTEST"):
        environment.pop(name, None)
    client = NotebookClient(notebook, timeout=LIMIT, resources={"metadata": {"path": str(NOTEBOOKS)}})
    began = time.monotonic()
    try:
        client.execute(env=environment)
        with part.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"run_seconds": round(time.monotonic() - began, 1)}) + "\n")
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def write_results(lesson: Path) -> Path:
    """Join the runs of all seeds into one file of results, replaced in one step."""
    rows: dict[str, dict[str, Any]] = {}
    claims: list[str] = []
    seconds = []
    for seed in SEEDS:
        for line in read_lines(run_file(lesson, seed)):
            if "row" in line:
                kind = {name: line[name] for name in ("table", "row", "settings", "unit")}
                entry = rows.setdefault(json.dumps(kind, sort_keys=True), kind | {"seeds": {}})
                entry["seeds"][str(seed)] = {
                    what: figure for what, figure in line["figures"].items() if figure is not None
                }
            elif "claim" in line and line["claim"] not in claims:
                claims.append(line["claim"])
            elif "run_seconds" in line:
                seconds.append(line["run_seconds"])
    if short := [row["row"] for row in rows.values() if len(row["seeds"]) != len(SEEDS)]:
        raise ValueError(
            f"{lesson.stem}: the rows {short} were not recorded under every seed; record them in each run."
        )
    results = {
        "lesson": lesson.stem,
        "fingerprint": fingerprint(lesson),
        "date": datetime.date.today().isoformat(),
        "machine": dict(_machine()),
        "versions": {name: _version(name) for name in ("tensorflow", "keras", "numpy", "statsmodels")},
        "run_seconds": seconds,
        "claims": claims,
        "rows": list(rows.values()),
    }
    path = RESULTS / f"{lesson.stem}.json"
    part = path.with_suffix(".part")
    part.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    part.replace(path)
    return path


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The JSON lines of a run's file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _machine() -> Iterator[tuple[str, Any]]:
    yield "system", f"{platform.system()} {platform.machine()}"
    yield "cores", os.cpu_count()
    yield "python", platform.python_version()


def _version(name: str) -> str:
    for package in (name, f"{name}-cpu"):
        try:
            return importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return "not installed"


if __name__ == "__main__":
    raise SystemExit(main())
