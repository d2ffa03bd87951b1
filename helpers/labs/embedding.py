"""Lab *embedding* (lesson 14): a map of word vectors and a word's nearest neighbours, before and after training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from helpers.labs.framework.controls import Choice
from helpers.labs.framework.lab import Lab
from helpers.plots import COLOURS
from helpers.plots.tokens import visible

N_NEIGHBOURS, LONGEST = 8, 14
#: Width of a letter, of a Korean syllable, and height of a line on the map, in its units.
NARROW, WIDE, TALL = 0.028, 0.048, 0.075
MARKS = (("blue", "o"), ("red", "s"), ("green", "^"), ("grey", "D"))


@dataclass(frozen=True)
class Atlas:
    """Words with their kinds, and for every (task, when) their unit vectors and places on the map."""

    words: Sequence[str]
    kinds: Sequence[str]
    vectors: Mapping[tuple[str, str], np.ndarray]
    places: Mapping[tuple[str, str], np.ndarray]


def lab(kinds: Mapping[str, str], tasks: Mapping[str, tuple[np.ndarray, np.ndarray]], *, start: str = "") -> Lab:
    """The lab on embeddings that were trained by different tasks.

    Args:
        kinds: word to its kind, such as "praise"; 3 to 80 words of at most four kinds.
        tasks: task to its vectors before and after training, each (words, dimensions) in the order of ``kinds``.
        start: the word chosen first; the first by default.

    Raises:
        ValueError: the shapes do not fit, a value is not finite, or there are too few or too many words or kinds.
    """
    words = list(kinds)
    if not 3 <= len(words) <= 80 or len(set(kinds.values())) > len(MARKS) or not tasks:
        raise ValueError(
            f"got {len(words)} words of {len(set(kinds.values()))} kinds and {len(tasks)} tasks; "
            f"expected 3 to 80 words of at most {len(MARKS)} kinds, and a task."
        )
    vectors, places = {}, {}
    for task, both in tasks.items():
        for when, values in zip(("before", "after"), both, strict=True):
            values = np.asarray(values, dtype=float)
            if values.ndim != 2 or len(values) != len(words) or values.shape[1] < 2:
                raise ValueError(f"{task}, {when}: shape {values.shape}; expected ({len(words)}, dimensions).")
            if not np.isfinite(values).all():
                raise ValueError(f"{task}, {when}: the vectors are not finite; train the model again.")
            vectors[task, when] = unit(values)
            places[task, when] = flat_map(vectors[task, when])
    return Lab(
        "embedding",
        tasks=[
            "Look at the map before and after, for every task. Which kinds come apart, and which stay mixed?",
            "Find a word whose opposite is among its nearest neighbours. Which task puts opposites together, and why?",
            "Find a Korean word with an English neighbour. Nobody gave the network a dictionary; which task did it?",
        ],
        draw=draw,
        update=update,
        data=Atlas(words, list(kinds.values()), vectors, places),
        controls={
            "task": Choice("trained to", next(iter(tasks)), options=list(tasks)),
            "when": Choice("training", "after", options=["before", "after"]),
            "word": Choice("word", start or words[0], options=words),
        },
        size=(10.5, 5.6),
    )


def unit(vectors: np.ndarray) -> np.ndarray:
    """``vectors`` (words, dimensions) at length 1; a vector of zeros stays."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)


def flat_map(vectors: np.ndarray) -> np.ndarray:
    """The two directions along which the vectors differ most (principal components), (words, 2), within ±1."""
    centred = vectors - vectors.mean(axis=0)
    left, sizes, right = np.linalg.svd(centred, full_matrices=False)
    signs = np.sign(right[np.arange(2), np.abs(right[:2]).argmax(axis=1)])
    places = left[:, :2] * sizes[:2] * signs
    return places / np.maximum(np.abs(places).max(), 1e-12)


def neighbours(vectors: np.ndarray, word: int, number: int = N_NEIGHBOURS) -> list[tuple[int, float]]:
    """The nearest other words by cosine, nearest first.

    >>> neighbours(np.array([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]]), 0, 1)
    [(2, 0.6)]
    """
    cosines = vectors @ vectors[word]
    order = [int(place) for place in np.argsort(-cosines, kind="stable") if place != word]
    return [(place, round(float(cosines[place]), 3)) for place in order[:number]]


def readable(words: Sequence[str], places: np.ndarray, first: Sequence[int]) -> set[int]:
    """The words whose names have room on the map: each that overlaps none before it, beginning with ``first``.

    >>> sorted(readable(["dull", "awful", "superb"], np.array([[0.0, 0.0], [0.01, 0.02], [0.9, 0.0]]), first=[1]))
    [1, 2]
    """
    widths = [sum(WIDE if letter > "\u1100" else NARROW for letter in word[:LONGEST]) for word in words]
    shown: list[int] = []
    for here in dict.fromkeys([*first, *range(len(words))]):
        across, up = np.abs(places[shown] - places[here]).T if shown else ((), ())
        if not any(
            x < (widths[here] + widths[other]) / 2 and y < TALL for x, y, other in zip(across, up, shown, strict=True)
        ):
            shown.append(here)
    return set(shown)


def draw(fig: Figure, data: Atlas) -> dict[str, Any]:
    """Left the map of all words, names where they have room, right the nearest neighbours of one."""
    chart, bars = fig.subplots(1, 2, width_ratios=[2.1, 1])
    chart.set(xlim=(-1.15, 1.15), ylim=(-1.15, 1.15), xticks=[], yticks=[], title="map: two main directions")
    artists: dict[str, Any] = {"points": {}}
    for kind, (colour, mark) in zip(dict.fromkeys(data.kinds), MARKS, strict=False):
        (points,) = chart.plot([], [], mark, color=COLOURS[colour], markersize=6, label=kind)
        artists["points"][kind] = points
    chart.legend(loc="upper center", bbox_to_anchor=(0.5, -0.01), ncols=len(MARKS))
    artists["names"] = [
        chart.text(0, 0, visible(word, LONGEST), fontsize=9, va="bottom", ha="center", parse_math=False)
        for word in data.words
    ]
    (artists["chosen"],) = chart.plot([], [], "o", markersize=15, markerfacecolor="none", color=COLOURS["black"])
    bars.set(xlim=(-0.05, 1.05), ylim=(N_NEIGHBOURS - 0.5, -0.5), yticks=[], xlabel="cosine", title="nearest words")
    artists["bars"] = [bars.barh(k, 0, height=0.75, color=COLOURS["sky"])[0] for k in range(N_NEIGHBOURS)]
    artists["labels"] = [
        bars.text(0.02, k, "", va="center", fontsize=11, parse_math=False) for k in range(N_NEIGHBOURS)
    ]
    return artists


def update(artists: Mapping[str, Any], data: Atlas, *, task: str, when: str, word: str) -> str:
    """Place the words for a task and name the chosen one's neighbours; returns how many are of its kind."""
    places, vectors, here = data.places[task, when], data.vectors[task, when], data.words.index(word)
    for kind, points in artists["points"].items():
        mine = [place for place, of in zip(places, data.kinds, strict=True) if of == kind]
        points.set_data(*np.transpose(mine))
    near = neighbours(vectors, here)
    shown = readable(data.words, places, first=[here, *(place for place, _ in near)])
    for place, (name, (x, y)) in enumerate(zip(artists["names"], places, strict=True)):
        name.set_position((x, y + 0.02))
        name.set_text(visible(data.words[place], LONGEST) if place in shown else "")
    artists["chosen"].set_data(*places[[here]].T)
    for k, (bar, label) in enumerate(zip(artists["bars"], artists["labels"], strict=True)):
        bar.set_width(max(0.0, near[k][1]) if k < len(near) else 0.0)
        label.set_text(f"{visible(data.words[near[k][0]], LONGEST)}  {near[k][1]:.2f}" if k < len(near) else "")
    alike = sum(data.kinds[place] == data.kinds[here] for place, _ in near)
    verb = "trained to" if when == "after" else "before it is trained to"
    return (
        f"{verb.capitalize()} {task}: nearest to {word} is {data.words[near[0][0]]} "
        f"(cosine {near[0][1]:.2f}); {alike} of its {len(near)} neighbours are of its own kind, {data.kinds[here]}."
    )
