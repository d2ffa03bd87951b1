"""The labs of lesson 04: what they draw is what Keras does."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from helpers.labs import architecture, mask
from helpers.labs.framework.lab import Invalid


@pytest.fixture(autouse=True)
def _no_selftest(monkeypatch):
    monkeypatch.delenv("LAB_SELFTEST", raising=False)


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


class TestArchitecture:
    @pytest.mark.parametrize("settings", list(itertools.product((1, 2, 3), architecture.SEQUENCES, architecture.HEADS)))
    def test_shapes_weights_and_errors_are_those_of_keras(self, settings):
        layers, sequences, head = settings
        choice = {"layers": layers, "units": 3, "sequences": sequences, "head": head}
        planned = architecture.plan(6, **choice)
        if planned[-1].error:
            with pytest.raises(ValueError, match="is incompatible with the layer") as refused:
                architecture.build(6, **choice)
            assert planned[-1].error in str(refused.value)
            return
        model = architecture.build(6, **choice)
        assert [(None, *layer.output) for layer in planned] == [tuple(layer.output.shape) for layer in model.layers]
        assert [layer.weights for layer in planned] == [layer.count_params() for layer in model.layers]

    def test_at_its_defaults_nothing_is_refused_and_the_output_has_a_time_axis(self, data):
        reading = architecture.lab(*data).reading
        assert reading.startswith("Output (None, 6, 1), 1,281 weights: 6 forecasts a series for one target.")

    def test_a_stack_that_does_not_fit_is_not_trained_and_says_why(self, data):
        lab = architecture.lab(*data)
        lab.set(sequences="no layer")
        assert "ValueError from layer 2: expected ndim=3, found ndim=2." in lab.reading
        lab.start_training(wait=True)
        assert lab.message.startswith("ValueError: Input 0 of 'layer 2' is incompatible")

    def test_curves_grow_stay_and_are_named(self, data):
        lab = architecture.lab(*data)
        lab.set(units=5, layers=1, epochs=2)
        lab.start_training(wait=True)
        lab.set(sequences="all but the last")
        lab.start_training(wait=True)
        assert [run.label for run in lab.data.runs] == ["5 + Dense(1), every step", "5 + Dense(1)"]
        assert [len(run.errors) for run in lab.data.runs] == [2, 2]
        assert "Trained: 5 + Dense(1), MSE" in lab.reading

    def test_only_the_last_runs_stay(self, data):
        trainings = architecture.lab(*data).data
        choice = {"layers": 1, "units": 5, "sequences": "no layer", "head": "Dense(1)", "epochs": 2}
        for _ in range(architecture.SHOWN_RUNS + 1):
            trainings = architecture.fit(trainings, report=lambda new: None, stopped=lambda: False, **choice)
        assert len(trainings.runs) == architecture.SHOWN_RUNS

    def test_what_does_not_fit_is_invalid(self, data):
        choice = {"layers": 1, "units": 5, "sequences": "no layer", "head": "SimpleRNN(1)", "epochs": 2}
        with pytest.raises(Invalid, match="head"):
            architecture.fit(architecture.lab(*data).data, report=lambda new: None, stopped=lambda: False, **choice)


class TestMask:
    def test_without_dropout_the_error_is_that_of_the_model(self, models, series):
        X, y = series
        data = mask.prepare(models, X, y)
        for name, model in models.items():
            expected = float(np.mean((np.asarray(model(X)) - y) ** 2))
            for kind in mask.KINDS:
                assert data.errors[name, kind, 0.0] == pytest.approx(expected, rel=1e-5)

    def test_one_mask_is_what_keras_applies_and_a_fresh_one_is_not(self):
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

    def test_the_reading_counts_units_and_gives_three_errors(self, models, series):
        lab = mask.lab(models, *series)
        lab.set(rate=0.0, steps=1)
        assert lab.reading.startswith("Rate 0.00, after 1 step: 200 of 200 units were never dropped.")
        errors = {lab.data.errors["A", kind, 0.0] for kind in mask.KINDS}
        assert len(errors) == 1

    def test_every_rate_of_the_slider_has_its_errors(self, models, series):
        lab = mask.lab(models, *series)
        for rate in np.arange(0, 0.91, 0.05):
            lab.set(rate=float(rate))
            assert not lab.message
            assert f"Rate {rate:.2f}" in lab.reading
