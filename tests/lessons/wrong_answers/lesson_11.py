"""Wrong answers to the exercises of lesson 11."""

GATE = """
{register}
class GatedDense(keras.layers.Layer):
    def __init__(self, units, activation=None, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.activation = {keep}
        self.value = keras.layers.Dense(units, self.activation)
        self.gate = keras.layers.Dense(units, {sigmoid})

    def build(self, input_shape):
        self.value.build(input_shape)
        self.gate.build(input_shape)

    def call(self, inputs):
        return {result}

    def get_config(self):
        return super().get_config() | {config}
"""
GATED = {
    "register": '@keras.saving.register_keras_serializable(package="my")',
    "keep": "keras.activations.get(activation)",
    "sigmoid": '"sigmoid"',
    "result": "self.value(inputs) * self.gate(inputs)",
    "config": '{"units": self.units, "activation": keras.activations.serialize(self.activation)}',
}
BY_HAND = """
class GatedDense(keras.layers.Layer):
    def __init__(self, units, activation=None, **kwargs):
        super().__init__(**kwargs)
        self.units, self.activation = units, keras.activations.get(activation)

    def build(self, input_shape):
        shapes = [(input_shape[-1], self.units), (self.units,)] * 2
        self.parts = [tf.Variable(tf.random.normal(shape)) for shape in shapes]

    def call(self, inputs):
        W, b, V, c = self.parts
        return self.activation(inputs @ W + b) * tf.sigmoid(inputs @ V + c)
"""

BLOCK = """
{register}
class AnyBlock(ResidualBlock):
    def build(self, input_shape):
        {first}
        self.around = None
        if {when}:
            self.around = keras.layers.Dense(self.n_neurons, {settings})
            self.around.build(input_shape)

    def call(self, inputs):
        kept = inputs if self.around is None else self.around(inputs)
        return {result}
"""
ANY = {
    "register": '@keras.saving.register_keras_serializable(package="my")',
    "first": "super().build(input_shape)",
    "when": "input_shape[-1] != self.n_neurons",
    "settings": "use_bias=False",
    "result": "kept + self.through(inputs)",
}
WITHOUT = """
def error_without(model, left_out=()):
    hidden = X_valid
    for number, layer in enumerate(model.layers):
        if number not in left_out:
            hidden = layer(hidden)
    return float(np.mean((y_valid - np.asarray(hidden)) ** 2))

models = [deep_models[kind] for kind in KINDS]
"""


def gate(**changes: str) -> str:
    return GATE.format(**GATED | changes)


def block(**changes: str) -> str:
    return BLOCK.format(**ANY | changes)


WRONG = {
    "11.1": [
        ("not registered", gate(register=""), "not registered"),
        ("units not in the configuration", gate(config='{"activation": "tanh"}'), "get_config"),
        (
            "activation not in the configuration",
            gate(config='{"units": self.units}'),
            "get_config leaves out",
        ),
        ("activation as a function object", gate(config='{"units": self.units, "activation": abs}'), "does not load"),
        ("no sigmoid", gate(sigmoid="None"), "sigmoid is missing"),
        ("exchanged", gate(result="self.activation(self.gate.kernel[0, 0]) * self.value(inputs)"), "expected"),
        ("added", gate(result="self.value(inputs) + self.gate(inputs)"), "multiplied, not added"),
        ("weights that Keras does not know", BY_HAND, "knows of no weights"),
    ],
    "11.2": [
        ("a block for every call", "n_weights = 9601", "every call"),
        ("one block", "n_weights = 2161", "one block"),
        ("the model of the lesson", "n_weights = 5560", "50 values"),
        ("four features", "n_weights = 3901", "four features"),
        ("no head", "n_weights = 3990", "output layer"),
        ("half a block", "n_weights = 2161 + 1", "Count"),
    ],
    "11.3": [
        ("not registered", block(register=""), "not registered"),
        ("a bias on the way around", block(settings="use_bias=True"), "no bias there"),
        ("always a kernel", block(when="True"), "nothing stands on the way around"),
        (
            "one feature is broadcast",
            block(when="input_shape[-1] not in (1, self.n_neurons)"),
            "broadcast",
        ),
        ("an activation on the way around", block(settings='use_bias=False, activation="elu"'), "linear"),
        ("only the way around", block(result="kept"), "not added"),
        ("no way around", block(result="self.through(inputs)"), "way around is not added"),
    ],
    "11.4": [
        ("exchanged", "ratios = (1.7, 100.0, 20.0)", "exchanged"),
        ("nothing left out", "ratios = (1.0, 1.0, 1.0)", "no block was left out"),
        ("the largest", "ratios = (556.0, 700.0, 4.7)", "Take the median"),
        (
            "differences",
            WITHOUT + "ratios = [np.median([error_without(m, (n,)) for n in range(1, 17)]) * 1e-3 for m in models]",
            "Divide",
        ),
        (
            "half of the blocks at once",
            WITHOUT + "ratios = [error_without(m, range(1, 9)) / error_without(m) for m in models]",
            "Take the median",
        ),
        ("the whole over the part", "ratios = (25.0, 90.0, 0.6)", "divide the error"),
        ("two numbers", "ratios = (25.0, 1.7)", "three ratios"),
    ],
}
