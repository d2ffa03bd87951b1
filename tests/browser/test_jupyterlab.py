"""Lessons in a real browser: JupyterLab opens them, all cells run, and a lab answers to the keyboard."""

from __future__ import annotations

import pytest

from tests.browser.jupyterlab import ARTIFACTS, lab_cells, opened, wait_for_new_picture
from tests.browser.labs import LabInPage

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("lesson", ["00_start_here", "03_simple_rnn"])
def test_lesson_runs_and_its_lab_answers_to_the_keyboard(lesson, server, browser):
    with opened(lesson, server, browser) as page:
        name, place = next(iter(lab_cells(lesson).items()))
        lab = LabInPage(page, page.locator(".jp-Notebook .jp-Cell").nth(place))
        _, move, _ = next(lab.moves("keyboard"))
        assert lab.changes(move), "no arrow key changed the lab's picture"
        assert min(lab.picture_size()) > 100
        lab.cell.screenshot(path=ARTIFACTS / f"{name}.png")


def test_a_lab_trains_in_the_page_and_stops(server, browser):
    """Curves grow while the page stays free, and Stop answers."""
    lesson = "02_baselines"
    with opened(lesson, server, browser) as page:
        cell = page.locator(".jp-Notebook .jp-Cell").nth(lab_cells(lesson)["02-fit"])
        lab = LabInPage(page, cell)
        cell.get_by_role("button", name="Train").click()
        for _ in range(3):  # three pictures in a row while it trains
            wait_for_new_picture(page, lab.picture, lab.picture.get_attribute("src"))
        cell.get_by_role("button", name="Stop").click()
        train = cell.get_by_role("button", name="Train").element_handle()
        page.wait_for_function("button => !button.disabled", arg=train, timeout=10_000)
        cell.screenshot(path=ARTIFACTS / "02-fit.png")
