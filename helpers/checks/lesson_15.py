"""Checks of lesson 15: language models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from helpers.checks.base import NotYet, Wrong, as_array, as_number, brief, call, check_of


@check_of(
    "15.1",
    "perplexity of four characters",
    hints=[
        "Take the surprise of each of the four, then the mean, then go back to a number of choices.",
        "In bits: 1, 2, 3 and 3. Their mean is 2.25.",
        "2 to the power of the mean in bits, or e to the power of the mean in nats.",
    ],
)
def ex_15_1(answer: Any) -> str:
    """The perplexity for the probabilities ½, ¼, ⅛, ⅛."""
    p = np.array([1 / 2, 1 / 4, 1 / 8, 1 / 8])
    bits = -np.log2(p)
    value = as_number(answer, "the perplexity")
    if abs(value - 2 ** bits.mean()) < 0.01:
        return "The fourth root of 512: one over the geometric mean of the probabilities."
    mistakes = {
        1
        / p.mean(): "that is one over the arithmetic mean of the probabilities; the mean is taken of their logarithms",
        np.exp(bits.mean()): "the mean is in bits and the power is of e: take 2 for bits, e for nats",
        2 ** (bits.mean() * np.log(2)): "the mean is in nats and the power is of 2: take e for nats, 2 for bits",
        2 ** bits.sum(): "that is of the sum, one over the probability of all four; take the mean a character",
        bits.mean(): "that is the cross-entropy in bits; perplexity is 2 to that power",
        bits.mean() * np.log(2): "that is the cross-entropy in nats; perplexity is e to that power",
        2 ** -bits.mean(): "that is one over it: perplexity is 1 or more",
        2 ** (p * bits).sum(): "each of the four came once and counts once; weighting them by p gives the entropy of p",
    }
    _refuse(value, mistakes, 0.01)
    raise Wrong(
        f"got {brief(value)}; a perplexity lies between 1 / the largest and 1 / the smallest probability, 2 and 8"
    )


@check_of(
    "15.2",
    "bigram with add-one",
    hints=[
        "Start from an array of ones, (V, V), and add 1 for each pair of neighbours in a document.",
        "Go through the documents one by one, so that no pair reaches from one into the next.",
        "Divide each row by its sum: counts / counts.sum(axis=1, keepdims=True).",
    ],
)
def ex_15_2(answer: Any) -> str:
    """``add_one_bigram(documents, characters)`` on small documents."""
    for documents, characters in (
        (["abab", "ba"], "ab"),
        (["aab", "cca", "b"], "abcd"),
        (["the cat", "", "that"], " acehtx"),
    ):
        counts = _pair_counts(documents, characters)
        size = len(characters)
        where = f"for {documents} and {characters!r}"
        got = as_array(call(answer, documents, characters), (size, size), f"{where} the result")
        expected = _rows(counts + 1)
        if np.allclose(got, expected, atol=1e-6):
            continue
        joined = _pair_counts(["".join(documents)], characters)
        with np.errstate(invalid="ignore", divide="ignore"):
            mistakes = {
                "pairs that were never seen have probability 0: add one to every pair before dividing": _rows(counts),
                "these are counts; divide each row by its sum": counts + 1,
                "the last character of a document and the first of the next were counted as a pair": _rows(joined + 1),
                "rows and columns are exchanged: row i is for what comes after character i": _rows(counts.T + 1),
                "the columns sum to 1; it is the rows that must": (counts + 1) / (counts + 1).sum(axis=0),
                "the whole array sums to 1; each row must": (counts + 1) / (counts + 1).sum(),
                "one is added after the division": _rows(counts) + 1,
                "the sum of a row is over what was seen; the pretended pairs belong to it, too": (counts + 1)
                / counts.sum(axis=1, keepdims=True),
            }
        for mistake, value in mistakes.items():
            if np.allclose(got, value, atol=1e-6, equal_nan=True):
                raise Wrong(f"{where}: {mistake}")
        if not np.allclose(got.sum(axis=1), 1):
            raise Wrong(f"{where} the rows sum to {brief(got.sum(axis=1))}; each must sum to 1")
        row, column = np.unravel_index(np.argmax(np.abs(got - expected)), got.shape)
        pair = f"{characters[column]!r} after {characters[row]!r}"
        raise Wrong(f"{where} expected {expected[row, column]:.4f} for {pair}, got {got[row, column]:.4f}")
    return "Every pair is possible, every row sums to 1, and documents stay apart."


@check_of(
    "15.3",
    "windows that read on",
    hints=[
        "Each row reads one stretch of the text. How long is a stretch, if batches · length ids of it are used?",
        "Reshape what is used to (rows, batches, length): one row a stretch. Then the axes must change places.",
        "ids[:used].reshape(rows, batches, length).swapaxes(0, 1), and ids[1 : used + 1] for the targets.",
    ],
)
def ex_15_3(answer: Any) -> str:
    """``shift(ids, rows, length)`` on counting numbers, and on ids in another order."""
    for n, rows, length in ((25, 3, 4), (24, 3, 4), (101, 2, 10), (61, 4, 5)):
        ids = np.arange(n) if n != 61 else np.random.default_rng(1).permutation(n)
        batches = (n - 1) // (rows * length)
        where = f"for {n} ids, {rows} rows and length {length}"
        pair = call(answer, ids, rows, length)
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise Wrong(f"{where} expected inputs and targets, got {brief(pair)}")
        shape = (batches, rows, length)
        inputs, targets = (
            as_array(part, shape, f"{where} the array of {name}")
            for part, name in zip(pair, ("inputs", "targets"), strict=True)
        )
        used = batches * rows * length
        right = ids[:used].reshape(rows, batches, length).swapaxes(0, 1)
        if not np.array_equal(inputs, right):
            if np.array_equal(inputs, ids[:used].reshape(shape)):
                raise Wrong(
                    f"{where} row 1 of a batch goes on where row 0 of the same batch ended; it is row 0 of the next "
                    "batch that must"
                )
            if np.array_equal(np.sort(inputs.ravel()), np.sort(ids[:used])):
                raise Wrong(
                    f"{where} all ids are there, in another order: row 0 of batch 1 must go on after "
                    f"{brief(inputs[0, 0])}, row 0 of batch 0; it is {brief(inputs[1 % batches, 0])}"
                )
            raise Wrong(f"{where} expected {brief(right[0, 0])} as row 0 of batch 0, got {brief(inputs[0, 0])}")
        right = ids[1 : used + 1].reshape(rows, batches, length).swapaxes(0, 1)
        if not np.array_equal(targets, right):
            if np.array_equal(targets, inputs):
                raise Wrong(f"{where} the targets are the inputs: the network would learn to repeat what it reads")
            if np.array_equal(targets, np.roll(inputs, -1, axis=2)):
                raise Wrong(
                    f"{where} the last target of a window is its own first id; it must be the next id of the text"
                )
            raise Wrong(
                f"{where} expected the targets {brief(right[0, 0])} in row 0 of batch 0, got {brief(targets[0, 0])}"
            )
    return "Each row reads on from batch to batch, and each target is the next id of the text."


@check_of(
    "15.4",
    "what tying saves",
    hints=[
        "Untied there are two tables: of the embedding and of the head. Tied there is one.",
        "A table has a row for each token and a column for each number of its vector.",
        "The bias of the head is not part of a table: 380 · 64.",
    ],
)
def ex_15_4(answer: Any) -> str:
    """Weights that tying saves for 380 tokens and 64 units."""
    value = as_number(answer, "the weights saved")
    if value == 380 * 64:
        return "One of two tables of 380 · 64. The larger the vocabulary, the more it is worth."
    mistakes = {
        380 * 64 + 380: "that counts the head's bias, which stays",
        2 * 380 * 64: "that is both tables; one stays",
        380 * 64 - 380: "the bias stays; it is not taken from what is saved",
        380 * 64 + 64: "no table has a row for a bias of the embedding",
        380 * 380: "a table has a column for each unit, not for each token",
        64 * 64: "a table has a row for each token",
        0: "two tables become one",
    }
    _refuse(value, mistakes, 0.5)
    raise Wrong(f"got {brief(value)}; count the weights of one table")


@check_of(
    "15.5",
    "sampling with temperature and top-k",
    hints=[
        "Greedy first: temperature 0 must not divide. Then logits / temperature, and softmax.",
        "Throw out before the softmax: the logits of all but the top_k likeliest become −inf, so their share is 0.",
        "np.random.default_rng(seed).choice(len(p), p=p), with p that sums to 1 after the cut.",
    ],
)
def ex_15_5(answer: Any) -> str:
    """``sample(logits, temperature, top_k, seed)``: shares over many draws against softmax."""
    logits = np.array([1.0, 3.0, 2.0, -1.0, 2.5])
    for temperature, top_k in ((0.0, 0), (0.0, 3)):
        try:
            with np.errstate(all="ignore"):
                greedy = {_token(answer, logits, temperature, top_k, seed) for seed in range(20)}
        except Wrong as wrong:
            raise Wrong(f"at temperature 0 the likeliest must come, without dividing by 0; {wrong}") from None
        if greedy != {1}:
            raise Wrong(f"at temperature 0 always the likeliest must come, id 1; got the ids {sorted(greedy)}")
    if len({_token(answer, logits, 1.0, 0, 7) for _ in range(40)}) > 1:
        raise Wrong("the same seed gave different tokens: draw with np.random.default_rng(seed)")
    for temperature, top_k in ((1.0, 0), (0.5, 0), (2.0, 0), (1.0, 2), (2.0, 3), (1.0, 1)):
        where = f"at temperature {temperature} and top_k {top_k}"
        drawn = [_token(answer, logits, temperature, top_k, seed) for seed in range(1500)]
        shares = np.bincount(drawn, minlength=len(logits)) / len(drawn)
        expected = _softmax(_cut(logits, top_k) / temperature)
        if np.abs(shares - expected).max() < 0.05:
            continue
        if top_k and shares[_cut(logits, top_k) == -np.inf].max() > 0:
            raise Wrong(f"{where} tokens were drawn that are not among the {top_k} likeliest: cut before you draw")
        mistakes = {
            "the logits are multiplied by the temperature; they must be divided by it": _softmax(
                _cut(logits, top_k) * temperature
            ),
            "the temperature makes no difference": _softmax(_cut(logits, top_k)),
            "all tokens that stay come equally often": (_cut(logits, top_k) > -np.inf) / (top_k or len(logits)),
            "always the likeliest comes": np.eye(len(logits))[1],
        }
        for mistake, value in mistakes.items():
            if np.abs(shares - value).max() < 0.04:
                raise Wrong(f"{where}: {mistake}")
        raise Wrong(
            f"{where} the tokens' shares are {brief(shares)}; expected {brief(expected)}, as softmax gives them"
        )
    return "The shares are those of softmax(logits / temperature) over the tokens that stay; greedy at 0."


@check_of(
    "15.6",
    "how much text a context needs",
    hints=[
        "counted_perplexities returns 8 numbers, for pieces of 1 to 8 characters. Which is smallest?",
        "np.argmin counts from 0; the pieces are counted from 1.",
        "train_text[: int(share * len(train_text))] against valid_text, for the shares 0.01, 0.1 and 1.",
    ],
)
def ex_15_6(answer: Any) -> str:
    """The best lengths of pieces for 1 %, 10 % and all of the training text."""
    if answer is ... or answer is None:
        raise NotYet
    try:
        lengths = list(answer)
    except TypeError:
        raise Wrong(f"expected three lengths (1 %, 10 %, all), got {brief(answer)}") from None
    if len(lengths) != 3:
        raise Wrong(f"expected three lengths (1 %, 10 %, all), got {len(lengths)}")
    found = tuple(as_number(value, name) for value, name in zip(lengths, ("1 %", "10 %", "all"), strict=True))
    right = BEST_LENGTHS
    if found == right:
        return (
            "Ten times the text pays for about one character more. Counts cannot share what they know between contexts."
        )
    if found == tuple(value - 1 for value in right):
        raise Wrong("np.argmin counts from 0, so that is the length of the context; pieces are longer by one")
    if found == right[::-1]:
        raise Wrong("the order is 1 %, 10 %, all; and less text should not afford a longer context")
    if found == (8, 8, 8):
        raise Wrong("the longest is best on the text that was counted; measure on valid_text")
    if len(set(found)) == 1:
        raise Wrong(f"{found[0]:g} for all three? Count in a part of train_text, and measure on the same valid_text")
    place = next(name for name, a, b in zip(("1 %", "10 %", "all"), found, right, strict=True) if a != b)
    raise Wrong(f"not right for {place} of the training text: the smallest of the eight perplexities on valid_text")


#: Of the manual as the lesson splits it; a test computes them again.
BEST_LENGTHS = (3, 4, 5)


def _refuse(value: float, mistakes: Mapping[float, str] | Mapping[int, str], tolerance: float) -> None:
    for mistake, meaning in mistakes.items():
        if abs(value - mistake) < tolerance:
            raise Wrong(f"got {brief(value)}: {meaning}")


def _pair_counts(documents: list[str], characters: str) -> np.ndarray:
    counts = np.zeros((len(characters), len(characters)))
    for document in documents:
        for i in range(len(document) - 1):
            counts[characters.index(document[i]), characters.index(document[i + 1])] += 1
    return counts


def _rows(counts: np.ndarray) -> np.ndarray:
    return counts / counts.sum(axis=1, keepdims=True)


def _token(function: Any, logits: np.ndarray, temperature: float, top_k: int, seed: int) -> int:
    token = as_number(call(function, logits, temperature, top_k, seed), "the id of the token")
    if token != int(token) or not 0 <= token < len(logits):
        raise Wrong(f"for {len(logits)} logits expected an id from 0 to {len(logits) - 1}, got {brief(token)}")
    return int(token)


def _cut(logits: np.ndarray, top_k: int) -> np.ndarray:
    return np.where(logits >= np.sort(logits)[-top_k], logits, -np.inf) if top_k else logits


def _softmax(logits: np.ndarray) -> np.ndarray:
    weights = np.exp(logits - logits.max())
    return weights / weights.sum()
