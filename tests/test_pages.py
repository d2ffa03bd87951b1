"""The committed page of what takes an hour to measure: whole, as its maker writes it, and within the bounds."""

from __future__ import annotations

import re

import pytest

from tests import long_page, test_long

LONG = long_page.PAGE.read_text(encoding="utf-8")
#: MB that Binder gives to a reader.
BINDER = 2000


def tables(page: str) -> dict[str, list[list[str]]]:
    """The tables of a page by the titles of their sections; the first row is the header."""
    sections = [section.partition("\n") for section in page.split("\n## ")[1:]]
    return {
        title: [line.strip("| ").split(" | ") for line in text.splitlines() if re.match(r"\| (?!---)", line)]
        for title, _, text in sections
    }


def column(table: list[list[str]], name: str) -> dict[str, float]:
    """The figures of a column by the names of their rows."""
    place = table[0].index(name)
    return {row[0]: float(row[place].replace(",", "")) for row in table[1:]}


@pytest.mark.parametrize("name", long_page.SECTIONS)
def test_what_the_long_tests_found_is_whole(name):
    section = long_page.SECTIONS[name]
    header, *rows = tables(LONG)[section.title]
    assert header == list(section.columns)
    assert [row[0] for row in rows] == list(section.rows)
    assert all(len(row) == len(header) and all(row) for row in rows)


def test_what_the_long_tests_found_is_dated():
    assert re.search(r"\n\*Measured 20\d\d-\d\d-\d\d.*cores.*\*\n$", LONG)


def test_what_the_long_tests_found_is_within_the_bounds():
    found = tables(LONG)
    moves = found[long_page.SECTIONS["moves"].title]
    assert max(column(moves, "kernel's memory grown by, MB").values()) < test_long.MOST_GROWTH
    assert min(column(moves, "moves").values()) >= test_long.MOVES
    memory = found[long_page.SECTIONS["memory"].title]
    assert max(column(memory, memory[0][1]).values()) < BINDER
