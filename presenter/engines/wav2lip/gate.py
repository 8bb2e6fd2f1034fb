"""When somebody speaks: in silence the mouth is the portrait's own, whatever a network makes of noise."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from presenter.types import RATE, Samples

STEP = 0.010
"""Seconds between measurements of the level."""
BELOW = 35.0
"""Decibels below the speech's own loud parts that count as silence ..."""
ABOVE = 8.0
"""... or so little above the noise that is always there ..."""
LEAST = 25.0
"""... but nothing that is as loud as this below the loud parts."""
QUIETEST = -60.0
"""Decibels of full scale below which there is nothing to be heard."""
SHORTEST = 0.20
"""Seconds of silence that close the mouth; stops and breaths between words are shorter."""
CLICK = 0.03
"""Seconds of sound that are no speech."""
EARLY, LATE = 0.06, 0.08
"""Seconds by which lips are ahead of the sound, and by which they stay after it."""
FADE = 0.12
"""Seconds in which the mouth gives way to the portrait's own."""


def voiced(samples: Samples) -> NDArray[np.bool_]:
    """Whether speech is heard, for each hundredth of a second.

    Args:
        samples: (N,) at 48 kHz.
    """
    length = int(STEP * RATE)
    steps = -(-len(samples) // length)
    sound = np.pad(np.asarray(samples, np.float64), (0, steps * length - len(samples)))
    power = np.square(sound.reshape(steps, length)).mean(axis=1) if steps else np.zeros(0)
    level = 10 * np.log10(power + 1e-12)
    if not steps:
        return np.zeros(0, bool)
    loud, noise = np.percentile(level, 95), np.percentile(level, 5)
    bar = max(min(max(loud - BELOW, noise + ABOVE), loud - LEAST), QUIETEST)
    heard = _without(level > bar, CLICK)
    return ~_without(~heard, SHORTEST, inner=True)


def _without(marks: NDArray[np.bool_], seconds: float, *, inner: bool = False) -> NDArray[np.bool_]:
    """Without runs of True that are shorter than so many seconds; ``inner``: but for those at the ends."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], marks, [False]]).astype(int)))
    out = marks.copy()
    for start, stop in edges.reshape(-1, 2):
        at_end = start == 0 or stop == len(marks)
        if (stop - start) * STEP < seconds - 1e-9 and not (inner and at_end):
            out[start:stop] = False
    return out


def gate(samples: Samples, count: int, fps: int) -> NDArray[np.float32]:
    """How much of the painted mouth is shown in each frame: float32 (count,), 0..1.

    It is 0 in silence, and in the first and the last frame, so that segments join.
    """
    shown = np.zeros(count, np.float32)
    active = np.flatnonzero(voiced(samples)) * STEP
    if count < 3 or not len(active):
        return shown
    times = (np.arange(count) + 0.5) / fps
    after = np.searchsorted(active, times)
    since = times - active[np.maximum(after - 1, 0)]
    until = active[np.minimum(after, len(active) - 1)] - times
    since = np.where(since < 0, np.inf, since - STEP - LATE)
    until = np.where(until < 0, np.inf, until - EARLY)
    away = np.clip(np.minimum(since, until), 0, FADE) / FADE
    ends = np.clip(np.minimum(np.arange(count), np.arange(count)[::-1]) / (fps * FADE), 0, 1)
    share = np.minimum(1 - away, ends)
    return np.asarray(share * share * (3 - 2 * share), np.float32)
