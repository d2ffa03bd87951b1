"""The labs and figures of lesson 08: what their curves mean, what they say, and what they refuse."""

from __future__ import annotations

from io import BytesIO
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from helpers import plots
from helpers.labs import gates, memory
from helpers.labs.framework.lab import Invalid
from helpers.plots import gates as gate_plots
from tests.support import selftest

UNITS, LENGTH = 5, 30


@pytest.fixture(autouse=True)
def _no_selftest(monkeypatch):
    monkeypatch.delenv("LAB_SELFTEST", raising=False)


def marked_symbol(n_series, length, seed):
    """The task of the lesson, with the mark at one place."""
    rng = np.random.default_rng(seed)
    X = np.zeros((n_series, length, 2), dtype="float32")
    X[..., 0] = rng.normal(size=(n_series, length))
    X[:, 4, 1] = 1
    return X, (X[:, 4, :1] > 0).astype("float32")


def weights(seed=0, units=UNITS, features=2):
    drawn = np.random.default_rng(seed).normal
    return [drawn(size=(features, 4 * units)), 0.4 * drawn(size=(units, 4 * units)), drawn(size=4 * units)]


def head(units=UNITS):
    return [np.ones((units, 1)), np.zeros(1)]


def model(*layers):
    return SimpleNamespace(layers=[SimpleNamespace(get_weights=lambda made=made: made) for made in layers])


def latch():
    """One unit that writes the marked value's sign and keeps it, by hand."""
    kernel = np.array([[0.0, 0.0, 9.0, 0.0], [20.0, 0.0, 0.0, 0.0]])  # i listens to the mark, g to the value
    return model([kernel, np.zeros((1, 4)), np.array([-10.0, 20.0, 0.0, 20.0])], head(1))


class TestGates:
    def test_gates_and_states_are_those_of_keras(self):
        import keras

        layer = keras.layers.LSTM(UNITS, return_sequences=True, return_state=True)
        layer.build((None, None, 2))
        layer.set_weights(weights())
        X, _ = marked_symbol(3, LENGTH, 0)
        outputs, _, c = (np.asarray(array) for array in layer(X))
        every = gates.run(gates.Trained(*weights(), np.ones(UNITS), 0.0), X)
        np.testing.assert_allclose(every["h"], outputs, atol=1e-5)
        np.testing.assert_allclose(every["c"][:, -1], c, atol=1e-5)

    def test_a_unit_that_holds_the_answer_is_found_out(self):
        X, y = marked_symbol(300, LENGTH, 1)
        trained = gates._trained("latch", latch(), X.astype(float), y.ravel())
        for loop in (True, False):  # it has no recurrent weights
            assert trained.by_unit[loop][0] > 0.97
            assert trained.by_head[loop] > 0.97

    def test_without_the_loop_h_reaches_neither_gates_nor_proposal(self):
        trained = gates.Trained(*weights(), np.ones(UNITS), 0.0)
        X, _ = marked_symbol(2, LENGTH, 0)
        kernel, recurrent, bias = weights()
        cut = gates.Trained(kernel, 0 * recurrent, bias, np.ones(UNITS), 0.0)
        for name, values in gates.run(trained, X, loop=False).items():
            np.testing.assert_array_equal(values, gates.run(cut, X)[name])

    def test_it_opens_on_a_plain_answer_and_writes_out_the_two_sums_of_the_step(self):
        X, y = marked_symbol(40, LENGTH, 0)
        lab = gates.lab({"one": model(weights(), head())}, X, y)
        values = lab.values()
        assert values["series"] == np.argmax(np.abs(X[:20, 4, 0]))
        assert values["step"] == 4  # the mark
        unit, one = values["unit"], X[values["series"]][np.newaxis]
        assert lab.reading.startswith(f"Step 4, marked, unit {unit}: c = f × c before + i × g = ")
        every = {name: made[0, 4, unit] for name, made in gates.run(lab.data.trained["one"], one).items()}
        assert f"= {every['c']:.2f}; h = o × tanh(c) = {every['o']:.2f}" in lab.reading
        lab.set(step=0)
        assert "× (0.00) +" in lab.reading
        with_h = lab.reading
        lab.set(loop=False)
        assert lab.reading != with_h

    def test_it_passes_its_self_test(self, monkeypatch):
        monkeypatch.setenv("LAB_SELFTEST", "1")
        monkeypatch.setattr(selftest, "RANDOM_SETTINGS", 6)
        X, y = marked_symbol(40, LENGTH, 0)
        lab = gates.lab({"one": model(weights(), head()), "other": model(weights(1), head())}, X, y)
        assert lab.message == ""

    @pytest.mark.parametrize(
        ("models", "X", "y"),
        [
            ({"none": None}, np.zeros((40, 30, 2)), np.zeros(40)),
            (
                {"a SimpleRNN": model([np.zeros((2, 5)), np.zeros((5, 5)), np.zeros(5)], head())},
                np.zeros((40, 30, 2)),
                np.zeros(40),
            ),
            ({"no head": model(weights())}, np.zeros((40, 30, 2)), np.zeros(40)),
            ({"ten outputs": model(weights(), [np.ones((5, 10)), np.zeros(10)])}, np.zeros((40, 30, 2)), np.zeros(40)),
            ({"one feature": model(weights(features=1), head())}, np.zeros((40, 30, 2)), np.zeros(40)),
            ({"NaN": model([np.full_like(w, np.nan) for w in weights()], head())}, np.zeros((40, 30, 2)), np.zeros(40)),
            ({"one": model(weights(), head())}, np.zeros((40, 30, 1)), np.zeros(40)),
            ({"one": model(weights(), head())}, np.zeros((40, 30, 2)), np.zeros(39)),
            ({"one": model(weights(), head())}, np.full((40, 30, 2), np.nan), np.zeros(40)),
            ({"one": model(weights(), head())}, np.zeros((40, 30, 2)), np.full(40, 0.5)),
            ({"one": model(weights(), head())}, np.zeros((3, 30, 2)), np.zeros(3)),
            (
                {"5": model(weights(), head()), "6": model(weights(units=6), head(6))},
                np.zeros((40, 30, 2)),
                np.zeros(40),
            ),
            ({}, np.zeros((40, 30, 2)), np.zeros(40)),
        ],
    )
    def test_wrong_data_is_refused(self, models, X, y):
        with pytest.raises(ValueError, match=r"expected|not finite"):
            gates.lab(models, X, y)


class TestMemory:
    @pytest.fixture
    def lab(self):
        return memory.lab({"marked symbol": marked_symbol}, n_series=200, epochs=2)

    def test_the_lessons_runs_are_there_and_the_last_is_read_out(self):
        lab = memory.lab({"a": marked_symbol}, runs={"marked, SimpleRNN": [0.5, 0.52], "marked, LSTM": [0.6, 0.96]})
        assert lab.reading.startswith("Marked, LSTM: 0.96 after 2 epochs, solved. Next: a, T = 50, GRU, bias default.")
        assert [run.label for run in lab.data.runs] == ["marked, SimpleRNN", "marked, LSTM"]

    def test_training_adds_a_run_and_reset_forgets_it(self, lab):
        assert lab.reading.startswith("Chance: 0.50. Next: ")
        lab.set(length=25, cell="SimpleRNN")
        lab.start_training(wait=True)
        assert [run.label for run in lab.data.runs] == ["marked, T = 25, SimpleRNN"]
        assert 1 <= len(lab.data.runs[0].accuracies) <= 2
        lab.reset()
        assert not lab.data.runs

    def test_stop_ends_a_training(self, lab):
        reports = []
        settings = {"task": "marked symbol", "length": 25, "cell": "LSTM", "bias": "long"}
        end = memory.train(lab.data, report=reports.append, stopped=lambda: True, **settings)
        assert len(end.runs[-1].accuracies) <= 1

    @pytest.mark.parametrize(("accuracy", "verdict"), [(0.97, "solved"), (0.52, "at chance"), (0.8, "not solved")])
    def test_the_verdict_follows_the_accuracy(self, accuracy, verdict):
        lab = memory.lab({"a": marked_symbol}, runs={"a": [accuracy]})
        assert f"after 1 epoch, {verdict}." in lab.reading

    def test_gate_biases_go_where_they_belong(self):
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

    def test_nonsense_is_invalid(self, lab):
        with pytest.raises(Invalid, match="there is no task 'third'"):
            lab.render(task="third")

    @pytest.mark.parametrize("sizes", [{"n_series": 150}, {"n_series": 0}, {"epochs": 0}])
    def test_sizes_that_do_not_fit_are_refused(self, sizes):
        with pytest.raises(ValueError, match="expected a multiple of 100"):
            memory.lab({"a": marked_symbol}, **sizes)

    def test_tasks_of_another_form_are_refused(self):
        with pytest.raises(ValueError, match="expected at least one"):
            memory.lab({})
        with pytest.raises(ValueError, match=r"expected \(4, 10, features\)"):
            memory.lab({"flat": lambda n, T, seed: (np.zeros((n, T)), np.zeros((n, 1)))})

    def test_it_passes_its_self_test(self, monkeypatch, lab):
        monkeypatch.setattr(selftest, "RANDOM_SETTINGS", 6)
        selftest.run(lab)
        assert lab.message == ""


class TestFigures:
    def test_each_draws_what_it_is_given(self):
        X, y = marked_symbol(1, LENGTH, 0)
        seeds = {25: [0.5, 0.9, 1.0], 50: [0.5, 0.5, 0.6]}
        figures = [
            gate_plots.lstm_paths(),
            gate_plots.memory_tasks((X[0, :, :1], 1.0), (X[0], y[0, 0])),
            gate_plots.keeping({"bias 1": 0.73 ** np.arange(20)}),
            gate_plots.traces({"LSTM": 0.73 ** np.arange(20)}),
            gate_plots.accuracy_by_length({"first": {"LSTM": seeds, "GRU": seeds}, "not studied yet": {}}),
        ]
        for fig in figures:
            assert Image.open(BytesIO(plots.to_png(fig))).size[0] > 600

    def test_bars_go_from_the_worst_seed_to_the_best(self):
        fig = gate_plots.accuracy_by_length({"first": {"LSTM": {25: [0.5, 0.9, 1.0]}}})
        (bar,) = fig.axes[0].containers[0].lines[2][0].get_segments()
        np.testing.assert_allclose(bar[:, 1], [0.5, 1.0])

    def test_what_cannot_be_drawn_is_refused(self):
        with pytest.raises(ValueError, match="at least 2"):
            gate_plots.lstm_paths(1)
        with pytest.raises(ValueError, match=r"expected \(steps, 2\)"):
            gate_plots.memory_tasks((np.zeros((5, 1)), 1), (np.zeros((5, 1)), 1))
        for draw in (gate_plots.keeping, gate_plots.traces):
            with pytest.raises(ValueError, match="expected 1 to 7"):
                draw({})
        with pytest.raises(ValueError, match="at most 7"):
            gate_plots.accuracy_by_length({})
