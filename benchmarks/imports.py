"""Seconds and memory that importing each helper costs, each in a fresh process.

python -m benchmarks.imports
"""

from __future__ import annotations

import argparse
import pkgutil
import statistics
from pathlib import Path

import helpers
from benchmarks import report
from benchmarks.measured import child, fingerprint, helper_files, measured
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
if sys.platform == "linux":  # ru_maxrss would hold the peak of the process that started this one
    with open("/proc/self/status", encoding="ascii") as status:
        peak = next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))
print(json.dumps({"seconds": seconds, "mb": peak, "modules": len(set(sys.modules) - before)}))
"""

INTRO = """\
Seconds until `import` returns, in a fresh process whose files the system has read before, as a share of `import keras`
(with TensorFlow) and absolutely; peak memory of that process; modules loaded. Medians of {repeats} runs; each is
imported once before any is imported again. The first rows are packages that helpers build on."""

HEADER = ("import", "share of keras", "s", "peak memory, MB", "modules")


def names() -> list[str]:
    """All helpers, subpackages included."""
    return sorted({"helpers", *(module.name for module in pkgutil.walk_packages(helpers.__path__, "helpers."))})


def measure(name: str, repeat: int) -> dict[str, float | None]:
    """One import, or what is stored of it.

    Returns:
        Seconds, peak memory in MB (None where the system does not tell) and the number of modules loaded.
    """
    variables = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    files = [*helper_files(), ROOT / "requirements.lock", Path(__file__)]
    code = fingerprint(name, str(variables), files=files, packages=())
    return measured("imports", f"{name}, {repeat}", code, lambda: child(["-c", SCRIPT, name], None, **variables))


def median(runs: list[dict[str, float | None]]) -> dict[str, float | None]:
    """The medians of repeated runs, figure by figure; None for a figure that the system does not tell."""
    known = [figure for figure in runs[0] if runs[0][figure] is not None]
    return {"mb": None} | {figure: statistics.median(run[figure] for run in runs) for figure in known}


def main(arguments: list[str] | None = None) -> None:
    """Measure what is missing and write the table."""
    argparse.ArgumentParser(description="Seconds to import each helper.").parse_args(arguments)
    everything = [*BELOW, *names()]
    print(f"imports: {len(everything)} modules, {REPEATS + 1} times each", flush=True)
    rounds = [[measure(name, repeat) for name in everything] for repeat in range(REPEATS + 1)]
    rounds = rounds[1:]  # the first may read files from the disk
    found = {name: median(list(runs)) for name, *runs in zip(everything, *rounds, strict=True)}
    keras = found["keras"]["seconds"]
    rows = [
        [
            f"`{name}`",
            f"{one['seconds'] / keras:.2f}",
            f"{one['seconds']:.2f}",
            "–" if one["mb"] is None else f"{one['mb']:.0f}",
            f"{one['modules']:.0f}",
        ]
        for name, one in found.items()
    ]
    for row in rows:
        print("  ".join(row))
    report.write_section("Helpers", INTRO.format(repeats=REPEATS), HEADER, rows)


if __name__ == "__main__":
    main()
