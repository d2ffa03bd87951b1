"""One look for each kind of model in every figure: colour, marker and line style, told apart without colour, too."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from helpers.plots.style import COLOURS


class Look(NamedTuple):
    """How a model is drawn; ``line`` is a Matplotlib line style."""

    colour: str
    marker: str
    line: str | tuple[int, tuple[int, ...]]


_SOLID, _DASHED, _DOTTED, _MIXED = "-", "--", ":", "-."
_LONG, _SPARSE, _THREE = (0, (8, 2)), (0, (3, 3)), (0, (3, 1, 1, 1, 1, 1))

#: The look of each family. Networks have filled markers; what is not trained by gradients has thin ones or open lines.
LOOKS = {
    "naive": Look(COLOURS["grey"], "x", _DOTTED),
    "seasonal naive": Look(COLOURS["grey"], "+", _DASHED),
    "moving average": Look(COLOURS["grey"], "1", _MIXED),
    "median": Look(COLOURS["grey"], "2", _LONG),
    "linear": Look(COLOURS["black"], "_", _DASHED),
    "SARIMA": Look(COLOURS["black"], "|", _DOTTED),
    "boosting": Look(COLOURS["black"], "*", _MIXED),
    "curve fit": Look(COLOURS["black"], "3", _SPARSE),
    "floor": Look(COLOURS["black"], "4", _SOLID),
    "dense": Look(COLOURS["orange"], "p", _LONG),
    "SimpleRNN": Look(COLOURS["sky"], "v", _DOTTED),
    "deep RNN": Look(COLOURS["sky"], "^", _SOLID),
    "LayerNorm RNN": Look(COLOURS["sky"], "<", _MIXED),
    "LSTM": Look(COLOURS["blue"], "s", _DASHED),
    "GRU": Look(COLOURS["red"], "o", _SOLID),
    "convolution": Look(COLOURS["green"], "D", _MIXED),
    "attention": Look(COLOURS["pink"], "P", _THREE),
    "counting": Look(COLOURS["orange"], "X", _DOTTED),
}
# Baselines share a colour on purpose: thin markers and lines tell them apart.
_GREYS = tuple(one for one in LOOKS.values() if one.colour == COLOURS["grey"])
#: The look of a model of no known family.
OTHER = Look(COLOURS["pink"], "h", _SPARSE)

# Words of a model's name in the order in which they decide: "Conv1D + GRU" is a convolution, "LN-LSTM" an LSTM.
_WORDS = (
    ("floor", "floor|noise|bayes"),
    ("curve fit", "curve|sine fit"),
    ("SARIMA", "s?arima|holt|exponential smoothing"),
    ("boosting", "boost|forest|tree"),
    ("seasonal naive", "seasonal|weekly naive|last week|last day|yesterday|same hour"),
    ("naive", "naive|last value|persistence"),
    ("moving average", "moving average|average|mean"),
    ("median", "median|like days"),
    ("convolution", "conv1d|conv|tcn|wavenet|dilated|undilated"),
    ("attention", "attention|transformer|gpt"),
    ("counting", r"count\w*|n-grams?|(uni|bi|tri)grams?|bag"),
    ("LSTM", r"\w*lstm"),
    ("GRU", r"\w*gru"),
    ("LayerNorm RNN", r"(ln|layer ?norm\w*)\W*(simple)?rnn|layer ?norm\w*"),
    ("deep RNN", r"^\d+-\d+\S*|deep\w*|two layers|simplernn \d+-\d+\S*|stack\w*"),
    ("SimpleRNN", r"\w*rnn|one neuron|neuron"),
    ("linear", r"linear\w*|least squares|regression|ridge|ar"),
    ("dense", "dense|mlp|network"),
)


def family(name: str) -> str | None:
    """The family of a model by the words of its name, or None.

    >>> family("SimpleRNN 20-20, sequence"), family("Conv1D + GRU"), family("Naive"), family("something else")
    ('deep RNN', 'convolution', 'naive', None)
    """
    if name in LOOKS:
        return name
    text = name.lower().replace("(", " ").replace(")", " ")
    return next((kind for kind, words in _WORDS if re.search(rf"(?<![a-z])(?:{words})(?![a-z])", text)), None)


def look(name: str) -> Look:
    """The colour, marker and line style of a model, the same in each figure of the course.

    >>> look("GRU(20)") == look("GRU") == LOOKS["GRU"]
    True
    """
    return LOOKS.get(family(name) or "", OTHER)


def looks(names: Iterable[str]) -> dict[str, Look]:
    """The looks of the models of one figure: each its own, and where two are of one family, the later takes a free one.

    >>> found = looks(["GRU(20)", "GRU(50)"])
    >>> found["GRU(20)"] == LOOKS["GRU"], found["GRU(50)"].colour == LOOKS["GRU"].colour
    (True, False)
    """
    names = list(names)
    spare = [LOOKS[family] for family in ("GRU", "LSTM", "convolution", "dense", "attention", "SimpleRNN")]
    spare = [one for one in spare if one.colour not in {look(name).colour for name in names}]
    given: dict[str, Look] = {}
    for name in names:
        mine = look(name)
        taken = {one.colour for one in given.values()}
        if mine in given.values() or (mine.colour in taken and mine not in _GREYS):
            mine = spare.pop(0) if spare else mine
        given[name] = mine
    return given
