"""Lab *convolution* (lesson 09): which inputs every output reads, as counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from helpers import series
from helpers.labs import convolution
from helpers.labs.framework.lab import Lab
from tests.labs.stand_ins import synthetic


def stand_in() -> Lab:
    """The lab on small data."""
    return convolution.lab(synthetic()[0])


@pytest.fixture(scope="module")
def X():
    return series.generate_time_series(40, 60)[:, :50]


def test_it_opens_on_an_input_that_is_never_read(X):
    reading = convolution.lab(X[3]).reading
    assert reading.startswith("15 inputs, 6 outputs. Output 2 stands at time step 7, reads steps 4, 5, 6, 7, and is ")
    assert reading.endswith("Never read: 14.")


def test_same_looks_ahead_and_causal_does_not(X):
    lab = convolution.lab(X[3])
    lab.set(padding="same", stride=1, kernel_size=2)
    assert "It looks 1 step ahead of its own." in lab.reading
    lab.set(kernel_size=4)
    assert "It looks 2 steps ahead of its own." in lab.reading
    lab.set(padding="causal", output=0)
    assert "ahead" not in lab.reading
    assert "reads step 0 and 3 zeros" in lab.reading


def test_the_answers_that_the_lesson_gives_hold(X):
    lab = convolution.lab(X[3])
    for n_steps, outputs, end in ((16, 7, "Every input is read."), (14, 6, "Every input is read.")):
        lab.set(n_steps=n_steps)
        assert f"{n_steps} inputs, {outputs} outputs." in lab.reading
        assert lab.reading.endswith(end)
    lab.reset()
    lab.set(padding="causal", stride=1, dilation=4, output=14)
    assert "reads steps 2, 6, 10, 14" in lab.reading
    lab.reset()
    in_the_middle = {1: "Never read: 1, 2, 4, 5,", 2: "Never read: 2, 5, 8, 11, 14."}
    for kernel_size in (1, 2, 3, 4):
        lab.set(stride=3, kernel_size=kernel_size)
        expected = in_the_middle.get(kernel_size, "Every input is read." if kernel_size == 3 else "read: 13, 14.")
        assert expected in lab.reading


def test_stride_with_dilation_is_refused_as_keras_does(X):
    lab = convolution.lab(X[3])
    lab.set(dilation=2)
    assert lab.message.startswith("Stride 2 with dilation 2")


def test_a_kernel_longer_than_the_series_is_refused(X):
    lab = convolution.lab(X[3])
    lab.set(stride=1, dilation=4, n_steps=8)
    assert lab.message == "The kernel spans 13 steps and there are 8 inputs: valid padding leaves no output."


def test_values_are_sums_of_weights_times_inputs():
    taps = convolution.reads(5, kernel_size=2, padding="causal")
    values = np.array([1.0, 2.0, 4.0, 7.0, 11.0])
    np.testing.assert_allclose(convolution.convolve(values, taps, np.array([-1.0, 2.0])), [2, 3, 6, 10, 15])


@pytest.mark.parametrize("wrong", [np.zeros(19), np.zeros((30, 2)), np.full(30, np.nan), np.zeros((2, 30, 1))])
def test_wrong_series_are_refused(wrong):
    with pytest.raises(ValueError, match=r"expected"):
        convolution.lab(wrong)
