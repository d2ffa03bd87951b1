"""The study: that committed results are those of this code, and runs that can be killed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import nbformat
import pytest

from studies import run, runner
from studies.fingerprint import IDLE_TAGS, ROOT, fingerprint, result_cells
from tests.support.sandbox import full_disk
from tests.support.studies import NOTE, code, entry, finished, left, ran, row, write

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
COMMITTED = sorted((ROOT / "helpers" / "results").glob("*.json"))
POSIX = pytest.mark.skipif(os.name != "posix", reason="signals are sent as on Linux and macOS")


# --- what is committed ----------------------------------------------------------------------------------------------


def recording() -> list[Path]:
    return [path for path in NOTEBOOKS if result_cells(path)]


@pytest.mark.parametrize("path", recording(), ids=lambda path: path.stem)
def test_a_notebook_that_records_has_results(path):
    number = path.stem[:2]
    assert (ROOT / "helpers" / "results" / f"{path.stem}.json").exists(), f"run `make study LESSON={number}`"


@pytest.mark.parametrize("path", COMMITTED, ids=lambda path: path.stem)
class TestCommittedResults:
    def test_are_those_of_a_notebook_that_records(self, path):
        assert path.stem in {notebook.stem for notebook in recording()}, f"{path.name} has no notebook; remove it"

    def test_have_the_fingerprint_of_its_code(self, path):
        assert stale(path) is None, stale(path)

    def test_have_five_seeds_in_every_row(self, path):
        for each in json.loads(path.read_text())["rows"]:
            assert sorted(each["seeds"]) == [str(seed) for seed in range(5)], each["row"]
            assert all("value" in figures for figures in each["seeds"].values())

    def test_say_when_on_what_and_with_what_they_were_made(self, path):
        results = json.loads(path.read_text())
        assert results["lesson"] == path.stem
        assert {"date", "machine", "versions", "run_seconds"} <= set(results)
        assert "tensorflow" in results["versions"]


def stale(path: Path) -> str | None:
    """What to do where the results of a lesson are not those of its code."""
    notebook = ROOT / "notebooks" / f"{path.stem}.ipynb"
    if json.loads(path.read_text())["fingerprint"] == fingerprint(notebook):
        return None
    return f"the code behind {path.name} has changed since its study: run `make study LESSON={path.stem[:2]}`"


def test_stale_results_are_seen_and_the_command_is_named(tmp_path):
    notebook = (recording() or pytest.skip("no notebook records yet"))[0]
    path = tmp_path / f"{notebook.stem}.json"
    path.write_text(json.dumps({"fingerprint": "of other code"}))
    assert f"make study LESSON={notebook.stem[:2]}`" in stale(path)


def test_no_two_lessons_record_the_same_row():
    rows = Counter(
        (row["table"], row["row"], json.dumps(row["settings"], sort_keys=True))
        for path in COMMITTED
        for row in json.loads(path.read_text())["rows"]
    )
    assert [row for row, count in rows.items() if count > 1] == []


def test_a_table_has_one_unit():
    units = {}
    for path in COMMITTED:
        for each in json.loads(path.read_text())["rows"]:
            units.setdefault(each["table"], set()).add(each["unit"])
    assert {table: found for table, found in units.items() if len(found) > 1} == {}


def tags(cell) -> set[str]:
    return set(cell.metadata.get("tags", []))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_cell_records_where_the_study_does_not_look(path):
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    assert [cell.id for cell in cells if "scores.record(" in cell.source and IDLE_TAGS & tags(cell)] == []


# --- runs -----------------------------------------------------------------------------------------------------------


def test_a_study_runs_each_seed_and_writes_one_file_of_results(course, capsys):
    write(
        course,
        "03_tiny",
        code(NOTE),
        code("raise SystemError('labs are left out')", "lab"),
        code("1 / 0", "exercise"),
        code("1 / 0", "check"),
        code("assert 'COURSE_TEST' not in os.environ"),
        code("1 / 0", "raises-exception"),
        row("seed + 0.5"),
        code("raise SystemError('what stands behind the last record is left out')"),
    )
    assert run.main([]) == 0
    assert ran(course) == ["0", "1"]
    assert left(course) == [".study/03_tiny/0.jsonl", ".study/03_tiny/1.jsonl", "helpers/results/03_tiny.json"]
    results = json.loads((course / "helpers/results/03_tiny.json").read_text())
    assert results["rows"] == [
        {
            "table": "t",
            "row": "r",
            "settings": {"T": 50},
            "unit": "MSE",
            "seeds": {"0": {"value": 0.5, "seconds": 1.0}, "1": {"value": 1.5, "seconds": 1.0}},
        }
    ]
    assert results["fingerprint"] == fingerprint(course / "notebooks" / "03_tiny.ipynb")
    assert capsys.readouterr().out == "helpers/results/03_tiny.json\n"

    assert run.main(["03"]) == 0  # again: nothing is left to do
    assert ran(course) == ["0", "1"]

    write(course, "03_tiny", code(NOTE), row("seed + 7"))  # other code: all is done again
    assert run.main(["03"]) == 0
    assert ran(course) == ["0", "0", "1", "1"]
    assert json.loads((course / "helpers/results/03_tiny.json").read_text())["rows"][0]["seeds"]["1"]["value"] == 8.0


def test_a_notebook_that_fails_is_reported_and_leaves_no_results(course, capsys):
    write(course, "03_fails", code("if seed == 1: raise LookupError('seed one is missing')"), row())
    assert run.main(["03"]) == 1
    said = capsys.readouterr()
    assert "FAILED 03_fails, seed 1: CellExecutionError" in said.err
    assert "seed one is missing" in said.err
    assert left(course) == [".study/03_fails/0.jsonl"]


def test_a_notebook_that_takes_too_long_is_ended_with_its_kernel(course, capsys, monkeypatch):
    monkeypatch.setattr(runner, "LIMIT", 20)
    monkeypatch.setattr(run, "SEEDS", range(1))
    write(course, "03_slow", code("log.write_text(str(os.getpid()))"), code("time.sleep(120)"), row())
    began = time.monotonic()
    assert run.main([]) == 1
    assert time.monotonic() - began < 60
    assert "TimeoutError: it took longer than 20 s" in capsys.readouterr().err
    assert left(course) == []
    assert not is_alive(int(ran(course)[0]))


@pytest.mark.parametrize("name", ["7", "nothing"])
def test_a_lesson_that_does_not_record_is_refused_by_name(course, capsys, name):
    write(course, "03_tiny", row())
    write(course, "07_silent", code("x = 1"))
    with pytest.raises(SystemExit):
        run.main([name])
    assert f"no lesson {name!r} records scores; there are ['03_tiny']" in capsys.readouterr().err


def test_lessons_are_found_by_number_and_name(course):
    for name in ("02_two", "03_three", "04_silent"):
        write(course, name, row() if name != "04_silent" else code("x = 1"))
    assert [path.stem for path in run.find_lessons([])] == ["02_two", "03_three"]
    assert [path.stem for path in run.find_lessons(["03"])] == ["03_three"]
    assert [path.stem for path in run.find_lessons(["03_three", "02"])] == ["02_two", "03_three"]


# --- files of a study -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", ["", "\n", "{", "3\n", "[]\n", '{"row": 1}\n', '{"fingerprint": "other"}\n'])
def test_a_file_that_is_no_finished_run_of_this_code_is_done_again(course, content):
    notebook = write(course, "03_tiny", row())
    assert not run.jobs_of(notebook)[0].is_done()
    finished(course, 0, entry())
    assert run.jobs_of(notebook)[0].is_done()
    run.jobs_of(notebook)[0].file.write_text(content)
    assert not run.jobs_of(notebook)[0].is_done()


@pytest.mark.parametrize("what", ["another processor", "another package"])
def test_a_run_of_another_machine_or_of_other_packages_is_done_again(course, monkeypatch, what):
    notebook = write(course, "03_tiny", row())
    finished(course, 0, entry())
    if what == "another processor":
        monkeypatch.setattr(runner, "processor", lambda: what)
    else:
        monkeypatch.setattr(runner, "_version", lambda name: "2.99.0")
    assert not run.jobs_of(notebook)[0].is_done()


def test_results_are_dated_by_their_runs_and_not_by_who_joins_them(course):
    notebook = write(course, "03_tiny", row())
    for seed in range(2):
        finished(course, seed, entry())
    assert run.main(["03"]) == 0
    results = json.loads((course / "helpers" / "results" / "03_tiny.json").read_text())
    assert results["date"] == "2026-01-02"
    assert {name: results[name] for name in ("fingerprint", "machine", "versions")} == run.made_by(notebook)


def test_a_row_that_one_seed_lacks_is_reported_and_old_results_stay(course, capsys):
    write(course, "03_tiny", row())
    finished(course, 0, entry(), entry(name="only once"))
    finished(course, 1, entry())
    results = course / "helpers" / "results" / "03_tiny.json"
    results.parent.mkdir(parents=True)
    results.write_text("old")
    assert run.main(["03"]) == 1
    assert "FAILED 03_tiny: the rows ['only once'] were not recorded under every seed" in capsys.readouterr().err
    assert results.read_text() == "old"


def test_a_row_that_is_recorded_twice_in_a_run_is_reported(course, capsys):
    write(course, "03_tiny", row())
    for seed in range(2):
        finished(course, seed, entry(0.5, T=50), entry(0.7, T=50))
    assert run.main(["03"]) == 1
    assert "twice; give the two rows other settings" in capsys.readouterr().err
    assert not (course / "helpers").exists()


def test_one_lesson_that_cannot_be_written_does_not_hold_up_another(course):
    for name in ("02_two", "03_three"):
        write(course, name, row())
        for seed in range(2):
            finished(course, seed, *[entry()] * (2 if name == "02_two" else 1), lesson=name)
    assert run.main([]) == 1
    assert (course / "helpers" / "results" / "03_three.json").exists()


def test_results_are_replaced_in_one_step(course, monkeypatch):
    """A process killed while it writes leaves the old file whole."""
    notebook = write(course, "03_tiny", row())
    for seed in range(2):
        finished(course, seed, entry())
    results = run.write_results(notebook)
    before = results.read_text()

    def killed(self, *arguments, **keywords):
        raise KeyboardInterrupt

    for step in ("write_text", "replace"):
        with monkeypatch.context() as patch:
            patch.setattr(Path, step, killed)
            with pytest.raises(KeyboardInterrupt):
                run.write_results(notebook)
        assert results.read_text() == before
        assert [path.name for path in results.parent.iterdir()] == ["03_tiny.json"]


@POSIX
def test_on_a_full_disk_old_results_stay_and_the_lesson_is_named(course, capsys):
    write(course, "03_tiny", row())
    for seed in range(2):
        finished(course, seed, entry(name="a long name" * 1000))
    results = course / "helpers" / "results" / "03_tiny.json"
    results.parent.mkdir(parents=True)
    results.write_text("old")
    with full_disk(4096):
        assert run.main(["03"]) == 1
    assert capsys.readouterr().err.splitlines()[-1].startswith("FAILED 03_tiny: [Errno ")
    assert results.read_text() == "old"
    assert [path.name for path in results.parent.iterdir()] == ["03_tiny.json"]
    assert run.main(["03"]) == 0  # with room again, from what was kept
    assert len(json.loads(results.read_text())["rows"]) == 1


# --- stopped in the middle ------------------------------------------------------------------------------------------


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not (state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z")


def until(what, seconds=40):
    """Wait for a condition and return its value."""
    ends = time.monotonic() + seconds
    while not (value := what()):
        assert time.monotonic() < ends, "waited in vain"
        time.sleep(0.05)
    return value


@pytest.fixture
def tree(tmp_path):
    """A copy of what a study needs, so that it runs in a process of its own."""
    root = tmp_path / "course"
    for folder in ("studies", "tools", "helpers"):
        skip = shutil.ignore_patterns("__pycache__", "data", "fonts", "results", "labs", "checks")
        shutil.copytree(ROOT / folder, root / folder, ignore=skip)
    (root / "notebooks").mkdir()
    return root


def start(root: Path) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", "studies.run", "03"],
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@POSIX
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda how: how.name)
def test_a_study_that_is_ended_in_the_middle_leaves_nothing_half_done(tree, how):
    """Seed 0 ends, the next ones hang until the study is ended; without the hang it goes on from there."""
    hang = 'if seed and not Path("go").exists(): time.sleep(300)'
    pids = '(Path.cwd() / f"pid-{seed}").write_text(str(os.getpid()))'
    write(tree, "03_tiny", code(pids), row(), code(hang), row(name="end"))
    notebooks = tree / "notebooks"
    study = start(tree)
    try:
        until(lambda: (tree / ".study/03_tiny/0.jsonl").exists() and len(list(notebooks.glob("pid-*"))) == 3)
        kernels = [int(until(path.read_text)) for path in notebooks.glob("pid-*")]
        os.kill(study.pid, how)
        began = time.monotonic()
        _, said = study.communicate(timeout=30)
    finally:
        study.kill()
    assert time.monotonic() - began < 15
    until(lambda: not any(map(is_alive, kernels)), seconds=15)  # no orphan, even where the study could do nothing
    assert not (tree / "helpers" / "results").exists()
    assert [name for name in left(tree) if name.startswith(".study")] == [".study/03_tiny/0.jsonl"]
    if how != signal.SIGKILL:
        assert study.returncode == 130
        assert "Stopped. What had finished is kept" in said
        assert "Traceback" not in said
        assert "FAILED" not in said
        assert len(list(notebooks.glob("pid-*"))) == 3  # no other run was begun


@POSIX
def test_a_kernel_that_dies_in_the_middle_is_reported_and_leaves_no_file(tree):
    write(tree, "03_tiny", row(), code("os.kill(os.getpid(), 9)"), row(name="end"))
    for seed in range(1, 5):
        finished(tree, seed, entry(T=50), entry(name="end", T=50))
    study = start(tree)
    _, said = study.communicate(timeout=60)
    assert study.returncode == 1
    assert "FAILED 03_tiny, seed 0: DeadKernelError" in said
    assert [name for name in left(tree) if "0" in name] == [f".study/03_tiny/{seed}.jsonl" for seed in range(1, 5)]


@POSIX
def test_a_second_study_is_refused_in_a_sentence_and_the_first_goes_on(tree):
    waits = 'Path("waits").touch()\nwhile not Path("go").exists(): time.sleep(0.1)'
    write(tree, "03_tiny", row(), code(waits), row(name="end"))
    for seed in range(1, 5):
        finished(tree, seed, entry(T=50), entry(name="end", T=50))
    first = start(tree)
    try:
        until((tree / "notebooks" / "waits").exists)
        second = start(tree)
        _, said = second.communicate(timeout=30)
        assert second.returncode == 1
        assert said == "A study runs here already: wait for its end, or stop it with Ctrl-C.\n"
        (tree / "notebooks" / "go").touch()
        _, said = first.communicate(timeout=60)
        assert first.returncode == 0, said
    finally:
        first.kill()
    results = json.loads((tree / "helpers" / "results" / "03_tiny.json").read_text())
    assert [len(row["seeds"]) for row in results["rows"]] == [5, 5]
    assert start(tree).wait(timeout=30) == 0  # nobody holds the folder now, and nothing is left to do


@POSIX
def test_what_was_finished_before_the_end_is_kept_and_the_rest_is_done(course):
    write(course, "03_tiny", code(NOTE), code('if seed and not Path("go").exists(): time.sleep(300)'), row())
    notebook = course / "notebooks" / "03_tiny.ipynb"
    timer = threading.Timer(
        0, lambda: until(lambda: run.jobs_of(notebook)[0].file.exists()) and os.kill(os.getpid(), 2)
    )
    timer.start()
    assert run.main(["03"]) == 130
    timer.join()
    assert left(course) == [".study/03_tiny/0.jsonl"]
    (course / "notebooks" / "go").touch()
    assert run.main(["03"]) == 0
    assert Counter(ran(course))["0"] == 1
    assert (course / "helpers" / "results" / "03_tiny.json").exists()


def test_signals_are_handled_as_before_when_a_study_is_over():
    before = signal.getsignal(signal.SIGINT)
    with runner.stop_on_signals() as stop:
        signal.raise_signal(signal.SIGINT)
        assert stop.is_set()
    assert signal.getsignal(signal.SIGINT) is before


def test_the_study_says_how_it_is_used():
    command = [sys.executable, "-m", "studies.run", "--help"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "lessons" in done.stdout
