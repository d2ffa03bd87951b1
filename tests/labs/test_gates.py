"""Lab *gates* (lesson 08): gates and states are those of Keras."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.labs import gates
from helpers.labs.framework.lab import Lab
from tests.labs.stand_ins import marked_symbol, model


def stand_in() -> Lab:
    """The lab on small data."""
    models = {"one": model(weights(), head()), "other": model(weights(1), head())}
    return gates.lab(models, *marked_symbol(40, LENGTH, 0))


UNITS, LENGTH = 5, 30


def weights(seed=0, units=UNITS, features=2):
    drawn = np.random.default_rng(seed).normal
    return [drawn(size=(features, 4 * units)), 0.4 * drawn(size=(units, 4 * units)), drawn(size=4 * units)]


def head(units=UNITS):
    return [np.ones((units, 1)), np.zeros(1)]


def latch():
    """One unit that writes the marked value's sign and keeps it, by hand."""
    kernel = np.array([[0.0, 0.0, 9.0, 0.0], [20.0, 0.0, 0.0, 0.0]])  # i listens to the mark, g to the value
    return model([kernel, np.zeros((1, 4)), np.array([-10.0, 20.0, 0.0, 20.0])], head(1))


def test_gates_and_states_are_those_of_keras():
    import keras

    layer = keras.layers.LSTM(UNITS, return_sequences=True, return_state=True)
    layer.build((None, None, 2))
    layer.set_weights(weights())
    X, _ = marked_symbol(3, LENGTH, 0)
    outputs, _, c = (np.asarray(array) for array in layer(X))
    every = gates.run(gates.Trained(*weights(), np.ones(UNITS), 0.0), X)
    np.testing.assert_allclose(every["h"], outputs, atol=1e-5)
    np.testing.assert_allclose(every["c"][:, -1], c, atol=1e-5)


def test_a_unit_that_holds_the_answer_is_found_out():
    X, y = marked_symbol(300, LENGTH, 1)
    trained = gates._trained("latch", latch(), X.astype(float), y.ravel())
    for loop in (True, False):  # it has no recurrent weights
        assert trained.by_unit[loop][0] > 0.97
        assert trained.by_head[loop] > 0.97


def test_without_the_loop_h_reaches_neither_gates_nor_proposal():
    trained = gates.Trained(*weights(), np.ones(UNITS), 0.0)
    X, _ = marked_symbol(2, LENGTH, 0)
    kernel, recurrent, bias = weights()
    cut = gates.Trained(kernel, 0 * recurrent, bias, np.ones(UNITS), 0.0)
    for name, values in gates.run(trained, X, loop=False).items():
        np.testing.assert_array_equal(values, gates.run(cut, X)[name])


def test_it_opens_on_a_plain_answer_and_writes_out_the_two_sums_of_the_step():
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
def test_wrong_data_is_refused(models, X, y):
    with pytest.raises(ValueError, match=r"expected|not finite"):
        gates.lab(models, X, y)


def test_c_is_drawn_as_large_as_it_gets():
    counter = model([np.zeros((2, 8)), np.zeros((2, 8)), np.full(8, 20.0)], head(2))  # c = 1, 2, 3, …
    lab = gates.lab({"counter": counter}, *marked_symbol(40, LENGTH, 0))
    fig = lab.render()
    states = fig.axes[-1]
    (c,) = (line for line in states.lines if line.get_label() == "c")
    np.testing.assert_allclose(c.get_ydata(), np.arange(1, LENGTH + 1), rtol=1e-6)
    assert states.get_ylim() == (-36, 36)


def test_the_axis_of_c_is_the_same_for_all_series_of_a_unit():
    lab, limits = stand_in(), set()
    for series in range(5):
        lab.set(series=series, step=series)
        limits.add(lab.render().axes[-1].get_ylim())
    assert len(limits) == 1
