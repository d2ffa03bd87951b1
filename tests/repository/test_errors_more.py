"""tools/errors_more.md explains what Keras, pandas and scikit-learn say today, and a search finds the right entry.

Each case provokes its error for real and looks for its words on the page.
"""

from __future__ import annotations

import re

import numpy as np
import pytest

from tools import errors, notebooks
from tools.notebooks import ROOT

X, Y = np.zeros((60, 5, 1), "float32"), np.zeros((60, 1), "float32")


@pytest.fixture(scope="module")
def keras():
    return pytest.importorskip("keras", reason="Keras is not installed")


def small(keras, steps=5, outputs=1, loss="mse", layer="SimpleRNN", activation=None):
    recurrent = getattr(keras.layers, layer)(3)
    model = keras.Sequential([keras.Input((steps, 1)), recurrent, keras.layers.Dense(outputs, activation=activation)])
    model.compile(loss=loss, optimizer="sgd")
    return model


def bare(keras):
    class Bare(keras.layers.Layer):
        def __init__(self, what):
            super().__init__()
            self.what = what

    return Bare(object()).get_config()


def scaler(rows):
    from sklearn.preprocessing import StandardScaler

    return StandardScaler().fit(rows)


def read_cp949(folder):
    import pandas as pd

    (folder / "values.csv").write_bytes("날짜,값\n".encode("cp949"))
    return pd.read_csv(folder / "values.csv")


def as_float(texts):
    import pandas as pd

    return pd.Series(texts).astype(float)


def save_and_load(keras, folder):
    model = small(keras)
    model.save(folder / "model.h5")
    return keras.models.load_model(folder / "model.h5")


def wrong_labels(keras):
    model = small(keras, outputs=2, loss="sparse_categorical_crossentropy", activation="softmax")
    return model.fit(X, Y + 2, batch_size=60, verbose=0)


def tf_on_input(keras):
    import tensorflow as tf

    return tf.reduce_mean(keras.Input((5, 1)))


CASES = {
    "cardinality": (lambda k, _: small(k).fit(X, Y[:50], verbose=0), "X.shape"),
    "strings": (lambda k, _: small(k).fit(np.array([["a"] * 5] * 60), Y, verbose=0), "TextVectorization"),
    "objects": (lambda k, _: small(k).fit(X.astype(object), Y, verbose=0), "float32"),
    "lists": (lambda k, _: small(k).fit(X[..., 0].tolist(), Y, verbose=0), "np.array"),
    "features": (
        lambda k, _: small(k, steps=None, layer="LSTM").predict(np.zeros((4, 5, 3), "float32"), verbose=0),
        "np.newaxis",
    ),
    "outputs": (lambda k, _: small(k, outputs=2, loss="binary_crossentropy").fit(X, Y, verbose=0), "Dense(1)"),
    "not compiled": (lambda k, _: k.Sequential([k.Input((5, 1))]).fit(X, Y, verbose=0), "model.compile"),
    "labels": (lambda k, _: wrong_labels(k), "begin at 0"),
    "batch_input_shape": (lambda k, _: k.layers.LSTM(3, batch_input_shape=(1, 5, 1)), "batch_size=1"),
    "recurrent dropout": (
        lambda k, _: k.layers.RNN(k.layers.SimpleRNNCell(3), recurrent_dropout=0.2),
        "SimpleRNNCell(20",
    ),
    "reset_states": (lambda k, _: small(k).reset_states(), "Code for Keras 2"),
    "fit_generator": (lambda k, _: small(k).fit_generator(None), "Code for Keras 2"),
    "CuDNNLSTM": (lambda k, _: k.layers.CuDNNLSTM(3), "keras.layers.LSTM"),
    "preprocessing": (lambda k, _: __import__("keras.preprocessing.text"), "TextVectorization"),
    "wrappers": (lambda k, _: __import__("keras.wrappers.scikit_learn"), "SKLearn"),
    "add_metric": (lambda k, _: small(k).add_metric(0, name="a"), "keras.metrics.Mean"),
    "tf function": (lambda k, _: tf_on_input(k), "keras.ops"),
    "h5": (lambda k, folder: save_and_load(k, folder), "compile=False"),
    "save in a folder": (lambda k, folder: small(k).save(folder / "model"), "model.keras"),
    "load a folder": (lambda k, folder: k.models.load_model(folder), "TFSMLayer"),
    "accuracy": (lambda k, _: small(k).fit(X, Y, verbose=0).history["acc"], "history.history.keys()"),
    "get_config": (lambda k, _: bare(k), "get_config"),
    "cp949": (lambda _, folder: read_cp949(folder), "cp949"),
    "thousands": (lambda *_: as_float(["1,234", "-"]), "thousands"),
    "one column of three": (
        lambda *_: scaler(np.zeros((4, 3))).inverse_transform(np.zeros((4, 1))),
        "scaler.scale_[0]",
    ),
    "one dimension": (lambda *_: scaler(np.zeros(4)), "reshape(-1, 1)"),
}


@pytest.mark.keras
@pytest.mark.parametrize("case", CASES)
def test_an_error_of_today_is_explained_by_its_own_entry(case, keras, tmp_path):
    provoke, fix = CASES[case]
    with pytest.raises(Exception, match=r"\w") as raised:
        provoke(keras, tmp_path)
    assert fix in best_entry(f"{type(raised.value).__name__}: {notebooks.plain(str(raised.value))}")


@pytest.mark.parametrize(
    ("message", "fix"),
    [
        ("NameError: name 'keras' is not defined", "layer class of your own"),
        ("NameError: name 'series' is not defined", "run the cell that defines it"),
        ("AttributeError: 'tuple' object has no attribute 'as_list'", "input_shape[-1]"),
        ("AttributeError: 'MyCell' object has no attribute 'norm'", "underscore"),
        ("ValueError: Unrecognized keyword arguments passed to LSTM: {'return_sequence': True}", "return_sequences"),
    ],
)
def test_words_of_one_mistake_do_not_lead_to_another(message, fix):
    assert fix in best_entry(message)


def best_entry(message: str) -> str:
    """The entry of the page whose error has most words of ``message``, as one finds who compares the whole line."""
    page = (ROOT / errors.PAGE).read_text(encoding="utf-8")
    entries = re.findall(r"```text\n(.+?)```\n\n(.+?)\n", page, re.DOTALL)
    words = set(re.findall(r"\w+", message.partition("Arguments received by")[0]))
    error, explanation = max(entries, key=lambda entry: overlap(words, set(re.findall(r"\w+", entry[0]))))
    return error + explanation


def overlap(words: set[str], others: set[str]) -> float:
    """Jaccard's index: shared words among all words of both."""
    return len(words & others) / len(words | others)
