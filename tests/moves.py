"""Random moves of a kernel's labs through their widgets, and the memory that they leave."""

from __future__ import annotations

import gc
import random
import time
from typing import Any

import psutil

from benchmarks.lab_timer import labs_of_this_process
from helpers.labs import selftest

#: Moves of each lab before the memory is looked at: they fill what is kept for ever, such as letters drawn.
FIRST = 8


def make(number: int, seed: int = 0) -> dict[str, Any]:
    """Move the labs of this process in turn, each time one control to any of its values.

    Args:
        number: how many moves, beside the first ones.
        seed: of the choice of controls and values.

    Returns:
        How many ``labs`` there are, the ``seconds`` that the moves took, and the ``growth`` of memory in MB.

    Raises:
        AssertionError: a setting broke a lab; the message holds what the lab says.
    """
    labs = labs_of_this_process()
    chooser = random.Random(seed)
    began, before = time.monotonic(), 0.0
    for move in range(-FIRST * len(labs), number):
        if move == 0:
            began, before = time.monotonic(), _megabytes()
        lab = labs[move % len(labs)]
        name = chooser.choice(sorted(lab.controls))
        lab.widgets[name].value = selftest.any_value(lab, name, chooser)
        assert "fault" not in lab.message, f"{lab.title}: {lab.message}"
    seconds = time.monotonic() - began
    return {"labs": len(labs), "seconds": seconds, "growth": _megabytes() - before}


def _megabytes() -> float:
    gc.collect()
    return psutil.Process().memory_info().rss / 2**20
