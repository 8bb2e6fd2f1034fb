"""Which videos were made of which lesson of the page, the newest last."""

from __future__ import annotations

import json
import re
from pathlib import Path

from presenter import records

MOST = 50
"""So many videos of a lesson are remembered; the library has all of them."""


class Shows:
    """The videos of lessons.

    Args:
        home: folder of the installation.
    """

    def __init__(self, home: Path) -> None:
        self._folder = home / "shows"

    def of(self, lesson: str) -> tuple[str, ...]:
        """Ids of the jobs."""
        try:
            return tuple(json.loads(self._path(lesson).read_text(encoding="ascii")))
        except (OSError, ValueError):
            return ()

    def add(self, lesson: str, job: str) -> None:
        """Another video was asked for."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with records.whole(self._path(lesson)) as draft:
            draft.write_text(json.dumps([*self.of(lesson), job][-MOST:]), encoding="ascii")

    def drop(self, lesson: str) -> None:
        """The lesson is no more."""
        self._path(lesson).unlink(missing_ok=True)

    def _path(self, lesson: str) -> Path:
        return self._folder / f"{re.sub('[^A-Za-z0-9_-]', '', lesson)}.json"
