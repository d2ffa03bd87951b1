"""Lab *normalisation* (lesson 07): multiply one sample or one time step and see what each normalisation does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from helpers.labs.framework.axes import reach
from helpers.labs.framework.controls import Choice, Slider
from helpers.labs.framework.lab import Invalid, Lab
from helpers.plots import COLOURS

N_SAMPLES = 8
EPSILON = 1e-3  # as in Keras' two layers
#: Changes above this are drawn alike.
LARGEST = 2.0


@dataclass(frozen=True)
class Batch:
    """What a batch normalisation between two recurrent layers gets, and what it has stored in training."""

    states: np.ndarray  # (samples, steps, units)
    stored_mean: np.ndarray  # (units,)
    stored_variance: np.ndarray  # (units,)


def lab(model: Any, X: np.ndarray) -> Lab:
    """The lab on a trained model that begins with ``SimpleRNN(units)`` and ``BatchNormalization()``.

    Args:
        model: the Keras model.
        X: series (batch, steps, 1), of which the first eight make the batch.

    Raises:
        ValueError: the model begins with other layers, or ``X`` has another shape or is not finite.
    """
    batch = read(model, X)
    n_samples, n_steps, units = batch.states.shape
    return Lab(
        "normalisation",
        tasks=[
            "One sample is ten times as large. Which of the two normalisations lets it change the other samples?",
            "Let batch normalisation use its stored averages, as after training. What changes, and what does not?",
            "Multiply one time step instead. Which normalisation hides that step, and which shows it?",
            "Multiply time step 0, then step 25, by 10. Layer normalisation leaves a little: at which more, and why?",
        ],
        draw=draw,
        update=update,
        data=batch,
        controls={
            "what": Choice("multiply", "sample", options=[("one sample", "sample"), ("one time step", "step")]),
            "factor": Slider("by", 10, minimum=1, maximum=10),
            "sample": Slider("sample", 2, minimum=0, maximum=n_samples - 1, when={"what": "sample"}),
            "step": Slider("time step", 25, minimum=0, maximum=n_steps - 1, when={"what": "step"}),
            "unit": Slider("unit shown", 0, minimum=0, maximum=units - 1),
            "stored": Choice(
                "batch normalisation uses",
                False,
                options=[("this batch (training)", False), ("its stored averages (in use)", True)],
            ),
        },
        size=(10.5, 5.4),
    )


def read(model: Any, X: np.ndarray) -> Batch:
    """The states of the first layer over eight series, and the averages stored by the normalisation after it.

    Raises:
        ValueError: see ``lab``.
    """
    weights = [[np.asarray(values) for values in layer.get_weights()] for layer in getattr(model, "layers", ())[:2]]
    shapes = [[values.shape for values in part] for part in weights]
    units = shapes[0][-1][-1] if len(shapes) == 2 and len(shapes[0]) == 3 else 0
    if shapes != [[(1, units), (units, units), (units,)], [(units,)] * 4]:
        raise ValueError(
            f"the model's first weights have shapes {shapes}; expected SimpleRNN(units) on one feature, then "
            "BatchNormalization()."
        )
    X = np.asarray(X)
    if X.ndim != 3 or X.shape[2] != 1 or len(X) < 2:
        raise ValueError(f"X has shape {X.shape}; expected (batch, steps, 1) with two series or more.")
    if not all(np.isfinite(values).all() for values in (X, *weights[0], *weights[1])):
        raise ValueError("the weights or X hold values that are not finite; train the model again.")
    kernel, recurrent, bias = weights[0]
    X = X[:N_SAMPLES]
    state, states = np.zeros((len(X), units)), []
    for t in range(X.shape[1]):
        state = np.tanh(X[:, t] @ kernel + state @ recurrent + bias)
        states.append(state)
    return Batch(np.stack(states, axis=1), weights[1][2], weights[1][3])


def multiplied(states: np.ndarray, what: str, place: int, factor: float) -> np.ndarray:
    """A copy of ``states`` with one sample, or one time step of all samples, multiplied."""
    changed = states.copy()
    changed[(place,) if what == "sample" else (slice(None), place)] *= factor
    return changed


def batch_norm(states: np.ndarray, data: Batch, *, stored: bool) -> np.ndarray:
    """Batch normalisation without its learnt factors: one mean and variance per unit, of this batch or stored."""
    mean = data.stored_mean if stored else states.mean(axis=(0, 1))
    variance = data.stored_variance if stored else states.var(axis=(0, 1))
    return (states - mean) / np.sqrt(variance + EPSILON)


def layer_norm(states: np.ndarray) -> np.ndarray:
    """Layer normalisation without its learnt factors: one mean and variance per sample and time step."""
    mean, variance = states.mean(axis=-1, keepdims=True), states.var(axis=-1, keepdims=True)
    return (states - mean) / np.sqrt(variance + EPSILON)


def draw(fig: Figure, data: Batch) -> dict[str, Any]:
    """Above one unit over time for all samples, below how much every number changed; left before normalising."""
    n_samples, n_steps, _ = data.states.shape
    titles = ("states, multiplied", "after batch normalisation", "after layer normalisation")
    axes = fig.subplots(2, 3, sharex=True, sharey="row")
    others, chosen, maps = [], [], []
    for ax, title in zip(axes[0], titles, strict=True):
        others.append(ax.plot([], [], color=COLOURS["grey"], linewidth=0.8)[0])
        chosen.append(ax.plot([], [], color=COLOURS["red"], linewidth=1.8)[0])
        ax.set_title(title, fontsize=12)
    axes[0, 0].set_yscale("symlog", linthresh=1)
    axes[0, 0].set(ylim=(-13, 13), xlim=(-0.5, n_steps - 0.5), ylabel="one unit", xticks=range(0, n_steps, 20))
    axes[0, 0].set_yticks([-10, -1, 0, 1, 10], ["−10", "−1", "0", "1", "10"])  # few ticks: they cost most of a drawing
    axes[0, 0].minorticks_off()
    for ax in axes[1]:
        maps.append(
            ax.imshow(np.zeros((n_samples, n_steps)), vmin=0, vmax=LARGEST, aspect="auto", interpolation="nearest")
        )
        ax.grid(visible=False)
        ax.set_xlabel("time step")
    axes[1, 0].set(ylabel="sample", yticks=range(0, n_samples, 2))
    fig.colorbar(maps[0], ax=axes[1], label="change, all units", ticks=[0, 1, 2], extend="max", pad=0.01)
    return {"others": others, "chosen": chosen, "maps": maps}


def update(
    artists: Mapping[str, Any],
    data: Batch,
    *,
    what: str,
    factor: float,
    sample: int,
    step: int,
    unit: int,
    stored: bool,
) -> str:
    """Show the batch before and after both normalisations; returns how much changed where, and elsewhere."""
    if factor <= 0:
        raise Invalid(f"The factor is {factor}; expected a number above 0.")
    place = sample if what == "sample" else step
    after = multiplied(data.states, what, place, factor)
    pairs = [
        (data.states, after),
        (batch_norm(data.states, data, stored=stored), batch_norm(after, data, stored=stored)),
        (layer_norm(data.states), layer_norm(after)),
    ]
    inside = np.zeros(data.states.shape[:2], dtype=bool)
    inside[(place,) if what == "sample" else (slice(None), place)] = True
    high = reach(*(new[..., unit] for _, new in pairs), least=13)
    artists["chosen"][0].axes.set_ylim(-high, high)
    steps, readings = np.arange(data.states.shape[1]), []
    between = np.full((len(data.states), 1), np.nan)  # one line for all samples, with gaps
    for panel, (old, new) in enumerate(pairs):
        change = np.sqrt(np.mean((new - old) ** 2, axis=-1))  # (samples, steps), over the units
        artists["others"][panel].set_data(
            np.tile([*steps, np.nan], len(new)), np.concatenate([new[..., unit], between], axis=1).ravel()
        )
        artists["chosen"][panel].set_data(steps, new[sample, :, unit])
        artists["maps"][panel].set_data(np.minimum(change, LARGEST))
        readings.append((change[inside].mean(), change[~inside].mean()))
    name = f"Sample {place}" if what == "sample" else f"Time step {place}"
    rest = "other samples" if what == "sample" else "other steps"
    (_, _), (batch_in, batch_out), (layer_in, layer_out) = readings
    return (
        f"{name} times {factor:g} changes the {rest} by {batch_out:.2f} under batch normalisation and by "
        f"{layer_out:.3f} under layer normalisation; itself by {batch_in:.2f} and {layer_in:.3f}."
    )
