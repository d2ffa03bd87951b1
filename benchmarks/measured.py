"""What was measured, kept in ``.bench/`` so that a benchmark that was stopped goes on where it was.

A measurement is one file. It counts for as long as the code that it measured is the same; it is written in one step,
so a run that is killed leaves a whole file or none. The arithmetic that turns measurements into tables is here, too.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import hashlib
import importlib.metadata
import json
import math
import platform
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from helpers.runtime import usable_cores
from studies.fingerprint import bare
from tools.machine import clean_environment, processor
from tools.notebooks import ROOT, read, write_text

STORE = ROOT / ".bench"
#: Seconds after which one process is given up.
LIMIT = 1200
#: Beginnings of variables that change how a training runs: only those that a benchmark sets itself reach its processes.
OF_TRAININGS = ("XLA_", "TF_", "OMP_", "KERAS_", "JAX_")

#: Dates of all measurements that this process made or found, for the line under a table.
dates: set[str] = set()


def measured(part: str, name: str, code: str, measure: Callable[[], Any], store: Path | None = None) -> Any:
    """The stored measurement ``name`` of ``part``, or a new one if there is none of this ``code``.

    Args:
        part: the benchmark, a folder.
        name: what is measured, a file.
        code: what the measurement depends on, as ``fingerprint`` gives it.
        measure: makes the measurement; what it returns must fit JSON. If it raises, nothing is stored.
        store: the folder of all, ``.bench/`` by default.
    """
    path = (store or STORE) / part / f"{re.sub(r'[^a-z0-9]+', '-', name.lower()).strip('-')}.json"
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        if kept["code"] == code:
            dates.add(kept["date"])
            return kept["result"]
    except (FileNotFoundError, ValueError, LookupError, TypeError):  # none, or no file of a measurement
        pass
    began = time.monotonic()
    result = measure()
    today = datetime.date.today().isoformat()
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, json.dumps({"name": name, "code": code, "date": today, "result": result}, indent=1) + "\n")
    dates.add(today)
    print(f"  {part}: {name}, {time.monotonic() - began:.0f} s", flush=True)
    return result


@contextlib.contextmanager
def go_on(failures: list[str], name: str) -> Iterator[None]:
    """Note a measurement that fails and go on: the hours of the others must not be lost to it."""
    try:
        yield
    except Exception as failure:
        failures.append(f"{name}: {type(failure).__name__}: {failure}")
        print(f"FAILED {failures[-1]}", file=sys.stderr, flush=True)


def end(part: str, failures: Sequence[str]) -> None:
    """End a benchmark of which something failed, after it has measured the rest.

    Raises:
        RuntimeError: something failed.
    """
    if failures:
        names = "; ".join(failure.splitlines()[0] for failure in failures)
        raise RuntimeError(f"{part}: {len(failures)} failed, so the table stays as it is: {names}")


def fingerprint(*texts: str, files: Iterable[Path] = (), packages: Iterable[str] = ("keras", "numpy")) -> str:
    """SHA-256 over texts, files, versions of packages and of Python, and the machine's processor and cores.

    Of Python's files comments, docstrings and blank lines do not count, of notebooks nothing but code cells. When it
    changes, what it stands for is measured again.
    """
    here = platform.machine(), processor(), platform.python_version(), str(usable_cores())
    digest = hashlib.sha256("\0".join([*texts, *here]).encode("utf-8"))
    for file in files:
        digest.update(_code(file))
    for package in packages:
        digest.update(importlib.metadata.version(package).encode("ascii"))
    return digest.hexdigest()


def _code(file: Path) -> bytes:
    """What of a file a measurement depends on."""
    if file.suffix == ".ipynb":
        return "\n".join(cell.source for cell in read(file).cells if cell.cell_type == "code").encode("utf-8")
    return bare(file.read_text(encoding="utf-8")).encode("utf-8") if file.suffix == ".py" else file.read_bytes()


def helper_files() -> list[Path]:
    """The sources of all helpers."""
    return sorted((ROOT / "helpers").rglob("*.py"))


class ChildFailed(RuntimeError):
    """A measuring process failed."""

    def __init__(self, command: str, returncode: int, errors: str) -> None:
        super().__init__(f"{command} failed with code {returncode}:\n{errors[-3000:]}")


def child(arguments: Sequence[str], job: Any, *, python: Path | str = sys.executable, **variables: str) -> Any:
    """Run a Python program in a process of its own, give it ``job`` as JSON, and return the JSON of its last line.

    Args:
        arguments: of the interpreter, such as ``["-m", "benchmarks.one_training"]``.
        job: anything that fits JSON.
        python: the interpreter.
        variables: set for the process, beside this process' own without those of tests and studies and those that
            change how a training runs.

    Raises:
        ChildFailed: the program failed; the message ends with what it wrote to its standard error.
        subprocess.TimeoutExpired: it took longer than ``LIMIT`` seconds.
    """
    done = subprocess.run(
        [str(python), *arguments],
        input=json.dumps(job),
        env=clean_environment(*OF_TRAININGS) | variables,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )
    if done.returncode:
        raise ChildFailed(" ".join(arguments), done.returncode, done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def chosen(parser: argparse.ArgumentParser, things: Sequence[Any], words: Sequence[str]) -> list[Any]:
    """Those of ``things`` whose ``name`` contains one of the words, in whatever case; all without words.

    A word that no name contains ends the program with a sentence.
    """
    names = [thing.name for thing in things]
    if unknown := [word for word in words if not any(word.lower() in name.lower() for name in names)]:
        parser.error(f"nothing is called {', '.join(unknown)}; there are: {'; '.join(names)}")
    return [thing for thing in things if not words or any(word.lower() in thing.name.lower() for word in words)]


def first_at_or_below(errors: Sequence[float], published: float, digits: int = 4) -> int | None:
    """Index of the first error that, rounded as the published one is, is no larger; None when there is none.

    >>> first_at_or_below([0.02, 0.01094, 0.0102], 0.0109)
    1
    """
    return next((index for index, error in enumerate(errors) if round(error, digits) <= published), None)


def geometric_mean(ratios: Iterable[float]) -> float:
    """The mean of ratios: it gives 2 and 1/2 the same weight.

    >>> geometric_mean([2, 0.5, 8])
    2.0
    """
    return statistics.geometric_mean(ratios)


def median_time(seconds: Iterable[float | None]) -> float:
    """Median of repeated runs; a run that never got there (None) took for ever.

    >>> median_time([3.0, None, 2.0])
    3.0
    """
    return statistics.median_high([math.inf if value is None else value for value in seconds])


def ratio(ours: float, theirs: float) -> float:
    """How many times longer theirs takes than ours; nan when ours never got there."""
    return math.nan if math.isinf(ours) else theirs / ours


def extreme(values: Mapping[str, float], choose: Callable = min, unit: str = "") -> str:
    """The smallest or largest of named values with its unit and name.

    >>> extreme({"03 unroll": 21.4, "03 hidden states": 33.0}, max, " ms")
    '33 ms (03 hidden states)'
    """
    name = choose(values, key=values.__getitem__)
    return f"{values[name]:{',.0f' if values[name] >= 10 else '.1f'}}{unit} ({name})"
