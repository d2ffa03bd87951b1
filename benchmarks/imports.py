"""Seconds and memory that importing each helper costs, each in a fresh process.

python -m benchmarks.imports
"""

from __future__ import annotations

import argparse
import json
import pkgutil
import statistics
import subprocess
import sys
from pathlib import Path

import helpers
from benchmarks import report
from benchmarks.measured import clean_environment, fingerprint, helper_files, measured
from tools.notebooks import ROOT

REPEATS = 3
#: What helpers build on, for comparison.
BELOW = ("numpy", "pandas", "matplotlib.figure", "ipywidgets", "keras")

SCRIPT = """
import importlib, json, sys, time
before = set(sys.modules)
began = time.perf_counter()
importlib.import_module(sys.argv[1])
seconds = time.perf_counter() - began
peak = None
try:
    import resource
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 2**20
except ImportError:
    pass
print(json.dumps({"seconds": seconds, "mb": peak, "modules": len(set(sys.modules) - before)}))
"""

INTRO = """\
Seconds until `import` returns, in a fresh process whose files the system has read before, as a share of `import keras`
(with TensorFlow) and absolutely; peak memory of that process; modules loaded. Medians of {repeats} runs. The first rows
are packages that helpers build on."""

HEADER = ("import", "share of keras", "s", "peak memory, MB", "modules")


def names() -> list[str]:
    """All helpers, subpackages included."""
    return sorted({"helpers", *(module.name for module in pkgutil.walk_packages(helpers.__path__, "helpers."))})


def measure(name: str) -> dict[str, float]:
    """Medians of one import, or what is stored of it."""
    code = fingerprint(name, files=[*helper_files(), ROOT / "requirements.lock", Path(__file__)], packages=())
    return measured("imports", name, code, lambda: _median(name))


def _median(name: str) -> dict[str, float]:
    variables = clean_environment() | {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    runs = []
    for _ in range(REPEATS + 1):
        command = [sys.executable, "-c", SCRIPT, name]
        done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=True)
        runs.append(json.loads(done.stdout.splitlines()[-1]))
    runs = runs[1:]  # the first may read files from the disk
    return {figure: statistics.median([run[figure] or 0 for run in runs]) for figure in runs[0]}


def main(arguments: list[str] | None = None) -> None:
    """Measure what is missing and write the table."""
    argparse.ArgumentParser(description="Seconds to import each helper.").parse_args(arguments)
    everything = [*BELOW, *names()]
    print(f"imports: {len(everything)} modules, {REPEATS + 1} times each", flush=True)
    found = {name: measure(name) for name in everything}
    keras = found["keras"]["seconds"]
    rows = [
        [
            f"`{name}`",
            f"{one['seconds'] / keras:.2f}",
            f"{one['seconds']:.2f}",
            f"{one['mb']:.0f}",
            f"{one['modules']:.0f}",
        ]
        for name, one in found.items()
    ]
    for row in rows:
        print("  ".join(row))
    report.write_section("Helpers", INTRO.format(repeats=REPEATS), HEADER, rows)


if __name__ == "__main__":
    main()
