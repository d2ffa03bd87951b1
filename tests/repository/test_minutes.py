"""The minutes of a lesson: what is counted, what is not, and where the numbers go."""

from __future__ import annotations

import nbformat
import pytest

from tools import minutes, notebooks

PROSE = "word " * 110
LINES = "x = 1\n" * 25


def text(source, **metadata):
    return nbformat.v4.new_markdown_cell(source, metadata=metadata)


def code(source, *tags):
    return nbformat.v4.new_code_cell(source, metadata={"tags": list(tags)})


def lesson(*cells):
    return nbformat.from_dict({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def counted(*cells, times=10):
    """Minutes of the cells repeated, so that they are more than the rounding."""
    return minutes.count(lesson(*cells * times))


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (text(PROSE), 10),
        (code(LINES), 10),
        (code("lab(model)", "lab"), 60),
        (code("answer = ...", "exercise"), 50),
        (text(f"```python\n{LINES}```"), 10),
        (code("\n\n".join(["x = 1"] * 25)), 10),
        (text(" ".join(["[a](https://keras.io) | --- |"] * 110)), 10),
    ],
    ids=["prose", "code", "lab", "exercise", "code in text", "blank lines", "links and signs"],
)
def test_what_is_read_and_played_counts(cell, expected):
    assert counted(cell) == (expected, expected)


@pytest.mark.parametrize(
    "cell",
    [
        code(LINES, "machinery"),
        code(LINES, "bootstrap", "machinery"),
        code(LINES, "check"),
        text(PROSE, tags=["lecturers"]),
        text(f"<details><summary>Solution 01.1</summary>\n\n{PROSE}\n\n</details>"),
        text(f"<!-- launch -->\n{PROSE}\n<!-- /launch -->"),
    ],
    ids=["machinery", "bootstrap", "check", "run sheet", "solution", "launch line"],
)
def test_what_a_reader_passes_by_does_not(cell):
    assert counted(cell, text(PROSE)) == counted(text(PROSE))


def test_deeper_parts_end_with_the_next_heading_of_their_level():
    cells = [
        text("## 1 Start"),
        *[text(PROSE)] * 10,
        text("## 2 More (deeper)"),
        *[text(PROSE)] * 20,
        text("### Below it"),
        *[code(LINES)] * 10,
        text("## 3 On"),
        *[text(PROSE)] * 5,
    ]
    found = counted(*cells, times=1)
    assert found == (15, 45)
    assert found.opening == "15 to read and play, 45 with the deeper parts"
    assert found.cell == "15 (45)"


def test_the_opening_gets_both_numbers_once_and_loses_the_second_with_the_deeper_part():
    opening = text("# T\n\n**Minutes:** 1 to read and play, 2 to run: about 90 seconds.")
    nb = lesson(opening, *[text(PROSE)] * 10, text("## More (deeper)"), *[code(LINES)] * 10)
    once = notebooks.normalise(nb)
    assert "**Minutes:** 10 to read and play, 20 with the deeper parts, 2 to run: about 90" in once.cells[0].source
    assert notebooks.normalise(once) == once
    once.cells[11].source = "## More"
    assert "**Minutes:** 20 to read and play, 2 to run: about 90" in notebooks.normalise(once).cells[0].source


def test_only_rows_of_lessons_get_minutes_and_only_in_their_column():
    table = (
        "| lesson | read | run |\n| [A](notebooks/03_a.ipynb) | 7 | 1 |\n| [B](notebooks/04_b.ipynb) | 7 | 1 |\n7 | 7"
    )
    known = {"03_a.ipynb": minutes.Minutes(50, 80)}
    assert minutes.write_rows(table, known, 2) == table.replace("03_a.ipynb) | 7", "03_a.ipynb) | 50 (80)")
    last = "| 00 Start here | this page | 35 |\n| [A](03_a.ipynb) | about | 5 |"
    written = minutes.write_rows(last, known | {"00_start_here.ipynb": minutes.Minutes(40, 40)}, 3)
    assert written == "| 00 Start here | this page | 40 |\n| [A](03_a.ipynb) | about | 50 (80) |"
