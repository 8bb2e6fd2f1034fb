"""Coordinates of a face, smooth fields over a picture, and the sampling of both.

Two coordinate systems are in use. *Pixels*: x to the right, y down, integers at pixel centres. *Face
units*: origin in the middle between the corners of the mouth, x along the eyes, y down the face, and 1
is E, the distance between the outer corners of the eyes. Everything about the shape of a face is in
face units, so a number means the same for each size of picture, and a turned or tilted head needs no
special care.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from presenter.engines.mesh import tables

Floats = NDArray[np.float64]
Field = NDArray[np.float32]
"""float32 (h, w, 2): a displacement (dx, dy) in pixels for each cell of a coarse grid."""


@dataclass(frozen=True, slots=True)
class Region:
    """A half-open rectangle of whole pixels."""

    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def width(self) -> int:
        return self.x1 - self.x0

    @property
    def height(self) -> int:
        return self.y1 - self.y0

    @property
    def slices(self) -> tuple[slice, slice]:
        """For indexing a picture."""
        return slice(self.y0, self.y1), slice(self.x0, self.x1)

    def within(self, outer: Region) -> tuple[slice, slice]:
        """For indexing a picture of ``outer`` only."""
        return (
            slice(self.y0 - outer.y0, self.y1 - outer.y0),
            slice(self.x0 - outer.x0, self.x1 - outer.x0),
        )

    def union(self, other: Region) -> Region:
        """The smallest region that holds both."""
        return Region(
            min(self.x0, other.x0), min(self.y0, other.y0), max(self.x1, other.x1), max(self.y1, other.y1)
        )

    def pixels(self, finer: int = 1) -> Floats:
        """Coordinates (height, width, 2) of pixels, or of ``finer`` x ``finer`` parts of each."""
        x = (np.arange(self.width * finer) + 0.5) / finer - 0.5 + self.x0
        y = (np.arange(self.height * finer) + 0.5) / finer - 0.5 + self.y0
        return np.stack(np.meshgrid(x, y), axis=-1)

    def array(self) -> NDArray[np.int32]:
        """The four numbers as int32 (4,)."""
        return np.array([self.x0, self.y0, self.x1, self.y1], np.int32)

    @classmethod
    def of(cls, values: NDArray[Any]) -> Region:
        """Back from ``array``."""
        x0, y0, x1, y1 = (int(value) for value in values)
        return cls(x0, y0, x1, y1)


@dataclass(frozen=True, slots=True, eq=False)
class Axes:
    """Where a face is in the picture: the map between face units and pixels."""

    origin: Floats
    """(2,) pixels."""
    basis: Floats
    """(2, 2), the columns are the two face units in pixels."""

    @property
    def unit(self) -> float:
        """E in pixels."""
        return float(np.linalg.norm(self.basis[:, 0]))

    def to_face(self, pixels: ArrayLike) -> Floats:
        """(..., 2) pixels to face units."""
        return (np.asarray(pixels, dtype=np.float64) - self.origin) @ np.linalg.inv(self.basis).T

    def to_pixels(self, face: ArrayLike) -> Floats:
        """(..., 2) face units to pixels."""
        return np.asarray(face, dtype=np.float64) @ self.basis.T + self.origin

    def region(
        self, left: float, top: float, right: float, bottom: float, step: int, limit: Region
    ) -> Region:
        """The pixels of a rectangle in face units, rounded to multiples of ``step`` inside ``limit``."""
        corners = self.to_pixels([(left, top), (right, top), (right, bottom), (left, bottom)])
        x0, y0 = np.floor(corners.min(axis=0) / step).astype(int) * step
        x1, y1 = np.ceil(corners.max(axis=0) / step).astype(int) * step
        x0, y0 = max(int(x0), limit.x0), max(int(y0), limit.y0)
        x1, y1 = min(int(x1), limit.x1), min(int(y1), limit.y1)
        return Region(x0, y0, max(x1, x0), max(y1, y0))


def axes_of(landmarks: NDArray[Any]) -> Axes:
    """The face's axes from its landmarks (468, 3) in pixels."""
    points = np.asarray(landmarks, dtype=np.float64)[:, :2]
    across = points[tables.EYE_CORNERS[1]] - points[tables.EYE_CORNERS[0]]
    down = points[tables.CHIN] - points[tables.FOREHEAD]
    down *= np.linalg.norm(across) / np.linalg.norm(down)
    return Axes(points[list(tables.MOUTH_CORNERS)].mean(axis=0), np.stack([across, down], axis=1))


def smoothstep(x: Any, low: Any, high: Any) -> Any:
    """0 below ``low``, 1 above ``high``, with zero slope at both."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def follow(contour: Floats, x: Floats) -> Floats:
    """The height of a contour (n, 2) at each x, level beyond its ends; monotone cubic, so no overshoot."""
    from scipy.interpolate import PchipInterpolator

    order = np.argsort(contour[:, 0])
    across, down = contour[order].T
    across = across + np.arange(len(across)) * 1e-9  # ties would be refused
    inside = np.clip(x, across[0], across[-1])
    return np.asarray(PchipInterpolator(across, down)(inside))


def thin_plate(controls: Floats, queries: Floats, smoothing: float = 0.0) -> Field:
    """The linear operator of thin-plate splines: (queries, controls) float32.

    Multiplied by displacements of the controls it gives those of the queries (Bookstein, "Principal
    warps", PAMI 1989), so the slow solve happens once and a frame is a matrix product.
    """
    from scipy.interpolate import RBFInterpolator

    scale = float(np.ptp(controls, axis=0).max())
    # Two controls at one place make the system singular: set them apart by far less than a pixel.
    apart = np.random.default_rng(0).normal(0, 1e-5, controls.shape)
    spline = RBFInterpolator(
        (controls + apart) / scale,
        np.eye(len(controls)),
        smoothing=smoothing,
        kernel="thin_plate_spline",
        degree=1,
    )
    return np.asarray(spline(queries / scale), dtype=np.float32)


def grid_of(region: Region, step: int) -> Field:
    """Pixel coordinates (h, w, 2) of the centres of the cells of ``step`` x ``step`` pixels that cover it."""
    x = (np.arange(-(-region.width // step)) + 0.5) * step - 0.5 + region.x0
    y = (np.arange(-(-region.height // step)) + 0.5) * step - 0.5 + region.y0
    return np.stack(np.meshgrid(x, y), axis=-1).astype(np.float32)


def remap(picture: NDArray[Any], positions: Field, border: int, interpolation: int = cv2.INTER_LINEAR) -> Any:
    """``cv2.remap`` at positions (h, w, 2): an array (h, w, ...) of the picture's type."""
    empty: Any = None  # the two coordinates come in one array
    return cv2.remap(picture, positions, empty, interpolation, borderMode=border)


def sample(picture: NDArray[Any], positions: Field) -> Any:
    """A picture or field, bilinearly, at positions (h, w, 2); continued level beyond its border."""
    return remap(picture, positions, cv2.BORDER_REPLICATE)


class Grid:
    """A coarse grid of square cells over a region, for fields that are smooth."""

    def __init__(self, region: Region, step: int) -> None:
        self.region, self.step = region, step
        self.centres = grid_of(region, step)
        """float32 (h, w, 2): pixels."""
        self.height, self.width = self.centres.shape[:2]
        x, y = region.x0 - step, region.y0 - step
        self._border = grid_of(Region(x, y, x + (self.width + 2) * step, y + (self.height + 2) * step), step)
        across, down = np.arange(self.width, dtype=np.float32), np.arange(self.height, dtype=np.float32)
        self._cells = np.stack(np.meshgrid(across, down), axis=-1)

    def cells_at(self, pixels: Field) -> Field:
        """Positions in cells of positions in pixels: for sampling a field of this grid with ``sample``."""
        corner = np.array([self.region.x0, self.region.y0], np.float32)
        found: Field = (pixels - corner + np.float32(0.5)) / np.float32(self.step) - np.float32(0.5)
        return found

    def moved(self, field: Field) -> Field:
        """Positions in cells of this grid's own cells after a displacement in pixels."""
        found: Field = self._cells + field * np.float32(1 / self.step)
        return found

    def invert(self, field: Field, rounds: int) -> Field:
        """From "what is here moves by" to "what is here came from", by damped fixed-point steps.

        Undamped they swing to and fro where a field is as steep as beside the corners of an open mouth.
        """
        back = -field
        for _ in range(rounds):
            came: Field = sample(field, self.moved(back))
            back = np.float32(0.3) * back - np.float32(0.7) * came
        return back

    def absolute(self, field: Field) -> Field:
        """A displacement as positions in pixels, with one more cell on each side.

        Positions, unlike displacements, must not be continued level beyond the last centres, or the
        outer half cells would be smeared.
        """
        wider = cv2.copyMakeBorder(field, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
        found: Field = wider + self._border
        return found

    def enlarge(self, positions: Field, part: Region) -> Field:
        """The positions given by ``absolute``, for each pixel of a part of the region."""
        step = self.step
        x, y = part.x0 - self.region.x0 + step, part.y0 - self.region.y0 + step
        left, top = max(x // step - 1, 0), max(y // step - 1, 0)
        right, bottom = -(-(x + part.width) // step) + 1, -(-(y + part.height) // step) + 1
        crop = positions[top:bottom, left:right]
        full: Any = cv2.resize(crop, None, fx=step, fy=step, interpolation=cv2.INTER_LINEAR)
        x, y = x - left * step, y - top * step
        found: Field = full[y : y + part.height, x : x + part.width]
        return found
