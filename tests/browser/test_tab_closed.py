"""A lab trains in the page: its picture grows, Stop answers, and a training outlives its tab."""

from __future__ import annotations

import time

import nbformat
import pytest

from tests.browser.jupyterlab import kernels, run_all, shut_down_kernels, wait_for_kernel, wait_for_new_picture
from tests.browser.labs import LabInPage
from tools.notebooks import NOTEBOOK_METADATA, ROOT

pytestmark = pytest.mark.browser

#: A lab that trains for six seconds without a network, and a file that tells when a training is over.
LAB = """
import time
from helpers.labs.framework.lab import Lab

def draw(fig, data):
    axes = fig.subplots()
    axes.set(xlim=(0, 60), ylim=(0, 60))
    return {"curve": axes.plot([], [])[0]}

def update(artists, data):
    artists["curve"].set_data(data, data)
    return f"{len(data)} epochs."

def train(data, *, report, stopped):
    for epoch in range(60):
        if stopped():
            break
        time.sleep(0.1)
        data = [*data, epoch]
        report(data)
    with open("over", "a") as file:
        file.write(f"{len(data)}\\n")
    return data

Lab("tab", tasks=["Train."], draw=draw, update=update, data=[], controls={}, train=train, size=(3, 2))
"""
CELLS = [(ROOT / "tools" / "bootstrap.py").read_text(encoding="utf-8"), LAB]


def test_a_training_outlives_its_tab_and_the_next_one_starts(server, browser):
    course, address, token = server
    notebook, over = course / "notebooks" / "tab.ipynb", course / "notebooks" / "over"
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=NOTEBOOK_METADATA), notebook)
    try:
        page, lab = opened(server, browser)
        lab.cell.get_by_role("button", name="Train", exact=True).click()
        for _ in range(3):  # three pictures in a row while it trains
            wait_for_new_picture(page, lab.picture, lab.picture.get_attribute("src"))
        page.close()
        assert not over.exists()
        (kernel,) = kernels(address, token)
        ends = time.monotonic() + 60
        while not over.exists() or not over.read_text():
            assert time.monotonic() < ends, "the training stopped with its tab"
            time.sleep(0.2)
        assert over.read_text() == "60\n"
        page, lab = opened(server, browser)
        assert [known["id"] for known in kernels(address, token)] == [kernel["id"]]  # it neither died nor started anew
        assert lab.trains("mouse")
        page.close()
    finally:
        shut_down_kernels(address, token)
        notebook.unlink()


def opened(server, browser):
    """A new tab in which all cells have run, and the lab in it."""
    _, address, token = server
    page = browser.new_page(viewport={"width": 1400, "height": 1300})
    page.set_default_timeout(60_000)
    page.goto(f"{address}/lab/tree/notebooks/tab.ipynb?token={token}&reset")
    wait_for_kernel(page)
    run_all(page, expected=len(CELLS))
    return page, LabInPage(page, page.locator(".jp-Notebook .jp-Cell").nth(1))
