"""A lab in a kernel, moved by the messages that a front end sends."""

from __future__ import annotations

import json
import time

import pytest

from tests.support.kernel import CellFailed, Kernel
from tools.notebooks import ROOT

#: A lab whose drawing takes 60 ms, the most that a redraw may take, and a list of what was drawn; it trains 1.5 s.
SLOW_LAB = f"""
import sys, time
sys.path.insert(0, {str(ROOT)!r})
from helpers.labs.framework.lab import Lab
from helpers.labs.framework.controls import Slider

drawn = []

def draw(fig, data):
    return {{"line": fig.subplots().plot([0, 1])[0]}}

def update(artists, data, *, height):
    drawn.append(height)
    time.sleep(0.06)
    return f"Height {{height}}."

def train(data, *, report, stopped, height):
    begun = time.monotonic()
    while not stopped() and time.monotonic() < begun + 1.5:
        time.sleep(0.02)
    return "stopped" if stopped() else "trained"

height = Slider("height", 0, minimum=0, maximum=50)
controls = {{"height": height}}
lab = Lab("slow", tasks=["Move."], draw=draw, update=update, data=None, controls=controls, train=train, size=(3, 2))
"""


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    with Kernel(tmp_path_factory.mktemp("kernel")) as kernel:
        kernel.run(SLOW_LAB)
        yield kernel


def test_of_fifty_moves_at_once_the_last_is_shown_and_few_are_drawn(kernel):
    slider = kernel.run("drawn.clear()\nprint(lab.widgets['height'].model_id)").strip()
    began = time.monotonic()
    for height in range(1, 51):
        kernel.move(slider, value=height)
    while kernel.run("print(lab.reading)") != "Height 50.\n":
        assert time.monotonic() - began < 30, "the last move was never drawn"
        time.sleep(0.02)
    seconds = time.monotonic() - began
    drawn = json.loads(kernel.run("print(drawn)"))
    assert drawn[-1] == 50
    assert drawn == sorted(drawn)
    assert len(drawn) <= 2 + seconds / 0.06  # none but one after another,
    assert len(drawn) < 25  # and no backlog: fifty would take three seconds and more
    time.sleep(0.3)
    assert kernel.run("print(len(drawn), lab.reading)") == f"{len(drawn)} Height 50.\n"  # nothing comes after


def test_one_move_is_drawn_once(kernel):
    slider = kernel.run("drawn.clear()\nprint(lab.widgets['height'].model_id)").strip()
    kernel.move(slider, value=17)
    time.sleep(0.5)
    assert kernel.run("print(drawn, lab.reading)") == "[17] Height 17.\n"


def test_a_cell_that_moves_a_control_sees_the_picture_at_once(kernel):
    assert kernel.run("lab.widgets['height'].value = 7\nprint(lab.reading)") == "Height 7.\n"


def test_a_cell_that_is_run_while_a_lab_trains_begins_when_the_training_has_ended(kernel):
    button = kernel.run("lab.reset()\nprint(lab.train_button.model_id)").strip()
    kernel.click(button)
    assert kernel.run("print(lab.data, repr(lab.message), lab.train_button.disabled)") == "trained '' False\n"


def test_an_interrupt_meanwhile_stops_the_training_and_the_cell_goes_on(kernel):
    button = kernel.run("lab.reset()\nprint(lab.train_button.model_id)").strip()
    kernel.click(button)
    assert kernel.begin("kept = lab.data", seconds=0.5)
    kernel.manager.interrupt_kernel()
    assert kernel.client.get_shell_msg(timeout=10)["content"]["status"] == "ok"
    assert kernel.run("print(kept)") == "stopped\n"


def test_a_training_that_is_started_while_a_cell_runs_begins_when_the_cell_has_ended(kernel):
    started = "lab.reset()\nlab.start_training()\ntime.sleep(0.3)\nprint(lab.data, lab.message)"
    assert kernel.run(started) == "None Training begins when the running cell has ended.\n"
    assert kernel.run("print(lab.data, repr(lab.message))") == "trained ''\n"


def test_a_training_that_waits_for_a_cell_can_be_stopped(kernel):
    cell = "lab.reset()\nlab.start_training()\nlab.stop_training()\nlab._training.join(5)\nprint(lab.data, lab._runs)"
    assert kernel.run(cell) == "None False\n"


@pytest.mark.parametrize("inner", ["pass", ""], ids=["a cell", "an empty cell"])
def test_a_cell_inside_a_cell_neither_waits_for_the_training_nor_lets_it_begin(kernel, inner):
    cell = f"lab.reset()\nlab.start_training()\nget_ipython().run_cell({inner!r})\ntime.sleep(0.3)\nprint(lab.data)"
    assert kernel.run(cell) == "None\n"
    assert kernel.run("print(lab.data)") == "trained\n"


def test_a_cell_that_raises_has_ended_all_the_same(kernel):
    with pytest.raises(CellFailed):
        kernel.run("lab.reset()\n1 / 0")
    with pytest.raises(CellFailed):
        kernel.run("this is no Python")
    kernel.click(kernel.run("print(lab.train_button.model_id)").strip())
    assert kernel.run("print(lab.data)") == "trained\n"
