"""Confirming a study: one run renews the fingerprint when all rows agree, and nothing else does."""

from __future__ import annotations

import json

import pytest

from studies import confirm, run, runner
from studies.fingerprint import fingerprint
from tests.support.studies import NOTE, code, entry, finished, ran, row, write


def kept(value=1.0, seeds=(1.0, 2.0), unit="MSE", name="r", **figures):
    """A row as results keep it; seed 0 has ``figures`` beside its value."""
    rows = {str(seed): {"value": each} for seed, each in enumerate(seeds)}
    rows["0"] |= {"value": value} | figures
    return {"table": "t", "row": name, "settings": {}, "unit": unit, "seeds": rows}


def line(value=1.0, unit="MSE", name="r", **figures):
    """A row as a run records it."""
    return entry(value, name) | {"unit": unit, "figures": {"value": value, "seconds": 3.0, "params": None} | figures}


AGREE = [
    (kept(), line(), True),
    (kept(), line(1 + 5e-7), True),
    (kept(), line(1.5), False),  # in the range
    (kept(params=480, test=2.0), line(params=480, test=2.0), True),
    (kept(seconds=9.0), line(), True),
    (kept(unit="s"), line(99.0, unit="s"), True),
]


@pytest.mark.parametrize(("old", "new", "same"), AGREE)
def test_rows_that_agree(old, new, same):
    assert confirm.differences([old], [new], same=same) == []


DIFFER = [
    ([kept()], [line(1 + 5e-6)], True, "value is 1.000005; the study has 1.0 to 1e-06"),
    ([kept()], [line(9.0)], False, "value is 9.0; the study has"),
    ([kept(params=480)], [line(params=481)], False, "params is 481; the study has 480"),
    ([kept(params=480)], [line()], True, "params is None; the study has 480"),
    ([kept(test=2.0)], [line(test=2.1)], True, "test is 2.1; the study has 2.0"),
    ([kept(test=2.0)], [line()], False, "test is None; the study has 2.0"),
    ([kept()], [line(unit="MAE")], True, "was not recorded"),
    ([kept()], [line(), line(name="new")], True, "'new' of table 't' in MSE is new"),
    ([kept(), kept(name="old")], [line()], True, "'old' of table 't' in MSE was not recorded"),
    ([kept()], [line(), line()], True, "was recorded twice"),
]


@pytest.mark.parametrize(("old", "new", "same", "said"), DIFFER)
def test_rows_that_differ_are_named(old, new, same, said):
    assert said in " ".join(confirm.differences(old, new, same=same))


def test_other_settings_make_another_row():
    new = line() | {"settings": {"T": 50}}
    assert len(confirm.differences([kept()], [new], same=True)) == 2


def test_code_in_another_order_is_confirmed_by_one_run(course, capsys):
    notebook = write(course, "03_tiny", code("a = 1"), code("b = 2"), code(NOTE), row("seed + a + b"))
    for seed in range(2):
        finished(course, seed, entry(seed + 3.0, T=50))
    assert run.main(["03"]) == 0
    path = course / "helpers" / "results" / "03_tiny.json"
    before = json.loads(path.read_text())

    assert run.main(["--confirm", "03"]) == 0
    assert "nothing to confirm" in capsys.readouterr().out
    assert ran(course) == []

    write(course, "03_tiny", code("b = 2"), code("a = 1"), code(NOTE), row("seed + a + b"))
    assert run.main(["--confirm", "03"]) == 0
    assert "03_tiny: confirmed under seed 0." in capsys.readouterr().out
    assert ran(course) == ["0"]
    after = json.loads(path.read_text())
    assert after["fingerprint"] == fingerprint(notebook) != before["fingerprint"]
    assert after["confirmed"]["seed"] == 0
    assert after["confirmed"]["machine"] == runner.made_by(notebook)["machine"]
    assert after["rows"] == before["rows"]

    write(course, "03_tiny", code("b = 3"), code("a = 1"), code(NOTE), row("seed + a + b"))
    assert run.main(["--confirm", "03"]) == 1
    out = capsys.readouterr().out
    assert "computes something else; run `make study LESSON=03`" in out
    assert "value is 4.0; the study has 3.0" in out
    assert json.loads(path.read_text()) == after


def test_without_a_study_there_is_nothing_to_confirm(course, capsys):
    write(course, "03_tiny", row())
    assert run.main(["--confirm", "03"]) == 1
    assert (
        "Nothing can be confirmed: 03_tiny.json does not exist yet: run `make study LESSON=03`"
        in capsys.readouterr().err
    )


def test_a_study_that_does_not_name_its_processor_is_of_another_machine():
    versions = {"keras": "3"}
    present = {"machine": {"processor": "P"}, "versions": versions | {"sentencepiece": "1"}}
    assert confirm._same({"machine": {"processor": "P"}, "versions": versions}, present)
    assert not confirm._same({"machine": {}, "versions": versions}, present)
    assert not confirm._same({"machine": {"processor": "P"}, "versions": {"keras": "2"}}, present)
