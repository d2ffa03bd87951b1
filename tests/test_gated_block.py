"""helpers.layers.GatedResidualBlock: equal to lesson 09's own, saved and loaded, masked, in half precision."""

from __future__ import annotations

import doctest
import subprocess
import sys
from pathlib import Path

import keras
import nbformat
import numpy as np
import pytest

from helpers import layers
from helpers.layers import GatedResidualBlock

ROOT = Path(__file__).resolve().parent.parent
LESSON = ROOT / "notebooks" / "09_conv1d.ipynb"
X = np.random.RandomState(0).normal(size=(3, 12, 4)).astype("float32")


def outputs(block, x=X, **keywords):
    return [np.asarray(output) for output in block(x, **keywords)]


def by_hand(block, x=X):
    """The two outputs in NumPy, straight from the formula."""
    x = x.astype("float64")
    kernels = [np.asarray(weights, "float64") for weights in block.get_weights()]
    span = (block.kernel_size - 1) * block.dilation_rate
    padded = np.pad(x, [(0, 0), (span, 0), (0, 0)])

    def convolved(kernel, bias):
        taps = (
            padded[:, d : d + x.shape[1]] @ part
            for d, part in zip(range(0, span + 1, block.dilation_rate), kernel, strict=True)
        )
        return sum(taps) + bias

    content, gate = np.split(convolved(*kernels[:2]), 2, axis=-1)
    mixed = np.tanh(content) / (1 + np.exp(-gate)) @ kernels[2] + kernels[3]
    return x + mixed, mixed


def randomised(block, seed=1):
    """The block built, with biases that are not zero."""
    block.build((None, None, block.filters))
    random = np.random.RandomState(seed)
    block.set_weights([random.normal(scale=0.5, size=weights.shape) for weights in block.get_weights()])
    return block


@pytest.mark.parametrize(("kernel_size", "dilation"), [(1, 1), (2, 1), (2, 4), (3, 2), (2, 20)])
def test_it_is_the_formula(kernel_size, dilation):
    block = randomised(GatedResidualBlock(4, kernel_size, dilation))
    for got, expected in zip(outputs(block), by_hand(block), strict=True):
        np.testing.assert_allclose(got, expected, atol=1e-6)


def test_doctests_run():
    failed, attempted = doctest.testmod(layers)
    assert failed == 0
    assert attempted


def test_it_is_the_block_that_lesson_09_builds():
    cells = nbformat.read(LESSON, as_version=4).cells
    (source,) = [cell.source for cell in cells if cell.cell_type == "code" and "def gated_block(" in cell.source]
    namespace = {"keras": keras}
    exec(compile(source, "lesson 09", "exec"), namespace)
    inputs = keras.Input((None, 4))
    built_up = keras.Model(inputs, namespace["gated_block"](inputs, filters=4, dilation=3))
    block = randomised(GatedResidualBlock(4, dilation_rate=3))
    built_up.set_weights(block.get_weights())
    for got, expected in zip(outputs(block), built_up(X), strict=True):
        np.testing.assert_allclose(got, np.asarray(expected), atol=1e-6)


def test_no_output_reads_the_future():
    block = randomised(GatedResidualBlock(4, dilation_rate=2))
    changed = X.copy()
    changed[:, 7] += 1
    for before, after in zip(outputs(block), outputs(block, changed), strict=True):
        moved = np.abs(after - before).max(axis=(0, 2)) > 0
        assert np.flatnonzero(moved).tolist() == [7, 9]


@pytest.mark.parametrize(("batch", "steps"), [(1, 1), (5, 3), (2, 200)])
def test_any_batch_and_length(batch, steps):
    block = GatedResidualBlock(4, dilation_rate=8)
    assert [output.shape for output in outputs(block, np.zeros((batch, steps, 4)))] == [(batch, steps, 4)] * 2


def model_of_two():
    inputs = keras.Input((None, 1))
    path = keras.layers.Conv1D(4, 1)(inputs)
    skips = []
    for dilation in (1, 2):
        path, skip = GatedResidualBlock(4, dilation_rate=dilation)(path)
        skips.append(skip)
    return keras.Model(inputs, keras.layers.Dense(2)(keras.layers.add(skips)))


def test_a_model_is_saved_and_loaded_in_another_process_without_custom_objects(tmp_path):
    keras.utils.set_random_seed(0)
    model = model_of_two()
    model.save(tmp_path / "model.keras")
    np.save(tmp_path / "x.npy", X[..., :1])
    np.save(tmp_path / "y.npy", np.asarray(model(X[..., :1])))
    code = (
        "import keras, numpy as np; import helpers.layers; "
        f"model = keras.models.load_model({str(tmp_path / 'model.keras')!r}); "
        f"x, y = np.load({str(tmp_path / 'x.npy')!r}), np.load({str(tmp_path / 'y.npy')!r}); "
        "assert np.array_equal(np.asarray(model(x)), y)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_its_config_gives_it_back():
    block = GatedResidualBlock(4, kernel_size=3, dilation_rate=2, name="gate_2", dtype="mixed_float16")
    again = GatedResidualBlock.from_config(block.get_config())
    assert (again.filters, again.kernel_size, again.dilation_rate, again.name) == (4, 3, 2, "gate_2")
    assert again.dtype_policy.name == "mixed_float16"


def test_in_half_precision_it_computes_in_half_and_keeps_its_weights_whole():
    block = randomised(GatedResidualBlock(4, dilation_rate=2, dtype="mixed_float16"))
    got = outputs(block)
    assert {output.dtype.name for output in got} == {"float16"}
    assert {weight.dtype for weight in block.weights} == {"float32"}
    for half, whole in zip(got, by_hand(block), strict=True):
        np.testing.assert_allclose(half, whole, atol=0.02)


def test_padding_in_front_that_is_masked_changes_nothing():
    blocks = [randomised(GatedResidualBlock(4, dilation_rate=dilation), seed=dilation) for dilation in (1, 2)]
    padded = np.concatenate([np.full((3, 5, 4), 9.0, "float32"), X], axis=1)
    mask = np.arange(17)[np.newaxis] >= np.full((3, 1), 5)
    path, masked = X, padded
    for block in blocks:
        (path, _), (masked, _) = block(path), block(masked, mask=keras.ops.convert_to_tensor(mask))
    np.testing.assert_allclose(np.asarray(masked)[:, 5:], np.asarray(path), atol=1e-6)


def test_a_mask_reaches_the_next_layer():
    inputs = keras.Input((None, 4))
    _, skip = GatedResidualBlock(4)(keras.layers.Masking()(inputs))
    model = keras.Model(inputs, keras.layers.GRU(2)(skip))
    late = np.concatenate([X, np.zeros((3, 4, 4), "float32")], axis=1)
    np.testing.assert_allclose(np.asarray(model(late)), np.asarray(model(X)), atol=1e-6)


@pytest.mark.parametrize(
    "sizes", [{"filters": 0}, {"filters": 4, "kernel_size": 0}, {"filters": 4, "dilation_rate": -1}]
)
def test_a_size_below_one_is_refused(sizes):
    with pytest.raises(ValueError, match="at least 1"):
        GatedResidualBlock(**sizes)


@pytest.mark.parametrize("filters", [4.0, "4", None, True])
def test_a_size_that_is_no_whole_number_is_refused(filters):
    with pytest.raises(TypeError, match="whole number"):
        GatedResidualBlock(filters)


def test_other_features_than_filters_are_refused_with_the_mend():
    with pytest.raises(ValueError, match=r"1 features.*put Conv1D\(4, 1\)"):
        GatedResidualBlock(4)(X[..., :1])


def test_a_vector_instead_of_a_sequence_is_refused():
    with pytest.raises(ValueError, match="expected \\(batch, steps, features\\)"):
        GatedResidualBlock(4)(X[:, 0])
