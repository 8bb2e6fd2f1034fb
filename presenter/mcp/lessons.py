"""Lessons that an assistant is writing: one text file each, of their owner only."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from presenter import records
from presenter.errors import InputError, WorkError

MOST = 200
"""Lessons of one owner."""


class Lessons:
    """The lessons of one owner, in ``lessons/<digest of the owner>/`` below the home.

    Args:
        home: folder of the installation.
    """

    def __init__(self, home: Path, owner: str) -> None:
        self._folder = home / "lessons" / hashlib.sha256(owner.encode()).hexdigest()[:32]

    def names(self) -> list[str]:
        """What there is, by name."""
        return sorted(path.stem for path in self._folder.glob("*.md"))

    def read(self, name: str) -> str:
        """The text.

        Raises:
            InputError: ``E-LESSON-NAME``.
        """
        try:
            return self._path(name).read_text(encoding="utf-8")
        except FileNotFoundError:
            raise InputError(
                "E-LESSON-NAME", f'There is no lesson "{name}".', "See list_lessons.", "name"
            ) from None

    def write(self, name: str, text: str) -> None:
        """Keep the text, in place of what had this name.

        Raises:
            InputError: ``E-LESSON-NAME``, ``E-LESSON-MANY``.
            WorkError: ``E-STORE-WRITE``.
        """
        path = self._path(name)
        if not path.exists() and len(self.names()) >= MOST:
            raise InputError(
                "E-LESSON-MANY", f"There are {MOST} lessons already.", "Use an existing name.", "name"
            )
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with records.whole(path) as draft:
                draft.write_text(text, encoding="utf-8")
        except OSError as error:
            raise WorkError(
                "E-STORE-WRITE", f"The lesson could not be kept ({error.strerror}).", "Free some space."
            ) from error

    def _path(self, name: str) -> Path:
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,59}", name):
            raise InputError(
                "E-LESSON-NAME", f'"{name[:60]}" cannot name a lesson.', "Use a-z, 0-9 and hyphens.", "name"
            )
        return self._folder / f"{name}.md"
