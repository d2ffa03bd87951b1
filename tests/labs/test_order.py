"""Lab *order* (lesson 14): words that move, mirrors, and what the models think."""

from __future__ import annotations

import numpy as np
import pytest

from helpers import review_grammar
from helpers.labs import order
from helpers.labs.framework.lab import Lab
from helpers.labs.framework.widgets import WordRow
from helpers.labs.framework.words import MOST_WORDS
from tests.labs.seen import texts
from tests.support.typed import TYPED


def mirror_pairs():
    from helpers import review_grammar

    return review_grammar.pairs("en not but", 6, seed=0) + review_grammar.pairs("ko instead", 6, seed=0)


def ends_well(weight: float):
    """A stand-in for a model: from texts to probabilities that depend on the last word."""
    return lambda texts: np.array([1 / (1 + np.exp(-weight * (sum(map(ord, text[-3:])) % 7 - 3))) for text in texts])


def stand_in() -> Lab:
    """The lab on small data."""
    return order.lab(
        {name: ends_well(weight) for name, weight in (("bag", 0.0), ("LSTM", 1.0), ("BiLSTM", 2.0))}, mirror_pairs()
    )


def last_word(texts):
    """Praise if the last word is one of praise."""
    return np.array([0.9 if line.endswith(("moving", "witty", "charming")) else 0.2 for line in texts])


def half(texts):
    return np.full(len(texts), 0.5)


PAIR = review_grammar.Pair("en not but", "It is not dull but moving.", "It is not moving but dull.")


@pytest.fixture
def bench():
    return order.lab({"last": last_word, "half": half}, [PAIR])


def test_it_knows_the_mirror_and_the_label(bench):
    assert "the grammar says praise; wrong: half" in bench.reading.lower()
    mirror, label = order.mirror_of(bench.data, tuple(review_grammar.words(PAIR.positive)), 0)
    assert (" ".join(mirror), label) == ("it is not moving but dull", 1)


def test_a_moved_word_asks_what_you_mean(bench):
    bench.set(sentence="not dull it is but moving", meant=0)
    assert "You mean complaint" in bench.reading
    assert "wrong: last" in bench.reading


def test_buttons_move_the_chosen_word_and_the_field_follows(bench):
    row = bench.widgets["sentence"]
    row.choose(5)
    row.move(-1)
    assert row.value == "it is not dull moving but"
    assert row._field.value == row.value
    row.move(-9)
    assert row.value == "it is not dull moving but"


def test_the_last_word_has_no_place_further_right():
    row = WordRow("a b", "sentence", [])
    row.choose(1)
    row.move(1)
    assert row.value == "a b"


def test_another_goes_round_the_examples(bench):
    row = bench.widgets["sentence"]
    row.another()
    assert row.value == PAIR.negative
    row.another()
    assert row.value == PAIR.positive


def test_typing_reaches_the_value(bench):
    row = bench.widgets["sentence"]
    row._field.value = "not moving"
    assert [button.description for button in row._row.children] == ["not", "moving"]
    assert "You mean praise" in bench.reading


@pytest.mark.parametrize("typed", [*TYPED, "$x^2$ {", "a " * 5000, "\u202e\u0000"])
def test_whatever_is_typed_is_shown_as_text(bench, typed):
    bench.set(sentence=typed)
    assert bench.message == ""
    row = bench.widgets["sentence"]
    assert len(row._row.children) <= MOST_WORDS
    assert all("<" not in button.description and len(button.description) <= 16 for button in row._row.children)


def test_markup_is_escaped_on_the_page(bench):
    bench.set(sentence="<script>alert(1)</script> dull")
    assert "<script" not in texts(bench)


def test_curves_end_where_the_reading_says(bench):
    fig = bench.render()
    line = fig.axes[0].lines[1]
    assert line.get_ydata()[-1] == pytest.approx(0.9)
    assert len(line.get_xdata()) == 6


@pytest.mark.parametrize(
    "models",
    [
        {"one": half},
        {"a": half, "b": lambda texts: np.ones((len(texts), 1))},
        {"a": half, "b": lambda texts: [7, 7]},
    ],
)
def test_models_that_give_no_probabilities_are_refused(models):
    with pytest.raises(ValueError, match="expected"):
        order.lab(models, [PAIR])


def test_prefixes():
    assert order.prefixes(["a", "b", "c"]) == ["a", "a b", "a b c"]
