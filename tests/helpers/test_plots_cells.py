"""Diagrams of cells and of batch normalisation: what they draw and what they refuse."""

from __future__ import annotations

import pytest

from helpers.plots import cells as cell_plots


def test_the_diagrams_are_drawn_and_refuse_nothing_to_draw():
    means = cell_plots.shared_means(n_sequences=2, n_steps=3)
    assert [ax.get_title(loc="left")[-8:] for ax in means.axes] == [" 3 means", " 6 means"]
    texts = {text.get_text() for text in cell_plots.normalised_cell().axes[0].texts}
    assert {"sum", "normalise", "tanh", "output"} <= texts
    with pytest.raises(ValueError, match="at least one of each"):
        cell_plots.shared_means(n_steps=0)
