"""The controls of a lab: the same on ipywidgets 7.7 and 8, each within reach of the keyboard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import ipywidgets as widgets
import traitlets

#: A choice of more options than this is a slider.
MOST_BUTTONS = 6


@dataclass(frozen=True)
class Control:
    """What all controls have.

    ``on_release`` delays the redraw until the hand lets go (for what runs a model). ``when`` names settings of other
    controls under which this one changes the picture; the self-test uses them.
    """

    description: str
    value: Any
    on_release: bool = field(default=False, kw_only=True)
    when: Mapping[str, Any] = field(default_factory=dict, kw_only=True)

    def __post_init__(self) -> None:
        if not self.description.strip():
            raise ValueError("a control has an empty description; say what it sets.")

    def values(self) -> list[Any]:
        """The values that the self-test visits one by one."""
        raise NotImplementedError

    def widget(self) -> widgets.Widget:
        """The ipywidget, the same on ipywidgets 7.7 and 8."""
        raise NotImplementedError


@dataclass(frozen=True)
class Slider(Control):
    """A slider from ``minimum`` to ``maximum``; whole numbers when all of it is whole.

    Raises:
        ValueError: the range is empty, or the value lies outside of it, where the widget would move it silently.
    """

    minimum: float = field(kw_only=True)
    maximum: float = field(kw_only=True)
    step: float = field(default=1, kw_only=True)
    shown_as: str | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not (self.minimum <= self.value <= self.maximum and self.minimum < self.maximum and self.step > 0):
            raise ValueError(
                f"the slider {self.description!r} starts at {self.value} and goes from {self.minimum} to "
                f"{self.maximum} by {self.step}; expected a start within a range, and a positive step."
            )

    def values(self) -> list[Any]:
        return [self.minimum, self.value, self.maximum]

    def widget(self) -> widgets.Widget:
        whole = all(isinstance(number, int) for number in (self.minimum, self.maximum, self.step, self.value))
        make = widgets.IntSlider if whole else widgets.FloatSlider
        return make(
            value=self.value,
            min=self.minimum,
            max=self.maximum,
            step=self.step,
            readout_format=self.shown_as or ("d" if whole else ".2f"),
            **_looks(self) | {"layout": _slider_layout(self.description)},
        )


@dataclass(frozen=True)
class Choice(Control):
    """One of several options; ``options`` are labels or (label, value) pairs.

    Few options are buttons, many are the steps of a slider. Not a drop-down list: JupyterLab takes its arrow keys away.
    """

    options: Sequence[Any] = field(kw_only=True)

    def values(self) -> list[Any]:
        return [value for _, value in self._pairs()]

    def widget(self) -> widgets.Widget:
        if len(self.options) > MOST_BUTTONS:
            longest = max(len(label) for label, _ in self._pairs())
            looks = _looks(self) | {"layout": _slider_layout(self.description, longest)}
            return widgets.SelectionSlider(options=self._pairs(), value=self.value, **looks)
        looks = _looks(self)
        looks.pop("continuous_update")
        looks["style"] |= {"button_width": "auto"}
        looks["layout"].width = "max-content"
        return widgets.ToggleButtons(options=self._pairs(), value=self.value, **looks)

    def _pairs(self) -> list[tuple[str, Any]]:
        """All options as (label, value): ipywidgets takes a mixed list for labels alone."""
        return [option if isinstance(option, tuple) else (str(option), option) for option in self.options]


@dataclass(frozen=True)
class Switch(Control):
    """On or off."""

    def values(self) -> list[Any]:
        return [False, True]

    def widget(self) -> widgets.Widget:
        looks = _looks(self)
        looks.pop("continuous_update")
        return widgets.Checkbox(value=self.value, indent=False, **looks)


#: What people type, paste and find in files; the self-test gives it to every field in which one can write.
TYPED = (
    "",
    "국민이여 법률대로",
    "가" * 10_000,
    "👩‍👩‍👧 😀 \ud83d",
    "한국 漢字 Ελλάδα हिन्दी \u202eעברית \u0645\u0631",
    "\u1112\u1161\u11ab\u1100\u116e\u11a8",
    "<script>alert('x')</script> <b>&amp; $x^2$ \\frac{",
    "a\nb\r\tc\0d\u2581e",
)


def well_formed(text: str) -> str:
    """``text`` with U+FFFD for each half of a surrogate pair (an emoji cut in two): no message to a page holds one."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class WellFormedText(widgets.Text):
    """A text field whose value can always be sent to a page."""

    @traitlets.validate("value")
    def _well_formed(self, proposal: Any) -> str:
        return well_formed(proposal["value"])


@dataclass(frozen=True)
class Text(Control):
    """A field to write in; whatever is typed reaches ``update`` as it is, as a str.

    Only half of a surrogate pair becomes U+FFFD, see `well_formed`.
    ``update`` shows it as text: a figure's texts need ``parse_math=False``, and the reading is escaped by the lab.
    """

    placeholder: str = field(default="", kw_only=True)

    def values(self) -> list[Any]:
        return [*TYPED, self.value]

    def widget(self) -> widgets.Widget:
        looks = _looks(self) | {"layout": _layout("640px")}
        return WellFormedText(value=self.value, placeholder=self.placeholder, **looks)


def _layout(width: str) -> widgets.Layout:
    return widgets.Layout(width=width, margin="2px 16px 2px 0")


def _slider_layout(description: str, longest: int = 0) -> widgets.Layout:
    """Room for the description, a track of some 120 pixels, and the longest of the values beside it."""
    return _layout(f"{300 + 7 * max(0, len(description) - 13) + 9 * max(0, longest - 6)}px")


def _looks(control: Control) -> dict[str, Any]:
    return {
        "description": control.description,
        "continuous_update": not control.on_release,
        "style": {"description_width": "initial"},
        "layout": _layout("300px"),
    }
