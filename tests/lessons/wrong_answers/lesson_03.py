"""Wrong answers to the exercises of lesson 03."""

LAYER = """
def simple_rnn(X, W_x, W_h, b, return_sequences):
    state = np.zeros((len(X), len(b)))
    states = []
    for t in range(X.shape[1]):
        state = np.tanh(X[:, t] @ W_x + state @ {matrix} + b)
        states.append(state)
    return {result}
"""
RIGHT_RESULT = "np.stack(states, axis=1) if return_sequences else state"

WRONG = {
    "03.1": [
        ("no tanh", "three_states = [0.5, 0.4, 0.32]", "tanh is missing"),
        ("tanh once", "three_states = [0.5, 0.4, 0.3095]", "every step"),
        ("weights exchanged", "three_states = [0.6640, 0.3200, 0.1586]", "exchanged"),
        ("only the last", "three_states = [0.2757]", "shape"),
    ],
    "03.2": [
        ("W_h transposed", LAYER.format(matrix="W_h.T", result=RIGHT_RESULT), "transposed"),
        (
            "the wrong way round",
            LAYER.format(matrix="W_h", result="state if return_sequences else np.stack(states, axis=1)"),
            "wrong way round",
        ),
        (
            "state carried from sample to sample",
            """
def simple_rnn(X, W_x, W_h, b, return_sequences):
    state, every = np.zeros(len(b)), []
    for sequence in X:
        states = []
        for x in sequence:
            state = np.tanh(x @ W_x + state @ W_h + b)
            states.append(state)
        every.append(states)
    every = np.array(every)
    return every if return_sequences else every[:, -1]
""",
            "zero state",
        ),
        ("time first", LAYER.format(matrix="W_h", result="np.stack(states) if return_sequences else state"), "shape"),
        (
            "first state for last",
            LAYER.format(matrix="W_h", result="np.stack(states, axis=1) if return_sequences else states[0]"),
            "must give the last",
        ),
        ("bias outside tanh", LAYER.format(matrix="W_h", result=f"b + ({RIGHT_RESULT})"), "first state"),
    ],
    "03.3": [
        ("without bias", "n_weights = 1184", "bias"),
        ("without recurrence", "n_weights = 192", "recurrent"),
        ("times the steps", "n_weights = 60_800", "50 steps"),
        ("one feature", "n_weights = 1088", "one feature"),
    ],
    "03.4": [
        ("unfinished", "one_neuron = (0.0141, 1.19, -0.23, 0.0)", "unfinished"),
        ("broadcast", "one_neuron = (0.1511, 0.0, 0.99, 0.0)", "return_sequences"),
        (
            "training loss",
            """
model, fitted = train_one_neuron(rate=5e-3)
one_neuron = (fitted.history["loss"][-1], *[float(np.ravel(values)[0]) for values in model.get_weights()])
""",
            "training loss",
        ),
        ("weights exchanged", "one_neuron = (0.0109, -0.68, 1.66, 0.0)", "in this order"),
    ],
}
