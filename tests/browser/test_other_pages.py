"""A lesson in Notebook 7, and two in Voila, which shows labs and figures without code."""

from __future__ import annotations

import pytest

from tests.browser.jupyterlab import ARTIFACTS, MINUTES, faults_of, lab_cells, opened
from tests.browser.labs import LabInPage
from tools.notebooks import ROOT, read

pytestmark = [pytest.mark.browser, pytest.mark.all_lessons]


#: What a cell raised, or wrote to standard error, on Voila's page.
RAISED = "[data-mime-type='application/vnd.jupyter.stderr']"
#: Notebook 7.6 says so itself, whatever it opens.
ITS_OWN = "Cannot read properties of undefined (reading 'schema')"


def test_a_lesson_in_notebook_7(notebook_server, browser):
    """Its arrow keys go from heading to heading, also on a slider; a number is typed there instead."""
    lesson = "03_simple_rnn"
    with opened(lesson, notebook_server, browser, page_of="notebooks", known_fault=ITS_OWN) as page:
        for name, place in lab_cells(lesson).items():
            lab = LabInPage(page, page.locator(".jp-Notebook .jp-Cell").nth(place))
            for how in ("number", "mouse"):
                assert any(lab.changes(move) for _, move, _ in lab.moves(how)), f"{name} does not move by {how}"
            lab.cell.screenshot(path=ARTIFACTS / f"{name}-notebook-7.png")


@pytest.mark.parametrize("lesson", ["00_start_here", "03_simple_rnn"])
def test_a_lesson_in_voila(lesson, voila, browser):
    page = browser.new_page(viewport={"width": 1400, "height": 1300})
    faults = faults_of(page, voila, asks_for=("image", "stylesheet", "font"))  # its icons
    page.set_default_timeout(MINUTES * 60_000)
    try:
        page.goto(f"{voila}/voila/render/{lesson}.ipynb")
        labs = page.locator(".widget-vbox:has(img.widget-image)")
        expected = len(lab_cells(lesson))
        page.wait_for_function(
            "n => document.querySelectorAll('img.widget-image').length === n && !document.querySelector('#loading')",
            arg=expected,
        )
        for place, name in enumerate(lab_cells(lesson)):
            lab = LabInPage(page, labs.nth(place))
            for how in ("keyboard", "mouse"):
                assert any(lab.changes(move) for _, move, _ in lab.moves(how)), f"{name} does not move by {how}"
                assert "fault" not in lab.says(), lab.says()
            lab.cell.screenshot(path=ARTIFACTS / f"{name}-voila.png")
        cells = read(ROOT / "notebooks" / f"{lesson}.ipynb").cells
        raising = sum("raises-exception" in cell.metadata.get("tags", []) for cell in cells)
        assert page.locator(RAISED).count() == raising, page.locator(RAISED).all_inner_texts()
        assert faults == [], faults
    finally:
        page.screenshot(path=ARTIFACTS / f"{lesson}-voila.png")
        page.close()
