"""Scores of the course: record a result, show it beside the study's, and state a claim that the study must support.

A *study* reruns the notebooks under several seeds and keeps what they recorded in ``helpers/results``. The rows of one
table may come from several lessons.
"""

from __future__ import annotations

import json
import os
import re
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from helpers import runtime
from helpers.scores.rows import Key as Key
from helpers.scores.rows import Row, SeedRows, finite, plain, read
from helpers.scores.tables import Table, three_digits

RESULTS = Path(__file__).resolve().parent.parent / "results"

#: Units that measure the machine as well as the model; no other machine is held to them.
OF_THE_MACHINE = ("s", "seconds", "ms")
#: The fewest seeds that a claim may ask for, and how many it must ask for unless it says "usually".
USUALLY, ALWAYS = 4, 5

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
    settings = {name: plain(name, setting) for name, setting in settings.items()}
    figures: dict[str, float | None] = {"value": finite(row, unit, value)}
    figures["seconds"] = None if seconds is None else finite(row, "seconds", seconds)
    figures["params"] = None if params is None else int(finite(row, "params", params))
    if runtime.is_study():
        if test is not None:
            figures["test"] = finite(row, f"{unit} on the test set", test())
        _append({"table": table, "row": row, "settings": settings, "unit": unit, "figures": figures})
    mine = Row(table, row, settings, unit, {"you": figures})
    _mine[mine.key] = mine
    if runtime.is_test() and not runtime.is_study():
        _hold_against_study(mine)


def claim(sentence: str, holds: Callable[[SeedRows], bool], *, table: str | Sequence[str], at_least: int = 5) -> None:
    """State what the study found, and fail when it no longer finds it.

    It prints a dot per seed, in their order, filled where the claim holds, and then the sentence: ``●●●●○ It usually
    wins.`` Where no seed changes the figures that the claim looks at, five dots would say too much; it prints ``the
    same under every seed:`` and the sentence.

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
    views = [SeedRows(seed, rows) for seed in seeds]
    held = [_truth(holds(view)) for view in views]
    if sum(held) < at_least:
        raise AssertionError(
            f"The claim holds in {sum(held)} of {len(seeds)} seeds ({_dots(held)}), not in {at_least}: {sentence} "
            "Change the sentence to what was found."
        )
    print(f"the same under every seed: {sentence}" if _are_same(views) else f"{_dots(held)} {sentence}")


def studied() -> Mapping[Key, Row]:
    """The rows of all studies, in the order of the lessons."""
    return read(RESULTS)


def table(name: str) -> Table:
    """The score table ``name``: the study's rows so far and yours of today, the largest value first.

    Raises:
        LookupError: there is no such table.
    """
    return Table(name, _rows(name))


def chart(
    name: str, *, lines: Sequence[str] = ("Naive", "Noise floor"), log: bool = True, upto: str | None = None
) -> Figure:
    """The score table ``name`` as a figure: a dot per seed, your values, and ``lines`` as vertical lines.

    Args:
        name: of the table.
        lines: names of rows that are drawn as lines.
        log: whether the axis is logarithmic.
        upto: a lesson such as "03": rungs of the ladder that later lessons climb are shown as "?".

    Raises:
        LookupError: there is no such table.
    """
    from helpers.plots import scores as plots

    rows = _rows(name)
    rungs = [
        ("?", None, ())
        if upto and not mine and row.lesson > upto
        else (row.label, mine.mean if mine else None, _values(study))
        for row, mine, study in rows
        if row.name not in lines
    ]
    return plots.ladder(rungs, lines=_levels(rows, lines), unit=rows[0][0].unit, log=log)


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
        (row.label, statistics.median(row.values("seconds")), _values(study), mine.mean if mine else None)
        for row, mine, study in rows
        if row.name not in lines and row.values("seconds")
    ]
    return plots.against_seconds(timed, lines=_levels(rows, lines), unit=rows[0][0].unit)


def _rows(name: str) -> list[tuple[Row, Row | None, Row | None]]:
    """Every row of a table as (any, mine, studied), the largest mean first."""
    study = {key: row for key, row in studied().items() if row.table == name}
    mine = {key: row for key, row in _mine.items() if row.table == name}
    if not study and not mine:
        known = sorted({row.table for row in [*studied().values(), *_mine.values()]})
        raise LookupError(f"there is no table {name!r}; there are {known}. Record a row first.")
    rows = [(study.get(key) or mine[key], mine.get(key), study.get(key)) for key in study | mine]
    return sorted(rows, key=lambda row: -row[0].mean)


def _values(study: Row | None) -> Sequence[float]:
    return study.values() if study else ()


def _levels(rows: Sequence[tuple[Row, Row | None, Row | None]], lines: Sequence[str]) -> dict[str, float]:
    """Name to mean of the rows that are drawn as lines."""
    return {row.name: row.mean for row, _, _ in rows if row.name in lines}


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
            f"{mine.label}: {mine.unit} {three_digits(mine.mean)} is outside {three_digits(low)} to "
            f"{three_digits(high)}, the range that the study of {len(study.seeds)} seeds allows "
            f"(mean {three_digits(study.mean)})."
        )


def _dots(held: Sequence[bool]) -> str:
    return "".join("●" if each else "○" for each in held)


def _are_same(views: Sequence[SeedRows]) -> bool:
    """Whether every figure that was asked for is the same under every seed, of which there are several."""
    asked = [each for view in views for each in view.asked]
    return len(views) > 1 and bool(asked) and all(len(set(row.values(what))) == 1 for row, what in asked)


def _truth(held: Any) -> bool:
    if not isinstance(held, (bool, np.bool_)):
        raise TypeError(f"the claim's test gave {held!r}; expected True or False, such as a comparison gives.")
    return bool(held)


def _append(entry: Mapping[str, Any]) -> None:
    """Add a line to the study's file; one write, so that lines of two kernels never mix."""
    path = os.environ.get("COURSE_RESULTS")
    if not path:
        return
    line = (json.dumps(entry, ensure_ascii=False) + "\n").encode("utf-8")
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        if os.write(handle, line) < len(line):
            raise OSError(f"{path} could not take a whole row: is the disk full?")
    finally:
        os.close(handle)
