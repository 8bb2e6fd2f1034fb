"""Is the sound where the pictures are: offsets between what is heard and what was mixed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import scipy  # its parts load when they are used

from presenter import audio
from presenter.types import RATE, Samples

STRETCH = 6 * RATE
"""Samples that are compared at the beginning, in the middle and at the end."""
REACH = RATE // 5
"""Largest offset that is found (samples)."""
QUIET = 1e-3
"""Level (root mean square) below which a stretch has nothing to compare."""


def stretches(chunks: Iterable[Samples], starts: tuple[int, ...]) -> tuple[list[Samples], int]:
    """Cut stretches of ``STRETCH`` samples out of a stream without keeping all of it.

    Returns:
        A stretch for each start, padded with silence behind the stream's end, and the stream's length.
    """
    found = [np.zeros(STRETCH, np.float32) for _ in starts]
    at = 0
    for chunk in chunks:
        for start, out in zip(starts, found, strict=True):
            low, high = max(at, start), min(at + len(chunk), start + STRETCH)
            if low < high:
                out[low - start : high - start] = chunk[low - at : high - at]
        at += len(chunk)
    return found, at


def starts_of(count: int) -> tuple[int, ...]:
    """Where the stretches at the beginning, in the middle and at the end of so many samples start."""
    last = max(0, count - STRETCH)
    return tuple(sorted({0, last // 2, last}))


def offset(heard: Samples, meant: Samples) -> int | None:
    """By how many samples ``heard`` is late against ``meant`` (negative: early); None where it is quiet.

    The peak of the cross-correlation, within ``REACH``.
    """
    if min(_level(heard), _level(meant)) < QUIET:
        return None
    one, other = heard.astype(np.float64), meant.astype(np.float64)
    scores = np.asarray(scipy.signal.correlate(one, other, mode="full", method="fft"), np.float64)
    middle = len(meant) - 1
    return int(np.argmax(scores[middle - REACH : middle + REACH + 1])) - REACH


def _level(samples: Samples) -> float:
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64)))) if len(samples) else 0.0


def true_peak(chunks: Iterable[Samples]) -> float:
    """Highest level between the samples (dBTP) of a stream, a few seconds at a time."""
    return max((audio.true_peak(part) for part in _overlapping(chunks)), default=float("-inf"))


def _overlapping(chunks: Iterable[Samples]) -> Iterator[Samples]:
    """Parts of some seconds, each with the last samples of the one before, so no peak falls between two."""
    kept: list[Samples] = []
    count = 0
    for chunk in chunks:
        kept.append(chunk)
        count += len(chunk)
        if count >= STRETCH:
            part = np.concatenate(kept)
            yield part
            kept, count = [part[-64:]], 64
    if kept:
        yield np.concatenate(kept)
