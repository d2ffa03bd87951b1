"""Lab *shapes* (lesson 11): stack layers; every shape and weight drawn, and what Keras says where they do not fit."""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Patch, Rectangle

from helpers.labs.framework.controls import Choice, Switch
from helpers.labs.framework.lab import Invalid, Lab
from helpers.plots import COLOURS
from helpers.plots.shapes import BOX, EDGE

PLACES = ("first", "second", "third", "fourth")
NOTHING = "nothing"
REFUSED = "#f7d4d4"
#: Weight arrays drawn per layer; the sixth and later are named in a count.
MOST_ARRAYS = 5

Shape = tuple[int | None, ...]


@dataclass(frozen=True)
class Step:
    """One layer of a stack, as Keras built it: what came out, its weights, or why it was refused."""

    name: str
    output: Shape = ()
    weights: tuple[Shape, ...] = ()
    counted: bool = True
    error: str = ""

    @property
    def count(self) -> int:
        """Weights that this layer adds to the model; none when its layer was there before."""
        return sum(math.prod(size or 0 for size in shape) for shape in self.weights) if self.counted else 0


@dataclass(frozen=True)
class Built:
    """A stack as far as it goes: its steps, what comes out of it, and its layers by name."""

    steps: tuple[Step, ...]
    output: Any
    layers: Mapping[str, Any]


@dataclass(frozen=True)
class Workbench:
    """Makers of layers and shapes of inputs, by name, and the stacks built so far."""

    layers: Mapping[str, Callable[[], Any]]
    inputs: Mapping[str, Shape]
    built: dict[tuple, Built] = field(default_factory=dict, compare=False, repr=False)


def lab(
    layers: Mapping[str, Callable[[], Any]], inputs: Mapping[str, Sequence[int]], *, start: Sequence[str] = ()
) -> Lab:
    """The lab on the lesson's own layer classes.

    Args:
        layers: a function without arguments that makes a new Keras layer, by the name to show. The first has to fit any
            input, the second what the first gives; the self-test stacks them.
        inputs: shapes of one sample, without the batch, by the name to show; it opens on the first.
        start: names of the layers that it opens on, from the input up; by default the second of ``layers``.

    Raises:
        ValueError: fewer than two layers or inputs, a layer named "nothing", what is no function or no shape, or a
            start of too many or unknown layers.
    """
    for name, given in {"layers": layers, "inputs": inputs}.items():
        if not isinstance(given, Mapping) or len(given) < 2:
            raise ValueError(f"{name} is {given!r}; expected a dict of at least two, by name.")
    if NOTHING in layers or not all(callable(make) for make in layers.values()):
        raise ValueError(f"layers has {sorted(layers)}; expected functions that make a layer, none named {NOTHING!r}.")
    for name, shape in inputs.items():
        if not isinstance(shape, (tuple, list)) or not shape or not all(isinstance(n, int) and n > 0 for n in shape):
            raise ValueError(f"the input {name!r} is {shape!r}; expected a shape such as (50, 1), without the batch.")
    names = list(layers)
    stack = list(start) or [names[1]]
    if len(stack) > len(PLACES) or not set(stack) <= set(names):
        raise ValueError(f"start is {list(start)}; expected at most {len(PLACES)} of {names}.")
    places = {
        place: Choice(
            f"{place} layer",
            stack[number] if number < len(stack) else NOTHING,
            options=[NOTHING, *names],
            on_release=True,
            when=dict.fromkeys(PLACES[:number], names[0]),  # a layer after one that is refused changes nothing
        )
        for number, place in enumerate(PLACES)
    }
    return Lab(
        "shapes",
        tasks=[
            "A layer is refused. Read why, and fix the stack. Then put the block first on a row without steps.",
            "On a single feature the block is accepted. Which shape says that something is odd, and what was added?",
            "Put one layer into three places and count the weights. Then let equal layers be one object.",
            "Which layers have as many weights for 50 steps as for 10, and which do not?",
        ],
        draw=draw,
        update=update,
        data=Workbench(dict(layers), {name: tuple(shape) for name, shape in inputs.items()}),
        controls={
            "sample": Choice(
                "input", next(iter(inputs)), options=list(inputs), on_release=True
            ),  # all of them build layers
            **places,
            "share": Switch(
                "equal layers are one object",
                False,
                on_release=True,
                when=dict(zip(PLACES, [names[0], names[1], names[1]], strict=False)),
            ),
        },
        size=(10.0, 5.2),
    )


def build(data: Workbench, sample: str, stack: Sequence[str], *, share: bool) -> tuple[Step, ...]:
    """The layers of ``stack`` on inputs of the shape named ``sample``, up to the first that Keras refuses.

    With ``share`` a name that comes again is the same object, so its weights are counted once.
    """
    return _built(data, sample, tuple(stack), share=share).steps


def _built(data: Workbench, sample: str, stack: tuple[str, ...], *, share: bool) -> Built:
    """``stack`` on top of what lies below its last layer, each built once."""
    key = (sample, stack, share)
    if key not in data.built:
        data.built[key] = _grown(data, sample, stack, share=share)
    return data.built[key]


def _grown(data: Workbench, sample: str, stack: tuple[str, ...], *, share: bool) -> Built:
    import keras

    if not stack:
        return Built((), keras.Input(data.inputs[sample]), {})
    below, name = _built(data, sample, stack[:-1], share=share), stack[-1]
    if below.steps and below.steps[-1].error:
        return below
    again = share and name in below.layers
    layer = below.layers[name] if again else data.layers[name]()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that a layer could not be built; its error says so, too
            output = layer(below.output)
    except (ValueError, TypeError) as error:
        return replace(below, steps=(*below.steps, Step(name, error=explained(str(error)))))
    weights = tuple(tuple(weight.shape) for weight in layer.weights)
    step = Step(name, tuple(output.shape), weights, counted=not again)
    return Built((*below.steps, step), output, {**below.layers, name: layer})


def explained(message: str) -> str:
    """Keras' error in one line, and what it means.

    >>> explained("Dimensions must be equal, but are 50 and 30 for '{{node add}} = AddV2 …'")
    'Dimensions must be equal, but are 50 and 30: its input and what it makes of it cannot be added.'
    """
    text = " ".join(re.sub(r"\033\[\d+m", "", message).split())
    if found := re.search(r"Dimensions must be equal, but are (\d+) and (\d+)", text):
        summed = "{{node add" in text
        means = "its input and what it makes of it cannot be added" if summed else "its weights fit another input"
        return f"{found[0]}: {means}."
    if found := re.search(r"expected ndim=(\d), found ndim=(\d)", text):
        return f"{found[0]}: it reads (batch, steps, features), and the axis of steps is not there (any more)."
    if found := re.search(r"expected axis -1 of input shape to have value (\d+), but received input with shape", text):
        return f"{found[0].partition(', but')[0]}: its weights were made for {found[1]} features."
    if "incompatible" in text or "Matrix size" in text:
        return f"{text.split('. ')[0][:90]}: its weights were made for another number of features."
    return text.split(". ")[0][:110]


def draw(fig: Figure, data: Workbench) -> dict[str, Any]:
    """The stack from its input up: one box per layer with its output shape, and its weight arrays beside it."""
    ax = fig.subplots()
    ax.set(xlim=(0, 16), ylim=(-0.6, len(PLACES) + 1.25))
    ax.set_axis_off()
    ax.text(8.3, len(PLACES) + 0.85, "weights, rows × columns", fontsize=12, va="center")
    rows = range(len(PLACES) + 1)
    boxes = [_box(ax, row) for row in rows]
    texts = [ax.text(0.4, row, "", va="center", fontsize=11) for row in rows]
    arrays = [
        [ax.add_patch(Rectangle((0, 0), 0, 0, facecolor="white", edgecolor="#333333")) for _ in range(MOST_ARRAYS)]
        for _ in PLACES
    ]
    labels = [[ax.text(0, 0, "", fontsize=11, va="center") for _ in range(MOST_ARRAYS)] for _ in PLACES]
    (arrows,) = ax.plot([], [], "^", color=COLOURS["black"], markersize=7)
    total = ax.text(0.4, len(PLACES) + 0.85, "", fontsize=12, va="center")
    boxes[0].set(facecolor=BOX["input"], edgecolor=EDGE["input"])
    return {"boxes": boxes, "texts": texts, "arrays": arrays, "labels": labels, "arrows": arrows, "total": total}


def update(
    artists: Mapping[str, Any],
    data: Workbench,
    *,
    sample: str,
    first: str,
    second: str,
    third: str,
    fourth: str,
    share: bool,
) -> str:
    """Build the stack and show it; returns the last shape and the weights, or the layer that was refused."""
    stack = [name for name in (first, second, third, fourth) if name != NOTHING]
    if unknown := [name for name in stack if name not in data.layers]:
        raise Invalid(f"There is no layer {unknown[0]!r}; there are {', '.join(data.layers)}.")
    if sample not in data.inputs:
        raise Invalid(f"There is no input {sample!r}; there are {', '.join(data.inputs)}.")
    steps = build(data, sample, stack, share=share)
    artists["texts"][0].set_text(f"{sample}\n{shown((None, *data.inputs[sample]))}")
    for place in range(len(PLACES)):
        step = steps[place] if place < len(steps) else None
        _show(artists, place, step)
    artists["arrows"].set_data([3.6] * len(steps), [row + 0.5 for row in range(len(steps))])
    total = sum(step.count for step in steps)
    wrong = steps[-1] if steps and steps[-1].error else None
    artists["total"].set_text("refused" if wrong else f"{total:,} weights")
    if wrong:
        return f"The {PLACES[len(steps) - 1]} layer, {wrong.name}, is refused. {wrong.error}"
    output = steps[-1].output if steps else (None, *data.inputs[sample])
    shared = sum(not step.counted for step in steps)
    again = f" Objects that were there before: {shared}." if shared else ""
    return f"From {shown((None, *data.inputs[sample]))} to {shown(output)} with {total:,} weights.{again}"


def shown(shape: Shape) -> str:
    """A shape as Keras prints it.

    >>> shown((None, 50))
    '(None, 50)'
    """
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"


def _show(artists: Mapping[str, Any], place: int, step: Step | None) -> None:
    """The box of one place with its text, and the weight arrays beside it."""
    box, text = artists["boxes"][place + 1], artists["texts"][place + 1]
    box.set_visible(step is not None)
    text.set_text("")
    shapes: Sequence[Shape] = ()
    if step is not None:
        box.set(
            facecolor=REFUSED if step.error else BOX["network"] if step.counted else "#ffffff",
            linestyle="--" if step.error or not step.counted else "-",
        )
        weighs = f"{step.count:,} weights" if step.counted else "no new weights"
        result = step.error.partition(":")[0] if step.error else f"{shown(step.output)}, {weighs}"
        text.set_text(f"{step.name}\n{result}")
        shapes = step.weights if step.counted else ()
    left = 8.3
    for number in range(MOST_ARRAYS):
        array, label = artists["arrays"][place][number], artists["labels"][place][number]
        if number >= len(shapes):
            array.set_bounds(0, 0, 0, 0)
            array.set_visible(False)
            label.set_text("")
            continue
        height, width = _drawn([size or 1 for size in shapes[number]])
        array.set_visible(True)
        array.set_bounds(left, place + 1 - height / 2, width, height)
        label.set_position((left + width + 0.08, place + 1))
        rest = len(shapes) - MOST_ARRAYS
        more = f" and {rest} more" if number == MOST_ARRAYS - 1 and rest > 0 else ""
        label.set_text(" × ".join(map(str, shapes[number])) + more)
        left += width + 0.2 + 0.19 * len(label.get_text())
    if step is not None and not step.counted:
        artists["labels"][place][0].set_position((8.3, place + 1))
        artists["labels"][place][0].set_text("the weights of the same object below")


def _drawn(shape: Sequence[int]) -> tuple[float, float]:
    """Height and width of an array on the page: they grow as the root of rows and columns."""
    rows, columns = (shape[0], shape[-1]) if len(shape) > 1 else (1, shape[0] if shape else 1)
    return min(0.8, 0.1 * math.sqrt(rows)), min(1.1, 0.14 * math.sqrt(columns))


def _box(ax: Axes, row: int) -> Patch:
    return ax.add_patch(
        FancyBboxPatch(
            (0.15, row - 0.37),
            7.6,
            0.74,
            boxstyle="round,pad=0,rounding_size=0.15",
            facecolor=BOX["network"],
            edgecolor=EDGE["network"],
            linewidth=1.5,
        )
    )
