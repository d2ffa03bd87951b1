"""Start a notebook: seeds, quiet TensorFlow, plot style, and a report on the environment."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib.metadata
import logging
import os
import platform
import random
import re
import sys
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

FONTS = Path(__file__).resolve().parent / "fonts"

#: What TensorFlow reads when it is imported, and never again.
QUIET_TENSORFLOW = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0"}

#: Where Linux states the computing time that a container may use.
CPU_MAX = Path("/sys/fs/cgroup/cpu.max")

#: The seed that model cells pass to ``keras.utils.set_random_seed``; ``start`` sets it.
seed: int = 42

#: What helps against a NameError in a lesson.
MISSING_NAME = (
    "If a cell above makes it, run that one first (in JupyterLab: menu Run, Run All Above Selected Cell); "
    "if none does, look for a slip in the name."
)

STYLE = {
    "figure.dpi": 100,
    "figure.facecolor": "white",
    "figure.constrained_layout.use": True,
    "savefig.facecolor": "white",
    "font.size": 12,
    "axes.titlesize": 13,
    "axes.labelsize": 12,
    "axes.grid": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "axes.facecolor": "white",
    "grid.color": "#dddddd",
    "grid.linewidth": 0.8,
    "legend.frameon": False,
    "legend.fontsize": 11,
    "lines.linewidth": 2.0,
    "xtick.labelsize": 11,
    "ytick.labelsize": 11,
    "image.cmap": "cividis",
}


def start(seed: int = 42) -> Report:
    """Make a notebook repeatable and readable; call it before TensorFlow is imported.

    Sets the variables that keep TensorFlow quiet (never over a value that you set yourself), seeds Python's
    ``random`` and NumPy's legacy generator, sets ``runtime.seed`` for the cells that build models, and gives
    Matplotlib the course's style and a font with Hangul. A cell that misses a name says in one sentence what to run.
    Operations are *not* forced to be deterministic:
    Keras would then drop ``jit_compile`` without a word, and the models of this course repeat bit by bit as they are.

    Args:
        seed: a whole number from 0 to 2**32 - 1. The variable ``COURSE_SEED`` replaces it in a study.

    Returns:
        A report on versions, memory, devices and font, which a notebook shows as a table.

    Raises:
        TypeError: ``seed`` is not a whole number.
        ValueError: ``seed`` or ``COURSE_SEED`` is outside the range.

    >>> start(7).seed
    7
    """
    chosen = _course_seed(seed)
    late = _quiet_tensorflow()
    globals()["seed"] = chosen
    random.seed(chosen)
    np.random.seed(chosen)
    font = _set_style()
    _explain_missing_names()
    return Report(seed=chosen, font=font, late=late, rows=_environment(font, chosen))


def is_study() -> bool:
    """Whether this kernel belongs to a study run (``COURSE_SEED`` is set)."""
    return bool(os.environ.get("COURSE_SEED"))


def data_seed(default: int) -> int:
    """The seed under which to draw made data: ``default``, or another one in a run on fresh data (COURSE_DATA_SEED).

    Draws with different defaults get different seeds under one COURSE_DATA_SEED, too.

    Raises:
        ValueError: COURSE_DATA_SEED is no whole number of at least 0.

    >>> data_seed(42)
    42
    """
    text = os.environ.get("COURSE_DATA_SEED")
    if not text:
        return default
    if not text.isdecimal():
        raise ValueError(f"COURSE_DATA_SEED is {text!r}; expected a whole number of at least 0. Unset it.")
    return int(np.random.SeedSequence([int(text), default]).generate_state(1)[0])


def is_test() -> bool:
    """Whether the course's tests run this notebook (``COURSE_TEST=1``)."""
    return os.environ.get("COURSE_TEST") == "1"


@dataclass(frozen=True)
class Report:
    """What ``start`` found and set.

    ``rows`` are (what, value) pairs; ``late`` names the settings that came too late because TensorFlow was
    already imported; ``font`` is the family that draws Hangul, or None.
    """

    seed: int
    font: str | None
    late: tuple[str, ...]
    rows: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        width = max(len(what) for what, _ in self.rows)
        return "\n".join(f"{what:<{width}}  {value}" for what, value in self.rows)

    def _repr_markdown_(self) -> str:
        lines = ["| what | here |", "|---|---|", *(f"| {what} | {value} |" for what, value in self.rows)]
        return "\n".join(lines)


def _course_seed(seed: int) -> int:
    source, value = "seed", seed
    if is_study():
        source, text = "COURSE_SEED", os.environ["COURSE_SEED"]
        try:
            value = int(text)
        except ValueError:
            raise ValueError(
                f"COURSE_SEED is {text!r}; expected a whole number. Unset it or set it to 0, 1, …"
            ) from None
    elif isinstance(seed, bool) or not isinstance(seed, (int, np.integer)):
        raise TypeError(f"seed is {seed!r}; expected a whole number such as 42.")
    if not 0 <= value < 2**32:
        raise ValueError(f"{source} is {value}; expected 0 to 2**32 - 1, since NumPy's generator takes no other.")
    return int(value)


def _not_about_tracing(record: logging.LogRecord) -> bool:
    """False for a warning that several models in one notebook set off, each of which is traced once, as it must be."""
    return "triggered tf.function retracing" not in record.getMessage()


def _quiet_tensorflow() -> tuple[str, ...]:
    logging.getLogger("tensorflow").addFilter(_not_about_tracing)
    wanted = dict(QUIET_TENSORFLOW)
    if not Path("/dev/nvidia0").exists():
        wanted["CUDA_VISIBLE_DEVICES"] = "-1"  # else TensorFlow reports at length that it finds no GPU
    missing = {name: value for name, value in wanted.items() if name not in os.environ}
    if "tensorflow" not in sys.modules:
        os.environ.update(missing)
        return ()
    if missing:
        print(
            "TensorFlow was imported before runtime.start(), so these settings can no longer take effect: "
            f"{', '.join(sorted(missing))}. Restart the kernel and run from the top, or live with its log lines."
        )
    return tuple(sorted(missing))


def _set_style() -> str | None:
    import matplotlib as mpl
    from matplotlib import font_manager

    mpl.rcParams.update(STYLE)
    files = sorted([*FONTS.glob("*.ttf"), *FONTS.glob("*.otf")])
    known = {font.fname for font in font_manager.fontManager.ttflist}
    for file in files:
        if str(file) not in known:  # a second start() adds nothing
            font_manager.fontManager.addfont(file)
    if not files:
        return None
    family = font_manager.FontProperties(fname=files[0]).get_name()
    mpl.rcParams["font.family"] = ["DejaVu Sans", family]
    return family


def _explain_missing_names() -> None:
    """Let a notebook show a NameError of its cells as one sentence: most often a cell above was left out."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None or NameError in shell.custom_exceptions:
        return
    others, show_other = shell.custom_exceptions, shell.CustomTB  # Colab explains failed imports in this way

    def show(shell, kind, error, trace, tb_offset=None):
        if isinstance(error, others):
            return show_other(kind, error, trace, tb_offset)
        *_, (frame, line) = traceback.walk_tb(trace)
        if kind is NameError and frame.f_globals is shell.user_global_ns:
            function = frame.f_code.co_name
            place = f"line {line}" + ("" if function.startswith("<") else f" of the cell that makes {function}")
            error._render_traceback_ = lambda: [f"NameError: {error} ({place}). {MISSING_NAME}"]
        return shell.showtraceback((kind, error, trace), tb_offset=tb_offset)

    shell.set_custom_exc((*others, NameError), show)


def _environment(font: str | None, chosen: int) -> tuple[tuple[str, str], ...]:
    rows = [
        ("Python", platform.python_version()),
        *((label, _version(names)) for label, names in _PACKAGES.items()),
        ("processor cores", str(usable_cores())),
        ("memory", _memory()),
        ("GPU", "not needed: every model of the course trains on the processor in seconds"),
        ("font for Korean labels", font or "none found: Korean labels will show empty boxes"),
        ("seed", str(chosen)),
    ]
    return tuple(rows)


_PACKAGES: Mapping[str, tuple[str, ...]] = {
    "TensorFlow": ("tensorflow", "tensorflow-cpu"),
    "Keras": ("keras",),
    "NumPy": ("numpy",),
    "Matplotlib": ("matplotlib",),
    "ipywidgets": ("ipywidgets",),
}


def _version(names: tuple[str, ...]) -> str:
    for name in names:
        try:
            return importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return "not installed: run `make env`, or see the README"


def usable_cores() -> int:
    """The cores that this process may use: the system's, within a container's limit (cgroup) and JupyterHub's."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    limits = [float(cores)]
    quota, _, period = (CPU_MAX.read_text() if CPU_MAX.exists() else "max").partition(" ")
    if quota.isdigit():  # microseconds of computing in a period
        limits.append(int(quota) / int(period))
    if re.fullmatch(r"\d+(\.\d+)?", stated := os.environ.get("CPU_LIMIT", "")):
        limits.append(float(stated))
    return max(1, int(min(limits)))


def give_back_memory() -> None:
    """Collect what nothing refers to any more, and return what is free to the system, where the system can be told."""
    gc.collect()
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):  # another C library than glibc: it trims by itself
            ctypes.CDLL(None).malloc_trim(0)


def _memory() -> str:
    """Memory that this process may use; a container's limit (cgroup) is often below the machine's."""
    limits = []
    for file in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        path = Path(file)
        if path.exists() and (text := path.read_text().strip()).isdigit():
            limits.append(int(text))
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        limits.append(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    return f"{min(limits) / 2**30:.1f} GB" if limits else "unknown on this system"
