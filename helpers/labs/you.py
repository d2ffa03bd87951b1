"""Lab *you* (lesson 00): place the next ten values yourself, then see what came and what the network forecast."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from helpers.labs.framework.axes import reach
from helpers.labs.framework.controls import Choice, Slider
from helpers.labs.framework.lab import Invalid, Lab
from helpers.plots import COLOURS
from helpers.plots.models import look

#: How far the upright sliders reach; the course's series stay within.
HIGHEST = 1.0
#: Limits of the axis of errors.
LOWEST_ERROR, HIGHEST_ERROR = 3e-4, 3.0
PLAYERS = ("naive", "you", "network")

TASKS = (
    "Series 1: place the ten points with the ten upright sliders, then press Score. The first bet counts.",
    "Play series 2 and 3. Did you beat naive, which stays at the last value? Did you beat the network?",
    "Compare your points with what came. Where did you lose most, at the first steps or at the last?",
)


@dataclass(frozen=True)
class Game:
    """Series, what came, what the network forecast, and the reader's points for the series that are scored."""

    past: np.ndarray  # (series, steps)
    future: np.ndarray  # (series, horizon)
    forecasts: np.ndarray  # (series, horizon)
    placed: Mapping[int, tuple[float, ...]] = field(default_factory=dict)

    def errors(self, series: int) -> dict[str, float]:
        """The mean squared error of each player on a scored series."""
        paths = {"naive": self.past[series, -1], "you": self.placed[series], "network": self.forecasts[series]}
        return {name: float(np.mean((np.asarray(path) - self.future[series]) ** 2)) for name, path in paths.items()}


def lab(model: Any, past: np.ndarray, future: np.ndarray, *, count: int = 3) -> Lab:
    """The game on the first ``count`` series.

    Args:
        model: a Keras model, or a function, from (batch, steps, 1) to (batch, horizon).
        past: what is seen, (batch, steps, 1).
        future: what came, (batch, horizon).
        count: how many series are played, 2 to 6.

    Raises:
        ValueError: arrays that do not fit, too few series, or a model with another output.
    """
    past, future = np.asarray(past, dtype=np.float32), np.asarray(future, dtype=np.float32)
    if past.ndim != 3 or past.shape[2] != 1 or past.shape[1] < 2:
        raise ValueError(f"past has shape {past.shape}; expected (batch, at least 2 steps, 1).")
    if future.ndim != 2 or len(future) != len(past) or future.shape[1] < 2:
        raise ValueError(f"future has shape {future.shape}; expected ({len(past)}, horizon of at least 2).")
    if not 2 <= count <= min(6, len(past)):
        raise ValueError(f"count is {count}; expected 2 to {min(6, len(past))}.")
    past, future = past[:count], future[:count]
    forecasts = np.asarray(model(past), dtype=np.float32)
    if forecasts.shape != future.shape:
        raise ValueError(f"the model gives {forecasts.shape} for {past.shape}; expected {future.shape}.")
    steps = {
        f"step_{step}": Slider(str(step), 0.0, minimum=-HIGHEST, maximum=HIGHEST, step=0.05, upright=True)
        for step in range(1, future.shape[1] + 1)
    }
    return Lab(
        "you",
        tasks=TASKS,
        draw=draw,
        update=update,
        data=Game(past[:, :, 0], future, forecasts),
        controls={"series": Choice("series", 1, options=list(range(1, count + 1))), **steps},
        acts={"Score": score},
        size=(10.0, 4.2),
    )


def score(data: Game, *, series: int, **steps: float) -> Game:
    """Take the points as the reader's bet on this series.

    Raises:
        Invalid: the series is scored already.
    """
    if series - 1 in data.placed:
        raise Invalid(f"Series {series} is scored, and the first bet counts. Reset begins a new game.")
    return replace(data, placed={**data.placed, series - 1: tuple(steps.values())})


def draw(fig: Figure, data: Game) -> dict[str, Any]:
    """Left the series with the reader's points, right the errors of the three players."""
    n_past, horizon = data.past.shape[1], data.future.shape[1]
    paths, board = fig.subplots(1, 2, width_ratios=[2.6, 1])
    naive, network = look("naive"), look("SimpleRNN")
    (past,) = paths.plot([], [], ".-", color=COLOURS["black"], linewidth=1.0, label="past")
    (points,) = paths.plot([], [], "o-", color=COLOURS["orange"], markersize=7, linewidth=1.5, label="you")
    (truth,) = paths.plot([], [], "x", color=COLOURS["black"], markersize=9, markeredgewidth=2, label="what came")
    (stays,) = paths.plot([], [], color=naive.colour, linestyle=naive.line, linewidth=2, label="naive")
    (forecast,) = paths.plot(
        [], [], color=network.colour, linestyle="-", marker=network.marker, markersize=6, label="network"
    )
    paths.axvspan(n_past - 0.5, n_past + horizon, color=COLOURS["grey"], alpha=0.12, linewidth=0)
    paths.set(xlim=(-1, n_past + horizon), xlabel="time step", ylabel="value")
    paths.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=5)
    colours = {"naive": naive.colour, "you": COLOURS["orange"], "network": network.colour}
    single, mean, text = {}, {}, {}
    for row, name in enumerate(PLAYERS):
        (single[name],) = board.plot([], [], "o", color=colours[name], fillstyle="none", markersize=8)
        (mean[name],) = board.plot([], [], "|", color=colours[name], markersize=26, markeredgewidth=4)
        text[name] = board.text(LOWEST_ERROR * 1.4, row - 0.34, "", va="center")
    board.set(xscale="log", xlim=(LOWEST_ERROR, HIGHEST_ERROR), ylim=(len(PLAYERS) - 0.5, -0.6))
    board.set_yticks(range(len(PLAYERS)), PLAYERS)
    ticks = (0.001, 0.01, 0.1, 1)
    board.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    board.set(xlabel="MSE of the ten values", title="the lower the better")
    return {
        "past": past,
        "points": points,
        "truth": truth,
        "naive": stays,
        "network": forecast,
        "single": single,
        "mean": mean,
        "text": text,
    }


def update(artists: Mapping[str, Any], data: Game, *, series: int, **steps: float) -> str:
    """Show the points; what came and who was how far off only when the series is scored. Returns the scores."""
    place, n_past, horizon = series - 1, data.past.shape[1], data.future.shape[1]
    ahead = np.arange(n_past, n_past + horizon)
    scored = place in data.placed
    past, points = data.past[place], np.array(data.placed[place] if scored else list(steps.values()))
    artists["past"].set_data(np.arange(n_past), past)
    artists["points"].set_data(ahead, points)
    shown = {"truth": data.future[place], "naive": np.full(horizon, past[-1]), "network": data.forecasts[place]}
    for name, path in shown.items():
        artists[name].set_data(*((ahead, path) if scored else ([], [])))
    high = reach(past, *([data.future[place], data.forecasts[place]] if scored else []), least=HIGHEST + 0.05)
    artists["past"].axes.set_ylim(-high, high)
    errors = [data.errors(one) for one in sorted(data.placed)]
    means = {}
    for row, name in enumerate(PLAYERS):
        found = np.clip([one[name] for one in errors], LOWEST_ERROR, HIGHEST_ERROR)
        artists["single"][name].set_data(found, np.full(len(found), row))
        if errors:
            means[name] = float(np.mean([one[name] for one in errors]))
            artists["mean"][name].set_data([np.clip(means[name], LOWEST_ERROR, HIGHEST_ERROR)], [row])
        else:
            artists["mean"][name].set_data([], [])
        artists["text"][name].set_text(f"mean {means[name]:.3f}" if errors else "")
    if not scored:
        return f"Series {series}: your ten points are not scored yet. What came and the network's forecast are hidden."
    here = ", ".join(f"{name} {error:.3f}" for name, error in data.errors(place).items())
    mean = ", ".join(f"{name} {error:.3f}" for name, error in means.items())
    count = f"{len(errors)} series" if len(errors) > 1 else "one series"
    return f"Series {series}, MSE: {here}. Mean of {count} scored: {mean}."
