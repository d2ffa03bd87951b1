"""Lab *tokenizer* (lesson 13): type anything; tokens, ids and the padded row, in four ways of tokenizing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from helpers import text as hangul
from helpers import tokens
from helpers.labs.framework.controls import Choice, Slider, Switch, Text
from helpers.labs.framework.lab import Lab
from helpers.plots import COLOURS
from helpers.plots import tokens as token_plots

#: Tokens that the picture has room for at most, lines of them, and width of a line in ems.
SLOTS, LINES, ROOM = 40, 3, 58.0
LONGEST_ROW = 18
SIZES = (400, 600, 800, 1200, 1600, 2400)
FORMS: dict[str, Callable[[str], str]] = {
    "as typed": str,
    "joined (NFC)": hangul.compose_text,
    "apart (NFD)": hangul.decompose_text,
}
START = "대통령도 국회도 법률대로 하자."


@dataclass(frozen=True)
class Tokenized:
    """A text's tokens with their ids, and the row that is left of them."""

    found: list[str]
    ids: list[int]
    kept: list[int]
    row: np.ndarray


def lab(text: str, models: Mapping[int, Any]) -> Lab:
    """The lab on a text to count vocabularies from.

    Args:
        text: what the vocabularies of words, syllables and letters are counted from.
        models: size of vocabulary to sentencepiece model, trained on the same text.

    Raises:
        ValueError: the text is empty, or there is no model.
    """
    return Lab(
        "tokenizer",
        tasks=[
            "'Let president and assembly, too, act by the law.' By which method is it all unknown, by which nothing?",
            "Type 법률 alone, then 법률이, then 법률대로. What does each method make of the endings?",
            "Choose 'apart (NFD)'. The sentence looks the same on any screen. For which methods does it stay known?",
            "Lower the length until tokens are cut off, then switch truncating. Which end would you give up?",
            "Try to break it: nothing at all, emoji, another script, a page of text, <script>.",
        ],
        draw=draw,
        update=update,
        data=tokens.methods(text, dict(models)),
        controls={
            "typed": Text("text", START, placeholder="type anything"),
            "method": Choice("method", "words", options=["words", "syllables", "letters", "subwords"]),
            "form": Choice("Hangul", "as typed", options=list(FORMS)),
            "vocabulary": Choice("vocabulary", 2400, options=list(SIZES), when={"method": "subwords"}),
            "mark": Switch("mark unknown tokens with 1", True),
            "length": Slider("length of the row", 12, minimum=1, maximum=LONGEST_ROW),
            "padding": Choice("padding", "pre", options=["pre", "post"]),
            "truncating": Choice(
                "truncating", "pre", options=["pre", "post"], when={"length": 2, "method": "subwords"}
            ),
        },
        size=(10.0, 4.2),
    )


def tokenize(
    method: tokens.Method,
    typed: str,
    *,
    form: str,
    vocabulary: int,
    mark: bool,
    length: int,
    padding: str,
    truncating: str,
) -> Tokenized:
    """What a method makes of a text, and the row of ``length`` ids."""
    found, ids = method.encode(FORMS[form](typed), vocabulary)
    kept = [number for number in ids if mark or number != tokens.UNKNOWN]
    row = tokens.pad([kept], length, padding=padding, truncating=truncating)[0]
    return Tokenized(found, ids, kept, row)


def draw(fig: Figure, data: Mapping[str, tokens.Method]) -> dict[str, Any]:
    """Above the tokens over their ids, below the padded row."""
    above, below = fig.subplots(2, 1, height_ratios=[LINES, 1.25])
    above.set(xlim=(-0.2, ROOM + 0.2), ylim=(0.5 - LINES, 0.5), title="tokens over their ids; filled boxes: unknown")
    below.set(xlim=(-0.7, LONGEST_ROW - 0.3), ylim=(-0.6, 0.6), title="the row that a network gets; dotted: padding")
    for ax in (above, below):
        ax.axis("off")
    return {
        **token_plots.boxes(above, SLOTS),
        "more": above.text(ROOM, 0.6 - LINES, "", ha="right", va="baseline", fontsize=11),
        "row": [below.text(k, -0.1, "", ha="center", va="baseline", fontsize=11) for k in range(LONGEST_ROW)],
        "cells": below.add_collection(PolyCollection([], **token_plots.KNOWN), autolim=False),
        "padding": below.add_collection(
            PolyCollection([], facecolor="none", edgecolor=COLOURS["grey"], linestyle=":"), autolim=False
        ),
        "strange": below.add_collection(PolyCollection([], **token_plots.UNKNOWN), autolim=False),
    }


def update(
    artists: Mapping[str, Any],
    data: Mapping[str, tokens.Method],
    *,
    typed: str,
    method: str,
    form: str,
    vocabulary: int,
    mark: bool,
    length: int,
    padding: str,
    truncating: str,
) -> str:
    """Show what is typed as tokens, ids and a row; returns the counts and the ids."""
    made = tokenize(
        data[method],
        typed,
        form=form,
        vocabulary=vocabulary,
        mark=mark,
        length=length,
        padding=padding,
        truncating=truncating,
    )
    shown = token_plots.place_tokens(artists, made.found, made.ids, room=ROOM, lines=LINES)
    rest = len(made.found) - shown
    artists["more"].set_text(f"… and {rest:,} more" if rest else "")
    squares: dict[str, list] = {"cells": [], "padding": [], "strange": []}
    for place, cell in enumerate(artists["row"]):
        cell.set_visible(place < length)
        if place < length:
            number = int(made.row[place])
            cell.set_text(str(number))
            kind = {tokens.PADDING: "padding", tokens.UNKNOWN: "strange"}.get(number, "cells")
            left, right = place - 0.44, place + 0.44
            squares[kind].append([(left, -0.4), (right, -0.4), (right, 0.4), (left, 0.4)])
    for kind, drawn in squares.items():
        artists[kind].set_verts(drawn)
    return reading(made, method=method, length=length)


def reading(made: Tokenized, *, method: str, length: int) -> str:
    """The picture in one sentence or two."""
    if not made.found:
        return f"No tokens: the row is {_count(length, 'zero')}."
    unknown = made.ids.count(tokens.UNKNOWN)
    first = ", ".join(
        f"{token_plots.visible(token)} {number}" for token, number in zip(made.found[:6], made.ids[:6], strict=True)
    )
    cut = max(len(made.kept) - length, 0)
    padded = max(length - len(made.kept), 0)
    end = f"{_count(cut, 'id')} cut off" if cut else f"{_count(padded, 'zero')} added"
    more = ", …" if len(made.found) > 6 else ""
    return (
        f"By {method}: {_count(len(made.found), 'token')}, {unknown:,} unknown ({unknown / len(made.found):.0%}): "
        f"{first}{more}. Row of {length}: {end}."
    )


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
