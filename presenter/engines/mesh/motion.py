"""What a speaker does besides speaking: head, brows, blinking, breathing.

The head nods on stressed syllables, changes its posture from phrase to phrase and rests in pauses
(Graf et al., "Visual prosody: facial movements accompanying speech", FG 2002). Everything starts and
ends at rest, exactly zero in the first and in the last frame, so segments join without a jump.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from presenter.engines.mesh.geometry import Floats, smoothstep
from presenter.types import Timing
from presenter.visemes import visemes_of

POSE = ("yaw", "pitch", "roll", "x", "y", "breath", "brow")
"""Turning to the right of the picture and nodding (shift of the face's plane in E for each E of
relief); tilting (rad, clockwise); moving right and down (E); sinking of the chest (E); raising the
brows (E)."""
YAW, PITCH, ROLL, X, Y, BREATH, BROW = range(len(POSE))

_LIMITS = np.array([0.060, 0.055, 0.032, 0.030, 0.030, 0.012, 0.035])
"""Beyond these a warped photo begins to look warped."""
_POSTURE = np.array([0.030, 0.011, 0.016, 0.016, 0.005, 0.0, 0.0])
"""Standard deviation of the posture of a phrase."""
_WANDER = np.array([0.0050, 0.0045, 0.0035, 0.0030, 0.0020, 0.0, 0.0])
"""Amplitude of the slow unrest while speaking."""
_NOD = 0.021
"""E that a full accent lowers the face."""
_RAISE = 0.024
"""E that a full accent raises the brows."""
_BREATH = 0.009
"""E that the chest rises."""
_BREATH_SECONDS = 3.8

BLINK_DOWN, BLINK_CLOSED, BLINK_UP = 0.080, 0.050, 0.160
"""Seconds in which the lids go down, stay closed and come up again."""
BLINK_SECONDS = BLINK_DOWN + BLINK_CLOSED + BLINK_UP
_BLINK_EVERY = (2.2, 4.6)
"""Shortest and longest time in seconds between two blinks."""

_PAUSE = 0.20
"""Seconds of silence that end a phrase."""
_APART = 0.55
"""Seconds between two accents at least."""
_VOWELS = frozenset({"EE", "I", "E", "ae", "aa", "AH", "O", "U", "Y", "OE", "RR"})


class _Accent(NamedTuple):
    time: float
    """Seconds, the middle of the vowel."""
    strength: float
    """0..1."""


@dataclass(frozen=True, slots=True, eq=False)
class Performance:
    """What everything but the lips does."""

    pose: NDArray[np.float32]
    """(T, 7) over ``POSE``."""
    blink: NDArray[np.float32]
    """(T,) how far the lids are down, 0..1."""


def perform(timing: Timing, loudness: NDArray[np.float32], fps: int, seed: int) -> Performance:
    """Invent a performance for a speech.

    Args:
        timing: of the speech; ``ˈ`` in a phoneme marks stress.
        loudness: (T,) one value a frame, 0..1; T is the number of frames.
        fps: frames a second.
        seed: the same arguments give the same performance.
    """
    count = len(loudness)
    if count < 3:
        return Performance(np.zeros((count, len(POSE)), np.float32), np.zeros(count, np.float32))
    random = np.random.default_rng(seed)
    times = np.arange(count) / fps
    last = float(times[-1])
    phrases = _phrases(timing, last)
    accents = _accents(timing, loudness, fps)
    pose = _postures(phrases, times, random) + _unrest(phrases, times, random)
    for accent in accents:
        pose[:, PITCH] += _NOD * accent.strength * _bump(times, accent.time, 0.20, 0.06, 0.42)
        pose[:, YAW] += random.normal(0, 0.004) * accent.strength * _bump(times, accent.time, 0.25, 0.1, 0.5)
        if accent.strength > 0.72 and random.random() < 0.6:
            pose[:, BROW] += _RAISE * accent.strength * _bump(times, accent.time, 0.16, 0.12, 0.38)
    pose[:, BREATH] = -_breath(times)
    pose[:, Y] += 0.3 * pose[:, BREATH]
    pose = _LIMITS * np.tanh(pose / _LIMITS)
    ramp = min(0.45, last / 3)
    pose *= (smoothstep(times, 0, ramp) * smoothstep(last - times, 0, ramp))[:, None]
    pose[[0, -1]] = 0.0
    return Performance(pose.astype(np.float32), _blinks(phrases, times, random).astype(np.float32))


def _phrases(timing: Timing, last: float) -> list[tuple[float, float]]:
    """Start and end of each stretch of speech without a longer pause."""
    phrases: list[tuple[float, float]] = []
    for phoneme in timing.phonemes:
        if visemes_of(phoneme.label) in (("sil",), ()):
            continue
        if phrases and phoneme.start - phrases[-1][1] < _PAUSE:
            phrases[-1] = phrases[-1][0], phoneme.end
        else:
            phrases.append((phoneme.start, min(phoneme.end, last)))
    return phrases


def _accents(timing: Timing, loudness: NDArray[np.float32], fps: int) -> list[_Accent]:
    """The syllables that stand out: stressed vowels, the long and loud ones first."""
    vowels = [p for p in timing.phonemes if not _VOWELS.isdisjoint(visemes_of(p.label))]
    stressed = [p for p in vowels if "ˈ" in p.label] or vowels
    found = []
    for phoneme in stressed:
        middle = (phoneme.start + phoneme.end) / 2
        frame = min(int(middle * fps), len(loudness) - 1)
        length = min((phoneme.end - phoneme.start) / 0.18, 1.0)
        found.append(_Accent(middle, float(0.35 + 0.30 * length + 0.35 * loudness[frame])))
    chosen: list[_Accent] = []
    for accent in sorted(found, key=lambda a: -a.strength):
        if all(abs(accent.time - other.time) >= _APART for other in chosen):
            chosen.append(accent)
    return sorted(chosen)


def _bump(times: Floats, middle: float, rise: float, hold: float, fall: float) -> Floats:
    """Up to 1 before ``middle``, held, and back to 0."""
    up = smoothstep(times, middle - rise, middle)
    return np.asarray(up * (1 - smoothstep(times, middle + hold, middle + hold + fall)))


def _postures(phrases: list[tuple[float, float]], times: Floats, random: np.random.Generator) -> Floats:
    """Where the head is held: another posture for each phrase, and again within a long one."""
    changes: list[tuple[float, Floats]] = []
    for number, (start, end) in enumerate(phrases):
        at = start
        while at < end - 0.8:
            changes.append((at, random.normal(0, 1, len(POSE)).clip(-1.8, 1.8) * _POSTURE))
            at += random.uniform(1.6, 3.2)
        following = phrases[number + 1][0] if number + 1 < len(phrases) else times[-1]
        if changes and following - end > 0.35:
            changes.append((end, 0.35 * changes[-1][1]))
    pose = np.zeros((len(times), len(POSE)))
    held = np.zeros(len(POSE))
    for at, posture in changes:
        pose += smoothstep(times, at - 0.15, at + random.uniform(0.6, 0.95))[:, None] * (posture - held)
        held = posture
    return pose


def _unrest(phrases: list[tuple[float, float]], times: Floats, random: np.random.Generator) -> Floats:
    """Slow sines while speaking, hardly any in pauses."""
    active = np.full(len(times), 0.15)
    for start, end in phrases:
        active = np.maximum(
            active, smoothstep(times, start - 0.3, start + 0.3) * smoothstep(end + 0.3 - times, 0, 0.6)
        )
    pose = np.zeros((len(times), len(POSE)))
    for slow, share in ((0.23, 0.6), (0.47, 0.4)):
        rate = slow * random.uniform(0.85, 1.15, len(POSE))
        phase = random.uniform(0, 2 * np.pi, len(POSE))
        pose += share * np.sin(2 * np.pi * times[:, None] * rate + phase)
    return np.asarray(pose * _WANDER * active[:, None])


def _breath(times: Floats) -> Floats:
    """Whole breaths from rest to rest, in E upwards."""
    last = times[-1]
    breaths = max(1, round(last / _BREATH_SECONDS))
    deep = min(1.0, last / breaths / 3.0)
    return np.asarray(_BREATH * deep * 0.5 * (1 - np.cos(2 * np.pi * breaths * times / last)))


def _blinks(phrases: list[tuple[float, float]], times: Floats, random: np.random.Generator) -> Floats:
    """Blinks at natural intervals, drawn towards the ends of phrases, none cut off by the end."""
    lids = np.zeros(len(times))
    last = float(times[-1])
    at = random.uniform(0.5, 3.0)
    earliest = 0.1
    while True:
        near = [end for _, end in phrases if abs(end - at) < 0.9 and end >= earliest]
        if near and random.random() < 0.6:
            at = near[0]
        if at + BLINK_SECONDS + 0.1 > last:
            return lids
        down = smoothstep(times, at, at + BLINK_DOWN)
        up = 1 - smoothstep(times, at + BLINK_DOWN + BLINK_CLOSED, at + BLINK_SECONDS)
        lids = np.maximum(lids, down * up)
        earliest = at + 1.2
        at += random.uniform(*_BLINK_EVERY)
