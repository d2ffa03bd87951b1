"""Lab *day* (lesson 10): what a disturbance changes, and who reacts to it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.labs import day
from helpers.labs.framework.lab import Invalid, Lab
from tests.labs.stand_ins import FORECASTERS, MIDNIGHTS, last_week, traffic


def stand_in() -> Lab:
    """The lab on small data."""
    return day.lab(FORECASTERS, traffic(), MIDNIGHTS)


@pytest.fixture(scope="module")
def frame():
    return traffic()


@pytest.fixture(scope="module")
def plain(frame):
    return day.disturb(frame, MIDNIGHTS, lost=0, storm="none")


def test_without_a_disturbance_the_pieces_are_the_frame(frame, plain):
    piece = plain.iloc[: day.HISTORY + 24]
    pd.testing.assert_frame_equal(
        piece, frame.iloc[MIDNIGHTS[0] - day.HISTORY : MIDNIGHTS[0] + 24], check_freq=False, check_names=False
    )
    assert len(plain) == len(MIDNIGHTS) * (day.HISTORY + 24)


@pytest.mark.parametrize(("storm", "hours"), [("the evening before", range(-12, 0)), ("on the day", range(24))])
def test_a_storm_changes_the_weather_of_its_hours_and_no_traffic(frame, plain, storm, hours):
    stormy = day.disturb(frame, MIDNIGHTS, lost=0, storm=storm)
    assert stormy["traffic"].equals(plain["traffic"])
    changed = np.flatnonzero(
        (stormy[["weather", "clouds", "temperature"]] != plain[["weather", "clouds", "temperature"]]).any(axis=1)
    )
    assert set(changed % (day.HISTORY + 24) - day.HISTORY) == set(hours)
    at = day.HISTORY + np.array(hours)
    assert (stormy["weather"].iloc[at] == "Snow").all()
    assert (stormy["temperature"].iloc[at] <= -2).all()


def test_lost_hours_are_repaired_backwards_and_take_the_storm_with_them(frame):
    lost = day.disturb(frame, MIDNIGHTS, lost=24, storm="the evening before")
    gap = np.arange(day.HISTORY - 24, day.HISTORY)
    assert lost["missing"].iloc[gap].all()
    np.testing.assert_array_equal(lost["traffic"].iloc[gap], lost["traffic"].iloc[gap - 168])
    assert (lost["weather"].iloc[gap] == lost["weather"].iloc[gap[0] - 1]).all()


def test_the_frame_stays_as_it_was(frame):
    before = frame.copy()
    day.disturb(frame, MIDNIGHTS, lost=72, storm="on the day")
    pd.testing.assert_frame_equal(frame, before)


@pytest.fixture(scope="module")
def day_lab(frame):
    return day.lab(FORECASTERS, frame, MIDNIGHTS, day=3)


def test_errors_are_those_of_the_forecasts_repaired_hours_apart(frame, day_lab):
    hours = MIDNIGHTS[3] + np.arange(24)
    truth, scored = frame["traffic"].to_numpy()[hours], ~frame["missing"].to_numpy()[hours]
    wrong = np.abs(last_week(frame, MIDNIGHTS[3:4])[0] - truth)
    assert day_lab.data.error(3, "last week", 0, "none") == pytest.approx(wrong[scored].mean())


def test_only_who_sees_tomorrow_reacts_to_tomorrows_storm(day_lab):
    day_lab.reset()
    day_lab.set(model="snow", storm="on the day")
    assert "moved it by 0" not in day_lab.reading
    day_lab.set(model="last week")
    assert day_lab.reading.endswith("The disturbance moved it by 0.")


def test_hours_lost_before_midnight_move_who_relies_on_them(day_lab):
    day_lab.reset()
    day_lab.set(model="yesterday", lost=24)
    assert "moved it by 0" not in day_lab.reading
    np.testing.assert_array_equal(
        day_lab.data.forecasts["yesterday", 24, "none"][..., 1], day_lab.data.past[24, "none"][:, -24:]
    )


def test_an_interval_is_counted_and_a_point_forecast_has_none(day_lab):
    day_lab.reset()
    day_lab.set(model="yesterday")
    assert "hours lie in the interval" in day_lab.reading
    day_lab.set(model="last week")
    assert "interval" not in day_lab.reading


def test_the_least_error_is_named(day_lab):
    day_lab.reset()
    errors = {name: day_lab.data.error(3, name, 0, "none") for name in FORECASTERS}
    best = min(errors, key=errors.get)
    day_lab.set(model=best)
    assert "(the least of all)" in day_lab.reading


def test_nonsense_is_refused(frame, day_lab):
    with pytest.raises(Invalid, match="Day 99"):
        day_lab.render(day=99)
    with pytest.raises(ValueError, match="1 forecasters"):
        day.lab({"one": last_week}, frame, MIDNIGHTS)
    with pytest.raises(ValueError, match=r"expected \(30, 24\)"):
        day.lab({"a": last_week, "b": lambda frame, rows: rows}, frame, MIDNIGHTS)
    with pytest.raises(ValueError, match="1008 hours before"):
        day.lab(FORECASTERS, frame, [240])


@pytest.mark.parametrize(
    "damage", [lambda frame: frame.drop(frame.index[50:60]), lambda frame: frame.assign(traffic=np.nan)]
)
def test_a_frame_with_missing_hours_or_values_is_refused(frame, damage):
    with pytest.raises(ValueError, match=r"asfreq|NaN"):
        day.lab(FORECASTERS, damage(frame), MIDNIGHTS)
