"""What each setting of the course's trainings buys, and what others would: one changed at a time.

    python -m benchmarks.settings [WORD ...]

With words, only the settings whose names contain one of them are measured, and the table stays as it is. Model, data
and schedule come out of the lessons, as in ``benchmarks.training``; a change is a variable of the process or a line
of code before the model is built.
"""

from __future__ import annotations

import argparse
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks import report
from benchmarks.lessons import training
from benchmarks.measured import ChildFailed, child, chosen, end, fingerprint, go_on, measured
from benchmarks.training import ROWS, TRAINED_WITH
from helpers import runtime
from helpers.training import XLA_FLAG
from tools.notebooks import ROOT, find

REPEATS = 3
EPOCHS = 10
#: The trainings, by their names in ``benchmarks.training``: the smallest steps of XLA's, and the largest.
MODELS = ("ten steps: SimpleRNN 20-20, vector", "ten steps: dilated Conv1D stack")

WITHOUT_PAUSE = "training.ArrayDataAdapter.get_tf_dataset = training.ArrayDataAdapter.get_tf_dataset.__wrapped__"
WEIGHTS_ONCE = """
def _with_weights_read_once(loop):
    def inner_loop(layer, *arguments, **named):
        read = [(weight, keras.ops.convert_to_tensor(weight.value)) for weight in layer.cell.trainable_variables]
        with keras.StatelessScope(state_mapping=read):
            return loop(layer, *arguments, **named)
    return inner_loop
keras.layers.RNN.inner_loop = _with_weights_read_once(keras.layers.RNN.inner_loop)
"""


@dataclass(frozen=True)
class Setting:
    """One change: code that runs before the model is built, or variables of the process."""

    name: str
    code: str = ""
    variables: dict[str, str] = field(default_factory=dict)
    may_end_the_process: bool = False
    xla: bool = True


def flag(name: str, text: str, **more: Any) -> Setting:
    """A setting of XLA's."""
    return Setting(name, variables={"XLA_FLAGS": f"--{text}"}, **more)


COURSE = Setting("as the course trains")
SETTINGS = (
    Setting("without XLA", "training._XLA.works = False", xla=False),
    Setting("one batch a call into TensorFlow", "training.MOST_STEPS = 1"),
    Setting("with TensorFlow's pause at the end of an epoch", WITHOUT_PAUSE),
    Setting("the step traced twice", "training.prepare = lambda model: None"),
    flag("XLA's copies left in", XLA_FLAG.removeprefix("--").replace("=true", "=false")),
    Setting("tried: weights read once a batch", WEIGHTS_ONCE),
    Setting("tried: one thread for an operation", variables={"TF_NUM_INTRAOP_THREADS": "1"}),
    flag("tried: products of matrices on one thread", "xla_cpu_multi_thread_eigen=false"),
    flag("tried: XLA without its thunks", "xla_cpu_use_thunk_runtime=false", may_end_the_process=True),
    flag("tried: LLVM's first level of optimisation", "xla_backend_optimization_level=1"),
    flag("tried: vectors of 512 bits", "xla_cpu_prefer_vector_width=512"),
    flag("tried: fast mathematics", "xla_cpu_enable_fast_math=true"),
    flag("tried: XNNPACK", "xla_cpu_use_xnnpack=true"),
)

INTRO = f"""\
Seconds of {EPOCHS} epochs of two of the trainings above, compilation included (the first epoch and {EPOCHS - 1} times
the mean of the others), as multiples of what the course takes, with one setting changed. *Same digits*: the
validation errors of all epochs are the same to the last digit. Rows that begin with "tried" are not the course's:
they gain too little, or cost more elsewhere, or change digits, or end the process. Medians of {REPEATS} runs, each in a
process of its own."""


HEADER = ("setting", *(part for model in MODELS for part in (model.split(": ")[1], "same digits")))


def measure(setting: Setting, model: str, repeat: int) -> dict[str, Any] | None:
    """One training under one setting, or what is stored of it; None where the setting ended the process."""
    (row,) = (row for row in ROWS if row.name == model)
    (notebook,) = find([row.lesson])
    lesson = training(notebook, row.history)
    setup = "\n".join([lesson.setup, "import keras", "from helpers import training", setting.code])
    job = {"setup": setup, "cell": lesson.cell, "how": "course", "seed": 0, "published": row.published}
    job["xla"] = setting.xla
    variables = {"KERAS_BACKEND": "tensorflow", "CUDA_VISIBLE_DEVICES": "-1"}
    variables |= {**runtime.QUIET_TENSORFLOW, **setting.variables}
    code = fingerprint(str(job), str(variables), files=[*TRAINED_WITH, ROOT / "requirements.lock"], packages=())

    def run() -> dict[str, Any] | None:
        try:
            return child(["-m", "benchmarks.one_training"], job, **variables)
        except ChildFailed as failure:
            if setting.may_end_the_process and failure.aborted:
                return None
            raise

    return measured("settings", f"{setting.name}, {model}, {repeat}", code, run)


def seconds(run: dict[str, Any]) -> float:
    """Seconds of ``EPOCHS`` epochs of a run that may have had fewer or more.

    >>> seconds({"seconds": [3.0, 3.5, 4.5]})
    9.75
    """
    ends = run["seconds"]
    return ends[0] + (EPOCHS - 1) * (ends[-1] - ends[0]) / (len(ends) - 1)


def median(runs: Sequence[dict[str, Any] | None]) -> float:
    """Median seconds of a setting's runs; infinite when it ends the process."""
    return statistics.median(math.inf if run is None else seconds(run) for run in runs)


def cells(setting: Setting, found: dict[str, list], course: dict[str, list]) -> list[str]:
    """The table's line of a setting: a multiple and "same digits" for each model."""
    line = [setting.name]
    for model in MODELS:
        ours, theirs = median(course[model]), median(found[model])
        if math.isinf(theirs):
            line += ["ends the process", "–"]
            continue
        same = all(run and run["errors"] == course[model][0]["errors"] for run in found[model])
        line += [f"{theirs:.1f} s" if setting is COURSE else f"{theirs / ours:.2f}", "yes" if same else "no"]
    return line


def main(arguments: list[str] | None = None) -> None:
    """Measure what is missing; write the table when all settings were asked for."""
    parser = argparse.ArgumentParser(description="What each setting of the course's trainings buys.")
    parser.add_argument("words", nargs="*", help="measure only settings whose names contain one of these, such as XLA")
    asked = parser.parse_args(arguments)
    settings = [COURSE, *chosen(parser, SETTINGS, asked.words)]
    failures: list[str] = []
    runs: dict[str, dict[str, list]] = {one.name: {model: [] for model in MODELS} for one in settings}
    for repeat in range(REPEATS):
        for number, setting in enumerate(settings, 1):
            print(f"settings: run {repeat + 1} of {REPEATS}, {number} of {len(settings)}: {setting.name}", flush=True)
            for model in MODELS:
                with go_on(failures, f"{setting.name}, {model}"):
                    runs[setting.name][model].append(measure(setting, model, repeat))
    end("settings", failures)
    table = [cells(setting, runs[setting.name], runs[COURSE.name]) for setting in settings]
    for line in (HEADER, *table):
        print("  ".join(line))
    if len(settings) == len(SETTINGS) + 1:
        report.write_section("Settings", INTRO, HEADER, table)


if __name__ == "__main__":
    main()
