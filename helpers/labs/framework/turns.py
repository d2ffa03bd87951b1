"""Cells and labs take turns: Keras is not made to train two models at once in one process.

A cell that is run while a lab trains begins when the training has ended; a training that is started while a cell runs
(JupyterLab hears buttons meanwhile) begins when the cell has ended. The same holds for redraws that build layers, which
would otherwise take random numbers from a seeded cell.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from helpers.labs.framework import cells, messages

#: Seconds between two looks at what is waited for, and those that the end of a training may take.
PAUSE, ENDING = 0.05, 0.2
#: What a cell prints that waits for a training.
WAITS = "Lab {} is training; this cell begins when it ends. Press Stop in the lab, or interrupt the kernel."

#: Held by the lab that trains.
_training = threading.Lock()
#: The title of that lab, and what asks its training to end.
_title, _stop = "", threading.Event().set
#: Held while one of the two below is looked at and changed.
_state = threading.Lock()
#: What IPython tells of the cells that run, each inside the one before, as under %%capture; a cell that ran before the
#: first lab was made is not among them.
_cells: list[object] = []
#: Redraws under way that no cell may overlap.
_redraws = 0


def begin(title: str, stop: Callable[[], None]) -> bool:
    """Take the turn for a training; False when another training runs.

    A training that is just ending, and whose lab shows so already, is waited for.

    Args:
        title: of the lab.
        stop: asks the training to end soon.
    """
    global _title, _stop
    if not _training.acquire(timeout=ENDING):
        return False
    _title, _stop = title, stop
    return True


def end() -> None:
    """Give the turn back; the training must have begun."""
    _training.release()


def training_runs() -> bool:
    """Whether a lab trains, or waits to."""
    return _training.locked()


def cell_runs() -> bool:
    """Whether a cell of this kernel runs."""
    return bool(_cells)


def wait_for_cells(given_up: Callable[[], bool]) -> None:
    """Return when no cell runs, or when ``given_up()`` turns true."""
    while cell_runs() and not given_up():
        time.sleep(PAUSE)


@contextmanager
def between_cells(given_up: Callable[[], bool]) -> Iterator[None]:
    """Wait as `wait_for_cells` does, then hold the next cell off until the block ends."""
    global _redraws
    while True:
        wait_for_cells(given_up)
        with _state:
            if not _cells or given_up():
                _redraws += 1
                break
    try:
        yield
    finally:
        with _state:
            _redraws -= 1


def watch_cells() -> None:
    """Let this kernel's cells take turns with labs; where there is no kernel, or a second time, do nothing."""
    shell = cells.shell()
    if shell is not None:
        shell.events.register("pre_run_cell", _before_cell)
        shell.events.register("post_run_cell", _after_cell)


def _before_cell(info: object) -> None:
    """Wait for a training to end, and stop it when the reader interrupts the kernel; then note the cell.

    Where the front end has no subshells, the button Stop is heard here.
    """
    began, has_said = time.monotonic(), False
    while not _noted(info):
        try:
            if training_runs() and not has_said and time.monotonic() - began >= ENDING:
                has_said = True
                print(WAITS.format(_title), flush=True)
            messages.hear_widgets()
            time.sleep(PAUSE)
        except KeyboardInterrupt:
            _stop()


def _noted(info: object) -> bool:
    """Note the cell and return True, unless it has to wait."""
    with _state:
        if not _cells and (training_runs() or _redraws):
            return False
        _cells.append(info)
        return True


def _after_cell(result: object) -> None:
    """Forget the cell, and those inside it; IPython also tells of the end of an empty cell, whose beginning it kept."""
    info = getattr(result, "info", None)
    with _state:
        if info in _cells:
            del _cells[_cells.index(info) :]
