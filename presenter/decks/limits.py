"""How large a deck may be, the same for every kind of deck, and what its parser in the sandbox may take."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from presenter import sandbox
from presenter.errors import InputError

MOST_SLIDES = 200
LARGEST_DECK = 250_000_000
"""Bytes of the file."""
LONGEST_SIDE = 5_000
"""Points of a page's side, some 1.8 m."""
PICTURE_WIDTH = 1920
"""Pixels of a slide's picture, from left to right; a tall page has at most so many from top to bottom."""

SECONDS, MEMORY = 60.0, 1_000_000_000
"""Limits of one call of the sandbox (s, bytes)."""


def limited(function: str, data: bytes, **arguments: Any) -> Mapping[str, Any]:
    """``sandbox.run`` with the limits of decks, whose errors are about the deck."""
    try:
        return sandbox.run(function, data, seconds=SECONDS, memory=MEMORY, **arguments)
    except InputError as error:
        raise InputError(error.code, error.message, error.hint, "deck") from error


def content(path: Path, limit: int) -> bytes:
    """The bytes of a file, of which never more than a byte beyond the limit is read.

    Raises:
        InputError: ``E-SLIDES-FILE`` where it is none or cannot be read, ``E-SLIDES-LARGE``.
    """
    if not path.is_file():  # a pipe or a device would be read for ever
        raise InputError("E-SLIDES-FILE", f'There is no file "{path.name}".', "Check its name.", "deck")
    try:
        with path.open("rb") as stream:
            data = stream.read(limit + 1)
    except OSError as error:
        message = f'The file "{path.name}" cannot be read ({error.strerror}).'
        raise InputError("E-SLIDES-FILE", message, "Check its permissions.", "deck") from error
    if len(data) > limit:
        message = f'"{path.name}" has more than {limit / 1e6:g} MB.'
        raise InputError("E-SLIDES-LARGE", message, "Save it with smaller pictures and videos.", "deck")
    return data
