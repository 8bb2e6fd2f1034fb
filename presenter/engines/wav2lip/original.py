"""As published, for comparison: the box of the detector, the whole network, pasted without blending."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from presenter.engines.wav2lip import mel
from presenter.engines.wav2lip.fast import whole
from presenter.engines.wav2lip.painter import Gallery
from presenter.types import Picture, Portrait

BELOW = 10
"""Pixels added below the detector's box."""
SMOOTHED = 5
"""Boxes over which each is averaged."""


def boxes(portrait: Portrait) -> NDArray[np.int64]:
    """(N, 4): top, bottom, left, right of each frame's face, whole pixels.

    As the published script smooths them: each becomes the mean of itself and the following ones, the last
    ones the mean of the last five (of a clip of three, oddly, of two), in place and cut to whole numbers.
    """
    rows = []
    for face in portrait.faces:
        x0, y0, x1, y1 = (int(edge) for edge in (face.box.x0, face.box.y0, face.box.x1, face.box.y1))
        rows.append((max(0, y0), min(portrait.height, y1 + BELOW), max(0, x0), min(portrait.width, x1)))
    found = np.array(rows)
    for start in range(len(found)):
        last = start + SMOOTHED > len(found)
        part = found[len(found) - SMOOTHED :] if last else found[start : start + SMOOTHED]
        found[start] = part.mean(axis=0)
    return found


def frames(painter: Any, portrait: Portrait, heard: mel.Windows) -> Iterator[Picture]:
    """The portrait's frames, from the first again after the last, with painted boxes."""
    places, size = boxes(portrait), painter.size

    def picture(frame: int) -> NDArray[np.float32]:
        top, bottom, left, right = places[frame]
        face = cv2.resize(portrait.images[frame][top:bottom, left:right], (size, size))
        return np.asarray(face, np.float32)

    gallery = Gallery(picture, whole(painter.layout))
    for start in range(0, len(heard), painter.batch):
        numbers = range(start, min(start + painter.batch, len(heard)))
        shown = [number % len(portrait.images) for number in numbers]
        for frame, painted in zip(shown, painter.paint(heard.part(numbers), shown, gallery), strict=True):
            top, bottom, left, right = places[frame]
            out = portrait.images[frame].copy()
            out[top:bottom, left:right] = cv2.resize(painted.astype(np.uint8), (right - left, bottom - top))
            yield out
