"""The bootstrap cell, run as a reader would: in another folder, with or without Colab, git answering from a folder."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest

from tests.support.sandbox import sandboxed
from tools import links, notebooks

HERE = links.Address("OWNER/REPO", "v0.1.0")
THERE = links.Address("lee/course.ko", "v1.2.0")
POSIX = pytest.mark.skipif(os.name != "posix", reason="signals are sent as on Linux and macOS")
WAIT = 60  # seconds after which a run counts as stuck

SENTENCE = "No course: open this notebook inside the whole course, or try its page on Colab again. "

RUN = """
import sys
try:
    exec(sys.argv[1])
except Exception as error:
    print(type(error).__name__, error)
else:
    print("started from", sys.path[0])
"""


def surroundings(address, folder, *, colab, source=None) -> dict[str, str]:
    """The environment of a run; ``source`` is what answers at the course's address, nothing without it."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PYTHON"))}
    if colab:
        if sys.platform == "win32":
            pytest.skip("Colab runs on Linux")
        package = folder.parent / "packages" / "google" / "colab"
        package.mkdir(parents=True, exist_ok=True)
        (package / "__init__.py").touch()
        (package.parent.parent / "sitecustomize.py").write_text("import google.colab\n")  # as Colab's kernel does
        variables["PYTHONPATH"] = str(package.parent.parent)
    return variables | {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.file://{source or folder / 'nowhere'}.insteadOf",
        "GIT_CONFIG_VALUE_0": f"https://github.com/{address.repository}",
    }


def run_cell(address, folder, *, colab=False, source=None):
    command = [sys.executable, "-c", RUN, links.bootstrap(address, "03")]
    variables = surroundings(address, folder, colab=colab, source=source)
    done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, timeout=WAIT)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def content(tmp_path):
    """The folder in which Colab opens a notebook that came alone."""
    folder = tmp_path / "content"
    folder.mkdir()
    return folder


@pytest.fixture
def fetched(content):
    return content / f"course-{THERE.tag}"


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A bare clone of a repository with the course's helpers at the tag."""
    root = tmp_path_factory.mktemp("published")
    work, bare = root / "work", root / "course.git"
    shutil.copytree(links.ROOT / "helpers", work / "helpers", ignore=shutil.ignore_patterns("__pycache__", "data"))
    shutil.copy(links.ROOT / "pyproject.toml", work)
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "init.defaultBranch=main"]
    for step in (["init", "-q"], ["add", "."], ["commit", "-qm", "all"], ["tag", THERE.tag]):
        subprocess.run([*git, *step], cwd=work, check=True)
    subprocess.run([*git, "clone", "-q", "--bare", work, bare], check=True)
    return bare


# --- the course is there already, or there is no Colab --------------------------------------------------------------


def test_it_finds_the_course_from_its_own_folder_and_from_below():
    assert run_cell(HERE, links.ROOT / "tests") == f"started from {links.ROOT}"


def test_it_says_what_to_do_where_there_is_no_course(content):
    assert run_cell(HERE, content) == (
        "CourseNotFound No course: open this notebook inside the whole course, or try its page on Colab again."
    )


def test_it_is_short_and_its_last_line_starts_the_lesson():
    lines = links.bootstrap(THERE, "07").splitlines()
    assert len(lines) <= 15
    assert lines[0].startswith("# @title ")
    assert 'REPOSITORY, TAG = "lee/course.ko", "v1.2.0"' in lines
    assert lines[-1] == 'report = runtime.start(lesson="07")'


def test_it_never_installs_anything():
    assert "pip" not in links.bootstrap(HERE, "03")


# --- on Colab -------------------------------------------------------------------------------------------------------


def test_it_fetches_the_course_at_the_first_run_and_needs_no_network_at_the_second(content, fetched, published):
    assert run_cell(THERE, content, colab=True, source=published) == f"started from {fetched}"
    assert [path.name for path in content.iterdir()] == [fetched.name]
    assert run_cell(THERE, content, colab=True) == f"started from {fetched}"


def test_it_fetches_one_commit_and_not_the_history(content, fetched, published):
    run_cell(THERE, content, colab=True, source=published)
    assert (fetched / ".git" / "shallow").is_file()


def test_it_clones_nothing_while_the_address_is_the_placeholder(content):
    assert run_cell(HERE, content, colab=True).startswith(
        "CourseNotFound No course: open this notebook inside the whole course"
    )
    assert list(content.iterdir()) == []


@pytest.mark.parametrize(
    ("tag", "reached", "reason"),
    [
        (THERE.tag, False, "'{0}/nowhere' does not appear to be a git repository"),
        ("v9", True, "Remote branch v9 not found in upstream origin"),
    ],
    ids=["no network", "no such tag"],
)
def test_it_says_why_the_course_could_not_be_fetched_and_what_to_do(content, published, tag, reached, reason):
    said = run_cell(THERE._replace(tag=tag), content, colab=True, source=published if reached else None)
    assert said.startswith(f"CourseNotFound {SENTENCE}")
    assert f"fatal: {reason.format(content)}" in said
    assert list(content.iterdir()) == []


def test_it_says_what_to_do_where_no_network_answers(content):
    """Git looks for the real host here, from a world without a route."""
    variables = surroundings(THERE, content, colab=True) | {"GIT_CONFIG_COUNT": "0"}
    command = sandboxed(sys.executable, "-c", RUN, links.bootstrap(THERE, "03"), offline=True)
    done = subprocess.run(command, cwd=content, env=variables, capture_output=True, text=True, timeout=WAIT)
    assert done.stdout.startswith(f"CourseNotFound {SENTENCE}")
    assert "Could not resolve host" in done.stdout
    assert list(content.iterdir()) == []


@POSIX
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=["by the stop button", "with its machine"])
def test_a_run_that_was_stopped_leaves_nothing_in_the_way(content, fetched, published, how):
    half = Path(f"{fetched}.part")
    with subprocess.Popen(
        [sys.executable, "-c", RUN, links.bootstrap(THERE, "03")],
        cwd=content,
        env=surroundings(THERE, content, colab=True) | {"PATH": f"{endless_git(content.parent)}:{os.environ['PATH']}"},
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as run:
        end = time.monotonic() + WAIT
        while not (half / "pyproject.toml").exists() and time.monotonic() < end:
            time.sleep(0.05)
        os.killpg(run.pid, how)
    assert run.returncode
    assert half.is_dir()
    assert not fetched.exists()
    assert run_cell(THERE, content, colab=True, source=published) == f"started from {fetched}"
    assert not half.exists()


def endless_git(folder):
    """A folder with a stand-in for git, which makes half a clone and comes to no end."""
    git = folder / "bin" / "git"
    git.parent.mkdir()
    lines = [
        "#!/bin/sh",
        "for last; do :; done",
        'mkdir -p "$last/helpers"',
        'touch "$last/pyproject.toml"',
        "sleep 60",
    ]
    git.write_text("\n".join(lines), encoding="utf-8")
    git.chmod(0o755)
    return git.parent


def test_a_folder_of_that_name_that_is_no_course_is_left_to_the_reader(content, fetched, published):
    (fetched / "helpers").mkdir(parents=True)
    said = run_cell(THERE, content, colab=True, source=published)
    assert said.startswith(f"CourseNotFound {SENTENCE}")
    assert "course-v1.2.0': Directory not empty" in said
    assert list(fetched.iterdir()) == [fetched / "helpers"]


# --- in a kernel ----------------------------------------------------------------------------------------------------


def outputs(folder, monkeypatch, *texts, source=None):
    """The cells' outputs, as a kernel gives them that starts in ``folder`` on Colab; errors do not end the run."""
    for name, value in surroundings(THERE, folder, colab=True, source=source).items():
        monkeypatch.setenv(name, value)
    cells = [nbformat.v4.new_code_cell(text, metadata={"tags": ["raises-exception"]}) for text in texts]
    path = folder / "lesson.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return [cell.outputs for cell in notebooks.execute(path).cells]


def test_a_lesson_that_came_alone_starts_and_starts_again(content, fetched, published, monkeypatch):
    cell = links.bootstrap(THERE, "03")
    where = "from helpers import scores\nprint(scores.__file__)"
    first, second, (shown,) = outputs(content, monkeypatch, cell, cell, where, source=published)
    assert first == second == []
    assert shown.text.strip() == str(fetched / "helpers" / "scores" / "__init__.py")


def test_the_reader_sees_the_sentence_without_a_traceback(content, monkeypatch):
    (error,) = outputs(content, monkeypatch, links.bootstrap(THERE, "03"))[0]
    assert error.ename == "CourseNotFound"
    (line,) = error.traceback
    assert line.startswith(SENTENCE)
    assert "fatal: " in line
