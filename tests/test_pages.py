"""The committed pages of what takes hours to measure: whole, as their makers write them, and within the bounds."""

from __future__ import annotations

import re

import pytest

from benchmarks import growth, imports, notebooks, report, settings, training
from benchmarks.measured import extreme
from tests import long_page, test_long
from tools.notebooks import find

LONG = long_page.PAGE.read_text(encoding="utf-8")
COSTS = report.PAGE.read_text(encoding="utf-8")
LESSONS = [path.stem for path in find()]


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


# --- docs/long.md ---------------------------------------------------------------------------------------------------


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
    assert max(column(memory, memory[0][1]).values()) < long_page.BINDER


# --- benchmarks/README.md -------------------------------------------------------------------------------------------

#: By the names of their sections, all but "Tests": those are what runs here, and are measured last.
HEADERS = {
    "Goals": report.GOALS_HEADER,
    "Published errors": training.HEADER,
    "Epochs": training.EPOCHS_HEADER,
    "Settings": settings.HEADER,
    "Growth": growth.HEADER,
    "Labs": notebooks.LABS_HEADER,
    "Helpers": imports.HEADER,
    "Notebooks": notebooks.NOTEBOOKS_HEADER,
    "Trainings": notebooks.TRAININGS_HEADER,
}
#: By the names of their sections; a helper that was added since the last measurement is no fault of the page.
ROWS = {
    "Published errors": [row.name for row in training.ROWS],
    "Epochs": [row.name for row in training.ROWS],
    "Settings": [settings.COURSE.name, *(setting.name for setting in settings.SETTINGS)],
    "Growth": [f"{size:,} {what}" for what, sizes in growth.SIZES.items() for size in sizes],
    "Notebooks": LESSONS,
}


def test_the_costs_are_those_that_the_benchmarks_measure():
    assert tuple(tables(COSTS)) == report.ORDER == (*HEADERS, "Tests")


@pytest.mark.parametrize("name", HEADERS)
def test_a_table_of_costs_is_whole(name):
    header, *rows = tables(COSTS)[name]
    assert header == list(HEADERS[name])
    assert rows
    assert all(len(row) == len(header) and all(row) for row in rows)
    if name in ROWS:
        assert [row[0] for row in rows] == ROWS[name]


@pytest.mark.parametrize("name", [name for name in report.ORDER if name != "Goals"])
def test_a_table_of_costs_is_dated(name):
    (section,) = [section for section in COSTS.split("\n## ")[1:] if section.startswith(f"{name}\n")]
    assert re.search(r"\n\*Measured (on|from) 20\d\d-\d\d-\d\d.*cores.*\*$", section.strip())


def test_every_lab_is_timed():
    labs = [name[:2] for name in column(tables(COSTS)["Labs"], "fresh figure")]
    tagged = {
        path: sum("lab" in cell.metadata.get("tags", []) for cell in test_long.code_cells(path)) for path in find()
    }
    assert labs == [path.stem[:2] for path, number in tagged.items() for _ in range(number)]


def test_the_goals_say_what_the_tables_say():
    """Those that one column decides; the geometric means are tested where they are reckoned."""
    found = {row[0]: row[2] for row in tables(COSTS)["Goals"][1:]}
    for what, name, unit in (("longest", "seconds", " s"), ("largest peak", "peak memory, MB", " MB")):
        figures = column(tables(COSTS)["Notebooks"], name)
        most = max(figures.values())  # rounded, so that two may have it
        assert found[f"Notebooks: {what}"] in {
            extreme({one: most}, max, unit) for one in figures if figures[one] == most
        }


def test_the_readme_promises_no_less_than_a_notebook_takes():
    readme = (long_page.ROOT / "README.md").read_text(encoding="utf-8")
    seconds = column(tables(COSTS)["Notebooks"], "seconds")
    for name, minutes in re.findall(
        r"^\| \[.*?\]\(notebooks/(\w+)\.ipynb\).*? \| \d+ \| (\d+) \|", readme, re.MULTILINE
    ):
        assert seconds.pop(name) <= 60 * int(minutes), name
    assert not seconds
