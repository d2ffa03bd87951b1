"""Wrong answers to the exercises of lesson 10."""

SCALE = """
def scale(values, n_train):
    {body}
    return {result}
"""
PINBALL = """
def pinball(y, forecast, quantile):
    e = y - forecast
    return {result}
"""

WRONG = {
    "10.1": [
        ("tomorrow's temperature", "allowed = {'a', 'b', 'c', 'd', 'e', 'g'}", "eight hours after midnight"),
        ("calendar left out", "allowed = {'d', 'e', 'g'}", "a may be used as well"),
        ("scaled by all months", "allowed = {'a', 'b', 'd', 'e', 'f', 'g'}", "know the validation and test months"),
        ("repaired from both sides", "allowed = 'abdegh'", "beyond midnight"),
        ("a weather forecast is not the weather", "allowed = {'a', 'b', 'e', 'g'}", "issued at 18:00"),
        ("a letter too far", "allowed = {'a', 'z'}", "from a to h"),
    ],
    "10.2": [
        (
            "all months",
            SCALE.format(
                body="std = values.std(axis=0)",
                result="(values - values.mean(axis=0)) / np.where(std == 0, 1, std)",
            ),
            "knows later months",
        ),
        (
            "division by zero",
            SCALE.format(body="part = values[:n_train]", result="(values - part.mean(axis=0)) / part.std(axis=0)"),
            "divide by 1",
        ),
        (
            "one number for all columns",
            SCALE.format(body="part = values[:n_train]", result="(values - part.mean()) / part.std()"),
            "axis=0",
        ),
        (
            "every part by itself",
            SCALE.format(
                body="def one(part):\n        std = part.std(axis=0)\n"
                "        return (part - part.mean(axis=0)) / np.where(std == 0, 1, std)",
                result="np.vstack([one(values[:n_train]), one(values[n_train:])])",
            ),
            "its own months",
        ),
        (
            "training rows only",
            SCALE.format(
                body="part = values[:n_train]\n    std = part.std(axis=0)",
                result="(part - part.mean(axis=0)) / np.where(std == 0, 1, std)",
            ),
            "shape",
        ),
    ],
    "10.3": [
        (
            "sides exchanged",
            PINBALL.format(result="np.mean(np.maximum((1 - quantile) * e, -quantile * e))"),
            "exchanged",
        ),
        ("both sides alike", PINBALL.format(result="quantile * np.mean(np.abs(e))"), "both sides alike"),
        ("one side free", PINBALL.format(result="np.mean(np.maximum(quantile * e, 0))"), "must cost something"),
        (
            "the smaller of the two",
            PINBALL.format(result="np.mean(np.minimum(quantile * e, (quantile - 1) * e))"),
            "never negative",
        ),
        ("squared", PINBALL.format(result="np.mean(np.where(e > 0, quantile, 1 - quantile) * e**2)"), "linear"),
        ("a value each", PINBALL.format(result="np.maximum(quantile * e, (quantile - 1) * e)"), "one number"),
    ],
    "10.4": [
        ("chosen by the test", "best_weeks = 4", "no test any more"),
        ("for the mean", "best_weeks = 7", "best for the mean"),
        ("the lesson's six", "best_weeks = 6", "another number"),
        ("the least flattering", "best_weeks = 1", "440.1"),
        ("not on the list", "best_weeks = 52", "from 1 to 20"),
    ],
}
