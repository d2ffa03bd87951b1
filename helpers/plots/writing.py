"""Figures of written text: characters in cells, drawn as shapes, so that nothing typed is taken for markup."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.path import Path as Shape
from matplotlib.textpath import TextPath

HANGUL_FILE = Path(__file__).resolve().parent.parent / "fonts" / "CourseHangul-Regular.ttf"
#: What characters that have no shape of their own look like, and what those look like that no font here has.
VISIBLE = {"\n": "↵", "\t": "→", " ": " "}
NOT_IN_FONT = "□"
#: A cell is as wide as high times this; Latin letters fill it at size 1, Hangul at size 0.8.
CELL_WIDTH, LINE_HEIGHT = 0.8, 1.6
ADVANCE = 0.602  # of every character of DejaVu Sans Mono, in units of its size
EMPTY = Shape(np.zeros((0, 2)), np.zeros(0, Shape.code_type))


def visible(text: str) -> str:
    """``text`` on one line, each character as one that has a shape.

    >>> visible("if x:\\n\\treturn\\u202e \\ud83d")
    'if x:↵→return□ □'
    """
    return "".join(VISIBLE.get(character) or (character if _font_of(character) else NOT_IN_FONT) for character in text)


def page(text: str, columns: int) -> Shape:
    """One shape of all characters, in rows of ``columns`` cells; cell 0 lies at x from 0 to 1, y from 0 to −1.

    >>> bool(page("ab", 1).get_extents().ymin < -1)
    True
    """
    shapes = [_glyph(character) for character in visible(text)]
    vertices, codes = [np.asarray(EMPTY.vertices)], [np.asarray(EMPTY.codes)]
    for place, shape in enumerate(shapes):
        row, column = divmod(place, columns)
        vertices.append(np.asarray(shape.vertices) + np.array([column, -row]))
        codes.append(np.asarray(shape.codes))
    return Shape(np.concatenate(vertices), np.concatenate(codes))


def name(character: str) -> str:
    """A character as a tick label names it.

    >>> name("a"), name(" "), name("\\n")
    ('a', 'space', 'line end')
    """
    return {" ": "space", "\n": "line end", "\t": "tab"}.get(character) or visible(character)


@cache
def _glyph(character: str) -> Shape:
    """The outline of a visible character within the cell from (0, −1) to (1, 0)."""
    font = _font_of(character)
    if font is None or character == " ":
        return EMPTY
    hangul = font == str(HANGUL_FILE)
    outline = TextPath((0, 0), character, size=0.8 if hangul else 1.0, prop=FontProperties(fname=font))
    if not len(outline.vertices):
        return EMPTY
    x, y = outline.vertices.T
    middle = (x.min() + x.max()) / 2 if hangul else ADVANCE / 2
    return Shape(np.column_stack([0.5 + (x - middle) / CELL_WIDTH, y / LINE_HEIGHT - 0.68]), outline.codes)


@cache
def _font_of(character: str) -> str | None:
    """The first font that has this character, None if none has or if it is no character to look at."""
    if unicodedata.category(character)[0] == "C":
        return None
    for font in _fonts():
        if get_font(font).get_char_index(ord(character)):
            return font
    return None


@cache
def _fonts() -> Sequence[str]:
    return findfont(FontProperties(family="DejaVu Sans Mono")), str(HANGUL_FILE)
