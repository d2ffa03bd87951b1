"""helpers.bptt: gradients that finite differences confirm, norms that do not overflow."""

from __future__ import annotations

import numpy as np
import pytest

from helpers import bptt


@pytest.fixture(scope="module")
def network():
    """Weights of three units on two features, series and targets."""
    random = np.random.default_rng(0)
    shapes = [(2, 3), (3, 3), (3,), (3, 1), (1,)]
    weights = [0.5 * random.normal(size=shape) for shape in shapes]
    return weights, random.normal(size=(4, 7, 2)), random.normal(size=(4, 1))


@pytest.mark.parametrize("activation", bptt.ACTIVATIONS)
def test_gradients_are_those_of_finite_differences(network, activation):
    weights, X, y = network
    exact = bptt.backward(X, y, weights, activation=activation).arrays
    for which, array in enumerate(weights):
        for place in np.ndindex(array.shape):
            losses = []
            for sign in (1, -1):
                moved = [part.copy() for part in weights]
                moved[which][place] += sign * 1e-6
                losses.append(bptt.backward(X, y, moved, activation=activation).loss)
            assert exact[which][place] == pytest.approx((losses[0] - losses[1]) / 2e-6, rel=1e-4, abs=1e-8)


def test_truncation_leaves_early_steps_out_and_the_whole_length_changes_nothing(network):
    weights, X, y = network
    whole, last_two = bptt.backward(X, y, weights), bptt.backward(X, y, weights, last=2)
    assert (last_two.by_step[:5] == 0).all()
    np.testing.assert_array_equal(last_two.by_step[5:], whole.by_step[5:])
    for last in (7, 100):
        for ours, full in zip(bptt.backward(X, y, weights, last=last).arrays, whole.arrays, strict=True):
            np.testing.assert_array_equal(ours, full)


def test_the_head_is_not_truncated(network):
    weights, X, y = network
    whole, none = bptt.backward(X, y, weights), bptt.backward(X, y, weights, last=0)
    assert not none.by_step.any()
    np.testing.assert_array_equal(none.arrays[3], whole.arrays[3])


def test_an_unknown_activation_is_refused(network):
    weights, X, y = network
    with pytest.raises(ValueError, match="sigmoid, tanh, relu, linear"):
        bptt.backward(X, y, weights, activation="gelu")


def test_norms_of_huge_numbers_do_not_overflow():
    assert bptt.norm(np.array([3e200]), np.array([4e200])) == pytest.approx(5e200)
    assert bptt.norm(np.zeros(3), np.zeros(0)) == 0
    assert bptt.norm(np.array([np.inf, 1.0])) == np.inf


def test_the_lessons_function_gives_the_same(network, lesson_06):
    weights, X, y = network
    for activation in bptt.ACTIVATIONS:
        for last in (None, 3):
            loss, arrays, norms = lesson_06["bptt"](X, y, weights, activation, last)
            ours = bptt.backward(X, y, weights, activation=activation, last=last)
            assert loss == pytest.approx(ours.loss)
            np.testing.assert_allclose(norms, ours.by_step)
            for theirs, own in zip(arrays, ours.arrays, strict=True):
                np.testing.assert_allclose(theirs, own, atol=1e-12)


@pytest.fixture(scope="module")
def lesson_06():
    """What the lesson defines by hand: its activations and its ``bptt``."""
    from pathlib import Path

    import nbformat

    path = Path(__file__).resolve().parents[2] / "notebooks" / "06_unstable_gradients.ipynb"
    cells = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    namespace = {"np": np}
    for source in cells:
        if source.startswith(("ACTIVATIONS = ", "def bptt(")):
            exec(source, namespace)
    return namespace
