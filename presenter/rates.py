"""What this machine needs for its work, learnt from the work it did.

A rate is a ratio of two sums, such as seconds of drawing to frames drawn. Older work counts less with each
new observation. Every rate is a small file of its own beside the store, so workers that learn different
rates do not disturb each other; of two that learn the same one at once, one observation may be lost.
"""

from __future__ import annotations

import json
import math
import re
from contextlib import suppress
from pathlib import Path

from presenter import records

FADING = 0.95
"""Weight that older work keeps with each new observation."""


class Rates:
    """The rates that belong to a store.

    Args:
        store: root of the store; the folder ``rates`` lies beside it.
    """

    def __init__(self, store: Path) -> None:
        self._folder = store.parent / "rates"

    def learn(self, name: str, amount: float, result: float) -> None:
        """So much work (frames, characters, seconds of sound) gave or took ``result``.

        A disk that refuses is no reason to stop: nothing is learnt then.
        """
        if not (amount > 0 and math.isfinite(amount) and math.isfinite(result)):
            return
        known, gave = self._read(name)
        row = {"amount": known * FADING + amount, "result": gave * FADING + max(0.0, result)}
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            with records.whole(self._path(name)) as draft:
                draft.write_text(json.dumps(row), encoding="utf-8")

    def rate(self, name: str) -> float | None:
        """Result for one unit of work; None where nothing was learnt yet."""
        amount, result = self._read(name)
        return result / amount if amount > 0 else None

    def _path(self, name: str) -> Path:
        return self._folder / f"{re.sub(r'[^a-z0-9.-]+', '-', name.lower())[:100]}.json"

    def _read(self, name: str) -> tuple[float, float]:
        try:
            row = json.loads(self._path(name).read_text(encoding="utf-8"))
            amount, result = float(row["amount"]), float(row["result"])
        except (OSError, ValueError, KeyError, TypeError):
            return 0.0, 0.0
        return (amount, result) if math.isfinite(amount) and math.isfinite(result) else (0.0, 0.0)
