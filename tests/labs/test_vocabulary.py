"""Lab *vocabulary* (lesson 13): its shares and lengths are those of the text."""

from __future__ import annotations

import pytest

from helpers import text, tokens
from helpers.labs import tokenizer, vocabulary
from helpers.labs.framework.lab import Invalid, Lab
from tests.labs.stand_ins import constitution


def stand_in() -> Lab:
    """The lab on small data."""
    return vocabulary.lab(*constitution())


WRONG = {
    "no text": ("", "나는", {400: None}),
    "no models": ("나는", "나는", {}),
    "no rest": ("나는", "\n", {400: None}),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_wrong_data_is_refused(wrong):
    with pytest.raises(ValueError, match=r"expected|not finite"):
        vocabulary.lab(*wrong)


@pytest.fixture(scope="module")
def parts():
    return text.split_lines(text.load_constitution())


@pytest.fixture(scope="module")
def models(style, parts):
    return {size: tokens.train_subwords(parts[0], size) for size in tokenizer.SIZES}


def type_in(lab, typed: str) -> None:
    """As a front end sends it."""
    lab.widgets["typed"].set_state({"value": typed})


def test_its_numbers_are_those_of_the_lesson(parts, models):
    lab = vocabulary.lab(*parts, models)
    lab.set(vocabulary=2400)
    assert "words 47.2 % and 22; syllables 0.5 % and 100; letters 0.0 % and 203; subwords 1.1 % and 48" in lab.reading
    lab.set(vocabulary=100)
    assert "subwords start at 400" in lab.reading


def test_what_was_counted_is_known(parts, models):
    lab = vocabulary.lab(*parts, models)
    lab.set(vocabulary=2400, part=vocabulary.KNOWN)
    assert lab.reading.count(" 0.0 %") == 4


def test_a_text_that_is_not_measured_yet_is_said_to_wait(parts, models):
    lab, advice = vocabulary.lab(*parts, models), f"Choose “{vocabulary.TYPED}” to measure your text."
    assert advice not in lab.reading
    type_in(lab, "모든 국민")
    assert advice in lab.reading
    lab.set(part=vocabulary.TYPED)
    assert advice not in lab.reading


def test_a_text_without_tokens_is_one_line_and_keeps_the_picture(parts, models):
    lab = vocabulary.lab(*parts, models)
    lab.set(part=vocabulary.TYPED)
    good = lab.image.value
    type_in(lab, "... !")
    assert lab.message.startswith("By words this text has no tokens")
    assert lab.image.value == good
    with pytest.raises(Invalid):
        vocabulary.measure(lab.data.methods["words"], "")


def test_a_million_characters_are_cut_where_they_would_take_long(parts, models):
    lab = vocabulary.lab(*parts, models)
    lab.set(part=vocabulary.TYPED, typed="국민 " * 300_000)
    assert "words 0.0 %" in lab.reading
