"""Every lab in JupyterLab, in both themes, on small data, moved by keyboard and mouse.

Kernels prove the lessons; here is what a front end adds. `make test-long` runs each lesson in JupyterLab, too.
"""

from __future__ import annotations

import nbformat
import pytest

from tests.browser.jupyterlab import ARTIFACTS, opened, use_theme
from tests.browser.labs import LabInPage
from tests.labs.conftest import LABS

pytestmark = [pytest.mark.browser, pytest.mark.all_lessons]

PYTHON = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
#: How many labs stand on one page.
ON_A_PAGE = 8
PAGES = [LABS[first : first + ON_A_PAGE] for first in range(0, len(LABS), ON_A_PAGE)]


@pytest.mark.parametrize("labs", PAGES, ids=lambda labs: f"{labs[0]} to {labs[-1]}")
def test_each_lab_answers_once_to_keyboard_and_mouse(labs, server, browser):
    cells = ["from helpers import runtime\n\nruntime.start()"]
    cells += [f"from tests.labs.conftest import stand_in\n\nstand_in({name!r})" for name in labs]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells], metadata=PYTHON)
    nbformat.write(notebook, server[0] / "labs.ipynb")
    with opened("labs", server, browser, folder="") as page:
        shown = [LabInPage(page, page.locator(".jp-Notebook .jp-Cell").nth(place + 1)) for place in range(len(labs))]
        for name, lab in zip(labs, shown, strict=True):
            lab.picture.scroll_into_view_if_needed()
            assert min(lab.picture_size()) > 100
            assert lab.cut_labels() == []
            assert lab.short_tracks() == []
            assert lab.hard_to_read() == [], name
            lab.cell.screenshot(path=ARTIFACTS / f"{name}-light.png")
            for how in ("keyboard", "mouse"):
                move_one(lab, name, how)
        use_theme(page, "JupyterLab Dark")
        for name, lab in zip(labs, shown, strict=True):
            lab.picture.scroll_into_view_if_needed()
            assert lab.cut_labels() == []
            assert lab.hard_to_read() == [], f"{name} in the dark theme"
            lab.cell.screenshot(path=ARTIFACTS / f"{name}-dark.png")
        use_theme(page, "JupyterLab Light")


def move_one(lab: LabInPage, name: str, how: str) -> None:
    """Move the controls in turn until one changes the picture or the reading.

    Raises:
        AssertionError: a control does not move, the lab is broken by a setting, or nothing answers to any control.
    """
    lab.reset()
    for control, move, value in lab.moves(how):
        before, (picture, reading, _) = value(), lab.shows()
        move()
        lab.settle()
        assert value() != before, f"{name}: {control} does not move by {how}"
        assert "fault" not in lab.says(), f"{name}: {control} by {how}: {lab.says()}"
        if lab.shows()[:2] != (picture, reading):
            return
    raise AssertionError(f"{name}: nothing that was moved by {how} changed picture or reading")
