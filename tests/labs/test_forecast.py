"""Lab *forecast* (lessons 00 and 05): it takes forecasts of every kind of model."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.labs import forecast
from helpers.labs.framework.lab import Lab
from tests.labs.stand_ins import HORIZON, direct, past_and_future, slope


def ten_ahead(past):
    """A stand-in for a model from (batch, steps, 1) to (batch, 10)."""
    return np.asarray(past)[:, -1] * np.linspace(1, 0, 10)


def stand_in() -> Lab:
    """The lab on small data."""
    return forecast.lab({"stand-in": ten_ahead}, *past_and_future(40))


@pytest.fixture(scope="module")
def data():
    return past_and_future()


def every_time_step(past):
    """A sequence model: zeros at all time steps but the last."""
    out = np.zeros((*past.shape[:2], HORIZON))
    out[:, -1] = direct(past)
    return out


def decoder(past):
    return direct(past)[..., np.newaxis]


@pytest.mark.parametrize("model", [slope, direct, every_time_step, decoder])
def test_every_kind_of_output_gives_the_forecasts_of_the_last_time_step(model, data):
    run = forecast.forecaster("m", model, data[0], HORIZON)
    np.testing.assert_allclose(run(data[0]), direct(data[0]), atol=1e-4)


def test_an_iterated_model_always_gets_windows_of_the_same_length(data):
    lengths = []

    def watched(past):
        lengths.append(past.shape[1])
        return slope(past)

    forecast.iterated(watched, data[0][:, :20], HORIZON)
    assert lengths == [20] * HORIZON


def test_errors_by_step_are_those_from_the_origin(data):
    past, future = data
    found = forecast.forecasts_of({"slope": slope}, past, future)
    values = np.concatenate([past[:, :, 0], future], axis=1)
    for origin in (10, 35, 50):
        expected = np.mean((direct(past[:, :origin]) - values[:, origin : origin + HORIZON]) ** 2, axis=0)
        np.testing.assert_allclose(found.errors(origin, 50, 0.0)["slope"], expected, rtol=1e-3)
        naive = np.mean((values[:, [origin - 1]] - values[:, origin : origin + HORIZON]) ** 2, axis=0)
        np.testing.assert_allclose(found.errors(origin, 50, 0.0)["naive"], naive, rtol=1e-5)


def test_the_reading_says_what_was_seen_and_ends_at_the_horizon(data):
    lab = forecast.lab({"slope": slope}, *data)
    lab.set(origin=20, horizon=4, seen=30)
    assert lab.reading.startswith("Series 3, 20 steps seen; there are no 30 before the origin: slope is off by ")
    lab.set(seen=20)
    assert lab.reading.startswith("Series 3, 20 steps seen: slope is off by ")
    assert " at step 4. MSE of many series with this origin, past and noise: slope " in lab.reading
    lab.set(horizon=1)
    assert " at step 1. MSE" in lab.reading


def test_the_reading_gives_the_error_over_all_series_up_to_the_horizon(data):
    lab = forecast.lab({"slope": slope}, *data, origin=20)
    lab.set(horizon=4)
    assert lab.reading.endswith(f" slope {lab.data.errors(20, 50, 0.0)['slope'][:4].mean():.4f}.")


def test_it_opens_at_the_origin_asked_for_and_at_no_other(data):
    assert forecast.lab({"slope": slope}, *data).values()["origin"] == 50
    assert forecast.lab({"slope": slope}, *data, origin=15).values()["origin"] == 15
    with pytest.raises(ValueError, match="expected one of"):
        forecast.lab({"slope": slope}, *data, origin=17)


def test_the_errors_over_many_series_follow_what_is_seen_and_the_noise(data):
    past, future = data
    lab = forecast.lab({"mean": lambda seen: np.repeat(seen.mean(axis=1), HORIZON, axis=1)}, past, future)
    errors = lab.render(seen=5, noise=0.2).axes[1].lines[1].get_ydata()
    noisy = past[:, -5:, 0] + 0.2 * lab.data.noise[:, -5:]
    np.testing.assert_allclose(errors, np.mean((noisy.mean(axis=1, keepdims=True) - future) ** 2, axis=0), rtol=1e-4)
    shown = lab.render(series=7, seen=5, noise=0.2).axes[0].lines[1].get_ydata()
    np.testing.assert_allclose(shown, noisy[7], rtol=1e-5)  # one noise in both panels


@pytest.mark.parametrize("output", [lambda past: past[:, -1, 0], lambda past: np.zeros((len(past), 3))])
def test_a_model_with_another_output_is_refused(output, data):
    with pytest.raises(ValueError, match="expected"):
        forecast.lab({"odd": output}, *data)


def test_keras_models_of_all_kinds_are_taken_and_one_of_a_fixed_length_is_refused(data):
    import keras

    def rnn(length, *, all_steps, outputs):
        layers = [keras.Input((length, 1)), keras.layers.SimpleRNN(2, return_sequences=all_steps)]
        return keras.Sequential([*layers, keras.layers.Dense(outputs)])

    models = {
        "one": rnn(None, all_steps=False, outputs=1),
        "vector": rnn(None, all_steps=False, outputs=10),
        "sequence": rnn(None, all_steps=True, outputs=10),
    }
    lab = forecast.lab(models, *data)
    x = data[0][:1, :30]
    np.testing.assert_allclose(
        lab.data.models["sequence"](x), np.asarray(models["sequence"](x))[:, -1], rtol=1e-4, atol=1e-6
    )
    with pytest.raises(ValueError, match="takes 50 steps only"):
        forecast.lab({"fixed": rnn(50, all_steps=False, outputs=10)}, *data)
