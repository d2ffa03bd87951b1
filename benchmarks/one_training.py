"""One training in a process of its own: a JSON job on standard input, what was measured as JSON on standard output.

The job is a training cut out of a lesson (``benchmarks.lessons``) and a way to train it:

``course``  as the lesson does, its schedule untouched, but stopped after the epoch that reaches the published error;
``jax``     the same on Keras' JAX backend, where Keras itself chooses what is compiled (by default: all of it);
``notes``   the same model and data by the class notes' recipe: Adam at a constant rate, batch 32, 20 epochs, nothing
            else set;
``arrays``  not trained: data, rates of all steps and layers are written for ``benchmarks.one_torch``.

Seconds run from the first line of the cell that builds the model: building, tracing and compiling count, importing
TensorFlow and making the data do not. One process a training: nothing compiled or allocated by another one helps it.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from typing import Any


class Done(Exception):
    """Ends the cell when its model is trained."""


def main() -> None:
    """Run the job of standard input."""
    job = json.load(sys.stdin)
    import keras
    import numpy as np

    from helpers import runtime

    runtime.seed = job["seed"]
    np.random.seed(job["seed"])
    namespace: dict[str, Any] = {"runtime": runtime}
    with open(os.devnull, "w", encoding="utf-8") as nowhere, contextlib.redirect_stdout(nowhere):
        exec(compile(job["setup"], "<setup>", "exec"), namespace)
        watch = _watch(keras, job, namespace)
        _put_between(keras, job, watch)
        watch.began = time.perf_counter()
        with contextlib.suppress(Done):
            exec(compile(job["cell"], "<cell>", "exec"), namespace)
            raise RuntimeError("the cell has not called fit")
    if job["how"] == "arrays":
        print(json.dumps(watch.described))
        return
    course = sys.modules.get("helpers.training")
    if course and course._XLA.works is False and job["how"] == "course":
        raise RuntimeError("XLA cannot compile on this machine, so this was not the course's training")
    figures = {"errors": watch.errors, "seconds": watch.seconds, "total": watch.total}
    print(json.dumps(figures | {"jax": _jax()}))


def _watch(keras: Any, job: dict, namespace: dict[str, Any]) -> Any:
    """A callback that notes error and seconds after each epoch, and ends the training at the published error.

    The error is the validation's, or what the job's own expression gives; its seconds do not count.
    """

    class Watch(keras.callbacks.Callback):
        def __init__(self) -> None:
            super().__init__()
            self.began, self.total = 0.0, 0.0
            self.errors: list[float] = []
            self.seconds: list[float] = []
            self.described: dict[str, Any] = {}

        def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
            ended = time.perf_counter()
            self.seconds.append(ended - self.began)
            if job.get("error"):
                self.errors.append(float(eval(job["error"], namespace | {"model": self.model})))
            else:
                self.errors.append(float(logs.get("val_last_step_mse", logs["val_loss"])))
            self.began += time.perf_counter() - ended
            if job.get("published") is not None and round(self.errors[-1], 4) <= job["published"]:
                self.model.stop_training = True

    return Watch()


def _put_between(keras: Any, job: dict, watch: Any) -> None:
    """Let ``compile`` and ``fit`` do what this way of training asks for; ``fit`` then ends the cell."""
    compile_model, fit = keras.Model.compile, keras.Model.fit
    if job["how"] == "notes" and (course := sys.modules.get("helpers.training")):
        # Without what that module does for every fit, and without its look for XLA: the notes' reader has no course.
        course.ArrayDataAdapter.get_tf_dataset = course.ArrayDataAdapter.get_tf_dataset.__wrapped__
        course._XLA.works = False

    def compile_as_asked(model: Any, **settings: Any) -> None:
        if job["how"] == "notes":
            optimizer = keras.optimizers.Adam(learning_rate=job["rate"])
            settings = {"loss": "mse", "optimizer": optimizer, "metrics": settings.get("metrics")}
        elif job["how"] == "jax":
            settings.pop("jit_compile", None)
        compile_model(model, **settings)

    def fit_as_asked(model: Any, *data: Any, **settings: Any) -> None:
        if job["how"] == "arrays":
            watch.described = _write_arrays(model, data, settings, job["arrays"])
            raise Done
        if job["how"] == "notes":
            settings = {"epochs": 20, "validation_data": settings["validation_data"]}
        fit(model, *data, **settings | {"callbacks": [*settings.get("callbacks", ()), watch]})
        watch.total = time.perf_counter() - watch.began
        raise Done

    keras.Model.compile, keras.Model.fit = compile_as_asked, fit_as_asked


def _write_arrays(model: Any, data: tuple, settings: dict, file: str) -> dict[str, Any]:
    """Write what a training is made of, and describe the rest: layers, batch size, epochs, clipping.

    Raises:
        ValueError: a layer is none of those that ``benchmarks.one_torch`` knows.
    """
    import numpy as np

    layers = []
    for layer in model.layers:
        inner = getattr(layer, "layer", layer)  # TimeDistributed(Dense) is Dense at each step
        kind = type(inner).__name__
        if kind not in ("SimpleRNN", "LSTM", "GRU", "Dense"):
            raise ValueError(f"{kind} has no peer in benchmarks/one_torch.py; leave the row without one.")
        layers.append(
            {"kind": kind, "units": inner.units, "every_step": bool(getattr(inner, "return_sequences", False))}
        )
    (X, y), (X_valid, y_valid) = data, settings["validation_data"]
    rate, steps = model.optimizer._learning_rate, settings["epochs"] * -(-len(X) // settings["batch_size"])
    rates = [float(rate(step)) if callable(rate) else float(np.asarray(rate)) for step in range(steps)]
    arrays = {"X": X, "y": y, "X_valid": X_valid, "y_valid": y_valid, "rates": rates}
    np.savez(file, **{name: np.asarray(values, "float32") for name, values in arrays.items()})
    return {
        "layers": layers,
        "batch_size": settings["batch_size"],
        "epochs": settings["epochs"],
        "clipnorm": model.optimizer.clipnorm,
        "last_step": np.ndim(y) == 3,
    }


def _jax() -> str | None:
    """The version of JAX where Keras runs on it."""
    jax = sys.modules.get("jax")
    return None if jax is None else jax.__version__


if __name__ == "__main__":
    main()
