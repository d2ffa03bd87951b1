"""The grammar of mirror pairs: what makes word counts useless is proven here, construct by construct."""

from __future__ import annotations

from collections import Counter

import pytest

from helpers import review_grammar as grammar
from helpers import review_templates as templates

ALL = grammar.constructs()


@pytest.fixture(scope="module")
def drawn():
    return {name: grammar.pairs(name, 100, seed=3) for name in ALL}


@pytest.mark.parametrize("name", grammar.constructs(mirror=True))
def test_both_sentences_of_a_mirror_pair_hold_the_same_words_in_another_order(drawn, name):
    for pair in drawn[name]:
        first, second = grammar.words(pair.positive), grammar.words(pair.negative)
        assert Counter(first) == Counter(second)
        assert first != second


@pytest.mark.parametrize("name", grammar.constructs(mirror=False))
def test_other_pairs_differ_in_one_word(drawn, name):
    for pair in drawn[name]:
        first, second = Counter(grammar.words(pair.positive)), Counter(grammar.words(pair.negative))
        assert (first - second).total() == (second - first).total() == 1


def test_no_sentence_has_two_labels_or_occurs_twice_and_there_are_thousands(drawn):
    labels = {}
    for pairs in drawn.values():
        for pair in pairs:
            for text, label in ((pair.positive, 1), (pair.negative, 0)):
                assert labels.setdefault(" ".join(grammar.words(text)), label) == label
    assert len(labels) == 2 * 100 * len(ALL) > 4000


def test_labels_agree_between_seeds():
    labels = {}
    for seed in range(5):
        for name in ALL:
            for pair in grammar.pairs(name, 40, seed=seed):
                for text, label in ((pair.positive, 1), (pair.negative, 0)):
                    assert labels.setdefault(text, label) == label


def test_the_same_seed_gives_the_same_pairs_and_another_seed_others():
    assert grammar.pairs("ko contrast", 20, seed=1) == grammar.pairs("ko contrast", 20, seed=1)
    assert grammar.pairs("ko contrast", 20, seed=1) != grammar.pairs("ko contrast", 20, seed=2)
    assert grammar.pairs("ko contrast", 20, seed=1)[:5] == grammar.pairs("ko contrast", 5, seed=1)


def test_published_sentences_stay():
    pair = grammar.pairs("ko contrast", 1, seed=0)[0]
    assert pair.positive == "솔직히 편집은 아쉬웠다. 하지만 음악은 좋았다."
    assert pair.negative == "솔직히 음악은 좋았다. 하지만 편집은 아쉬웠다."


def test_there_are_twelve_korean_and_eight_english_mirror_constructs_and_two_others_each():
    assert len(grammar.constructs(mirror=True)) == 20
    assert sum(name.startswith("ko ") for name in grammar.constructs(mirror=True)) == 12
    assert grammar.constructs(mirror=False) == ["ko two words", "ko one word", "en two words", "en one word"]


def test_particles_follow_the_last_sound():
    assert [templates.topic(noun) for noun in ("감동", "재미", "결말", "대사")] == [
        "감동은",
        "재미는",
        "결말은",
        "대사는",
    ]
    assert [templates.subject(noun) for noun in ("지루함", "연기")] == ["지루함이", "연기가"]


PARTICLES = {"은": True, "는": False, "이": True, "가": False}


def test_no_korean_noun_carries_the_wrong_particle(drawn):
    nouns = {
        noun
        for group in (templates.ASPECT, templates.GOOD_NOUN, templates.BAD_NOUN)
        for noun in (*group.split("|"), *templates.GOOD_FEELING.split("|"), *templates.BAD_FEELING.split("|"))
    }
    for name, pairs in drawn.items():
        for word in {word for pair in pairs for text in pair[1:] for word in grammar.words(text)}:
            if name.startswith("ko ") and word[:-1] in nouns and word[-1] in PARTICLES:
                assert templates.has_final(word[:-1]) == PARTICLES[word[-1]], word


def test_sentences_are_short_begin_with_a_capital_and_end_with_a_full_stop(drawn):
    for pairs in drawn.values():
        for pair in pairs:
            for text in pair[1:]:
                assert 3 <= len(grammar.words(text)) <= 16
                assert text.endswith(".")
                assert text[0] == text[0].upper()
                assert "  " not in text


@pytest.mark.parametrize("where", ["before", "behind"])
def test_filler_is_the_same_for_both_sentences_of_a_pair(drawn, where):
    for pair in grammar.with_filler(drawn["en not but"][:20], 3, where=where, seed=0):
        assert Counter(grammar.words(pair.positive)) == Counter(grammar.words(pair.negative))
        first, second = pair.positive.split(". "), pair.negative.split(". ")
        assert len(first) == 4
        same = [a == b for a, b in zip(first, second, strict=True)]
        assert sum(same) == 3 or same.count(False) == 1
        assert same[-1 if where == "before" else 0] is False


def test_exchanged_halves_keep_words_and_labels(drawn):
    seen = 0
    for pairs in drawn.values():
        for pair in pairs:
            turned = grammar.exchanged(pair)
            if turned is None:
                continue
            seen += 1
            for text, other in zip(pair[1:], turned[1:], strict=True):
                assert Counter(grammar.words(text)) == Counter(grammar.words(other))
                assert grammar.words(text) != grammar.words(other)
            assert grammar.words(turned.positive) != grammar.words(pair.negative)
    assert seen == 300


def test_words_are_composed_lower_case_and_without_marks():
    assert grammar.words("It IS, not—dull!") == ["it", "is", "not", "dull"]
    assert grammar.words("\u1112\u1161\u11ab 글") == ["한", "글"]
    assert grammar.words("") == grammar.words("… 😀 ___") == []


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: grammar.pairs("ko nothing", 1, seed=0), "there is no construct"),
        (lambda: grammar.pairs("en expectation", 5000, seed=0), "take fewer"),
        (lambda: grammar.with_filler([], 1, where="inside", seed=0), "expected 'before' or 'behind'"),
        (lambda: grammar.with_filler([], 99, where="behind", seed=0), "0 to 10"),
    ],
)
def test_nonsense_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_two_words_are_balanced_so_that_neither_alone_tells_the_label(drawn):
    for name in ("ko two words", "en two words"):
        many = [any(word in grammar.words(pair.positive) for word in ("많았다", "many")) for pair in drawn[name]]
        assert 0.3 < sum(many) / len(many) < 0.7
