"""A watermark in pictures: fields of the frame are a trace bluer or yellower, the brightness stays.

The frame is cut into fields (80 x 45 of a wide picture, whatever its size). The blue-difference plane of each
field moves by one of 256 steps, by two where the field has texture, up or down as a pattern says that
everybody can compute. A fifth of the fields is the same in every video and tells that there is a mark; each
of the others belongs to one bit of the id. The fields are as large as the blocks that coders work on, so
what these keep of a block is kept.

Reading shrinks each frame to one number a field, takes what its neighbours do not explain, and sums up each
bit; a mark that is in many frames is read from all of them. Fields keep their place when the whole frame is
scaled. Where the frame is turned, cropped or bordered they move, and nothing is found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from presenter.planes import split
from presenter.watermark import code

VERSION = "1"
"""Raise when the pattern or its strength changes."""

_TEXTURE = 6.0
"""Standard deviation of the brightness inside of a field from which it counts as textured."""
_GLANCE = 12
"""Frames after which it is looked anew where texture is."""
_LIMIT = 2.5
"""Steps beyond which a field does not count for more."""
_CERTAIN = 6.0
"""Standard deviations of chance beyond which the pattern is there."""
_LEGIBLE = 4.0
"""The same for a frame whose id is believed."""
_LONG, _SHORT = 80, 45
"""Fields along the longer and the shorter side; a nearly square picture has the fewer along both."""

Planes = NDArray[np.uint8]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Found:
    """What was read from the frames of a video."""

    score: float
    """How far the pattern stands out of chance, in standard deviations of it; clean videos reach about 4."""
    identities: tuple[str, ...]
    """Ids of 8 hex digits, in the order in which they were seen first."""

    @property
    def present(self) -> bool:
        """Whether there is a mark, be its ids legible or not."""
        return self.score > _CERTAIN or bool(self.identities)


def mark(frames: Iterable[Planes], identity: str) -> Iterator[Planes]:
    """Frames with a watermark; those that came in stay as they are.

    Args:
        frames: I420 canvases (see ``planes``) of one size.
        identity: 8 hex digits.
    """
    change: NDArray[np.int16] | None = None
    for number, frame in enumerate(frames):
        marked = frame.copy()
        luma, blue, _ = split(marked)
        if change is None or number % _GLANCE == 0:
            change = _change(identity, luma, *blue.shape)
        blue[:] = cv2.add(blue, change, dtype=cv2.CV_8U)  # ends at 0 and 255
        yield marked


def fields(blue: Planes) -> NDArray[np.float32]:
    """One number for each field of a frame.

    Args:
        blue: the blue-difference plane, uint8 (H, W) of any size.

    Returns:
        float32 (rows, columns).
    """
    rows, columns = _grid(*blue.shape)
    plane = blue.astype(np.float32)
    return np.asarray(cv2.resize(plane, (columns, rows), interpolation=cv2.INTER_AREA), np.float32)


def read(frames: Sequence[NDArray[np.float32]]) -> Found:
    """Look for watermarks.

    Args:
        frames: ``fields`` of some frames of a video, in order; a few for each second are enough.
    """
    if not frames:
        return Found(0.0, ())
    pattern = code.pattern(*frames[0].shape)
    cells = np.array([_relative(frame) for frame in frames])
    seen: dict[str, None] = {}
    for reach in (1, 4, 12):  # a still mark is read the better the more frames of its piece are summed up
        for start in range(0, len(cells) - reach + 1, max(1, reach // 2)):
            total = cells[start : start + reach].sum(axis=0)
            if _score(total, pattern.sync) < _LEGIBLE:
                continue
            identity = code.decode(pattern.bits(total))
            if identity is not None:
                seen[identity] = None
    return Found(_score(cells.sum(axis=0), pattern.sync), tuple(seen))


def _score(cells: Floats, sync: Floats) -> float:
    known = sync != 0
    return float((cells * sync).sum() / np.sqrt((cells[known] ** 2).sum() + 1.0))


def _relative(frame: NDArray[np.float32]) -> Floats:
    """How much bluer each field is than those around it, limited."""
    around = cv2.blur(frame, (3, 3), borderType=cv2.BORDER_REFLECT)
    return np.asarray(np.clip((frame - around) * 1.125, -_LIMIT, _LIMIT), np.float64)


def _grid(height: int, width: int) -> tuple[int, int]:
    """Rows and columns of fields of a picture of this shape."""
    if width > 1.25 * height:
        return _SHORT, _LONG
    if height > 1.25 * width:
        return _LONG, _SHORT
    return _SHORT, _SHORT


def _change(identity: str, luma: Planes, height: int, width: int) -> NDArray[np.int16]:
    """What is added to the blue-difference plane, int16 (height, width)."""
    rows, columns = _grid(height, width)
    steps = code.pattern(rows, columns).carrying(identity) * np.where(
        _texture(luma, rows, columns) > _TEXTURE, 2, 1
    )
    down, across = np.arange(height) * rows // height, np.arange(width) * columns // width
    return np.asarray(steps[np.ix_(down, across)], np.int16)


def _texture(luma: Planes, rows: int, columns: int) -> NDArray[np.float32]:
    """Standard deviation of the brightness inside of each field, float32 (rows, columns)."""
    plane = luma.astype(np.float32)
    mean = cv2.resize(plane, (columns, rows), interpolation=cv2.INTER_AREA)
    square = cv2.resize(plane * plane, (columns, rows), interpolation=cv2.INTER_AREA)
    return np.asarray(np.sqrt(np.maximum(square - mean * mean, 0.0)), np.float32)
