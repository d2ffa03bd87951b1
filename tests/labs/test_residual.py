"""Lab *residual* (lesson 11): sizes are those of the network, and which runs are drawn together."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from helpers import series
from helpers.labs import residual
from helpers.labs.framework.lab import Invalid, Lab
from tests.labs.stand_ins import adding, synthetic


def growing(n_blocks, kind):
    """Stand-in for a network of blocks that double the values, or leave them."""
    factor = {"plain": 1, "skip": 2}[kind]
    blocks = [lambda values: factor * values] * n_blocks
    return SimpleNamespace(layers=[lambda values: values[:, :3], *blocks, None])


def rows_and_targets(n_series):
    values = synthetic(n_series, 60)[..., 0]
    return values[:, :50], values[:, 50:]


KINDS = ["Plain", "Skip"]


def make(n_blocks, kind):
    import keras

    keras.utils.set_random_seed(3)
    block = {"Plain": lambda: keras.layers.Dense(6, "tanh"), "Skip": lambda: adding(6)}[kind]
    layers = [keras.layers.Dense(6, "tanh"), *(block() for _ in range(n_blocks)), keras.layers.Dense(10)]
    return keras.Sequential([keras.Input((50,)), *layers])


def stand_in() -> Lab:
    """The lab on small data."""
    return residual.lab(make, rows_and_targets(140), rows_and_targets(60), kinds=KINDS)


@pytest.fixture(scope="module")
def data():
    values = series.generate_time_series(340, 60)[..., 0]
    return (values[:280, :50], values[:280, 50:]), (values[280:, :50], values[280:, 50:])


def test_it_opens_on_the_lessons_runs(data):
    lab = residual.lab(make, *data, kinds=KINDS, first_runs={"Plain": [0.2, 0.05], "Skip": [0.1, 0.02]})
    assert "Last run: Skip, 16 blocks, rate 0.01: 0.0200 after 2 of 2 epochs." in lab.reading


def test_the_sizes_are_those_of_the_network_of_as_many_blocks(data):
    lab = residual.lab(make, *data, kinds=KINDS)
    X = data[1][0][: residual.SAMPLES]
    for kind in KINDS:
        np.testing.assert_allclose(lab.data.sizes[kind][:5], residual.sizes_of(make(4, kind), X), rtol=1e-5)
    assert lab.data.sizes["Skip"][-1] > 3 * lab.data.sizes["Plain"][-1]


def test_it_trains_the_network_that_was_chosen_and_shows_where_it_ended(data):
    lab = residual.lab(make, *data, kinds=KINDS)
    assert lab.reading.endswith("Nothing is trained yet. Next: Skip, 16 blocks, rate 0.01, 10 epochs.")
    lab.set(kind="Plain", blocks=1, epochs=4)
    assert lab.reading.endswith("Next: Plain, 1 block, rate 0.01, 4 epochs.")
    lab.start_training(wait=True)
    assert lab.message == ""
    run = lab.data.runs[-1]
    assert (run.kind, run.blocks, run.rate, len(run.errors)) == ("Plain", 1, 0.01, 4)
    assert run.errors[-1] < run.errors[0]
    assert f"Last run: Plain, 1 block, rate 0.01: {run.errors[-1]:.4f} after 4 of 4 epochs." in lab.reading


def test_stop_ends_the_training_after_the_epoch_that_it_falls_in(data):
    start, reports = residual.lab(make, *data, kinds=KINDS).data, []
    controls = {"kind": "Skip", "blocks": 1, "rate": 1e-2, "epochs": 20}
    end = residual.fit(start, report=reports.append, stopped=lambda: bool(reports), **controls)
    assert 1 <= len(end.runs[-1].errors) <= 2
    assert len(reports) <= 2


def test_only_runs_that_compare_are_drawn_together(data):
    lab = residual.lab(make, *data, kinds=KINDS)
    runs = (
        residual.Run("Plain", 1, 1e-2, 2, (0.2, 0.1)),
        residual.Run("Plain", 4, 1e-2, 2, (0.2, 0.05)),
        residual.Run("Plain", 8, 3e-2, 2, (0.2, 0.04)),
        residual.Run("Plain", 2, 1e-2, 2, (0.3, float("nan"))),
    )
    made = residual.replace(lab.data, runs=runs)
    artists = lab.draw(lab.render(), made)
    reading = lab.update(artists, made, kind="Plain", blocks=4, rate=1e-2, epochs=2)
    ends = artists["ends"]["Plain"].get_xydata().tolist()
    assert ends == [[1, 0.1], [2, residual.HIGHEST], [4, 0.05]]
    assert " Last run: Plain, 2 blocks, rate 0.01: diverged after 2 of 2 epochs. Next: " in reading
    assert artists["title"].get_text() == "after 2 epochs, rate 0.01"


def test_nonsense_is_invalid_and_wrong_data_refused(data):
    lab = residual.lab(make, *data, kinds=KINDS)
    with pytest.raises(Invalid, match="no kind 'Dense'"):
        lab.render(kind="Dense")
    with pytest.raises(Invalid, match="expected blocks among"):
        lab.render(blocks=3)
    (X, y), valid = data
    with pytest.raises(ValueError, match=r"expected \(series, steps\)"):
        residual.lab(make, (X[..., np.newaxis], y), valid, kinds=KINDS)
    with pytest.raises(ValueError, match="expected two or three"):
        residual.lab(make, (X, y), valid, kinds=["Plain"])
    with pytest.raises(ValueError, match="expected kinds among"):
        residual.lab(make, (X, y), valid, kinds=KINDS, first_runs={"Dense": [0.1]})


def test_sizes_need_no_keras():
    model = SimpleNamespace(layers=[lambda x: x, lambda x: 2 * x, None])
    np.testing.assert_allclose(residual.sizes_of(model, np.array([[1.0, -1.0]])), [1, 2])
