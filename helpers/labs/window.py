"""Lab *window* (lesson 01): cut the traffic series into windows and see which of them would leak."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from helpers._validate import finite, regular
from helpers.labs.framework.controls import Choice, Slider
from helpers.labs.framework.lab import Invalid, Lab
from helpers.plots import COLOURS

if TYPE_CHECKING:
    import pandas as pd

BEFORE, AFTER = 504, 336  # hours shown before and after the split
ROWS = 32  # windows drawn; all are counted
BY_TIME, AT_RANDOM = "by time", "at random"
TRAIN, TEST, LEAK = 0, 1, 2
LOOKS = {TRAIN: (COLOURS["sky"], "-"), TEST: (COLOURS["black"], (0, (4, 2))), LEAK: (COLOURS["red"], (0, (1, 1)))}


def lab(values: pd.Series, *, split: str = "2018-05-01") -> Lab:
    """The lab on an hourly series.

    Args:
        values: numbers with an hourly ``DatetimeIndex``, such as ``load_traffic()["traffic"]``.
        split: first hour of the test part; three weeks before and two after it must be there.

    Raises:
        TypeError: ``values`` is no Series with a ``DatetimeIndex``.
        ValueError: the index has holes, doubles or another step, values are missing, or the split is too near an end.
    """
    import pandas as pd

    if not isinstance(values, pd.Series) or not isinstance(values.index, pd.DatetimeIndex):
        raise TypeError(f'values is a {type(values).__name__}; expected an hourly Series, e.g. frame["traffic"].')
    regular("values", values.index)
    numbers = finite("values", values)
    if len(values) > 1 and values.index[1] - values.index[0] != pd.Timedelta(hours=1):
        raise ValueError(
            f"values has a step of {values.index[1] - values.index[0]}; expected hours, as values.resample('h') gives."
        )
    hour = int(values.index.searchsorted(pd.Timestamp(split)))
    if not BEFORE <= hour <= len(values) - AFTER:
        raise ValueError(
            f"the split {split} is at hour {hour} of {len(values)}; expected at least {BEFORE} hours before it and "
            f"{AFTER} after it. Choose another moment."
        )
    return Lab(
        "window",
        tasks=[
            "Red, dotted windows have target hours on both sides of the split. Change horizon, length and stride: "
            "which of the three change how many there are? At which strides from 1 to 30 is none left, and why?",
            "Set the split to 'at random': a fifth of the windows is for the test, and red, dotted are those whose "
            "target hours stand in a training window. How many of the test hours leak?",
            "Still at random: raise the stride until no hour leaks. What is that stride, in length and horizon? "
            "How many windows are left?",
        ],
        draw=draw,
        update=update,
        data={
            "values": numbers,
            "split": hour,
            "name": f"{pd.Timestamp(split).day} {pd.Timestamp(split):%B %Y}",
        },
        controls={
            "length": Slider("length (hours)", 168, minimum=1, maximum=336),
            "horizon": Slider("horizon (hours)", 24, minimum=1, maximum=168),
            "stride": Slider("stride (hours)", 1, minimum=1, maximum=240),
            "way": Choice("split", BY_TIME, options=[BY_TIME, AT_RANDOM]),
        },
        size=(9.2, 4.3),
    )


class Cut(NamedTuple):
    """All windows of a series and what became of them: first hours, TRAIN, TEST or LEAK, share of test hours leaked."""

    starts: np.ndarray
    kinds: np.ndarray
    leaked: float


def cut(n_hours: int, *, length: int, horizon: int, stride: int, split: int, way: str) -> Cut:
    """Cut ``n_hours`` into windows and split these.

    By time: a window is for training when its last target lies before ``split``, for the test when its first target
    does not, and LEAK between. At random: a seeded fifth is for the test; LEAK are those of them with a target hour
    that a training window holds as input or target.

    Raises:
        Invalid: nothing fits, or a size is below 1.

    >>> cut(10, length=3, horizon=2, stride=1, split=6, way="by time").kinds.tolist()
    [0, 0, 2, 1, 1, 1]
    """
    if min(length, horizon, stride) < 1 or length + horizon > n_hours:
        raise Invalid(
            f"Length {length}, horizon {horizon}, stride {stride} do not fit {n_hours} hours: each is at least 1, and "
            "length + horizon at most the hours there are."
        )
    starts = np.arange(0, n_hours - length - horizon + 1, stride)
    if way == BY_TIME:
        kinds = np.full(len(starts), LEAK)
        kinds[starts + length + horizon <= split] = TRAIN
        kinds[starts + length >= split] = TEST
        return Cut(starts, kinds, 0.0)
    kinds = np.full(len(starts), TRAIN)
    kinds[np.random.RandomState(42).permutation(len(starts))[: max(1, len(starts) // 5)]] = TEST
    test = np.flatnonzero(kinds == TEST)
    seen = _covered(n_hours, starts[kinds == TRAIN], length + horizon)
    first = starts[test] + length
    hits = np.concatenate([[0], np.cumsum(seen)])
    kinds[test[hits[first + horizon] > hits[first]]] = LEAK
    return Cut(starts, kinds, float(seen[_covered(n_hours, first, horizon)].mean()))


def draw(fig: Figure, data: Mapping[str, Any]) -> dict[str, Any]:
    """Above the series around the split, below a row for each window there."""
    above, below = fig.subplots(2, 1, sharex=True, height_ratios=[1, 2.2])
    split = data["split"]
    hours = np.arange(split - BEFORE, split + AFTER)
    above.plot((hours - split) / 24, data["values"][hours], color=COLOURS["blue"], linewidth=1)
    above.set(ylabel="vehicles/h", xlim=(-BEFORE / 24, AFTER / 24))
    below.set(xlabel=f"days from the split, {data['name']}", ylabel="windows", ylim=(ROWS + 0.5, -1.5))
    below.set_yticks([])
    for ax in (above, below):
        ax.axvline(0, color=COLOURS["black"], linewidth=1.5, linestyle="--")
    inputs = below.add_collection(LineCollection([], linewidths=1.4))
    targets = below.add_collection(LineCollection([], linewidths=4.5))
    counts = {
        kind: below.text(0.012, 0.27 - 0.11 * kind, "", transform=below.transAxes, fontsize=13, color=LOOKS[kind][0])
        for kind in (TRAIN, TEST, LEAK)
    }
    counts[TRAIN].set_color(COLOURS["blue"])
    for text in counts.values():
        text.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 1.5})
    return {"inputs": inputs, "targets": targets, "counts": list(counts.values())}


def update(
    artists: Mapping[str, Any], data: Mapping[str, Any], *, length: int, horizon: int, stride: int, way: str
) -> str:
    """Cut, colour and count the windows; returns the counts and the share of test hours that leak."""
    split, n_hours = data["split"], len(data["values"])
    made = cut(n_hours, length=length, horizon=horizon, stride=stride, split=split, way=way)
    middle = int(np.searchsorted(made.starts + length + horizon // 2, split))
    first = max(0, min(middle - ROWS // 2, len(made.starts) - ROWS))
    shown = slice(first, first + ROWS)
    colours = [LOOKS[kind][0] for kind in made.kinds[shown]]
    begin, border = (made.starts[shown] - split) / 24, (made.starts[shown] + length - split) / 24
    rows = np.arange(len(begin))
    artists["inputs"].set_segments(_bars(begin, border, rows))
    artists["inputs"].set_color(colours)
    artists["inputs"].set_linestyle([LOOKS[kind][1] for kind in made.kinds[shown]])
    artists["targets"].set_segments(_bars(border, border + horizon / 24, rows))
    artists["targets"].set_color(colours)
    train, test, leak = (int((made.kinds == kind).sum()) for kind in (TRAIN, TEST, LEAK))
    red = "cross the split" if way == BY_TIME else "test windows leak"
    for text, line in zip(artists["counts"], (f"{train:,} train", f"{test:,} test", f"{leak:,} {red}"), strict=True):
        text.set_text(line)
    if way == BY_TIME:
        return (
            f"{len(made.starts):,} windows: {train:,} for training, {test:,} for the test, and {leak:,} with target "
            "hours on both sides of the split, which belong to neither."
        )
    return (
        f"{len(made.starts):,} windows, a fifth drawn at random for the test: {leak:,} of these {test + leak:,} leak, "
        f"and {made.leaked:.0%} of the test hours stand in a training window."
    )


def _bars(left: np.ndarray, right: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Horizontal segments (m, 2, 2)."""
    return np.stack([np.stack([left, rows], axis=1), np.stack([right, rows], axis=1)], axis=1)


def _covered(n_hours: int, starts: np.ndarray, width: int) -> np.ndarray:
    """Which hours lie in a stretch of ``width`` from one of ``starts``."""
    change = np.bincount(starts, minlength=n_hours + 1) - np.bincount(starts + width, minlength=n_hours + 1)
    return np.cumsum(change)[:n_hours] > 0
