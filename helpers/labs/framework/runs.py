"""Trainings of a lab: train a model and report after each epoch; show this run and the runs before it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
from matplotlib.axes import Axes

from helpers.labs.framework.lab import stop_callback
from helpers.plots import CURVES

Data = TypeVar("Data")

#: Runs in sight, the present one included.
SHOWN_RUNS = 8
#: Series per batch of a validation.
VALID_BATCH = 500
#: Distance between two names, and their size, as shares of the axes and in points.
ROW, SIZE = 0.07, 11


def train(
    model: Any,
    X: np.ndarray,
    y: np.ndarray,
    *,
    data_after: Callable[[tuple[float, ...]], Data],
    report: Callable[[Data], None],
    stopped: Callable[[], bool],
    epochs: int,
    batch_size: int,
    valid: tuple[np.ndarray, np.ndarray] | None = None,
    measure: Callable[[Mapping[str, float]], float] = lambda logs: logs["val_loss"],
    enough: Callable[[float], bool] = lambda value: False,
) -> Data:
    """Train a compiled model for a lab, report after each epoch, and give the memory of the model back.

    Args:
        model: a compiled Keras model.
        X: inputs, (batch, ...).
        y: targets, (batch, ...).
        data_after: makes the lab's new data from the values after all epochs so far; at first there is none.
        report: the lab's ``report``.
        stopped: the lab's ``stopped``; the training ends after the batch in which it turns true.
        epochs: the most epochs to train.
        batch_size: series per batch.
        valid: inputs and targets for Keras' ``val_loss``; not needed where ``measure`` computes its own value.
        measure: the value of an epoch, from Keras' logs.
        enough: ends the training after an epoch with such a value.

    Returns:
        The lab's data after the last epoch.
    """
    import keras

    from helpers import training

    values: list[float] = []

    def after_epoch(_epoch: int, logs: Mapping[str, float]) -> None:
        values.append(float(measure(logs)))
        if enough(values[-1]):
            model.stop_training = True
        report(data_after(tuple(values)))

    watch = keras.callbacks.LambdaCallback(on_epoch_end=after_epoch)
    settings = {} if valid is None else {"validation_data": valid, "validation_batch_size": VALID_BATCH}
    model.fit(
        X,
        y,
        batch_size=batch_size,
        epochs=epochs,
        verbose=0,
        callbacks=[watch, stop_callback(stopped)],
        **settings,
    )
    training.forget(model)
    return data_after(tuple(values))


def inside(values: Sequence[float], lowest: float, highest: float) -> list[float]:
    """Errors within the limits of an axis, so that a run that diverges stays in sight at its upper edge.

    >>> inside([0.5, 0.001, float("nan")], 0.01, 0.3)
    [0.3, 0.01, 0.3]
    """
    return [min(max(value, lowest), highest) if np.isfinite(value) else highest for value in values]


def draw(ax: Axes, title: str, *, top: float, longest: str) -> dict[str, Any]:
    """Empty lines, samples of them and names for all earlier runs, right of the axes.

    Args:
        ax: where the runs are drawn.
        title: what stands above the names.
        top: height of the first name, as a share of the axes.
        longest: the widest name that can come; its room is kept free from the beginning.

    Returns:
        The artists that `update` sets.
    """
    beside: dict[str, Any] = {"va": "center", "transform": ax.transAxes, "fontsize": SIZE}
    ax.text(1.03, top + ROW, title, **beside)
    ax.text(1.10, top, longest, alpha=0, **beside)
    lines, names, samples = [], [], []
    for place in range(SHOWN_RUNS - 1):
        colour, style = CURVES[(place + 1) % len(CURVES)]
        look: dict[str, Any] = {"color": colour, "linestyle": style, "linewidth": 1.6, "alpha": 0.7}
        height = top - ROW * place
        lines.append(ax.plot([], [], **look)[0])
        samples.append(ax.plot([1.03, 1.08], [height] * 2, transform=ax.transAxes, clip_on=False, **look)[0])
        samples[-1].set_visible(False)
        names.append(ax.text(1.10, height, "", **beside))
    return {"lines": lines, "names": names, "samples": samples}


def update(artists: dict[str, Any], runs: Sequence[tuple[str, Sequence[float]]]) -> None:
    """Show these runs, each a name and one value an epoch; a run without values stays invisible."""
    rows = zip(artists["lines"], artists["names"], artists["samples"], strict=True)
    for place, (line, name, sample) in enumerate(rows):
        text, values = runs[place] if place < len(runs) else ("", ())
        line.set_data(range(1, len(values) + 1), values)
        sample.set_visible(len(values) > 0)
        name.set_text(text if len(values) else "")
