"""Checks of lesson 14: embedding and order."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from helpers.checks.base import NotYet, Wrong, as_array, as_number, brief, call, check_of

MODELS = ("A", "B", "C", "D", "B with sum")
PARAMETERS = (4941, 9581, 19_873, 11_553, 9549)


@check_of(
    "14.1",
    "parameters of the notes' models",
    hints=[
        "Embedding: ids times dimensions. Then the recurrent layers, then the head, which counts, too.",
        "An LSTM of u units on d inputs has 4 (d + u + 1) u. Bidirectional has two of them.",
        "The head has one weight for each number it gets, and a bias: 33, 65, 33, 33; and with sum it gets 32 numbers.",
    ],
)
def ex_14_1(answer: Any) -> str:
    """(A, B, C, D, B with merge_mode="sum")."""
    given = _several(answer, 5, "five numbers (A, B, C, D, B with sum)")
    counts = [as_number(value, name) for name, value in zip(MODELS, given, strict=True)]
    mistakes = {
        ("A", 4908): "that is what the notes print, without the head of their code",
        ("B", 9516): "the head is missing",
        ("B", 9549): "the two vectors are put side by side, so the head gets 64 numbers",
        ("B", 4973): "Bidirectional has two LSTMs",
        ("C", 19_840): "the head is missing",
        ("C", 11_553): "there are two LSTM layers",
        ("D", 11_520): "the head is missing",
        ("B with sum", 9581): "the sum has 32 numbers, not 64, so the head is smaller",
        ("B with sum", 4790): "the layer still has two LSTMs; only the head gets smaller",
        ("B with sum", 4941): "the layer still has two LSTMs; only the head gets smaller",
    }
    for name, count, expected in zip(MODELS, counts, PARAMETERS, strict=True):
        if count != expected:
            why = mistakes.get((name, int(count)), "add embedding, recurrent layers and head")
            raise Wrong(f"model {name} has {count:,.0f} parameters? {why}")
    return "And dropout has none."


@check_of(
    "14.2",
    "any function of word counts",
    hints=[
        "What does the model get of a sentence, and what of its mirror?",
        "tf-idf weights are computed from word counts, so both sentences of a pair have the same.",
        "The same answer twice, two different labels: one of two is right, in every pair.",
    ],
)
def ex_14_2(answer: Any) -> str:
    """The accuracy of any function of word counts on mirror pairs."""
    if isinstance(answer, str):
        raise Wrong(f"expected a number, got {brief(answer)}; it can be said exactly")
    value = as_number(answer)
    if value == 0.5:
        return "Exactly, not about: 500 of 1,000 sentences, whichever 500 they are."
    if value in (50, 500):
        raise Wrong(f"{value:g}? Give the accuracy as a share of 1")
    mistakes = {
        0.75: "that bound is for a linear bag where two words decide; here both sentences have the same counts",
        1.0: "more data or a larger network change nothing: it gets the same numbers for both sentences",
        0.0: "it cannot be wrong on both: their labels differ",
    }
    raise Wrong(
        f"{value:g}? {mistakes.get(value, 'it gives both sentences of a pair the same answer. How many are right?')}"
    )


@check_of(
    "14.3",
    "a mirror pair of your own",
    hints=[
        "Take a sentence that says 'not this but that', and let the two change places.",
        "Endings count: 좋았지만 and 좋았다 are two words. Marks and capitals do not.",
        '("The ending was superb, not dull.", …): both words are known, and no pair is like it.',
    ],
)
def ex_14_3(answer: Any) -> str:
    """Two sentences: the same words equally often, another order, not among the lesson's."""
    from helpers import review_grammar

    pair = _several(answer, 2, "two sentences (praise, complaint)")
    for text in pair:
        if not isinstance(text, str):
            raise Wrong(f"expected two texts, got {brief(text)}")
    first, second = (review_grammar.words(text) for text in pair)
    if len(first) < 3 or len(second) < 3:
        raise Wrong("a sentence of less than three words is hardly a review")
    if first == second:
        raise Wrong("both sentences are the same, so they cannot mean the opposite; marks and capitals do not count")
    if Counter(first) != Counter(second):
        apart = sorted((Counter(first) - Counter(second)) + (Counter(second) - Counter(first)))
        raise Wrong(
            f"the counts differ for {brief(', '.join(apart))}: an ending makes another word, and so does a word more"
        )
    drawn = {name: review_grammar.pairs(name, 100, seed=42) for name in review_grammar.constructs()}

    def lines(pairs: Any) -> set[str]:
        return {" ".join(review_grammar.words(text)) for made in pairs for text in made[1:]}

    if {" ".join(first), " ".join(second)} & set().union(*map(lines, drawn.values())):
        raise Wrong("this one is among the pairs; write one that is not")
    index = {word for made in drawn.values() for line in lines(made[:75]) for word in line.split()}
    if strange := sorted({*first} - index):
        raise Wrong(
            f"the models never read {brief(', '.join(strange))}: to them these are all one word, *unknown*; "
            "take words of index"
        )
    return "Equal counts, another order; whether the meanings are opposite only you can judge. And the LSTM?"


@check_of(
    "14.4",
    "an embedding by hand",
    hints=[
        "NumPy picks rows with an array of ids of any shape: matrix[ids].",
        "NumPy counts negative ids from the end, as Keras does on a processor. Look at the ids first.",
        "if ids.min() < 0 or ids.max() >= len(matrix): raise IndexError(…)",
    ],
)
def ex_14_4(answer: Any) -> str:
    """``embed_by_hand(ids, matrix)``."""
    matrix = np.random.default_rng(14).normal(size=(7, 3))
    for ids in (np.array([2, 0, 2, 6]), np.array([[1, 6], [0, 3], [5, 5]]), np.array([[[4]]])):
        where = f"ids of shape {ids.shape}"
        got = as_array(call(answer, ids, matrix), (*ids.shape, 3), f"for {where} the result")
        if np.allclose(got, matrix[ids]):
            continue
        if np.allclose(got, matrix[ids - 1]):
            raise Wrong(f"for {where}: ids count from 0 here, the first row is that of id 0")
        raise Wrong(f"for {where} expected {brief(matrix[ids].ravel()[:3])} first, got {brief(got.ravel()[:3])}")
    for bad in (7, -1):
        ids = np.array([1, bad])
        try:
            answer(ids, matrix)
        except IndexError:
            continue
        except Exception as error:
            raise Wrong(f"for id {bad} and 7 rows it raised {type(error).__name__}; expected IndexError") from None
        what = "the last row was read: nobody would notice" if bad < 0 else "there is no such row"
        raise Wrong(f"for id {bad} and 7 rows it gave a result; {what}. Raise IndexError")
    return "It equals keras.layers.Embedding where that is right, and complains where that is silent."


@check_of(
    "14.5",
    "how far back a reader must remember",
    hints=[
        "For one pair: the smallest k with first[-k:] != second[-k:], for the lists of words.",
        "A construct needs as many as the pair of it that needs most; then take the construct that needs most.",
        "It is a Korean one in which the last word decides nothing, and neither do the five before it.",
    ],
)
def ex_14_5(answer: Any) -> str:
    """(construct, k) with the largest k."""
    from helpers import review_grammar

    given = _several(answer, 2, "two things (construct, k)")
    construct, k = given[0], given[1]
    if not isinstance(construct, str) or construct not in review_grammar.constructs(mirror=True):
        raise Wrong(f"expected the name of a mirror construct such as 'ko contrast', got {brief(construct)}")
    k = as_number(k, "k")
    right = _words_needed(construct)
    if construct != "ko at a distance":
        found = f"it needs {right}" if k == right else f"it needs {right}, not {k:g}"
        raise Wrong(f"{construct}: {found}, and another construct needs more")
    if k == right:
        return (
            f"The last {right - 1} words are the same in every such pair; a reader has to know what stood before them."
        )
    mistakes = {
        right - 1: "the last six words are equal in both; one more is needed to tell them apart",
        right + 3: "that is the whole sentence; a part of it is enough",
    }
    raise Wrong(f"{construct} with k = {k:g}? {mistakes.get(int(k), 'count from the end until the words differ')}")


def _words_needed(construct: str) -> int:
    from helpers import review_grammar

    longest = 0
    for pair in review_grammar.pairs(construct, 100, seed=42):
        first, second = (review_grammar.words(text) for text in pair[1:])
        longest = max(longest, next(k for k in range(1, len(first) + 1) if first[-k:] != second[-k:]))
    return longest


def _several(answer: Any, n: int, what: str) -> list:
    """``answer`` as a list of ``n``."""
    if answer is ... or answer is None:
        raise NotYet
    if isinstance(answer, (str, dict)):
        raise Wrong(f"expected {what}, got {brief(answer)}")
    try:
        given = list(answer)
    except TypeError:
        raise Wrong(f"expected {what}, got {brief(answer)}") from None
    if len(given) != n:
        raise Wrong(f"expected {what}, got {len(given)} of them")
    if any(value is ... for value in given):
        raise NotYet
    return given
