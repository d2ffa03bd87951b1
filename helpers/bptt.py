"""Back-propagation through time of a one-layer recurrent network in NumPy: gradients, and their norm at each step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

#: Name to (function of the sum, slope as a function of the state that it gave).
ACTIVATIONS: dict[str, tuple[Callable, Callable]] = {
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda h: h * (1 - h)),
    "tanh": (np.tanh, lambda h: 1 - h * h),
    "relu": (lambda z: np.maximum(z, 0), lambda h: (h > 0).astype(h.dtype)),
    "linear": (lambda z: z, np.ones_like),
}


class Gradients(NamedTuple):
    """The loss, its gradients in the order of the weights, and the norm of dL/dh at each time step."""

    loss: float
    arrays: list[np.ndarray]
    by_step: np.ndarray


def backward(
    X: np.ndarray, y: np.ndarray, weights: Sequence[np.ndarray], *, activation: str = "tanh", last: int | None = None
) -> Gradients:
    """Gradients of the mean squared error of ``SimpleRNN(units, activation)`` and ``Dense(1)``.

    Args:
        X: series (batch, steps, 1 or more features).
        y: targets (batch, 1).
        weights: W_x (features, units), W_h (units, units), b (units,), and the head's V (units, 1) and c (1,).
        activation: one of ``ACTIVATIONS``.
        last: follow the gradient back through that many steps only; through all when None.

    Returns:
        Loss, gradients and norms. The norm of a step is that of the array dL/dh_t, (batch, units); a step that
        truncation leaves out has norm 0. What overflows is inf or NaN.

    Raises:
        ValueError: the activation is unknown.

    >>> one = [np.ones((1, 1)), np.full((1, 1), 0.9), np.zeros(1), np.ones((1, 1)), np.zeros(1)]
    >>> norms = backward(np.ones((1, 50, 1)), np.zeros((1, 1)), one, activation="linear").by_step
    >>> round(float(norms[0] / norms[49]), 5)  # 0.9 ** 49
    0.00573
    """
    if activation not in ACTIVATIONS:
        raise ValueError(f"activation is {activation!r}; expected one of {', '.join(ACTIVATIONS)}.")
    W_x, W_h, b, V, c = (np.asarray(array, dtype=float) for array in weights)
    squash, slope = ACTIVATIONS[activation]
    n_steps = X.shape[1]
    with np.errstate(over="ignore", invalid="ignore"):
        inputs = X @ W_x + b  # all steps at once, (batch, steps, units)
        states = [np.zeros((len(X), len(b)))]
        for t in range(n_steps):
            states.append(squash(inputs[:, t] + states[-1] @ W_h))
        error = states[-1] @ V + c - y
        d_out = 2 * error / error.size
        d_state, d_sums = d_out @ V.T, np.zeros_like(inputs)
        by_step = np.zeros(n_steps)
        for t in reversed(range(0 if last is None else max(n_steps - last, 0), n_steps)):
            by_step[t] = norm(d_state)
            d_sums[:, t] = d_state * slope(states[t + 1])
            d_state = d_sums[:, t] @ W_h.T
        before = np.stack(states[:-1], axis=1)
        arrays = [
            np.einsum("bti,btu->iu", X, d_sums),
            np.einsum("bti,btu->iu", before, d_sums),
            d_sums.sum(axis=(0, 1)),
            states[-1].T @ d_out,
            d_out.sum(axis=0),
        ]
        return Gradients(float(np.mean(error**2)), arrays, by_step)


def norm(*arrays: np.ndarray) -> float:
    """The Euclidean norm of all entries of all arrays together, also where their squares would overflow.

    >>> norm(np.array([3.0, 4.0]), np.array([[12.0]]))
    13.0
    """
    largest = max(float(np.abs(array).max(initial=0.0)) for array in arrays)
    if largest == 0 or not np.isfinite(largest):
        return largest
    return largest * float(np.sqrt(sum(float(np.sum((array / largest) ** 2)) for array in arrays)))
