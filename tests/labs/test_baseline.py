"""Lab *baseline* (lesson 02): its errors are those of the helpers, and what it says about them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from helpers import baselines, series
from helpers.labs import baseline
from helpers.labs.framework.lab import Invalid, Lab
from tests.labs.stand_ins import hourly, synthetic


def stand_in() -> Lab:
    """The lab on small data."""
    return baseline.lab(synthetic(60, 60), hourly().to_numpy(), np.zeros(2000, bool), 1000)


@pytest.fixture(scope="module")
def hours():
    """Ten weeks of a daily wave with a weekly one, a repaired hour, and where the forecasts begin."""
    t = np.arange(10 * 168)
    values = 3000 + 2000 * np.sin(2 * np.pi * t / 24) + 500 * np.sin(2 * np.pi * t / 168)
    missing = np.zeros(len(t), bool)
    missing[900] = True
    return values, missing, 400


@pytest.fixture(scope="module")
def waves():
    return series.generate_time_series(40, 60)


def test_a_season_of_a_week_is_exact_on_a_weekly_series_and_repaired_targets_are_not_scored(waves, hours):
    values = hours[0].copy()
    values[900] = 1e6
    past = baseline.prepare(waves, values, *hours[1:])["traffic"]
    touched = (past.X > 1e5).any(axis=1)  # windows that hold the repaired hour as input
    clean = replace(past, X=past.X[~touched], y=past.y[~touched], known=past.known[~touched])
    errors = baseline.errors(clean, "seasonal naive", window=168, smoothing=0.5)
    np.testing.assert_allclose(errors, 0, atol=1e-6)


@pytest.mark.parametrize("method", baseline.METHODS)
def test_errors_are_those_of_the_helpers(method, waves, hours):
    past = baseline.prepare(waves, *hours)["synthetic"]
    forecast = baseline.forecast(method, past.X, window=5, smoothing=0.3, horizon=10)
    expected = baselines.error_by_horizon(past.y, forecast, baselines.mse)
    np.testing.assert_allclose(baseline.errors(past, method, window=5, smoothing=0.3), expected)


def test_it_says_from_which_step_on_a_method_beats_naive(waves, hours):
    lab = baseline.lab(waves, *hours)
    assert lab.reading.startswith("Seasonal naive (24) on traffic: mean error ")
    naive, mine = (
        baseline.errors(lab.data["traffic"], method, window=24, smoothing=0.5) for method in ("naive", "seasonal naive")
    )
    assert f"First below naive at step {np.argmax(mine < naive) + 1}." in lab.reading
    lab.set(method="naive", horizon=1)
    assert "over 1 step," in lab.reading
    assert "below" not in lab.reading


def test_a_window_longer_than_the_series_is_cut_and_the_reading_says_so(waves, hours):
    lab = baseline.lab(waves, *hours)
    lab.set(source="synthetic", window=168, horizon=48)
    assert lab.reading.startswith("Seasonal naive (50) on synthetic")
    assert "over 10 steps" in lab.reading


@pytest.mark.parametrize("nonsense", [{"window": 0}, {"horizon": 0}, {"smoothing": 0.0}])
def test_nonsense_is_invalid(nonsense, waves, hours):
    lab = baseline.lab(waves, *hours)
    with pytest.raises(Invalid, match="expected"):
        lab.render(**nonsense)


def test_bad_series_are_refused(waves, hours):
    values, missing, first = hours
    with pytest.raises(ValueError, match=r"expected \(batch, 60, 1\)"):
        baseline.lab(waves[:, :50], values, missing, first)
    with pytest.raises(ValueError, match=r"expected \(hours,\) twice"):
        baseline.lab(waves, values, missing[1:], first)
    with pytest.raises(ValueError, match="first is 10"):
        baseline.lab(waves, values, missing, 10)


def test_a_series_with_missing_hours_is_refused():
    values = hourly()
    with pytest.raises(ValueError, match="asfreq"):
        baseline.lab(synthetic(60, 60), values.drop(values.index[500:540]), np.zeros(1960, bool), 1000)
    with pytest.raises(ValueError, match="NaN"):
        baseline.lab(synthetic(60, 60), values.where(np.arange(2000) != 700), np.zeros(2000, bool), 1000)
