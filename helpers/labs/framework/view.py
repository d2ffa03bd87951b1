"""A lab on the page: its widgets."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ipywidgets
import traitlets

from helpers.labs.framework import saved, widgets
from helpers.labs.framework.controls import Control


class Picture(ipywidgets.Image):
    """The picture. On ipywidgets 8 its text becomes the image's title, which screen readers read in place of an alt.

    The page's part of ipywidgets 8 sets the title only of widgets that have a description, and an empty one.
    """

    description = traitlets.Unicode("").tag(sync=True)

    def __init__(self, width: int) -> None:
        super().__init__(format="png", width=str(width), layout=ipywidgets.Layout(max_width="100%"))

    def show(self, png: bytes, text: str) -> None:
        """Show another picture, and what is to be read of it."""
        self.value = png
        if self.has_trait("tooltip"):  # ipywidgets 8
            self.tooltip = text


class View:
    """The widgets of one lab, and what its buttons call.

    Args:
        title: the lab's name.
        tasks: what to try.
        controls: by name.
        width: of the picture in CSS pixels.
        moved: called as ``moved(name, value)`` when a hand has moved a control.
        reset: called by the button Reset.
        train: called by the button Train; None for a lab without one.
        stop: called by the button Stop.
        acts: name of a button of the lab's own to what it calls.
    """

    def __init__(
        self,
        title: str,
        tasks: Sequence[str],
        controls: Mapping[str, Control],
        *,
        width: int,
        moved: Callable[[str, Any], None],
        reset: Callable[[], None],
        train: Callable[[], None] | None,
        stop: Callable[[], None],
        acts: Mapping[str, Callable[[], None]],
    ) -> None:
        self._title = title
        self.widgets = {name: control.widget() for name, control in controls.items()}
        self.reset_button = widgets.button("Reset", "back to the start", reset)
        self.train_button = self.stop_button = None
        if train is not None:
            self.train_button = widgets.button("Train", "train with these settings", train)
            self.stop_button = widgets.button("Stop", "stop the training", stop)
        self.act_buttons = {name: widgets.button(name, "", act) for name, act in acts.items()}
        self.image = Picture(width)
        self._message, self._reading = ipywidgets.HTML(), ipywidgets.HTML()
        rows = {"flex_flow": "row wrap"}
        buttons = [*([] if train is None else [self.train_button, self.stop_button]), *self.act_buttons.values()]
        self.widget = ipywidgets.VBox(
            [
                ipywidgets.HTML(saved.head(title, tasks)),
                ipywidgets.HBox(list(self.widgets.values()), layout=rows),
                ipywidgets.HBox([*buttons, self.reset_button, self._message], layout=rows),
                self.image,
                self._reading,
            ]
        )
        for name, widget in self.widgets.items():
            widget.observe(lambda change, name=name: moved(name, change["new"]), names="value")

    def show_values(self, values: Mapping[str, Any]) -> None:
        """Put the controls where ``values`` say."""
        for name, value in values.items():
            self.widgets[name].value = value

    def show_picture(self, png: bytes, reading: str) -> None:
        """Show the picture and the sentence under it, which is also the picture's accessible name."""
        self.image.show(png, f"Lab {self._title}: {reading}")
        self._reading.value = f'<div aria-live="polite" style="font-size: 115%">{html.escape(reading)}</div>'

    def show_message(self, message: str) -> None:
        """Show one line beside the buttons."""
        self._message.value = f'<span role="status">{html.escape(message)}</span>'

    def show_running(self, runs: bool) -> None:
        """Let either Train or Stop be pressed."""
        if self.train_button is not None and self.stop_button is not None:
            self.train_button.disabled, self.stop_button.disabled = runs, not runs

    def close(self) -> None:
        """Close every widget, on the page and in the kernel."""
        widgets.close_all(self.widget)
