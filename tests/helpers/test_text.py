"""helpers.text: the constitution as it was taken, and Hangul taken apart and joined without loss."""

from __future__ import annotations

import hashlib
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import text

SYLLABLES = [chr(code) for code in range(0xAC00, 0xD7A4)]
KOREAN = st.text(st.sampled_from([*"가각값뷁힣대한민국 .,①a😀漢\n"]), max_size=30)


class TestConstitution:
    def test_it_is_the_text_whose_origin_is_documented(self):
        raw = text.load_constitution().encode()
        assert len(raw) == 45_503
        assert hashlib.sha256(raw).hexdigest().startswith("58da5174be7f0079")

    def test_its_size_and_ends_are_those_of_the_lessons(self):
        whole = text.load_constitution()
        assert len(whole) == 18_884
        assert whole.startswith("대한민국헌법\n\n유구한 역사와 전통에 빛나는 우리 대한국민은 ")
        assert whole.endswith("존속하며 그 직무를 행한다.\n")
        assert sum(map(text.is_syllable, whole)) == 12_996

    def test_it_is_composed_and_its_lines_end_alike_everywhere(self):
        whole = text.load_constitution()
        assert unicodedata.is_normalized("NFC", whole)
        assert not set("\r\t\ufeff\u00a0") & set(whole)

    def test_its_parts_are_chapters_and_supplementary_provisions(self):
        whole = text.load_constitution()
        for part in ("제1장 총강", "제10장 헌법개정", "제130조", "부칙"):
            assert part in whole


class TestSplitLines:
    def test_nothing_but_empty_lines_is_lost_and_nothing_moves(self):
        whole = text.load_constitution()
        first, rest = text.split_lines(whole)
        assert (first + "\n" + rest).split("\n") == [line for line in whole.splitlines() if line.strip()]
        assert (first.count("\n") + 1, rest.count("\n") + 1) == (275, 69)

    @pytest.mark.parametrize("share", [0, 1, 1.5, -0.2, 0.01])
    def test_a_share_that_leaves_a_part_empty_is_refused(self, share):
        with pytest.raises(ValueError, match="leaves a part empty"):
            text.split_lines("a\nb\nc", share)

    @pytest.mark.parametrize("short", ["", "\n\n", "one line"])
    def test_a_text_that_cannot_be_split_is_refused(self, short):
        with pytest.raises(ValueError, match="two lines or more"):
            text.split_lines(short)


class TestLetters:
    def test_every_syllable_is_taken_apart_as_unicode_says(self):
        for syllable in SYLLABLES:
            initial, vowel, final = text.decompose(syllable)
            joining = unicodedata.normalize("NFD", syllable)
            assert text.letters(joining) == initial + vowel + final
            names = [unicodedata.name(letter).rpartition(" ")[2] for letter in joining]
            assert names == [unicodedata.name(x).rpartition(" ")[2] for x in (initial, vowel, final) if x]

    def test_every_syllable_comes_back(self):
        assert [text.compose(*text.decompose(syllable)) for syllable in SYLLABLES] == SYLLABLES

    def test_there_are_as_many_letters_as_the_lesson_says(self):
        assert (len(text.INITIALS), len(text.VOWELS), len(text.FINALS)) == (19, 21, 28)
        assert 19 * 21 * 28 == len(SYLLABLES) == 11_172
        assert len({*text.INITIALS, *text.VOWELS, *text.FINALS} - {""}) == 51

    @pytest.mark.parametrize("no_syllable", ["", "ㅎ", "a", "한글", "漢", "\u1112", unicodedata.normalize("NFD", "한")])
    def test_what_is_no_syllable_is_refused(self, no_syllable):
        assert not text.is_syllable(no_syllable)
        with pytest.raises(ValueError, match="no composed syllable"):
            text.decompose(no_syllable)

    @pytest.mark.parametrize(
        "parts", [("ㅏ", "ㅏ", ""), ("ㄱ", "ㄱ", ""), ("ㄱ", "ㅏ", "ㄸ"), ("", "ㅏ", ""), ("ㄱㄴ", "ㅏ")]
    )
    def test_letters_out_of_place_are_refused(self, parts):
        with pytest.raises(ValueError, match="letter of a syllable"):
            text.compose(*parts)

    @settings(deadline=None)
    @given(KOREAN)
    def test_a_text_taken_apart_can_be_joined_again(self, whole):
        assert text.compose_text(text.decompose_text(whole)) == text.compose_text(whole)
        assert text.letters(text.decompose_text(whole)) == text.letters(whole)

    @settings(deadline=None)
    @given(st.text(max_size=40))
    def test_any_text_can_be_spelt(self, whole):
        assert not any(map(text.is_syllable, text.letters(whole)))

    def test_a_letter_that_joins_nothing_is_shown_alone(self):
        assert text.letters("\u1112\u1161\u11ab \u11ab \u1161 ㅋㅋ") == "ㅎㅏㄴ ㄴ ㅏ ㅋㅋ"


def test_halves_of_characters_become_one_that_can_be_encoded():
    assert text.well_formed("가\ud83d😀\udc00") == "가\ufffd😀\ufffd"
    text.well_formed("\ud800").encode("utf-8")
