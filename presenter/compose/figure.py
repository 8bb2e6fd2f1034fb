"""The head in the picture: its place, its cut, its shadow, and its way from one layout to another."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from presenter.layouts import Layout
from presenter.planes import Mask, Planes, Stencil, Sticker, paint
from presenter.types import Box, Picture

CARD_RADIUS = 0.045
"""Rounding of a card's corners, as a share of the picture's shorter side."""

Anchor = tuple[float, float, float]
"""x, y (pixels of a head's picture) and size (pixels) of the face in it: the same spot of the same face in
pictures of any crop."""


@dataclass(frozen=True, slots=True, eq=False)
class Rest:
    """A head that is still: what was seen in the layout before."""

    picture: Picture
    anchor: Anchor


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """The head's place, its cut and its shadow."""

    box: Box
    radius: float
    """Of the corners (pixels); 0 where the head fills its box."""
    unit: int
    """The picture's shorter side (pixels)."""
    stencil: Stencil | None
    """None where the head fills its box."""
    shadow: Sticker | None
    """With the ring around the head; None where the head fills its box."""

    @classmethod
    def of(cls, box: Box, place: Layout, unit: int) -> Self:
        if place.shape == "full":
            return cls(box, 0.0, unit, None, None)
        width, height = round(box.width), round(box.height)
        radius = width / 2 if place.shape == "circle" else CARD_RADIUS * unit
        return cls(box, radius, unit, Stencil.of(rounded(width, height, radius)), _shadow(box, radius, unit))

    def shade(self, target: Planes) -> None:
        """Paint the shadow, which lies below the head."""
        if self.shadow is not None:
            self.shadow.paint(target)

    def paint(self, target: Planes, face: Picture) -> None:
        """Paint the head: uint8 (H, W, 3) RGB, fitted to the box."""
        face = self._fitted(face)
        if self.stencil is None:
            paint(target, face, int(self.box.x0), int(self.box.y0))
        else:
            self.stencil.paint(target, face, int(self.box.x0), int(self.box.y0))

    def _fitted(self, face: Picture) -> Picture:
        size = round(self.box.width), round(self.box.height)
        if (face.shape[1], face.shape[0]) == size:
            return face
        return np.asarray(cv2.resize(face, size, interpolation=cv2.INTER_AREA), np.uint8)

    def appear(self, target: Planes, face: Picture, share: float) -> None:
        """Paint head and shadow as far as they are there: 0 is not at all, 1 wholly."""
        if self.shadow is not None:
            self.shadow.paint(target, share)
        width, height = round(self.box.width), round(self.box.height)
        mask = np.asarray(rounded(width, height, self.radius) * np.float32(share), np.uint8)
        Stencil.of(mask).paint(target, self._fitted(face), int(self.box.x0), int(self.box.y0))

    def move(
        self, target: Planes, start: Self, rest: Rest, face: Picture, anchor: Anchor, share: float
    ) -> None:
        """Paint head and shadow on their way from another layout, as one camera would see them.

        Face and box go from place to place; the still head of the start gives way to the one that speaks.

        Args:
            start: where the head was, with ``rest`` in it.
            face: the head in this figure's own crop, with ``anchor``.
            share: 0 is the start, 1 the end.
        """
        box = _even(between(start.box, self.box, share))
        radius = start.radius + (self.radius - start.radius) * share
        shade = (1 - share) * (start.shadow is not None) + share * (self.shadow is not None)
        if shade > 0:
            _shadow.__wrapped__(box, radius, self.unit).paint(target, shade)
        width, height = round(box.width), round(box.height)
        at = _blend_anchors(_placed(rest.anchor, start.box), _placed(anchor, self.box), share)
        still = _seen(rest.picture, rest.anchor, at, box, cv2.BORDER_REPLICATE)
        speaking = _seen(face, anchor, at, box, cv2.BORDER_REPLICATE)
        feather = _seen(_soft_edge(face.shape[1], face.shape[0]), anchor, at, box, cv2.BORDER_CONSTANT)
        weight = feather.astype(np.float32) / 255 * min(1.0, 2.5 * share)
        weight = (weight + (1 - weight) * share**2)[..., None]
        picture = np.asarray(np.round(still + (speaking.astype(np.float32) - still) * weight), np.uint8)
        Stencil.of(rounded(width, height, radius)).paint(target, picture, int(box.x0), int(box.y0))


def _seen(picture: NDArray[np.uint8], anchor: Anchor, at: Anchor, box: Box, border: int) -> NDArray[np.uint8]:
    """What of a head's picture is seen through a box, its face being at a place of the whole picture."""
    scale = at[2] / anchor[2]
    matrix = np.array(
        [[scale, 0, at[0] - box.x0 - anchor[0] * scale], [0, scale, at[1] - box.y0 - anchor[1] * scale]]
    )
    size = round(box.width), round(box.height)
    return np.asarray(
        cv2.warpAffine(picture, matrix, size, flags=cv2.INTER_LINEAR, borderMode=border), np.uint8
    )


@functools.lru_cache(maxsize=4)
def _soft_edge(width: int, height: int) -> Mask:
    """A mask that is full inside and fades towards the sides of a head's picture."""
    x = np.minimum(np.arange(width), np.arange(width)[::-1])[None]
    y = np.minimum(np.arange(height), np.arange(height)[::-1])[:, None]
    return np.asarray(np.clip(np.minimum(x, y) / (0.08 * height), 0, 1) * 255, np.uint8)


def _placed(anchor: Anchor, box: Box) -> Anchor:
    return anchor[0] + box.x0, anchor[1] + box.y0, anchor[2]


def _blend_anchors(one: Anchor, other: Anchor, share: float) -> Anchor:
    x, y = (a + (b - a) * share for a, b in zip(one[:2], other[:2], strict=True))
    return x, y, one[2] * (other[2] / one[2]) ** share


def between(one: Box, other: Box, share: float) -> Box:
    """A box on its way from one to the other: 0 is the first, 1 the second."""
    sides = zip((one.x0, one.y0, one.x1, one.y1), (other.x0, other.y0, other.x1, other.y1), strict=True)
    return Box(*(a + (b - a) * share for a, b in sides))


def _even(box: Box) -> Box:
    return Box(*(2 * round(side / 2) for side in (box.x0, box.y0, box.x1, box.y1)))


def rounded(width: int, height: int, radius: float) -> Mask:
    """A mask of a rounded rectangle, smooth at its edge: coverage from the signed distance to it."""
    mask = np.full((height, width), 255, np.uint8)
    # Only its corners are not full; one is computed and mirrored.
    wide, high = (min(math.ceil(radius), -(-side // 2)) for side in (width, height))
    x, y = (radius - 0.5 - np.arange(side, dtype=np.float32) for side in (wide, high))
    distance = np.hypot(np.maximum(x, 0)[None], np.maximum(y, 0)[:, None]) - radius
    corner = np.asarray(np.clip(0.5 - distance, 0, 1) * 255 + 0.5, np.uint8)
    for view in (mask, mask[:, ::-1], mask[::-1], mask[::-1, ::-1]):
        view[:high, :wide] = corner
    return mask


@functools.lru_cache(maxsize=8)
def _shadow(box: Box, radius: float, unit: int) -> Sticker:
    """A soft shadow below the head and a thin light ring around it, as one picture."""
    blur, ring, drop = 0.016 * unit, max(2.0, 0.0052 * unit), 0.007 * unit
    pad = 2 * round(2.5 * blur / 2)
    width, height = round(box.width), round(box.height)
    mask = np.pad(rounded(width, height, radius), pad)
    moved = np.roll(mask, round(drop), axis=0)
    small = cv2.resize(moved, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA).astype(np.float32)
    soft = cv2.GaussianBlur(small, (0, 0), blur / 4)  # a blur needs no detail
    shade = cv2.resize(soft, moved.shape[::-1], interpolation=cv2.INTER_LINEAR) * np.float32(0.42)
    edge = round(ring)
    light = np.zeros_like(mask)
    light[pad - edge : pad + height + edge, pad - edge : pad + width + edge] = rounded(
        width + 2 * edge, height + 2 * edge, radius + edge
    )
    cover = light.astype(np.float32) / 255
    alpha = cover * 255 + (1 - cover) * shade
    drawing = np.zeros((*mask.shape, 4), np.uint8)
    # Where the ring is half there, its colour is mixed with the shadow's black by their shares.
    drawing[..., :3] = np.where(alpha > 0, 255 * cover * 255 / np.maximum(alpha, 1e-6), 0)[..., None]
    drawing[..., 3] = np.round(alpha)
    return Sticker.of(drawing, int(box.x0) - pad, int(box.y0) - pad)
