"""What every kind of deck is read into."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sheet:
    """A slide of a deck."""

    number: int
    """In the deck, from 1; hidden slides count."""
    title: str
    """Plain text on one line; empty where it has none."""
    said: str
    """Plain text, a line for each paragraph; empty where nothing is said."""
    pictures: tuple[bytes, ...] = ()
    """PNG or JPEG of the whole slide, one for each build."""
    clip: bytes = b""
    """A video that is shown in place of the pictures."""
    clip_suffix: str = ".mp4"
    builds: int = 0
    """Steps in which it appears after it is first seen: a picture less than it has, or items of a list."""
    shown: str = ""
    """Markdown that is drawn in place of pictures; it names ``files`` as ``slides/<name>``."""
    files: tuple[tuple[str, bytes], ...] = ()
    identity: str = ""
    """What names the slide in later editions of its deck; empty where the deck has no such thing."""

    @property
    def digest(self) -> str:
        """sha256 of what is shown."""
        total = hashlib.sha256(self.shown.encode())
        for content in (*self.pictures, self.clip, *(content for _, content in self.files)):
            total.update(hashlib.sha256(content).digest())
        return total.hexdigest()


@dataclass(frozen=True, slots=True)
class Deck:
    """A deck with all that is needed of it."""

    title: str
    sheets: tuple[Sheet, ...]
    drawn_by: str
    """What made the pictures, for people: ``LibreOffice``, ``the embedded renderer`` ..."""
    warnings: tuple[str, ...] = ()


def numbers(found: Iterable[int], most: int = 12) -> str:
    """Slide numbers for a sentence: ``2, 5, 7``; the first ``most`` of many."""
    every = sorted(set(found))
    more = f" and {len(every) - most} more" if len(every) > most else ""
    return ", ".join(map(str, every[:most])) + more


def slides(found: Iterable[int]) -> str:
    """``Slide 3`` or ``Slides 2, 5``."""
    every = list(found)
    return ("Slide " if len(set(every)) == 1 else "Slides ") + numbers(every)
