"""What holds for every lab of the course: its module, its picture, its reading, what is typed. Labs are found."""

from __future__ import annotations

import html
import importlib
import inspect
import json
import random
import re

import pytest

from helpers.labs.framework.controls import Choice, Text
from helpers.labs.framework.lab import Lab
from helpers.labs.framework.words import Words
from tests.labs.conftest import LABS, stand_in
from tests.labs.seen import legends, texts
from tests.support import selftest
from tests.support.selftest import any_value, values
from tests.support.typed import TYPED
from tests.support.warned import nothing_warned
from tools.notebooks import ROOT

INJECTIONS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</div><b>bold</b>",
    "&lt;b&gt; &amp;",
    "'\"><svg onload=alert(1)>",
    "$\\frac{1}{2}$",
    "\\u003cb\\u003e",
    "{{7*7}} %s %(x)d {0}",
    "[link](javascript:alert(1)) *bold* `code`",
)


@pytest.fixture(scope="module", params=LABS)
def lab(request, style) -> Lab:
    """A lab of the course, in a lesson's style and with its fonts."""
    return stand_in(request.param)


# --- the module -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LABS)
def test_a_module_has_draw_update_and_lab_with_docstrings(name):
    module = importlib.import_module(f"helpers.labs.{name}")
    for function in (module.draw, module.update, module.lab):
        assert inspect.getdoc(function), function
    assert list(inspect.signature(module.draw).parameters) == ["fig", "data"]
    parameters = list(inspect.signature(module.update).parameters.values())
    assert [parameter.name for parameter in parameters[:2]] == ["artists", "data"]
    assert all(parameter.kind in (parameter.KEYWORD_ONLY, parameter.VAR_KEYWORD) for parameter in parameters[2:])


@pytest.mark.parametrize("name", LABS)
def test_a_docstring_begins_with_the_lab_and_the_lessons_that_show_it(name):
    first = importlib.import_module(f"helpers.labs.{name}").__doc__.splitlines()[0]
    begins = re.match(r"Lab \*([\w ]+)\* \(lessons? (\d\d(?:(?:, | and )\d\d)*)\): .+\.$", first)
    assert begins, f'{first!r} is not of the form """Lab *{name}* (lesson 03): what it shows."""'
    assert begins[1].replace(" ", "_") == name
    assert re.findall(r"\d\d", begins[2]) == lessons_with(name)


def lessons_with(name: str) -> list[str]:
    """The numbers of the lessons that import a lab."""
    imported = re.compile(rf"^from helpers\.labs import .*\b{name}\b", re.MULTILINE)
    return [path.name[:2] for path in sorted((ROOT / "notebooks").glob("[0-9]*.ipynb")) if imported.search(code(path))]


def code(path) -> str:
    """All code of a notebook."""
    cells = json.loads(path.read_text("utf-8"))["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")


def test_a_lab_without_a_test_module_is_told_what_to_write():
    with pytest.raises(LookupError, match=r"test_sundial\.py has no stand_in\(\); write there: def stand_in"):
        stand_in("sundial")


# --- the picture and the reading --------------------------------------------------------------------------------------


def test_legends_have_fixed_places(lab):
    assert not [legend for legend in legends(lab.render()) if wanders(legend)]


def wanders(legend) -> bool:
    return legend._get_loc() == 0  # "best", which depends on the data


def test_a_lab_has_tasks_and_its_controls_are_those_of_its_update(lab):
    assert "<li>" in lab.widget.children[0].value
    assert not set("*`") & set(lab.widget.children[0].value)  # shown as written: no Markdown
    inspect.signature(lab.update).bind("artists", "data", **lab.values())  # one argument for each control
    named = {name for name, one in inspect.signature(lab.update).parameters.items() if one.kind is one.KEYWORD_ONLY}
    assert named <= set(lab.controls)


@pytest.mark.sweep
@pytest.mark.parametrize("name", LABS)
def test_it_passes_its_self_test(name, monkeypatch, style):
    monkeypatch.setattr(selftest, "RANDOM_SETTINGS", 6)
    lab = stand_in(name)
    selftest.run(lab)
    assert lab.message == ""


def test_a_reading_is_one_line_of_sentences_and_the_same_every_time(lab):
    reading = lab.reading
    assert reading.endswith(".")
    assert "\n" not in reading
    lab.set(**lab.values())
    assert lab.reading == reading


# --- whatever is typed ------------------------------------------------------------------------------------------------


SOURCES = {name: (ROOT / f"helpers/labs/{name}.py").read_text("utf-8") for name in LABS}
WRITTEN_IN = [name for name, source in SOURCES.items() if re.search(r"\b(Text|Words)\(", source)]


@pytest.fixture(scope="module", params=WRITTEN_IN)
def written_in(request, style) -> Lab:
    """A lab with a field to write in."""
    return stand_in(request.param)


@pytest.mark.parametrize("typed", [*TYPED, *INJECTIONS], ids=lambda typed: ascii(typed[:12]))
def test_whatever_is_typed_gives_a_picture_and_stays_text(written_in, typed):
    before = texts(written_in)
    choices = {name: control for name, control in written_in.controls.items() if isinstance(control, Choice)}
    for field in fields(written_in):
        for name in choices.keys() - written_in.controls[field].when.keys():
            for option in values(choices[name]):
                type_in(written_in, field, typed, before, {name: option})
            written_in.reset()


def test_random_text_never_breaks_a_lab(written_in):
    chooser = random.Random(13)
    ranges = [(0x20, 0x7E), (0xAC00, 0xD7A3), (0x1100, 0x11FF), (0x1F300, 0x1FAFF), (0, 0xFFFF), (0, 0x10FFFF)]
    before = texts(written_in)
    for field in fields(written_in):
        for _ in range(40):
            low, high = chooser.choice(ranges)
            typed = "".join(chr(chooser.randint(low, high)) for _ in range(chooser.randint(1, 60)))
            others = written_in.controls.keys() - fields(written_in)
            type_in(written_in, field, typed, before, {name: any_value(written_in, name, chooser) for name in others})
    written_in.reset()


def fields(lab: Lab) -> set[str]:
    """The controls in which one can write."""
    return {name for name, control in lab.controls.items() if isinstance(control, (Text, Words))}


def type_in(lab: Lab, field: str, typed: str, before: str, others: dict) -> None:
    """Type under other settings: a picture or one line comes, without warnings, and no markup joins the lab's own."""
    with nothing_warned():
        lab.set(**{field: typed} | others | dict(lab.controls[field].when))
    assert not lab.message.startswith("This setting broke"), (typed, lab.message)
    assert lab.png.startswith(b"\x89PNG")
    assert "\n" not in lab.reading
    assert html.unescape(lab.reading).encode()  # no half of a surrogate pair, which no message could carry
    for tag in ("<script", "<img", "<svg", "<b>bold", "</div><b>", "<b>&amp;"):
        assert tag not in texts(lab)
    assert texts(lab).count("<div") == before.count("<div")
