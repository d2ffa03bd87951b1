"""Times labs in the kernel of their lesson, after its last cell: what a reader's hand waits for.

Each control is moved over its range through the real widget, and each redraw is timed from the moved control to the new
PNG in the widget. Then the same draw and update functions stand behind ``interact`` with an inline figure, as notebooks
usually have it, and the same widgets are moved again.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import ipywidgets as widgets
from matplotlib import pyplot as plt

from helpers.labs.base import Invalid, Lab
from helpers.labs.controls import Choice, Control, Slider

#: Places of a slider that are visited; interact, which is slower, visits fewer.
PLACES, PLACES_OF_INTERACT = 20, 6
FRESH = 5
#: What notebooks draw with.
BACKEND = "module://matplotlib_inline.backend_inline"


def time_all() -> list[dict[str, Any]]:
    """Times of all labs that this kernel has made, in milliseconds."""
    gc.collect()
    labs = [thing for thing in gc.get_objects() if issubclass(type(thing), Lab)]  # a dead proxy fails isinstance
    return [times(lab) for lab in labs]


def times(lab: Lab) -> dict[str, Any]:
    """Median milliseconds of one lab; None for a kind of control that it does not have.

    ``moved`` and ``released`` are the lab's redraws by controls that run no model and by controls that do, ``fresh`` is
    the same picture on a new figure, ``interact`` the redraw by interact: of the first kind, or of the second where the
    lab has no control of the first.
    """
    lab.reset()
    own = _by_kind(lab, lambda name, value: setattr(lab.widgets[name], "value", value), PLACES)
    lab.reset()
    box, faults = interactive(lab)
    others = dict(zip(lab.controls, box.children[:-1], strict=True))
    _set(others, {name: control.value for name, control in lab.controls.items()})
    inline = _by_kind(lab, lambda name, value: setattr(others[name], "value", value), PLACES_OF_INTERACT, others)
    box.close_all()
    if faults:
        raise faults[0]
    fresh = [_seconds(lambda: lab.render().canvas.draw()) for _ in range(FRESH)]
    kind = not own[False]
    return {
        "lab": lab.title,
        "moved": _median(own[False]),
        "released": _median(own[True]),
        "fresh": _median(fresh),
        "interact": _median(inline[kind]),
    }


def interactive(lab: Lab) -> tuple[Any, list[Exception]]:
    """The lab's picture and sentence behind ``interact``, with widgets of the same kind; and what goes wrong there."""
    plt.switch_backend(BACKEND)

    def picture(**values: Any) -> None:
        try:
            artists = lab.draw(plt.figure(figsize=lab.size), lab.data)
            print(lab.update(artists, lab.data, **values))
        except Invalid as problem:
            print(problem)
        except Exception as fault:  # interact would show it and go on, and it would pass for a quick redraw
            faults.append(fault)
        plt.show()

    faults: list[Exception] = []
    controls = {name: _plain(control) for name, control in lab.controls.items()}
    return widgets.interactive(picture, **controls), faults


def _plain(control: Control) -> Any:
    """The control's widget, or a text field in place of one that interact does not take."""
    widget = control.widget()
    return widget if isinstance(widget, widgets.ValueWidget) else widgets.Text(value=control.value)


def _by_kind(
    lab: Lab, move: Callable[[str, Any], None], places: int, others: dict[str, Any] | None = None
) -> dict[bool, list[float]]:
    """Seconds of each redraw, by whether the control runs a model."""
    seconds: dict[bool, list[float]] = {False: [], True: []}
    for name, control in lab.controls.items():
        _set(others or lab.widgets, control.when)
        for value in _places(control, places):
            if (others or lab.widgets)[name].value != value:  # a control that stands there already draws nothing
                seconds[control.on_release].append(_seconds(lambda name=name, value=value: move(name, value)))
        _set(others or lab.widgets, {name: one.value for name, one in lab.controls.items()})
    return seconds


def _places(control: Control, places: int) -> Iterator[Any]:
    if isinstance(control.value, str) and not isinstance(control, Choice):  # something to type
        typed = control.value or "sequence"
        yield from (typed[: len(typed) * place // places + 1] for place in range(places))
        return
    if not isinstance(control, Slider):
        yield from control.values()[-places:]
        return
    steps = round((control.maximum - control.minimum) / control.step)
    for place in range(places):
        yield control.minimum + control.step * (steps * place // (places - 1))


def _set(controls: dict[str, Any], values: Any) -> None:
    for name, value in values.items():
        if controls[name].value != value:
            controls[name].value = value


def _seconds(action: Callable[[], Any]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def _median(seconds: list[float]) -> float | None:
    return round(1000 * statistics.median(seconds), 1) if seconds else None
