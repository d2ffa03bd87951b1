"""helpers.tokens: the printed results of the class notes, equality with Keras, and text that nobody expects."""

from __future__ import annotations

import doctest
import io
import itertools
import re
import unicodedata
from collections import Counter
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest
import sentencepiece
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import text, tokens
from tests.support.typed import TYPED
from tools.notebooks import ROOT

THREE = [
    "나는 인공지능 공부를 하는 것이 재미있습니다.",
    "인공지능 분야 중에서도 시맨틱 분할이 가장 좋습니다.",
    "인공지능이란 무엇인가요 시맨틱이 뭔가요 가장 어렵습니다",
]
NEW = ["나는 인공지능 분야 에 관심이 많으며 가장 좋아합니다. 시맨틱"]
SIX = [
    "나는 당신을 사랑합니다",
    "나는 컴퓨터를 가지고 노는 것이 가장 좋습니다",
    "나는 인공지능을 좋아합니다",
    "나는 컴퓨터를 가지고 하는 수학을 좋아합니다",
    "나는 뉴질랜드를 좋아합니다",
    "나는 혼자 사는 것이 편합니다",
]
ROWS = [[2, 7, 8], [2, 4, 5, 9, 6, 10, 11], [2, 12, 3], [2, 4, 5, 13, 14, 3], [2, 15, 3], [2, 16, 17, 6, 18]]
WORDS = st.text(st.sampled_from([*"나는너를 .,'-!\t\n\r\u00a0Aaİß①·😀"]), max_size=25)


def test_the_examples_run():
    assert doctest.testmod(tokens).failed == 0


class TestNotes:
    """Every array that the class notes print."""

    def test_three_sentences(self):
        tokenizer = tokens.Tokenizer().fit(THREE)
        words = (
            "인공지능 가장 나는 공부를 하는 것이 재미있습니다 분야 중에서도 시맨틱 분할이 좋습니다 "
            "인공지능이란 무엇인가요 시맨틱이 뭔가요 어렵습니다"
        )
        assert tokenizer.word_index == {word: place for place, word in enumerate(words.split(), start=1)}
        assert tokenizer.encode(THREE) == [[3, 1, 4, 5, 6, 7], [1, 8, 9, 10, 11, 2, 12], [13, 14, 15, 16, 2, 17]]

    def test_unknown_words_are_left_out(self):
        assert tokens.Tokenizer().fit(THREE).encode(["나는 머신러닝이 좋습니다"]) == [[3, 12]]

    def test_unknown_words_are_marked(self):
        tokenizer = tokens.Tokenizer(oov_token="<OOV>").fit(THREE)
        assert list(tokenizer.word_index.items())[:3] == [("<OOV>", 1), ("인공지능", 2), ("가장", 3)]
        assert tokenizer.encode(["나는 머신러닝이 좋습니다", *NEW]) == [[4, 1, 13], [4, 2, 9, 1, 1, 1, 3, 1, 11]]

    def test_a_limit_on_the_words(self):
        tokenizer = tokens.Tokenizer(num_words=4).fit(THREE)
        assert tokenizer.encode(NEW) == [[3, 1, 2]]
        assert len(tokenizer.word_index) == 17
        assert tokens.Tokenizer(4, "<OOV>").fit(THREE).encode(NEW) == [[1, 2, 1, 1, 1, 1, 3, 1, 1]]

    def test_six_sentences_padded_in_four_ways(self):
        tokenizer = tokens.Tokenizer(oov_token="<없는 단어>").fit(SIX)
        assert tokenizer.word_index["편합니다"] == 18
        assert tokenizer.encode(SIX) == ROWS
        assert tokens.pad(ROWS)[0].tolist() == [0, 0, 0, 0, 2, 7, 8]
        assert tokens.pad(ROWS, padding="post")[0].tolist() == [2, 7, 8, 0, 0, 0, 0]
        assert tokens.pad(ROWS, 5).tolist() == [
            [0, 0, 2, 7, 8],
            [5, 9, 6, 10, 11],
            [0, 0, 2, 12, 3],
            [4, 5, 13, 14, 3],
            [0, 0, 2, 15, 3],
            [2, 16, 17, 6, 18],
        ]
        assert tokens.pad(ROWS, 5, truncating="post")[[1, 3]].tolist() == [[2, 4, 5, 9, 6], [2, 4, 5, 13, 14]]


class TestKeras:
    """The legacy class and ``pad_sequences``, on random text."""

    @settings(deadline=None, max_examples=150)
    @given(
        fitted=st.lists(WORDS, max_size=5),
        new=st.lists(WORDS, max_size=3),
        num_words=st.none() | st.integers(0, 8),
        oov_token=st.sampled_from([None, "<OOV>", "나는", ""]),
    )
    def test_index_and_ids_equal_those_of_the_legacy_class(self, fitted, new, num_words, oov_token):
        tensorflow = pytest.importorskip("tensorflow")
        legacy = tensorflow.keras.preprocessing.text.Tokenizer(num_words=num_words, oov_token=oov_token)
        legacy.fit_on_texts(fitted)
        ours = tokens.Tokenizer(num_words, oov_token).fit(fitted)
        assert list(ours.word_index.items()) == list(legacy.word_index.items())
        assert ours.encode(fitted + new) == legacy.texts_to_sequences(fitted + new)

    @settings(deadline=None, max_examples=150)
    @given(
        rows=st.lists(st.lists(st.integers(0, 99), max_size=7), max_size=5),
        maxlen=st.none() | st.integers(1, 9),
        padding=st.sampled_from(["pre", "post"]),
        truncating=st.sampled_from(["pre", "post"]),
    )
    def test_padding_equals_pad_sequences(self, rows, maxlen, padding, truncating):
        keras = pytest.importorskip("keras")
        if not rows or (maxlen is None and not any(rows)):
            return  # Keras has other shapes or errors where there is nothing
        ours = tokens.pad(rows, maxlen, padding=padding, truncating=truncating)
        theirs = keras.utils.pad_sequences(rows, maxlen, padding=padding, truncating=truncating)
        np.testing.assert_array_equal(ours, theirs)
        assert ours.dtype == theirs.dtype


@pytest.fixture(scope="module")
def lesson():
    """What lesson 13 defines on the page."""
    notebook = nbformat.read(ROOT / "notebooks" / "13_tokenization.ipynb", as_version=4)
    wanted = ("def split_words", "class Tokenizer", "def learn_merges", "def train_subwords")
    namespace = {"Counter": Counter, "itertools": itertools, "io": io, "sentencepiece": sentencepiece}
    for cell in notebook.cells:
        if cell.cell_type == "code" and any(name in cell.source for name in wanted):
            exec(cell.source.split("\n\n\nsubwords = ")[0].split("\n\nsubwords = ")[0], namespace)
    return SimpleNamespace(**namespace)


class TestLesson:
    """The finished forms are those that the lesson writes out."""

    @settings(deadline=None)
    @given(
        fitted=st.lists(WORDS, max_size=5),
        num_words=st.none() | st.integers(0, 8),
        oov_token=st.sampled_from([None, "나는"]),
    )
    def test_the_tokenizer(self, lesson, fitted, num_words, oov_token):
        theirs = lesson.Tokenizer(num_words, oov_token).fit(fitted)
        ours = tokens.Tokenizer(num_words, oov_token).fit(fitted)
        assert list(ours.word_index.items()) == list(theirs.word_index.items())
        assert ours.encode(fitted[::-1]) == theirs.encode(fitted[::-1])

    def test_the_subwords(self, lesson, parts):
        theirs, ours = lesson.train_subwords(parts[0], 600), tokens.train_subwords(parts[0], 600)
        assert theirs.encode(parts[1]) == ours.encode(parts[1])

    def test_its_byte_pairs_are_those_of_sentencepiece(self, lesson, parts):
        """The first merges on a whole text, cut at spaces and other scripts as sentencepiece cuts."""
        words = Counter(re.findall("\u2581?[가-힣]+", "".join("\u2581" + word for word in parts[0].split())))
        learnt = [left + right for left, right in lesson.learn_merges(words, 40)[0]]
        model = tokens.train_subwords(parts[0], 600)
        assert set(learnt[:20]) <= {model.id_to_piece(k) for k in range(2, 62)}


class TestPad:
    def test_no_rows_and_empty_rows(self):
        assert tokens.pad([]).shape == (0, 0)
        assert tokens.pad([[], []], 3).tolist() == [[0, 0, 0], [0, 0, 0]]

    @pytest.mark.parametrize("wrong", [{"padding": "front"}, {"truncating": 0}, {"maxlen": 0}])
    def test_nonsense_is_refused(self, wrong):
        with pytest.raises(ValueError, match="expected"):
            tokens.pad([[1]], **wrong)


@pytest.fixture(scope="module")
def parts():
    return text.split_lines(text.load_constitution())


@pytest.fixture(scope="module")
def ways(parts):
    return tokens.methods(parts[0], {size: tokens.train_subwords(parts[0], size) for size in (400, 1200)})


class TestMethods:
    def test_two_trainings_give_the_same_pieces(self, parts):
        first, second = (tokens.train_subwords(parts[0], 600) for _ in range(2))
        assert [first.id_to_piece(k) for k in range(600)] == [second.id_to_piece(k) for k in range(600)]

    @pytest.mark.parametrize("size", [10, 100_000])
    def test_a_size_that_cannot_be_learnt_is_refused(self, parts, size):
        with pytest.raises(ValueError, match="cannot be learnt"):
            tokens.train_subwords(parts[0], size)

    def test_no_text_and_no_models_are_refused(self, parts, ways):
        for wrong in ((" ", ways["subwords"].models), (parts[0], {})):
            with pytest.raises(ValueError, match="expected a text"):
                tokens.methods(*wrong)

    def test_the_text_that_a_vocabulary_was_fitted_on_is_known_as_far_as_it_goes(self, parts, ways):
        for way in ways.values():
            assert tokens.UNKNOWN not in way.encode(parts[0], 10_000)[1], way.name

    def test_no_id_is_padding_or_beyond_the_vocabulary(self, parts, ways):
        for way in ways.values():
            for size in (way.smallest, 500, 1200):
                ids = way.encode(parts[1], max(size, way.smallest))[1]
                assert min(ids) > 0
                assert max(ids) < max(size, way.smallest)

    @pytest.mark.parametrize("typed", TYPED, ids=range(len(TYPED)))
    @pytest.mark.parametrize("name", ["words", "syllables", "letters", "subwords"])
    def test_whatever_is_typed_is_tokenized(self, ways, name, typed):
        found, ids = ways[name].encode(typed, 1200)
        assert len(found) == len(ids)
        assert all(isinstance(token, str) and token for token in found)
        if name in ("syllables", "letters"):
            assert unicodedata.normalize("NFC", "".join(found)) == unicodedata.normalize("NFC", typed)

    def test_lone_surrogates_are_replaced_and_nothing_else(self):
        assert tokens.well_formed("가\ud83d😀\udc00") == "가\ufffd😀\ufffd"
