"""Replicate the study: rerun lessons under fresh seeds and freshly drawn data, and try their claims on that.

    python -m studies.replicate [LESSON ...]

A replication of a lesson is a round of five seeds, 5 to 9 at first. Its rows and what each claim gave lie in
``studies/replications``, beside ``spent.json``, which lists the rounds that are spent: a change of the lesson's models
or claims spends a round, and the next replication takes the next five seeds. Real series and corpora stay as they are.
``docs/replication.md`` is made from these files. What was finished before Ctrl-C is kept, as in ``studies.run``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from helpers import scores
from studies import page
from studies.claims import Claim, claims_of, code_of_claims
from studies.fingerprint import ROOT, fingerprint
from studies.run import NOTEBOOKS, RUNS, find_lessons
from studies.runner import Job, alone_in, joined, made_by, run_all, stop_on_signals
from tools.notebooks import write_text

REPLICATIONS, PAGE = ROOT / "studies" / "replications", ROOT / "docs" / "replication.md"
#: The first seed that no study uses, and how many make a round.
FIRST, ROUND = 5, 5
#: Added to a seed, it is the seed of the data that are drawn for it.
DATA = 1000


def main(arguments: list[str] | None = None) -> int:
    """Replicate the named lessons (by number or name), or all; returns 0 when every run is there."""
    parser = argparse.ArgumentParser(description="Try the claims of lessons on fresh seeds and fresh data.")
    parser.add_argument("lessons", nargs="*", help="lesson numbers such as 03; all when none is given")
    try:
        lessons = find_lessons(parser.parse_args(arguments).lessons)
    except ValueError as error:
        parser.error(str(error))
    try:
        with alone_in(RUNS):
            return replicate(lessons)
    except BlockingIOError:
        print("A study runs here already: wait for its end, or stop it with Ctrl-C.", file=sys.stderr)
    except LookupError as error:  # a claim about rows that no study has recorded yet
        print(f"A claim cannot be tried: {error.args[0]}", file=sys.stderr)
    except OSError as error:
        print(f"The replication cannot be kept here: {error}.", file=sys.stderr)
    return 1


def replicate(lessons: list[Path]) -> int:
    """Do what is not done yet of each lesson's present round, try the claims, and write the page."""
    rounds = {lesson: Round(lesson) for lesson in lessons}
    wanted = {job.file: job for each in rounds.values() if not each.is_kept() for job in each.jobs()}
    with stop_on_signals() as stop:
        failures = run_all([job for job in wanted.values() if not job.is_done()], stop)
    for lesson, each in rounds.items():
        if not each.is_kept() and all(job.is_done() for job in each.jobs()):
            try:
                print(f"{each.write().relative_to(ROOT)}")
            except (OSError, ValueError) as error:
                failures.append(f"{lesson.stem}: {error}")
                print(f"FAILED {failures[-1]}", file=sys.stderr)
    write_text(PAGE, page.of(kept(), spent()))
    if stop.is_set():
        print("Stopped. What had finished is kept; the same command goes on from there.", file=sys.stderr)
    return 130 if stop.is_set() else min(len(failures), 1)


class Round:
    """The present round of a lesson's replication.

    The lesson's claims may compare its rows with those of other lessons, which are then run under the same seeds.
    """

    def __init__(self, lesson: Path) -> None:
        self.lesson = lesson
        self.claims = claims_of(lesson)
        self.lessons = [lesson, *self._others()]
        codes = [code_of_claims(lesson), *map(fingerprint, self.lessons)]
        self.code = hashlib.sha256("\n".join(codes).encode("ascii")).hexdigest()
        self.seeds = self._seeds()

    def is_kept(self) -> bool:
        """Whether the round has been run to its end with the present models and claims."""
        return read(self._file).get("code") == self.code

    def jobs(self) -> list[Job]:
        """The runs of the round."""
        folder = RUNS / "replications"
        return [
            Job(lesson, seed, folder / lesson.stem / f"{seed}.jsonl", data_seed=DATA + seed)
            for seed in self.seeds
            for lesson in self.lessons
        ]

    def write(self) -> Path:
        """Try the claims on the round's rows and keep both; a round before it, of other code, is then spent.

        Raises:
            ValueError: a row is missing under a seed, or was recorded twice under one.
        """
        runs = {lesson: {} for lesson in self.lessons}
        for job in self.jobs():
            runs[job.lesson][job.seed] = job.file
        results = {lesson: joined(files) for lesson, files in runs.items()}
        entries = [entry for each in results.values() for entry in each["rows"]]
        rows = list(map(row_of, entries))
        own = {row_of(entry).key for entry in results[self.lesson]["rows"]}
        needed = own | {row.key for claim in self.claims for row in claim.needs(rows)}
        made = made_by(self.lesson)
        content = {
            "lesson": self.lesson.stem,
            "code": self.code,
            "date": max(each["date"] for each in results.values()),
            "machine": made["machine"],
            "versions": made["versions"],
            "data_seeds": [DATA + seed for seed in self.seeds],
            "claims": [self._tried(claim, rows) for claim in self.claims],
            "rows": [entry for entry in entries if row_of(entry).key in needed],
        }
        rounds = spent()
        if before := read(self._file):
            rounds.setdefault(self.lesson.stem, []).append(sorted(seed - DATA for seed in before["data_seeds"]))
        REPLICATIONS.mkdir(parents=True, exist_ok=True)
        write_text(_spent_file(), json.dumps(rounds, indent=1) + "\n")
        write_text(self._file, json.dumps(content, indent=1, ensure_ascii=False) + "\n")
        return self._file

    def _tried(self, claim: Claim, rows: list[scores.Row]) -> dict[str, Any]:
        study = list(scores.studied().values())
        return {
            "sentence": claim.sentence,
            "tables": list(claim.tables),
            "study": claim.under(_seeds_of(claim.needs(study)), study),
            "replication": claim.under(map(str, self.seeds), rows),
        }

    def _others(self) -> list[Path]:
        """Other lessons whose rows the claims look at."""
        needed = {row.key for claim in self.claims for row in claim.needs(scores.studied().values())}
        others = []
        for path in sorted(scores.RESULTS.glob("*.json")):
            keys = {row_of(entry).key for entry in read(path)["rows"]}
            if needed & keys and path.stem != self.lesson.stem:
                others.append(NOTEBOOKS / f"{path.stem}.ipynb")
        return others

    def _seeds(self) -> range:
        """Those of the round that is kept, or the next five after all that this lesson has seen."""
        before = read(self._file)
        seen = [seed for round_ in spent().get(self.lesson.stem, []) for seed in round_]
        if before:
            kept_seeds = [seed - DATA for seed in before["data_seeds"]]
            if before["code"] == self.code:
                return range(min(kept_seeds), max(kept_seeds) + 1)
            seen += kept_seeds
        first = max(seen, default=FIRST - 1) + 1
        return range(first, first + ROUND)

    @property
    def _file(self) -> Path:
        return REPLICATIONS / f"{self.lesson.stem}.json"


def row_of(entry: Mapping[str, Any]) -> scores.Row:
    """A row as results keep it."""
    return scores.Row(entry["table"], entry["row"], entry["settings"], entry["unit"], entry["seeds"])


def kept() -> list[dict[str, Any]]:
    """What is kept of every lesson that was replicated, in the order of the lessons."""
    return [read(path) for path in sorted(REPLICATIONS.glob("[0-9]*.json"))]


def spent() -> dict[str, list[list[int]]]:
    """Lesson to its rounds of seeds that no later claim may be tried on."""
    return read(_spent_file())


def read(path: Path) -> dict[str, Any]:
    """The content of a file of JSON; nothing when there is none."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def _spent_file() -> Path:
    return REPLICATIONS / "spent.json"


def _seeds_of(rows: list[scores.Row]) -> list[str]:
    return sorted({seed for row in rows for seed in row.seeds}, key=int)


if __name__ == "__main__":
    raise SystemExit(main())
