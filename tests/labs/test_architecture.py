"""Lab *architecture* (lesson 04): shapes, weights and errors are those of Keras."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from helpers.labs import architecture
from helpers.labs.framework.lab import Invalid, Lab
from tests.labs.stand_ins import synthetic


def stand_in() -> Lab:
    """The lab on small data."""
    return architecture.lab(
        (synthetic()[:90, :50], synthetic()[:90, 50]), (synthetic()[90:, :50], synthetic()[90:, 50])
    )


WRONG = {
    "no feature axis": ((np.zeros((4, 50)), np.zeros((4, 1))), (np.zeros((4, 50, 1)), np.zeros((4, 1)))),
    "targets as a list": ((np.zeros((4, 50, 1)), [0.0] * 4), (np.zeros((4, 50, 1)), np.zeros((4, 1)))),
    "fewer targets than series": (
        (np.zeros((4, 50, 1)), np.zeros((4, 1))),
        (np.zeros((4, 50, 1)), np.zeros((3, 1))),
    ),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_wrong_data_is_refused(wrong):
    with pytest.raises(ValueError, match=r"expected|not finite"):
        architecture.lab(*wrong)


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    return [(rng.normal(size=(n, 6, 1)).astype("float32"), rng.normal(size=(n, 1))) for n in (20, 10)]


@pytest.mark.parametrize("settings", list(itertools.product((1, 2, 3), architecture.SEQUENCES, architecture.HEADS)))
def test_shapes_weights_and_errors_are_those_of_keras(settings):
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


def test_at_its_defaults_nothing_is_refused_and_the_output_has_a_time_axis(data):
    reading = architecture.lab(*data).reading
    assert reading.startswith("Output (None, 6, 1), 1,281 weights: 6 forecasts per series for one target.")


def test_a_stack_that_does_not_fit_is_not_trained_and_says_why(data):
    lab = architecture.lab(*data)
    lab.set(sequences="no layer")
    assert "ValueError from layer 2: expected ndim=3, found ndim=2." in lab.reading
    lab.start_training(wait=True)
    assert lab.message.startswith("ValueError: Input 0 of 'layer 2' is incompatible")


def test_curves_grow_stay_and_are_named(data):
    lab = architecture.lab(*data)
    lab.set(units=5, layers=1, epochs=2)
    lab.start_training(wait=True)
    lab.set(sequences="all but the last")
    lab.start_training(wait=True)
    assert [run.label for run in lab.data.runs] == ["5 + Dense(1), every step", "5 + Dense(1)"]
    assert [len(run.errors) for run in lab.data.runs] == [2, 2]
    assert "Trained: 5 + Dense(1), MSE" in lab.reading


def test_only_the_last_runs_stay(data):
    trainings = architecture.lab(*data).data
    choice = {"layers": 1, "units": 5, "sequences": "no layer", "head": "Dense(1)", "epochs": 2}
    for _ in range(architecture.SHOWN_RUNS + 1):
        trainings = architecture.fit(trainings, report=lambda new: None, stopped=lambda: False, **choice)
    assert len(trainings.runs) == architecture.SHOWN_RUNS


def test_what_does_not_fit_is_invalid(data):
    choice = {"layers": 1, "units": 5, "sequences": "no layer", "head": "SimpleRNN(1)", "epochs": 2}
    with pytest.raises(Invalid, match="head"):
        architecture.fit(architecture.lab(*data).data, report=lambda new: None, stopped=lambda: False, **choice)
