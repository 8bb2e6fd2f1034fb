"""What of the painted face is taken: a soft shape around mouth and jaw, without what is in front of them.

All masks are in the unit square of the crop, so one of them serves every frame of a clip.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from presenter.engines.wav2lip import crop
from presenter.types import Face, Picture

Floats = NDArray[np.float32]

FINE = 192
"""Side of the masks."""
COARSE = 96
"""Side of the maps of what is in front."""
JAW = (127, 234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361, 323,
       454, 356)  # fmt: skip
"""Outline of the face from temple to temple, by way of the chin."""
LIPS = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146)
NOSE = 2
"""Where nose and upper lip meet."""
CHEEKS = (50, 205, 187, 280, 425, 411)
CHIN = (18, 83, 313, 199, 200, 175, 136, 365, 150, 379, 149, 378)
"""Below and beside the mouth: skin, or a beard."""
FAINT = 0.02
"""Shares below it are none."""
FOREIGN = 22.0
"""Distance in L*a*b* from every colour of the lower face; lightness counts less, for there are shadows."""


def study(face: Face, matrix: crop.Matrix) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The cover and the skin of a face, 0..255, uint8 (FINE, FINE): see ``cover`` and ``skin``."""
    points = crop.to_unit(matrix, face.landmarks[:, :2])
    masks = (cover(points), skin(points))
    first, second = (np.round(each * 255).astype(np.uint8) for each in masks)
    return first, second


def cover(points: NDArray[np.float64]) -> Floats:
    """How much of the painted face is taken: 0..1, float32 (FINE, FINE).

    It begins below the nose, ends inside the cheeks and reaches below the chin, which moves.

    Args:
        points: (468, 2) landmarks in the unit square.
    """
    x, y = _grid()
    beyond = _distance(points[list(JAW)])
    sideways = _smoothstep(np.abs(x - points[list(LIPS), 0].mean()), 0.14, 0.38)
    edge = 1 - _smoothstep(beyond, -0.01 - 0.16 * sideways, 0.045 - 0.085 * sideways)
    lip = points[list(LIPS), 1].min()
    top = max(0.52, points[NOSE, 1] - 0.04)
    above = _smoothstep(y, top, max(top + 0.05, lip - 0.01))
    below = 1 - _smoothstep(y, 0.945, 0.99)
    # What is hardly seen need not be painted.
    return np.asarray(np.maximum(edge * above * below - FAINT, 0) / (1 - FAINT), np.float32)


def skin(points: NDArray[np.float64]) -> Floats:
    """1 where there is skin that keeps its own texture, 0 on and around the lips: float32 (FINE, FINE)."""
    beyond = _distance(points[list(LIPS)])
    return np.asarray(_smoothstep(beyond, 0.01, 0.07), np.float32)


def clear(image: Picture, face: Face, matrix: crop.Matrix) -> NDArray[np.uint8]:
    """255 where nothing is in front of the face, 0 where a hand, hair or a microphone is: (COARSE, COARSE).

    What has neither the colour of cheeks, chin (or beard) nor lips is in front, unless it lies on the lips:
    teeth and the inside of the mouth have colours of their own.
    """
    part = cv2.GaussianBlur(crop.cut_out(image, matrix, COARSE), (0, 0), 1.0)
    lab = np.asarray(cv2.cvtColor(part / np.float32(255), cv2.COLOR_RGB2LAB), np.float32)
    points = crop.to_unit(matrix, face.landmarks[:, :2])
    least = np.full(lab.shape[:2], np.inf, np.float32)
    for group in (CHEEKS, CHIN, LIPS):
        for colour in _colours(lab, points[list(group)]):
            away = (lab - colour) * np.array([0.4, 1.0, 1.0], np.float32)
            least = np.minimum(least, np.sqrt(np.square(away).sum(axis=2)))
    foreign = _smoothstep(least, FOREIGN * 0.8, FOREIGN * 1.2)
    lips = 1 - _smoothstep(_distance(points[list(LIPS)], COARSE), 0.0, 0.02)
    solid = cv2.morphologyEx(np.asarray(foreign * (1 - lips), np.float32), cv2.MORPH_OPEN, np.ones((5, 5)))
    wide = cv2.dilate(solid, np.ones((5, 5), np.uint8))
    return np.round(255 * (1 - cv2.GaussianBlur(wide, (0, 0), 1.5))).astype(np.uint8)


def _colours(lab: Floats, points: NDArray[np.float64]) -> list[Any]:
    """The median of the patches around points, and the medians of their left and right half: light may come
    from a side."""
    reach = 2
    patches = []
    for x, y in np.clip((points * COARSE).astype(int), reach, COARSE - 1 - reach):
        part = lab[y - reach : y + reach + 1, x - reach : x + reach + 1].reshape(-1, 3)
        patches.append((x, np.median(part, axis=0)))
    middle = np.median([x for x, _ in patches])
    groups = (patches, [p for p in patches if p[0] <= middle], [p for p in patches if p[0] >= middle])
    return [np.median([colour for _, colour in group], axis=0) for group in groups if group]


def _grid(size: int = FINE) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    at = (np.arange(size) + 0.5) / size
    x, y = np.meshgrid(at, at)
    return x, y


def _distance(polygon: NDArray[np.float64], size: int = FINE) -> NDArray[np.float64]:
    """Distance from a polygon (K, 2) in units of the square: below 0 inside."""
    inside = np.zeros((size, size), np.uint8)
    cv2.fillPoly(inside, [np.round(polygon * size - 0.5).astype(np.int32)], 1)
    outer, inner = (cv2.distanceTransform(each, cv2.DIST_L2, 5) for each in (1 - inside, inside))
    return np.asarray((outer.astype(np.float64) - inner) / size)


def _smoothstep(value: NDArray[Any], low: Any, high: Any) -> NDArray[Any]:
    t = np.clip((value - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t))
