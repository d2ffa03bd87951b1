"""A grammar of short film reviews in mirror pairs: the same words in another order, with the opposite label.

The label says where the review comes down in the end: 1 for praise, 0 for a complaint. In a mirror pair both sentences
hold the same words equally often, so whatever is computed from word counts is the same for both and right for one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from helpers.review_templates import ENGLISH, FILLER_EN, FILLER_KO, KOREAN, Draw

#: Constructs in which the words alone decide.
NO_MIRROR = ("two words", "one word")
#: What stands between two halves that can change places without a change of meaning.
EXCHANGEABLE = {"ko whose view": ", ", "ko left and gone": ", ", "en whose view": ", and "}
#: Openers that stay in front when the halves behind them change places.
OPENERS = re.compile(r"(?:다 보고 나니|보고 나니|극장을 나서니|전편보다) ")


class Pair(NamedTuple):
    """Two sentences of one construct, the first with label 1, the second with label 0."""

    construct: str
    positive: str
    negative: str


def constructs(*, mirror: bool | None = None) -> list[str]:
    """Names of the constructs, such as "ko contrast": of mirror pairs, of the others, or all."""
    names = [f"ko {name}" for name in KOREAN] + [f"en {name}" for name in ENGLISH]
    return [name for name in names if mirror is None or is_mirror(name) == mirror]


def is_mirror(construct: str) -> bool:
    """Whether the construct's pairs hold the same words."""
    return construct[3:] not in NO_MIRROR


def pairs(construct: str, n_pairs: int, *, seed: int) -> list[Pair]:
    """Draw different pairs of one construct; no sentence occurs twice.

    Args:
        construct: a name of ``constructs()``.
        n_pairs: how many pairs.
        seed: the same seed gives the same pairs on every machine.

    Raises:
        ValueError: there is no such construct, or it has too few sentences.

    >>> pairs("ko instead", 1, seed=7)[0].construct
    'ko instead'
    """
    if construct not in constructs():
        raise ValueError(f"there is no construct {construct!r}; there are {', '.join(constructs())}.")
    template = (KOREAN if construct.startswith("ko ") else ENGLISH)[construct[3:]]
    draw, drawn, seen = Draw(seed + 1000 * constructs().index(construct)), [], set()  # type: ignore[var-annotated]
    for _ in range(50 * n_pairs):
        if len(drawn) == n_pairs:
            break
        positive, negative = (_tidy(text) for text in template(draw))
        if not {positive, negative} & seen:
            seen |= {positive, negative}
            drawn.append(Pair(construct, positive, negative))
    if len(drawn) < n_pairs:
        raise ValueError(f"the construct {construct!r} gave {len(drawn)} pairs; {n_pairs} were asked for, take fewer.")
    return drawn


def with_filler(drawn: Iterable[Pair], n_sentences: int, *, where: str, seed: int) -> list[Pair]:
    """Put ``n_sentences`` that judge nothing before or behind each pair, the same ones for both of its sentences.

    Args:
        drawn: pairs.
        n_sentences: how many sentences.
        where: "before" or "behind".
        seed: for the choice of the sentences.

    Raises:
        ValueError: ``where`` is something else, or there are fewer such sentences.
    """
    if where not in ("before", "behind") or not 0 <= n_sentences <= min(len(FILLER_KO), len(FILLER_EN)):
        raise ValueError(
            f"got where={where!r}, n_sentences={n_sentences}; expected 'before' or 'behind', and 0 to {len(FILLER_EN)}."
        )
    random, filled = np.random.RandomState(seed), []
    for pair in drawn:
        sentences = FILLER_KO if pair.construct.startswith("ko ") else FILLER_EN
        chosen = [sentences[place] for place in random.permutation(len(sentences))[:n_sentences]]
        texts = [[*chosen, text] if where == "before" else [text, *chosen] for text in pair[1:]]
        filled.append(Pair(pair.construct, *(" ".join(parts) for parts in texts)))
    return filled


def exchanged(pair: Pair) -> Pair | None:
    """The pair with its two halves told in the other order, meaning and labels kept; None where that is not possible.

    >>> exchanged(Pair("en whose view", "The critics hated it, and I loved it.", "…, and …")).positive
    'I loved it, and the critics hated it.'
    """
    if pair.construct not in EXCHANGEABLE:
        return None
    joint = EXCHANGEABLE[pair.construct]
    turned = []
    for text in pair[1:]:
        opener = found[0] if (found := OPENERS.match(text)) else ""
        first, second = text[len(opener) :].rstrip(".").split(joint)
        turned.append(_tidy(f"{opener}{second}{joint}{first[0].lower()}{first[1:]}."))
    return Pair(pair.construct, *turned)


def words(text: str) -> list[str]:
    """Lower-case words of ``text`` without marks, Hangul composed: what all models of the lesson read.

    >>> words("It is not dull, but moving.")
    ['it', 'is', 'not', 'dull', 'but', 'moving']
    """
    return re.findall(r"[^\W_]+(?:['’][^\W_]+)*", unicodedata.normalize("NFC", str(text)).lower())


def _tidy(text: str) -> str:
    text = " ".join(text.split())
    return text[0].upper() + text[1:]
