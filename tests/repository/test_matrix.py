"""The matrix of versions: a row proves nothing with other versions than it is about."""

from __future__ import annotations

import pytest

from tests.repository import matrix

LOCKED = {"python": "3.13.1", "tensorflow": "2.20.0", "keras": "3.15.1"}
NEWEST = next(row for row in matrix.ROWS if row.name == "highest TensorFlow")
OLDEST = matrix.Row("old", "3.13", resolve=(), older=("keras",))
AS_LOCKED = matrix.ROWS[2]


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
