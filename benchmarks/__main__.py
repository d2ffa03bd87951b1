"""All benchmarks, one after the other: ``make bench``. What was stopped goes on; ``--fresh`` begins anew.

python -m benchmarks [--fresh] [PART ...]
"""

from __future__ import annotations

import argparse
import importlib
import shutil
import time

from benchmarks.measured import STORE, dates, go_on

#: The parts and the minutes that each takes on two cores when nothing else runs.
PARTS = {"notebooks": 55, "training": 80}


def main(arguments: list[str] | None = None) -> int:
    """Run the named parts, or all; returns 0 when every part has written its tables."""
    parser = argparse.ArgumentParser(description="Measure what the course costs and write the pages in benchmarks/.")
    parser.add_argument("parts", nargs="*", help=f"some of {', '.join(PARTS)}; all by default")
    parser.add_argument("--fresh", action="store_true", help="forget what was measured before")
    asked = parser.parse_args(arguments)
    if unknown := set(asked.parts) - set(PARTS):
        parser.error(f"no part {sorted(unknown)}; there are {list(PARTS)}")
    parts = asked.parts or list(PARTS)
    if asked.fresh:
        for part in parts:
            shutil.rmtree(STORE / part, ignore_errors=True)
    failures: list[str] = []
    print(f"About {sum(PARTS[part] for part in parts)} minutes from nothing; leave the machine alone meanwhile.")
    again = "the command without --fresh" if asked.fresh else "the same command"
    print(f"What is measured is kept in {STORE.name}/: after Ctrl-C {again} goes on from there.", flush=True)
    for number, part in enumerate(parts, 1):
        print(f"\n== {number} of {len(parts)}: {part}, about {PARTS[part]} minutes ==", flush=True)
        began = time.monotonic()
        dates.clear()
        with go_on(failures, part):
            importlib.import_module(f"benchmarks.{part}").main([])
        print(f"== {part}: {(time.monotonic() - began) / 60:.1f} minutes ==", flush=True)
    return min(len(failures), 1)


if __name__ == "__main__":
    raise SystemExit(main())
