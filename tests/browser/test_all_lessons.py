"""Every lesson in JupyterLab, from the top: each control of its labs moved, and its trainings begun.

`make test-long` runs this; `make test-jupyterlab` moves the labs on small data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psutil
import pytest

from tests.browser.jupyterlab import lab_cells, opened
from tests.browser.labs import LabInPage
from tests.long import long_page
from tools.machine import peak_megabytes
from tools.notebooks import ROOT

pytestmark = pytest.mark.browser

LEAST = 300  # MB, of a server and a kernel with TensorFlow
#: By lab: controls that matter only when others are set, and may go unanswered; the labs' self-test sets those others.
#: Above a layer that is refused nothing is built; what is not cut is not cut at an end.
MAY_BE_SILENT = {"11-shapes": {"noUi-target[4]", "widget-checkbox[5]"}, "13-tokenizer": {"widget-toggle-buttons[7]"}}
LESSONS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.long
@pytest.mark.parametrize("lesson", LESSONS)
def test_every_control_of_each_lab_answers_to_keyboard_and_mouse(lesson, server, browser):
    with opened(lesson, server, browser) as page:
        for name, lab in labs_of(page, lesson):
            for how in ("keyboard", "mouse"):
                pictures, readings = move_all(lab, name, how)
                trained = lab.trains(how)
                assert readings, f"{name}: nothing that was moved by {how} changed the reading"
                assert pictures or trained, f"{name}: nothing that was moved by {how} changed the picture"
        used = peak_of_all("python")
        assert LEAST < used < long_page.BINDER
    long_page.keep("memory", lesson, f"{used:,.0f}")


def labs_of(page, lesson: str) -> Iterator[tuple[str, LabInPage]]:
    """The labs of a lesson by name, each scrolled into view in its turn; there is at least one."""
    places = lab_cells(lesson)
    assert places, f"{lesson} has no lab"
    for name, place in places.items():
        yield name, LabInPage(page, page.locator(".jp-Notebook .jp-Cell").nth(place))


def peak_of_all(name: str) -> float:
    """The most memory that each process below this one, of that name, has held so far, summed."""
    below = psutil.Process().children(recursive=True)
    return sum(peak_megabytes(process) for process in below if name in process.name())


def move_all(lab: LabInPage, name: str, how: str) -> tuple[set[str], set[str]]:
    """Move every control, each after those above it; the names of those that changed the picture, and the reading.

    A control to which nothing answered then (one above it can make a setting that is refused, or that needs it not) is
    moved once more, from the first settings.

    Raises:
        AssertionError: a control does not move; or the lab answers to it neither by picture nor reading nor sentence.
    """
    pictures, readings, silent = set(), set(), set()

    def make(control: str, move: Callable[[], None], value: Callable[[], str]) -> None:
        before, shown = value(), lab.shows()
        move()
        lab.settle()
        picture, reading, message = (one != other for one, other in zip(lab.shows(), shown, strict=True))
        assert value() != before, f"{name}: {control} does not move by {how}"
        assert "fault" not in lab.says(), f"{name}: {control} by {how}: {lab.says()}"
        for answered, names in ((picture, pictures), (reading, readings)):
            if answered:
                names.add(control)
        (silent.discard if picture or reading or message else silent.add)(control)

    lab.reset()
    for move in lab.moves(how):
        make(*move)
    if silent:
        for move in lab.moves(how):
            if move[0] in silent:
                lab.reset()
                make(*move)
    assert silent <= MAY_BE_SILENT.get(name, set()), f"{name}: what nothing answers to by {how}"
    return pictures, readings
