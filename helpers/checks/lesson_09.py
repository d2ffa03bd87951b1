"""Checks of lesson 09: Conv1D."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from helpers.checks.base import NotYet, Wrong, as_array, as_number, brief, call, check_of


@check_of(
    "09.1",
    "four output lengths",
    hints=[
        "From its first to its last tap a kernel spans (kernel − 1) · dilation + 1 inputs. How often does it fit?",
        "valid: (n − span) // stride + 1. same and causal: n / stride, rounded up.",
        "(101 − 4) // 3 + 1, then 101 / 3 rounded up, twice, and 101 − 17 + 1.",
    ],
)
def ex_09_1(answer: Any) -> str:
    """Lengths for 101 inputs: (k 4, s 3) valid, same, causal; (k 3, d 8) valid."""
    given = _numbers(answer, 4, "lengths")
    names = (
        "kernel 4, stride 3, valid",
        "kernel 4, stride 3, same",
        "kernel 4, stride 3, causal",
        "kernel 3, dilation 8",
    )
    right = (33, 34, 34, 85)
    mistakes: dict[tuple[int, float], str] = {
        (0, 34): "valid does not round up: a kernel that fits only in part gives no output",
        (0, 32): "the first place counts as well: + 1",
        (0, 98): "the stride is missing",
        (1, 33): "same adds zeros, so the last place counts too: round up",
        (1, 101): "the stride shortens same, too",
        (2, 33): "causal adds zeros in front, so it rounds up as same does",
        (2, 101): "the stride shortens causal, too",
        (3, 99): "dilation stretches the kernel: its 3 taps span 2 · 8 + 1 inputs",
        (3, 78): "3 taps have 2 gaps: they span 2 · 8 + 1 inputs, not 3 · 8",
        (3, 84): "the first place counts as well: + 1",
    }
    for index, (name, expected, value) in enumerate(zip(names, right, given, strict=True)):
        if value != expected:
            reason = mistakes.get((index, value), "how often does the kernel's span fit, moved on by the stride?")
            raise Wrong(f"for 101 inputs and {name} got {value:g}; {reason}")
    return "With stride 1 and padding same or causal the length stays; everything else changes it."


@check_of(
    "09.2",
    "one value at a time",
    hints=[
        "Output t is a sum over the taps. The newest tap, kernel[-1], multiplies x[t]; the one before x[t − dilation].",
        "Tap i of k looks back (k − 1 − i) · dilation steps. A step before 0 counts as zero: leave it out of the sum.",
        "y[t] = sum(kernel[i] * x[t - (k - 1 - i) * dilation] for i in range(k) if t - (k - 1 - i) * dilation >= 0)",
    ],
)
def ex_09_2(answer: Any) -> str:
    """``causal_conv(x, kernel, dilation)`` against the definition."""
    random = np.random.RandomState(4)
    for steps, k, dilation in ((8, 3, 1), (12, 2, 4), (5, 4, 3), (6, 1, 2)):
        x, kernel = random.normal(size=steps), random.normal(size=k)
        expected, span = _causal(x, kernel, dilation), (k - 1) * dilation
        where = f"{steps} steps, {k} taps and dilation {dilation}"
        got = np.asarray(call(answer, x, kernel, dilation))
        if got.shape == (max(steps - span, 0),) and steps - span != steps:
            raise Wrong(
                f"for {where} {len(got)} outputs came, as with valid padding; every input has an output: {steps}"
            )
        got = as_array(got, (steps,), f"for {where} the result")
        if np.allclose(got, expected, atol=1e-6):
            continue
        mistakes = {
            "the kernel runs backwards: kernel[-1] belongs to the newest input": _causal(x, kernel[::-1], dilation),
            "output t must not read x[t + 1]; zeros belong in front only": _shifted(x, kernel, dilation, span // 2),
            "output t reads the future; the zeros belong in front, not at the end": _shifted(x, kernel, dilation, span),
            "the dilation is missing: neighbouring taps are that many steps apart": _causal(x, kernel, 1),
            "the first output has read a later input: a step before 0 counts as zero, x[-1] is the last value": (
                _wrapped(x, kernel, dilation)
            ),
        }
        for mistake, values in mistakes.items():
            if np.allclose(got, values, atol=1e-6):
                raise Wrong(f"for {where} {mistake}")
        raise Wrong(f"for {where} expected {brief(expected[-3:])} as the last three outputs, got {brief(got[-3:])}")
    return "It needs to keep (k − 1) · dilation values: a causal convolution has a state, too, of fixed length."


@check_of(
    "09.3",
    "inputs that nobody reads",
    hints=[
        "Output j reads inputs j · stride to j · stride + kernel − 1. Collect them all; what is missing?",
        "There are (n − kernel) // stride + 1 outputs. Think of a stride larger than the kernel, too.",
        "read = {j * s + i for j in range((n - k) // s + 1) for i in range(k)}; then what of range(n) is not in it.",
    ],
)
def ex_09_3(answer: Any) -> str:
    """``unused(n, k, s)``: inputs that Conv1D with valid padding never reads."""
    for n, k, s in ((51, 4, 2), (50, 4, 2), (60, 5, 3), (20, 2, 3), (9, 1, 4), (13, 5, 4)):
        expected = _unused(n, k, s)
        where = f"n = {n}, k = {k}, s = {s}"
        got = call(answer, n, k, s)
        try:
            got = sorted(int(value) for value in got)
        except (TypeError, ValueError):
            raise Wrong(f"for {where} expected a list of time steps, got {brief(got)}") from None
        if got == expected:
            continue
        if not got and expected == [n - 1]:
            raise Wrong(
                f"for {where} expected {expected}, got none; a kernel wider than the stride leaves no gap in the "
                "middle, but the end is another matter"
            )
        if got == [value + 1 for value in expected]:
            raise Wrong(f"for {where} expected {expected}, got {got}; the first time step is 0")
        if s > k and set(got) < set(expected) and all(value >= n - s for value in got):
            raise Wrong(
                f"for {where} only the end was looked at; a stride wider than the kernel skips inputs in between"
            )
        if got == [n - 1 - value for value in expected][::-1]:
            raise Wrong(
                f"for {where} expected {expected}, got {got}; the kernel starts at step 0, the rest is at the end"
            )
        raise Wrong(f"for {where} expected {expected or 'none'}, got {brief(got)}")
    return "With k at least s, the last (n − k) mod s inputs are lost: for a forecast, the newest ones."


@check_of(
    "09.4",
    "targets for any convolution",
    hints=[
        "Output j may forecast from the newest input that it has read, and from no earlier and no later one.",
        "valid: output 0 has read up to (k − 1) · d, each further one s more. causal: output j has read up to j · s.",
        "Y[:, (k - 1) * d :: s] for valid, Y[:, ::s] for causal; with same an output has read beyond its step: raise "
        "ValueError.",
    ],
)
def ex_09_4(answer: Any) -> str:
    """``targets_for(Y, k, s, d, padding)``: targets at the newest input that each output has read."""
    n = 50
    Y = np.arange(n, dtype=float)[np.newaxis, :, np.newaxis] + np.zeros((2, 1, 3))
    for k, s, d, padding in (
        (4, 2, 1, "valid"),
        (3, 1, 4, "valid"),
        (5, 3, 1, "valid"),
        (4, 2, 1, "causal"),
        (2, 1, 8, "causal"),
    ):
        where = f"k = {k}, s = {s}, d = {d} and {padding}"
        expected = Y[:, (k - 1) * d :: s] if padding == "valid" else Y[:, ::s]
        got = np.asarray(call(answer, Y, k, s, d, padding))
        if got.ndim != 3 or got.shape[0] != 2 or got.shape[2] != 3 or not got.shape[1]:
            raise Wrong(
                f"for {where} the result has shape {got.shape}; expected (batch, outputs, horizon) {expected.shape}"
            )
        start, first = (k - 1) * d if padding == "valid" else 0, int(got[0, 0, 0])
        if got.shape == expected.shape and np.array_equal(got, expected):
            continue
        if first < start:
            raise Wrong(
                f"for {where} the first targets stand at time step {first}; the first output has read inputs up to "
                f"{start}, so it would forecast what it has seen: easier, and useless"
            )
        if first > start:
            raise Wrong(
                f"for {where} the first targets stand at step {first}; the first output has read up to {start}: "
                "count from 0, and the newest tap belongs to the kernel"
            )
        raise Wrong(
            f"for {where} the targets start at the right step and number {got.shape[1]}; expected "
            f"{expected.shape[1]}, one every {s} steps"
        )
    try:
        answer(Y.copy(), 3, 1, 1, "same")
    except ValueError:
        return 'Output and target now meet at the newest input that was read; "same" has no such targets.'
    except Exception as error:
        raise Wrong(f"for padding same expected a ValueError, got {type(error).__name__}: {error}") from error
    raise Wrong("for padding same targets came; an output there has read inputs after its step: raise ValueError")


@check_of(
    "09.5",
    "receptive fields",
    hints=[
        "Each layer adds (kernel − 1) · dilation inputs to the field of what comes before; one input to begin with.",
        "1 + 2 + 4 + … + 512 = 1,023. A layer after a stride of 2 moves in steps of two inputs.",
        "1 + 1,023; 1 + 3 · 1,023; and for the last one 4 + (3 − 1) · 2.",
    ],
)
def ex_09_5(answer: Any) -> str:
    """Fields of: kernel 2, dilations 1 … 512; three such blocks; Conv1D(k 4, s 2) then Conv1D(k 3)."""
    given = _numbers(answer, 3, "fields")
    names = ("kernels of 2, dilations 1, 2, 4, …, 512", "three such blocks", "Conv1D(4, strides=2), then Conv1D(3)")
    mistakes: dict[tuple[int, float], str] = {
        (0, 512): "that is the last dilation; the layers' reaches add up",
        (0, 1023): "the output's own time step counts, too: + 1",
        (0, 2046): "a kernel of 2 has one gap, so each layer adds its dilation once",
        (0, 20): "dilation is missing: that is without gaps",
        (0, 11): "dilation is missing: each layer adds (kernel − 1) · dilation",
        (1, 3072): "each further block adds 1,023: the step that it starts from is counted already",
        (1, 1024): "a block on top of a block sees further: the reaches add up",
        (1, 1024**3): "the reaches of blocks add up; they do not multiply",
        (2, 6): "the second kernel moves over outputs that stand two inputs apart",
        (2, 12): "the first layer's windows overlap",
        (2, 7): "that is without the stride, or with one output too few: draw it",
        (2, 9): "the first output of the three reads 4 inputs, each further one adds 2",
        (2, 10): "the first output of the three reads 4 inputs, each further one adds 2",
    }
    for index, (name, expected, value) in enumerate(zip(names, (1024, 3070, 8), given, strict=True)):
        if value != expected:
            reason = mistakes.get(
                (index, value), "add (kernel − 1) · dilation · (strides before) layer by layer, and 1"
            )
            raise Wrong(f"for {name} got {value:g}; {reason}")
    return "A block of ten layers sees 1,024 inputs with twenty taps."


@check_of(
    "09.6",
    "how far ahead does padding same look?",
    hints=[
        'Build dilated_stack("same"), raise one input in the middle: outputs before it that move have looked ahead.',
        "Use many series at once, since a relu may hide a change in one of them. An output at t that moves when input "
        "t + a is raised looks a steps ahead.",
        "changed[:, 25] += 0.5; moved = np.flatnonzero(np.abs(model(changed) - model(X)).max(axis=(0, 2)) > 1e-6); "
        "looks = (moved.max() - 25, 25 - moved.min()).",
    ],
)
def ex_09_6(answer: Any) -> str:
    """(steps back, steps ahead) that the stack with padding same reads."""
    back, ahead = _numbers(answer, 2, "numbers")
    if (back, ahead) == (14, 16):
        return "14 + 1 + 16 = 31. A kernel of 2 puts the odd zero at the end, so it looks further ahead than back."
    reasons: dict[tuple[float, float], str] = {
        (16, 14): "exchanged: raise an input, and the outputs before it are those that looked ahead",
        (30, 0): "that is causal padding",
        (15, 15): "a kernel of 2 cannot be centred: measure it",
        (0, 31): "the whole field does not lie ahead",
        (15, 17): "the distance to the farthest output that moved, not the number of outputs on that side with its own",
    }
    reason = reasons.get((back, ahead))
    if reason is None and ahead == 0:
        reason = "outputs before the raised input do move"
    if reason is None and back + ahead != 30:
        reason = (
            "the field holds 31 inputs, so back and ahead make 30; raise an input in the middle, by 0.5, "
            "in a hundred series at once"
        )
    raise Wrong(f"got {back:g} back and {ahead:g} ahead; {reason or 'raise one input and see which outputs move'}")


def _numbers(answer: Any, count: int, what: str) -> list[float]:
    """``answer`` as ``count`` whole numbers."""
    if answer is ... or answer is None:
        raise NotYet
    if isinstance(answer, (str, dict)):
        raise Wrong(f"expected {count} {what}, got {brief(answer)}")
    try:
        values = list(answer)
    except TypeError:
        raise Wrong(f"expected {count} {what}, got {brief(answer)}") from None
    if any(value is ... for value in values):
        raise NotYet
    if len(values) != count:
        raise Wrong(f"expected {count} {what}, got {len(values)}")
    return [as_number(value, f"number {index}") for index, value in enumerate(values, start=1)]


def _causal(x: np.ndarray, kernel: Sequence[float] | np.ndarray, dilation: int) -> np.ndarray:
    return _shifted(x, kernel, dilation, 0)


def _shifted(x: np.ndarray, kernel: Sequence[float] | np.ndarray, dilation: int, ahead: int) -> np.ndarray:
    """The convolution with ``ahead`` of its zeros at the end."""
    span = (len(kernel) - 1) * dilation
    padded = np.pad(x, (span - ahead, ahead))
    return np.array([padded[t : t + span + 1 : dilation] @ np.asarray(kernel) for t in range(len(x))])


def _wrapped(x: np.ndarray, kernel: Sequence[float] | np.ndarray, dilation: int) -> np.ndarray:
    """What negative indices give in Python."""
    k = len(kernel)
    return np.array(
        [sum(kernel[i] * x[(t - (k - 1 - i) * dilation) % len(x)] for i in range(k)) for t in range(len(x))]
    )


def _unused(n: int, k: int, s: int) -> list[int]:
    read = {j * s + i for j in range((n - k) // s + 1) for i in range(k)}
    return [step for step in range(n) if step not in read]
