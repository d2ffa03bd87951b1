"""What every lab shares: one flicker-free picture, messages, reset, training in the background."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure

from helpers.labs.framework import canvas, cells, saved, turns
from helpers.labs.framework.controls import Control

if TYPE_CHECKING:
    import ipywidgets

    from helpers.labs.framework.view import View

#: A training reports at most this often, so that drawing never slows it down.
REPORT_SECONDS = 0.15
#: A picture that was not redrawn for so long is drawn once more, with `AT_REST` pixels to a CSS pixel.
SETTLE_SECONDS = 0.3
AT_REST = canvas.SHARP

#: What a lab says before it trains, while it does, and after Stop; and of a redraw that must not overlap a cell.
WAITING, TRAINING, STOPPING = "Training begins when the running cell has ended.", "Training …", "Stopping …"
REDRAW_WAITS = "The picture follows when the running cell has ended."

#: Worker threads for redraws, so that the kernel keeps receiving slider messages; the second one draws what runs a
#: model or builds layers, and waits until no cell runs.
_drawer, _patient_drawer = ThreadPoolExecutor(max_workers=1), ThreadPoolExecutor(max_workers=1)


class Invalid(ValueError):
    """Nonsense from a control; its message is shown as one line while the last good picture stays."""


class Lab:
    """A picture with controls, bound to ``data``.

    Its widgets are made when they are first asked for; all else works where no ipywidgets exists. A lab whose cell is
    run again is closed.

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
        cells.adopt(self)
        self.title, self.tasks, self.controls, self.size = title, list(tasks), dict(controls), size
        self.draw, self.update, self.train = draw, update, train
        self.data = self._first_data = data
        self._values = {name: control.checked(control.value) for name, control in self.controls.items()}
        self._lock = threading.RLock()
        self._canvas = canvas.Canvas(draw, update, data, size=size)
        self._stop, self._run, self._last_report = threading.Event(), 0, 0.0
        self._training: threading.Thread | None = None
        self._runs = self._waits = False
        #: Whether there are moves that are not drawn yet, and one among them that waits until no cell runs.
        self._moved = self._must_wait = False
        self._moving = threading.Lock()
        self._view: View | None = None
        self._settling: threading.Timer | None = None
        self._drawn_at = 0.0
        self.is_closed = False
        self.message = ""
        #: What broke the last redraw or training, if anything did.
        self.fault: Exception | None = None
        self.reading = self._canvas.update(data, self._values)
        self._png, self._scale, self._is_whole = self._canvas.png(), 1, True
        if train is not None or any(control.on_release for control in self.controls.values()):
            turns.watch_cells()

    # --- what the lab shows

    def values(self) -> dict[str, Any]:
        """The controls' values, by name."""
        return dict(self._values)

    @property
    def png(self) -> bytes:
        """The picture at rest."""
        self._must_be_open()
        with self._lock:
            if self._scale != AT_REST and self._is_whole:
                self._png, self._scale = self._canvas.png(AT_REST), AT_REST
            return self._png

    def render(self, **values: Any) -> Figure:
        """The picture on a fresh figure, for a page or a test; controls not named keep their value."""
        self._must_be_open()
        return canvas.render(self.draw, self.update, self.data, size=self.size, **(self._values | values))

    def picture(self, **values: Any) -> tuple[bytes, str]:
        """A PNG and the reading for other settings, without moving the lab; controls not named keep their value."""
        self._must_be_open()
        settings = self._values | self._checked(values)
        return canvas.picture(self.draw, self.update, self.data, settings, size=self.size)

    # --- what a hand or a cell does

    def set(self, **values: Any) -> None:
        """Move controls from code, as a hand would: ``lab.set(noise=0.3)``.

        Raises:
            TypeError: an unknown control, or a value of the wrong type; nothing is moved.
            ValueError: a value outside of its range or options, or the lab is closed; nothing is moved.
        """
        self._must_be_open()
        self._change(self._checked(values))

    def reset(self) -> None:
        """Bring back the first settings and the first data; a running training is stopped and forgotten."""
        self._must_be_open()
        self._stop.set()
        with self._lock:
            self._run += 1
            self.data = self._first_data
        self._change({name: control.checked(control.value) for name, control in self.controls.items()})

    def start_training(self, *, wait: bool = False) -> None:
        """Train with the present settings in the background, when no cell runs, or here when ``wait`` is true."""
        self._must_be_open()
        if self.train is None:
            raise TypeError(f"the lab {self.title!r} has nothing to train.")
        if not turns.begin(self.title, self._stop.set):
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

    def close(self) -> None:
        """Stop the training, close the widgets, and let go of the data and of all that holds it."""
        self._stop.set()
        with self._lock:
            if self.is_closed:
                return
            self.is_closed = True
            self._run += 1
            view, self._view = self._view, None
            self.data = self._first_data = self.draw = self.update = self.train = self._canvas = None
            self._training = self.fault = None
            self.message, self._png = "closed: its cell has been run again.", b""
            if self._settling is not None:
                self._settling.cancel()
        if view is not None:
            view.close()

    # --- widgets

    @property
    def view(self) -> View:
        """The lab's widgets, made at first use."""
        self._must_be_open()
        with self._lock:
            if self._view is None:
                from helpers.labs.framework.view import View

                view = View(
                    self.title,
                    self.tasks,
                    self.controls,
                    width=round(self.size[0] * canvas.DPI),
                    moved=self._moved_by_hand,
                    reset=self.reset,
                    train=self.start_training if self.train else None,
                    stop=self.stop_training,
                )
                view.show_values(self._values)
                view.show_picture(self.png, self.reading)
                view.show_message(self.message)
                view.show_running(self._runs)
                self._view = view
            return self._view

    @property
    def widget(self) -> ipywidgets.Widget:
        """The whole lab as one widget."""
        return self.view.widget

    @property
    def widgets(self) -> dict[str, ipywidgets.Widget]:
        """The widget of each control, by name."""
        return self.view.widgets

    @property
    def image(self) -> ipywidgets.Image:
        """The widget of the picture."""
        return self.view.image

    def __repr__(self) -> str:
        if self.is_closed:
            return f"Lab {self.title}, {self.message}"
        settings = ", ".join(f"{name}={value}" for name, value in self._values.items())
        return f"Lab {self.title} ({settings}). {self.reading}"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        if self.is_closed:
            return {"text/plain": repr(self)}
        return {
            "application/vnd.jupyter.widget-view+json": {
                "version_major": 2,
                "version_minor": 0,
                "model_id": self.widget.model_id,
            },
            "text/html": saved.page(
                self.title, self.tasks, self.png, self.reading, width=round(self.size[0] * canvas.DPI)
            ),
            "text/plain": repr(self),
        }

    # --- moves and redraws

    def _checked(self, values: Mapping[str, Any]) -> dict[str, Any]:
        if unknown := sorted(set(values) - set(self.controls)):
            raise TypeError(f"this lab has no control {unknown}; it has {sorted(self.controls)}.")
        return {name: self.controls[name].checked(value) for name, value in values.items()}

    def _moved_by_hand(self, name: str, value: Any) -> None:
        if value != self._values[name]:  # else the lab itself has moved the widget
            self._note({name: value})
            self._follow()

    def _change(self, values: Mapping[str, Any]) -> None:
        self._note(values)
        if self._view is not None:
            self._view.show_values(values)
        self._follow()

    def _note(self, values: Mapping[str, Any]) -> None:
        waits = any(self.controls[name].on_release and value != self._values[name] for name, value in values.items())
        with self._moving:
            self._values = {**self._values, **values}
            self._moved, self._must_wait = True, self._must_wait or waits

    def _follow(self) -> None:
        """Draw the moves: at once for a cell, in another thread for a hand."""
        if not cells.in_message():
            self._draw_moves(at_rest=self._view is not None, even_heavy=True)
        elif self._must_wait:
            if turns.cell_runs():
                self._say(REDRAW_WAITS)
            _patient_drawer.submit(self._draw_between_cells)
        else:
            _drawer.submit(self._draw_moves)

    def _draw_between_cells(self) -> None:
        if self._moved and not self.is_closed:
            with turns.between_cells(lambda: self.is_closed):
                self._draw_moves(even_heavy=True)

    def _draw_moves(self, *, at_rest: bool = False, even_heavy: bool = False) -> None:
        """Draw where the controls are now; moves that came during a drawing are one move."""
        with self._moving:
            if not self._moved or (self._must_wait and not even_heavy):
                return
            self._moved = self._must_wait = False
            values = self._values
        self._redraw(values, at_rest=at_rest)

    def _redraw(self, values: Mapping[str, Any], *, at_rest: bool) -> None:
        """Draw, or say why not; what is not drawn for a picture at rest is drawn so soon after."""
        with self._lock:
            if self.is_closed:
                return
            self._is_whole = False  # refused settings may have moved half of the artists
            try:
                reading = self._canvas.update(self.data, values)
                scale = AT_REST if at_rest else 1
                self._png, self._scale, self.reading = self._canvas.png(scale), scale, reading
            except Invalid as problem:
                self._say(str(problem))
                return
            except Exception as fault:
                self._break(fault)
                return
            self.fault, self._drawn_at, self._is_whole = None, time.monotonic(), True
            self._say_progress()
            self._show_picture()

    def _show_picture(self) -> None:
        if self._view is None:
            return
        self._view.show_picture(self._png, self.reading)
        if self._scale != AT_REST and self._settling is None:
            self._settle_in(SETTLE_SECONDS)

    def _settle_in(self, seconds: float) -> None:
        self._settling = threading.Timer(seconds, self._settle)
        self._settling.daemon = True
        self._settling.start()

    def _settle(self) -> None:
        """Sharpen the picture if nothing has moved since; else look again later."""
        with self._lock:
            self._settling = None
            if self.is_closed or self._view is None or self._scale == AT_REST or not self._is_whole:
                return
            left = self._drawn_at + SETTLE_SECONDS - time.monotonic()
            if left > 0 or self._moved:
                self._settle_in(max(left, turns.PAUSE))
            else:
                self._view.show_picture(self.png, self.reading)

    # --- training

    def _train(self, run: int, values: Mapping[str, Any]) -> None:
        message, fault = None, None
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
        except Exception as problem:
            fault = problem
        finally:
            try:
                self._set_running(False)
                if fault is not None:
                    self._break(fault)
                elif message is not None:
                    self._say(message)
            finally:
                turns.end()  # last, so that a cell that has waited finds the lab at rest

    def _show(self, run: int, data: Any, *, last: bool = False) -> None:
        now = time.monotonic()
        with self._lock:
            if run != self._run:
                return  # the lab was reset or closed since
            self.data = data
            if last or now - self._last_report >= REPORT_SECONDS:
                self._redraw(self._values, at_rest=last and self._view is not None)
                self._last_report = time.monotonic()

    def _set_running(self, runs: bool) -> None:
        """Let either Train or Stop be pressed, and say what goes on; a message of another kind stays."""
        only_progress = self.message in ("", WAITING, TRAINING, STOPPING)
        self._runs = runs
        if (view := self._view) is not None:
            view.show_running(runs)
        if runs or only_progress:
            self._say_progress()

    # --- messages

    def _break(self, fault: Exception) -> None:
        self.fault = fault
        self._say(
            "This setting broke the lab, which is the lab's fault: "
            f"{type(fault).__name__}: {fault}. Press Reset to go on."
        )

    def _say_progress(self) -> None:
        running = STOPPING if self._stop.is_set() else WAITING if self._waits else TRAINING
        self._say(running if self._runs else "")

    def _say(self, message: str) -> None:
        if self.is_closed:
            return
        self.message = " ".join(message.split())
        if (view := self._view) is not None:
            view.show_message(self.message)

    def _must_be_open(self) -> None:
        if self.is_closed:
            raise ValueError(f"the lab {self.title!r} is closed, since its cell has been run again; run that cell.")


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
