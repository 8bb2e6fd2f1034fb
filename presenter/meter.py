"""How far a render is and how long it will still take."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from presenter.engines.runners import Runner
from presenter.order import Recipe
from presenter.types import Progress, Shot

Report = Callable[[Progress], None]


class Meter:
    """How far the render is and how long it will still take."""

    SPEAKING_RATE = 15.0
    """Characters a second, for segments that were not spoken yet."""

    def __init__(self, recipe: Recipe, report: Report) -> None:
        self._report = report
        self._segments = len(recipe.script.segments)
        self._fps = recipe.fps
        self._unspoken = sum(len(segment.text) for segment in recipe.script.segments)
        self._texts = [len(segment.text) for segment in recipe.script.segments]
        self._spoken = 0
        self._frames = 0
        self._to_draw = 0
        self._began: float | None = None
        self._last = 0.0
        self.ready: tuple[str, ...] = ()
        """Finished pieces from the beginning on; see ``Progress``."""

    def spoken(self, shot: Shot, to_draw: bool, runner: Runner | None) -> None:
        """A segment was spoken and planned."""
        self._unspoken -= self._texts[self._spoken]
        self._spoken += 1
        self._frames += shot.count
        self._to_draw += shot.count if to_draw else 0
        if to_draw and self._began is None:
            self._began = time.monotonic()
        self._tell("speak", runner, f"speaking sentence {self._spoken} of {self._segments}")

    def drawn(self, runner: Runner | None) -> None:
        """Some frames may have been drawn."""
        ticks = runner.ticks() if runner else 0
        self._tell("draw", runner, f"drawing frame {min(ticks, self._to_draw)} of {self._to_draw}")

    def say(self, stage: Any, done: float, left: float | None, message: str) -> None:
        """Report something of another stage at once."""
        self._report(Progress(stage, done, left, message, self.ready, self._segments))

    def _tell(self, stage: Any, runner: Runner | None, message: str) -> None:
        now = time.monotonic()
        if now - self._last < 0.2:
            return
        self._last = now
        ticks = runner.ticks() if runner else 0
        # What is not spoken yet is taken to need drawing in the proportion seen so far.
        share = self._to_draw / self._frames if self._frames else 1.0
        unspoken = self._unspoken / self.SPEAKING_RATE * self._fps
        total = self._to_draw + unspoken * share
        left = None
        if self._began is not None and ticks > 25 and now - self._began > 2:
            left = max(0.0, (total - ticks) * (now - self._began) / ticks) + 1.0
        done = ticks / total if total else self._spoken / max(1, self._segments)
        self.say(stage, min(0.95, 0.95 * done), left, message)
