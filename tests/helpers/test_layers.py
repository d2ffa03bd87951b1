"""Cells and layers that lessons share: equal to NumPy and to Keras, saved, masked, in half precision, compiled."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import keras
import nbformat
import numpy as np
import pytest
import tensorflow as tf

from helpers import layers, training
from helpers.layers import LNSimpleRNNCell, MyRNN

ROOT = Path(__file__).resolve().parents[2]


def sequences(batch=3, steps=6, features=2, seed=0):
    return np.random.default_rng(seed).normal(size=(batch, steps, features)).astype("float32")


def shaken(layer, seed=1):
    """Give all weights of a built layer values of their own, so that no zero or one hides a mistake."""
    drawn = np.random.default_rng(seed)
    layer.set_weights([0.5 * drawn.normal(size=weights.shape) for weights in layer.get_weights()])
    return layer


def built(layer, features=2):
    layer.build((None, None, features))
    return shaken(layer)


def by_hand(X, weights, activation=np.tanh, epsilon=1e-3):
    """States of all steps of the normalised cell, in NumPy."""
    W_x, W_h, b, gamma, beta = (np.asarray(values, "float64") for values in weights)
    state, states = np.zeros((len(X), len(b))), []
    for t in range(X.shape[1]):
        total = X[:, t] @ W_x + state @ W_h + b
        mean = total.mean(axis=1, keepdims=True)
        variance = ((total - mean) ** 2).mean(axis=1, keepdims=True)
        state = activation(gamma * (total - mean) / np.sqrt(variance + epsilon) + beta)
        states.append(state)
    return np.stack(states, axis=1)


class TestLNSimpleRNNCell:
    def test_it_equals_the_formula_in_numpy(self):
        X = sequences()
        layer = built(keras.layers.RNN(LNSimpleRNNCell(4), return_sequences=True))
        np.testing.assert_allclose(layer(X), by_hand(X, layer.get_weights()), atol=1e-6)

    def test_activation_and_epsilon_are_those_given(self):
        X = sequences()
        layer = built(keras.layers.RNN(LNSimpleRNNCell(4, "sigmoid", epsilon=0.5), return_sequences=True))
        expected = by_hand(X, layer.get_weights(), lambda a: 1 / (1 + np.exp(-a)), epsilon=0.5)
        np.testing.assert_allclose(layer(X), expected, atol=1e-6)

    def test_without_activation_the_normalised_sum_comes_out(self):
        X = sequences(steps=2)
        layer = built(keras.layers.RNN(LNSimpleRNNCell(4, None), return_sequences=True))
        np.testing.assert_allclose(layer(X), by_hand(X, layer.get_weights(), lambda a: a), atol=1e-6)

    @pytest.mark.parametrize("shape", [(1, 1, 1), (7, 3, 2), (2, 50, 5)])
    def test_any_batch_size_length_and_number_of_features(self, shape):
        X = sequences(*shape)
        layer = built(keras.layers.RNN(LNSimpleRNNCell(3)), features=shape[2])
        np.testing.assert_allclose(layer(X), by_hand(X, layer.get_weights())[:, -1], atol=1e-6)

    def test_one_model_takes_any_length(self):
        model = keras.Sequential([keras.Input((None, 2)), keras.layers.RNN(LNSimpleRNNCell(3))])
        for steps in (1, 4, 9):
            assert model(sequences(steps=steps)).shape == (3, 3)

    def test_its_state_is_what_it_gives_out_and_starts_at_zero(self):
        cell = LNSimpleRNNCell(4)
        cell.build((None, 2))
        start = cell.get_initial_state(batch_size=3)
        np.testing.assert_array_equal(start[0], np.zeros((3, 4)))
        output, states = cell(sequences()[:, 0], start)
        assert len(states) == 1
        np.testing.assert_array_equal(states[0], output)

    def test_a_sample_does_not_hear_the_others_of_its_batch(self):
        X = sequences()
        layer = built(keras.layers.RNN(LNSimpleRNNCell(4), return_sequences=True))
        louder = X.copy()
        louder[0] *= 10
        np.testing.assert_array_equal(np.asarray(layer(louder))[1:], np.asarray(layer(X))[1:])

    def test_parameters_are_those_of_the_plain_cell_and_two_per_unit(self):
        plain, normalised = keras.layers.SimpleRNNCell(20), LNSimpleRNNCell(20)
        for cell in (plain, normalised):
            cell.build((None, 1))
        assert normalised.count_params() == plain.count_params() + 2 * 20 == 480

    def test_settings_of_the_plain_cell_are_passed_on(self):
        cell = LNSimpleRNNCell(3, recurrent_initializer="zeros", bias_initializer="ones")
        cell.build((None, 1))
        np.testing.assert_array_equal(cell.recurrent_kernel, np.zeros((3, 3)))
        np.testing.assert_array_equal(cell.bias, np.ones(3))

    @pytest.mark.parametrize("training", [False, True])
    def test_it_is_the_plain_cell_with_the_sum_normalised(self, training):
        settings = {"recurrent_regularizer": "l2", "use_bias": False, "dropout": 0.5, "recurrent_dropout": 0.5}
        plain, normalised = (
            keras.layers.SimpleRNNCell(4, None, seed=1, **settings),
            LNSimpleRNNCell(4, seed=1, **settings),
        )
        for cell in (plain, normalised):
            cell.build((None, 2))
        shaken(normalised)
        plain.set_weights(normalised.get_weights()[:2])
        X, state = sequences()[:, 0], [np.ones((3, 4), "float32")]
        total, _ = plain(X, state, training=training)
        np.testing.assert_allclose(
            normalised(X, state, training=training)[0], np.tanh(normalised.layer_norm(total)), atol=1e-6
        )
        assert [float(loss) for loss in normalised.losses] == [float(loss) for loss in plain.losses] != []

    def test_its_activation_is_the_one_asked_for_so_that_a_subclass_can_use_it(self):
        assert LNSimpleRNNCell(4).activation is keras.activations.tanh
        assert LNSimpleRNNCell(4, None).activation is keras.activations.linear

    def test_dropout_draws_one_mask_per_sequence_and_only_in_training(self):
        X = np.ones((64, 5, 1), "float32")
        cell = LNSimpleRNNCell(8, None, recurrent_initializer="zeros", dropout=0.5, seed=1)
        layer = keras.layers.RNN(cell, return_sequences=True)
        trained = np.asarray(layer(X, training=True))
        np.testing.assert_allclose(trained, np.repeat(trained[:, :1], 5, axis=1), atol=1e-6)  # no step has its own mask
        dropped = np.all(np.abs(trained[:, 0]) < 1e-6, axis=1)
        assert 10 < dropped.sum() < 54
        again = np.asarray(layer(X, training=True))
        assert not np.array_equal(np.all(np.abs(again[:, 0]) < 1e-6, axis=1), dropped)  # another mask a batch
        assert not np.any(np.all(np.abs(np.asarray(layer(X))[:, 0]) < 1e-6, axis=1))

    def test_recurrent_dropout_changes_states_in_training_only(self):
        X = sequences()
        layer = built(keras.layers.RNN(LNSimpleRNNCell(8, recurrent_dropout=0.5, seed=1), return_sequences=True))
        trained, used = np.asarray(layer(X, training=True)), np.asarray(layer(X))
        np.testing.assert_allclose(trained[:, 0], used[:, 0], atol=1e-6)  # the first state has nothing to drop
        assert np.abs(trained[:, 1:] - used[:, 1:]).max() > 1e-2

    @pytest.mark.parametrize(
        ("arguments", "error", "message"),
        [
            ({"units": 0}, ValueError, "units is 0; expected a whole number of at least 1"),
            ({"units": 2.5}, TypeError, "units is 2.5 .*; expected a whole number"),
            ({"units": "20"}, TypeError, "expected a whole number"),
            ({"units": 4, "epsilon": 0.0}, ValueError, "epsilon is 0.0; expected a small positive"),
            ({"units": 4, "activation": "tahn"}, ValueError, "tahn"),
        ],
    )
    def test_nonsense_is_refused_with_what_was_got(self, arguments, error, message):
        with pytest.raises(error, match=message):
            LNSimpleRNNCell(**arguments)

    def test_a_whole_sequence_is_refused_with_the_way_out(self):
        with pytest.raises(ValueError, match=r"one time step.*keras\.layers\.RNN"):
            LNSimpleRNNCell(4)(sequences(), [np.zeros((3, 4), "float32")])

    def test_a_state_without_batch_size_is_refused(self):
        with pytest.raises(ValueError, match="no batch_size"):
            LNSimpleRNNCell(4).get_initial_state()


CELLS = {
    "simple": lambda: keras.layers.SimpleRNNCell(4),
    "normalised": lambda: LNSimpleRNNCell(4),
    "lstm": lambda: keras.layers.LSTMCell(4),
    "gru": lambda: keras.layers.GRUCell(4),
}


class TestMyRNN:
    @pytest.mark.parametrize("cell", CELLS)
    @pytest.mark.parametrize("every", [True, False], ids=["all steps", "last step"])
    def test_it_equals_keras_rnn(self, cell, every):
        X = sequences()
        ours, theirs = (shell(CELLS[cell](), return_sequences=every) for shell in (MyRNN, keras.layers.RNN))
        built(ours)
        theirs.build(X.shape)
        theirs.set_weights(ours.get_weights())
        np.testing.assert_allclose(ours(X), theirs(X), atol=1e-6)

    @pytest.mark.parametrize("rate", ["dropout", "recurrent_dropout"])
    def test_a_cell_that_drops_has_one_mask_per_sequence_as_in_keras(self, rate):
        X = sequences()
        ours, theirs = (
            shell(keras.layers.SimpleRNNCell(4, seed=7, **{rate: 0.5}), return_sequences=True)
            for shell in (MyRNN, keras.layers.RNN)
        )
        built(ours)
        theirs.build(X.shape)
        theirs.set_weights(ours.get_weights())
        for _ in range(2):
            drawn = np.asarray(ours(X, training=True))
            np.testing.assert_allclose(drawn, theirs(X, training=True), atol=1e-6)
        assert np.abs(drawn - np.asarray(ours(X))).max() > 1e-2

    @pytest.mark.parametrize("cell", ["normalised", "lstm"])
    def test_its_gradients_are_those_of_keras_rnn(self, cell):
        X = sequences()
        ours, theirs = built(MyRNN(CELLS[cell]())), keras.layers.RNN(CELLS[cell]())
        theirs.build(X.shape)
        theirs.set_weights(ours.get_weights())
        gradients = []
        for layer in (ours, theirs):
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum(layer(X) ** 2)
            gradients.append(tape.gradient(loss, [weights.value for weights in layer.trainable_weights]))
        for mine, expected in zip(*gradients, strict=True):
            np.testing.assert_allclose(mine, expected, atol=1e-5)

    def test_a_model_says_its_shapes_before_it_sees_data_and_takes_any_length(self):
        model = keras.Sequential([keras.Input((None, 2)), MyRNN(CELLS["gru"](), return_sequences=True)])
        assert model.output_shape == (None, None, 4)
        for batch, steps in ((1, 1), (3, 9)):
            assert model.predict(sequences(batch, steps), verbose=0).shape == (batch, steps, 4)
        assert MyRNN(CELLS["lstm"]())(keras.Input((5, 2))).shape == (None, 4)

    @pytest.mark.parametrize("cell", [[keras.layers.SimpleRNNCell], 20, keras.layers.Dense(3), None])
    def test_what_is_no_cell_is_refused(self, cell):
        with pytest.raises(TypeError, match="expected one layer with a state_size"):
            MyRNN(cell)

    @pytest.mark.parametrize("shape", [(3, 6), (3, 0, 2), (3, 6, 2, 1)])
    def test_sequences_of_another_shape_are_refused(self, shape):
        with pytest.raises(ValueError, match=r"expected \(batch, steps, features\)"):
            MyRNN(CELLS["simple"]())(np.zeros(shape, "float32"))


@keras.saving.register_keras_serializable(package="tests")
class SubRNN(MyRNN):
    """A layer of a reader's own, made from the finished one."""


def deep_model(length=None):
    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [
            keras.Input((length, 2)),
            keras.layers.RNN(LNSimpleRNNCell(4, "sigmoid", epsilon=1e-2, dropout=0.1), return_sequences=True),
            MyRNN(LNSimpleRNNCell(4), return_sequences=True),
            MyRNN(keras.layers.LSTMCell(3)),
            keras.layers.Dense(1),
        ]
    )


def test_settings_survive_the_way_through_their_configuration():
    for layer in deep_model().layers[:3]:
        copy = type(layer).from_config(layer.get_config())
        assert copy.get_config() == layer.get_config()
    cell = LNSimpleRNNCell.from_config(LNSimpleRNNCell(4, "sigmoid", epsilon=0.5, recurrent_dropout=0.2).get_config())
    assert (cell.units, cell.epsilon, cell.recurrent_dropout) == (4, 0.5, 0.2)
    assert cell.activation is keras.activations.sigmoid
    assert type(SubRNN.from_config(SubRNN(CELLS["lstm"]()).get_config())) is SubRNN


def test_a_saved_model_loads_in_a_fresh_process_without_custom_objects(tmp_path):
    X, model = sequences(), shaken(deep_model())
    model.save(tmp_path / "model.keras")
    np.save(tmp_path / "X.npy", X)
    script = """
import sys
import keras, numpy as np
from helpers import layers
model = keras.saving.load_model(sys.argv[1] + "/model.keras")
np.save(sys.argv[1] + "/y.npy", model.predict(np.load(sys.argv[1] + "/X.npy"), verbose=0))
"""
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    np.testing.assert_allclose(np.load(tmp_path / "y.npy"), model.predict(X, verbose=0), atol=1e-6)


def test_weights_alone_can_be_kept_too(tmp_path):
    model, other = shaken(deep_model()), shaken(deep_model(), seed=5)
    model.save_weights(tmp_path / "all.weights.h5")
    other.load_weights(tmp_path / "all.weights.h5")
    np.testing.assert_allclose(other(sequences()), model(sequences()), atol=1e-6)


class TestHalfPrecision:
    def test_the_cell_keeps_its_weights_in_float32_and_computes_in_float16(self):
        cell = LNSimpleRNNCell(4, dtype="mixed_float16")
        layer = keras.layers.RNN(cell, dtype="mixed_float16", return_sequences=True)
        built(layer)
        assert {weights.dtype for weights in cell.weights} == {"float32"}
        assert cell.get_initial_state(batch_size=2)[0].dtype == "float16"
        assert cell.layer_norm.compute_dtype == "float16"
        outputs = layer(sequences())
        assert outputs.dtype == "float16"
        np.testing.assert_allclose(np.asarray(outputs, "float32"), by_hand(sequences(), layer.get_weights()), atol=0.02)

    def test_large_inputs_stay_finite_in_float16(self):
        """The variance of sums near 300 is above 65,504, the largest float16."""
        layer = keras.layers.RNN(LNSimpleRNNCell(8, dtype="mixed_float16"), dtype="mixed_float16")
        outputs = np.asarray(layer(np.full((2, 5, 1), 1000.0, "float32")))
        assert np.isfinite(outputs).all()
        assert np.abs(outputs).max() > 0.5


def test_it_trains_compiled_by_xla_and_both_shells_learn_the_same():
    X = sequences(40, 12, 1)
    y = X.mean(axis=1)
    settings = training.fast_settings(40, 20)
    assert settings["jit_compile"]

    def losses(shell):
        keras.utils.set_random_seed(0)
        model = keras.Sequential(
            [
                keras.Input((12, 1)),
                shell(LNSimpleRNNCell(8), return_sequences=True),
                shell(LNSimpleRNNCell(8)),
                keras.layers.Dense(1),
            ]
        )
        model.compile(loss="mse", optimizer=keras.optimizers.Adam(1e-2), **settings)
        assert model.jit_compile
        return model.fit(X, y, batch_size=20, epochs=12, verbose=0).history["loss"]

    ours, theirs = losses(MyRNN), losses(keras.layers.RNN)
    assert ours[-1] < 0.7 * ours[0]
    np.testing.assert_allclose(ours, theirs, rtol=1e-3)


def from_the_lesson(lesson, name):
    """A class as a lesson writes it out."""
    cells = nbformat.read(ROOT / "notebooks" / f"{lesson}.ipynb", as_version=4).cells
    source = next(cell.source for cell in cells if cell.cell_type == "code" and f"class {name}(" in cell.source)
    tree = ast.parse(source)
    tree.body = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == name]
    namespace = {"keras": keras, "np": np}
    exec(compile(tree, lesson, "exec"), namespace)
    return namespace[name]


class TestLesson07:
    def test_its_cell_gives_what_the_helpers_cell_gives(self):
        X = sequences()
        theirs = built(keras.layers.RNN(from_the_lesson("07_layer_norm_cells", "LNSimpleRNNCell")(4, "sigmoid")))
        ours = built(keras.layers.RNN(LNSimpleRNNCell(4, "sigmoid")))
        ours.set_weights(theirs.get_weights())
        np.testing.assert_allclose(ours(X), theirs(X), atol=1e-6)

    @pytest.mark.parametrize("cell", CELLS)
    @pytest.mark.parametrize("every", [True, False])
    def test_its_layer_gives_what_the_helpers_layer_gives(self, cell, every):
        shared = CELLS[cell]()
        theirs = built(from_the_lesson("07_layer_norm_cells", "MyRNN")(shared, return_sequences=every))
        np.testing.assert_allclose(MyRNN(shared, return_sequences=every)(sequences()), theirs(sequences()), atol=1e-6)


def test_every_class_has_a_docstring_and_is_registered():
    for name in ("LNSimpleRNNCell", "MyRNN"):
        found = getattr(layers, name)
        assert found.__doc__
        assert keras.saving.get_registered_object(f"course>{name}") is found
