"""What every check shares: one line of answer, hints, a summary, and a file that keeps answers.

A check is a function decorated with ``exercise``. It gets the reader's answer, returns a word of praise with a fact, or
raises ``Wrong``; ``call`` runs the reader's function. What the reader sees never is a traceback.
"""

from __future__ import annotations

import inspect
import json
import numbers
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np


class Wrong(Exception):
    """The answer is wrong; the message says for which input, what was expected, what came, and what was mixed up."""


class NotYet(Exception):
    """The stub is not filled in."""


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
    task = EXERCISES.get(number)
    if task is None:
        print(f"There is no exercise {number!r}. There are: {', '.join(sorted(EXERCISES))}.")
        return
    stage = task.hints_given % len(task.hints)
    task.hints_given += 1
    print(f"Hint {stage + 1} of {len(task.hints)} for {number}: {task.hints[stage]}")


def summary(lesson: str = "") -> None:
    """Print solved and unsolved exercises in one line; of one lesson when given, such as ``summary("03")``."""
    tasks = [task for number, task in sorted(EXERCISES.items()) if number.startswith(lesson)]
    solved = [task.number for task in tasks if task.solved]
    unsolved = [task.number for task in tasks if not task.solved]
    print(f"Solved {len(solved)} of {len(tasks)}: {_listed(solved)}. Still open: {_listed(unsolved)}.")


def save(path: str | Path = "my_answers.json") -> None:
    """Keep the answers checked so far in a small file to download, since Binder and Colab forget; see ``load``."""
    answers = {
        task.number: {"solved": task.solved, "answer": task.answer} for task in EXERCISES.values() if task.answer
    }
    Path(path).write_text(json.dumps(answers, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{len(answers)} answers kept in {Path(path).name}.")


def load(path: str | Path = "my_answers.json") -> None:
    """Print the answers that ``save`` kept, ready to be pasted into their cells, and mark the solved ones.

    Nothing in the file is executed.
    """
    file = Path(path)
    if not file.exists():
        print(f"There is no file {file.name} here. Upload it beside the notebook, or call checks.save() first.")
        return
    try:
        answers = json.loads(file.read_text(encoding="utf-8"))
        kept = {number: (bool(entry["solved"]), str(entry["answer"])) for number, entry in answers.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        print(f"{file.name} is not a file that checks.save() wrote ({type(fault).__name__}: {fault}).")
        return
    for number, (solved, answer) in sorted(kept.items()):
        if number in EXERCISES:
            EXERCISES[number].solved = solved
            EXERCISES[number].answer = answer
        print(f"# {number}: {'solved' if solved else 'open'}\n{answer}\n")


def call(function: Any, *arguments: Any, **keywords: Any) -> Any:
    """Run the reader's function and return what it gives.

    Raises:
        NotYet: it is still a stub: ``...``, or its body gives nothing.
        Wrong: it is no function, or it raised an error, which the message repeats.
    """
    if function is ...:
        raise NotYet
    if not callable(function):
        raise Wrong(f"expected a function, got {shown(function)}")
    try:
        result = function(*arguments, **keywords)
    except Exception as error:
        raise Wrong(f"for {_call_text(arguments, keywords)} it raised {type(error).__name__}: {error}") from error
    if result is None or result is ...:
        raise NotYet
    return result


def number(answer: Any, name: str = "the answer") -> float:
    """``answer`` as a float.

    Raises:
        NotYet: it is still ``...``.
        Wrong: it is no finite number.
    """
    if answer is ... or answer is None:
        raise NotYet
    if isinstance(answer, np.ndarray) and answer.size == 1:
        answer = answer.item()
    if isinstance(answer, bool) or not isinstance(answer, numbers.Real) or not np.isfinite(answer):
        raise Wrong(f"expected one number for {name}, got {shown(answer)}")
    return float(answer)


def array(answer: Any, shape: tuple[int, ...], name: str = "the result") -> np.ndarray:
    """``answer`` as an array of ``shape``.

    Raises:
        Wrong: it is not numeric, or has another shape.
    """
    try:
        values = np.asarray(answer, dtype=float)
    except (TypeError, ValueError):
        raise Wrong(f"expected an array of numbers for {name}, got {shown(answer)}") from None
    if values.shape != shape:
        raise Wrong(f"{name} has shape {values.shape}; expected {shape}")
    return values


def shown(value: Any) -> str:
    """``value`` short enough for one line."""
    if isinstance(value, np.ndarray) and value.size > 6:
        return f"an array of shape {value.shape} starting with {np.ravel(value)[:4].round(4).tolist()}"
    if isinstance(value, np.ndarray):
        return str(value.round(4).tolist())
    if isinstance(value, float):
        return f"{value:.6g}"
    text = " ".join(repr(value).split())
    return text if len(text) <= 80 else f"{text[:77]}…"


def _answer_line(task: Exercise, answer: Any) -> str:
    try:
        praise = task.check(answer)
    except NotYet:
        return f"… {task.number} is not filled in yet. checks.hint({task.number!r}) helps."
    except Wrong as wrong:
        task.answer = _source(answer)
        return f"✗ {task.number} not right yet: {wrong}."
    except Exception as error:
        return (
            f"✗ {task.number} could not be checked: {type(error).__name__}: {error}. "
            f"The answer was {shown(answer)}; compare its type and shape with the task."
        )
    task.solved, task.answer = True, _source(answer)
    return f"✓ {task.number} is right. {praise}"


def _source(answer: Any) -> str:
    """The answer as text: a function's source, else its value."""
    if inspect.isfunction(answer):
        try:
            return inspect.getsource(answer).rstrip()
        except (OSError, TypeError):
            return f"# the source of {answer.__name__} is not available"
    return shown(answer)


def _call_text(arguments: tuple, keywords: dict[str, Any]) -> str:
    parts = [shown(value) for value in arguments] + [f"{name}={shown(value)}" for name, value in keywords.items()]
    return ", ".join(parts) or "no arguments"


def _listed(numbers_: Sequence[str]) -> str:
    return ", ".join(numbers_) if numbers_ else "none"
