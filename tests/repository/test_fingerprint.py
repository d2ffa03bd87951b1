"""The fingerprint of a study: what changes it, and what may change without costing a study."""

from __future__ import annotations

import doctest
import hashlib
import shutil
import sys
import textwrap

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from studies import names, plain
from studies.fingerprint import IDLE_TAGS, ROOT, fingerprint, result_cells
from studies.plain import bare

SERIES = '''"""Series."""

from pathlib import Path

FILE = Path("data") / "traffic_hourly.csv.gz"
WEEK = 7


def load_traffic() -> bytes:
    """Two years."""
    return FILE.read_bytes()


def week(days: int = WEEK) -> int:
    if days < 1:
        raise ValueError(f"days is {days}; take more.")
    return days
'''

MODEL = '''
def forecast(x):
    """Twice the input."""
    return 2 * x  # the model
'''
RECORD = 'scores.record("r", table="t", value=forecast(1), unit="MSE")'


def code(source, *tags):
    return new_code_cell(textwrap.dedent(source).strip(), metadata={"tags": list(tags)})


def lesson(imports="from helpers import scores, series") -> list:
    return [new_markdown_cell("# Lesson"), code("x = 1", "bootstrap"), code(imports), code(MODEL), code(RECORD)]


@pytest.fixture
def of(tmp_path):
    """The fingerprint of a notebook made of cells, over a course of its own."""
    helpers = tmp_path / "helpers"
    (helpers / "data").mkdir(parents=True)
    (helpers / "data" / "traffic_hourly.csv.gz").write_bytes(b"1,2,3")
    (helpers / "data" / "README.md").write_text("# Data")
    (helpers / "series.py").write_text(SERIES)
    (helpers / "arima.py").write_text("ORDER = 1\n")
    (helpers / "baselines.py").write_text("from helpers.arima import ORDER\n\ndef naive():\n    return ORDER\n")
    for name in ("training", "plots", "labs"):
        (helpers / f"{name}.py").write_text("def lab():\n    return 1\n")

    def value(cells):
        path = tmp_path / "05_lesson.ipynb"
        nbformat.write(new_notebook(cells=cells), path)
        return fingerprint(path, root=tmp_path)

    value.helpers = helpers
    return value


def with_model(source):
    cells = lesson()
    cells[3] = code(source)
    return cells


SAME = {
    "a comment": MODEL.replace("# the model", "# the very model, with a ' in it"),
    "no comment": MODEL.replace("  # the model", ""),
    "a comment on a line of its own": MODEL + "\n# and so on\n",
    "blank lines": MODEL.replace("    return", "\n\n    return"),
    "spaces at the end": MODEL.replace("def forecast(x):", "def forecast(x):   "),
    "another docstring": MODEL.replace("Twice the input.", "The input, twice.\n\n    With more to say."),
    "no docstring": MODEL.replace('    """Twice the input."""\n', ""),
}


@pytest.mark.parametrize("what", SAME)
def test_words_and_blank_lines_do_not_change_it(of, what):
    assert of(with_model(SAME[what])) == of(lesson())


OTHER = {
    "a number": MODEL.replace("2 * x", "3 * x"),
    "an operator": MODEL.replace("2 * x", "2 + x"),
    "the indentation": MODEL.replace("    return 2 * x", "    if x:\n        return 2 * x"),
    "a # in a string": MODEL.replace("2 * x", "2 * len('#')"),
    "a line more": MODEL + "\nforecast = len\n",
}


@pytest.mark.parametrize("what", OTHER)
def test_the_code_of_a_model_changes_it(of, what):
    assert of(with_model(OTHER[what])) != of(lesson())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('def f(x): "doc"; return x', 'def f(x): "doc"; return 2 * x'),
        ('class A: "doc"; n = 1', 'class A: "doc"; n = 2'),
        ('"""Doc."""; n = 1', '"""Doc."""; n = 2'),
        ('def f(): "은닉 상태"; return 1', 'def f(): "은닉 상태"; return 2'),
        ('text = """a\n\nb"""', 'text = """a\nb"""'),
        ('text = """a  \nb"""', 'text = """a\nb"""'),
        ('text = """a\n# b"""', 'text = """a\n# c"""'),
        ('n = 1\ntext = f"""a{n}\n\nb"""', 'n = 1\ntext = f"""a{n}\nb"""'),
        ("text = 'a # b'", "text = 'a # c'"),
    ],
)
def test_nothing_that_runs_is_taken_for_words(of, one, other):
    assert of(with_model(MODEL + one)) != of(with_model(MODEL + other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('def f(): "doc"; return 1', 'def f(): "other"; return 1'),
        ('n = ("a"  # first\n     "b")', 'n = ("a"\n     "b")'),
        ('def f():\n    """은닉 상태"""\n    return 1', 'def f():\n    """Hidden."""\n    return 1'),
    ],
)
def test_words_in_odd_places_are_words_all_the_same(of, one, other):
    assert of(with_model(MODEL + one)) == of(with_model(MODEL + other))


@pytest.mark.parametrize("tag", sorted(IDLE_TAGS))
def test_cells_that_no_result_depends_on_do_not_change_it(of, tag):
    cells = lesson()
    cells.insert(3, code("anything = 'at all'", tag))
    assert of(cells) == of(lesson())


SHOWN = [
    "print('anything')",
    "print(f'{forecast(2):.3f}')\nprint()",
    "for x in (1, 2):\n    print(x)",
    "if forecast(1) > 1:\n    print('large')",
    "from helpers import plots\nplots.show(forecast(2), alt='two')",
    "from helpers import plots\nax = plots.new_figure().subplots()\nax.plot([1, 2])\nax.legend()",
    "from helpers.labs import unroll\nunroll.lab(forecast)",
    "from IPython.display import display\ndisplay(forecast(1))",
    "import math",
    "forecast",
    "scores.claim('It wins.', len, table='t')\nscores.table('t')",
    "from helpers import training\ntraining.forget(forecast)",
    "from helpers import runtime\nruntime.resume(section=4)",
    "'a string'",
]


@pytest.mark.parametrize("source", SHOWN)
def test_what_prints_and_shows_does_not_change_it(of, source):
    cells = lesson()
    cells.insert(4, code(source))
    assert of(cells) == of(lesson())


KEPT = [
    "print(y := 3)",
    "for x in (1, 2):\n    print(x)\n    forecast(x)",
    "forecast(3)",
    "from helpers import training\nforecast = training.prepare(forecast)",
    "from helpers import plots\nax = plots.new_figure()\nax = forecast\nax(3)",
    "from helpers import scores as s\ns.record('q', table='t', value=1, unit='MSE')",
    "if runtime.is_study():\n    forecast(4)",
]


@pytest.mark.parametrize("source", KEPT)
def test_what_computes_changes_it(of, source):
    cells = lesson()
    cells.insert(4, code(source))
    assert of(cells) != of(lesson())


def test_how_the_statements_are_spread_over_cells_does_not_change_it(of):
    cells = lesson()
    together = [*cells[:2], code("\n\n".join(cell.source for cell in cells[2:]) + "\nprint('after')\ny = 3")]
    assert of(together) == of(cells)
    imports_later = [cells[0], cells[1], cells[3], cells[2], cells[4]]
    assert of(imports_later) == of(cells)
    in_another_order = [*cells[:3], code("y = 3"), *cells[3:]], [*cells[:4], code("y = 3"), *cells[4:]]
    assert of(in_another_order[0]) != of(in_another_order[1])


def test_the_name_of_a_progress_line_is_a_word_and_an_epoch_count_is_not(of):
    def fitted(callback="training.Progress('first')", epochs=20):
        cells = lesson("from helpers import scores, series, training")
        cells[3] = code(MODEL + f"forecast.fit(epochs={epochs}, callbacks=[{callback}])")
        return of(cells)

    assert fitted() == fitted("training.Progress('second', live=False)")
    assert fitted() != fitted(epochs=21)
    assert fitted() != fitted("Stop('first')")


def test_every_python_gives_the_same_plain_form():
    """Under 3.12 an f-string is cut in other pieces, and 3.13 has other fields and another repr."""
    source = (
        "def f[T](x): return x\n" * (sys.version_info >= (3, 12))
        + "class A(B, key=1):\n    n: int = 1\n    m: str\n"
        + "@d\ndef g(a: int, /, *b, c: str = 'ä\U0001fae8', **e) -> None:\n    'Doc.'\n"
        + "    return f'{a!r:>{b}}x' f'' 'y'\n"
        + "async def h():\n    async with a as (b, c): x[1:2, ::3] += 1j + 1e-3 + 10_000 - (lambda: (yield))\n"
        + "match x:\n    case {'a': [1, *_], **rest} | A(n=1): pass\n"
        + "f'{x=}{{}}{y:{z}.3f}'; b'\\xff'; ...\n"
    )
    plain = bare(source).splitlines()[-7:]
    assert hashlib.sha256("\n".join(plain).encode("ascii")).hexdigest()[:16] == "2e7bde16d9d3c207"


def test_cells_after_the_last_record_and_text_do_not_change_it(of):
    assert of([*lesson(), new_markdown_cell("So it is."), code("scores.claim('It wins.', len, table='t')")]) == of(
        lesson()
    )


def test_a_cell_before_the_last_record_does(of):
    cells = lesson()
    assert of([*cells, code("y = 3"), code(RECORD)]) != of([*cells, code("y = 4"), code(RECORD)])
    assert of([*cells, code(RECORD)]) != of(cells)


def test_other_tags_do_not_hide_a_cell(of):
    cells = lesson()
    cells.insert(3, code("y = 3", "restore", "machinery"))
    assert of(cells) != of(lesson())


IMPORTS = {
    "from helpers import scores, series": "series.week()",
    "from helpers import scores\nfrom helpers import series as made": "made.week()",
    "from helpers import scores\nfrom helpers.series import week": "week()",
    "from helpers import scores\nimport helpers.series": "helpers.series.week()",
    "from helpers import scores\nimport helpers.series as made": "made.week(2)",
    "from helpers import scores, series\nhanded_on = series": "handed_on.week()",
}


def using(imports, call):
    cells = lesson(imports)
    cells[3] = code(MODEL + f"\ndays = {call}")
    return cells


@pytest.mark.parametrize("imports", IMPORTS)
def test_a_helper_that_is_used_in_any_form_changes_it(of, imports):
    cells = using(imports, IMPORTS[imports])
    before = of(cells)
    (of.helpers / "series.py").write_text(SERIES.replace("WEEK = 7", "WEEK = 8"))
    assert of(cells) != before


WORDS = {
    "a docstring": ('"""Series."""', '"""Series, and more."""\n# of the course'),
    "the words of an error": ("take more.", "a week has at least one."),
    "a type": ("days: int = WEEK) -> int", "days: float = WEEK) -> float"),
    "a function that is not used": ("FILE.read_bytes()", "FILE.read_text()"),
    "one more function": ("def week", "def month():\n    return 30\n\n\ndef week"),
}


@pytest.mark.parametrize("what", WORDS)
def test_what_no_result_depends_on_in_a_helper_does_not_change_it(of, what):
    cells = using("from helpers import scores, series", "series.week()")
    before = of(cells)
    assert WORDS[what][0] in SERIES
    (of.helpers / "series.py").write_text(SERIES.replace(*WORDS[what]))
    assert of(cells) == before


def test_what_acts_on_a_whole_helper_changes_it(of):
    cells = using("from helpers import scores, series", "series.week()")
    before = of(cells)
    (of.helpers / "series.py").write_text(SERIES + "\nweek.__defaults__ = (8,)\n")
    assert of(cells) != before


def test_a_helper_that_a_helper_uses_changes_it(of):
    cells = using("from helpers import baselines, scores", "baselines.naive()")
    before = of(cells)
    (of.helpers / "arima.py").write_text("ORDER = 2\n")
    assert of(cells) != before


def test_a_new_helper_is_not_forgotten(of):
    (of.helpers / "words.py").write_text("def split(text):\n    return text.split()\n")
    cells = using("from helpers import scores, words", "words.split('a b')")
    before = of(cells)
    (of.helpers / "words.py").write_text("def split(text):\n    return text.split(' ')\n")
    assert of(cells) != before


def test_a_package_of_helpers_is_refused_by_name(of):
    (of.helpers / "corpora").mkdir()
    with pytest.raises(ValueError, match="'corpora' is a package"):
        of(using("from helpers import corpora, scores", "corpora.load()"))


@pytest.mark.parametrize("name", ["baselines", "arima", "training", "plots", "labs"])
def test_other_helpers_do_not_change_it(of, name):
    cells = lesson("from helpers import baselines, labs, plots, scores, series, training")
    cells[3] = code(MODEL + "\ntraining.lab()\nplots.lab()\nlabs.lab()")
    before = of(cells)
    (of.helpers / f"{name}.py").write_text("CHANGED = True\n")
    assert of(cells) == before


def test_splitting_words_in_another_way_changes_the_methods_of_the_tokenizer_lesson(tmp_path):
    """The module that a list of helpers once left out."""
    shutil.copytree(ROOT / "helpers", tmp_path / "helpers", ignore=shutil.ignore_patterns("fonts", "results", "__py*"))
    notebook = tmp_path / "13_tokenization.ipynb"
    cells = using("from helpers import scores, tokens", "tokens.methods('나는', {})")
    nbformat.write(new_notebook(cells=cells), notebook)
    before = fingerprint(notebook, root=tmp_path)
    path = tmp_path / "helpers" / "tokens.py"
    source = path.read_text(encoding="utf-8")
    assert ".lower()" in source
    path.write_text(source.replace(".lower()", ".upper()"), encoding="utf-8")
    assert fingerprint(notebook, root=tmp_path) != before


def test_data_change_it_where_they_are_read_and_only_there(of):
    reading = with_model(MODEL + "frame = series.load_traffic()")
    read, unread = of(reading), of(lesson())
    (of.helpers / "data" / "traffic_hourly.csv.gz").write_bytes(b"1,2,4")
    (of.helpers / "data" / "README.md").write_text("# Other words")
    assert of(reading) != read
    assert of(lesson()) == unread


def test_a_notebook_without_records_has_no_result_cells(tmp_path):
    path = tmp_path / "a.ipynb"
    nbformat.write(new_notebook(cells=lesson()[:4]), path)
    assert result_cells(path) == []


@pytest.mark.parametrize("module", [names, plain], ids=lambda module: module.__name__)
def test_doctests_run(module):
    failed, attempted = doctest.testmod(module)
    assert failed == 0
    assert attempted


def test_a_draw_that_a_replication_makes_anew_is_to_a_study_the_published_one(of):
    cells = [code("from helpers import runtime", "bootstrap"), *lesson()[2:]]
    cells[2] = code(MODEL + "x = forecast(42)")
    before = of(cells)
    cells[2] = code(MODEL + "x = forecast(runtime.data_seed(42))")
    assert of(cells) == before
    cells[2] = code(MODEL + "x = forecast(runtime.data_seed(43))")
    assert of(cells) != before
