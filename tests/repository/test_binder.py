"""What Binder would build, as repo2docker plans it; no Docker is needed for that."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

import pytest

from tools.notebooks import ROOT


@pytest.fixture(scope="module")
def plan():
    if sys.platform == "win32":
        pytest.skip("repo2docker does not run on Windows")
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", "."]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout + done.stderr


def test_it_builds_conda_with_python_3_12(plan):
    assert "conda environment for python=3.12" in plan
    assert '--file "binder/environment.yml"' in plan


def test_it_installs_the_apt_packages_of_the_course_and_no_others(plan):
    lines = (ROOT / "binder" / "apt.txt").read_text(encoding="utf-8").splitlines()
    stated = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    installed = re.findall(r"^apt-get install --yes --no-install-recommends(.*)&& \\$", plan, re.MULTILINE)
    assert [packages.split() for packages in installed] == [stated]


def test_it_runs_post_build_and_starts_through_start(plan):
    assert "RUN ./binder/postBuild" in plan
    assert 'ENV R2D_ENTRYPOINT="${REPO_DIR}/binder/start"' in plan


BASH = pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here; Binder has one")


@BASH
@pytest.mark.parametrize("name", ["postBuild", "start"])
def test_scripts_can_be_executed_and_parse(name):
    script = ROOT / "binder" / name
    assert os.access(script, os.X_OK)
    assert script.read_text(encoding="utf-8").startswith("#!/bin/bash\n")
    subprocess.run(["bash", "-n", script], check=True)


def test_post_build_stops_at_the_first_error():
    assert "\nset -e\n" in (ROOT / "binder" / "postBuild").read_text(encoding="utf-8")


@BASH
@pytest.mark.parametrize(("limit", "threads"), [("2.0", "2"), ("0.5", "1"), ("", "2"), ("4", "4")])
def test_start_uses_as_many_threads_as_the_server_may(limit, threads):
    environment = {"PATH": os.environ["PATH"], "CPU_LIMIT": limit}
    names = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS")
    assert started_with(environment, *names) == [threads] * len(names)


@BASH
def test_start_leaves_what_the_reader_has_set():
    environment = {"PATH": os.environ["PATH"], "TF_NUM_INTRAOP_THREADS": "7"}
    assert started_with(environment, "TF_NUM_INTRAOP_THREADS") == ["7"]


def started_with(environment, *names):
    """The values of variables in a process that binder/start has started."""
    echo = "echo " + " ".join(f'"${name}"' for name in names)
    start = ["bash", ROOT / "binder" / "start", "sh", "-c", echo]
    return subprocess.run(start, env=environment, capture_output=True, text=True, check=True).stdout.split()
