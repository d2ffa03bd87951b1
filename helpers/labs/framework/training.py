"""The training of a lab: in the background, one at a time in the process, in turns with cells."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from helpers.labs.framework import turns

#: A training reports at most this often, so that drawing never slows it down.
REPORT_SECONDS = 0.15

#: What a lab says before it trains, while it does, and after Stop.
WAITING, TRAINING, STOPPING = "Training begins when the running cell has ended.", "Training …", "Stopping …"


class Training:
    """What starts and stops a lab's training, and hands its data on.

    Args:
        title: the lab's name.
        lock: guards the lab's data.
        show: called as ``show(data, draw=…, last=…)`` with what the training reports and, last of all, returns.
        changed: called when it begins to wait, to run or to stop, or has ended.
        failed: called with what the training has raised.
    """

    def __init__(
        self,
        title: str,
        *,
        lock: threading.RLock,
        show: Callable[..., None],
        changed: Callable[[], None],
        failed: Callable[[Exception], None],
    ) -> None:
        self._title, self._lock, self._show, self._changed, self._failed = title, lock, show, changed, failed
        self._stop, self._waits = threading.Event(), False
        #: Number of the latest training; what an earlier one still reports is dropped.
        self._run, self._last_report = 0, 0.0
        self.thread: threading.Thread | None = None
        self.runs = False

    def start(self, train: Callable[..., Any], data: Any, settings: Mapping[str, Any], *, wait: bool) -> bool:
        """Train in the background when no cell runs, or here when ``wait`` is true; False when another lab trains."""
        if not turns.begin(self._title, self._stop.set):
            return False
        self._stop.clear()
        self._run += 1
        self._waits = turns.cell_runs() and not wait
        self.thread = threading.Thread(target=self._work, args=(self._run, train, data, settings), daemon=True)
        try:
            self._set_running(True)
            if not wait:
                self.thread.start()
        except Exception:  # no thread can be started, or the page has gone
            turns.end()
            self._set_running(False)
            raise
        if wait:
            self.thread.run()
        return True

    def stop(self) -> None:
        """Ask the training to end; it answers after its present step."""
        if self.runs:
            self._stop.set()
            self._changed()

    def forget(self) -> None:
        """Stop the training, and show nothing of it any more."""
        self._stop.set()
        with self._lock:
            self._run += 1

    @property
    def progress(self) -> str:
        """What goes on, in a word or two; empty when nothing does."""
        if not self.runs:
            return ""
        return STOPPING if self._stop.is_set() else WAITING if self._waits else TRAINING

    def report(self, run: int, data: Any, *, last: bool = False) -> None:
        """Hand on what training number ``run`` reports, unless it was forgotten or has reported just before."""
        now = time.monotonic()
        with self._lock:
            if run == self._run:
                draw = last or now - self._last_report >= REPORT_SECONDS
                self._show(data, draw=draw, last=last)
                if draw:
                    self._last_report = time.monotonic()

    def _work(self, run: int, train: Callable[..., Any], data: Any, settings: Mapping[str, Any]) -> None:
        problem = None
        try:
            if self._waits:
                turns.wait_for_cells(self._stop.is_set)
                self._waits = False
                if self._stop.is_set():
                    return
                self._changed()
            data = train(data, report=lambda new: self.report(run, new), stopped=self._stop.is_set, **settings)
            self.report(run, data, last=True)
        except Exception as raised:
            problem = raised
        finally:
            try:
                self._set_running(False)
                if problem is not None:
                    self._failed(problem)
            finally:
                turns.end()  # last, so that a cell that has waited finds the lab at rest

    def _set_running(self, runs: bool) -> None:
        self.runs = runs
        self._changed()


def stop_callback(stopped: Callable[[], bool]) -> Any:
    """A Keras callback that ends ``fit`` after the batch during which ``stopped()`` turned true."""
    import keras

    from helpers import training

    class StopWhenAsked(keras.callbacks.Callback):
        def set_model(self, model: Any) -> None:
            super().set_model(model)
            training.prepare(model)

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            if stopped():
                self.model.stop_training = True

    return StopWhenAsked()
