"""Times labs in the kernel of their lesson, after its last cell: what a reader's hand waits for.

Each control is moved over its range through the real widget, and each redraw is timed from the moved control to the new
PNG in the widget. Then the same draw and update functions stand behind ``interact`` with an inline figure, as notebooks
usually have it, and the same widgets are moved again.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import ipywidgets as widgets
from matplotlib import pyplot as plt

from helpers.labs.framework.controls import Choice, Control, Slider
from helpers.labs.framework.lab import Invalid, Lab
from tools.live_labs import labs_of_this_process

#: Places of a slider, or of a text, that are visited.
PLACES = 8
FRESH = 5
#: What notebooks draw with.
BACKEND = "module://matplotlib_inline.backend_inline"


def time_all() -> list[dict[str, Any]]:
    """Times of all labs that this kernel has made, in milliseconds."""
    return [times(lab) for lab in labs_of_this_process()]


def times(lab: Lab) -> dict[str, Any]:
    """Median milliseconds of one lab; None for a kind of control that it does not have.

    ``moved`` and ``released`` are the lab's redraws by controls that run no model and by controls that do, ``fresh`` is
    the same picture on a new figure, ``interact`` the redraw by interact: of the first kind, or of the second where the
    lab has no control of the first.
    """
    lab.reset()
    own = _by_kind(lab, lab.widgets, lambda: _refused(lab))
    lab.reset()
    box, last = interactive(lab)
    others = dict(zip(lab.controls, box.children[:-1], strict=True))
    _set(others, {name: control.value for name, control in lab.controls.items()})
    inline = _by_kind(lab, others, lambda: isinstance(last[-1], Invalid))
    box.close_all()
    if faults := [fault for fault in last if fault is not None and not isinstance(fault, Invalid)]:
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


def _refused(lab: Lab) -> bool:
    """Whether the lab has refused its last setting, and drawn nothing.

    Raises:
        RuntimeError: the setting broke the lab, which would pass for a quick redraw.
    """
    if lab.message.startswith("This setting broke"):
        raise RuntimeError(f"the lab {lab.title!r} at {lab.values()}: {lab.message}")
    return bool(lab.message)


def interactive(lab: Lab) -> tuple[Any, list[Exception | None]]:
    """The lab's picture and sentence behind ``interact``, with widgets of the same kind; and what each call raised."""
    plt.switch_backend(BACKEND)

    def picture(**values: Any) -> None:
        try:
            artists = lab.draw(plt.figure(figsize=lab.size), lab.data)
            print(lab.update(artists, lab.data, **values))
            raised.append(None)
        except Exception as problem:  # interact would show it and go on, and it would pass for a quick redraw
            print(problem)
            raised.append(problem)
        plt.show()

    raised: list[Exception | None] = []
    controls = {name: _plain(control) for name, control in lab.controls.items()}
    return widgets.interactive(picture, **controls), raised


def _plain(control: Control) -> Any:
    """The control's widget, or a text field in place of one that interact does not take."""
    widget = control.widget()
    return widget if isinstance(widget, widgets.ValueWidget) else widgets.Text(value=control.value)


def _by_kind(lab: Lab, moved: Mapping[str, Any], refused: Callable[[], bool]) -> dict[bool, list[float]]:
    """Seconds of each redraw of a setting that is not refused, by whether the control runs a model."""
    seconds: dict[bool, list[float]] = {False: [], True: []}
    for name, control in lab.controls.items():
        _set(moved, control.when)
        for value in _places(control):
            if moved[name].value != value:  # a control that stands there already draws nothing
                took = _seconds(lambda name=name, value=value: setattr(moved[name], "value", value))
                if not refused():
                    seconds[control.on_release].append(took)
        _set(moved, {name: one.value for name, one in lab.controls.items()})
    return seconds


def _places(control: Control) -> Iterator[Any]:
    if isinstance(control.value, str) and not isinstance(control, Choice):  # something to type
        typed = control.value or "sequence"
        yield from (typed[: len(typed) * place // PLACES + 1] for place in range(PLACES))
        return
    if not isinstance(control, Slider):
        yield from [value for _, value in control.pairs][-PLACES:] if isinstance(control, Choice) else (False, True)
        return
    steps = round((control.maximum - control.minimum) / control.step)
    for place in range(PLACES):
        yield control.minimum + control.step * (steps * place // (PLACES - 1))


def _set(controls: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if controls[name].value != value:
            controls[name].value = value


def _seconds(action: Callable[[], Any]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def _median(seconds: list[float]) -> float | None:
    return round(1000 * statistics.median(seconds), 1) if seconds else None
