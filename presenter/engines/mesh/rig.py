"""Moving the lower face: from shifts of the lips and the chin to a field over the picture.

The face is cut along the mouth into two layers. Each layer is carried by a thin-plate spline through its
own lip's edges and through the rest of the face, which both share. The layers overlap or gape at the
mouth and agree everywhere else. Both splines are linear in the shifts, so a frame costs two products of
a matrix and a vector.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from presenter.engines.mesh import tables
from presenter.engines.mesh.geometry import Axes, Field, Floats, Grid, Region, smoothstep, thin_plate
from presenter.engines.mesh.mouth import Lips, Shift
from presenter.types import Arrays


@dataclass(frozen=True, slots=True, eq=False)
class Layers:
    """Where each cell's content came from: displacements in pixels."""

    upper: Field
    lower: Field


class Rig:
    """The lower face of a portrait.

    Attributes:
        region: what speech can change, in pixels.
        grid: the coarse grid over it.
        mouth: the part where the two layers differ visibly.
    """

    def __init__(self, arrays: Arrays, axes: Axes) -> None:
        self.region = Region.of(arrays["rig.region"])
        self.grid = Grid(self.region, int(arrays["rig.step"][0]))
        self.mouth = Region.of(arrays["rig.mouth"])
        self._upper = np.asarray(arrays["rig.upper"], dtype=np.float32)
        self._lower = np.asarray(arrays["rig.lower"], dtype=np.float32)
        self._basis = axes.basis

    def solve(self, shift: Shift) -> Layers:
        """The two layers' fields for a shift of the lips."""
        out, down = shift.corner
        rest = np.array([(0.0, shift.chin), (out, 0.0), (0.0, down)])
        fields = []
        for operator, lip in ((self._upper, shift.upper), (self._lower, shift.lower)):
            pixels = (np.concatenate([lip, rest]) @ self._basis.T).astype(np.float32)
            field: Field = np.matmul(operator, pixels).reshape(self.grid.height, self.grid.width, 2)
            fields.append(self.grid.invert(field, rounds=6))
        return Layers(*fields)


_NECK = (0.62, 0.68, 0.68, 0.62)
"""Share of the jaw's movement below the chin, or the chin would be squeezed against the neck."""


def _step_of(unit: float) -> int:
    """Pixels of a cell: about 1/40 E, as coarse as the corners of an open mouth allow."""
    return max(2, 2 * round(unit / 80))


def _frame(chin: float) -> Floats:
    """Points around the lower face that hold still."""
    below = [(x, chin + 0.62) for x in np.linspace(-1.2, 1.2, 9)]
    beside = [(side * 1.2, y) for side in (-1, 1) for y in np.linspace(-0.6, chin + 0.3, 5)]
    above = [(x, -0.95) for x in np.linspace(-1, 1, 5)]
    return np.array(below + beside + above)


def study(landmarks: NDArray[Any], axes: Axes, lips: Lips, picture: Region) -> dict[str, NDArray[Any]]:
    """Solve the splines: arrays for ``Rig``.

    The operators are float32 (cells, 25): from the shifts of the lip's 22 points, of the chin (down) and of
    the corners (outwards, down) to those of the cells.
    """
    points = axes.to_face(landmarks[:, :2])
    step = _step_of(axes.unit)
    region = axes.region(-1.0, -0.62, 1.0, lips.chin + 0.62, 16, picture)
    grid = Grid(region, step)
    cells = axes.to_face(grid.centres).reshape(-1, 2)
    frame = _frame(lips.chin)
    neck = np.array([(x, lips.chin + 0.16 + 0.10 * abs(x)) for x in (-0.3, -0.1, 0.1, 0.3)])
    still = np.concatenate([points[list(tables.STILL)], frame])
    shared = np.concatenate([points[list(tables.JAW)], neck, points[list(tables.CORNER)], still])
    follow = np.zeros((len(shared), 3))
    jaw = [*tables.JAW.values(), *_NECK]
    beside = slice(len(jaw), len(jaw) + len(tables.CORNER))
    follow[: len(jaw), 0] = jaw
    follow[beside, 2] = list(tables.CORNER.values())
    follow[beside, 1] = follow[beside, 2] * np.sign(shared[beside, 0] - lips.centre)
    fade = _fade(grid, max(3.0, 0.16 * axes.unit / step), cut=region.y1 == picture.y1).reshape(-1, 1)
    operators = []
    for edges in ((lips.upper_inner, lips.upper_outer), (lips.lower_inner, lips.lower_outer)):
        lip = np.concatenate(edges)
        whole = thin_plate(np.concatenate([lip, shared]), cells) * fade
        # What is shared moves in three ways only, so its columns can be added up beforehand.
        operators.append(np.hstack([whole[:, : len(lip)], whole[:, len(lip) :] @ follow]).astype(np.float32))
    top = min(lips.upper_inner[:, 1].min(), lips.seam[:, 1].min()) - 0.13
    bottom = max(lips.lower_inner[:, 1].max(), lips.seam[:, 1].max()) + 0.26
    reach = lips.half * 1.35 + 0.03
    mouth = axes.region(lips.centre - reach, top, lips.centre + reach, bottom, 1, region)
    return {
        "rig.region": region.array(),
        "rig.step": np.array([step], np.int32),
        "rig.mouth": mouth.array(),
        "rig.upper": operators[0],
        "rig.lower": operators[1],
    }


def _fade(grid: Grid, cells: float, cut: bool) -> NDArray[np.float32]:
    """1 inside the grid, 0 at its border: what happens here must not be felt outside.

    Where the picture itself ends below (``cut``) nothing fades: a neck may move out of the picture.
    """
    across = np.minimum(np.arange(grid.width), np.arange(grid.width)[::-1]) + 0.5
    down = np.arange(grid.height) + 0.5
    if not cut:
        down = np.minimum(down, down[::-1])
    fade = np.minimum(smoothstep(across, 0.5, cells)[None], smoothstep(down, 0.5, cells)[:, None])
    return np.asarray(fade, dtype=np.float32)


def coarse(mask: NDArray[np.uint8], grid: Grid) -> NDArray[np.float32]:
    """A mask 0..255 of a region as float32 0..1 on the region's grid."""
    right, bottom = grid.width * grid.step - mask.shape[1], grid.height * grid.step - mask.shape[0]
    whole = cv2.copyMakeBorder(mask, 0, bottom, 0, right, cv2.BORDER_REPLICATE)
    cells = cv2.resize(whole, (grid.width, grid.height), interpolation=cv2.INTER_AREA)
    return cells.astype(np.float32) / np.float32(255)
