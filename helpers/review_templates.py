"""Sentence templates of short film reviews, Korean and English, with the words that go together in each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np


class Draw:
    """Draws words from lists, on NumPy's legacy stream, which never changes."""

    def __init__(self, seed: int) -> None:
        self._random = np.random.RandomState(seed)

    def one(self, options: str | Sequence[Any]) -> Any:
        """One of ``options``; a text stands for its parts between bars."""
        options = options.split("|") if isinstance(options, str) else options
        return options[self._random.randint(len(options))]

    def two(self, options: str) -> list[str]:
        """Two different ones, in any order."""
        parts = options.split("|")
        return [parts[place] for place in self._random.permutation(len(parts))[:2]]


Template = Callable[[Draw], tuple[str, str]]

#: Construct to template, by language. Each gives a sentence of praise and its counterpart.
KOREAN: dict[str, Template] = {}
ENGLISH: dict[str, Template] = {}


def has_final(word: str) -> bool:
    """Whether the last syllable of a Korean word ends in a consonant, which decides its particle.

    >>> has_final("감동"), has_final("이야기")
    (True, False)
    """
    return (ord(word[-1]) - 0xAC00) % 28 > 0


def topic(noun: str) -> str:
    """The noun with 은 or 는."""
    return noun + ("은" if has_final(noun) else "는")


def subject(noun: str) -> str:
    """The noun with 이 or 가."""
    return noun + ("이" if has_final(noun) else "가")


def _template(language: dict[str, Template], name: str) -> Callable[[Template], Template]:
    def keep(template: Template) -> Template:
        language[name] = template
        return template

    return keep


# --- Korean: words that go together ---------------------------------------------------------------------------------

ASPECT = "연기|이야기|음악|영상|연출|결말|대사|전개|편집|각본"
GOOD = "좋았다|훌륭했다|뛰어났다|인상적이었다|매력적이었다|완벽했다"
BAD = "아쉬웠다|별로였다|실망스러웠다|형편없었다|어설펐다|최악이었다"
GOOD_FILM = "좋았다|훌륭했다|인상적이었다|매력적이었다|완벽했다|재미있었다"
BAD_FILM = "아쉬웠다|별로였다|실망스러웠다|형편없었다|지루했다|평범했다"
GOOD_NOUN, BAD_NOUN = (
    "감동|재미|긴장감|여운|웃음|설득력|개연성|깊이",
    "지루함|억지|군더더기|허점|어색함|답답함|과장|허세",
)
GOOD_FEELING, BAD_FEELING = "감동|여운|설렘|만족감|행복감", "아쉬움|답답함|실망감|허탈함|피곤함|허무함"
GOOD_SCENE = "재미있는|감동적인|인상적인|볼만한|흥미로운|매력적인"
BAD_SCENE = "재미없는|지루한|억지스러운|불필요한|답답한|어색한"
GOOD_VERDICT, BAD_VERDICT = "최고|명작|수작|걸작", "최악|졸작|망작|실패작"
GOOD_FELT, BAD_FELT = "재밌었다|웃겼다|신났다|설렜다", "지루했다|졸렸다|답답했다|피곤했다"
GOOD_SAID = "재미있다는|훌륭하다는|감동적이라는|뛰어나다는|볼만하다는"
BAD_SAID = "지루하다는|형편없다는|실망스럽다는|억지스럽다는|어설프다는"
OTHERS = "친구 말로는|평론가 말로는|동생 말로는|남들 말로는|별점만 보면|소문으로는"
MYSELF = "내가 보기엔|내 생각엔|나한테는|직접 보니|내 눈에는"
BEFORE_AFTER = (
    ("예고편은", "본편은"),
    ("원작은", "영화는"),
    ("전편은", "이번 편은"),
    ("소설은", "영화는"),
    ("드라마는", "영화는"),
)
VERBS = (
    *(("추천할", "추천하지"), ("권할", "권하지"), ("다시 볼", "다시 보지"), ("칭찬할", "칭찬하지"), ("볼", "보지")),
    *(("소장할", "소장하지"), ("기억할", "기억하지"), ("좋아할", "좋아하지"), ("사랑할", "사랑하지")),
)
FORMS = (
    *(("재미있는", "재미있지", 1), ("감동적인", "감동적이지", 1), ("인상적인", "인상적이지", 1)),
    *(("흥미로운", "흥미롭지", 1), ("매력적인", "매력적이지", 1), ("지루한", "지루하지", 0)),
    *(
        ("억지스러운", "억지스럽지", 0),
        ("답답한", "답답하지", 0),
        ("어색한", "어색하지", 0),
        ("뻔한", "뻔하지", 0),
    ),
)
BUT = "하지만|그러나|그런데|그렇지만"
PLAINLY, AFTERWARDS = "|솔직히|한마디로|이 영화,", "|보고 나니|다 보고 나니|극장을 나서니"
MEANWHILE = "|솔직히|두 시간 내내|끝까지|보는 동안"
FILLER_KO = (
    "토요일 저녁에 친구와 함께 봤다.",
    "극장은 비교적 한산했다.",
    "옆자리에는 가족이 앉았다.",
    "극장까지는 버스를 타고 갔다.",
    "표는 미리 예매했다.",
    "비가 와서 조금 늦게 들어갔다.",
    "상영 시간은 두 시간 남짓이었다.",
    "상영관은 삼 층에 있었다.",
    "자리는 가운데였다.",
    "저녁은 근처 식당에서 먹었다.",
)


@_template(KOREAN, "contrast")
def _(draw: Draw) -> tuple[str, str]:
    (a, b), but, opener = draw.two(ASPECT), draw.one(BUT), draw.one("|솔직히")
    good, bad = f"{topic(a)} {draw.one(GOOD)}.", f"{topic(b)} {draw.one(BAD)}."
    return f"{opener} {bad} {but} {good}", f"{opener} {good} {but} {bad}"


@_template(KOREAN, "whose view")
def _(draw: Draw) -> tuple[str, str]:
    others, myself, good, bad = (draw.one(options) for options in (OTHERS, MYSELF, GOOD_VERDICT, BAD_VERDICT))
    return f"{others} {bad}, {myself} {good}.", f"{others} {good}, {myself} {bad}."


@_template(KOREAN, "before and after")
def _(draw: Draw) -> tuple[str, str]:
    (before, after), but, good, bad = (draw.one(options) for options in (BEFORE_AFTER, BUT, GOOD_FILM, BAD_FILM))
    return f"{before} {bad}. {but} {after} {good}.", f"{before} {good}. {but} {after} {bad}."


@_template(KOREAN, "there is")
def _(draw: Draw) -> tuple[str, str]:
    good, bad, opener = topic(draw.one(GOOD_NOUN)), topic(draw.one(BAD_NOUN)), draw.one(PLAINLY)
    if draw.one((True, False)):
        return f"{opener} {good} 있고 {bad} 없었다.", f"{opener} {bad} 있고 {good} 없었다."
    return f"{opener} {bad} 없고 {good} 있었다.", f"{opener} {good} 없고 {bad} 있었다."


@_template(KOREAN, "no such scene")
def _(draw: Draw) -> tuple[str, str]:
    good, bad, noun = draw.one(GOOD_SCENE), draw.one(BAD_SCENE), draw.one("장면은|대목은|부분은")
    none, many = draw.one("하나도 없었고|전혀 없었고"), draw.one("아주 많았다|정말 많았다|꽤 많았다")
    return f"{bad} {noun} {none} {good} {noun} {many}.", f"{good} {noun} {none} {bad} {noun} {many}."


@_template(KOREAN, "not but")
def _(draw: Draw) -> tuple[str, str]:
    good, bad = subject(draw.one(GOOD_FEELING)), subject(draw.one(BAD_FEELING))
    opener, came = draw.one(AFTERWARDS), draw.one("남았다|느껴졌다")
    return f"{opener} {bad} 아니라 {good} {came}.", f"{opener} {good} 아니라 {bad} {came}."


@_template(KOREAN, "not at all")
def _(draw: Draw) -> tuple[str, str]:
    good, bad, opener = draw.one(GOOD_FELT), draw.one(BAD_FELT), draw.one(MEANWHILE)
    least, very = draw.one("하나도|전혀|조금도"), draw.one("정말|진짜|너무")
    return f"{opener} {least} 안 {bad}. {very} {good}.", f"{opener} {least} 안 {good}. {very} {bad}."


@_template(KOREAN, "no reason")
def _(draw: Draw) -> tuple[str, str]:
    (do, do_not), why, opener = draw.one(VERBS), draw.one("이유는|까닭은"), draw.one(PLAINLY)
    yes, no, much = f"{do} {why}", f"{do_not} 않을 {why}", draw.one("많다|충분하다|차고 넘친다")
    return f"{opener} {no} 없고 {yes} {much}.", f"{opener} {yes} 없고 {no} {much}."


@_template(KOREAN, "at a distance")
def _(draw: Draw) -> tuple[str, str]:
    good, bad, noun, side = draw.one(GOOD_SAID), draw.one(BAD_SAID), draw.one("평|말|의견"), draw.one("앞의|뒤의")
    end = f"나는 {side} {noun}에 {draw.one('동의한다|공감한다')}."
    texts = [f"{a} {noun}도 있고 {b} {noun}도 있다. {end}" for a, b in ((good, bad), (bad, good))]
    return (texts[0], texts[1]) if side == "앞의" else (texts[1], texts[0])


@_template(KOREAN, "expectation")
def _(draw: Draw) -> tuple[str, str]:
    opener, but, very = draw.one("|솔직히|사실|보기 전"), draw.one(BUT), draw.one("아주|꽤|훨씬")
    hope, joy, high, low = draw.one(
        (
            (draw.one("기대는|기대치는"), draw.one("만족감은|만족도는"), "높았다", "낮았다"),
            (draw.one("기대는|기대감은"), draw.one("감동은|즐거움은|만족감은"), "컸다", "적었다"),
        )
    )
    return f"{opener} {hope} {low}. {but} {joy} {very} {high}.", f"{opener} {hope} {high}. {but} {joy} {very} {low}."


@_template(KOREAN, "left and gone")
def _(draw: Draw) -> tuple[str, str]:
    it, stayed = draw.one("것은|건"), draw.one((True, False))
    more, less, opener = (
        ("남은", "사라진", draw.one(AFTERWARDS)) if stayed else ("늘어난", "줄어든", draw.one("|전편보다"))
    )
    good = draw.one(GOOD_FEELING if stayed else "감동|재미|긴장감|웃음|볼거리")
    bad = draw.one(BAD_FEELING if stayed else "지루함|억지|군더더기|과장|허세")
    return f"{opener} {more} {it} {good}, {less} {it} {bad}.", f"{opener} {more} {it} {bad}, {less} {it} {good}."


@_template(KOREAN, "instead")
def _(draw: Draw) -> tuple[str, str]:
    good, bad, what = draw.one(GOOD_FEELING), draw.one(BAD_FEELING), draw.one("남은 건|느낀 건|얻은 건")
    opener = draw.one(AFTERWARDS if what == "남은 건" else "|보고 나서|다 보고 나서|극장을 나서며")
    return f"{opener} {what} {bad} 대신 {good}.", f"{opener} {what} {good} 대신 {bad}."


@_template(KOREAN, "two words")
def _(draw: Draw) -> tuple[str, str]:
    (plain, negated, good), noun, opener = draw.one(FORMS), draw.one("장면이|대목이|부분이"), draw.one("|솔직히|영화에")
    denied = draw.one((True, False))
    what = f"{opener} {negated} 않은 {noun}" if denied else f"{opener} {plain} {noun}"
    return _by_label(f"{what} 많았다.", f"{what} 없었다.", bool(good) != denied)


@_template(KOREAN, "one word")
def _(draw: Draw) -> tuple[str, str]:
    what = f"{draw.one('|솔직히|무엇보다')} {subject(draw.one(ASPECT))} {draw.one('정말|진짜|확실히')}"
    return f"{what} {draw.one(GOOD)}.", f"{what} {draw.one(BAD)}."


def _by_label(first: str, second: str, first_is_positive: bool) -> tuple[str, str]:
    return (first, second) if first_is_positive else (second, first)


# --- English ---------------------------------------------------------------------------------------------------------

PART = "acting|story|music|camerawork|direction|ending|dialogue|pacing|editing|script"
FINE, POOR = "superb|brilliant|excellent|impressive|flawless|wonderful", "dull|clumsy|weak|tedious|awful|poor"
TOUCHING, TIRING = "moving|gripping|charming|witty|thrilling|clever", "dull|tedious|clumsy|lifeless|tiresome|silly"
MUCH, TOO_MUCH = "charm|warmth|wit|tension|depth|heart", "kitsch|padding|noise|bombast|filler|schmaltz"
DO, DO_NOT = (
    "see|watch|recommend|praise|love|remember|admire|enjoy",
    "skip|avoid|miss|dismiss|hate|forget|mock|criticize",
)
LIKED, HATED = "loved|adored|enjoyed|liked|admired", "hated|disliked|loathed|despised|detested"
FILM = "it|the film|this film|the movie"
FILLER_EN = (
    "I saw it on a Saturday with a friend.",
    "The cinema was half empty.",
    "A family sat next to us.",
    "We went there by bus.",
    "I had booked the tickets before.",
    "It rained and we came a little late.",
    "It runs for about two hours.",
    "The screen was on the third floor.",
    "Our seats were in the middle.",
    "We had dinner near the cinema.",
)


@_template(ENGLISH, "contrast")
def _(draw: Draw) -> tuple[str, str]:
    (a, b), but = draw.two(PART), draw.one((", but", ", yet", "; however,"))
    good, bad = f"the {a} was {draw.one(FINE)}", f"the {b} was {draw.one(POOR)}"
    return f"{bad}{but} {good}.", f"{good}{but} {bad}."


@_template(ENGLISH, "whose view")
def _(draw: Draw) -> tuple[str, str]:
    others = draw.one("the critics|my friends|my parents|the reviewers|most people|the others")
    good, bad = draw.one(LIKED), draw.one(HATED)
    return f"{others} {bad} it, and I {good} it.", f"{others} {good} it, and I {bad} it."


@_template(ENGLISH, "there is")
def _(draw: Draw) -> tuple[str, str]:
    what, good, bad = f"{draw.one(FILM)} has {draw.one('plenty|a lot')} of", draw.one(MUCH), draw.one(TOO_MUCH)
    return f"{what} {good} and no {bad} at all.", f"{what} {bad} and no {good} at all."


@_template(ENGLISH, "not but")
def _(draw: Draw) -> tuple[str, str]:
    what = f"{draw.one(FILM)} {draw.one('is|was')} not"
    good, bad = draw.one(TOUCHING), draw.one(TIRING)
    return f"{what} {bad} but {good}.", f"{what} {good} but {bad}."


@_template(ENGLISH, "not at all")
def _(draw: Draw) -> tuple[str, str]:
    opener = draw.one("from start to end|for two hours|from the first scene on|all the way through")
    good, bad = draw.one(TOUCHING), draw.one(TIRING)
    return f"{opener} never {bad}, always {good}.", f"{opener} never {good}, always {bad}."


@_template(ENGLISH, "no reason")
def _(draw: Draw) -> tuple[str, str]:
    what, good, bad = draw.one("there is|there was|I see"), draw.one(DO), draw.one(DO_NOT)
    texts = [f"{what} no reason to {a} it and every reason to {b} it." for a, b in ((bad, good), (good, bad))]
    return texts[0], texts[1]


@_template(ENGLISH, "at a distance")
def _(draw: Draw) -> tuple[str, str]:
    call, side, good, bad = draw.one("call|called"), draw.one("former|latter"), draw.one(FINE), draw.one(POOR)
    end = f"I {draw.one('agree|side')} with the {side}."
    texts = [f"some {call} it {a} and some {call} it {b}. {end}" for a, b in ((good, bad), (bad, good))]
    return _by_label(texts[0], texts[1], side == "former")


@_template(ENGLISH, "expectation")
def _(draw: Draw) -> tuple[str, str]:
    hope = draw.one("my interest|the anticipation|my curiosity|the hype")
    joy, but = draw.one("the enjoyment|the satisfaction|my enjoyment|the pleasure|the reward"), draw.one("but|yet")
    high, low, very = draw.one((("high", "low", draw.one("very|really")), ("great", "small", draw.one("truly|really"))))
    return f"{hope} was {low}, {but} {joy} was {very} {high}.", f"{hope} was {high}, {but} {joy} was {very} {low}."


@_template(ENGLISH, "two words")
def _(draw: Draw) -> tuple[str, str]:
    good, denied = draw.one((True, False)), draw.one((True, False))
    noun, quality = draw.one("scenes|moments|lines|ideas"), draw.one(TOUCHING if good else TIRING)
    what = f"{noun} that were not {quality}" if denied else f"{quality} {noun}"
    there = draw.one("there were|it had|it offered")
    return _by_label(f"{there} many {what}.", f"{there} no {what}.", good != denied)


@_template(ENGLISH, "one word")
def _(draw: Draw) -> tuple[str, str]:
    what = f"the {draw.one(PART)} {draw.one('is|was')} {draw.one('truly|really|clearly')}"
    return f"{what} {draw.one(FINE)}.", f"{what} {draw.one(POOR)}."
