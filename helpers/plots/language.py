"""Figures of language models: how long a context pays, how a text is dealt to batches, where dropout acts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from helpers.plots import COLOURS, CURVES, axes_of, figure_of, new_figure


def context_lengths(new: Sequence[float], counted: Sequence[float], *, ax: Axes | None = None) -> Figure:
    """Perplexity of counts against the length of the pieces.

    Args:
        new: perplexities on new text for pieces of 1, 2, … characters.
        counted: the same on text that was counted.
        ax: axes to draw on; new ones when None.

    Raises:
        ValueError: the two are of different length, or empty.
    """
    if len(new) != len(counted) or not len(new):
        raise ValueError(f"got {len(new)} and {len(counted)} perplexities; expected as many of both, at least one.")
    ax = axes_of(ax)
    lengths = np.arange(1, len(new) + 1)
    for label, values, (colour, style) in zip(
        ("new text", "text that was counted"), (new, counted), CURVES, strict=False
    ):
        ax.plot(lengths, values, marker="o", color=colour, linestyle=style, label=label)
    ax.set_yscale("log")
    ticks = [tick for tick in (1, 2, 4, 8, 16, 32) if min(counted) / 2 <= tick <= 2 * max(new)]
    ax.set_yticks(ticks, [f"{tick}" for tick in ticks])
    ax.minorticks_off()
    ax.set(xlabel="characters in a piece", ylabel="perplexity", xticks=lengths)
    ax.legend(loc="upper right")
    return figure_of(ax)


def surprise_by_place(bits: Sequence[float], *, ax: Axes | None = None) -> Figure:
    """Mean surprise of the 1st, 2nd, … letter of a word, in bits."""
    ax = axes_of(ax, width=7, height=3)
    places = np.arange(1, len(bits) + 1)
    ax.bar(places, bits, color=COLOURS["sky"], edgecolor=COLOURS["blue"])
    ax.set(xlabel="place of the letter in its word", ylabel="surprise, bits", xticks=places)
    return figure_of(ax)


def reading_orders(*, rows: int = 3, windows: int = 4, seed: int = 3) -> Figure:
    """Windows of one text dealt to batches: drawn at random, and so that each row reads on.

    Raises:
        ValueError: there is no row or no window.
    """
    if rows < 1 or windows < 1:
        raise ValueError(f"got {rows} rows of {windows} windows; expected at least one of each.")
    in_order = np.arange(rows * windows).reshape(rows, windows)
    at_random = np.random.default_rng(seed).permutation(rows * windows).reshape(rows, windows)
    fig = new_figure(width=8, height=1.2 + 0.8 * rows)
    for ax, dealt, title in zip(
        fig.subplots(2, 1),
        (at_random, in_order),
        ("at random, each from an empty state", "each row reads on"),
        strict=True,
    ):
        ax.set(xlim=(0, windows), ylim=(rows, 0), yticks=np.arange(rows) + 0.5)
        ax.set_yticklabels([f"row {row}" for row in range(rows)])
        ax.set_xticks(np.arange(windows) + 0.5, [f"batch {batch}" for batch in range(windows)])
        ax.set_title(title, loc="left")
        ax.grid(False)
        ax.tick_params(length=0)
        for spine in ax.spines.values():
            spine.set_visible(False)
        for (row, batch), window in np.ndenumerate(dealt):
            shade = 0.35 + 0.6 * (window // windows) / max(1, rows - 1)
            box = FancyBboxPatch(
                (batch + 0.14, row + 0.2), 0.66, 0.6, boxstyle="round,pad=0.02", facecolor=f"{shade:.2f}", linewidth=0
            )
            ax.add_patch(box)
            colour = "white" if shade < 0.6 else "black"
            ax.text(batch + 0.47, row + 0.5, f"window {window}", ha="center", va="center", color=colour)
            if dealt is in_order and batch:
                arrow = {"arrowstyle": "-|>", "color": COLOURS["red"], "linewidth": 2}
                ax.annotate("", (batch + 0.13, row + 0.5), (batch - 0.19, row + 0.5), arrowprops=arrow)
    return fig


def dropout_places(*, steps: int = 4, layers: int = 2) -> Figure:
    """Layers over time steps, with dropout on the arrows that go up, and one mask for all on those that go right.

    Raises:
        ValueError: there is no layer, or fewer than two steps.
    """
    if steps < 2 or layers < 1:
        raise ValueError(f"got {layers} layers over {steps} steps; expected at least 1 and 2.")
    fig = new_figure(width=8, height=1.6 + 1.15 * layers)
    ax = fig.subplots()
    ax.set(xlim=(-1.5, steps - 0.3), ylim=(-0.6, layers + 1.5))
    ax.axis("off")
    names = ["embedding", *(f"GRU {layer + 1}" for layer in range(layers)), "head"]
    for height, label in enumerate(names):
        ax.text(-1.45, height, label, va="center")
        for step in range(steps):
            inside = 0 < height <= layers
            colour = COLOURS["sky"] if inside else "0.85"
            ax.add_patch(FancyBboxPatch((step - 0.18, height - 0.17), 0.36, 0.34, boxstyle="round,pad=0.02", fc=colour))
            if height:
                _arrow(ax, (step, height - 0.79), (step, height - 0.21), COLOURS["blue"], "--")
                name = f"mask {step + 1}{chr(ord('a') + height - 1)}"  # of this step and this height alone
                ax.text(step + 0.05, height - 0.5, name, va="center", color=COLOURS["blue"])
            if inside and step:
                _arrow(ax, (step - 0.78, height), (step - 0.22, height), COLOURS["red"], "-")
                ax.text(
                    step - 0.5, height + 0.1, f"mask {chr(ord('A') + height - 1)}", ha="center", color=COLOURS["red"]
                )
    ax.set_title("up (dashed): a new mask at each step     right: one mask of a layer for all steps", loc="left")
    return fig


def _arrow(ax: Axes, start: tuple[float, float], end: tuple[float, float], colour: str, style: str) -> None:
    ax.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "color": colour, "linestyle": style, "linewidth": 1.8})
