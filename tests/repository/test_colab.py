"""What Colab ships, as tools/colab states it, fits the course; and no lesson installs anything over it."""

from __future__ import annotations

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.lessons import LESSONS, notebook
from tools.notebooks import ROOT

CONSTRAINTS = (ROOT / "tools" / "colab" / "constraints.txt").read_text(encoding="utf-8")
HEAD = " ".join(line.removeprefix("#").strip() for line in CONSTRAINTS.splitlines() if line.startswith("#"))
DEPENDENCIES = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
OWN_FRONT_END = {"ipykernel", "jupyterlab"}  # Colab opens notebooks with an older kernel and a page of its own
INSTALL = re.compile(r"\bpip\b[\"', ]+install\b([^\n`\])]*)")


def pins(text: str) -> dict[str, str]:
    """The versions that a file states, by canonical name; each line must state exactly one."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    loose = [line for line in lines if not re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.]*", line)]
    assert not loose, loose
    names = [line.partition("==")[0] for line in lines]
    assert names == sorted(set(names))
    return dict(line.split("==") for line in lines)


SHIPPED = pins(CONSTRAINTS)
ADDED = pins((ROOT / "tools" / "colab" / "added.txt").read_text(encoding="utf-8"))


def faults(source: str) -> list[str]:
    """What is wrong with the ``pip install`` commands in a text: each may add one pinned package, alone."""
    found = []
    for command in INSTALL.findall(source):
        words = re.findall(r"[^\s\"',]+", command)
        packages = [word for word in words if not word.startswith("-")]
        if "--no-deps" not in words:
            found.append(f"{command.strip()}: --no-deps is missing")
        for package in packages:
            name, _, version = package.partition("==")
            if canonicalize_name(name) in SHIPPED:
                found.append(f"{package}: Colab ships {name}")
            elif not version or ADDED.get(canonicalize_name(name)) != version:
                found.append(f"{package}: tools/colab/added.txt does not state it")
    return found


def test_the_first_line_says_which_day_of_colab_it_mirrors():
    assert re.match(r"# Mirrors Google Colab's CPU runtime as of 20\d\d-\d\d-\d\d: Python 3\.13\.", CONSTRAINTS)


def test_the_facts_at_the_head_are_those_of_the_lines():
    facts = re.findall(r"([A-Za-z-]+) (\d+\.\d+\.\d+)(?=[,.] )", HEAD)
    named = {name.lower(): version for name, version in facts if name != "Python"}
    assert len(named) == 11
    assert named.items() <= SHIPPED.items()


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("ipykernel", "6.17.1"),
        ("ipython", "7.34.0"),
        ("ipywidgets", "7.7.1"),
        ("keras", "3.13"),
        ("matplotlib", "3.10"),
        ("numpy", "2.1"),
        ("statsmodels", "0.14"),
        ("tensorflow", "2.20"),
    ],
)
def test_colab_is_the_one_that_the_course_was_made_for(name, version):
    """A newer mirror that moves one of these asks for a look at labs and lessons, and then for this list."""
    assert f"{SHIPPED[name]}.".startswith(f"{version}.")


@pytest.mark.parametrize("text", DEPENDENCIES)
def test_colab_s_version_is_one_that_the_course_supports(text):
    stated = Requirement(text)
    if stated.name in OWN_FRONT_END or (stated.marker and "!=" not in str(stated.marker)):
        return  # tensorflow-cpu: Colab has the whole package
    assert stated.specifier.contains((SHIPPED | ADDED)[stated.name])


def test_what_the_tests_add_leaves_what_colab_ships_alone():
    assert not SHIPPED.keys() & ADDED.keys()


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_no_lesson_installs_over_what_colab_ships(path):
    code = [cell.source for cell in notebook(path).cells if cell.cell_type == "code"]
    assert [fault for source in code for fault in faults(source)] == []


def test_no_helper_tells_the_reader_to_install_over_it():
    texts = {path: path.read_text(encoding="utf-8") for path in sorted((ROOT / "helpers").rglob("*.py"))}
    assert {path.name: found for path, text in texts.items() if (found := faults(text))} == {}


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ('[sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "nbval==0.11.0"]', 0),
        ("`pip install --no-deps nbval==0.11.0` and run this cell again", 0),
        ("pip install nbval==0.11.0", 1),
        ("pip install --no-deps nbval", 1),
        ("pip install --no-deps nbval==0.12.0", 1),
        ("pip install --no-deps something-else==1.0", 1),
        ("pip install --no-deps keras==3.13.2", 1),
        ('["pip", "install", "-U", "keras"]', 2),
    ],
)
def test_an_install_must_be_of_one_pinned_package_alone(source, count):
    assert len(faults(source)) == count
