"""Lab *hidden states* (lesson 03): what the units of a trained SimpleRNN hold, and the forecast without one of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from matplotlib.figure import Figure

from helpers.labs.framework.axes import reach
from helpers.labs.framework.controls import Choice, Slider
from helpers.labs.framework.lab import Lab
from helpers.plots import COLOURS

#: Series over which the error without a unit is measured; more change the third digit only.
N_SCORED = 500


@dataclass(frozen=True)
class Trained:
    """The weights of SimpleRNN(units) + Dense(1), the series, and the error without each unit."""

    kernel: np.ndarray  # (features, units)
    recurrent: np.ndarray  # (units, units)
    bias: np.ndarray  # (units,)
    head: np.ndarray  # (units,)
    head_bias: float
    X: np.ndarray  # (batch, steps, 1)
    y: np.ndarray  # (batch,)
    errors: np.ndarray  # (1 + units,): with all units, then without unit 0, 1, …


def lab(model: Any, X: np.ndarray, y: np.ndarray) -> Lab:
    """The lab on a trained ``SimpleRNN(units)`` followed by ``Dense(1)``.

    Args:
        model: the Keras model.
        X: validation series (batch, steps, 1).
        y: their next values (batch,) or (batch, 1).

    Raises:
        ValueError: the model is another one, or ``X`` and ``y`` do not fit.
    """
    trained = read(model, X, y)
    units = len(trained.bias)
    return Lab(
        "hidden states",
        tasks=[
            "Look at the dots on the right: without which unit is the forecast worst, and how many hardly matter?",
            "Clamp that unit to 0. Which rows of the map change, and from which time step on?",
            "Go through the series. Find a unit that follows the series. How close does any state come to −1 or 1?",
        ],
        draw=draw,
        update=update,
        data=trained,
        controls={
            "series": Slider("series", 0, minimum=0, maximum=min(99, len(X) - 1)),
            "unit": Choice("clamp to 0", -1, options=[("no unit", -1), *((f"unit {k}", k) for k in range(units))]),
        },
        size=(9.6, 5.2),
    )


def read(model: Any, X: np.ndarray, y: np.ndarray) -> Trained:
    """Take the weights out of ``model`` and measure the error without each unit over the first 500 series.

    Raises:
        ValueError: the model is no SimpleRNN + Dense(1) on one feature, or ``X`` and ``y`` do not fit.
    """
    layers = getattr(model, "layers", ())
    weights = [np.asarray(values, dtype=np.float64) for layer in layers for values in layer.get_weights()]
    shapes = [values.shape for values in weights]
    units = shapes[1][0] if len(shapes) == 5 else 0
    if shapes != [(1, units), (units, units), (units,), (units, 1), (1,)]:
        raise ValueError(
            f"the model's weights have shapes {shapes}; expected SimpleRNN(units) on one feature, then Dense(1)."
        )
    X, y = np.asarray(X, dtype=np.float64), np.ravel(y)
    if X.ndim != 3 or X.shape[2] != 1 or len(X) != len(y) or len(X) < 2:
        raise ValueError(
            f"X has shape {X.shape} and y {y.shape}; expected (batch, steps, 1) and (batch,), with two series or more."
        )
    if not all(np.isfinite(values).all() for values in (*weights, X, y)):
        raise ValueError("the weights, X or y hold values that are not finite; train the model again.")
    kernel, recurrent, bias, head, head_bias = weights
    parts = (kernel, recurrent, bias, head[:, 0], float(head_bias[0]), X, y)
    scored, target = X[:N_SCORED], y[:N_SCORED]
    whole = Trained(*parts, errors=np.empty(0))
    errors = [np.mean((forecast(whole, states(whole, scored, unit)) - target) ** 2) for unit in range(-1, len(bias))]
    return Trained(*parts, errors=np.array(errors))


def states(trained: Trained, X: np.ndarray, unit: int = -1) -> np.ndarray:
    """States (batch, steps, units) of the layer over ``X``, with ``unit`` held at 0 at every step (-1: none)."""
    alive = np.ones(len(trained.bias))
    if unit >= 0:
        alive[unit] = 0.0
    state = np.zeros((len(X), len(trained.bias)))
    every = np.empty((*X.shape[:2], len(trained.bias)))
    for t in range(X.shape[1]):
        state = np.tanh(X[:, t] @ trained.kernel + state @ trained.recurrent + trained.bias) * alive
        every[:, t] = state
    return every


def forecast(trained: Trained, every: np.ndarray) -> np.ndarray:
    """The head's forecast (batch,) from the last states."""
    return every[:, -1] @ trained.head + trained.head_bias


def draw(fig: Figure, data: Trained) -> dict[str, Any]:
    """Left the series above the map of states, right the error without each unit."""
    n_steps, units = data.X.shape[1], len(data.bias)
    left, right = cast(np.ndarray, fig.subfigures(1, 2, width_ratios=[1.7, 1]))
    above, below = left.subplots(2, 1, height_ratios=[1, 2], sharex=True)
    (line,) = above.plot([], [], ".-", color=COLOURS["blue"], linewidth=1.2)
    (truth,) = above.plot([], [], "x", color=COLOURS["black"], markersize=10, markeredgewidth=2, label="next value")
    (guess,) = above.plot([], [], "D", color=COLOURS["red"], fillstyle="none", markersize=9, label="forecast")
    above.set(xlim=(-1, n_steps + 1), ylim=(-1.2, 1.2), ylabel="series")
    above.legend(loc="upper left", ncols=2, bbox_to_anchor=(0.0, 1.35))
    image = below.imshow(
        np.zeros((units, n_steps)), vmin=-1, vmax=1, cmap="RdBu_r", aspect="auto", interpolation="nearest"
    )
    below.set(xlabel="time step", ylabel="unit", yticks=range(0, units, 4 if units > 8 else 1))
    below.grid(False)
    left.colorbar(image, ax=below, label="state", orientation="horizontal", fraction=0.06)
    errors = right.subplots()
    errors.plot(data.errors[1:], np.arange(units), "o", color=COLOURS["blue"], markersize=8)
    (clamped,) = errors.plot([], [], "D", color=COLOURS["red"], markersize=11)
    errors.axvline(data.errors[0], color=COLOURS["black"], linestyle="--", label="all units")
    errors.set(xlabel="MSE without this unit", ylabel="unit clamped to 0", yticks=range(units))
    errors.set_ylim(units - 0.5, -0.5)
    errors.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0))
    return {"line": line, "truth": truth, "guess": guess, "image": image, "clamped": clamped}


def update(artists: Mapping[str, Any], data: Trained, *, series: int, unit: int) -> str:
    """Show the states over one series with ``unit`` clamped; returns the forecast and the error over many series."""
    X, y = data.X[series : series + 1], float(data.y[series])
    every = states(data, X, unit)
    guess = float(forecast(data, every)[0])
    n_steps = X.shape[1]
    high = reach(X, y, guess, least=1.2)
    artists["line"].axes.set_ylim(-high, high)
    artists["line"].set_data(np.arange(n_steps), X[0, :, 0])
    artists["truth"].set_data([n_steps], [y])
    artists["guess"].set_data([n_steps], [guess])
    artists["image"].set_data(every[0].T)
    artists["clamped"].set_data(*([], []) if unit < 0 else ([data.errors[unit + 1]], [unit]))
    who = "With all units" if unit < 0 else f"Without unit {unit}"
    worst = int(np.argmax(data.errors[1:]))
    return (
        f"{who} the forecast is {guess:.2f} for a true {y:.2f}; over {min(N_SCORED, len(data.X))} series the MSE is "
        f"{data.errors[unit + 1]:.4f}. The forecast needs unit {worst} most ({data.errors[worst + 1]:.3f} without it)."
    )
