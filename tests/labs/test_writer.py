"""Lab *writer* (lesson 15): it reads and writes with the model that it is given, whatever is typed."""

from __future__ import annotations

import time

import numpy as np
import pytest

from helpers import language
from helpers.labs import writer
from helpers.labs.framework.lab import Invalid, Lab
from helpers.plots.writing import page
from tests.labs.stand_ins import model


def reading_units(tokens='□\n abcdefghijklmnopqrstuvwxyz"T', units=6, seed=0):
    """Stand-in for Embedding, GRU and Dense, and its tokens."""
    rng, size = np.random.default_rng(seed), len(tokens)
    shapes = [[(size, 4)], [(4, 3 * units), (units, 3 * units), (2, 3 * units)], [(units, size), (size,)]]
    return model(*([rng.normal(size=shape) for shape in layer] for layer in shapes)), tuple(tokens)


def stand_in() -> Lab:
    """The lab on small data."""
    return writer.lab({"letters": reading_units(), "syllables": reading_units("□대한민국은 \n", seed=1)})


@pytest.fixture(scope="module")
def models(style):
    return {"letters": reading_units(), "syllables": reading_units("□대한민국은 \n", seed=1)}


def large(layers=1, tokens=97, units=192):
    """A stand-in of the size that the lesson trains."""
    made = reading_units("".join(chr(code) for code in range(32, 32 + tokens)), units)
    return {"large": made}


def test_the_picture_shows_the_most_surprising_character_first(models):
    lab = writer.lab(models)
    values = lab.values()
    values.pop("rank"), values.pop("model"), values.pop("prompt")
    made = writer.write(lab.data["letters"], lab.values()["prompt"], **values)
    place = int(np.argmax(made.bits))
    fig = lab.render()
    artists = writer.draw(fig, lab.data)
    reading = writer.update(artists, lab.data, **lab.values())
    row, column = divmod(place, writer.COLUMNS)
    assert (artists["frame"].get_x(), artists["frame"].get_y()) == (column, -row - 1)
    assert f"Surprise no. 1: “{made.text[place]}”" in reading
    assert f"{made.bits[place]:.1f} bits" in reading
    np.testing.assert_allclose(artists["cells"].get_array()[: len(made.bits)], made.bits)


def test_ranks_go_down_and_0_is_what_comes_next(models):
    lab = writer.lab(models)
    bits = []
    for rank in (1, 2, 3):
        lab.set(rank=rank)
        bits.append(float(lab.reading.split(" bits; expected")[0].split(", ")[-1]))
    assert bits == sorted(bits, reverse=True)
    lab.set(rank=0)
    assert "Next, after “" in lab.reading


def test_the_bars_are_the_models_probabilities_and_the_points_what_is_drawn_from(models):
    lab = writer.lab(models)
    artists = writer.draw(lab.render(), lab.data)
    writer.update(artists, lab.data, **lab.values() | {"prompt": "abc", "length": 0, "rank": 0, "top_k": 3})
    model = lab.data["letters"]
    logits, _ = language.follow(model, language.encode(model, "\nabc"))
    shares = np.sort(language.probabilities(logits[-1]))[::-1]
    np.testing.assert_allclose([bar.get_width() for bar in artists["bars"]], shares[: writer.N_CANDIDATES], rtol=1e-6)
    drawn = artists["drawn"].get_xdata()
    assert (drawn[:3] > 0).all()
    assert not drawn[3:].any()
    assert sum(drawn) == pytest.approx(1)


def test_prompt_and_continuation_have_their_own_costs(models):
    lab = writer.lab(models, "the cat")
    lab.set(length=30)
    assert lab.reading.startswith("Prompt: 7 characters, ")
    assert "written: 30 characters, " in lab.reading
    lab.set(length=0, prompt="")
    assert lab.reading.startswith("Nothing is read and nothing written. Next, at the beginning: “")


def test_drawing_is_seeded(models):
    lab = writer.lab(models)
    first = lab.image.value
    lab.set(seed=3)
    assert lab.image.value != first
    lab.set(seed=0)
    assert lab.image.value == first


def test_markup_is_drawn_letter_by_letter(models):
    lab = writer.lab(models)
    artists = writer.draw(lab.render(), lab.data)
    writer.update(artists, lab.data, **lab.values() | {"prompt": "<b>$x^2$</b>", "length": 0})
    drawn = artists["letters"].get_path().vertices
    np.testing.assert_array_equal(drawn, page("<b>$x^2$</b>", writer.COLUMNS).vertices)


def test_unknown_characters_are_counted_and_shown_as_typed(models):
    lab = writer.lab(models)
    lab.set(prompt="é漢a", length=0)
    assert "2 characters that this model does not know are read as □" in lab.reading
    made = writer.write(lab.data["letters"], "é漢a", temperature=1, top_k=0, length=0, seed=0)
    assert made.text == "é漢a"
    assert made.ids[:2].tolist() == [0, 0]


def test_of_a_long_prompt_the_end_is_read_and_the_page_shows_the_end(models):
    lab = writer.lab(models)
    lab.set(prompt="ab" * 5000, length=200)
    assert "of 10,000 typed the last 400" in lab.reading
    artists = writer.draw(lab.render(), lab.data)
    writer.update(artists, lab.data, **lab.values())
    assert len(artists["bits"].get_xdata()) == writer.COLUMNS * writer.ROWS


def test_decomposed_hangul_is_read_as_syllables(models):
    lab = writer.lab(models)
    lab.set(model="syllables", prompt="\u1112\u1161\u11ab\u1100\u116e\u11a8", length=0)
    assert lab.reading.startswith("Prompt: 2 characters, ")
    assert "does not know" not in lab.reading


def test_a_hundred_characters_take_less_than_300_ms():
    lab = writer.lab(large())
    seconds = []
    for seed in range(1, 6):
        began = time.process_time()
        lab.set(seed=seed)
        seconds.append(time.process_time() - began)
    assert np.median(seconds) < 0.3


def test_nonsense_is_invalid(models):
    with pytest.raises(Invalid, match="expected 0 or more"):
        writer.lab(models).render(temperature=-1)


@pytest.mark.parametrize(
    ("made", "message"),
    [
        ({}, "at least one model"),
        ({"other": (None, ("□",))}, "expected an embedding of 1 tokens"),
        ({"words": (reading_units("□ab")[0], ("□", "the", "a"))}, "single characters"),
    ],
    ids=["none", "no model", "words"],
)
def test_wrong_data_is_refused(made, message):
    with pytest.raises(ValueError, match=message):
        writer.lab(made)
