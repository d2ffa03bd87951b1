"""Wrong answers to the exercises of lesson 04."""

STACK = """
def mended_stack():
    return keras.Sequential(
        [
            keras.Input((50, 1)),
            keras.layers.SimpleRNN({units}, return_sequences=True),
            keras.layers.SimpleRNN(10, return_sequences=True),
            {rest}
        ]
    )
"""

UNITS = """
def units_for(depth, budget):
    units = 0
    while {weights} <= budget:
        units += 1
    return units{plus}
"""

WRONG = {
    "04.1": [
        ("the features for every layer", "three_counts = (1251, 1411, 1252)", "reads the units of the layer below"),
        ("the second layer's inputs for the third", "three_counts = (1501, 1911, 1502)", "not thirty"),
        ("one feature", "three_counts = (1381, 1591, 1382)", "five features, not one"),
        ("Dense on 50 steps", "three_counts = (1991, 2201, 1502)", "last state"),
        ("heads alike", "three_counts = (1501, 1711, 1501)", "its own state"),
        ("heads exchanged", "three_counts = (1502, 1712, 1501)", "no weight for a state"),
        ("no head", "three_counts = (1490, 1700, 1502)", "head is missing"),
        ("two of three", "three_counts = (1501, 1711)", "expected 3 numbers"),
    ],
    "04.2": [
        (
            "all return sequences",
            STACK.format(units=10, rest="keras.layers.SimpleRNN(10, return_sequences=True), keras.layers.Dense(1),"),
            "look at the output shape",
        ),
        (
            "Flatten between",
            STACK.format(
                units=10,
                rest="keras.layers.SimpleRNN(10, return_sequences=True), "
                "keras.layers.Flatten(), keras.layers.Dense(1),",
            ),
            "Flatten",
        ),
        (
            "TimeDistributed head",
            STACK.format(
                units=10,
                rest="keras.layers.SimpleRNN(10, return_sequences=True), "
                "keras.layers.TimeDistributed(keras.layers.Dense(1)),",
            ),
            "look at the output shape",
        ),
        (
            "a layer thrown away",
            STACK.format(units=10, rest="keras.layers.Dense(1), keras.layers.Lambda(lambda x: x[:, -1]),"),
            "the four given",
        ),
        (
            "other units",
            STACK.format(units=20, rest="keras.layers.SimpleRNN(10), keras.layers.Dense(1),"),
            "units",
        ),
        (
            "not mended",
            "def mended_stack():\n    return keras.Sequential([keras.Input((50, 1)), keras.layers.SimpleRNN(10), "
            "keras.layers.SimpleRNN(10), keras.layers.SimpleRNN(10), keras.layers.Dense(1)])",
            "ValueError",
        ),
    ],
    "04.3": [
        ("budget by depth", "def units_for(depth, budget):\n    return budget // depth", "not a budget of units"),
        (
            "the first layer's formula for all",
            UNITS.format(weights="depth * (units + 1) * (units + 3) + units + 2", plus=""),
            "only the first layer",
        ),
        (
            "over the budget",
            UNITS.format(
                weights="units * (units + 2) + (depth - 1) * units * (2 * units + 1) + units + 1",
                plus="",
            ),
            "over the budget",
        ),
        (
            "no room used",
            UNITS.format(
                weights="(units + 1) * (units + 3) + (depth - 1) * (units + 1) * (2 * units + 3) + units + 2",
                plus=" - 1",
            ),
            "still fit",
        ),
        ("a fraction", "def units_for(depth, budget):\n    return (budget / depth) ** 0.5", "whole number"),
    ],
    "04.4": [
        ("the share dropped", "untouched = (0.2, 0.0115)", "share dropped"),
        ("the same for both", "untouched = (0.8, 0.8)", "twenty draws"),
        ("added instead of multiplied", "untouched = (0.8, 1 - 0.2 * 20)", "multiplies"),
        ("200 units", "untouched = (0.795, 0.02)", "chance decides"),
        ("both powers", "untouched = (0.0115, 0.0115)", "drawn once"),
        ("the power of the rate", "untouched = (0.8, 0.2**20)", "each of twenty"),
    ],
}
