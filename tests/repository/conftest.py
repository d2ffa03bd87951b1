"""A study of its own for each test that runs one."""

from __future__ import annotations

import pytest

from studies import replicate, run


@pytest.fixture
def course(monkeypatch, tmp_path):
    """A study of its own, with two seeds, over notebooks that a test writes."""
    notebooks = tmp_path / "notebooks"
    notebooks.mkdir()
    monkeypatch.setattr(run, "ROOT", tmp_path)
    monkeypatch.setattr(run, "NOTEBOOKS", notebooks)
    monkeypatch.setattr(run, "RUNS", tmp_path / ".study")
    monkeypatch.setattr(run, "RESULTS", tmp_path / "helpers" / "results")
    monkeypatch.setattr(run, "SEEDS", range(2))
    for module, name, path in [
        (replicate, "ROOT", tmp_path),
        (replicate, "NOTEBOOKS", notebooks),
        (replicate, "RUNS", tmp_path / ".study"),
        (replicate, "REPLICATIONS", tmp_path / "studies" / "replications"),
        (replicate, "PAGE", tmp_path / "replication.md"),
    ]:
        monkeypatch.setattr(module, name, path)
    monkeypatch.setattr(replicate, "ROUND", 2)
    return tmp_path
