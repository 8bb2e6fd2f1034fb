"""How much an owner may ask for within 24 hours: counted in files below the home, so all servers share it."""

from __future__ import annotations

import datetime
import hashlib
import json
import time
from pathlib import Path

from presenter import records
from presenter.errors import Busy, SetupError

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
        with records.alone(folder):
            rows = [row for row in _rows(path) if now - DAY < row[0] <= now]
            used = sum(row[1] for row in rows)
            if used + amount > most:
                raise Busy(
                    code, f"{_shown(used)} {what} within 24 hours, and now {_shown(amount)}; the limit is "
                    f"{_shown(most)}.", _when(rows, used + amount - most),
                )  # fmt: skip
            step = now - now % STEP
            rows = [*(row for row in rows if row[0] != step), (step, amount + dict(rows).get(step, 0.0))]
            with records.whole(path) as draft:
                draft.write_text(json.dumps(rows), encoding="ascii")
    except OSError as error:
        raise SetupError(
            "E-STORE-WRITE", f"The home cannot be written ({error.strerror}).", "Free some space."
        ) from error


def _rows(path: Path) -> list[tuple[float, float]]:
    try:
        return [(float(when), float(amount)) for when, amount in json.loads(path.read_bytes())]
    except (FileNotFoundError, ValueError, TypeError):
        return []  # nothing was counted yet, or a power cut spoiled it: the day begins anew


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
