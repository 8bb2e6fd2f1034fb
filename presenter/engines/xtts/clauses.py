"""Long texts are cut where a reader would breathe, and what is spoken is joined with such pauses."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np

from presenter.types import Samples

_SENTENCE_ENDS = ".!?…。！？؟।"
_CLAUSE_ENDS = ",;:–—،؛，、；："
_CUTS = (
    re.compile(rf"[{_SENTENCE_ENDS}]+[\"'»”’)]*(?=\s|(?<=[。！？]))"),
    re.compile(rf"[{_CLAUSE_ENDS}]+(?=\s|(?<=[，、；：]))"),
    re.compile(r"(?=\s)"),
    re.compile(r"(?<=.)"),
)
"""Where a text may be cut, the best first: after sentences, after clauses, between words, anywhere."""
_PAUSES = ((_SENTENCE_ENDS, 0.35), (_CLAUSE_ENDS, 0.18))
"""Silence after a piece that ends in one of these marks (s), as readers make it."""
_SHORT_PAUSE = 0.06
"""Silence where a text had to be cut between words (s)."""
_FAINT = 10 ** (-45 / 20)
"""Share of the peak below which the end of a piece counts as silence."""
_MARGIN = 0.03
"""What stays around a piece's sound (s): quiet consonants begin below the threshold."""
_FADE = 0.005


def split(text: str, fits: Callable[[str], bool]) -> list[str]:
    """The text in pieces that fit, cut at the best places near the middle so that none is very short:
    a model that is asked for one or two words makes up more.

    Args:
        fits: whether a piece is short enough; a single character always is.
    """
    text = text.strip()
    if len(text) <= 1 or fits(text):
        return [text] if text else []
    at = _cut(text)
    return [*split(text[:at], fits), *split(text[at:], fits)]


def _cut(text: str) -> int:
    """The place to cut: the best kind that there is between the first and the last quarter."""
    middle, reach = len(text) / 2, max(1.0, len(text) / 4)
    for pattern in _CUTS:
        places = [match.end() for match in pattern.finditer(text) if 0 < match.end() < len(text)]
        near = [place for place in places if abs(place - middle) <= reach]
        if near:
            return min(near, key=lambda place: abs(place - middle))
    return len(text) // 2


def join(pieces: Sequence[str], sounds: Sequence[Samples], rate: int) -> Samples:
    """One sound, float32 (N,): between pieces the silence that fits the mark that the first ends in.

    Args:
        pieces: what is said in each of ``sounds``.
        rate: Hz.
    """
    parts = [np.zeros(0, np.float32)]
    for number, (piece, sound) in enumerate(zip(pieces, sounds, strict=True)):
        last = number == len(pieces) - 1
        parts.append(_edged(sound, rate, start=number > 0, end=not last))
        if not last:
            parts.append(np.zeros(round(pause(piece) * rate), np.float32))
    return np.concatenate(parts)


def pause(piece: str) -> float:
    """Silence that follows a piece before the next (s)."""
    mark = piece.rstrip("\"'»”’) ")[-1:]
    return next((pause for marks, pause in _PAUSES if mark and mark in marks), _SHORT_PAUSE)


def _edged(sound: Samples, rate: int, *, start: bool, end: bool) -> Samples:
    """The sound without the silence at its start or end, faded there."""
    heard = np.flatnonzero(np.abs(sound) > np.abs(sound).max(initial=0.0) * _FAINT)
    if len(heard) == 0:
        return sound[:0]
    margin, fade = round(_MARGIN * rate), round(_FADE * rate)
    first = max(0, int(heard[0]) - margin) if start else 0
    sound = sound[first : int(heard[-1]) + margin if end else len(sound)].copy()
    rise = np.linspace(0.0, 1.0, min(fade, len(sound)), endpoint=False, dtype=np.float32)
    if start:
        sound[: len(rise)] *= rise
    if end:
        sound[len(sound) - len(rise) :] *= rise[::-1]
    return sound
