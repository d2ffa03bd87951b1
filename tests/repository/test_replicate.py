"""Replication: the lessons' own claims, tried on fresh seeds and fresh data, and the page about them."""

from __future__ import annotations

import doctest
import json
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_notebook

from helpers import scores
from studies import page, replicate, run, runner
from studies.claims import claims_of, code_of_claims
from tests.support.studies import NOTE, code, ran, write

CLAIMS = """
#@title What the study found
LIMIT = 3
scores.claim("The seed is below three.", lambda value: value("r", T=50) < LIMIT, table="t")
scores.claim("It is positive.", lambda value: value("r", T=50) >= 0, table=["t", "u"])
"""


def lesson(course, *, claims=CLAIMS, value="seed"):
    return write(
        course,
        "03_tiny",
        code(NOTE),
        code("assert seed < 5, 'a published value'"),
        code("drawn = runtime.data_seed(42)"),
        code(f'scores.record("r", table="t", value={value}, unit="MSE", T=50)'),
        code('scores.record("drawn", table="t", value=drawn, unit="MSE")'),
        code(claims, "machinery"),
    )


@pytest.fixture
def studied(course, monkeypatch):
    """A lesson with the results of its study."""
    monkeypatch.setattr(scores, "RESULTS", course / "helpers" / "results")
    scores.read.cache_clear()
    notebook = lesson(course)
    assert run.main(["03"]) == 0
    (course / "notebooks" / "log").unlink()
    yield notebook
    scores.read.cache_clear()


def kept(course) -> dict:
    return json.loads((course / "studies" / "replications" / "03_tiny.json").read_text())


def test_a_replication_takes_fresh_seeds_and_data_and_then_the_next(course, studied, capsys):
    assert replicate.main(["03"]) == 0
    assert ran(course) == ["5", "6"]
    first = kept(course)
    assert first["data_seeds"] == [1005, 1006]
    assert [claim["study"] for claim in first["claims"]] == [{"0": True, "1": True}] * 2
    assert [claim["replication"] for claim in first["claims"]] == [
        {"5": False, "6": False},
        {"5": True, "6": True},
    ]
    values = {row["row"]: [seed["value"] for seed in row["seeds"].values()] for row in first["rows"]}
    assert values["r"] == [5.0, 6.0]
    assert len({42.0, *values["drawn"]}) == 3  # drawn anew, otherwise under each seed
    text = (course / "replication.md").read_text()
    assert "| The seed is below three. | ●● 2 of 2 | ○○ 0 of 2 ⚠ |" in text
    assert "Round 1 of this lesson." in text
    assert not (course / "helpers" / "results" / "03_tiny.json").read_text().count("1005")

    assert replicate.main(["03"]) == 0  # nothing has changed, nothing is run
    assert ran(course) == ["5", "6"]
    assert kept(course) == first

    lesson(course, claims=CLAIMS.replace("LIMIT = 3", "LIMIT = 9"))  # a claim was changed after it was seen to fail
    assert replicate.main(["03"]) == 0
    assert ran(course) == ["5", "6", "7", "8"]
    assert kept(course)["data_seeds"] == [1007, 1008]
    assert json.loads((course / "studies" / "replications" / "spent.json").read_text()) == {"03_tiny": [[5, 6]]}
    text = (course / "replication.md").read_text()
    assert "| The seed is below three. | ●● 2 of 2 | ●● 2 of 2 ⚠ |" in text  # of two seeds no claim has four
    assert "Round 2 of this lesson; spent: 5 to 6." in text


def test_a_claim_about_a_row_that_no_study_has_is_reported_in_a_sentence(course, studied, capsys):
    lesson(course, claims=CLAIMS.replace('"r", T=50', '"q"'))
    assert replicate.main(["03"]) == 1
    assert "A claim cannot be tried: the study has no row 'q'" in capsys.readouterr().err


def notebook(tmp_path: Path, *cells) -> Path:
    path = tmp_path / "05_claims.ipynb"
    nbformat.write(new_notebook(cells=list(cells)), path)
    return path


IMPORT = "from helpers import scores, training"
NEEDS = [
    "scores.claim('It.', lambda a: a('x') > LIMIT, table='t')",
    "both = {'table': ('t', 'u')}\nscores.claim('It.', lambda a: a('x') > LIMIT, **both)",
    "def ratio(a, name):\n    return a(name) / LIMIT\nscores.claim('It.', lambda a: ratio(a, 'x') > 1, table='t')",
    "for text in ['It.']:\n    scores.claim(text, lambda a: a('x') > LIMIT, table='t')",
    "claims = {}\nclaims['It.'] = lambda a: a('x') > LIMIT\nfor a in claims: scores.claim(a, claims[a], table='t')",
    "claims = []\nclaims.append('It.')\nfor mse in claims: scores.claim(mse, lambda a: a('x') > LIMIT, table='t')",
]


@pytest.mark.parametrize("source", NEEDS)
def test_claims_are_made_by_the_statements_that_they_need_and_no_others(tmp_path, source):
    path = notebook(
        tmp_path,
        code("raise SystemError('the bootstrap')", "bootstrap"),
        code(IMPORT),
        code("LIMIT = 1\nLIMIT += 1"),
        code("raise SystemError('a training')\nmse = train()"),
        code("mse = mse.train()"),
        code(source),
    )
    (claim,) = claims_of(path)
    assert claim.sentence == "It."
    rows = [scores.Row("t", "x", {}, "MSE", {"5": {"value": 2.5}, "6": {"value": 1.5}})]
    assert claim.under(["5", "6"], rows) == {"5": True, "6": False}
    assert claim.needs([*rows, scores.Row("t", "y", {}, "MSE", {"5": {"value": 1.0}})]) == rows


def test_another_limit_makes_other_claims_and_another_training_does_not(tmp_path):
    def of(limit=1, epochs=20):
        cells = [code(IMPORT), code(f"LIMIT = {limit}"), code(f"mse = train({epochs})"), code(NEEDS[0])]
        return code_of_claims(notebook(tmp_path, *cells))

    assert of() == of(epochs=21)
    assert of() != of(limit=2)


def test_assertions_are_left_out_where_data_are_drawn_anew():
    source = "def f():\n    assert True\n\nassert published == [\n    1,\n]\nx = 1"
    assert runner.without_assertions(source) == "def f():\n    assert True\n\n\n\n\nx = 1"


def test_the_claims_of_all_lessons_are_found_without_a_training():
    """A lesson's own test holds that they hold; here every claim of every notebook gives a truth for each seed."""
    study = list(scores.studied().values())
    for path in sorted(run.NOTEBOOKS.glob("0[0-4]*.ipynb")):
        claims = claims_of(path)
        assert len(claims) == sum("scores.claim(" in line for line in _code(path)), path.stem
        assert all(sum(claim.under("01234", study).values()) >= page.ENOUGH for claim in claims), path.stem


def _code(path: Path) -> list[str]:
    cells = nbformat.read(path, as_version=4).cells
    return [line for cell in cells if cell.cell_type == "code" for line in cell.source.splitlines()]


@pytest.mark.parametrize("module", [page, runner], ids=lambda module: module.__name__)
def test_doctests_run(module):
    failed, attempted = doctest.testmod(module)
    assert failed == 0
    assert attempted


def test_the_committed_page_is_that_of_the_kept_replications():
    assert replicate.PAGE.read_text(encoding="utf-8") == page.of(replicate.kept(), replicate.spent())
