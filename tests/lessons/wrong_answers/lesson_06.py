"""Wrong answers to the exercises of lesson 06."""

CLIP = """
def clip_global(grads, max_norm, norm_type=2):
    grads = [np.asarray(part, dtype=float) for part in grads]
    whole = {norm}
    {guard}
    factor = {factor}
    return [factor * part for part in grads]
"""
NORM = "np.linalg.norm(np.concatenate([p.ravel() for p in grads]), norm_type)"
TWO_NORMS = "max(np.abs(p).max() for p in grads) if norm_type == np.inf else np.sqrt(sum(np.sum(p**2) for p in grads))"
GUARD = "if not np.isfinite(whole): raise ValueError(whole)"
FACTOR = "min(1.0, max_norm / whole) if whole else 1.0"
GROWTH = """
first_scale = {{}}
for activation in ("relu", "tanh"):
    for scale in np.arange(0.5, 3.01, 0.05):
        W_x, W_h, b, V, c = start
        norms = bptt(X_valid[:100], y_valid[:100], [W_x, scale * W_h, b, V, c], {activation})[2]
        if {condition}:
            first_scale[activation] = round(float(scale), 2)
            break
"""

WRONG = {
    "06.1": [
        ("added", "three_factors = [0.9 * 50, 1.1 * 50, 0.825 * 50]", "multiplied"),
        ("slope alone", "three_factors = [0.9**50, 1.1**50, 0.75**50]", "w_h"),
        ("h for the slope", "three_factors = [0.9**50, 1.1**50, (1.1 * 0.5) ** 50]", "1 - h²"),
        ("one step", "three_factors = [0.9, 1.1, 0.825]", "one step"),
        ("tanh twice", "three_factors = [0.9**50, 1.1**50, (1.1 / np.cosh(0.5) ** 2) ** 50]", "not applied again"),
    ],
    "06.2": [
        (
            "each array by the global norm",
            'clipped_to_13 = {"clipvalue": [6, 8, 13], "clipnorm": [3, 4, 12], "global_clipnorm": [3, 4, 12]}',
            "each array alone",
        ),
        (
            "made longer",
            'clipped_to_13 = {"clipvalue": [6, 8, 13], "clipnorm": [7.8, 10.4, 13], "global_clipnorm": [3, 4, 12]}',
            "never makes longer",
        ),
        (
            "global as each array",
            'clipped_to_13 = {"clipvalue": [6, 8, 13], "clipnorm": [6, 8, 13], "global_clipnorm": [6, 8, 13]}',
            "one vector",
        ),
        (
            "value as norm",
            'clipped_to_13 = {"clipvalue": [3, 4, 12], "clipnorm": [6, 8, 13], "global_clipnorm": [3, 4, 12]}',
            "knows no norm",
        ),
        (
            "each array by itself, as pairs",
            "clipped_to_13 = dict(clipvalue=[[6, 8], [13]], clipnorm=[[6, 8], [13]], global_clipnorm=[[6, 8], [24]])",
            "above 13",
        ),
        ("a list", "clipped_to_13 = [[6, 8, 13], [6, 8, 13], [3, 4, 12]]", "dict"),
    ],
    "06.3": [
        (
            "each array",
            """
def clip_global(grads, max_norm, norm_type=2):
    return [np.asarray(part) * min(1, max_norm / np.linalg.norm(part)) for part in grads]
""",
            "one norm of all",
        ),
        (
            "in place",
            """
def clip_global(grads, max_norm, norm_type=2):
    whole = np.sqrt(sum(np.sum(part**2) for part in grads))
    if whole > max_norm:
        for part in grads:
            part *= max_norm / whole
    return grads
""",
            "have changed",
        ),
        ("scaled up", CLIP.format(norm=NORM, guard=GUARD, factor="max_norm / whole"), "above 1"),
        ("nan let through", CLIP.format(norm=NORM, guard="pass", factor=FACTOR), "nan was let through"),
        (
            "always the Euclidean norm",
            CLIP.format(norm="np.sqrt(sum(np.sum(p**2) for p in grads))", guard=GUARD, factor=FACTOR),
            "largest value",
        ),
        ("two norms only", CLIP.format(norm=TWO_NORMS, guard=GUARD, factor=FACTOR), "norm_type=1"),
        ("nothing clipped", "def clip_global(grads, max_norm, norm_type=2): return list(grads)", "nothing was clipped"),
    ],
    "06.4": [
        ("exchanged", 'first_scale = {"relu": 1.1, "tanh": 1.5}', "exchanged"),
        ("against 1 and late", 'first_scale = {"relu": 1.6, "tanh": 1.5}', "step 50"),
        ("shrinking", GROWTH.format(activation="activation", condition="norms[0] < norms[-1]"), "both are"),
        ("far off", 'first_scale = {"relu": 1.95, "tanh": 1.1}', "from 1.05 to 1.9"),
        ("one activation", GROWTH.format(activation="'tanh'", condition="norms[0] > norms[-1]"), "fourth argument"),
    ],
}
