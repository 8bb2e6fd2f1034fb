"""One frame from one photo: the place where lips, interior, eyes and head come together."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from presenter.engines.mesh import eyes, head, interior, mouth, rig
from presenter.engines.mesh.geometry import Axes, Field, Region, axes_of, remap, sample, smoothstep
from presenter.types import Arrays, Face, Picture


def study(image: Picture, face: Face) -> dict[str, NDArray[Any]]:
    """Everything slow about a photo: arrays for ``Canvas``."""
    axes = axes_of(face.landmarks)
    picture = Region(0, 0, image.shape[1], image.shape[0])
    arrays: dict[str, NDArray[Any]] = {"axes.origin": axes.origin, "axes.basis": axes.basis}
    arrays |= mouth.study(image, face.landmarks, axes)
    lips = mouth.Lips(arrays)
    arrays |= rig.study(face.landmarks, axes, lips, picture)
    arrays |= mouth.study_masks(lips, axes, Region.of(arrays["rig.region"]))
    arrays |= interior.study(image, face.landmarks, axes, lips, Region.of(arrays["rig.mouth"]))
    arrays |= eyes.study(image, face.landmarks, axes)
    arrays |= head.study(face.landmarks, axes, picture)
    return arrays


class Canvas:
    """Draws a photo with other lips, lids and pose. Keeps a picture between calls: one user at a time.

    Pictures are kept with four channels because OpenCV samples these twice as fast as three; the fourth
    carries the mask of a layer.
    """

    def __init__(self, image: Picture, arrays: Arrays) -> None:
        axes = Axes(
            np.asarray(arrays["axes.origin"], dtype=np.float64),
            np.asarray(arrays["axes.basis"], dtype=np.float64),
        )
        self._unit = axes.unit
        self._picture = Region(0, 0, image.shape[1], image.shape[0])
        self.lips = mouth.Lips(arrays)
        self.rig = rig.Rig(arrays, axes)
        self.head = head.Head(arrays, self._picture)
        self._interior = interior.Interior(arrays, axes, self.lips.gap)
        self._eyes = eyes.Eyes(arrays)
        self._source = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2RGBA), dtype=np.uint8)
        self._lidded, self._stage = self._source.copy(), 0
        self._canvas, self._changed = self._source.copy(), list[Region]()
        part = self._source[self.rig.region.slices]
        self._upper, self._lower = part.copy(), part.copy()
        self._upper[..., 3], self._lower[..., 3] = arrays["mask.upper"], arrays["mask.lower"]
        self._lower_cells = rig.coarse(np.asarray(arrays["mask.lower"], dtype=np.uint8), self.rig.grid)
        self._rig_in_head = self.head.grid.cells_at(self.rig.grid.centres)
        self._still = np.zeros((self.head.grid.height, self.head.grid.width, 2), np.float32)
        self._drawn: tuple[bytes, bytes, int] | None = None

    def repaint(self, region: Region, part: Picture) -> None:
        """From now on the photo looks like this in a region; pictures are drawn with ``values`` None then."""
        for picture in (self._source, self._lidded, self._canvas):
            picture[region.slices][..., :3] = part
        self._stage, self._drawn = -1, None  # the lids are lowered anew

    def draw(self, values: NDArray[np.float32] | None, pose: NDArray[np.float32], blink: float) -> Picture:
        """The photo with these lips, pose and lids.

        Args:
            values: (8,) over ``visemes.NAMES``; zeros are a closed mouth, None leaves the mouth as it is.
            pose: (7,) over ``motion.POSE``; zeros are the photo's own pose.
            blink: how far the lids are down, 0..1.

        Returns:
            A new picture. With all zeros and a photo whose mouth is closed it is the photo itself.
        """
        lips = b"" if values is None else values.tobytes()
        wanted = lips, pose.tobytes(), self._eyes.stage(blink)
        if wanted != self._drawn:
            self._paint(values, pose, wanted[2])
            self._drawn = wanted
        return np.asarray(cv2.cvtColor(self._canvas, cv2.COLOR_RGBA2RGB), dtype=np.uint8)

    def _paint(self, values: NDArray[np.float32] | None, pose: NDArray[np.float32], stage: int) -> None:
        for region in self._changed:
            self._canvas[region.slices] = self._source[region.slices]
        self._lower_lids(stage)
        moves = bool(pose.any())
        speaks = values is not None and (bool(values.any()) or self.lips.is_open)
        turned = self.head.field(pose) if moves else self._still
        self._changed = list(self._eyes.regions) if stage else []
        for region in self._changed:
            self._canvas[region.slices] = self._lidded[region.slices]
        region = self.rig.region
        if moves:
            region = region.union(self.head.region) if speaks else self.head.region
        if not moves and not speaks:
            return
        positions = self.head.grid.enlarge(self.head.grid.absolute(turned), region)
        if values is None or not speaks:
            self._canvas[region.slices] = self._sampled(self._lidded, positions)
            self._changed = [region]
            return
        shift = self.lips.move(values)
        upper, lower = self._layers(shift, turned)
        skull = positions[self.rig.mouth.within(region)].copy()
        share = sample(self._lower_cells, self.rig.grid.moved(lower))[..., None]
        both = self.rig.grid.absolute(upper + (lower - upper) * share)
        positions[self.rig.region.within(region)] = self.rig.grid.enlarge(both, self.rig.region)
        self._canvas[region.slices] = self._sampled(self._lidded, positions)
        self._canvas[self.rig.mouth.slices] = self._mouth(values, shift, upper, lower, skull)
        self._changed = [region]

    @staticmethod
    def _sampled(picture: NDArray[np.uint8], positions: Field) -> NDArray[np.uint8]:
        found: NDArray[np.uint8] = remap(picture, positions, cv2.BORDER_REFLECT_101)
        return found

    def _lower_lids(self, stage: int) -> None:
        if stage == self._stage:
            return
        for region in self._eyes.regions:
            self._lidded[region.slices] = self._source[region.slices]
        self._eyes.close(self._lidded, stage)
        self._stage = stage

    def _layers(self, shift: mouth.Shift, turned: Field) -> tuple[Field, Field]:
        """Displacements of both layers on the rig's grid, with the head's movement on top."""
        layers = self.rig.solve(shift)
        carried = sample(turned, self._rig_in_head)
        at = self.rig.grid.moved(carried)
        return carried + sample(layers.upper, at), carried + sample(layers.lower, at)

    def _mouth(
        self, values: NDArray[np.float32], shift: mouth.Shift, upper: Field, lower: Field, skull: Field
    ) -> NDArray[np.uint8]:
        """The mouth's region: lower layer over upper layer over the inside of the mouth."""
        region, grid = self.rig.mouth, self.rig.grid
        corner = np.array([self.rig.region.x0, self.rig.region.y0], np.float32)
        above, below = (
            self._sampled(layer, grid.enlarge(grid.absolute(field), region) - corner)
            for layer, field in ((self._upper, upper), (self._lower, lower))
        )
        above_cover = above[..., 3] * np.float32(1 / 255)
        below_cover = below[..., 3] * np.float32(1 / 255)
        hole = (1 - above_cover) * (1 - below_cover)
        # A hairline between lips that touch is their own dark seam: it does not show the inside.
        parted = 1.0 if self.lips.is_open else float(smoothstep(shift.gap * self._unit, 0.0, 1.5))
        x, y, width, height = cv2.boundingRect((hole > 0.02).astype(np.uint8))
        if parted > 0 and width:
            part = slice(y, y + height), slice(x, x + width)
            offset = np.array([region.x0, region.y0], np.float32)
            inside = self._interior.draw(skull[part] - offset, shift.chin, values, hole[part])
            cover = ((1 - above_cover[part]) * np.float32(parted))[..., None]
            lip = above[part][..., :3]
            lip[...] = np.clip(np.round(lip + (inside - lip) * cover), 0, 255)
        return np.asarray(cv2.blendLinear(above, below, 1 - below_cover, below_cover), dtype=np.uint8)
