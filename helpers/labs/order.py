"""Lab *order* (lesson 14): move the words of a review, and see what three models think after every word."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from helpers.labs.framework.controls import Choice
from helpers.labs.framework.lab import Lab
from helpers.labs.framework.words import MOST_WORDS, Words
from helpers.plots import CURVES
from helpers.plots.tokens import visible
from helpers.review_grammar import Pair, words

#: From sentences to the probability that each is praise, (sentences,).
Model = Callable[[Sequence[str]], np.ndarray]
LABELS = {1: "praise", 0: "complaint"}


@dataclass(frozen=True)
class Bench:
    """The models, and the sentences whose label is known: sorted words to {words in order: label}."""

    models: Mapping[str, Model]
    known: Mapping[tuple[str, ...], Mapping[tuple[str, ...], int]]


def lab(models: Mapping[str, Model], pairs: Sequence[Pair], examples: Sequence[str] = ()) -> Lab:
    """The lab on the trained models.

    Args:
        models: two to four names, each with a function from sentences to probabilities of praise.
        pairs: pairs of the grammar, to know mirrors and labels.
        examples: sentences to start from; the first of it is shown first. By default those of the first four pairs.

    Raises:
        ValueError: the numbers of models or pairs are others, or a model gives no probabilities.
    """
    models, pairs = dict(models), list(pairs)
    if not 2 <= len(models) <= 4 or not pairs:
        raise ValueError(f"got {len(models)} models and {len(pairs)} pairs; expected two to four models, and pairs.")
    for name, model in models.items():
        answer = np.asarray(model(["", pairs[0].positive]))
        if answer.shape != (2,) or not np.all((answer >= 0) & (answer <= 1)):
            raise ValueError(f"the model {name!r} gave {answer!r} for two sentences; expected two probabilities.")
    known: dict[tuple[str, ...], dict[tuple[str, ...], int]] = {}
    for pair in pairs:
        for text, label in ((pair.positive, 1), (pair.negative, 0)):
            order = tuple(words(text))
            known.setdefault(tuple(sorted(order)), {})[order] = label
    examples = [*examples] or [text for pair in pairs[:4] for text in pair[1:]]
    return Lab(
        "order",
        tasks=[
            "Read the curves from left to right. After which word does each model change its mind?",
            "Choose a word and move it until the sentence means the opposite. What does the bag of words say?",
            "Find a sentence that all three get wrong; if it is none of the grammar's, say what you mean. "
            "Try to tell the second half first.",
            "Type a review of your own. Words that the models never read are all the same to them.",
        ],
        draw=draw,
        update=update,
        data=Bench(models, known),
        controls={
            "sentence": Words("sentence", examples[0], examples=examples, on_release=True),
            "meant": Choice(
                "you mean",
                1,
                options=[("praise", 1), ("a complaint", 0)],
                when={"sentence": " ".join(reversed(words(examples[0])))},
            ),
        },
        size=(10.0, 5.6),
    )


def prefixes(order: Sequence[str]) -> list[str]:
    """The sentence after its first word, after two, …

    >>> prefixes(["not", "dull"])
    ['not', 'not dull']
    """
    return [" ".join(order[: end + 1]) for end in range(len(order))]


def mirror_of(bench: Bench, order: tuple[str, ...], meant: int) -> tuple[tuple[str, ...], int | None]:
    """The same words the other way: the grammar's sentence with the other label, else the words backwards.

    Returns:
        The mirror's words, and the label of ``order`` where the grammar knows it.
    """
    sentences = bench.known.get(tuple(sorted(order)), {})
    label = sentences.get(order)
    opposite = 1 - (meant if label is None else label)
    mirror = next((other for other, of in sentences.items() if of == opposite), order[::-1])
    return mirror, label


def draw(fig: Figure, data: Bench) -> dict[str, Any]:
    """Two panels, your order above and the mirror below: probability of praise after every word, a curve a model."""
    artists: dict[str, Any] = {}
    for name, ax in zip(("above", "below"), fig.subplots(2, 1), strict=True):
        ax.set(xlim=(-1.2, MOST_WORDS - 0.4), ylim=(-0.5, 1.05), ylabel="P(praise)", yticks=[0, 0.5, 1], xticks=[])
        ax.axhline(0.5, color="black", linewidth=0.8)
        ax.spines["bottom"].set_visible(False)
        artists[name] = [
            ax.plot([], [], color=colour, linestyle=style, marker=mark, markersize=6, label=label)[0]
            for label, (colour, style), mark in zip(data.models, CURVES, "osD^", strict=False)
        ]
        artists[f"{name} words"] = [
            ax.text(place + 0.25, -0.06, "", ha="right", va="top", rotation=30, fontsize=11, parse_math=False)
            for place in range(MOST_WORDS)
        ]
        artists[f"{name} title"] = ax.text(
            0.0, 1.02, "room for a title", transform=ax.transAxes, va="bottom", fontsize=12, parse_math=False
        )
        if name == "above":
            ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return artists


def update(artists: Mapping[str, Any], data: Bench, *, sentence: str, meant: int) -> str:
    """Draw both orders; returns what the models say at the end, and who is wrong."""
    whole = words(sentence)
    order = tuple(whole[:MOST_WORDS])
    if not order:
        for place in ("above", "below"):
            _show(artists, place, (), np.empty((len(data.models), 0)), "no words")
        return "There are no words in this sentence; type some."
    mirror, label = mirror_of(data, order, meant)
    truth = meant if label is None else label
    both = [*prefixes(order), *prefixes(mirror)]
    answers = np.array([np.asarray(model(both), dtype=float) for model in data.models.values()])
    whose = f"you mean {LABELS[truth]}" if label is None else f"the grammar says {LABELS[truth]}"
    _show(artists, "above", order, answers[:, : len(order)], f"your order: {whose}")
    how = "the same words backwards" if mirror == order[::-1] else f"the mirror: {LABELS[1 - truth]}"
    _show(artists, "below", mirror, answers[:, len(order) :], how)
    final = answers[:, len(order) - 1]
    wrong = [name for name, value in zip(data.models, final, strict=True) if (value > 0.5) != bool(truth)]
    cut = f" Only the first {MOST_WORDS} of {len(whole):,} words are read." if len(whole) > MOST_WORDS else ""
    return (
        f"Probability of praise at the end: {_listed(data.models, final)}; in the lower order "
        f"{_listed(data.models, answers[:, -1])}. {whose[0].upper()}{whose[1:]}; "
        f"wrong: {', '.join(wrong) or 'none'}.{cut}"
    )


def _show(artists: Mapping[str, Any], place: str, order: Sequence[str], answers: np.ndarray, title: str) -> None:
    for line, values in zip(artists[place], answers, strict=True):
        line.set_data(np.arange(len(values)), values)
    for number, text in enumerate(artists[f"{place} words"]):
        text.set_text(visible(order[number], 12) if number < len(order) else "")
    artists[f"{place} title"].set_text(title)


def _listed(names: Mapping[str, Any], values: np.ndarray) -> str:
    return ", ".join(f"{name} {value:.2f}" for name, value in zip(names, values, strict=True))
