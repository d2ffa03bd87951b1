"""Seconds of an epoch for one size of model and data, in a process of its own: a JSON job in, figures as JSON out."""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import sys
import time

EPOCHS = 4


def main() -> None:
    """Build, compile and train the model of the job; its first epoch holds the compilation and is not counted."""
    job = json.load(sys.stdin)
    import keras
    import numpy as np

    from helpers import series, training

    values = series.generate_time_series(job["series"], job["steps"] + job["ahead"])
    X = values[:, : job["steps"]]
    Y = np.lib.stride_tricks.sliding_window_view(values[:, 1:, 0], job["ahead"], axis=1)
    ends: list[float] = []
    clock = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: ends.append(time.perf_counter()))
    with open(os.devnull, "w", encoding="utf-8") as nowhere, contextlib.redirect_stdout(nowhere):
        keras.utils.set_random_seed(0)
        began = time.perf_counter()
        recurrent = [keras.layers.SimpleRNN(job["units"], return_sequences=True) for _ in range(job["layers"])]
        model = keras.Sequential([keras.Input((job["steps"], 1)), *recurrent, keras.layers.Dense(job["ahead"])])
        optimizer = keras.optimizers.Adam(learning_rate=1e-3, clipnorm=1.0)
        model.compile(loss="mse", optimizer=optimizer, **training.fast_settings(len(X), job["batch"]))
        training.prepare(model)
        model.fit(X, Y, batch_size=job["batch"], epochs=EPOCHS, verbose=0, callbacks=[clock])
    epoch = statistics.median(np.diff(ends).tolist())
    print(json.dumps({"epoch": epoch, "compile": ends[0] - began - epoch, "machine": _matrix_product(np)}))


def _matrix_product(np: object) -> float:
    """GFLOP/s of a product of two large matrices: what this machine could do."""
    a = np.ones((1500, 1500), dtype=np.float32)
    a @ a
    best = float("inf")
    for _ in range(5):
        began = time.perf_counter()
        a @ a
        best = min(best, time.perf_counter() - began)
    return 2 * 1500**3 / best / 1e9


if __name__ == "__main__":
    main()
