"""When each word and phoneme of a recording is heard, without any trained model.

Another rendering of the same text, whose times are known, is laid over the recording by dynamic time
warping, coarsely first and then finely; its sounds are moved towards this speaker's along that path and
laid over once more. People pause and breathe where a machine does not: pauses are found by themselves,
cost little to pass, and no word begins or ends inside one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from presenter.align import path
from presenter.align.listening import (
    STEP,
    Flags,
    bands,
    features,
    pauses,
    pitch,
    spoken_seconds,
    stretches,
)
from presenter.align.path import Heard, Known, Path
from presenter.text import words
from presenter.types import Span, Timing, Wave

__all__ = ["align", "pitch", "spoken_seconds", "spread"]

_SHORTEST = 0.05
"""Recordings shorter than this have no times (s)."""
_COARSE, _FRAMES = 3, 700
"""Frames that are one in the first pass, at least; and how many remain of a long recording, about."""
_WIDE, _SLACK = 0.35, 15
"""How far the first path may leave the straight line: a share of the longer recording, and frames besides."""
_REACH = 40
"""How far the later paths may leave the one before (frames)."""
_PRIOR = 30.0
"""How many frames of speech the unchanged sounds count for when they are moved towards the speaker's."""
_LEAST = 20
"""Frames of speech from which on they are moved at all."""
_HELD = 8
"""Frames from which on a standstill at the edge of a word counts as a pause."""
_PAUSE = 12
"""Frames from which on silence is a pause and no closure of a stop."""
_NEAR = 0.06
"""So far from a pause an edge of a word is moved to it (s)."""
_SEAM = 0.03
"""Gaps between phonemes up to this length are none (s)."""

_OPEN = 0.1
"""Share of the highest level above which a mouth is taken to be open where nothing better is known."""


def align(wave: Wave, reference: Wave, timing: Timing) -> Timing:
    """Carry the times of one rendering over to another of the same text.

    Most exact where the reference has the pace of the recording and a voice of its kind, see
    ``spoken_seconds`` and ``pitch``.

    Args:
        wave: the recording to time, at any rate.
        reference: another rendering of the text, at any rate.
        timing: when its words and phonemes are heard.

    Returns:
        The words and phonemes with the recording's times: sorted, inside the recording, phonemes
        gapless from 0 to its end, ``""`` where it pauses. Phonemes for which no time is left are
        missing; recordings shorter than 0.05 s have none.
    """
    if min(wave.seconds, reference.seconds) < _SHORTEST:
        return Timing((), ())
    known = _known(reference, timing)
    power = bands(wave)
    pause = pauses(wave, power)
    heard = Heard(features(power, pause), pause)
    carry = _Carry(known, _path(known, heard), wave.seconds)
    silences = [
        (first * STEP, end * STEP) for first, end in stretches(_steady(pause > 0.5)) if end - first >= _PAUSE
    ]
    said = carry.spans(timing.words, silences)
    sounds = carry.spans([span for span in timing.phonemes if span.label], silences)
    return Timing(said, _gapless(sounds, wave.seconds))


def spread(wave: Wave, text: str) -> Timing:
    """A guess where no other rendering of the text can be had.

    Words share the time from the first sound to the last by their length; the mouth is open
    (an ``a``) where the recording is loud, and closed elsewhere.
    """
    step = max(1, wave.rate // 100)
    padded = np.pad(wave.samples, (0, -len(wave.samples) % step)).reshape(-1, step)
    level = np.sqrt((padded.astype(np.float64) ** 2).mean(axis=1))
    loud = np.flatnonzero(level > max(_OPEN * level.max(initial=0.0), 1e-4))
    if len(loud) == 0:
        return Timing((), (Span("", 0.0, wave.seconds),))
    first, last = loud[0] / 100, min((loud[-1] + 1) / 100, wave.seconds)
    spans = words(text)
    ends = np.cumsum([0, *(end - begin for begin, end in spans)])
    times = first + (last - first) * ends / max(ends[-1], 1)
    said = tuple(
        Span(text[begin:end], float(start), float(stop))
        for (begin, end), start, stop in zip(spans, times[:-1], times[1:], strict=True)
    )
    marks = np.flatnonzero(np.diff(np.isin(np.arange(len(level)), loud).astype(int), prepend=0)) / 100
    edges = [0.0, *(float(mark) for mark in marks if 0 < mark < wave.seconds), wave.seconds]
    opened = loud[0] == 0
    shapes = ["a" if index % 2 == (0 if opened else 1) else "" for index in range(len(edges) - 1)]
    return Timing(
        said, tuple(Span(*row) for row in zip(shapes, edges[:-1], edges[1:], strict=True) if row[2] > row[1])
    )


def _known(reference: Wave, timing: Timing) -> Known:
    power = bands(reference)
    count = len(power)
    pause, word = np.zeros(count, np.bool_), np.zeros(count, np.bool_)
    for span in timing.phonemes:
        if not span.label:
            pause[round(span.start / STEP) : round(span.end / STEP)] = True
    for span in timing.words:
        at = round(span.start / STEP)
        word[max(0, at - 2) : at + 2] = True
    if timing.words:
        pause[math.floor(timing.words[-1].end / STEP) + 1 :] = True
    word[0] = True
    word[-2:] = True
    return Known(features(power, pause.astype(np.float64)), pause, word)


def _path(known: Known, heard: Heard) -> Path:
    count, other = len(known.rows), len(heard.rows)
    by = min(max(_COARSE, round(max(count, other) / _FRAMES)), min(count, other))
    few, fewer = path.coarser(known, heard, by)
    small, smaller = len(few.rows), len(fewer.rows)
    straight = np.arange(small + smaller - 1, dtype=np.float64) * (small / (small + smaller))
    found = path.find(few, fewer, straight, round(_WIDE * max(small, smaller)) + _SLACK)
    found = path.find(known, heard, found.centres(count, other, by), _REACH)
    moved = _moved(known, heard, found)
    if moved is None:
        return found
    return path.find(moved, heard, found.centres(count, other), _REACH)


def _moved(known: Known, heard: Heard, found: Path) -> Known | None:
    """The known sounds as this speaker would make them: an affine map of the features, by ridge
    regression on the frames that met one to one; None where they are too few."""
    single = (np.diff(found.known, prepend=-1) == 1) & (np.diff(found.heard, prepend=-1) == 1)
    single &= ~known.pause[found.known] & (heard.pause[found.heard] < 0.5)
    if single.sum() < _LEAST:
        return None
    rows, target = known.rows[found.known[single]], heard.rows[found.heard[single]]
    inputs = np.hstack([rows, np.ones((len(rows), 1))])
    squares = inputs.T @ inputs + _PRIOR * np.eye(inputs.shape[1])
    change = np.linalg.solve(squares, inputs.T @ (target - rows))
    moved = known.rows + np.hstack([known.rows, np.ones((len(known.rows), 1))]) @ change
    return replace(known, rows=np.where(known.pause[:, None], known.rows, moved))


class _Carry:
    """Times of the known recording as times of the other."""

    def __init__(self, known: Known, found: Path, seconds: float) -> None:
        count = len(known.rows)
        self._free = known.word | known.pause
        self._first = np.full(count, np.iinfo(np.intp).max)
        self._last = np.zeros(count, np.intp)
        np.minimum.at(self._first, found.known, found.heard)
        np.maximum.at(self._last, found.known, found.heard)
        self._mean = np.bincount(found.known, weights=found.heard) / np.bincount(found.known)
        self._seconds = seconds

    def spans(self, spans: Sequence[Span], silences: Sequence[tuple[float, float]]) -> tuple[Span, ...]:
        """Sorted and without overlap; none begins or ends inside a silence that it does not lie in."""
        out: list[Span] = []
        at = 0.0
        for span in spans:
            start, end = _outside(self._at(span.start, late=True), self._at(span.end, late=False), silences)
            start = max(at, start)
            at = max(start, end)
            out.append(Span(span.label, start, at))
        return tuple(out)

    def _at(self, time: float, *, late: bool) -> float:
        """A time; where the other stood still on the edge of a word, the end or the start of that."""
        place = time / STEP
        index = min(math.floor(place), len(self._mean) - 1)
        after = min(index + 1, len(self._mean) - 1)
        frame = (1 - place % 1) * self._mean[index] + place % 1 * self._mean[after]
        for edge in (index, after):
            if self._free[edge] and self._last[edge] - self._first[edge] > _HELD:
                frame = self._last[edge] if late else self._first[edge]
                break
        return min(max(float(frame) * STEP, 0.0), self._seconds)


def _outside(start: float, end: float, silences: Sequence[tuple[float, float]]) -> tuple[float, float]:
    for first, last in silences:
        if first - _NEAR <= start < last < end:
            start = last
        if start < first < end <= last + _NEAR:
            end = first
    return start, end


def _steady(flags: Flags) -> Flags:
    """Flags without runs of a single frame."""
    found = flags.copy()
    for first, end in stretches(flags):
        if end - first < 2:
            found[first:end] = False
    return found


def _gapless(spans: Sequence[Span], seconds: float) -> tuple[Span, ...]:
    """The spans with silence between them, from 0 to ``seconds``; seams are closed."""
    out: list[Span] = []
    at = 0.0
    for span in spans:
        if span.end - max(at, span.start) < 1e-4:
            continue
        start = at if span.start - at <= _SEAM else span.start
        if start > at:
            out.append(Span("", at, start))
        out.append(Span(span.label, start, span.end))
        at = span.end
    if seconds > at:
        out.append(Span("", at, seconds))
    return tuple(out)
