"""The normaliser keeps what a page needs and drops what differs between runs, editors and machines."""

from __future__ import annotations

import base64
import copy
import io
import json
import os
import shutil
import signal
import subprocess
import sys

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure

from tests.repository.test_studies import is_alive, until
from tools import notebooks
from tools.notebooks import dump, normalise, plain

POSIX = pytest.mark.skipif(os.name != "posix", reason="signals and limits are those of Linux and macOS")
new_output = nbformat.v4.new_output


def notebook(*outputs, source="x", **metadata):
    cell = nbformat.v4.new_code_cell(source, outputs=list(outputs), metadata=metadata, execution_count=1, id="one")
    return nbformat.v4.new_notebook(cells=[cell])


def outputs(*given_outputs):
    return normalise(notebook(*given_outputs)).cells[0].outputs


def stream(text, name="stdout"):
    return new_output("stream", name=name, text=text)


def test_ids_counts_and_outputs_stay():
    (cell,) = normalise(notebook(stream("4\n"))).cells
    assert (cell.id, cell.execution_count, cell.outputs) == ("one", 1, [stream("4\n")])


def test_the_given_notebook_is_left_alone():
    nb = notebook(stream("a"), stream("b"), collapsed=True)
    before = copy.deepcopy(nb)
    normalise(nb)
    assert nb == before


def test_editor_and_timing_metadata_go_and_the_course_s_stay():
    kept = {"tags": ["lab"], "slideshow": {"slide_type": "slide"}}
    noise = {
        "execution": {"iopub.status.busy": "1"},
        "collapsed": True,
        "scrolled": True,
        "trusted": True,
        "vscode": {},
    }
    assert normalise(notebook(**kept, **noise)).cells[0].metadata == kept


def test_a_machinery_cell_is_folded_and_no_other():
    assert normalise(notebook(tags=["machinery"])).cells[0].metadata == {"tags": ["machinery"], **notebooks.FOLDED}
    assert normalise(notebook(tags=["figure"])).cells[0].metadata == {"tags": ["figure"]}


def test_of_what_an_editor_folds_the_source_alone_stays():
    folded = {"source_hidden": True, "outputs_hidden": True}
    assert normalise(notebook(jupyter=folded, cellView="form")).cells[0].metadata == notebooks.FOLDED


def test_kernel_and_language_carry_no_version():
    nb = notebook()
    nb.metadata = nbformat.from_dict({"language_info": {"name": "python", "version": "3.11.7"}, "widgets": {}})
    assert normalise(nb).metadata == notebooks.NOTEBOOK_METADATA


def test_old_notebooks_get_ids_that_stay():
    nb = notebook()
    nb.nbformat_minor = 4
    del nb.cells[0]["id"]
    assert normalise(nb).cells[0].id == "cell-000"
    nbformat.validate(normalise(nb))


def test_neighbouring_streams_merge_and_warnings_follow():
    assert outputs(stream("a"), stream("!", "stderr"), stream("b")) == [stream("ab"), stream("!", "stderr")]


def test_streams_on_both_sides_of_a_picture_stay_apart():
    picture = new_output("display_data", data={"text/plain": "picture"})
    assert outputs(stream("a"), picture, stream("b")) == [stream("a"), picture, stream("b")]


def test_widget_views_go_and_what_stands_beside_them_stays():
    view = {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}}
    shown = new_output("display_data", data=view | {"text/plain": "Lab"}, metadata={"needs_background": "light"})
    assert outputs(stream("a"), new_output("display_data", data=view), stream("b"), shown) == [
        stream("ab"),
        new_output("display_data", data={"text/plain": "Lab"}),
    ]


def test_alt_text_stays():
    alt = {"image/png": {"alt": "A wave"}}
    (shown,) = outputs(new_output("display_data", data={"image/png": png()}, metadata=alt))
    assert shown.metadata == alt


def test_an_error_keeps_its_last_line_and_no_folder():
    (error,) = outputs(
        new_output(
            "error",
            ename="ValueError",
            evalue="\x1b[31mbad\x1b[0m file '/home/kim/course/data.csv' of <object at 0x7f00>, want (None, 1)/2",
            traceback=["\x1b[31m-----", "File /home/kim/x.py", "ValueError: bad"],
        )
    )
    assert error.evalue == "bad file 'data.csv' of <object>, want (None, 1)/2"
    assert error.traceback == [f"ValueError: {error.evalue}"]


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("see /usr/lib/python3/x.py", "see x.py"),
        (r"see C:\Users\Kim\x.py", "see x.py"),
        ("see ~/x.py", "see x.py"),
        ("shape (3, 4), rate 1/2, and/or", "shape (3, 4), rate 1/2, and/or"),
        ("https://keras.io/api/x.html", "https://keras.io/api/x.html"),
    ],
)
def test_only_folders_go_from_a_message(path, kept):
    (error,) = outputs(new_output("error", ename="E", evalue=path, traceback=[]))
    assert error.evalue == kept


def png(**text):
    figure, buffer = Figure(figsize=(1, 1)), io.BytesIO()
    figure.subplots().plot([1, 2])
    figure.savefig(buffer, format="png", metadata={"Software": "some version", **text})
    return base64.b64encode(buffer.getvalue()).decode()


def test_a_picture_loses_its_texts_and_no_pixel():
    from matplotlib.image import imread

    (shown,) = outputs(new_output("display_data", data={"image/png": png(Comment="made today") + "\n"}))
    raw = base64.b64decode(shown.data["image/png"])
    assert b"some version" not in raw
    assert b"made today" not in raw
    assert (imread(io.BytesIO(raw)) == imread(io.BytesIO(base64.b64decode(png())))).all()


def test_a_picture_within_html_loses_its_texts_too():
    page = '<ol><li>Move it.</li></ol><img alt="A wave" width="100" src="data:image/png;base64,{}">'
    (shown,) = outputs(new_output("display_data", data={"text/html": page.format(png(Comment="made today"))}))
    (bare,) = outputs(new_output("display_data", data={"image/png": png()}))
    assert shown.data["text/html"] == page.format(bare.data["image/png"])


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("10 %\r20 %\r100 %\n", "100 %\n"),
        ("done\r\n", "done\n"),
        ("\x1b[1;31mred\x1b[0m \x1b]8;;address\x07link\x1b]8;;\x07", "red link"),
        ("abc\b\bd", "ad"),
        ("a\tb\x07", "a\tb"),
        ("\x1b[K\r", ""),
    ],
)
def test_plain_shows_what_a_terminal_would_in_the_end(raw, shown):
    assert plain(raw) == shown


NOISY = st.text(st.sampled_from("ab \n\r\b\t\x1b[]0;m\x07/.~\\x(é"), max_size=30)
SHOWN = st.dictionaries(st.sampled_from(["text/plain", "text/html", *notebooks.WIDGET_TYPES]), NOISY, max_size=3)
OUTPUTS = st.lists(
    st.one_of(
        st.builds(stream, NOISY, st.sampled_from(["stdout", "stderr"])),
        st.builds(lambda data: new_output("display_data", data=data), SHOWN),
        st.builds(lambda data: new_output("execute_result", data=data, execution_count=7), SHOWN),
        st.builds(lambda text: new_output("error", ename="E", evalue=text, traceback=[text]), NOISY),
    ),
    max_size=6,
)


@given(OUTPUTS)
@settings(deadline=None, max_examples=300)
def test_normalising_twice_changes_nothing_more(given_outputs):
    once = normalise(notebook(*given_outputs))
    assert normalise(once) == once
    assert dump(nbformat.reads(dump(once), as_version=4)) == dump(once)
    assert not notebooks._CONTROL.search("".join(o.get("text", "") for o in once.cells[0].outputs))


def test_the_file_is_sorted_indented_by_one_and_ends_with_a_newline():
    text = dump(normalise(notebook(stream("은닉\n"))))
    assert text.endswith("}\n")
    assert "은닉" in text
    assert text == json.dumps(json.loads(text), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "notebooks" / "03_x.ipynb"
    path.parent.mkdir()
    source = (
        "import os\nprint(os.path.basename(os.getcwd()), os.environ.get('COURSE_TEST'), os.environ.get('COURSE_SEED'))"
    )
    nbformat.write(notebook(source=source), path)
    return path


@pytest.mark.kernel
def test_execute_runs_as_a_reader_in_the_notebook_s_own_folder(path, monkeypatch):
    monkeypatch.setenv("COURSE_SEED", "3")
    nb = normalise(notebooks.execute(path))
    assert nb.cells[0].outputs == [stream("notebooks None None\n")]


@pytest.mark.kernel
def test_a_notebook_that_fails_is_left_as_it_was(path, capsys):
    nbformat.write(notebook(source="1 / 0"), path)
    before = path.read_bytes()
    assert notebooks._run([path]) == 1
    assert path.read_bytes() == before
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_a_write_that_breaks_off_leaves_the_old_file(path, monkeypatch):
    before = path.read_bytes()
    monkeypatch.setattr(notebooks.Path, "replace", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        notebooks.write_text(path, "new")
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir()] == [path.name]


ENDS = {
    "Ctrl-C": signal.SIGINT,
    "a request to end": signal.SIGTERM,
    "a kill": signal.SIGKILL,
    "a kill of its kernel": signal.SIGKILL,
}


@POSIX
@pytest.mark.kernel
@pytest.mark.parametrize("what", ENDS)
def test_ended_in_the_middle_it_leaves_the_old_notebook_and_no_kernel(path, tmp_path, what):
    source = "import os, time\nopen('new', 'w').write(str(os.getpid()))\nos.rename('new', 'pid')\ntime.sleep(120)"
    nbformat.write(notebook(source=source), path)
    before, pid = path.read_bytes(), path.parent / "pid"
    for folder in ("helpers", "tools"):  # it runs the notebooks beside its folder
        shutil.copytree(
            notebooks.ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "data")
        )
    command = [sys.executable, "-m", "tools.notebooks"]
    run = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    try:
        until(pid.exists)
        kernel = int(pid.read_text())
        os.kill(kernel if "kernel" in what else run.pid, ENDS[what])
        _, said = run.communicate(timeout=30)
    finally:
        run.kill()
    until(lambda: not is_alive(kernel), seconds=15)
    pid.unlink()
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    if what == "a kill of its kernel":
        assert run.returncode == 1
        assert "03_x.ipynb failed and is left as it was:\nKernel died" in said
    elif what != "a kill":
        assert run.returncode == 130, said
        assert said.rstrip().endswith("The notebook that ran, and those after it, are left as they were.")


def test_check_names_what_would_change(path, capsys):
    assert notebooks._check([path]) == 1
    assert "make notebooks LESSON=03" in capsys.readouterr().out
    notebooks.write_text(path, dump(normalise(notebooks.read(path))))
    assert notebooks._check([path]) == 0


def test_find_takes_numbers_and_refuses_unknown_ones(path):
    root = path.parent.parent
    assert notebooks.find(["03"], root=root) == notebooks.find(root=root) == [path]
    with pytest.raises(ValueError, match="no notebook begins with 99"):
        notebooks.find(["99"], root=root)
