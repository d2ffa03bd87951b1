"""Lab *normalisation* (lesson 07): both normalisations are those of Keras."""

from __future__ import annotations

import numpy as np
import pytest

from helpers import series
from helpers.labs import normalisation
from helpers.labs.framework.lab import Invalid, Lab
from tests.labs.stand_ins import model, synthetic


def stand_in() -> Lab:
    """The lab on small data."""
    return normalisation.lab(batch_normed(), synthetic(20)[:, :50])


def batch_normed(units=6, seed=0):
    drawn = np.random.RandomState(seed).randn
    recurrent = [drawn(1, units), 0.3 * drawn(units, units), 0.1 * drawn(units)]
    return model(recurrent, [np.ones(units), np.zeros(units), 0.2 * drawn(units), 0.3 + drawn(units) ** 2])


@pytest.fixture(scope="module")
def waves():
    return series.generate_time_series(300, 60)


def test_one_sample_changes_the_others_under_batch_normalisation_in_training_only(waves):
    lab = normalisation.lab(batch_normed(), waves[:, :50])
    after = normalisation.multiplied(lab.data.states, "sample", 2, 10)
    others = np.arange(8) != 2
    for stored in (False, True):
        old, new = (
            normalisation.batch_norm(states, lab.data, stored=stored)[others] for states in (lab.data.states, after)
        )
        assert np.array_equal(old, new) == stored
    old, new = (normalisation.layer_norm(states) for states in (lab.data.states, after))
    np.testing.assert_array_equal(old[others], new[others])


def test_layer_normalisation_hides_a_step_and_batch_normalisation_shows_it(waves):
    states = normalisation.lab(batch_normed(), waves[:, :50]).data.states
    after = normalisation.multiplied(states, "step", 25, 10)
    assert np.abs(normalisation.layer_norm(after) - normalisation.layer_norm(states)).max() < 0.1
    batch = normalisation.Batch(states, np.zeros(6), np.ones(6))
    shown = normalisation.batch_norm(after, batch, stored=False)
    assert np.abs(shown[:, 25]).mean() > 3 * np.abs(shown[:, 24]).mean()


def test_a_multiplied_step_moves_all_other_steps_while_batch_normalisation_trains(waves):
    lab = normalisation.lab(batch_normed(), waves[:, :50])
    lab.set(what="step")
    moved = float(lab.reading.split("the other steps by ")[1].split()[0])
    assert 0.3 < moved < 0.6


def test_both_normalisations_are_those_of_keras(waves):
    import keras

    states = normalisation.lab(batch_normed(), waves[:, :50]).data.states
    batch = normalisation.Batch(states, np.full(6, 0.2), np.full(6, 0.7))
    layer = keras.layers.BatchNormalization()
    layer.build(states.shape)
    ours = normalisation.batch_norm(states, batch, stored=False)
    np.testing.assert_allclose(ours, layer(states, training=True), atol=1e-5)
    layer.set_weights([np.ones(6), np.zeros(6), batch.stored_mean, batch.stored_variance])
    np.testing.assert_allclose(normalisation.batch_norm(states, batch, stored=True), layer(states), atol=1e-5)
    np.testing.assert_allclose(normalisation.layer_norm(states), keras.layers.LayerNormalization()(states), atol=1e-5)


def test_the_reading_names_what_changed_where(waves):
    lab = normalisation.lab(batch_normed(), waves[:, :50])
    assert lab.reading.startswith("Sample 2 times 10 changes the other samples by 0.")
    assert "and by 0.000 under layer normalisation; itself by " in lab.reading
    lab.set(what="step", stored=True)
    assert lab.reading.startswith(
        "Time step 25 times 10 changes the other steps by 0.00 under batch normalisation and by 0.000 under layer"
    )
    lab.set(factor=1)
    assert lab.reading.endswith("itself by 0.00 and 0.000.")


def test_nonsense_is_invalid(waves):
    with pytest.raises(Invalid, match="above 0"):
        normalisation.lab(batch_normed(), waves[:, :50]).render(factor=0)


@pytest.mark.parametrize(
    ("made", "X"),
    [
        (None, np.zeros((2, 50, 1))),
        (model(), np.zeros((2, 50, 1))),
        (model([np.ones((1, 2)), np.ones((2, 2)), np.ones(2)], [np.ones(2)] * 2), np.zeros((2, 50, 1))),
        (batch_normed(), np.zeros((1, 50, 1))),
        (batch_normed(), np.zeros((2, 50, 2))),
        (batch_normed(), np.full((2, 50, 1), np.nan)),
    ],
    ids=["no model", "no layers", "layer normalisation", "one series", "two features", "NaN"],
)
def test_wrong_data_is_refused(made, X):
    with pytest.raises(ValueError, match=r"expected|not finite"):
        normalisation.lab(made, X)
