"""Lab *you* (lesson 00): what came stays hidden until the reader's points are scored, and the first bet counts."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.labs import you
from helpers.labs.framework.lab import Lab
from tests.labs.stand_ins import direct, past_and_future


def stand_in() -> Lab:
    """The lab on small data."""
    return you.lab(direct, *past_and_future(4))


@pytest.fixture(scope="module")
def data():
    return past_and_future(4)


def hidden(lab: Lab) -> dict[str, int]:
    lines = {line.get_label(): len(line.get_xdata()) for line in lab.render().axes[0].lines}
    return {name: lines[name] for name in ("what came", "naive", "network")}


def test_nothing_gives_the_future_away_before_it_is_scored(data):
    lab = you.lab(direct, *data)
    assert set(hidden(lab).values()) == {0}
    high = lab.render().axes[0].get_ylim()
    past, future = data
    future = future + 5
    assert you.lab(direct, past, future).render().axes[0].get_ylim() == high
    lab.act("Score")
    assert set(hidden(lab).values()) == {10}
    lab.set(series=2)
    assert set(hidden(lab).values()) == {0}


def test_scores_are_mean_squared_errors(data):
    past, future = data
    lab = you.lab(direct, past, future)
    points = np.linspace(-0.9, 0.9, 10).round(2)
    lab.set(series=2, **{f"step_{k + 1}": value for k, value in enumerate(points)})
    lab.act("Score")
    found = lab.data.errors(1)
    assert found["you"] == pytest.approx(np.mean((points - future[1]) ** 2), abs=1e-5)
    assert found["naive"] == pytest.approx(np.mean((past[1, -1] - future[1]) ** 2), abs=1e-5)
    assert found["network"] == pytest.approx(np.mean((direct(past)[1] - future[1]) ** 2), abs=1e-5)
    assert f"you {found['you']:.3f}" in lab.reading


def test_the_first_bet_counts_until_reset(data):
    lab = you.lab(direct, *data)
    lab.act("Score")
    first = lab.data.placed[0]
    lab.set(step_1=0.5)
    lab.act("Score")
    assert "the first bet counts" in lab.message
    assert lab.data.placed == {0: first}
    lab.reset()
    assert lab.data.placed == {}


def test_the_mean_is_over_the_scored_series(data):
    lab = you.lab(direct, *data)
    for series in (1, 3):
        lab.set(series=series)
        lab.act("Score")
    both = [lab.data.errors(series)["you"] for series in (0, 2)]
    assert f"Mean of 2 series scored: naive {np.mean([lab.data.errors(k)['naive'] for k in (0, 2)]):.3f}" in lab.reading
    assert f"you {np.mean(both):.3f}" in lab.reading


@pytest.mark.parametrize(
    ("past", "future", "count", "said"),
    [
        (np.zeros((4, 50)), np.zeros((4, 10)), 3, "past has shape"),
        (np.zeros((4, 50, 1)), np.zeros((3, 10)), 3, "future has shape"),
        (np.zeros((4, 50, 1)), np.zeros((4, 10)), 9, "expected 2 to 4"),
        (np.zeros((4, 50, 1)), np.zeros((4, 7)), 3, "the model gives"),
    ],
)
def test_what_does_not_fit_is_refused(past, future, count, said):
    with pytest.raises(ValueError, match=said):
        you.lab(direct, past, future, count=count)
