"""Lab *unroll* (lesson 03): one recurrent neuron, step by step, under weights that you set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from helpers.labs.framework.axes import reach
from helpers.labs.framework.controls import Choice, Slider
from helpers.labs.framework.lab import Lab
from helpers.plots import COLOURS

N_STEPS = 50


def lab(model: Any, X: np.ndarray) -> Lab:
    """The lab on a trained SimpleRNN(1), whose weights are the sliders' start.

    Args:
        model: a Keras model whose first layer is ``SimpleRNN(1)`` on one feature.
        X: series (batch, 50, 1), of which two can be fed in.

    Raises:
        ValueError: the model or the series have other shapes.
    """
    weights = model.layers[0].get_weights() if getattr(model, "layers", None) else []
    shapes = [np.shape(values) for values in weights]
    if shapes != [(1, 1), (1, 1), (1,)]:
        raise ValueError(
            f"the first layer's weights have shapes {shapes}; expected those of SimpleRNN(1) on one feature."
        )
    X = np.asarray(X)
    if X.ndim != 3 or X.shape[1:] != (N_STEPS, 1) or len(X) < 2:
        raise ValueError(f"X has shape {X.shape}; expected at least two series, (batch, {N_STEPS}, 1).")
    w_x, w_h, b = (round(float(np.ravel(values)[0]), 2) for values in weights)
    if not np.isfinite([w_x, w_h, b]).all() or not np.isfinite(X[:2]).all():
        raise ValueError(f"w_x, w_h, b = {w_x}, {w_h}, {b} or the series are not finite; train the model again.")
    return Lab(
        "unroll",
        tasks=[
            "Walk through time: click the step's slider, then press the right arrow key. "
            "An impulse came at step 0 only; why does the state change sign for the first dozen steps?",
            "Set w_h to 0.9: after how many steps does the state fall below 0.05? And at 0.5?",
            "Set w_h to 1.5. What does the neuron remember of the impulse, and when does it let go?",
            "Feed in a series and set w_h to 0. What is the network now?",
        ],
        draw=draw,
        update=update,
        data={
            "impulse": _impulse(),
            "constant 0.3": np.full(N_STEPS, 0.3),
            "series A": X[0, :, 0],
            "series B": X[1, :, 0],
        },
        controls={
            "source": Choice("input", "impulse", options=["impulse", "constant 0.3", "series A", "series B"]),
            "step": Slider("step", 3, minimum=0, maximum=N_STEPS - 1),
            "w_x": _weight("w_x", w_x, usual=3.0),
            "w_h": _weight("w_h", w_h, usual=2.0),
            "b": _weight("b", b, usual=1.0),
        },
        size=(10.0, 4.2),
    )


def unroll(x: np.ndarray, *, w_x: float, w_h: float, b: float) -> tuple[np.ndarray, np.ndarray]:
    """Sums and states of one neuron: h_t = tanh(w_x x_t + w_h h_(t-1) + b), starting from h = 0.

    Args:
        x: inputs (steps,).
        w_x: weight of the input.
        w_h: weight of the state before.
        b: bias.

    Returns:
        The sums inside tanh and the states, each (steps,).

    >>> unroll(np.array([1.0, 0.0]), w_x=0.5, w_h=0.8, b=0.0)[1].round(4)
    array([0.4621, 0.3537])
    """
    sums, states, state = np.empty(len(x)), np.empty(len(x)), 0.0
    for t, value in enumerate(x):
        sums[t] = w_x * value + w_h * state + b
        state = states[t] = np.tanh(sums[t])
    return sums, states


def draw(fig: Figure, data: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """Left the input and the state over time, right the sum inside tanh."""
    over_time, inside = fig.subplots(1, 2, width_ratios=[1.7, 1])
    high = reach(*data.values(), least=1.1)
    over_time.set(xlabel="time step", ylabel="value", xlim=(-1, N_STEPS), ylim=(-high, high), title="input and state")
    (fed,) = over_time.plot([], [], "o", color=COLOURS["grey"], markersize=4, label="input x")
    (path,) = over_time.plot([], [], color=COLOURS["blue"], label="state h (the output) up to this step")
    (rest,) = over_time.plot([], [], ":", color=COLOURS["blue"], linewidth=1.2, label="still to come")
    (here,) = over_time.plot([], [], "D", color=COLOURS["red"], markersize=10)
    over_time.legend(loc="upper center", bbox_to_anchor=(0.5, -0.18), ncols=3)
    sums = np.linspace(-4, 4, 200)
    inside.plot(sums, np.tanh(sums), color=COLOURS["black"], linewidth=1.2)
    inside.set(xlabel="the sum inside tanh", ylabel="state h", xlim=(-4, 4), ylim=(-1.25, 1.25), title="this step")
    (arms,) = inside.plot([], [], "-", color=COLOURS["grey"], linewidth=1.0)
    (point,) = inside.plot([], [], "D", color=COLOURS["red"], markersize=10)
    text = inside.text(-3.8, 1.18, "", va="top", fontsize=11, family="monospace")
    return {"fed": fed, "path": path, "rest": rest, "here": here, "arms": arms, "point": point, "text": text}


def update(
    artists: Mapping[str, Any],
    data: Mapping[str, np.ndarray],
    *,
    source: str,
    step: int,
    w_x: float,
    w_h: float,
    b: float,
) -> str:
    """Set the state's path for these weights up to ``step``; returns the sum of this step, written out."""
    x = data[source]
    sums, states = unroll(x, w_x=w_x, w_h=w_h, b=b)
    before = states[step - 1] if step else 0.0
    time = np.arange(N_STEPS)
    artists["fed"].set_data(time[: step + 1], x[: step + 1])
    artists["path"].set_data(time[: step + 1], states[: step + 1])
    artists["rest"].set_data(time[step:], states[step:])
    artists["here"].set_data([step], [states[step]])
    shown = float(np.clip(sums[step], -4, 4))
    artists["arms"].set_data([shown, shown, -4], [-1.25, states[step], states[step]])
    artists["point"].set_data([shown], [states[step]])
    artists["text"].set_text(
        f"w_x x  {w_x * x[step]:+6.2f}\nw_h h  {w_h * before:+6.2f}\n    b  {b:+6.2f}\n  sum  {sums[step]:+6.2f}"
    )
    return (
        f"Step {step}: h = tanh(({w_x:.2f}) × ({x[step]:.2f}) + ({w_h:.2f}) × ({before:.2f}) + ({b:.2f})) "
        f"= tanh({sums[step]:.2f}) = {states[step]:.2f}. The last state is {states[-1]:.3f}."
    )


def _weight(name: str, value: float, *, usual: float) -> Slider:
    limit = max(usual, abs(value))  # a training that went far still opens
    return Slider(name, value, minimum=-limit, maximum=limit, step=0.01)


def _impulse() -> np.ndarray:
    x = np.zeros(N_STEPS)
    x[0] = 1.0
    return x
