"""Seconds and peak memory of ``make test``, browsers and kernels included.

python -m benchmarks.suite
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import subprocess
import threading
import time
from typing import Any

import psutil

from benchmarks import report
from benchmarks.measured import OF_TRAININGS, fingerprint, measured
from tools.machine import clean_environment
from tools.notebooks import ROOT, find

#: Seconds between two looks at the memory of all processes.
LOOK = 1.0
LIMIT = 25  # minutes
#: Folders of what the tests read.
CODE, DATA = ("helpers", "tests", "tools", "studies", "benchmarks"), ("data", "fonts", "results")
REPEATS = 3
HEADER = ("what", "time / budget", "minutes", "peak memory of all its processes, MB", "outcome")
INTRO = f"""\
`make test`, one pass of everything. The budget is {LIMIT} minutes. Medians of {REPEATS} runs; memory that processes
share counts once."""


def measure() -> dict[str, Any]:
    """Run the tests, or take what is stored; returns the medians of seconds and memory, and the last outcome."""
    files = [*find(), ROOT / "requirements.lock", ROOT / "pyproject.toml", ROOT / "Makefile"]
    files += [file for folder in CODE for file in sorted((ROOT / folder).rglob("*.py"))]
    files += [file for folder in DATA for file in sorted((ROOT / "helpers" / folder).iterdir())]
    code = fingerprint(files=files, packages=())
    runs = [measured("suite", f"make test, run {number}", code, _run) for number in range(REPEATS)]
    return runs[-1] | {figure: statistics.median(run[figure] for run in runs) for figure in ("seconds", "peak_mb")}


def _run() -> dict[str, Any]:
    variables = clean_environment("MAKE", *OF_TRAININGS)
    began, peak = time.monotonic(), 0
    with subprocess.Popen(["make", "test"], cwd=ROOT, env=variables, stdout=subprocess.PIPE, text=True) as tests:
        last = _LastLine(tests)
        root = psutil.Process(tests.pid)
        while tests.poll() is None:
            peak = max(peak, _memory(root))
            time.sleep(LOOK)
        seconds = time.monotonic() - began
        outcome = last.get()
    _check(tests.returncode, outcome)
    return {"seconds": round(seconds), "peak_mb": round(peak / 2**20), "outcome": outcome}


def _check(returncode: int, outcome: str) -> None:
    """Refuse a run that was not one pass of everything: its seconds would be those of less."""
    if returncode:
        raise RuntimeError(f"make test failed: {outcome}")
    if "skipped" in outcome:
        raise RuntimeError(f"make test left something out: {outcome}. Install what the reasons above name (Chromium?).")


class _LastLine:
    """Reads what a process prints in a thread, shows it, and keeps the last line."""

    def __init__(self, process: subprocess.Popen) -> None:
        self._line = ""
        self._thread = threading.Thread(target=self._read, args=(process,), daemon=True)
        self._thread.start()

    def _read(self, process: subprocess.Popen) -> None:
        for line in process.stdout:
            print(line, end="", flush=True)
            self._line = line.strip(" =\n") or self._line

    def get(self) -> str:
        self._thread.join()
        return self._line


def _memory(root: psutil.Process) -> int:
    """Bytes of a process and all below it, shared memory counted once where the system tells (Linux)."""
    total = 0
    with contextlib.suppress(psutil.Error):
        for process in [root, *root.children(recursive=True)]:
            with contextlib.suppress(psutil.Error):
                memory = process.memory_full_info()
                total += getattr(memory, "pss", memory.uss)
    return total


def main(arguments: list[str] | None = None) -> None:
    """Measure and write the table."""
    argparse.ArgumentParser(description="Seconds and peak memory of make test.").parse_args(arguments)
    found = measure()
    minutes = found["seconds"] / 60
    outcome = found["outcome"].split(" in ")[0]
    rows = [["`make test`", f"{minutes / LIMIT:.2f}", f"{minutes:.1f}", f"{found['peak_mb']:,.0f}", outcome]]
    report.write_section("Tests", INTRO, HEADER, rows)
    report.write_goals("Tests", [report.Goal("make test", f"≤ {LIMIT} min", f"{minutes:.1f} min", minutes <= LIMIT)])


if __name__ == "__main__":
    main()
