"""The course under other Pythons and other versions of what it stands on: `make test-matrix`.

    python -m tests.repository.matrix [NAME ...]

Builds an environment for each row in ``.venv-matrix``, runs the helpers' tests and lessons 00, 03, 08 and 14 in it (for
Binder lesson 00, installed by pip alone), and writes ``docs/matrix.md``: the versions, pytest's closing line, the date.
A row that was not asked for keeps what it had. Needs uv, which `make env` fetches where there is none, and the Pythons.
"""

from __future__ import annotations

import argparse
import datetime
import json
import operator
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml
from packaging.version import Version

from tools import machine
from tools.notebooks import ROOT, write_text

PAGE, STORE = ROOT / "docs" / "matrix.md", ROOT / ".venv-matrix"
LESSONS = ("00_start_here", "03_simple_rnn", "08_lstm_and_gru", "14_embedding_and_order")
#: What tests the repository and its tools, and not the helpers; and what needs a browser or repo2docker.
LEFT_OUT = ("browser", "repository", "long")
#: In the table; TensorFlow's package for Linux alone, tensorflow-cpu, stands there without its ending.
SHOWN = (
    "tensorflow",
    "keras",
    "numpy",
    "pandas",
    "matplotlib",
    "statsmodels",
    "ipywidgets",
    "jupyterlab",
)
TIMEOUT = 3600  # seconds for the tests of one row


@dataclass(frozen=True)
class Row:
    """An environment: a Python, and how uv chooses the versions (None: those of requirements.lock).

    The locked TensorFlow is the lowest that pyproject.toml allows, which tests/repository/test_requirements.py holds.

    Attributes:
        newer: packages that must be newer than the locked ones, or the row proves nothing; TensorFlow of the last
            minor version below pyproject.toml's bound.
        older: packages that must be older.
    """

    name: str
    python: str
    resolve: tuple[str, ...] | None = None
    newer: tuple[str, ...] = ()
    older: tuple[str, ...] = ()


ROWS = (
    Row("locked, Python 3.11", "3.11"),
    Row("locked, Python 3.12", "3.12"),
    Row("locked, Python 3.13", "3.13"),
    Row(
        "highest TensorFlow",
        "3.13",
        ("--upgrade-package=tensorflow-cpu", "--upgrade-package=tensorflow"),
        newer=("tensorflow",),
    ),
    Row("highest of everything", "3.12", ("--upgrade",), newer=("tensorflow",)),
    Row(
        "lowest direct versions",
        "3.11",
        ("--upgrade", "--resolution=lowest-direct"),
        older=("keras", "numpy", "pandas", "matplotlib", "statsmodels", "ipywidgets", "jupyterlab"),
    ),
)
BINDER = "Binder, by pip"
NAMES = (*(row.name for row in ROWS), BINDER)


def main(arguments: list[str] | None = None) -> int:
    """Test the named rows, or all; returns 0 when all of them passed."""
    parser = argparse.ArgumentParser(description="Test the course under other versions.")
    parser.add_argument("rows", nargs="*", metavar="NAME", help=f"one of: {'; '.join(NAMES)}")
    chosen = parser.parse_args(arguments).rows or NAMES
    if unknown := set(chosen) - set(NAMES):
        parser.error(f"no row is called {', '.join(sorted(unknown))}; there are: {'; '.join(NAMES)}")
    STORE.mkdir(exist_ok=True)
    failed = [name for name in chosen if not run(name)]
    write_page(chosen)
    return min(len(failed), 1)


def run(name: str) -> bool:
    """Build and test one row and keep what came of it; whether it passed."""
    print(f"{name} …", flush=True)
    folder, began = _folder(name), time.monotonic()
    try:
        python = build_binder(folder) if name == BINDER else build(_row(name), folder)
        versions = _versions(python)
        if name != BINDER:
            check(_row(name), versions)
        command = [python, "-m", "pytest", *(_binder_tests() if name == BINDER else _tests())]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT, env=_environment())
        (folder / "tests.log").write_text(done.stdout + done.stderr, encoding="utf-8")
        closing = done.stdout.strip().splitlines()[-1].strip("= ") if done.stdout.strip() else "pytest said nothing"
        found = {"versions": versions, "closing": closing, "passed": done.returncode == 0}
    except (subprocess.CalledProcessError, OSError, ValueError) as fault:
        reason = _last_line(getattr(fault, "stderr", None) or str(fault))
        found = {"versions": {}, "closing": f"not built: {reason}", "passed": False}
    except subprocess.TimeoutExpired:
        found = {"versions": {}, "closing": f"not through within {TIMEOUT // 60} minutes", "passed": False}
    minutes = round((time.monotonic() - began) / 60, 1)
    found |= {"minutes": minutes, "date": str(datetime.date.today()), "machine": machine.describe()}
    write_text(folder.with_suffix(".json"), json.dumps(found, indent=1))
    if found["passed"]:  # what failed stays, to be looked at
        shutil.rmtree(folder)
    print(f"{name}: {found['closing']} ({found['minutes']} minutes)", flush=True)
    return found["passed"]


def check(row: Row, versions: dict[str, str]) -> None:
    """Hold what was built against what the row is about.

    Raises:
        ValueError: another Python, or a package that is not the locked one, newer, or older, as the row says.
    """
    pins = re.findall(r"^([\w-]+?)(?:-cpu)?==([\d.]+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    locked = dict(pins)
    if not versions["python"].startswith(f"{row.python}."):
        raise ValueError(f"{row.name}: Python {versions['python']}, expected {row.python}")
    for names, wanted in ((row.newer, operator.gt), (row.older, operator.lt)):
        for name in names:
            if not wanted(Version(versions[name]), Version(locked[name])):
                word = "newer" if wanted is operator.gt else "older"
                raise ValueError(f"{row.name}: {name} {versions[name]}, expected one {word} than {locked[name]}")
    if row.resolve is None and (other := set(versions.items()) - {*pins, ("python", versions["python"])}):
        raise ValueError(f"{row.name}: {dict(other)}, expected what requirements.lock says")
    if "tensorflow" in row.newer:
        major, minor = _tensorflow_bound().release[:2]
        if Version(versions["tensorflow"]).release[:2] != (major, minor - 1):
            raise ValueError(f"{row.name}: tensorflow {versions['tensorflow']}, expected {major}.{minor - 1}")


def _tensorflow_bound() -> Version:
    """The first version of TensorFlow that pyproject.toml does not allow."""
    stated = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return Version(re.search(r'"tensorflow>=[\d.]+,<([\d.]+);', stated)[1])


def build(row: Row, folder: Path) -> Path:
    """An environment with the versions of a row; returns its Python."""
    uv = _uv()
    lock = ROOT / "requirements.lock"
    _call([uv, "venv", "--quiet", "--clear", "--python", _python(row.python), folder])
    if row.resolve is not None:
        lock = folder / "requirements.txt"
        shutil.copy(ROOT / "requirements.lock", lock)  # what need not move stays where it is locked
        compile_ = [uv, "pip", "compile", "--quiet", "--no-config", "--all-extras", "--python-version", row.python]
        _call([*compile_, *row.resolve, "pyproject.toml", "-o", lock])
    _call([uv, "pip", "sync", "--quiet", "--python", folder / "bin" / "python", lock])
    return folder / "bin" / "python"


def build_binder(folder: Path) -> Path:
    """What conda leaves to pip on Binder, installed by plain pip, and pytest and nbval, which run the lesson."""
    stated = yaml.safe_load((ROOT / "binder" / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    version = next(text.partition("=")[2] for text in stated if isinstance(text, str) and text.startswith("python="))
    packages = next(entry["pip"] for entry in stated if isinstance(entry, dict))
    _call([_python(version), "-m", "venv", "--clear", folder])
    python = folder / "bin" / "python"
    _call([python, "-m", "pip", "install", "--quiet", *packages])
    _call(["bash", ROOT / "binder" / "postBuild"], env=os.environ | {"PATH": f"{python.parent}:{os.environ['PATH']}"})
    _call([python, "-m", "pip", "install", "--quiet", "pytest", "nbval"])
    return python


def _folder(name: str) -> Path:
    return STORE / re.sub(r"[^a-z0-9]+", "-", name.lower())


def _row(name: str) -> Row:
    return next(row for row in ROWS if row.name == name)


def _tests() -> list[str]:
    lessons = [f"notebooks/{lesson}.ipynb" for lesson in LESSONS]
    left_out = [f"--ignore=tests/{name}" for name in LEFT_OUT]
    return ["-n", "2", "--dist", "loadfile", "--disable-warnings", *left_out, *lessons, "tests", "helpers"]


def _binder_tests() -> list[str]:
    return ["--disable-warnings", "-p", "no:cacheprovider", "notebooks/00_start_here.ipynb"]


def _environment() -> dict[str, str]:
    """This process' variables, and the one that holds results to the study."""
    return machine.clean_environment() | {"COURSE_TEST": "1"}


def _versions(python: Path) -> dict[str, str]:
    code = (
        "import importlib.metadata as m, json, platform, sys\n"
        "name = lambda d: d.metadata['Name'].lower().replace('_', '-').removesuffix('-cpu')\n"
        "found = {name(d): d.version for d in m.distributions()}\n"
        "print(json.dumps({'python': platform.python_version()} | {n: found[n] for n in sys.argv[1:] if n in found}))"
    )
    return json.loads(_call([python, "-c", code, *SHOWN]))


def _uv() -> str:
    """The uv that `make env` uses."""
    return _call(["bash", ROOT / "tools" / "env.sh", "uv"]).strip()


def _python(version: str) -> str:
    """A Python of that version; pyenv runs one that is not its chosen one when told to."""
    os.environ.pop("PYENV_VERSION", None)
    find = [f"python{version}", "-c", "import sys; print(sys.executable)"]
    for environment in (None, os.environ | {"PYENV_VERSION": version}):
        try:
            return _call(find, env=environment).strip()
        except (OSError, subprocess.CalledProcessError):
            continue
    raise subprocess.CalledProcessError(1, find, stderr=f"no python{version} on this machine")


def _call(command: list, env: dict[str, str] | None = None) -> str:
    done = subprocess.run([str(word) for word in command], cwd=ROOT, env=env, capture_output=True, text=True)
    done.check_returncode()
    return done.stdout


def _last_line(text: str) -> str:
    return text.strip().splitlines()[-1] if text and text.strip() else "no reason given"


def write_page(names: Iterable[str]) -> None:
    """Write what is kept of the rows ``names`` to the page; all other rows stay as they are written."""
    lines = [
        "# Under which versions the course runs",
        "",
        "Made by `make test-matrix`; nothing here is written by hand. In each environment: the helpers' tests and",
        "lessons 00, 03, 08 and 14, whole; in Binder's, lesson 00. The locked TensorFlow is the lowest allowed.",
        "",
        "| environment | Python | versions | tests | date | machine |",
        "|---|---|---|---|---|---|",
    ]
    written = rows(PAGE.read_text(encoding="utf-8")) if PAGE.exists() else {}
    for name in names:
        found = json.loads(_folder(name).with_suffix(".json").read_text(encoding="utf-8"))
        python = found["versions"].pop("python", "–")
        shown = ", ".join(f"{package} {version}" for package, version in found["versions"].items())
        written[name] = [python, shown, found["closing"], found["date"], found["machine"]]
    lines += [f"| {' | '.join([name, *written[name]])} |" for name in NAMES if name in written]
    write_text(PAGE, "\n".join([*lines, ""]))
    print(PAGE.relative_to(ROOT))


def rows(page: str) -> dict[str, list[str]]:
    """The rows of the page by their names."""
    cells = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| ")]
    return {name: others for name, *others in cells[1:]}


if __name__ == "__main__":
    sys.exit(main())
