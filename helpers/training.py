"""Settings that make small Keras models fast on a processor, and what a training of the course shares.

Importing it also makes Keras look at ids and labels before a compiled model sees them, and takes out a pause of
TensorFlow's at the end of an epoch, see ``helpers._keras_fit``. Neither changes a digit of what a model learns.
"""

from __future__ import annotations

import math

import keras

from helpers import runtime
from helpers._keras_fit import ArrayDataAdapter as ArrayDataAdapter
from helpers._keras_fit import check_ids as check_ids
from helpers._keras_fit import prepare as prepare
from helpers._validate import whole
from helpers._xla import _XLA as _XLA
from helpers._xla import xla_works as xla_works
from helpers.progress import Progress as Progress

#: How many batches one call into TensorFlow covers: more gains nothing, and Stop buttons answer between calls.
MOST_STEPS = 50


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
            whole(name, size)
    if compile:
        _check_batches("n_samples", n_samples, "batch_size", batch_size)
        if n_valid is not None:
            name = "batch_size" if valid_batch_size is None else "valid_batch_size"
            _check_batches("n_valid", n_valid, name, valid_batch_size or batch_size)
        compile = xla_works()
    return {"jit_compile": compile, "steps_per_execution": _steps(math.ceil(n_samples / batch_size))}


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


def _check_batches(set_name: str, n_samples: int, batch_name: str, batch_size: int) -> None:
    if n_samples % batch_size == 0:
        return
    rest = n_samples % batch_size
    divisors = [d for d in range(1, n_samples + 1) if n_samples % d == 0 and batch_size / 2 <= d <= 2 * batch_size]
    near = sorted(sorted(divisors, key=lambda d: abs(math.log(d / batch_size)))[:4])
    ways = [f"take {' or '.join(map(str, near))}"] if near else []
    if n_samples > batch_size:
        ways.append(f"leave out {rest} rows ({n_samples - rest} remain)")
    if batch_name == "batch_size" and set_name == "n_valid":
        ways.append("give fit a validation_batch_size and name it here as valid_batch_size")
    ways.append("or pass compile=False" if ways else "pass compile=False")
    raise ValueError(
        f"{batch_name}={batch_size} does not divide {set_name}={n_samples}: the last batch of {rest} would be "
        f"compiled again. What helps: {', '.join(ways)}."
    )


def _steps(n_batches: int) -> int:
    """The largest number up to MOST_STEPS that divides the batches; MOST_STEPS itself where that would be tiny."""
    if n_batches <= MOST_STEPS:
        return n_batches
    best = max(d for d in range(1, MOST_STEPS + 1) if n_batches % d == 0)
    return best if best >= 10 else MOST_STEPS
