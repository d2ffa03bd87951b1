"""The labs of lesson 13: whatever is typed is shown as text, and the pictures show what the tokenizers give."""

from __future__ import annotations

import html
import random

import numpy as np
import pytest

from helpers import plots, runtime, text, tokens
from helpers.labs import tokenizer, vocabulary
from helpers.labs.framework.controls import TYPED
from helpers.labs.framework.lab import Invalid
from helpers.plots import tokens as token_plots
from tests.labs.test_labs import texts
from tests.support.warned import nothing_warned

METHODS = ["words", "syllables", "letters", "subwords"]
TYPED_NAMES = ["empty", "unknown", "long", "emoji", "scripts", "decomposed", "markup", "control"]
INJECTIONS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</div><b>bold</b>",
    "&lt;b&gt; &amp;",
    "'\"><svg onload=alert(1)>",
    "$\\frac{1}{2}$",
    "\\u003cb\\u003e",
    "{{7*7}} %s %(x)d {0}",
    "[link](javascript:alert(1)) *bold* `code`",
]


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.delenv("LAB_SELFTEST", raising=False)
    runtime.start()
    with nothing_warned():
        yield


@pytest.fixture(scope="module")
def parts():
    return text.split_lines(text.load_constitution())


@pytest.fixture(scope="module")
def models(parts):
    return {size: tokens.train_subwords(parts[0], size) for size in tokenizer.SIZES}


@pytest.fixture(params=["tokenizer", "vocabulary"])
def lab(request, parts, models):
    if request.param == "tokenizer":
        return tokenizer.lab(parts[0], models)
    made = vocabulary.lab(*parts, models)
    made.set(part=vocabulary.TYPED)
    return made


def type_in(lab, typed: str) -> None:
    """As a front end sends it."""
    lab.widgets["typed"].set_state({"value": typed})


class TestWhateverIsTyped:
    @pytest.mark.parametrize("typed", TYPED, ids=TYPED_NAMES)
    def test_it_gives_a_picture_or_one_line(self, lab, typed):
        for method in METHODS:
            if "method" in lab.widgets:
                lab.set(method=method)
            type_in(lab, typed)
            assert not lab.message.startswith("This setting broke"), lab.message
            assert bytes(lab.image.value).startswith(b"\x89PNG")
            assert "\n" not in lab.reading

    @pytest.mark.parametrize("typed", INJECTIONS)
    def test_markup_stays_text(self, lab, typed):
        before = texts(lab)
        for method in METHODS:
            if "method" in lab.widgets:
                lab.set(method=method)
            type_in(lab, typed)
            assert not lab.message
            for tag in ("<script", "<img", "<svg", "<b>bold", "</div><b>"):
                assert tag not in texts(lab)
            assert texts(lab).count("<div") == before.count("<div")

    def test_what_a_token_quotes_is_escaped(self, parts, models):
        lab = tokenizer.lab(parts[0], models)
        lab.set(method="syllables")
        type_in(lab, "<&>")
        assert html.escape("< 1, & 1, > 1") in texts(lab)

    def test_random_text_never_breaks_them(self, lab):
        chooser = random.Random(13)
        ranges = [(0x20, 0x7E), (0xAC00, 0xD7A3), (0x1100, 0x11FF), (0x1F300, 0x1FAFF), (0, 0xFFFF), (0, 0x10FFFF)]
        for _ in range(40):
            low, high = chooser.choice(ranges)
            typed = "".join(chr(chooser.randint(low, high)) for _ in range(chooser.randint(1, 60)))
            lab.set(**{n: chooser.choice(c.values()) for n, c in lab.controls.items() if n not in ("typed", "part")})
            type_in(lab, typed)
            assert not lab.message.startswith("This setting broke"), (typed, lab.message)

    def test_a_million_characters_are_cut_where_they_would_take_long(self, parts, models):
        lab = vocabulary.lab(*parts, models)
        lab.set(part=vocabulary.TYPED)
        type_in(lab, "국민 " * 300_000)
        assert "words 0.0 %" in lab.reading


class TestTokenizer:
    def test_at_its_defaults_no_word_is_known_and_every_syllable_is(self, parts, models):
        lab = tokenizer.lab(parts[0], models)
        assert lab.reading == (
            "By words: 4 tokens, 4 unknown (100%): 대통령도 1, 국회도 1, 법률대로 1, 하자 1. Row of 12: 8 zeros added."
        )
        for method in METHODS[1:]:
            lab.set(method=method)
            assert " 0 unknown (0%)" in lab.reading

    def test_hangul_taken_apart_is_known_by_letters_only(self, parts, models):
        lab = tokenizer.lab(parts[0], models)
        unknown = {}
        for method in METHODS:
            for form in tokenizer.FORMS:
                lab.set(method=method, form=form, typed="국민")
                unknown[method, form] = " 0 unknown" not in lab.reading
        assert [method for method in METHODS if unknown[method, "apart (NFD)"]] == ["words", "syllables", "subwords"]
        assert not unknown["syllables", "joined (NFC)"]
        assert not unknown["subwords", "joined (NFC)"]

    def test_the_row_is_that_of_keras(self, parts, models):
        keras = pytest.importorskip("keras")
        methods = tokens.methods(parts[0], models)
        for length, padding, truncating in (
            (3, "pre", "post"),
            (3, "post", "pre"),
            (18, "pre", "pre"),
            (18, "post", "pre"),
        ):
            made = tokenizer.tokenize(
                methods["subwords"],
                tokenizer.START,
                form="as typed",
                vocabulary=1200,
                mark=True,
                length=length,
                padding=padding,
                truncating=truncating,
            )
            expected = keras.utils.pad_sequences([made.kept], length, padding=padding, truncating=truncating)[0]
            np.testing.assert_array_equal(made.row, expected)

    def test_unknown_tokens_can_be_left_out_as_the_class_notes_do_first(self, parts, models):
        lab = tokenizer.lab(parts[0], models)
        lab.set(typed="모든 국민은 머신러닝을 배운다", mark=False)
        assert lab.reading.endswith("Row of 12: 10 zeros added.")
        lab.set(mark=True)
        assert lab.reading.endswith("Row of 12: 8 zeros added.")

    def test_what_finds_no_room_is_counted(self, parts, models):
        lab = tokenizer.lab(parts[0], models)
        lab.set(method="syllables", typed="가" * 10_000)
        assert "10,000 tokens" in lab.reading
        fig = lab.render()
        assert "… and 9,960 more" in [item.get_text() for item in fig.axes[0].texts]


class TestVocabulary:
    def test_its_numbers_are_those_of_the_lesson(self, parts, models):
        lab = vocabulary.lab(*parts, models)
        lab.set(vocabulary=2400)
        assert (
            "words 47.2 % and 22; syllables 0.5 % and 100; letters 0.0 % and 203; subwords 1.1 % and 48" in lab.reading
        )
        lab.set(vocabulary=100)
        assert "subwords start at 400" in lab.reading

    def test_what_was_counted_is_known(self, parts, models):
        lab = vocabulary.lab(*parts, models)
        lab.set(vocabulary=2400, part=vocabulary.KNOWN)
        assert lab.reading.count(" 0.0 %") == 4

    def test_a_text_that_is_not_measured_yet_is_said_to_wait(self, parts, models):
        lab, advice = vocabulary.lab(*parts, models), f"Choose “{vocabulary.TYPED}” to measure your text."
        assert advice not in lab.reading
        type_in(lab, "모든 국민")
        assert advice in lab.reading
        lab.set(part=vocabulary.TYPED)
        assert advice not in lab.reading

    def test_a_text_without_tokens_is_one_line_and_keeps_the_picture(self, parts, models):
        lab = vocabulary.lab(*parts, models)
        lab.set(part=vocabulary.TYPED)
        good = lab.image.value
        type_in(lab, "... !")
        assert lab.message.startswith("By words this text has no tokens")
        assert lab.image.value == good
        with pytest.raises(Invalid):
            vocabulary.measure(lab.data.methods["words"], "")


class TestFigures:
    @pytest.mark.parametrize("typed", TYPED, ids=TYPED_NAMES)
    def test_any_token_is_drawn_without_a_missing_glyph(self, typed):
        shown = token_plots.visible(typed)
        assert len(shown) <= 2 * token_plots.LONGEST + 12
        assert "\n" not in shown
        plots.to_png(token_plots.split_side_by_side([("one", [typed] if typed else [], [1] if typed else [])]))

    def test_a_letter_that_joins_is_shown_alone_and_a_script_without_glyphs_as_code_points(self):
        assert token_plots.visible("\u1112\u1161\u11ab") == "ㅎㅏㄴ"
        assert token_plots.visible("한") == "한"
        assert token_plots.visible("字") == "<U+5B57>"
        assert token_plots.visible("\u202e") == "<U+202E>"

    def test_tokens_that_find_no_room_are_not_drawn(self):
        ax = plots.new_figure().subplots()
        artists = token_plots.boxes(ax, 5)
        assert token_plots.place_tokens(artists, ["가나다"] * 5, [7] * 5, room=8, lines=1) == 2
        assert [item.get_visible() for item in artists["tokens"]] == [True, True, False, False, False]
        assert token_plots.place_tokens(artists, ["가나다"] * 9, [7] * 9, room=8, lines=9) == 5
