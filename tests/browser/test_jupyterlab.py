"""A lesson in a real browser: JupyterLab opens it, all cells run, and a lab answers to the keyboard."""

from __future__ import annotations

import pytest

from tests.browser.jupyterlab import ARTIFACTS, lab_cells, opened
from tests.browser.labs import LabInPage

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("lesson", ["00_start_here"])
def test_lesson_runs_and_its_lab_answers_to_the_keyboard(lesson, server, browser):
    with opened(lesson, server, browser) as page:
        name, place = next(iter(lab_cells(lesson).items()))
        lab = LabInPage(page, page.locator(".jp-Notebook .jp-Cell").nth(place))
        _, move, _ = next(lab.moves("keyboard"))
        assert lab.changes(move), "no arrow key changed the lab's picture"
        assert min(lab.picture_size()) > 100
        lab.cell.screenshot(path=ARTIFACTS / f"{name}.png")
