"""Checks of lesson 00: start here."""

from __future__ import annotations

from typing import Any

import numpy as np

from helpers.checks.base import NotYet, Wrong, as_number, brief, call, check_of


@check_of(
    "00.1",
    "weights of the first network",
    hints=[
        "Count the entries of every array: SimpleRNN(20) has three of them, Dense(10) has two.",
        "SimpleRNN(20) on one feature: (1, 20), (20, 20) and (20,). Dense(10) on 20 values: (20, 10) and (10,).",
        "20 + 400 + 20 for the recurrent layer, 200 + 10 for the head.",
    ],
)
def ex_00_1(answer: Any) -> str:
    """The number of weights of SimpleRNN(20) followed by Dense(10)."""
    value = as_number(answer)
    mistakes = {
        620: "the biases are missing: 20 of the recurrent layer and 10 of the head",
        630: "the recurrent layer's 20 biases are missing",
        640: "the head's 10 biases are missing",
        250: "the recurrent matrix is missing: each of 20 units listens to all 20 states",
        440: "that is the recurrent layer alone; the head has weights too",
        32_500: "the same weights serve all 50 steps; they are not multiplied by the steps",
    }
    if value in mistakes:
        raise Wrong(f"got {value:g}: {mistakes[int(value)]}")
    if value != 650:
        raise Wrong(f"got {value:g}; add up the entries of (1, 20), (20, 20), (20,), (20, 10) and (10,)")
    return "Compare it with model.count_params()."


@check_of(
    "00.2",
    "shape and size of a batch",
    hints=[
        "A batch of sequences has three axes, in this order: which sequence, which time step, which feature.",
        "float32 takes 4 bytes a number; count the numbers by multiplying the three sizes.",
        "return (batch, steps, features), 4 * batch * steps * features",
    ],
)
def ex_00_2(answer: Any) -> str:
    """``shape_of(batch, steps, features)`` gives the shape and the bytes in float32."""
    for batch, steps, features in ((7000, 50, 1), (32, 168, 5), (1, 1, 1), (3, 2, 4)):
        shape, size = (batch, steps, features), 4 * batch * steps * features
        case = f"batch={batch}, steps={steps}, features={features}"
        given = call(answer, batch, steps, features)
        if (
            not isinstance(given, (tuple, list))
            or len(given) != 2
            or not isinstance(given[0], (tuple, list, np.ndarray))
        ):
            raise Wrong(f"for {case} expected ({shape}, {size}), a shape and a number of bytes, got {brief(given)}")
        given_shape = tuple(np.ravel(given[0]).tolist())
        if given_shape != shape:
            order = "batch first, then steps, then features" if sorted(given_shape) == sorted(shape) else "three axes"
            raise Wrong(f"for {case} expected the shape {shape} ({order}), got {brief(given[0])}")
        n_bytes = as_number(given[1], "the bytes")
        if n_bytes == 2 * size:
            raise Wrong(f"for {case} expected {size} bytes, got {n_bytes:g}: that is float64, 8 bytes a number")
        if n_bytes != size:
            raise Wrong(f"for {case} expected {size} bytes, got {n_bytes:g}: multiply all three sizes by 4")
    return "All 7,000 series of 50 steps fit into 1.4 MB."


@check_of(
    "00.3",
    "how much a seed matters",
    hints=[
        "Call train(seed) three times with different seeds and keep what it returns second, the history.",
        "The validation error of a run is history.history['val_loss'][-1].",
        "errors = [h.history['val_loss'][-1] for h in histories]; spread = max(errors) - min(errors).",
    ],
)
def ex_00_3(answer: Any) -> str:
    """(histories of three runs under three seeds, spread of their validation errors)."""
    if answer is ... or answer is None:
        raise NotYet
    if not isinstance(answer, (tuple, list)) or len(answer) != 2:
        raise Wrong(f"expected two things, the histories and the spread, got {brief(answer)}")
    histories, spread = answer
    if histories is ... or spread is ...:
        raise NotYet
    try:
        valid = [float(run.history["val_loss"][-1]) for run in histories]
        train = [float(run.history["loss"][-1]) for run in histories]
    except (AttributeError, KeyError, TypeError, IndexError):
        raise Wrong(f"expected a list of three histories as train() returns them, got {brief(histories)}") from None
    if len(valid) != 3:
        raise Wrong(f"expected three histories, got {len(valid)}")
    if len(set(valid)) < 3:
        raise Wrong("two runs have the same validation error to the last digit; did you change the seed?")
    value, expected = as_number(spread, "the spread"), max(valid) - min(valid)
    if np.isclose(value, expected, rtol=1e-3, atol=1e-9):
        return f"{min(valid):.4f} to {max(valid):.4f} for one model: smaller differences than this decide nothing."
    if np.isclose(value, max(train) - min(train), rtol=1e-3):
        raise Wrong(f"got {value:.5f}, the spread of the training losses; take the validation errors")
    if np.isclose(value, max(valid), rtol=1e-3):
        raise Wrong(f"got {value:.5f}, the largest error; the spread is the largest minus the smallest")
    if abs(value - expected) <= 1e-4:  # rounded as the progress line rounds
        return f"{min(valid):.4f} to {max(valid):.4f} for one model: smaller differences than this decide nothing."
    raise Wrong(f"for the errors {brief(np.array(valid))} the spread is {expected:.5f}, got {value:.5f}")
