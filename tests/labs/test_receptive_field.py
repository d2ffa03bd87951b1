"""Lab *receptive field* (lesson 09): which outputs move, for models whose taps are known."""

from __future__ import annotations

import numpy as np
import pytest

from helpers import series
from helpers.labs import receptive_field
from helpers.labs.framework.lab import Lab
from tests.labs.stand_ins import synthetic


def forecasts_by_step(past):
    """A stand-in for a causal network from (batch, steps, 1) to (batch, steps, 10) that reads 5 inputs."""
    past = np.asarray(past)
    read = sum(np.pad(past, [(0, 0), (back, 0), (0, 0)])[:, : past.shape[1]] for back in range(5))
    return np.tanh(read) * np.linspace(1, 0, 10)


def stand_in() -> Lab:
    """The lab on small data."""
    return receptive_field.lab(
        {"causal": (forecasts_by_step, 5), "every second step": (lambda x: forecasts_by_step(x)[:, 1::2], None)},
        synthetic(40, 60)[:, :50],
    )


@pytest.fixture(scope="module")
def X():
    return series.generate_time_series(40, 60)[:, :50]


def causal(taps, dilation=1):
    """A model that adds inputs, (batch, steps, 1) to (batch, steps, 2)."""

    def model(x):
        span = (taps - 1) * dilation
        padded = np.pad(np.asarray(x, dtype=float), [(0, 0), (span, 0), (0, 0)])
        return sum(padded[:, d : d + x.shape[1]] for d in range(0, span + 1, dilation)) * np.array([1.0, 0.5])

    return model


def leaking(x):
    """A model that reads two inputs ahead."""
    return np.pad(np.asarray(x, dtype=float), [(0, 0), (0, 2), (0, 0)])[:, 2:] * np.ones(2)


@pytest.mark.parametrize(("taps", "dilation"), [(1, 1), (5, 1), (3, 4)])
def test_a_causal_model_moves_where_its_taps_are(taps, dilation, X):
    places, changes = receptive_field.changes(causal(taps, dilation), X[0])
    np.testing.assert_array_equal(places, np.arange(50))
    expected = np.zeros((50, 50))
    for back in range(taps):
        expected += np.eye(50, k=back * dilation)
    np.testing.assert_allclose(changes, receptive_field.RAISED * expected, atol=1e-6)


def test_outputs_that_are_fewer_stand_so_that_the_last_stands_at_the_last_input(X):
    places, changes = receptive_field.changes(lambda x: causal(4)(x)[:, 3::2], X[0])
    assert places[[0, 1, -1]].tolist() == [3, 5, 49]
    assert np.flatnonzero(changes[6]).tolist() == [2, 3]  # outputs at steps 7 and 9


def test_the_reading_counts_what_moved_and_what_may(X):
    lab = receptive_field.lab({"five": (causal(5), 5)}, X)
    assert lab.reading == "five, input 15 raised by 0.1: 5 outputs count as moved; by the formula, 5 inputs, 5 may."
    lab.set(step=48)
    assert "2 outputs count as moved; by the formula, 5 inputs, 2 may." in lab.reading


def test_a_formula_that_is_too_small_is_shown_up(X):
    lab = receptive_field.lab({"five": (causal(5), 3)}, X)
    assert "5 outputs count as moved, 2 of them outside of it" in lab.reading


def test_a_model_that_reads_the_future_is_named(X):
    lab = receptive_field.lab({"leak": (leaking, 1)}, X)
    assert lab.reading.endswith("1 moved before the input came: the model reads the future.")


def test_a_share_of_the_largest_counts_fewer(X):
    def fading(x):
        later = np.cumsum(np.asarray(x, dtype=float) * 2.0 ** np.arange(50)[:, np.newaxis], axis=1)
        return later * 0.5 ** np.arange(50)[:, np.newaxis] * np.ones(2)

    lab = receptive_field.lab({"fading": (fading, None)}, X)
    lab.set(share="10 %")
    assert "4 outputs count as moved; all later ones may." in lab.reading  # 1, 1/2, 1/4, 1/8 and no further


def test_a_model_runs_once_for_each_series(X):
    calls = []

    def counted(x):
        calls.append(len(x))
        return causal(2)(x)

    lab = receptive_field.lab({"counted": (counted, 2)}, X)
    for step in (0, 20, 49):
        lab.set(step=step)
    lab.set(series=1)
    assert calls == [51, 51]


@pytest.mark.parametrize(
    ("models", "series_"),
    [
        ({}, np.zeros((2, 50, 1))),
        ({"vector": (lambda x: np.zeros((len(x), 10)), 5)}, np.zeros((2, 50, 1))),
        ({"longer": (lambda x: np.zeros((len(x), 60, 10)), 5)}, np.zeros((2, 50, 1))),
        ({"ok": (causal(2), 2)}, np.zeros((2, 50))),
        ({"ok": (causal(2), 2)}, np.zeros((2, 50, 2))),
        ({"ok": (causal(2), 2)}, np.zeros((0, 50, 1))),
    ],
)
def test_wrong_data_is_refused(models, series_):
    with pytest.raises(ValueError, match="expected"):
        receptive_field.lab(models, series_)
