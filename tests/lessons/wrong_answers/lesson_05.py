"""Wrong answers to the exercises of lesson 05."""

TARGETS = """
def sequence_targets(series, n_steps, ahead):
    return np.stack([series[:, {first} : {first} + n_steps, 0] for h in {ahead}], axis={axis})
"""
ITERATE = """
def iterate(model, X, horizon):
    n_steps, path = X.shape[1], X
    while path.shape[1] < n_steps + horizon:
        path = np.concatenate([path, {forecast}], axis=1)
    return path[:, n_steps : n_steps + horizon{last}]
"""
LAST = """
def last_step_by_horizon(Y, Y_pred):
    return {result}
"""
CURVE = """
Y_pred = {model}.predict(X_valid, batch_size=500, verbose=0)
curve = np.mean((Y_valid - Y_pred) ** 2, axis={axes})
leak = ({steps}, curve)
"""

WRONG = {
    "05.1": [
        ("starts at its own step", TARGETS.format(first="h - 1", ahead="ahead", axis=-1), "its own step"),
        ("horizon reversed", TARGETS.format(first="h", ahead="ahead[::-1]", axis=-1), "backwards"),
        ("axes exchanged", TARGETS.format(first="h", ahead="ahead", axis=1), "exchanged"),
        (
            "too far",
            TARGETS.format(first="h + 1", ahead="[h - 1 for h in ahead]", axis=-1).replace("h + 1", "h + 2"),
            "",
        ),
        (
            "all steps up to the last",
            TARGETS.format(first="h", ahead="range(1, max(ahead) + 1)", axis=-1),
            "shape",
        ),
    ],
    "05.2": [
        ("no sliding", ITERATE.format(forecast="model(path)[..., np.newaxis]", last=", 0"), "slide"),
        ("all from the first window", ITERATE.format(forecast="model(X)[..., np.newaxis]", last=", 0"), "first window"),
        (
            "only the first step of each call",
            ITERATE.format(forecast="model(path[:, -n_steps:])[:, :1, np.newaxis]", last=", 0"),
            "only the first",
        ),
        ("last axis kept", ITERATE.format(forecast="model(path[:, -n_steps:])[..., np.newaxis]", last=""), "last axis"),
        ("axis forgotten", ITERATE.format(forecast="model(path[:, -n_steps:])", last=", 0"), "raised"),
        (
            "feeds the last value back instead of the forecast",
            "def iterate(model, X, horizon):\n    return np.repeat(model(X)[:, :1], horizon, axis=1)",
            "expected",
        ),
    ],
    "05.3": [
        ("mean over all time steps", LAST.format(result="np.mean((Y - Y_pred) ** 2, axis=(0, 1))"), "0.0169"),
        (
            "last step ahead of all time steps",
            LAST.format(result="np.mean((Y - Y_pred)[..., -1] ** 2, axis=0)"),
            "mixed",
        ),
        ("first time step", LAST.format(result="np.mean((Y - Y_pred)[:, 0] ** 2, axis=0)"), "first time step"),
        ("one number", LAST.format(result="np.mean((Y - Y_pred)[:, -1] ** 2)"), "one number"),
        ("absolute", LAST.format(result="np.mean(np.abs(Y - Y_pred)[:, -1], axis=0)"), "square"),
    ],
    "05.4": [
        ("rounded", "continuations = [18.5, 19.47, 29]", "rounded"),
        ("made from 16.4", "continuations = [18.5, 19.5, 29]", "16.4"),
        ("slope estimated once", "continuations = [18.5, 18.5, 29]", "drop the 2"),
        ("re-estimated for drift", "continuations = [19.46875, 19.46875, 29]", "once"),
        ("the notes' reading", "continuations = [18.5, 19.46875, 19.46875]", "class notes"),
        ("last difference", "continuations = [18.5, 19.46875, 23]", "last difference"),
        ("the second values", "continuations = [18.5, 16.375, 22]", "second value"),
        ("copied from lesson 02", "continuations = [(13.5, 16), (13.5, 16.375), (16, 22)]", "third value only"),
        ("two numbers", "continuations = [18.5, 19.46875]", "three numbers"),
    ],
    "05.5": [
        ("all steps", CURVE.format(model="bidirectional", axes=(0, 2), steps=50), "every time step"),
        ("one too many", CURVE.format(model="bidirectional", axes=(0, 2), steps=41), "t = 40"),
        ("the others", CURVE.format(model="bidirectional", axes=(0, 2), steps=10), "do not see"),
        ("the other model", CURVE.format(model="sequence", axes=(0, 2), steps=40), "other model"),
        ("by step ahead", CURVE.format(model="bidirectional", axes=(0, 1), steps=40), "shape"),
        ("a flat curve", "leak = (40, np.full(50, 0.01))", "other model"),
        ("with the name", "leak = ('bidirectional', 40, np.full(50, 0.01))", "3 values"),
    ],
}
