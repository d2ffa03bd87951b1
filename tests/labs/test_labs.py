"""Labs: one picture that always is what its controls say, on ipywidgets 7.7 and 8; then every lab of the course."""

from __future__ import annotations

import base64
import html
import importlib
import inspect
import json
import pkgutil
import random
import threading
import time
from io import BytesIO
from types import SimpleNamespace

import ipywidgets
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from PIL import Image

from helpers import labs, runtime
from helpers.labs.framework import canvas, turns
from helpers.labs.framework import lab as base
from helpers.labs.framework.controls import TYPED, Choice, Slider, Switch, Text, well_formed
from helpers.labs.framework.lab import Invalid, Lab
from tests.support import selftest

WAIT = 20  # seconds after which a thread counts as stuck


@pytest.fixture(autouse=True)
def _no_selftest(monkeypatch):
    monkeypatch.delenv("LAB_SELFTEST", raising=False)


@pytest.fixture
def _selftest(monkeypatch):
    monkeypatch.setenv("LAB_SELFTEST", "1")
    monkeypatch.setattr(selftest, "RANDOM_SETTINGS", 6)


# --- a small lab ----------------------------------------------------------------------------------------------------

X = np.linspace(0, 1, 50)


def draw(fig, data):
    left, right = fig.subplots(1, 2)
    left.set(xlim=(0, 1), ylim=(-2, 2), xticks=[], yticks=[-1, 1])
    right.set(xticks=[], yticks=[])  # few ticks: most of the time of a full draw goes there
    left.axhline(0, color="grey")
    (wave,) = left.plot([], [], label="wave")
    (dots,) = left.plot([], [], "o", label="dots")
    left.legend(loc="upper left")
    image = right.imshow(np.zeros((4, 4)), vmin=-1, vmax=1, cmap="RdBu_r")
    text = left.text(0.1, -1.5, "")
    return {"wave": wave, "lines": [dots], "image": image, "text": text}


def update(artists, data, *, height, periods, kind, dots):
    if periods == 7:
        raise Invalid("7 periods <b>do not</b> fit;\nchoose another number.")
    if periods == 13:
        raise ZeroDivisionError("thirteen")
    y = height * {"sine": np.sin, "cosine": np.cos}[kind](2 * np.pi * periods * X) + np.mean(data)
    artists["wave"].set_data(X, y)
    artists["lines"][0].set_data(*((X[::5], y[::5]) if dots else ([], [])))
    artists["image"].set_data(np.outer(y[:4], y[:4]))
    artists["text"].set_text(f"mean {np.mean(data):.2f}")
    axes = artists["wave"].axes
    axes.set_title(kind)  # changes what is not blitted
    axes.set_ylim((-2, 2) if height < 1.5 else (-4, 4))
    return f"Height {height:.1f}, {periods} periods: {kind}, mean {np.mean(data):.2f}."


def controls():
    return {
        "height": Slider("height", 1.0, minimum=0.0, maximum=2.0, step=0.1),
        "periods": Slider("periods", 3, minimum=1, maximum=12, on_release=True),
        "kind": Choice("kind", "sine", options=["sine", ("a cosine", "cosine")]),
        "dots": Switch("dots", True),
    }


def toy(**changes) -> Lab:
    parts = {"tasks": ["Raise the height."], "draw": draw, "update": update, "data": [0.0], "controls": controls()}
    return Lab("toy", **parts | {"size": (5.0, 2.0)} | changes)


def picture(lab: Lab) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(lab.image.value)))


def fresh(lab: Lab) -> np.ndarray:
    fig = lab.render()
    fig.canvas.draw()
    return canvas.pixels(fig.canvas)


def by_hand(lab: Lab, **values) -> None:
    """Move real widgets, as the message of a front end does."""
    for name, value in values.items():
        widget = lab.widgets[name]
        trait = "index" if isinstance(widget, (ipywidgets.ToggleButtons, ipywidgets.SelectionSlider)) else "value"
        widget.set_state({trait: value})


def texts(lab: Lab) -> str:
    """All HTML of a lab."""
    found, todo = [], [lab.widget]
    while todo:
        widget = todo.pop()
        todo += getattr(widget, "children", ())
        if isinstance(widget, ipywidgets.HTML):
            found.append(widget.value)
    return "\n".join(found)


# --- the picture ----------------------------------------------------------------------------------------------------


def test_the_first_picture_and_reading_are_there_at_creation():
    lab = toy()
    assert picture(lab).shape == (200, 500, 3)
    assert lab.reading == "Height 1.0, 3 periods: sine, mean 0.00."
    assert lab.reading in texts(lab)
    assert lab.message == ""


def test_blitting_and_a_fresh_figure_give_the_same_pixels_at_any_setting():
    lab, chooser = toy(), random.Random(1)
    for _ in range(12):
        lab.set(
            height=chooser.randint(0, 20) / 10,
            periods=chooser.choice([1, 2, 3, 12]),
            kind=chooser.choice(["sine", "cosine"]),
            dots=chooser.random() < 0.5,
        )
        np.testing.assert_array_equal(picture(lab), fresh(lab))


def test_a_picture_depends_on_the_controls_and_not_on_the_way_there():
    lab = toy()
    first = lab.image.value
    lab.set(height=2.0, kind="cosine")
    assert lab.image.value != first
    lab.set(height=1.0, kind="sine")
    assert lab.image.value == first


def test_an_artist_on_hidden_axes_is_hidden_with_them():
    def hide(artists, data, *, height, **others):
        artists["image"].axes.set_visible(height < 1.5)
        return update(artists, data, height=height, **others)

    lab = toy(update=hide)
    shown = picture(lab)
    lab.set(height=2.0)
    np.testing.assert_array_equal(picture(lab), fresh(lab))
    assert (picture(lab)[:, 300:] == 255).all()
    assert not (shown[:, 300:] == 255).all()


@pytest.mark.parametrize("change", ["set_title", "set_xlabel", "set_ylabel", "left title", "scale", "tick labels"])
def test_what_is_not_blitted_is_drawn_again_when_it_changes(change):
    def changing(artists, data, *, height, **others):
        axes, high = artists["image"].axes, height > 1
        if change == "left title":
            axes.set_title("high" if high else "low", loc="left")
        elif change == "scale":
            artists["wave"].axes.set_xscale("symlog" if high else "linear")
        elif change == "tick labels":
            axes.set_xticks([0, 1], ["a", "b"] if high else ["c", "d"])
        else:
            getattr(axes, change)("high" if high else "low")
        return update(artists, data, height=height, **others)

    lab = toy(update=changing)
    for height in (1.2, 0.8, 1.4):
        lab.set(height=height)
        np.testing.assert_array_equal(picture(lab), fresh(lab))


def test_several_controls_moved_at_once_draw_one_picture():
    lab, drawn = toy(), []
    lab.image.observe(drawn.append, names="value")
    lab.set(height=0.5, periods=5, kind="cosine", dots=False)
    assert len(drawn) == 1


def test_a_figure_on_its_own_takes_the_controls_that_are_not_named():
    lab = toy()
    lab.set(kind="cosine")
    fig = lab.render(height=0.3)
    assert isinstance(fig, Figure)
    assert fig.axes[0].get_title() == "cosine"
    assert lab.values()["height"] == 1.0


@pytest.mark.parametrize("reading", [None, 3])
def test_an_update_without_a_reading_is_a_bug(reading):
    with pytest.raises(TypeError, match="expected the reading"):
        toy(update=lambda artists, data, **controls: reading)


@pytest.mark.parametrize("artists", [{"text": "wave"}, {"nothing": None}, {"number": [3]}])
def test_what_draw_returns_must_be_artists(artists):
    with pytest.raises(TypeError, match="expected Matplotlib artists"):
        toy(draw=lambda fig, data: artists)


# --- controls -------------------------------------------------------------------------------------------------------


def test_the_front_end_moves_the_picture_through_the_real_widgets():
    lab = toy()
    for values, part in (({"height": 0.5}, "Height 0.5"), ({"periods": 9}, "9 periods"), ({"kind": 1}, "cosine")):
        before = lab.image.value
        by_hand(lab, **values)
        assert lab.image.value != before
        assert part in lab.reading
        np.testing.assert_array_equal(picture(lab), fresh(lab))
    before = lab.image.value
    by_hand(lab, dots=False)
    assert lab.image.value != before


def test_what_runs_a_model_waits_for_the_release():
    lab = toy()
    assert lab.widgets["periods"].continuous_update is False
    assert lab.widgets["height"].continuous_update is True


def test_every_control_has_a_description_on_its_widget():
    lab = toy()
    for name, control in lab.controls.items():
        assert lab.widgets[name].description == control.description


def test_whole_sliders_give_whole_numbers():
    lab = toy()
    assert type(lab.values()["periods"]) is int
    assert type(lab.values()["height"]) is float


def test_a_field_to_write_in_hands_over_whatever_is_typed_and_shows_it_as_text():
    seen = []

    def quoting(artists, data, *, typed, **values):
        seen.append(typed)
        return update(artists, data, **values) + f" {len(typed)} characters: {typed[:40]!r}."

    lab = toy(controls=controls() | {"typed": Text("type here", "나는", placeholder="…")}, update=quoting)
    for typed in TYPED:
        by_hand(lab, typed=typed)
        assert seen[-1] == well_formed(typed)
        assert lab.message == ""
        assert "<script" not in texts(lab)
        json.dumps(
            lab.widgets["typed"].get_state(), ensure_ascii=False, default=str
        ).encode()  # as a message to the page
    assert lab.controls["typed"].values()[-1] == "나는"
    assert lab.widgets["typed"].description == "type here"


def test_half_of_a_pair_is_replaced_and_whole_ones_stay():
    assert well_formed("a \ud83d b 😀 \udc00") == "a \ufffd b 😀 \ufffd"
    assert [well_formed(typed) == typed for typed in TYPED].count(False) == 1


@pytest.mark.parametrize(
    "make",
    [
        lambda: Slider(" ", 1, minimum=0, maximum=2),
        lambda: Slider("n", 3, minimum=0, maximum=2),
        lambda: Slider("n", -1, minimum=0, maximum=2),
        lambda: Slider("n", 0, minimum=0, maximum=0),
        lambda: Slider("n", 1, minimum=2, maximum=0),
        lambda: Slider("n", 1, minimum=0, maximum=2, step=0),
        lambda: Slider("n", float("nan"), minimum=0, maximum=2),
        lambda: Choice("", 1, options=[1]),
    ],
)
def test_a_control_without_words_or_sense_is_refused(make):
    with pytest.raises(ValueError, match=r"empty description|expected a start within a range"):
        make()


def test_an_unknown_control_is_refused_by_name():
    with pytest.raises(KeyError, match=r"no control \['colour'\]"):
        toy().set(colour="red")


def test_a_value_that_a_widget_refuses_leaves_picture_and_controls_in_step():
    lab = toy()
    with pytest.raises(Exception, match=r"(?i)invalid|selection"):
        lab.set(height=0.5, kind="square wave")
    assert "Height 0.5" in lab.reading
    np.testing.assert_array_equal(picture(lab), fresh(lab))


def test_reset_brings_back_the_first_settings_and_the_first_picture():
    lab = toy()
    first, values = lab.image.value, lab.values()
    lab.set(height=2.0, periods=12, kind="cosine", dots=False)
    lab.reset_button.click()
    assert lab.values() == values
    assert lab.image.value == first


# --- nonsense and bugs ----------------------------------------------------------------------------------------------


def test_nonsense_is_one_line_under_the_last_good_picture():
    lab = toy()
    good, reading = lab.image.value, lab.reading
    by_hand(lab, periods=7)
    assert lab.message == "7 periods <b>do not</b> fit; choose another number."
    assert lab.image.value == good
    assert lab.reading == reading
    assert "&lt;b&gt;do not&lt;/b&gt;" in texts(lab)
    by_hand(lab, periods=8)
    assert lab.message == ""
    np.testing.assert_array_equal(picture(lab), fresh(lab))


def test_first_values_that_are_nonsense_are_the_authors_fault():
    bad = controls() | {"periods": Slider("periods", 7, minimum=1, maximum=12)}
    with pytest.raises(Invalid, match="7 periods"):
        toy(controls=bad)


def with_a_bug():
    return controls() | {"periods": Slider("periods", 3, minimum=1, maximum=13)}


def test_a_bug_is_one_line_for_the_reader_and_reset_goes_on():
    lab = toy(controls=with_a_bug())
    good = lab.image.value
    by_hand(lab, periods=13)
    assert lab.message.startswith("This setting broke the lab")
    assert "ZeroDivisionError: thirteen." in lab.message
    assert lab.image.value == good
    lab.reset()
    assert lab.message == ""
    assert lab.image.value == good


@pytest.mark.usefixtures("_selftest")
def test_a_bug_is_raised_in_the_self_test():
    with pytest.raises(ZeroDivisionError):
        toy(controls=with_a_bug())


def test_html_in_any_text_is_escaped():
    def reading(artists, data, **controls):
        return update(artists, data, **controls) + " <script>alert(1)</script>"

    lab = Lab(
        "<i>title</i>", tasks=["<u>task</u>"], draw=draw, update=reading, data=[0.0], controls=controls(), size=(5, 2)
    )
    said = texts(lab)
    for text in ("<i>title</i>", "<u>task</u>", "<script>alert(1)</script>"):
        assert text not in said
        assert html.escape(text) in said


# --- on the page ----------------------------------------------------------------------------------------------------


def test_a_page_gets_the_widget_a_picture_with_alt_text_and_a_text():
    lab = toy()
    bundle, metadata = lab._repr_mimebundle_()
    assert bundle["application/vnd.jupyter.widget-view+json"]["model_id"] == lab.widget.model_id
    assert base64.b64decode(bundle["image/png"]) == lab.image.value
    assert bundle["text/plain"] == f"Lab toy (height=1.0, periods=3, kind=sine, dots=True). {lab.reading}"
    assert metadata == {"image/png": {"alt": f"Lab toy: {lab.reading}"}}


def test_text_and_picture_of_a_page_are_the_same_in_every_run():
    first, second = toy()._repr_mimebundle_()[0], toy()._repr_mimebundle_()[0]
    for kind in ("image/png", "text/plain"):
        assert first[kind] == second[kind]


def test_ipython_shows_that_bundle_whatever_the_version_of_ipywidgets():
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    try:
        bundle, metadata = shell.display_formatter.format(toy())
    finally:
        InteractiveShell.clear_instance()
    assert {"application/vnd.jupyter.widget-view+json", "image/png", "text/plain"} <= set(bundle)
    assert metadata["image/png"]["alt"]


def test_the_widget_holds_tasks_controls_buttons_picture_and_reading_in_this_order():
    head, row, buttons, image, _ = toy().widget.children
    assert "Raise the height." in head.value
    assert [control.description for control in row.children] == ["height", "periods", "kind", "dots"]
    assert buttons.children[0].description == "Reset"  # nothing to train
    assert isinstance(image, ipywidgets.Image)
    training = toy(train=train).widget.children[2]
    assert [button.description for button in training.children[:3]] == ["Train", "Stop", "Reset"]


def test_no_output_widget_is_used():
    todo = [toy(train=train).widget]
    while todo:
        widget = todo.pop()
        assert not isinstance(widget, ipywidgets.Output)
        todo += getattr(widget, "children", ())


# --- training -------------------------------------------------------------------------------------------------------


def train(data, *, report, stopped, periods, **others):
    """A curve that gets a point a step."""
    for _ in range(5 * periods):
        if stopped():
            break
        time.sleep(0.001)
        data = [*data, 0.1 * len(data)]
        report(data)
    return data


class Slow:
    """A training that goes on until it is let go or stopped."""

    def __init__(self):
        self.started, self.go = threading.Event(), threading.Event()

    def __call__(self, data, *, report, stopped, **controls):
        report([0.5])
        self.started.set()
        deadline = time.monotonic() + WAIT
        while not (stopped() or self.go.is_set()):
            assert time.monotonic() < deadline, "nobody stopped the training"
            time.sleep(0.002)
        return [1.0]

    def begin(self, lab: Lab) -> None:
        lab.train_button.click()
        assert self.started.wait(WAIT)


def end(lab: Lab) -> None:
    lab._training.join(WAIT)
    assert not lab._training.is_alive()


@pytest.fixture
def slow():
    training = Slow()
    yield training
    training.go.set()  # no thread outlives its test


def test_the_picture_follows_the_training_and_ends_with_its_result(monkeypatch):
    monkeypatch.setattr(base, "REPORT_SECONDS", 0.0)
    lab, pictures = toy(train=train), []
    lab.image.observe(lambda change: pictures.append(change["new"]), names="value")
    lab.train_button.click()
    end(lab)
    assert len(set(pictures)) == 15
    assert lab.data == pytest.approx([0.1 * k for k in range(16)])
    assert "mean 0.75" in lab.reading
    assert lab.message == ""


def test_reports_never_slow_the_training_down(monkeypatch):
    monkeypatch.setattr(base, "REPORT_SECONDS", 3600.0)
    lab, pictures = toy(train=train), []
    lab._last_report = time.monotonic()
    lab.image.observe(pictures.append, names="value")
    lab.start_training(wait=True)
    assert len(pictures) == 1  # the last one is always drawn


def test_while_it_trains_only_stop_can_be_pressed_and_after_it_only_train(slow):
    lab = toy(train=slow)
    assert (lab.train_button.disabled, lab.stop_button.disabled) == (False, True)
    slow.begin(lab)
    assert (lab.train_button.disabled, lab.stop_button.disabled) == (True, False)
    assert lab.message == "Training …"
    slow.go.set()
    end(lab)
    assert (lab.train_button.disabled, lab.stop_button.disabled) == (False, True)
    assert lab.message == ""


def test_stop_answers_at_once_and_keeps_what_was_trained(slow):
    lab = toy(train=slow)
    slow.begin(lab)
    began = time.monotonic()
    lab.stop_button.click()
    assert lab.message in ("Stopping …", "")
    end(lab)
    assert time.monotonic() - began < 1
    assert lab.data == [1.0]
    assert lab.message == ""


def test_stop_without_a_training_says_and_changes_nothing():
    lab = toy(train=train)
    lab.stop_training()
    assert lab.message == ""
    lab.start_training(wait=True)
    assert len(lab.data) == 16


def test_one_training_at_a_time_over_all_labs(slow):
    first, second = toy(train=slow), toy(train=train)
    slow.begin(first)
    second.train_button.click()
    assert "already" in second.message
    assert second.data == [0.0]
    slow.go.set()
    end(first)
    second.start_training(wait=True)
    assert len(second.data) == 16
    assert second.message == ""


def test_a_training_for_which_there_is_no_thread_leaves_the_lab_as_it_was(monkeypatch):
    def fail(thread):
        raise RuntimeError("can't start new thread")

    lab = toy(train=train)
    with monkeypatch.context() as without:
        without.setattr(threading.Thread, "start", fail)
        with pytest.raises(RuntimeError, match="new thread"):
            lab.start_training()
    assert (lab.message, lab.train_button.disabled, turns.training_runs()) == ("", False, False)
    lab.start_training(wait=True)
    assert len(lab.data) > 2


def test_the_picture_still_answers_while_it_trains(slow):
    lab = toy(train=slow)
    slow.begin(lab)
    by_hand(lab, height=0.5)
    assert "Height 0.5" in lab.reading
    assert lab.message == "Training …"
    by_hand(lab, periods=7)
    assert "do not" in lab.message
    by_hand(lab, periods=8)
    assert lab.message == "Training …"


def test_reset_during_a_training_stops_it_and_discards_its_result(slow):
    lab = toy(train=slow)
    first = lab.image.value
    slow.begin(lab)
    by_hand(lab, height=0.5)
    lab.reset()
    assert lab.data == [0.0]
    end(lab)
    assert lab.data == [0.0]
    assert lab.image.value == first
    assert lab.message == ""
    assert not lab.train_button.disabled


def test_reset_after_a_training_brings_back_the_first_data():
    lab = toy(train=train)
    first = lab.image.value
    lab.start_training(wait=True)
    assert lab.image.value != first
    lab.reset()
    assert lab.image.value == first


def fails(data, *, report, stopped, **controls):
    report([0.3])
    raise RuntimeError("out of\nluck")


def refuses(data, **controls):
    raise Invalid("This rate is no rate.")


@pytest.mark.parametrize(
    ("training", "said"), [(fails, "RuntimeError: out of luck"), (refuses, "This rate is no rate.")]
)
def test_an_error_in_a_training_is_one_line_and_the_next_training_can_start(training, said):
    lab = toy(train=training)
    lab.train_button.click()
    end(lab)
    assert said in lab.message
    assert not lab.train_button.disabled
    lab.train = train
    lab.start_training(wait=True)
    assert lab.message == ""
    assert len(lab.data) > 2


def test_a_bug_in_the_picture_of_a_training_is_still_said_when_the_training_is_over():
    def fragile(artists, data, **controls):
        if len(data) > 1:
            raise LookupError("no such curve")
        return update(artists, data, **controls)

    lab = toy(update=fragile, train=train)
    lab.start_training(wait=True)
    assert "LookupError: no such curve" in lab.message


def test_a_training_gets_the_settings_of_the_controls():
    got = {}

    def note(data, *, report, stopped, **controls):
        got.update(controls)
        return data

    lab = toy(train=note)
    by_hand(lab, periods=9)
    lab.start_training(wait=True)
    assert got == {"height": 1.0, "periods": 9, "kind": "sine", "dots": True}


def test_a_lab_with_nothing_to_train_says_so():
    with pytest.raises(TypeError, match="nothing to train"):
        toy().start_training()


# --- the self-test --------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("_selftest")
def test_the_self_test_passes_a_sound_lab_and_leaves_it_at_its_start():
    seen = set()

    def noting(artists, data, **values):
        seen.update(values.items())
        return update(artists, data, **values)

    lab = toy(update=noting)
    assert {("height", 0.0), ("height", 2.0), ("periods", 1), ("periods", 12), ("kind", "cosine")} <= seen
    assert {("dots", True), ("dots", False)} <= seen
    assert len({value for name, value in seen if name == "height"}) > 5  # the seeded settings too
    assert lab.values() == {"height": 1.0, "periods": 3, "kind": "sine", "dots": True}
    assert lab.message == ""


def damaged(when, how):
    def update_with_damage(artists, data, **values):
        if when(values):
            return how(artists, data, values)
        return update(artists, data, **values)

    return update_with_damage


def raises(artists, data, values):
    raise IndexError("beyond the end")


def moves_nothing(artists, data, values):
    return "Nothing moved."


def forgets_one(artists, data, values):
    line = artists["lines"][0]
    before = line.get_data()
    reading = update(artists, data, **values)
    line.set_data(*before)
    return reading


def leaves_a_trace(artists, data, values):
    reading = update(artists, data, **values)
    artists["wave"].set_linewidth(9)
    return reading


ENDS = {
    "height at its minimum": lambda values: values["height"] == 0.0,
    "height at its maximum": lambda values: values["height"] == 2.0,
    "periods at their maximum": lambda values: values["periods"] == 12,
    "periods at their maximum, the rest at the start": lambda values: (
        values["periods"] == 12 and values["kind"] == "sine" and values["height"] == 1.0
    ),
    "the last option": lambda values: values["kind"] == "cosine",
}


@pytest.mark.usefixtures("_selftest")
@pytest.mark.parametrize("end_of", ENDS)
@pytest.mark.parametrize("how", [raises, moves_nothing, forgets_one, leaves_a_trace])
def test_damage_at_one_end_of_a_control_is_caught(end_of, how):
    with pytest.raises((IndexError, AssertionError)):
        toy(update=damaged(ENDS[end_of], how))


@pytest.mark.usefixtures("_selftest")
def test_a_control_with_no_effect_is_caught_by_name():
    idle = controls() | {"idle": Slider("idle", 0, minimum=0, maximum=3)}

    def ignoring(artists, data, *, idle, **values):
        return update(artists, data, **values)

    with pytest.raises(AssertionError, match="'idle' of the lab 'toy' changes nothing"):
        toy(controls=idle, update=ignoring)


@pytest.mark.usefixtures("_selftest")
def test_a_control_that_needs_another_setting_is_tried_under_it():
    extra = controls() | {"shift": Slider("shift", 0.0, minimum=0.0, maximum=1.0, step=0.1, when={"kind": "cosine"})}

    def sometimes(artists, data, *, shift, kind, **values):
        return update(artists, [shift if kind == "cosine" else 0.0], kind=kind, **values)

    assert toy(controls=extra, update=sometimes).values()["kind"] == "sine"


@pytest.mark.usefixtures("_selftest")
def test_settings_that_are_refused_pass_the_self_test():
    bad = controls() | {"periods": Slider("periods", 3, minimum=1, maximum=7)}
    assert toy(controls=bad).message == ""


@pytest.mark.usefixtures("_selftest")
def test_the_self_test_trains_and_leaves_the_first_data():
    lab = toy(train=train)
    assert lab.data == [0.0]
    assert not turns.training_runs()


def trains_nothing(data, *, report, stopped, **controls):
    report(data)
    return data


def says_nothing(data, *, report, stopped, **controls):
    return [*data, 1.0]


def never_stops(data, *, report, stopped, **controls):
    for _ in range(10):
        data = [*data, 1.0]
        report(data)
    return data


@pytest.mark.usefixtures("_selftest")
@pytest.mark.parametrize(
    ("training", "fault"),
    [
        (trains_nothing, "its picture did not change"),
        (says_nothing, "reports nothing while it trains"),
        (never_stops, "went on for 9 reports after Stop"),
    ],
)
def test_a_training_without_result_reports_or_stop_is_caught(training, fault):
    with pytest.raises(AssertionError, match=fault):
        toy(train=training)


@pytest.mark.usefixtures("_selftest")
def test_an_error_in_a_training_is_raised_in_the_self_test_and_frees_the_next():
    with pytest.raises(RuntimeError, match="out of"):
        toy(train=fails)
    assert not turns.training_runs()


# --- the labs of the course -----------------------------------------------------------------------------------------


SHARED = {"framework"}
MODULES = sorted(module.name for module in pkgutil.iter_modules(labs.__path__) if module.name not in SHARED)


def model(*weights):
    """What a lab reads of a Keras model: layers with weights."""
    return SimpleNamespace(layers=[SimpleNamespace(get_weights=lambda made=made: list(made)) for made in weights])


def synthetic(n_series=120, n_steps=51):
    from helpers import series

    return series.generate_time_series(n_series, n_steps)


def one_neuron(w_x=1.66, w_h=-0.68, b=0.01):
    return model([np.array([[w_x]]), np.array([[w_h]]), np.array([b])])


def several_units(units=6, seed=0):
    drawn = np.random.RandomState(seed).randn
    layer = [drawn(1, units), 0.3 * drawn(units, units), 0.1 * drawn(units)]
    return model(layer, [drawn(units, 1), np.zeros(1)])


def recurrent_weights():
    """All arrays of a small recurrent network, as ``get_weights`` gives them."""
    return [array for layer in several_units().layers for array in layer.get_weights()]


def an_lstm(units=5, seed=0):
    drawn = np.random.RandomState(seed).randn
    return model(
        [drawn(2, 4 * units), 0.3 * drawn(units, 4 * units), 0.1 * drawn(4 * units)], [drawn(units, 1), np.zeros(1)]
    )


def marked(n_series, length, seed):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_series, length, 2))
    X[..., 1] = np.arange(length) == length // 4
    return X, 1.0 * (X[:, length // 4, :1] > 0)


def batch_normed(units=6, seed=0):
    recurrent = several_units(units, seed).layers[0].get_weights()
    return model(recurrent, [np.ones(units), np.zeros(units), np.zeros(units), np.ones(units)])


def targets_everywhere(n_series):
    """Series and their next ten values at every time step."""
    values = synthetic(n_series, 60)
    return values[:, :50], np.lib.stride_tricks.sliding_window_view(values[:, 1:, 0], 10, axis=1)


def hourly(n_hours=2000):
    hours = pd.date_range("2018-01-01", periods=n_hours, freq="h")
    return pd.Series(3000 + 2000 * np.sin(np.arange(n_hours) * 2 * np.pi / 24), hours)


def traffic_days():
    """Forecasters and midnights for the labs of lesson 10; the last one looks at tomorrow's weather."""
    from helpers import series

    def last_week(frame, rows):
        return frame["traffic"].to_numpy()[rows[:, np.newaxis] + np.arange(24) - 168]

    def looks_ahead(frame, rows):
        return last_week(frame, rows) - 500 * frame["clouds"].to_numpy()[rows[:, np.newaxis] + np.arange(24)] / 100

    return {"last week": last_week, "looks ahead": looks_ahead}, series.load_traffic(), np.arange(2016, 2688, 24)


def ten_ahead(past):
    """A stand-in for a model from (batch, steps, 1) to (batch, 10)."""
    return np.asarray(past)[:, -1] * np.linspace(1, 0, 10)


def one_ahead(past):
    """A stand-in for a model from (batch, steps, 1) to (batch, 1)."""
    return 0.9 * np.asarray(past)[:, -1]


def mirror_pairs():
    from helpers import review_grammar

    return review_grammar.pairs("en not but", 6, seed=0) + review_grammar.pairs("ko instead", 6, seed=0)


def ends_well(weight: float):
    """A stand-in for a model: from texts to probabilities that depend on the last word."""
    return lambda texts: np.array([1 / (1 + np.exp(-weight * (sum(map(ord, text[-3:])) % 7 - 3))) for text in texts])


def vectors(seed: int):
    return np.random.default_rng(seed).normal(size=(12, 5))


def forecasts_by_step(past):
    """A stand-in for a causal model from (batch, steps, 1) to (batch, steps, 10) that reads 5 inputs."""
    past = np.asarray(past)
    return sum(np.pad(past, [(0, 0), (back, 0), (0, 0)])[:, : past.shape[1]] for back in range(5)) * np.linspace(
        1, 0, 10
    )


#: What each lab is made of here, without TensorFlow.
def stacked_units(seed: int, units: int = 4):
    """Stand-in for two SimpleRNN layers under Dense(1)."""
    rng = np.random.default_rng(seed)
    sizes = [[(1, units), (units, units), (units,)], [(units, units), (units, units), (units,)], [(units, 1), (1,)]]
    return model(*([rng.normal(scale=0.3, size=size) for size in layer] for layer in sizes))


def reading_units(tokens='□\n abcdefghijklmnopqrstuvwxyz"T', units=6, seed=0):
    """Stand-in for Embedding, GRU and Dense, and its tokens."""
    rng, size = np.random.default_rng(seed), len(tokens)
    shapes = [[(size, 4)], [(4, 3 * units), (units, 3 * units), (2, 3 * units)], [(units, size), (size,)]]
    return model(*([rng.normal(size=shape) for shape in layer] for layer in shapes)), tuple(tokens)


def growing(n_blocks, kind):
    """Stand-in for a network of blocks that double the values, or leave them."""
    factor = {"plain": 1, "skip": 2}[kind]
    blocks = [lambda values: factor * values] * n_blocks
    return SimpleNamespace(layers=[lambda values: values[:, :3], *blocks, None])


def rows_and_targets(n_series):
    values = synthetic(n_series, 60)[..., 0]
    return values[:, :50], values[:, 50:]


def own_layers():
    """Makers of two layers, as lesson 11 gives them to the lab."""
    import keras

    return {"Dense(4)": lambda: keras.layers.Dense(4), "SimpleRNN(4)": lambda: keras.layers.SimpleRNN(4)}


def constitution():
    """Four fifths of a text, the rest, and subword models of two sizes."""
    from helpers import text, tokens

    counted, rest = text.split_lines(text.load_constitution())
    return counted, rest, {size: tokens.train_subwords(counted, size) for size in (400, 1200)}


MADE_OF = {
    "convolution": lambda: (synthetic()[0],),
    "receptive_field": lambda: (
        {"causal": (forecasts_by_step, 5), "every second step": (lambda x: forecasts_by_step(x)[:, 1::2], None)},
        synthetic(40, 60)[:, :50],
    ),
    "unroll": lambda: (one_neuron(), synthetic()[:, :50]),
    "hidden_states": lambda: (several_units(), synthetic()[:, :50], synthetic()[:, 50]),
    "gates": lambda: ({"one": an_lstm(), "other": an_lstm(seed=1)}, *marked(60, 40, 0)),
    "memory": lambda: ({"first symbol": marked, "marked symbol": marked},),
    "series": lambda: (synthetic(),),
    "window": lambda: (hourly(),),
    "day": traffic_days,
    "origin": traffic_days,
    "baseline": lambda: (synthetic(60, 60), hourly().to_numpy(), np.zeros(2000, bool), 1000),
    "fit": lambda: ((synthetic()[:90, :50], synthetic()[:90, 50]), (synthetic()[90:, :50], synthetic()[90:, 50])),
    "architecture": lambda: (
        (synthetic()[:90, :50], synthetic()[:90, 50]),
        (synthetic()[90:, :50], synthetic()[90:, 50]),
    ),
    "mask": lambda: ({"A": stacked_units(0), "B": stacked_units(1)}, synthetic()[:, :50], synthetic()[:, 50]),
    "gradient": lambda: ({"made": several_units()}, synthetic()[:, :50], synthetic()[:, 50]),
    "cliff": lambda: (synthetic()[:, :50], synthetic()[:, 50]),
    "tape": lambda: (synthetic()[:, :50], synthetic()[:, 50]),
    "finite_difference": lambda: (recurrent_weights(), synthetic()[:, :50], synthetic()[:, 50]),
    "normalisation": lambda: (batch_normed(), synthetic(20)[:, :50]),
    "cell": lambda: (targets_everywhere(90), targets_everywhere(30)),
    "forecast": lambda: ({"stand-in": ten_ahead}, synthetic(40, 60)[:, :50], synthetic(40, 60)[:, 50:, 0]),
    "shapes": lambda: (own_layers(), {"a row": (6,), "a sequence": (5, 1)}),
    "residual": lambda: (growing, rows_and_targets(140), rows_and_targets(60)),
    "teacher": lambda: (
        {"stand-in": one_ahead, "another": lambda past: 0.5 * np.asarray(past)[:, -1]},
        synthetic(40, 60)[:, :50],
        synthetic(40, 60)[:, 50:, 0],
        {"zero": np.zeros((40, 10)), "half": np.full((40, 10), 0.5)},
    ),
    "writer": lambda: ({"letters": reading_units(), "syllables": reading_units("□대한민국은 \n", seed=1)},),
    "tokenizer": lambda: constitution()[::2],
    "vocabulary": lambda: constitution(),
    "order": lambda: (
        {name: ends_well(weight) for name, weight in (("bag", 0.0), ("LSTM", 1.0), ("BiLSTM", 2.0))},
        mirror_pairs(),
    ),
    "embedding": lambda: (
        {f"word{k}": ("praise", "complaint", "neither")[k % 3] for k in range(12)},
        {task: (vectors(seed), vectors(seed + 5)) for seed, task in enumerate(("judge", "guess neighbours"))},
    ),
}
KEYWORDS = {
    "window": {"split": "2018-02-15"},
    "origin": {"holidays": np.arange(17_520) % 700 < 24},
    "residual": {"kinds": ["plain", "skip"]},
}
#: Swept here too; nbval sweeps all labs on the lessons' models.
QUICK = (
    "unroll",
    "hidden_states",
    "window",
    "mask",
    "forecast",
    "teacher",
    "tokenizer",
    "vocabulary",
    "order",
    "embedding",
)


def real(name: str) -> Lab:
    module = importlib.import_module(f"helpers.labs.{name}")
    return module.lab(*MADE_OF[name](), **KEYWORDS.get(name, {}))


@pytest.mark.parametrize("name", MODULES)
def test_a_lab_module_has_draw_update_and_lab_with_docstrings(name):
    module = importlib.import_module(f"helpers.labs.{name}")
    for function in (module.draw, module.update, module.lab):
        assert inspect.getdoc(function), function
    assert list(inspect.signature(module.draw).parameters) == ["fig", "data"]
    parameters = list(inspect.signature(module.update).parameters.values())
    assert [parameter.name for parameter in parameters[:2]] == ["artists", "data"]
    assert all(parameter.kind is parameter.KEYWORD_ONLY for parameter in parameters[2:])
    assert name in MADE_OF, f"give tests/labs/test_labs.py what the lab {name} is made of"


@pytest.fixture(scope="module", params=[name for name in MODULES if name in MADE_OF])
def made(request):
    """A lab of the course, in a lesson's style and with its fonts."""
    runtime.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("LAB_SELFTEST", raising=False)
        return real(request.param)


def legends(fig) -> list:
    """All legends of a figure, those of its subfigures too."""
    found = [*fig.legends, *(ax.get_legend() for ax in fig.axes if ax.get_legend())]
    for part in fig.subfigs:
        found += part.legends
    return found


def wanders(legend) -> bool:
    return legend._get_loc() == 0  # "best", which depends on the data


def test_legends_have_fixed_places(made):
    assert not [legend for legend in legends(made.render()) if wanders(legend)]


def test_a_legend_that_wanders_would_be_seen():
    ax = Figure().subplots()
    ax.plot([0, 1], label="line")
    ax.legend(loc="best")
    assert [wanders(legend) for legend in legends(ax.figure)] == [True]


def test_a_lab_has_tasks_and_its_controls_are_those_of_its_update(made):
    assert "<li>" in made.widget.children[0].value
    assert not set("*`") & set(made.widget.children[0].value)  # shown as written: no Markdown
    assert set(made.controls) == set(inspect.signature(made.update).parameters) - {"artists", "data"}


def test_a_lab_shows_at_both_ends_what_a_fresh_figure_shows(made):
    for which in (0, -1):
        made.set(**{name: control.values()[which] for name, control in made.controls.items()})
        assert not made.message.startswith("This setting broke"), made.message
        if not made.message:
            np.testing.assert_array_equal(picture(made), fresh(made))
    made.reset()


def test_a_reading_is_one_line_of_sentences_and_the_same_every_time(made):
    reading = made.reading
    assert reading.endswith(".")
    assert "\n" not in reading
    made.set(**made.values())
    assert made.reading == reading


@pytest.mark.usefixtures("_selftest")
@pytest.mark.parametrize("name", [name for name in QUICK if name in MODULES])
def test_a_lab_of_the_course_passes_its_self_test(name):
    began = time.process_time()
    lab = real(name)
    assert lab.message == ""
    assert time.process_time() - began < 10  # 5 s on a free machine; two threads may count twice


@pytest.mark.usefixtures("_selftest")
@pytest.mark.parametrize(("name", "control"), [("unroll", "step"), ("hidden_states", "unit")])
def test_damage_at_the_end_of_a_control_of_the_course_is_caught(name, control, monkeypatch):
    module = importlib.import_module(f"helpers.labs.{name}")
    sound = module.update
    last = {"step": 49, "unit": 5}[control]

    def stuck(artists, data, **values):
        return "Stuck." if values[control] == last else sound(artists, data, **values)

    monkeypatch.setattr(module, "update", stuck)
    with pytest.raises(AssertionError, match="differ between blit and full draw"):
        real(name)


def test_unroll_opens_on_weights_beyond_its_usual_range():
    from helpers.labs import unroll

    lab = unroll.lab(one_neuron(w_x=-4.5, w_h=3.0), synthetic()[:, :50])
    assert (lab.values()["w_x"], lab.values()["w_h"]) == (-4.5, 3.0)


GRU_OF_TWO = [np.zeros((1, 6)), np.zeros((2, 6)), np.zeros((2, 6))]
WRONG = {
    "tokenizer": {"no text": (" ", {400: None}), "no models": ("나는", {})},
    "vocabulary": {
        "no text": ("", "나는", {400: None}),
        "no models": ("나는", "나는", {}),
        "no rest": ("나는", "\n", {400: None}),
    },
    "unroll": {
        "no model": (None, np.zeros((2, 50, 1))),
        "a model without layers": (model(), np.zeros((2, 50, 1))),
        "a Dense layer": (model([np.zeros((1, 1)), np.zeros(1)]), np.zeros((2, 50, 1))),
        "20 units": (several_units(20), np.zeros((2, 50, 1))),
        "weights that are NaN": (one_neuron(w_h=float("nan")), np.zeros((2, 50, 1))),
        "one series": (one_neuron(), np.zeros((1, 50, 1))),
        "49 steps": (one_neuron(), np.zeros((2, 49, 1))),
        "two features": (one_neuron(), np.zeros((2, 50, 2))),
        "a plain list": (one_neuron(), [0.0] * 50),
        "series that are NaN": (one_neuron(), np.full((2, 50, 1), np.nan)),
    },
    "hidden_states": {
        "no model": (None, np.zeros((2, 50, 1)), np.zeros(2)),
        "no head": (one_neuron(), np.zeros((2, 50, 1)), np.zeros(2)),
        "two features": (several_units(), np.zeros((2, 50, 2)), np.zeros(2)),
        "a GRU": (model(GRU_OF_TWO, [np.zeros((2, 1)), np.zeros(1)]), np.zeros((2, 50, 1)), np.zeros(2)),
        "one series": (several_units(), np.zeros((1, 50, 1)), np.zeros(1)),
        "more targets than series": (several_units(), np.zeros((2, 50, 1)), np.zeros(3)),
        "no steps axis": (several_units(), np.zeros((2, 50)), np.zeros(2)),
        "targets that are NaN": (several_units(), np.zeros((2, 50, 1)), np.full(2, np.nan)),
    },
    "architecture": {
        "no feature axis": ((np.zeros((4, 50)), np.zeros((4, 1))), (np.zeros((4, 50, 1)), np.zeros((4, 1)))),
        "targets as a list": ((np.zeros((4, 50, 1)), [0.0] * 4), (np.zeros((4, 50, 1)), np.zeros((4, 1)))),
        "fewer targets than series": (
            (np.zeros((4, 50, 1)), np.zeros((4, 1))),
            (np.zeros((4, 50, 1)), np.zeros((3, 1))),
        ),
    },
    "mask": {
        "one model": ({"A": stacked_units(0)}, np.zeros((2, 50, 1)), np.zeros(2)),
        "no dict": (stacked_units(0), np.zeros((2, 50, 1)), np.zeros(2)),
        "no model": ({"A": None, "B": None}, np.zeros((2, 50, 1)), np.zeros(2)),
        "no head": ({"A": one_neuron(), "B": one_neuron()}, np.zeros((2, 50, 1)), np.zeros(2)),
        "other units": ({"A": stacked_units(0), "B": stacked_units(0, 5)}, np.zeros((2, 50, 1)), np.zeros(2)),
        "49 steps": ({"A": stacked_units(0), "B": stacked_units(1)}, np.zeros((2, 49, 1)), np.zeros(2)),
        "fewer targets": ({"A": stacked_units(0), "B": stacked_units(1)}, np.zeros((3, 50, 1)), np.zeros(2)),
        "series that are NaN": (
            {"A": stacked_units(0), "B": stacked_units(1)},
            np.full((2, 50, 1), np.nan),
            np.zeros(2),
        ),
    },
}


@pytest.mark.parametrize(("name", "what"), [(name, what) for name, cases in WRONG.items() for what in cases])
def test_wrong_data_is_refused_with_what_was_got_and_expected(name, what):
    module = importlib.import_module(f"helpers.labs.{name}")
    with pytest.raises(ValueError, match=r"expected|not finite"):
        module.lab(*WRONG[name][what])


def test_the_self_test_runs_when_the_variable_asks_for_it_and_only_then(monkeypatch):
    ran = []
    monkeypatch.setattr(selftest, "run", ran.append)
    toy()
    assert not ran
    monkeypatch.setenv("LAB_SELFTEST", "1")
    lab = toy()
    assert ran == [lab]
