"""How many tests run at a time."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tools import machine


@pytest.mark.parametrize(("cores", "gigabytes", "workers"), [(2, 8, 2), (8, 32, 8), (8, 12, 4), (1, 64, 1), (4, 2, 1)])
def test_one_worker_per_core_that_has_its_memory(cores, gigabytes, workers, monkeypatch):
    monkeypatch.setattr(machine, "usable_cores", lambda: cores)
    monkeypatch.setattr(machine.psutil, "virtual_memory", lambda: SimpleNamespace(total=gigabytes * 2**30))
    assert machine.workers() == workers
