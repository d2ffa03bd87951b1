"""From text to rows of numbers: the tokenizer of lesson 13, padding, subwords, and what a vocabulary does not know."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from helpers._validate import one_of, whole
from helpers.text import compose_text, decompose_text, well_formed

#: What becomes a space before words are split: ASCII marks but the apostrophe, tabs and line ends.
FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'
PADDING, UNKNOWN = 0, 1  # ids that stand for no word


def split_words(text: str) -> list[str]:
    """Lower-case words between spaces, ASCII marks left out.

    >>> split_words("나는, A.I. 공부가 좋다!")
    ['나는', 'a', 'i', '공부가', '좋다']
    """
    spaced = text.lower().translate(str.maketrans(FILTERS, " " * len(FILTERS)))
    return [word for word in spaced.split(" ") if word]


def split_characters(text: str) -> list[str]:
    """All characters, spaces among them; a composed syllable (음절) is one.

    >>> split_characters("한국 A")
    ['한', '국', ' ', 'A']
    """
    return list(text)


def split_letters(text: str) -> list[str]:
    """All characters with the syllables taken apart into joining letters (자모); ``compose_text`` undoes it.

    >>> len(split_letters("한국 A"))
    8
    """
    return list(decompose_text(text))


class Tokenizer:
    """A vocabulary counted from texts, and the ids of its words; lesson 13 builds it.

    Ids start at 1, the most frequent word first, equal counts in the order of appearance. 0 is left for padding.
    Results equal those of Keras' legacy ``Tokenizer``.

    Args:
        num_words: ids from this number on count as unknown; None knows every word.
        oov_token: takes id 1 and stands for unknown words; with None they are left out.
        split: from a text to its tokens.

    >>> tokenizer = Tokenizer(oov_token="<OOV>").fit(["나는 나를 나는"])
    >>> tokenizer.word_index, tokenizer.encode(["나는 너를"])
    ({'<OOV>': 1, '나는': 2, '나를': 3}, [[2, 1]])
    """

    def __init__(
        self,
        num_words: int | None = None,
        oov_token: str | None = None,
        *,
        split: Callable[[str], Sequence[str]] = split_words,
    ) -> None:
        self.num_words, self.oov_token, self.split = num_words, oov_token, split
        self.word_index: dict[str, int] = {}

    def fit(self, texts: Iterable[str]) -> Tokenizer:
        """Count the tokens of the texts and number them; returns the tokenizer."""
        counts = Counter(token for text in texts for token in self.split(text))
        ordered = [token for token, _ in counts.most_common()]  # a stable sort: ties stay in order of appearance
        if self.oov_token is not None:
            ordered.insert(0, self.oov_token)
        self.word_index = {token: place for place, token in enumerate(ordered, start=1)}
        return self

    def encode(self, texts: Iterable[str]) -> list[list[int]]:
        """A row of ids for each text."""
        return [self._ids(self.split(text)) for text in texts]

    def _ids(self, tokens: Sequence[str]) -> list[int]:
        unknown = self.word_index.get(self.oov_token) if self.oov_token is not None else None
        ids = [self.word_index.get(token, unknown) for token in tokens]
        if self.num_words:
            ids = [unknown if place is not None and place >= self.num_words else place for place in ids]
        return [place for place in ids if place is not None]


def pad(
    rows: Sequence[Sequence[int]], maxlen: int | None = None, *, padding: str = "pre", truncating: str = "pre"
) -> np.ndarray:
    """Rows of one length: zeros added, or numbers cut off, at the front ("pre") or at the end ("post").

    Args:
        rows: rows of ids of any length.
        maxlen: the length, at least 1; None takes that of the longest row.
        padding: where zeros go.
        truncating: where a row that is too long loses numbers.

    Returns:
        int32 array (rows, maxlen), equal to ``keras.utils.pad_sequences``.

    Raises:
        TypeError: ``maxlen`` is not a whole number.
        ValueError: ``padding`` or ``truncating`` is no side, or ``maxlen`` is below 1.

    >>> pad([[7, 8], [1, 2, 3, 4]], 3)
    array([[0, 7, 8],
           [2, 3, 4]], dtype=int32)
    """
    one_of("padding", padding, ("pre", "post"))
    one_of("truncating", truncating, ("pre", "post"))
    maxlen = max(map(len, rows), default=0) if maxlen is None else whole("maxlen", maxlen)
    padded = np.zeros((len(rows), maxlen), dtype=np.int32)
    for row, ids in zip(padded, rows, strict=True):
        kept = list(ids)[-maxlen:] if truncating == "pre" else list(ids)[:maxlen]
        if kept:
            place = slice(-len(kept), None) if padding == "pre" else slice(len(kept))
            row[place] = kept
    return padded


def train_subwords(text: str, size: int) -> Any:
    """A sentencepiece model of ``size`` subwords, learnt from the lines of a text by byte-pair encoding.

    Nothing is normalised, every character of the text is in the vocabulary, 0 is padding and 1 is unknown.

    Args:
        text: lines to learn from.
        size: pieces in all, the two reserved ids and the characters among them.

    Returns:
        A ``sentencepiece.SentencePieceProcessor``.

    Raises:
        ValueError: ``size`` is too small for the characters, or there are not so many pieces to learn.
    """
    import sentencepiece

    model = io.BytesIO()
    try:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(text.splitlines()),
            model_writer=model,
            vocab_size=size,
            model_type="bpe",
            character_coverage=1.0,
            normalization_rule_name="identity",
            num_threads=1,
            minloglevel=2,
            pad_id=PADDING,
            unk_id=UNKNOWN,
            bos_id=-1,
            eos_id=-1,
        )
    except (RuntimeError, OSError) as fault:
        raise ValueError(f"{size} subwords cannot be learnt from {len(text):,} characters: {fault}") from None
    return sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())


class Method:
    """One way to tokenize, fitted on a text at any size of vocabulary: what the labs of lesson 13 compare.

    Args:
        name: its label.
        text: what the vocabulary is counted from.
        split: from a text to its tokens; None for subwords.
        models: size of vocabulary to sentencepiece model, for subwords.
    """

    def __init__(
        self,
        name: str,
        text: str = "",
        *,
        split: Callable[[str], Sequence[str]] | None = None,
        models: dict[int, Any] | None = None,
    ) -> None:
        self.name, self.models = name, dict(models or {})
        self._tokenizer = None if split is None else Tokenizer(oov_token="", split=split).fit([text])

    @property
    def smallest(self) -> int:
        """The smallest vocabulary there is, reserved ids included."""
        return min(self.models) if self.models else UNKNOWN + 2

    @property
    def largest(self) -> int:
        """The largest vocabulary there is, reserved ids included."""
        return max(self.models) if self._tokenizer is None else len(self._tokenizer.word_index) + 1

    def encode(self, text: str, size: int) -> tuple[list[str], list[int]]:
        """Tokens of a text and their ids, in a vocabulary of at most ``size`` ids; 1 is unknown."""
        if self._tokenizer is None:
            fitting = [known for known in self.models if known <= size]
            model = self.models[max(fitting, default=self.smallest)]
            text = well_formed(text).replace("\n", " ")  # it learnt from lines, so a line's end is no character to it
            return model.encode(text, out_type=str), model.encode(text)
        tokens = list(self._tokenizer.split(text))
        places = (self._tokenizer.word_index.get(token, UNKNOWN) for token in tokens)
        return tokens, [place if place < size else UNKNOWN for place in places]


def methods(text: str, models: dict[int, Any]) -> dict[str, Method]:
    """The four ways of lesson 13, fitted on ``text``: words, syllables, letters, and the given subword models.

    Raises:
        ValueError: the text is empty, or there is no subword model.
    """
    if not text.strip() or not models:
        raise ValueError(f"expected a text and subword models by size, got {len(text)} characters and {list(models)}.")
    text = compose_text(text)
    return {
        "words": Method("words", text, split=split_words),
        "syllables": Method("syllables", text, split=split_characters),
        "letters": Method("letters", text, split=split_letters),
        "subwords": Method("subwords", models=models),
    }
