"""Every lesson in JupyterLab, from the top; every lab moved by keyboard and mouse, and pictured in both themes."""

from __future__ import annotations

import psutil
import pytest

from benchmarks import measured
from tests import long_page
from tests.browser.jupyterlab import ARTIFACTS, lab_cells, opened, use_theme
from tests.browser.labs import LabInPage, hard_to_read
from tools.notebooks import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.all_lessons]

LEAST = 300  # MB, of a server and a kernel with TensorFlow
#: What a lesson says: its prose, and tables and checks among its outputs.
PROSE = ".jp-RenderedMarkdown, .jp-OutputArea-output.jp-RenderedHTML"
#: Controls that only say how the next training is to be.
NO_ANSWER: set[tuple[str, str]] = set()
LESSONS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("lesson", LESSONS)
def test_lesson_runs_and_each_lab_answers_to_keyboard_and_mouse(lesson, server, browser):
    places = lab_cells(lesson)
    assert places, f"{lesson} has no lab"
    with opened(lesson, server, browser) as page:
        for name, place in places.items():
            lab = LabInPage(page, page.locator(".jp-Notebook .jp-Cell").nth(place))
            assert min(lab.picture_size()) > 100
            assert lab.cut_labels() == []
            assert lab.hard_to_read() == [], name
            lab.cell.screenshot(path=ARTIFACTS / f"{name}-light.png")
            for how in ("keyboard", "mouse"):
                pictures, readings = move_all(lab, name, how)
                trained = lab.trains(how)
                assert readings, f"{name}: nothing that was moved by {how} changed the reading"
                assert pictures or trained, f"{name}: nothing that was moved by {how} changed the picture"
        assert hard_to_read(page.locator(PROSE)) == []
        use_theme(page, "JupyterLab Dark")
        assert hard_to_read(page.locator(PROSE)) == [], "in the dark theme"
        for name, place in places.items():
            lab = LabInPage(page, page.locator(".jp-Notebook .jp-Cell").nth(place))
            assert lab.cut_labels() == []
            assert lab.hard_to_read() == [], f"{name} in the dark theme"
            lab.cell.screenshot(path=ARTIFACTS / f"{name}-dark.png")
        use_theme(page, "JupyterLab Light")
        used = peak_megabytes("python")
        assert LEAST < used < long_page.BINDER
    long_page.keep("memory", lesson, f"{used:,.0f}")


def peak_megabytes(name: str) -> float:
    """The most memory that each process below this one, of that name, has held so far, summed."""
    below = psutil.Process().children(recursive=True)
    return sum(measured.peak_megabytes(process) for process in below if name in process.name())


def move_all(lab: LabInPage, name: str, how: str) -> tuple[list[str], list[str]]:
    """Move every control from its first setting; the names of those that changed the picture, and the reading.

    Raises:
        AssertionError: a control does not move; or the lab does not answer to it by picture, reading or a sentence.
    """
    lab.reset()
    pictures, readings = [], []
    for control, move, value in lab.moves(how):
        lab.settle()
        before, read, said = value(), lab.reading(), lab.says()
        if lab.changes(move):
            pictures.append(control)
        if lab.reads_otherwise_than(read):
            readings.append(control)
        assert value() != before, f"{name}: {control} does not move by {how}"
        assert "fault" not in lab.says(), f"{name}: {control} by {how}: {lab.says()}"
        answers = control in pictures or control in readings or lab.says() != said
        assert answers or (name, control) in NO_ANSWER, f"{name}: nothing answers to {control} by {how}"
    return pictures, readings
