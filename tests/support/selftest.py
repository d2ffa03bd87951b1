"""The self-test of a lab: every control, through the real widget, over its range, on the data just made."""

from __future__ import annotations

import functools
import random
from io import BytesIO
from typing import Any
from unittest import mock

import numpy as np
from PIL import Image

from helpers.labs.framework import canvas, redraws
from helpers.labs.framework.controls import Choice, Control, Slider, Switch, Text
from helpers.labs.framework.lab import Lab
from helpers.labs.framework.words import Words
from tests.support.typed import TYPED

RANDOM_SETTINGS = 20


def install() -> None:
    """Let every lab that this process makes from now on sweep itself; a second call changes nothing."""
    if hasattr(Lab.__init__, "__wrapped__"):
        return
    create = Lab.__init__

    @functools.wraps(create)
    def create_and_run(lab: Lab, *args: Any, **named: Any) -> None:
        create(lab, *args, **named)
        run(lab)

    Lab.__init__ = create_and_run


def uninstall() -> None:
    """Undo `install`."""
    Lab.__init__ = getattr(Lab.__init__, "__wrapped__", Lab.__init__)


def run(lab: Lab) -> None:
    """Sweep ``lab`` and leave it as it was.

    Moves each control over min, default, max and every option; then all to the minimum, all to the maximum and to 20
    seeded settings. A lab that trains does so once at its smallest setting and is stopped once; each button of its own
    is pressed once at the first settings and once at seeded ones.

    At both ends of each control, and with all at their ends, the picture shown must be the one that a fresh figure
    gives; and setting a control back must restore its picture. All this with one pixel to a CSS pixel, which is
    quicker; at the start and with all controls at their ends also with those of a picture at rest.

    Raises:
        AssertionError: a control changes nothing, a picture depends on the one before, or blitting and drawing differ.
        Exception: whatever ``update`` or ``train`` raises besides ``Invalid``.
    """
    with mock.patch.object(redraws, "AT_REST", 1):
        _same_pixels_at_both_scales(lab)
        for name in lab.controls:
            _sweep(lab, name)
        _ends(lab)
        chooser = random.Random(0)
        for _ in range(RANDOM_SETTINGS):
            _set(lab, **{name: any_value(lab, name, chooser) for name in lab.controls})
        if lab.train is not None:
            _train_twice(lab)
        for name in lab.acts:
            _act_twice(lab, name, chooser)
    lab.reset()
    _must_be_sound(lab)


def values(control: Control) -> list[Any]:
    """The values of a control that the self-test visits one by one."""
    match control:
        case Slider():
            return [control.minimum, control.value, control.maximum]
        case Choice():
            return [value for _, value in control.pairs]
        case Switch():
            return [False, True]
        case Words():
            return [*TYPED, *control.examples, control.value]
        case Text():
            return [*TYPED, control.value]
    raise TypeError(f"got {control!r}; say which values of such a control the self-test visits.")


def any_value(lab: Lab, name: str, chooser: random.Random) -> Any:
    """Any value of one of a lab's controls, each as likely as the next."""
    control = lab.controls[name]
    if not isinstance(control, Slider):
        return chooser.choice(values(control))
    steps = round((control.maximum - control.minimum) / control.step)
    return min(control.minimum + chooser.randint(0, steps) * control.step, control.maximum)


def same_pixels(lab: Lab) -> None:
    """Compare the blitted picture with one drawn on a fresh figure.

    Raises:
        AssertionError: they differ.
    """
    if lab.message:
        return  # refused setting: the last good picture stays
    shown = np.asarray(Image.open(BytesIO(lab.png)))
    fig = lab.render()
    fig.set_dpi(redraws.AT_REST * canvas.DPI)
    fig.canvas.draw()
    fresh = canvas.pixels(fig.canvas)
    different = int((fresh != shown).any(axis=-1).sum())
    if different:
        raise AssertionError(
            f"the lab {lab.title!r} at {lab.values()}: {different} pixels differ between blit and full draw."
        )


def _same_pixels_at_both_scales(lab: Lab) -> None:
    same_pixels(lab)
    with mock.patch.object(redraws, "AT_REST", canvas.SHARP):
        same_pixels(lab)


def _must_be_sound(lab: Lab) -> None:
    if lab.fault is not None:
        raise lab.fault


def _set(lab: Lab, **settings: Any) -> None:
    lab.set(**settings)
    _must_be_sound(lab)


def _sweep(lab: Lab, name: str) -> None:
    control, widget = lab.controls[name], lab.widgets[name]
    _set(lab, **control.when)
    first, refused = lab.image.value, bool(lab.message)
    pictures = {first}
    visited = values(control)
    for value in visited:
        widget.value = value
        _must_be_sound(lab)
        pictures.add(lab.image.value)
        if value in (visited[0], visited[-1]) and value != control.value:
            same_pixels(lab)
    widget.value = control.value
    _must_be_sound(lab)
    if lab.image.value != first and not (refused or lab.message):
        raise AssertionError(
            f"the lab {lab.title!r}: back at {name} = {control.value!r} the picture is not the first one; "
            "update must set all that it ever changes."
        )
    if len(pictures) < 2 and not lab.train:
        raise AssertionError(f"the control {name!r} of the lab {lab.title!r} changes nothing in the picture.")
    lab.reset()
    _must_be_sound(lab)


def _ends(lab: Lab) -> None:
    for which in (0, -1):
        _set(lab, **{name: values(control)[which] for name, control in lab.controls.items()})
        _same_pixels_at_both_scales(lab)


def _act_twice(lab: Lab, name: str, chooser: random.Random) -> None:
    lab.reset()
    before = lab.image.value
    lab.view.act_buttons[name].click()
    _must_be_sound(lab)
    same_pixels(lab)
    if lab.image.value == before:
        raise AssertionError(f"the button {name!r} of the lab {lab.title!r} changes nothing in the picture.")
    lab.reset()
    if lab.image.value != before:
        raise AssertionError(f"the lab {lab.title!r}: after {name!r} and Reset the picture is not the first one.")
    _set(lab, **{name: any_value(lab, name, chooser) for name in lab.controls})
    lab.act(name)
    _must_be_sound(lab)
    same_pixels(lab)


def _train_twice(lab: Lab) -> None:
    _set(lab, **{name: values(control)[0] for name, control in lab.controls.items()})
    before = lab.image.value
    reports = _reports_of_training(lab)
    if lab.image.value == before:
        raise AssertionError(f"the lab {lab.title!r} trained and its picture did not change.")
    if reports == 0:
        raise AssertionError(f"the lab {lab.title!r} reports nothing while it trains, so its curves cannot grow.")
    lab.reset()
    reports = _reports_of_training(lab, stop=True)
    if reports > 2:
        raise AssertionError(f"the lab {lab.title!r} reported {reports - 1} times after Stop.")


def _reports_of_training(lab: Lab, *, stop: bool = False) -> int:
    """Train here and count the reports before the last; with ``stop``, press Stop at the first."""
    reports, report = [], lab.training.report

    def counted(run: int, data: Any, *, last: bool = False) -> None:
        report(run, data, last=last)
        reports.append(last)
        if stop:
            lab.stop_training()

    with mock.patch.object(lab.training, "report", counted):
        lab.start_training(wait=True)
    _must_be_sound(lab)
    return reports.count(False)
