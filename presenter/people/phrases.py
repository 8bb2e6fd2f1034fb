"""The text of a challenge: two sentences put together at random, and six digits."""

from __future__ import annotations

import functools
import secrets
import tomllib
from collections.abc import Callable
from dataclasses import dataclass

from presenter import text
from presenter.settings import ROOT
from presenter.text.numerals import cardinal

_FOLDER = ROOT / "assets" / "challenges"
_FALLBACK = "en"
SENTENCES, DIGITS = 2, 6
_OTHERS = 5
"""Phrases that each one is held against."""


@dataclass(frozen=True, slots=True)
class Part:
    """A sentence, or the digits: phrases in order, each one of several."""

    language: str
    choices: tuple[tuple[str, ...], ...]
    """For each place the phrases that could stand there."""
    chosen: tuple[int, ...]
    """For each place the number of the phrase that does."""

    @property
    def text(self) -> str:
        """As it is read."""
        return self._joined(self.chosen)

    def others(self, place: int) -> list[str]:
        """Texts that have another phrase in one place."""
        count, own = len(self.choices[place]), self.chosen[place]
        held = _OTHERS if count > 10 else count - 1  # every other digit
        numbers = [(own + 1 + turn * (count - 1) // held) % count for turn in range(held)]
        return [self._joined((*self.chosen[:place], number, *self.chosen[place + 1 :])) for number in numbers]

    def _joined(self, chosen: tuple[int, ...]) -> str:
        phrases = [options[number] for options, number in zip(self.choices, chosen, strict=True)]
        return f"{', '.join(phrases) if len(phrases) == DIGITS else ' '.join(phrases)}."


def draw(language: str, below: Callable[[int], int] = secrets.randbelow) -> tuple[Part, ...]:
    """Parts of a text that nobody could know before: one of more than 10^15.

    Args:
        language: BCP 47; English where there are no phrases in it.
        below: gives a random number below another.
    """
    base = (text.canonical(language) or language).split("-")[0]
    tag, phrases = _read(base if base in written() else _FALLBACK)
    words = tuple(cardinal(digit, tag) for digit in range(10))
    choices = (*[phrases] * SENTENCES, (words,) * DIGITS)
    return tuple(Part(tag, row, tuple(below(len(options)) for options in row)) for row in choices)


def written() -> tuple[str, ...]:
    """Languages that have phrases of their own, as BCP 47 base tags, sorted."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))


@functools.cache
def _read(base: str) -> tuple[str, tuple[tuple[str, ...], ...]]:
    rows = tomllib.loads((_FOLDER / f"{base}.toml").read_text(encoding="utf-8"))
    return str(rows["language"]), tuple(tuple(map(str, phrases)) for phrases in rows["phrases"])
