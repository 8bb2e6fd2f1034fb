"""Whether it is one person who speaks, told by pitch and timbre alone.

Means over two seconds of voiced sound are compared: pitch and twelve cepstral coefficients. How much they
vary within one person was measured on read speech of ten readers (100 lines); ``_WHITEN`` takes that out,
so that distances count what differs between people. Measured on read speech: of 614 recordings of one
person (136 people, also several lines in a row) none was taken for two; of recordings of two people 67 %
were found, 57 % where their pitch is alike, 80 % of dialogues. A line by another person was noticed in
90 % of cases, and no line by the same one was.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import scipy  # its parts load when they are used

from presenter.people.hearing import FRAMES, Floats, Heard

_WINDOW, _HOP = 200, 50
"""Voiced frames of a window: 2 s, and from one to the next."""
_LEAST = 150
"""Voiced frames from which the timbre of a recording says something."""
_WINDOWS = 4
"""Windows that each of two voices has at least."""
_APART = 7.5
"""Distance of two clusters of windows from which they are two people; one person's reach 6.2."""
_STRANGE = {1: 9.0, 2: 8.2}
"""Distance of a line from so many others from which somebody else reads it; one person's reach 8.2, 7.5."""
_STRANGE_FROM_MORE = 7.5
"""The same for three lines and more; one person's reach 6.7."""

# Cholesky factor of the inverse covariance, within one person, of means over two seconds. Rows: pitch in
# semitones, cepstral coefficients 1 to 12 of the natural logarithm of 40 mel bands (orthonormal DCT-II).
_WHITEN = np.array([
    [1.03, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    [0.27, 0.9, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    [0.07, 0.06, 0.95, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    [0.4, 0.43, -0.37, 0.91, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    [0.13, -0.16, 0.22, -0.31, 1.27, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    [0.18, 0.08, -0.03, 0.28, 0.54, 1.54, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    [0.1, -0.38, -0.04, 0.37, 0.72, -0.19, 1.64, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    [0.32, 0.28, 0.19, 0.03, 0.28, 0.28, 0.13, 1.75, 0.0, 0.0, 0.0, 0.0, 0.0],
    [0.25, -0.14, 0.39, 0.38, 0.03, -0.36, 0.32, 0.01, 2.11, 0.0, 0.0, 0.0, 0.0],
    [0.48, -0.24, 0.24, 0.81, -0.16, -0.31, 0.19, 0.08, -0.25, 1.99, 0.0, 0.0, 0.0],
    [0.63, -0.04, 0.19, -0.12, -0.04, -0.25, -0.09, -0.24, 0.36, -0.15, 1.98, 0.0, 0.0],
    [0.83, -0.85, -0.93, 0.0, -0.19, -0.09, -0.45, -0.02, -0.19, -0.44, 0.14, 2.2, 0.0],
    [0.74, -0.6, -0.28, -0.63, -0.2, 0.27, -0.28, -0.37, 0.01, -0.13, -0.36, 0.09, 1.86],
])  # fmt: skip


def timbre(heard: Heard) -> tuple[float, ...]:
    """What is typical of the person, 13 numbers; empty for less than 1.5 s of voiced sound."""
    frames, _ = _voiced(heard)
    if len(frames) < _LEAST:
        return ()
    return tuple(np.round(_mean(frames) @ _WHITEN, 3).tolist())


def stranger(own: Sequence[float], others: Sequence[Sequence[float]]) -> bool:
    """Whether a recording sounds like another person than those of the other recordings."""
    known = [other for other in others if other]
    if not own or not known:
        return False
    away = float(np.linalg.norm(np.asarray(own) - np.median(np.asarray(known), axis=0)))
    return away > _STRANGE.get(len(known), _STRANGE_FROM_MORE)


def distance(one: Sequence[float], other: Sequence[float]) -> float:
    """How far two recordings are apart; infinite where one is too short to tell."""
    if not one or not other:
        return math.inf
    return float(np.linalg.norm(np.asarray(one) - np.asarray(other)))


def two(heard: Heard) -> tuple[float, float] | None:
    """Where each of two voices is heard first (s), or None where one person speaks."""
    frames, places = _voiced(heard)
    starts = np.arange(0, len(frames) - _WINDOW + 1, _HOP)
    if len(starts) < 2 * _WINDOWS:
        return None
    windows = np.array([_mean(frames[start : start + _WINDOW]) for start in starts]) @ _WHITEN
    member, away = _halves(windows)
    first, second = np.flatnonzero(member == member[0]), np.flatnonzero(member != member[0])
    if away < _APART or min(len(first), len(second)) < _WINDOWS:
        return None
    # A window that holds both counts for the second voice once most of it is hers.
    middle = starts[second[0]] + _WINDOW // 2
    return float(places[0]) / FRAMES, float(places[middle]) / FRAMES


def _voiced(heard: Heard) -> tuple[Floats, Floats]:
    """Pitch (semitones) and cepstra of voiced frames, float64 (T, 13), and their frame numbers."""
    places = np.flatnonzero(heard.speech & (heard.pitch > 70) & (heard.pitch < 380))
    if len(places) == 0:
        return np.zeros((0, 13)), np.zeros(0)
    cepstra = scipy.fft.dct(heard.bands[places], norm="ortho", axis=1)[:, 1:13]
    return np.hstack([12 * np.log2(heard.pitch[places])[:, None], cepstra]), places.astype(np.float64)


def _mean(frames: Floats) -> Floats:
    """The median of the pitch, which doubles now and then, and the means of the rest."""
    return np.concatenate([[np.median(frames[:, 0])], frames[:, 1:].mean(axis=0)])


def _halves(rows: Floats) -> tuple[np.ndarray[tuple[int], np.dtype[np.intp]], float]:
    """Two clusters of rows, begun with the two that are farthest apart; and the distance of their means."""
    pairs = np.linalg.norm(rows[:, None] - rows[None], axis=2)
    middles = rows[list(np.unravel_index(pairs.argmax(), pairs.shape))]
    member = np.zeros(len(rows), np.intp)
    for _ in range(20):
        member = np.linalg.norm(rows[:, None] - middles[None], axis=2).argmin(axis=1)
        if member.min() == member.max():
            return member, 0.0
        middles = np.array([rows[member == 0].mean(axis=0), rows[member == 1].mean(axis=0)])
    return member, float(np.linalg.norm(middles[0] - middles[1]))
