"""Which videos were made of which lesson of the page, the newest last."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path

from presenter import records

MOST = 50
"""So many videos of a lesson are remembered; the library has all of them."""


@dataclass(frozen=True, slots=True)
class Show:
    """A video that was asked for."""

    job: str
    version: int
    """Number of the lesson's version at that time."""
    question: str = ""
    """The question about the lesson that it answers; ``""`` where it is the lesson itself."""


class Shows:
    """The videos of lessons.

    Args:
        home: folder of the installation.
    """

    def __init__(self, home: Path) -> None:
        self._folder = home / "shows"

    def of(self, lesson: str) -> tuple[Show, ...]:
        """What was asked for."""
        try:
            return tuple(Show(**row) for row in json.loads(self._path(lesson).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return ()

    def answer(self, lesson: str, question: str) -> Show | None:
        """The newest video that answers a question about a lesson."""
        found = (show for show in reversed(self.of(lesson)) if question and show.question == question)
        return next(found, None)

    def add(self, lesson: str, show: Show) -> None:
        """Another video was asked for."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        kept = [asdict(one) for one in (*self.of(lesson), show)][-MOST:]
        with records.whole(self._path(lesson)) as draft:
            draft.write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")

    def drop(self, lesson: str) -> None:
        """The lesson is no more."""
        self._path(lesson).unlink(missing_ok=True)

    def _path(self, lesson: str) -> Path:
        return self._folder / f"{re.sub('[^A-Za-z0-9_-]', '', lesson)}.json"
