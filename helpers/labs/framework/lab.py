"""What every lab shares: controls, one picture that is what they say, messages, reset, and a training."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure

from helpers.labs.framework import canvas, cells, saved, turns
from helpers.labs.framework.controls import Control
from helpers.labs.framework.redraws import Redraws
from helpers.labs.framework.training import STOPPING, TRAINING, WAITING, Training, stop_callback

if TYPE_CHECKING:
    import ipywidgets

    from helpers.labs.framework.view import View

__all__ = ["Invalid", "Lab", "stop_callback"]

#: What a lab says of a redraw that must not overlap a cell.
REDRAW_WAITS = "The picture follows when the running cell has ended."
BUSY = "A training is running already. Press Stop, or wait for it to end."
#: Messages that go when what they tell of is over.
PASSING = ("", WAITING, TRAINING, STOPPING, REDRAW_WAITS)


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
        acts: name of a button to ``act(data, **controls)``, which returns the new data at once, or raises `Invalid`.
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
        acts: Mapping[str, Callable[..., Any]] | None = None,
        size: tuple[float, float] = (9.0, 4.0),
    ) -> None:
        cells.adopt(self)
        self.title, self.tasks, self.controls, self.size = title, list(tasks), dict(controls), size
        self.draw, self.update, self.train, self.acts = draw, update, train, dict(acts or {})
        self._first_data, self._lock = data, threading.RLock()
        self._view: View | None = None
        self.is_closed = False
        self.message = ""
        #: What broke the last redraw or training, if anything did.
        self.fault: Exception | None = None
        heavy = [name for name, control in self.controls.items() if control.on_release]
        self.redraws = Redraws(
            canvas.Canvas(draw, update, data, size=size),
            data,
            self._first_values(),
            on_release=heavy,
            lock=self._lock,
            done=self._has_drawn,
            waits=lambda: self._say(REDRAW_WAITS),
            settled=self._show_picture,
        )
        self.training = Training(
            title, lock=self._lock, show=self._show, changed=self._show_progress, failed=self._has_failed
        )
        if train is not None or heavy:
            turns.watch_cells()

    # --- what the lab shows

    @property
    def data(self) -> Any:
        """What the lab shows now; None when it is closed."""
        return self.redraws.data

    @property
    def reading(self) -> str:
        """The sentence under the picture."""
        return self.redraws.reading

    @property
    def png(self) -> bytes:
        """The picture at rest."""
        self._must_be_open()
        return self.redraws.sharpen()

    def values(self) -> dict[str, Any]:
        """The controls' values, by name."""
        return dict(self.redraws.values)

    def render(self, **values: Any) -> Figure:
        """The picture on a fresh figure, for a page or a test; controls not named keep their value."""
        self._must_be_open()
        return canvas.render(self.draw, self.update, self.data, size=self.size, **(self.values() | values))

    def picture(self, **values: Any) -> tuple[bytes, str]:
        """A PNG and the reading for other settings, without moving the lab; controls not named keep their value."""
        self._must_be_open()
        settings = self.values() | self._checked(values)
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
        with self._lock:
            self.training.forget()
            self.redraws.data = self._first_data
        self._change(self._first_values())

    def start_training(self, *, wait: bool = False) -> None:
        """Train with the present settings in the background, when no cell runs, or here when ``wait`` is true.

        Raises:
            TypeError: the lab has nothing to train.
        """
        self._must_be_open()
        if self.train is None:
            raise TypeError(f"the lab {self.title!r} has nothing to train.")
        if not self.training.start(self.train, self.data, self.values(), wait=wait):
            self._say(BUSY)

    def stop_training(self) -> None:
        """Ask the training to end; it answers after its present step."""
        self.training.stop()

    def act(self, name: str) -> None:
        """Press one of the lab's own buttons: ``lab.act("Score")``.

        Raises:
            ValueError: no button of that name, or the lab is closed.
        """
        self._must_be_open()
        if name not in self.acts:
            raise ValueError(f"the lab {self.title!r} has no button {name!r}; it has {sorted(self.acts)}.")
        with self._lock:
            try:
                self._show(self.acts[name](self.data, **self.values()), draw=True, last=True)
            except Exception as problem:
                self._has_failed(problem)

    def close(self) -> None:
        """Stop the training, close the widgets, and let go of the data and of all that holds it."""
        with self._lock:
            if self.is_closed:
                return
            self.training.forget()
            self.redraws.close()
            self.is_closed, self.message = True, "closed: its cell has been run again."
            view, self._view = self._view, None
            self._first_data = self.train = self.fault = self.training.thread = None
            self.acts = {}
            del self.draw, self.update
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
                    acts={name: functools.partial(self.act, name) for name in self.acts},
                )
                view.show_values(self.values())
                view.show_picture(self.png, self.reading)
                view.show_message(self.message)
                view.show_running(self.training.runs)
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
        settings = ", ".join(f"{name}={value}" for name, value in self.values().items())
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

    # --- moves, reports and messages

    def _first_values(self) -> dict[str, Any]:
        return {name: control.checked(control.value) for name, control in self.controls.items()}

    def _checked(self, values: Mapping[str, Any]) -> dict[str, Any]:
        if unknown := sorted(set(values) - set(self.controls)):
            raise TypeError(f"this lab has no control {unknown}; it has {sorted(self.controls)}.")
        return {name: self.controls[name].checked(value) for name, value in values.items()}

    def _moved_by_hand(self, name: str, value: Any) -> None:
        if value != self.redraws.values[name]:  # else the lab itself has moved the widget
            self.redraws.note({name: value})
            self.redraws.follow(at_rest=True)

    def _change(self, values: Mapping[str, Any]) -> None:
        self.redraws.note(values)
        if self._view is not None:
            self._view.show_values(values)
        self.redraws.follow(at_rest=self._view is not None)  # without a view the picture is sharpened when asked for

    def _show(self, data: Any, *, draw: bool, last: bool) -> None:
        """Take over what a training reports."""
        self.redraws.data = data
        if draw:
            self.redraws.draw(self.redraws.values, at_rest=last and self._view is not None)

    def _has_drawn(self, problem: Exception | None) -> None:
        if problem is not None:
            self._has_failed(problem)
            return
        self.fault = None
        self._say(self.training.progress)
        self._show_picture()

    def _show_picture(self) -> None:
        if (view := self._view) is not None:
            view.show_picture(self.redraws.png, self.reading)
            self.redraws.settle_soon()

    def _has_failed(self, problem: Exception) -> None:
        if isinstance(problem, Invalid):
            self._say(str(problem))
            return
        self.fault = None if self.is_closed else problem
        self._say(
            "This setting broke the lab, which is the lab's fault: "
            f"{type(problem).__name__}: {problem}. Press Reset to go on."
        )

    def _show_progress(self) -> None:
        """Let either Train or Stop be pressed, and say what goes on; a message of another kind stays at the end."""
        if (view := self._view) is not None:
            view.show_running(self.training.runs)
        if self.training.runs or self.message in PASSING:
            self._say(self.training.progress)

    def _say(self, message: str) -> None:
        if self.is_closed:
            return
        self.message = " ".join(message.split())
        if (view := self._view) is not None:
            view.show_message(self.message)

    def _must_be_open(self) -> None:
        if self.is_closed:
            raise ValueError(f"the lab {self.title!r} is closed, since its cell has been run again; run that cell.")
