"""Wrong answers to the exercises of lesson 07."""

NORM = """
def layer_norm(x, gamma, beta, epsilon):
    mean = x.mean(axis={axis}, keepdims=True)
    variance = x.var(axis={axis}, keepdims=True{ddof})
    return {result}
"""
RIGHT = {"axis": "-1", "ddof": "", "result": "gamma * (x - mean) / np.sqrt(variance + epsilon) + beta"}

CELL = """
{register}
class LeakyCell(keras.layers.Layer):
    def __init__(self, units, leak=0.5, **kwargs):
        super().__init__(**kwargs)
        self.units, self.leak = units, leak
        self.state_size = units
        self.inner = keras.layers.SimpleRNNCell(units)

{build}
    def get_initial_state(self, {start}):
        return [keras.ops.zeros(({rows}, self.state_size))]

    def call(self, inputs, states):
        output, new_states = self.inner({arguments})
        mixed = {mixed}
        return {result}

    def get_config(self):
        return super().get_config() | {config}
"""
MENDED = {
    "register": '@keras.saving.register_keras_serializable(package="my")',
    "build": "    def build(self, input_shape):\n        self.inner.build(input_shape)\n",
    "start": "batch_size=None",
    "rows": "batch_size",
    "arguments": "inputs, states",
    "mixed": "self.leak * states[0] + (1 - self.leak) * output",
    "result": "mixed, [mixed]",
    "config": '{"units": self.units, "leak": self.leak}',
}
SCALED = """
def scaled_error(model, factor, n_weights):
    copy = keras.Sequential.from_config(model.get_config())
    copy.set_weights(model.get_weights())
    for layer in copy.layers[:2]:
        values = layer.get_weights()
        layer.set_weights([factor * value for value in values[:n_weights]] + values[n_weights:])
    return np.mean((Y_valid[:, -1] - copy.predict(X_valid, batch_size=500, verbose=0)[:, -1]) ** 2)
"""


def norm(**changes: str) -> str:
    return NORM.format(**RIGHT | changes)


def cell(**changes: str) -> str:
    return CELL.format(**MENDED | changes)


WRONG = {
    "07.1": [
        ("one per sample, as the notes say", "means = (20, 32)", "class notes"),
        ("exchanged", "means = (1600, 20)", "exchanged"),
        ("one per time step", "means = (20, 50)", "mix the samples"),
        ("batch by step", "means = (1000, 1600)", "Each of the 20 units"),
        ("every number", "means = (20, 32_000)", "every single number"),
    ],
    "07.2": [
        ("over the batch", norm(axis="0"), "not over the batch"),
        ("over batch and time", norm(axis="tuple(range(x.ndim - 1))"), "not over batch and time"),
        ("over a whole sample", norm(axis="tuple(range(1, x.ndim))"), "each time step"),
        ("n − 1", norm(ddof=", ddof=1"), "n − 1"),
        (
            "epsilon outside",
            norm(result="gamma * (x - mean) / (np.sqrt(variance) + epsilon) + beta"),
            "inside the root",
        ),
        ("gamma and beta left out", norm(result="(x - mean) / np.sqrt(variance + epsilon)"), "left out"),
        ("gamma after beta", norm(result="gamma * ((x - mean) / np.sqrt(variance + epsilon) + beta)"), "comes first"),
    ],
    "07.3": [
        ("no build", cell(build=""), "never built"),
        ("the inner new_states", cell(result="mixed, new_states"), "new_states"),
        ("a tuple", cell(arguments="(inputs, states)"), "missing a required argument"),
        ("the old get_initial_state", cell(start="inputs, batch_size"), "get_initial_state"),
        ("not registered", cell(register=""), "not registered"),
        ("batches of 4 only", cell(rows="4"), "use batch_size"),
        ("NumPy instead of Keras", cell(mixed="np.asarray(self.leak * states[0] + (1 - self.leak) * output)"), "numpy"),
        ("leak not in the configuration", cell(config='{"units": self.units, "leak": 0.5}'), "get_config"),
        ("shares exchanged", cell(mixed="(1 - self.leak) * states[0] + self.leak * output"), "share of the state"),
        ("the inner output", cell(result="output, [mixed]"), "the output is the inner cell's"),
    ],
    "07.4": [
        ("exchanged", "ratios = (1.0, 23.0)", "exchanged"),
        (
            "gamma and beta too",
            SCALED
            + "ratios = [scaled_error(model, 1.5, 5) / scaled_error(model, 1, 5) for model in (plain, normalised)]",
            "gamma and beta",
        ),
        (
            "differences",
            SCALED
            + "ratios = [scaled_error(model, 1.5, 3) - scaled_error(model, 1, 3) for model in (plain, normalised)]",
            "divided by",
        ),
        ("weights never set", "ratios = (1.0, 1.0)", "does not stay as good"),
    ],
}
