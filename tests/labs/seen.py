"""What a reader sees of a lab: its picture, all its text, its legends."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import ipywidgets
import numpy as np
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from PIL import Image

from helpers.labs.framework import canvas
from helpers.labs.framework.lab import Lab


def picture(lab: Lab) -> np.ndarray:
    """The picture at rest, (height, width, 3)."""
    return np.asarray(Image.open(BytesIO(lab.png)))


def fresh(lab: Lab) -> np.ndarray:
    """The same picture drawn on a new figure."""
    fig = lab.render()
    fig.set_dpi(canvas.SHARP * canvas.DPI)
    fig.canvas.draw()
    return canvas.pixels(fig.canvas)


def texts(lab: Lab) -> str:
    """All HTML of a lab."""
    found, todo = [], [lab.widget]
    while todo:
        widget = todo.pop()
        todo += getattr(widget, "children", ())
        if isinstance(widget, ipywidgets.HTML):
            found.append(widget.value)
    return "\n".join(found)


def legends(fig: Figure) -> list[Legend]:
    """All legends of a figure, those of its subfigures too."""
    found = [*fig.legends, *(ax.get_legend() for ax in fig.axes if ax.get_legend())]
    for part in fig.subfigs:
        found += part.legends
    return found


def artists(lab: Lab) -> Mapping[str, Any]:
    """The artists that a lab moves, by name, as they are drawn now."""
    return lab.redraws._picture._artists
