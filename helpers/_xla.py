"""Whether XLA works here, and its first compilation without the lines that TensorFlow prints at it."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator

#: Spares a recurrent layer two copies of all its outputs at every step backward: SimpleRNN trains a quarter faster.
XLA_FLAG = "--xla_cpu_copy_insertion_use_region_analysis=true"
#: The TensorFlow versions that have it. XLA aborts on a flag that it does not know, so no others get it.
XLA_FLAG_VERSIONS = ("2.20.", "2.21.")


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

    It must not stay: JAX, imported later or in another process, aborts on a flag that its XLA does not know.
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
