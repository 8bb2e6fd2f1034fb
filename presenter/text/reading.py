"""Reading aloud: written text becomes spoken text, and every spoken word knows where it is written."""

from __future__ import annotations

import bisect
import functools
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from presenter.text import dates, quantities, sounds, symbols
from presenter.text.characters import clean, is_word
from presenter.text.languages import base
from presenter.text.quantities import Rule
from presenter.text.vocabulary import LANGUAGES
from presenter.types import Pronunciation


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of written text that is said in other words."""

    start: int
    """First character (offset into the written text)."""
    end: int
    """One past the last character."""
    spoken: str
    """What stands for it in the spoken text; ``""`` where nothing is said."""
    sound: str = ""
    """IPA between slashes, or a respelling, for engines that can say it; else they say ``spoken``."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as it is spoken. Between the pieces, spoken and written text are the same."""

    text: str
    """The spoken text."""
    pieces: tuple[Piece, ...]
    """Sorted, without overlap."""

    def written(self, start: int, end: int) -> tuple[int, int]:
        """Where a span of the spoken text is written, as a half-open span of the written text.

        A place inside a piece stands for all of the piece.
        """
        first, _ = self._written(start)
        last, stop = self._written(max(start, end - 1))
        return first, max(stop, last + (end > start))

    def spoken(self, start: int, end: int) -> tuple[int, int]:
        """Where a span of the written text is spoken, as a half-open span of the spoken text.

        A place inside a piece stands for all of the piece.
        """
        shift = 0  # spoken minus written offset of the text before the piece
        first = last = None
        for piece in self.pieces:
            begin = piece.start + shift
            if first is None and start < piece.end:
                first = begin if start >= piece.start else start + shift
            if last is None and end <= piece.end:
                last = begin + len(piece.spoken) if end > piece.start else end + shift
            shift += len(piece.spoken) - (piece.end - piece.start)
        return start + shift if first is None else first, end + shift if last is None else last

    def sounds(self) -> tuple[tuple[int, int, str], ...]:
        """The pieces with a sound, as spans [start, end) of the spoken text, and their sounds."""
        shift, found = 0, []
        for piece in self.pieces:
            begin = piece.start + shift
            if piece.sound and piece.spoken:
                found.append((begin, begin + len(piece.spoken), piece.sound))
            shift += len(piece.spoken) - (piece.end - piece.start)
        return tuple(found)

    def _written(self, at: int) -> tuple[int, int]:
        shift = 0  # written minus spoken offset of the text before the piece
        for piece in self.pieces:
            begin = piece.start - shift
            if at < begin:
                break
            if at < begin + len(piece.spoken):
                return piece.start, piece.end
            shift += (piece.end - piece.start) - len(piece.spoken)
        return at + shift, at + shift


def joined(readings: Sequence[tuple[str, Reading]]) -> Reading:
    """The reading of texts that stand one after the other: pairs of a written text and its reading."""
    pieces: list[Piece] = []
    at = 0
    for written, reading in readings:
        pieces += (replace(piece, start=piece.start + at, end=piece.end + at) for piece in reading.pieces)
        at += len(written)
    return Reading("".join(reading.text for _, reading in readings), tuple(pieces))


def read(
    text: str,
    language: str,
    pronunciations: Sequence[Pronunciation] = (),
    lexicon: Mapping[str, str] | None = None,
) -> Reading:
    """Normalise a text for speaking.

    Numbers, dates, times, money, units, simple formulas, abbreviations, addresses and signs become
    words in English, German, Spanish, French, Hindi and Mandarin; in other languages only emoji are
    left out, and the voice reads the rest. Never raises.

    Args:
        text: the written text (NFC).
        language: BCP 47 tag.
        pronunciations: what the author wants to be said for stretches of the text; wins over all else.
        lexicon: word -> what to say instead, as in a ``Pronunciation``; whole words only; a word in
            lower case also stands for its capitalised forms.
    """
    claims = _Claims(text, language)
    for say in pronunciations:
        claims.pronounce(say.start, say.end, say.say)
    if lexicon:
        claims.look_up(lexicon)
    for pattern, spoken in _rules(base(language), language):
        claims.apply(pattern, spoken)
    return claims.reading()


@functools.lru_cache(maxsize=32)
def _rules(language: str, tag: str) -> tuple[Rule, ...]:
    if language not in LANGUAGES:
        return tuple(symbols.emoji())
    return (
        *symbols.addresses(language),
        *symbols.emoji(),
        *dates.rules(language, tag),
        *symbols.proportions(language),
        *symbols.romans(language),
        *symbols.ranges(language),
        *symbols.formulas(language),
        *quantities.rules(language),
        *symbols.abbreviations(language),
        *symbols.operators(language),
    )


class _Claims:
    """Stretches of a text that already have their spoken words; the first to claim one keeps it."""

    def __init__(self, text: str, language: str) -> None:
        self.text = text
        self.spaced = base(language) not in ("zh", "ja", "th", "lo", "km", "my")
        self.pieces: list[Piece] = []

    def pronounce(self, start: int, end: int, say: str) -> None:
        self.add(start, end, *sounds.spoken(clean(say)[0], self.text[start:end]))

    def add(self, start: int, end: int, spoken: str, sound: str = "") -> None:
        start, end = max(0, start), min(len(self.text), end)
        index = bisect.bisect_left(self.pieces, start, key=lambda piece: piece.start)
        free_before = index == 0 or self.pieces[index - 1].end <= start
        free_after = index == len(self.pieces) or self.pieces[index].start >= end
        if start < end and free_before and free_after:
            self.pieces.insert(index, Piece(start, end, spoken, sound))

    def apply(self, pattern: re.Pattern[str], say: quantities.Say) -> None:
        for match in pattern.finditer(self.text):
            try:
                spoken = say(match)
            except (ArithmeticError, LookupError, ValueError, NotImplementedError):
                continue  # an odd number is better left to the voice than a lesson that cannot be said
            if spoken is not None:
                self.add(match.start(), match.end(), spoken)

    def look_up(self, lexicon: Mapping[str, str]) -> None:
        forms = [form for form in lexicon if form]
        if not forms:
            return
        pattern = "|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True))
        for match in re.finditer(pattern, self.text, re.I):
            spoken = lexicon.get(match.group()) or lexicon.get(match.group().lower())
            if spoken and (not self.spaced or self._is_whole(match.start(), match.end())):
                self.pronounce(match.start(), match.end(), spoken)

    def _is_whole(self, start: int, end: int) -> bool:
        before = start > 0 and is_word(self.text[start - 1]) and is_word(self.text[start])
        after = end < len(self.text) and is_word(self.text[end - 1]) and is_word(self.text[end])
        return not before and not after

    def reading(self) -> Reading:
        spoken: list[str] = []
        pieces: list[Piece] = []
        at = 0
        for piece in self._tidy():
            between = self.text[at : piece.start]
            spoken.append(between)
            said = self._spaced(piece, "".join(spoken[-2:])[-1:])
            spoken.append(said)
            pieces.append(Piece(piece.start, piece.end, said, piece.sound))
            at = piece.end
        spoken.append(self.text[at:])
        return Reading("".join(spoken), tuple(pieces))

    def _tidy(self) -> Iterator[Piece]:
        """The pieces; one of which nothing is said takes a space beside it along."""
        at = 0
        for piece, following in itertools.zip_longest(self.pieces, self.pieces[1:]):
            start, end = piece.start, piece.end
            if not piece.spoken:
                spaced = start == 0 or self.text[start - 1].isspace()
                after = self.text[end : end + 1]
                if spaced and after == " " and (following is None or following.start > end):
                    end += 1
                elif spaced and start > at and not (after and is_word(after)):
                    start -= 1
            at = end
            yield Piece(start, end, piece.spoken, piece.sound)

    def _spaced(self, piece: Piece, before: str) -> str:
        """The piece's words, kept apart from the letters beside them."""
        said = piece.spoken
        if not said or not self.spaced:
            return said
        after = self.text[piece.end : piece.end + 1]
        if before and (is_word(before) or before in ")]") and is_word(said[0]):
            said = " " + said
        if after and is_word(after) and is_word(said[-1]):
            said += " "
        return said
