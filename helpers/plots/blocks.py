"""Diagrams of blocks: layers that repeat, a block called several times, the way around it."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from helpers.plots import COLOURS, new_figure

#: Face colour and hatch of each set of weights, so that no two differ in colour alone.
LOOKS = {"plain": ("#eeeeee", ""), "first": ("#d6ecfa", ""), "second": ("#fde3c8", "//")}


def repeated(*, times: int = 3) -> Figure:
    """A, B, C in a row so many times, and below it as many layers D that each hold an A, a B and a C.

    Raises:
        ValueError: there is nothing to repeat.
    """
    if times < 1:
        raise ValueError(f"times is {times}; expected at least 1.")
    fig = new_figure(width=9.5, height=2.6)
    ax = _canvas(fig, width=3.3 * times + 1.9, height=2.7)
    for y, label in ((2.1, f"{3 * times} layers"), (0.7, f"{times} layers")):
        ax.text(0, y, label, va="center", fontsize=12)
    for number in range(3 * times):
        x = 2.0 + 1.1 * number
        for y in (2.1, 0.7):
            _box(ax, x, y, "ABC"[number % 3], LOOKS["first"], width=0.7)
            if number < 3 * times - 1:
                _arrow(ax, (x + 0.37, y), (x + 0.73, y))
    for number in range(times):
        left = 1.55 + 3.3 * number
        frame = FancyBboxPatch(
            (left, 0.2),
            3.1,
            1.0,
            boxstyle="round,pad=0,rounding_size=0.12",
            fill=False,
            edgecolor=COLOURS["red"],
            linewidth=1.8,
        )
        ax.add_patch(frame)
        ax.text(left + 1.55, -0.02, "D", ha="center", va="center", fontsize=12, color=COLOURS["red"])
    return fig


def shared_blocks() -> Figure:
    """The notes' regressor: one block four times, another once, and a way around each."""
    fig = new_figure(width=10, height=2.5)
    ax = _canvas(fig, width=14.6, height=2.5)
    names = ["50 values", "Dense(30)", *["block 1"] * 4, "block 2", "Dense(10)"]
    looks = ["plain", "plain", *["first"] * 4, "second", "plain"]
    for number, (name, look) in enumerate(zip(names, looks, strict=True)):
        x = 0.85 + 1.83 * number
        _box(ax, x, 0.8, name, LOOKS[look], width=1.48)
        if number < len(names) - 1:
            _arrow(ax, (x + 0.75, 0.8), (x + 1.08, 0.8))
        if look != "plain":
            _arrow(ax, (x - 0.93, 0.9), (x + 0.9, 0.9), curve=-0.7, colour=COLOURS["red"])
    ax.text(0.85 + 1.83 * 4, 1.85, "the way around: the input is added", ha="center", color=COLOURS["red"])
    return fig


def _canvas(fig: Figure, *, width: float, height: float) -> Axes:
    ax = fig.subplots()
    ax.set(xlim=(-0.1, width), ylim=(-0.2, height))
    ax.set_axis_off()
    return ax


def _box(ax: Axes, x: float, y: float, text: str, look: tuple[str, str], *, width: float) -> None:
    face, hatch = look
    ax.add_patch(
        FancyBboxPatch(
            (x - width / 2, y - 0.3),
            width,
            0.6,
            boxstyle="round,pad=0,rounding_size=0.1",
            facecolor=face,
            edgecolor="#555555",
            hatch=hatch,
        )
    )
    background = {"facecolor": face, "edgecolor": "none", "pad": 1.0}
    ax.text(x, y, text, ha="center", va="center", fontsize=11, bbox=background if hatch else None)


def _arrow(
    ax: Axes, start: tuple[float, float], end: tuple[float, float], *, curve: float = 0.0, colour: str = "black"
) -> None:
    ax.add_patch(
        FancyArrowPatch(
            start,
            end,
            connectionstyle=f"arc3,rad={curve}",
            arrowstyle="-|>",
            mutation_scale=13,
            linewidth=1.5,
            color=colour,
            shrinkA=0,
            shrinkB=0,
        )
    )
