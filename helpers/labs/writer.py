"""Lab *writer* (lesson 15): a trained language model reads what you type, writes on, and shows what surprised it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle

from helpers import language
from helpers.labs.framework.axes import reach
from helpers.labs.framework.controls import Choice, Slider, Text
from helpers.labs.framework.lab import Invalid, Lab
from helpers.language import LanguageModel
from helpers.plots import COLOURS
from helpers.plots.writing import name, page, visible

#: Cells of the page; the end of a longer text is shown.
COLUMNS, ROWS = 64, 7
#: Characters of a prompt that are read; of a longer one its end. Enough for the page, and quick.
LONGEST_PROMPT = 400
N_CANDIDATES = 8
#: Bits at which a cell has the darkest colour.
DARKEST = 14.0
#: Characters before the one looked at that the reading repeats.
CONTEXT = 12

TASKS = (
    "Somebody mistyped the prompt. Which character of it surprises the model most, and what did it expect there? "
    "Go on to surprise no. 2, 3, …: where in a word do they stand?",
    "Set the temperature to 0, to 1, to 2. At which do words fall apart, and which top-k mends them at 2?",
    "Write 0 characters and type a long word that nobody knows, twice: is it cheaper the second time?",
    "Give the other models a sentence of theirs, and one in another language. What do unknown characters cost?",
)


@dataclass(frozen=True)
class Written:
    """A text read or written, and what the model held to be likely before each character and after the last."""

    text: str  # as it is shown
    n_prompt: int
    ids: np.ndarray  # (characters,)
    logits: np.ndarray  # (characters + 1, tokens)
    bits: np.ndarray  # (characters,)


def lab(
    models: Mapping[str, tuple[Any, Sequence[str]]],
    prompt: str = 'The "return" statment leaves the current',
    *,
    tasks: Sequence[str] = TASKS,
) -> Lab:
    """The lab on trained language models.

    Args:
        models: name to a Keras model of an embedding, GRU layers and a head, and its tokens, single characters.
        prompt: what stands in the field at first.
        tasks: what to try, shown above the controls.

    Raises:
        ValueError: there is no model, or one of another kind.
    """
    if not models:
        raise ValueError("expected at least one model, got none; give the lab {name: (model, tokens)}.")
    data = {label: language.from_keras(*parts) for label, parts in models.items()}
    for label, model in data.items():
        if wrong := [token for token in model.tokens if len(token) != 1]:
            raise ValueError(f"the tokens of {label!r} must be single characters; got {wrong[:3]}.")
    return Lab(
        "writer",
        tasks=tasks,
        draw=draw,
        update=update,
        data=data,
        controls={
            "prompt": Text("prompt", prompt, placeholder="type, then press Enter", on_release=True),
            "model": Choice("model", next(iter(data)), options=list(data), on_release=True),
            "temperature": Slider("temperature", 0.7, minimum=0.0, maximum=2.0, step=0.1, on_release=True),
            "top_k": Choice("top-k", 0, options=[("all", 0), ("10", 10), ("3", 3), ("1", 1)], on_release=True),
            "length": Slider("characters to write", 100, minimum=0, maximum=200, step=10, on_release=True),
            "seed": Slider("drawing no.", 0, minimum=0, maximum=9, on_release=True),
            "rank": Slider("surprise no. (0: what comes next)", 1, minimum=0, maximum=20, on_release=True),
        },
        size=(10.0, 5.2),
    )


def write(model: LanguageModel, prompt: str, *, temperature: float, top_k: int, length: int, seed: int) -> Written:
    """Read a prompt, of a long one its end, and write ``length`` characters on."""
    prompt = language.clean(prompt)[-LONGEST_PROMPT:]
    ids, logits = language.go_on(
        model, language.encode(model, prompt), length, temperature=temperature, top_k=top_k, seed=seed
    )
    text = prompt + "".join(model.tokens[token] for token in ids[len(prompt) :])
    return Written(text, len(prompt), ids, logits, language.surprise(logits, ids))


def draw(fig: Figure, data: Mapping[str, LanguageModel]) -> dict[str, Any]:
    """The page above; below it bits by character, and the likeliest characters at the place looked at."""
    above, below = cast(np.ndarray, fig.subfigures(2, 1, height_ratios=[1, 1.05]))
    sheet = above.subplots()
    sheet.set(xlim=(0, COLUMNS), ylim=(-ROWS, 0), xticks=[], yticks=[])
    sheet.grid(False)
    corners = [(x, -y) for y in range(ROWS) for x in range(COLUMNS)]
    cells = PolyCollection(
        [[(x, y), (x + 1, y), (x + 1, y - 1), (x, y - 1)] for x, y in corners], cmap="Oranges", linewidths=0
    )
    cells.set_clim(0, DARKEST)
    sheet.add_collection(cells)
    letters = PathPatch(page("", COLUMNS), facecolor=COLOURS["black"], linewidth=0)
    written = PathPatch(page("", COLUMNS), facecolor=COLOURS["blue"], linewidth=0)
    frame = Rectangle((0, 0), 1, 1, fill=False, edgecolor=COLOURS["black"], linewidth=2)
    for patch in (letters, written, frame):
        sheet.add_patch(patch)
    sheet.set_title("black: the prompt   blue: written by the model   ground: surprise", loc="left")
    left, right = below.subplots(1, 2, width_ratios=[1.5, 1])
    (bits,) = left.plot([], [], "-", drawstyle="steps-mid", color=COLOURS["red"], linewidth=1.2)
    (place,) = left.plot([], [], "D", color=COLOURS["black"], fillstyle="none", markersize=9)
    (end,) = left.plot([], [], "--", color=COLOURS["blue"])
    left.set(xlabel="character on the page", ylabel="surprise in bits", xlim=(-1, COLUMNS * ROWS), ylim=(-0.5, 16))
    bars = right.barh(np.arange(N_CANDIDATES), np.zeros(N_CANDIDATES), color=COLOURS["sky"], label="the model")
    (drawn,) = right.plot([], [], "o", color=COLOURS["blue"], label="drawn from")
    names = [
        right.text(-0.02, row, "", ha="right", va="center", parse_math=False, clip_on=False)
        for row in range(N_CANDIDATES)
    ]
    right.set(xlim=(0, 1.03), ylim=(N_CANDIDATES - 0.5, -0.5), xlabel="probability", yticks=[])
    right.set_ylabel("next", labelpad=56)
    right.legend(loc="lower right")
    return {
        "cells": cells,
        "letters": letters,
        "written": written,
        "frame": frame,
        "bits": bits,
        "place": place,
        "end": end,
        "bars": list(bars),
        "names": names,
        "drawn": drawn,
    }


def update(
    artists: Mapping[str, Any],
    data: Mapping[str, LanguageModel],
    *,
    prompt: str,
    model: str,
    temperature: float,
    top_k: int,
    length: int,
    seed: int,
    rank: int,
) -> str:
    """Read, write, colour each character by its surprise; returns the place looked at and what was expected."""
    if temperature < 0 or length < 0:
        raise Invalid(f"temperature {temperature} and {length} characters: expected 0 or more of both.")
    made = write(data[model], prompt, temperature=temperature, top_k=top_k, length=length, seed=seed)
    order = np.argsort(-made.bits, kind="stable")
    place = int(order[rank - 1]) if 0 < rank <= len(order) else len(made.text)
    first = max(0, len(made.text) - COLUMNS * ROWS)  # the first character that the page has room for
    _show_page(artists, made, place, first)
    shares = language.probabilities(made.logits[place])
    _show_candidates(artists, data[model], shares, language.probabilities(made.logits[place], temperature, top_k))
    return " ".join([_costs(made, data[model], prompt), _expected(made, data[model], shares, place, rank)])


def _show_page(artists: Mapping[str, Any], made: Written, place: int, first: int) -> None:
    shown, bits = made.text[first:], made.bits[first:]
    room = COLUMNS * ROWS
    artists["cells"].set_array(np.pad(bits, (0, room - len(bits))))
    border = max(0, made.n_prompt - first)
    artists["letters"].set_path(page(shown[:border], COLUMNS))
    artists["written"].set_path(page(" " * border + shown[border:], COLUMNS))
    on_page = place - first
    row, column = divmod(on_page, COLUMNS)
    artists["frame"].set_bounds(column, -row - 1, 1, 1)
    artists["frame"].set_visible(0 <= on_page < room)
    artists["bits"].set_data(np.arange(len(bits)), bits)
    artists["place"].set_data(*(([on_page], [bits[on_page]]) if 0 <= on_page < len(bits) else ([], [])))
    high = reach(bits, least=16)
    artists["end"].set_data([border - 0.5] * 2, [-0.5, high])
    artists["end"].axes.set_ylim(-0.5, high)


def _show_candidates(artists: Mapping[str, Any], model: LanguageModel, shares: np.ndarray, drawn: np.ndarray) -> None:
    best = np.argsort(-shares, kind="stable")[:N_CANDIDATES]
    for row, (bar, label) in enumerate(zip(artists["bars"], artists["names"], strict=True)):
        bar.set_width(shares[best[row]] if row < len(best) else 0.0)
        label.set_text(name(model.tokens[best[row]]) if row < len(best) else "")
    artists["drawn"].set_data(drawn[best], np.arange(len(best)))


def _costs(made: Written, model: LanguageModel, prompt: str) -> str:
    """What prompt and continuation cost, and what could not be read as it was typed."""
    parts = []
    for label, bits in (("Prompt", made.bits[: made.n_prompt]), ("written", made.bits[made.n_prompt :])):
        if len(bits):
            mean = bits.mean()
            parts.append(f"{label}: {len(bits)} characters, {mean:.2f} bits each (perplexity {2**mean:.1f})")
    costs = "; ".join(parts) or "Nothing is read and nothing written"
    unknown = sum(token not in model.index for token in made.text[: made.n_prompt])
    if unknown:
        costs += f"; {unknown} characters that this model does not know are read as {language.UNKNOWN}"
    typed = len(language.clean(prompt))
    if typed > made.n_prompt:
        costs += f"; of {typed:,} typed the last {made.n_prompt}"
    return f"{costs[0].upper()}{costs[1:]}."


def _expected(made: Written, model: LanguageModel, shares: np.ndarray, place: int, rank: int) -> str:
    """What stands at ``place`` and what was held to be likely there."""
    best = int(np.argmax(shares))
    expected = f"“{name(model.tokens[best])}” with {shares[best]:.0%}"
    before = visible(made.text[max(0, place - CONTEXT) : place])
    after = f"after “{before}”" if before else "at the beginning"
    if place == len(made.text):
        return f"Next, {after}: {expected}."
    came = f"“{name(made.text[place])}” {after}, {made.bits[place]:.1f} bits"
    return f"Surprise no. {rank}: {came}; expected {expected}."
