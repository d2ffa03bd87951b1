"""A lab in a kernel, moved by the messages that a front end sends."""

from __future__ import annotations

import json
import time

import pytest

from helpers.labs.framework import turns
from tests.support.kernel import CellFailed, Kernel
from tools.notebooks import ROOT

#: A lab whose drawing takes 60 ms, the most that a redraw may take, and a list of what was drawn; it trains ``LONG`` s.
SLOW_LAB = f"""
import sys, time
sys.path.insert(0, {str(ROOT)!r})
from helpers.labs.framework.lab import Lab
from helpers.labs.framework.controls import Slider

drawn, LONG = [], 1.5

def draw(fig, data):
    return {{"line": fig.subplots().plot([0, 1])[0]}}

def update(artists, data, *, height):
    drawn.append(height)
    artists["line"].set_ydata([0, height / 50])
    time.sleep(0.06)
    return f"Height {{height}}."

def train(data, *, report, stopped, height):
    begun = time.monotonic()
    while not stopped() and time.monotonic() < begun + LONG:
        time.sleep(0.02)
    return "stopped" if stopped() else "trained"

height = Slider("height", 0, minimum=0, maximum=50)
controls = {{"height": height}}
lab = Lab("slow", tasks=["Move."], draw=draw, update=update, data=None, controls=controls, train=train, size=(3, 2))
"""


#: What a cell says that waits for this lab.
WAITS = turns.WAITS.format("slow")


#: Seconds of a training that no test waits for, and a cell's line that prints which buttons there are.
LONG = 60
BUTTONS = "print(lab.view.train_button.model_id, lab.view.stop_button.model_id)"


def printed_by(kernel: Kernel, cell: str, *, until: str) -> str:
    """What a cell that was sent prints, up to the text ``until``."""
    printed = ""
    while until not in printed:
        message = kernel.client.get_iopub_msg(timeout=20)
        if message["parent_header"].get("msg_id") == cell and message["msg_type"] == "stream":
            printed += message["content"]["text"]
    return printed


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
    button = kernel.run("lab.reset()\nprint(lab.view.train_button.model_id)").strip()
    kernel.click(button)
    printed = kernel.run("print(lab.data, repr(lab.message), lab.view.train_button.disabled)")
    assert printed == f"{WAITS}\ntrained '' False\n"


def test_an_interrupt_meanwhile_stops_the_training_and_the_cell_goes_on(kernel):
    button = kernel.run("lab.reset()\nprint(lab.view.train_button.model_id)").strip()
    kernel.click(button)
    assert kernel.begin("kept = lab.data", seconds=0.5)
    kernel.manager.interrupt_kernel()
    assert kernel.client.get_shell_msg(timeout=10)["content"]["status"] == "ok"
    assert kernel.run("print(kept)") == "stopped\n"


def test_stop_is_heard_within_a_second_while_a_cell_waits_and_the_cell_says_for_what(kernel):
    """The messages come through the shell channel, as from a front end without subshells."""
    train, stop = kernel.run(f"lab.reset(); LONG = {LONG}\n{BUTTONS}").split()
    kernel.click(train)
    asked = kernel.client.execute("print(lab.data, repr(lab.message))")
    assert printed_by(kernel, asked, until=WAITS) == f"{WAITS}\n"
    began = time.monotonic()
    kernel.click(stop)
    assert printed_by(kernel, asked, until="\n") == "stopped ''\n"
    assert time.monotonic() - began < 1
    assert kernel.client.get_shell_msg(timeout=10)["content"]["status"] == "ok"
    kernel.run("LONG = 1.5")


def test_cells_that_wait_keep_their_order_and_a_moved_slider_is_drawn_meanwhile(kernel):
    train, stop = kernel.run(f"order = []; drawn.clear(); lab.reset(); LONG = {LONG}\n{BUTTONS}").split()
    slider = kernel.run("print(lab.widgets['height'].model_id)").strip()
    kernel.click(train)
    for cell in ("order.append('first')", "order.append('second')", "order.append(drawn[-1])", "input_free = True"):
        kernel.client.execute(cell, allow_stdin=False)
        kernel.move(slider, value=len(cell))
    kernel.move(slider, value=33)
    time.sleep(1)
    kernel.click(stop)
    assert kernel.run("print(order, lab.data, lab.reading)") == "['first', 'second', 33] stopped Height 33.\n"
    kernel.run("LONG = 1.5")


def test_after_such_a_wait_an_interrupt_still_interrupts_a_cell_and_not_the_kernel(kernel):
    train, stop = kernel.run(f"lab.reset(); LONG = {LONG}\n{BUTTONS}").split()
    kernel.click(train)
    assert kernel.begin("waited = True", seconds=0.5)
    kernel.click(stop)
    assert kernel.client.get_shell_msg(timeout=10)["content"]["status"] == "ok"
    kernel.manager.interrupt_kernel()  # nothing runs
    assert kernel.run("print(waited)") == "True\n"
    assert kernel.begin("time.sleep(60)", seconds=0.5)
    kernel.manager.interrupt_kernel()
    assert kernel.client.get_shell_msg(timeout=10)["content"]["ename"] == "KeyboardInterrupt"
    assert kernel.run("LONG = 1.5; print('alive')") == "alive\n"


def test_a_training_that_is_started_while_a_cell_runs_begins_when_the_cell_has_ended(kernel):
    started = "lab.reset()\nlab.start_training()\ntime.sleep(0.3)\nprint(lab.data, lab.message)"
    assert kernel.run(started) == "None Training begins when the running cell has ended.\n"
    assert kernel.run("print(lab.data, repr(lab.message))") == f"{WAITS}\ntrained ''\n"


def test_a_training_that_waits_for_a_cell_can_be_stopped(kernel):
    kernel.run("lab.reset()\nlab.start_training()\nlab.stop_training()\nlab.training.thread.join(5)")
    assert kernel.run("print(lab.data, lab.training.runs)") == "None False\n"


@pytest.mark.parametrize("inner", ["pass", ""], ids=["a cell", "an empty cell"])
def test_a_cell_inside_a_cell_neither_waits_for_the_training_nor_lets_it_begin(kernel, inner):
    cell = f"lab.reset()\nlab.start_training()\nget_ipython().run_cell({inner!r})\ntime.sleep(0.3)\nprint(lab.data)"
    assert kernel.run(cell) == "None\n"
    assert kernel.run("print(lab.data)") == f"{WAITS}\ntrained\n"


def test_a_cell_that_raises_has_ended_all_the_same(kernel):
    with pytest.raises(CellFailed):
        kernel.run("lab.reset()\n1 / 0")
    with pytest.raises(CellFailed):
        kernel.run("this is no Python")
    kernel.click(kernel.run("print(lab.view.train_button.model_id)").strip())
    assert kernel.run("print(lab.data)") == f"{WAITS}\ntrained\n"


#: A lab that builds its layers from Python's global generator of random numbers, as Keras does, and is moved by hand.
BUILDER = """
import random
from unittest import mock
from helpers.labs.framework import cells

def build(artists, data, *, layers):
    seeds = [random.random() for _ in range(layers)]
    time.sleep(0.001)
    return f"{layers} layers."

layers = Slider("layers", 0, minimum=0, maximum=9, on_release=True)
builder = Lab("builder", tasks=["Move."], draw=draw, update=build, data=None, controls={"layers": layers}, size=(3, 2))

def seeded_model(moves):
    random.seed(42)
    weights = []
    for step in range(40):
        if moves:
            with mock.patch.object(cells, "in_message", return_value=True):
                builder.widgets["layers"].value = 1 + step % 9
        time.sleep(0.005)
        weights.append(random.random())
    return weights
"""


def test_a_lab_that_builds_layers_leaves_the_seeds_of_a_running_cell_alone_and_follows_after_it(kernel):
    kernel.run(BUILDER)
    cell = "alone = seeded_model(False); moved = seeded_model(True); print(moved == alone, builder.message)"
    assert kernel.run(cell) == "True The picture follows when the running cell has ended.\n"
    time.sleep(0.5)
    assert kernel.run("print(builder.reading, repr(builder.message))") == "4 layers. ''\n"


#: A cell that makes a model of 100 MB and shows a lab on it.
HEAVY = """
class Model:
    def __init__(self):
        self.weights = np.ones(13_000_000)

model = Model()
models.append(weakref.ref(model))
Lab("heavy", tasks=["Move."], draw=draw, update=update, data={"the model": model}, controls=controls, train=train)
"""
MEMORY = "print(psutil.Process().memory_info().rss / 2**20, len(all_widgets()), [ref() is not None for ref in models])"
ALL_WIDGETS = """
import weakref, psutil, ipywidgets, numpy as np
from ipywidgets.widgets import widget as registry
models = []

def all_widgets():
    return registry._instances if hasattr(registry, "_instances") else ipywidgets.Widget.widgets
"""


@pytest.mark.parametrize("cell", ["an-id", None], ids=["by its id", "by its text"])
def test_a_cell_that_is_run_again_lets_go_of_its_lab_and_model(kernel, cell):
    kernel.run(ALL_WIDGETS)
    kernel.run(HEAVY, cell=cell)
    first, widgets, _ = kernel.run(MEMORY).split(" ", 2)
    for _ in range(5):
        kernel.run(HEAVY, cell=cell)
    last, widgets_now, alive = kernel.run(MEMORY).split(" ", 2)
    assert json.loads(alive.lower()) == [False] * 5 + [True]
    assert float(last) < float(first) + 30
    assert widgets_now == widgets
    kernel.run("models.clear()")


def test_labs_of_one_run_and_of_other_cells_stay_open(kernel):
    pair = "pair = [Lab(str(n), tasks=[], draw=draw, update=update, data=n, controls=controls) for n in (1, 2)]"
    kernel.run(f"old = []\n{pair}; old += pair", cell="pair")
    kernel.run(f"{pair}; other = pair", cell="other")
    kernel.run(pair, cell="pair")
    seen = kernel.run("print(*([lab.is_closed for lab in labs] for labs in (old, other, pair)))")
    assert seen == "[True, True] [False, False] [False, False]\n"
    with pytest.raises(CellFailed, match="the lab '1' is closed, since its cell has been run again; run that cell"):
        kernel.run("old[0].set(height=3)")


def test_the_picture_is_drawn_twice_as_sharp_when_the_hand_rests(kernel):
    kernel.run(SLOW_LAB)
    slider = kernel.run("print(lab.widgets['height'].model_id)").strip()
    size = "import struct\nprint(struct.unpack('>II', bytes(lab.image.value[16:24])), len(drawn), lab.image.width)"
    assert kernel.run(size) == "(600, 400) 1 300\n"
    kernel.run("widths = []\nlab.image.observe(lambda c: widths.append(struct.unpack('>I', c.new[16:20])[0]), 'value')")
    for height in range(1, 6):
        kernel.move(slider, value=height)
        time.sleep(0.1)
    time.sleep(1)
    *moved, rested = json.loads(kernel.run("print(widths)"))
    assert (moved[0], rested) == (300, 600)
    assert kernel.run(f"print(lab.reading, len(drawn) == 1 + {moved.count(300)})") == "Height 5. True\n"  # not set anew
