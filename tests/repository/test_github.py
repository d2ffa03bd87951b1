"""Workflows, forms and metadata for GitHub have the shape that GitHub expects, and name commands that exist."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib

import pytest
import yaml

from tools.notebooks import ROOT

GITHUB = ROOT / ".github"
SCHEMAS = {
    "vendor.github-workflows": sorted((GITHUB / "workflows").glob("*.yml")),
    "vendor.dependabot": [GITHUB / "dependabot.yml"],
    "vendor.github-issue-config": [GITHUB / "ISSUE_TEMPLATE" / "config.yml"],
    "vendor.github-issue-forms": [
        path for path in sorted((GITHUB / "ISSUE_TEMPLATE").glob("*.yml")) if path.stem != "config"
    ],
    "vendor.citation-file-format": [ROOT / "CITATION.cff"],
}


@pytest.mark.parametrize("schema", SCHEMAS)
def test_files_for_github_fit_their_schema(schema):
    assert SCHEMAS[schema]
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *map(str, SCHEMAS[schema])]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_workflows_and_hooks_call_targets_and_files_that_exist():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    texts = [path.read_text(encoding="utf-8") for path in SCHEMAS["vendor.github-workflows"]]
    texts += [
        (ROOT / name).read_text(encoding="utf-8") for name in ("CONTRIBUTING.md", ".devcontainer/devcontainer.json")
    ]
    for text in texts:
        assert set(re.findall(r"\bmake ([a-z][a-z-]+)", text)) <= targets
        for path in re.findall(r"\b(?:tests|notebooks|tools)/[\w/.-]+\w", text):
            assert (ROOT / path).exists(), path


def test_the_gate_and_the_workflow_run_the_same_targets():
    gate = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    (targets,) = re.findall(r"^for target in (.+); do$", gate, re.MULTILINE)
    jobs = yaml.safe_load((GITHUB / "workflows" / "ci.yml").read_text(encoding="utf-8"))["jobs"]
    commands = {step["run"] for job in jobs.values() for step in job["steps"] if "run" in step}
    assert {f"make {target}" for target in targets.split()} <= commands


def test_the_citation_states_the_version_of_the_course():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert (
        citation["version"]
        == tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    )
