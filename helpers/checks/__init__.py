"""Checks of the exercises: ``ex_03_1(answer)`` and its like; ``hint``, ``is_right``, ``summary``, ``save``, ``load``.

Each module ``lesson_NN`` of this package registers its own checks; there is no second list of them.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from typing import Any

from helpers.checks import base
from helpers.checks.answers import hint, is_right, load, save, summary

__all__ = ["hint", "is_right", "load", "save", "summary"]

for _module in pkgutil.iter_modules(__path__):
    if _module.name.startswith("lesson_"):
        importlib.import_module(f"{__name__}.{_module.name}")


def __getattr__(name: str) -> Callable[[Any], None]:
    """The check of an exercise by its name, such as ``ex_03_1``."""
    for task in base.EXERCISES.values():
        if task.name == name:
            return task.run
    lesson = [task.name for task in base.EXERCISES.values() if task.name[:5] == name[:5]]
    others = f"; lesson {name[3:5]} has {', '.join(sorted(lesson))}" if lesson else ""
    raise AttributeError(f"helpers.checks has no {name}{others}")


def __dir__() -> list[str]:
    return sorted([*globals(), *(task.name for task in base.EXERCISES.values())])
