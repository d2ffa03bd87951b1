"""Run the study: the notebooks under seeds 0 to 4, two at a time, and keep what they recorded.

    python -m studies.run [LESSON ...]

Each run of a notebook under a seed leaves one file in ``.study/``; a run that was killed leaves none and is done again,
a finished one is kept as long as code, packages and machine are those that made it. Ctrl-C ends the running ones with
their kernels. When all seeds of a lesson are there, its results are written to ``helpers/results/``. A second study in
the same folder is refused (but on Windows, which cannot tell): the two would slow each other down and falsify the
seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import datetime
import importlib.metadata
import json
import os
import platform
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from tqdm import tqdm

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

from helpers.runtime import usable_cores
from studies.fingerprint import ROOT, fingerprint, result_cells, up_to_last_record
from tools.machine import clean_environment, processor
from tools.notebooks import QUIET_KERNEL, write_text

SEEDS = range(5)
AT_ONCE = 2
#: Seconds that a study run of one notebook may take.
LIMIT = 900
NOTEBOOKS, RUNS, RESULTS = ROOT / "notebooks", ROOT / ".study", ROOT / "helpers" / "results"
#: Cells that a study leaves out: they record nothing.
LEFT_OUT = {"lab", "exercise", "check"}


#: Python 3.11 loses count when two threads parse code at once (python/cpython issue 106905).
_parsing = threading.Lock()


class Stopped(Exception):
    """A run was ended by Ctrl-C or by a signal to stop."""


def main(arguments: list[str] | None = None) -> int:
    """Study the named lessons (by number or name), or all; returns 0 when every run and every file is there."""
    parser = argparse.ArgumentParser(description="Run notebooks under seeds 0 to 4 and keep what they record.")
    parser.add_argument("lessons", nargs="*", help="lesson numbers such as 03; all when none is given")
    try:
        lessons = find_lessons(parser.parse_args(arguments).lessons)
    except ValueError as error:
        parser.error(str(error))
    try:
        with alone_in(RUNS):
            return study(lessons)
    except BlockingIOError:
        print("A study runs here already: wait for its end, or stop it with Ctrl-C.", file=sys.stderr)
    except OSError as error:
        print(f"The study cannot be kept here: {error}.", file=sys.stderr)
    return 1


def study(lessons: list[Path]) -> int:
    """Do what is not done yet and write the results; returns 0 when every run and every file is there."""
    jobs = [(lesson, seed) for lesson in lessons for seed in SEEDS if not is_done(lesson, seed)]
    with stop_on_signals() as stop:
        failures = run_all(jobs, stop)
    for lesson in lessons:
        if all(is_done(lesson, seed) for seed in SEEDS):
            try:
                print(f"{write_results(lesson).relative_to(ROOT)}")
            except (OSError, ValueError) as error:
                failures.append(f"{lesson.stem}: {error}")
                print(f"FAILED {failures[-1]}", file=sys.stderr)
    if stop.is_set():
        print("Stopped. What had finished is kept; the same command goes on from there.", file=sys.stderr)
    return 130 if stop.is_set() else min(len(failures), 1)


def run_all(jobs: list[tuple[Path, int]], stop: threading.Event) -> list[str]:
    """Run notebooks under seeds, two at a time, until all are done or ``stop`` is set; returns what failed."""
    failures = []
    with ThreadPoolExecutor(AT_ONCE) as pool, tqdm(total=len(jobs), desc="study", unit="run") as bar:
        running = {pool.submit(run_notebook, lesson, seed, stop=stop): (lesson, seed) for lesson, seed in jobs}
        while running:
            done, _ = wait(running, timeout=0.5, return_when=FIRST_COMPLETED)  # in turns: signals are heard between
            for job in done:
                lesson, seed = running.pop(job)
                error = job.exception()
                if isinstance(error, Stopped):
                    continue
                if error:
                    failures.append(f"{lesson.stem}, seed {seed}: {type(error).__name__}: {error}")
                    bar.write(f"FAILED {failures[-1]}", file=sys.stderr)
                bar.set_postfix_str(f"{lesson.stem} seed {seed}")
                bar.update()
    return failures


@contextlib.contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Make ``folder`` and hold it; the system lets go of it when the process ends, however that ends.

    Raises:
        BlockingIOError: another study holds it.
        OSError: it cannot be made.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if fcntl is None:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


@contextlib.contextmanager
def stop_on_signals() -> Iterator[threading.Event]:
    """An event that Ctrl-C, a request to terminate and a closed terminal set, instead of ending the process at once."""
    stop = threading.Event()
    names = [name for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {name: signal.signal(getattr(signal, name), lambda *_: stop.set()) for name in names}
    try:
        yield stop
    finally:
        for name, handler in before.items():
            signal.signal(getattr(signal, name), handler)


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
    """Whether the run is finished and was made by the present code and packages on this machine."""
    present = made_by(lesson)
    try:
        head = read_lines(run_file(lesson, seed))[0]
        return all(head[what] == value for what, value in present.items())
    except (FileNotFoundError, ValueError, LookupError, TypeError):  # none, or no file of a run
        return False


def run_file(lesson: Path, seed: int) -> Path:
    """Where a finished run lies."""
    return RUNS / lesson.stem / f"{seed}.jsonl"


def run_notebook(lesson: Path, seed: int, *, stop: threading.Event) -> None:
    """Execute a notebook in a fresh kernel under ``seed``; its file appears when the last cell that records has run.

    Raises:
        Stopped: ``stop`` was set.
        TimeoutError: it took longer than ``LIMIT`` seconds.
        nbclient.exceptions.CellExecutionError: a cell failed.
    """
    if stop.is_set():
        raise Stopped
    with _parsing:
        head = json.dumps(made_by(lesson) | {"date": datetime.date.today().isoformat()}) + "\n"
    notebook = nbformat.read(lesson, as_version=4)
    notebook.cells = up_to_last_record(notebook)  # what stands behind it states and shows what was found
    for cell in notebook.cells:
        if LEFT_OUT & set(cell.metadata.get("tags", [])):
            cell.source = ""
    with tempfile.TemporaryDirectory(prefix="study-") as folder:
        recorded = Path(folder) / "recorded.jsonl"
        recorded.touch()
        environment = clean_environment() | {"COURSE_SEED": str(seed), "COURSE_RESULTS": str(recorded)}
        began = time.monotonic()
        asyncio.run(execute(notebook, environment, stop))
        tail = json.dumps({"run_seconds": round(time.monotonic() - began, 1)}) + "\n"
        target = run_file(lesson, seed)
        target.parent.mkdir(parents=True, exist_ok=True)
        write_text(target, head + recorded.read_text(encoding="utf-8") + tail)


async def execute(notebook: nbformat.NotebookNode, environment: Mapping[str, str], stop: threading.Event) -> None:
    """Run all cells; whatever ends it, no kernel stays behind."""
    client = NotebookClient(
        notebook,
        timeout=None,
        shutdown_kernel="immediate",
        extra_arguments=QUIET_KERNEL,
        resources={"metadata": {"path": str(NOTEBOOKS)}},
    )
    run = asyncio.ensure_future(client.async_execute(env=environment))
    ends = time.monotonic() + LIMIT
    try:
        while not run.done():
            await asyncio.wait({run}, timeout=0.2)
            if stop.is_set():
                raise Stopped
            if time.monotonic() > ends:
                raise TimeoutError(f"it took longer than {LIMIT} s")
        await run
    finally:
        run.cancel()
        await asyncio.gather(run, return_exceptions=True)
        if client.km is not None and client.km.has_kernel:  # stopped before nbclient had taken charge of it
            await client.km.shutdown_kernel(now=True)


def write_results(lesson: Path) -> Path:
    """Join the runs of all seeds into one file of results, replaced in one step.

    Raises:
        ValueError: a row is missing under a seed, or was recorded twice under one.
    """
    rows: dict[str, dict[str, Any]] = {}
    seconds, dates = [], []
    for seed in SEEDS:
        for line in read_lines(run_file(lesson, seed)):
            if "row" in line:
                kind = {name: line[name] for name in ("table", "row", "settings", "unit")}
                entry = rows.setdefault(json.dumps(kind, sort_keys=True), kind | {"seeds": {}})
                if str(seed) in entry["seeds"]:
                    raise ValueError(f"a run records {kind} twice; give the two rows other settings.")
                entry["seeds"][str(seed)] = {
                    what: figure for what, figure in line["figures"].items() if figure is not None
                }
            elif "run_seconds" in line:
                seconds.append(line["run_seconds"])
            elif "date" in line:
                dates.append(line["date"])
    if short := [row["row"] for row in rows.values() if len(row["seeds"]) != len(SEEDS)]:
        raise ValueError(f"the rows {short} were not recorded under every seed; record them in each run.")
    results = {
        "lesson": lesson.stem,
        **made_by(lesson),
        "date": max(dates),
        "run_seconds": seconds,
        "rows": list(rows.values()),
    }
    path = RESULTS / f"{lesson.stem}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, json.dumps(results, indent=1, ensure_ascii=False) + "\n")
    return path


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The JSON lines of a run's file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def made_by(lesson: Path) -> dict[str, Any]:
    """What a run of the lesson depends on beside its seed: the code, the machine, and the versions of the packages."""
    machine = {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": processor(),
        "cores": usable_cores(),
        "python": platform.python_version(),
    }
    versions = {name: _version(name) for name in ("tensorflow", "keras", "numpy", "statsmodels")}
    return {"fingerprint": fingerprint(lesson), "machine": machine, "versions": versions}


def _version(name: str) -> str:
    for package in (name, f"{name}-cpu"):
        try:
            return importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return "not installed"


if __name__ == "__main__":
    raise SystemExit(main())
