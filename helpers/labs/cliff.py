"""Lab *cliff* (lesson 06): the loss of a one-neuron network over its two weights, with clipping and without."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

import numpy as np
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import FixedLocator, NullFormatter

from helpers import bptt
from helpers.labs.framework.controls import Choice, Slider
from helpers.labs.framework.lab import Invalid, Lab
from helpers.plots import COLOURS

N_SERIES = 50
MOST_STEPS = 40
W_X, W_H = (-1.0, 3.0), (-1.6, 1.6)
GRID = (61, 81)  # points along w_x and w_h
LOW, HIGH = 1e-2, 1e2  # of the colours
LOWEST, HIGHEST = 5e-3, 1e6  # of the losses drawn
ACTIVATIONS = ("linear", "tanh", "relu")
#: A weight as large as this has left for good; the squares that follow would overflow.
LOST = 1e6
#: Nothing is drawn beyond.
FAR = 30.0


@dataclass(frozen=True, eq=False)  # compared by identity, so that descents on it can be kept
class Landscape:
    """Series, targets, and the loss over (w_h, w_x) for each activation."""

    X: np.ndarray
    y: np.ndarray
    maps: Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Path:
    """A descent: the weights (steps + 1, 2) as (w_x, w_h) and the loss at each; it ends early where it is lost."""

    weights: np.ndarray
    losses: np.ndarray

    @property
    def left_at(self) -> int | None:
        """The first step outside of the map."""
        outside = ~(_within(self.weights[:, 0], W_X) & _within(self.weights[:, 1], W_H))
        return int(np.argmax(outside)) if outside.any() else None


def lab(X: np.ndarray, y: np.ndarray) -> Lab:
    """The lab on the first 50 series.

    Args:
        X: series (batch, steps, 1).
        y: targets (batch, 1).

    Raises:
        ValueError: the shapes do not fit, or the data hold NaN.
    """
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    if X.ndim != 3 or X.shape[2] != 1 or y.shape != (len(X), 1) or 0 in X.shape:
        raise ValueError(f"X has shape {X.shape} and y {y.shape}; expected (batch, steps, 1) and (batch, 1).")
    X, y = X[:N_SERIES, :, 0], y[:N_SERIES, 0]
    if not np.isfinite(X).all() or not np.isfinite(y).all():
        raise ValueError("the series hold NaN or infinite values; take series without gaps.")
    return Lab(
        "cliff",
        tasks=[
            "Linear neuron. Walk with the arrow keys on 'steps': at which step does the plain descent leave the map, "
            "and what does the clipped one do there?",
            "From the same start, find the largest rate at which the plain descent stays on the map for 40 steps. "
            "Which rates does the clipped one bear?",
            "Choose tanh. How high is the wall now, and does the plain descent survive it?",
            "Linear again: start at w_x = 1.7, w_h = -0.7, near the valley, at rate 0.1, and lower w_h step by step. "
            "From which start on is the plain descent lost, and where does its first step land at w_h = -1.2?",
        ],
        draw=draw,
        update=update,
        data=Landscape(X, y, {activation: loss_map(X, y, activation) for activation in ACTIVATIONS}),
        controls={
            "activation": Choice("activation", "linear", options=list(ACTIVATIONS)),
            "w_x": Slider("start w_x", 0.5, minimum=W_X[0], maximum=W_X[1], step=0.1),
            "w_h": Slider("start w_h", 1.0, minimum=W_H[0], maximum=W_H[1], step=0.05),
            "rate": Choice("rate", 0.3, options=[0.01, 0.03, 0.1, 0.3, 1.0]),
            "clip": Choice("clip to norm", 1.0, options=[0.1, 1.0, 3.0]),
            "steps": Slider("steps", 20, minimum=1, maximum=MOST_STEPS),
        },
        size=(10.0, 4.2),
    )


def loss_map(X: np.ndarray, y: np.ndarray, activation: str) -> np.ndarray:
    """Mean squared error of h_t = f(w_x x_t + w_h h_(t-1)) on the map's grid, (w_h, w_x); inf where it overflows."""
    squash = bptt.ACTIVATIONS[activation][0]
    w_x, w_h = np.meshgrid(np.linspace(*W_X, GRID[0]), np.linspace(*W_H, GRID[1]))
    state = np.zeros((*w_x.shape, len(X)))
    with np.errstate(over="ignore", invalid="ignore"):
        for t in range(X.shape[1]):
            state = squash(w_x[..., np.newaxis] * X[:, t] + w_h[..., np.newaxis] * state)
        return np.nan_to_num(np.mean((state - y) ** 2, axis=-1), nan=np.inf)


def loss_and_slope(weights: np.ndarray, X: np.ndarray, y: np.ndarray, activation: str) -> tuple[np.ndarray, np.ndarray]:
    """Losses (paths,) and gradients (paths, 2) at weights (paths, 2): derivatives carried forward with the state.

    >>> loss, slope = loss_and_slope(np.array([[0.5, 0.0]]), np.ones((1, 3)), np.zeros(1), "linear")
    >>> loss.tolist(), slope.tolist()
    ([0.25], [[1.0, 0.5]])
    """
    squash, slope = bptt.ACTIVATIONS[activation]
    inputs = weights[:, :1] * X.T[:, np.newaxis]  # (steps, paths, series)
    w_h = weights[:, 1:]
    state = np.zeros(inputs.shape[1:])
    change = np.zeros((2, *state.shape))  # of the state, by w_x and by w_h
    with np.errstate(over="ignore", invalid="ignore"):
        for t in range(X.shape[1]):
            change *= w_h
            change[0] += X[:, t]
            change[1] += state
            state = squash(inputs[t] + w_h * state)
            if activation != "linear":
                change *= slope(state)
        error = state - y
        return np.mean(error**2, axis=1), np.mean(2 * error * change, axis=2).T


@lru_cache(maxsize=16)
def descend(data: Landscape, activation: str, w_x: float, w_h: float, rate: float, clip: float) -> tuple[Path, Path]:
    """Gradient descent from one start: plain, and with the gradient clipped to the norm ``clip``."""
    here = np.array([[w_x, w_h], [w_x, w_h]])
    places, losses = [], []
    for _ in range(MOST_STEPS + 1):
        loss, slope = loss_and_slope(here, data.X, data.y, activation)
        places.append(here)
        losses.append(loss)
        slope = np.nan_to_num(slope, posinf=1e200, neginf=-1e200)
        length = bptt.norm(slope[1])
        factors = np.array([[1.0], [min(1.0, clip / length) if length else 1.0]])
        here = np.clip(here - rate * factors * slope, -1e200, 1e200)
    plain, clipped = (_path(np.stack(places)[:, which], np.stack(losses)[:, which]) for which in (0, 1))
    return plain, clipped


def draw(fig: Figure, data: Landscape) -> dict[str, Any]:
    """Left the map with both paths, right the loss by step."""
    cast(ConstrainedLayoutEngine, fig.get_layout_engine()).set(w_pad=0.06)
    land, curve = fig.subplots(1, 2, width_ratios=[1.35, 1])
    land.set(xlabel="w_x", ylabel="w_h", xlim=W_X, ylim=W_H, title="loss (MSE) over the two weights")
    image = land.imshow(
        _colours(data.maps["linear"]),
        origin="lower",
        extent=(*W_X, *W_H),
        aspect="auto",
        cmap="cividis",
        vmin=np.log10(LOW),
        vmax=np.log10(HIGH),
        interpolation="nearest",
    )
    bar = fig.colorbar(image, ax=land)
    bar.set_ticks([-2, -1, 0, 1, 2], labels=["≤ 0.01", "0.1", "1", "10", "≥ 100"])
    look = {"markersize": 5, "linewidth": 1.6, "markeredgecolor": "white", "markeredgewidth": 0.6}
    (plain,) = land.plot([], [], "o--", color=COLOURS["orange"], **look)
    (clipped,) = land.plot([], [], "o-", color="white", **(look | {"markeredgecolor": "black"}))
    (start,) = land.plot([], [], "s", color="white", markeredgecolor="black", markersize=10)
    (best,) = land.plot([], [], "*", color=COLOURS["red"], markeredgecolor="white", markersize=16)
    curve.set(xlabel="step", ylabel="loss (MSE)", yscale="log", xlim=(-1, MOST_STEPS + 1), ylim=(LOWEST, HIGHEST))
    curve.yaxis.set_major_locator(FixedLocator([1e-2, 1, 1e2, 1e4, 1e6]))
    curve.yaxis.set_minor_formatter(NullFormatter())
    (plain_loss,) = curve.plot([], [], "o--", color=COLOURS["orange"], markersize=4, label="plain")
    (clipped_loss,) = curve.plot([], [], "o-", color=COLOURS["black"], markersize=4, label="clipped (white on the map)")
    curve.legend(loc="center right")
    return {
        "image": image,
        "plain": plain,
        "clipped": clipped,
        "start": start,
        "best": best,
        "plain_loss": plain_loss,
        "clipped_loss": clipped_loss,
    }


def update(
    artists: Mapping[str, Any],
    data: Landscape,
    *,
    activation: str,
    w_x: float,
    w_h: float,
    rate: float,
    clip: float,
    steps: int,
) -> str:
    """Set map and paths up to ``steps``; returns where both descents are."""
    if not (rate > 0 and clip > 0 and 1 <= steps <= MOST_STEPS and abs(w_x) < LOST and abs(w_h) < LOST):
        raise Invalid(f"rate {rate}, clipping {clip}, {steps} steps: expected rate and norm above 0, 1 to 40 steps.")
    losses = data.maps[activation]
    row, column = np.unravel_index(np.argmin(losses), losses.shape)
    artists["image"].set_data(_colours(losses))
    artists["best"].set_data([np.linspace(*W_X, GRID[0])[column]], [np.linspace(*W_H, GRID[1])[row]])
    artists["start"].set_data([w_x], [w_h])
    paths = descend(data, activation, w_x, w_h, rate, clip)
    parts = []
    for name, path in zip(("plain", "clipped"), paths, strict=True):
        places, values = path.weights[: steps + 1], path.losses[: steps + 1]
        artists[name].set_data(*_drawn(places).T)
        artists[f"{name}_loss"].set_data(np.arange(len(values)), np.clip(values, LOWEST, HIGHEST))
        parts.append(f"{name} {_where(path, steps)}")
    return f"{activation}, {steps} step{'' if steps == 1 else 's'} at rate {rate:g}: {parts[0]}; {parts[1]}."


def _where(path: Path, steps: int) -> str:
    if path.left_at is not None and path.left_at <= steps:
        return f"off the map from step {path.left_at} on (w_h = {path.weights[path.left_at, 1]:.3g})"
    w_x, w_h = path.weights[steps]
    return f"at ({w_x:.2f}, {w_h:.2f}) with loss {path.losses[steps]:.3g}"


def _path(weights: np.ndarray, losses: np.ndarray) -> Path:
    """The descent up to the first point that is lost."""
    lost = (np.abs(weights) > LOST).any(axis=1) | ~np.isfinite(losses)
    end = int(np.argmax(lost)) + 1 if lost.any() else len(losses)
    return Path(weights[:end], np.nan_to_num(losses[:end], nan=np.inf, posinf=np.inf))


def _drawn(places: np.ndarray) -> np.ndarray:
    """The path up to the first point far outside, which is moved nearer along its line."""
    far = np.abs(places).max(axis=1) > FAR
    if not far.any() or far[0]:
        return places
    end = int(np.argmax(far))
    before, leap = places[end - 1], places[end] - places[end - 1]
    return np.vstack([places[:end], before + leap * FAR / np.abs(leap).max()])


def _within(values: np.ndarray, limits: tuple[float, float]) -> np.ndarray:
    return (limits[0] <= values) & (values <= limits[1])


def _colours(losses: np.ndarray) -> np.ndarray:
    return np.log10(np.clip(losses, LOW, HIGH))
