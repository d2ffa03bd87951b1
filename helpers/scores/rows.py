"""Rows of score tables, recorded by a reader or read from a study."""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

#: In a test run a value may lie this many of the study's deviations, or this share of its mean, from that mean.
DEVIATIONS, SHARE = 4.0, 0.30

#: Table, row and settings: what makes a row one of a kind.
Key = tuple[str, str, tuple[tuple[str, Any], ...]]


@dataclass(frozen=True)
class Row:
    """One row of a table: a model under its settings, measured once a seed.

    ``seeds`` maps a seed to its figures: ``value``, and where known ``seconds``, ``params`` and ``test``. ``lesson`` is
    the number of the lesson that was studied, such as "03".
    """

    table: str
    name: str
    settings: Mapping[str, Any]
    unit: str
    seeds: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    lesson: str = ""

    @property
    def key(self) -> Key:
        return key_of(self.table, self.name, self.settings)

    @property
    def label(self) -> str:
        """The row's name with its settings."""
        settings = ", ".join(f"{name} = {value}" for name, value in self.settings.items())
        return f"{self.name} ({settings})" if settings else self.name

    def values(self, what: str = "value") -> list[float]:
        """One figure of every seed that has it."""
        return [figures[what] for figures in self.seeds.values() if figures.get(what) is not None]

    @property
    def mean(self) -> float:
        return statistics.fmean(self.values())

    @property
    def deviation(self) -> float:
        """Sample standard deviation over the seeds; 0 for one seed."""
        return statistics.stdev(self.values()) if len(self.values()) > 1 else 0.0

    def range(self, what: str = "value") -> tuple[float, float]:
        """Where another run's figure may lie: mean ± max(4 deviations, 30 %)."""
        values = self.values(what)
        mean, deviation = statistics.fmean(values), statistics.stdev(values) if len(values) > 1 else 0.0
        margin = max(DEVIATIONS * deviation, SHARE * abs(mean))
        return mean - margin, mean + margin


class SeedRows:
    """One seed's rows of a table; call it with a row's name and settings to get that row's value."""

    def __init__(self, seed: str, rows: Iterable[Row]) -> None:
        self.seed = seed
        self._rows = list(rows)
        #: Rows that were asked for, each with the kind of figure.
        self.asked: list[tuple[Row, str]] = []

    def __call__(self, row: str, **settings: Any) -> float:
        return self._figure(row, settings, "value")

    def seconds(self, row: str, **settings: Any) -> float:
        """Seconds of the row's training."""
        return self._figure(row, settings, "seconds")

    def params(self, row: str, **settings: Any) -> float:
        """Trained weights of the row's model."""
        return self._figure(row, settings, "params")

    def test(self, row: str, **settings: Any) -> float:
        """The row's error on the test set."""
        return self._figure(row, settings, "test")

    def _find(self, name: str, settings: Mapping[str, Any]) -> Row:
        for row in self._rows:
            if row.key == key_of(row.table, name, settings):
                return row
        names = ", ".join(sorted(row.label for row in self._rows))
        raise LookupError(f"the study has no row {name!r} with {dict(settings)}; it has {names}. Run `make study`.")

    def _figure(self, name: str, settings: Mapping[str, Any], what: str) -> float:
        row = self._find(name, settings)
        self.asked.append((row, what))
        figure = row.seeds.get(self.seed, {}).get(what)
        if figure is None:
            raise LookupError(f"the study has no {what} of {row.label!r} for seed {self.seed}.")
        return figure


def key_of(table: str, name: str, settings: Mapping[str, Any]) -> Key:
    """What makes a row one of a kind."""
    return table, name, tuple(sorted(settings.items()))


@cache
def read(folder: Path) -> Mapping[Key, Row]:
    """The rows of all studies in ``folder``, in the order of the lessons."""
    rows = {}
    for path in sorted(folder.glob("*.json")):
        for entry in json.loads(path.read_text(encoding="utf-8"))["rows"]:
            row = Row(entry["table"], entry["row"], entry["settings"], entry["unit"], entry["seeds"], path.stem[:2])
            rows[row.key] = row
    return rows


def finite(row: str, what: str, value: Any) -> float:
    """``value`` as a finite number.

    Raises:
        TypeError: it is no number.
        ValueError: it is not finite.
    """
    try:
        figure = float(value)
    except (TypeError, ValueError):
        raise TypeError(f"{row}: the {what} is {value!r}; expected one number.") from None
    if not math.isfinite(figure):
        raise ValueError(f"{row}: the {what} is {figure}; a score is a finite number. Did the training diverge?")
    return figure


def plain(name: str, setting: Any) -> Any:
    """A setting as JSON gives it back, so that a row read from a study has the key of the row recorded.

    Raises:
        TypeError: it is no plain value.
    """
    if isinstance(setting, np.generic):
        setting = setting.item()
    if not isinstance(setting, (str, int, float)):
        raise TypeError(f"the setting {name} is {setting!r}; expected a number, a text, True or False.")
    return setting
