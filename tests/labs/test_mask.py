"""Lab *mask* (lesson 04): one mask is what Keras applies."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.labs import mask
from helpers.labs.framework.lab import Lab
from tests.labs.stand_ins import model, one_neuron, synthetic


def stacked_units(seed: int, units: int = 4):
    """Stand-in for two SimpleRNN layers under Dense(1)."""
    rng = np.random.default_rng(seed)
    sizes = [[(1, units), (units, units), (units,)], [(units, units), (units, units), (units,)], [(units, 1), (1,)]]
    return model(*([rng.normal(scale=0.3, size=size) for size in layer] for layer in sizes))


def stand_in() -> Lab:
    """The lab on small data."""
    return mask.lab({"A": stacked_units(0), "B": stacked_units(1)}, synthetic()[:, :50], synthetic()[:, 50])


WRONG = {
    "one model": ({"A": stacked_units(0)}, np.zeros((2, 50, 1)), np.zeros(2)),
    "no dict": (stacked_units(0), np.zeros((2, 50, 1)), np.zeros(2)),
    "no model": ({"A": None, "B": None}, np.zeros((2, 50, 1)), np.zeros(2)),
    "no head": ({"A": one_neuron(), "B": one_neuron()}, np.zeros((2, 50, 1)), np.zeros(2)),
    "other units": ({"A": stacked_units(0), "B": stacked_units(0, 5)}, np.zeros((2, 50, 1)), np.zeros(2)),
    "49 steps": ({"A": stacked_units(0), "B": stacked_units(1)}, np.zeros((2, 49, 1)), np.zeros(2)),
    "fewer targets": ({"A": stacked_units(0), "B": stacked_units(1)}, np.zeros((3, 50, 1)), np.zeros(2)),
    "series that are NaN": (
        {"A": stacked_units(0), "B": stacked_units(1)},
        np.full((2, 50, 1), np.nan),
        np.zeros(2),
    ),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_wrong_data_is_refused(wrong):
    with pytest.raises(ValueError, match=r"expected|not finite"):
        mask.lab(*wrong)


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    return [(rng.normal(size=(n, 6, 1)).astype("float32"), rng.normal(size=(n, 1))) for n in (20, 10)]


@pytest.fixture(scope="module")
def models():
    keras = pytest.importorskip("keras")
    keras.utils.set_random_seed(0)
    return {
        name: keras.Sequential(
            [
                keras.Input((50, 1)),
                keras.layers.SimpleRNN(4, return_sequences=True),
                keras.layers.SimpleRNN(4),
                keras.layers.Dense(1),
            ]
        )
        for name in ("A", "B")
    }


@pytest.fixture(scope="module")
def series():
    rng = np.random.default_rng(1)
    return rng.normal(size=(30, 50, 1)).astype("float32"), rng.normal(size=(30, 1))


def test_without_dropout_the_error_is_that_of_the_model(models, series):
    X, y = series
    data = mask.prepare(models, X, y)
    for name, network in models.items():
        expected = float(np.mean((np.asarray(network(X)) - y) ** 2))
        for kind in mask.KINDS:
            assert data.errors[name, kind, 0.0] == pytest.approx(expected, rel=1e-5)


def test_one_mask_is_what_keras_applies_and_a_fresh_one_is_not():
    """Identity weights and an impulse: what is kept at step 1 is kept to the end, in Keras and in the lab."""
    keras = pytest.importorskip("keras")
    keras.utils.set_random_seed(0)
    layer = keras.layers.SimpleRNN(64, activation="linear", return_sequences=True, recurrent_dropout=0.5)
    layer.build((None, 50, 64))
    layer.set_weights([np.eye(64), np.eye(64), np.zeros(64)])
    impulse = np.zeros((1, 50, 64), dtype="float32")
    impulse[:, 0] = 1
    kept = np.asarray(layer(impulse, training=True))[0] != 0
    np.testing.assert_array_equal(kept[1:], np.broadcast_to(kept[1], kept[1:].shape))
    rng = np.random.default_rng(0)
    one, fresh = (
        mask.untouched(mask.Masks({}, rng.random((50, 20_000)), {}, 0.0), rate=0.5, kind=kind).mean(axis=1)
        for kind in mask.KINDS
    )
    assert (one == one[0]).all()
    np.testing.assert_allclose(fresh, 0.5 ** np.arange(1, 51), atol=0.01)


def test_the_reading_counts_units_and_gives_three_errors(models, series):
    lab = mask.lab(models, *series)
    lab.set(rate=0.0, steps=1)
    assert lab.reading.startswith("Rate 0.00, after 1 step: 200 of 200 units were never dropped.")
    errors = {lab.data.errors["A", kind, 0.0] for kind in mask.KINDS}
    assert len(errors) == 1


def test_every_rate_of_the_slider_has_its_errors(models, series):
    lab = mask.lab(models, *series)
    for rate in np.arange(0, 0.91, 0.05):
        lab.set(rate=float(rate))
        assert not lab.message
        assert f"Rate {rate:.2f}" in lab.reading
