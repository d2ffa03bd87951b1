"""What every check shares: one line of answer, hints, a summary, and a file that keeps answers.

A check is a function decorated with ``exercise``. It gets the reader's answer, returns a word of praise with a fact, or
raises ``Wrong``; ``call`` runs the reader's function. What the reader sees never is a traceback.
"""

from __future__ import annotations

import contextlib
import copy
import inspect
import json
import math
import numbers
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np


class Wrong(Exception):
    """The answer is wrong; the message says for which input, what was expected, what came, and what was mixed up."""


class NotKept(Exception):
    """A file is none that ``save`` wrote."""


class NotYet(Exception):
    """The stub is not filled in; the message, if any, says what is missing."""


@dataclass
class Exercise:
    """An exercise, its hints, and how the reader fares."""

    number: str
    title: str
    hints: Sequence[str]
    check: Callable[[Any], str]
    hints_given: int = 0
    solved: bool = False
    answer: str = ""


EXERCISES: dict[str, Exercise] = {}

#: Characters of a value that ``save`` keeps whole.
LONGEST_ANSWER = 2000


def exercise(
    number: str, title: str, *, hints: Sequence[str]
) -> Callable[[Callable[[Any], str]], Callable[[Any], None]]:
    """Make a function ``check(answer) -> str`` the check of exercise ``number``, such as "03.1".

    The decorated function prints one line and never raises.

    Raises:
        ValueError: there are not three hints.
    """
    if len(hints) != 3:
        raise ValueError(
            f"exercise {number} has {len(hints)} hints; expected three, from a nudge to nearly the answer."
        )

    def register(check: Callable[[Any], str]) -> Callable[[Any], None]:
        task = EXERCISES[number] = Exercise(number, title, hints, check)

        def checked(answer: Any) -> None:
            print(_answer_line(task, answer))

        checked.__name__, checked.__doc__ = check.__name__, check.__doc__
        return checked

    return register


def hint(number: str) -> None:
    """Print the next of three hints for an exercise, such as ``hint("03.1")``; after the third it starts again."""
    task = EXERCISES.get(number) if isinstance(number, str) else None
    if task is None:
        print(f"There is no exercise {shown(number)}. There are: {', '.join(sorted(EXERCISES))}.")
        return
    stage = task.hints_given % len(task.hints)
    task.hints_given += 1
    print(f"Hint {stage + 1} of {len(task.hints)} for {number}: {task.hints[stage]}")


def summary(lesson: str = "") -> None:
    """Print solved and unsolved exercises in one line; of one lesson when given, such as ``summary("03")``."""
    tasks = [task for number, task in sorted(EXERCISES.items()) if number.startswith(str(lesson))]
    solved = [task.number for task in tasks if task.solved]
    unsolved = [task.number for task in tasks if not task.solved]
    print(f"Solved {len(solved)} of {len(tasks)}: {_listed(solved)}. Still open: {_listed(unsolved)}.")


def save(path: str | Path = "my_answers.json") -> None:
    """Keep the answers checked so far in a small file to download, since Binder and Colab forget; see ``load``.

    What other lessons kept in that file stays, and so does a right answer where there is only a wrong one now.
    """
    file = Path(path)
    answers = {
        task.number: {"solved": task.solved, "answer": task.answer} for task in EXERCISES.values() if task.answer
    }
    part = Path(f"{file}.part")  # a kernel killed here, or a full disk, leaves the old answers whole
    try:
        before = _kept(file) if file.exists() else {}
        new = {number: one for number, one in answers.items() if one["solved"] or not _solved(before, number)}
        text = json.dumps(dict(sorted((before | new).items())), indent=1, ensure_ascii=False)
        part.write_text(text + "\n", encoding="utf-8", errors="backslashreplace")
        part.replace(file)
    except NotKept as fault:
        print(f"{file.name} is there and {fault}. Nothing was changed; give save another name.")
    except OSError as fault:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        print(f"{file.name} could not be written ({_line(fault)}); give save another place.")
    else:
        plural = "" if len(new) == 1 else "s"
        print(f"{len(new)} answer{plural} of this notebook kept in {file.name}, {len(before | new)} in all.")


def load(path: str | Path = "my_answers.json") -> None:
    """Print the answers that ``save`` kept, ready to be pasted into their cells, and mark the solved ones.

    Nothing in the file is executed.
    """
    file = Path(path)
    if not file.exists():
        print(f"There is no file {file.name} here. Upload it beside the notebook, or call checks.save() first.")
        return
    try:
        kept = _kept(file)
    except NotKept as fault:
        print(f"{file.name} {fault}.")
        return
    for number, entry in sorted(kept.items()):
        task = EXERCISES.get(number)
        if task and not task.solved:  # what was solved since stays solved
            task.solved, task.answer = entry["solved"], entry["answer"]
        print(f"# {number}: {'solved' if entry['solved'] else 'open'}\n{entry['answer']}\n")


def call(function: Any, *arguments: Any, **keywords: Any) -> Any:
    """Run the reader's function and return what it gives.

    It gets copies of arrays, lists and dicts, so that a function that changes its input cannot change the check's.

    Raises:
        NotYet: it is still a stub: ``...``, or its body gives nothing.
        Wrong: it is no function, or it raised an error, which the message repeats.
    """
    if function is ...:
        raise NotYet
    if not callable(function):
        raise Wrong(f"expected a function, got {shown(function)}")
    try:
        result = function(*map(_own, arguments), **{name: _own(value) for name, value in keywords.items()})
    except (Exception, SystemExit) as error:
        raise Wrong(f"for {_call_text(arguments, keywords)} it raised {_line(error)}") from error
    if result is None or result is ...:
        raise NotYet("the function returns nothing")
    return result


def number(answer: Any, name: str = "the answer") -> float:
    """``answer`` as a float; an array, list or tuple of one number counts as that number.

    Raises:
        NotYet: it is still ``...``.
        Wrong: it is no finite number.
    """
    if isinstance(answer, (list, tuple)) and len(answer) == 1:
        answer = answer[0]
    if answer is ... or answer is None:
        raise NotYet
    if isinstance(answer, np.ndarray) and answer.size == 1:
        answer = answer.item()
    try:
        value = float(answer) if isinstance(answer, numbers.Real) and not isinstance(answer, bool) else math.nan
    except OverflowError:
        value = math.inf
    if not math.isfinite(value):
        raise Wrong(f"expected one number for {name}, got {shown(answer)}")
    return value


def array(answer: Any, shape: tuple[int, ...], name: str = "the result") -> np.ndarray:
    """``answer`` as an array of ``shape``.

    Raises:
        Wrong: it is not numeric, or has another shape.
    """
    try:
        values = np.asarray(answer, dtype=float) if not np.iscomplexobj(answer) else None
    except Exception:  # whatever an odd answer raises when it is asked for its numbers
        raise Wrong(f"expected an array of numbers for {name}, got {shown(answer)}") from None
    if values is None:
        raise Wrong(f"expected an array of real numbers for {name}, got {shown(answer)}")
    if values.shape != shape:
        raise Wrong(f"{name} has shape {values.shape}; expected {shape}")
    return values


def shown(value: Any) -> str:
    """``value`` short enough for one line, whatever it is."""
    try:
        if isinstance(value, np.ndarray):
            return _shown_array(value)
        return f"{value:.6g}" if isinstance(value, (float, np.floating)) else _short(repr(value))
    except Exception:  # what cannot be shown still has a type
        return f"a {type(value).__name__}"


def _shown_array(values: np.ndarray) -> str:
    first = values if values.size <= 6 else np.ravel(values)[:4]
    text = _short(str((first.round(4) if first.dtype.kind in "fc" else first).tolist()))
    return text if values.size <= 6 else f"an array of shape {values.shape} starting with {text}"


def _answer_line(task: Exercise, answer: Any) -> str:
    try:
        praise = task.check(answer)
    except NotYet as missing:
        what = f": {missing}" if str(missing) else ""
        return f"… {task.number} is not filled in yet{what}. checks.hint({task.number!r}) helps."
    except Wrong as wrong:
        if not task.solved:
            task.answer = _source(answer)
        return f"✗ {task.number} not right yet: {_short(str(wrong), 500)}."
    except (Exception, SystemExit) as error:
        return (
            f"✗ {task.number} could not be checked: {_line(error)}. "
            f"The answer was {shown(answer)}; compare its type and shape with the task."
        )
    task.solved, task.answer = True, _source(answer)
    return f"✓ {task.number} is right. {_short(str(praise), 500)}"


def _source(answer: Any) -> str:
    """The answer as text: a function's or class' source, else its value."""
    if inspect.isfunction(answer) or inspect.isclass(answer):
        try:
            return inspect.getsource(answer).rstrip()
        except (OSError, TypeError):
            return f"# the source of {answer.__name__} is not available"
    try:
        text = repr(answer)
    except Exception:
        return shown(answer)
    return text if len(text) <= LONGEST_ANSWER else shown(answer)


def _solved(kept: dict[str, dict[str, Any]], number: str) -> bool:
    return number in kept and kept[number]["solved"]


def _kept(file: Path) -> dict[str, dict[str, Any]]:
    """What ``save`` wrote: exercise to {solved, answer}."""
    try:
        entries = json.loads(file.read_text(encoding="utf-8"))
        return {
            number: {"solved": entry["solved"] is True, "answer": str(entry["answer"])}
            for number, entry in entries.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as fault:
        raise NotKept(f"is not a file that checks.save() wrote ({_line(fault)})") from None


def _own(value: Any) -> Any:
    return copy.deepcopy(value) if isinstance(value, (np.ndarray, list, dict)) else value


def _line(error: BaseException) -> str:
    """An error as one line."""
    try:
        text = f"{type(error).__name__}: {error}"
    except Exception:
        text = type(error).__name__
    return _short(text, 300).rstrip(".")


def _short(text: str, longest: int = 80) -> str:
    """``text`` on one line, cut where it is too long."""
    text = " ".join(text.split())
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _call_text(arguments: tuple, keywords: dict[str, Any]) -> str:
    parts = [shown(value) for value in arguments] + [f"{name}={shown(value)}" for name, value in keywords.items()]
    return ", ".join(parts) or "no arguments"


def _listed(numbers_: Sequence[str]) -> str:
    return ", ".join(numbers_) if numbers_ else "none"
