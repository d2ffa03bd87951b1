"""pyproject.toml, the two environment.yml and requirements.lock state one set of requirements."""

from __future__ import annotations

import re
import tomllib

import pytest
import yaml
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.version import Version

from tools import conda as conda_file
from tools.notebooks import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
HELD = [Requirement(text) for text in PROJECT["tool"]["uv"]["constraint-dependencies"]]


def locked():
    """The pinned requirements of the lock, each with its hashes."""
    entries = re.findall(r"^(\S[^\n]*?) \\\n((?: {4}--hash=\S+(?: \\)?\n)+)", LOCK, re.MULTILINE)
    return [(Requirement(text), hashes.split()) for text, hashes in entries]


def environments(*pythons):
    for python in pythons or ("3.11", "3.12", "3.13"):
        for system, platform, machine in (
            ("Linux", "linux", "x86_64"),
            ("Linux", "linux", "aarch64"),
            ("Darwin", "darwin", "arm64"),
            ("Windows", "win32", "AMD64"),
        ):
            yield default_environment() | {
                "python_version": python,
                "python_full_version": f"{python}.0",
                "platform_system": system,
                "sys_platform": platform,
                "platform_machine": machine,
                "os_name": "nt" if system == "Windows" else "posix",
            }


def applies(requirement, environment):
    return requirement.marker is None or requirement.marker.evaluate(environment)


def test_binder_reads_the_environment_of_the_root():
    assert (ROOT / "environment.yml").read_bytes() == (ROOT / "binder" / "environment.yml").read_bytes()


def test_conda_and_binder_install_the_versions_of_the_lock():
    conda = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    assert conda["channels"] == ["conda-forge", "nodefaults"]
    assert conda["dependencies"][:2] == ["python=3.12", "pip"]
    (by_pip,) = [entry["pip"] for entry in conda["dependencies"] if isinstance(entry, dict)]
    for environment in environments("3.12"):
        pins = {r.name.lower(): str(r.specifier) for r, _ in locked() if applies(r, environment)}
        there = {r.name.lower(): str(r.specifier) for r in map(Requirement, by_pip) if applies(r, environment)}
        assert there.items() <= pins.items()
        stated = {
            r.name.lower() for r in map(Requirement, PROJECT["project"]["dependencies"]) if applies(r, environment)
        }
        assert stated <= there.keys()


def test_conda_refuses_a_requirement_that_is_not_pinned():
    with pytest.raises(ValueError, match=r"got 'numpy>=2'"):
        conda_file.environment("pandas==3.1.1\nnumpy>=2\n")


def test_every_requirement_has_a_lower_bound():
    for text in [*PROJECT["project"]["dependencies"], *PROJECT["project"]["optional-dependencies"]["dev"]]:
        assert any(bound.operator in (">=", "==") for bound in Requirement(text).specifier), text


def test_what_holds_tensorflow_lies_in_the_stated_range():
    for held in HELD:
        (stated,) = [r for text in PROJECT["project"]["dependencies"] if (r := Requirement(text)).name == held.name]
        assert stated.specifier.contains(str(held.specifier).removeprefix("==").replace("*", "0"))


def test_the_locked_tensorflow_is_the_lowest_that_is_allowed():
    """So `make test-matrix` needs no row for the lowest."""
    (stated,) = [r for text in PROJECT["project"]["dependencies"] if (r := Requirement(text)).name == "tensorflow-cpu"]
    (pinned,) = [requirement for requirement, _ in locked() if requirement.name == "tensorflow-cpu"]
    (lowest,) = [Version(bound.version) for bound in stated.specifier if bound.operator == ">="]
    assert [Version(bound.version) for bound in pinned.specifier] == [lowest]


def test_every_line_of_the_lock_is_pinned_and_hashed():
    entries = locked()
    assert len(entries) == len(re.findall(r"^\S+==", LOCK, re.MULTILINE)) > 50
    for requirement, hashes in entries:
        assert re.fullmatch(r"==[^*,]+", str(requirement.specifier)), requirement
        assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", word) for word in hashes if word != "\\"), requirement


def test_the_lock_names_no_address():
    assert "://" not in LOCK
    assert not re.search(r"^--?(?:index|extra|find|f )", LOCK, re.MULTILINE)


@pytest.mark.parametrize("group", ["reader", "developer"])
def test_the_lock_satisfies_pyproject_on_every_platform(group):
    stated = PROJECT["project"]["dependencies" if group == "reader" else "optional-dependencies"]
    stated = stated if group == "reader" else stated["dev"]
    for environment in environments():
        pins = {r.name.lower(): str(r.specifier)[2:] for r, _ in locked() if applies(r, environment)}
        for requirement in map(Requirement, stated):
            if applies(requirement, environment):
                pin = pins.get(requirement.name.lower(), "nothing")
                assert pin != "nothing", (requirement, environment["platform_system"], environment["python_version"])
                assert requirement.specifier.contains(pin, prereleases=True), (requirement, pin)
        for held in HELD:
            assert held.name not in pins or held.specifier.contains(pins[held.name])
