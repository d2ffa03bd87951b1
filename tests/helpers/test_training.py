"""helpers.training: compile settings, the progress line, forgetting a model."""

from __future__ import annotations

import inspect
import json
import math
import re
import subprocess
import sys
import time
from pathlib import Path

import keras
import nbclient
import nbformat
import numpy as np
import pytest

from helpers import _keras_fit, _xla, progress, training
from helpers.labs.framework.lab import stop_callback

ROOT = Path(__file__).resolve().parents[2]


def data(n=40):
    X = np.random.RandomState(0).rand(n, 5, 1).astype("float32")
    return X, X[:, -1]


def small_model(**settings):
    keras.utils.set_random_seed(3)
    model = keras.Sequential([keras.Input((5, 1)), keras.layers.SimpleRNN(3), keras.layers.Dense(1)])
    model.compile(loss="mse", optimizer="adam", **settings)
    return model


def test_jit_compile_stays_on_after_compiling_and_fitting():
    model = small_model(**training.fast_settings(40, 10))
    model.fit(*data(), batch_size=10, epochs=1, verbose=0)
    assert model.jit_compile is True


def test_one_call_covers_all_batches_of_a_small_set_and_a_divisor_of_a_large_one():
    steps = [
        training.fast_settings(n, b, compile=False)["steps_per_execution"]
        for n, b in [(40, 10), (7000, 70), (7000, 35)]
    ]
    assert steps == [4, 50, 50]


def test_a_prime_number_of_batches_still_trains_on_every_example():
    settings = training.fast_settings(101, 1, compile=False)
    assert settings["steps_per_execution"] == 50
    ends = []

    class Ends(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            ends.append(batch)

    small_model(**settings).fit(*data(101), batch_size=1, epochs=1, verbose=0, callbacks=[Ends()])
    assert len(ends) == 3
    assert ends[-1] >= 100


def test_settings_do_not_change_what_is_learned():
    losses = []
    for settings in ({}, training.fast_settings(40, 10)):
        history = small_model(**settings).fit(*data(), batch_size=10, epochs=3, verbose=0)
        losses.append(history.history["loss"][-1])
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"n_samples": 7000, "batch_size": 32}, ("batch_size=32", "28", "35", "compile=False", "compiled again")),
        ({"n_samples": 7000, "batch_size": 70, "n_valid": 2000}, ("n_valid=2000", "valid_batch_size")),
        (
            {"n_samples": 7000, "batch_size": 70, "n_valid": 2000, "valid_batch_size": 300},
            ("valid_batch_size=300", "250"),
        ),
        ({"n_samples": 0, "batch_size": 70}, ("n_samples is 0", "at least 1")),
        ({"n_samples": 70, "batch_size": -1}, ("batch_size is -1",)),
    ],
)
def test_sizes_that_would_be_compiled_twice_are_refused(arguments, words):
    with pytest.raises(ValueError, match=r"expected|divide") as error:
        training.fast_settings(**arguments)
    assert all(word in str(error.value) for word in words)


@pytest.mark.parametrize(
    ("sizes", "advice"),
    [
        ((1237, 32), "What helps: leave out 21 rows (1216 remain), or pass compile=False."),
        ((7000, 32), "What helps: take 25 or 28 or 35 or 40, leave out 24 rows (6976 remain), or pass compile=False."),
        ((20, 32), "What helps: take 20, or pass compile=False."),
        ((17, 64), "What helps: pass compile=False."),
    ],
)
def test_the_advice_on_a_batch_size_can_be_followed(sizes, advice):
    with pytest.raises(ValueError, match="does not divide") as error:
        training.fast_settings(*sizes)
    assert str(error.value).endswith(advice)


def test_sizes_that_are_no_whole_numbers_are_refused():
    for size in (70.0, "70", True, None):
        with pytest.raises(TypeError, match="batch_size is"):
            training.fast_settings(7000, size)


def test_uncompiled_models_may_have_a_smaller_last_batch():
    assert training.fast_settings(7000, 32, compile=False)["jit_compile"] is False


def test_validation_may_have_its_own_batches():
    assert training.fast_settings(7000, 70, n_valid=2000, valid_batch_size=500)["steps_per_execution"] == 50


def test_without_xla_the_reader_is_told_once_and_models_train_uncompiled(monkeypatch, capsys):
    def fail():
        raise RuntimeError("device is not XLA-capable")

    monkeypatch.setattr(_xla._XLA, "works", None)
    monkeypatch.setattr(_xla, "_compile_trivial", fail)
    assert training.fast_settings(40, 10)["jit_compile"] is False
    assert training.fast_settings(40, 10)["jit_compile"] is False
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1
    assert "XLA" in lines[0]


def test_progress_prints_one_line_in_a_script(capsys):
    history = small_model().fit(*data(), epochs=2, verbose=0, validation_data=data(), callbacks=[training.Progress()])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith(f"2 epochs in {history.seconds:.1f} s: loss ")
    assert ", validation " in lines[0]


def test_seconds_hold_the_whole_fit(capsys):
    """The first tracing, with what it compiles, belongs to it."""
    model, tracing = small_model(), 0.5
    compute_loss = model.compute_loss

    def slow_to_trace(*arguments, **named):
        time.sleep(tracing)
        return compute_loss(*arguments, **named)

    model.compute_loss = slow_to_trace
    began = time.perf_counter()
    history = model.fit(*data(), epochs=1, verbose=0, callbacks=[training.Progress("T = 50")])
    assert tracing < history.seconds < time.perf_counter() - began
    assert capsys.readouterr().out.startswith("T = 50: 1 epoch in ")


@pytest.mark.parametrize(("first_epoch", "batches"), [(0, 219), (0, 100), (0, 50), (4, 100)])
def test_the_time_left_is_that_of_the_epochs_that_are_left(monkeypatch, first_epoch, batches):
    """A first epoch of ten seconds, then of two each; Keras counts batches by whole calls, so beyond the last."""
    shown, clock, epochs = [], [0.0], first_epoch + 5
    monkeypatch.setattr(progress, "_live_line", lambda: shown.append)
    monkeypatch.setattr(progress, "REDRAW", 0)
    monkeypatch.setattr(progress.time, "perf_counter", lambda: clock[0])
    line = training.Progress()
    line.set_model(small_model())
    line.set_params({"epochs": epochs, "steps": batches})
    line.on_train_begin()
    calls = math.ceil(batches / 50)
    for epoch in range(first_epoch, epochs):
        line.on_epoch_begin(epoch)
        for call in range(1, calls + 1):
            clock[0] += (10 if epoch == first_epoch else 2) / calls
            line.on_train_batch_end(50 * call - 1)
            told = re.search(r"about (-?\d+) s left", shown[-1])
            if epoch == first_epoch:
                assert told is None
            else:
                left = 18 - clock[0]
                assert abs(float(told[1]) - left) <= 1.5, shown[-1]
        line.on_epoch_end(epoch, {"loss": 0.1})


def test_a_fit_that_is_stopped_says_so(capsys):
    stop = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: setattr(stop.model, "stop_training", True))
    small_model().fit(*data(), epochs=9, verbose=0, callbacks=[stop, training.Progress()])
    assert capsys.readouterr().out.startswith("stopped after 1 of 9 epochs in ")


def test_progress_can_be_used_for_a_second_fit(capsys):
    model, line = small_model(), training.Progress()
    for epochs in (3, 1):
        model.fit(*data(), epochs=epochs, verbose=0, callbacks=[line])
    assert [line[:8] for line in capsys.readouterr().out.splitlines()] == ["3 epochs", "1 epoch "]


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.00234, "0.0023"), (0.000833, "0.00083"), (184.23, "184"), (1.5, "1.5000"), (math.nan, "nan"), (0.0, "0")],
)
def test_figures_are_short(value, text):
    assert progress._figure(value) == text


def test_the_watched_line_shows_bar_and_time_and_is_not_redrawn_too_often(monkeypatch):
    shown = []
    monkeypatch.setattr(progress, "_live_line", lambda: shown.append)
    small_model().fit(*data(200), batch_size=1, epochs=3, verbose=0, callbacks=[training.Progress()])
    assert "epoch 1 of 3" in shown[0]
    assert "preparing" in shown[0]
    assert shown[-1].startswith("3 epochs in ")
    assert len(shown) <= 2 + float(shown[-1].split()[3]) / progress.REDRAW + 1


def test_forget_drops_what_was_compiled_and_keeps_the_weights():
    model = small_model()
    model.fit(*data(), epochs=1, verbose=0)
    before = model.predict(data()[0], verbose=0)
    training.forget(model)
    assert model.train_function is None
    assert model.optimizer is None
    model.compile(loss="mse")
    np.testing.assert_array_equal(model.predict(data()[0], verbose=0), before)


def test_forget_refuses_other_things():
    with pytest.raises(TypeError, match="forget got str"):
        training.forget("model")


RUN = """
import os, sys
sys.path.insert(0, {root!r})
from helpers import runtime
runtime.start(5)
from helpers import training
import hashlib, keras, numpy as np
X = np.random.RandomState(0).rand(40, 5, 1).astype("float32")
keras.utils.set_random_seed(runtime.seed)
model = keras.Sequential([keras.Input((5, 1)), keras.layers.SimpleRNN(3, dropout=0.2), keras.layers.Dense(1)])
model.compile(loss="mse", optimizer="adam", **training.fast_settings(40, 10))
model.fit(X, X[:, -1], batch_size=10, epochs=2, verbose=0)
assert model.jit_compile
print(hashlib.sha256(b"".join(w.tobytes() for w in model.get_weights())).hexdigest())
"""


def test_two_fresh_processes_end_with_equal_weights_and_print_nothing_else():
    command = [sys.executable, "-c", RUN.format(root=str(ROOT))]
    pair = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    ends = [process.communicate(timeout=180) for process in pair]
    assert [process.returncode for process in pair] == [0, 0], ends
    (first, first_errors), (second, _) = ends
    assert first == second
    assert len(first.strip()) == 64
    assert first_errors == ""


XLA = """
import json, os, sys
sys.path.insert(0, {root!r})
from helpers import runtime
runtime.start(5)
from helpers import _xla, training
import hashlib, keras, numpy as np, tensorflow as tf
if not {flagged}:
    _xla.XLA_FLAG_VERSIONS = ()
assert training.xla_works()
X = np.random.RandomState(0).rand(40, 30, 1).astype("float32")
keras.utils.set_random_seed(runtime.seed)
layers = keras.layers.SimpleRNN(7, return_sequences=True), keras.layers.LSTM(7), keras.layers.Dense(1)
model = keras.Sequential([keras.Input((30, 1)), *layers])
model.compile(loss="mse", optimizer="adam", **training.fast_settings(40, 10))
model.fit(X, X[:, -1], batch_size=10, epochs=2, verbose=0, callbacks=[training.Progress()])
step = tf.function(model.train_step, jit_compile=True)
compiled = step.experimental_get_compiler_ir((X[:10], X[:10, -1]))(stage="optimized_hlo")
copies = sum("= f32[30,10,7]" in line and " copy(" in line for line in compiled.splitlines())
weights = hashlib.sha256(b"".join(w.tobytes() for w in model.get_weights())).hexdigest()
print(json.dumps([weights, copies, os.environ.get("XLA_FLAGS")]))
"""


def test_the_flag_for_xla_spares_copies_changes_no_digit_and_does_not_stay_in_the_environment(monkeypatch):
    found = []
    for flagged in (True, False):
        code = XLA.format(root=str(ROOT), flagged=flagged)
        monkeypatch.setenv("XLA_FLAGS", "--xla_cpu_enable_fast_math=false")
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=180)
        assert done.returncode == 0, done.stderr
        found.append(json.loads(done.stdout.splitlines()[-1]))
    (weights, copies, left), (plain_weights, plain_copies, _) = found
    assert weights == plain_weights
    assert copies < plain_copies
    assert left == "--xla_cpu_enable_fast_math=false"


@pytest.mark.parametrize("callbacks", [[training.Progress()], [stop_callback(lambda: False)]])
def test_with_our_callbacks_a_step_is_traced_once(monkeypatch, callbacks):
    traced = []
    step = keras.Model.train_step
    monkeypatch.setattr(keras.Model, "train_step", lambda model, data: traced.append(1) or step(model, data))
    small_model().fit(*data(), epochs=2, verbose=0, callbacks=callbacks)
    assert len(traced) == 1
    small_model().fit(*data(), epochs=2, verbose=0)
    assert len(traced) == 3, "TensorFlow traces a step once by now, so training.prepare can go"


def test_a_model_that_is_not_built_yet_trains_as_ever():
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile(loss="mse", optimizer="adam")
    X, y = data()
    model.fit(X[..., 0], y, epochs=1, verbose=0, callbacks=[training.Progress()])
    assert model.optimizer.built


WATCHED = """
import sys
sys.path.insert(0, {root!r})
from helpers import runtime
runtime.start()
from helpers import training
import keras, numpy as np
X = np.zeros((40, 2), "float32")
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
model.compile(loss="mse")
print("before")
for _ in range(2):
    history = model.fit(X, X[:, :1], epochs=40, verbose=0, callbacks=[training.Progress()])
    print("after")
"""


def test_a_saved_notebook_holds_one_clean_line_a_fit_below_what_was_printed_before(monkeypatch):
    monkeypatch.delenv("COURSE_TEST", raising=False)
    monkeypatch.delenv("COURSE_SEED", raising=False)
    source = WATCHED.format(root=str(ROOT))
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    texts = [out.get("text") or out["data"]["text/plain"] for out in notebook.cells[0].outputs]
    assert [text.strip()[:6] for text in texts] == ["before", "40 epo", "after", "40 epo", "after"]
    assert not any(mark in text for text in texts for mark in "\r\b\x1b█")


def test_a_fit_that_goes_on_counts_its_own_epochs(capsys):
    small_model().fit(*data(), initial_epoch=2, epochs=5, verbose=0, callbacks=[training.Progress()])
    assert capsys.readouterr().out.startswith("3 epochs in ")


def test_after_a_seed_fit_draws_one_order_of_batches_for_all_epochs():
    """Lessons explain still-standing learning curves by this; should Keras change it, their text must change too."""
    seen = []

    class Spy(keras.Sequential):
        def train_step(self, data):
            seen.append(np.ravel(data[0]).astype(int).tolist())
            return super().train_step(data)

    keras.utils.set_random_seed(1)
    model = Spy([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(loss="mse", optimizer="sgd", run_eagerly=True)
    X = np.arange(12, dtype="float32")[:, np.newaxis]
    model.fit(X, X, batch_size=4, epochs=2, verbose=0)
    assert seen[:3] == seen[3:]
    assert np.ravel(seen[:3]).tolist() != list(range(12))


def batches_that_fit_reads(monkeypatch, make):
    """The options and the batches of the dataset that ``fit`` makes from arrays, if ``make`` makes it."""
    made = []
    monkeypatch.setattr(
        training.ArrayDataAdapter, "get_tf_dataset", lambda adapter: made.append(make(adapter)) or made[-1]
    )
    keras.utils.set_random_seed(1)
    small_model().fit(*data(), batch_size=8, verbose=0)
    keras.utils.set_random_seed(1)
    return made[0].options(), [X.numpy().tolist() for X, _ in made[0]]


def test_fit_reads_arrays_without_a_thread_that_tunes_and_in_the_same_order(monkeypatch):
    """That thread can hold up the end of an epoch, see ``_keras_fit._end_epochs_at_once``."""
    ours = training.ArrayDataAdapter.get_tf_dataset
    options, batches = batches_that_fit_reads(monkeypatch, ours)
    keras_options, keras_batches = batches_that_fit_reads(monkeypatch, ours.__wrapped__)
    assert options.autotune.enabled is False
    assert keras_options.autotune.enabled is None
    assert batches == keras_batches
    assert len(batches) == 5


def test_the_thread_is_taken_out_once():
    ours = training.ArrayDataAdapter.get_tf_dataset
    _keras_fit._end_epochs_at_once()
    assert training.ArrayDataAdapter.get_tf_dataset is ours


# --- ids and labels -------------------------------------------------------------------------------------------------


def reader(loss="binary_crossentropy", classes=1, **settings):
    """The smallest model with an embedding of ten rows."""
    keras.utils.set_random_seed(1)
    head = keras.layers.Dense(classes, activation="sigmoid" if classes == 1 else "softmax")
    parts = [keras.layers.Embedding(10, 4, mask_zero=True, name="words"), keras.layers.SimpleRNN(4), head]
    model = keras.Sequential([keras.Input((5,)), *parts])
    model.compile(loss=loss, optimizer="sgd", **settings)
    return model


def rows(number=3):
    X = np.full((60, 5), 3)
    X[:, 2] = number
    return X


@pytest.mark.parametrize("use", ["fit", "validate", "evaluate", "predict"])
def test_an_id_out_of_range_is_refused_though_xla_does_not_notice_it(use):
    y = np.zeros((60, 1))
    model = reader(**training.fast_settings(60, 60))
    calls = {
        "fit": lambda X: model.fit(X, y, batch_size=60, verbose=0),
        "validate": lambda X: model.fit(rows(), y, batch_size=60, verbose=0, validation_data=(X, y)),
        "evaluate": lambda X: model.evaluate(X, y, batch_size=60, verbose=0),
        "predict": lambda X: model.predict(X, batch_size=60, verbose=0),
    }
    for number in (10, 999, -1):
        with pytest.raises(ValueError, match=rf"the id {number} at \[0, 2\]; layer 'words' has rows 0 to 9"):
            calls[use](rows(number))
    calls[use](rows(9))


@pytest.mark.parametrize(
    "loss", ["sparse_categorical_crossentropy", keras.losses.SparseCategoricalCrossentropy(from_logits=False)]
)
def test_a_label_out_of_range_is_refused_where_the_loss_would_be_nan(loss):
    model = reader(loss, 2, **training.fast_settings(60, 60))
    y = np.zeros(60, int)
    for label in (2, -1):
        y[7] = label
        with pytest.raises(ValueError, match=rf"the label {label} at \[7\]; the model has 2 classes, 0 to 1"):
            model.fit(rows(), y, batch_size=60, verbose=0)
    y[7] = 1
    assert math.isfinite(model.fit(rows(), y, batch_size=60, verbose=0).history["loss"][0])


def test_a_label_that_the_loss_ignores_is_no_class():
    model = reader(keras.losses.SparseCategoricalCrossentropy(ignore_class=-1), 2)
    training.check_ids(model, rows(), np.full(60, -1))
    with pytest.raises(ValueError, match="the label -2"):
        training.check_ids(model, rows(), np.full(60, -2))


def test_xla_itself_takes_an_id_and_a_label_out_of_range_without_a_word():
    """Should TensorFlow raise here one day, ``check_ids`` can go."""
    model = reader("sparse_categorical_crossentropy", 2, jit_compile=True)
    last, beyond = (model.predict_on_batch(rows(number)) for number in (9, 10))
    np.testing.assert_array_equal(last, beyond)
    assert math.isnan(model.train_on_batch(rows(), np.full(60, 2)))


def test_uncompiled_models_are_left_to_tensorflow():
    with pytest.raises(Exception, match=r"is not in \[0, 10\)"):
        reader(jit_compile=False).fit(rows(10), np.zeros((60, 1)), verbose=0)


def test_ids_are_found_among_several_inputs():
    words, size = keras.Input((5,), name="read"), keras.Input((1,), name="size")
    table = keras.layers.Embedding(10, 4, name="words")
    model = keras.Model([size, words], keras.layers.Concatenate()([size, keras.layers.Flatten()(table(words))]))
    for X in ([np.full((60, 1), 99), rows(10)], {"read": rows(10), "size": np.full((60, 1), 99)}):
        with pytest.raises(ValueError, match="the id 10 at"):
            training.check_ids(model, X)
    training.check_ids(model, [np.full((60, 1), 99), rows(9)])


def test_what_is_no_array_of_numbers_passes():
    model = reader()
    for X in (iter([]), np.array(["a"]), None, np.zeros((0, 5))):
        training.check_ids(model, X)


def test_fit_keeps_its_name_and_arguments_for_help():
    assert keras.Model.fit.__name__ == "fit"
    assert "validation_data" in inspect.signature(keras.Model.fit).parameters
