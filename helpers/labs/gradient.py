"""Lab *gradient* (lesson 06): the size of the gradient at each time step, by scale, activation, length and clipping."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from helpers import bptt
from helpers.labs.framework.controls import Choice, Slider
from helpers.labs.framework.lab import Invalid, Lab
from helpers.plots import COLOURS

N_SERIES = 24
LONGEST = 500
THRESHOLD = 1e-6
LOWEST, HIGHEST = 1e-15, 1e15
ARRAYS = ("W_x", "W_h", "b", "head V", "head c")
#: Ends of the time axis; the shortest that holds the length is shown.
REACHES = (50, 100, 200, 500)


@dataclass(frozen=True)
class Networks:
    """Weights by name, and series long enough for every length."""

    weights: Mapping[str, list[np.ndarray]]
    X: np.ndarray
    y: np.ndarray


def lab(models: Mapping[str, Any], X: np.ndarray, y: np.ndarray) -> Lab:
    """The lab on networks of one recurrent layer.

    Args:
        models: name to a Keras model of ``SimpleRNN`` on one feature and ``Dense(1)``; the first is shown first.
        X: series (batch, steps, 1), of which 24 are taken. For more steps than they have, they are continued into the
            past, mirrored, so that the last steps and the target stay as they are.
        y: targets (batch, 1).

    Raises:
        ValueError: a model or the data have other shapes, or hold NaN.
    """
    X, y = np.asarray(X, dtype=float)[:N_SERIES], np.asarray(y, dtype=float)[:N_SERIES]
    if X.ndim != 3 or X.shape[1] < 2 or X.shape[2] != 1 or y.shape != (len(X), 1) or not len(X):
        raise ValueError(f"X has shape {X.shape} and y {y.shape}; expected (batch, steps, 1) and (batch, 1).")
    if not models:
        raise ValueError("models is empty; expected at least one Keras model with its name.")
    weights = {name: _weights(name, model) for name, model in models.items()}
    if not np.isfinite(X).all() or not np.isfinite(y).all():
        raise ValueError("the series hold NaN or infinite values; take series without gaps.")
    longer = np.pad(X, ((0, 0), (LONGEST - min(X.shape[1], LONGEST), 0), (0, 0)), mode="symmetric")
    return Lab(
        "gradient",
        tasks=[
            "Orthogonal start: raise length from 10 on until the norm at step 1 falls below 1e-6, for each activation "
            "in turn. Which gets there first, which last, and which never?",
            "Normal start, ReLU, length 50: by how many powers of ten does the gradient grow? And with tanh?",
            "Orthogonal start, linear, length 50, scale 1.3, clip to norm 1: what does clipping change, and what can "
            "it not change?",
            "Trained network, tanh, scale 1, clipping off: at which length does the norm at step 1 fall below 1e-6?",
        ],
        draw=draw,
        update=update,
        data=Networks(weights, longer[:, -LONGEST:], y),
        controls={
            "network": Choice("network", next(iter(weights)), options=list(weights)),
            "activation": Choice("activation", "relu", options=list(bptt.ACTIVATIONS)),
            "scale": Slider("recurrent scale", 1.0, minimum=0.5, maximum=2.0, step=0.05),
            "length": Slider("length", 50, minimum=10, maximum=LONGEST, step=10),
            "clip": Choice("clip to norm", 0.0, options=[("off", 0.0), ("1", 1.0), ("0.01", 0.01)]),
        },
        size=(10.0, 4.0),
    )


def draw(fig: Figure, data: Networks) -> dict[str, Any]:
    """Left the norm of dL/dh by time step, right the norms of the weights' gradients."""
    by_step, by_array = fig.subplots(1, 2, width_ratios=[2.1, 1])
    by_step.set(
        xlabel="time step, counted from the last",
        ylabel="norm of ∂L/∂h",
        yscale="log",
        xlim=(-REACHES[-1], 4),
        ylim=(LOWEST, HIGHEST),
    )
    by_step.set_yticks([10.0**power for power in range(-15, 16, 5)])
    by_step.minorticks_off()
    by_step.axhline(THRESHOLD, color=COLOURS["black"], linestyle=":", linewidth=1.2)
    by_step.text(0.01, THRESHOLD * 0.2, "1e-6", transform=by_step.get_yaxis_transform(), va="top", fontsize=11)
    (curve,) = by_step.plot([], [], color=COLOURS["blue"], label="as it is")
    (clipped,) = by_step.plot([], [], "--", color=COLOURS["red"], label="after clipping")
    (first,) = by_step.plot([], [], "D", color=COLOURS["blue"], markersize=9, label="step 1")
    by_step.legend(loc="upper left", bbox_to_anchor=(0.0, 1.13), ncols=3, frameon=False)
    places = np.arange(len(ARRAYS))
    by_array.set(xscale="log", xlim=(1e-9, 10 * HIGHEST), xlabel="norm of the weights' gradients", ylim=(4.6, -0.6))
    by_array.set_yticks(places, ARRAYS)
    by_array.set_xticks([1e-5, 1, 1e5, 1e10, 1e15])
    by_array.minorticks_off()
    by_array.grid(axis="x", alpha=0.3)
    (before,) = by_array.plot([], [], "o", color=COLOURS["blue"], markersize=9)
    (after,) = by_array.plot([], [], "D", color=COLOURS["red"], fillstyle="none", markersize=9)
    return {"curve": curve, "clipped": clipped, "first": first, "before": before, "after": after}


def update(
    artists: Mapping[str, Any],
    data: Networks,
    *,
    network: str,
    activation: str,
    scale: float,
    length: int,
    clip: float,
) -> str:
    """Set both pictures; returns the norm at the first and the last step, and what clipping did."""
    if not (scale > 0 and 2 <= length <= LONGEST and clip >= 0):
        raise Invalid(f"scale {scale}, length {length}, clipping {clip}: expected a scale above 0 and 2 to 500 steps.")
    W_x, W_h, *others = data.weights[network]
    _, arrays, by_step = bptt.backward(data.X[:, -length:], data.y, [W_x, scale * W_h, *others], activation=activation)
    whole = bptt.norm(*arrays)
    factor = clip / whole if 0 < clip < whole else 1.0
    steps = np.arange(1 - length, 1)
    reach = next(reach for reach in REACHES if reach >= length)
    artists["curve"].axes.set_xlim(-reach - reach / 40, reach / 40)
    artists["curve"].set_data(steps, _shown(by_step))
    artists["clipped"].set_data(*((steps, _shown(by_step * factor)) if clip else ([], [])))
    artists["first"].set_data([steps[0]], _shown(by_step[:1]))
    norms = np.array([bptt.norm(array) for array in arrays])
    places = np.arange(len(ARRAYS))
    artists["before"].set_data(_shown(norms, 1e-9), places)
    artists["after"].set_data(*((_shown(norms * factor, 1e-9), places) if clip else ([], [])))
    below = " That is below 1e-6." if by_step[0] < THRESHOLD else ""
    return (
        f"{activation}, scale {scale:.2f}, {length} steps: norm {by_step[0]:.1e} at step 1, {by_step[-1]:.1e} at step "
        f"{length}.{below} All gradients together: {_clipping(whole, clip, factor)}."
    )


def _clipping(whole: float, clip: float, factor: float) -> str:
    if not clip:
        return f"{whole:.1e}"
    if factor == 1:
        return f"{whole:.1e}, not above {clip:g}, so clipping leaves them alone"
    return f"{whole:.1e}, each multiplied by {factor:.0e} to make it {clip:g}"


def _shown(norms: np.ndarray, lowest: float = LOWEST) -> np.ndarray:
    """Norms kept inside the axis, so that a curve that leaves it runs along its edge."""
    return np.clip(np.nan_to_num(norms, nan=HIGHEST, posinf=HIGHEST), lowest, HIGHEST)


def _weights(name: str, model: Any) -> list[np.ndarray]:
    layers = getattr(model, "layers", None) or []
    weights = [np.asarray(array, dtype=float) for layer in layers for array in layer.get_weights()]
    shapes = [array.shape for array in weights]
    units = shapes[0][1] if len(shapes) == 5 and len(shapes[0]) == 2 else 0
    if shapes != [(1, units), (units, units), (units,), (units, 1), (1,)]:
        raise ValueError(
            f"the model {name!r} has weights of shapes {shapes}; expected SimpleRNN on one feature and Dense(1)."
        )
    if not all(np.isfinite(array).all() for array in weights):
        raise ValueError(f"the model {name!r} holds weights that are not finite; train it again.")
    return weights
