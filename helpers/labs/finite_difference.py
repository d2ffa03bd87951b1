"""Lab *finite difference* (lesson 12): a difference quotient by its step in two precisions, and its error."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from helpers import bptt
from helpers.labs.framework.controls import Choice, Slider
from helpers.labs.framework.lab import Invalid, Lab
from helpers.plots import COLOURS

N_SERIES = 20
PRECISIONS: dict[str, Any] = {"float32": np.float32, "float64": np.float64}
METHODS = ("forward", "central")
#: Powers of ten of the steps that the curves show.
POWERS = np.arange(1.0, 16.01, 0.25)
ZOOM = np.linspace(-2.0, 2.0, 121)  # in steps
LOWEST, HIGHEST = 1e-13, 10.0
REACH = 3.2  # of the zoom's vertical axis, in slopes times steps

#: Values of a function at points (n,), in the precision of the points.
Function = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Curve:
    """A function of one weight, the weight's value and the exact slope there; ``errors`` by precision and method."""

    function: Function
    point: float
    slope: float
    errors: Mapping[tuple[str, str], np.ndarray] = field(init=False)

    def __post_init__(self) -> None:
        errors = {
            (precision, method): np.array(
                [abs(self.quotient(10.0**-p, precision, method) / self.slope - 1) for p in POWERS]
            )
            for precision in PRECISIONS
            for method in METHODS
        }
        object.__setattr__(self, "errors", errors)

    def quotient(self, step: float, precision: str, method: str) -> float:
        """The difference quotient, computed in ``precision`` from end to end."""
        kind = PRECISIONS[precision]
        here, step = kind(self.point), kind(step)
        ends = np.array([here + step, here if method == "forward" else here - step])
        above, below = self.function(ends)
        return float((above - below) / (step if method == "forward" else 2 * step))

    def near(self, step: float, precision: str) -> np.ndarray:
        """Rise of the function around the point, in units of slope times step, at ``ZOOM`` steps from it."""
        kind = PRECISIONS[precision]
        places = kind(self.point) + kind(step) * ZOOM.astype(kind)
        values = self.function(np.append(places, kind(self.point))).astype(float)
        return (values[:-1] - values[-1]) / (self.slope * step)


def lab(weights: Sequence[np.ndarray], X: np.ndarray, y: np.ndarray) -> Lab:
    """The lab on the lesson's function by each of its weights, and on a network's loss by one of its weights.

    Args:
        weights: of a ``SimpleRNN`` on one feature and a ``Dense(1)``, the five arrays of ``get_weights``.
        X: series (batch, steps, 1), of which 20 are taken.
        y: targets (batch, 1).

    Raises:
        ValueError: the shapes do not fit, or something is not finite.
    """
    weights = [np.asarray(array, dtype=float) for array in weights]
    X, y = np.asarray(X, dtype=float)[:N_SERIES], np.asarray(y, dtype=float)[:N_SERIES]
    shapes = [array.shape for array in weights]
    units = shapes[0][1] if len(shapes) == 5 and len(shapes[0]) == 2 else 0
    if shapes != [(1, units), (units, units), (units,), (units, 1), (1,)]:
        raise ValueError(f"the weights have shapes {shapes}; expected SimpleRNN on one feature and Dense(1).")
    if X.ndim != 3 or X.shape[2] != 1 or y.shape != (len(X), 1) or 0 in X.shape:
        raise ValueError(f"X has shape {X.shape} and y {y.shape}; expected (batch, steps, 1) and (batch, 1).")
    if not all(np.isfinite(array).all() for array in (*weights, X, y)):
        raise ValueError("weights or series hold values that are not finite; train again, take series without gaps.")
    curves = {
        "f by w1": Curve(lambda w1: 3 * w1**2 + 2 * w1 * w1.dtype.type(3), 5.0, 36.0),
        "f by w2": Curve(lambda w2: w2.dtype.type(75) + 10 * w2, 3.0, 10.0),
        "network": _of_network(weights, X, y),
    }
    return Lab(
        "finite difference",
        tasks=[
            "Walk eps from 1e-1 down to 1e-12, with the arrow keys. At which eps is the forward difference of f by w1 "
            "best in float32, and at which in float64? From which eps on is it 0 in float32, and why?",
            "Choose float32 and eps 1e-6. What has become of the straight line on the left?",
            "Choose central. By how much does the best error fall in float64, and does float32 gain?",
            "f by w2 is a straight line: what is the best eps now, and which half of the V is missing?",
            "The network in float32, the precision it trains in: how many digits of this gradient can you get at best?",
        ],
        draw=draw,
        update=update,
        data=curves,
        controls={
            "function": Choice("function", "f by w1", options=list(curves)),
            "precision": Choice("precision", "float32", options=list(PRECISIONS)),
            "method": Choice("difference", "forward", options=list(METHODS)),
            "power": Slider("eps = 10 to the minus", 6.0, minimum=1.0, maximum=16.0, step=0.5, shown_as=".1f"),
        },
        size=(10.0, 4.3),
    )


def _of_network(weights: Sequence[np.ndarray], X: np.ndarray, y: np.ndarray) -> Curve:
    """The loss by the first weight of W_h that has a slope worth measuring: the steepest."""
    slopes = bptt.backward(X, y, weights).arrays[1]
    row, column = np.unravel_index(np.argmax(np.abs(slopes)), slopes.shape)
    rest = weights[1].copy()
    rest[row, column] = 0.0

    def loss(values: np.ndarray) -> np.ndarray:
        kind = values.dtype.type
        W_x, W_h, b, V, c = (array.astype(kind) for array in (weights[0], rest, *weights[2:]))
        inputs, targets = X.astype(kind), y.astype(kind)
        state = np.zeros((len(values), len(X), len(b)), kind)
        for t in range(X.shape[1]):
            total = state @ W_h
            total[..., column] += values[:, np.newaxis] * state[..., row]
            state = np.tanh(inputs[:, t] @ W_x + total + b)
        return np.mean((state @ V + c - targets) ** 2, axis=(1, 2), dtype=kind)

    return Curve(loss, float(weights[1][row, column]), float(slopes[row, column]))


def draw(fig: Figure, data: Mapping[str, Curve]) -> dict[str, Any]:
    """Left the function under the microscope, right the error by eps."""
    zoom, errors = fig.subplots(1, 2, width_ratios=[1, 1.25])
    zoom.set(xlim=(ZOOM[0], ZOOM[-1]), ylim=(-REACH, REACH), xlabel="distance from the point, in eps")
    zoom.set_ylabel("rise, in slope × eps")
    zoom.plot(ZOOM, ZOOM, "--", color=COLOURS["grey"], label="exact slope")
    (seen,) = zoom.plot([], [], color=COLOURS["blue"], label="what the computer sees")
    (secant,) = zoom.plot([], [], "o-", color=COLOURS["red"], markersize=8, label="difference quotient")
    zoom.legend(loc="upper left", fontsize=10, framealpha=0.9, frameon=True)
    errors.set(xscale="log", yscale="log", xlim=(2e-1, 5e-17), ylim=(LOWEST, HIGHEST))
    errors.set(xlabel="eps, smaller to the right", ylabel="error, in slopes")
    errors.set_xticks([10.0**-power for power in range(1, 17, 3)])
    errors.set_yticks([10.0**-power for power in range(0, 14, 2)])
    errors.minorticks_off()
    errors.axhline(1.0, color=COLOURS["black"], linestyle=":", linewidth=1.2)
    errors.text(1.5e-1, 1.4, "all of it wrong", fontsize=10, va="bottom")
    looks = {"float32": (COLOURS["orange"], "-"), "float64": (COLOURS["green"], "--")}
    lines = {
        precision: errors.plot([], [], style, color=colour, label=precision)[0]
        for precision, (colour, style) in looks.items()
    }
    (here,) = errors.plot([], [], "o", color=COLOURS["red"], markersize=11, markeredgecolor="black")
    (best,) = errors.plot([], [], "*", color=COLOURS["black"], markersize=13, label="best")
    errors.legend(loc="lower left", ncols=3, bbox_to_anchor=(0.0, 1.0), frameon=False)
    return {"seen": seen, "secant": secant, "lines": lines, "here": here, "best": best}


def update(
    artists: Mapping[str, Any],
    data: Mapping[str, Curve],
    *,
    function: str,
    precision: str,
    method: str,
    power: float,
) -> str:
    """Set both pictures; returns the quotient, its error, and the best eps of this setting."""
    if not POWERS[0] <= power <= POWERS[-1]:
        raise Invalid(f"eps is 10 to the minus {power}; expected a power from 1 to 16.")
    curve, step = data[function], 10.0**-power
    quotient = curve.quotient(step, precision, method)
    artists["seen"].set_data(ZOOM, np.clip(curve.near(step, precision), -2 * REACH, 2 * REACH))
    ends = np.array([0.0, 1.0] if method == "forward" else [-1.0, 1.0])
    artists["secant"].set_data(ends, np.clip(ends * quotient / curve.slope, -2 * REACH, 2 * REACH))
    steps = 10.0**-POWERS
    for name, line in artists["lines"].items():
        line.set_data(steps, _shown(curve.errors[name, method]))
    error = abs(quotient / curve.slope - 1)
    artists["here"].set_data([step], _shown(np.array([error])))
    by_whole_power = curve.errors[precision, method][::4]
    best = int(np.argmin(by_whole_power))
    artists["best"].set_data([10.0 ** -(best + 1)], _shown(by_whole_power[best : best + 1]))
    return (
        f"{function}, {precision}, {method}, eps {step:.1e}: quotient {quotient:.10g}, slope {curve.slope:.10g}, "
        f"error {error:.1e} of it. Best power of ten: 1e-{best + 1}, with an error of {by_whole_power[best]:.1e}."
    )


def _shown(errors: np.ndarray) -> np.ndarray:
    """Errors kept inside the axis, so that a curve that leaves it runs along its edge."""
    return np.clip(errors, LOWEST, HIGHEST)
