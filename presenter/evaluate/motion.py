"""Does the head move smoothly: jumps of landmarks that speech does not move."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from presenter.types import Face

Floats = NDArray[np.float64]
Luma = NDArray[np.uint8]
"""uint8 (h, w)."""

STILL = (33, 133, 362, 263, 168, 6, 197)
"""Landmarks whose jumps are measured: corners of the eyes, bridge of the nose."""
FOLLOWED = (
    *STILL, 195, 5, 4, 1, 98, 327, 234, 454, 50, 280, 101, 330, 118, 347, 10, 151, 9,
)  # fmt: skip
"""Landmarks whose patches are followed: those, the nose, cheeks, temples and forehead."""
_WINDOW = 0.12
"""Side of a patch, in E (the distance between the outer corners of the eyes)."""
_STRAY = 0.3
"""Pixels: a patch that does not come back to where it started when followed back was lost."""
_FEWEST = 6
"""Patches that a movement is read from, at least."""


class Motion:
    """Follows still landmarks from one frame to the next.

    The landmark network scatters by half a pixel from frame to frame, as much as what is looked for. So
    landmarks only say where to look. The patch around each is followed into the next frame, forth and
    back (Lucas & Kanade 1981, pyramidal as in Bouguet 2001), and the movement of the head between two
    frames is the similarity on which most patches agree (least median of squares): blinks, brows and the
    corners of the mouth do not count. That is steady to 0.1 pixel on frames as drawn; coding adds as much
    as 0.4 pixel, because x264 skips blocks that hardly move.
    """

    def __init__(self) -> None:
        self._luma: Luma | None = None
        self._points: NDArray[np.float32] | None = None
        self._window = 9
        self._steps: list[list[Floats]] = [[]]

    def cut(self) -> None:
        """What comes next does not follow what was added last."""
        self._luma = self._points = None
        self._steps.append([])

    def add(self, luma: Luma, face: Face | None) -> None:
        """The next frame: its luma (h, w) and the face found in it, in the same pixels."""
        if self._luma is not None:
            self._steps[-1].append(self._step(luma))
        self._luma = luma
        self._points = None
        if face is not None:
            self._points = face.landmarks[list(FOLLOWED), :2].astype(np.float32)
            eyes = face.landmarks[263, :2] - face.landmarks[33, :2]
            self._window = max(9, int(_WINDOW * float(np.hypot(*eyes))) | 1)

    def _step(self, luma: Luma) -> Floats:
        """(len(STILL), 2): how far each still landmark went, in pixels; NaN where the head was lost."""
        lost = np.full((len(STILL), 2), np.nan)
        if self._points is None or self._luma is None:
            return lost
        there, kept = _follow(self._luma, luma, self._points, self._window)
        back, kept_back = _follow(luma, self._luma, there, self._window)
        kept &= kept_back & (np.linalg.norm(back - self._points, axis=1) < _STRAY)
        if kept.sum() < _FEWEST:
            return lost
        moved, _ = cv2.estimateAffinePartial2D(self._points[kept], there[kept], method=cv2.LMEDS)
        if moved is None:
            return lost
        still = self._points[: len(STILL)].astype(np.float64)
        return np.asarray(still @ moved[:, :2].T + moved[:, 2] - still)

    def jumps(self) -> Floats:
        """(N,) how far steps differ from what the steps around them lead to expect, in pixels."""
        found = [jumps(np.array(steps)) for steps in self._steps if steps]
        return np.concatenate(found) if found else np.zeros(0)


def _follow(
    here: Luma, there: Luma, points: NDArray[np.float32], window: int
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Where points (K, 2) of one picture are in another, and which of them were found."""
    moved, found, _ = cv2.calcOpticalFlowPyrLK(here, there, points, points.copy(), winSize=(window, window))
    return np.asarray(moved, np.float32), np.asarray(found)[:, 0] > 0


def jumps(steps: Floats) -> Floats:
    """How jerky steps are: what is left of each when smooth motion is taken off.

    A step is compared with the cubic through the two steps before and the two after it, so that turning
    and nodding at any speed count as motion. A head at rest that jumps by 1 pixel gives 1.

    Args:
        steps: (T, landmarks, 2) from frame to frame, NaN where unknown.

    Returns:
        (N,) lengths for all steps that have two known neighbours on either side.
    """
    if len(steps) < 5:
        return np.zeros(0)
    expected = (4 * (steps[1:-3] + steps[3:-1]) - (steps[:-4] + steps[4:])) / 6
    lengths = np.linalg.norm(steps[2:-2] - expected, axis=2)
    return np.asarray(lengths[np.isfinite(lengths)])
