"""JupyterLab as a reader uses it: open a lesson, run all of its cells, move its labs."""

from __future__ import annotations

import json
import re
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat

from tools import notebooks
from tools.notebooks import ROOT

ARTIFACTS = ROOT / "test-artifacts"
MINUTES = 6  # for one notebook; it needs two on two free cores
#: The numbers of the code cells, null where one has not run; a folded cell shows none.
NUMBERS = (
    "window.jupyterapp.shell.currentWidget.content.widgets"
    ".filter(cell => cell.model.type === 'code').map(cell => cell.model.executionCount)"
)
LAB_CALL = r"(\w+?)(?:_lab)?\.lab\("


@contextmanager
def opened(
    lesson: str, server, browser, *, folder: str = "notebooks/", page_of: str = "lab/tree", known_fault: str = ""
) -> Iterator:
    """The page of a lesson, or of a notebook in another folder, whose cells have all run.

    A picture of it is kept when something fails.

    Afterwards no cell may have raised (but for those that shall), and the page and its console may have had no error
    but ``known_fault``.
    """
    course, address, token = server
    file = course / f"{folder}{lesson}.ipynb"
    page = browser.new_page(viewport={"width": 1400, "height": 1300})
    faults = faults_of(page, address)
    page.set_default_timeout(60_000)
    failed = ARTIFACTS / f"{lesson}-failed.png"
    failed.unlink(missing_ok=True)
    try:
        page.goto(f"{address}/{page_of}/{folder}{lesson}.ipynb?token={token}&reset")
        wait_for_kernel(page)
        run_all(page, expected=sum(cell.cell_type == "code" for cell in notebooks.read(file).cells))
        yield page
        assert failed_cells(saved(page, file)) == []
        unknown = [fault for fault in faults if fault != known_fault]
        assert unknown == [], unknown
    except BaseException:
        page.screenshot(path=failed)
        raise
    finally:
        page.close()
        shut_down_kernels(address, token)


@contextmanager
def stored(lesson: str, server, browser) -> Iterator:
    """The page of a lesson as it is stored: all its cells are there and its pictures are decoded; nothing is run."""
    course, address, token = server
    cells = notebooks.read(course / "notebooks" / f"{lesson}.ipynb").cells
    page = browser.new_page(viewport={"width": 1400, "height": 1300})
    faults = faults_of(page, address)
    try:
        page.goto(f"{address}/lab/tree/notebooks/{lesson}.ipynb?token={token}&reset")
        there = "n => document.querySelectorAll('.jp-Notebook .jp-Cell').length >= n"
        page.wait_for_function(there, arg=len(cells), timeout=60_000)
        page.wait_for_function("() => [...document.querySelectorAll('.jp-Notebook img')].every(img => img.complete)")
        yield page
        assert faults == [], faults
    except BaseException:
        page.screenshot(path=ARTIFACTS / f"{lesson}-stored-failed.png")
        raise
    finally:
        page.close()
        shut_down_kernels(address, token)


def faults_of(page, address: str, asks_for: tuple[str, ...] = ("image",)) -> list[str]:
    """A list that grows with each error that the page does not catch or writes to the console.

    Also with all that it asks of another host, such as scripts and fonts, beside ``asks_for``: badges may stay away
    where there is no network, and nothing more.
    """
    faults: list[str] = []

    def is_elsewhere(url: str) -> bool:
        return not url.startswith((address, "data:", "blob:", "about:"))

    def listen(message) -> None:
        url = message.location["url"]
        if message.type == "error" and not (message.text.startswith("Failed to load") and is_elsewhere(url)):
            faults.append(f"{message.text} ({url})")

    def look(request) -> None:
        if is_elsewhere(request.url) and request.resource_type not in asks_for:
            faults.append(f"the page asks for a {request.resource_type}: {request.url}")

    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", listen)
    page.on("request", look)
    return faults


def lab_cells(lesson: str) -> dict[str, int]:
    """The labs of a lesson: the lesson's number and the lab's name, such as "02-fit", to the place of the cell."""
    cells = notebooks.read(ROOT / "notebooks" / f"{lesson}.ipynb").cells
    return {
        f"{lesson[:2]}-{re.search(LAB_CALL, cell.source).group(1)}": place
        for place, cell in enumerate(cells)
        if "lab" in cell.metadata.get("tags", [])
    }


def use_theme(page, name: str) -> None:
    """Change the page's theme, as Settings, Theme does: "JupyterLab Light" or "JupyterLab Dark"."""
    page.evaluate("name => window.jupyterapp.commands.execute('apputils:change-theme', {theme: name})", name)
    light = "true" if name.endswith("Light") else "false"
    page.wait_for_selector(f"body[data-jp-theme-light={light}]", state="attached")


def wait_for_new_picture(page, picture, before: str, timeout: int = 10_000) -> None:
    page.wait_for_function(
        "([img, before]) => img.src !== before", arg=[picture.element_handle(), before], timeout=timeout
    )


def run_all(page, *, expected: int) -> None:
    """Clear all outputs, choose Run, Run All Cells, and wait until each code cell has a number: a new one, then."""
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=idle]")
    choose(page, "Edit", "editmenu:clear-all")
    page.wait_for_function(f"() => {NUMBERS}.every(number => number === null)")
    choose(page, "Run", "runmenu:run-all")
    done = f"expected => {NUMBERS}.length >= expected && {NUMBERS}.every(number => number !== null)"
    page.wait_for_function(done, arg=expected, timeout=MINUTES * 60_000, polling=500)


def saved(page, file: Path) -> str:
    """Choose File, Save and wait for the whole text of the notebook: Jupyter empties the file before it writes it."""
    before, text, ends = file.stat().st_mtime_ns, "", time.monotonic() + 60
    choose(page, "File", "docmanager:save")
    while file.stat().st_mtime_ns == before or not text.endswith("}\n"):
        assert time.monotonic() < ends, f"{file.name} was not saved within a minute"
        page.wait_for_timeout(100)
        text = file.read_text(encoding="utf-8")
    page.wait_for_function("() => !window.jupyterapp.shell.currentWidget.context.model.dirty")
    return text


def choose(page, menu: str, command: str) -> None:
    """Open a menu of the bar and choose the entry of a command."""
    page.click(f".lm-MenuBar-itemLabel:text-is('{menu}')")
    page.click(f".lm-Menu [data-command='{command}']")


def failed_cells(text: str) -> list[str]:
    """The cells of a saved notebook that raised, but for those that shall."""
    return [
        f"{cell.id}: {output.ename}: {output.evalue}"
        for cell in nbformat.reads(text, as_version=4).cells
        if cell.cell_type == "code" and "raises-exception" not in cell.metadata.get("tags", [])
        for output in cell.outputs
        if output.output_type == "error"
    ]


def wait_for_kernel(page) -> None:
    """Wait until the page's notebook has a kernel that listens; its indicator says *idle* before there is one.

    The page is asked and not the server, which answers with an error 500 about a kernel that is just starting.
    """
    session = "window.jupyterapp?.shell.currentWidget?.sessionContext?.session"
    ready = f"() => {session}?.kernel?.connectionStatus === 'connected' && {session}.kernel.status === 'idle'"
    page.wait_for_function(ready, timeout=60_000)


def shut_down_kernels(address: str, token: str) -> None:
    for kernel in kernels(address, token):
        ask(f"{address}/api/kernels/{kernel['id']}", token, "DELETE")


def kernels(address: str, token: str) -> list[dict]:
    return json.loads(ask(f"{address}/api/kernels", token))


def ask(url: str, token: str, method: str = "GET") -> bytes:
    request = urllib.request.Request(url, headers={"Authorization": f"token {token}"}, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read()
