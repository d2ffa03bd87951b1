"""What the tests of all labs share: the lessons' style, and the labs of the course."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

import pytest

from helpers import labs, runtime
from helpers.labs.framework.lab import Lab

#: All labs of the course.
LABS = sorted(module.name for module in pkgutil.iter_modules(labs.__path__) if not module.ispkg)


@pytest.fixture(scope="module")
def style() -> None:
    """A lesson's style and fonts, the one with Hangul among them."""
    runtime.start()


def stand_in(name: str) -> Lab:
    """A lab on the small data of its test module.

    Raises:
        LookupError: the lab has no test module, or that has no ``stand_in``.
    """
    path = Path(__file__).with_name(f"test_{name}.py")
    module = importlib.import_module(f"tests.labs.{path.stem}") if path.exists() else None
    if not hasattr(module, "stand_in"):
        raise LookupError(
            f"tests/labs/{path.name} has no stand_in(); write there: def stand_in() -> Lab: return {name}.lab(…), with "
            "arguments that are small and quick to make. docs/labs.md shows such a module."
        )
    return module.stand_in()
