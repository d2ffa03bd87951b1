"""Settings that make small Keras models fast on a processor, and a progress line for long fits.

Importing it also takes out a pause of TensorFlow's at the end of an epoch, see ``_end_epochs_at_once``. Neither that
nor ``prepare`` nor ``XLA_FLAG`` changes a digit of what a model learns.
"""

from __future__ import annotations

import contextlib
import functools
import math
import os
import sys
import time
from collections.abc import Callable, Iterator

import keras

from helpers import runtime

try:
    from keras.src.trainers.data_adapters.array_data_adapter import ArrayDataAdapter
except ImportError:  # a later Keras may keep it elsewhere, or its method; its models train as well, with the pauses
    ArrayDataAdapter = None

#: How many batches one call into TensorFlow covers: more gains nothing, and Stop buttons answer between calls.
MOST_STEPS = 50
#: Seconds between two drawings of the progress line.
REDRAW = 0.25
BAR = 24
#: Spares a recurrent layer two copies of all its outputs at every step backward: SimpleRNN trains a quarter faster.
XLA_FLAG = "--xla_cpu_copy_insertion_use_region_analysis=true"
#: The TensorFlow versions that have it. XLA ends the process at a flag that it does not know, so no others get it.
XLA_FLAG_VERSIONS = ("2.20.", "2.21.")


def fast_settings(
    n_samples: int,
    batch_size: int,
    *,
    compile: bool = True,
    n_valid: int | None = None,
    valid_batch_size: int | None = None,
) -> dict:
    """Arguments for ``model.compile`` that change how fast a model trains, not what it learns, but for rounding.

    Compiled sums run in another order, so that the last digits of a weight differ.
    ``jit_compile`` lets XLA turn a training step into machine code: a small recurrent layer then trains several times
    faster, after 2 to 6 seconds of compiling. ``steps_per_execution`` lets one call from Python cover many batches.
    XLA compiles for one shape. A last batch of another size would be compiled again, so it is refused here.

    Args:
        n_samples: how many training examples ``fit`` gets.
        batch_size: the ``batch_size`` of ``fit``.
        compile: False for a model that trains in about three seconds: compiling it would cost more than it saves.
        n_valid: how many validation examples ``fit`` gets, to have their batches checked too.
        valid_batch_size: the ``validation_batch_size`` of ``fit``; by default ``fit`` takes ``batch_size``.

    Returns:
        ``{"jit_compile": …, "steps_per_execution": …}``.

    Raises:
        TypeError: a size is not a whole number.
        ValueError: a size is below one, or, with ``compile``, a batch size does not divide its set.

    >>> fast_settings(7000, 70, compile=False)
    {'jit_compile': False, 'steps_per_execution': 50}
    """
    sizes = {"n_samples": n_samples, "batch_size": batch_size, "n_valid": n_valid, "valid_batch_size": valid_batch_size}
    for name, size in sizes.items():
        if size is not None or name in ("n_samples", "batch_size"):
            _check_size(name, size)
    if compile:
        _check_batches("n_samples", n_samples, "batch_size", batch_size)
        if n_valid is not None:
            name = "batch_size" if valid_batch_size is None else "valid_batch_size"
            _check_batches("n_valid", n_valid, name, valid_batch_size or batch_size)
        compile = xla_works()
    return {"jit_compile": compile, "steps_per_execution": _steps(math.ceil(n_samples / batch_size))}


class Progress(keras.callbacks.Callback):
    """Shows how a fit proceeds, and leaves one line when it is over.

    Use it with ``verbose=0``. In a notebook that someone watches, the line carries a bar, losses, seconds and an
    estimate of the time left, and is redrawn at most four times a second. In a script, a test or a study only the
    last line is printed. Either way a fit that ends leaves one plain line in a saved notebook, and what the cell
    printed before stays; where the reader interrupts the kernel, the line stays as it was.
    ``history.seconds`` is the wall time of the fit, compilation included. See ``prepare`` for what it does before.

    Args:
        label: stands before the line; use it where one cell fits several models.

    Example:
        ``history = model.fit(X, y, epochs=20, verbose=0, callbacks=[training.Progress()])``
    """

    def __init__(self, label: str = "") -> None:
        super().__init__()
        self._prefix = f"{label}: " if label else ""
        self._show: Callable[[str], None] | None = None

    def set_model(self, model: keras.Model) -> None:
        super().set_model(model)
        prepare(model)

    def set_params(self, params: dict | None) -> None:
        super().set_params(params)
        self._begin = time.perf_counter()  # fit announces its parameters before it traces and compiles
        self._show = None
        self._epoch = self._epochs_done = 0
        self._first_epoch: int | None = None
        self._first_epoch_end: float | None = None
        self._drawn = -math.inf
        self._losses = ""

    def on_train_begin(self, logs: dict | None = None) -> None:
        self._show = _live_line()
        self._draw(0.0)

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        self._epoch = epoch
        if self._first_epoch is None:
            self._first_epoch = epoch  # fit(initial_epoch=20, epochs=60) runs 40

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        steps = (self.params or {}).get("steps")
        self._draw(min(1.0, (batch + 1) / steps) if steps else 0.0)  # Keras counts whole calls, so beyond the last one

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        self._epochs_done += 1
        if self._first_epoch_end is None:
            self._first_epoch_end = time.perf_counter()
        self._losses = _losses(logs)
        self._draw(1.0)

    def on_train_end(self, logs: dict | None = None) -> None:
        seconds = time.perf_counter() - self._begin
        self.model.history.seconds = seconds
        planned, done = self._epochs() - (self._first_epoch or 0), self._epochs_done
        count = f"{done} epoch{'' if done == 1 else 's'}"
        if done < planned:
            count = f"stopped after {done} of {planned} epochs"
        losses = _losses(logs)
        line = f"{self._prefix}{count} in {seconds:.1f} s{': ' if losses else ''}{losses}"
        (self._show or print)(line)

    def _epochs(self) -> int:
        return (self.params or {}).get("epochs") or 1

    def _draw(self, part: float) -> None:
        """Redraw the line; ``part`` is the share of the current epoch that is done."""
        now = time.perf_counter()
        if self._show is None or now - self._drawn < REDRAW:
            return
        self._drawn = now
        epochs = self._epochs()
        share = min(1.0, (self._epoch + part) / epochs)
        filled = round(BAR * share)
        pieces = [f"{self._prefix}epoch {self._epoch + 1} of {epochs}", "█" * filled + "░" * (BAR - filled)]
        pieces += [self._losses] if self._losses else ["preparing the model, a few seconds"]
        pieces.append(f"{now - self._begin:.0f} s{self._time_left(now, part)}")
        self._show("   ".join(pieces))

    def _time_left(self, now: float, part: float) -> str:
        """An estimate from all epochs but the first, which holds the compilation."""
        if self._first_epoch_end is None:
            return ""
        done = self._epoch - (self._first_epoch or 0) - 1 + part
        if done <= 0:
            return ""
        left = (now - self._first_epoch_end) / done * (self._epochs() - self._epoch - part)
        return f", about {left:.0f} s left"


def prepare(model: keras.Model) -> None:
    """Let the optimizer make its variables now, so that the training step is traced once and not twice.

    ``tf.function`` traces a function again when variables were made during the first tracing, and an optimizer makes
    its own in its first step. That second tracing takes half a second and more with a recurrent model. Call it before
    ``fit``; ``Progress`` and the labs' own callbacks do. A model that is not built yet is left as it is.

    Args:
        model: a compiled Keras model.
    """
    optimizer = getattr(model, "optimizer", None)
    if model.built and optimizer is not None and not optimizer.built:
        optimizer.build(model.trainable_variables)


def forget(model: keras.Model) -> None:
    """Give back the memory of a model that no later cell trains or uses.

    Drops the compiled functions and the optimizer, and collects what is left. TensorFlow keeps part of what XLA
    compiled until the process ends: of a compiled model's memory about half returns. The weights stay; to use the
    model again, compile it again. Delete your own name for it too.

    Args:
        model: a Keras model.

    Raises:
        TypeError: ``model`` is not a Keras model.
    """
    if not isinstance(model, keras.Model):
        raise TypeError(f"forget got {type(model).__name__}; expected a Keras model.")
    model.train_function = model.test_function = model.predict_function = None
    model.optimizer = None
    model.compiled = False
    runtime.give_back_memory()


def xla_works() -> bool:
    """Whether XLA can compile on this machine; the first call tries, and says in one line if not."""
    if _XLA.works is None:
        try:
            with _closed_stderr(), _xla_flag():
                _compile_trivial()
            _XLA.works = True
        except Exception as error:  # TensorFlow has no common class for "no XLA for this device"
            print(
                f"XLA cannot compile on this machine ({type(error).__name__}), so models train uncompiled and slower."
            )
            _XLA.works = False
    return _XLA.works


class _XLA:
    """What ``xla_works`` found; None until it was asked."""

    works: bool | None = None


def _compile_trivial() -> None:
    """Compile x + 1: TensorFlow prints its two lines (with pid and time) at the first compilation, whatever it is."""
    import tensorflow as tf

    tf.function(lambda x: x + 1.0, jit_compile=True)(tf.constant(1.0))


@contextlib.contextmanager
def _xla_flag() -> Iterator[None]:
    """Add ``XLA_FLAG`` to ``XLA_FLAGS`` for the first compilation, at which XLA reads it, and take it out again.

    It must not stay: JAX, imported later or in another process, ends at a flag that its XLA does not have.
    """
    import tensorflow as tf

    before = os.environ.get("XLA_FLAGS")
    if tf.__version__.startswith(XLA_FLAG_VERSIONS):
        os.environ["XLA_FLAGS"] = f"{XLA_FLAG} {before or ''}".strip()  # the last one counts, so a reader's own does
    try:
        yield
    finally:
        if before is None:
            os.environ.pop("XLA_FLAGS", None)
        else:
            os.environ["XLA_FLAGS"] = before


@contextlib.contextmanager
def _closed_stderr() -> Iterator[None]:
    """Send file descriptor 2, which C++ code writes to behind Python's back, into nothing."""
    sys.stderr.flush()
    kept = os.dup(2)
    nothing = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nothing, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nothing)


def _live_line() -> Callable[[str], None] | None:
    """A function that replaces one line on the page, or None where nobody watches.

    Two other ways were tried. A carriage return stays in the saved notebook; ``clear_output`` takes the cell's earlier
    output with it. Updating a display does neither, but nbval does not follow updates, so tests only get the last line.
    """
    if runtime.is_test() or runtime.is_study() or "IPython" not in sys.modules:
        return None
    from IPython import get_ipython
    from IPython.display import display

    if not hasattr(get_ipython(), "kernel"):
        return None
    handle = None

    def show(line: str) -> None:
        nonlocal handle
        if handle is None:
            handle = display({"text/plain": line}, raw=True, display_id=True)
        else:
            handle.update({"text/plain": line}, raw=True)

    return show


def _losses(logs: dict | None) -> str:
    names = (("loss", "loss"), ("val_loss", "validation"))
    return ", ".join(f"{name} {_figure(float(logs[key]))}" for key, name in names if logs and key in logs)


def _figure(value: float) -> str:
    """Four decimals for the course's losses, two digits for tiny ones, none for hundreds of vehicles."""
    if not math.isfinite(value) or value == 0:
        return f"{value:g}"
    if abs(value) >= 100:
        return f"{value:.0f}"
    if abs(value) >= 1e-3:
        return f"{value:.4f}"
    return f"{value:.{1 - math.floor(math.log10(abs(value)))}f}"


def _check_size(name: str, size: object) -> None:
    if isinstance(size, bool) or not hasattr(size, "__index__"):
        raise TypeError(f"{name} is {size!r}; expected a whole number such as 70.")
    if size < 1:
        raise ValueError(f"{name} is {size}; expected at least 1.")


def _check_batches(set_name: str, n_samples: int, batch_name: str, batch_size: int) -> None:
    if n_samples % batch_size == 0:
        return
    divisors = [d for d in range(1, n_samples + 1) if n_samples % d == 0]
    near = sorted(sorted(divisors, key=lambda d: abs(math.log(d / batch_size)))[:4])
    mend = "Take one of " + ", ".join(map(str, near))
    if batch_name == "batch_size" and set_name == "n_valid":
        mend += ", give fit a validation_batch_size and name it here as valid_batch_size"
    raise ValueError(
        f"{batch_name}={batch_size} does not divide {set_name}={n_samples}: the last batch of {n_samples % batch_size} "
        f"would be compiled again. {mend}, or pass compile=False."
    )


def _steps(n_batches: int) -> int:
    """The largest number up to MOST_STEPS that divides the batches; MOST_STEPS itself where that would be tiny."""
    if n_batches <= MOST_STEPS:
        return n_batches
    best = max(d for d in range(1, MOST_STEPS + 1) if n_batches % d == 0)
    return best if best >= 10 else MOST_STEPS


def _end_epochs_at_once() -> None:
    """Let ``fit``, ``evaluate`` and ``predict`` read arrays without autotuning, which changes no batch.

    For every epoch TensorFlow runs a thread that tunes how the data are read, at intervals that double up to 60 s. At
    the end of the epoch it is woken to end, may look before the word that it shall is written down
    (``CancellationManager`` calls back first, ``Model::OptimizeLoop`` in ``core/framework/model.cc``), and then sleeps
    on for its whole interval while ``fit`` waits: up to half of an epoch's time, or all of it, with both cores idle.
    Arrays in memory have nothing to tune.
    """
    make = getattr(ArrayDataAdapter, "get_tf_dataset", None)
    if make is None or hasattr(make, "__wrapped__"):
        return

    @functools.wraps(make)
    def get_tf_dataset(*arguments, **named):
        import tensorflow as tf  # only where fit has imported it: not on another backend

        options = tf.data.Options()
        options.autotune.enabled = False
        return make(*arguments, **named).with_options(options)

    ArrayDataAdapter.get_tf_dataset = get_tf_dataset


_end_epochs_at_once()
