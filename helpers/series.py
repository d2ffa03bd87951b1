"""The two series of the course, made or loaded, and the ways to split and window them without leaking."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from helpers import runtime
from helpers._validate import breaks, no_gaps, numeric, one_of, regular, whole

if TYPE_CHECKING:
    import pandas as pd  # half a second to load: only what reads a frame does

TRAFFIC_FILE = Path(__file__).resolve().parent / "data" / "traffic_hourly.csv.gz"
HOURS_PER_DAY = 24
HOURS_PER_WEEK = 168


class Splits(NamedTuple):
    """Training, validation and test part of one data set, in this order."""

    train: np.ndarray | pd.DataFrame
    valid: np.ndarray | pd.DataFrame
    test: np.ndarray | pd.DataFrame


def generate_time_series(batch_size: int, n_steps: int, seed: int = 42) -> np.ndarray:
    """Draw series that are two sine waves and noise, the same ones as in the published figures.

    Every series has its own two frequencies and offsets; time runs from 0 to 1 in ``n_steps`` steps. The numbers come
    from NumPy's legacy generator, whose stream never changes: first ``rand(4, batch_size, 1)``, then the noise.

    Args:
        batch_size: how many series, at least 1.
        n_steps: steps of each series, at least 1. Another number is another grid: 51 and 60 steps differ everywhere.
        seed: a whole number from 0 to 2**32 - 1. A replication draws other series, see ``runtime.data_seed``.

    Returns:
        float32 array (batch_size, n_steps, 1), one value observed at each step.

    Raises:
        TypeError: a size or the seed is not a whole number.
        ValueError: a size is below 1, or the seed is out of range.

    Source: A. Géron, Hands-On Machine Learning, 2nd ed. (2019), chapter 15.

    >>> generate_time_series(10000, 51)[7000:7003, 49, 0]  # the published naive forecasts
    array([ 0.5643068 , -0.6759614 ,  0.64214784], dtype=float32)
    """
    batch_size = whole("batch_size", batch_size, 1)
    n_steps = whole("n_steps", n_steps, 1)
    random = np.random.RandomState(runtime.data_seed(whole("seed", seed, 0, 2**32 - 1)))
    freq1, freq2, offset1, offset2 = random.rand(4, batch_size, 1)
    time = np.linspace(0, 1, n_steps)
    series = 0.5 * np.sin((time - offset1) * (freq1 * 10 + 10))
    series += 0.2 * np.sin((time - offset2) * (freq2 * 20 + 20))
    series += 0.1 * (random.rand(batch_size, n_steps) - 0.5)
    return series[..., np.newaxis].astype(np.float32)


def noise_floor(amplitude: float = 0.1) -> float:
    """The variance of noise drawn evenly from an interval of width ``amplitude``: the best mean squared error there is.

    Args:
        amplitude: width of the interval, in units of the series; 0 is no noise.

    Returns:
        ``amplitude**2 / 12``, the variance of the continuous uniform distribution, in squared units of the series.

    Raises:
        TypeError: ``amplitude`` is not a number.
        ValueError: ``amplitude`` is negative, NaN or infinite.

    >>> round(noise_floor(), 6)
    0.000833
    """
    if isinstance(amplitude, bool) or not isinstance(amplitude, int | float | np.integer | np.floating):
        raise TypeError(f"amplitude is {amplitude!r}; expected a number, e.g. 0.1.")
    if not np.isfinite(amplitude) or amplitude < 0:
        raise ValueError(f"amplitude is {amplitude}; expected a finite width of 0 or more, e.g. 0.1.")
    return float(amplitude) ** 2 / 12


def split_series(series: np.ndarray, n_train: int = 7000, n_valid: int = 2000) -> Splits:
    """Split independent series by series: the first for training, the next for validation, the rest for the test.

    Args:
        series: array (batch, steps, features) without NaN.
        n_train: series for training, at least 1.
        n_valid: series for validation, at least 1; at least one series must remain for the test.

    Returns:
        ``Splits(train, valid, test)``, views of shape (n_train | n_valid | rest, steps, features).

    Raises:
        TypeError: ``series`` is not numeric or a size is not a whole number.
        ValueError: wrong rank, NaN, a size below 1, or nothing left for the test.

    >>> [part.shape for part in split_series(generate_time_series(10, 5), n_train=7, n_valid=2)]
    [(7, 5, 1), (2, 5, 1), (1, 5, 1)]
    """
    series = numeric("series", series)
    if series.ndim != 3:
        raise ValueError(
            f"series has shape {series.shape}; expected three axes (batch, steps, features). "
            "For one feature add the last axis: series[..., np.newaxis]."
        )
    no_gaps("series", series)
    n_train, n_valid = whole("n_train", n_train, 1), whole("n_valid", n_valid, 1)
    if n_train + n_valid >= len(series):
        raise ValueError(
            f"n_train + n_valid is {n_train + n_valid}, but there are {len(series)} series; "
            "leave at least one for the test: take fewer, or generate more."
        )
    return Splits(series[:n_train], series[n_train : n_train + n_valid], series[n_train + n_valid :])


def load_traffic() -> pd.DataFrame:
    """Two years of hourly traffic on a road in Minnesota, with the weather; complete, and read from the package.

    Of the 17,520 hours from 2016-10-01 00:00 to 2018-09-30 23:00, 104 were never recorded (longest gap 9 hours). They
    are repaired by looking backwards only, as one could have done at the time: traffic is the value 168 hours earlier
    (24 hours earlier in the first week), weather is the last one known. ``missing`` marks them; do not score on them.

    Returns:
        Frame of 17,520 rows with an hourly ``DatetimeIndex`` (local time without summer-time marks) and the columns
        ``traffic`` (vehicles per hour, westbound, float), ``temperature`` (degrees Celsius), ``rain`` and ``snow`` (mm
        in the hour), ``clouds`` (% of the sky), ``weather`` (one word), ``missing`` (bool). ``snow`` is 0 throughout,
        though ``weather`` says Snow in 1,221 hours: the depth was not recorded.

    Raises:
        FileNotFoundError: the data file is not in the package.

    Source: J. Hogue (2019), Metro Interstate Traffic Volume, UCI, doi 10.24432/C5X60B, CC BY 4.0; see data/README.md.

    >>> frame = load_traffic()
    >>> len(frame), int(frame["missing"].sum()), frame["traffic"].iloc[:2].tolist()
    (17520, 104, [1195.0, 776.0])
    """
    import pandas as pd

    frame = pd.read_csv(TRAFFIC_FILE, index_col="time", parse_dates=["time"]).asfreq("h")
    missing = frame["traffic"].isna().to_numpy()
    traffic = frame["traffic"].to_numpy(dtype=float, copy=True)
    for hour in np.flatnonzero(missing):  # in order of time, so that an earlier repair can serve a later one
        traffic[hour] = traffic[hour - (HOURS_PER_WEEK if hour >= HOURS_PER_WEEK else HOURS_PER_DAY)]
    weather = frame.drop(columns="traffic").ffill()
    return weather.assign(missing=missing).pipe(lambda rest: rest.assign(traffic=traffic)[["traffic", *rest.columns]])


def split_by_time(
    frame: pd.DataFrame, valid_from: str | pd.Timestamp, test_from: str | pd.Timestamp, *, gaps: str = "refuse"
) -> Splits:
    """Split a frame at two moments: everything before, between and after; no shuffling, no overlap.

    Args:
        frame: rows with a ``DatetimeIndex`` in increasing order.
        valid_from: first moment of the validation part, e.g. ``"2018-01-01"``.
        test_from: first moment of the test part, later than ``valid_from``.
        gaps: "refuse" an index with holes, or "keep" them in the parts.

    Returns:
        ``Splits(train, valid, test)``, frames whose rows together are ``frame``.

    Raises:
        TypeError: ``frame`` is no frame or has no ``DatetimeIndex``.
        ValueError: an index with holes, doubles or out of order, unreadable moments, moments in the wrong order, or an
            empty part.

    >>> [len(part) for part in split_by_time(load_traffic(), "2018-01-01", "2018-05-01")]
    [10968, 2880, 3672]
    """
    import pandas as pd

    one_of("gaps", gaps, ("refuse", "keep"))
    index = getattr(frame, "index", None)
    if not isinstance(index, pd.DatetimeIndex):
        raise TypeError(
            f"frame is a {type(frame).__name__} with the index {type(index).__name__}; expected a pandas frame with a "
            "DatetimeIndex, as load_traffic() gives."
        )
    breaks("frame", index)
    if gaps == "refuse":
        regular("frame", index, advice="Or pass gaps='keep' here, and gaps='skip' to make_windows.")
    valid_from, test_from = _moment("valid_from", valid_from, index), _moment("test_from", test_from, index)
    if valid_from >= test_from:
        raise ValueError(f"valid_from {valid_from} is not before test_from {test_from}; exchange them.")
    first, second = index.searchsorted([valid_from, test_from])
    parts = Splits(frame.iloc[:first], frame.iloc[first:second], frame.iloc[second:])
    for name, part in parts._asdict().items():
        if part.empty:
            raise ValueError(
                f"the {name} part is empty for valid_from {valid_from} and test_from {test_from}; the frame runs from "
                f"{index[0]} to {index[-1]}: choose moments inside it."
            )
    return parts


def make_windows(
    values: np.ndarray | pd.Series | pd.DataFrame,
    length: int,
    horizon: int = 1,
    stride: int = 1,
    *,
    gaps: str = "refuse",
) -> tuple[np.ndarray, np.ndarray]:
    """Cut one long series into windows and their targets; the targets start one step after the window's last input.

    Args:
        values: (steps,) or (steps, features), numbers. With several features the first is the target.
        length: inputs of a window, at least 1 step.
        horizon: targets of a window, at least 1 step.
        stride: steps from one window's start to the next one's, at least 1.
        gaps: "refuse" NaN and an index with holes, or "skip" them: windows and their targets then lie within the
            unbroken stretches, and ``stride`` counts from the start of each.

    Returns:
        ``X`` (m, length, features) and ``y`` (m, horizon) in float32, where m is
        ``(steps - length - horizon) // stride + 1``. Both are read-only views of one copy of ``values``: the windows
        themselves cost no memory. Where gaps were skipped, there are fewer, and they are copies.

    Raises:
        TypeError: a column is not numeric, or a size is not a whole number.
        ValueError: wrong rank, NaN, an index with holes, doubles or out of order, a size below 1, or a window and
            horizon longer than the series or than each of its stretches.

    >>> X, y = make_windows([0, 1, 2, 3, 4, 5], length=3, horizon=2)
    >>> X[0, :, 0].tolist(), y[0].tolist(), len(X)
    ([0.0, 1.0, 2.0], [3.0, 4.0], 2)
    >>> make_windows([0, 1, 2, np.nan, 4, 5, 6], length=2, gaps="skip")[0][:, :, 0].tolist()
    [[0.0, 1.0], [4.0, 5.0]]
    """
    one_of("gaps", gaps, ("refuse", "skip"))
    steps = _steps(values)
    length, horizon, stride = whole("length", length), whole("horizon", horizon), whole("stride", stride)
    index = getattr(values, "index", None)
    if gaps == "refuse":
        no_gaps("values", steps)
        regular("values", index, advice="Or pass gaps='skip' to leave out the windows across a hole.")
    n_steps = len(steps)
    if length + horizon > n_steps:
        raise ValueError(
            f"length {length} and horizon {horizon} need {length + horizon} steps, but the series has {n_steps}; take "
            "a shorter window, a shorter horizon or a longer series."
        )
    view = np.lib.stride_tricks.sliding_window_view
    inputs = view(steps[: n_steps - horizon], length, axis=0).transpose(0, 2, 1)  # (m, length, features)
    targets = view(steps[length:, 0], horizon)  # (m, horizon)
    if gaps == "refuse":
        return inputs[::stride], targets[::stride]
    starts = _unbroken_starts(steps, breaks("values", index), length + horizon, stride)
    return inputs[starts], targets[starts]


def _steps(values: object) -> np.ndarray:
    """``values`` as float32 (steps, features)."""
    array = numeric("values", values)
    if array.ndim not in (1, 2):
        raise ValueError(
            f"values has shape {array.shape}; expected one series, (steps,) or (steps, features). "
            "Many series at once, (batch, steps, features), are windows already: slice them."
        )
    if not array.size:
        raise ValueError(f"values is empty, of shape {array.shape}; expected one series with at least one value.")
    with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite and is reported with the gaps
        return array.astype(np.float32).reshape(len(array), -1)


def _unbroken_starts(steps: np.ndarray, after_hole: np.ndarray, span: int, stride: int) -> np.ndarray:
    """First rows of the spans of ``span`` rows that neither hold NaN nor reach across a hole."""
    finite = np.isfinite(steps).all(axis=1)
    cuts = np.zeros(len(steps), dtype=bool)  # a stretch begins at row 0, after a hole, at a gap and after it
    cuts[after_hole] = True
    cuts[1:] |= finite[1:] != finite[:-1]
    edges = [0, *np.flatnonzero(cuts[1:]) + 1, len(steps)]
    stretches = [(begin, end) for begin, end in itertools.pairwise(edges) if finite[begin]]
    longest = max((end - begin for begin, end in stretches), default=0)
    if longest < span:
        raise ValueError(
            f"a window and its horizon need {span} steps, but the longest stretch without a gap has {longest}; take "
            "shorter ones, or repair the gaps."
        )
    return np.concatenate([np.arange(begin, end - span + 1, stride) for begin, end in stretches])


def _moment(name: str, value: str | pd.Timestamp, index: pd.DatetimeIndex) -> pd.Timestamp:
    """``value`` as a timestamp that can be compared with ``index``."""
    import pandas as pd

    try:
        moment: Any = pd.Timestamp(value)
    except (TypeError, ValueError):
        moment = pd.NaT
    if pd.isna(moment) or isinstance(value, int | float):
        raise ValueError(f"{name} is {value!r}; expected a date, e.g. '2018-05-01'.")
    if (moment.tzinfo is None) != (index.tz is None):
        raise ValueError(
            f"{name} is {moment} and the index is in time zone {index.tz}; give both or neither a time zone."
        )
    return moment
