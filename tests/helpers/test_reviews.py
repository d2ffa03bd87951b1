"""The loader of real reviews: shuffled, balanced, without doubles."""

from __future__ import annotations

import numpy as np

from helpers import review_grammar, text


def test_the_reviews_are_shuffled_balanced_and_without_doubles():
    reviews = text.load_reviews()
    assert len(reviews) == 8528
    assert sum(label for _, label in reviews) == 4264
    assert 0.45 < np.mean([label for _, label in reviews[:1000]]) < 0.55
    keys = [" ".join(review_grammar.words(line)) for line, _ in reviews]
    assert len(set(keys)) > 8500
    assert text.load_reviews() == reviews
