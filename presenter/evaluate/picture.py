"""Is the picture the one that was meant: the background's fidelity, and every frame at its time."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from presenter.planes import Planes, split
from presenter.types import Box

CHANGED = 12
"""Levels (0..255) from which two frames differ visibly at a pixel."""
TELLING = 1 / 3000
"""Share of the picture's samples that has to differ for two frames to be told apart."""
NEARER = 4
"""A frame is misplaced when it is so many times nearer (in squared error) to a neighbour's picture."""


class Backdrop:
    """Compares the background of one shot with the intended one.

    The background is every sample of the planes that is the same, in all frames of the shot, in the
    intended drawing and in a drawing with the portrait at rest: what the animator did not move.

    Args:
        shape: of the planes, (H * 3 / 2, W).
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        self._errors = np.zeros(shape, np.float32)
        self._moved = np.zeros(shape, np.uint8)
        self._frames = 0

    def hide(self, box: Box) -> None:
        """Leave out a box of the picture, in pixels."""
        for plane, size in zip(split(self._moved), (1, 2, 2), strict=True):
            top, left = math.floor(box.y0 / size), math.floor(box.x0 / size)
            plane[top : math.ceil(box.y1 / size), left : math.ceil(box.x1 / size)] = 255

    def add(self, seen: Planes, intended: Planes, rest: Planes | None) -> None:
        """One frame as it was decoded, as it was drawn, and drawn with the portrait at rest."""
        cv2.accumulateSquare(cv2.absdiff(seen, intended), self._errors)
        if rest is not None:
            cv2.max(self._moved, cv2.absdiff(intended, rest), self._moved)
        self._frames += 1

    def error(self) -> tuple[float, int]:
        """Sum of squared errors and number of the samples of the background."""
        still = self._moved == 0
        return float(self._errors[still].sum(dtype=np.float64)), int(still.sum()) * self._frames

    @property
    def share(self) -> float:
        """Part of the picture that is background, 0..1."""
        return float((self._moved == 0).mean())


def psnr(errors: float, count: int) -> float:
    """Peak signal-to-noise ratio in dB of 8-bit samples; at most 99."""
    if errors <= 0:
        return 99.0
    return min(99.0, 10 * math.log10(255**2 * count / errors))


class Succession:
    """Finds frames of a shot that show the picture of a neighbour: dropped or doubled ones.

    Two neighbours are compared where their intended pictures differ visibly. The coder itself repeats
    what hardly moves, so a frame only counts as misplaced when it is much nearer to the picture that was
    meant for the neighbour than to its own. Frames that are meant to be equal cannot be misplaced.
    """

    def __init__(self) -> None:
        self._last: tuple[Planes, Planes] | None = None
        self.told_apart = 0
        """Pairs of neighbours that differ enough to be told apart."""
        self.misplaced = 0

    def add(self, seen: Planes, intended: Planes) -> None:
        """The next frame as it was decoded and as it was drawn."""
        if self._last is not None:
            self._compare(*self._last, seen, intended)
        self._last = seen, intended

    def _compare(self, seen: Planes, intended: Planes, next_seen: Planes, next_intended: Planes) -> None:
        differ = cv2.absdiff(intended, next_intended) > CHANGED
        if np.count_nonzero(differ) < TELLING * differ.size:
            return
        self.told_apart += 1
        mine, other = intended[differ].astype(np.int32), next_intended[differ].astype(np.int32)
        for shown, own, wrong in ((seen[differ], mine, other), (next_seen[differ], other, mine)):
            self.misplaced += int(NEARER * _distance(shown, wrong) < _distance(shown, own))


def _distance(a: NDArray[np.uint8], b: NDArray[np.int32]) -> float:
    return float(((a - b) ** 2).mean())
