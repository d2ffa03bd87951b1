"""Random moves of a kernel's labs through their widgets and by Reset, and the memory that they leave."""

from __future__ import annotations

import random
import time
from typing import Any
from unittest import mock

import psutil

from helpers import runtime
from helpers.labs.framework import cells, redraws, turns
from helpers.labs.framework.lab import Lab
from tests.support import selftest
from tools.live_labs import labs_of_this_process

#: Moves of each lab before the memory is looked at: they fill the caches, such as letters drawn.
FIRST = 8
#: A lab is moved up to so many times in a row, as fast as moves come, before its picture is waited for.
IN_A_ROW = 5
RESET = "Reset"


def make(number: int, seed: int = 0) -> dict[str, Any]:
    """Move the labs of this process in turn, a few times each: one control to any of its values, or Reset.

    The moves are drawn as those of a front end are, beside the thread that moves.

    Args:
        number: how many moves, not counting the first ones.
        seed: of the choice of controls, values and moves in a row.

    Returns:
        How many ``labs`` there are, the ``seconds`` that the moves took, and the ``growth`` of memory in MB.

    Raises:
        AssertionError: a setting broke a lab, and the message holds what the lab says; or its last move was not drawn.
    """
    labs = labs_of_this_process()
    chooser = random.Random(seed)
    # This runs in a cell, and a redraw that builds layers would wait for its end.
    with mock.patch.object(cells, "in_message", return_value=True), mock.patch.object(turns, "_cells", []):
        _move(labs, FIRST * len(labs), chooser)
        before, began = _megabytes(), time.monotonic()
        _move(labs, number, chooser)
        seconds = time.monotonic() - began
    return {"labs": len(labs), "seconds": seconds, "growth": _megabytes() - before}


def _move(labs: list[Lab], number: int, chooser: random.Random) -> None:
    turn = 0
    while number > 0:
        lab = labs[turn % len(labs)]
        turn += 1
        in_a_row = min(number, chooser.randint(1, IN_A_ROW))
        for _ in range(in_a_row):
            name = chooser.choice([*sorted(lab.controls), RESET])
            if name == RESET:
                lab.view.reset_button.click()
            else:
                lab.widgets[name].value = selftest.any_value(lab, name, chooser)
        for drawer in (redraws.patient_drawer, redraws.drawer):
            drawer.submit(lambda: None).result()
        assert "fault" not in lab.message, f"{lab.title}: {lab.message}"
        assert not lab.redraws.moved, f"{lab.title}: the last move was not drawn"
        number -= in_a_row


def _megabytes() -> float:
    runtime.give_back_memory()
    return psutil.Process().memory_info().rss / 2**20
