"""The labs of lesson 11: what they compute, what they say, and what they refuse."""

from __future__ import annotations

from types import SimpleNamespace

import keras
import numpy as np
import pytest

from helpers import series
from helpers.labs import residual, shapes
from helpers.labs.framework.lab import Invalid
from helpers.plots import blocks as block_plots


@pytest.fixture(autouse=True)
def _no_selftest(monkeypatch):
    monkeypatch.delenv("LAB_SELFTEST", raising=False)


class Adding(keras.layers.Layer):
    """Adds its input to what a Dense layer makes of it."""

    def __init__(self, units):
        super().__init__()
        self.dense = keras.layers.Dense(units)

    def build(self, input_shape):
        self.dense.build(input_shape)

    def call(self, inputs):
        return inputs + self.dense(inputs)


LAYERS = {
    "Dense(4)": lambda: keras.layers.Dense(4),
    "Adding(4)": lambda: Adding(4),
    "SimpleRNN(3)": lambda: keras.layers.SimpleRNN(3),
    "Flatten": lambda: keras.layers.Flatten(),
}
INPUTS = {"row": (6,), "steps": (5, 1), "many steps": (50, 1)}


@pytest.fixture
def bench():
    return shapes.lab(LAYERS, INPUTS)


class TestShapes:
    def test_it_opens_on_a_layer_that_is_refused_and_says_why(self, bench):
        assert bench.reading == (
            "The first layer, Adding(4), is refused. Dimensions must be equal, but are 6 and 4: its input and what it "
            "makes of it cannot be added."
        )

    def test_a_layer_in_front_mends_it(self, bench):
        bench.set(first="Dense(4)", second="Adding(4)")
        assert bench.reading == f"From (None, 6) to (None, 4) with {6 * 4 + 4 + 4 * 4 + 4} weights."

    def test_shapes_and_weights_are_those_of_keras(self, bench):
        stack = ["SimpleRNN(3)", "Dense(4)"]
        steps = shapes.build(bench.data, "steps", stack, share=False)
        model = keras.Sequential([keras.Input((5, 1)), *(LAYERS[name]() for name in stack)])
        assert [step.output for step in steps] == [tuple(layer.output.shape) for layer in model.layers]
        assert [step.count for step in steps] == [layer.count_params() for layer in model.layers]

    def test_equal_layers_that_are_one_object_are_counted_once(self, bench):
        bench.set(first="Dense(4)", second="Adding(4)", third="Adding(4)")
        assert bench.reading.endswith(f"with {28 + 2 * 20} weights.")
        bench.set(share=True)
        assert bench.reading.endswith(f"with {28 + 20} weights. Objects that were there before: 1.")

    def test_one_object_does_not_fit_two_widths(self, bench):
        bench.set(first="Dense(4)", second="Dense(4)", share=True)
        assert "The second layer, Dense(4), is refused." in bench.reading
        assert "weights" in bench.reading

    def test_a_single_feature_is_broadcast_without_an_error(self, bench):
        bench.set(sample="steps")
        assert bench.reading == f"From (None, 5, 1) to (None, 5, 4) with {1 * 4 + 4} weights."

    def test_a_recurrent_layer_wants_the_axis_of_steps(self, bench):
        bench.set(first="SimpleRNN(3)")
        assert "expected ndim=3, found ndim=2: it reads (batch, steps, features)" in bench.reading

    def test_only_flatten_makes_weights_depend_on_the_number_of_steps(self, bench):
        counts = {}
        for between in (shapes.NOTHING, "Flatten"):
            stack = [name for name in (between, "Dense(4)") if name != shapes.NOTHING]
            counts[between] = [
                sum(step.count for step in shapes.build(bench.data, sample, stack, share=False))
                for sample in ("steps", "many steps")
            ]
        assert counts == {shapes.NOTHING: [8, 8], "Flatten": [24, 204]}

    def test_nothing_at_all_is_a_stack_too(self, bench):
        bench.set(first=shapes.NOTHING)
        assert bench.reading == "From (None, 6) to (None, 6) with 0 weights."

    def test_it_opens_on_the_stack_that_it_is_given(self):
        lab = shapes.lab(LAYERS, {"steps": (5, 1), "row": (6,)}, start=["Adding(4)", "SimpleRNN(3)", "SimpleRNN(3)"])
        assert lab.reading.startswith("The third layer, SimpleRNN(3), is refused.")
        for start in (["Conv"], ["Dense(4)"] * 5):
            with pytest.raises(ValueError, match="expected at most 4"):
                shapes.lab(LAYERS, INPUTS, start=start)

    def test_a_stack_is_built_once(self):
        made = []
        layers = LAYERS | {"Dense(4)": lambda: made.append(1) or keras.layers.Dense(4)}
        lab = shapes.lab(layers, INPUTS)
        for _ in range(3):
            lab.set(first="Dense(4)")
            lab.set(first="Flatten")
        assert len(made) == 1

    def test_more_weight_arrays_than_fit_are_counted(self, bench):
        many = {"many": lambda: keras.Sequential([keras.layers.Dense(2) for _ in range(4)]), **LAYERS}
        lab = shapes.lab(many, INPUTS)
        fig = lab.render(first="many")
        assert any("and 3 more" in text.get_text() for text in fig.axes[0].texts)

    @pytest.mark.parametrize(
        ("message", "said"),
        [
            ("\033[1mDimensions must be equal, but are 3 and 2 for '{{node MatMul}}\033[0m", "its weights fit another"),
            ("expected axis -1 of input shape to have value 4, but received input with shape (8, 3)", "4 features"),
            ("something else. And more", "something else"),
        ],
    )
    def test_errors_are_explained_in_a_line(self, message, said):
        assert said in shapes.explained(message)
        assert "\033" not in shapes.explained(message)

    def test_nonsense_is_invalid_and_wrong_data_refused(self, bench):
        with pytest.raises(Invalid, match="no layer 'Conv'"):
            bench.render(first="Conv")
        with pytest.raises(Invalid, match="no input 'image'"):
            bench.render(sample="image")
        for layers, inputs in (
            ({"one": LAYERS["Flatten"]}, INPUTS),
            (list(LAYERS), INPUTS),
            ({**LAYERS, "nothing": LAYERS["Flatten"]}, INPUTS),
            ({**LAYERS, "made": keras.layers}, INPUTS),
            (LAYERS, {"a": (5,), "b": 3}),
            (LAYERS, {"a": (5,), "b": (0,)}),
        ):
            with pytest.raises(ValueError, match="expected"):
                shapes.lab(layers, inputs)


KINDS = ["Plain", "Skip"]


def make(n_blocks, kind):
    keras.utils.set_random_seed(3)
    block = {"Plain": lambda: keras.layers.Dense(6, "tanh"), "Skip": lambda: Adding(6)}[kind]
    layers = [keras.layers.Dense(6, "tanh"), *(block() for _ in range(n_blocks)), keras.layers.Dense(10)]
    return keras.Sequential([keras.Input((50,)), *layers])


@pytest.fixture(scope="module")
def data():
    values = series.generate_time_series(340, 60)[..., 0]
    return (values[:280, :50], values[:280, 50:]), (values[280:, :50], values[280:, 50:])


class TestResidual:
    def test_it_opens_on_the_lessons_runs(self, data):
        lab = residual.lab(make, *data, kinds=KINDS, first_runs={"Plain": [0.2, 0.05], "Skip": [0.1, 0.02]})
        assert "Last run: Skip, 16 blocks, rate 0.01: 0.0200 after 2 of 2 epochs." in lab.reading

    def test_the_sizes_are_those_of_the_network_of_as_many_blocks(self, data):
        lab = residual.lab(make, *data, kinds=KINDS)
        X = data[1][0][: residual.SAMPLES]
        for kind in KINDS:
            np.testing.assert_allclose(lab.data.sizes[kind][:5], residual.sizes_of(make(4, kind), X), rtol=1e-5)
        assert lab.data.sizes["Skip"][-1] > 3 * lab.data.sizes["Plain"][-1]

    def test_it_trains_the_network_that_was_chosen_and_shows_where_it_ended(self, data):
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

    def test_stop_ends_the_training_after_the_epoch_that_it_falls_in(self, data):
        start, reports = residual.lab(make, *data, kinds=KINDS).data, []
        controls = {"kind": "Skip", "blocks": 1, "rate": 1e-2, "epochs": 20}
        end = residual.fit(start, report=reports.append, stopped=lambda: bool(reports), **controls)
        assert 1 <= len(end.runs[-1].errors) <= 2
        assert len(reports) <= 2

    def test_only_runs_that_compare_are_drawn_together(self, data):
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

    def test_nonsense_is_invalid_and_wrong_data_refused(self, data):
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

    def test_sizes_need_no_keras(self):
        model = SimpleNamespace(layers=[lambda x: x, lambda x: 2 * x, None])
        np.testing.assert_allclose(residual.sizes_of(model, np.array([[1.0, -1.0]])), [1, 2])


def test_the_diagrams_are_drawn_and_refuse_nothing_to_draw():
    texts = [text.get_text() for text in block_plots.repeated(times=2).axes[0].texts]
    assert texts.count("A") == 4
    assert texts.count("D") == 2
    assert [text.get_text() for text in block_plots.shared_blocks().axes[0].texts].count("block 1") == 4
    with pytest.raises(ValueError, match="at least 1"):
        block_plots.repeated(times=0)
