"""Lab *tokenizer* (lesson 13): its rows are those of Keras, and every token is shown."""

from __future__ import annotations

import html

import numpy as np
import pytest

from helpers import text, tokens
from helpers.labs import tokenizer
from helpers.labs.framework.lab import Lab
from tests.labs.seen import texts
from tests.labs.stand_ins import constitution


def stand_in() -> Lab:
    """The lab on small data."""
    return tokenizer.lab(*constitution()[::2])


WRONG = {"no text": (" ", {400: None}), "no models": ("나는", {})}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_wrong_data_is_refused(wrong):
    with pytest.raises(ValueError, match=r"expected|not finite"):
        tokenizer.lab(*wrong)


METHODS = ["words", "syllables", "letters", "subwords"]


@pytest.fixture(scope="module")
def parts():
    return text.split_lines(text.load_constitution())


@pytest.fixture(scope="module")
def models(style, parts):
    return {size: tokens.train_subwords(parts[0], size) for size in tokenizer.SIZES}


def test_at_its_defaults_no_word_is_known_and_every_syllable_is(parts, models):
    lab = tokenizer.lab(parts[0], models)
    assert lab.reading == (
        "By words: 4 tokens, 4 unknown (100%): 대통령도 1, 국회도 1, 법률대로 1, 하자 1. Row of 12: 8 zeros added."
    )
    for method in METHODS[1:]:
        lab.set(method=method)
        assert " 0 unknown (0%)" in lab.reading


def test_hangul_taken_apart_is_known_by_letters_only(parts, models):
    lab = tokenizer.lab(parts[0], models)
    unknown = {}
    for method in METHODS:
        for form in tokenizer.FORMS:
            lab.set(method=method, form=form, typed="국민")
            unknown[method, form] = " 0 unknown" not in lab.reading
    assert [method for method in METHODS if unknown[method, "apart (NFD)"]] == ["words", "syllables", "subwords"]
    assert not unknown["syllables", "joined (NFC)"]
    assert not unknown["subwords", "joined (NFC)"]


def test_the_row_is_that_of_keras(parts, models):
    keras = pytest.importorskip("keras")
    methods = tokens.methods(parts[0], models)
    for length, padding, truncating in (
        (3, "pre", "post"),
        (3, "post", "pre"),
        (18, "pre", "pre"),
        (18, "post", "pre"),
    ):
        made = tokenizer.tokenize(
            methods["subwords"],
            tokenizer.START,
            form="as typed",
            vocabulary=1200,
            mark=True,
            length=length,
            padding=padding,
            truncating=truncating,
        )
        expected = keras.utils.pad_sequences([made.kept], length, padding=padding, truncating=truncating)[0]
        np.testing.assert_array_equal(made.row, expected)


def test_unknown_tokens_can_be_left_out_as_the_class_notes_do_first(parts, models):
    lab = tokenizer.lab(parts[0], models)
    lab.set(typed="모든 국민은 머신러닝을 배운다", mark=False)
    assert lab.reading.endswith("Row of 12: 10 zeros added.")
    lab.set(mark=True)
    assert lab.reading.endswith("Row of 12: 8 zeros added.")


def test_what_finds_no_room_is_counted(parts, models):
    lab = tokenizer.lab(parts[0], models)
    lab.set(method="syllables", typed="가" * 10_000)
    assert "10,000 tokens" in lab.reading
    fig = lab.render()
    assert "… and 9,960 more" in [item.get_text() for item in fig.axes[0].texts]


def test_what_a_token_quotes_is_escaped(parts, models):
    lab = tokenizer.lab(parts[0], models)
    lab.set(method="syllables", typed="<&>")
    assert html.escape("< 1, & 1, > 1") in texts(lab)
