"""Wrong answers to the exercises of lesson 08."""

PEEPHOLES = """
def peephole_step(x, h, c, W, U, b, p_i, p_f, p_o):
    def sigmoid(a):
        return 1 / (1 + np.exp(-a))

    {names} = np.split(x @ W + h @ U + b, 4, axis=1)
    new = sigmoid(f + p_f * c) * c + sigmoid(i + p_i * c) * np.tanh({g})
    {rest}
"""
PARTS = {"names": "i, f, g, o", "g": "g", "rest": "return sigmoid(o + p_o * new) * np.tanh(new), new"}

EXCHANGE = """
def exchange_z(kernel, recurrent_kernel, bias):
    units = len(recurrent_kernel)
    sign = np.ones(3 * units)
    sign[{block}] = -1
    return {result}
"""
ALL = "kernel * sign, recurrent_kernel * sign, bias * sign"

GRU = """
def start(shape, dtype=None):
    bias = np.zeros(shape)
    bias[0, {block}] = {sign} * np.log(np.random.uniform(1, 49, size=20))
    return keras.ops.convert_to_tensor(bias, dtype)


layer = keras.layers.GRU(20, bias_initializer=start)
long_gru = keras.Sequential([keras.Input((50, {features})), layer, keras.layers.Dense(1, activation="sigmoid")])
"""

WRONG = {
    "08.1": [
        ("1 / (1 − σ)", "keeping = (21.09, 7.27)", "1/e is left"),
        ("log of the half-life", "keeping = (14.27, np.log(1000))", "693"),
        ("sign turned", "keeping = (14.27, -7.27)", "sign"),
        ("linear", "keeping = (10.54, 7.27)", "share of what is left"),
        ("the share itself", "keeping = (14.27, 0.9993)", "has to keep"),
        ("one number", "keeping = 14.27", "expected 2"),
    ],
    "08.2": [
        ("i and f exchanged", PEEPHOLES.format(**PARTS | {"names": "f, i, g, o"}), "exchanged"),
        (
            "o from the old state",
            PEEPHOLES.format(**PARTS | {"rest": "return sigmoid(o + p_o * c) * np.tanh(new), new"}),
            "new c",
        ),
        ("no tanh on c", PEEPHOLES.format(**PARTS | {"rest": "return sigmoid(o + p_o * new) * new, new"}), "tanh"),
        ("another order of blocks", PEEPHOLES.format(**PARTS | {"names": "i, f, o, g"}), "order"),
        ("a peephole for g", PEEPHOLES.format(**PARTS | {"g": "g + p_i * c"}), "g has no peephole"),
        (
            "no peepholes",
            """
def peephole_step(x, h, c, W, U, b, p_i, p_f, p_o):
    def sigmoid(a):
        return 1 / (1 + np.exp(-a))

    i, f, g, o = np.split(x @ W + h @ U + b, 4, axis=1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c
""",
            "missing",
        ),
        (
            "c first",
            PEEPHOLES.format(**PARTS | {"rest": "return new, sigmoid(o + p_o * new) * np.tanh(new)"}),
            "h first",
        ),
        ("only h", PEEPHOLES.format(**PARTS | {"rest": "return sigmoid(o + p_o * new) * np.tanh(new)"}), "two arrays"),
    ],
    "08.3": [
        ("three blocks for the LSTM", "n_parameters = [3456, 3552, 3456, 13184]", "four blocks"),
        ("one bias for the GRU", "n_parameters = [4608, 3456, 3456, 13184]", "two biases"),
        ("two biases without reset_after", "n_parameters = [4608, 3552, 3552, 13184]", "there is one"),
        ("one bias in PyTorch", "n_parameters = [4608, 3552, 3456, 12928]", "PyTorch keeps two"),
        ("second layer on features", "n_parameters = [4608, 3552, 3456, 9472]", "32 states"),
        ("three numbers", "n_parameters = [4608, 3552, 3456]", "expected 4"),
    ],
    "08.4": [
        ("r instead of z", EXCHANGE.format(block="slice(units, 2 * units)", result=ALL), "first of the three"),
        ("everything", EXCHANGE.format(block="slice(None)", result=ALL), "must stay"),
        (
            "the bias left out",
            EXCHANGE.format(block="slice(units)", result="kernel * sign, recurrent_kernel * sign, bias"),
            "bias of z",
        ),
        (
            "the recurrent weights left out",
            EXCHANGE.format(block="slice(units)", result="kernel * sign, recurrent_kernel, bias * sign"),
            "recurrent weights of z",
        ),
        (
            "nothing",
            "def exchange_z(kernel, recurrent_kernel, bias):\n    return kernel, recurrent_kernel, bias",
            "nothing",
        ),
        (
            "1 − weights",
            """
def exchange_z(kernel, recurrent_kernel, bias):
    units = len(recurrent_kernel)
    kernel, recurrent_kernel, bias = kernel.copy(), recurrent_kernel.copy(), bias.copy()
    for array in (kernel, recurrent_kernel, bias):
        array[..., :units] = 1 - array[..., :units]
    return kernel, recurrent_kernel, bias
""",
            "turn the signs",
        ),
    ],
    "08.5": [
        ("Keras' start", "long_gru, _ = train_memory(lambda T: keras.layers.GRU(20), marked_symbol, 50)", "near 0"),
        ("the bias of r", GRU.format(block="slice(20, 40)", sign="1", features=2), "bias of r"),
        ("the sign turned", GRU.format(block="slice(20)", sign="-1", features=2), "negative"),
        ("the other task", GRU.format(block="slice(20)", sign="1", features=1), "two features"),
        ("not trained", GRU.format(block="slice(20)", sign="1", features=2), "was the model trained"),
        (
            "an LSTM",
            "long_gru = keras.Sequential([keras.Input((50, 2)), keras.layers.LSTM(20), keras.layers.Dense(1)])",
            "no GRU",
        ),
        ("a number", "long_gru = 0.98", "model"),
    ],
}
