"""Wrong answers to the exercises of lesson 12."""

JACOBIAN = """
def jacobian(function, point, eps):
    columns = []
    for i in range(len(point)):
        above, below = point.copy(), point.copy()
        above{which} += eps
        below{which} -= eps
        columns.append(({difference}) / ({divisor}))
    return np.stack(columns, axis={axis})
"""
RIGHT = {"which": "[i]", "difference": "function(above) - function(below)", "divisor": "2 * eps", "axis": 1}
TAPES = 'what_comes = {{"a": None, "b": 4, "c": None, "d": 4, "e": 4, "f": None, "g": 3, "h": 8}} | {{{changed}}}'
EPOCH = """
{before}
def epoch(model, optimizer, loss_function, train_batches, valid_batches):
    {make}
    for X, y in train_batches:
        with tf.GradientTape() as tape:
            loss = loss_function(y, model(X, training={training})) + {train_penalty}
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply(gradients, model.trainable_variables)
        train_loss.update_state(loss, sample_weight={weight})
    for X, y in valid_batches:
        loss = loss_function(y, model(X, training={validating})) + {valid_penalty}
        valid_loss.update_state(loss, sample_weight={weight})
    return float(train_loss.result()), float(valid_loss.result())
"""
MEANS = "train_loss, valid_loss = keras.metrics.Mean(), keras.metrics.Mean()"
LOOP = {
    "before": "",
    "make": MEANS,
    "training": "True",
    "validating": "False",
    "train_penalty": "sum(model.losses)",
    "valid_penalty": "sum(model.losses)",
    "weight": "len(y)",
}

WRONG = {
    "12.1": [
        (
            "forward",
            JACOBIAN.format(**RIGHT | {"difference": "function(above) - function(point)", "divisor": "eps"}),
            "forward difference",
        ),
        ("divided by eps", JACOBIAN.format(**RIGHT | {"divisor": "eps"}), "2 · eps apart"),
        ("both moved at once", JACOBIAN.format(**RIGHT | {"which": "[:]"}), "both weights were moved"),
        ("transposed", JACOBIAN.format(**RIGHT | {"axis": 0}), "expected (1, 2)"),
        ("not divided", JACOBIAN.format(**RIGHT | {"divisor": "1"}), "divide the difference"),
        (
            "in place",
            """
def jacobian(function, point, eps):
    columns = []
    for i in range(len(point)):
        point[i] += eps
        above = function(point)
        point[i] -= 2 * eps
        columns.append((above - function(point)) / (2 * eps))
    return np.stack(columns, axis=1)
""",
            "has changed",
        ),
    ],
    "12.2": [
        ("a watched constant as None", TAPES.format(changed='"b": None'), "b: a watched constant is followed"),
        ("a whole-number variable as a float", TAPES.format(changed='"c": 8'), "c: whole numbers have no slope"),
        ("stop_gradient ignored", TAPES.format(changed='"d": 8'), "d: one of the two factors"),
        ("NumPy as None", TAPES.format(changed='"e": None'), "e: one of the two factors is still w"),
        ("0 for None", TAPES.format(changed='"a": 0'), "a: the tape knows nothing"),
        ("one output", TAPES.format(changed='"g": 1'), "g: the slopes of all outputs"),
        ("a list", "what_comes = [None, 4, None, 4, 4, None, 3, 8]", "keys a to h"),
    ],
    "12.3": [
        ("as written", "def log_cosh(z): return tf.math.log((tf.exp(z) + tf.exp(-z)) / 2)", "exp overflows"),
        (
            "its own gradient only",
            """
@tf.custom_gradient
def log_cosh(z):
    return tf.math.log((tf.exp(z) + tf.exp(-z)) / 2), lambda upstream: upstream * tf.tanh(z)
""",
            "fixing the gradient alone",
        ),
        (
            "where only",
            """
def log_cosh(z):
    far = tf.abs(z) - tf.math.log(2.0)
    return tf.where(tf.abs(z) > 20, far, tf.math.log((tf.exp(z) + tf.exp(-z)) / 2))
""",
            "0 · inf is nan",
        ),
        (
            "cut",
            """
def log_cosh(z):
    z = tf.clip_by_value(z, -80.0, 80.0)
    return tf.math.log((tf.exp(z) + tf.exp(-z)) / 2)
""",
            "at -1000 the value should be",
        ),
        (
            "without log 2",
            "def log_cosh(z): return tf.abs(z) + tf.math.log1p(tf.exp(-2 * tf.abs(z)))",
            "too large by log 2",
        ),
        (
            "the left side forgotten",
            "def log_cosh(z): return z + tf.math.log1p(tf.exp(-2 * z)) - tf.math.log(2.0)",
            "exp overflows",
        ),
        (
            "in NumPy",
            "def log_cosh(z): return tf.constant(np.logaddexp(z.numpy(), -z.numpy()) - np.log(2, dtype='float32'))",
            "not with NumPy",
        ),
        (
            "a maximum at 0",
            """
def log_cosh(z):
    return tf.maximum(z, -z) + tf.math.log1p(tf.exp(-2 * tf.abs(z))) - tf.math.log(2.0)
""",
            "at 0 the gradient should be 0",
        ),
    ],
    "12.4": [
        (
            "regularisation forgotten",
            EPOCH.format(**LOOP | {"train_penalty": "0", "valid_penalty": "0"}),
            "add model.losses",
        ),
        ("regularisation in training only", EPOCH.format(**LOOP | {"valid_penalty": "0"}), "the validation loss is"),
        ("batches weighted alike", EPOCH.format(**LOOP | {"weight": "None"}), "weight by samples"),
        ("no dropout in training", EPOCH.format(**LOOP | {"training": "False"}), "training=True"),
        ("dropout in validation", EPOCH.format(**LOOP | {"validating": "True"}), "training=False"),
        ("metrics live on", EPOCH.format(**LOOP | {"before": MEANS, "make": "pass"}), "must be reset"),
        (
            "no optimizer",
            EPOCH.format(**LOOP).replace("optimizer.apply(gradients, model.trainable_variables)", "pass"),
            "what do you hand to the optimizer",
        ),
    ],
    "12.5": [
        ("one over the eigenvalue", "largest_rate = 1.8", "a step may go past the bottom"),
        ("the smallest eigenvalue", "largest_rate = 96.5", "smallest eigenvalue"),
        ("the trace", "largest_rate = 3.46", "sum of the eigenvalues"),
        ("the lab's next rate", "largest_rate = 4.0", "explodes"),
        ("the lab's last good rate", "largest_rate = 3.5", "still descends"),
    ],
}
