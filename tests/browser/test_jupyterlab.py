"""Lessons in a real browser: JupyterLab opens them, all cells run, and a lab answers to the keyboard."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from tools import notebooks
from tools.notebooks import ROOT

pytestmark = pytest.mark.browser

ARTIFACTS = ROOT / "test-artifacts"
MINUTES = 6  # for one notebook; it needs two on two free cores
# Without these, Chromium asks its maker's hosts at every start; a root user has no sandbox.
FLAGS = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
SETTINGS = {
    "notebook-extension/tracker": {"windowingMode": "none"},  # cells out of sight stay in the page
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}
NOT_COPIED = shutil.ignore_patterns(".git", ".venv", ".uv", ".*_cache", ".hypothesis", "__pycache__", "test-artifacts")


def find_chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
    return next((path for name in names if (path := shutil.which(name))), None)


@pytest.fixture(scope="module")
def browser():
    executable = find_chromium()
    if executable is None:
        reason = "no Chromium or Chrome on the PATH, so the labs were not tried in a browser"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    shutil.rmtree(ARTIFACTS, ignore_errors=True)
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    with sync_playwright() as playwright:
        flags = [*FLAGS, "--no-sandbox"] if root else FLAGS
        chromium = playwright.chromium.launch(executable_path=executable, args=flags)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory, browser):
    """A JupyterLab of its own over a copy of the course; gives its folder, address and token."""
    home = tmp_path_factory.mktemp("jupyter")
    course = home / "course"
    shutil.copytree(ROOT, course, ignore=NOT_COPIED)
    for name, values in SETTINGS.items():
        path = home / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values), encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("COURSE_", "LAB_", "JUPYTER", "PYTEST_"))}
    environment |= {"JUPYTERLAB_SETTINGS_DIR": str(home / "settings"), "JUPYTER_PREFER_ENV_PATH": "1"}
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTERLAB_WORKSPACES_DIR", "IPYTHONDIR"):
        environment[name] = str(home / name.lower())
    options = [f"--ServerApp.port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={token}"]
    options += ["--ServerApp.ip=127.0.0.1", "--no-browser", "--allow-root", f"--ServerApp.root_dir={course}"]
    with (home / "server.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options], cwd=course, env=environment, stdout=log, stderr=log
        )
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(f"{address}/api?token={token}", process, home / "server.log")
            yield course, address, token
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait_for(url: str, process: subprocess.Popen, log) -> None:
    for _ in range(120):
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            assert process.poll() is None, log.read_text(encoding="utf-8")
            time.sleep(0.5)
    pytest.fail(f"JupyterLab did not start in a minute:\n{log.read_text(encoding='utf-8')}")


@pytest.mark.parametrize("lesson", ["00_start_here", "03_simple_rnn"])
def test_lesson_runs_and_its_lab_answers_to_the_keyboard(lesson, server, browser):
    course, address, token = server
    file = course / "notebooks" / f"{lesson}.ipynb"
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.set_default_timeout(60_000)
    try:
        page.goto(f"{address}/lab/tree/notebooks/{lesson}.ipynb?token={token}&reset")
        wait_for_kernel(address, token)
        run_all(page, expected=sum(cell.cell_type == "code" for cell in notebooks.read(file).cells))
        ARTIFACTS.mkdir(exist_ok=True)
        move_first_lab(page, notebooks.read(file), ARTIFACTS / f"{lesson}.png")
        page.keyboard.press("Escape")
        page.keyboard.press("Control+s")
        page.wait_for_selector(".lm-TabBar-tab.lm-mod-current:not(.jp-mod-dirty)")
        assert failed_cells(file) == []
        assert faults == []
    except Exception:
        ARTIFACTS.mkdir(exist_ok=True)
        page.screenshot(path=ARTIFACTS / f"{lesson}-failed.png")
        raise
    finally:
        page.close()
        shut_down_kernels(address, token)


def test_a_lab_trains_in_the_page_and_stops(server, browser):
    """Curves grow while the page stays free, and Stop answers."""
    course, address, token = server
    file = course / "notebooks" / "02_baselines.ipynb"
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.set_default_timeout(60_000)
    try:
        page.goto(f"{address}/lab/tree/notebooks/02_baselines.ipynb?token={token}&reset")
        wait_for_kernel(address, token)
        nb = notebooks.read(file)
        run_all(page, expected=sum(cell.cell_type == "code" for cell in nb.cells))
        index = next(i for i, cell in enumerate(nb.cells) if "fit.lab(" in cell.source)
        lab = page.locator(".jp-Notebook .jp-Cell").nth(index)
        picture = lab.locator("img.widget-image").first
        picture.scroll_into_view_if_needed()
        lab.get_by_role("button", name="Train").click()
        for _ in range(3):  # three pictures in a row while it trains
            wait_for_new_picture(page, picture, picture.get_attribute("src"))
        lab.get_by_role("button", name="Stop").click()
        page.wait_for_function(
            "button => !button.disabled", arg=lab.get_by_role("button", name="Train").element_handle(), timeout=10_000
        )
        ARTIFACTS.mkdir(exist_ok=True)
        lab.screenshot(path=ARTIFACTS / "02_fit.png")
        assert faults == []
    finally:
        page.close()
        shut_down_kernels(address, token)


def wait_for_new_picture(page, picture, before: str, timeout: int = 10_000) -> None:
    page.wait_for_function(
        "([img, before]) => img.src !== before", arg=[picture.element_handle(), before], timeout=timeout
    )


def run_all(page, *, expected: int) -> None:
    """Choose Run, Run All Cells, and wait until each code cell has its number and none a star."""
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=idle]")
    page.click(".lm-MenuBar-itemLabel:text-is('Run')")
    page.click("[data-command='runmenu:run-all']")
    done = """expected => {
        const prompts = [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].map(p => p.textContent);
        return prompts.length >= expected && prompts.every(text => /^\\[\\d+\\]:$/.test(text));
    }"""
    page.wait_for_function("() => document.body.innerText.includes('[*]:')")
    page.wait_for_function(done, arg=expected, timeout=MINUTES * 60_000, polling=500)


def move_first_lab(page, nb, screenshot) -> None:
    """Press arrow keys on the first slider of the first lab and see its picture change."""
    index = next(i for i, cell in enumerate(nb.cells) if "lab" in cell.metadata.get("tags", []))
    lab = page.locator(".jp-Notebook .jp-Cell").nth(index)
    picture = lab.locator("img.widget-image").first
    picture.scroll_into_view_if_needed()
    before = picture.get_attribute("src")
    control = lab.locator(".noUi-handle").first
    control.focus()
    for key in ("ArrowRight", "ArrowLeft"):
        control.press(key)
        try:
            wait_for_new_picture(page, picture, before, timeout=5_000)
            break
        except Exception as error:
            if "Timeout" not in str(error):
                raise
    assert picture.get_attribute("src") != before, "no arrow key changed the lab's picture"
    size = picture.evaluate("async img => { await img.decode(); return [img.naturalWidth, img.naturalHeight] }")
    assert min(size) > 100
    lab.screenshot(path=screenshot)


def failed_cells(file) -> list[str]:
    """The cells of the saved notebook that raised, but for those that shall."""
    return [
        f"{cell.id}: {output.ename}: {output.evalue}"
        for cell in notebooks.read(file).cells
        if cell.cell_type == "code" and "raises-exception" not in cell.metadata.get("tags", [])
        for output in cell.outputs
        if output.output_type == "error"
    ]


def wait_for_kernel(address: str, token: str) -> None:
    """The page says *idle* before it has a kernel, too, so the server is asked."""
    for _ in range(120):
        if any(kernel["execution_state"] == "idle" and kernel["connections"] for kernel in kernels(address, token)):
            return
        time.sleep(0.5)
    pytest.fail("the lesson's kernel did not start in a minute")


def shut_down_kernels(address: str, token: str) -> None:
    for kernel in kernels(address, token):
        ask(f"{address}/api/kernels/{kernel['id']}", token, "DELETE")


def kernels(address: str, token: str) -> list[dict]:
    return json.loads(ask(f"{address}/api/kernels", token))


def ask(url: str, token: str, method: str = "GET") -> bytes:
    request = urllib.request.Request(url, headers={"Authorization": f"token {token}"}, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read()
