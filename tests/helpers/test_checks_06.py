"""The checks of lesson 06: right answers in other forms than the solution's."""

from __future__ import annotations

import numpy as np
import pytest

from helpers import checks

PAIRS = {"clipvalue": [[6, 8], [13]], "clipnorm": [[6, 8], [13]], "global_clipnorm": [[3, 4], [12]]}


@pytest.mark.parametrize(
    "form",
    [
        lambda pair: pair,
        tuple,
        lambda pair: [np.array(part) for part in pair],
        lambda pair: np.concatenate(pair),
        lambda pair: (pair[0], pair[1][0]),
    ],
)
def test_clippings_are_taken_in_the_shapes_of_the_gradients(capsys, form):
    checks.ex_06_2({name: form(pair) for name, pair in PAIRS.items()})
    assert capsys.readouterr().out.startswith("✓")


def test_a_clipping_that_is_half_filled_in_is_not_yet_an_answer(capsys):
    checks.ex_06_2(PAIRS | {"clipnorm": [[6, 8], [...]]})
    assert capsys.readouterr().out.startswith("…")


@pytest.mark.parametrize(
    ("tanh", "relu"), [(1.05, 1.1), (1.3, 1.45), (1.1, 1.55), (1.15, 1.25), (1.1, 1.75), (1.15, 1.1)]
)
def test_scales_from_any_orthogonal_start_are_right(capsys, tanh, relu):
    checks.ex_06_4({"relu": relu, "tanh": tanh})
    assert capsys.readouterr().out.startswith("✓")


def test_a_late_tanh_is_right_from_some_starts_and_asked_what_was_compared(capsys):
    checks.ex_06_4({"relu": 1.5, "tanh": 1.25})
    said = capsys.readouterr().out
    assert said.startswith("✓")
    assert "and not with 1" in said


def test_equal_scales_are_asked_for_the_activation_and_told_that_some_starts_give_them(capsys):
    checks.ex_06_4({"relu": 1.2, "tanh": 1.2})
    assert "From a few other starts both are equal" in capsys.readouterr().out


def test_a_clipping_for_every_norm_is_right_however_it_takes_it(capsys):
    def clip_global(grads, max_norm, norm_type=2):
        grads = [np.asarray(part, dtype=float) for part in grads]
        sizes = np.abs(np.concatenate([part.ravel() for part in grads]))
        whole = sizes.max() if norm_type == np.inf else (sizes**norm_type).sum() ** (1 / norm_type)
        if not np.isfinite(whole):
            raise ValueError(whole)
        return [part * (max_norm / whole if whole > max_norm else 1) for part in grads]

    checks.ex_06_3(clip_global)
    assert capsys.readouterr().out.startswith("✓")
