"""Every lesson in JupyterLab, from the top; every lab moved by keyboard and mouse, and pictured in both themes."""

from __future__ import annotations

import re
from pathlib import Path

import psutil
import pytest

from tests.browser.jupyterlab import ARTIFACTS, lab_cells, opened, use_theme
from tests.browser.labs import LabInPage
from tools.notebooks import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.all_lessons]

MOST = 2000  # MB, which a free Binder session gives
LESSONS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("lesson", LESSONS)
def test_lesson_runs_and_each_lab_answers_to_keyboard_and_mouse(lesson, server, browser):
    places = lab_cells(lesson)
    assert places, f"{lesson} has no lab"
    with opened(lesson, server, browser) as page:
        for name, place in places.items():
            lab = LabInPage(page, page.locator(".jp-Notebook .jp-Cell").nth(place))
            assert min(lab.picture_size()) > 100
            assert lab.cut_readouts() == []
            lab.cell.screenshot(path=ARTIFACTS / f"{name}-light.png")
            answers = {how: move_all(lab, name, how) for how in ("keyboard", "mouse")}
            trained = lab.trains()
            for how, (pictures, readings) in answers.items():
                assert readings, f"{name}: nothing that was moved by {how} changed the reading"
                assert pictures or trained, f"{name}: nothing that was moved by {how} changed the picture"
        use_theme(page, "JupyterLab Dark")
        for name, place in places.items():
            cell = page.locator(".jp-Notebook .jp-Cell").nth(place)
            cell.scroll_into_view_if_needed()
            cell.screenshot(path=ARTIFACTS / f"{name}-dark.png")
        use_theme(page, "JupyterLab Light")
        used = peak_megabytes("python")
        print(f"{lesson}: server and kernel {used:,.0f} MB at their peaks")
        assert used < MOST


def peak_megabytes(name: str) -> float:
    """The most memory that each process below this one, of that name, has held so far, summed."""
    return sum(peak(process) for process in psutil.Process().children(recursive=True) if name in process.name())


def peak(process: psutil.Process) -> float:
    """Peak memory of a process in MB, where the system keeps it; else what it holds now."""
    status = Path(f"/proc/{process.pid}/status")
    if not status.exists():
        return process.memory_info().rss / 2**20
    return int(re.search(r"VmHWM:\s+(\d+) kB", status.read_text(encoding="ascii"))[1]) / 1024


def move_all(lab: LabInPage, name: str, how: str) -> tuple[list[str], list[str]]:
    """Move every control from its first setting; the names of those that changed the picture, and the reading."""
    lab.reset()
    pictures, readings = [], []
    for control, move, value in lab.moves(how):
        before, read = value(), lab.reading()
        if lab.changes(move):
            pictures.append(control)
        if lab.reads_otherwise_than(read):
            readings.append(control)
        assert value() != before, f"{name}: {control} does not move by {how}"
        assert "fault" not in lab.says(), f"{name}: {control} by {how}: {lab.says()}"
    return pictures, readings
