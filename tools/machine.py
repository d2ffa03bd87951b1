"""What a measurement or a test depends on beside the code: the machine, and the variables of its processes."""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path

import psutil

from helpers.runtime import usable_cores

#: Beginnings of the variables by which a test or a study changes what a notebook does or prints.
OF_TESTS = ("COURSE_", "LAB_", "PYTEST_", "FORCE_COLOR")
#: GB of memory for each test that runs at the same time as others.
GB_PER_WORKER = 3


def clean_environment(*beginnings: str) -> dict[str, str]:
    """This process' variables without those of tests and studies.

    Args:
        beginnings: of the names of others that are left out, such as ``"XLA_"``.
    """
    return {name: value for name, value in os.environ.items() if not name.startswith((*OF_TESTS, *beginnings))}


def workers() -> int:
    """How many tests to run at a time: one per core, as far as the memory holds a kernel, a browser and its server."""
    memory = psutil.virtual_memory().total / 2**30
    return max(1, min(usable_cores(), int(memory / GB_PER_WORKER)))


def describe() -> str:
    """System, processor, cores and memory in one line, for the foot of a table."""
    memory = psutil.virtual_memory().total / 2**30
    return f"{platform.system()} {platform.machine()}, {processor()}, {usable_cores()} cores, {memory:.0f} GB"


def processor() -> str:
    """The processor's name, where the system tells it."""
    information = Path("/proc/cpuinfo")
    text = information.read_text(encoding="utf-8") if information.exists() else ""
    named = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    name = named[1] if named else platform.processor() or "unknown processor"
    return re.sub(r"\((?:R|TM)\)", "", name).strip()


def peak_megabytes(process: psutil.Process) -> float:
    """The most memory that a process has held, in MB, where the system keeps it; else what it holds now."""
    status = Path(f"/proc/{process.pid}/status")
    if not status.exists():
        return process.memory_info().rss / 2**20
    return int(re.search(r"VmHWM:\s+(\d+) kB", status.read_text(encoding="ascii"))[1]) / 1024
