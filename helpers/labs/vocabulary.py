"""Lab *vocabulary* (lesson 13): unknown tokens and length by the size of the vocabulary, for each way of tokenizing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from helpers import tokens
from helpers.labs.framework.controls import Choice, Text
from helpers.labs.framework.lab import Invalid, Lab
from helpers.plots import COLOURS, CURVES

SIZES = (25, 50, 100, 200, 400, 600, 800, 1200, 1600, 2400)
REST, KNOWN, TYPED = "the rest", "what was counted", "what you type"
START = "대통령도 국회도 법률대로 하자."
MOST = 20_000  # characters of a typed text that are measured


@dataclass(frozen=True)
class Curves:
    """One method on one text, over the sizes of a vocabulary."""

    sizes: np.ndarray  # those that the method can have
    unknown: np.ndarray  # share of unknown tokens
    length: np.ndarray  # tokens for 100 characters


@dataclass(frozen=True)
class Measured:
    """The methods, and their curves on the two given texts."""

    methods: Mapping[str, tokens.Method]
    curves: Mapping[str, Mapping[str, Curves]]


def lab(text: str, rest: str, models: Mapping[int, Any]) -> Lab:
    """The lab on a text to count vocabularies from and another to measure them on.

    Args:
        text: what the vocabularies of words, syllables and letters are counted from.
        rest: a text that they have not seen.
        models: size of vocabulary to sentencepiece model, trained on ``text``.

    Raises:
        ValueError: a text is empty, or there is no model.
    """
    if not rest.strip():
        raise ValueError("the rest is empty; expected a text to measure vocabularies on.")
    methods = tokens.methods(text, dict(models))
    curves = {
        part: {name: measure(method, written) for name, method in methods.items()}
        for part, written in ((REST, rest), (KNOWN, text))
    }
    return Lab(
        "vocabulary",
        tasks=[
            "Raise the vocabulary to the end. Which of the four still meets unknown tokens, and why does it go on?",
            "From which size on are subwords at most half as many as syllables? What would that halve in a network?",
            "Measure what was counted itself. Which curve promises the most that the rest does not keep?",
            "Type a sentence of your own. By which method is it shortest, and by which is all of it known?",
        ],
        draw=draw,
        update=update,
        data=Measured(methods, curves),
        controls={
            "vocabulary": Choice("vocabulary", 800, options=list(SIZES)),
            "part": Choice("measured on", REST, options=[REST, KNOWN, TYPED]),
            "typed": Text("text", START, placeholder="type anything", when={"part": TYPED}),
        },
        size=(10.0, 4.2),
    )


def measure(method: tokens.Method, written: str) -> Curves:
    """Unknown share and length of a text at each size that the method can have.

    Raises:
        Invalid: there is nothing to measure.
    """
    sizes = np.array([size for size in SIZES if size >= method.smallest])
    if method.models:
        encoded = [np.array(method.encode(written, int(size))[1]) for size in sizes]
    else:
        every = np.array(method.encode(written, max(SIZES[-1], method.largest))[1])
        encoded = [np.where(every < size, every, tokens.UNKNOWN) for size in sizes]
    if not encoded[0].size:
        raise Invalid(f"By {method.name} this text has no tokens; type something to measure.")
    return Curves(
        sizes,
        np.array([np.mean(ids == tokens.UNKNOWN) for ids in encoded]),
        np.array([100 * len(ids) / len(written) for ids in encoded]),
    )


def draw(fig: Figure, data: Measured) -> dict[str, Any]:
    """Left the share of unknown tokens, right the tokens for 100 characters, each over the size."""
    left, right = fig.subplots(1, 2)
    ends = (SIZES[0] * 0.85, SIZES[-1] * 1.18)
    left.set(xlabel="size of the vocabulary", ylabel="unknown tokens", xlim=ends, ylim=(-4, 104), xscale="log")
    right.set(
        xlabel="size of the vocabulary", ylabel="tokens for 100 characters", xlim=ends, ylim=(0, 240), xscale="log"
    )
    artists: dict[str, Any] = {"unknown": [], "length": [], "dots": []}
    for ax in (left, right):
        ax.minorticks_off()
        ax.set_xticks([25, 100, 400, 800, 2400], ["25", "100", "400", "800", "2400"])
    left.set_yticks([0, 25, 50, 75, 100], ["0 %", "25 %", "50 %", "75 %", "100 %"])
    for name, (colour, style), marker in zip(data.methods, CURVES, "os^D", strict=False):
        for ax, kind in ((left, "unknown"), (right, "length")):
            (line,) = ax.plot([], [], color=colour, linestyle=style, label=name)
            (dot,) = ax.plot([], [], marker, color=colour, markersize=9)
            artists[kind].append(line)
            artists["dots"].append(dot)
    artists["chosen"] = [ax.axvline(SIZES[0], color=COLOURS["grey"], linewidth=1) for ax in (left, right)]
    fig.legend(handles=artists["unknown"], loc="outside upper center", ncols=4)
    return artists


def update(artists: Mapping[str, Any], data: Measured, *, vocabulary: int, part: str, typed: str) -> str:
    """Show all methods on the chosen text; returns their numbers at the chosen size."""
    typed = typed[:MOST]
    curves = data.curves.get(part) or {name: measure(method, typed) for name, method in data.methods.items()}
    parts = []
    for place, (name, curve) in enumerate(curves.items()):
        artists["unknown"][place].set_data(curve.sizes, 100 * curve.unknown)
        artists["length"][place].set_data(curve.sizes, curve.length)
        unknown_dot, length_dot = artists["dots"][2 * place : 2 * place + 2]
        here = np.flatnonzero(curve.sizes == vocabulary)
        unknown_dot.set_data(curve.sizes[here], 100 * curve.unknown[here])
        length_dot.set_data(curve.sizes[here], curve.length[here])
        if len(here):
            at = int(here[0])
            parts.append(f"{name} {100 * curve.unknown[at]:.1f} % and {curve.length[at]:.0f}")
        else:
            parts.append(f"{name} start at {int(curve.sizes[0]):,}")
    for line in artists["chosen"]:
        line.set_xdata([vocabulary, vocabulary])
    highest = max(240.0, 1.1 * max(float(curve.length.max()) for curve in curves.values()))
    artists["length"][0].axes.set_ylim(0, highest)
    unread = f" Choose “{TYPED}” to measure your text." if typed != START and part != TYPED else ""
    return f"Vocabulary of {vocabulary:,}, unknown and tokens for 100 characters: {'; '.join(parts)}.{unread}"
