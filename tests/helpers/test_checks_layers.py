"""The checks of layers that a reader writes: right answers are right on a graphics card that rounds products, too."""

from __future__ import annotations

import re
from pathlib import Path

import keras
import nbformat
import numpy as np
import pytest
import tensorflow as tf
from keras.src import backend

from helpers import checks

ROOT = Path(__file__).resolve().parents[2]
ANSWERS = {"07.3": "LeakyCell", "11.1": "GatedDense", "11.3": "AnyBlock"}


def solution(number: str) -> type:
    """The class that the lesson's own solution defines, on the lesson's classes."""
    (notebook,) = (ROOT / "notebooks").glob(f"{number[:2]}_*.ipynb")
    cells = nbformat.read(notebook, as_version=4).cells
    texts = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    source = re.search(rf"Solution {re.escape(number)}</summary>.*?```python\n(.*?)```", texts, re.DOTALL)[1]
    namespace = {"keras": keras, "np": np, "tf": tf}
    for cell in cells:
        if cell.cell_type == "code" and "class ResidualBlock(" in cell.source and number == "11.3":
            exec(cell.source, namespace)
            break
    exec(source, namespace)
    return namespace[ANSWERS[number]]


def ten_bits(values):
    """float32 rounded to the 10 bits of TF32."""
    bits = tf.bitcast(tf.cast(values, tf.float32), tf.int32)
    return tf.bitcast(tf.bitwise.bitwise_and(bits + 0x1000, -0x2000), tf.float32)


@pytest.fixture
def tf32(monkeypatch):
    """Products as Ampere and later cards compute them."""
    exact = backend.numpy.matmul
    monkeypatch.setattr(backend.numpy, "matmul", lambda a, b: exact(ten_bits(a), ten_bits(b)))


@pytest.mark.usefixtures("tf32")
@pytest.mark.parametrize("number", ANSWERS)
def test_a_right_layer_is_right_where_products_keep_ten_bits(number, capsys):
    answer = solution(number)
    getattr(checks, f"ex_{number.replace('.', '_')}")(answer)
    assert capsys.readouterr().out.startswith(f"✓ {number} is right")


@pytest.mark.usefixtures("tf32")
def test_the_imitation_rounds_as_such_a_card_does():
    random = np.random.default_rng(0)
    a, b = (random.normal(size=(8, 8)).astype("float32") for _ in range(2))
    off = np.abs(np.asarray(keras.ops.matmul(a, b)) - a @ b).max()
    assert 1e-4 < off < 1e-2
