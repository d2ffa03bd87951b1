"""Lesson 11's own classes, taken from its notebook: saved in one process, loaded in another, without custom_objects."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = ROOT / "notebooks" / "11_custom_layers.ipynb"

CLASSES = ("MyDense", "MyMultiLayer", "MyGaussianNoise", "MyLayerNormalization", "ResidualBlock", "BlockFromZero")
MODELS = ("ResidualRegressor", "ReconstructingRegressor")

SAVE = """
inputs = keras.Input((50,))
hidden = MyLayerNormalization()(MyDense(30, keras.activations.elu)(MyGaussianNoise(0.1, seed=7)(inputs)))
hidden = ResidualBlock(2, 30)(BlockFromZero(1, 30)(hidden))
together = keras.Model(inputs, keras.layers.Concatenate()(MyMultiLayer()([hidden, hidden])))
models = {"together": together, "residual": ResidualRegressor(10), "reconstructing": ReconstructingRegressor(10)}
for name, model in models.items():
    model(X)
    model.set_weights([random.normal(scale=0.1, size=weights.shape) for weights in model.get_weights()])
    model.save(f"{folder}/{name}.keras")
    np.save(f"{folder}/{name}.npy", model(X))
"""
LOAD = """
for name in ("together", "residual", "reconstructing"):
    model = keras.saving.load_model(f"{folder}/{name}.keras")
    np.testing.assert_allclose(model(X), np.load(f"{folder}/{name}.npy"), rtol=1e-5, atol=1e-5)
"""


def definitions() -> str:
    """The lesson's class definitions, each with its decorator."""
    found = []
    for cell in nbformat.read(NOTEBOOK, as_version=4).cells:
        if cell.cell_type == "code" and "restore" in cell.metadata.get("tags", []):
            found += re.findall(r"^@keras\.saving[^\n]*\nclass .+?(?=^\S|\Z)", cell.source, re.MULTILINE | re.DOTALL)
    return "\n\n".join(found)


def run(code: str, folder: Path) -> str:
    head = (
        "import keras, numpy as np\n"
        f"folder = {str(folder)!r}\n"
        "random = np.random.default_rng(0)\n"
        "X = random.normal(size=(4, 50)).astype('float32')\n"
    )
    done = subprocess.run([sys.executable, "-c", head + code], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.mark.parametrize("name", CLASSES + MODELS)
def test_the_lesson_defines_and_registers_it(name):
    assert f'@keras.saving.register_keras_serializable(package="lesson 11")\nclass {name}(' in definitions()


def test_what_one_process_saved_another_loads(tmp_path):
    run(definitions() + SAVE, tmp_path)
    run(definitions() + LOAD, tmp_path)
