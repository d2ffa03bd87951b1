"""Checks of lesson 00: start here."""

from __future__ import annotations

from typing import Any

import numpy as np

from helpers.checks.base import NotYet, Wrong, as_array, as_number, brief, call, check_of


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
    "the error of each step",
    hints=[
        "forecasts and truth have the shape (series, 10). The result has one number per step: which axis goes?",
        "Take the difference, square it, and take the mean over the series, which is axis 0.",
        "return np.mean((forecasts - truth) ** 2, axis=0)",
    ],
)
def ex_00_2(answer: Any) -> str:
    """``errors_by_step(forecasts, truth)`` of arrays (series, steps) gives (steps,)."""
    rng = np.random.default_rng(2)
    for n_series, n_steps in ((5, 10), (40, 3)):
        forecasts, truth = rng.normal(size=(2, n_series, n_steps))
        error = forecasts - truth
        expected = np.mean(error**2, axis=0)
        where = f"{n_series} series of {n_steps} steps"
        given = call(answer, forecasts, truth)
        mistakes = {
            "that is one number per series: the mean goes over the series, axis=0": np.mean(error**2, axis=1),
            "that is one number for all: keep the steps apart, axis=0": np.mean(error**2),
            "the difference is not squared, so errors above and below cancel": np.mean(error, axis=0),
            "that is the mean absolute error: square the difference": np.mean(np.abs(error), axis=0),
            "square first, then take the mean": np.mean(error, axis=0) ** 2,
            "that is the sum over the series: divide by their number": np.sum(error**2, axis=0),
            "that is the root of it, RMSE; MSE has no root": np.sqrt(expected),
        }
        for mistake, values in mistakes.items():
            if np.shape(given) == np.shape(values) and np.allclose(as_array(given, np.shape(values)), values):
                raise Wrong(f"for {where} got {brief(given)}; {mistake}")
        got = as_array(given, (n_steps,), f"for {where} the result")
        if not np.allclose(got, expected):
            raise Wrong(f"for {where} expected {brief(expected)}, got {brief(got)}")
    return "The figure below is drawn with your function."


@check_of(
    "00.3",
    "the hardest series",
    hints=[
        "One error per series first: the mean goes over the ten steps, which is axis 1.",
        "np.argmax gives the place of the largest value of an array.",
        "return np.argmax(np.mean((forecasts - truth) ** 2, axis=1))",
    ],
)
def ex_00_3(answer: Any) -> str:
    """``hardest(forecasts, truth)`` gives the number of the series with the largest mean squared error."""
    rng = np.random.default_rng(4)
    for n_series in (6, 30):
        truth = rng.normal(size=(n_series, 10))
        error = 0.1 * rng.normal(size=truth.shape)
        error[2] *= 0.01  # the easiest; each mistake below gives a number of its own
        error[1, 3] = 3.0  # the largest single error: in an easy series and in the hardest step
        error[n_series - 2] = 1.2 + 0.01 * rng.normal(size=10)
        error[0] = -0.9
        by_series = np.mean(error**2, axis=1)
        expected, where = int(np.argmax(by_series)), f"{n_series} series"
        value = as_number(call(answer, truth + error, truth), f"{where}")
        mistakes = {
            int(np.argmin(by_series)): "that is the easiest one: argmax, not argmin",
            int(np.argmax(np.mean(error**2, axis=0))): "that is the hardest step: take the mean over the steps, axis=1",
            int(np.argmax(np.abs(error).max(axis=1))): "that is where the largest single error stands; take the mean",
            int(np.argmax(error**2)): "argmax of the whole array counts all values: take the mean over the steps first",
        }
        if value == expected:
            continue
        if np.isclose(value, by_series.max()):
            raise Wrong(f"for {where} got {value:.4g}: that is its error; its number is asked, so argmax, not max")
        reason = mistakes.get(int(value), "compute one error per series, then argmax")
        raise Wrong(f"for {where} expected series {expected}, got {value:g}; {reason}")
    return "The figure below shows it, with your own network's forecast."


@check_of(
    "00.4",
    "how much a seed matters",
    hints=[
        "Call train(seed) three times with different seeds and keep what it returns second, the history.",
        "The validation error of a run is history.history['val_loss'][-1].",
        "errors = [h.history['val_loss'][-1] for h in histories]; spread = max(errors) - min(errors).",
    ],
)
def ex_00_4(answer: Any) -> str:
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
