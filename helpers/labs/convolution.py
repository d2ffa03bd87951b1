"""Lab *convolution* (lesson 09): slide a kernel over a short series and see which inputs every output reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from helpers.labs.framework.controls import Choice, Slider
from helpers.labs.framework.lab import Invalid, Lab
from helpers.plots import COLOURS
from helpers.plots.convolution import PADDINGS, reads, stands_at

MOST_STEPS, FEWEST_STEPS, MOST_TAPS = 20, 8, 4
#: Beyond the series, so that zeros of the padding have a place.
MARGIN = 12
#: Height of the outputs below the inputs.
OUTPUTS = -1.7

#: Kernels of k taps, oldest first.
KERNELS: dict[str, Callable[[int], np.ndarray]] = {
    "mean": lambda k: np.full(k, 1 / k),
    "last slope": lambda k: 2 * np.eye(k)[-1] - np.eye(k)[-2],
}


def lab(series: np.ndarray) -> Lab:
    """The lab on the first steps of a series.

    Args:
        series: values (steps,) or (steps, 1), at least 20 of them.

    Raises:
        ValueError: the series is shorter, has several features, or is not finite.
    """
    values = np.asarray(series, dtype=float)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1 or len(values) < MOST_STEPS:
        raise ValueError(f"the series has shape {values.shape}; expected at least {MOST_STEPS} values of one feature.")
    if not np.isfinite(values).all():
        raise ValueError("the series holds values that are not finite; expected a series such as X_valid[0].")
    return Lab(
        "convolution",
        tasks=[
            "Slide the kernel with the output's slider. Which input is never read (red cross)? Change the number of "
            "inputs by one: what happens to it, and to the number of outputs?",
            "Padding same, stride 1: dashed lines reach into the future. How far ahead does a kernel of 2 look, how "
            "far one of 4? Then choose causal: what do the first outputs read instead?",
            "Causal, stride 1, dilation 4: find the kernel size at which the last output reaches back 12 steps. "
            "How many inputs does it read, and how many does it skip?",
            "Stride 3, valid: at which kernel sizes are inputs left out in the middle? Then set dilation to 2, too.",
        ],
        draw=draw,
        update=update,
        data=values[:MOST_STEPS],
        controls={
            "output": Slider("output", 2, minimum=0, maximum=MOST_STEPS - 1),
            "padding": Choice("padding", "valid", options=list(PADDINGS)),
            "kernel_size": Slider("kernel size", 4, minimum=1, maximum=MOST_TAPS),
            "stride": Slider("stride", 2, minimum=1, maximum=4),
            "dilation": Slider("dilation", 1, minimum=1, maximum=4, when={"stride": 1}),
            "n_steps": Slider("inputs", 15, minimum=FEWEST_STEPS, maximum=MOST_STEPS),
            "kernel": Choice("kernel", "mean", options=list(KERNELS)),
        },
        size=(9.6, 4.0),
    )


def convolve(values: np.ndarray, taps: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Outputs (outputs,) of one kernel, where ``taps`` beyond the values read zeros.

    >>> convolve(np.array([1.0, 2.0, 4.0]), np.array([[-1, 0], [0, 1], [1, 2]]), np.array([-1.0, 1.0]))
    array([1., 1., 2.])
    """
    inside = (taps >= 0) & (taps < len(values))
    return np.where(inside, values[np.clip(taps, 0, len(values) - 1)], 0.0) @ kernel


def draw(fig: Figure, data: np.ndarray) -> dict[str, Any]:
    """Above the inputs, below the outputs at the time steps to which they belong, lines for what is read now."""
    ax = fig.subplots()
    ax.set(xlim=(-MARGIN - 0.8, MOST_STEPS + 2.5), ylim=(OUTPUTS - 1.1, 1.35), xlabel="time step")
    ax.set_xticks(range(0, MOST_STEPS, 2))
    ax.set_yticks([OUTPUTS, 0], ["outputs", "inputs"])
    ax.grid(visible=False)
    for height in (0, OUTPUTS):
        ax.axhline(height, color="#dddddd", linewidth=1)
    looks: dict[str, dict[str, Any]] = {
        "reads": {"color": COLOURS["blue"], "linewidth": 1.6, "label": "reads"},
        "ahead": {"color": COLOURS["red"], "linewidth": 2.4, "linestyle": "--", "label": "reads the future"},
        "inputs": {"color": COLOURS["grey"], "marker": "o", "markersize": 7, "linestyle": "", "label": "input"},
        "taps": {"color": COLOURS["blue"], "marker": "o", "markersize": 11, "linestyle": "", "label": "read now"},
        "zeros": {
            "color": COLOURS["blue"],
            "marker": "o",
            "markersize": 11,
            "fillstyle": "none",
            "linestyle": "",
            "label": "zero of the padding",
        },
        "unused": {"color": COLOURS["red"], "marker": "X", "markersize": 12, "linestyle": "", "label": "never read"},
        "outputs": {"color": COLOURS["green"], "marker": "s", "markersize": 7, "linestyle": "", "label": "output"},
        "here": {"color": COLOURS["green"], "marker": "s", "markersize": 12, "linestyle": "", "label": "output now"},
    }
    artists: dict[str, Any] = {name: ax.plot([], [], **look)[0] for name, look in looks.items()}
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=4)
    artists["sum"] = ax.text(-MARGIN - 0.5, 1.28, "", va="top", fontsize=12, family="monospace")
    return artists


def update(
    artists: Mapping[str, Any],
    data: np.ndarray,
    *,
    output: int,
    padding: str,
    kernel_size: int,
    stride: int,
    dilation: int,
    n_steps: int,
    kernel: str,
) -> str:
    """Set inputs, outputs and the reach of one output; returns what it reads, and what no output reads."""
    if stride > 1 and dilation > 1:
        raise Invalid(f"Stride {stride} with dilation {dilation}: Conv1D refuses both above 1. Set one of them to 1.")
    if kernel == "last slope" and kernel_size < 2:
        raise Invalid("The last slope needs two values, and the kernel has one. Choose kernel size 2 or more.")
    taps = reads(n_steps, kernel_size=kernel_size, stride=stride, padding=padding, dilation=dilation)
    if len(taps) == 0:
        span = (kernel_size - 1) * dilation + 1
        raise Invalid(f"The kernel spans {span} steps and there are {n_steps} inputs: valid padding leaves no output.")
    values, weights = data[:n_steps], KERNELS[kernel](kernel_size)
    results, places = convolve(values, taps, weights), stands_at(taps, stride=stride, padding=padding)
    number = min(output, len(taps) - 1)
    read, place, scale = taps[number], int(places[number]), 0.5 / float(np.abs(data).max() or 1.0)
    inside = (read >= 0) & (read < n_steps)
    heights = np.where(inside, values[np.clip(read, 0, n_steps - 1)], 0.0) * scale
    result = OUTPUTS + scale * results[number]
    unused = np.setdiff1d(np.arange(n_steps), taps)
    time = np.arange(n_steps)
    artists["inputs"].set_data(time, scale * values)
    artists["unused"].set_data(unused, scale * values[unused])
    artists["taps"].set_data(read[inside], heights[inside])
    artists["zeros"].set_data(read[~inside], heights[~inside])
    artists["outputs"].set_data(places, OUTPUTS + scale * results)
    artists["here"].set_data([place], [result])
    for name, chosen in (("reads", read <= place), ("ahead", read > place)):
        artists[name].set_data(*_rays(read[chosen], heights[chosen], place, result))
    terms = [f"{w:.2g}×{x:.2f}" for w, x in zip(weights, heights / scale, strict=True)]
    artists["sum"].set_text(f"output {number} = {' + '.join(terms)} = {results[number]:.2f}")
    return _reading(number, place, read, n_steps, len(taps), results[number], unused)


def _rays(read: np.ndarray, heights: np.ndarray, place: int, result: float) -> tuple[np.ndarray, np.ndarray]:
    """Lines from inputs to the output as one path that is broken between them."""
    gap = np.full(len(read), np.nan)
    x = np.stack([read.astype(float), np.full(len(read), float(place)), gap], axis=1)
    y = np.stack([heights, np.full(len(read), result), gap], axis=1)
    return x.ravel(), y.ravel()


def _reading(
    number: int, place: int, read: np.ndarray, n_steps: int, n_outputs: int, result: float, unused: np.ndarray
) -> str:
    inside = [str(tap) for tap in read if 0 <= tap < n_steps]
    steps = f"step{'' if len(inside) == 1 else 's'} {', '.join(inside)}" if inside else "no step"
    zeros = int(((read < 0) | (read >= n_steps)).sum())
    padded = f" and {zeros} zero{'' if zeros == 1 else 's'}" if zeros else ""
    ahead = int(read.max()) - place
    future = f" It looks {ahead} step{'' if ahead == 1 else 's'} ahead of its own." if ahead > 0 else ""
    missed = f" Never read: {', '.join(map(str, unused))}." if len(unused) else " Every input is read."
    return (
        f"{n_steps} inputs, {n_outputs} outputs. Output {number} stands at time step {place}, reads "
        f"{steps}{padded}, and is {result:.2f}.{future}{missed}"
    )
