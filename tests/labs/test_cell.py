"""Lab *cell* (lesson 07): both cells train from the same start, and which runs are drawn together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from helpers import series
from helpers.labs import cell
from helpers.labs.framework.lab import Invalid, Lab
from tests.labs.stand_ins import synthetic


def targets_everywhere(n_series):
    """Series and their next ten values at every time step."""
    values = synthetic(n_series, 60)
    return values[:, :50], np.lib.stride_tricks.sliding_window_view(values[:, 1:, 0], 10, axis=1)


def stand_in() -> Lab:
    """The lab on small data."""
    return cell.lab(targets_everywhere(90), targets_everywhere(30))


@pytest.fixture(scope="module")
def waves():
    return series.generate_time_series(300, 60)


@pytest.fixture(scope="module")
def data(waves):
    targets = np.lib.stride_tricks.sliding_window_view(waves[:, 1:, 0], 10, axis=1)
    return (waves[:140, :50], targets[:140]), (waves[140:, :50], targets[140:])


def test_it_opens_on_the_lessons_run(data):
    lab = cell.lab(*data, first_run={"plain": [0.1, 0.02], "normalised": [0.2, 0.01]})
    assert lab.reading.startswith("The lesson's run, rate 0.01, 2 epochs: plain 0.0200, normalised 0.0100.")


def test_without_a_run_it_names_the_line_to_reach(data):
    assert cell.lab(*data).reading.startswith("Least squares: 0.")


def test_it_trains_both_cells_from_the_same_start_every_time(data):
    lab = cell.lab(*data)
    lab.set(rate=1e-2, epochs=3)
    for _ in range(2):
        lab.start_training(wait=True)
        assert lab.message == ""
    first, second = lab.data.runs
    assert [len(errors) for errors in second.errors.values()] == [3, 3]
    for name in cell.CELLS:
        assert second.errors[name][-1] < second.errors[name][0]
        np.testing.assert_allclose(first.errors[name], second.errors[name], rtol=0.05)  # the order of batches differs


def test_its_error_in_numpy_is_that_of_the_model(data):
    lab = cell.lab(*data)
    lab.set(epochs=1)
    lab.start_training(wait=True)
    X, y = lab.data.valid
    for name, (model, *_) in lab.data.models.items():
        forecast = model.predict(X, verbose=0)[:, -1]
        np.testing.assert_allclose(lab.data.runs[-1].last(name), np.mean((y - forecast) ** 2), rtol=1e-4)


def test_stop_ends_the_training_and_reset_forgets_it(data):
    reports = []
    start = cell.lab(*data).data
    end = cell.fit(start, report=reports.append, stopped=lambda: len(reports) >= 1, rate=1e-2, epochs=20)
    assert [len(errors) for errors in end.runs[-1].errors.values()] == [1, 0]
    assert cell.fit(start, report=reports.append, stopped=lambda: True, rate=1e-2, epochs=20) is start


def test_a_run_that_diverged_stays_in_sight_and_is_named_so(data):
    lab = cell.lab(*data, first_run={"plain": [float("nan")], "normalised": [0.01]})
    assert "plain diverged, normalised 0.0100" in lab.reading
    broken = [
        np.full((1, 3), np.nan),
        np.eye(3),
        np.zeros(3),
        np.eye(3),
        np.eye(3),
        np.zeros(3),
        np.eye(3),
        np.zeros(3),
    ]
    assert np.isnan(cell.last_step_error(broken, np.zeros((2, 4, 1)), np.zeros((2, 3))))


def test_a_later_run_at_the_same_rate_takes_the_place_of_the_earlier(data):
    lab = cell.lab(*data, first_run={"plain": [0.1], "normalised": [0.1]})
    again = replace(lab.data, runs=(*lab.data.runs, cell.Run(1e-2, {"plain": (0.02,), "normalised": (0.01,)}, 1)))
    fig = lab.render()
    artists = lab.draw(fig, again)
    lab.update(artists, again, rate=1e-2, epochs=5)
    assert artists["ends"]["plain"].get_xydata().tolist() == [[1e-2, 0.02]]


def test_runs_made_for_another_number_of_epochs_are_not_drawn_beside_the_last(data):
    lab = cell.lab(*data, first_run={"plain": [0.2, 0.1], "normalised": [0.2, 0.1]})
    half = cell.Run(0.1, {"plain": (0.02,), "normalised": ()}, 2)  # stopped, or still under way
    short = cell.Run(0.3, {"plain": (0.04,), "normalised": (0.03,)}, 1)
    for runs, rates, title in (
        ((*lab.data.runs, half), [1e-2, 0.1], "where runs of 2 epochs ended"),
        ((*lab.data.runs, half, short), [0.3], "where runs of 1 epoch ended"),
    ):
        made = replace(lab.data, runs=runs)
        artists = lab.draw(lab.render(), made)
        lab.update(artists, made, rate=1e-2, epochs=5)
        assert list(artists["ends"]["plain"].get_xdata()) == rates
        assert artists["title"].get_text() == title


def test_nonsense_is_invalid_and_wrong_data_refused(data):
    with pytest.raises(Invalid, match="at least 1 epoch"):
        cell.lab(*data).render(epochs=0)
    (X, Y), valid = data
    with pytest.raises(ValueError, match=r"expected \(batch, steps, 1\)"):
        cell.lab((X, Y[:, -1]), valid)
    with pytest.raises(ValueError, match="expected the errors of"):
        cell.lab((X, Y), valid, first_run={"plain": [0.1]})
