"""Figures of convolutions over time: which inputs an output reads, through one layer and through many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.plots import COLOURS, CURVES, axes_of, figure_of, new_figure

PADDINGS = ("valid", "same", "causal")


def reads(n_steps: int, *, kernel_size: int, stride: int = 1, padding: str = "valid", dilation: int = 1) -> np.ndarray:
    """The time steps that each output of a convolution reads, as Keras' Conv1D does.

    Args:
        n_steps: length of the input.
        kernel_size: taps of the kernel.
        stride: input steps from one output to the next.
        padding: "valid", "same" or "causal".
        dilation: input steps from one tap to the next.

    Returns:
        Time steps (outputs, kernel_size), oldest first; those below 0 or from ``n_steps`` on are zeros of the padding.

    Raises:
        ValueError: a size is below 1, the padding is unknown, or stride and dilation are both above 1.

    >>> reads(6, kernel_size=2, stride=2).tolist()
    [[0, 1], [2, 3], [4, 5]]
    >>> reads(3, kernel_size=2, padding="causal", dilation=2).tolist()
    [[-2, 0], [-1, 1], [0, 2]]
    """
    sizes = {"n_steps": n_steps, "kernel_size": kernel_size, "stride": stride, "dilation": dilation}
    for name, size in sizes.items():
        if size < 1:
            raise ValueError(f"{name} is {size}; expected at least 1.")
    if padding not in PADDINGS:
        raise ValueError(f"padding is {padding!r}; expected one of {', '.join(PADDINGS)}.")
    if stride > 1 and dilation > 1:
        raise ValueError(f"stride {stride} and dilation {dilation} are both above 1, which Conv1D refuses; make one 1.")
    span = (kernel_size - 1) * dilation + 1
    before = after = 0
    if padding == "causal":
        before = span - 1
    elif padding == "same":
        missing = max((-(-n_steps // stride) - 1) * stride + span - n_steps, 0)
        before, after = missing // 2, missing - missing // 2
    starts = np.arange(-before, n_steps + after - span + 1, stride)
    return starts[:, np.newaxis] + dilation * np.arange(kernel_size)


def stands_at(taps: np.ndarray, *, stride: int, padding: str) -> np.ndarray:
    """The time step to which each output belongs: its newest input; with "same" and "causal" every ``stride``-th step.

    >>> stands_at(reads(6, kernel_size=4, stride=2), stride=2, padding="valid").tolist()
    [3, 5]
    """
    return taps[:, -1] if padding == "valid" else stride * np.arange(len(taps))


def connections(n_steps: int, settings: Mapping[str, Mapping[str, Any]]) -> Figure:
    """For each setting a picture of one layer: inputs below, outputs above, lines from what is read.

    Args:
        n_steps: length of the input.
        settings: title to the keywords of ``reads``.

    Raises:
        ValueError: no setting, or one that ``reads`` refuses.
    """
    if not settings:
        raise ValueError("connections got no setting; expected at least one, such as {'stride 2': {'kernel_size': 4}}.")
    fig = new_figure(width=9.0, height=0.5 + 1.55 * len(settings))
    axes = fig.subplots(len(settings), 1, sharex=True, squeeze=False)[:, 0]
    for ax, (title, setting) in zip(axes, settings.items(), strict=True):
        _layer(ax, n_steps, title, **setting)
    axes[-1].set_xlabel("time step")
    return fig


def _layer(ax: Axes, n_steps: int, title: str, **setting: Any) -> None:
    taps = reads(n_steps, **setting)
    places = stands_at(taps, stride=setting.get("stride", 1), padding=setting.get("padding", "valid"))
    last = len(taps) - 1
    for row, (read, place) in enumerate(zip(taps, places, strict=True)):
        for tap in read:
            ahead = tap > place
            colour = COLOURS["red"] if ahead else (COLOURS["blue"] if row == last else "#bbbbbb")
            ax.plot([tap, place], [0, 1], "--" if ahead else "-", color=colour, linewidth=1.8 if row == last else 1.0)
    padded = np.unique(taps[(taps < 0) | (taps >= n_steps)])
    unused = np.setdiff1d(np.arange(n_steps), taps)
    used = np.setdiff1d(np.arange(n_steps), unused)
    ax.plot(used, np.zeros(len(used)), "o", color=COLOURS["black"], markersize=9)
    ax.plot(padded, np.zeros(len(padded)), "o", color=COLOURS["grey"], fillstyle="none", markersize=9)
    ax.plot(unused, np.zeros(len(unused)), "X", color=COLOURS["red"], markersize=12)
    ax.plot(places, np.ones(len(places)), "s", color=COLOURS["green"], markersize=9)
    ax.set(ylim=(-0.35, 1.3), yticks=[0, 1], xticks=range(0, n_steps))
    ax.set_yticklabels(["input", "output"])
    ax.set_title(title, loc="left", fontsize=12)
    ax.grid(visible=False)


def stack(layers: Sequence[tuple[int, int]], *, n_steps: int, ax: Axes | None = None) -> Figure:
    """The inputs that the last output of a stack of causal layers reads, as a tree.

    Args:
        layers: (kernel size, dilation) of each layer, the first one first.
        n_steps: time steps to draw.
        ax: axes to draw on; new ones when None.

    Raises:
        ValueError: no layer.
    """
    if not layers:
        raise ValueError("stack got no layers; expected (kernel size, dilation) pairs, such as [(2, 1), (2, 2)].")
    ax = axes_of(ax, width=9.0, height=1.0 + 0.5 * (len(layers) + 1))
    reached = np.array([n_steps - 1])
    time = np.arange(n_steps)
    for height in range(len(layers), 0, -1):
        kernel_size, dilation = layers[height - 1]
        below = reached[:, np.newaxis] - dilation * np.arange(kernel_size)
        for place, read in zip(reached, below, strict=True):
            for tap in read[read >= 0]:
                ax.plot([tap, place], [height - 1, height], color=CURVES[0][0], linewidth=1.2, zorder=1)
        _row(ax, time, reached, height)
        reached = np.unique(below[below >= 0])
    _row(ax, time, reached, 0)
    names = ["input", *(f"layer {number}, dilation {d}" for number, (_, d) in enumerate(layers, start=1))]
    ax.set(xlabel="time step", xlim=(-1, n_steps), xticks=range(0, n_steps, 5))
    ax.set_yticks(range(len(names)), names)
    ax.grid(visible=False)
    return figure_of(ax)


def _row(ax: Axes, time: np.ndarray, reached: np.ndarray, height: int) -> None:
    ax.plot(time, np.full(len(time), height), "o", color="#cccccc", markersize=4, zorder=2)
    ax.plot(reached, np.full(len(reached), height), "o", color=CURVES[0][0], markersize=7, zorder=3)


def by_length(milliseconds: Mapping[str, Mapping[int, float]], *, ax: Axes | None = None) -> Figure:
    """Milliseconds against the length of the input, one curve a model.

    Args:
        milliseconds: model to {length: milliseconds}.
        ax: axes to draw on; new ones when None.

    Raises:
        ValueError: no curve, or more than there are line styles.
    """
    if not 1 <= len(milliseconds) <= len(CURVES):
        raise ValueError(f"milliseconds holds {len(milliseconds)} curves; expected 1 to {len(CURVES)}.")
    ax = axes_of(ax)
    for (name, curve), (colour, style) in zip(milliseconds.items(), CURVES, strict=False):
        ax.plot([*curve.keys()], [*curve.values()], color=colour, linestyle=style, marker="o", label=name)
    lengths = sorted({length for curve in milliseconds.values() for length in curve})
    ax.set(xscale="log", yscale="log", xlabel="time steps", ylabel="milliseconds")
    ax.set_xticks(lengths, [str(length) for length in lengths])
    low, high = ax.get_ylim()
    ticks = [tick for tick in (1, 3, 10, 30, 100, 300, 1000) if low <= tick <= high]
    ax.set_yticks(ticks, [str(tick) for tick in ticks])
    ax.minorticks_off()
    ax.legend(loc="upper left")
    return figure_of(ax)
