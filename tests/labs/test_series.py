"""Lab *series* (lesson 01): the series are the course's, and every error is that of the helpers."""

from __future__ import annotations

import numpy as np
import pytest

from helpers import baselines, series
from helpers.labs import series as series_lab
from helpers.labs.framework.lab import Invalid, Lab
from tests.labs.stand_ins import synthetic


def stand_in() -> Lab:
    """The lab on small data."""
    return series_lab.lab(synthetic())


@pytest.fixture(scope="module")
def made():
    return series.generate_time_series(1000, 51)


def test_the_lab_draws_the_course_series_at_neutral_settings():
    count = series_lab.N_TRAIN + series_lab.N_VALID
    random = np.random.RandomState(42).rand(count * 60)
    drawn = series_lab.draw_series(random, 51, slow=1.0, fast=1.0, offsets=1.0, noise=0.1)
    np.testing.assert_allclose(drawn, series.generate_time_series(count, 51), atol=1e-5)


def test_your_series_keep_the_published_errors():
    yours = series_lab.prepare(series.generate_time_series(10_000, 51))["yours"]
    assert yours["naive"] == pytest.approx(0.0202114, abs=1e-6)
    assert yours["last slope"] == pytest.approx(0.00886, abs=5e-6)
    assert yours["least squares"] == pytest.approx(0.00293, abs=5e-6)


def test_the_least_squares_are_those_of_the_baselines(made):
    X, y = made[:, :50], made[:, 50]
    expected = baselines.LeastSquares().fit(X[:500], y[:500]).predict(X[500:])
    np.testing.assert_allclose(series_lab.least_squares(X[:500, :, 0], y[:500], X[500:, :, 0]), expected, atol=1e-5)


def test_naive_and_the_last_slope_tie_near_noise_021(made):
    lab = series_lab.lab(made)
    readings = {}
    for noise in (0.1, 0.21, 0.3):
        lab.set(noise=noise)
        readings[noise] = lab.reading
    assert readings[0.1].endswith("The last slope beats naive.")
    assert readings[0.21].endswith("Naive and the last slope tie.")
    assert readings[0.3].endswith("The last slope loses to naive.")
    assert "naive 0.0269, last slope 0.0265" in readings[0.21]


def test_every_move_uses_the_same_random_numbers(made):
    lab = series_lab.lab(made)
    lab.set(noise=0.2)
    reading = lab.reading
    lab.set(noise=0.5)
    lab.set(noise=0.2)
    assert lab.reading == reading


def test_errors_on_mere_noise_are_six_two_and_one_floors(made):
    lab = series_lab.lab(made)
    lab.set(slow=0.0, fast=0.0)
    assert "naive 0.0153, last slope 0.0442, least squares 0.0080; the floor is 0.00750" in lab.reading
    lab.set(slow=1.0, fast=1.0, noise=1.0)
    assert "naive 0.1907, last slope 0.4993, least squares 0.1308; the floor is 0.08333" in lab.reading


def test_no_method_passes_the_floor(made):
    data = series_lab.prepare(made)
    for noise in (0.05, 0.3, 1.0):
        drawn = series_lab.draw_series(data["random"], 51, slow=1.0, fast=1.0, offsets=1.0, noise=noise)
        errors = series_lab._errors(drawn[: series_lab.N_TRAIN], drawn[series_lab.N_TRAIN :])
        assert min(errors.values()) > series.noise_floor(noise)


@pytest.mark.parametrize("nonsense", [{"noise": -0.1}, {"steps": 2}, {"steps": 101}, {"noise": float("nan")}])
def test_nonsense_of_the_series_controls_is_invalid(made, nonsense):
    lab = series_lab.lab(made)
    with pytest.raises(Invalid, match="the noise is at least 0, the steps are 3 to 100"):
        lab.render(**nonsense)


@pytest.mark.parametrize("shape", [(1000, 51), (1000, 51, 2), (10, 51, 1), (1000, 2, 1)])
def test_the_series_lab_names_the_shape_it_wants(shape):
    with pytest.raises(ValueError, match="expected \\(batch, steps, 1\\)"):
        series_lab.lab(np.zeros(shape))
