"""One lesson for many people: ``{{name}}`` in its text becomes what a row of a table says."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from presenter.errors import InputError
from presenter.order import Order

FIELD = re.compile(r"\{\{\s*([^{}\n]{1,60}?)\s*\}\}")
LARGEST = 16_000_000
"""Bytes of a table."""
MOST = 10_000
"""Rows of a table."""
LONGEST = 200
"""Characters of a value."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table."""

    name: str
    """Of its video's file, without a suffix; no two rows have the same."""
    values: Mapping[str, str]


def read(path: Path, source: str, *, name: str | None = None) -> tuple[Row, ...]:
    """The rows of a CSV file in UTF-8 whose first line names the columns.

    Args:
        source: the lesson, whose fields must all be columns.
        name: the column that names the files; by default they are numbered.

    Raises:
        InputError: ``E-BATCH-FILE``, ``E-BATCH-FIELD``, ``E-BATCH-ROWS``, ``E-BATCH-VALUE``.
    """
    try:
        data = path.read_bytes()
        if len(data) > LARGEST:
            raise InputError(
                "E-BATCH-FILE", f"The table has more than {LARGEST / 1e6:.0f} MB.", "Split it.", "rows"
            )
        table = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(
            "E-BATCH-FILE", f'"{path.name}" cannot be read as a table.', "Save it as CSV in UTF-8.", "rows"
        ) from error
    wanted = set(FIELD.findall(source))
    columns = {column for column in (table[0] if table else {}) if column}
    if missing := sorted((wanted | ({name} if name else set())) - columns):
        raise InputError(
            "E-BATCH-FIELD",
            f"The table has no column {', '.join(missing)}.",
            f"It has: {', '.join(sorted(columns)) or 'none'}.",
            "rows",
        )
    if not wanted:
        raise InputError(
            "E-BATCH-FIELD", "The lesson has no {{field}}.", "Write one, e.g. Hello {{name}}.", "script"
        )
    if not 1 <= len(table) <= MOST:
        raise InputError(
            "E-BATCH-ROWS", f"The table has {len(table)} rows; 1 to {MOST} can be made.", "", "rows"
        )
    rows, taken = [], set[str]()
    for number, line in enumerate(table, 1):
        values = {field: _value(line[field], field, number) for field in wanted}
        base = _file_name(line[name] or "") if name else f"{number:04d}"
        file = base if base and base not in taken else f"{base or 'row'}-{number}"
        taken.add(file)
        rows.append(Row(file, values))
    return tuple(rows)


def fill(order: Order, row: Row) -> Order:
    """The order for one row."""
    return replace(order, source=FIELD.sub(lambda match: row.values[match[1]], order.source))


def _value(text: str | None, field: str, number: int) -> str:
    """What a cell says, as words: nothing in it can direct the lesson."""
    value = " ".join((text or "").split())
    if not value or len(value) > LONGEST:
        raise InputError(
            "E-BATCH-VALUE",
            f"Row {number} has {len(value)} characters for {field}; 1 to {LONGEST} are allowed.",
            "Mend that cell.",
            "rows",
        )
    if found := re.search(r"[\[\]{}<>#|`*\\]", value):
        raise InputError(
            "E-BATCH-VALUE",
            f'Row {number} has "{found[0]}" for {field}; a value is plain words.',
            "Mend that cell.",
            "rows",
        )
    return value


def _file_name(text: str) -> str:
    return re.sub(r"[^\w]+", "-", text.lower()).strip("-")[:60]
