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
leak = ({name!r}, {steps}, curve)
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
        ("rounded", "continuations = [(13.5, 16), (13.5, 16.4), (16, 22)]", "rounded"),
        ("re-estimated for drift", "continuations = [(13.5, 16.4), (13.5, 16.375), (16, 22)]", "once"),
        ("the notes' reading", "continuations = [(13.5, 16), (13.5, 16.375), (13.5, 16.375)]", "class notes"),
        ("last difference", "continuations = [(13.5, 16), (13.5, 16.375), (15, 19)]", "last difference"),
        ("two pairs", "continuations = [(13.5, 16), (13.5, 16.375)]", "three pairs"),
    ],
    "05.5": [
        (
            "all steps",
            CURVE.format(model="bidirectional", axes=(0, 2), name="bidirectional", steps=50),
            "every time step",
        ),
        ("one too many", CURVE.format(model="bidirectional", axes=(0, 2), name="bidirectional", steps=41), "t = 40"),
        ("the others", CURVE.format(model="bidirectional", axes=(0, 2), name="bidirectional", steps=10), "do not see"),
        ("the wrong model", CURVE.format(model="bidirectional", axes=(0, 2), name="sequence", steps=40), "forwards"),
        ("by step ahead", CURVE.format(model="bidirectional", axes=(0, 1), name="bidirectional", steps=40), "shape"),
        ("a flat curve", "leak = ('bidirectional', 40, np.full(50, 0.01))", "other model"),
    ],
}
