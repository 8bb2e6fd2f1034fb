"""How large a deck may be, the same for every kind of deck, and what its parser in the sandbox may take."""

from __future__ import annotations

from collections.abc import Mapping
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
