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

SHARE = """
def share(train, test):
    seen, wanted = np.zeros(len(values), bool), np.zeros(len(values), bool)
    for start in train:
        seen[start : start + length + horizon] = True
    for start in test:
        wanted[{hours}] = True
    return seen[wanted].mean()

leaked = ({answer})
"""

WRONG = {
    "01.1": [
        ("missing + 1", COUNT.format(formula="(n - length - horizon) // stride"), "starts at 0 counts"),
        ("horizon forgotten", COUNT.format(formula="(n - length) // stride + 1"), "horizon is forgotten"),
        ("n // stride", COUNT.format(formula="n // stride"), "past the end"),
        ("stride forgotten", COUNT.format(formula="n - length - horizon + 1"), "stride is forgotten"),
        ("a float division", COUNT.format(formula="(n - length - horizon) / stride + 1"), "count is whole"),
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
            "belong to it too",
        ),
        ("nothing undone", UNDO.format(body="return np.concatenate([first, d])"), "at step 1"),
    ],
    "01.4": [
        ("share of windows", "leaked = (len(test_random) / len(starts), 0.0)", "share of windows"),
        ("0 for both", "leaked = (0.0, 0.0)", "192 windows"),
        (
            "inputs instead of targets",
            SHARE.format(
                hours="start : start + length",
                answer="share(train_random, test_random), share(train_time, test_time)",
            ),
            "inputs",
        ),
        (
            "the random split twice",
            SHARE.format(
                hours="start + length : start + length + horizon",
                answer="share(train_random, test_random), share(train_random, test_random)",
            ),
            "random split again",
        ),
        ("in percent", "leaked = (100, 0)", "from 0 to 1"),
        ("one number", "leaked = 1.0", "shape"),
    ],
    "01.5": [
        ("a²/4", "def noise_floor(a): return a**2 / 4", "largest deviation"),
        ("a²/3", "def noise_floor(a): return a**2 / 3", "centres the noise"),
        ("the deviation", "def noise_floor(a): return a / 12**0.5", "standard deviation"),
        ("the number for 0.1", "def noise_floor(a): return 0.000833", "mean of u²"),
        ("a/12", "def noise_floor(a): return a / 12", "four times"),
    ],
}
