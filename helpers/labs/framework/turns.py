"""Cells and the labs' trainings take turns: Keras is not made to train two models at once in one process.

A cell that is run while a lab trains begins when the training has ended; a training that is started while a cell runs
(JupyterLab hears buttons meanwhile) begins when the cell has ended.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from IPython import get_ipython

#: Seconds between two looks at what is waited for, and those that the end of a training may take.
PAUSE, ENDING = 0.05, 0.2

#: Held by the lab that trains.
_training = threading.Lock()
#: Asks that training to end.
_stop: Callable[[], None] = threading.Event().set
#: What IPython tells of the cells that run, each inside the one before, as under %%capture; a cell that ran before the
#: first lab was made is not among them.
_cells: list[object] = []


def begin(stop: Callable[[], None]) -> bool:
    """Take the turn for a training, which ends soon after ``stop()`` is called; False when another one runs.

    One that is just ending, and whose lab shows so already, is waited for.
    """
    global _stop
    if not _training.acquire(timeout=ENDING):
        return False
    _stop = stop
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


def wait_for_cells(stopped: Callable[[], bool]) -> None:
    """Return when no cell runs, or when ``stopped()`` turns true."""
    while cell_runs() and not stopped():
        time.sleep(PAUSE)


def watch_cells() -> None:
    """Let this kernel's cells take turns with trainings; where there is no kernel, or a second time, do nothing."""
    shell = get_ipython()
    if shell is not None:
        shell.events.register("pre_run_cell", _before_cell)
        shell.events.register("post_run_cell", _after_cell)


def _before_cell(info: object) -> None:
    """Wait for a training to end, and stop it when the reader interrupts the kernel; then note the cell."""
    while training_runs() and not cell_runs():
        try:
            time.sleep(PAUSE)
        except KeyboardInterrupt:
            _stop()
    _cells.append(info)


def _after_cell(result: object) -> None:
    """Forget the cell, and those inside it; IPython also tells of the end of an empty cell, whose beginning it kept."""
    info = getattr(result, "info", None)
    if info in _cells:
        del _cells[_cells.index(info) :]
