"""Warnings as errors: a glyph that is missing, a formula that cannot be read, a number that overflows."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator


@contextlib.contextmanager
def nothing_warned() -> Iterator[None]:
    """Whatever warns inside fails; of what is outdated only what the course itself calls."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.filterwarnings("error", category=DeprecationWarning, module=r"(helpers|tests)\.")
        yield
