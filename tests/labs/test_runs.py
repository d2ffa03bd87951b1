"""The training that labs share: a report after each epoch, Stop, an end when it is enough, and memory given back."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.labs.framework import runs
from helpers.plots import new_figure

X, Y = np.linspace(0, 1, 64).reshape(64, 1), np.linspace(0, 2, 64).reshape(64, 1)


@pytest.fixture
def model():
    import keras

    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(loss="mse", optimizer="sgd")
    return model


def trained(model, *, stopped=lambda: False, **changes):
    """The result of a training of 4 epochs, and its reports."""
    reports = []
    settings = {"epochs": 4, "batch_size": 16, "valid": (X, Y), "data_after": list, "report": reports.append} | changes
    return runs.train(model, X, Y, stopped=stopped, **settings), reports


def test_each_epoch_is_reported_with_all_values_so_far(model):
    end, reports = trained(model)
    assert [len(values) for values in reports] == [1, 2, 3, 4]
    assert reports[-1] == end
    assert end[-1] < end[0]
    assert end[-1] == pytest.approx(
        float(np.mean((X @ model.get_weights()[0] + model.get_weights()[1] - Y) ** 2)), rel=1e-4
    )


def test_a_measure_of_the_lab_needs_no_validation(model):
    weights = []

    def slope(logs):
        assert "val_loss" not in logs
        weights.append(float(model.get_weights()[0][0, 0]))
        return weights[-1]

    end, _ = trained(model, valid=None, measure=slope)
    assert end == weights


def test_stop_ends_the_training_in_the_epoch_in_which_it_was_pressed(model):
    batches = iter(range(100))
    end, reports = trained(model, stopped=lambda: next(batches) >= 5)  # 4 batches per epoch
    assert len(end) == len(reports) == 2


def test_a_value_that_is_enough_is_the_last(model):
    end, _ = trained(model, measure=lambda logs: 1.0, enough=lambda value: value >= 1)
    assert end == [1.0]


def test_the_memory_of_the_model_is_given_back(model):
    trained(model)
    assert model.optimizer is None


def test_errors_are_kept_inside_the_axis_and_what_diverged_lies_at_its_edge():
    assert runs.inside([0.5, 0.001, 0.02, float("inf"), float("nan")], 0.01, 0.3) == [0.3, 0.01, 0.02, 0.3, 0.3]


def test_a_run_without_values_has_neither_line_nor_name():
    artists = runs.draw(new_figure().subplots(), "earlier runs", top=0.9, longest="0.01 constant")
    runs.update(artists, [("first", (0.3, 0.2)), ("stopped at once", ())])
    assert [len(line.get_xdata()) for line in artists["lines"][:3]] == [2, 0, 0]
    assert [name.get_text() for name in artists["names"][:3]] == ["first", "", ""]
    assert [sample.get_visible() for sample in artists["samples"][:3]] == [True, False, False]
