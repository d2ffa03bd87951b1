"""Limits of axes that follow the data by a stable rule, so that nothing is cut and few moves of a control rescale."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count

import numpy as np

#: Multiples of the usual reach, in each power of ten.
MULTIPLES = (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)


def reach(*values: Iterable[float] | float, least: float) -> float:
    """The smallest of ``least`` times 1, 1.5, 2, 3, 5, 7, 10, 15, … that no value exceeds in size.

    Args:
        values: arrays or numbers of any shape; what is not finite is left out.
        least: the usual reach, above 0.

    Raises:
        ValueError: ``least`` is not above 0.

    >>> reach([0.3, -0.9], least=1.0), reach([0.3, -1.3], least=1.0), reach([21.0, float("inf")], least=1.0)
    (1.0, 1.5, 30.0)
    """
    if not least > 0:
        raise ValueError(f"least is {least}; expected a reach above 0.")
    sizes = np.concatenate([np.abs(np.asarray(array, dtype=float)).ravel() for array in (*values, 0.0)])
    largest = sizes[np.isfinite(sizes)].max()
    steps = (least * multiple * 10.0**power for power in count() for multiple in MULTIPLES)
    return next(step for step in steps if step >= largest)
