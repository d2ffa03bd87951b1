"""Start a notebook, at its top or in the middle: seeds, quiet TensorFlow, plot style, a report on the environment."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import logging
import os
import random
import re
import sys
import traceback
from pathlib import Path
from typing import Any

import numpy as np

from helpers import environment, report
from helpers import resume as restoring
from helpers.environment import QUIET_TENSORFLOW
from helpers.report import Report, usable_cores

__all__ = [
    "QUIET_TENSORFLOW",
    "STYLE",
    "Report",
    "data_seed",
    "give_back_memory",
    "is_study",
    "is_test",
    "resume",
    "seed",
    "start",
    "usable_cores",
]

FONTS = Path(__file__).resolve().parent / "fonts"

#: The seed that model cells pass to ``keras.utils.set_random_seed``; ``start`` sets it.
seed: int = 42

#: The lesson of this notebook, such as "03"; ``start`` sets it for ``resume``.
lesson: str = ""

#: What helps against a NameError in a lesson.
MISSING_NAME = (
    "If a cell above makes it, run that one first (in JupyterLab: menu Run, Run All Above Selected Cell); "
    "if none does, look for a slip in the name."
)

STYLE: dict[Any, object] = {
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


def start(seed: int = 42, *, lesson: str = "", gpu: bool = False) -> Report:
    """Make a notebook repeatable and readable; call it before TensorFlow is imported.

    Sets the variables that keep TensorFlow quiet, hide a GPU and choose TensorFlow for Keras (never over a value that
    you set yourself), seeds Python's ``random`` and NumPy's legacy generator, sets ``runtime.seed`` for the cells that
    build models, and gives Matplotlib the course's style and a font with Hangul. A cell that misses a name says in one
    sentence what to run.
    Operations are *not* forced to be deterministic:
    Keras would then drop ``jit_compile`` without a word, and the models of this course repeat bit by bit as they are.

    Args:
        seed: a whole number from 0 to 2**32 - 1. The variable ``COURSE_SEED`` replaces it in a study.
        lesson: the two digits that the notebook's name begins with, such as "03"; ``resume`` needs them.
        gpu: whether TensorFlow may use a GPU. The course's models are too small to gain from one, its sums are rounded
            in another way, and an LSTM or GRU stops there at a row of padding alone.

    Returns:
        A report on versions, memory, devices and font, which a notebook shows as a table.

    Raises:
        TypeError: ``seed`` is not a whole number.
        ValueError: ``seed`` or ``COURSE_SEED`` is outside the range, or ``lesson`` is not two digits.

    >>> start(7).seed
    7
    """
    chosen = _course_seed(seed)
    if lesson and not (isinstance(lesson, str) and re.fullmatch(r"[0-9]{2}", lesson)):
        raise ValueError(f'lesson is {lesson!r}; expected the two digits of the notebook\'s name, such as "03".')
    logging.getLogger("tensorflow").addFilter(_not_about_tracing)
    prepared = environment.prepare(gpu=gpu)
    for note in prepared.notes:
        print(note)
    globals().update(seed=chosen, lesson=lesson)
    random.seed(chosen)
    np.random.seed(chosen)
    font = _set_style()
    _explain_missing_names()
    rows = report.rows(seed=chosen, font=font, gpu=prepared.gpu)
    return Report(seed=chosen, font=font, late=prepared.late, rows=rows)


def resume(section: int) -> None:
    """Run the cells above a section that it and all later cells need, and say in one sentence what they made.

    They are the cells tagged ``imports`` and ``restore``, taken from the course's own copy of this lesson; they run in
    your notebook, with their own output. Run the set-up cell first.

    Args:
        section: the number at the beginning of the section's heading.

    Raises:
        helpers.resume.CannotResume: a sentence: no lesson is known, it has no such section, or a cell failed.
    """
    restoring.resume(lesson=lesson, section=section)


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


def give_back_memory() -> None:
    """Collect what nothing refers to any more, and return what is free to the system, where the system can be told."""
    gc.collect()
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):  # another C library than glibc: it trims by itself
            ctypes.CDLL(None).malloc_trim(0)


def _course_seed(seed: int) -> int:
    if is_study():
        return _in_range("COURSE_SEED", _whole("COURSE_SEED", os.environ["COURSE_SEED"]))
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)):
        raise TypeError(f"seed is {seed!r}; expected a whole number such as 42.")
    return _in_range("seed", int(seed))


def _whole(variable: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"{variable} is {text!r}; expected a whole number. Unset it or set it to 0, 1, …") from None


def _in_range(source: str, value: int) -> int:
    if not 0 <= value < 2**32:
        raise ValueError(f"{source} is {value}; expected 0 to 2**32 - 1, since NumPy's generator takes no other.")
    return value


def _not_about_tracing(record: logging.LogRecord) -> bool:
    """False for a warning that several models in one notebook set off, each of which is traced once, as it must be."""
    return "triggered tf.function retracing" not in record.getMessage()


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
