"""tests.moves: what it does to labs, and what it finds."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.labs.base import Lab
from helpers.labs.controls import Slider
from tests import moves

#: Numbers that fill a megabyte.
MB = 2**20 // 8


def lab(title, update):
    def draw(fig, data):
        return {"line": fig.subplots().plot([0, 1])[0]}

    controls = {"height": Slider("height", 0, minimum=0, maximum=50)}
    return Lab(title, tasks=["Move."], draw=draw, update=update, data=[], controls=controls, size=(3, 2))


@pytest.fixture
def made(monkeypatch):
    """The labs that are moved: those that other tests have left in this process are none of these tests' business."""
    monkeypatch.delenv("LAB_SELFTEST", raising=False)
    labs = []
    monkeypatch.setattr(moves, "labs_of_this_process", lambda: labs)
    return labs


def test_labs_are_moved_in_turn_and_their_last_move_is_drawn(made):
    drawn = {"one": [], "other": []}
    for title in drawn:
        made.append(lab(title, lambda artists, data, *, height, t=title: drawn[t].append(height) or str(height)))
    found = moves.make(60)
    assert found["labs"] == 2
    assert found["growth"] < 50
    for one in made:
        heights = drawn[one.title]
        assert len(heights) > 10
        assert len(set(heights)) > 5
        assert one.reading == str(one.values()["height"]) == str(heights[-1])


def test_a_lab_that_breaks_is_named(made):
    def breaks(artists, data, *, height):
        return f"{1 / (50 - height) if height < 40 else 1 / 0}"

    made.append(lab("broken", breaks))
    with pytest.raises(AssertionError, match=r"broken: .*ZeroDivisionError"):
        moves.make(60)


def test_a_lab_that_keeps_what_it_draws_is_caught(made):
    kept = []

    def keeps(artists, data, *, height):
        kept.append(np.ones(MB))
        return ""

    made.append(lab("hoarder", keeps))
    assert moves.make(60)["growth"] > 15
