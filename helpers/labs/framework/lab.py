"""What every lab shares: one flicker-free picture, messages, reset, training in the background."""

from __future__ import annotations

import base64
import html
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import ipywidgets as widgets
from IPython import get_ipython
from matplotlib.figure import Figure

from helpers.labs.framework import canvas, turns
from helpers.labs.framework.controls import Control

#: A training reports at most this often, so that drawing never slows it down.
REPORT_SECONDS = 0.15

#: What a lab says before it trains, while it does, and after Stop.
WAITING, TRAINING, STOPPING = "Training begins when the running cell has ended.", "Training …", "Stopping …"

#: Draws what a hand moves, beside the kernel, which meanwhile hears where the hand has gone.
_drawer = ThreadPoolExecutor(max_workers=1)


class Invalid(ValueError):
    """Nonsense from a control; its message is shown as one line while the last good picture stays."""


class Lab:
    """A picture with controls, bound to ``data``.

    Args:
        title: the lab's name.
        tasks: what to try, in the imperative; shown above the controls.
        draw: ``draw(fig, data)`` lays the axes out once and returns the artists that move, by name.
        update: ``update(artists, data, **controls)`` sets the artists' data and returns the reading, one sentence
            with the numbers of the picture.
        data: what the lab shows: arrays, a model, a dict of models.
        controls: name to ``Slider``, ``Choice`` or ``Switch``.
        train: None, or ``train(data, *, report, stopped, **controls)``: trains, calls ``report(new_data)`` as it goes
            on, ends soon after ``stopped()`` turns true, and returns the new data.
        size: width and height of the picture in inches.

    Raises:
        Invalid: the controls' first values are nonsense.
    """

    def __init__(
        self,
        title: str,
        *,
        tasks: Sequence[str],
        draw: canvas.Draw,
        update: canvas.Update,
        data: Any,
        controls: Mapping[str, Control],
        train: Callable[..., Any] | None = None,
        size: tuple[float, float] = (9.0, 4.0),
    ) -> None:
        self.title, self.controls, self.data, self.size = title, dict(controls), data, size
        self.draw, self.update, self.train = draw, update, train
        self._first_data = data
        self._lock = threading.RLock()
        self._canvas = canvas.Canvas(draw, update, data, size=size)
        self._stop, self._run, self._last_report = threading.Event(), 0, 0.0
        self._training: threading.Thread | None = None
        self._runs = self._waits = self._quiet = self._moved = self._in_selftest = False
        self.message = ""

        self.widgets = {name: control.widget() for name, control in self.controls.items()}
        self.reset_button = _button("Reset", "back to the start", self.reset)
        self.train_button = _button("Train", "train with these settings", self.start_training)
        self.stop_button = _button("Stop", "stop the training", self.stop_training)
        self.stop_button.disabled = True
        self._message = widgets.HTML()
        self._reading = widgets.HTML()
        png, self.reading = self._canvas.picture(data, self.values())
        self.image = widgets.Image(value=png, format="png", layout=widgets.Layout(max_width="100%"))
        self._say_reading()
        self.widget = self._assemble(tasks)
        for widget in self.widgets.values():
            widget.observe(self._on_change, names="value")
        if self.train is not None:
            turns.watch_cells()
        if os.environ.get("LAB_SELFTEST") == "1":
            from tests.support import selftest

            selftest.run(self)

    def values(self) -> dict[str, Any]:
        """The controls' values, by name."""
        return {name: widget.value for name, widget in self.widgets.items()}

    def set(self, **values: Any) -> None:
        """Move controls from code, as a hand would: ``lab.set(noise=0.3)``."""
        unknown = set(values) - set(self.widgets)
        if unknown:
            raise KeyError(f"this lab has no control {sorted(unknown)}; it has {sorted(self.widgets)}.")
        with self._one_redraw():
            for name, value in values.items():
                self.widgets[name].value = value

    def render(self, **values: Any) -> Figure:
        """The picture on a fresh figure, for a page or a test; controls not named keep their value."""
        return canvas.render(self.draw, self.update, self.data, size=self.size, **(self.values() | values))

    def reset(self) -> None:
        """Bring back the first settings and the first data; a running training is stopped and forgotten."""
        self._stop.set()
        with self._lock:
            self._run += 1
            self.data = self._first_data
        self.set(**{name: control.value for name, control in self.controls.items()})

    def start_training(self, *, wait: bool = False) -> None:
        """Train with the present settings in the background, when no cell runs, or here when ``wait`` is true."""
        if self.train is None:
            raise TypeError(f"the lab {self.title!r} has nothing to train.")
        if not turns.begin(self._stop.set):
            self._say("A training is running already. Press Stop, or wait for it to end.")
            return
        self._stop.clear()
        self._run += 1
        self._waits = turns.cell_runs() and not wait
        task = threading.Thread(target=self._train, args=(self._run, self.values()), daemon=True)
        self._training = task
        try:
            self._set_running(True)
            if not wait:
                task.start()
        except Exception:  # no thread can be started, or the page has gone
            turns.end()
            self._set_running(False)
            raise
        if wait:
            task.run()

    def stop_training(self) -> None:
        """Ask the training to end; it answers after its present step."""
        if self._runs:
            self._stop.set()
            self._say_progress()

    def _train(self, run: int, values: Mapping[str, Any]) -> None:
        message = None
        try:
            if self._waits:
                turns.wait_for_cells(self._stop.is_set)
                self._waits = False
                if self._stop.is_set():
                    return
                self._say_progress()
            data = self.train(self.data, report=lambda new: self._show(run, new), stopped=self._stop.is_set, **values)
            self._show(run, data, last=True)
        except Invalid as problem:
            message = str(problem)
        except Exception as fault:
            message = _fault(fault)
            if self._in_selftest:
                raise
        finally:
            try:
                self._set_running(False)
                if message is not None:
                    self._say(message)
            finally:
                turns.end()  # last, so that a cell that has waited finds the lab at rest

    def _show(self, run: int, data: Any, *, last: bool = False) -> None:
        now = time.monotonic()
        with self._lock:
            if run != self._run:
                return  # the lab was reset since
            self.data = data
            if last or now - self._last_report >= REPORT_SECONDS:
                self._redraw()
                self._last_report = time.monotonic()

    def _on_change(self, _change: Any) -> None:
        if self._quiet:
            return
        if _in_message():
            self._moved = True
            _drawer.submit(self._catch_up)
        else:
            self._redraw()

    def _catch_up(self) -> None:
        """Draw where the controls are now; moves that came during a drawing are one move."""
        if self._moved:
            self._moved = False  # before the values are read: whoever moves later is drawn later
            self._redraw()

    def _redraw(self) -> None:
        with self._lock:
            try:
                png, self.reading = self._canvas.picture(self.data, self.values())
            except Invalid as problem:
                self._say(str(problem))
                return
            except Exception as fault:
                self._say(_fault(fault))
                if self._in_selftest:
                    raise
                return
            self.image.value = png
            self._say_reading()
            self._say_progress()

    @contextmanager
    def _one_redraw(self) -> Iterator[None]:
        """Several controls move, one picture is drawn."""
        self._quiet = True
        try:
            yield
        finally:
            self._quiet = False
            self._redraw()

    def _set_running(self, runs: bool) -> None:
        """Let either Train or Stop be pressed, and say what goes on; a message of another kind stays."""
        only_progress = self.message in ("", WAITING, TRAINING, STOPPING)
        self._runs = runs
        self.train_button.disabled, self.stop_button.disabled = runs, not runs
        if runs or only_progress:
            self._say_progress()

    def _say_progress(self) -> None:
        running = STOPPING if self._stop.is_set() else WAITING if self._waits else TRAINING
        self._say(running if self._runs else "")

    def _say(self, message: str) -> None:
        message = " ".join(message.split())
        self.message = message
        self._message.value = f'<span role="status">{html.escape(message)}</span>'

    def _say_reading(self) -> None:
        self._reading.value = f'<div style="font-size: 115%">{html.escape(self.reading)}</div>'

    def _assemble(self, tasks: Sequence[str]) -> widgets.Widget:
        items = "".join(f"<li>{html.escape(task)}</li>" for task in tasks)
        head = widgets.HTML(f"<b>Lab: {html.escape(self.title)}</b><ol style='margin: 0.2em 0'>{items}</ol>")
        training = [] if self.train is None else [self.train_button, self.stop_button]
        rows = widgets.Layout(flex_flow="row wrap")
        return widgets.VBox(
            [
                head,
                widgets.HBox(list(self.widgets.values()), layout=rows),
                widgets.HBox([*training, self.reset_button, self._message], layout=rows),
                self.image,
                self._reading,
            ]
        )

    def __repr__(self) -> str:
        settings = ", ".join(f"{name}={value}" for name, value in self.values().items())
        return f"Lab {self.title} ({settings}). {self.reading}"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict, dict]:
        view = {"version_major": 2, "version_minor": 0, "model_id": self.widget.model_id}
        bundle = {
            "application/vnd.jupyter.widget-view+json": view,
            "image/png": base64.b64encode(self.image.value).decode("ascii"),
            "text/plain": repr(self),
        }
        return bundle, {"image/png": {"alt": f"Lab {self.title}: {self.reading}"}}


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


def _in_message() -> bool:
    """Whether a message of a front end is being handled, rather than a cell or a script."""
    kernel = getattr(get_ipython(), "kernel", None)
    return kernel is not None and kernel.get_parent("shell").get("header", {}).get("msg_type") == "comm_msg"


def _fault(fault: Exception) -> str:
    return (
        f"This setting broke the lab, which is the lab's fault: {type(fault).__name__}: {fault}. Press Reset to go on."
    )


def _button(description: str, tooltip: str, action: Callable[[], None]) -> widgets.Button:
    button = widgets.Button(description=description, tooltip=tooltip, layout=widgets.Layout(width="90px"))
    button.on_click(lambda _button: action())
    return button
