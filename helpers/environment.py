"""What TensorFlow and Keras read from the environment when they are imported: log level, GPU, backend, keras.json."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

#: What TensorFlow reads when it is imported, and never again.
QUIET_TENSORFLOW = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0"}

#: The variable by which CUDA, and so TensorFlow, selects GPUs; both values mean "none".
GPU_VARIABLE, NO_GPU = "CUDA_VISIBLE_DEVICES", ("-1", "")

#: Where Linux lists devices: /dev/nvidia0 for a card, /dev/dxg for one under WSL.
DEVICES = Path("/dev")

#: Keras' settings when there is no keras.json.
KERAS_DEFAULTS = {"floatx": "float32", "epsilon": 1e-7, "image_data_format": "channels_last"}

#: The backends of Keras 3; each is also the name of the package that it needs.
BACKENDS = ("tensorflow", "jax", "torch", "numpy", "openvino")

# The variables that prepare() set itself, so that a second call does not take them for the reader's.
_set_here: dict[str, str] = {}
_spare_keras_home: list[tempfile.TemporaryDirectory] = []


class Prepared(NamedTuple):
    """What ``prepare`` did: settings that came too late, the sentence about the GPU, and sentences to print."""

    late: tuple[str, ...]
    gpu: str
    notes: tuple[str, ...]


def prepare(*, gpu: bool) -> Prepared:
    """Set the variables that TensorFlow and Keras read at import, never over a value that the reader has set.

    The one exception is a KERAS_BACKEND that Keras cannot import, with which no cell would run.

    Args:
        gpu: whether TensorFlow may see a GPU.
    """
    wanted = QUIET_TENSORFLOW if gpu else QUIET_TENSORFLOW | {GPU_VARIABLE: NO_GPU[0]}
    too_much = [GPU_VARIABLE] if gpu and _is_ours(GPU_VARIABLE) else []
    missing = {name: value for name, value in wanted.items() if name not in os.environ}
    late: tuple[str, ...] = ()
    if "tensorflow" in sys.modules:
        late = tuple(sorted([*missing, *too_much]))
    else:
        _set(missing)
        for name in too_much:
            del os.environ[name]
    notes = [_late_note(late), _backend_note(), _keras_json_note()]
    return Prepared(late, _gpu_sentence(asked=gpu, late=GPU_VARIABLE in late), tuple(note for note in notes if note))


def has_gpu() -> bool:
    """Whether the system lists a GPU that TensorFlow could use; found without importing TensorFlow."""
    return any(DEVICES.glob("nvidia[0-9]*")) or (DEVICES / "dxg").exists()


def _set(variables: dict[str, str]) -> None:
    os.environ.update(variables)
    _set_here.update(variables)


def _is_ours(name: str) -> bool:
    return name in _set_here and os.environ.get(name) == _set_here[name]


def _late_note(late: tuple[str, ...]) -> str:
    if not late:
        return ""
    return (
        "TensorFlow was imported before runtime.start(), so these settings can no longer take effect: "
        f"{', '.join(late)}. Restart the kernel and run from the top, or live with its log lines."
    )


def _gpu_sentence(*, asked: bool, late: bool) -> str:
    """One sentence for the report: what became of a GPU."""
    if not has_gpu():
        missing = "none found, though you asked for one" if asked else "none here, and none needed"
        return f"{missing}: every model of the course trains on the processor in seconds"
    if late:
        return "not settled: TensorFlow was imported before runtime.start(); restart the kernel and run from the top"
    if (chosen := os.environ.get(GPU_VARIABLE)) in NO_GPU:
        how = f"unset {GPU_VARIABLE} to use it" if not _is_ours(GPU_VARIABLE) else "runtime.start(gpu=True) uses it"
        return f"left alone: the course's models are too small to gain from it ({how})"
    why = "as you asked" if asked else f"since {GPU_VARIABLE} is {chosen!r}"
    return (
        f"used, {why}: seconds and last digits differ from the course's, and a row of padding alone stops LSTM and GRU"
    )


def _backend_note() -> str:
    """Choose TensorFlow as Keras' backend where nothing else was chosen; a sentence where something else was."""
    if "keras" in sys.modules:
        running = sys.modules["keras"].config.backend()
        if running == "tensorflow":
            return ""
        return (
            f"Keras is already imported and runs on {running!r}; the lessons are written for 'tensorflow'. "
            "Restart the kernel and run from the top, this cell first."
        )
    chosen = os.environ.get("KERAS_BACKEND", "")
    if chosen == "tensorflow":
        return ""
    if not chosen:  # Keras takes an empty value for none
        _set({"KERAS_BACKEND": "tensorflow"})
        return ""
    if chosen in BACKENDS and importlib.util.find_spec(chosen):
        return (
            f"KERAS_BACKEND is {chosen!r}, as you set it; the lessons are written for 'tensorflow' and their numbers "
            "come from it. Where a cell fails, unset KERAS_BACKEND and restart the kernel."
        )
    _set({"KERAS_BACKEND": "tensorflow"})
    return f"KERAS_BACKEND was {chosen!r}, which cannot be imported here; the course runs on 'tensorflow'."


def _keras_json_note() -> str:
    """Put a keras.json aside that would change what the lessons compute, such as its float type."""
    if "keras" in sys.modules or "KERAS_HOME" in os.environ:
        return ""
    file = Path.home() / ".keras" / "keras.json"
    try:
        settings = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # none there, or one that Keras ignores too
        return ""
    if not isinstance(settings, dict):
        odd = "is not a table of settings"
    elif changed := {
        name: settings[name] for name in KERAS_DEFAULTS if settings.get(name, "") not in ("", KERAS_DEFAULTS[name])
    }:
        odd = "sets " + ", ".join(f"{name} to {value!r}" for name, value in changed.items())
    else:
        return ""
    _spare_keras_home.append(tempfile.TemporaryDirectory(prefix="course-keras-"))
    _set({"KERAS_HOME": _spare_keras_home[-1].name})
    return (
        f"Your file .keras/keras.json {odd}; this kernel leaves it aside, since the lessons need Keras' own settings."
    )
