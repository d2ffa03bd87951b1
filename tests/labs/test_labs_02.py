"""The labs of lesson 02: what their curves mean, what they say, and what they refuse."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from helpers import baselines, plots, series
from helpers.labs import baseline, fit
from helpers.labs.framework.lab import Invalid
from helpers.plots import errors as error_plots


@pytest.fixture(autouse=True)
def _no_selftest(monkeypatch):
    monkeypatch.delenv("LAB_SELFTEST", raising=False)


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


@pytest.fixture(scope="module")
def data():
    parts = series.split_series(series.generate_time_series(1000, 51), n_train=640, n_valid=200)
    return [(part[:, :50], part[:, 50]) for part in parts[:2]]


class TestBaseline:
    def test_a_season_of_a_week_is_exact_on_a_weekly_series_and_repaired_targets_are_not_scored(self, waves, hours):
        values = hours[0].copy()
        values[900] = 1e6
        past = baseline.prepare(waves, values, *hours[1:])["traffic"]
        touched = (past.X > 1e5).any(axis=1)  # windows that hold the repaired hour as input
        clean = replace(past, X=past.X[~touched], y=past.y[~touched], known=past.known[~touched])
        errors = baseline.errors(clean, "seasonal naive", window=168, smoothing=0.5)
        np.testing.assert_allclose(errors, 0, atol=1e-6)

    @pytest.mark.parametrize("method", baseline.METHODS)
    def test_errors_are_those_of_the_helpers(self, method, waves, hours):
        past = baseline.prepare(waves, *hours)["synthetic"]
        forecast = baseline.forecast(method, past.X, window=5, smoothing=0.3, horizon=10)
        expected = baselines.error_by_horizon(past.y, forecast, baselines.mse)
        np.testing.assert_allclose(baseline.errors(past, method, window=5, smoothing=0.3), expected)

    def test_it_says_from_which_step_on_a_method_beats_naive(self, waves, hours):
        lab = baseline.lab(waves, *hours)
        assert lab.reading.startswith("Seasonal naive (24) on traffic: mean error ")
        naive, mine = (
            baseline.errors(lab.data["traffic"], method, window=24, smoothing=0.5)
            for method in ("naive", "seasonal naive")
        )
        assert f"First below naive at step {np.argmax(mine < naive) + 1}." in lab.reading
        lab.set(method="naive", horizon=1)
        assert "over 1 step," in lab.reading
        assert "below" not in lab.reading

    def test_a_window_longer_than_the_series_is_cut_and_the_reading_says_so(self, waves, hours):
        lab = baseline.lab(waves, *hours)
        lab.set(source="synthetic", window=168, horizon=48)
        assert lab.reading.startswith("Seasonal naive (50) on synthetic")
        assert "over 10 steps" in lab.reading

    @pytest.mark.parametrize("nonsense", [{"window": 0}, {"horizon": 0}, {"smoothing": 0.0}])
    def test_nonsense_is_invalid(self, nonsense, waves, hours):
        lab = baseline.lab(waves, *hours)
        with pytest.raises(Invalid, match="expected"):
            lab.render(**nonsense)

    def test_bad_series_are_refused(self, waves, hours):
        values, missing, first = hours
        with pytest.raises(ValueError, match=r"expected \(batch, 60, 1\)"):
            baseline.lab(waves[:, :50], values, missing, first)
        with pytest.raises(ValueError, match=r"expected \(hours,\) twice"):
            baseline.lab(waves, values, missing[1:], first)
        with pytest.raises(ValueError, match="first is 10"):
            baseline.lab(waves, values, missing, 10)


class TestFit:
    def test_it_shows_the_lessons_own_run_against_least_squares(self, data):
        lab = fit.lab(*data, first_run=[0.1, 0.05])
        best = baselines.mse(data[1][1], baselines.LeastSquares().fit(*data[0]).predict(data[1][0]))
        assert f"{0.05 / best - 1:.0%} above least squares, never within 5 %" in lab.reading

    def test_without_a_run_it_names_the_line_to_reach(self, data):
        assert fit.lab(*data).reading.startswith("Least squares: 0.0")

    def test_training_makes_the_earlier_run_faint_and_reset_forgets_both(self, data):
        lab = fit.lab(*data, first_run=[0.1, 0.05])
        lab.set(epochs=5)
        lab.start_training(wait=True)
        assert [run.label for run in lab.data.runs] == ["the lesson's model", "0.01 constant"]
        assert len(lab.data.runs[-1].errors) == 5
        assert lab.data.runs[-1].errors[-1] < lab.data.runs[-1].errors[0]
        lab.reset()
        assert len(lab.data.runs) == 1

    def test_stop_ends_a_training_long_before_its_last_epoch(self, data):
        reports = []
        end = fit.fit(
            fit.Trainings(*data, 0.003),
            report=reports.append,
            stopped=lambda: len(reports) >= 2,
            rate=0.001,
            schedule="decaying",
            epochs=60,
        )
        assert len(end.runs[-1].errors) <= 3

    def test_a_run_within_five_percent_is_marked_at_its_first_epoch(self):
        assert fit.Run("r", (0.5, 0.105, 0.1)).reached(0.105) == 2
        assert fit.Run("r", (0.5, float("nan"))).reached(0.105) is None

    def test_a_run_that_diverged_stays_in_sight_and_is_named_so(self, data):
        lab = fit.lab(*data, first_run=[float("inf"), float("nan")])
        assert "diverged" in lab.reading

    def test_nonsense_is_invalid(self, data):
        with pytest.raises(Invalid, match="at least 1 epoch"):
            fit.lab(*data).render(epochs=0)


def test_figures_of_errors_draw_what_they_are_given():
    against = error_plots.against([1, 2], [3, 4], {"naive": [2, 2]}, xlabel="month", ylabel="tons")
    assert [line.get_label() for line in against.axes[0].lines] == ["past", "what came", "naive"]
    by_setting = error_plots.by_setting({1: 0.1, 2: 0.05}, xlabel="lags", unit="MSE", lines={"floor": 0.01})
    assert by_setting.axes[0].get_yscale() == "log"
    for fig in (against, by_setting):
        assert Image.open(BytesIO(plots.to_png(fig))).size[0] > 600
