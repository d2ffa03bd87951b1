"""Wrong answers to the exercises of lesson 10."""

SCALE = """
def scale(values, n_train):
    {body}
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
            "if_4900_come, if_2800_come = (1710, 700, 40, 816.67), (20, 350, 1530, 633.33)",
            "sides are exchanged",
        ),
        ("not weighed", "if_4900_come, if_2800_come = (1900, 1400, 400, 1233.3), (200, 700, 1700, 866.7)", "weighed"),
        ("both sides by q", "if_4900_come, if_2800_come = (190, 700, 360, 416.67), (20, 350, 1530, 633.33)", "1 − q"),
        ("below costs nothing", "if_4900_come, if_2800_come = (190, 700, 360, 416.67), (0, 0, 0, 0)", "cost something"),
        (
            "negative",
            "if_4900_come, if_2800_come = (190, 700, 360, 416.67), (-20, -350, -1530, -633.3)",
            "never negative",
        ),
        ("the sum", "if_4900_come, if_2800_come = (190, 700, 360, 1250), (180, 350, 170, 700)", "divide it by three"),
        ("three numbers", "if_4900_come, if_2800_come = (190, 700, 360), (180, 350, 170)", "four numbers"),
        ("one miscounted", "if_4900_come, if_2800_come = (190, 700, 400, 430), (180, 350, 170, 233)", "loss of 4,500"),
    ],
    "10.4": [
        ("chosen by the test", "best_weeks = 4", "no test any more"),
        ("for the mean", "best_weeks = 7", "best for the mean"),
        ("the lesson's six", "best_weeks = 6", "another number"),
        ("the least flattering", "best_weeks = 1", "440.1"),
        ("not on the list", "best_weeks = 52", "from 1 to 20"),
    ],
}
