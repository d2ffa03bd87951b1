"""Limits of axes follow the data in few steps."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.labs.framework.axes import reach


@given(st.lists(st.floats(-1e6, 1e6), max_size=5))
def test_nothing_lies_outside_and_the_axis_is_at_most_twice_too_high(values):
    high = reach(values, least=1.2)
    largest = max(map(abs, values), default=0.0)
    assert largest <= high
    assert high == 1.2 or high < 2 * largest


def test_what_is_not_finite_does_not_count():
    assert reach(np.array([math.nan, math.inf, 0.5]), -2.0, least=1.0) == 2.0


@pytest.mark.parametrize("least", [0, -1.0, math.nan])
def test_a_reach_of_nothing_is_refused(least):
    with pytest.raises(ValueError, match="expected a reach above 0"):
        reach([1.0], least=least)
