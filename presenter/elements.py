"""Elements: the things on a slide that can be pointed at, and how a lesson names them."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal["title", "item", "picture", "table", "row", "code", "line", "formula", "quote", "chart"]

NAME = r"\{#(?P<name>[\w-]{1,60})\}"
"""How an author names an element, right behind it, as regular expression text."""


@dataclass(frozen=True, slots=True)
class Element:
    """Something on a slide."""

    kind: Kind
    number: int
    """Among those of its kind on the slide, from 1; rows are counted without the head of their table."""
    name: str = ""
    """What stands behind it as ``{#name}``."""
    text: str = ""
    """Its plain text."""
    inside: int | None = None
    """Of a row or a line: index of its table or its code among the slide's elements."""


def find(elements: Sequence[Element], asked: str) -> int | None:
    """Index of the element that is meant, or None.

    A name goes first (``fig-1`` or ``#fig-1``), then a kind with a number (``item 2``, ``table``), then
    words that stand in it; of several elements with these words the shortest is meant.
    """
    asked = _plain(asked)
    if not asked:
        return None
    for index, element in enumerate(elements):
        if element.name and _plain(element.name) == asked.removeprefix("#"):
            return index
    counted = re.fullmatch(rf"({'|'.join(get_args(Kind))})(?:\s+(\d{{1,3}}))?", asked)
    if counted:
        number = int(counted[2] or 1)
        for index, element in enumerate(elements):
            if (element.kind, element.number) == (counted[1], number):
                return index
    found = [
        (len(element.text), index) for index, element in enumerate(elements) if asked in _plain(element.text)
    ]
    return min(found)[1] if found else None


def known(elements: Sequence[Element]) -> str:
    """What can be asked for, in short: names, then kinds and how many there are."""
    names = [f"#{element.name}" for element in elements if element.name]
    counts = Counter(element.kind for element in elements)
    kinds = [f"{kind} 1 to {count}" if count > 1 else kind for kind, count in counts.items()]
    return ", ".join(names + kinds)


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFC", text).replace("\u00ad", "").replace("\u200b", "")
    return " ".join(text.casefold().split())
