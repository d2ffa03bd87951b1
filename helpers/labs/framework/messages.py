"""Hear what a hand does to widgets while a cell waits to begin.

A cell holds the kernel's shell channel, and Colab and VS Code send widgets' messages through that channel, too. Here
they are taken out and handled; all other messages keep their order and are handled after the cell. jupyter-ui-poll does
the same on ipykernel 6; its 1.1 calls ``do_one_iteration``, which ipykernel 7 has no more, and then hears nothing.
"""

from __future__ import annotations

import asyncio
import functools
import threading
from collections.abc import Callable, Coroutine
from typing import Any

from helpers.labs.framework import cells


def hear_widgets() -> None:
    """Handle the widgets' messages that have come; only in the thread of a kernel's cells, elsewhere do nothing."""
    kernel = cells.kernel()
    if kernel is None or threading.current_thread() is not threading.main_thread():
        return
    if hasattr(kernel, "msg_queue"):
        _hear_in_queue(kernel)
    elif hasattr(kernel, "shell_main"):
        _hear_at_socket(kernel)


def _hear_in_queue(kernel: Any) -> None:
    """ipykernel 6: the shell's stream puts messages into a queue, which one task empties."""
    import zmq

    kernel.shell_stream.flush(zmq.POLLIN)
    waiting = [kernel.msg_queue.get_nowait() for _ in range(kernel.msg_queue.qsize())]
    for entry in waiting:
        *_, dispatch, args = entry
        if args and _is_for_widget(kernel, args[0]):
            _handle(kernel, functools.partial(dispatch, *args))
        else:
            kernel.msg_queue.put_nowait(entry)


def _hear_at_socket(kernel: Any) -> None:
    """ipykernel 7: each message becomes a task of the event loop, which a running cell holds up."""
    import zmq

    socket = kernel.shell_stream.socket
    if kernel.shell_channel_thread is not None:
        socket = kernel.shell_channel_thread.manager.get_shell_channel_to_subshell_pair(None).to_socket
    while socket.poll(0):
        message = socket.recv_multipart(zmq.NOBLOCK, copy=False)
        if _is_for_widget(kernel, message):
            _handle(kernel, functools.partial(kernel.dispatch_shell, message))
        else:
            _later.add(task := asyncio.ensure_future(kernel.shell_main(None, message)))
            task.add_done_callback(_later.discard)


#: Messages that wait for the cell; the event loop alone would let them be collected.
_later: set[asyncio.Future] = set()


def _is_for_widget(kernel: Any, message: list[Any]) -> bool:
    if len(message) < 2:  # ipykernel's own note to itself that an error's consequences are over
        return False
    try:
        _, parts = kernel.session.feed_identities(message, copy=False)
        header = kernel.session.deserialize(parts, content=False, copy=False)["header"]
    except (ValueError, TypeError, IndexError):  # not signed, or cut off: the kernel says so when its turn comes
        return False
    return header["msg_type"] == "comm_msg"


def _handle(kernel: Any, dispatch: Callable[[], Coroutine]) -> None:
    """Let the kernel handle a message at once, and go back to the cell: its output, and what an interrupt does."""
    before, interrupt = (_identity(kernel), kernel.get_parent("shell")), kernel.saved_sigint_handler
    try:
        dispatch().send(None)
    except StopIteration:  # a coroutine's end: handlers of widgets wait for nothing
        pass
    finally:
        kernel.set_parent(*before)
        kernel.saved_sigint_handler = interrupt


def _identity(kernel: Any) -> list[bytes]:
    """Who has sent the cell."""
    if hasattr(kernel, "_shell_parent_ident"):  # ipykernel 7
        return kernel._shell_parent_ident.get()
    return kernel._parent_ident["shell"]
