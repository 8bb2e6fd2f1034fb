"""Where in the picture the network looks and paints.

The network was trained on upright faces from the forehead to just below the chin, as wide as the face. The
crop is laid along the line of the eyes and fitted to the landmarks, so a tilted head is upright for the
network, and what it paints goes back by the same map.

Three coordinate systems: *pixels* of the picture and of the network's picture (integers at pixel centres),
and the *unit square* of the crop (0..1, x along the eyes, y down the face).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from presenter.engines.wav2lip.layouts import Window
from presenter.types import Picture

Floats = NDArray[np.float32]
Matrix = NDArray[np.float64]
"""float64 (2, 3): an affine map."""

EYES = (33, 263)
FOREHEAD, CHIN = 10, 152
SIDES = (234, 127, 93, 132, 454, 356, 323, 361)
"""Landmarks of the face's outline at the height of eyes and nose."""
ABOVE, BELOW, BESIDE = 0.0, 0.05, 0.01
"""How far the crop goes beyond forehead, chin and sides, as shares of the face's height and width. The
original's default, ten pixels below the detector's box, is about the same."""


def place(landmarks: NDArray[Any]) -> Matrix:
    """From the unit square to the picture, from a face's landmarks (468, 3) in pixels."""
    points = np.asarray(landmarks, np.float64)[:, :2] + 0.5  # edges, not centres, of pixels
    across = points[EYES[1]] - points[EYES[0]]
    across /= np.linalg.norm(across)
    down = np.array([-across[1], across[0]])
    x, y = points @ across, points @ down
    left, right = x[list(SIDES)].min(), x[list(SIDES)].max()
    top, bottom = y[FOREHEAD], y[CHIN]
    width, height = right - left, bottom - top
    left, width = left - BESIDE * width, width * (1 + 2 * BESIDE)
    top, height = top - ABOVE * height, height * (1 + ABOVE + BELOW)
    return np.column_stack([across * width, down * height, across * left + down * top])


def box(top: int, bottom: int, left: int, right: int) -> Matrix:
    """The map of an upright box of whole pixels."""
    return np.array([[right - left, 0.0, left], [0.0, bottom - top, top]])


def to_unit(matrix: Matrix, pixels: NDArray[Any]) -> NDArray[np.float64]:
    """Pixels (..., 2) to the unit square."""
    turn = np.linalg.inv(matrix[:, :2])
    return np.asarray((np.asarray(pixels, np.float64) + 0.5 - matrix[:, 2]) @ turn.T)


def cut_out(image: Picture, matrix: Matrix, size: int) -> Floats:
    """The crop as the network sees it: float32 (size, size, 3), 0..255, RGB as the picture."""
    # Sampling a large face at few points would alias: sample finely, then average.
    finer = max(1, round(float(min(np.linalg.norm(matrix[:, :2], axis=0))) / size))
    fine = cv2.warpAffine(
        image, pixels(matrix, size * finer), (size * finer, size * finer),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    if finer == 1:
        return np.asarray(fine, np.float32)
    small = cv2.resize(np.asarray(fine, np.float32), (size, size), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32)


def pixels(matrix: Matrix, size: int, origin: tuple[float, float] = (0.0, 0.0)) -> Matrix:
    """From pixels of a square picture of the crop to those of the picture.

    Args:
        size: of the square picture.
        origin: the pixel (x, y) of it that is to be called (0, 0).
    """
    linear = matrix[:, :2] / size
    offset = matrix[:, 2] + linear @ (np.array(origin) + 0.5) - 0.5
    return np.column_stack([linear, offset])


@dataclass(frozen=True, slots=True)
class Region:
    """A half-open rectangle of the picture, whole pixels."""

    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.x1 - self.x0, self.y1 - self.y0

    @property
    def slices(self) -> tuple[slice, slice]:
        return slice(self.y0, self.y1), slice(self.x0, self.x1)


def region(matrix: Matrix, window: Window, size: int, width: int, height: int) -> Region:
    """The pixels of a picture (width, height) that a window of the network's picture covers."""
    edges = [(x / size, y / size) for x in (window.left, window.right) for y in (window.top, window.bottom)]
    corners = np.array(edges) @ matrix[:, :2].T + matrix[:, 2]
    x0, y0 = np.maximum(np.floor(corners.min(axis=0)).astype(int), 0)
    x1, y1 = np.minimum(np.ceil(corners.max(axis=0)).astype(int), (width, height))
    return Region(int(x0), int(y0), max(int(x1), int(x0) + 1), max(int(y1), int(y0) + 1))


def lay(painted: Floats, matrix: Matrix, window: Window, size: int, target: Region, *,
        smooth: bool = True) -> Floats:  # fmt: skip
    """What covers a window of the crop, (rows, columns[, channels]), in the pixels of a region."""
    to_picture = pixels(matrix, size, (window.left, window.top))
    to_picture[:, 2] -= (target.x0, target.y0)
    flags = cv2.INTER_CUBIC if smooth else cv2.INTER_LINEAR
    laid = cv2.warpAffine(painted, to_picture, target.size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(laid, np.float32)
