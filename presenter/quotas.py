"""How much an owner may ask for within 24 hours: counted in files below the home, so all servers share it."""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from presenter.errors import Busy, SetupError

try:
    import fcntl
except ImportError:  # Windows: two requests at the same moment may count as one
    fcntl = None  # type: ignore[assignment]

DAY = 86_400.0
STEP = 600.0
"""Seconds whose amounts are counted as one: a file holds at most 145 rows."""


def take(home: Path, owner: str, kind: str, amount: float, most: float, what: str, code: str) -> None:
    """Count something, unless that would be more than an owner may have within 24 hours.

    Args:
        kind: under what it is counted.
        most: the limit; 0 sets none.
        what: the amounts in the plural, for the error: ``minutes of video``.
        code: of the error.

    Raises:
        Busy: the code, with what was used, the limit, and when there is room again.
        SetupError: ``E-STORE-WRITE``.
    """
    if not most:
        return
    folder = home / "quotas"
    path = folder / hashlib.sha256(f"{kind} {owner}".encode()).hexdigest()[:40]
    now = time.time()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _alone(path) as file:
            rows = [row for row in _rows(file) if now - DAY < row[0] <= now]
            used = sum(row[1] for row in rows)
            if used + amount > most:
                raise Busy(
                    code, f"{_shown(used)} {what} within 24 hours, and now {_shown(amount)}; the limit is "
                    f"{_shown(most)}.", _when(rows, used + amount - most),
                )  # fmt: skip
            step = now - now % STEP
            rows = [*(row for row in rows if row[0] != step), (step, amount + dict(rows).get(step, 0.0))]
            file.seek(0)
            file.write(json.dumps(rows))
            file.truncate()
    except OSError as error:
        raise SetupError(
            "E-STORE-WRITE", f"The home cannot be written ({error.strerror}).", "Free some space."
        ) from error


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[IO[str]]:
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+", encoding="ascii") as file:
        if fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        yield file


def _rows(file: IO[str]) -> list[tuple[float, float]]:
    try:
        return [(float(when), float(amount)) for when, amount in json.loads(file.read() or "[]")]
    except (ValueError, TypeError):
        return []  # a power cut in the middle of writing: the day begins anew


def _shown(amount: float) -> str:
    return f"{amount:.1f}".removesuffix(".0")


def _when(rows: list[tuple[float, float]], over: float) -> str:
    """The next step: when enough of what was counted is a day old."""
    for step, amount in sorted(rows):
        over -= amount
        if over <= 0:
            free = datetime.datetime.fromtimestamp(step + STEP + DAY, datetime.UTC)
            return f"There is room again at {free:%Y-%m-%d %H:%M} UTC."
    return "Ask for less at a time."
