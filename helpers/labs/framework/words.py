"""A control of words: a sentence to type, whose words are buttons that can be moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from helpers.labs.framework.controls import Text

#: Words that become buttons, and characters on a button.
MOST_WORDS, LONGEST = 16, 16


@dataclass(frozen=True)
class Words(Text):
    """A sentence as words to move; the value is a str, and whatever is typed reaches ``update`` as it is.

    ``examples`` are the sentences that the button "another" goes through.
    """

    examples: Sequence[str] = field(default=(), kw_only=True)
