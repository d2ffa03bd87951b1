"""A Chromium, and Jupyter servers over copies of the course, for the tests that open lessons in a browser."""

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
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.browser.jupyterlab import ARTIFACTS
from tools.machine import clean_environment
from tools.notebooks import ROOT

# Without these, Chromium asks its maker's hosts at every start; a root user has no sandbox.
FLAGS = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
SETTINGS = {
    "notebook-extension/tracker": {"windowingMode": "none"},  # cells out of sight stay in the page
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}
#: Made for JupyterLab alone: in Voila they log that it lacks what they stand on.
EDITORS = ["jupyterlab-jupytext", "nbdime-jupyterlab", "@jupyter-notebook/lab-extension"]
NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv*", ".uv", ".study", ".bench", ".long", ".*_cache", ".hypothesis", "__pycache__", "test-artifacts"
)


def find_chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
    return next((path for name in names if (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser(request):
    """A Chromium; without one the test is skipped, and fails where the tests in a browser were asked for."""
    from playwright.sync_api import sync_playwright

    ARTIFACTS.mkdir(exist_ok=True)
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    with sync_playwright() as playwright:
        chromium = launch(playwright, [*FLAGS, "--no-sandbox"] if root else FLAGS)
        if chromium is None:
            asked = request.config.getoption("markexpr") in ("browser", "all_lessons", "long")
            reason = "no Chromium, Chrome or Edge is installed here, so the labs were not tried in a browser"
            pytest.fail(reason) if asked or os.environ.get("CI") else pytest.skip(reason)
        yield chromium
        chromium.close()


def launch(playwright, flags):
    """Start the Chromium of the PATH, or else Chrome or Edge from where their installers put them; None without any."""
    from playwright.sync_api import Error

    if executable := find_chromium():
        return playwright.chromium.launch(executable_path=executable, args=flags)
    for channel in ("chrome", "msedge"):
        try:
            return playwright.chromium.launch(channel=channel, args=flags)
        except Error as fault:
            if "is not found at" not in str(fault):
                raise
    return None


@pytest.fixture(scope="session")
def server(tmp_path_factory, browser):
    """JupyterLab over a copy of the course; gives the copy's folder, the server's address and its token."""
    with serve("jupyterlab", tmp_path_factory.mktemp("jupyterlab")) as running:
        yield running


@pytest.fixture
def notebook_server(tmp_path, browser):
    """The same with Notebook 7."""
    with serve("notebook", tmp_path) as running:
        yield running


@pytest.fixture
def voila(tmp_path, browser):
    """Voila over a copy of the course; gives its address."""
    without = f"--VoilaConfiguration.extension_denylist={json.dumps(EDITORS)}"
    with serve("voila", tmp_path, "notebooks", "--show_tracebacks=True", without) as (_, address, _):
        yield address


@contextmanager
def serve(application: str, home: Path, *arguments: str) -> Iterator[tuple[Path, str, str]]:
    """Run a Jupyter application of this environment with settings of its own, and stop it in the end."""
    course = home / "course"
    shutil.copytree(ROOT, course, ignore=NOT_COPIED)
    for name, values in SETTINGS.items():
        path = home / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values), encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address, token = f"http://127.0.0.1:{port}", secrets.token_hex(16)
    environment = clean_environment("JUPYTER")
    environment |= {"JUPYTERLAB_SETTINGS_DIR": str(home / "settings"), "JUPYTER_PREFER_ENV_PATH": "1"}
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTERLAB_WORKSPACES_DIR", "IPYTHONDIR"):
        environment[name] = str(home / name.lower())
    options = ["--no-browser", *arguments]
    if application == "voila":
        options += [f"--port={port}"]
        ready = f"{address}/"
    else:
        options += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0", "--ServerApp.ip=127.0.0.1"]
        options += [f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={course}", "--allow-root"]
        # so that a test can ask for the kernel's state, and change the theme
        options += ["--LabApp.expose_app_in_browser=True", "--JupyterNotebookApp.expose_app_in_browser=True"]
        ready = f"{address}/api?token={token}"
    log = home / "server.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", application, *options], cwd=course, env=environment, stdout=output, stderr=output
        )
        try:
            _wait_for(ready, process, log)
            yield course, address, token
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait_for(url: str, process: subprocess.Popen, log: Path) -> None:
    for _ in range(240):
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            assert process.poll() is None, log.read_text(encoding="utf-8")
            time.sleep(0.5)
    pytest.fail(f"{url} did not answer within two minutes:\n{log.read_text(encoding='utf-8')}")
