"""Lab *teacher* (lesson 05): what feeding back the truth does."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.labs import forecast, teacher
from helpers.labs.framework.lab import Lab
from tests.labs.stand_ins import HORIZON, direct, past_and_future, slope


def one_ahead(past):
    """A stand-in for a model from (batch, steps, 1) to (batch, 1)."""
    return 0.9 * np.asarray(past)[:, -1]


def stand_in() -> Lab:
    """The lab on small data."""
    return teacher.lab(
        {"stand-in": one_ahead, "another": lambda past: 0.5 * np.asarray(past)[:, -1]},
        *past_and_future(40),
        {"zero": np.zeros((40, 10)), "half": np.full((40, 10), 0.5)},
    )


@pytest.fixture(scope="module")
def data():
    return past_and_future()


def bars(data):
    return {"direct": direct(data[0])}


def test_without_truth_it_is_the_iterated_forecast(data):
    found = teacher.score({"slope": slope}, *data, bars(data))
    np.testing.assert_allclose(found.paths["slope"][0], forecast.iterated(slope, data[0], HORIZON), atol=1e-5)


def test_with_all_of_the_truth_every_step_is_a_one_step_forecast(data):
    past, future = data
    found = teacher.score({"slope": slope}, past, future, bars(data))
    whole = np.concatenate([past, future[..., np.newaxis]], axis=1)
    for step in (0, 4, 9):
        expected = slope(whole[:, : 50 + step])[:, 0]
        np.testing.assert_allclose(found.paths["slope"][-1][:, step], expected, atol=1e-5)


def test_what_is_true_at_one_share_is_true_at_every_larger_one_and_to_every_model(data):
    found = teacher.score({"slope": slope, "last": lambda past: past[:, -1]}, *data, bars(data))
    fed_true = found.fed_true
    assert not fed_true[0].any()
    assert fed_true[-1].all()
    assert (fed_true[1:] >= fed_true[:-1]).all()
    np.testing.assert_allclose(fed_true.mean(axis=(1, 2)), teacher.SHARES, atol=0.06)
    half = teacher.SHARES.index(0.5)
    after_truth = found.paths["last"][half][:, 1:][fed_true[half][:, :-1]]
    np.testing.assert_allclose(after_truth, data[1][:, :-1][fed_true[half][:, :-1]], atol=1e-6)


def test_errors_are_those_of_the_paths_and_the_bars_those_of_the_direct_forecasts(data):
    found = teacher.score({"slope": slope}, *data, bars(data))
    expected = np.mean((found.paths["slope"][4] - data[1]) ** 2, axis=0)
    np.testing.assert_allclose(found.errors["slope"][4], expected, rtol=1e-5)
    np.testing.assert_allclose(found.bars["direct"], np.mean((direct(data[0]) - data[1]) ** 2, axis=0), rtol=1e-5)


def test_the_reading_compares_the_step_with_the_bar(data):
    lab = teacher.lab({"slope": slope}, *data, {"half": np.full_like(data[1], 0.5), "truth": data[1]})
    assert lab.reading.startswith("slope, share 0.0: at step 10 the error is ")
    assert lab.reading.endswith("in this series 0 of 9 values fed back were true.")
    lab.set(share=1.0, step=1)
    assert ", below the" in lab.reading
    assert lab.reading.endswith("in this series 9 of 9 values fed back were true.")
    lab.set(bar="truth")
    assert "not below the 0.0000 of truth" in lab.reading


def test_every_model_has_curves_of_its_own(data):
    lab = teacher.lab({"slope": slope, "last": lambda past: past[:, -1]}, *data, bars(data))
    curves = {name: [line.get_ydata() for line in lab.render(model=name).axes[1].lines] for name in ("slope", "last")}
    for mine, other in zip(curves["slope"][:2], curves["last"][:2], strict=True):
        assert not np.array_equal(mine, other)


@pytest.mark.parametrize(
    ("model", "past", "future", "bar"),
    [
        (direct, np.zeros((4, 50, 1)), np.zeros((4, 10)), np.zeros((4, 10))),
        (slope, np.zeros((4, 50)), np.zeros((4, 10)), np.zeros((4, 10))),
        (slope, np.zeros((4, 50, 1)), np.zeros((3, 10)), np.zeros((3, 10))),
        (slope, np.zeros((4, 50, 1)), np.zeros((4, 10)), np.zeros((4, 9))),
    ],
)
def test_what_does_not_fit_is_refused(model, past, future, bar):
    with pytest.raises(ValueError, match="expected"):
        teacher.lab({"model": model}, past, future, {"bar": bar})


def test_no_model_or_nothing_to_beat_is_refused(data):
    with pytest.raises(ValueError, match="at least one"):
        teacher.lab({}, *data, bars(data))
    with pytest.raises(ValueError, match="at least one"):
        teacher.lab({"slope": slope}, *data, {})
