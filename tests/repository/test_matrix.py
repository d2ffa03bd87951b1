"""The matrix of versions: what a row must be, and that all rows stand on the committed page, passed."""

from __future__ import annotations

import json
import re

import pytest

from tests.repository import matrix

PASSED = re.compile(r"[1-9]\d* passed(, \d+ warnings?)? in .*")
LOCKED = {"python": "3.13.1", "tensorflow": "2.20.0", "keras": "3.15.1"}
NEWEST = next(row for row in matrix.ROWS if row.name == "highest TensorFlow")
OLDEST = matrix.Row("old", "3.13", resolve=(), older=("keras",))
AS_LOCKED = matrix.ROWS[2]


def test_every_row_stands_on_the_page_and_passed():
    found = matrix.rows(matrix.PAGE.read_text(encoding="utf-8"))
    assert list(found) == list(matrix.NAMES)
    for name, (python, versions, closing, *_) in found.items():
        assert PASSED.fullmatch(closing), name
        if name != matrix.BINDER:
            shown = dict(package.split() for package in versions.split(", "))
            matrix.check(matrix._row(name), {"python": python, **shown})


@pytest.mark.parametrize(
    ("row", "versions", "message"),
    [
        (NEWEST, {}, "tensorflow 2.20.0, expected one newer"),
        (NEWEST, {"python": "3.12.1"}, "Python 3.12.1, expected 3.13"),
        (NEWEST, {"tensorflow": "2.20.9"}, "tensorflow 2.20.9, expected 2.21"),
        (OLDEST, {}, "keras 3.15.1, expected one older"),
        (AS_LOCKED, {"keras": "3.15.0"}, "{'keras': '3.15.0'}, expected what requirements.lock says"),
    ],
)
def test_a_row_of_other_versions_than_it_is_about_proves_nothing(row, versions, message):
    with pytest.raises(ValueError, match=message):
        matrix.check(row, LOCKED | versions)


def test_a_row_of_its_versions_counts():
    matrix.check(NEWEST, LOCKED | {"tensorflow": "2.21.3"})
    matrix.check(OLDEST, LOCKED | {"keras": "3.13.2"})
    matrix.check(AS_LOCKED, LOCKED)


@pytest.mark.parametrize(
    "closing", ["3 passed, 1 error in 1s", "3 passed, 2 skipped in 1s", "1 failed, 3 passed in 1s"]
)
def test_a_row_with_errors_or_skips_has_not_passed(closing):
    assert PASSED.fullmatch("3 passed, 1 warning in 1s")
    assert not PASSED.fullmatch(closing)


def test_the_page_keeps_the_rows_that_were_not_asked_for(monkeypatch, tmp_path):
    monkeypatch.setattr(matrix, "PAGE", tmp_path / "matrix.md")
    monkeypatch.setattr(matrix, "ROOT", tmp_path)
    monkeypatch.setattr(matrix, "STORE", tmp_path)
    one = {
        "versions": dict(LOCKED),
        "closing": "3 passed in 1s",
        "passed": True,
        "date": "2026-01-01",
        "machine": "here",
    }
    first, second = matrix.NAMES[:2]
    for name, date in ((first, "2026-01-01"), (second, "2026-02-02")):
        matrix._folder(name).with_suffix(".json").write_text(json.dumps(one | {"date": date}), encoding="utf-8")
        matrix.write_page([name])
        matrix._folder(first).with_suffix(".json").write_text(json.dumps(one | {"date": "old"}), encoding="utf-8")
    line = ["3.13.1", "tensorflow 2.20.0, keras 3.15.1", "3 passed in 1s"]
    written = matrix.rows(matrix.PAGE.read_text(encoding="utf-8"))
    assert written == {first: [*line, "2026-01-01", "here"], second: [*line, "2026-02-02", "here"]}
