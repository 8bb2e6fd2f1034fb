"""Faces and their 468 landmarks by MediaPipe's two networks, run by OpenCV alone.

BlazeFace (Bazarevsky et al. 2019, arXiv:1907.05047) proposes boxes and key points in a small square
view; Face Mesh (Kartynnik et al. 2019, arXiv:1907.06724) finds landmarks in an upright crop and says
whether there is a face at all. Both must agree: BlazeFace alone fires on patterns, Face Mesh alone
fits a face to an emoji.

The proposer is made for faces near the camera, so it misses those below about a seventh of its view.
Smaller ones are searched in overlapping windows of the picture.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from presenter.engines.facemesh import (
    Affine,
    FaceMesh,
    Floats,
    Proposal,
    Pyramid,
    inverse,
    read,
    run,
    sigmoid,
    view,
)
from presenter.types import Face, Picture

VIEW = 128
"""Side of the proposer's input (pixels)."""
GRIDS = ((16, 2), (8, 6))
"""Cells a side and anchors a cell of its two output grids: 16x16x2 + 8x8x6 = 896 anchors."""
PROPOSED = 0.5
"""Least score of a proposal."""
SURE = 0.65
"""Least score of the best proposal of a face."""
OVERLAP = 0.3
"""Proposals that overlap by more (intersection over union) are one face."""

REACH = 0.15
"""Faces wider than this share of a view are found in it."""
RELEVANT = 1 / 3
"""Faces down to this share of the largest one are searched for."""
LEVELS = (1, 2, 4)
"""The longer side of the picture over the side of the windows that are searched."""
SMALLEST_WINDOW = 160
"""Windows are not made smaller than this (pixels)."""
TURNS = (-40.0, 40.0)
"""Degrees by which the view is turned when nothing was found upright."""


class BlazeFace:
    """Finds faces. Its checkpoints ``face_detection`` and ``face_landmark`` are fetched at first use.

    Safe to share between threads, which wait for one another: OpenCV's networks are not.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._mesh = FaceMesh()

    def detect(self, image: Picture) -> list[Face]:
        """Faces in a picture, largest first.

        Args:
            image: uint8 (H, W, 3) RGB, any size.

        Returns:
            Faces with 468 landmarks in pixels of ``image`` (they may lie outside it where the face is
            cut off). Pose in degrees: yaw > 0 looks to the right of the picture, pitch > 0 looks
            down, roll > 0 is turned clockwise.

        Raises:
            SetupError: when the model files are missing and cannot be fetched, or are broken.
        """
        with self._lock:
            pyramid = Pyramid(image)
            return self._mesh.faces(pyramid, (one for one in self._search(pyramid) if one.score >= SURE))

    @functools.cached_property
    def _proposer(self) -> cv2.dnn.Net:
        return read("face_detection")

    def _search(self, image: Pyramid) -> list[Proposal]:
        """Proposals from ever smaller windows, until what they could add is irrelevant."""
        side = max(image.height, image.width)
        found: list[Proposal] = []
        for level in LEVELS:
            window = side / level
            if level > 1 and window < SMALLEST_WINDOW:
                break
            for x, y in _centres(image.width, image.height, window):
                found += self._propose(image, x, y, window, 0.0)
            if not found and level <= 2:
                for x, y in _centres(image.width, image.height, window):
                    for turn in TURNS:
                        found += self._propose(image, x, y, window, np.radians(turn))
            largest = max((proposal.size for proposal in found), default=0.0)
            if largest * RELEVANT >= window * REACH:
                break
        return found

    def _propose(self, image: Pyramid, x: float, y: float, window: float, angle: float) -> list[Proposal]:
        """Proposals in the square window around (x, y) that is turned by ``angle`` (radians)."""
        looked = view(x, y, window, angle, VIEW)
        pixels = image.sample(looked, VIEW)
        blob = (pixels.astype(np.float32) / 127.5 - 1).transpose(2, 0, 1)[None]
        logits, regressed = run(self._proposer, blob, ["classificators", "regressors"])
        scores = sigmoid(logits.reshape(-1))
        keep = scores > PROPOSED
        if not keep.any():
            return []
        points = regressed.reshape(-1, 8, 2)[keep]
        # Rows: centre, size, right eye, left eye, nose, mouth, ears; all but the size are offsets.
        points[:, [0, *range(2, 8)]] += _anchors()[keep, None] * VIEW
        back = inverse(looked)
        return [_to_picture(group, score, back) for group, score in _merge(points, scores[keep])]


@functools.cache
def _anchors() -> Floats:
    """float32 (896, 2): centres x, y of the anchors in 0..1."""
    grids = []
    for side, repeats in GRIDS:
        ticks = (np.arange(side) + 0.5) / side
        x, y = np.meshgrid(ticks, ticks)
        grids.append(np.repeat(np.stack([x, y], -1).reshape(-1, 2), repeats, 0))
    return np.concatenate(grids).astype(np.float32)


def _centres(width: int, height: int, window: float) -> Iterator[tuple[float, float]]:
    """Centres of windows that overlap by at least half and cover the picture."""

    def ticks(length: int) -> NDArray[np.float64]:
        if length <= window:
            return np.array([length / 2])
        count = int(np.ceil((length - window) / (window / 2))) + 1
        return np.linspace(window / 2, length - window / 2, count)

    for y in ticks(height):
        for x in ticks(width):
            yield float(x), float(y)


def _merge(points: Floats, scores: Floats) -> Iterator[tuple[Floats, float]]:
    """Non-maximum suppression that averages what overlaps, weighted by score (BlazeFace, section 3.3).

    Args:
        points: float32 (N, 8, 2) with centre and size as the first two rows.
        scores: float32 (N,).

    Yields:
        (8, 2) points and the best score of each group.
    """
    low, high = points[:, 0] - points[:, 1] / 2, points[:, 0] + points[:, 1] / 2
    areas = points[:, 1].prod(1)
    order = np.argsort(-scores)
    while len(order):
        best = order[0]
        sides = np.minimum(high[best], high[order]) - np.maximum(low[best], low[order])
        shared = np.clip(sides, 0, None).prod(1)
        same = shared / (areas[order] + areas[best] - shared) > OVERLAP
        same[0] = True
        group = order[same]
        yield np.average(points[group], axis=0, weights=scores[group]), float(scores[best])
        order = order[~same]


def _to_picture(points: Floats, score: float, back: Affine) -> Proposal:
    """A proposal in pixels of the view as one in pixels of the picture."""
    centre, right_eye, left_eye = points[[0, 2, 3]] @ back[:, :2].T + back[:, 2]
    eyes = left_eye - right_eye
    size = float(points[1].max() * np.hypot(back[0, 0], back[1, 0]))
    return Proposal(float(centre[0]), float(centre[1]), size, float(np.arctan2(eyes[1], eyes[0])), score)
