"""Lab *shapes* (lesson 11): shapes, weights and refusals are those of Keras."""

from __future__ import annotations

import pytest

from helpers.labs import shapes
from helpers.labs.framework.lab import Invalid, Lab
from tests.labs.stand_ins import adding


def keras_layers():
    """Keras, imported when a test asks for it and not when tests are collected."""
    import keras

    return keras.layers


LAYERS = {
    "Dense(4)": lambda: keras_layers().Dense(4),
    "Adding(4)": lambda: adding(4),
    "SimpleRNN(3)": lambda: keras_layers().SimpleRNN(3),
    "Flatten": lambda: keras_layers().Flatten(),
}
INPUTS = {"row": (6,), "steps": (5, 1), "many steps": (50, 1)}


def stand_in() -> Lab:
    """The lab on small data."""
    return shapes.lab(LAYERS, INPUTS)


@pytest.fixture
def bench():
    return shapes.lab(LAYERS, INPUTS)


def test_it_opens_on_a_layer_that_is_refused_and_says_why(bench):
    assert bench.reading == (
        "The first layer, Adding(4), is refused. Dimensions must be equal, but are 6 and 4: its input and what it "
        "makes of it cannot be added."
    )


def test_a_layer_in_front_fixes_it(bench):
    bench.set(first="Dense(4)", second="Adding(4)")
    assert bench.reading == f"From (None, 6) to (None, 4) with {6 * 4 + 4 + 4 * 4 + 4} weights."


def test_shapes_and_weights_are_those_of_keras(bench):
    import keras

    stack = ["SimpleRNN(3)", "Dense(4)"]
    steps = shapes.build(bench.data, "steps", stack, share=False)
    model = keras.Sequential([keras.Input((5, 1)), *(LAYERS[name]() for name in stack)])
    assert [step.output for step in steps] == [tuple(layer.output.shape) for layer in model.layers]
    assert [step.count for step in steps] == [layer.count_params() for layer in model.layers]


def test_equal_layers_that_are_one_object_are_counted_once(bench):
    bench.set(first="Dense(4)", second="Adding(4)", third="Adding(4)")
    assert bench.reading.endswith(f"with {28 + 2 * 20} weights.")
    bench.set(share=True)
    assert bench.reading.endswith(f"with {28 + 20} weights. Objects that were there before: 1.")


def test_one_object_does_not_fit_two_widths(bench):
    bench.set(first="Dense(4)", second="Dense(4)", share=True)
    assert "The second layer, Dense(4), is refused." in bench.reading
    assert "weights" in bench.reading


def test_a_single_feature_is_broadcast_without_an_error(bench):
    bench.set(sample="steps")
    assert bench.reading == f"From (None, 5, 1) to (None, 5, 4) with {1 * 4 + 4} weights."


def test_a_recurrent_layer_wants_the_axis_of_steps(bench):
    bench.set(first="SimpleRNN(3)")
    assert "expected ndim=3, found ndim=2: it reads (batch, steps, features)" in bench.reading


def test_only_flatten_makes_weights_depend_on_the_number_of_steps(bench):
    counts = {}
    for between in (shapes.NOTHING, "Flatten"):
        stack = [name for name in (between, "Dense(4)") if name != shapes.NOTHING]
        counts[between] = [
            sum(step.count for step in shapes.build(bench.data, sample, stack, share=False))
            for sample in ("steps", "many steps")
        ]
    assert counts == {shapes.NOTHING: [8, 8], "Flatten": [24, 204]}


def test_nothing_at_all_is_a_stack_too(bench):
    bench.set(first=shapes.NOTHING)
    assert bench.reading == "From (None, 6) to (None, 6) with 0 weights."


def test_it_opens_on_the_stack_that_it_is_given():
    lab = shapes.lab(LAYERS, {"steps": (5, 1), "row": (6,)}, start=["Adding(4)", "SimpleRNN(3)", "SimpleRNN(3)"])
    assert lab.reading.startswith("The third layer, SimpleRNN(3), is refused.")
    for start in (["Conv"], ["Dense(4)"] * 5):
        with pytest.raises(ValueError, match="expected at most 4"):
            shapes.lab(LAYERS, INPUTS, start=start)


def test_a_stack_is_built_once():
    made = []
    layers = LAYERS | {"Dense(4)": lambda: made.append(1) or keras_layers().Dense(4)}
    lab = shapes.lab(layers, INPUTS)
    for _ in range(3):
        lab.set(first="Dense(4)")
        lab.set(first="Flatten")
    assert len(made) == 1


def test_more_weight_arrays_than_fit_are_counted(bench):
    import keras

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
def test_errors_are_explained_in_a_line(message, said):
    assert said in shapes.explained(message)
    assert "\033" not in shapes.explained(message)


def test_nonsense_is_invalid_and_wrong_data_refused(bench):
    with pytest.raises(Invalid, match="no layer 'Conv'"):
        bench.render(first="Conv")
    with pytest.raises(Invalid, match="no input 'image'"):
        bench.render(sample="image")
    for layers, inputs in (
        ({"one": LAYERS["Flatten"]}, INPUTS),
        (list(LAYERS), INPUTS),
        ({**LAYERS, "nothing": LAYERS["Flatten"]}, INPUTS),
        ({**LAYERS, "made": keras_layers()}, INPUTS),
        (LAYERS, {"a": (5,), "b": 3}),
        (LAYERS, {"a": (5,), "b": (0,)}),
    ):
        with pytest.raises(ValueError, match="expected"):
            shapes.lab(layers, inputs)
