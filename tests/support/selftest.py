"""The self-test of a lab: every control, through the real widget, over its range, on the data just made."""

from __future__ import annotations

import random
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from helpers.labs.framework import canvas

if TYPE_CHECKING:
    from helpers.labs.framework.lab import Lab

RANDOM_SETTINGS = 20


def run(lab: Lab) -> None:
    """Sweep ``lab`` and leave it as it was.

    Moves each control over min, default, max and every option; then all to the minimum, all to the maximum and to 20
    seeded settings. A lab that trains does so once at its smallest setting and is stopped once.

    At both ends of each control, and with all at their ends, the picture shown must be the one that a fresh figure
    gives; and a control that went back must bring back its picture.

    Raises:
        AssertionError: a control changes nothing, a picture depends on the one before, or blitting and drawing differ.
        Exception: whatever ``update`` or ``train`` raises besides ``Invalid``.
    """
    lab._in_selftest = True
    try:
        _same_pixels(lab)
        for name in lab.controls:
            _sweep(lab, name)
        _ends(lab)
        chooser = random.Random(0)
        for _ in range(RANDOM_SETTINGS):
            lab.set(**{name: any_value(lab, name, chooser) for name in lab.controls})
        if lab.train is not None:
            _train_twice(lab)
        lab.reset()
    finally:
        lab._in_selftest = False


def _sweep(lab: Lab, name: str) -> None:
    control, widget = lab.controls[name], lab.widgets[name]
    lab.set(**control.when)
    first, refused = lab.image.value, bool(lab.message)
    pictures = {first}
    values = control.values()
    for value in values:
        widget.value = value
        pictures.add(lab.image.value)
        if value in (values[0], values[-1]) and value != control.value:
            _same_pixels(lab)
    widget.value = control.value
    if lab.image.value != first and not (refused or lab.message):
        raise AssertionError(
            f"the lab {lab.title!r}: back at {name} = {control.value!r} the picture is not the first one; "
            "update must set all that it ever changes."
        )
    if len(pictures) < 2 and not lab.train:
        raise AssertionError(f"the control {name!r} of the lab {lab.title!r} changes nothing in the picture.")
    lab.reset()


def _ends(lab: Lab) -> None:
    for which in (0, -1):
        lab.set(**{name: control.values()[which] for name, control in lab.controls.items()})
        _same_pixels(lab)


def _same_pixels(lab: Lab) -> None:
    """The blitted picture and one drawn on a fresh figure are the same."""
    if lab.message:
        return  # refused setting: the last good picture stays
    fig = lab.render()
    fig.canvas.draw()
    fresh = canvas.pixels(fig.canvas)
    shown = np.asarray(Image.open(BytesIO(lab.image.value)))
    different = int((fresh != shown).any(axis=-1).sum())
    if different:
        raise AssertionError(
            f"the lab {lab.title!r} at {lab.values()}: {different} pixels differ between blit and full draw."
        )


def any_value(lab: Lab, name: str, chooser: random.Random) -> Any:
    """Any value of one of a lab's controls, each as likely as the next."""
    from helpers.labs.framework.controls import Slider

    control = lab.controls[name]
    if not isinstance(control, Slider):
        return chooser.choice(control.values())
    steps = round((control.maximum - control.minimum) / control.step)
    return control.minimum + chooser.randint(0, steps) * control.step


def _train_twice(lab: Lab) -> None:
    lab.set(**{name: control.values()[0] for name, control in lab.controls.items()})
    before = lab.image.value
    reports = _reports_of_training(lab)
    if lab.image.value == before:
        raise AssertionError(f"the lab {lab.title!r} trained and its picture did not change.")
    if reports == 0:
        raise AssertionError(f"the lab {lab.title!r} reports nothing while it trains, so its curves cannot grow.")
    lab.reset()
    reports = _reports_of_training(lab, stop=True)
    if reports > 2:
        raise AssertionError(f"the lab {lab.title!r} went on for {reports - 1} reports after Stop.")


def _reports_of_training(lab: Lab, *, stop: bool = False) -> int:
    """Train here and count the reports before the last; with ``stop``, press Stop at the first."""
    reports, show = [], lab._show

    def counted(run: int, data: Any, *, last: bool = False) -> None:
        show(run, data, last=last)
        reports.append(last)
        if stop:
            lab.stop_training()

    lab._show = counted
    try:
        lab.start_training(wait=True)
    finally:
        del lab._show
    return reports.count(False)
