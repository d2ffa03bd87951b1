"""Lab *cliff* (lesson 06): losses and slopes are those of back-propagation."""

from __future__ import annotations

import numpy as np
import pytest

from helpers import bptt, series
from helpers.labs import cliff
from helpers.labs.framework.lab import Invalid, Lab
from tests.labs.stand_ins import synthetic


def stand_in() -> Lab:
    """The lab on small data."""
    return cliff.lab(synthetic()[:, :50], synthetic()[:, 50])


@pytest.fixture(scope="module")
def data():
    made = series.generate_time_series(120, 51)
    return made[:, :50], made[:, 50]


@pytest.fixture(scope="module")
def on_the_cliff(data):
    return cliff.lab(*data)


@pytest.fixture
def lab(on_the_cliff):
    return on_the_cliff


@pytest.mark.parametrize("activation", cliff.ACTIVATIONS)
def test_loss_and_slope_are_those_of_back_propagation(data, activation):
    X, y = data[0][:20], data[1][:20]
    losses, slopes = cliff.loss_and_slope(np.array([[0.7, -0.4], [1.2, 0.5]]), X[..., 0], y[:, 0], activation)
    for (w_x, w_h), loss, slope in zip([(0.7, -0.4), (1.2, 0.5)], losses, slopes, strict=True):
        weights = [np.array([[w_x]]), np.array([[w_h]]), np.zeros(1), np.ones((1, 1)), np.zeros(1)]
        expected = bptt.backward(X, y, weights, activation=activation)
        assert loss == pytest.approx(expected.loss)
        np.testing.assert_allclose(slope, [expected.arrays[0][0, 0], expected.arrays[1][0, 0]])


def test_the_map_holds_the_losses_at_its_points(lab):
    here = np.array([[cliff.W_X[0], cliff.W_H[1]]])
    for activation in cliff.ACTIVATIONS:
        loss, _ = cliff.loss_and_slope(here, lab.data.X, lab.data.y, activation)
        assert lab.data.maps[activation][-1, 0] == pytest.approx(loss[0])


def test_at_first_the_plain_descent_leaves_at_once_and_the_clipped_one_descends(lab):
    assert "plain off the map from step 1 on" in lab.reading
    _, clipped = cliff.descend(lab.data, "linear", 0.5, 1.0, 0.3, 1.0)
    assert len(clipped.losses) == cliff.MOST_STEPS + 1
    assert clipped.losses[-1] < 0.05 < clipped.losses[0]
    steps = np.linalg.norm(np.diff(clipped.weights, axis=0), axis=1)
    assert steps.max() <= 0.3 * (1 + 1e-9)


def test_of_all_rates_the_plain_descent_bears_the_two_smallest_and_the_clipped_one_all(lab):
    left = {rate: cliff.descend(lab.data, "linear", 0.5, 1.0, rate, 1.0) for rate in (0.01, 0.03, 0.1, 0.3, 1.0)}
    assert [rate for rate, (plain, _) in left.items() if plain.left_at is None] == [0.01, 0.03]
    assert all(clipped.left_at is None for _, clipped in left.values())


def test_tanh_has_no_wall_to_fall_from(lab):
    assert lab.data.maps["tanh"].max() < 2 < 1e6 < lab.data.maps["linear"].max()
    plain, _ = cliff.descend(lab.data, "tanh", 0.5, 1.0, 1.0, 1.0)
    assert plain.left_at is None


def test_one_step_over_the_wall_is_a_leap_of_millions(lab):
    for w_h in (-0.9, -1.0, -1.2):
        plain, clipped = cliff.descend(lab.data, "linear", 1.7, w_h, 0.1, 1.0)
        assert (plain.left_at is None) == (w_h == -0.9)
        assert clipped.left_at is None
    assert abs(plain.weights[1, 1]) > 1e6


def test_a_path_without_a_gradient_stands_still(lab):
    still = cliff.Landscape(np.zeros((3, 5)), np.ones(3), lab.data.maps)
    plain, clipped = cliff.descend(still, "relu", 0.5, 0.5, 0.1, 1.0)
    assert np.ptp(plain.weights) == np.ptp(clipped.weights) == 0


def test_nonsense_is_refused(lab, data):
    with pytest.raises(Invalid, match="1 to 40 steps"):
        lab.render(steps=0)
    with pytest.raises(ValueError, match=r"expected \(batch, steps, 1\)"):
        cliff.lab(data[0][..., 0], data[1])
    with pytest.raises(ValueError, match="NaN"):
        cliff.lab(np.full((3, 50, 1), np.nan), data[1][:3])
