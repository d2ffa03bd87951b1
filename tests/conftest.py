"""What holds for the whole run: its order, its workers, notebooks as tests, and two rules that nbval lacks."""

from __future__ import annotations

import functools
import os
import signal

import pytest
from nbval.kernel import RunningKernel
from nbval.plugin import IPyNbCell

from helpers import runtime
from tests.support.order import ByLesson, longest_first
from tools import machine

# Kernels and test workers inherit this: results are held to the studied ones.
os.environ["COURSE_TEST"] = "1"
# In this process TensorFlow may be imported before any test calls runtime.start(), which would then complain.
for name, value in {**runtime.QUIET_TENSORFLOW, "CUDA_VISIBLE_DEVICES": "-1"}.items():
    os.environ.setdefault(name, value)
for name in ("COURSE_SEED", "COURSE_RESULTS"):
    os.environ.pop(name, None)
# What a shell runs in the background ignores Ctrl-C, and so would all that the tests start and stop.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config):
    """What `-n auto` means, unless the variable PYTEST_XDIST_AUTO_NUM_WORKERS says it."""
    return int(os.environ.get("PYTEST_XDIST_AUTO_NUM_WORKERS", machine.workers()))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    if config.getoption("dist") != "loadfile":
        return None
    return ByLesson(config, log)


#: Run in a notebook's kernel after its set-up cell: every lab of the lesson moves its own controls. The notebooks need
#: not where the tests marked sweep do that.
SELFTEST = "from tests.support import selftest; selftest.install(); del selftest"


def pytest_collection_modifyitems(items):
    longest_first(items)
    for item in items:
        if isinstance(item, IPyNbCell):
            item.runtest = functools.partial(_run_cell, item, item.runtest)


def _run_cell(item: IPyNbCell, runtest) -> None:
    tags = item.cell.metadata.get("tags", [])
    if "nbval-check-output" in tags and not item.cell.outputs:
        item.raise_cell_error("The cell is tagged nbval-check-output and stores no output: run `make notebooks`")
    runtest()
    if "bootstrap" in tags and "not sweep" in item.config.getoption("markexpr"):
        _run_silently(item.parent.kernel, SELFTEST)
    if "raises-exception" in tags:
        stored, raised = _errors(item.cell.outputs), _errors(item.test_outputs)
        if not stored:
            item.raise_cell_error("The cell is tagged raises-exception and stores no error: run `make notebooks`")
        if raised != stored:
            came = ", ".join(raised) or "no error"
            item.raise_cell_error(f"The cell must raise {', '.join(stored)}, as stored; it raised {came}")


def _run_silently(kernel: RunningKernel, source: str) -> None:
    """Run what is no cell of the notebook.

    Raises:
        RuntimeError: it failed; the message holds the traceback.
    """
    reply = kernel.kc.execute_interactive(source, silent=True, allow_stdin=False, timeout=300)["content"]
    if reply["status"] != "ok":
        raise RuntimeError("\n".join(reply["traceback"]))


def _errors(outputs) -> list[str]:
    return [output.ename for output in outputs if output.output_type == "error"]
