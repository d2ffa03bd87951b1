"""The lab that docs/labs.md writes out is a lab: it passes the self-test, and so does the test module beside it."""

from __future__ import annotations

import re
import sys
import types

import numpy as np
import pytest

import helpers.labs
from tests.labs.seen import legends
from tests.support import selftest
from tools.notebooks import ROOT

BLOCKS = re.findall(r"^```python\n(.*?)^```$", (ROOT / "docs/labs.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
NAME = "smoothing"


@pytest.fixture
def example(monkeypatch):
    """The module on the page, imported under its name."""
    module = types.ModuleType(f"helpers.labs.{NAME}")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(helpers.labs, NAME, module, raising=False)
    exec(compile(BLOCKS[0], "docs/labs.md", "exec"), vars(module))
    return module


@pytest.fixture
def its_tests(example):
    """The test module on the page."""
    module = types.ModuleType(f"tests.labs.test_{NAME}")
    exec(compile(BLOCKS[1], "docs/labs.md", "exec"), vars(module))
    return module


def test_it_passes_the_self_test(its_tests, style):
    selftest.run(its_tests.stand_in())


def test_its_tests_pass(its_tests):
    its_tests.test_a_weight_of_one_is_the_naive_forecast()
    for wrong in (np.zeros(5), np.zeros((40, 1)), np.full(40, np.nan)):
        its_tests.test_wrong_data_is_refused(wrong)


def test_its_form_is_that_of_the_labs(example, its_tests):
    lab = its_tests.stand_in()
    assert BLOCKS[0].startswith(f'"""Lab *{NAME}* (lesson 02): ')
    assert lab.title == NAME
    assert set(lab.controls) == {"weight", "errors"}
    assert len(legends(lab.render())) == 1
    assert lab.reading.endswith(".")
    for line in BLOCKS[0].splitlines():
        assert len(line) <= 120, line


def test_it_is_written_in_at_most_60_lines_that_are_not_empty():
    assert sum(bool(line.strip()) for line in BLOCKS[0].splitlines()) <= 60
