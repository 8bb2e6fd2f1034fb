"""Edits: the only things that a conversation can do to a lesson. Values, no behaviour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

LESSON = "lesson"
"""The address of the lesson as a whole; slides and sentences have the ids of the parsed lesson."""

Place: TypeAlias = Literal["before", "after", "first", "last"]
"""``before`` and ``after`` the thing at the address, or as the ``first`` or ``last`` inside of it."""


@dataclass(frozen=True, slots=True)
class Insert:
    """New text."""

    what: Literal["sentence", "item", "slide"]
    """A sentence (or several) is said; an item is a line of a slide's list; a slide is Markdown with all
    that is said over it."""
    text: str
    place: Place
    beside: str
    """Id of a slide or a segment, or ``LESSON``."""
    kind: Literal["insert"] = "insert"


@dataclass(frozen=True, slots=True)
class Replace:
    """Other words."""

    target: str
    """Id of a segment or a slide, or ``LESSON`` for all of its text."""
    new: str
    old: str = ""
    """The characters that go, exactly as the source has them; ``""`` is everything at the target."""
    kind: Literal["replace"] = "replace"


@dataclass(frozen=True, slots=True)
class Delete:
    """Take a slide or a sentence out."""

    target: str
    kind: Literal["delete"] = "delete"


@dataclass(frozen=True, slots=True)
class Move:
    """Put a slide or a sentence elsewhere."""

    target: str
    place: Place
    beside: str
    kind: Literal["move"] = "move"


@dataclass(frozen=True, slots=True)
class Set:
    """Another setting."""

    target: str
    """``LESSON`` for its front matter, or the id of a slide or a segment."""
    name: str
    """Of the lesson: a key of ``script.KEYS``, or ``pronounce.<word>``. Of a slide: ``title``, ``layout``,
    ``speed``, ``pitch``, ``lively``. Of a segment: these without ``title``, and ``pause``."""
    value: str
    """As the lesson's source writes it; ``""`` takes the setting away."""
    kind: Literal["set"] = "set"


Edit: TypeAlias = Insert | Replace | Delete | Move | Set
