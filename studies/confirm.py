"""Confirm a study: after a change of code that changes no computation, one run shows that its results still hold.

``python -m studies.run --confirm LESSON ...`` runs seed 0 under the present code and compares every row with the one
that is kept. Only when all agree does the file of results get the present fingerprint, and a note of that run.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from helpers.scores import OF_THE_MACHINE, Row
from studies.runner import made_by, read_lines
from tools.notebooks import write_text

#: How far apart two values of the same processor and versions may lie, as a share of the larger.
TOLERANCE = 1e-6
#: The seed that is run again.
SEED = 0


def confirm(lesson: Path, run: Path, results: Path) -> list[str]:
    """Compare a run with the results of a study, and renew their fingerprint when they agree.

    Args:
        lesson: the notebook.
        run: the file of its finished run under ``SEED``.
        results: the file of its study's results.

    Returns:
        What differs, one sentence per figure; nothing when the fingerprint was renewed.
    """
    kept = json.loads(results.read_text(encoding="utf-8"))
    present = made_by(lesson)
    head, *lines = read_lines(run)
    differ = differences(kept["rows"], [line for line in lines if "row" in line], same=_same(kept, present))
    if not differ:
        kept["fingerprint"] = present["fingerprint"]
        kept["confirmed"] = {"date": head["date"], "seed": SEED, "machine": present["machine"]}
        write_text(results, json.dumps(kept, indent=1, ensure_ascii=False) + "\n")
    return differ


def differences(kept: Sequence[Mapping[str, Any]], run: Sequence[Mapping[str, Any]], *, same: bool) -> list[str]:
    """What differs between the rows of a study and those of one run, one sentence per figure.

    Args:
        kept: rows as results keep them.
        run: lines as a run records them.
        same: whether processor and versions are those of the study. Then values agree to ``TOLERANCE``; else a value
            lies in its row's range. Seconds are not compared.
    """
    old = {_kind(entry): entry for entry in kept}
    new = {_kind(line): line for line in run}
    twice = [line for line in run if new[_kind(line)] is not line]
    return [
        *(f"{_name(line)} was recorded twice." for line in twice),
        *(f"{_name(old[kind])} was not recorded." for kind in old if kind not in new),
        *(f"{_name(new[kind])} is new." for kind in new if kind not in old),
        *(said for kind in old if kind in new for said in _figures(old[kind], new[kind]["figures"], same=same)),
    ]


def _figures(entry: Mapping[str, Any], figures: Mapping[str, Any], *, same: bool) -> list[str]:
    row = Row(entry["table"], entry["row"], entry["settings"], entry["unit"], entry["seeds"])
    before = row.seeds[str(SEED)]
    said = []
    for what in ("params", "value", "test"):
        old, new = before.get(what), figures.get(what)
        if what != "params" and row.unit in OF_THE_MACHINE and None not in (old, new):
            continue
        if old is None or new is None or what == "params":
            agree, wanted = old == new, f"{old}"
        elif same:
            agree, wanted = math.isclose(old, new, rel_tol=TOLERANCE), f"{old} to {TOLERANCE:g}"
        else:
            low, high = row.range(what)
            agree, wanted = low <= new <= high, f"{low:g} to {high:g}"
        if not agree:
            said.append(f"{_name(entry)}: {what} is {new}; the study has {wanted}.")
    return said


def _same(kept: Mapping[str, Any], present: Mapping[str, Any]) -> bool:
    """Whether processor and packages are those of the study; a study that does not name its processor had another."""
    same_processor = kept["machine"].get("processor") == present["machine"]["processor"]
    return same_processor and all(present["versions"].get(name) == old for name, old in kept["versions"].items())


def _kind(entry: Mapping[str, Any]) -> str:
    return json.dumps([entry["table"], entry["row"], entry["settings"], entry["unit"]], sort_keys=True)


def _name(entry: Mapping[str, Any]) -> str:
    label = Row(entry["table"], entry["row"], entry["settings"], entry["unit"]).label
    return f"{label!r} of table {entry['table']!r} in {entry['unit']}"
