"""Runs that a lab trained before the present one: a line each in the axes, a name with its last value beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes

from helpers.plots import CURVES

#: Runs in sight, the present one included.
SHOWN_RUNS = 8
#: Distance between two names, and their size, as shares of the axes and in points.
ROW, SIZE = 0.07, 11


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
    beside = {"va": "center", "transform": ax.transAxes, "fontsize": SIZE}
    ax.text(1.03, top + ROW, title, **beside)
    ax.text(1.10, top, longest, alpha=0, **beside)
    lines, names, samples = [], [], []
    for place in range(SHOWN_RUNS - 1):
        colour, style = CURVES[(place + 1) % len(CURVES)]
        look = {"color": colour, "linestyle": style, "linewidth": 1.6, "alpha": 0.7}
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
