"""helpers.scores: what is recorded, shown beside the study, held to it, and claimed from it."""

from __future__ import annotations

import json
import multiprocessing
import os

import numpy as np
import pytest
from matplotlib.figure import Figure

from helpers import plots, scores
from helpers.scores import rows, tables
from tests.support.sandbox import full_disk

#: One table as a study of five seeds leaves it: (row, settings, values, unit).
STUDY = [
    ("Naive", {}, [0.0202] * 5, "MSE"),
    ("Noise floor", {}, [0.00083] * 5, "MSE"),
    ("LSTM", {"T": 50}, [0.0030, 0.0031, 0.0029, 0.0032, 0.0028], "MSE"),
    ("LSTM", {"T": 100}, [0.0040, 0.0039, 0.0041, 0.0025, 0.0042], "MSE"),
    ("Wild", {}, [0.010, 0.020, 0.030, 0.040, 0.050], "MSE"),
]


@pytest.fixture(autouse=True)
def _reader(monkeypatch, tmp_path):
    """A reader's kernel: no study, no test, no results but those of a test."""
    for name in ("COURSE_SEED", "COURSE_TEST", "COURSE_RESULTS"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "results"
    folder.mkdir()
    monkeypatch.setattr(scores, "RESULTS", folder)
    monkeypatch.setattr(scores, "_mine", {})
    rows.read.cache_clear()


def study(measured=STUDY, *, lesson="03_simple_rnn", table="one step", seconds=2.0, params=480, extra=None):
    """Write the results of a study."""
    entries = [
        {
            "table": table,
            "row": row,
            "settings": settings,
            "unit": unit,
            "seeds": {
                str(seed): {"value": value, "seconds": seconds, "params": params} | (extra or {})
                for seed, value in enumerate(values)
            },
        }
        for row, settings, values, unit in measured
    ]
    (scores.RESULTS / f"{lesson}.json").write_text(json.dumps({"lesson": lesson, "rows": entries}))
    rows.read.cache_clear()


@pytest.fixture
def in_test(monkeypatch):
    monkeypatch.setenv("COURSE_TEST", "1")


@pytest.fixture
def in_study(monkeypatch, tmp_path):
    """A study run; gives the lines that it appended."""
    path = tmp_path / "recorded.jsonl"
    monkeypatch.setenv("COURSE_SEED", "2")
    monkeypatch.setenv("COURSE_RESULTS", str(path))
    return lambda: [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def record(value=0.003, row="LSTM", **more):
    settings = {"T": 50} if row == "LSTM" else {}
    scores.record(row, **{"table": "one step", "value": value, "unit": "MSE"} | settings | more)


# --- grid -----------------------------------------------------------------------------------------------------------


def test_a_reader_runs_the_readers_part_of_a_grid():
    assert list(scores.grid(reader=[50], study=[25, 50, 100])) == [50]


@pytest.mark.usefixtures("in_study")
def test_a_study_runs_all_of_a_grid():
    assert list(scores.grid(reader=[50], study=[25, 50, 100])) == [25, 50, 100]


@pytest.mark.usefixtures("in_test")
def test_a_test_runs_what_a_reader_runs():
    assert list(scores.grid(reader=["a"], study=["a", "b"])) == ["a"]


@pytest.mark.parametrize(("reader", "all_"), [([], [1]), ([1], []), ([], [])])
def test_an_empty_grid_is_refused(reader, all_):
    with pytest.raises(ValueError, match="at least one"):
        scores.grid(reader=reader, study=all_)


def test_a_reader_runs_nothing_that_the_study_does_not_know():
    with pytest.raises(ValueError, match=r"\[30\] are not in the study's"):
        scores.grid(reader=[30, 50], study=[25, 50])


# --- record ---------------------------------------------------------------------------------------------------------


def test_a_reader_may_record_anything_and_sees_it_beside_the_study():
    study()
    record(0.5)
    record(0.4, row="My own model")
    text = repr(scores.table("one step"))
    assert "0.500" in text
    assert "My own model" in text


def test_recording_again_replaces_the_readers_value():
    record(0.5)
    record(0.25)
    assert repr(scores.table("one step")).count("LSTM") == 1
    assert "0.250" in repr(scores.table("one step"))


def test_rows_of_one_name_differ_by_their_settings():
    record(0.5, T=50)
    record(0.4, T=100)
    assert {"LSTM (T = 50)", "LSTM (T = 100)"} <= {row[0] for row in scores.table("one step")._cells()}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), np.float32("nan")])
def test_a_value_that_is_not_finite_is_refused(value):
    with pytest.raises(ValueError, match=r"LSTM: the MSE is .* Did the training diverge"):
        record(value)


@pytest.mark.parametrize("value", [None, "good", [1, 2], np.zeros(2)])
def test_a_value_that_is_no_number_is_refused(value):
    with pytest.raises(TypeError, match="expected one number"):
        record(value)


@pytest.mark.parametrize("what", ["seconds", "params"])
def test_other_figures_are_finite_too(what):
    with pytest.raises(ValueError, match=f"the {what} is nan"):
        record(**{what: float("nan")})


@pytest.mark.parametrize("setting", [[1, 2], (1, 2), {"a": 1}, None, np.zeros(3), object()])
def test_a_setting_that_a_study_could_not_give_back_is_refused(setting):
    with pytest.raises(TypeError, match="the setting T is"):
        record(T=setting)


def test_settings_from_numpy_are_the_plain_ones():
    study()
    record(0.003, T=np.int64(50))
    assert len([row for row in scores.table("one step").rows if row[0].name == "LSTM"]) == 2


def test_a_reader_appends_nothing(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_RESULTS", str(tmp_path / "file"))
    monkeypatch.setenv("COURSE_SEED", "")
    record(test=lambda: pytest.fail("the test set is not for readers"))
    # without COURSE_SEED there is no study, whatever else is set
    assert not (tmp_path / "file").exists()


def test_a_study_appends_every_row_with_its_figures(in_study):
    record(np.float32(0.5), seconds=np.float64(2), params=np.int64(480), test=lambda: np.float32(0.25), T=np.int64(50))
    record(0.02, row="Naïve ±")
    first, second = in_study()
    assert first == {
        "table": "one step",
        "row": "LSTM",
        "settings": {"T": 50},
        "unit": "MSE",
        "figures": {"value": 0.5, "seconds": 2.0, "params": 480, "test": 0.25},
    }
    assert second["row"] == "Naïve ±"
    assert second["figures"]["seconds"] is None


def test_a_study_is_not_held_to_an_older_study(in_study, in_test):
    study()
    record(99.0)
    assert in_study()[0]["figures"]["value"] == 99.0


@pytest.mark.usefixtures("in_study")
def test_a_test_error_that_is_not_finite_is_refused():
    with pytest.raises(ValueError, match="on the test set is inf"):
        record(test=lambda: float("inf"))


def test_a_study_seed_without_a_file_records_in_memory_only(monkeypatch):
    monkeypatch.setenv("COURSE_SEED", "1")
    record(0.5)
    assert "0.500" in repr(scores.table("one step"))


def _writer(path: str, name: str, barrier) -> None:
    os.environ |= {"COURSE_SEED": "1", "COURSE_RESULTS": path}
    barrier.wait()
    for count in range(300):
        scores.record(f"{name} {'long ' * 50}", table="t", value=count, unit="MSE", count=count)


def test_lines_of_two_processes_stay_whole(tmp_path):
    path = tmp_path / "both.jsonl"
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(2)
    writers = [context.Process(target=_writer, args=(str(path), name, barrier)) for name in "ab"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0, 0]
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for name in "ab":
        assert [line["figures"]["value"] for line in lines if line["row"][0] == name] == list(range(300))


@pytest.mark.skipif(os.name != "posix", reason="the size of files is limited as on Linux and macOS")
def test_a_row_that_the_disk_takes_in_part_is_no_row(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_SEED", "1")
    monkeypatch.setenv("COURSE_RESULTS", str(tmp_path / "rows.jsonl"))
    record(0.5)
    room = (tmp_path / "rows.jsonl").stat().st_size + 20
    with full_disk(room), pytest.raises(OSError, match="could not take a whole row: is the disk full"):
        record(0.5)


# --- the range of a test run ----------------------------------------------------------------------------------------


def row_of(*values):
    return scores.Row("t", "r", {}, "MSE", {str(seed): {"value": value} for seed, value in enumerate(values)})


def test_the_range_is_30_percent_where_the_seeds_agree():
    assert row_of(10.0, 10.0, 10.0).range() == pytest.approx((7.0, 13.0))
    assert row_of(-10.0, -10.0).range() == pytest.approx((-13.0, -7.0))
    assert row_of(10.0).range() == pytest.approx((7.0, 13.0))


def test_the_range_is_four_deviations_where_they_do_not():
    assert row_of(9.0, 11.0).range() == pytest.approx((10 - 4 * 2**0.5, 10 + 4 * 2**0.5))


@pytest.mark.usefixtures("in_test")
@pytest.mark.parametrize(("row", "value"), [("Naive", 0.0142), ("Naive", 0.0262), ("LSTM", 0.0036), ("Wild", 0.09)])
def test_a_value_in_the_range_passes_a_test_run(row, value):
    study()
    record(value, row=row)


@pytest.mark.usefixtures("in_test")
@pytest.mark.parametrize(("row", "value"), [("Naive", 0.0141), ("Naive", 0.0263), ("LSTM", 0.0040), ("Wild", 0.094)])
def test_a_value_outside_the_range_fails_a_test_run_with_range_and_mean(row, value):
    study()
    with pytest.raises(AssertionError, match=r"is outside .* to .* the study of 5 seeds allows \(mean "):
        record(value, row=row)


@pytest.mark.usefixtures("in_test")
@pytest.mark.parametrize("changed", [{"T": 51}, {"table": "another"}, {"row": "GRU", "T": 50}])
def test_a_row_that_was_never_studied_fails_a_test_run(changed):
    study()
    with pytest.raises(AssertionError, match="never studied: run `make study`"):
        record(**changed)


@pytest.mark.usefixtures("in_test")
def test_another_unit_fails_a_test_run():
    study()
    with pytest.raises(AssertionError, match="the unit is 'RMSE', in the study it was 'MSE'"):
        record(unit="RMSE")


@pytest.mark.usefixtures("in_test")
def test_no_machine_is_held_to_the_seconds_of_another():
    study([("plain", {}, [3.0, 3.1, 3.0, 3.2, 3.1], "s")], table="one epoch")
    scores.record("plain", table="one epoch", value=300.0, unit="s")


# --- table and numbers ----------------------------------------------------------------------------------------------


def test_a_table_shows_the_study_and_you_worst_first():
    study()
    record(0.005, seconds=9, params=480)
    head, *body = scores.table("one step")._cells()
    assert head == ["one step", "MSE, 5 seeds", "seconds", "parameters", "MSE, you today"]
    assert [row[0] for row in body] == ["Wild", "Naive", "LSTM (T = 100)", "LSTM (T = 50)", "Noise floor"]
    assert body[3] == ["LSTM (T = 50)", "0.00300 (0.00280 to 0.00320)", "2.0", "480", "0.00500"]
    assert body[1][1] == "0.0202"  # no spread, none shown
    assert body[1][4] == "–"


def test_a_row_of_yours_alone_stands_in_the_table():
    record(0.005, row="Mine", seconds=9.04, params=1480)
    assert scores.table("one step")._cells()[1] == ["Mine", "–", "9.0", "1,480", "0.00500"]


def test_a_page_gets_a_markdown_table_and_a_terminal_lines():
    study()
    record(0.005, row="a|b")
    table = scores.table("one step")
    lines = table._repr_markdown_().splitlines()
    assert lines[1] == "| --- | ---: | ---: | ---: | ---: |"
    assert len(lines) == 2 + 6
    assert all(line.replace(r"\|", "").count("|") == 6 for line in lines)
    assert len(repr(table).splitlines()) == 7


def test_rows_of_several_lessons_make_one_table():
    study(STUDY[:2], lesson="02_baselines")
    study(STUDY[2:], lesson="03_simple_rnn")
    assert len(scores.table("one step").rows) == 5


def test_a_table_that_nobody_recorded_names_those_there_are():
    study()
    with pytest.raises(LookupError, match=r"no table 'one stop'; there are \['one step'\]"):
        scores.table("one stop")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0202114, "0.0202"),
        (257.9, "258"),
        (0, "0"),
        (-0.5, "-0.500"),
        (1, "1.00"),
        (0.99996, "1.00"),
        (9.999, "10.0"),
        (99.96, "100"),
        (12345.6, "12,346"),
        (8.3e-4, "0.000830"),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
    ],
)
def test_numbers_have_three_significant_digits(value, text):
    assert tables.three_digits(value) == text


# --- chart ----------------------------------------------------------------------------------------------------------


def test_a_chart_has_a_place_for_every_row_and_the_baselines_as_lines():
    study()
    record(0.005)
    fig = scores.chart("one step")
    assert isinstance(fig, Figure)
    ax = fig.axes[0]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["Wild", "LSTM (T = 100)", "LSTM (T = 50)"]
    upright = {line.get_label(): line.get_xdata()[0] for line in ax.lines if len(set(line.get_xdata())) == 1}
    assert upright["Naive"] == pytest.approx(0.0202)
    assert upright["Noise floor"] == pytest.approx(0.00083)
    (mine,) = [line for line in ax.lines if line.get_label() == "you, today"]
    assert (mine.get_xdata().tolist(), list(mine.get_ydata())) == ([0.005], [2])
    assert plots.to_png(fig)


def test_a_chart_of_your_rows_alone_is_drawn():
    record(0.005, row="Mine")
    record(0.02, row="Naive")
    fig = scores.chart("one step", log=False)
    assert [label.get_text() for label in fig.axes[0].get_yticklabels()] == ["Mine"]
    assert plots.to_png(fig)


def test_a_chart_shows_the_rungs_of_later_lessons_as_open():
    study(STUDY[2:3], lesson="03_simple_rnn")
    study(STUDY[3:4], lesson="08_lstm_and_gru")

    def names(fig):
        return [label.get_text() for label in fig.axes[0].get_yticklabels()]

    fig = scores.chart("one step", upto="03")
    assert names(fig) == ["?", "LSTM (T = 50)"]
    dots = [line for line in fig.axes[0].lines if line.get_label() == "study: a dot per seed"]
    assert [len(line.get_xdata()) for line in dots] == [5]
    assert names(scores.chart("one step", upto="08")) == ["LSTM (T = 100)", "LSTM (T = 50)"]
    record(0.004, T=100)  # a rung that you have climbed yourself is yours to see
    assert names(scores.chart("one step", upto="03"))[0] == "LSTM (T = 100)"


def test_a_chart_of_no_table_is_refused():
    with pytest.raises(LookupError, match="no table"):
        scores.chart("one step")


def test_a_chart_by_seconds_has_the_rows_with_seconds_and_the_baselines_as_lines():
    study()
    record(0.005, seconds=7.0, row="Mine")
    record(0.004, row="Closed form")
    fig = scores.chart_by_seconds("one step")
    names = {text.get_text() for text in fig.axes[0].texts}
    assert "Mine" in names
    assert not names & {"Naive", "Noise floor", "Closed form"}
    assert any(label.get_text().startswith("Naive, 0.02") for label in fig.axes[0].get_legend().get_texts())
    assert plots.to_png(fig)


def test_a_chart_by_seconds_without_seconds_is_refused():
    record(0.02, row="Closed form")
    with pytest.raises(ValueError, match="seconds"):
        scores.chart_by_seconds("one step")


# --- claims ---------------------------------------------------------------------------------------------------------


def claim(holds, sentence="The LSTM beats naive.", **more):
    scores.claim(sentence, holds, **{"table": "one step"} | more)


def test_a_claim_that_holds_in_every_seed_is_printed_with_a_dot_for_each(capsys):
    study()
    claim(lambda mse: mse("LSTM", T=50) < mse("Naive"))
    assert capsys.readouterr().out == "●●●●● The LSTM beats naive.\n"


def test_a_claim_about_what_no_seed_changes_says_so(capsys):
    study()
    claim(lambda mse: mse("Noise floor") < mse("Naive"), "Naive is above the floor.")
    claim(lambda mse: mse.params("LSTM", T=50) == 480, "It has 480 weights.")
    assert capsys.readouterr().out.splitlines() == [
        "the same under every seed: Naive is above the floor.",
        "the same under every seed: It has 480 weights.",
    ]


def test_a_claim_about_what_no_seed_changes_fails_as_any_other(capsys):
    study()
    with pytest.raises(AssertionError, match=r"0 of 5 seeds \(○○○○○\)"):
        claim(lambda mse: mse("Noise floor") > mse("Naive"))


def test_a_claim_that_looks_at_nothing_shows_its_dots(capsys):
    study()
    claim(lambda mse: True)
    assert capsys.readouterr().out == "●●●●● The LSTM beats naive.\n"


def test_the_dots_stand_in_the_order_of_the_seeds(capsys):
    study([("LSTM", {}, [float(seed != 10) for seed in range(11)], "MSE")])  # as texts, 10 comes before 2
    claim(lambda mse: mse("LSTM") == 1, "It is usually one.", at_least=4)
    assert capsys.readouterr().out == f"{'●' * 10}○ It is usually one.\n"


def test_a_claim_that_fails_in_one_seed_fails(capsys):
    study()
    with pytest.raises(AssertionError, match=r"holds in 4 of 5 seeds \(●●●○●\), not in 5: .*Change the sentence"):
        claim(lambda mse: mse("LSTM", T=50) < mse("LSTM", T=100))
    assert capsys.readouterr().out == ""


def test_a_claim_that_says_usually_needs_four(capsys):
    study()
    claim(lambda mse: mse("LSTM", T=50) < mse("LSTM", T=100), "A short memory usually wins.", at_least=4)
    assert capsys.readouterr().out == "●●●○● A short memory usually wins.\n"
    with pytest.raises(AssertionError, match="1 of 5"):
        claim(lambda mse: mse("LSTM", T=50) > mse("LSTM", T=100), "A long one usually wins.", at_least=4)


@pytest.mark.parametrize(
    ("sentence", "at_least"),
    [("It wins.", 4), ("It wins unusually often.", 4), ("It usually wins.", 3), ("It usually wins.", 0), ("No.", -1)],
)
def test_fewer_seeds_need_the_word_and_never_go_below_four(sentence, at_least):
    study()
    with pytest.raises(ValueError, match=f"at_least={at_least}"):
        claim(lambda mse: True, sentence, at_least=at_least)


def test_fewer_than_five_studied_seeds_support_no_claim():
    study([("Naive", {}, [0.02] * 4, "MSE")])
    with pytest.raises(AssertionError, match=r"4 of 4 seeds \(●●●●\), not in 5"):
        claim(lambda mse: mse("Naive") > 0)


@pytest.mark.parametrize("what", [0.5, np.float64(0.0), None, "yes", [True]])
def test_a_claim_is_true_or_false_and_nothing_that_only_looks_so(what):
    study()
    with pytest.raises(TypeError, match="expected True or False"):
        claim(lambda mse: what)


def test_a_comparison_of_numpy_numbers_is_a_claim(capsys):
    study()
    claim(lambda mse: np.float64(mse("LSTM", T=50)) > np.float64(0.001))
    assert capsys.readouterr().out.startswith("●●●●● ")


@pytest.mark.parametrize(("name", "settings"), [("GRU", {}), ("LSTM", {}), ("LSTM", {"T": 51}), ("Naive", {"T": 50})])
def test_a_row_that_is_missing_is_named_with_those_there_are(name, settings):
    study()
    with pytest.raises(LookupError, match=rf"no row '{name}' with .*LSTM \(T = 50\), Naive.*make study"):
        claim(lambda mse: mse(name, **settings) > 0)


def test_a_row_that_misses_a_seed_is_named_with_it():
    study([*STUDY, ("GRU", {}, [0.1, 0.2], "MSE")])
    with pytest.raises(LookupError, match="no value of 'GRU' for seed 2"):
        claim(lambda mse: mse("GRU") > 0)


def test_without_a_study_a_claim_says_how_to_get_one():
    with pytest.raises(LookupError, match=r"no study has recorded the table 'one step'.*make study"):
        claim(lambda mse: True)


def test_yours_of_today_supports_no_claim():
    record(0.005, row="Mine")
    with pytest.raises(LookupError, match="no study"):
        claim(lambda mse: mse("Mine") > 0)


def test_a_claim_sees_seconds_parameters_and_test_errors(capsys):
    study(extra={"test": 0.0035})
    claim(
        lambda mse: (
            mse.seconds("LSTM", T=50) == 2.0 and mse.params("LSTM", T=50) == 480 and mse.test("LSTM", T=50) == 0.0035
        )
    )
    assert "under every seed" in capsys.readouterr().out


def test_a_figure_that_was_not_recorded_is_named():
    study()
    with pytest.raises(LookupError, match=r"no test of 'LSTM \(T = 50\)'"):
        claim(lambda mse: mse.test("LSTM", T=50) > 0)


def test_a_claim_over_several_tables_finds_the_rows_of_each(capsys):
    study(STUDY[:1], lesson="02_baselines", table="one step")
    study([("Naive day", {}, [250.0] * 5, "vehicles/h")], lesson="03_simple_rnn", table="traffic")
    claim(lambda error: error("Naive") < error("Naive day"), table=["one step", "traffic"])
    assert "under every seed" in capsys.readouterr().out
    with pytest.raises(LookupError, match="no row 'Naive day'"):
        claim(lambda error: error("Naive") < error("Naive day"), table="one step")


def test_a_claim_sees_one_seed_at_a_time():
    study()
    seen = []
    claim(lambda mse: seen.append((mse.seed, mse("LSTM", T=50))) is None)
    assert seen == [(str(seed), value) for seed, value in enumerate(STUDY[2][2])]


@pytest.mark.usefixtures("in_study")
def test_in_a_study_run_a_claim_is_not_tried(capsys):
    claim(lambda mse: pytest.fail("tried"), table=["one step", "traffic"])
    assert capsys.readouterr().out == ""
