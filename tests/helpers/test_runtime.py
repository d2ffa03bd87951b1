"""helpers.runtime: what start() sets, what it leaves alone, and what it says."""

from __future__ import annotations

import json
import logging
import os
import random
import re
import subprocess
import sys
import types

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import font_manager

from helpers import environment, plots, report, runtime
from helpers.series import generate_time_series
from tests.support.warned import nothing_warned
from tools.notebooks import ROOT

VARIABLES = (
    "COURSE_SEED",
    "COURSE_DATA_SEED",
    "COURSE_TEST",
    "CUDA_VISIBLE_DEVICES",
    "KERAS_BACKEND",
    "KERAS_HOME",
    "HOME",
    *runtime.QUIET_TENSORFLOW,
)


@pytest.fixture(autouse=True)
def _as_if_fresh(monkeypatch, tmp_path):
    """No variable set, neither TensorFlow nor Keras imported, no GPU, an empty home; all as it was afterwards."""
    for name in VARIABLES:
        monkeypatch.setenv(name, "")  # so that what start() sets is undone too
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delitem(sys.modules, "tensorflow", raising=False)
    monkeypatch.delitem(sys.modules, "keras", raising=False)
    monkeypatch.setattr(environment, "DEVICES", tmp_path)
    monkeypatch.setattr(environment, "_set_here", {})
    monkeypatch.setattr(runtime, "seed", 42)
    monkeypatch.setattr(runtime, "lesson", "")
    states = random.getstate(), np.random.get_state()
    with mpl.rc_context():
        yield
    random.setstate(states[0])
    np.random.set_state(states[1])


# --- seeds ----------------------------------------------------------------------------------------------------------


def test_two_starts_give_the_same_random_numbers():
    draws = []
    for _ in range(2):
        runtime.start(5)
        draws.append((random.random(), np.random.rand()))
    assert draws[0] == draws[1]


def test_another_seed_gives_other_numbers():
    runtime.start(5)
    first = random.random(), np.random.rand()
    runtime.start(6)
    assert not set(first) & {random.random(), np.random.rand()}


def test_model_cells_find_the_seed_in_the_module():
    assert runtime.start(7).seed == 7
    assert runtime.seed == 7


def test_a_study_replaces_the_seed(monkeypatch):
    monkeypatch.setenv("COURSE_SEED", "3")
    report = runtime.start(42)
    assert (report.seed, runtime.seed) == (3, 3)
    assert ("seed", "3") in report.rows


@pytest.mark.parametrize("text", ["three", "1.5", "0x2", "1e3", "nan"])
def test_a_course_seed_that_is_no_whole_number_is_named(monkeypatch, text):
    monkeypatch.setenv("COURSE_SEED", text)
    with pytest.raises(ValueError, match=r"COURSE_SEED is .*expected a whole number"):
        runtime.start()


@pytest.mark.parametrize("text", ["-1", str(2**32)])
def test_a_course_seed_outside_the_range_is_named(monkeypatch, text):
    monkeypatch.setenv("COURSE_SEED", text)
    with pytest.raises(ValueError, match=r"COURSE_SEED is .*0 to 2\*\*32"):
        runtime.start()


@pytest.mark.parametrize("seed", ["42", 1.0, None, True, [1]])
def test_a_seed_that_is_no_whole_number_is_refused(seed):
    with pytest.raises(TypeError, match="expected a whole number"):
        runtime.start(seed)


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_a_seed_that_numpy_cannot_take_is_refused(seed):
    with pytest.raises(ValueError, match=r"0 to 2\*\*32 - 1"):
        runtime.start(seed)


@pytest.mark.parametrize("seed", [0, 2**32 - 1, np.int64(9)])
def test_the_ends_of_the_range_and_numpy_integers_are_taken(seed):
    assert runtime.start(seed).seed == int(seed)
    assert type(runtime.seed) is int


def test_a_refused_seed_changes_nothing():
    runtime.start(5)
    state = random.getstate()
    with pytest.raises(ValueError, match="seed"):
        runtime.start(-1)
    assert runtime.seed == 5
    assert random.getstate() == state


@pytest.mark.parametrize(("value", "study"), [(None, False), ("", False), ("0", True), ("4", True)])
def test_a_study_is_a_kernel_with_a_course_seed(monkeypatch, value, study):
    if value is not None:
        monkeypatch.setenv("COURSE_SEED", value)
    assert runtime.is_study() is study


@pytest.mark.parametrize(("value", "test"), [(None, False), ("", False), ("0", False), ("1", True)])
def test_a_test_run_is_one_with_course_test_1(monkeypatch, value, test):
    if value is not None:
        monkeypatch.setenv("COURSE_TEST", value)
    assert runtime.is_test() is test


def test_made_data_are_drawn_anew_in_a_replication_and_two_sets_stay_different(monkeypatch):
    assert [runtime.data_seed(42), runtime.data_seed(43)] == [42, 43]
    monkeypatch.setenv("COURSE_DATA_SEED", "5")
    drawn = [runtime.data_seed(default) for default in (42, 43, 42)]
    assert drawn[0] == drawn[2]
    assert len({*drawn, 42, 43}) == 4
    assert all(0 <= seed < 2**32 for seed in drawn)


@pytest.mark.parametrize("text", ["five", "-1"])
def test_a_data_seed_that_numpy_cannot_take_is_named(monkeypatch, text):
    monkeypatch.setenv("COURSE_DATA_SEED", text)
    with pytest.raises(ValueError, match="COURSE_DATA_SEED is"):
        runtime.data_seed(42)


def test_the_lesson_is_kept_for_resume():
    runtime.start(lesson="03")
    assert runtime.lesson == "03"


@pytest.mark.parametrize("lesson", ["3", "03_simple_rnn", "three", 3])
def test_a_lesson_that_is_not_two_digits_is_refused(lesson):
    with pytest.raises(ValueError, match="two digits"):
        runtime.start(lesson=lesson)


# --- TensorFlow -----------------------------------------------------------------------------------------------------


def test_quiet_variables_are_set_before_tensorflow_is_imported(capsys):
    report = runtime.start()
    assert os.environ["TF_CPP_MIN_LOG_LEVEL"] == "3"
    assert report.late == ()
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("name", [*runtime.QUIET_TENSORFLOW, "CUDA_VISIBLE_DEVICES"])
@pytest.mark.parametrize("yours", ["0", "mine", ""])
def test_a_variable_of_yours_is_never_overwritten(monkeypatch, name, yours):
    monkeypatch.setenv(name, yours)
    runtime.start()
    assert os.environ[name] == yours


def test_after_tensorflow_it_says_what_can_no_longer_take_effect(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "tensorflow", types.ModuleType("tensorflow"))
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "1")
    report = runtime.start()
    said = capsys.readouterr().out
    assert len(said.splitlines()) == 1
    assert "TF_ENABLE_ONEDNN_OPTS" in said
    assert "Restart the kernel" in said
    assert "TF_CPP_MIN_LOG_LEVEL" not in said  # yours was there in time
    assert "TF_ENABLE_ONEDNN_OPTS" in report.late
    assert "TF_ENABLE_ONEDNN_OPTS" not in os.environ  # setting it now would only pretend


def test_a_second_start_after_tensorflow_has_nothing_to_say(monkeypatch, capsys):
    runtime.start()
    monkeypatch.setitem(sys.modules, "tensorflow", types.ModuleType("tensorflow"))
    assert runtime.start().late == ()
    assert capsys.readouterr().out == ""


def test_several_models_in_one_notebook_set_off_no_warning_and_other_warnings_stay(caplog):
    runtime.start()
    logger = logging.getLogger("tensorflow")
    logger.warning("5 out of the last 13 calls to <function> triggered tf.function retracing. Tracing is expensive.")
    logger.warning("something else")
    assert caplog.messages == ["something else"]


def test_start_imports_neither_tensorflow_nor_keras():
    code = (
        "import sys; from helpers import runtime; runtime.start(); "
        "print(sorted({'tensorflow', 'keras', 'statsmodels'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# --- a GPU ----------------------------------------------------------------------------------------------------------


def gpu_row(**options) -> str:
    return dict(runtime.start(**options).rows)["GPU"]


@pytest.fixture
def card(tmp_path):
    """A machine with a GPU, as Linux lists it."""
    (tmp_path / "nvidia0").touch()


def test_a_machine_without_a_gpu_needs_none():
    assert gpu_row().startswith("none here, and none needed")
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "-1"  # else TensorFlow reports at length that it finds none
    assert gpu_row(gpu=True).startswith("none found, though you asked for one")


@pytest.mark.usefixtures("card")
def test_a_gpu_is_left_alone_and_the_report_says_how_to_use_it():
    assert gpu_row().startswith("left alone: ")
    assert "runtime.start(gpu=True)" in gpu_row()  # a second start does not take its own setting for yours
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "-1"


@pytest.mark.parametrize("file", ["nvidia0", "nvidia3", "dxg"])
def test_a_gpu_is_found_under_each_name_of_it(tmp_path, file):
    assert not environment.has_gpu()
    (tmp_path / "nvidiactl").touch()  # the driver without a card
    assert not environment.has_gpu()
    (tmp_path / file).touch()
    assert environment.has_gpu()


@pytest.mark.usefixtures("card")
def test_a_gpu_that_you_ask_for_is_used():
    assert gpu_row(gpu=True).startswith("used, as you asked")
    assert "CUDA_VISIBLE_DEVICES" not in os.environ


@pytest.mark.usefixtures("card")
def test_a_second_start_may_ask_for_the_gpu_that_the_first_has_hidden():
    runtime.start()
    assert gpu_row(gpu=True).startswith("used, as you asked")


@pytest.mark.usefixtures("card")
def test_asking_after_tensorflow_was_imported_is_too_late(monkeypatch, capsys):
    runtime.start()
    monkeypatch.setitem(sys.modules, "tensorflow", types.ModuleType("tensorflow"))
    assert gpu_row(gpu=True).startswith("not settled: TensorFlow was imported before")
    assert "CUDA_VISIBLE_DEVICES. Restart the kernel" in capsys.readouterr().out


@pytest.mark.usefixtures("card")
@pytest.mark.parametrize(
    ("yours", "row"),
    [
        ("0", "used, since CUDA_VISIBLE_DEVICES is '0'"),
        ("-1", "left alone: .* \\(unset CUDA_VISIBLE_DEVICES to use it\\)"),
        ("", "left alone: .* \\(unset CUDA_VISIBLE_DEVICES to use it\\)"),
    ],
)
def test_your_own_choice_of_a_gpu_stays_and_is_reported(monkeypatch, yours, row):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", yours)
    assert re.match(row, gpu_row())
    assert os.environ["CUDA_VISIBLE_DEVICES"] == yours


PRETENDED_GPU = """
import os, sys, warnings
from helpers import runtime
{start}
import keras, numpy as np, tensorflow as tf
import keras.src.backend.tensorflow.rnn
rnn = sys.modules["keras.src.backend.tensorflow.rnn"]
rnn._is_gpu_available = lambda: os.environ.get("CUDA_VISIBLE_DEVICES") not in ("-1", "")  # as TensorFlow reads it

def cudnn_lstm(x, h, c, kernel, recurrent_kernel, bias, mask, time_major, go_backwards, return_sequences):
    "Keras' own assertion, which stands before its call of cuDNN, and the same equations on the processor."
    if mask is not None:
        rnn._assert_valid_mask(mask)
    def step(x, states):
        i, f, g, o = tf.split(x @ kernel + states[0] @ recurrent_kernel + bias, 4, axis=1)
        c = tf.sigmoid(f) * states[1] + tf.sigmoid(i) * tf.tanh(g)
        h = tf.sigmoid(o) * tf.tanh(c)
        return h, [h, c]
    return rnn.rnn(step, x, [h, c], mask=mask, go_backwards=go_backwards, time_major=time_major,
                   return_all_outputs=return_sequences)

rnn._cudnn_lstm = cudnn_lstm
X = np.ones((2, 3), int)
X[1] = 0  # a row of padding alone
model = keras.Sequential([keras.Input((3,)), keras.layers.Embedding(9, 2, mask_zero=True), keras.layers.LSTM(1)])
try:
    print("answers", model.predict_on_batch(X).shape)
except tf.errors.InvalidArgumentError as error:
    print("refused", "Assert" in str(error))
"""


@pytest.mark.parametrize(
    ("start", "said"),
    [
        ("runtime.start()", "answers (2, 1)"),
        ("runtime.start(gpu=True)", "refused True"),  # so the first case can fail
    ],
)
def test_a_row_of_padding_alone_passes_on_a_gpu_machine(start, said):
    variables = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    code = PRETENDED_GPU.format(start=start)
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, env=variables)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == said


# --- Keras' backend and its file of settings -------------------------------------------------------------------------


def keras_on(monkeypatch, backend):
    module = types.ModuleType("keras")
    module.config = types.SimpleNamespace(backend=lambda: backend)
    monkeypatch.setitem(sys.modules, "keras", module)


@pytest.mark.parametrize("yours", [None, "", "tensorflow"])
def test_keras_runs_on_tensorflow(monkeypatch, capsys, yours):
    if yours is not None:
        monkeypatch.setenv("KERAS_BACKEND", yours)
    runtime.start()
    assert os.environ["KERAS_BACKEND"] == "tensorflow"
    assert capsys.readouterr().out == ""


def test_another_backend_of_yours_stays_and_one_sentence_says_what_may_follow(monkeypatch, capsys):
    monkeypatch.setenv("KERAS_BACKEND", "numpy")
    runtime.start()
    assert os.environ["KERAS_BACKEND"] == "numpy"
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("KERAS_BACKEND is 'numpy', as you set it; the lessons are written for 'tensorflow'")


@pytest.mark.parametrize("yours", ["theano", "jax"])
def test_a_backend_that_cannot_be_imported_is_replaced_in_one_sentence(monkeypatch, capsys, yours):
    monkeypatch.setattr(environment.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setenv("KERAS_BACKEND", yours)
    runtime.start()
    assert os.environ["KERAS_BACKEND"] == "tensorflow"
    (line,) = capsys.readouterr().out.splitlines()
    assert line == f"KERAS_BACKEND was {yours!r}, which cannot be imported here; the course runs on 'tensorflow'."


def test_keras_that_runs_on_another_backend_asks_for_a_restart(monkeypatch, capsys):
    keras_on(monkeypatch, "jax")
    runtime.start()
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("Keras is already imported and runs on 'jax'")
    assert "Restart the kernel" in line


def test_keras_that_runs_on_tensorflow_already_is_no_matter(monkeypatch, capsys):
    keras_on(monkeypatch, "tensorflow")
    runtime.start()
    assert capsys.readouterr().out == ""


def keras_json(tmp_path, text):
    file = tmp_path / "home" / ".keras" / "keras.json"
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")


ELSEWHERE = json.dumps(
    {"backend": "theano", "floatx": "float16", "image_data_format": "channels_first", "epsilon": 1e-7}
)


def test_a_keras_json_from_elsewhere_is_put_aside(monkeypatch, tmp_path, capsys):
    keras_json(tmp_path, ELSEWHERE)
    runtime.start()
    assert os.listdir(os.environ["KERAS_HOME"]) == []
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(
        "Your file .keras/keras.json sets floatx to 'float16', image_data_format to 'channels_first';"
    )
    runtime.start()
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("text", ["", "{", "{}", '{"backend": "theano"}', '{"floatx": "float32", "epsilon": 1e-07}'])
def test_a_keras_json_that_changes_nothing_stays(tmp_path, capsys, text):
    keras_json(tmp_path, text)
    runtime.start()
    assert "KERAS_HOME" not in os.environ
    assert capsys.readouterr().out == ""


def test_a_keras_json_of_another_form_is_put_aside(tmp_path, capsys):
    keras_json(tmp_path, "[]")
    runtime.start()
    assert "is not a table of settings" in capsys.readouterr().out


def test_keras_starts_in_the_course_s_form_beside_a_keras_json_from_elsewhere(tmp_path):
    keras_json(tmp_path, ELSEWHERE)
    variables = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    code = (
        "from helpers import runtime; runtime.start(); import keras; "
        "print(keras.config.backend(), keras.config.floatx(), keras.config.image_data_format())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env=variables | {"HOME": str(tmp_path / "home")},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "tensorflow float32 channels_last"


# --- the report -----------------------------------------------------------------------------------------------------


def test_the_report_names_versions_machine_font_and_seed():
    rows = dict(runtime.start(11).rows)
    assert {"Python", "TensorFlow", "Keras", "NumPy", "memory", "processor cores", "GPU", "seed"} <= set(rows)
    assert rows["NumPy"] == np.__version__
    assert rows["seed"] == "11"
    assert int(rows["processor cores"]) >= 1
    assert rows["memory"].endswith(" GB")
    assert all(value.strip() for value in rows.values())


def test_the_report_is_a_table_on_a_page_and_lines_in_a_terminal():
    report = runtime.start()
    lines = report._repr_markdown_().splitlines()
    assert lines[:2] == ["| what | here |", "|---|---|"]
    assert len(lines) == len(report.rows) + 2
    assert {line.count("|") for line in lines} == {3}
    assert len(str(report).splitlines()) == len(report.rows)


def test_a_package_that_is_not_there_is_said_to_be_missing():
    assert "make env" in report.version(("surely-not-a-package",))


# --- style and font -------------------------------------------------------------------------------------------------


def test_hangul_and_a_true_minus_are_drawn_without_a_missing_glyph():
    font = runtime.start().font
    assert font is not None
    ax = plots.new_figure().subplots()
    ax.plot([-1, 1], [-1, 1])
    ax.set(title="은닉 상태, 순환 신경망", xlabel="hidden state −0.5")
    with nothing_warned():
        plots.to_png(ax.figure)
    assert "−" in [label.get_text()[:1] for label in ax.get_xticklabels()]


def test_without_the_font_that_text_does_warn():
    """The test above can fail."""
    runtime.start()
    mpl.rcParams["font.family"] = ["DejaVu Sans"]
    ax = plots.new_figure().subplots()
    ax.set_title("은닉 상태")
    with pytest.warns(UserWarning, match="Glyph"):
        plots.to_png(ax.figure)


def test_without_a_font_file_the_report_says_what_readers_will_see(monkeypatch, tmp_path):
    monkeypatch.setattr(runtime, "FONTS", tmp_path)
    report = runtime.start()
    assert report.font is None
    assert "empty boxes" in dict(report.rows)["font for Korean labels"]


def test_starting_again_does_not_register_the_font_again():
    runtime.start()
    count = len(font_manager.fontManager.ttflist)
    runtime.start()
    assert len(font_manager.fontManager.ttflist) == count


def test_figures_have_a_white_ground_and_letters_of_11_points_or_more():
    runtime.start()
    assert mpl.rcParams["figure.facecolor"] == mpl.rcParams["savefig.facecolor"] == "white"
    sizes = ("font.size", "axes.titlesize", "axes.labelsize", "legend.fontsize", "xtick.labelsize", "ytick.labelsize")
    assert min(mpl.rcParams[size] for size in sizes) >= 11


@pytest.mark.parametrize(
    ("cpu_max", "cpu_limit", "cores"),
    [
        (None, None, 8),
        ("max 100000\n", None, 8),
        ("200000 100000\n", None, 2),
        ("150000 100000\n", "4.0", 1),
        (None, "2.0", 2),
        (None, "0.5", 1),
        (None, "16", 8),
        (None, "none", 8),
    ],
)
def test_the_cores_are_those_that_a_container_or_a_hub_grants(cpu_max, cpu_limit, cores, monkeypatch, tmp_path):
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(8)), raising=False)
    monkeypatch.setattr(report, "CPU_MAX", tmp_path / "cpu.max")
    monkeypatch.delenv("CPU_LIMIT", raising=False)
    if cpu_max is not None:
        (tmp_path / "cpu.max").write_text(cpu_max)
    if cpu_limit is not None:
        monkeypatch.setenv("CPU_LIMIT", cpu_limit)
    assert runtime.usable_cores() == cores


def test_data_are_drawn_under_the_default_unless_fresh_ones_are_asked_for(monkeypatch):
    monkeypatch.delenv("COURSE_DATA_SEED", raising=False)
    published = generate_time_series(3, 5)
    assert runtime.data_seed(42) == 42
    monkeypatch.setenv("COURSE_DATA_SEED", "1005")
    fresh = [runtime.data_seed(default) for default in (42, 0)]
    assert fresh == [runtime.data_seed(default) for default in (42, 0)]
    assert len({42, 0, 1005, *fresh}) == 5
    assert not np.allclose(published, generate_time_series(3, 5))
    monkeypatch.setenv("COURSE_DATA_SEED", "1006")
    assert runtime.data_seed(42) not in fresh


@pytest.mark.parametrize("text", ["-1", "1.5", "new"])
def test_a_data_seed_that_is_no_number_is_refused(monkeypatch, text):
    monkeypatch.setenv("COURSE_DATA_SEED", text)
    with pytest.raises(ValueError, match=f"COURSE_DATA_SEED is '{text}'; expected a whole number"):
        runtime.data_seed(42)
