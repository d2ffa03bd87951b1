"""Lab *fit* (lesson 02): its runs end where the linear model ends, and Stop ends them."""

from __future__ import annotations

import pytest

from helpers import baselines, series
from helpers.labs import fit
from helpers.labs.framework.lab import Invalid, Lab
from tests.labs.stand_ins import synthetic


def stand_in() -> Lab:
    """The lab on small data."""
    return fit.lab((synthetic()[:90, :50], synthetic()[:90, 50]), (synthetic()[90:, :50], synthetic()[90:, 50]))


@pytest.fixture(scope="module")
def data():
    parts = series.split_series(series.generate_time_series(1000, 51), n_train=640, n_valid=200)
    return [(part[:, :50], part[:, 50]) for part in parts[:2]]


def test_it_shows_the_lessons_own_run_against_least_squares(data):
    lab = fit.lab(*data, first_run=[0.1, 0.05])
    best = baselines.mse(data[1][1], baselines.LeastSquares().fit(*data[0]).predict(data[1][0]))
    assert f"{0.05 / best - 1:.0%} above least squares, never within 5 %" in lab.reading


def test_without_a_run_it_names_the_line_to_reach(data):
    assert fit.lab(*data).reading.startswith("Least squares: 0.0")


def test_training_makes_the_earlier_run_faint_and_reset_forgets_both(data):
    lab = fit.lab(*data, first_run=[0.1, 0.05])
    lab.set(epochs=5)
    lab.start_training(wait=True)
    assert [run.label for run in lab.data.runs] == ["the lesson's model", "0.01 constant"]
    assert len(lab.data.runs[-1].errors) == 5
    assert lab.data.runs[-1].errors[-1] < lab.data.runs[-1].errors[0]
    lab.reset()
    assert len(lab.data.runs) == 1


def test_stop_ends_a_training_long_before_its_last_epoch(data):
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


def test_a_run_within_five_percent_is_marked_at_its_first_epoch():
    assert fit.Run("r", (0.5, 0.105, 0.1)).reached(0.105) == 2
    assert fit.Run("r", (0.5, float("nan"))).reached(0.105) is None


def test_a_run_that_diverged_stays_in_sight_and_is_named_so(data):
    lab = fit.lab(*data, first_run=[float("inf"), float("nan")])
    assert "diverged" in lab.reading


def test_nonsense_is_invalid(data):
    with pytest.raises(Invalid, match="at least 1 epoch"):
        fit.lab(*data).render(epochs=0)
