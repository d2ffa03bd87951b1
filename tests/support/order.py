"""In which order tests run and which worker runs them, so that all workers end at nearly the same time."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from nbval.plugin import IPyNbCell
from xdist.scheduler import LoadFileScheduling

from tools.trainings import trains

#: Files whose cases go through all lessons and train their models.
OF_ALL_LESSONS = ("test_exercises.py", "test_out_of_order.py")
#: The lesson of such a case, as in "[ex-03-1]" and "[03_simple_rnn]".
LESSON = re.compile(r"\[(?:ex-)?(\d\d)[-_]")


class ByLesson(LoadFileScheduling):
    """One worker runs all tests of a file; in files that go through all lessons, all tests of a lesson."""

    def _split_scope(self, nodeid: str) -> str:
        return scope(nodeid)


def scope(nodeid: str) -> str:
    """What one worker runs as a whole.

    >>> scope("tests/lessons/test_exercises.py::test_a_solution_is_accepted[ex-03-1]")
    'tests/lessons/test_exercises.py, lesson 03'
    >>> scope("tests/labs/test_unroll.py::test_it_opens[ex-03-1]")
    'tests/labs/test_unroll.py'
    """
    file, _, case = nodeid.partition("::")
    lesson = LESSON.search(case)
    return f"{file}, lesson {lesson[1]}" if lesson and file.endswith(OF_ALL_LESSONS) else file


def longest_first(items: list[pytest.Item]) -> None:
    """Sort tests: notebooks, those that trained longest first; the browser; what goes through all lessons; the rest."""
    seconds: Counter[Path] = Counter()
    for item in items:
        if isinstance(item, IPyNbCell):
            seconds[item.path] += sum(took for _, took in trains(item.cell))
    items.sort(key=lambda item: (_turn(item), -seconds[item.path]))


def _turn(item: pytest.Item) -> int:
    if isinstance(item, IPyNbCell):
        return 0
    if item.get_closest_marker("browser"):
        return 1
    return 2 if item.path.name in OF_ALL_LESSONS else 3
