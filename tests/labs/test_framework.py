"""The framework of the labs: one picture that always is what its controls say, on ipywidgets 7.7 and 8."""

from __future__ import annotations

import base64
import gc
import html
import json
import random
import re
import threading
import time
import weakref
from io import BytesIO

import ipywidgets
import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from helpers.labs.framework import canvas, cells, redraws, training, turns
from helpers.labs.framework import lab as base
from helpers.labs.framework.controls import Choice, Slider, Switch, Text, well_formed
from helpers.labs.framework.lab import Invalid, Lab
from helpers.labs.framework.words import Words
from tests.support import selftest
from tests.support.typed import TYPED

WAIT = 20  # seconds after which a thread counts as stuck


@pytest.fixture
def _selftest(monkeypatch):
    """Every lab that the test makes sweeps itself."""
    monkeypatch.setattr(selftest, "RANDOM_SETTINGS", 6)
    selftest.install()
    yield
    selftest.uninstall()


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
    fig.set_dpi(canvas.SHARP * canvas.DPI)
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
    assert picture(lab).shape == (400, 1000, 3)
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
    assert (picture(lab)[:, 600:] == 255).all()
    assert not (shown[:, 600:] == 255).all()


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
    assert selftest.values(lab.controls["typed"])[-1] == "나는"
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
    with pytest.raises(TypeError, match=r"no control \['colour'\]; it has \['dots', 'height', 'kind', 'periods'\]"):
        toy().set(colour="red")


@pytest.mark.parametrize(
    ("values", "error", "words"),
    [
        ({"periods": 99}, ValueError, "periods: got 99, expected a whole number from 1 to 12."),
        ({"periods": 0}, ValueError, "periods: got 0, expected a whole number from 1 to 12."),
        ({"periods": 3.5}, TypeError, "periods: got 3.5, expected a whole number from 1 to 12."),
        ({"periods": True}, TypeError, "periods: got True, expected a whole number from 1 to 12."),
        ({"height": float("nan")}, ValueError, "height: got nan, expected a number from 0.0 to 2.0."),
        ({"height": "high"}, TypeError, "height: got 'high', expected a number from 0.0 to 2.0."),
        ({"kind": "square wave"}, ValueError, "kind: got 'square wave', expected one of 'sine', 'cosine'."),
        ({"kind": 1}, ValueError, "kind: got 1, expected one of 'sine', 'cosine'."),
        ({"kind": np.zeros(2)}, ValueError, "kind: got array([0., 0.]), expected one of 'sine', 'cosine'."),
        ({"dots": 1}, TypeError, "dots: got 1, expected True or False."),
    ],
)
@pytest.mark.parametrize("with_widgets", [False, True])
def test_a_value_that_no_hand_could_set_is_refused_in_a_sentence_and_nothing_moves(values, error, words, with_widgets):
    lab = toy()
    first = lab.image.value if with_widgets else lab.png
    before = lab.values()
    for refused in (values, {"height": 0.5} | values, values | {"kind": "cosine"} | values):
        with pytest.raises(error) as caught:
            lab.set(**refused)
        assert str(caught.value) == words
        assert lab.values() == before
        assert lab.png == first
    if with_widgets:
        assert {name: widget.value for name, widget in lab.widgets.items()} == before


def test_numpy_s_numbers_are_taken_as_numbers():
    lab = toy()
    lab.set(periods=np.int64(5), height=np.float32(0.5), dots=np.bool_(False))
    assert lab.values() == {"height": 0.5, "periods": 5, "kind": "sine", "dots": False}
    assert [type(value) for value in lab.values().values()] == [float, int, str, bool]
    assert Choice("top-k", 0, options=[("all", 0), ("10", 10)]).checked(np.int64(10)) == 10


def test_a_choice_that_starts_at_no_option_is_refused():
    with pytest.raises(ValueError, match="got 'c', expected one of 'a', 'b'"):
        Choice("kind", "c", options=["a", "b"])


@pytest.mark.parametrize("typed", [None, 3, b"bytes"])
def test_what_is_no_text_is_refused_by_a_field(typed):
    for control in (Text("type here", ""), Words("sentence", "a b")):
        with pytest.raises(TypeError, match="expected a text"):
            control.checked(typed)


def test_reset_brings_back_the_first_settings_and_the_first_picture():
    lab = toy()
    first, values = lab.image.value, lab.values()
    lab.set(height=2.0, periods=12, kind="cosine", dots=False)
    lab.view.reset_button.click()
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
    said = texts(lab) + lab._repr_mimebundle_()["text/html"]
    for text in ("<i>title</i>", "<u>task</u>", "<script>alert(1)</script>"):
        assert text not in said
        assert html.escape(text) in said


# --- on the page ----------------------------------------------------------------------------------------------------


def image_in(page: str) -> tuple[str, bytes]:
    """Alternative text and PNG of the one image in some HTML."""
    (found,) = re.findall(r'<img alt="([^"]*)" width="500"[^>]* src="data:image/png;base64,([^"]*)">', page)
    return html.unescape(found[0]), base64.b64decode(found[1])


def test_a_page_without_a_kernel_gets_tasks_picture_with_alt_text_and_reading():
    lab = toy()
    bundle = lab._repr_mimebundle_()
    assert set(bundle) == {"application/vnd.jupyter.widget-view+json", "text/html", "text/plain"}
    assert bundle["application/vnd.jupyter.widget-view+json"]["model_id"] == lab.widget.model_id
    assert image_in(bundle["text/html"]) == (f"Lab toy: {lab.reading}", lab.png)
    assert "<b>Lab: toy</b>" in bundle["text/html"]
    assert "<li>Raise the height.</li>" in bundle["text/html"]
    assert bundle["text/html"].count(lab.reading) == 2  # as alternative text, and to be read
    assert bundle["text/plain"] == f"Lab toy (height=1.0, periods=3, kind=sine, dots=True). {lab.reading}"


def test_text_and_picture_of_a_page_are_the_same_in_every_run():
    first, second = toy()._repr_mimebundle_(), toy()._repr_mimebundle_()
    for kind in ("text/html", "text/plain"):
        assert first[kind] == second[kind]


def test_the_live_picture_has_the_reading_as_its_name_and_the_reading_is_announced():
    lab = toy()
    for height in (1.0, 0.5):
        lab.set(height=height)
        if hasattr(lab.image, "tooltip"):  # ipywidgets 8; in 7.7 an image has no text of its own
            assert lab.image.get_state()["tooltip"] == f"Lab toy: {lab.reading}"
            assert lab.image.get_state()["description"] == ""
        announced = lab.widget.children[-1].value
        assert announced.startswith('<div aria-live="polite"')
        assert lab.reading in announced


def test_ipython_shows_that_bundle_whatever_the_version_of_ipywidgets():
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    try:
        bundle, _ = shell.display_formatter.format(toy())
    finally:
        InteractiveShell.clear_instance()
    assert {"application/vnd.jupyter.widget-view+json", "text/html", "text/plain"} == set(bundle)


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


# --- closing --------------------------------------------------------------------------------------------------------


def all_widgets() -> set[str]:
    """What ipywidgets keeps."""
    registry = ipywidgets.widgets.widget
    return set(registry._instances if hasattr(registry, "_instances") else ipywidgets.Widget.widgets)


def test_a_closed_lab_leaves_no_widget_and_holds_no_data():
    class Model:
        def __array__(self, *_, **__):
            return np.zeros(1)

    extra = {
        "words": Words("words", "a b c d", examples=["e"]),
        "typed": Text("typed", ""),
        "many": Choice("many", 1, options=range(9)),
    }

    def ignoring(artists, data, *, words, typed, many, **values):
        return update(artists, data, **values)

    before, model = all_widgets(), Model()
    lab = toy(data=model, controls=controls() | extra, update=ignoring, train=train)
    lab.set(words="a b c d e f")
    assert lab.widget
    lab.set(words="a")
    held = weakref.ref(model)
    lab.close()
    lab.close()
    del model
    gc.collect()
    assert held() is None
    assert all_widgets() == before
    assert (lab.data, lab.is_closed) == (None, True)


def test_a_closed_lab_says_so_wherever_it_is_asked():
    lab = toy(train=train)
    lab.close()
    assert repr(lab) == "Lab toy, closed: its cell has been run again."
    assert lab._repr_mimebundle_() == {"text/plain": repr(lab)}
    asked = [lambda: lab.set(height=1.0), lab.reset, lab.start_training, lab.render, lab.picture, lambda: lab.widget]
    for ask in asked:
        with pytest.raises(ValueError, match="the lab 'toy' is closed"):
            ask()
    lab.stop_training()


def test_a_training_ends_when_its_lab_is_closed_and_the_next_one_can_start(slow):
    lab = toy(train=slow)
    slow.begin(lab)
    thread = lab.training.thread
    lab.close()
    thread.join(WAIT)
    assert not thread.is_alive()
    assert not turns.training_runs()
    other = toy(train=train)
    other.start_training(wait=True)
    assert len(other.data) == 16


# --- twice the pixels at rest ---------------------------------------------------------------------------------------


def width(png: bytes) -> int:
    return Image.open(BytesIO(png)).width


@pytest.fixture
def hand(monkeypatch):
    """Moves are those of a front end's messages."""
    monkeypatch.setattr(cells, "in_message", lambda: True)


def until(condition) -> None:
    deadline = time.monotonic() + WAIT
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_first_shown_and_other_settings_pictures_have_twice_the_pixels_of_their_size_on_the_page():
    lab = toy()
    assert [width(lab.png), width(lab.image.value), width(lab.picture(height=0.5)[0])] == [1000] * 3
    assert lab.image.width == "500"


@pytest.mark.usefixtures("hand")
def test_while_a_hand_drags_there_is_one_pixel_a_point_and_two_when_it_rests():
    lab, shown = toy(), []
    lab.image.observe(lambda change: shown.append(width(change["new"])), names="value")
    for step in range(4):
        lab.widgets["height"].value = step / 10
        until(lambda step=step: len(shown) > step)
    until(lambda: shown[-1] == 1000)
    assert set(shown[:-1]) == {500}
    np.testing.assert_array_equal(picture(lab), fresh(lab))


@pytest.mark.usefixtures("hand")
def test_a_picture_that_settles_leaves_the_message_alone(slow):
    other, lab = toy(train=slow), toy(train=train)
    slow.begin(other)
    shown = []
    lab.image.observe(lambda change: shown.append(width(change["new"])), names="value")
    lab.widgets["height"].value = 0.5
    until(lambda: shown)
    lab.view.train_button.click()
    until(lambda: shown[-1] == 1000)
    assert lab.message == base.BUSY


@pytest.mark.usefixtures("hand")
def test_a_refused_setting_leaves_the_last_good_picture_as_it_was():
    lab = toy()
    good = lab.image.value
    lab.widgets["periods"].value = 7
    until(lambda: lab.message)
    time.sleep(2 * redraws.SETTLE_SECONDS)
    assert lab.image.value == good == lab.png


def test_blitting_and_a_fresh_figure_agree_when_scales_alternate():
    lab = toy()
    for height in (0.3, 1.7, 0.3):  # other limits of the axis, so another background
        for scale in (1, 2):
            lab.set(height=height)
            shown = np.asarray(Image.open(BytesIO(lab.redraws._picture.png(scale))))
            fig = lab.render()
            fig.set_dpi(scale * canvas.DPI)
            fig.canvas.draw()
            np.testing.assert_array_equal(shown, canvas.pixels(fig.canvas))


# --- redraws that build layers --------------------------------------------------------------------------------------


@pytest.mark.usefixtures("hand")
def test_a_redraw_on_release_waits_for_the_running_cell_and_other_moves_of_that_lab_with_it(monkeypatch):
    monkeypatch.setattr(turns, "_cells", ["a cell"])
    lab, other = toy(), toy()
    reading = lab.reading
    lab.widgets["periods"].value = 9
    lab.widgets["height"].value = 0.5
    other.widgets["height"].value = 0.7
    until(lambda: "Height 0.7" in other.reading)  # a lab that builds nothing goes on
    time.sleep(3 * turns.PAUSE)
    assert lab.reading == reading
    assert lab.message == base.REDRAW_WAITS
    turns._cells.clear()
    until(lambda: "Height 0.5, 9 periods" in lab.reading)
    assert lab.message == ""


def test_a_cell_begins_when_such_a_redraw_has_ended(monkeypatch):
    monkeypatch.setattr(turns, "_cells", [])
    with turns.between_cells(lambda: False):
        cell = threading.Thread(target=turns._before_cell, args=("a cell",))
        cell.start()
        time.sleep(3 * turns.PAUSE)
        assert not turns.cell_runs()
    cell.join(WAIT)
    assert turns.cell_runs()


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
        lab.view.train_button.click()
        assert self.started.wait(WAIT)


def end(lab: Lab) -> None:
    lab.training.thread.join(WAIT)
    assert not lab.training.thread.is_alive()


@pytest.fixture
def slow():
    training = Slow()
    yield training
    training.go.set()  # no thread outlives its test


def test_the_picture_follows_the_training_and_ends_with_its_result(monkeypatch):
    monkeypatch.setattr(training, "REPORT_SECONDS", 0.0)
    lab, pictures = toy(train=train), []
    lab.image.observe(lambda change: pictures.append(change["new"]), names="value")
    lab.view.train_button.click()
    end(lab)
    assert len(set(pictures)) == 15 + 1  # the last one also at rest
    assert lab.data == pytest.approx([0.1 * k for k in range(16)])
    assert "mean 0.75" in lab.reading
    assert lab.message == ""


def test_reports_never_slow_the_training_down(monkeypatch):
    monkeypatch.setattr(training, "REPORT_SECONDS", 3600.0)
    lab, pictures = toy(train=train), []
    lab.training._last_report = time.monotonic()
    lab.image.observe(pictures.append, names="value")
    lab.start_training(wait=True)
    assert len(pictures) == 1  # the last one is always drawn


def test_while_it_trains_only_stop_can_be_pressed_and_after_it_only_train(slow):
    lab = toy(train=slow)
    assert (lab.view.train_button.disabled, lab.view.stop_button.disabled) == (False, True)
    slow.begin(lab)
    assert (lab.view.train_button.disabled, lab.view.stop_button.disabled) == (True, False)
    assert lab.message == "Training …"
    slow.go.set()
    end(lab)
    assert (lab.view.train_button.disabled, lab.view.stop_button.disabled) == (False, True)
    assert lab.message == ""


def test_stop_answers_at_once_and_keeps_what_was_trained(slow):
    lab = toy(train=slow)
    slow.begin(lab)
    began = time.monotonic()
    lab.view.stop_button.click()
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
    second.view.train_button.click()
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
    assert (lab.message, lab.view.train_button.disabled, turns.training_runs()) == ("", False, False)
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
    assert not lab.view.train_button.disabled


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
    lab.view.train_button.click()
    end(lab)
    assert said in lab.message
    assert not lab.view.train_button.disabled
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
        (never_stops, "reported 9 times after Stop"),
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


# --- buttons of a lab's own and upright sliders -----------------------------------------------------------------------


def add_one(data, *, periods, **others):
    if periods == 5:
        raise Invalid("Not with 5 periods.")
    return [data[0] + 0.3]


@pytest.mark.usefixtures("_selftest")
def test_a_button_of_its_own_changes_the_data_at_once_and_reset_brings_them_back():
    lab = toy(acts={"Add": add_one})
    lab.view.act_buttons["Add"].click()
    assert lab.reading.endswith("mean 0.30.")
    assert (picture(lab) == fresh(lab)).all()
    lab.set(periods=5)
    lab.act("Add")
    assert lab.message == "Not with 5 periods."
    assert lab.reading.endswith("mean 0.30.")
    lab.reset()
    assert lab.reading.endswith("mean 0.00.")
    with pytest.raises(ValueError, match="has no button 'add'"):
        lab.act("add")


@pytest.mark.usefixtures("_selftest")
def test_a_button_that_changes_nothing_fails():
    with pytest.raises(AssertionError, match="button 'Wait' of the lab 'toy' changes nothing"):
        toy(acts={"Wait": lambda data, **controls: data})


def test_an_upright_slider_stands():
    lab = toy(controls=controls() | {"height": Slider("height", 1.0, minimum=0.0, maximum=2.0, step=0.1, upright=True)})
    assert lab.widgets["height"].orientation == "vertical"
    by_hand(lab, height=0.5)
    assert lab.values()["height"] == 0.5
