"""The labs and figures of lesson 06: what their curves mean, what they say, and what they refuse."""

from __future__ import annotations

from io import BytesIO
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from helpers import bptt, plots, series
from helpers.labs import cliff, gradient
from helpers.labs.framework.lab import Invalid
from helpers.plots import gradients as gradient_plots


@pytest.fixture(autouse=True)
def _no_selftest(monkeypatch):
    monkeypatch.delenv("LAB_SELFTEST", raising=False)


@pytest.fixture(scope="module")
def data():
    made = series.generate_time_series(120, 51)
    return made[:, :50], made[:, 50]


def network(W_h, seed=0):
    """A stand-in for a Keras model of SimpleRNN and Dense(1)."""
    random = np.random.default_rng(seed)
    units = len(W_h)
    layer = [random.uniform(-0.5, 0.5, size=(1, units)), W_h, np.zeros(units)]
    head = [random.uniform(-0.5, 0.5, size=(units, 1)), np.zeros(1)]
    return SimpleNamespace(
        layers=[SimpleNamespace(get_weights=lambda: layer), SimpleNamespace(get_weights=lambda: head)]
    )


def orthogonal(units=20, seed=0):
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(units, units)))[0]


class TestGradient:
    @pytest.fixture
    def lab(self, data):
        return gradient.lab({"orthogonal": network(orthogonal())}, *data)

    def test_the_first_picture_shows_relu_below_the_threshold(self, lab):
        assert lab.reading.startswith("relu, scale 1.00, 50 steps: norm ")
        assert "That is below 1e-6." in lab.reading

    @pytest.mark.parametrize("seed", range(6))
    def test_as_length_grows_sigmoid_falls_below_the_threshold_first_tanh_last_and_linear_never(self, data, seed):
        lab = gradient.lab({"orthogonal": network(orthogonal(seed=seed), seed)}, *data)
        first = {activation: _first_below(lab, activation) for activation in bptt.ACTIVATIONS}
        assert first["sigmoid"] < first["relu"] <= 60 < 200 < first["tanh"]
        assert first["linear"] == np.inf

    def test_tanh_gets_there_on_the_lab_s_axis_with_the_lesson_s_size_of_weights(self, data):
        lab = gradient.lab({"orthogonal": network(orthogonal(seed=5), 5)}, *data)
        assert _first_below(lab, "tanh") <= gradient.LONGEST

    def test_clipping_moves_the_whole_curve_and_not_its_shape(self, lab):
        lab.set(activation="linear", scale=1.2, clip=1.0)
        artists = lab._canvas._artists
        ratio = artists["clipped"].get_ydata() / artists["curve"].get_ydata()
        np.testing.assert_allclose(ratio, ratio[0])
        assert bptt.norm(artists["after"].get_xdata()) == pytest.approx(1.0)

    def test_a_gradient_that_is_short_is_left_alone_and_the_reading_says_so(self, lab):
        lab.set(clip=1.0)
        assert "not above 1, so clipping leaves them alone" in lab.reading

    def test_longer_series_end_as_they_did(self, data, lab):
        np.testing.assert_allclose(lab.data.X[:, -50:], data[0][: gradient.N_SERIES])
        assert lab.data.X.shape[1] == gradient.LONGEST

    def test_an_overflow_is_drawn_at_the_edge(self, data):
        lab = gradient.lab({"wild": network(40 * orthogonal())}, *data)
        lab.set(activation="relu", length=500, scale=2.0, clip=1.0)
        assert not lab.message
        assert lab._canvas._artists["curve"].get_ydata().max() == gradient.HIGHEST

    def test_nonsense_is_refused(self, data, lab):
        with pytest.raises(Invalid, match="2 to 500"):
            lab.render(length=1)
        with pytest.raises(ValueError, match="expected SimpleRNN on one feature"):
            gradient.lab({"none": SimpleNamespace(layers=[])}, *data)
        with pytest.raises(ValueError, match="not finite"):
            gradient.lab({"ruined": network(np.full((2, 2), np.nan))}, *data)
        with pytest.raises(ValueError, match=r"expected \(batch, steps, 1\)"):
            gradient.lab({"net": network(orthogonal())}, data[0][..., 0], data[1])
        with pytest.raises(ValueError, match="at least one"):
            gradient.lab({}, *data)


def _first_below(lab, activation):
    """The smallest length of the slider at which the norm at step 1 is below 1e-6."""
    weights = lab.data.weights["orthogonal"]
    for length in range(10, gradient.LONGEST + 1, 10):
        norms = bptt.backward(lab.data.X[:, -length:], lab.data.y, weights, activation=activation).by_step
        if norms[0] < gradient.THRESHOLD:
            return length
    return np.inf


@pytest.fixture(scope="module")
def on_the_cliff(data):
    return cliff.lab(*data)


class TestCliff:
    @pytest.fixture
    def lab(self, on_the_cliff):
        return on_the_cliff

    @pytest.mark.parametrize("activation", cliff.ACTIVATIONS)
    def test_loss_and_slope_are_those_of_back_propagation(self, data, activation):
        X, y = data[0][:20], data[1][:20]
        losses, slopes = cliff.loss_and_slope(np.array([[0.7, -0.4], [1.2, 0.5]]), X[..., 0], y[:, 0], activation)
        for (w_x, w_h), loss, slope in zip([(0.7, -0.4), (1.2, 0.5)], losses, slopes, strict=True):
            weights = [np.array([[w_x]]), np.array([[w_h]]), np.zeros(1), np.ones((1, 1)), np.zeros(1)]
            expected = bptt.backward(X, y, weights, activation=activation)
            assert loss == pytest.approx(expected.loss)
            np.testing.assert_allclose(slope, [expected.arrays[0][0, 0], expected.arrays[1][0, 0]])

    def test_the_map_holds_the_losses_at_its_points(self, lab):
        here = np.array([[cliff.W_X[0], cliff.W_H[1]]])
        for activation in cliff.ACTIVATIONS:
            loss, _ = cliff.loss_and_slope(here, lab.data.X, lab.data.y, activation)
            assert lab.data.maps[activation][-1, 0] == pytest.approx(loss[0])

    def test_at_first_the_plain_descent_leaves_at_once_and_the_clipped_one_descends(self, lab):
        assert "plain off the map from step 1 on" in lab.reading
        _, clipped = cliff.descend(lab.data, "linear", 0.5, 1.0, 0.3, 1.0)
        assert len(clipped.losses) == cliff.MOST_STEPS + 1
        assert clipped.losses[-1] < 0.05 < clipped.losses[0]
        steps = np.linalg.norm(np.diff(clipped.weights, axis=0), axis=1)
        assert steps.max() <= 0.3 * (1 + 1e-9)

    def test_of_all_rates_the_plain_descent_bears_the_two_smallest_and_the_clipped_one_all(self, lab):
        left = {rate: cliff.descend(lab.data, "linear", 0.5, 1.0, rate, 1.0) for rate in (0.01, 0.03, 0.1, 0.3, 1.0)}
        assert [rate for rate, (plain, _) in left.items() if plain.left_at is None] == [0.01, 0.03]
        assert all(clipped.left_at is None for _, clipped in left.values())

    def test_tanh_has_no_wall_to_fall_from(self, lab):
        assert lab.data.maps["tanh"].max() < 2 < 1e6 < lab.data.maps["linear"].max()
        plain, _ = cliff.descend(lab.data, "tanh", 0.5, 1.0, 1.0, 1.0)
        assert plain.left_at is None

    def test_one_step_over_the_wall_is_a_leap_of_millions(self, lab):
        for w_h in (-0.9, -1.0, -1.2):
            plain, clipped = cliff.descend(lab.data, "linear", 1.7, w_h, 0.1, 1.0)
            assert (plain.left_at is None) == (w_h == -0.9)
            assert clipped.left_at is None
        assert abs(plain.weights[1, 1]) > 1e6

    def test_a_path_without_a_gradient_stands_still(self, lab):
        still = cliff.Landscape(np.zeros((3, 5)), np.ones(3), lab.data.maps)
        plain, clipped = cliff.descend(still, "relu", 0.5, 0.5, 0.1, 1.0)
        assert np.ptp(plain.weights) == np.ptp(clipped.weights) == 0

    def test_nonsense_is_refused(self, lab, data):
        with pytest.raises(Invalid, match="1 to 40 steps"):
            lab.render(steps=0)
        with pytest.raises(ValueError, match=r"expected \(batch, steps, 1\)"):
            cliff.lab(data[0][..., 0], data[1])
        with pytest.raises(ValueError, match="NaN"):
            cliff.lab(np.full((3, 50, 1), np.nan), data[1][:3])


class TestFigures:
    def test_they_draw(self):
        for fig in (
            gradient_plots.way_back(n_steps=3),
            gradient_plots.by_step({"tanh": np.linspace(0, 1, 50)}),
            gradient_plots.clipped((0.75, 3.0), 1.0),
        ):
            assert Image.open(BytesIO(plots.to_png(fig))).size[0] > 400

    def test_clipping_by_norm_keeps_the_direction_and_by_value_turns(self):
        labels = [text.get_text() for text in gradient_plots.clipped((0.75, 3.0), 1.0).axes[0].get_legend().get_texts()]
        assert labels[1] == "clipped by value: (0.75, 1.00)"
        assert labels[2] == "clipped by norm: (0.24, 0.97)"

    def test_they_say_what_is_wrong(self):
        with pytest.raises(ValueError, match="way back"):
            gradient_plots.way_back(n_steps=1)
        with pytest.raises(ValueError, match="expected 1 to"):
            gradient_plots.by_step({})
        with pytest.raises(ValueError, match=r"expected \(steps,\)"):
            gradient_plots.by_step({"a": np.zeros((2, 2))})
        with pytest.raises(ValueError, match="above 0"):
            gradient_plots.clipped((1.0, 1.0), 0.0)
