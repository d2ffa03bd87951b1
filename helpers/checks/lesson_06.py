"""Checks of lesson 06: unstable gradients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from helpers.checks.base import NotYet, Wrong, as_array, as_number, brief, call, check_of

ARGUMENTS = ("clipvalue", "clipnorm", "global_clipnorm")
#: Scales at which the gradient begins to grow, over many orthogonal starts, with some room.
HIGHEST_TANH = 1.35
RELU = (1.05, 1.9)


@check_of(
    "06.1",
    "three factors over fifty steps",
    hints=[
        "One step back multiplies by the slope of the activation and by w_h. Fifty steps do it fifty times.",
        "The slope of a linear neuron is 1. The slope of tanh at a state h is 1 - h².",
        "0.9 ** 50, 1.1 ** 50, and for tanh the factor of one step is 1.1 · (1 - 0.5²).",
    ],
)
def ex_06_1(answer: Any) -> str:
    """Linear 0.9, linear 1.1, tanh 1.1 at state 0.5; each over 50 steps."""
    if answer is ... or answer is None or any(value is ... for value in np.ravel(np.asarray(answer, dtype=object))):
        raise NotYet
    factors = as_array(np.ravel(answer) if np.size(answer) == 3 else answer, (3,), "the list of factors")
    expected = np.array([0.9, 1.1, 0.825]) ** 50
    mistakes: dict[str, Any] = {
        "factors of fifty steps are multiplied, not added": [45, 55, 41.25],
        "that is the factor of one step; take it fifty times": [0.9, 1.1, 0.825],
        "the third has the slope but not w_h: a step multiplies by both": [*expected[:2], 0.75**50],
        "the slope of tanh at the state h is 1 - h², not h": [*expected[:2], 0.55**50],
        "the third goes through tanh: its slope is missing": [*expected[:2], 1.1**50],
        "the slope is taken at the state h itself, 1 - h²; tanh is not applied again": [
            *expected[:2],
            (1.1 * (1 - np.tanh(0.5) ** 2)) ** 50,
        ],
        "0.9 and 1.1 are exchanged": [expected[1], expected[0], expected[2]],
        "the neuron goes fifty steps back, not 49": np.array([0.9, 1.1, 0.825]) ** 49,
    }
    for mistake, values in mistakes.items():
        if np.allclose(factors, values, rtol=5e-3):
            raise Wrong(f"got {brief(factors)}; {mistake}")
    for place, (got, wanted) in enumerate(zip(factors, expected, strict=True), start=1):
        if not np.isclose(got, wanted, rtol=1e-2):
            raise Wrong(f"factor {place} should be near {wanted:.3g}, got {got:.3g}")
    return "Of a pull of 1, 0.00515 arrives, or 117, or 0.0000665: one step's factor decides."


@check_of(
    "06.2",
    "three clippings of the same gradients",
    hints=[
        "Ask what each argument compares with 13: a number, an array's norm, or the norm of all numbers.",
        "The norms are 10 and 24, and together √(36 + 64 + 576) = 26.",
        "clipvalue touches only the 24. clipnorm scales only arrays longer than 13. global_clipnorm halves everything.",
    ],
)
def ex_06_2(answer: Any) -> str:
    """[6, 8] and [24] clipped with 13 by each of Keras' arguments."""
    if answer is ... or answer is None:
        raise NotYet
    if not isinstance(answer, Mapping) or any(name not in answer for name in ARGUMENTS):
        raise Wrong(f"expected a dict with the keys {', '.join(ARGUMENTS)}, got {brief(answer)}")
    flat = {name: _numbers(answer[name]) for name in ARGUMENTS}
    if any(value is ... for values in flat.values() for value in values):
        raise NotYet
    got = {name: as_array(flat[name], (3,), f"the answer for {name}") for name in ARGUMENTS}
    expected = {"clipvalue": [6, 8, 13], "clipnorm": [6, 8, 13], "global_clipnorm": [3, 4, 12]}
    mistakes = {
        ("clipvalue", (3, 4, 12)): "clipvalue looks at each number alone and knows no norm",
        ("clipnorm", (3, 4, 12)): "clipnorm looks at each array alone: the norm of [6, 8] is 10, below 13",
        ("clipnorm", (7.8, 10.4, 13)): "[6, 8] has norm 10 and is not above 13; clipping never makes longer",
        ("global_clipnorm", (6, 8, 13)): "global_clipnorm takes all three numbers as one vector, of norm 26",
        ("global_clipnorm", (6, 8, 24)): "the joint norm is 26, which is above 13",
    }
    for name in ARGUMENTS:
        if np.allclose(got[name], expected[name], atol=1e-3):
            continue
        for (where, values), mistake in mistakes.items():
            if name == where and np.allclose(got[name], values, atol=1e-3):
                raise Wrong(f"{name}: {mistake}")
        raise Wrong(f"{name}: got {brief(got[name])}; which norm, of what, is compared with 13?")
    return "Only the last one keeps the direction."


def _numbers(answer: Any) -> list[Any]:
    """Three numbers, however they are put: [6, 8, 13], [[6, 8], [13]], or arrays of them."""
    if isinstance(answer, (list, tuple)):
        return [value for part in answer for value in _numbers(part)]
    return list(np.ravel(answer))


@check_of(
    "06.3",
    "clipping by global norm",
    hints=[
        "First one norm of all arrays together, then one factor for all of them, never above 1.",
        "Put all numbers into one vector: ravel each, then np.concatenate; np.linalg.norm(vector, p) takes any p.",
        "factor = min(1.0, max_norm / whole); return [factor * part for part in grads]. "
        "Before that, np.isfinite(whole) tells whether to raise ValueError.",
    ],
)
def ex_06_3(answer: Any) -> str:
    """``clip_global(grads, max_norm, norm_type=2)`` on short, long, integer and broken gradients, for four norms."""
    pair = [np.array([3.0, 4.0]), np.array([[12.0]])]
    handed = [part.copy() for part in pair]
    clipped = _parts(_call(answer, handed, 6.5), pair, "for [3, 4], [[12]] and 6.5")
    values = np.concatenate([part.ravel() for part in clipped])
    if np.allclose(values, [3, 4, 6.5], atol=1e-5):
        raise Wrong("for [3, 4], [[12]] and 6.5 got 3, 4, 6.5: each array, or number, by itself; take one norm of all")
    if np.allclose(values, [3, 4, 12]):
        raise Wrong("for [3, 4], [[12]] and 6.5 nothing was clipped, although the joint norm is 13")
    if not np.allclose(values, [1.5, 2, 6], rtol=1e-6):
        raise Wrong(f"for [3, 4], [[12]] and 6.5 expected 1.5, 2, 6, got {brief(values)}")
    if any(not np.array_equal(now, before) for now, before in zip(handed, pair, strict=True)):
        raise Wrong("the arrays that were handed in have changed: return new ones, the caller still needs his")
    short = _parts(_call(answer, [np.array([0.3, 0.4])], 5.0), [np.array([0.3, 0.4])], "for [0.3, 0.4] and 5")
    if not np.allclose(short[0], [0.3, 0.4]):
        raise Wrong(f"[0.3, 0.4] is shorter than 5 and came back as {brief(short[0])}: the factor must not be above 1")
    _on_integers_and_zeros(answer)
    largest = _parts(_call(answer, pair, 6.0, norm_type=np.inf), pair, "with norm_type=np.inf")
    if not np.allclose(np.concatenate([part.ravel() for part in largest]), [1.5, 2, 6]):
        raise Wrong("with norm_type=np.inf and 6.0, [3, 4], [[12]] become 1.5, 2, 6: the norm is the largest value, 12")
    for power, limit in ((1, 9.5), (3, 1819 ** (1 / 3) / 2)):
        where = f"with norm_type={power}"
        parts = _parts(_call(answer, pair, limit, norm_type=power), pair, where)
        if not np.allclose(np.concatenate([part.ravel() for part in parts]), [1.5, 2, 6]):
            raise Wrong(
                f"{where} and {limit:.4g}, [3, 4], [[12]] become 1.5, 2, 6: the norm is "
                f"{2 * limit:.4g}, the sum of |x|^{power} to the power of 1/{power}"
            )
    for bad in (np.nan, np.inf, -np.inf):
        if not _refuses(answer, [np.array([3.0, bad]), np.array([12.0])]):
            raise Wrong(f"a gradient that holds {bad} was let through; raise a ValueError")
    return "New arrays, one factor, and nothing broken passes."


def _call(answer: Any, grads: list[np.ndarray], *arguments: Any, **keywords: Any) -> Any:
    """Run the answer on these very arrays, in a function, so that changing them in place can be seen."""
    if answer is ... or not callable(answer):
        return call(answer, grads, *arguments, **keywords)
    return call(lambda *rest, **named: answer(grads, *rest, **named), *arguments, **keywords)


def _parts(clipped: Any, grads: list[np.ndarray], where: str) -> list[np.ndarray]:
    if not isinstance(clipped, (list, tuple)) or len(clipped) != len(grads):
        raise Wrong(f"{where} expected a list of {len(grads)} arrays, got {brief(clipped)}")
    return [as_array(part, np.shape(given), f"{where} an array") for part, given in zip(clipped, grads, strict=True)]


def _on_integers_and_zeros(answer: Any) -> None:
    whole_numbers = [np.array([3, 4]), np.array([[12]])]
    clipped = _parts(_call(answer, whole_numbers, 6.5), whole_numbers, "for integers 3, 4, 12 and 6.5")
    if not np.allclose(np.concatenate([part.ravel() for part in clipped]), [1.5, 2, 6]):
        raise Wrong(f"for integer arrays expected 1.5, 2, 6, got {brief(clipped[0])}; turn them into floats first")
    zeros = _parts(_call(answer, [np.zeros(2)], 1.0), [np.zeros(2)], "for a gradient of zeros")
    if not np.allclose(zeros[0], 0):
        raise Wrong(f"a gradient of zeros came back as {brief(zeros[0])}: its norm is 0, and 1/0 is no factor")


def _refuses(answer: Any, grads: list[np.ndarray]) -> bool:
    try:
        with np.errstate(all="ignore"):
            answer(grads, 6.5)
    except ValueError:
        return True
    except Exception as error:
        raise Wrong(
            f"for a gradient that is not finite it raised {type(error).__name__}; expected ValueError"
        ) from error
    return False


@check_of(
    "06.4",
    "the scale at which a gradient begins to grow",
    hints=[
        "bptt returns the norms as its third result: norms[0] is step 1, norms[-1] is step 50. Compare these two.",
        "Loop over np.arange(0.5, 2.01, 0.05), hand bptt [W_x, scale * W_h, b, V, c], and stop at the first success.",
        "if norms[0] > norms[-1]: first_scale[activation] = scale. One of the two lies near 1.1, the other near 1.5.",
    ],
)
def ex_06_4(answer: Any) -> str:
    """{"relu": scale, "tanh": scale} at which the norm at step 1 first exceeds that at step 50."""
    if answer is ... or answer is None:
        raise NotYet
    if not isinstance(answer, Mapping) or set(answer) != {"relu", "tanh"}:
        raise Wrong(f"expected a dict with the keys relu and tanh, got {brief(answer)}")
    relu, tanh = (as_number(answer[name], name) for name in ("relu", "tanh"))
    if relu == tanh:
        raise Wrong(
            f"both are {relu:g}; did you hand bptt the activation as its fourth argument? "
            "(From a few other starts both are equal.)"
        )
    if max(relu, tanh) <= 1.0:
        raise Wrong(
            f"at a scale of {max(relu, tanh):g} no step makes the gradient longer; is it norms[0] > norms[-1], and not "
            "the other way round?"
        )
    if tanh > relu + 0.1:
        raise Wrong(f"relu {relu:g} and tanh {tanh:g} look exchanged: about half of the units of ReLU are off")
    if HIGHEST_TANH < tanh <= 1.6:
        raise Wrong(f"tanh {tanh:g} is late; compare the norm at step 1 with that at step 50, not with 1")
    if not 1.0 < tanh <= HIGHEST_TANH:
        raise Wrong(f"for tanh expected a scale above 1 and at most {HIGHEST_TANH:g}, got {tanh:g}")
    if not RELU[0] <= relu <= RELU[1]:
        raise Wrong(f"for ReLU expected a scale from {RELU[0]:g} to {RELU[1]:g}, got {relu:g}")
    if tanh >= 1.2:
        return "These fit some starts, if you compared step 1 with step 50, and not with 1: tanh is rarely so late."
    if tanh > relu:
        return (
            "From your start ReLU is first, which is rare: its units that are off shorten the gradient at every step."
        )
    return "tanh explodes first: where its states are small its slope is 1, and all of its units pass the gradient on."
