"""The ipywidgets of a lab's controls: the same on ipywidgets 7.7 and 8, each within reach of the keyboard."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import singledispatch
from typing import Any

import ipywidgets as widgets
import traitlets

from helpers.labs.framework.controls import Choice, Control, Slider, Switch, Text, well_formed
from helpers.labs.framework.words import LONGEST, MOST_WORDS, Words
from helpers.review_grammar import words

#: A choice of more options than this is a slider.
MOST_BUTTONS = 6


@singledispatch
def make(control: Control) -> widgets.Widget:
    """The widget of a control.

    Raises:
        TypeError: a kind of control that has no widget.
    """
    raise TypeError(f"got {control!r}; expected a Slider, Choice, Switch, Text or Words.")


@make.register
def _(control: Slider) -> widgets.Widget:
    kind = widgets.IntSlider if control.is_whole else widgets.FloatSlider
    return kind(
        value=control.value,
        min=control.minimum,
        max=control.maximum,
        step=control.step,
        readout_format=control.shown_as or ("d" if control.is_whole else ".2f"),
        orientation="vertical" if control.upright else "horizontal",
        **_looks(control, _upright_layout() if control.upright else _slider_layout(control.description)),
    )


@make.register
def _(control: Choice) -> widgets.Widget:
    """Few options are buttons, many are the steps of a slider; in a drop-down list JupyterLab takes the arrow keys."""
    if len(control.options) > MOST_BUTTONS:
        longest = max(len(label) for label, _ in control.pairs)
        looks = _looks(control, _slider_layout(control.description, longest))
        return widgets.SelectionSlider(options=control.pairs, value=control.value, **looks)
    looks = _looks(control, _layout("max-content"))
    del looks["continuous_update"]
    looks["style"] |= {"button_width": "auto"}
    return widgets.ToggleButtons(options=control.pairs, value=control.value, **looks)


@make.register
def _(control: Switch) -> widgets.Widget:
    looks = _looks(control, _layout("300px"))
    del looks["continuous_update"]
    return widgets.Checkbox(value=control.value, indent=False, **looks)


@make.register
def _(control: Text) -> widgets.Widget:
    looks = _looks(control, _layout("640px"))
    return WellFormedText(value=control.value, placeholder=control.placeholder, **looks)


@make.register
def _(control: Words) -> widgets.Widget:
    return WordRow(control.value, control.description, control.examples)


class WellFormedText(widgets.Text):
    """A text field whose value can always be sent to a page."""

    @traitlets.validate("value")
    def _well_formed(self, proposal: Any) -> str:
        return well_formed(proposal["value"])


class WordRow(widgets.VBox):
    """A field, a button for each word, and buttons that move the chosen word."""

    value = traitlets.Unicode()

    def __init__(self, value: str, description: str, examples: Sequence[str]) -> None:
        self._examples, self._chosen, self._sets_field = [*examples], 0, False
        self._field = WellFormedText(
            description=description,
            continuous_update=False,
            placeholder="type a sentence, then press Enter",
            style={"description_width": "initial"},
            layout=widgets.Layout(width="640px"),
        )
        self._buttons: list[widgets.Button] = []
        self._row = widgets.HBox(layout=widgets.Layout(flex_flow="row wrap"))
        moves = widgets.HBox(
            [
                button("← move", "the chosen word one place to the left", lambda: self.move(-1)),
                button("move →", "the chosen word one place to the right", lambda: self.move(1)),
                button("another", "the next example", self.another),
            ]
        )
        super().__init__([self._field, self._row, moves], layout=widgets.Layout(width="100%"))
        self.observe(self._show, names="value")
        self._field.observe(self._typed, names="value")
        self.value = value

    @traitlets.validate("value")
    def _well_formed(self, proposal: Any) -> str:
        return well_formed(proposal["value"])

    def choose(self, place: int) -> None:
        """Choose the word that the moves are for."""
        self._chosen = place
        for number, word in enumerate(self._row.children):
            word.button_style = "primary" if number == place else ""

    def move(self, by: int) -> None:
        """Let the chosen word and its neighbour change places; at an end nothing happens."""
        order, here = words(self.value), self._chosen
        there = here + by
        if 0 <= here < len(order) and 0 <= there < min(len(order), MOST_WORDS):
            order[here], order[there] = order[there], order[here]
            self._chosen = there
            self.value = " ".join(order)

    def another(self) -> None:
        """Go to the next example."""
        if self._examples:
            here = self._examples.index(self.value) if self.value in self._examples else -1
            self._chosen = 0
            self.value = self._examples[(here + 1) % len(self._examples)]

    def _typed(self, change: Any) -> None:
        if not self._sets_field:
            self.value = change["new"]

    def _show(self, _change: Any) -> None:
        self._sets_field = True
        try:
            self._field.value = self.value
        finally:
            self._sets_field = False
        order = words(self.value)[:MOST_WORDS]
        self._chosen = min(self._chosen, max(0, len(order) - 1))
        for place in range(len(self._buttons), len(order)):  # made once and used again: widgets are never collected
            action = lambda place=place: self.choose(place)  # noqa: E731
            self._buttons.append(button("", "choose this word", action, width="auto"))
        for word, on_it in zip(order, self._buttons, strict=False):
            on_it.description = _cut(word)
        self._row.children = self._buttons[: len(order)]
        self.choose(self._chosen)

    def close(self) -> None:
        """Close the row, and the buttons that it does not show at present."""
        for unused in self._buttons:
            close_all(unused)
        super().close()


def button(description: str, tooltip: str, action: Callable[[], None], *, width: str = "90px") -> widgets.Button:
    """A button that calls ``action()``."""
    made = widgets.Button(description=description, tooltip=tooltip, layout=widgets.Layout(width=width))
    made.on_click(lambda _button: action())
    return made


def close_all(widget: widgets.Widget) -> None:
    """Close a widget and all inside it, layouts and styles too: ipywidgets keeps every widget that is not closed."""
    for inner in _inside(widget):
        close_all(inner)
    widget.unobserve_all()
    widget.close()


def _inside(widget: widgets.Widget) -> Iterator[widgets.Widget]:
    for name in widget.keys:
        value = getattr(widget, name, None)
        yield from (one for one in (value if isinstance(value, tuple) else [value]) if isinstance(one, widgets.Widget))


def _cut(word: str) -> str:
    return word if len(word) <= LONGEST else f"{word[: LONGEST - 1]}…"


def _layout(width: str) -> widgets.Layout:
    """A control's width and margins; on the left there is room for a letter that reaches out of its box."""
    return widgets.Layout(width=width, margin="2px 12px 2px 4px")


def _slider_layout(description: str, longest: int = 0) -> widgets.Layout:
    """Room for the description, a track of some 120 pixels, and the longest of the values beside it."""
    return _layout(f"{300 + 7 * max(0, len(description) - 13) + 9 * max(0, longest - 6)}px")


def _upright_layout() -> widgets.Layout:
    """Room for a track of some 120 pixels between the description and the value."""
    return widgets.Layout(width="62px", height="190px", margin="2px 4px")


def _looks(control: Control, layout: widgets.Layout) -> dict[str, Any]:
    return {
        "description": control.description,
        "continuous_update": not control.on_release,
        "style": {"description_width": "initial"},
        "layout": layout,
    }
