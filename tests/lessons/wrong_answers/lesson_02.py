"""Wrong answers to the exercises of lesson 02."""

SLOPE = """
def last_slope(X, horizon):
    slope = X[:, -1:] - X[:, -2:-1]
    return {result}
"""
SEASON = """
def seasonal_naive(y, lag, horizon):
    return {result}
"""
SQUARES = """
def least_squares(X, y):
    {body}
    return {result}
"""

WRONG = {
    "02.1": [
        ("drift", SLOPE.format(result="baselines.drift(X, horizon)"), "drift"),
        ("slope once for all steps", SLOPE.format(result="X[:, -1:] + slope * np.ones(horizon)"), "counts h times"),
        ("starts at the last value", SLOPE.format(result="X[:, -1:] + slope * np.arange(horizon)"), "0 to horizon"),
        ("uses the target", SLOPE.format(result="y_valid[: len(X)]"), "shape"),
        ("one forecast for all steps", SLOPE.format(result="X[:, -1] + slope[:, 0]"), "shape"),
    ],
    "02.2": [
        (
            "reads the future",
            SEASON.format(result="np.array([y[len(y) + h - lag] for h in range(horizon)])"),
            "that is the future",
        ),
        ("lag off by one", SEASON.format(result="y[-lag - 1 :][np.arange(horizon) % lag]"), "too early"),
        ("last value repeated", SEASON.format(result="np.repeat(y[-1], horizon)"), "last value"),
        ("one season only", SEASON.format(result="y[-lag:][:horizon]"), "shape"),
        ("the first season", SEASON.format(result="y[np.arange(horizon) % lag]"), "first season"),
    ],
    "02.3": [
        ("a line", "month_24 = 976.83", "straight line"),
        ("a straight trend", "month_24 = 773.90", "logarithms"),
        ("no exp", "month_24 = 6.8926", "np.exp"),
        ("month 25", "month_24 = 100 * 1.1**25", "begin at 0"),
    ],
    "02.4": [
        (
            "fitted on the validation series",
            SQUARES.format(
                body="solution, *_ = np.linalg.lstsq(with_bias(X_valid) if X.shape[1] == 50 else "
                "np.column_stack([X, np.ones(len(X))]), y_valid[:, 0] if X.shape[1] == 50 else y, rcond=None)",
                result="solution[:-1], solution[-1]",
            ).replace("with_bias(X_valid)", "np.column_stack([X_valid[:, :, 0], np.ones(2000)])"),
            "better than possible",
        ),
        (
            "no bias",
            SQUARES.format(body="solution, *_ = np.linalg.lstsq(X, y, rcond=None)", result="solution, 0.0"),
            "bias",
        ),
        (
            "unfinished descent",
            SQUARES.format(
                body="w = 0 * X[0]\n    for _ in range(300):\n        w = w - 0.05 * X.T @ (X @ w - y) / len(X)",
                result="w, 0.0",
            ),
            "not finished",
        ),
        (
            "weights and bias in one array",
            SQUARES.format(
                body="solution, *_ = np.linalg.lstsq(np.column_stack([X, np.ones(len(X))]), y, rcond=None)",
                result="solution",
            ),
            "(weights, bias)",
        ),
    ],
    "02.5": [
        ("five", "fewest_lags = 5", "0.00517"),
        ("all", "fewest_lags = 50", "smallest"),
        ("two", "fewest_lags = 2", "0.00558"),
        ("nine", "fewest_lags = 9", "0.00401"),
    ],
}
