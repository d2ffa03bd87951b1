"""Run notebooks under seeds, two at a time; a run that was killed leaves no file, a finished one is not run again."""

from __future__ import annotations

import ast
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
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
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
from studies.fingerprint import fingerprint, up_to_last_record
from tools.machine import clean_environment, processor
from tools.notebooks import QUIET_KERNEL, write_text

AT_ONCE = 2
#: Seconds after which a run of one notebook has got stuck: the slowest machine needs a third of it.
LIMIT = 3600
#: Cells that a study leaves out: they record nothing.
LEFT_OUT = {"lab", "exercise", "check"}
#: What the results of a run depend on beside the code.
PACKAGES = ("tensorflow", "keras", "numpy", "statsmodels", "sentencepiece")

#: Python 3.11 loses count when two threads parse code at once (python/cpython issue 106905).
_parsing = threading.Lock()


class Stopped(Exception):
    """A run was ended by Ctrl-C or by a signal to stop."""


@dataclass(frozen=True)
class Job:
    """A notebook to be run under a seed, and the file that its finished run leaves.

    With a ``data_seed`` the made data are drawn anew, so that nothing in the notebook may insist on published values:
    its assertions are left out.
    """

    lesson: Path
    seed: int
    file: Path
    data_seed: int | None = None

    def depends_on(self) -> dict[str, Any]:
        """What the run's results depend on beside its seed."""
        return made_by(self.lesson) | ({} if self.data_seed is None else {"data_seed": self.data_seed})

    def is_done(self) -> bool:
        """Whether the run is finished and was made by the present code and packages on this machine."""
        present = self.depends_on()
        try:
            head = read_lines(self.file)[0]
            return all(head[what] == value for what, value in present.items())
        except (FileNotFoundError, ValueError, LookupError, TypeError):  # none, or no file of a run
            return False


def run_all(jobs: Sequence[Job], stop: threading.Event) -> list[str]:
    """Run notebooks under seeds, two at a time, until all are done or ``stop`` is set; returns what failed."""
    failures = []
    with ThreadPoolExecutor(AT_ONCE) as pool, tqdm(total=len(jobs), desc="study", unit="run") as bar:
        running = {pool.submit(run_notebook, job, stop=stop): job for job in jobs}
        while running:
            done, _ = wait(running, timeout=0.5, return_when=FIRST_COMPLETED)  # in turns: signals are heard between
            for ended in done:
                job = running.pop(ended)
                error = ended.exception()
                if isinstance(error, Stopped):
                    continue
                if error:
                    failures.append(f"{job.lesson.stem}, seed {job.seed}: {type(error).__name__}: {error}")
                    bar.write(f"FAILED {failures[-1]}", file=sys.stderr)
                bar.set_postfix_str(f"{job.lesson.stem} seed {job.seed}")
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


def run_notebook(job: Job, *, stop: threading.Event) -> None:
    """Execute a notebook in a fresh kernel; the job's file appears when the last cell that records has run.

    Raises:
        Stopped: ``stop`` was set.
        TimeoutError: it took longer than ``LIMIT`` seconds.
        nbclient.exceptions.CellExecutionError: a cell failed.
    """
    if stop.is_set():
        raise Stopped
    with _parsing:
        head = json.dumps(job.depends_on() | {"date": datetime.date.today().isoformat()}) + "\n"
        notebook = _to_run(job)
    with tempfile.TemporaryDirectory(prefix="study-") as folder:
        recorded = Path(folder) / "recorded.jsonl"
        recorded.touch()
        environment = clean_environment() | {"COURSE_SEED": str(job.seed), "COURSE_RESULTS": str(recorded)}
        if job.data_seed is not None:
            environment["COURSE_DATA_SEED"] = str(job.data_seed)
        began = time.monotonic()
        asyncio.run(execute(notebook, environment, stop, folder=job.lesson.parent))
        tail = json.dumps({"run_seconds": round(time.monotonic() - began, 1)}) + "\n"
        job.file.parent.mkdir(parents=True, exist_ok=True)
        write_text(job.file, head + recorded.read_text(encoding="utf-8") + tail)


def _to_run(job: Job) -> nbformat.NotebookNode:
    """The cells of the job's notebook that its results depend on."""
    notebook = nbformat.read(job.lesson, as_version=4)
    notebook.cells = up_to_last_record(notebook)  # what stands behind it states and shows what was found
    for cell in notebook.cells:
        if LEFT_OUT & set(cell.metadata.get("tags", [])):
            cell.source = ""
        elif cell.cell_type == "code" and job.data_seed is not None:
            cell.source = without_assertions(cell.source)
    return notebook


def without_assertions(source: str) -> str:
    """``source`` without the assertions that stand at its top level, line for line.

    >>> without_assertions("x = 1\\nassert x == 2, (\\n    'no'\\n)\\nx")
    'x = 1\\n\\n\\n\\nx'
    """
    lines = source.split("\n")
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.Assert):
            count = statement.end_lineno - statement.lineno + 1
            lines[statement.lineno - 1 : statement.end_lineno] = [""] * count
    return "\n".join(lines)


async def execute(
    notebook: nbformat.NotebookNode, environment: Mapping[str, str], stop: threading.Event, *, folder: Path
) -> None:
    """Run all cells; whatever ends it, no kernel stays behind."""
    client = NotebookClient(
        notebook,
        timeout=None,
        shutdown_kernel="immediate",
        extra_arguments=QUIET_KERNEL,
        resources={"metadata": {"path": str(folder)}},
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


def joined(files: Mapping[int, Path]) -> dict[str, Any]:
    """The runs of several seeds as one: rows with what each seed recorded, the last date, and the seconds of each run.

    Args:
        files: seed to the file of its finished run.

    Raises:
        ValueError: a row is missing under a seed, or was recorded twice under one.
    """
    rows: dict[str, dict[str, Any]] = {}
    seconds, dates = [], []
    for seed, file in files.items():
        for line in read_lines(file):
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
    if short := [row["row"] for row in rows.values() if len(row["seeds"]) != len(files)]:
        raise ValueError(f"the rows {short} were not recorded under every seed; record them in each run.")
    return {"date": max(dates), "run_seconds": seconds, "rows": list(rows.values())}


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
    versions = {name: _version(name) for name in PACKAGES}
    return {"fingerprint": fingerprint(lesson), "machine": machine, "versions": versions}


def _version(name: str) -> str:
    for package in (name, f"{name}-cpu"):
        try:
            return importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return "not installed"
