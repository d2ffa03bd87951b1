"""The controls of a lab: what can be set and to what. `widgets` makes the ipywidgets for them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from helpers.text import well_formed as well_formed

if TYPE_CHECKING:
    import ipywidgets


@dataclass(frozen=True)
class Control:
    """What all controls have.

    Args:
        description: what stands beside the control.
        value: where it starts.
        on_release: redraw only when the hand lets go, and never while a cell runs: for controls that run a model or
            build layers.
        when: settings of other controls under which this one changes the picture; for tests.

    Raises:
        ValueError: the description is empty.
    """

    description: str
    value: Any
    on_release: bool = field(default=False, kw_only=True)
    when: Mapping[str, Any] = field(default_factory=dict, kw_only=True)

    def __post_init__(self) -> None:
        if not self.description.strip():
            raise ValueError("a control has an empty description; say what it sets.")

    def checked(self, value: Any) -> Any:
        """``value`` as the lab's ``update`` gets it.

        Raises:
            TypeError: a value of another type.
            ValueError: a value outside of the control's range or options.
        """
        return value

    def widget(self) -> ipywidgets.Widget:
        """The ipywidget of this control, the same on ipywidgets 7.7 and 8."""
        from helpers.labs.framework import widgets

        return widgets.make(self)


@dataclass(frozen=True)
class Slider(Control):
    """A slider from ``minimum`` to ``maximum``; whole numbers when all of it is whole.

    Args:
        minimum: its lowest value.
        maximum: its highest value.
        step: from one value to the next.
        shown_as: the format of the number beside it.
        upright: it stands, low values at the bottom: for heights in the picture.

    Raises:
        ValueError: the range is empty, or the value lies outside of it.

    >>> Slider("n", 3, minimum=0, maximum=9).checked(99)
    Traceback (most recent call last):
    ValueError: n: got 99, expected a whole number from 0 to 9.
    """

    minimum: float = field(kw_only=True)
    maximum: float = field(kw_only=True)
    step: float = field(default=1, kw_only=True)
    shown_as: str | None = field(default=None, kw_only=True)
    upright: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not (self.minimum <= self.value <= self.maximum and self.minimum < self.maximum and self.step > 0):
            raise ValueError(
                f"the slider {self.description!r} starts at {self.value} and goes from {self.minimum} to "
                f"{self.maximum} by {self.step}; expected a start within a range, and a positive step."
            )

    @property
    def is_whole(self) -> bool:
        """Whether the slider gives whole numbers."""
        return all(isinstance(number, Integral) for number in (self.minimum, self.maximum, self.step, self.value))

    def checked(self, value: Any) -> int | float:
        kind = "a whole number" if self.is_whole else "a number"
        expected = f"expected {kind} from {self.minimum} to {self.maximum}."
        if isinstance(value, (bool, np.bool_)) or not isinstance(value, Integral if self.is_whole else Real):
            raise TypeError(f"{self.description}: got {value!r}, {expected}")
        number = int(cast(int, value)) if self.is_whole else float(value)
        if math.isnan(number) or not self.minimum <= number <= self.maximum:
            raise ValueError(f"{self.description}: got {value}, {expected}")
        return number


@dataclass(frozen=True)
class Choice(Control):
    """One of several options; ``options`` are labels or (label, value) pairs.

    >>> Choice("kind", "sine", options=["sine", "cosine"]).checked("square")
    Traceback (most recent call last):
    ValueError: kind: got 'square', expected one of 'sine', 'cosine'.
    """

    options: Sequence[Any] = field(kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.checked(self.value)

    @property
    def pairs(self) -> list[tuple[str, Any]]:
        """All options as (label, value): ipywidgets takes a mixed list as labels only."""
        return [option if isinstance(option, tuple) else (str(option), option) for option in self.options]

    def checked(self, value: Any) -> Any:
        values = [option for _, option in self.pairs]
        for option in values:
            if _same(option, value):
                return option
        expected = ", ".join(map(repr, values))
        raise ValueError(f"{self.description}: got {value!r}, expected one of {expected}.")


@dataclass(frozen=True)
class Switch(Control):
    """On or off."""

    def checked(self, value: Any) -> bool:
        if not isinstance(value, (bool, np.bool_)):
            raise TypeError(f"{self.description}: got {value!r}, expected True or False.")
        return bool(value)


@dataclass(frozen=True)
class Text(Control):
    """A field to write in; whatever is typed reaches ``update`` as it is, as a str.

    Only half of a surrogate pair becomes U+FFFD, see `well_formed`.
    ``update`` shows it as text: a figure's texts need ``parse_math=False``, and the reading is escaped by the lab.
    """

    placeholder: str = field(default="", kw_only=True)

    def checked(self, value: Any) -> str:
        if not isinstance(value, str):
            raise TypeError(f"{self.description}: got {value!r}, expected a text.")
        return well_formed(value)


def _same(option: Any, value: Any) -> bool:
    """Whether they are equal, and both numbers, both switches or of one type."""
    if isinstance(value, np.generic):
        value = value.item()
    numbers = all(isinstance(one, Real) and not isinstance(one, bool) for one in (option, value))
    return (numbers or type(option) is type(value)) and option == value
