"""Wrong answers to the exercises of lesson 01."""

COUNT = "def count_windows(n, length, horizon, stride): return {formula}"

WINDOWS = """
def make_windows(series, length, horizon):
    starts = range({count})
    X = np.stack([series[i : i + length] for i in starts]){axis}
    y = np.stack([series[i + length + {shift} : i + length + {shift} + horizon] for i in starts])
    return X, y
"""

UNDO = """
def undo_difference(d, first, lag):
    {body}
"""

COUNTED = """
def count(train, test):
    seen, wanted = np.zeros(len(values), bool), np.zeros(len(values), bool)
    for start in train:
        seen[{held}] = True
    for start in test:
        wanted[{hours}] = True
    return (seen & wanted).sum()

leaked = ({answer})
"""

WRONG = {
    "01.1": [
        ("missing + 1", COUNT.format(formula="(n - length - horizon) // stride"), "starts at 0 counts"),
        ("horizon forgotten", COUNT.format(formula="(n - length) // stride + 1"), "horizon is forgotten"),
        ("n // stride", COUNT.format(formula="n // stride"), "past the end"),
        ("stride forgotten", COUNT.format(formula="n - length - horizon + 1"), "stride is forgotten"),
        ("a float division", COUNT.format(formula="(n - length - horizon) / stride + 1"), "count is whole"),
        ("round", COUNT.format(formula="round((n - length - horizon) / stride) + 1"), "round down with //"),
        ("a fixed number", "def count_windows(*sizes): return 723", "list the starts"),
        ("an error", "def count_windows(n): return n", "TypeError"),
    ],
    "01.2": [
        (
            "target starts at the last input",
            WINDOWS.format(count="len(series) - length - horizon + 1", axis="[..., np.newaxis]", shift="-1"),
            "could copy it",
        ),
        (
            "no feature axis",
            WINDOWS.format(count="len(series) - length - horizon + 1", axis="", shift="0"),
            "feature axis",
        ),
        (
            "a last window past the end",
            """
def make_windows(series, length, horizon):
    starts = range(len(series) - length - horizon + 2)
    padded = np.append(series, np.zeros(horizon))
    X = np.stack([padded[i : i + length] for i in starts])[..., np.newaxis]
    return X, np.stack([padded[i + length : i + length + horizon] for i in starts])
""",
            "past the end",
        ),
        (
            "one window missing",
            WINDOWS.format(count="max(1, len(series) - length - horizon)", axis="[..., np.newaxis]", shift="0"),
            "shape",
        ),
        (
            "target a step late",
            """
def make_windows(series, length, horizon):
    starts = range(len(series) - length - horizon + 1)
    padded = np.append(series, 0)
    X = np.stack([series[i : i + length] for i in starts])[..., np.newaxis]
    return X, np.stack([padded[i + length + 1 : i + length + 1 + horizon] for i in starts])
""",
            "first targets",
        ),
        (
            "positions instead of values",
            """
def make_windows(series, length, horizon):
    starts = np.arange(len(series) - length - horizon + 1)[:, np.newaxis]
    return (starts + np.arange(length))[..., np.newaxis], starts + length + np.arange(horizon)
""",
            "take the values at them",
        ),
        (
            "positions as targets",
            """
def make_windows(series, length, horizon):
    starts = np.arange(len(series) - length - horizon + 1)[:, np.newaxis]
    return series[starts + np.arange(length)][..., np.newaxis], starts + length + np.arange(horizon)
""",
            "take the values at them",
        ),
        (
            "targets counted on from the last input",
            """
def make_windows(series, length, horizon):
    starts = np.arange(len(series) - length - horizon + 1)[:, np.newaxis]
    X = series[starts + np.arange(length)]
    return X[..., np.newaxis], X[:, -1:] + 1 + np.arange(horizon)
""",
            "first targets",
        ),
        ("only X", "def make_windows(series, length, horizon): return series[:length]", "two arrays"),
    ],
    "01.3": [
        (
            "cumsum for every lag",
            UNDO.format(body="return np.concatenate([first, first[-1] + np.cumsum(d)])"),
            "lag 1 only",
        ),
        (
            "first values added once",
            UNDO.format(body="return np.concatenate([first, d + np.resize(first, len(d))])"),
            "added once",
        ),
        (
            "result shorter than the series",
            UNDO.format(
                body="""result = list(first)
    for change in d:
        result.append(result[-lag] + change)
    return np.array(result[lag:])"""
            ),
            "first belongs to it too",
        ),
        ("nothing undone", UNDO.format(body="return np.concatenate([first, d])"), "at step 1"),
    ],
    "01.4": [
        ("a guess of shares", "leaked = (1, 0)", "says less than a count"),
        ("share of windows", "leaked = (len(test_random) / len(starts), 0.0)", "says less than a count"),
        ("0 for both", "leaked = (0, 0)", "192 windows"),
        ("a guess of all hours", "leaked = (len(values), 0)", "count each once"),
        ("the test windows", "leaked = (len(test_random), 0)", "how many windows"),
        ("hours counted again and again", "leaked = (len(test_random) * horizon, 0)", "share target hours"),
        (
            "all target hours of the test",
            COUNTED.format(
                held=":",
                hours="start + length : start + length + horizon",
                answer="count(train_random, test_random), 0",
            ),
            "all target hours",
        ),
        (
            "inputs instead of targets",
            COUNTED.format(
                held="start : start + length + horizon",
                hours="start : start + length",
                answer="count(train_random, test_random), count(train_time, test_time)",
            ),
            "inputs of the test windows",
        ),
        (
            "by time inputs instead of targets",
            COUNTED.format(
                held="start : start + length + horizon",
                hours="start + length * (train is train_random) : start + length + horizon",
                answer="count(train_random, test_random), count(train_time, test_time)",
            ),
            "may lie in the past",
        ),
        (
            "inputs of training only",
            COUNTED.format(
                held="start : start + length",
                hours="start + length : start + length + horizon",
                answer="count(train_random, test_random), count(train_time, test_time)",
            ),
            "holds its targets too",
        ),
        (
            "the random split twice",
            COUNTED.format(
                held="start : start + length + horizon",
                hours="start + length : start + length + horizon",
                answer="count(train_random, test_random), count(train_random, test_random)",
            ),
            "random split again",
        ),
        ("one number", "leaked = 17277", "shape"),
    ],
    "01.5": [
        ("a²/4", "def noise_floor(a): return a**2 / 4", "largest deviation"),
        ("a²/3", "def noise_floor(a): return a**2 / 3", "centres the noise"),
        ("the deviation", "def noise_floor(a): return a / 12**0.5", "standard deviation"),
        ("the number for 0.1", "def noise_floor(a): return 0.000833", "mean of u²"),
        ("a/12", "def noise_floor(a): return a / 12", "four times"),
    ],
}
