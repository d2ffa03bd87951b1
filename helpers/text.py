"""Text of the course: the Korean constitution, the Python manual, film reviews, and Hangul by syllables and letters."""

from __future__ import annotations

import gzip
import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

import numpy as np

CONSTITUTION_FILE = Path(__file__).resolve().parent / "data" / "constitution_ko.txt"
TOPICS_FILE = CONSTITUTION_FILE.with_name("python_topics.txt.gz")
REVIEWS_FILE = CONSTITUTION_FILE.with_name("reviews.tsv.gz")

#: Letters (자모) in the order of Unicode: 19 that begin a syllable, 21 vowels, 27 that may end it after "none".
INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
FINALS = ("", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ")
FIRST_SYLLABLE, LAST_SYLLABLE = "가", "힣"


@cache
def load_constitution() -> str:
    """The constitution of the Republic of Korea, as amended in 1987: 18,884 characters, read from the package.

    Lines end in ``\\n``; most hold an article or a paragraph of one. All Hangul is composed (NFC).

    >>> load_constitution().splitlines()[5]
    '  제1조 ① 대한민국은 민주공화국이다.'
    """
    return CONSTITUTION_FILE.read_text(encoding="utf-8")


def split_lines(text: str, share: float = 0.8) -> tuple[str, str]:
    """Split a text in two at the end of a line, without shuffling; empty lines are left out.

    Args:
        text: two lines or more that are not empty.
        share: how many of the lines the first part gets, between 0 and 1.

    Returns:
        The first ``share`` of the lines and the rest, each at least one line.

    Raises:
        ValueError: ``share`` leaves nothing for one part, or there are fewer than two lines.

    >>> split_lines("one\\ntwo\\n\\nthree\\nfour\\nfive")
    ('one\\ntwo\\nthree\\nfour', 'five')
    """
    lines = [line for line in text.splitlines() if line.strip()]
    first = int(share * len(lines))
    if not 0 < first < len(lines):
        raise ValueError(
            f"a share of {share} of {len(lines)} lines leaves a part empty; expected a share between 0 and 1, "
            "such as 0.8, of two lines or more."
        )
    return "\n".join(lines[:first]), "\n".join(lines[first:])


def is_syllable(character: str) -> bool:
    """Whether this is one of the 11,172 composed syllables, 가 to 힣.

    >>> is_syllable("한"), is_syllable("ㅎ"), is_syllable("h")
    (True, False, False)
    """
    return len(character) == 1 and FIRST_SYLLABLE <= character <= LAST_SYLLABLE


def decompose(syllable: str) -> tuple[str, str, str]:
    """The letters of a syllable: the initial consonant, the vowel, and the final consonant or "".

    Args:
        syllable: one composed syllable, 가 to 힣.

    Returns:
        Three letters that can stand alone ("compatibility jamo", from U+3131).

    Raises:
        ValueError: this is no composed syllable.

    Source: The Unicode Standard, section 3.12, Conjoining Jamo Behavior:
    code = 0xAC00 + (initial · 21 + vowel) · 28 + final.

    >>> decompose("한"), decompose("가")
    (('ㅎ', 'ㅏ', 'ㄴ'), ('ㄱ', 'ㅏ', ''))
    """
    if not is_syllable(syllable):
        raise ValueError(f"{syllable!r} is no composed syllable; expected one of 가 to 힣. Try compose_text first.")
    pair, final = divmod(ord(syllable) - ord(FIRST_SYLLABLE), len(FINALS))
    initial, vowel = divmod(pair, len(VOWELS))
    return INITIALS[initial], VOWELS[vowel], FINALS[final]


def compose(initial: str, vowel: str, final: str = "") -> str:
    """The syllable that these letters write; undoes ``decompose``.

    Raises:
        ValueError: a letter cannot stand at its place in a syllable.

    >>> compose("ㅎ", "ㅏ", "ㄴ"), compose("ㄱ", "ㅏ")
    ('한', '가')
    """
    for letter, known, place in ((initial, INITIALS, "first"), (vowel, VOWELS, "second"), (final, FINALS, "last")):
        if letter not in tuple(known):
            raise ValueError(
                f"{letter!r} cannot be the {place} letter of a syllable; expected one of {' '.join(known).strip()}."
            )
    code = (INITIALS.index(initial) * len(VOWELS) + VOWELS.index(vowel)) * len(FINALS) + FINALS.index(final)
    return chr(ord(FIRST_SYLLABLE) + code)


def compose_text(text: str) -> str:
    """``text`` with every letter joined to its syllable (NFC), as keyboards and most files have it.

    >>> len("\\u1112\\u1161\\u11ab"), compose_text("\\u1112\\u1161\\u11ab")
    (3, '한')
    """
    return unicodedata.normalize("NFC", text)


def decompose_text(text: str) -> str:
    """``text`` with every syllable taken apart into letters (NFD), as file names from a Mac often are.

    These letters join on the screen (U+1100 to U+11FF): an initial ㄱ and a final ㄱ are two characters, so
    ``compose_text`` brings the syllables back. ``letters`` makes them visible.

    >>> len(decompose_text("한글")), compose_text(decompose_text("한글"))
    (6, '한글')
    """
    return unicodedata.normalize("NFD", text)


def well_formed(text: str) -> str:
    """``text`` with halves of broken characters (lone surrogates) replaced by �, since no encoder takes them.

    >>> well_formed("a\\ud83d b")
    'a� b'
    """
    return "".join("\ufffd" if "\ud800" <= character <= "\udfff" else character for character in text)


def letters(text: str) -> str:
    """``text`` with every syllable spelt in letters that stand alone, to be looked at.

    Composed and decomposed Hangul look the same here; anything else stays.

    >>> letters("한글 ABC")
    'ㅎㅏㄴㄱㅡㄹ ABC'
    """
    return stand_alone("".join("".join(decompose(c)) if is_syllable(c) else c for c in compose_text(text)))


def stand_alone(text: str) -> str:
    """``text`` with letters that would join on the screen (NFD) set side by side; composed syllables stay.

    >>> stand_alone("\\u1112\\u1161\\u11ab 한")
    'ㅎㅏㄴ 한'
    """
    return "".join(_ALONE.get(character, character) for character in text)


#: A joining letter that has found no syllable, and its look-alike that stands alone.
_ALONE = {
    chr(first + place): letter
    for first, several in ((0x1100, INITIALS), (0x1161, VOWELS), (0x11A8, FINALS[1:]))
    for place, letter in enumerate(several)
}


@cache
def load_python_topics() -> Mapping[str, str]:
    """The 79 topics of Python 3.11's ``help()``, by name: 464,970 characters, read from the package.

    They are as Python ships them. Several repeat parts of others word by word.

    >>> load_python_topics()["pass"].splitlines()[0]
    'The "pass" statement'
    """
    topics = gzip.decompress(TOPICS_FILE.read_bytes()).decode("utf-8").split("\f")[1:]
    return MappingProxyType(dict(topic.split("\n", 1) for topic in topics))


@cache
def load_reviews() -> tuple[tuple[str, int], ...]:
    """Sentences from film reviews, each with 1 (praise) or 0, always in the same shuffled order.

    B. Pang and L. Lee (2005), *Seeing stars*, from Rotten Tomatoes: 8,530 sentences, all praise first, then all
    complaints, hence the shuffling. Sentences that differ in marks or capitals only are kept once, and left out where
    their labels differ. Licence and origin: ``helpers/data/README.md``.

    >>> len(load_reviews())
    8528
    """
    labels: dict[str, set[int]] = {}
    texts: dict[str, str] = {}
    for line in gzip.decompress(REVIEWS_FILE.read_bytes()).decode("utf-8").removesuffix("\n").split("\n"):
        label, text = line.split("\t")
        key = " ".join(re.findall(r"\w+", text.lower()))
        labels.setdefault(key, set()).add(int(label))
        texts.setdefault(key, text)
    kept = [(text, min(labels[key])) for key, text in texts.items() if key and len(labels[key]) == 1]
    return tuple(kept[place] for place in np.random.RandomState(14).permutation(len(kept)))
