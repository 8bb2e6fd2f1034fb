"""Landmarks of a drawn face: the detector's mesh with lids and lips put where they were drawn."""

from __future__ import annotations

import numpy as np
from anatomy import draw_eye, draw_mouth
from canvas import UNITS, Points, mirror
from looks import Look
from numpy.typing import NDArray

# Indices of the face mesh, each from the picture's left to its right.
UPPER_LIP_EDGE = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291)
UPPER_LIP_SEAM = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
LOWER_LIP_SEAM = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
LOWER_LIP_EDGE = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291)
LEFT_UPPER_LID = (33, 246, 161, 160, 159, 158, 157, 173, 133)
LEFT_LOWER_LID = (33, 7, 163, 144, 145, 153, 154, 155, 133)
RIGHT_UPPER_LID = (362, 398, 384, 385, 386, 387, 388, 466, 263)
RIGHT_LOWER_LID = (362, 382, 381, 380, 374, 373, 390, 249, 263)

NEIGHBOURHOOD = 12.0
"""How far (units, standard deviation) a contour carries the mesh around it along."""


def correct(found: NDArray[np.float32], look: Look, size: int) -> NDArray[np.float64]:
    """Landmarks (468, 3) in pixels of a picture of ``size``, exact on eyelids and lips.

    ``found`` are the detector's. Points keep their share of the way between the corners and their
    depth; their height is read from the drawn line.
    """
    scale = size / UNITS
    landmarks = found.astype(np.float64)
    mouth, eye = draw_mouth(look), draw_eye(look)
    lips = (61, 291)
    contours = [
        (UPPER_LIP_EDGE, mouth.top, lips),
        (LOWER_LIP_EDGE, mouth.bottom, lips),
        (UPPER_LIP_SEAM, mouth.seam, lips),
        (LOWER_LIP_SEAM, mouth.seam, lips),
        (LEFT_UPPER_LID, eye.upper, (33, 133)),
        (LEFT_LOWER_LID, eye.lower, (33, 133)),
        (RIGHT_UPPER_LID, mirror(eye.upper)[::-1], (362, 263)),
        (RIGHT_LOWER_LID, mirror(eye.lower)[::-1], (362, 263)),
    ]
    for indices, line, corners in contours:
        landmarks[list(indices), :2] = _onto(found, indices, line * scale, corners)
    exact = sorted({index for indices, _, _ in contours for index in indices})
    return _carry_along(landmarks, found, exact, NEIGHBOURHOOD * scale)


def _onto(
    found: NDArray[np.float32], indices: tuple[int, ...], line: Points, corners: tuple[int, int]
) -> Points:
    """Points of ``line`` at the places between its ends that ``indices`` have between ``corners``."""
    first, last = found[corners[0], 0], found[corners[1], 0]
    share = (found[list(indices), 0] - first) / (last - first)
    x = line[0, 0] + share * (line[-1, 0] - line[0, 0])
    return np.stack([x, np.interp(x, line[:, 0], line[:, 1])], 1)


def _carry_along(
    landmarks: NDArray[np.float64], found: NDArray[np.float32], exact: list[int], reach: float
) -> NDArray[np.float64]:
    """Move the points around the exact ones with them, less the farther they are."""
    moved = landmarks[exact, :2] - found[exact, :2]
    others = np.setdiff1d(np.arange(len(found)), exact)
    distance = np.linalg.norm(found[others, None, :2] - found[None, exact, :2], axis=2)
    weight = np.exp(-0.5 * (distance / reach) ** 2)
    mean = weight @ moved / (weight.sum(1, keepdims=True) + 1e-9)
    landmarks[others, :2] += mean * weight.max(1, keepdims=True)
    return landmarks
