"""Wrong answers to the exercises of lesson 00."""

HISTORIES = """
from types import SimpleNamespace

def run(loss, valid):
    return SimpleNamespace(history={{"loss": [1.0, loss], "val_loss": [1.0, valid]}})

histories = [run(0.0150, 0.0156), run(0.0190, {second}), run(0.0160, 0.0170)]
spread = {spread}
"""

WRONG = {
    "00.1": [
        ("without biases", "n_weights = 620", "biases"),
        ("without the recurrent matrix", "n_weights = 250", "recurrent matrix"),
        ("times the steps", "n_weights = 32_500", "50 steps"),
        ("without the head", "n_weights = 440", "head"),
    ],
    "00.2": [
        ("float64", "def shape_of(b, t, f): return (b, t, f), 8 * b * t * f", "float64"),
        ("steps first", "def shape_of(b, t, f): return (t, b, f), 4 * b * t * f", "batch first"),
        ("no features", "def shape_of(b, t, f): return (b, t), 4 * b * t", "three axes"),
        ("features not counted", "def shape_of(b, t, f): return (b, t, f), 4 * b * t", "multiply"),
    ],
    "00.3": [
        ("one seed", HISTORIES.format(second="0.0156", spread="0.0014"), "change the seed"),
        ("training losses", HISTORIES.format(second="0.0192", spread="0.0040"), "training losses"),
        ("the largest", HISTORIES.format(second="0.0192", spread="0.0192"), "minus the smallest"),
    ],
}
