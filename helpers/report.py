"""The report of ``runtime.start``: versions, cores, memory, GPU, font and seed of this kernel."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

#: Where Linux states the computing time that a container may use.
CPU_MAX = Path("/sys/fs/cgroup/cpu.max")

#: What the report calls a package, and the names under which it may be installed.
PACKAGES: Mapping[str, tuple[str, ...]] = {
    "TensorFlow": ("tensorflow", "tensorflow-cpu"),
    "Keras": ("keras",),
    "NumPy": ("numpy",),
    "Matplotlib": ("matplotlib",),
    "ipywidgets": ("ipywidgets",),
}


@dataclass(frozen=True)
class Report:
    """What ``start`` found and set.

    ``rows`` are (what, value) pairs; ``late`` names the settings that came too late because TensorFlow was
    already imported; ``font`` is the family that draws Hangul, or None.
    """

    seed: int
    font: str | None
    late: tuple[str, ...]
    rows: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        width = max(len(what) for what, _ in self.rows)
        return "\n".join(f"{what:<{width}}  {value}" for what, value in self.rows)

    def _repr_markdown_(self) -> str:
        lines = ["| what | here |", "|---|---|", *(f"| {what} | {value} |" for what, value in self.rows)]
        return "\n".join(lines)


def rows(*, seed: int, font: str | None, gpu: str) -> tuple[tuple[str, str], ...]:
    """The (what, value) pairs of a report; ``gpu`` is the sentence about the GPU."""
    return (
        ("Python", platform.python_version()),
        *((label, version(names)) for label, names in PACKAGES.items()),
        ("processor cores", str(usable_cores())),
        ("memory", memory()),
        ("GPU", gpu),
        ("font for Korean labels", font or "none found: Korean labels will show empty boxes"),
        ("seed", str(seed)),
    )


def version(names: tuple[str, ...]) -> str:
    """The version of the first package of these names that is installed, or what to do where none is."""
    for name in names:
        try:
            return importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return "not installed: run `make env`, or see the README"


def usable_cores() -> int:
    """The cores that this process may use: the system's, within a container's limit (cgroup) and JupyterHub's."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    limits = [float(cores)]
    quota, _, period = (CPU_MAX.read_text() if CPU_MAX.exists() else "max").partition(" ")
    if quota.isdigit():  # microseconds of computing in a period
        limits.append(int(quota) / int(period))
    if re.fullmatch(r"\d+(\.\d+)?", stated := os.environ.get("CPU_LIMIT", "")):
        limits.append(float(stated))
    return max(1, int(min(limits)))


def memory() -> str:
    """Memory that this process may use; a container's limit (cgroup) is often below the machine's."""
    limits = []
    for file in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        path = Path(file)
        if path.exists() and (text := path.read_text().strip()).isdigit():
            limits.append(int(text))
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        limits.append(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    return f"{min(limits) / 2**30:.1f} GB" if limits else "unknown on this system"
