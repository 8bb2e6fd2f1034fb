"""Small movements of the head that a challenge asks for, and whether a film shows them.

All of them are measured on the axes of the face's landmarks, and none has a side: a film may be mirrored, as
people see themselves in their own camera.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from presenter.types import Span

Floats = NDArray[np.float64]

KINDS = ("nod", "up", "turn", "tilt")
"""Bow the head; look up; turn it to one side; lay it towards one shoulder. Then back."""
WORDS = {
    "nod": "bow your head and raise it again",
    "up": "look up and back",
    "turn": "turn your head to one side and back",
    "tilt": "lay your head towards one shoulder and back",
}
"""What is asked for, in English."""
COUNT = 2
LEAST = {"nod": 8.0, "up": 8.0, "turn": 15.0, "tilt": 12.0}
"""Degrees away from how the head is held while speaking; people who speak stay below two thirds of it."""
EARLY = 0.7
"""Seconds by which a gesture may begin before the words ahead of it end, or end after the next ones begin."""
_SMOOTH = 5
"""Frames over which the median is taken: single frames are misread."""


@dataclass(frozen=True, slots=True)
class Gesture:
    """A movement of the head at its place in a text."""

    before: int
    """Number of the part that it comes before; behind the last one it is their count."""
    kind: str
    """One of ``KINDS``."""


def draw(parts: int, below: Callable[[int], int]) -> tuple[Gesture, ...]:
    """Two different gestures at two different places, in order.

    Args:
        parts: of the text.
        below: gives a random number below another.
    """
    places, kinds = list(range(parts + 1)), list(KINDS)
    chosen = sorted(places.pop(below(len(places))) for _ in range(COUNT))
    return tuple(Gesture(place, kinds.pop(below(len(kinds)))) for place in chosen)


def windows(asked: Sequence[Gesture], heard: Sequence[Sequence[Span]], quiet: Sequence[tuple[float, float]],
            end: float) -> list[tuple[float, float]]:  # fmt: skip
    """When each gesture is due (s): in the longest pause between two parts, and a little around it.

    Args:
        heard: the words of each part (see ``challenge.heard``), none of them empty.
        quiet: begin and end of each pause.
        end: of the film (s).
    """
    found = []
    for one in asked:
        # Where one word ends and the next begins may be taken for a part of the pause between them.
        first = heard[one.before - 1][-1].start if one.before else 0.0
        last = heard[one.before][0].end if one.before < len(heard) else end
        inside = [
            (max(start, first), min(stop, last)) for start, stop in quiet if start < last and stop > first
        ]
        start, stop = max(inside, key=lambda pause: pause[1] - pause[0], default=((first + last) / 2,) * 2)
        found.append((max(0.0, start - EARLY), min(end, stop + EARLY)))
    return found


def strength(poses: Floats, fps: int, window: tuple[float, float]) -> dict[str, float]:
    """How far the head moves in a stretch of a film, for each kind; 1 is a gesture.

    Args:
        poses: (T, 3) yaw, pitch and roll in degrees (see ``types.Face``); NaN where no face was found.
        window: begin and end (s).
    """
    away = _smooth(poses) - np.nanmedian(poses, axis=0)
    first, last = round(window[0] * fps), max(round(window[1] * fps), round(window[0] * fps) + 1)
    part = away[first:last]
    part = part[np.isfinite(part).all(axis=1)]
    if not len(part):
        return dict.fromkeys(KINDS, 0.0)
    yaw, pitch, roll = part.T
    degrees = {"nod": pitch.max(), "up": (-pitch).max(), "turn": abs(yaw).max(), "tilt": abs(roll).max()}
    return {kind: float(degrees[kind]) / LEAST[kind] for kind in KINDS}


def _smooth(poses: Floats) -> Floats:
    """The median of each frame and its neighbours; the ends are held."""
    reach = _SMOOTH // 2
    padded = np.concatenate([poses[:1]] * reach + [poses] + [poses[-1:]] * reach)
    windows = np.lib.stride_tricks.sliding_window_view(padded, _SMOOTH, axis=0)
    return np.asarray(np.median(windows, axis=-1))
