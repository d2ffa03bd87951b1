"""Which cell runs, and which labs it has made: a cell that is run again closes the labs of its run before.

Nothing else would ever release them: ipywidgets keeps every widget that is not closed, and IPython keeps in ``Out``
what was a cell's last expression.
"""

from __future__ import annotations

import gc
import sys
import weakref
from collections.abc import Hashable
from typing import Any, Protocol


class Closable(Protocol):
    """What a cell makes and its next run closes."""

    def close(self) -> None: ...


#: Of each cell its latest run, and what that run made.
_made: dict[Hashable, tuple[str, list[weakref.ref[Closable]]]] = {}


def shell() -> Any:
    """The IPython that runs, or None; imports nothing."""
    return sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None


def kernel() -> Any:
    """The kernel that runs, or None in a script or a terminal."""
    return getattr(shell(), "kernel", None)


def in_message() -> bool:
    """Whether a message of a front end is being handled, such as a moved slider, rather than a cell or a script."""
    return _request().get("header", {}).get("msg_type") == "comm_msg"


def adopt(thing: Closable) -> None:
    """Note that the running cell makes ``thing``; close what an earlier run of the same cell made.

    Cells are told apart by the id that front ends send; where one sends none, by their text.
    Without a running cell nothing is noted or closed.
    """
    request = _request()
    if request.get("header", {}).get("msg_type") != "execute_request":
        return
    cell, run = request.get("metadata", {}).get("cellId") or request["content"]["code"], request["header"]["msg_id"]
    last_run, things = _made.get(cell, (run, []))
    if last_run != run:
        open_still = [old for ref in things if (old := ref()) is not None]
        for old in open_still:
            old.close()
        if open_still:
            del open_still, old
            gc.collect()  # models hold themselves in cycles
        things = []
    _made[cell] = (run, [*things, weakref.ref(thing)])


def _request() -> dict[str, Any]:
    """The message that the kernel is handling."""
    running = kernel()
    return {} if running is None else running.get_parent("shell") or {}
