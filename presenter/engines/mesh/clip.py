"""A clip as portrait: somebody who sits and listens is made to speak.

The clip keeps its own head, eyes and background. Only the lower face is replaced: one rig, built on the
frame with the most frontal face and the most closed mouth, is drawn for each frame and laid over the
clip where that frame's face is, with a soft edge and in that frame's light.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from presenter.engines.mesh import canvas, tables
from presenter.engines.mesh.geometry import Floats, Region, axes_of, smoothstep
from presenter.engines.mesh.motion import POSE
from presenter.types import Arrays, Face, Picture, Portrait
from presenter.visemes import NAMES

_SMOOTH = 7
"""Frames over which landmarks are averaged: their noise would make the mouth tremble."""


def order(count: int, fps: int, length: int, clip_fps: float) -> NDArray[np.int64]:
    """Which frame of a clip is shown in each of ``count`` frames: int64 (count,).

    Back and forth at the clip's own pace, or a little slower, so that the first and the last are the
    clip's frame 0 and segments join without a jump.

    Args:
        count: frames to be shown.
        fps: their frames a second.
        length: frames of the clip.
        clip_fps: its frames a second.
    """
    if count < 3 or length < 2:
        return np.zeros(count, np.int64)
    travel = (count - 1) * clip_fps / fps
    trips = max(1, int(np.ceil(travel / (2 * (length - 1)))))
    reach = travel / (2 * trips)
    phase = np.arange(count) / (count - 1) * 2 * trips
    return np.round(reach * (1 - np.abs(1 - phase % 2))).astype(np.int64)


def study(portrait: Portrait) -> dict[str, NDArray[Any]]:
    """Arrays for ``Reel``: the rig of the best frame, and where each frame has its face."""
    shown = [number for number, face in enumerate(portrait.faces) if face.score > 0]
    best = min(shown, key=lambda number: _unfit(portrait.faces[number]))
    image, face = portrait.images[best], portrait.faces[best]
    arrays = canvas.study(image, face)
    region = Region.of(arrays["rig.region"])
    places = _places(portrait, best)
    cover = _cover(face, region)
    arrays |= {
        "clip.best": np.array([best], np.int32),
        "clip.places": places,
        "clip.cover": np.round(cover * 255).astype(np.uint8),
    }
    rest = canvas.Canvas(image, arrays).draw(
        np.zeros(len(NAMES), np.float32), np.zeros(len(POSE), np.float32), 0
    )
    patch = rest[region.slices]
    arrays["clip.light"] = np.array(
        [
            _difference(frame, *_placed(patch, arrays["clip.cover"], place, region, frame))
            for frame, place in zip(portrait.images, places, strict=True)
        ],
        np.float32,
    )
    return arrays


def _unfit(face: Face) -> float:
    """How badly a frame would serve as the source of the lower face."""
    points = axes_of(face.landmarks).to_face(face.landmarks[:, :2])
    return float(4 * np.linalg.norm(points[13] - points[14]) + (abs(face.pose[0]) + abs(face.pose[2])) / 60)


def _places(portrait: Portrait, best: int) -> Floats:
    """Affine maps (N, 2, 3) from the best frame to each frame, by what follows the skull."""
    points = np.stack([face.landmarks[list(tables.STABLE), :2] for face in portrait.faces]).astype(np.float64)
    reach = min(_SMOOTH // 2, len(points) - 1)
    weights = np.hanning(2 * reach + 3)[1:-1]
    padded = np.concatenate([points[reach:0:-1], points, points[-2 : -2 - reach : -1]])
    smooth = sum(
        weight * padded[shift : shift + len(points)] for shift, weight in enumerate(weights / weights.sum())
    )
    smooth = np.asarray(smooth)
    ones = np.ones((points.shape[1], 1))
    source = np.concatenate([smooth[best], ones], axis=1)
    return np.stack([np.linalg.lstsq(source, target, rcond=None)[0].T for target in smooth])


def _cover(face: Face, region: Region) -> Floats:
    """0..1 for each pixel of the region: what is taken from the rig.

    It ends inside the cheeks, where hair or background begin, but below the chin it goes down to the
    neck, because the chin moves.
    """
    axes = axes_of(face.landmarks)
    outline = face.landmarks[[*tables.OUTLINE, tables.FOREHEAD], :2] - (region.x0, region.y0)
    inside = np.zeros((region.height, region.width), np.uint8)
    cv2.fillConvexPoly(inside, cv2.convexHull(np.round(outline).astype(np.int32)), 1)
    beyond, within = (
        cv2.distanceTransform(mask, cv2.DIST_L2, 5).astype(np.float64) / axes.unit
        for mask in (1 - inside, inside)
    )
    position = axes.to_face(region.pixels())
    sideways = smoothstep(np.abs(position[..., 0]), 0.12, 0.42)
    first, last = 0.08 - 0.22 * sideways, 0.20 - 0.23 * sideways
    cover = (1 - smoothstep(beyond - within, first, last)) * smoothstep(position[..., 1], -0.20, -0.10)
    return np.asarray(cover)


def _placed(
    patch: NDArray[np.uint8], cover: NDArray[Any], place: Floats, region: Region, frame: Picture
) -> tuple[NDArray[np.uint8], NDArray[np.float32], Region]:
    """A patch of the best frame and its cover, moved into another frame: both, and where they lie."""
    corners = (
        np.array([(x, y, 1.0) for x in (region.x0, region.x1) for y in (region.y0, region.y1)]) @ place.T
    )
    x0, y0 = np.maximum(np.floor(corners.min(axis=0)).astype(int), 0)
    x1, y1 = np.minimum(np.ceil(corners.max(axis=0)).astype(int), (frame.shape[1], frame.shape[0]))
    target = Region(int(x0), int(y0), int(x1), int(y1))
    moved = place.copy()
    moved[:, 2] += place[:, :2] @ np.array([region.x0, region.y0]) - (target.x0, target.y0)
    size = (target.width, target.height)
    placed: Any = cv2.warpAffine(patch, moved, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    alpha: Any = cv2.warpAffine(np.asarray(cover, dtype=np.uint8), moved, size, flags=cv2.INTER_LINEAR)
    return placed, alpha * np.float32(1 / 255), target


def _difference(
    frame: Picture, placed: NDArray[np.uint8], alpha: NDArray[np.float32], target: Region
) -> Floats:
    """How much brighter the frame is than the patch along its soft edge: (3,)."""
    band = (alpha > 0.1) & (alpha < 0.9)
    if not band.any():
        return np.zeros(3)
    return np.asarray(frame[target.slices][band].mean(axis=0) - placed[band].mean(axis=0))


class Reel:
    """Draws frames of a clip with other lips. One user at a time."""

    def __init__(self, portrait: Portrait, arrays: Arrays) -> None:
        best = int(np.asarray(arrays["clip.best"])[0])
        self._images = portrait.images
        self._seen = [face.score > 0 for face in portrait.faces]
        self._canvas = canvas.Canvas(portrait.images[best], arrays)
        self._region = self._canvas.rig.region
        self._places: Floats = np.asarray(arrays["clip.places"], dtype=np.float64)
        self._light = np.asarray(arrays["clip.light"], dtype=np.float32)
        self._cover = np.asarray(arrays["clip.cover"], dtype=np.uint8)
        self._rest = np.zeros(len(POSE), np.float32)

    def draw(self, index: int, values: NDArray[np.float32]) -> Picture:
        """Frame ``index`` of the clip with the lips (8,) of ``visemes.NAMES``, or as it is where it shows no
        face: a new picture."""
        frame: Picture = self._images[index].copy()
        if not self._seen[index]:
            return frame
        patch = self._canvas.draw(values, self._rest, 0.0)[self._region.slices]
        placed, alpha, target = _placed(patch, self._cover, self._places[index], self._region, frame)
        part = frame[target.slices]
        mixed = part + (placed + self._light[index] - part) * alpha[..., None]
        part[...] = np.clip(np.round(mixed), 0, 255).astype(np.uint8)
        return frame
