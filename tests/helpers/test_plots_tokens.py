"""Figures of tokens: any token is drawn, and only where there is room."""

from __future__ import annotations

import pytest

from helpers import plots, runtime
from helpers.plots import tokens as token_plots
from tests.support.typed import TYPED
from tests.support.warned import nothing_warned

TYPED_NAMES = ["empty", "unknown", "long", "emoji", "scripts", "decomposed", "markup", "control"]


@pytest.fixture(autouse=True)
def _quiet():
    runtime.start()
    with nothing_warned():
        yield


@pytest.mark.parametrize("typed", TYPED, ids=TYPED_NAMES)
def test_any_token_is_drawn_without_a_missing_glyph(typed):
    shown = token_plots.visible(typed)
    assert len(shown) <= 2 * token_plots.LONGEST + 12
    assert "\n" not in shown
    plots.to_png(token_plots.split_side_by_side([("one", [typed] if typed else [], [1] if typed else [])]))


def test_a_letter_that_joins_is_shown_alone_and_a_script_without_glyphs_as_code_points():
    assert token_plots.visible("\u1112\u1161\u11ab") == "ㅎㅏㄴ"
    assert token_plots.visible("한") == "한"
    assert token_plots.visible("字") == "<U+5B57>"
    assert token_plots.visible("\u202e") == "<U+202E>"


def test_tokens_that_find_no_room_are_not_drawn():
    ax = plots.new_figure().subplots()
    artists = token_plots.boxes(ax, 5)
    assert token_plots.place_tokens(artists, ["가나다"] * 5, [7] * 5, room=8, lines=1) == 2
    assert [item.get_visible() for item in artists["tokens"]] == [True, True, False, False, False]
    assert token_plots.place_tokens(artists, ["가나다"] * 9, [7] * 9, room=8, lines=9) == 5
