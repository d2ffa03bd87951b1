"""What a reader asks for by name: the next hint, a summary, and a file that keeps answers."""

from __future__ import annotations

import contextlib
import json
import numbers
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from helpers.checks import base
from helpers.checks.base import Exercise, brief, one_line
from helpers.checks.source import NOT_KEPT


class OtherFile(Exception):
    """A file that ``save`` did not write."""


def hint(exercise: str | float) -> None:
    """Print the next of three hints for an exercise, such as ``hint("03.1")``; after the third it starts again.

    ``hint("3.1")`` and ``hint(3.1)`` mean the same exercise.
    """
    number = _exercise_number(exercise)
    task = base.EXERCISES.get(number or "")
    if task is None:
        print(_no_exercise(exercise, number))
        return
    stage = task.hints_given % len(task.hints)
    task.hints_given += 1
    print(f"Hint {stage + 1} of {len(task.hints)} for {number}: {task.hints[stage]}")


def is_right(exercise: str) -> bool:
    """Whether the last answer to an exercise that was checked is right, such as ``is_right("03.1")``.

    Raises:
        ValueError: there is no such exercise.
    """
    number = _exercise_number(exercise)
    if number not in base.EXERCISES:
        raise ValueError(_no_exercise(exercise, number))
    return base.EXERCISES[number].is_right


def summary(lesson: str | int | None = None) -> None:
    """Print solved and unsolved exercises in one line; of one lesson when given, such as ``summary("03")`` or 3."""
    number = None
    if lesson is not None:
        number = _lesson_number(lesson)
        if number not in _lessons():
            print(f"There is no lesson {brief(lesson)} with exercises; there are {', '.join(_lessons())}.")
            return
    tasks = _tasks(number)
    solved = [task.number for task in tasks if task.solved]
    unsolved = [task.number for task in tasks if not task.solved]
    print(f"Solved {len(solved)} of {len(tasks)}: {_listed(solved)}. Still open: {_listed(unsolved)}.")


def save(path: str | Path = "my_answers.json") -> None:
    """Keep the answers checked so far in a small file to download, since Binder and Colab forget; see ``load``.

    What other lessons kept in that file stays, and so does a right answer where there is only a wrong one now. Where
    an answer cannot be written as text, such as a model, the file says what it was and the line printed names it.
    """
    file = Path(path)
    answers = {
        task.number: {"solved": task.solved, "kept": task.answer_kept, "answer": task.answer}
        for task in base.EXERCISES.values()
        if task.answer
    }
    part = Path(f"{file}.part")  # a kernel killed here, or a full disk, leaves the old answers whole
    try:
        before = _entries(file) if file.exists() else {}
        new = {number: entry for number, entry in answers.items() if not _better(before.get(number), entry)}
        text = json.dumps(dict(sorted((before | new).items())), indent=1, ensure_ascii=False)
        part.write_text(text + "\n", encoding="utf-8", errors="backslashreplace")
        part.replace(file)
    except OtherFile as fault:
        print(f"{file.name} is there and {fault}. Nothing was changed; give save another name.")
    except OSError as fault:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        print(f"{file.name} could not be written ({one_line(fault)}); give save another place.")
    else:
        print(_saved(file.name, new, before | new))


def load(path: str | Path = "my_answers.json") -> None:
    """Print the answers that ``save`` kept, ready to be pasted into their cells, and mark the solved ones.

    Nothing in the file is executed.
    """
    file = Path(path)
    if not file.exists():
        print(f"There is no file {file.name} here. Upload it next to the notebook, or call checks.save() first.")
        return
    try:
        entries = _entries(file)
    except OtherFile as fault:
        print(f"{file.name} {fault}.")
        return
    for number, entry in sorted(entries.items()):
        task = base.EXERCISES.get(number)
        if task and not task.solved:  # what was solved since stays solved
            task.solved, task.answer, task.answer_kept = entry["solved"], entry["answer"], entry["kept"]
        print(f"# {number}: {'solved' if entry['solved'] else 'open'}\n{entry['answer']}\n")


def _exercise_number(exercise: Any) -> str | None:
    """ "03.1" from "03.1", "3.1", 3.1 or "ex_03_1"; None where that is no number of an exercise."""
    found = re.fullmatch(r"(?:ex_)?0*(\d{1,2})[._](\d+)", _written(exercise))
    return f"{int(found[1]):02}.{int(found[2])}" if found else None


def _lesson_number(lesson: Any) -> str | None:
    """ "03" from "03", "3", 3 or 3.0; None where that is no number."""
    found = re.fullmatch(r"0*(\d{1,2})(?:\.0)?", _written(lesson))
    return f"{int(found[1]):02}" if found else None


def _written(value: Any) -> str:
    known = isinstance(value, str) or (isinstance(value, numbers.Real) and not isinstance(value, bool))
    return str(value).strip() if known else ""


def _no_exercise(exercise: Any, number: str | None) -> str:
    lesson = number[:2] if number else _lesson_number(exercise)
    if lesson in _lessons():
        what = f"There is no exercise {number}" if number else "Which exercise"
        return f"{what}; lesson {lesson} has {', '.join(task.number for task in _tasks(lesson))}."
    what = f"There is no lesson {lesson} with exercises" if lesson else f"There is no exercise {brief(exercise)}"
    return f'{what}. Write its number, such as checks.hint("03.1"); lessons with exercises: {", ".join(_lessons())}.'


def _lessons() -> list[str]:
    return sorted({number[:2] for number in base.EXERCISES})


def _tasks(lesson: str | None) -> list[Exercise]:
    """The exercises of one lesson, or all, in order."""
    chosen = [task for task in base.EXERCISES.values() if lesson in (None, task.number[:2])]
    return sorted(chosen, key=lambda task: [int(part) for part in task.number.split(".")])


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"


def _better(before: dict[str, Any] | None, entry: dict[str, Any]) -> bool:
    """Whether the entry in the file is worth more than the new one: solved before open, a text before a remark."""
    return before is not None and (before["solved"], before["kept"]) > (entry["solved"], entry["kept"])


def _saved(file: str, new: dict[str, dict[str, Any]], every: dict[str, dict[str, Any]]) -> str:
    kept = [number for number, entry in new.items() if entry["kept"]]
    lost = [f"{number} ({e['answer'].removeprefix(NOT_KEPT)})" for number, e in sorted(new.items()) if not e["kept"]]
    plural = "" if len(kept) == 1 else "s"
    in_all = sum(entry["kept"] for entry in every.values())
    line = f"{len(kept)} answer{plural} of this notebook kept in {file}, {in_all} in all."
    return f"{line} Not kept, only noted there: {'; '.join(lost)}." if lost else line


def _entries(file: Path) -> dict[str, dict[str, Any]]:
    """What ``save`` wrote: exercise to {solved, kept, answer}."""
    try:
        entries = json.loads(file.read_text(encoding="utf-8"))
        return {
            number: {
                "solved": entry["solved"] is True,
                "kept": entry.get("kept", True) is True,
                "answer": str(entry["answer"]),
            }
            for number, entry in entries.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as fault:
        raise OtherFile(f"is not a file that checks.save() wrote ({one_line(fault)})") from None
