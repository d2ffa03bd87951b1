"""A kernel of one's own: run cells in any order, send what a front end sends, restart it."""

from __future__ import annotations

import os
import queue
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from jupyter_client.manager import start_new_kernel

from tools.notebooks import QUIET_KERNEL, plain

TIMEOUT = 600  # seconds for one cell


class CellFailed(AssertionError):
    """A cell raised; the message is what the reader sees."""


class Kernel:
    """A kernel in ``folder``, as a test of the course starts it."""

    def __init__(self, folder: Path, **environment: str) -> None:
        variables = os.environ | environment
        self.manager, self.client = start_new_kernel(
            kernel_name="python3", cwd=str(folder), env=variables, extra_arguments=QUIET_KERNEL
        )

    def __enter__(self) -> Kernel:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)

    def run(self, source: str, *, cell: str | None = None) -> str:
        """Run a cell; returns what it prints.

        Args:
            source: its code.
            cell: its id, for a front end that sends one.

        Raises:
            CellFailed: it raised.
        """
        outputs: list[dict[str, Any]] = []
        self.client.session.metadata = {} if cell is None else {"cellId": cell}
        reply = {"status": "aborted"}
        while reply["status"] == "aborted":  # ipykernel 6 drops what arrives right after a cell that failed
            reply = self.client.execute_interactive(
                source,
                allow_stdin=False,
                timeout=TIMEOUT,
                output_hook=lambda message: outputs.append(message["content"]),
            )["content"]
        _must_be_ok(reply)
        return "".join(output["text"] for output in outputs if output.get("name") == "stdout")

    def begin(self, source: str, seconds: float) -> bool:
        """Start a cell and look after so many seconds; True when it is running still.

        Raises:
            CellFailed: it raised before.
        """
        asked, end = self.client.execute(source, allow_stdin=False), time.monotonic() + seconds
        answered = None
        while answered != asked:  # what was asked before, as at the kernel's start, may still be answered
            try:
                reply = self.client.get_shell_msg(timeout=max(0, end - time.monotonic()))
            except queue.Empty:
                return True
            answered = reply["parent_header"]["msg_id"]
        _must_be_ok(reply["content"])
        return False

    def move(self, model_id: str, **state: Any) -> None:
        """Set a widget's state as a front end does, and go on at once."""
        content = {"comm_id": model_id, "data": {"method": "update", "state": state, "buffer_paths": []}}
        self.client.shell_channel.send(self.client.session.msg("comm_msg", content))

    def click(self, model_id: str) -> None:
        """Press a button's widget as a front end does, and go on at once."""
        content = {"comm_id": model_id, "data": {"method": "custom", "content": {"event": "click"}}}
        self.client.shell_channel.send(self.client.session.msg("comm_msg", content))

    def restart(self) -> None:
        """Kill the kernel and start it anew, whatever it is doing, as the button does.

        On new ports: another test that runs at the same time may have taken the old ones.
        """
        self.manager.restart_kernel(now=True, newports=True)
        self.client.stop_channels()
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)


def _must_be_ok(reply: dict[str, Any]) -> None:
    if reply["status"] != "ok":
        raise CellFailed(plain("\n".join(reply["traceback"])))
