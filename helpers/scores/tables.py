"""A score table as text: the study's rows, and yours of today."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from helpers.scores.rows import Row


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
            seconds = (study or row).values("seconds")
            params = (study or row).values("params")
            cells.append(
                [
                    row.label,
                    _spread(study) if study else "–",
                    f"{statistics.median(seconds):.1f}" if seconds else "–",
                    f"{int(params[0]):,}" if params else "–",
                    three_digits(mine.mean) if mine else "–",
                ]
            )
        return cells


def three_digits(value: float) -> str:
    """``value`` with three significant digits, without an exponent for the sizes of this course.

    >>> three_digits(0.0202114), three_digits(257.9), three_digits(0.0)
    ('0.0202', '258', '0')
    """
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    exponent = int(f"{value:.2e}".split("e")[1])  # of the rounded value: 0.9996 is 1.00
    return f"{value:,.{max(0, 2 - exponent)}f}"


def _spread(study: Row) -> str:
    """The mean, and where the seeds differ, the smallest and the largest value."""
    low, mean, high = map(three_digits, (min(study.values()), study.mean, max(study.values())))
    return mean if low == high else f"{mean} ({low} to {high})"
