"""Lab *gradient* (lesson 06): norms and clipping are those of back-propagation."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from helpers import bptt, series
from helpers.labs import gradient
from helpers.labs.framework.lab import Invalid, Lab
from tests.labs.seen import artists
from tests.labs.stand_ins import several_units, synthetic


def stand_in() -> Lab:
    """The lab on small data."""
    networks = {"made": several_units(), "orthogonal": network(orthogonal())}
    return gradient.lab(networks, synthetic()[:, :50], synthetic()[:, 50])


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


@pytest.fixture
def lab(data):
    return gradient.lab({"orthogonal": network(orthogonal())}, *data)


def test_the_first_picture_shows_relu_below_the_threshold(lab):
    assert lab.reading.startswith("relu, scale 1.00, 50 steps: norm ")
    assert "That is below 1e-6." in lab.reading


@pytest.mark.parametrize("seed", range(6))
def test_as_length_grows_sigmoid_falls_below_the_threshold_first_tanh_last_and_linear_never(data, seed):
    lab = gradient.lab({"orthogonal": network(orthogonal(seed=seed), seed)}, *data)
    first = {activation: _first_below(lab, activation) for activation in bptt.ACTIVATIONS}
    assert first["sigmoid"] < first["relu"] <= 60 < 200 < first["tanh"]
    assert first["linear"] == np.inf


def test_tanh_gets_there_on_the_lab_s_axis_with_the_lesson_s_size_of_weights(data):
    lab = gradient.lab({"orthogonal": network(orthogonal(seed=5), 5)}, *data)
    assert _first_below(lab, "tanh") <= gradient.LONGEST


def test_clipping_moves_the_whole_curve_and_not_its_shape(lab):
    lab.set(activation="linear", scale=1.2, clip=1.0)
    drawn = artists(lab)
    ratio = drawn["clipped"].get_ydata() / drawn["curve"].get_ydata()
    np.testing.assert_allclose(ratio, ratio[0])
    assert bptt.norm(drawn["after"].get_xdata()) == pytest.approx(1.0)


def test_a_gradient_that_is_short_is_left_alone_and_the_reading_says_so(lab):
    lab.set(clip=1.0)
    assert "not above 1, so clipping leaves them alone" in lab.reading


def test_longer_series_end_as_they_did(data, lab):
    np.testing.assert_allclose(lab.data.X[:, -50:], data[0][: gradient.N_SERIES])
    assert lab.data.X.shape[1] == gradient.LONGEST


def test_an_overflow_is_drawn_at_the_edge(data):
    lab = gradient.lab({"wild": network(40 * orthogonal())}, *data)
    lab.set(activation="relu", length=500, scale=2.0, clip=1.0)
    assert not lab.message
    assert artists(lab)["curve"].get_ydata().max() == gradient.HIGHEST


def test_nonsense_is_refused(data, lab):
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
