"""Run the study: the notebooks under seeds 0 to 4, two at a time, and keep what they recorded.

    python -m studies.run [LESSON ...]
    python -m studies.run --confirm LESSON ...

Each run of a notebook under a seed leaves one file in ``.study/``; a run that was killed leaves none and is done again,
a finished one is kept as long as code, packages and machine are those that made it. Ctrl-C ends the running ones with
their kernels. When all seeds of a lesson are there, its results are written to ``helpers/results/``. A second study in
the same folder is refused (but on Windows, which cannot tell): the two would slow each other down and falsify the
seconds. With ``--confirm`` only seed 0 is run, see ``studies.confirm``.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from studies import confirm
from studies.fingerprint import ROOT, fingerprint, result_cells
from studies.runner import Job, alone_in, joined, made_by, run_all, stop_on_signals
from tools.notebooks import write_text

SEEDS = range(5)
NOTEBOOKS, RUNS, RESULTS = ROOT / "notebooks", ROOT / ".study", ROOT / "helpers" / "results"


def main(arguments: list[str] | None = None) -> int:
    """Study the named lessons (by number or name), or all; returns 0 when every run and every file is there."""
    parser = argparse.ArgumentParser(description="Run notebooks under seeds 0 to 4 and keep what they record.")
    parser.add_argument("lessons", nargs="*", help="lesson numbers such as 03; all when none is given")
    parser.add_argument(
        "--confirm", action="store_true", help="run seed 0 alone, after a change that computes the same"
    )
    chosen = parser.parse_args(arguments)
    try:
        lessons = find_lessons(chosen.lessons)
    except ValueError as error:
        parser.error(str(error))
    try:
        with alone_in(RUNS):
            return confirm_all(lessons) if chosen.confirm else study(lessons)
    except BlockingIOError:
        print("A study runs here already: wait for its end, or stop it with Ctrl-C.", file=sys.stderr)
    except FileNotFoundError as error:
        print(f"Nothing can be confirmed: {error}.", file=sys.stderr)
    except OSError as error:
        print(f"The study cannot be kept here: {error}.", file=sys.stderr)
    return 1


def study(lessons: list[Path]) -> int:
    """Do what is not done yet and write the results; returns 0 when every run and every file is there."""
    jobs = [job for lesson in lessons for job in jobs_of(lesson) if not job.is_done()]
    with stop_on_signals() as stop:
        failures = run_all(jobs, stop)
    for lesson in lessons:
        if all(job.is_done() for job in jobs_of(lesson)):
            try:
                print(f"{write_results(lesson).relative_to(ROOT)}")
            except (OSError, ValueError) as error:
                failures.append(f"{lesson.stem}: {error}")
                print(f"FAILED {failures[-1]}", file=sys.stderr)
    if stop.is_set():
        print("Stopped. What had finished is kept; the same command goes on from there.", file=sys.stderr)
    return 130 if stop.is_set() else min(len(failures), 1)


def confirm_all(lessons: list[Path]) -> int:
    """Run seed 0 where the code has changed since the study; returns 0 when all results hold under the present code."""
    stale = [lesson for lesson in lessons if _fingerprint_of_results(lesson) != fingerprint(lesson)]
    for lesson in lessons:
        if lesson not in stale:
            print(f"{lesson.stem}: nothing to confirm, the results are those of this code.")
    jobs = {lesson: jobs_of(lesson)[confirm.SEED] for lesson in stale}
    with stop_on_signals() as stop:
        failures = run_all([job for job in jobs.values() if not job.is_done()], stop)
    for lesson, job in jobs.items():
        if job.is_done():
            differ = confirm.confirm(lesson, job.file, RESULTS / f"{lesson.stem}.json")
            failures += differ
            if differ:
                print(
                    f"{lesson.stem} computes something else; run `make study LESSON={lesson.stem[:2]}`:",
                    *differ,
                    sep="\n",
                )
            else:
                print(f"{lesson.stem}: confirmed under seed {confirm.SEED}.")
    return 130 if stop.is_set() else min(len(failures), 1)


def _fingerprint_of_results(lesson: Path) -> str:
    path = RESULTS / f"{lesson.stem}.json"
    if not path.exists():
        raise FileNotFoundError(f"{path.name} does not exist yet: run `make study LESSON={lesson.stem[:2]}`")
    return json.loads(path.read_text(encoding="utf-8"))["fingerprint"]


def find_lessons(names: list[str]) -> list[Path]:
    """The notebooks that record scores, or those among them that ``names`` start.

    Raises:
        ValueError: a name fits no notebook that records scores.
    """
    recording = [path for path in sorted(NOTEBOOKS.glob("*.ipynb")) if result_cells(path)]
    for name in names:
        if not any(path.stem.startswith(name) for path in recording):
            raise ValueError(f"no lesson {name!r} records scores; there are {[path.stem for path in recording]}.")
    return [path for path in recording if not names or path.stem.startswith(tuple(names))]


def jobs_of(lesson: Path) -> list[Job]:
    """The runs of a lesson's study, one per seed."""
    return [Job(lesson, seed, RUNS / lesson.stem / f"{seed}.jsonl") for seed in SEEDS]


def write_results(lesson: Path) -> Path:
    """Join the runs of all seeds into one file of results, replaced in one step.

    Raises:
        ValueError: a row is missing under a seed, or was recorded twice under one.
    """
    results = {"lesson": lesson.stem, **made_by(lesson), **joined({job.seed: job.file for job in jobs_of(lesson)})}
    path = RESULTS / f"{lesson.stem}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, json.dumps(results, indent=1, ensure_ascii=False) + "\n")
    return path


if __name__ == "__main__":
    raise SystemExit(main())
