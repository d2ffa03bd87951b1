"""The labs of lesson 07: what they compute, what they say, and what they refuse."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from helpers import series
from helpers.labs import cell, normalisation
from helpers.labs.framework.lab import Invalid
from helpers.plots import cells as cell_plots


@pytest.fixture(autouse=True)
def _no_selftest(monkeypatch):
    monkeypatch.delenv("LAB_SELFTEST", raising=False)


def model(*weights):
    """What a lab reads of a Keras model: layers with weights."""
    return SimpleNamespace(layers=[SimpleNamespace(get_weights=lambda made=made: list(made)) for made in weights])


def batch_normed(units=6, seed=0):
    drawn = np.random.RandomState(seed).randn
    recurrent = [drawn(1, units), 0.3 * drawn(units, units), 0.1 * drawn(units)]
    return model(recurrent, [np.ones(units), np.zeros(units), 0.2 * drawn(units), 0.3 + drawn(units) ** 2])


@pytest.fixture(scope="module")
def waves():
    return series.generate_time_series(300, 60)


@pytest.fixture(scope="module")
def data(waves):
    targets = np.lib.stride_tricks.sliding_window_view(waves[:, 1:, 0], 10, axis=1)
    return (waves[:140, :50], targets[:140]), (waves[140:, :50], targets[140:])


class TestNormalisation:
    def test_one_sample_changes_the_others_under_batch_normalisation_in_training_only(self, waves):
        lab = normalisation.lab(batch_normed(), waves[:, :50])
        after = normalisation.multiplied(lab.data.states, "sample", 2, 10)
        others = np.arange(8) != 2
        for stored in (False, True):
            old, new = (
                normalisation.batch_norm(states, lab.data, stored=stored)[others] for states in (lab.data.states, after)
            )
            assert np.array_equal(old, new) == stored
        old, new = (normalisation.layer_norm(states) for states in (lab.data.states, after))
        np.testing.assert_array_equal(old[others], new[others])

    def test_layer_normalisation_hides_a_step_and_batch_normalisation_shows_it(self, waves):
        states = normalisation.lab(batch_normed(), waves[:, :50]).data.states
        after = normalisation.multiplied(states, "step", 25, 10)
        assert np.abs(normalisation.layer_norm(after) - normalisation.layer_norm(states)).max() < 0.1
        batch = normalisation.Batch(states, np.zeros(6), np.ones(6))
        shown = normalisation.batch_norm(after, batch, stored=False)
        assert np.abs(shown[:, 25]).mean() > 3 * np.abs(shown[:, 24]).mean()

    def test_a_multiplied_step_moves_all_other_steps_while_batch_normalisation_trains(self, waves):
        lab = normalisation.lab(batch_normed(), waves[:, :50])
        lab.set(what="step")
        moved = float(lab.reading.split("the other steps by ")[1].split()[0])
        assert 0.3 < moved < 0.6

    def test_both_normalisations_are_those_of_keras(self, waves):
        import keras

        states = normalisation.lab(batch_normed(), waves[:, :50]).data.states
        batch = normalisation.Batch(states, np.full(6, 0.2), np.full(6, 0.7))
        layer = keras.layers.BatchNormalization()
        layer.build(states.shape)
        ours = normalisation.batch_norm(states, batch, stored=False)
        np.testing.assert_allclose(ours, layer(states, training=True), atol=1e-5)
        layer.set_weights([np.ones(6), np.zeros(6), batch.stored_mean, batch.stored_variance])
        np.testing.assert_allclose(normalisation.batch_norm(states, batch, stored=True), layer(states), atol=1e-5)
        np.testing.assert_allclose(
            normalisation.layer_norm(states), keras.layers.LayerNormalization()(states), atol=1e-5
        )

    def test_the_reading_names_what_changed_where(self, waves):
        lab = normalisation.lab(batch_normed(), waves[:, :50])
        assert lab.reading.startswith("Sample 2 times 10 changes the other samples by 0.")
        assert "and by 0.000 under layer normalisation; itself by " in lab.reading
        lab.set(what="step", stored=True)
        assert lab.reading.startswith(
            "Time step 25 times 10 changes the other steps by 0.00 under batch normalisation and by 0.000 under layer"
        )
        lab.set(factor=1)
        assert lab.reading.endswith("itself by 0.00 and 0.000.")

    def test_nonsense_is_invalid(self, waves):
        with pytest.raises(Invalid, match="above 0"):
            normalisation.lab(batch_normed(), waves[:, :50]).render(factor=0)

    @pytest.mark.parametrize(
        ("made", "X"),
        [
            (None, np.zeros((2, 50, 1))),
            (model(), np.zeros((2, 50, 1))),
            (model([np.ones((1, 2)), np.ones((2, 2)), np.ones(2)], [np.ones(2)] * 2), np.zeros((2, 50, 1))),
            (batch_normed(), np.zeros((1, 50, 1))),
            (batch_normed(), np.zeros((2, 50, 2))),
            (batch_normed(), np.full((2, 50, 1), np.nan)),
        ],
        ids=["no model", "no layers", "layer normalisation", "one series", "two features", "NaN"],
    )
    def test_wrong_data_is_refused(self, made, X):
        with pytest.raises(ValueError, match=r"expected|not finite"):
            normalisation.lab(made, X)


class TestCell:
    def test_it_opens_on_the_lessons_run(self, data):
        lab = cell.lab(*data, first_run={"plain": [0.1, 0.02], "normalised": [0.2, 0.01]})
        assert lab.reading.startswith("The lesson's run, rate 0.01, 2 epochs: plain 0.0200, normalised 0.0100.")

    def test_without_a_run_it_names_the_line_to_reach(self, data):
        assert cell.lab(*data).reading.startswith("Least squares: 0.")

    def test_it_trains_both_cells_from_the_same_start_every_time(self, data):
        lab = cell.lab(*data)
        lab.set(rate=1e-2, epochs=3)
        for _ in range(2):
            lab.start_training(wait=True)
            assert lab.message == ""
        first, second = lab.data.runs
        assert [len(errors) for errors in second.errors.values()] == [3, 3]
        for name in cell.CELLS:
            assert second.errors[name][-1] < second.errors[name][0]
            np.testing.assert_allclose(
                first.errors[name], second.errors[name], rtol=0.05
            )  # the order of batches differs

    def test_its_error_in_numpy_is_that_of_the_model(self, data):
        lab = cell.lab(*data)
        lab.set(epochs=1)
        lab.start_training(wait=True)
        X, y = lab.data.valid
        for name, (model, *_) in lab.data.models.items():
            forecast = model.predict(X, verbose=0)[:, -1]
            np.testing.assert_allclose(lab.data.runs[-1].last(name), np.mean((y - forecast) ** 2), rtol=1e-4)

    def test_stop_ends_the_training_and_reset_forgets_it(self, data):
        reports = []
        start = cell.lab(*data).data
        end = cell.fit(start, report=reports.append, stopped=lambda: len(reports) >= 1, rate=1e-2, epochs=20)
        assert [len(errors) for errors in end.runs[-1].errors.values()] == [1, 0]
        assert cell.fit(start, report=reports.append, stopped=lambda: True, rate=1e-2, epochs=20) is start

    def test_a_run_that_diverged_stays_in_sight_and_is_named_so(self, data):
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

    def test_a_later_run_at_the_same_rate_takes_the_place_of_the_earlier(self, data):
        lab = cell.lab(*data, first_run={"plain": [0.1], "normalised": [0.1]})
        again = replace(lab.data, runs=(*lab.data.runs, cell.Run(1e-2, {"plain": (0.02,), "normalised": (0.01,)}, 1)))
        fig = lab.render()
        artists = lab.draw(fig, again)
        lab.update(artists, again, rate=1e-2, epochs=5)
        assert artists["ends"]["plain"].get_xydata().tolist() == [[1e-2, 0.02]]

    def test_runs_made_for_another_number_of_epochs_are_not_drawn_beside_the_last(self, data):
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

    def test_nonsense_is_invalid_and_wrong_data_refused(self, data):
        with pytest.raises(Invalid, match="at least 1 epoch"):
            cell.lab(*data).render(epochs=0)
        (X, Y), valid = data
        with pytest.raises(ValueError, match=r"expected \(batch, steps, 1\)"):
            cell.lab((X, Y[:, -1]), valid)
        with pytest.raises(ValueError, match="expected the errors of"):
            cell.lab((X, Y), valid, first_run={"plain": [0.1]})


def test_the_diagrams_are_drawn_and_refuse_nothing_to_draw():
    means = cell_plots.shared_means(n_sequences=2, n_steps=3)
    assert [ax.get_title(loc="left")[-8:] for ax in means.axes] == [" 3 means", " 6 means"]
    texts = {text.get_text() for text in cell_plots.normalised_cell().axes[0].texts}
    assert {"sum", "normalise", "tanh", "output"} <= texts
    with pytest.raises(ValueError, match="at least one of each"):
        cell_plots.shared_means(n_steps=0)
