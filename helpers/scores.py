"""Scores of the course: record a result, show it beside the study's, and state a claim that the study must support.

A *study* reruns the notebooks under several seeds and keeps what they recorded in ``helpers/results``. The rows of one
table may come from several lessons.
"""

from __future__ import annotations

import json
import math
import os
import re
import statistics
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from helpers import runtime

RESULTS = Path(__file__).resolve().parent / "results"

#: In a test run a value may lie this many of the study's deviations, or this share of its mean, from that mean.
DEVIATIONS, SHARE = 4.0, 0.30
#: Units that measure the machine as well as the model; no other machine is held to them.
OF_THE_MACHINE = ("s", "seconds", "ms")
#: The fewest seeds that a claim may ask for, and how many it must ask for unless it says "usually".
USUALLY, ALWAYS = 4, 5

#: Table, row and settings: what makes a row one of a kind.
Key = tuple[str, str, tuple[tuple[str, Any], ...]]


@dataclass(frozen=True)
class Row:
    """One row of a table: a model under its settings, measured once a seed.

    ``seeds`` maps a seed to its figures: ``value``, and where known ``seconds``, ``params`` and ``test``.
    """

    table: str
    name: str
    settings: Mapping[str, Any]
    unit: str
    seeds: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @property
    def key(self) -> Key:
        return _key(self.table, self.name, self.settings)

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

    def range(self) -> tuple[float, float]:
        """Where another run's value may lie: mean ± max(4 deviations, 30 %)."""
        margin = max(DEVIATIONS * self.deviation, SHARE * abs(self.mean))
        return self.mean - margin, self.mean + margin


_mine: dict[Key, Row] = {}


def grid(*, reader: Sequence[Any], study: Sequence[Any]) -> Iterator[Any]:
    """The settings to loop over: a reader's few, or all of the study's.

    Raises:
        ValueError: one is empty, or the reader's part is not in the study's.

    >>> list(grid(reader=[50], study=[25, 50, 100]))
    [50]
    """
    if not reader or not study:
        raise ValueError(f"grid got reader={list(reader)}, study={list(study)}; both need at least one setting.")
    if missing := [setting for setting in reader if setting not in study]:
        raise ValueError(f"the reader's settings {missing} are not in the study's {list(study)}; add them there.")
    return iter(study if runtime.is_study() else reader)


def record(
    row: str,
    *,
    table: str,
    value: float,
    unit: str,
    seconds: float | None = None,
    params: int | None = None,
    test: Callable[[], float] | None = None,
    **settings: Any,
) -> None:
    """Keep a result for the score table.

    Args:
        row: the model's name, such as "SimpleRNN(20)".
        table: what is compared, such as "one step".
        value: the validation error, in ``unit``.
        unit: "MSE", "vehicles/h", "accuracy", …
        seconds: of the training, compilation included.
        params: weights that were trained.
        test: gives the test error; called in a study run only, after all choices were made.
        settings: what tells this row from others of its name, such as ``T=50``: numbers, texts, True or False.

    Raises:
        TypeError: ``value`` is no number, or a setting is no plain value.
        ValueError: a figure is not finite.
        AssertionError: in a test run, the value is outside the range of the study, or was never studied.
    """
    settings = {name: _plain(name, setting) for name, setting in settings.items()}
    figures = {"value": _finite(row, unit, value)}
    figures["seconds"] = None if seconds is None else _finite(row, "seconds", seconds)
    figures["params"] = None if params is None else int(_finite(row, "params", params))
    if runtime.is_study():
        if test is not None:
            figures["test"] = _finite(row, f"{unit} on the test set", test())
        _append({"table": table, "row": row, "settings": settings, "unit": unit, "figures": figures})
    mine = Row(table, row, settings, unit, {"you": figures})
    _mine[mine.key] = mine
    if runtime.is_test() and not runtime.is_study():
        _hold_against_study(mine)


def claim(sentence: str, holds: Callable[[SeedRows], bool], *, table: str | Sequence[str], at_least: int = 5) -> None:
    """State what the study found, and fail when it no longer finds it.

    Args:
        sentence: the claim as the lesson makes it.
        holds: gets one seed's rows and says whether the claim holds: ``lambda mse: mse("LSTM") < mse("GRU")``.
        table: the table, or tables, that the rows are looked up in.
        at_least: seeds that must support it; below 5 only where the sentence says "usually".

    Raises:
        AssertionError: too few seeds support the claim.
        LookupError: it names a row that no study recorded.
        TypeError: ``holds`` gives something else than True or False.
        ValueError: ``at_least`` is below 5 without the word "usually", or below 4.
    """
    usually = re.search(r"\busually\b", sentence, re.IGNORECASE)
    if at_least < (USUALLY if usually else ALWAYS):
        raise ValueError(
            f"at_least={at_least} for the claim {sentence!r}: expected 5, or 4 in a claim that says 'usually'."
        )
    tables = (table,) if isinstance(table, str) else tuple(table)
    if runtime.is_study():
        return  # its results are being made
    rows = [row for row in studied().values() if row.table in tables]
    seeds = sorted({seed for row in rows for seed in row.seeds}, key=int)
    if not seeds:
        raise LookupError(f"no study has recorded the table {' or '.join(map(repr, tables))}: run `make study`.")
    support = sum(_truth(holds(SeedRows(seed, rows))) for seed in seeds)
    if support < at_least:
        raise AssertionError(
            f"The claim holds in {support} of {len(seeds)} seeds, not in {at_least}: {sentence} "
            "Change the sentence to what was found."
        )
    print(f"✓ in {support} of {len(seeds)} seeds: {sentence}")


class SeedRows:
    """One seed's rows of a table; call it with a row's name and settings to get that row's value."""

    def __init__(self, seed: str, rows: Iterable[Row]) -> None:
        self.seed = seed
        self._rows = list(rows)

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

    def _figure(self, name: str, settings: Mapping[str, Any], what: str) -> float:
        for row in self._rows:
            if row.key == _key(row.table, name, settings):
                figure = row.seeds.get(self.seed, {}).get(what)
                if figure is None:
                    raise LookupError(f"the study has no {what} of {row.label!r} for seed {self.seed}.")
                return figure
        names = ", ".join(sorted(row.label for row in self._rows))
        raise LookupError(f"the study has no row {name!r} with {dict(settings)}; it has {names}. Run `make study`.")


def studied() -> Mapping[Key, Row]:
    """The rows of all studies, in the order of the lessons."""
    return _studied(RESULTS)


def table(name: str) -> Table:
    """The score table ``name``: the study's rows so far and yours of today, the largest value first.

    Raises:
        LookupError: there is no such table.
    """
    return Table(name, _rows(name))


def chart(name: str, *, lines: Sequence[str] = ("Naive", "Noise floor"), log: bool = True) -> Figure:
    """The score table ``name`` as a figure: means with deviations, your values, and ``lines`` as vertical lines.

    Raises:
        LookupError: there is no such table.
    """
    from helpers.plots import scores as plots

    rows = _rows(name)
    return plots.ladder(
        [(row.label, mine, study) for row, mine, study in _figures(rows) if row.name not in lines],
        lines={row.name: (study or (mine,))[0] for row, mine, study in _figures(rows) if row.name in lines},
        unit=rows[0][0].unit,
        log=log,
    )


def chart_by_seconds(name: str, *, lines: Sequence[str] = ("Naive", "Noise floor")) -> Figure:
    """The score table ``name`` as errors against seconds of training, with ``lines`` as level lines.

    Rows without seconds, such as a closed form, are left out unless they are named in ``lines``.

    Raises:
        LookupError: there is no such table.
        ValueError: no row of it has seconds.
    """
    from helpers.plots import scores as plots

    rows = _rows(name)
    timed = [
        (row.label, statistics.median(row.values("seconds")), study, mine)
        for row, mine, study in _figures(rows)
        if row.name not in lines and row.values("seconds")
    ]
    levels = {row.name: (study or (mine,))[0] for row, mine, study in _figures(rows) if row.name in lines}
    return plots.against_seconds(timed, lines=levels, unit=rows[0][0].unit)


@dataclass(frozen=True)
class Table:
    """A score table that shows itself."""

    name: str
    rows: Sequence[tuple[Row, Row | None, Row | None]]

    def __repr__(self) -> str:
        return "\n".join("  ".join(cells) for cells in self._cells())

    def _repr_markdown_(self) -> str:
        head, *body = [[cell.replace("|", r"\|") for cell in cells] for cells in self._cells()]
        ruler = ["---", *["---:"] * (len(head) - 1)]
        return "\n".join("| " + " | ".join(cells) + " |" for cells in [head, ruler, *body])

    def _cells(self) -> list[list[str]]:
        unit = self.rows[0][0].unit
        seeds = max((len(study.seeds) for _, _, study in self.rows if study), default=0)
        cells = [[self.name, f"{unit}, {seeds} seeds", "seconds", "parameters", f"{unit}, you today"]]
        for row, mine, study in self.rows:
            spread = f"{number(study.mean)} ± {number(study.deviation)}" if study else "–"
            if study and study.deviation == 0:
                spread = number(study.mean)
            seconds = (study or row).values("seconds")
            params = (study or row).values("params")
            cells.append(
                [
                    row.label,
                    spread,
                    f"{statistics.median(seconds):.1f}" if seconds else "–",
                    f"{int(params[0]):,}" if params else "–",
                    number(mine.mean) if mine else "–",
                ]
            )
        return cells


def number(value: float) -> str:
    """``value`` with three significant digits, without an exponent for the sizes of this course.

    >>> number(0.0202114), number(257.9), number(0.0)
    ('0.0202', '258', '0')
    """
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    exponent = int(f"{value:.2e}".split("e")[1])  # of the rounded value: 0.9996 is 1.00
    return f"{value:,.{max(0, 2 - exponent)}f}"


def _rows(name: str) -> list[tuple[Row, Row | None, Row | None]]:
    """Every row of a table as (any, mine, studied), the largest mean first."""
    study = {key: row for key, row in studied().items() if row.table == name}
    mine = {key: row for key, row in _mine.items() if row.table == name}
    if not study and not mine:
        known = sorted({row.table for row in [*studied().values(), *_mine.values()]})
        raise LookupError(f"there is no table {name!r}; there are {known}. Record a row first.")
    rows = [(study.get(key) or mine[key], mine.get(key), study.get(key)) for key in study | mine]
    return sorted(rows, key=lambda row: -row[0].mean)


def _figures(rows: Any) -> Iterator[tuple[Row, float | None, tuple[float, float, float] | None]]:
    for row, mine, study in rows:
        yield row, mine.mean if mine else None, (study.mean, study.deviation, min(study.values())) if study else None


def _hold_against_study(mine: Row) -> None:
    study = studied().get(mine.key)
    if study is None:
        raise AssertionError(f"{mine.label!r} of table {mine.table!r} was never studied: run `make study`.")
    if mine.unit != study.unit:
        raise AssertionError(f"{mine.label}: the unit is {mine.unit!r}, in the study it was {study.unit!r}.")
    if mine.unit in OF_THE_MACHINE:
        return
    low, high = study.range()
    if not low <= mine.mean <= high:
        raise AssertionError(
            f"{mine.label}: {mine.unit} {number(mine.mean)} is outside {number(low)} to {number(high)}, the range that "
            f"the study of {len(study.seeds)} seeds allows (mean {number(study.mean)})."
        )


def _finite(row: str, what: str, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise TypeError(f"{row}: the {what} is {value!r}; expected one number.") from None
    if not math.isfinite(number):
        raise ValueError(f"{row}: the {what} is {number}; a score is a finite number. Did the training diverge?")
    return number


def _plain(name: str, setting: Any) -> Any:
    """A setting as JSON gives it back, so that a row read from a study has the key of the row recorded."""
    if isinstance(setting, np.generic):
        setting = setting.item()
    if not isinstance(setting, (str, int, float)):
        raise TypeError(f"the setting {name} is {setting!r}; expected a number, a text, True or False.")
    return setting


def _truth(held: Any) -> bool:
    if not isinstance(held, (bool, np.bool_)):
        raise TypeError(f"the claim's test gave {held!r}; expected True or False, such as a comparison gives.")
    return bool(held)


def _key(table: str, name: str, settings: Mapping[str, Any]) -> Key:
    return table, name, tuple(sorted(settings.items()))


def _append(entry: Mapping[str, Any]) -> None:
    """Add a line to the study's file; one write, so that lines of two kernels never mix."""
    path = os.environ.get("COURSE_RESULTS")
    if not path:
        return
    line = json.dumps(entry, ensure_ascii=False) + "\n"
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(handle, line.encode("utf-8"))
    finally:
        os.close(handle)


@cache
def _studied(folder: Path) -> Mapping[Key, Row]:
    rows = {}
    for path in sorted(folder.glob("*.json")):
        for entry in json.loads(path.read_text(encoding="utf-8"))["rows"]:
            row = Row(entry["table"], entry["row"], entry["settings"], entry["unit"], entry["seeds"])
            rows[row.key] = row
    return rows
