"""Lab *origin* (lesson 10): every origin is scored on its own 24 hours."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.labs import origin
from helpers.labs.framework.lab import Invalid, Lab
from tests.labs.stand_ins import FORECASTERS, MIDNIGHTS, last_week, traffic, yesterday


def stand_in() -> Lab:
    """The lab on small data."""
    return origin.lab(FORECASTERS, traffic(), MIDNIGHTS, holidays=np.arange(len(traffic())) % 700 < 24)


@pytest.fixture(scope="module")
def frame():
    return traffic()


@pytest.fixture(scope="module")
def holidays(frame):
    return (frame.index.strftime("%m-%d") == "12-25").astype(bool)


@pytest.fixture(scope="module")
def origin_lab(frame, holidays):
    return origin.lab(FORECASTERS, frame, MIDNIGHTS, holidays=holidays, day=2)


def test_every_origin_is_scored_on_its_own_24_hours(frame, origin_lab):
    rows = np.array([MIDNIGHTS[2] + 12])
    truth = frame["traffic"].to_numpy()[rows[0] + np.arange(24)]
    scored = ~frame["missing"].to_numpy()[rows[0] + np.arange(24)]
    wrong = np.abs(last_week(frame, rows)[0] - truth)[scored].mean()
    assert origin_lab.data.errors("last week", 12)[2] == pytest.approx(wrong)
    origin_lab.set(day=2, hour=12)
    assert f"last week {wrong:,.0f}" in origin_lab.reading


def test_of_an_interval_the_middle_is_scored(frame, origin_lab):
    middle = yesterday(frame, MIDNIGHTS)[..., 1]
    np.testing.assert_array_equal(origin_lab.data.forecasts["yesterday"][:, 0], middle)


def test_a_mean_over_days_looks_backwards_only():
    np.testing.assert_allclose(origin.trailing_mean(np.array([4.0, 2.0, 0.0]), 2), [np.nan, 3.0, 1.0])
    np.testing.assert_allclose(origin.trailing_mean(np.array([4.0, 2.0]), 1), [4.0, 2.0])


def test_snow_and_holidays_are_marked(origin_lab, holidays):
    assert origin_lab.data.special.sum() == holidays[MIDNIGHTS[0] : MIDNIGHTS[-1] + 24].any()
    assert origin_lab.data.snow.any()


def test_nonsense_is_refused(frame, holidays, origin_lab):
    with pytest.raises(Invalid, match="Day -1"):
        origin_lab.render(day=-1)
    with pytest.raises(ValueError, match="2 to 5"):
        origin.lab({"one": last_week}, frame, MIDNIGHTS, holidays=holidays)
    with pytest.raises(ValueError, match="28 midnights"):
        origin.lab(FORECASTERS, frame, MIDNIGHTS[:5], holidays=holidays)
    with pytest.raises(ValueError, match="gave"):
        origin.lab({"a": last_week, "b": lambda frame, rows: rows}, frame, MIDNIGHTS, holidays=holidays)


@pytest.mark.parametrize(
    "damage", [lambda frame: frame.drop(frame.index[50:60]), lambda frame: frame.assign(traffic=np.nan)]
)
def test_a_frame_with_missing_hours_or_values_is_refused(frame, damage):
    with pytest.raises(ValueError, match=r"asfreq|NaN"):
        origin.lab(FORECASTERS, damage(frame), MIDNIGHTS, holidays=np.zeros(len(frame), bool))
