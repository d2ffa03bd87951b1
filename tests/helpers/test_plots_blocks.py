"""Diagrams of residual blocks: what they draw and what they refuse."""

from __future__ import annotations

import pytest

from helpers.plots import blocks as block_plots


def test_the_diagrams_are_drawn_and_refuse_nothing_to_draw():
    texts = [text.get_text() for text in block_plots.repeated(times=2).axes[0].texts]
    assert texts.count("A") == 4
    assert texts.count("D") == 2
    assert [text.get_text() for text in block_plots.shared_blocks().axes[0].texts].count("block 1") == 4
    with pytest.raises(ValueError, match="at least 1"):
        block_plots.repeated(times=0)
