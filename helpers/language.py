"""A trained language model, read and continued token by token in NumPy: Keras' steps without its overhead."""

from __future__ import annotations

import numbers
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from helpers._validate import whole
from helpers.text import compose_text, well_formed

#: What stands for every token that is not in the vocabulary; its first token.
UNKNOWN = "□"

#: h, (units,), of each GRU layer.
State = list[np.ndarray]
Ids = Sequence[int] | np.ndarray


@dataclass(frozen=True)
class LanguageModel:
    """Embedding, GRU layers (``reset_after=True``, Keras' default) and a head, with the tokens that they know.

    >>> gru = np.zeros((2, 3)), np.zeros((1, 3)), np.zeros((2, 3))
    >>> model = LanguageModel(("□", "a"), np.eye(2), (gru,), np.zeros((1, 2)), np.array([0.0, np.log(3)]))
    >>> logits, state = follow(model, encode(model, "aa"))
    >>> logits.shape, probabilities(logits[-1]).round(2).tolist()
    ((2, 2), [0.25, 0.75])
    """

    tokens: Sequence[str]
    embedding: np.ndarray  # (tokens, features)
    layers: Sequence[tuple[np.ndarray, np.ndarray, np.ndarray]]  # W (features, 3 u), U (u, 3 u), b (2, 3 u), u units
    head: np.ndarray  # (units, tokens)
    head_bias: np.ndarray  # (tokens,)

    @cached_property
    def index(self) -> Mapping[str, int]:
        """Token to id."""
        return {token: number for number, token in enumerate(self.tokens)}

    @cached_property
    def first_sums(self) -> np.ndarray:
        """What each token adds to the first layer's sums, (tokens, 3 units): a row to look up instead of a product."""
        W, _, b = self.layers[0]
        return self.embedding @ W + b[0]


def from_keras(model: Any, tokens: Sequence[str]) -> LanguageModel:
    """Take the weights out of a Keras model of an embedding, GRU layers and a dense head.

    Args:
        model: the Keras model; dropout layers in it do nothing here, as in ``predict``.
        tokens: its vocabulary in the order of its ids; the first stands for unknown tokens.

    Raises:
        ValueError: the model has other layers, or another vocabulary.
    """
    parts = [[np.asarray(values) for values in layer.get_weights()] for layer in getattr(model, "layers", ())]
    parts = [weights for weights in parts if weights and weights[0].ndim == 2]  # without the seeds of dropout layers
    shapes = [[values.shape for values in weights] for weights in parts]
    features = shapes[0][0][1] if shapes else 0
    wanted: list[list[tuple[int, ...]]] = [[(len(tokens), features)]]
    for layer in shapes[1:-1]:
        units = layer[0][1] // 3
        wanted.append([(features, 3 * units), (units, 3 * units), (2, 3 * units)])
        features = units
    wanted.append([(features, len(tokens)), (len(tokens),)])
    if len(parts) < 3 or shapes != wanted:
        raise ValueError(
            f"the weights have shapes {shapes}; expected an embedding of {len(tokens)} tokens, GRU layers "
            "(reset_after) and a dense head."
        )
    # three arrays per layer, whose shapes were looked at
    return LanguageModel(tuple(tokens), parts[0][0], tuple(map(tuple, parts[1:-1])), *parts[-1])  # type: ignore[arg-type]


def clean(text: str) -> str:
    """``text`` as a vocabulary can know it: Hangul composed, halves of characters as �, line ends as ``\\n``."""
    return compose_text(well_formed(text)).replace("\r\n", "\n").replace("\r", "\n")


def encode(model: LanguageModel, text: str) -> np.ndarray:
    """Ids (length,) of the tokens, one per character; 0 for those that the model does not know."""
    return np.array([model.index.get(token, 0) for token in text], dtype=np.int64)


def start(model: LanguageModel) -> State:
    """The state before anything was read: zeros."""
    return [np.zeros(len(U), U.dtype) for _, U, _ in model.layers]


def step(model: LanguageModel, state: State, token: int) -> tuple[np.ndarray, State]:
    """Read one token: logits (tokens,) of the next one, and the new state."""
    after: State = []
    for (W, U, b), h in zip(model.layers, state, strict=True):
        inputs = after[-1] @ W + b[0] if after else model.first_sums[token]
        recurrent, two = h @ U + b[1], 2 * len(h)
        z, r = np.split(1 / (1 + np.exp(-inputs[:two] - recurrent[:two])), 2)
        after.append(z * h + (1 - z) * np.tanh(inputs[two:] + r * recurrent[two:]))
    return after[-1] @ model.head + model.head_bias, after


def follow(model: LanguageModel, ids: Ids, state: State | None = None) -> tuple[np.ndarray, State]:
    """Read tokens one after another: logits (length, tokens) after each of them, and the last state."""
    state = start(model) if state is None else state
    logits = np.empty((len(ids), len(model.tokens)), model.embedding.dtype)
    for place, token in enumerate(ids):
        logits[place], state = step(model, state, int(token))
    return logits, state


def probabilities(logits: np.ndarray, temperature: float = 1.0, top_k: int = 0) -> np.ndarray:
    """Probabilities of the next token.

    Args:
        logits: (…, tokens).
        temperature: divides the logits; 0 leaves the likeliest token alone.
        top_k: keeps the ``top_k`` likeliest tokens and drops the others; 0 keeps all.

    Raises:
        TypeError: ``top_k`` is not a whole number, or ``temperature`` no number.
        ValueError: one of them is negative, or the temperature is not finite.

    >>> probabilities(np.log([0.5, 0.3, 0.2]), top_k=2).round(3).tolist()
    [0.625, 0.375, 0.0]
    """
    logits = np.asarray(logits, dtype=np.float64)
    temperature, top_k = _temperature(temperature), whole("top_k", top_k, 0)
    if temperature == 0:
        top_k, temperature = 1, 1.0
    if 0 < top_k < logits.shape[-1]:
        best = np.argsort(-logits, axis=-1, kind="stable")[..., :top_k]  # of equals the first
        kept = np.full(logits.shape, -np.inf)
        np.put_along_axis(kept, best, np.take_along_axis(logits, best, -1), -1)
        logits = kept
    scaled = (logits - logits.max(axis=-1, keepdims=True)) / temperature
    weights = np.exp(scaled)
    return weights / weights.sum(axis=-1, keepdims=True)


def go_on(
    model: LanguageModel,
    prompt: Ids,
    length: int,
    *,
    temperature: float = 1.0,
    top_k: int = 0,
    seed: int = 0,
) -> tuple[np.ndarray, np.ndarray]:
    """Read a prompt and write on.

    Args:
        model: the language model.
        prompt: ids; with none, the text begins after a line end, or after an unknown token where there is none.
        length: how many tokens to write.
        temperature, top_k: as in ``probabilities``.
        seed: of the drawing, at least 0.

    Raises:
        TypeError, ValueError: as in ``probabilities``, and for a length or a seed that is negative or not whole.

    Returns:
        All ids (prompt and ``length`` more), and the logits that stood before each of them and after the last,
        (ids + 1, tokens).
    """
    length, rng = whole("length", length, 0), np.random.default_rng(whole("seed", seed, 0))
    temperature, top_k = _temperature(temperature), whole("top_k", top_k, 0)
    before, state = step(model, start(model), model.index.get("\n", 0))
    logits, state = follow(model, prompt, state)
    ids, logits = [int(token) for token in prompt], [before, *logits]  # type: ignore[assignment]
    for draw in rng.random(length):
        share = np.cumsum(probabilities(logits[-1], temperature, top_k))
        ids.append(int(np.searchsorted(share, draw * share[-1], side="right")))
        after, state = step(model, state, ids[-1])
        logits.append(after)  # type: ignore[attr-defined]
    return np.array(ids, dtype=np.int64), np.array(logits)


def surprise(logits: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """Bits (length,) that each token costs: −log2 of the probability that it had before it came."""
    logits = np.asarray(logits, dtype=np.float64)[: len(ids)]
    highest = logits.max(axis=-1)
    total = highest + np.log(np.exp(logits - highest[:, np.newaxis]).sum(axis=-1))
    return (total - logits[np.arange(len(ids)), ids]) / np.log(2)


def _temperature(value: float) -> float:
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"temperature is {value!r}; expected a number such as 0.8; 0 takes the likeliest token.")
    if not 0 <= value < np.inf:
        raise ValueError(
            f"temperature is {value}; expected 0 or a positive number such as 0.8. Below 0 the unlikeliest token would "
            "come out on top."
        )
    return float(value)
