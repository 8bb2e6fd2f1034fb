"""Charts: a small table of numbers, read into what the slide template draws."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from presenter import typeset

Kind = Literal["bar", "line", "pie"]
KINDS: tuple[Kind, ...] = get_args(Kind)

MAX_CHARACTERS = 20_000
MAX_SERIES = 5
MAX_ROWS = {"bar": 24, "line": 120, "pie": 9}
"""Rows that can still be told apart in a chart of each kind."""
LEAST, MOST = 1e-99, 1e99
"""Sizes of a number between which an axis can be drawn; 0 is one, too."""
TICKS = 5
"""About so many steps has the axis of values."""


class Unreadable(ValueError):
    """Says in plain words why a table cannot be drawn."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A table whose first column names the rows and whose others are numbers."""

    kind: Kind
    labels: tuple[str, ...]
    """Of the rows."""
    axis: str
    """Head of the first column, or ``""``."""
    names: tuple[str, ...]
    """Heads of the columns of numbers; ``""`` where the table has no head."""
    series: tuple[tuple[float, ...], ...]
    """One row of numbers a column; NaN where a cell is empty."""
    unit: str
    """What stands behind each number: ``%`` or ``""``."""

    def data(self) -> dict[str, Any]:
        """The chart as values of JSON, with its axis: ``low``, ``high`` and ``ticks`` of (value, text)."""
        values = [value for row in self.series for value in row if not math.isnan(value)]
        ticks = _ticks(min(0.0, *values), max(0.0, *values))
        return {
            "kind": "chart",
            "chart": self.kind,
            "labels": [typeset.clean(label) for label in self.labels],
            "axis": typeset.clean(self.axis),
            "names": [typeset.clean(name) for name in self.names],
            "series": [[None if math.isnan(value) else value for value in row] for row in self.series],
            "texts": [
                ["" if math.isnan(value) else _written(value, self.unit) for value in row]
                for row in self.series
            ],
            "low": ticks[0],
            "high": ticks[-1],
            "ticks": [[tick, _written(tick, self.unit)] for tick in ticks],
        }


def read(kind: str, text: str) -> Chart:
    """Read a table: commas, semicolons or tabs between its cells, with or without a head.

    Raises:
        Unreadable: with the reason, as the end of a sentence.
    """
    chosen = next((known for known in KINDS if known == kind), None)
    if chosen is None:
        raise Unreadable(f'there is no chart "{kind[:20]}"; known are {", ".join(KINDS)}')
    if len(text) > MAX_CHARACTERS:
        raise Unreadable(f"a chart's table has {len(text):,} characters; the limit is {MAX_CHARACTERS:,}")
    text = text.lstrip("\ufeff\r\n")
    first = text.split("\n", 1)[0]
    between = next((mark for mark in "\t;" if mark in first), ",")
    rows, comma = _cells(text, between), between != ","
    head = [""] * len(rows[0])
    if all(_number(cell, comma) is None for cell in rows[0][1:]):
        head = rows.pop(0)
    if not rows:
        raise Unreadable("a chart's table has no row of numbers")
    if len(rows) > MAX_ROWS[chosen]:
        raise Unreadable(f"a {chosen} chart shows at most {MAX_ROWS[chosen]} rows; there are {len(rows)}")
    columns = len(head) - 1
    if not 1 <= columns <= (1 if chosen == "pie" else MAX_SERIES):
        most = "one column" if chosen == "pie" else f"1 to {MAX_SERIES} columns"
        raise Unreadable(f"a {chosen} chart shows {most} of numbers beside its names; there are {columns}")
    series = tuple(tuple(_value(row, column, comma) for row in rows) for column in range(1, columns + 1))
    flat = [value for column in series for value in column if not math.isnan(value)]
    if not flat or (chosen == "pie" and (min(flat) < 0 or sum(flat) <= 0)):
        raise Unreadable(
            "a pie chart's numbers must be above 0" if flat else "a chart's table has no numbers"
        )
    cells = [cell for row in rows for cell in row[1:] if cell]
    unit = "%" if all(cell.endswith("%") for cell in cells) else ""
    return Chart(chosen, tuple(row[0] for row in rows), head[0], tuple(head[1:]), series, unit)


def _cells(text: str, between: str) -> list[list[str]]:
    try:
        rows = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text), delimiter=between)]
    except csv.Error as error:
        raise Unreadable("a chart's table cannot be read") from error
    rows = [row for row in rows if any(row)]
    if not rows:
        raise Unreadable("a chart's table is empty")
    for number, row in enumerate(rows, 1):
        if len(row) != len(rows[0]):
            raise Unreadable(f"row {number} of a chart has {len(row)} cells; the first has {len(rows[0])}")
    return rows


def _value(row: Sequence[str], column: int, comma: bool) -> float:
    if not row[column]:
        return math.nan
    found = _number(row[column], comma)
    if found is None:
        raise Unreadable(f'"{row[column][:20]}" in a chart\'s table is no number')
    if found and not LEAST <= abs(found) <= MOST:
        raise Unreadable(f'"{row[column][:20]}" in a chart\'s table is too large or too small to be drawn')
    return found


def _number(cell: str, comma: bool) -> float | None:
    """A cell's number; where cells are not divided by commas, a comma is a decimal one."""
    text = re.sub(r"[\s\u00a0\u202f'’_]|%$", "", cell).replace("−", "-")
    if comma and re.fullmatch(r"[-+]?\d*,\d+", text):
        text = text.replace(",", ".")
    text = re.sub(r"(?<=\d),(?=\d{3}(?:\D|$))", "", text)
    if not re.fullmatch(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,2})?", text, re.ASCII):
        return None
    return float(text)


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers from below ``low`` to above ``high``, in steps of 1, 2 or 5 times a power of 10."""
    wide = (high - low) or 1.0
    power = 10.0 ** math.floor(math.log10(wide / TICKS))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor * TICKS >= wide * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    digits = 12 - math.floor(math.log10(step))
    return [round(number * step, digits) for number in range(first, max(last, first + 1) + 1)]


def _written(value: float, unit: str) -> str:
    text = f"{value:,.10g}" if abs(value) < 1e15 else f"{value:.3g}"
    text = text.replace(",", "\u202f") if abs(value) >= 10_000 else text.replace(",", "")
    return text.replace("-", "−") + (f"\u202f{unit}" if unit else "")
