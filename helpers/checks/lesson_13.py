"""Checks of lesson 13: tokenization."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from helpers import text, tokens
from helpers.checks.base import NotYet, Wrong, as_array, as_number, brief, call, check_of

SETTINGS = ("num_words=5", 'oov_token="<OOV>"', "both settings")
ENCODED = ([3, 4, 2], [4, 11, 1, 5, 6, 7, 3, 8], [4, 1, 1, 1, 1, 1, 3, 1])
ENCODED_WRONG = {
    (0, (3, 10, 4, 5, 6, 2, 7)): "without the limit; num_words=5 keeps numbers below 5",
    (0, (3, 4, 5, 2)): "number 5 is kept; num_words=5 keeps numbers below 5",
    (0, (3, 2)): "that is num_words=4",
    (
        0,
        (3, 1, 4, 1, 1, 2, 1),
    ): "without oov_token nothing is marked: unknown words are left out, and 1 is 인공지능",
    (1, (4, 11, 5, 6, 7, 3, 8)): "the unknown word 분할 is left out; with oov_token it is 1",
    (1, (3, 10, 4, 5, 6, 2, 7)): "with oov_token every number is one larger, since 1 is taken",
    (1, (3, 10, 1, 4, 5, 6, 2, 7)): "with oov_token every number is one larger, since 1 is taken",
    (1, (4, 11, 12, 5, 6, 7, 3, 8)): "분할 is not 분할이, so it is unknown",
    (2, (4, 1, 1, 5, 1, 1, 3, 1)): "the limit counts the mark: below 5 are 1, which means unknown, and three words",
    (2, (3, 1, 1, 4, 1, 1, 2, 1)): "with oov_token every number is one larger, and then the limit works",
    (2, (4, 3)): "the unknown words are left out; with oov_token each of them is 1",
    (2, (4, 11, 1, 5, 6, 7, 3, 8)): "that is without the limit",
}


@check_of(
    "13.1",
    "encode a sentence by three settings",
    hints=[
        "Write down the eight words of the sentence and their numbers in word_index. One of them is not there.",
        "num_words=5 keeps numbers 1 to 4 and leaves the rest out. A mark takes number 1 and moves words up by one.",
        "With both: move all numbers up by one first, then make a 1 of everything that is 5 or more.",
    ],
)
def ex_13_1(answer: Any) -> str:
    """Three lists of numbers."""
    given = _listed(answer, 3, "three lists of numbers")
    for place, (numbers, expected, setting) in enumerate(zip(given, ENCODED, SETTINGS, strict=True)):
        row = _row(numbers, setting)
        if row == expected:
            continue
        reason = ENCODED_WRONG.get((place, tuple(row)), f"expected {len(expected)} numbers, got {len(row)}")
        if len(row) == len(expected) and (place, tuple(row)) not in ENCODED_WRONG:
            wrong = next(k for k in range(len(row)) if row[k] != expected[k])
            reason = f"number {row[wrong]} at place {wrong + 1} is another"
        raise Wrong(f"for {setting}: {brief(row)}: {reason}")
    return "Three rows for one sentence: 3, 8 and 8 numbers. Nothing but two settings is different."


@check_of(
    "13.2",
    "padding and truncating by hand",
    hints=[
        "For one row: cut it to maxlen numbers, then add as many zeros as are missing. Two ends, two questions.",
        "row[-maxlen:] keeps the last numbers, which is cutting at the front (truncating='pre').",
        "kept + zeros is padding='post', zeros + kept is 'pre'; maxlen=None means max(len(row) for row in rows).",
    ],
)
def ex_13_2(answer: Any) -> str:
    """``pad(rows, maxlen, padding, truncating)`` against ``keras.utils.pad_sequences``' results."""
    rows = [[2, 7, 8], [2, 4, 5, 9, 6, 10, 11], [2, 12], []]
    cases: list[tuple[dict[str, Any], str]] = [
        ({}, "rows alone"),
        ({"maxlen": 5}, "maxlen=5"),
        ({"maxlen": 5, "padding": "post"}, "maxlen=5, padding='post'"),
        ({"maxlen": 5, "truncating": "post"}, "maxlen=5, truncating='post'"),
        ({"maxlen": 9, "padding": "post", "truncating": "post"}, "maxlen=9, both 'post'"),
        ({"maxlen": 1}, "maxlen=1"),
    ]
    for settings, where in cases:
        expected = tokens.pad(rows, **settings)
        got = np.asarray(call(answer, rows, **settings))
        if got.ndim == 2 and not settings and got.shape == (4, 5):
            raise Wrong("with maxlen=None the longest row decides, and that is 7 numbers; got 5")
        got = as_array(got, expected.shape, f"for {where} the result")
        if np.array_equal(got, expected):
            continue
        wrong = int(np.flatnonzero((got != expected).any(axis=1))[0])
        row = got[wrong].astype(int).tolist()
        first = f"for {where} the row {rows[wrong]} should become {expected[wrong].tolist()}, got {brief(row)}"
        if np.array_equal(np.where(expected == 0, 1, expected), got):
            raise Wrong(f"{first}; zeros fill, since no word has the number 0; 1 is the unknown word")
        other = _mixed_up(rows, got, settings)
        raise Wrong(f"{first}{other}")
    return "Cutting and filling are chosen one by one; a row of no words becomes zeros only."


@check_of(
    "13.3",
    "a syllable's letters by arithmetic",
    hints=[
        "ord(syllable) - 0xAC00 counts from 가. How many syllables share initial and vowel? How many the initial?",
        "28 endings, none among them: the remainder of a division by 28 is the final, the quotient goes on.",
        "pair, final = divmod(ord(syllable) - 0xAC00, 28); then divmod(pair, 21).",
    ],
)
def ex_13_3(answer: Any) -> str:
    """``decompose(syllable)`` on syllables from all corners of the table."""
    for syllable in ("한", "가", "각", "까", "힣", "법", "률", "왜", "뷁"):
        letters = text.decompose(syllable)
        tables = (text.INITIALS, text.VOWELS, text.FINALS)
        expected = [table.index(letter) for table, letter in zip(tables, letters, strict=True)]
        result = call(answer, syllable)
        if isinstance(result, (tuple, list)) and any(isinstance(part, str) for part in result):
            raise Wrong(f"for {syllable} got {brief(result)}; expected three numbers, not letters")
        got = [as_number(part, f"a part of {syllable}") for part in _listed(result, 3, f"three numbers for {syllable}")]
        if got == expected:
            continue
        offset = ord(syllable) - 0xAC00
        first = f"for {syllable} ({' '.join(filter(None, letters))}) expected {tuple(expected)}, got {brief(result)}"
        if got == [*divmod(offset // 27, 21), offset % 27]:
            raise Wrong(f"{first}; there are 28 choices of a final: 27 letters, and none")
        if got == [expected[0], expected[1], expected[2] - 1]:
            raise Wrong(f"{first}; no final is number 0, so ㄱ is 1")
        if got[:2] == expected[:2]:
            raise Wrong(f"{first}; initial and vowel are right, the final is the remainder of dividing by 28")
        if got == [offset // (19 * 28), offset // 28 % 19, offset % 28]:
            raise Wrong(f"{first}; each initial has 21 vowels; 19 is the number of initials")
        if got == expected[::-1]:
            raise Wrong(f"{first}; the order is initial, vowel, final")
        raise Wrong(first)
    return "19 × 21 × 28 = 11,172 syllables, and the code point of each spells it."


@check_of(
    "13.4",
    "apply merges to a new word",
    hints=[
        "Begin with list(word). Then a loop over merges, not over the word: the first merge first, wherever it fits.",
        "A merge may use what an earlier one made: ('법률', '에') fits only after ('법', '률').",
        "for pair in merges: pieces = merge(pieces, pair)",
    ],
)
def ex_13_4(answer: Any) -> str:
    """``apply_merges(word, merges)`` where order, repetition and earlier products matter."""
    cases = [
        ("법률에서", [("법", "률"), ("에", "서"), ("법률", "에서")], "earlier products count"),
        ("abcd", [("b", "c"), ("a", "b"), ("c", "d")], "the first merge takes b and c, so a and d find no partner"),
        ("ababa", [("a", "b"), ("ab", "ab")], "a merge joins every occurrence"),
        ("나나나", [("나", "나")], "from left to right, and no character twice"),
        ("국민", [("법", "률")], "no merge fits, so the characters stay"),
        ("법률안", [("법률", "안"), ("법", "률")], "each merge is applied once, in its turn, and 법률 comes too late"),
    ]
    for word, merges, why in cases:
        expected = _apply(word, merges)
        got = call(answer, word, merges)
        if isinstance(got, str) or not isinstance(got, Iterable):
            raise Wrong(f"for {word} expected a list of pieces such as {expected}, got {brief(got)}")
        got = list(got)
        if got != expected:
            joined = " ".join(left + right for left, right in merges)
            raise Wrong(f"for {word} and merges to {joined} expected {expected}, got {brief(got)}; {why}")
    return "The order in which merges were learnt is part of the model; the list of tokens alone is not enough."


@check_of(
    "13.5",
    "does more text heal a vocabulary of words",
    hints=[
        "The words to test are always the same: split_words(rest), 883 of them. Only the vocabulary changes.",
        "known = set(split_words(text.split_lines(constitution, 0.2)[0])): the first part only.",
        "sum(word not in known for word in split_words(rest)) / len(split_words(rest)), for 0.2, 0.4 and 0.8.",
    ],
)
def ex_13_5(answer: Any) -> str:
    """Three shares of unknown words in the last fifth of the constitution."""
    whole = text.load_constitution()
    _, rest = text.split_lines(whole, 0.8)
    given = [as_number(part, "each share") for part in _listed(answer, 3, "three shares")]
    vocabularies = [text.split_lines(whole, share) for share in (0.2, 0.4, 0.8)]
    expected = [_unknown(tokens.split_words(first), tokens.split_words(rest)) for first, _ in vocabularies]
    if np.allclose(given, expected, rtol=0, atol=0.006):
        return "Each doubling takes eight to ten points away, and nearly half of the words are unknown still."
    mistakes: list[tuple[list[float], float, str]] = [
        ([100 * share for share in expected], 0.6, "these are per cent; give shares between 0 and 1"),
        ([1 - share for share in expected], 0.006, "these are the shares of known words"),
        (expected[::-1], 0.006, "the order is 20 %, 40 %, 80 %"),
        (
            [_unknown(tokens.split_words(first), set(tokens.split_words(rest))) for first, _ in vocabularies],
            0.006,
            "you counted each different word once; a word that occurs ten times counts ten times",
        ),
        (
            [_unknown(tokens.split_words(first), tokens.split_words(after)) for first, after in vocabularies],
            0.0006,
            "you measured on what each split left over; the last fifth, rest, must be the same for all three",
        ),
        ([_unknown(first, rest) for first, _ in vocabularies], 0.002, "these are characters; split_words makes words"),
        ([0, 0, 0], 0.001, "nothing is unknown when the vocabulary is counted from rest too"),
    ]
    for wrong, within, reason in mistakes:
        if np.allclose(given, wrong, rtol=0, atol=within):
            raise Wrong(f"got {brief([round(share, 3) for share in given])}; {reason}")
    places = [
        share for share, got, right in zip((20, 40, 80), given, expected, strict=True) if abs(got - right) > 0.006
    ]
    raise Wrong(
        f"got {brief([round(share, 3) for share in given])}; another share is unknown with the first "
        f"{' %, '.join(map(str, places)) if places else '…'} % of the lines"
    )


def _listed(answer: Any, length: int, what: str) -> list:
    """``answer`` as a list of ``length`` parts, none of them a stub."""
    if answer is ... or answer is None:
        raise NotYet
    if isinstance(answer, (str, dict)) or not isinstance(answer, Iterable):
        raise Wrong(f"expected {what}, got {brief(answer)}")
    parts = list(answer)
    if any(part is ... for part in parts):
        raise NotYet
    if len(parts) != length:
        raise Wrong(f"expected {what}, got {len(parts)}: {brief(answer)}")
    return parts


def _row(numbers: Any, setting: str) -> list[int]:
    if isinstance(numbers, (list, tuple, np.ndarray)) and len(numbers) == 1 and np.ndim(numbers[0]) == 1:
        numbers = numbers[0]  # encode gives a list of rows
    if isinstance(numbers, (str, dict)) or not isinstance(numbers, Iterable):
        raise Wrong(f"for {setting} expected a list of numbers, got {brief(numbers)}")
    return [int(as_number(part, f"each number for {setting}")) for part in numbers]


def _mixed_up(rows: Sequence[Sequence[int]], got: np.ndarray, settings: dict[str, Any]) -> str:
    """Which setting would have given this result."""
    other = {"pre": "post", "post": "pre"}
    padding, truncating = settings.get("padding", "pre"), settings.get("truncating", "pre")
    for changed, reason in (
        ({"padding": other[padding]}, f"; the zeros belong at the {'front' if padding == 'pre' else 'end'}"),
        (
            {"truncating": other[truncating]},
            f"; cut numbers off at the {'front' if truncating == 'pre' else 'end'}",
        ),
        ({"padding": other[padding], "truncating": other[truncating]}, "; both ends are exchanged"),
    ):
        if np.array_equal(got, tokens.pad(rows, **settings | changed)):
            return reason
    return ""


def _apply(word: str, merges: Sequence[tuple[str, str]]) -> list[str]:
    pieces = list(word)
    for pair in merges:
        joined: list[str] = []
        for piece in pieces:
            if joined and (joined[-1], piece) == pair:
                joined[-1] += piece
            else:
                joined.append(piece)
        pieces = joined
    return pieces


def _unknown(counted: Iterable[str], read: Iterable[str]) -> float:
    known = set(counted)
    return float(np.mean([token not in known for token in read]))
