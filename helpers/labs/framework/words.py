"""A control of words: a sentence to type, whose words are buttons that can be moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import ipywidgets as widgets
import traitlets

from helpers.labs.framework.controls import TYPED, Control, WellFormedText, well_formed
from helpers.review_grammar import words

#: Words that become buttons, and characters on one.
MOST_WORDS, LONGEST = 16, 16


@dataclass(frozen=True)
class Words(Control):
    """A sentence as words to move; the value is a str, and whatever is typed reaches ``update`` as it is.

    ``examples`` are the sentences that the button "another" goes through.
    """

    examples: Sequence[str] = field(default=(), kw_only=True)

    def values(self) -> list[Any]:
        return [*TYPED, *self.examples, self.value]

    def widget(self) -> widgets.Widget:
        return WordRow(self.value, self.description, self.examples)


class WordRow(widgets.VBox):
    """A field, a button for each word, and buttons that move the chosen one."""

    value = traitlets.Unicode()

    def __init__(self, value: str, description: str, examples: Sequence[str]) -> None:
        self._examples, self._chosen, self._own = [*examples], 0, False
        self._field = WellFormedText(
            description=description,
            continuous_update=False,
            placeholder="type a sentence, then press Enter",
            style={"description_width": "initial"},
            layout=widgets.Layout(width="640px"),
        )
        self._row = widgets.HBox(layout=widgets.Layout(flex_flow="row wrap"))
        moves = widgets.HBox(
            [
                _button("← move", "the chosen word one place to the left", lambda: self.move(-1)),
                _button("move →", "the chosen word one place to the right", lambda: self.move(1)),
                _button("another", "the next example", self.another),
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
        for number, button in enumerate(self._row.children):
            button.button_style = "primary" if number == place else ""

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
        if not self._own:
            self.value = change["new"]

    def _show(self, _change: Any) -> None:
        self._own = True
        try:
            self._field.value = self.value
        finally:
            self._own = False
        order = words(self.value)[:MOST_WORDS]
        self._chosen = min(self._chosen, max(0, len(order) - 1))
        self._row.children = [
            _button(_cut(word), "choose this word", lambda place=place: self.choose(place), width="auto")
            for place, word in enumerate(order)
        ]
        self.choose(self._chosen)


def _cut(word: str) -> str:
    return word if len(word) <= LONGEST else f"{word[: LONGEST - 1]}…"


def _button(description: str, tooltip: str, action: Any, width: str = "90px") -> widgets.Button:
    button = widgets.Button(description=description, tooltip=tooltip, layout=widgets.Layout(width=width))
    button.on_click(lambda _button: action())
    return button
