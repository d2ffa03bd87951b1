"""The benchmarks' arithmetic, what they keep between runs, and the trainings that they cut out of the lessons."""

from __future__ import annotations

import argparse
import ast
import math
import re

import ipywidgets as widgets
import nbformat
import numpy as np
import pytest
import traitlets

from benchmarks import lab_timer, measured, notebooks, report, training
from benchmarks.lessons import training as cut_out
from helpers.labs.framework.controls import Choice, Control, Slider
from helpers.labs.framework.lab import Invalid, Lab
from tools.notebooks import ROOT, find
from tools.trainings import trainings


def run(errors, seconds, total=None):
    return {"errors": errors, "seconds": seconds, "total": seconds[-1] if total is None else total}


ROW = training.Row("a row", 0.0072, "09", "history")


def test_an_error_counts_as_reached_when_it_rounds_to_the_published_one():
    assert measured.first_at_or_below([0.00726, 0.00724, 0.001], 0.0072) == 1
    assert measured.first_at_or_below([0.00726], 0.0072) is None
    assert training.to_error(ROW, run([0.02, 0.00724], [3.0, 4.5])) == 4.5
    assert training.to_error(ROW, run([0.02, 0.02], [3.0, 4.5])) is None


def test_a_median_of_runs_of_which_one_never_arrived():
    assert measured.median_time([5.0, None, 4.0]) == 5.0
    assert math.isinf(measured.median_time([5.0, None, None]))


def test_ratios_say_how_many_times_longer_the_others_take():
    assert measured.ratio(2.0, 12.0) == 6.0
    assert math.isnan(measured.ratio(math.inf, 12.0))
    assert measured.geometric_mean([1.5, 24.0]) == pytest.approx(6.0)


def test_a_row_from_its_runs():
    runs = {
        "course": [run([0.01, 0.007], [4.0, 5.0])] * 2 + [run([0.01, 0.01], [4.0, 5.0])],
        "jax": [run([0.007], [6.0])] * 3,
        "notes": [run([0.01, 0.007, 0.006], [10.0, 20.0, 30.0], 30.5)] * 3,
        "torch": [run([0.007], [3.0])] * 3,
    }
    found = training.result(ROW, runs)
    assert (found.course, found.course_epochs, found.jax, found.jax_epochs) == (5.0, 2, 6.0, 1)
    assert (found.all_epochs, found.to_error, found.to_error_epochs) == (30.5, 20.0, 2)
    assert found.reached == {"course": 2}
    cells = training.cells(ROW, found)
    assert cells[:4] == ["a row", "6.1", "4.0", "1.20"]
    epochs = [cell for name, cell in zip(training.HEADER, cells, strict=True) if name == "epochs"]
    assert epochs == ["2 (2 did)", "2", "1", "–"]
    never = training.result(ROW, runs | {"notes": [run([0.01], [10.0])] * 3})
    assert training.epochs_text(never, "notes") == "– (0 did)"


def result(course=5.0, jax=6.0, all_epochs=35.0, to_error=20.0):
    return training.Result(course, 2, jax, 2, all_epochs, to_error, 2, {})


def test_where_the_recipe_never_arrives_its_twenty_epochs_count():
    assert training.cells(ROW, result(to_error=math.inf))[1:4] == ["7.0", "> 7.0", "1.20"]
    assert [goal.met for goal in training.goals({"a row": result(to_error=math.inf)})] == [True] * 4


def test_goals_name_what_misses_them():
    mean, least, before, jax = training.goals({"quick": result(), "slow": result(course=20.0)})
    assert (mean.found, mean.met) == ("3.5", False)
    assert (least.found, least.met) == ("1.8 (slow)", False)
    assert (before.found, before.met) == ("2.0", True)
    assert (jax.found, jax.met) == ("0.60", False)


def test_a_row_that_the_course_never_reaches_fails_all_its_goals():
    goals = training.goals({"quick": result(), "never": result(course=math.inf)})
    assert not any(goal.met for goal in goals)
    assert "1 rows never reach" in goals[0].found
    assert training.cells(ROW, result(course=math.inf))[1] == "not reached"


def test_where_the_seconds_of_trainings_go():
    runs = {"course": [run([1, 1, 1], [2.0, 2.5, 3.0]), run([1], [4.0])], "jax": [run([1, 1], [6.0, 6.25])] * 2}
    assert training.epoch_cells("a row", runs) == ["a row", "2.0", "0.50", "3.00", "6.00", "0.50", "0.25"]
    assert training.at_equal_epochs(result(), runs) == pytest.approx((6 + 0.25) / (3 + 0.5))


def test_words_choose_by_name_in_whatever_case_and_must_mean_something(capsys):
    parser = argparse.ArgumentParser()
    assert [row.name for row in measured.chosen(parser, training.ROWS, ["lstm"])] == ["ten steps: LSTM 20-20"]
    assert measured.chosen(parser, training.ROWS, []) == list(training.ROWS)
    with pytest.raises(SystemExit):
        measured.chosen(parser, training.ROWS, ["LSTM", "lstmm"])
    assert "nothing is called lstmm; there are: one step: Dense(1);" in capsys.readouterr().err


def test_comments_are_no_reason_to_measure_again_and_code_and_other_files_are(tmp_path):
    code, lock = tmp_path / "code.py", tmp_path / "a.lock"
    lock.write_text("# one")

    def found(text):
        code.write_text(text)
        return measured.fingerprint(files=[code, lock], packages=())

    first = found('"""One."""\nx = 1  # one\n')
    assert found('"""Another."""\n\nx = 1\n') == first
    assert found("x = 2") != first
    lock.write_text("# two")
    assert found("x = 1") != first


def test_another_processor_is_a_reason_to_measure_again(monkeypatch):
    first = measured.fingerprint("text", packages=())
    monkeypatch.setattr(measured, "processor", lambda: "another")
    assert measured.fingerprint("text", packages=()) != first


def test_a_variable_of_the_shell_that_changes_trainings_reaches_no_measurement(monkeypatch):
    names = ["XLA_FLAGS", "JAX_COMPILATION_CACHE_DIR", "TF_OWN"]
    for name in names:
        monkeypatch.setenv(name, "of the shell")
    script = f"import json, os; print(json.dumps([os.environ.get(name) for name in {names}]))"
    assert measured.child(["-c", script], None, TF_OWN="1") == [None, None, "1"]


def test_what_was_measured_is_not_measured_again_until_the_code_changes(tmp_path):
    calls = []

    def measure():
        calls.append(1)
        return {"seconds": len(calls)}

    assert measured.measured("part", "LSTM 20-20, seed 0", "one", measure, tmp_path) == {"seconds": 1}
    assert measured.measured("part", "LSTM 20-20, seed 0", "one", measure, tmp_path) == {"seconds": 1}
    assert measured.measured("part", "LSTM 20-20, seed 1", "one", measure, tmp_path) == {"seconds": 2}
    assert measured.measured("part", "LSTM 20-20, seed 0", "two", measure, tmp_path) == {"seconds": 3}


def test_a_measurement_that_fails_or_is_half_written_leaves_nothing(tmp_path):
    with pytest.raises(ZeroDivisionError):
        measured.measured("part", "name", "one", lambda: 1 / 0, tmp_path)
    assert not list(tmp_path.rglob("*.json"))
    (tmp_path / "part").mkdir(exist_ok=True)
    (tmp_path / "part" / "name.json").write_text('{"code": "one", ')
    assert measured.measured("part", "name", "one", lambda: 5, tmp_path) == 5


def test_a_failure_is_noted_and_the_rest_is_measured(capsys):
    failures = []
    with measured.go_on(failures, "LSTM"):
        raise ValueError("too long")
    with measured.go_on(failures, "GRU"):
        pass
    assert "FAILED LSTM: ValueError: too long" in capsys.readouterr().err
    with pytest.raises(RuntimeError, match="1 failed"):
        measured.end("training", failures)
    measured.end("training", [])


def test_sections_are_replaced_one_by_one_and_what_users_read_is_the_first_page(tmp_path):
    report.write_section("Notebooks", "Once.", ["a", "b"], [["1", "2"]], tmp_path)
    report.write_section("Published errors", "First.", ["a"], [["3"]], tmp_path)
    report.write_section("Notebooks", "Twice.", ["a", "b"], [["4", "5"]], tmp_path)
    report.write_section("Labs", "Moved.", ["a"], [["6"]], tmp_path)
    report.write_goals("Notebooks", [report.Goal("longest", "≤ 2 s", "1 s", True)], tmp_path)
    report.write_goals("Published errors", [report.Goal("ratio", "≥ 2", "1.8", False)], tmp_path)
    front, details = ((tmp_path / name).read_text(encoding="utf-8") for name in ("README.md", "details.md"))
    assert re.findall("^## (.*)", front, re.MULTILINE) == ["Published errors", "Notebooks"]
    assert re.findall("^## (.*)", details, re.MULTILINE) == ["Goals", "Labs"]
    assert "Once." not in front
    assert "| Published errors: ratio | ≥ 2 | 1.8 | **no** |\n| Notebooks: longest | ≤ 2 s | 1 s | yes |" in details


def test_trainings_of_a_notebook_are_read_from_the_lines_that_they_leave():
    text = "LSTM: 20 epochs in 15.2 s: loss 0.0031\nstopped after 3 of 20 epochs in 2.0 s\nin 5 s"
    cell = nbformat.v4.new_code_cell("fit", outputs=[nbformat.v4.new_output("stream", text=text)])
    found = trainings(nbformat.v4.new_notebook(cells=[cell]))
    assert found == [("LSTM: 20 epochs", 15.2), ("stopped after 3 of 20 epochs", 2.0)]


def cost(**figures):
    return {
        "seconds": 80.0,
        "first_figure": 2.9,
        "peak_mb": 900,
        "trainings": [["20 epochs", 9.0]],
        "labs": [],
    } | figures


def test_goals_of_notebooks_and_labs():
    lab = {"lab": "unroll", "moved": 20.0, "released": None, "fresh": 90.0, "interact": 100.0}
    fits = [["20 epochs", 9.0], ["20 epochs", 4.0]]
    found = {
        "01_sequences": cost(trainings=[]),
        "03_simple_rnn": cost(first_figure=9.0, seconds=130.0, labs=[lab], trainings=fits),
    }
    of_notebooks, of_labs = notebooks.goals(found)
    assert [(goal.what, goal.met) for goal in of_notebooks] == [
        ("longest", False),
        ("largest peak", True),
        ("longest training", True),
        ("first figure of 01_sequences", True),
    ]
    assert of_notebooks[2].found == "9.0 s (03 20 epochs)"
    assert [(goal.found, goal.met) for goal in of_labs] == [
        ("5.0; smallest 5.0 (03 unroll)", True),
        ("20 ms (03 unroll)", True),
    ]
    assert notebooks.notebook_cells("03", found["03_simple_rnn"]) == [
        "03",
        *("1.08", "0.60"),
        *("130", "9.0", "9.0", "900"),
    ]


def test_a_notebooks_figures_are_medians_of_its_runs():
    runs = [cost(seconds=seconds, peak_mb=peak) for seconds, peak in ((80.0, 900), (95.0, 880), (84.0, 910))]
    runs[0]["labs"] = ["timed in the first run"]
    found = notebooks.median(runs)
    assert (found["seconds"], found["peak_mb"], found["first_figure"]) == (84.0, 900, 2.9)
    assert found["trainings"] == [("20 epochs", 9.0)]
    assert found["labs"] == ["timed in the first run"]
    assert notebooks.median([cost(first_figure=None, trainings=[])])["first_figure"] is None
    with pytest.raises(ValueError, match="trained different things"):
        notebooks.median([cost(), cost(trainings=[])])


def draw(fig, data):
    ax = fig.subplots()
    return {"line": ax.plot(data)[0]}


def update(artists, data, *, shift, kind, words):
    if words == "w":
        raise Invalid("one letter is no sentence")
    artists["line"].set_ydata(data + shift)
    return f"shifted by {shift}, {kind}, {words}"


def broken(artists, data, *, shift, kind, words):
    return f"{1 / (3 - shift)}, {kind}, {words}"


class Row(widgets.VBox):
    """A control that interact does not take."""

    value = traitlets.Unicode("words to move")


class Words(Control):
    def widget(self):
        return Row()


def test_a_lab_is_timed_on_all_kinds_of_controls_and_left_as_it_was(monkeypatch, capsys):
    monkeypatch.setattr("benchmarks.lab_timer.PLACES", 3)
    monkeypatch.setattr("benchmarks.lab_timer.BACKEND", "agg")
    controls = {
        "shift": Slider("shift", 1, minimum=0, maximum=3),
        "kind": Choice("kind", "a", options=["a", "b"], on_release=True),
        "words": Words("words", "words to move"),
    }
    lab = Lab("tried", tasks=["Move."], draw=draw, update=update, data=np.arange(5.0), controls=controls)
    found = lab_timer.times(lab)
    assert found["lab"] == "tried"
    assert all(found[kind] > 0 for kind in ("moved", "released", "fresh", "interact"))
    assert lab.values() == {"shift": 1, "kind": "a", "words": "words to move"}
    printed = capsys.readouterr().out
    assert "shifted by 3, a, words to move" in printed
    assert "one letter is no sentence" in printed
    lab.update = lambda artists, data, **values: 1 / 0  # behind interact alone
    with pytest.raises(ZeroDivisionError):
        lab_timer.times(lab)
    lab = Lab("broken", tasks=["Move."], draw=draw, update=broken, data=np.arange(5.0), controls=controls)
    with pytest.raises(RuntimeError, match=r"'broken' at .*ZeroDivisionError"):
        lab_timer.times(lab)


def test_a_labs_ratio_is_of_the_redraws_while_dragging_or_else_on_release():
    assert notebooks.faster({"moved": 20.0, "released": 90.0, "interact": 100.0}) == 5.0
    assert notebooks.faster({"moved": None, "released": 50.0, "interact": 100.0}) == 2.0


@pytest.mark.parametrize("row", training.ROWS, ids=lambda row: row.name)
def test_each_rows_training_is_found_in_its_lesson(row):
    lesson = cut_out(*find([row.lesson]), row.history)
    assert "tensorflow" not in lesson.setup, "the JAX environment has none"
    setup, cell = ast.parse(lesson.setup), ast.parse(lesson.cell)
    at_once = [node for node in setup.body if not isinstance(node, (ast.FunctionDef, ast.ClassDef))]
    assert not trainings_in(at_once), "the setup trains a model of another row"
    called = [node for node in cell.body if not isinstance(node, ast.FunctionDef)]
    assert len([name for name in trainings_in(called) if name != "grid"]) == 1, "the first fit ends the cell"


def trainings_in(statements):
    """The calls among statements by which the lessons train."""
    calls = [node for one in statements for node in ast.walk(one) if isinstance(node, ast.Call)]
    functions = [ast.unparse(call.func) for call in calls]
    names = [name.split(".")[-1] for name in functions if not name.startswith("baselines.")]
    return [name for name in names if name in ("fit", "grid") or name.startswith("train")]


def test_a_training_is_cut_out_with_what_it_needs_and_nothing_else(tmp_path):
    cells = [
        "import keras\nfrom helpers import plots, series",
        "X = series.load()\nY = X + 1\nprint(X)",
        "for rate in [1, 2]:\n    other = keras.fit(X, rate)",
        "def train(rate):\n    return keras.fit(X, Z, rate)",
        "Z = 3",
        "for rate in [1]:\n    history = train(rate)\nplots.show(history)",
    ]
    path = tmp_path / "99_test.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells]), path)
    lesson = cut_out(path, "history")
    assert lesson.setup.splitlines() == [
        "import keras",
        "from helpers import series",
        "X = series.load()",
        "def train(rate):",
        "    return keras.fit(X, Z, rate)",
        "Z = 3",
    ]
    assert lesson.cell == "for rate in [1]:\n    history = train(rate)"
    with pytest.raises(LookupError, match="no cell that sets 'nothing'"):
        cut_out(path, "nothing")


def test_both_environments_hold_the_same_keras_and_numpy():
    locks = [(ROOT / name).read_text(encoding="utf-8") for name in ("requirements.lock", "benchmarks/jax.lock")]
    for package in ("keras", "numpy"):
        main, jax = ([line for line in lock.splitlines() if line.startswith(f"{package}==")] for lock in locks)
        assert main == jax != []
