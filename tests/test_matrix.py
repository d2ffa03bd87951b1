"""The matrix of versions: what a row must be, and that all rows stand on the committed page, passed."""

from __future__ import annotations

import json
import re

import pytest

from tests import matrix

LOCKED = {"python": "3.13.1", "tensorflow": "2.20.0", "keras": "3.15.1"}
NEWEST = next(row for row in matrix.ROWS if row.name == "highest TensorFlow")
OLDEST = matrix.Row("old", "3.13", older=("keras",))


def test_every_row_stands_on_the_page_and_passed():
    found = matrix.rows(matrix.PAGE.read_text(encoding="utf-8"))
    assert list(found) == list(matrix.NAMES)
    for name, (python, versions, closing, *_) in found.items():
        assert re.fullmatch(r"[1-9]\d* passed.* in .*", closing), name
        if name != matrix.BINDER:
            shown = dict(package.split() for package in versions.split(", "))
            matrix.check(matrix._row(name), {"python": python, **shown})


@pytest.mark.parametrize(
    ("row", "versions", "message"),
    [
        (NEWEST, {}, "tensorflow 2.20.0, expected one newer"),
        (NEWEST, {"python": "3.12.1"}, "Python 3.12.1, expected 3.13"),
        (OLDEST, {}, "keras 3.15.1, expected one older"),
    ],
)
def test_a_row_of_other_versions_than_it_is_about_proves_nothing(row, versions, message):
    with pytest.raises(ValueError, match=message):
        matrix.check(row, LOCKED | versions)


def test_a_row_of_its_versions_counts():
    matrix.check(NEWEST, LOCKED | {"tensorflow": "2.100.0"})
    matrix.check(OLDEST, LOCKED | {"keras": "3.13.2"})


def test_the_page_keeps_what_was_run_elsewhere(monkeypatch, tmp_path):
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
    for name in (first, second):
        matrix._folder(name).with_suffix(".json").write_text(json.dumps(one), encoding="utf-8")
        matrix.write_page()
        matrix._folder(name).with_suffix(".json").unlink()
    line = ["3.13.1", "tensorflow 2.20.0, keras 3.15.1", "3 passed in 1s", "2026-01-01", "here"]
    assert matrix.rows(matrix.PAGE.read_text(encoding="utf-8")) == {first: line, second: line}
