"""Stand-ins that the tests of several labs use: data and models without TensorFlow."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd

from helpers import series


def model(*weights):
    """What a lab reads of a Keras model: layers with weights."""
    return SimpleNamespace(layers=[SimpleNamespace(get_weights=lambda made=made: list(made)) for made in weights])


def synthetic(n_series=120, n_steps=51):
    """The course's series, (n_series, n_steps, 1)."""
    return series.generate_time_series(n_series, n_steps)


def one_neuron(w_x=1.66, w_h=-0.68, b=0.01):
    """A SimpleRNN of one unit."""
    return model([np.array([[w_x]]), np.array([[w_h]]), np.array([b])])


def several_units(units=6, seed=0):
    """A SimpleRNN of several units under Dense(1)."""
    drawn = np.random.RandomState(seed).randn
    layer = [drawn(1, units), 0.3 * drawn(units, units), 0.1 * drawn(units)]
    return model(layer, [drawn(units, 1), np.zeros(1)])


def marked_symbol(n_series, length, seed):
    """The task of lesson 08, with the mark at one place."""
    rng = np.random.default_rng(seed)
    X = np.zeros((n_series, length, 2), dtype="float32")
    X[..., 0] = rng.normal(size=(n_series, length))
    X[:, 4, 1] = 1
    return X, (X[:, 4, :1] > 0).astype("float32")


def hourly(n_hours=2000):
    """An hourly series with a daily wave."""
    hours = pd.date_range("2018-01-01", periods=n_hours, freq="h")
    return pd.Series(3000 + 2000 * np.sin(np.arange(n_hours) * 2 * np.pi / 24), hours)


def traffic_days():
    """Forecasters and midnights for the labs of lesson 10; the last one looks at tomorrow's weather."""

    def last_week(frame, rows):
        return frame["traffic"].to_numpy()[rows[:, np.newaxis] + np.arange(24) - 168]

    def looks_ahead(frame, rows):
        return last_week(frame, rows) - 500 * frame["clouds"].to_numpy()[rows[:, np.newaxis] + np.arange(24)] / 100

    return {"last week": last_week, "looks ahead": looks_ahead}, series.load_traffic(), np.arange(2016, 2688, 24)


def constitution():
    """Four fifths of a text, the rest, and subword models of two sizes."""
    from helpers import text, tokens

    counted, rest = text.split_lines(text.load_constitution())
    return counted, rest, {size: tokens.train_subwords(counted, size) for size in (400, 1200)}


def adding(units):
    """A Keras layer that adds its input to what a Dense layer makes of it."""
    import keras

    class Adding(keras.layers.Layer):
        def __init__(self, units):
            super().__init__()
            self.dense = keras.layers.Dense(units)

        def build(self, input_shape):
            self.dense.build(input_shape)

        def call(self, inputs):
            return inputs + self.dense(inputs)

    return Adding(units)
