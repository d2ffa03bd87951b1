"""helpers.language reads and writes as Keras does; the manual is the one documented; the figures are drawn."""

from __future__ import annotations

import hashlib
from types import SimpleNamespace

import numpy as np
import pytest

from helpers import language, text
from helpers.checks import lesson_15
from helpers.plots import language as figures
from helpers.plots import writing
from tests.support.warned import nothing_warned

TOKENS = ("□", "\n", *"abcdefgh ")


def keras_model(layers=1, *, dropout=0.0, seed=0):
    import keras

    keras.utils.set_random_seed(seed)
    start = keras.initializers.RandomNormal(stddev=1.0)
    parts = [keras.Input((None,), dtype="int32"), keras.layers.Embedding(len(TOKENS), 5, embeddings_initializer=start)]
    for _ in range(layers):
        parts += [keras.layers.Dropout(dropout), keras.layers.GRU(7, return_sequences=True)]
    model = keras.Sequential([*parts, keras.layers.Dense(len(TOKENS))])
    rng = np.random.default_rng(seed)
    model.set_weights([rng.normal(size=values.shape) for values in model.get_weights()])
    return model


def layers(*shapes):
    """A stand-in for a Keras model: layers with weights of these shapes."""
    rng = np.random.default_rng(0)
    made = [[rng.normal(size=shape) for shape in layer] for layer in shapes]
    return SimpleNamespace(layers=[SimpleNamespace(get_weights=lambda weights=weights: weights) for weights in made])


GRU = [(4, 9), (3, 9), (2, 9)]
SMALL = [(2, 4)], GRU, [(3, 2), (2,)]


class TestSteps:
    @pytest.mark.parametrize("n_layers", [1, 2])
    def test_every_step_gives_the_probabilities_of_keras_to_1e_5(self, n_layers):
        model = keras_model(n_layers, dropout=0.3)
        ids = np.random.default_rng(1).integers(0, len(TOKENS), size=40)
        logits, _ = language.follow(language.from_keras(model, TOKENS), ids)
        theirs = np.asarray(model(ids[np.newaxis]))[0]
        np.testing.assert_allclose(language.probabilities(logits), language.probabilities(theirs), atol=1e-5)

    def test_a_text_read_in_two_parts_is_the_text_read_whole(self):
        model = language.from_keras(layers(*SMALL), "□a")
        ids = [0, 1, 1, 0, 1]
        whole, _ = language.follow(model, ids)
        first, state = language.follow(model, ids[:2])
        second, _ = language.follow(model, ids[2:], state)
        np.testing.assert_array_equal(whole, [*first, *second])

    @pytest.mark.parametrize(
        "made",
        [
            None,
            layers(),
            layers([(2, 4)], [(3, 2), (2,)]),
            layers([(2, 4)], [(4, 12), (3, 12), (12,)], [(3, 2), (2,)]),  # an LSTM
            layers([(2, 4)], [(4, 9), (3, 9), (9,)], [(3, 2), (2,)]),  # reset_after=False
            layers([(3, 4)], GRU, [(3, 3), (3,)]),  # another vocabulary
            layers([(2, 4)], GRU),
            layers([(2, 4)], GRU, [(3, 2)]),
        ],
        ids=["no model", "no layers", "no GRU", "LSTM", "reset before", "other vocabulary", "no head", "no bias"],
    )
    def test_other_models_are_refused(self, made):
        with pytest.raises(ValueError, match="expected an embedding of 2 tokens, GRU layers"):
            language.from_keras(made, "□a")


class TestProbabilities:
    def test_temperature_raises_to_a_power_and_zero_is_greedy(self):
        p = np.array([0.6, 0.3, 0.1])
        np.testing.assert_allclose(language.probabilities(np.log(p), 0.5), p**2 / (p**2).sum())
        np.testing.assert_allclose(language.probabilities(np.log(p), 0), [1, 0, 0])

    def test_top_k_keeps_k_even_of_equals(self):
        p = language.probabilities(np.zeros((2, 4)), top_k=2)
        np.testing.assert_allclose(p, [[0.5, 0.5, 0, 0]] * 2)
        np.testing.assert_allclose(language.probabilities(np.zeros(4), top_k=9), 0.25)

    def test_huge_logits_overflow_nowhere(self):
        with nothing_warned():
            p = language.probabilities([1e4, 0.0, -1e4], temperature=0.1)
        np.testing.assert_allclose(p, [1, 0, 0])


class TestWriting:
    model = language.from_keras(layers([(5, 4)], GRU, [(3, 5), (5,)]), "□\nabc")

    def test_the_same_seed_writes_the_same_and_another_seed_something_else(self):
        texts = [language.go_on(self.model, [2, 3], 50, seed=seed)[0].tolist() for seed in (1, 1, 2)]
        assert texts[0] == texts[1] != texts[2]
        assert texts[0][:2] == [2, 3]
        assert len(texts[0]) == 52

    def test_greedy_takes_the_likeliest_each_time(self):
        ids, logits = language.go_on(self.model, [], 20, temperature=0)
        np.testing.assert_array_equal(ids, logits[:-1].argmax(axis=1))

    def test_what_is_drawn_has_the_models_shares(self):
        first = [language.go_on(self.model, [2], 1, seed=seed)[0][1] for seed in range(2000)]
        logits, _ = language.follow(self.model, [1, 2])
        np.testing.assert_allclose(
            np.bincount(first, minlength=5) / 2000, language.probabilities(logits[-1]), atol=0.04
        )

    def test_surprise_is_the_bits_of_the_probability_before(self):
        ids, logits = language.go_on(self.model, [2, 3, 4], 4)
        p = language.probabilities(logits)[np.arange(7), ids]
        np.testing.assert_allclose(language.surprise(logits, ids), -np.log2(p))
        assert language.surprise(logits[:1], np.array([], dtype=int)).shape == (0,)

    def test_text_is_cleaned_for_a_vocabulary(self):
        assert language.clean("\u1112\u1161\u11ab\r\n\ud83d") == "한\n\ufffd"
        assert language.encode(self.model, "ab漢").tolist() == [2, 3, 0]


class TestManual:
    def test_it_is_the_text_whose_origin_is_documented(self):
        topics = text.load_python_topics()
        assert len(topics) == 79
        joined = "".join(f"\f{name}\n{topic}" for name, topic in topics.items())
        assert hashlib.sha256(joined.encode()).hexdigest().startswith("718454ad4fce8731")

    def test_nobody_can_change_it(self):
        with pytest.raises(TypeError):
            text.load_python_topics()["pass"] = ""

    def test_its_licence_lies_beside_it(self):
        licence = text.TOPICS_FILE.with_name("PSF-LICENSE.txt").read_text(encoding="utf-8")
        assert "PYTHON SOFTWARE FOUNDATION LICENSE VERSION 2" in licence


def test_the_lengths_that_exercise_15_6_wants_are_those_of_the_lesson():
    from tests.lessons.test_exercises import LESSONS

    needed = "counted_perplexities, train_text, valid_text, characters"
    names = LESSONS["15"].namespace.for_code(needed)
    for share, best in zip((0.01, 0.1, 1), lesson_15.BEST_LENGTHS, strict=True):
        part = names["train_text"][: int(share * len(names["train_text"]))]
        counted = names["counted_perplexities"](part, names["valid_text"], len(names["characters"]))
        assert np.argmin(counted) + 1 == best


class TestFigures:
    def test_contexts_have_a_curve_each(self):
        ax = figures.context_lengths([9, 4, 5], [9, 3, 2]).axes[0]
        assert [list(line.get_ydata()) for line in ax.lines] == [[9, 4, 5], [9, 3, 2]]
        with pytest.raises(ValueError, match="as many of both"):
            figures.context_lengths([9, 4], [9])

    def test_each_row_reads_on_and_has_its_arrows(self):
        fig = figures.reading_orders(rows=2, windows=3)
        first, second = ([label.get_text() for label in ax.texts if label.get_text()] for ax in fig.axes)
        assert second == [f"window {n}" for n in range(6)]
        assert sorted(first) == second != first
        assert len(fig.axes[1].texts) == 6 + 4
        with pytest.raises(ValueError, match="at least one"):
            figures.reading_orders(rows=0)

    def test_masks_upwards_change_and_masks_along_time_stay(self):
        texts = [label.get_text() for label in figures.dropout_places(steps=3, layers=2).axes[0].texts]
        assert texts.count("mask A") == texts.count("mask B") == 2
        upwards = [text for text in texts if text.startswith("mask") and text[5].isdigit()]
        assert len(upwards) == len(set(upwards))
        assert {"mask 1a", "mask 1b", "mask 1c", "mask 3a"} <= set(upwards)
        with pytest.raises(ValueError, match="expected at least 1 and 2"):
            figures.dropout_places(steps=1)

    def test_a_bar_for_each_place(self):
        assert len(figures.surprise_by_place([3, 2, 1]).axes[0].patches) == 3

    def test_a_page_shows_each_character_in_its_cell(self):
        shape = writing.page("a\nb한", 2)
        cells = {(int(np.floor(x)), int(np.floor(-y))) for x, y in shape.vertices if (x, y) != (0, 0)}
        assert {(0, 0), (1, 0), (0, 1), (1, 1)} <= cells
        assert not len(writing.page("   ", 4).vertices)

    def test_whatever_is_typed_has_a_shape_or_a_box(self):
        with nothing_warned():  # "Glyph … missing from font"
            assert writing.visible("$x$ 漢😀\u200d\x00\ud83d한") == "$x$ □□□□□한"
            writing.page("$x^2$ \\frac{ <b> 漢😀\u202e", 9)


class TestWrongInput:
    LOGITS = np.log([0.5, 0.3, 0.2])

    @pytest.mark.parametrize("temperature", [-1, -0.001, np.nan, np.inf])
    def test_a_temperature_that_turns_the_distribution_over_is_refused(self, temperature):
        with pytest.raises(ValueError, match=f"temperature is {temperature}; expected 0 or a positive number"):
            language.probabilities(self.LOGITS, temperature=temperature)

    @pytest.mark.parametrize("temperature", ["1", None, True])
    def test_a_temperature_that_is_no_number_is_refused(self, temperature):
        with pytest.raises(TypeError, match="expected a number such as"):
            language.probabilities(self.LOGITS, temperature=temperature)

    def test_top_k_below_zero_is_refused_and_does_not_keep_all(self):
        with pytest.raises(ValueError, match="top_k is -2; expected a whole number of at least 0"):
            language.probabilities(self.LOGITS, top_k=-2)
        with pytest.raises(TypeError, match=r"top_k is 2\.0"):
            language.probabilities(self.LOGITS, top_k=2.0)

    @pytest.mark.parametrize(
        ("wrong", "error"),
        [
            ({"length": -1}, ValueError),
            ({"length": 2.5}, TypeError),
            ({"seed": -1}, ValueError),
            ({"temperature": -1}, ValueError),
            ({"top_k": -2}, ValueError),
        ],
    )
    def test_writing_on_refuses_what_it_cannot_use_before_it_begins(self, wrong, error):
        (name,) = wrong
        with pytest.raises(error, match=f"{name} is"):
            language.go_on(None, [], **{"length": 0} | wrong)
