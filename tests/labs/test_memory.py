"""Lab *memory* (lesson 08): its runs, its verdicts and its gate biases."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.labs import memory
from helpers.labs.framework.lab import Invalid, Lab
from tests.labs.stand_ins import marked_symbol


def stand_in() -> Lab:
    """The lab on small data."""
    return memory.lab({"first symbol": marked_symbol, "marked symbol": marked_symbol}, n_series=200, epochs=2)


@pytest.fixture
def lab():
    return memory.lab({"marked symbol": marked_symbol}, n_series=200, epochs=2)


def test_the_lessons_runs_are_there_and_the_last_is_read_out():
    lab = memory.lab({"a": marked_symbol}, runs={"marked, SimpleRNN": [0.5, 0.52], "marked, LSTM": [0.6, 0.96]})
    assert lab.reading.startswith("Marked, LSTM: 0.96 after 2 epochs, solved. Next: a, T = 50, GRU, bias default.")
    assert [run.label for run in lab.data.runs] == ["marked, SimpleRNN", "marked, LSTM"]


def test_training_adds_a_run_and_reset_forgets_it(lab):
    assert lab.reading.startswith("Chance: 0.50. Next: ")
    lab.set(length=25, cell="SimpleRNN")
    lab.start_training(wait=True)
    assert [run.label for run in lab.data.runs] == ["marked, T = 25, SimpleRNN"]
    assert 1 <= len(lab.data.runs[0].accuracies) <= 2
    lab.reset()
    assert not lab.data.runs


def test_stop_ends_a_training(lab):
    reports = []
    settings = {"task": "marked symbol", "length": 25, "cell": "LSTM", "bias": "long"}
    end = memory.train(lab.data, report=reports.append, stopped=lambda: True, **settings)
    assert len(end.runs[-1].accuracies) <= 1


@pytest.mark.parametrize(("accuracy", "verdict"), [(0.97, "solved"), (0.52, "at chance"), (0.8, "not solved")])
def test_the_verdict_follows_the_accuracy(accuracy, verdict):
    lab = memory.lab({"a": marked_symbol}, runs={"a": [accuracy]})
    assert f"after 1 epoch, {verdict}." in lab.reading


def test_gate_biases_go_where_they_belong():
    import keras

    random = np.random.default_rng(0)
    lstm, gru, plain = keras.layers.LSTM(4), keras.layers.GRU(4), keras.layers.SimpleRNN(4)
    for layer in (lstm, gru, plain):
        layer.build((None, None, 2))
        before = layer.get_weights()[2].copy()
        memory.set_gate_bias(layer, "default", 50, random)
        np.testing.assert_array_equal(layer.get_weights()[2], before)
        memory.set_gate_bias(layer, "5", 50, random)
    i, f, g, o = np.split(lstm.get_weights()[2], 4)
    assert (f == 5).all()
    assert not np.concatenate([i, g, o]).any()
    assert (gru.get_weights()[2][0, :4] == 5).all()
    assert np.count_nonzero(gru.get_weights()[2]) == 4
    assert not plain.get_weights()[2].any()
    memory.set_gate_bias(lstm, "long", 50, random)
    i, f, _, _ = np.split(lstm.get_weights()[2], 4)
    np.testing.assert_allclose(i, -f)
    assert ((f >= 0) & (f <= np.log(49))).all()


def test_nonsense_is_invalid(lab):
    with pytest.raises(Invalid, match="there is no task 'third'"):
        lab.render(task="third")


@pytest.mark.parametrize("sizes", [{"n_series": 150}, {"n_series": 0}, {"epochs": 0}])
def test_sizes_that_do_not_fit_are_refused(sizes):
    with pytest.raises(ValueError, match="expected a multiple of 100"):
        memory.lab({"a": marked_symbol}, **sizes)


def test_tasks_of_another_form_are_refused():
    with pytest.raises(ValueError, match="expected at least one"):
        memory.lab({})
    with pytest.raises(ValueError, match=r"expected \(4, 10, features\)"):
        memory.lab({"flat": lambda n, T, seed: (np.zeros((n, T)), np.zeros((n, 1)))})
