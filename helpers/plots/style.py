"""The course's palette: colours and line styles that differ from each other without colour, too."""

from __future__ import annotations

from typing import Any

#: Okabe and Ito's palette, which readers with colour-blindness can tell apart (https://jfly.uni-koeln.de/color/).
COLOURS = {
    "black": "#000000",
    "orange": "#E69F00",
    "sky": "#56B4E9",
    "green": "#009E73",
    "yellow": "#F0E442",
    "blue": "#0072B2",
    "red": "#D55E00",
    "pink": "#CC79A7",
    "grey": "#888888",
}
#: Colour and line style of the first, second, … curve of a figure: each pair differs in both.
CURVES: tuple[tuple[str, Any], ...] = (
    ("#0072B2", "-"),
    ("#D55E00", "--"),
    ("#009E73", "-."),
    ("#CC79A7", ":"),
    ("#000000", (0, (5, 1))),
    ("#E69F00", (0, (3, 1, 1, 1))),
    ("#56B4E9", (0, (1, 1))),
)
