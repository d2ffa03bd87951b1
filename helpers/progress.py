"""A progress line for long fits; ``helpers.training`` hands it on."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable

import keras

from helpers import runtime
from helpers._keras_fit import prepare

#: Seconds between two drawings of the progress line.
REDRAW = 0.25
BAR = 24


class Progress(keras.callbacks.Callback):
    """Shows how a fit proceeds, and leaves one line when it is over.

    Use it with ``verbose=0``. In a notebook that someone watches, the line carries a bar, losses, seconds and an
    estimate of the time left, and is redrawn at most four times a second. In a script, a test or a study only the
    last line is printed. Either way a fit that ends leaves one plain line in a saved notebook, and what the cell
    printed before stays; where the reader interrupts the kernel, the line stays as it was.
    ``history.seconds`` is the wall time of the fit, compilation included. Before the fit it calls
    ``training.prepare``.

    Args:
        label: stands before the line; use it where one cell fits several models.

    Example:
        ``history = model.fit(X, y, epochs=20, verbose=0, callbacks=[training.Progress()])``
    """

    def __init__(self, label: str = "") -> None:
        super().__init__()
        self._prefix = f"{label}: " if label else ""
        self._show: Callable[[str], None] | None = None

    def set_model(self, model: keras.Model) -> None:
        super().set_model(model)
        prepare(model)

    def set_params(self, params: dict | None) -> None:
        super().set_params(params)
        self._begin = time.perf_counter()  # fit announces its parameters before it traces and compiles
        self._show = None
        self._epoch = self._epochs_done = 0
        self._first_epoch: int | None = None
        self._first_epoch_end: float | None = None
        self._drawn = -math.inf
        self._losses = ""

    def on_train_begin(self, logs: dict | None = None) -> None:
        self._show = _live_line()
        self._draw(0.0)

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        self._epoch = epoch
        if self._first_epoch is None:
            self._first_epoch = epoch  # fit(initial_epoch=20, epochs=60) runs 40

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        steps = (self.params or {}).get("steps")
        self._draw(min(1.0, (batch + 1) / steps) if steps else 0.0)  # Keras counts whole calls, so beyond the last one

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        self._epochs_done += 1
        if self._first_epoch_end is None:
            self._first_epoch_end = time.perf_counter()
        self._losses = _losses(logs)
        self._draw(1.0)

    def on_train_end(self, logs: dict | None = None) -> None:
        seconds = time.perf_counter() - self._begin
        self.model.history.seconds = seconds
        planned, done = self._epochs() - (self._first_epoch or 0), self._epochs_done
        count = f"{done} epoch{'' if done == 1 else 's'}"
        if done < planned:
            count = f"stopped after {done} of {planned} epochs"
        losses = _losses(logs)
        line = f"{self._prefix}{count} in {seconds:.1f} s{': ' if losses else ''}{losses}"
        (self._show or print)(line)

    def _epochs(self) -> int:
        return (self.params or {}).get("epochs") or 1

    def _draw(self, part: float) -> None:
        """Redraw the line; ``part`` is the share of the current epoch that is done."""
        now = time.perf_counter()
        if self._show is None or now - self._drawn < REDRAW:
            return
        self._drawn = now
        epochs = self._epochs()
        share = min(1.0, (self._epoch + part) / epochs)
        filled = round(BAR * share)
        pieces = [f"{self._prefix}epoch {self._epoch + 1} of {epochs}", "█" * filled + "░" * (BAR - filled)]
        pieces += [self._losses] if self._losses else ["preparing the model, a few seconds"]
        pieces.append(f"{now - self._begin:.0f} s{self._time_left(now, part)}")
        self._show("   ".join(pieces))

    def _time_left(self, now: float, part: float) -> str:
        """An estimate from all epochs but the first, which holds the compilation."""
        if self._first_epoch_end is None:
            return ""
        done = self._epoch - (self._first_epoch or 0) - 1 + part
        if done <= 0:
            return ""
        left = (now - self._first_epoch_end) / done * (self._epochs() - self._epoch - part)
        return f", about {left:.0f} s left"


def _live_line() -> Callable[[str], None] | None:
    """A function that replaces one line on the page, or None where nobody watches.

    Two other ways were tried. A carriage return stays in the saved notebook; ``clear_output`` takes the cell's earlier
    output with it. Updating a display does neither, but nbval does not follow updates, so tests only get the last line.
    """
    if runtime.is_test() or runtime.is_study() or "IPython" not in sys.modules:
        return None
    from IPython import get_ipython
    from IPython.display import display

    if not hasattr(get_ipython(), "kernel"):
        return None
    handle = None

    def show(line: str) -> None:
        nonlocal handle
        if handle is None:
            handle = display({"text/plain": line}, raw=True, display_id=True)
        else:
            handle.update({"text/plain": line}, raw=True)

    return show


def _losses(logs: dict | None) -> str:
    names = (("loss", "loss"), ("val_loss", "validation"))
    return ", ".join(f"{name} {_figure(float(logs[key]))}" for key, name in names if logs and key in logs)


def _figure(value: float) -> str:
    """Four decimals for the course's losses, two digits for tiny ones, none for hundreds of vehicles."""
    if not math.isfinite(value) or value == 0:
        return f"{value:g}"
    if abs(value) >= 100:
        return f"{value:.0f}"
    if abs(value) >= 1e-3:
        return f"{value:.4f}"
    return f"{value:.{1 - math.floor(math.log10(abs(value)))}f}"
