"""Pictures as I420 planes (YUV 4:2:0, BT.709, limited range), and drawing on them.

A canvas is one uint8 array (H * 3 // 2, W): Y (H, W), then U and V (H/2, W/2) each, packed one after
the other. Compositing happens here and not in RGB: still parts are converted once, and only what moves
is converted for each frame. Widths, heights and positions are even.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from presenter.types import Picture

Planes = NDArray[np.uint8]
"""uint8 (H * 3 // 2, W) I420."""
Mask = NDArray[np.uint8]
"""uint8 (H, W), 0 lets through, 255 covers."""

_KR, _KB = 0.2126, 0.0722  # ITU-R BT.709, 3.2
_KG = 1.0 - _KR - _KB
_RGB_TO_YUV = np.array(
    [
        [_KR * 219 / 255, _KG * 219 / 255, _KB * 219 / 255, 16.0],
        [-_KR / (1 - _KB) / 2 * 224 / 255, -_KG / (1 - _KB) / 2 * 224 / 255, 0.5 * 224 / 255, 128.0],
        [0.5 * 224 / 255, -_KG / (1 - _KR) / 2 * 224 / 255, -_KB / (1 - _KR) / 2 * 224 / 255, 128.0],
    ]
)
"""R'G'B' 0..255 to Y' 16..235, Cb and Cr 16..240 (ITU-R BT.709, 3.3 and 3.4 at 8 bits)."""


def split(canvas: Planes) -> tuple[Planes, Planes, Planes]:
    """Views of Y (H, W), U and V (H/2, W/2)."""
    width = canvas.shape[1]
    height = canvas.shape[0] * 2 // 3
    quarter = height // 4 * width + (height % 4) // 2 * (width // 2)
    flat = canvas.reshape(-1)
    size = height * width
    shape = (height // 2, width // 2)
    return (
        canvas[:height],
        flat[size : size + quarter].reshape(shape),
        flat[size + quarter : size + 2 * quarter].reshape(shape),
    )


def planes(image: Picture) -> tuple[Planes, Planes, Planes]:
    """An RGB picture (H, W, 3) with even sides as Y (H, W), U and V (H/2, W/2)."""
    full = cv2.transform(np.ascontiguousarray(image), _RGB_TO_YUV)
    half = cv2.resize(full, (image.shape[1] // 2, image.shape[0] // 2), interpolation=cv2.INTER_AREA)
    luma, chroma = np.asarray(full, np.uint8), np.asarray(half, np.uint8)
    return luma[..., 0], chroma[..., 1], chroma[..., 2]


def canvas(image: Picture) -> Planes:
    """An RGB picture (H, W, 3) with even sides as one I420 array."""
    out = np.empty((image.shape[0] * 3 // 2, image.shape[1]), np.uint8)
    for target, source in zip(split(out), planes(image), strict=True):
        target[:] = source
    return out


def paint(target: Planes, image: Picture, x: int, y: int) -> None:
    """Put an RGB picture on a canvas, covering what was there."""
    for index, (plane, source) in enumerate(zip(split(target), planes(image), strict=True)):
        _part(plane, x, y, source.shape, index)[:] = source


def lay(target: Planes, picture: Planes, x: int, y: int) -> None:
    """Put a smaller I420 picture on a canvas, covering what was there."""
    for index, (plane, source) in enumerate(zip(split(target), split(picture), strict=True)):
        _part(plane, x, y, source.shape, index)[:] = source


def _part(plane: Planes, x: int, y: int, shape: tuple[int, ...], index: int) -> Planes:
    if index:
        x, y = x // 2, y // 2
    return plane[y : y + shape[0], x : x + shape[1]]


@dataclass(frozen=True, slots=True, eq=False)
class Stencil:
    """Where a picture that moves is seen, ready for blending: the mask at the size of each plane."""

    masks: tuple[NDArray[np.uint16], NDArray[np.uint16]]

    @classmethod
    def of(cls, mask: Mask) -> Stencil:
        half = cv2.resize(mask, (mask.shape[1] // 2, mask.shape[0] // 2), interpolation=cv2.INTER_AREA)
        return cls((_weights(mask), _weights(np.asarray(half, np.uint8))))

    def paint(self, target: Planes, image: Picture, x: int, y: int) -> None:
        """Blend an RGB picture of the mask's size into a canvas."""
        for index, (plane, source) in enumerate(zip(split(target), planes(image), strict=True)):
            part = _part(plane, x, y, source.shape, index)
            _blend(part, source, self.masks[min(index, 1)])


def _weights(mask: Mask) -> NDArray[np.uint16]:
    """0..255 as 0..256, so that blending divides by shifting."""
    wide = mask.astype(np.uint16)
    return wide + (wide >> 7)


def _blend(under: Planes, over: Planes, weights: NDArray[np.uint16]) -> None:
    mixed = over.astype(np.uint16)
    mixed *= weights
    mixed += under * (256 - weights)
    mixed += 128
    mixed >>= 8
    under[:] = mixed


@dataclass(frozen=True, slots=True, eq=False)
class Sticker:
    """A still RGBA picture, converted once, to be put on many frames."""

    x: int
    y: int
    colours: tuple[Planes, Planes, Planes]
    masks: tuple[NDArray[np.uint16], NDArray[np.uint16]]

    @classmethod
    def of(cls, drawing: NDArray[np.uint8], x: int, y: int) -> Sticker:
        """From uint8 (H, W, 4) straight RGBA at a position that is rounded down to even pixels."""
        drawing = np.pad(drawing, ((y % 2, 0), (x % 2, 0), (0, 0)))
        drawing = np.pad(drawing, ((0, drawing.shape[0] % 2), (0, drawing.shape[1] % 2), (0, 0)))
        alpha = np.ascontiguousarray(drawing[..., 3])
        stencil = Stencil.of(alpha)
        return cls(x - x % 2, y - y % 2, planes(drawing[..., :3]), stencil.masks)

    @property
    def height(self) -> int:
        return int(self.colours[0].shape[0])

    @property
    def width(self) -> int:
        return int(self.colours[0].shape[1])

    def paint(self, target: Planes, opacity: float = 1.0) -> None:
        """Blend it into a canvas."""
        for index, (plane, source) in enumerate(zip(split(target), self.colours, strict=True)):
            weights = self.masks[min(index, 1)]
            if opacity < 1.0:
                weights = (weights * np.uint16(round(opacity * 255)) >> 8).astype(np.uint16)
            x, y = (self.x // 2, self.y // 2) if index else (self.x, self.y)
            # What hangs over the edge of the canvas is cut off.
            left, above = max(0, -x), max(0, -y)
            part = plane[max(0, y) : max(0, y + source.shape[0]), max(0, x) : max(0, x + source.shape[1])]
            inside = np.s_[above : above + part.shape[0], left : left + part.shape[1]]
            _blend(part, source[inside], weights[inside])


def mix(one: Planes, other: Planes, share: float) -> Planes:
    """A canvas between two: 0 is the first, 1 the second."""
    return np.asarray(cv2.addWeighted(one, 1.0 - share, other, share, 0.0), np.uint8)
