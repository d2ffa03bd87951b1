"""Lab *tape* (lesson 12): a surface over two weights, the gradient at a point, and a descent along it with a rate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch

from helpers.labs.framework.controls import Choice, Slider
from helpers.labs.framework.lab import Invalid, Lab
from helpers.plots import COLOURS

N_SERIES = 500
MOST_STEPS = 60
EDGE = 6.0  # both weights go from -EDGE to EDGE
GRID = 97  # points along each
#: A weight as large as this has left for good; the squares that follow would overflow.
LOST = 1e6
#: Nothing is drawn beyond.
FAR = 60.0
#: The arrow's length: it shows where down is, and not how far the next step goes.
ARROW = 1.6
RATES = (0.01, 0.03, 0.1, 0.2, 0.3, 0.32, 0.5, 1.0, 2.0, 3.0, 3.5, 4.0)


@dataclass(frozen=True, eq=False)  # compared by identity, so that descents on it can be kept
class Surface:
    """A function of two weights: values at (..., 2), the slope at (2,), and how it is drawn.

    ``heights`` are its values on the map's grid, (w2, w1). ``levels`` are those of the contour lines, and ``limits``
    those of the axis of values, which is logarithmic where ``log`` is true.
    """

    value: Callable[[np.ndarray], np.ndarray]
    slope: Callable[[np.ndarray], np.ndarray]
    levels: np.ndarray
    limits: tuple[float, float]
    log: bool

    @property
    def heights(self) -> np.ndarray:
        line = np.linspace(-EDGE, EDGE, GRID)
        return self.value(np.stack(np.meshgrid(line, line), axis=-1))


@dataclass(frozen=True)
class Path:
    """A descent: the points (steps + 1, 2), the value and the gradient at each; it ends early where it is lost."""

    points: np.ndarray
    values: np.ndarray
    slopes: np.ndarray


def lab(X: np.ndarray, y: np.ndarray) -> Lab:
    """The lab on the lesson's function and on two forecasters of two weights each.

    Args:
        X: series (batch, steps, 1), of at least two steps; 500 are taken.
        y: targets (batch, 1).

    Raises:
        ValueError: the shapes do not fit, or the data hold NaN.
    """
    X, y = np.asarray(X, dtype=float)[:N_SERIES], np.asarray(y, dtype=float)[:N_SERIES]
    if X.ndim != 3 or X.shape[1] < 2 or X.shape[2] != 1 or y.shape != (len(X), 1) or not len(X):
        raise ValueError(f"X has shape {X.shape} and y {y.shape}; expected (batch, steps, 1) and (batch, 1).")
    if not np.isfinite(X).all() or not np.isfinite(y).all():
        raise ValueError("the series hold NaN or infinite values; take series without gaps.")
    surfaces = surfaces_of(X[:, -2:, 0], y[:, 0])
    return Lab(
        "tape",
        tasks=[
            "The function f at rate 0.1. Walk with the arrow keys on 'steps' from 0 to 60. Where is the descent going, "
            "and what does that say about f?",
            "f again: which is the largest rate at which the first steps do not swing further out each time?",
            "Two values, start at (0, 0), 60 steps: which is the largest rate that still ends near the bottom? And "
            "after how many steps is it where rate 0.1 is after 60?",
            "One tanh neuron: find two starts that end at opposite places with the same error, and one from which "
            "nothing moves at any rate.",
        ],
        draw=draw,
        update=update,
        data=surfaces,
        controls={
            "surface": Choice("surface", "f", options=list(surfaces)),
            "w1": Slider("start w1", 5.0, minimum=-EDGE, maximum=EDGE, step=0.5),
            "w2": Slider("start w2", 3.0, minimum=-EDGE, maximum=EDGE, step=0.5),
            "rate": Choice("rate", 0.1, options=list(RATES)),
            "steps": Slider("steps", 14, minimum=0, maximum=MOST_STEPS),
        },
        size=(10.0, 4.4),
    )


def surfaces_of(last: np.ndarray, target: np.ndarray) -> dict[str, Surface]:
    """The three surfaces of the lab.

    Args:
        last: the last two values of each series, (batch, 2), the older first.
        target: the value after them, (batch,).

    >>> f = surfaces_of(np.ones((1, 2)), np.ones(1))["f"]
    >>> f.value(np.array([5.0, 3.0])).item(), f.slope(np.array([5.0, 3.0])).tolist()
    (105.0, [36.0, 10.0])
    """
    before, now = last.T
    errors = np.array([1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0, 3.0, 10.0])
    return {
        "f": Surface(_f, _slope_of_f, np.arange(-40.0, 181.0, 20.0), (-60.0, 120.0), False),
        "two values": Surface(*_two_values(now, before, target), errors, (1e-3, 30.0), True),
        "one tanh neuron": Surface(*_tanh_neuron(now, target), errors, (1e-3, 30.0), True),
    }


def _f(w: np.ndarray) -> np.ndarray:
    return 3 * w[..., 0] ** 2 + 2 * w[..., 0] * w[..., 1]


def _slope_of_f(w: np.ndarray) -> np.ndarray:
    return np.array([6 * w[0] + 2 * w[1], 2 * w[0]])


def _two_values(now: np.ndarray, before: np.ndarray, target: np.ndarray) -> tuple[Callable, Callable]:
    """Mean squared error of w1 · now + w2 · before: a quadratic, known by its moments."""
    inputs = np.stack([now, before], axis=1)
    square, mixed, rest = inputs.T @ inputs / len(target), inputs.T @ target / len(target), np.mean(target**2)

    def value(w: np.ndarray) -> np.ndarray:
        return np.einsum("...i,ij,...j", w, square, w) - 2 * w @ mixed + rest

    return value, lambda w: 2 * (square @ w - mixed)


def _tanh_neuron(now: np.ndarray, target: np.ndarray) -> tuple[Callable, Callable]:
    """Mean squared error of w2 · tanh(w1 · now)."""

    def value(w: np.ndarray) -> np.ndarray:
        return np.mean((w[..., 1:] * np.tanh(w[..., :1] * now) - target) ** 2, axis=-1)

    def slope(w: np.ndarray) -> np.ndarray:
        bent = np.tanh(w[0] * now)
        error = 2 * (w[1] * bent - target)
        return np.array([np.mean(error * w[1] * (1 - bent**2) * now), np.mean(error * bent)])

    return value, slope


def draw(fig: Figure, data: Mapping[str, Surface]) -> dict[str, Any]:
    """Left the surface from above with path and arrow, right the value by step."""
    above, by_step = fig.subplots(1, 2, width_ratios=[1.15, 1])
    above.set(xlim=(-EDGE, EDGE), ylim=(-EDGE, EDGE), xlabel="w₁", ylabel="w₂", aspect="equal")
    above.grid(False)
    half = EDGE / (GRID - 1)
    image = above.imshow(
        np.zeros((GRID, GRID)),
        extent=(-EDGE - half, EDGE + half, -EDGE - half, EDGE + half),
        origin="lower",
        vmin=0,
        vmax=1,
        aspect="equal",
    )
    line = np.linspace(-EDGE, EDGE, GRID)
    contours = {
        name: above.contour(
            line, line, surface.heights, levels=surface.levels, colors="white", linewidths=0.7, linestyles="solid"
        )
        for name, surface in data.items()
    }
    above.set_title("square: start, disc: now, arrow: down", fontsize=11)
    (path,) = above.plot([], [], "o-", color=COLOURS["red"], markersize=4, linewidth=1.5)
    (start,) = above.plot([], [], "s", color="white", markeredgecolor="black", markersize=9)
    (point,) = above.plot([], [], "o", color=COLOURS["red"], markeredgecolor="black", markersize=10)
    arrow = FancyArrowPatch((0, 0), (1, 1), arrowstyle="-|>", mutation_scale=18, linewidth=2.4, shrinkA=0, shrinkB=0)
    arrow.set(facecolor="white", edgecolor="white")
    above.add_patch(arrow)
    by_step.set(xlim=(-1, MOST_STEPS + 1), xlabel="step", ylabel="value of the surface")
    by_step.set_title("what the descent has reached", fontsize=11)
    (values,) = by_step.plot([], [], "o-", color=COLOURS["red"], markersize=4)
    (here,) = by_step.plot([], [], "o", color=COLOURS["red"], markeredgecolor="black", markersize=10)
    shown = {name: _shades(surface) for name, surface in data.items()}
    image.set_data(shown["f"])
    image.shades = shown
    return {
        "image": image,
        "contours": contours,
        "path": path,
        "start": start,
        "point": point,
        "arrow": arrow,
        "values": values,
        "here": here,
    }


def update(
    artists: Mapping[str, Any],
    data: Mapping[str, Surface],
    *,
    surface: str,
    w1: float,
    w2: float,
    rate: float,
    steps: int,
) -> str:
    """Set map, path and arrow; returns point, value and gradient after ``steps``."""
    if not (rate > 0 and 0 <= steps <= MOST_STEPS and max(abs(w1), abs(w2)) < LOST):
        raise Invalid(f"rate {rate}, {steps} steps: expected a rate above 0 and 0 to {MOST_STEPS} steps.")
    chosen = data[surface]
    whole = descend(chosen, w1, w2, rate)
    last = min(steps, len(whole.points) - 1)
    points, values = whole.points[: last + 1], whole.values[: last + 1]
    artists["image"].set_data(artists["image"].shades[surface])
    for name, lines in artists["contours"].items():
        lines.set_visible(name == surface)
    artists["path"].set_data(*_drawn(points).T)
    artists["start"].set_data([w1], [w2])
    artists["point"].set_data(points[-1:, 0], points[-1:, 1])
    _point_arrow(artists["arrow"], points[-1], -whole.slopes[last])
    axes = artists["values"].axes
    axes.set_yscale("log" if chosen.log else "linear")
    axes.set_ylim(chosen.limits)
    shown = np.clip(values, *chosen.limits)
    artists["values"].set_data(np.arange(last + 1), shown)
    artists["here"].set_data([last], shown[-1:])
    return f"{surface}, rate {rate:g}: {_where(whole, last, steps)}."


def _where(path: Path, last: int, steps: int) -> str:
    after = f"after {last} step{'' if last == 1 else 's'}"
    (w1, w2), (by_w1, by_w2) = path.points[last], path.slopes[last]
    if last < steps:
        return f"lost {after}, at ({w1:.3g}, {w2:.3g})"
    return f"{after} at ({w1:.4g}, {w2:.4g}), value {path.values[last]:.4g}, gradient ({by_w1:.4g}, {by_w2:.4g})"


@lru_cache(maxsize=64)
def descend(surface: Surface, w1: float, w2: float, rate: float) -> Path:
    """Plain gradient descent from one start, up to 60 steps or the first point that is lost."""
    here, points, values, slopes = np.array([w1, w2], dtype=float), [], [], []
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(MOST_STEPS + 1):
            points.append(here)
            values.append(float(surface.value(here)))
            slopes.append(surface.slope(here))
            here = here - rate * slopes[-1]
            if not np.abs(here).max() < LOST:  # NaN counts as lost
                break
    return Path(np.array(points), np.array(values), np.array(slopes))


def _point_arrow(arrow: FancyArrowPatch, start: np.ndarray, down: np.ndarray) -> None:
    """An arrow of one length against the gradient; hidden where there is no gradient, and outside of the map."""
    steepness = np.linalg.norm(down)
    visible = steepness > 0 and np.abs(start).max() <= EDGE
    arrow.set_visible(bool(visible))
    if visible:
        (x, y), (to_x, to_y) = start, start + ARROW * down / steepness
        arrow.set_positions((x, y), (to_x, to_y))


def _drawn(points: np.ndarray) -> np.ndarray:
    """The path up to the first point far outside, which is moved nearer along its line."""
    far = np.abs(points).max(axis=1) > FAR
    if not far.any() or far[0]:
        return points
    end = int(np.argmax(far))
    before, leap = points[end - 1], points[end] - points[end - 1]
    return np.vstack([points[:end], before + leap * FAR / np.abs(leap).max()])


def _shades(surface: Surface) -> np.ndarray:
    """Heights as 0 to 1: by the logarithm where the values have one, and from the lowest to the highest."""
    heights = np.log10(surface.heights) if surface.log else surface.heights
    return (heights - heights.min()) / np.ptp(heights)
