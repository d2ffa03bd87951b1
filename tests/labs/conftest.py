"""What the tests of all labs share: the lessons' style, the self-test, and the labs of the course."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from pathlib import Path

import pytest

from helpers import labs, runtime
from helpers.labs.framework.lab import Lab
from tests.support import selftest

#: All labs of the course.
LABS = sorted(module.name for module in pkgutil.iter_modules(labs.__path__) if not module.ispkg)


@pytest.fixture(scope="module")
def style() -> None:
    """A lesson's style and fonts, the one with Hangul among them."""
    runtime.start()


@pytest.fixture
def swept(monkeypatch: pytest.MonkeyPatch, style: None) -> Callable[[Callable[[], Lab]], Lab]:
    """Make a lab and run the self-test on it, which moves every control and compares all pictures."""
    monkeypatch.setattr(selftest, "RANDOM_SETTINGS", 6)

    def made(stand_in: Callable[[], Lab]) -> Lab:
        lab = stand_in()
        selftest.run(lab)
        assert lab.message == ""
        return lab

    return made


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
