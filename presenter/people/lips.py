"""Do the lips in a film speak what is heard with them?

What the lips should do follows from the known text: its phonemes, at the times at which they are heard, give
an opening of the mouth as the animators draw it. What they do is measured at the landmarks. How far both go
together is compared with how far they do when one of them is moved by seconds: a mouth that says something
else fits no better here than there, whoever's mouth it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from presenter import audio, visemes
from presenter.engines.mesh import loudness
from presenter.people.challenge import refusal
from presenter.people.film import FPS, TURNED, Seen
from presenter.types import Timing, Wave

REACH = 6
"""Frames by which picture and sound of a recorder may be apart."""
FAR = 75
"""Frames by which one is moved against the other to see how well they fit by chance."""
MOVES = 0.02
"""E by which lips of somebody who speaks open more than they close, at least."""
ALIKE, CERTAIN = 0.35, 4.0
"""Least correlation of the opening that is meant and the one that is seen, and by how many standard
deviations of what chance gives it has to be above that."""
CLOSURES, CLOSED = 3, 0.5
"""From so many p, b and m on such a share of them has to be seen closed."""
_SLOW = 2 * FPS + 1
"""Frames over which the mean is taken off: a smile and the pose change slowly."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Fit:
    """How well lips and sound go together."""

    moves: float
    """How far the lips open and close, in E: 90th less 10th percentile."""
    alike: float
    """Correlation at the best offset within ``REACH``."""
    certain: float
    """By how many standard deviations this is above what larger offsets give."""
    late: float
    """Seconds by which the lips are late; beyond ``REACH`` only where they clearly fit there."""
    closures: int
    """How many p, b and m could be measured."""
    closed: float
    """Share of them with the lips closed."""


def fit(seen: Seen, timing: Timing, wave: Wave) -> Fit:
    """Compare what lips do with what they should do.

    Args:
        timing: when each phoneme of the text is heard.
        wave: the sound.
    """
    count = len(seen.gaps)
    effort = loudness(audio.resample(wave), count)
    track = visemes.track(timing, count / FPS, FPS, loudness=effort)
    meant = visemes.opening(track).astype(np.float64)
    usable = seen.found & (np.abs(seen.poses - np.nanmedian(seen.poses, axis=0)).max(axis=1) < TURNED)
    there = np.flatnonzero(usable)
    if len(there) < 2 * FAR:
        return Fit(0.0, 0.0, 0.0, 0.0, 0, 0.0)
    gaps = np.interp(np.arange(count), there, seen.gaps[there])
    spoken = _spoken(timing, count)
    moves = float(np.subtract(*np.percentile(gaps[spoken & usable], [90, 10])))
    lags = np.arange(-FAR, FAR + 1)
    scores = np.array([_correlation(meant, gaps, usable, spoken, int(lag)) for lag in lags])
    best = int(np.argmax(scores))
    near = int(np.argmax(np.where(np.abs(lags) <= REACH, scores, -2.0)))
    chance = scores[np.minimum(abs(lags - lags[best]), abs(lags - lags[near])) > 2 * REACH]
    certain = (scores - chance.mean()) / max(float(chance.std()), 0.05)
    elsewhere = scores[best] >= ALIKE and certain[best] >= CERTAIN
    late = float(lags[best if elsewhere else near]) / FPS
    closures, closed = _closed(gaps, usable, timing, int(lags[near]))
    return Fit(moves, float(scores[near]), float(certain[near]), late, closures, closed)


def refuse_other_lips(found: Fit) -> None:
    """Raise where the lips do not speak what is heard."""
    if found.moves < MOVES:
        raise refusal(
            "STILL", f"The lips move by {found.moves:.3f} of the distance of the eyes; {MOVES} are needed.",
            "Film the person while they read; a photo does not speak.",
        )  # fmt: skip
    if abs(found.late) > REACH / FPS:
        raise refusal(
            "OFFSET", f"The lips are {abs(found.late):.2f} s too {'late' if found.late > 0 else 'early'} for "
            f"what is heard; the limit is {REACH / FPS:.2f} s.", "Record picture and sound together.",
        )  # fmt: skip
    if found.alike < ALIKE or found.certain < CERTAIN:
        raise refusal(
            "LIPS", f"The lips do not say what is heard: they go together by {found.alike:.2f} "
            f"({found.certain:.1f} deviations above chance); {ALIKE} and {CERTAIN} are needed.",
            "Record picture and sound together, with the whole face in good light.",
        )  # fmt: skip
    if found.closures >= CLOSURES and found.closed < CLOSED:
        raise refusal(
            "CLOSURES", f"The lips close at {found.closed:.0%} of {found.closures} sounds p, b and m; "
            f"{CLOSED:.0%} are needed.", "Record it with more light, or nearer to the camera.",
        )  # fmt: skip


def _correlation(meant: Floats, gaps: Floats, usable: NDArray[np.bool_], spoken: NDArray[np.bool_], lag: int,
                 ) -> float:  # fmt: skip
    """Of what is meant and what is seen ``lag`` frames later, in frames in which somebody speaks."""
    count = len(meant)
    first, last = max(0, -lag), min(count, count - lag)
    here, there = slice(first, last), slice(first + lag, last + lag)
    chosen = spoken[here] & usable[there]
    if chosen.sum() < FAR:
        return 0.0
    left, right = (_quick(one)[part][chosen] for one, part in ((meant, here), (gaps, there)))
    if min(np.ptp(left), np.ptp(right)) < 1e-6:
        return 0.0
    return float(np.corrcoef(left, right)[0, 1])


def _quick(values: Floats) -> Floats:
    """Without what changes slowly."""
    reach = _SLOW // 2
    padded = np.pad(values, reach, mode="reflect")
    sums = np.cumsum(np.insert(padded, 0, 0.0))
    return values - (sums[_SLOW:] - sums[:-_SLOW]) / _SLOW


def _spoken(timing: Timing, count: int) -> NDArray[np.bool_]:
    """(count,): frames in which somebody speaks, so that silence does not count as a closed mouth."""
    times = (np.arange(count) + 0.5) / FPS
    found = np.zeros(count, np.bool_)
    for span in timing.phonemes:
        if span.label:
            found |= (times >= span.start) & (times <= span.end)
    return found


def _closed(gaps: Floats, usable: NDArray[np.bool_], timing: Timing, lag: int) -> tuple[int, float]:
    """How many p, b and m can be measured, and the share with the lips nearer to closed than to open."""
    low, high = np.percentile(gaps, [10, 90])
    limit = low + 0.3 * (high - low)
    found = []
    for span in visemes.closures(timing):
        first = max(0, round(span.start * FPS) + lag - 1)
        last = min(len(gaps), round(span.end * FPS) + lag + 2)
        if first < last and usable[first:last].all():
            found.append(bool(gaps[first:last].min() <= limit))
    return len(found), float(np.mean(found)) if found else 0.0
