"""The checks of lesson 12: right answers in other forms than the solution's."""

from __future__ import annotations

import numpy as np
import pytest

from helpers import checks


def said(capsys) -> str:
    return capsys.readouterr().out


def test_a_jacobian_made_row_by_row_is_right(capsys):
    def jacobian(function, point, eps):
        moves = eps * np.eye(len(point))
        return np.array([(function(point + move) - function(point - move)) / (2 * eps) for move in moves]).T

    checks.ex_12_1(jacobian)
    assert said(capsys).startswith("✓")


def test_a_jacobian_that_calls_too_often_is_told_so(capsys):
    def jacobian(function, point, eps):
        moves, outputs = eps * np.eye(len(point)), range(len(function(point)))
        return np.array(
            [[(function(point + move)[k] - function(point - move)[k]) / (2 * eps) for move in moves] for k in outputs]
        )

    checks.ex_12_1(jacobian)
    assert "two weights need four calls" in said(capsys)


@pytest.mark.parametrize("number", [float, int, np.float32])
def test_the_tapes_answers_may_be_any_kind_of_number(capsys, number):
    answers = {"a": None, "b": 4, "c": None, "d": 4, "e": 4, "f": None, "g": 3, "h": 8}
    checks.ex_12_2({name: value if value is None else number(value) for name, value in answers.items()})
    assert said(capsys).startswith("✓")


def test_tapes_half_filled_in_are_not_yet_an_answer(capsys):
    checks.ex_12_2({"a": None, "b": 4} | dict.fromkeys("cdefgh", ...))
    assert said(capsys).startswith("…")


@pytest.mark.parametrize("rate", [3.57, 3.58, 3.59, 3.6])
def test_the_largest_rate_may_come_from_trial_or_from_the_hessian(capsys, rate):
    checks.ex_12_5(rate)
    assert said(capsys).startswith("✓")
