"""What every check shares: the list of exercises, one line for each answer, and looks at what a reader gave.

A check is a function decorated with ``check_of``. It gets the reader's answer, returns a word of praise with a fact, or
raises ``Wrong``; ``call`` runs the reader's function. The reader never sees a traceback.
"""

from __future__ import annotations

import copy
import functools
import math
import numbers
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from helpers.checks.source import text_of


class Wrong(Exception):
    """The answer is wrong; the message says for which input, what was expected, what came, and what was mixed up."""


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
    is_right: bool = False  # the last answer that was checked
    answer: str = ""  # its text, or what it is where there is none
    answer_kept: bool = True

    @property
    def name(self) -> str:
        """Of its check in ``helpers.checks``, such as ex_03_1."""
        return f"ex_{self.number.replace('.', '_')}"

    def keep(self, answer: Any) -> None:
        """Note the text of an answer, for ``save``."""
        self.answer, self.answer_kept = text_of(answer)

    def run(self, answer: Any) -> None:
        """Check an answer and print one line."""
        print(_answer_line(self, answer))


EXERCISES: dict[str, Exercise] = {}

#: How far a right layer may be from its formula: TF32 rounds the factors of a product to about 0.0005 of their size.
LAYER_TOLERANCE = 2e-3


def check_of(
    number: str, title: str, *, hints: Sequence[str]
) -> Callable[[Callable[[Any], str]], Callable[[Any], None]]:
    """Make a function ``check(answer) -> str`` the check of exercise ``number``, such as "03.1".

    The decorated function prints one line and never raises. ``helpers.checks`` finds it here by its number.

    Raises:
        ValueError: there are not three hints.
    """
    if len(hints) != 3:
        raise ValueError(
            f"exercise {number} has {len(hints)} hints; expected three, from a nudge to nearly the answer."
        )

    def register(check: Callable[[Any], str]) -> Callable[[Any], None]:
        task = EXERCISES[number] = Exercise(number, title, hints, check)

        @functools.wraps(check)
        def checked(answer: Any) -> None:
            task.run(answer)

        return checked

    return register


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
        raise Wrong(f"expected a function, got {brief(function)}")
    try:
        result = function(*map(_own, arguments), **{name: _own(value) for name, value in keywords.items()})
    except (Exception, SystemExit) as error:
        raise Wrong(f"for {_call_text(arguments, keywords)} it raised {one_line(error)}") from error
    if result is None or result is ...:
        raise NotYet("the function returns nothing")
    return result


def as_number(answer: Any, name: str = "the answer") -> float:
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
        raise Wrong(f"expected one number for {name}, got {brief(answer)}")
    return value


def close(got: Any, expected: Any) -> bool:
    """Whether a layer gives what it should, also where a graphics card keeps 10 bits of a product (TF32).

    Checks of layers compare by it; wrong answers differ by far more, which their tests hold.
    """
    return np.allclose(got, expected, rtol=LAYER_TOLERANCE, atol=LAYER_TOLERANCE)


def as_array(answer: Any, shape: tuple[int, ...], name: str = "the result") -> np.ndarray:
    """``answer`` as an array of ``shape``.

    Raises:
        Wrong: it is not numeric, or has another shape.
    """
    try:
        values = np.asarray(answer, dtype=float) if not np.iscomplexobj(answer) else None
    except Exception:  # whatever an odd answer raises when it is asked for its numbers
        raise Wrong(f"expected an array of numbers for {name}, got {brief(answer)}") from None
    if values is None:
        raise Wrong(f"expected an array of real numbers for {name}, got {brief(answer)}")
    if values.shape != shape:
        raise Wrong(f"{name} has shape {values.shape}; expected {shape}")
    return values


def brief(value: Any) -> str:
    """``value`` short enough for one line, whatever it is."""
    try:
        if isinstance(value, np.ndarray):
            return _brief_array(value)
        return f"{value:.6g}" if isinstance(value, (float, np.floating)) else _short(repr(value))
    except Exception:  # what cannot be shown still has a type
        return f"a {type(value).__name__}"


def _brief_array(values: np.ndarray) -> str:
    first = values if values.size <= 6 else np.ravel(values)[:4]
    text = _short(str((first.round(4) if first.dtype.kind in "fc" else first).tolist()))
    return text if values.size <= 6 else f"an array of shape {values.shape} starting with {text}"


def _answer_line(task: Exercise, answer: Any) -> str:
    task.is_right = False
    try:
        praise = task.check(answer)
    except NotYet as missing:
        what = f": {missing}" if str(missing) else ""
        return f"… {task.number} is not filled in yet{what}. checks.hint({task.number!r}) helps."
    except Wrong as wrong:
        if not task.solved:
            task.keep(answer)
        return f"✗ {task.number} not right yet: {_short(str(wrong), 500)}."
    except (Exception, SystemExit) as error:
        if not task.solved:
            task.keep(answer)
        return (
            f"✗ {task.number} could not be checked: {one_line(error)}. "
            f"The answer was {brief(answer)}; compare its type and shape with the task."
        )
    task.solved = task.is_right = True
    task.keep(answer)
    return f"✓ {task.number} is right. {_short(str(praise), 500)}"


def _own(value: Any) -> Any:
    return copy.deepcopy(value) if isinstance(value, (np.ndarray, list, dict)) else value


def one_line(error: BaseException) -> str:
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
    parts = [brief(value) for value in arguments] + [f"{name}={brief(value)}" for name, value in keywords.items()]
    return ", ".join(parts) or "no arguments"
