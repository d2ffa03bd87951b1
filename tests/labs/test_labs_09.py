"""The labs of lesson 09: what they measure, what they say, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest

from helpers import series
from helpers.labs import convolution, receptive_field


@pytest.fixture(autouse=True)
def _no_selftest(monkeypatch):
    monkeypatch.delenv("LAB_SELFTEST", raising=False)


@pytest.fixture(scope="module")
def X():
    return series.generate_time_series(40, 60)[:, :50]


def causal(taps, dilation=1):
    """A model that adds inputs, (batch, steps, 1) to (batch, steps, 2)."""

    def model(x):
        span = (taps - 1) * dilation
        padded = np.pad(np.asarray(x, dtype=float), [(0, 0), (span, 0), (0, 0)])
        return sum(padded[:, d : d + x.shape[1]] for d in range(0, span + 1, dilation)) * np.array([1.0, 0.5])

    return model


def leaking(x):
    """A model that reads two inputs ahead."""
    return np.pad(np.asarray(x, dtype=float), [(0, 0), (0, 2), (0, 0)])[:, 2:] * np.ones(2)


class TestConvolution:
    def test_it_opens_on_an_input_that_is_never_read(self, X):
        reading = convolution.lab(X[3]).reading
        assert reading.startswith(
            "15 inputs, 6 outputs. Output 2 stands at time step 7, reads steps 4, 5, 6, 7, and is "
        )
        assert reading.endswith("Never read: 14.")

    def test_same_looks_ahead_and_causal_does_not(self, X):
        lab = convolution.lab(X[3])
        lab.set(padding="same", stride=1, kernel_size=2)
        assert "It looks 1 step ahead of its own." in lab.reading
        lab.set(kernel_size=4)
        assert "It looks 2 steps ahead of its own." in lab.reading
        lab.set(padding="causal", output=0)
        assert "ahead" not in lab.reading
        assert "reads step 0 and 3 zeros" in lab.reading

    def test_the_answers_that_the_lesson_gives_hold(self, X):
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

    def test_stride_with_dilation_is_refused_as_keras_does(self, X):
        lab = convolution.lab(X[3])
        lab.set(dilation=2)
        assert lab.message.startswith("Stride 2 with dilation 2")

    def test_a_kernel_longer_than_the_series_is_refused(self, X):
        lab = convolution.lab(X[3])
        lab.set(stride=1, dilation=4, n_steps=8)
        assert lab.message == "The kernel spans 13 steps and there are 8 inputs: valid padding leaves no output."

    def test_values_are_sums_of_weights_times_inputs(self):
        taps = convolution.reads(5, kernel_size=2, padding="causal")
        values = np.array([1.0, 2.0, 4.0, 7.0, 11.0])
        np.testing.assert_allclose(convolution.convolve(values, taps, np.array([-1.0, 2.0])), [2, 3, 6, 10, 15])

    @pytest.mark.parametrize("wrong", [np.zeros(19), np.zeros((30, 2)), np.full(30, np.nan), np.zeros((2, 30, 1))])
    def test_wrong_series_are_refused(self, wrong):
        with pytest.raises(ValueError, match=r"expected"):
            convolution.lab(wrong)


class TestReceptiveField:
    @pytest.mark.parametrize(("taps", "dilation"), [(1, 1), (5, 1), (3, 4)])
    def test_a_causal_model_moves_where_its_taps_are(self, taps, dilation, X):
        places, changes = receptive_field.changes(causal(taps, dilation), X[0])
        np.testing.assert_array_equal(places, np.arange(50))
        expected = np.zeros((50, 50))
        for back in range(taps):
            expected += np.eye(50, k=back * dilation)
        np.testing.assert_allclose(changes, receptive_field.RAISED * expected, atol=1e-6)

    def test_outputs_that_are_fewer_stand_so_that_the_last_stands_at_the_last_input(self, X):
        places, changes = receptive_field.changes(lambda x: causal(4)(x)[:, 3::2], X[0])
        assert places[[0, 1, -1]].tolist() == [3, 5, 49]
        assert np.flatnonzero(changes[6]).tolist() == [2, 3]  # outputs at steps 7 and 9

    def test_the_reading_counts_what_moved_and_what_may(self, X):
        lab = receptive_field.lab({"five": (causal(5), 5)}, X)
        assert lab.reading == "five, input 15 raised by 0.1: 5 outputs count as moved; by the formula, 5 inputs, 5 may."
        lab.set(step=48)
        assert "2 outputs count as moved; by the formula, 5 inputs, 2 may." in lab.reading

    def test_a_formula_that_is_too_small_is_shown_up(self, X):
        lab = receptive_field.lab({"five": (causal(5), 3)}, X)
        assert "5 outputs count as moved, 2 of them outside of it" in lab.reading

    def test_a_model_that_reads_the_future_is_named(self, X):
        lab = receptive_field.lab({"leak": (leaking, 1)}, X)
        assert lab.reading.endswith("1 moved before the input came: the model reads the future.")

    def test_a_share_of_the_largest_counts_fewer(self, X):
        def fading(x):
            later = np.cumsum(np.asarray(x, dtype=float) * 2.0 ** np.arange(50)[:, np.newaxis], axis=1)
            return later * 0.5 ** np.arange(50)[:, np.newaxis] * np.ones(2)

        lab = receptive_field.lab({"fading": (fading, None)}, X)
        lab.set(share="10 %")
        assert "4 outputs count as moved; all later ones may." in lab.reading  # 1, 1/2, 1/4, 1/8 and no further

    def test_a_model_runs_once_for_each_series(self, X):
        calls = []

        def counted(x):
            calls.append(len(x))
            return causal(2)(x)

        lab = receptive_field.lab({"counted": (counted, 2)}, X)
        for step in (0, 20, 49):
            lab.set(step=step)
        lab.set(series=1)
        assert calls == [51, 51]

    @pytest.mark.parametrize(
        ("models", "series_"),
        [
            ({}, np.zeros((2, 50, 1))),
            ({"vector": (lambda x: np.zeros((len(x), 10)), 5)}, np.zeros((2, 50, 1))),
            ({"longer": (lambda x: np.zeros((len(x), 60, 10)), 5)}, np.zeros((2, 50, 1))),
            ({"ok": (causal(2), 2)}, np.zeros((2, 50))),
            ({"ok": (causal(2), 2)}, np.zeros((2, 50, 2))),
            ({"ok": (causal(2), 2)}, np.zeros((0, 50, 1))),
        ],
    )
    def test_wrong_data_is_refused(self, models, series_):
        with pytest.raises(ValueError, match="expected"):
            receptive_field.lab(models, series_)
