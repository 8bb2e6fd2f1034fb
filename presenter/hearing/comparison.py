"""Two recordings beside each other, and one beside itself: are the same words heard, in the same order?

Everything is told by mel-frequency cepstra that are normalised over each recording, so that it matters
little who speaks, in what room and into what microphone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from presenter.align import listening, path
from presenter.types import Wave

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

REPEATED = 0.65
"""Likeness of two stretches of one sentence from which they are the same sound said twice; 0.46 at most in
readers."""
_STRETCH, _NEAREST = 80, 40
"""Frames of 10 ms that are compared for repetition, and the smallest distance between them."""
_BAND, _WIDE, _REACH = 0.2, 0.35, 20
"""How far words may come sooner or later than at an even pace: a share of the length, and frames besides;
more where words may be missing."""
_WINDOW = 60
"""Frames of speech, 1.2 s, while which a recording has to go on in another."""


def unlikeness(wave: Wave, reference: Wave) -> float:
    """How unlike the words of two recordings are, whoever speaks.

    The mean distance of their cepstra in speech along the cheapest path, times the same as a share of the
    distance to decoys: the reference backwards, and its parts exchanged. Decoys have the reference's sounds
    and length but not its words, so that a voice or room that is far from everything counts less. About 4.3
    for the same words, 5.2 for others.
    """
    heard, known = _frames(wave), _frames(reference)
    count = len(known.rows)
    order = np.arange(count)
    decoys = (order[::-1], np.roll(order, count // 2), np.roll(order[::-1], count // 3))
    far = [_distance(_Frames(known.rows[decoy], known.speech[decoy]), heard) for decoy in decoys]
    near = _distance(known, heard)
    return near * near / max(float(np.mean(far)), 1e-6)


def distance(wave: Wave, reference: Wave) -> float:
    """Mean distance of the cepstra of two recordings along the cheapest path, where both speak; for telling
    which of several texts a recording fits best."""
    return _distance(_frames(reference), _frames(wave))


@dataclass(frozen=True, slots=True, eq=False)
class _Frames:
    """A recording, 20 ms at a time."""

    rows: Floats
    """Features, (T, 26)."""
    speech: Flags
    """(T,): something is said."""


def _frames(wave: Wave) -> _Frames:
    power = listening.bands(wave)
    quiet = listening.quiet(power)
    rows = listening.features(power, quiet)
    count = len(rows) // 2 * 2
    rows, quiet = rows[:count].reshape(-1, 2, rows.shape[1]).mean(axis=1), quiet[:count]
    return _Frames(rows, quiet.reshape(-1, 2).mean(axis=1) < 0.5)


def _path(known: _Frames, heard: _Frames, band: float) -> path.Path:
    count, other = len(known.rows), len(heard.rows)
    none = np.zeros(count, np.bool_)
    straight = np.arange(count + other - 1, dtype=np.float64) * (count / (count + other))
    return path.find(
        path.Known(known.rows, none, none),
        path.Heard(heard.rows, np.zeros(other)),
        straight,
        round(band * max(count, other)) + _REACH,
    )


def _distance(known: _Frames, heard: _Frames) -> float:
    """Mean distance along the cheapest path, where both speak."""
    found = _path(known, heard, _BAND)
    both = known.speech[found.known] & heard.speech[found.heard]
    steps = known.rows[found.known[both]] - heard.rows[found.heard[both]]
    return float(np.sqrt((steps**2).sum(axis=1)).mean()) if both.any() else math.inf


def progress(wave: Wave, reference: Wave) -> tuple[float, float]:
    """How evenly two recordings go on together, both of at least 1.2 s of speech.

    Returns:
        The least share of 1.2 s of speech that is heard while the reference goes on by 1.2 s of speech, and
        the least that the reference goes on while 1.2 s are heard, along the cheapest path. The first is
        near 0 where words are missing, the second where others were put in; about 0.8 in good speech of
        the same pace. Both are 1 where there is less speech.
    """
    heard, known = _frames(wave), _frames(reference)
    found = _path(known, heard, _WIDE)
    told, said = np.cumsum(known.speech)[found.known], np.cumsum(heard.speech)[found.heard]
    return _least(told, said), _least(said, told)


def _least(clock: Any, other: Any) -> float:
    """The least that ``other`` goes on while ``clock`` goes on by ``_WINDOW``, as a share of that."""
    begins = np.arange(1, clock[-1] - _WINDOW)
    if len(begins) == 0:
        return 1.0
    gone = other[np.searchsorted(clock, begins + _WINDOW)] - other[np.searchsorted(clock, begins, "right")]
    return float(gone.min()) / _WINDOW


@dataclass(frozen=True, slots=True)
class Again:
    """What comes again in a recording."""

    seconds: float
    """In all; counted by the beginnings of stretches that come again."""
    at: float
    """Where the stretch begins that comes again most exactly (s)."""
    later: float
    """Where it comes again (s)."""


def again(wave: Wave, loud: Any) -> Again:
    """Looks for stretches of ``_STRETCH`` frames whose features correlate by ``REPEATED`` with later ones.

    Stretches that overlap count too, from ``_NEAREST`` frames on: a sound that is held is like itself.
    """
    power = listening.bands(wave)
    rows = listening.features(power, np.zeros(len(power)))
    count = min(len(rows), len(loud))
    rows = np.where(loud[:count, None], rows[:count], 0.0)  # all silence is alike
    energy = _sums((rows**2).sum(axis=1))
    active = _sums(loud[:count].astype(np.float64)) > 0.6 * _STRETCH
    likest, later = np.zeros(len(energy)), np.zeros(len(energy), np.intp)
    for distance in range(_NEAREST, len(energy)):
        size = len(energy) - distance
        products = _sums((rows[:-distance] * rows[distance:]).sum(axis=1))
        scale = np.sqrt(energy[:size] * energy[distance:])
        likeness = np.where(active[:size] & active[distance:], products / np.maximum(scale, 1e-9), 0.0)
        better = likeness > likest[:size]
        likest[:size][better] = likeness[better]
        later[:size][better] = np.flatnonzero(better) + distance
    at = int(likest.argmax()) if len(likest) else 0
    return Again(
        float((likest >= REPEATED).sum()) / 100, at / 100, float(later[at]) / 100 if len(later) else 0.0
    )


def _sums(values: Any) -> Any:
    """Sums over ``_STRETCH`` neighbours, (max(0, T - _STRETCH + 1),)."""
    if len(values) < _STRETCH:
        return values[:0]
    total = np.concatenate([[0.0], np.cumsum(values)])
    return total[_STRETCH:] - total[:-_STRETCH]
