"""When `make` builds the course's environments anew, and where it says that it cannot."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

from tools.notebooks import ROOT

pytestmark = [
    pytest.mark.skipif(shutil.which("make") is None, reason="no make here; the README says how to do without"),
    pytest.mark.skipif(os.name != "posix", reason="environments are laid out as on Linux and macOS"),
]


@pytest.fixture
def course(tmp_path):
    """A course with an environment that was built just now."""
    (tmp_path / "tools").mkdir()
    for name in ("Makefile", "requirements.lock", "tools/env.sh"):
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (tmp_path / ".venv" / ".synced").touch()
    return tmp_path


def would_build(course):
    done = subprocess.run(["make", "--dry-run", "env"], cwd=course, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return "env.sh sync" in done.stdout


def test_an_environment_that_was_built_is_left_alone(course):
    assert not would_build(course)


def test_it_is_built_when_the_lock_is_newer(course):
    later = (course / ".venv" / ".synced").stat().st_mtime + 10
    os.utime(course / "requirements.lock", (later, later))
    assert would_build(course)


def test_it_is_built_when_its_python_has_gone(course):
    (course / ".venv" / "bin" / "python").unlink()
    (course / ".venv" / "bin" / "python").symlink_to(course / "gone")
    assert would_build(course)


def test_a_mac_with_an_intel_chip_is_sent_to_colab_and_binder(course):
    fake = course / "fake"
    fake.mkdir()
    (fake / "uname").write_text('#!/bin/sh\n[ "$1" = -s ] && echo Darwin || echo x86_64\n', encoding="utf-8")
    (fake / "uname").chmod(0o755)
    path = {"PATH": f"{fake}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(["bash", "tools/env.sh", "sync"], cwd=course, env=os.environ | path, capture_output=True)
    assert done.returncode == 1
    assert b"Intel chip: open the lessons on Colab or Binder" in done.stderr
