"""The trainings of an executed notebook, read from the lines that they leave."""

from __future__ import annotations

import re

import nbformat

#: The line that a training leaves, such as "LSTM: 20 epochs in 15.2 s: loss 0.0031".
TRAINING = re.compile(r"^(?P<what>.*\bepochs?) in (?P<seconds>[\d.]+) s\b", re.MULTILINE)


def trainings(notebook: nbformat.NotebookNode) -> list[tuple[str, float]]:
    """The trainings of an executed notebook, in its order: what was trained, and the seconds that it took."""
    return [fit for cell in notebook.cells for fit in trains(cell)]


def trains(cell: nbformat.NotebookNode) -> list[tuple[str, float]]:
    """The trainings whose lines an executed cell shows: what was trained, and the seconds that it took.

    >>> output = nbformat.v4.new_output("stream", text="LSTM: 20 epochs in 15.2 s: loss 0.0031")
    >>> trains(nbformat.v4.new_code_cell("model.fit(X, y)", outputs=[output]))
    [('LSTM: 20 epochs', 15.2)]
    """
    outputs = cell.get("outputs", [])
    texts = (output.get("text") or output.get("data", {}).get("text/plain", "") for output in outputs)
    return [(match["what"], float(match["seconds"])) for text in texts for match in TRAINING.finditer(text)]
