"""Stand-ins that the tests of several labs use: data and models without TensorFlow."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd

from helpers import baselines, series


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


#: Thirty midnights of the traffic data, far enough from its beginning for four weeks of past.
MIDNIGHTS = np.arange(2016, 2016 + 30 * 24, 24)


def traffic():
    """The hours that the thirty days need."""
    return series.load_traffic().iloc[: MIDNIGHTS[-1] + 66]


def last_week(frame, rows):
    """The day a week before, (rows, 24)."""
    return frame["traffic"].to_numpy()[rows[:, np.newaxis] + np.arange(24) - 168]


def yesterday(frame, rows):
    """The day before with an interval of 100 vehicles to either side, (rows, 24, 3)."""
    values = frame["traffic"].to_numpy()[rows[:, np.newaxis] + np.arange(-24, 0)]
    return np.stack([values - 100, values, values + 100], axis=2)


def afraid_of_snow(frame, rows):
    """Last week's values, a fifth less in hours in which it will snow: it looks at tomorrow's weather."""
    snow = (frame["weather"] == "Snow").to_numpy()[rows[:, np.newaxis] + np.arange(24)]
    return last_week(frame, rows) * (1 - 0.2 * snow)


FORECASTERS = {"last week": last_week, "yesterday": yesterday, "snow": afraid_of_snow}

HORIZON = 10


def past_and_future(n_series=60):
    """The course's series, (n_series, 50, 1), and the ten values that follow, (n_series, 10)."""
    values = synthetic(n_series, 60)
    return values[:, :50], values[:, 50:, 0]


def slope(past):
    """Two times the last value minus the one before, (batch, 1)."""
    return 2 * past[:, -1] - past[:, -2]


def direct(past):
    """The ten values on the line through the last two, (batch, 10)."""
    return np.asarray(baselines.last_slope(past, HORIZON))


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
