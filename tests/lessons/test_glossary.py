"""The glossary holds every term of every lesson, with the lesson's Korean, and leads to where it is introduced."""

from __future__ import annotations

import functools
import itertools
import re
from typing import NamedTuple

import pytest

from tests.support.lessons import LESSONS, notebook
from tools.notebooks import ROOT

PAGE = ROOT / "docs" / "glossary.md"

LINE = re.compile(r"\| ([^|]+?) \| ([^|]+?) \| ([^|]+?) \| \[(\d\d)\]\(\.\./notebooks/(\w+\.ipynb)\) \|")
TERM = re.compile(r"([^()]+?) \(([^()]+)\)[,.] ")
MARKED = re.compile(r"(?<!\*)\*(?!\*)[^*()]+ \(([^()*]*[가-힣][^()*]*)\)\*")
KOREAN = re.compile(r"[A-Z0-9k -]*[가-힣][가-힣A-Z0-9 -]*")


class Row(NamedTuple):
    """A line of the glossary."""

    english: str
    korean: str
    meaning: str
    number: str
    name: str

    @property
    def term(self) -> str:
        """The English without what tells two of one name apart, as in 'kernel (of a notebook)'."""
        return re.sub(r" \(.*\)$", "", self.english)


class Listed(NamedTuple):
    """A term of a lesson's **Terms.** and the words that stand there: 'reset' of 'reset and update gate'."""

    english: str
    korean: str
    all_english: str
    all_korean: str

    def __str__(self) -> str:
        return f"'{self.english}' of '{self.all_english} ({self.all_korean})'"


def read_rows(page: str) -> list[Row]:
    lines = [line for line in page.splitlines() if line.startswith("|")][2:]
    assert [line for line in lines if not LINE.fullmatch(line)] == [], (
        "| term | 용어 | A sentence. | [03](../notebooks/…) |"
    )
    return [Row(*LINE.fullmatch(line).groups()) for line in lines]


def listed(text: str) -> list[Listed]:
    """Return the terms that the line **Terms.** of a lesson lists."""
    found = re.search(r"^\*\*Terms\.\*\*(.+?)(?:\n\s*\n|\Z)", text, re.MULTILINE | re.DOTALL)
    line = " ".join(found[1].split()) + " " if found else ""
    assert not TERM.sub("", line), f"not 'term (용어), term (용어).': {TERM.sub('', line)!r}"
    terms = []
    for english, korean in TERM.findall(line):
        korean = korean.split(";")[0]
        parts = re.split(r", and |, | and ", english), korean.split(", ")
        together = len(parts[0]) == len(parts[1]) > 1
        pairs = zip(*parts, strict=True) if together else [(english, korean)]
        terms += [Listed(*pair, english, korean) for pair in pairs]
    return terms


def marked(text: str) -> list[str]:
    """Return the Korean that a lesson gives where it first uses a term, as in '*padding (패딩)*'."""
    paragraphs = (" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
    found = (words for paragraph in paragraphs for words in MARKED.findall(paragraph))
    return [word for words in found for word in re.split("[,;] ", words) if KOREAN.fullmatch(word)]


def explains(row: Row, term: Listed) -> bool:
    """Whether the row is that of the term: 'update gate | 업데이트 게이트' is one of two that are listed together."""
    if term.english == term.all_english:
        same = row.term.casefold() == term.english.casefold()
        return same and set(term.korean.split(", ")) <= set(row.korean.split(", "))
    return _between(term.english, row.term, term.all_english) and _between(term.korean, row.korean, term.all_korean)


def _between(least: str, words: str, most: str) -> bool:
    least, words, most = (set(re.findall(r"[^\s,]+", part.casefold())) for part in (least, words, most))
    return least <= words <= most


def missing(text: str, rows: list[Row]) -> list[str]:
    """Return which terms of a lesson have no row, in words."""
    unexplained = [term for term in listed(text) if not any(explains(row, term) for row in rows)]
    all_korean = " | ".join(row.korean for row in rows)
    unknown = [word for word in marked(text) if not re.search(rf"(?<![가-힣]){word}(?![가-힣])", all_korean)]
    return [
        *(f"its Terms list {term}: {_wanted(term)}" for term in unexplained),
        *(f"it introduces a term as ({word}): no row has this Korean" for word in unknown),
    ]


def _wanted(term: Listed) -> str:
    without_korean = ", " in term.english or " and " in term.english
    return "give each English term its Korean there" if without_korean else "no row has this English with this Korean"


def has(row: Row, text: str) -> bool:
    """Whether a lesson introduces or lists the term of a row."""
    return row.korean.split(", ")[0] in marked(text) or any(explains(row, term) for term in listed(text))


@functools.cache
def lessons() -> dict[str, str]:
    """Return the prose of each lesson by its file name."""
    return {
        path.name: "\n\n".join(cell.source for cell in notebook(path).cells if cell.cell_type == "markdown")
        for path in LESSONS
    }


@functools.cache
def glossary() -> list[Row]:
    return read_rows(PAGE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", lessons())
def test_the_glossary_has_the_terms_of(name):
    lacking = missing(lessons()[name], glossary())
    assert not lacking, f"\n{name}: add to docs/glossary.md\n" + "\n".join(lacking)


def test_each_term_leads_to_a_lesson_that_has_it():
    lost = [
        row.english for row in glossary() if row.name[:2] != row.number or not has(row, lessons().get(row.name, ""))
    ]
    assert lost == []


def test_no_lesson_lists_a_term_before_the_one_that_it_leads_to():
    late = []
    for row in glossary():
        first = next(
            (name for name, text in lessons().items() if any(explains(row, term) for term in listed(text))), "~"
        )
        if not any(other.term == row.term and other.name <= first for other in glossary()):
            late.append(f"{row.english} is in {first}")
    assert late == []


def test_the_glossary_is_sorted_and_names_nothing_twice():
    names = [row.english.casefold() for row in glossary()]
    assert names == sorted(set(names))


def test_a_meaning_is_one_sentence():
    def is_sentence(text):
        return text[0].isupper() and text.endswith((".", ".)")) and not re.search(r"[.!?] [A-Z]", text)

    assert [row.english for row in glossary() if not is_sentence(row.meaning)] == []


def test_a_korean_word_stands_for_one_term():
    rows = sorted(glossary(), key=lambda row: row.korean)
    pairs = [(korean, row.term) for row in rows for korean in row.korean.split(", ")]
    for korean, group in itertools.groupby(sorted(pairs), key=lambda pair: pair[0]):
        assert len({term for _, term in group}) == 1, korean


# What follows is a lesson and a glossary for it, then both damaged.

LESSON = """\
A *cell (셀)* and *features (특성)*. It *vanishes (그레이디언트 소실)*. A *cover
(포함률; some say 확률)* of **bold** (굵게).

**Terms.** cell (셀), vanishing and exploding gradient (그레이디언트 소실, 폭주), feature
(특성; 특징 in books), forget, input and output gate (삭제, 입력, 출력 게이트), cover (포함률, 포함 확률).

**Sources.** A (2001).
"""
ROWS = [
    ("cell (of a layer)", "셀"),
    ("vanishing gradient", "그레이디언트 소실"),
    ("exploding gradient", "그레이디언트 폭주"),
    ("feature", "특성"),
    ("forget gate", "삭제 게이트"),
    ("input gate", "입력 게이트"),
    ("output gate", "출력 게이트"),
    ("cover", "포함률, 포함 확률"),
]


def rows(*pairs):
    return [Row(english, korean, "A sentence.", "03", "03_x.ipynb") for english, korean in pairs]


def test_a_glossary_with_all_terms_lacks_none_and_each_row_is_found():
    assert missing(LESSON, rows(*ROWS)) == []
    assert all(has(row, LESSON) for row in rows(*ROWS))
    assert not any(has(row, LESSON) for row in rows(("gate", "문"), ("cells", "굵게"), ("exploding", "그레이디언트")))


@pytest.mark.parametrize("dropped", ROWS, ids=lambda row: row[0])
def test_a_row_that_is_missing_is_named(dropped):
    lacking = missing(LESSON, rows(*(row for row in ROWS if row != dropped)))
    assert any(dropped[0].split()[0] in text for text in lacking)


@pytest.mark.parametrize(
    ("english", "korean"),
    [
        ("vanishing gradient", "그레이디언트 폭주"),
        ("input gate", "출력 게이트"),
        ("forget gate", "망각 게이트"),
        ("feature", "특징"),
        ("cover", "포함률"),
    ],
)
def test_a_row_with_other_korean_is_not_enough(english, korean):
    changed = [row for row in ROWS if row[0] != english]
    assert missing(LESSON, rows(*changed, (english, korean)))


def test_a_term_without_korean_is_named():
    (lacking,) = missing("**Terms.** gate, cell (셀).", rows(*ROWS))
    assert "gate, cell (셀)" in lacking
    assert "give each English term its Korean" in lacking


def test_terms_that_cannot_be_read_are_named():
    with pytest.raises(AssertionError, match="gate 게이트"):
        listed("**Terms.** cell (셀), gate 게이트.")
