"""Lab *embedding* (lesson 14): neighbours and map, as counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.labs import embedding
from helpers.labs.framework.lab import Lab


def vectors(seed: int):
    return np.random.default_rng(seed).normal(size=(12, 5))


def stand_in() -> Lab:
    """The lab on small data."""
    return embedding.lab(
        {f"word{k}": ("praise", "complaint", "neither")[k % 3] for k in range(12)},
        {task: (vectors(seed), vectors(seed + 5)) for seed, task in enumerate(("judge", "guess neighbours"))},
    )


KINDS = {"훌륭했다": "praise", "superb": "praise", "dull": "complaint", "$x$": "neither"}


VECTORS = np.array([[1.0, 0.0, 0.1], [0.9, 0.1, 0.0], [-1.0, 0.2, 0.0], [0.0, 1.0, 0.3]])


def test_neighbours_are_ordered_by_cosine():
    near = embedding.neighbours(embedding.unit(VECTORS), 0)
    assert [place for place, _ in near] == [1, 3, 2]
    assert near[0][1] == pytest.approx(0.989, abs=0.002)


def test_the_reading_names_the_nearest_word_and_its_kind():
    lab = embedding.lab(KINDS, {"judge": (VECTORS[::-1], VECTORS)})
    assert "nearest to 훌륭했다 is superb" in lab.reading
    lab.set(when="before")
    assert lab.reading.startswith("Before it is trained to judge")


def test_the_map_keeps_the_two_main_directions():
    places = embedding.flat_map(VECTORS)
    assert places.shape == (4, 2)
    assert np.abs(places).max() == pytest.approx(1.0)
    assert np.abs(places[0] - places[1]).sum() < np.abs(places[0] - places[2]).sum()


def test_vectors_of_zeros_do_no_harm():
    lab = embedding.lab(KINDS, {"judge": (np.zeros((4, 3)), VECTORS)})
    lab.set(when="before")
    assert lab.message == ""


@pytest.mark.parametrize(
    ("kinds", "vectors"),
    [
        ({"a": "x", "b": "x"}, np.ones((2, 3))),
        (KINDS, np.ones((3, 3))),
        (KINDS, np.ones((4, 1))),
        (KINDS, np.full((4, 3), np.nan)),
        ({f"w{k}": str(k) for k in range(5)}, np.ones((5, 3))),
    ],
)
def test_wrong_data_is_refused(kinds, vectors):
    with pytest.raises(ValueError, match=r"expected|not finite"):
        embedding.lab(kinds, {"judge": (vectors, vectors)})
