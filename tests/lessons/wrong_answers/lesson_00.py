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
        ("over the steps", "def errors_by_step(f, y): return np.mean((f - y) ** 2, axis=1)", "axis=0"),
        ("one number", "def errors_by_step(f, y): return np.mean((f - y) ** 2)", "keep the steps apart"),
        ("not squared", "def errors_by_step(f, y): return np.mean(f - y, axis=0)", "not squared"),
        ("absolute", "def errors_by_step(f, y): return np.mean(np.abs(f - y), axis=0)", "absolute"),
        ("square of the mean", "def errors_by_step(f, y): return np.mean(f - y, axis=0) ** 2", "square first"),
        ("root", "def errors_by_step(f, y): return np.sqrt(np.mean((f - y) ** 2, axis=0))", "RMSE"),
        ("sum", "def errors_by_step(f, y): return np.sum((f - y) ** 2, axis=0)", "sum over the series"),
    ],
    "00.3": [
        ("easiest", "def hardest(f, y): return np.argmin(np.mean((f - y) ** 2, axis=1))", "easiest"),
        ("hardest step", "def hardest(f, y): return np.argmax(np.mean((f - y) ** 2, axis=0))", "hardest step"),
        ("largest single error", "def hardest(f, y): return np.argmax(np.abs(f - y).max(axis=1))", "single error"),
        ("flat", "def hardest(f, y): return np.argmax((f - y) ** 2)", "whole array"),
        ("its error", "def hardest(f, y): return np.mean((f - y) ** 2, axis=1).max()", "its number"),
    ],
    "00.4": [
        ("one seed", HISTORIES.format(second="0.0156", spread="0.0014"), "change the seed"),
        ("training losses", HISTORIES.format(second="0.0192", spread="0.0040"), "training losses"),
        ("the largest", HISTORIES.format(second="0.0192", spread="0.0192"), "minus the smallest"),
    ],
}
