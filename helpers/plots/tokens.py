"""Tokens as a figure can show them: any text, in the glyphs that the figure's fonts have."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from helpers.plots import COLOURS, axes_of, figure_of
from helpers.text import stand_alone

#: A token longer than this is cut in a figure.
LONGEST = 12

#: How a known and an unknown token look; they differ in more than colour.
KNOWN: dict[str, Any] = {"facecolor": "white", "edgecolor": COLOURS["blue"], "linewidth": 1.2}
UNKNOWN: dict[str, Any] = {"facecolor": "#ffe0cc", "edgecolor": COLOURS["red"], "linewidth": 2.2}


def visible(token: str, longest: int = LONGEST) -> str:
    """``token`` in glyphs that a figure can draw: spaces marked, joining letters apart, the rest as code points.

    Args:
        token: any text.
        longest: characters after which it is cut.

    Returns:
        Text without line ends, control characters or glyphs that the fonts lack.

    >>> visible("a b\\n"), visible("\\0"), visible("가나다라", 3)
    ('a␣b↵', '<U+0000>', '가나다…')
    """
    drawn, columns = [], 0
    for character in stand_alone(token[: longest + 1]):
        drawn.append(_visible(character))
        columns += len(drawn[-1])
        if len(drawn) > longest or columns > 2 * longest:
            return "".join(drawn[:-1]) + "…"
    return "".join(drawn)


def width(text: str) -> float:
    """About how wide a text is, in ems: Hangul takes twice the room of a Latin letter.

    >>> width("가나a")
    2.5
    """
    return sum(0.95 if unicodedata.east_asian_width(character) in "WF" else 0.6 for character in text)


def split_side_by_side(
    rows: Sequence[tuple[str, Sequence[str], Sequence[int]]], *, unknown: int = 1, ax: Axes | None = None
) -> Figure:
    """One text split in several ways, a row each: every token in a box over its id, unknown ones filled.

    What finds no room in its row is left out and replaced by an ellipsis.

    Args:
        rows: (name, tokens, ids) of each way.
        unknown: the id of unknown tokens.
        ax: axes to draw on; None makes a figure.
    """
    ax = axes_of(ax, width=9.5, height=0.75 * len(rows) + 0.1)
    ax.set(xlim=(-9.5, 51.5), ylim=(-len(rows) + 0.5, 0.5))
    ax.axis("off")
    for place, (name, tokens, ids) in enumerate(rows):
        count = f"{len(tokens)} token{'' if len(tokens) == 1 else 's'}"
        ax.text(-9.5, -place, f"{name}\n{count}", va="center", fontsize=11)
        placed = place_tokens(boxes(ax, len(tokens)), tokens, ids, room=49.5, top=-place, unknown=unknown)
        if placed < len(tokens):
            ax.text(50.2, -place, "…", va="center", ha="left", fontsize=13)
    return figure_of(ax)


def boxes(ax: Axes, number: int) -> dict[str, Any]:
    """Artists for ``number`` tokens, to be filled by ``place_tokens``."""
    looks: dict[str, Any] = {"ha": "center", "va": "baseline", "fontsize": 11, "parse_math": False}
    return {
        "known": ax.add_collection(PolyCollection([], **KNOWN), autolim=False),
        "unknown": ax.add_collection(PolyCollection([], **UNKNOWN), autolim=False),
        "tokens": [ax.text(0, 0, "", **looks) for _ in range(number)],
        "ids": [ax.text(0, 0, "", **looks) for _ in range(number)],
    }


def place_tokens(
    artists: Mapping[str, Any],
    tokens: Sequence[str],
    ids: Sequence[int],
    *,
    room: float,
    lines: int = 1,
    top: float = 0.0,
    unknown: int = 1,
) -> int:
    """Set tokens over their ids in boxes, from left to right in lines; returns how many found room.

    Args:
        artists: from ``boxes``; those not needed are hidden.
        tokens: the tokens.
        ids: their numbers.
        room: width of a line, in data units of the axes, which are ems.
        lines: how many lines there are, one unit apart.
        top: height of the first.
        unknown: the id of unknown tokens.
    """
    left, line, placed = 0.0, 0, 0
    squares: dict[bool, list[Any]] = {True: [], False: []}
    for token, number in zip(tokens[: len(artists["tokens"])], ids, strict=False):
        shown = visible(token)
        wide = max(width(shown), width(str(number))) + 0.9
        if left + wide > room:
            left, line = 0.0, line + 1
        if line >= lines:
            break
        y = top - line
        artists["tokens"][placed].set(text=shown, position=(left + wide / 2, y + 0.06), visible=True)
        artists["ids"][placed].set(text=str(number), position=(left + wide / 2, y - 0.29), visible=True)
        low, high, right = y - 0.38, y + 0.38, left + wide
        squares[number == unknown].append([(left, low), (right, low), (right, high), (left, high)])
        left, placed = right + 0.35, placed + 1
    for spare in (*artists["tokens"][placed:], *artists["ids"][placed:]):
        spare.set_visible(False)
    artists["known"].set_verts(squares[False])
    artists["unknown"].set_verts(squares[True])
    return placed


_MARKS = {" ": "␣", "\n": "↵"}


def _visible(character: str) -> str:
    if character in _MARKS:
        return _MARKS[character]
    if unicodedata.category(character)[0] not in "CZM" and _has_glyph(character, tuple(mpl.rcParams["font.family"])):
        return character
    return f"<U+{ord(character):04X}>"


@cache
def _has_glyph(character: str, families: tuple[str, ...]) -> bool:
    return any(ord(character) in _glyphs(family) for family in families)


@cache
def _glyphs(family: str) -> frozenset[int]:
    file = font_manager.findfont(font_manager.FontProperties(family=[family]))
    return frozenset(font_manager.get_font(file).get_charmap())
