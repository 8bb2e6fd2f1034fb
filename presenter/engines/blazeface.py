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
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from presenter.engines import weights
from presenter.types import Box, Face, Picture

Floats = NDArray[np.float32]
Affine = NDArray[np.float64]

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

CROP = 192
"""Side of the mesh network's input (pixels)."""
MARGIN = 1.5
"""The crop's side in units of the face's box."""
PRESENT = 0.5
"""Least probability, by the mesh network, that its crop shows a face."""

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

EYES = (33, 263)
"""Landmarks: outer corners of the eyes, left one of the picture first."""
PITCH_OFFSET = 12.0
"""Degrees that the mesh reads for a face that looks straight into the camera: in its mean shape the
chin lies farther back than the forehead."""


@dataclass(frozen=True, slots=True)
class _Proposal:
    """Where a face may be, in pixels of the picture."""

    x: float
    y: float
    size: float
    angle: float
    """Radians, of the line between the eyes; positive is clockwise on the screen."""
    score: float


class _Pyramid:
    """A picture and its halves, so that views of any size can be taken from it without aliasing."""

    def __init__(self, image: Picture) -> None:
        self.height, self.width = image.shape[:2]
        self._levels: list[Picture] = [image]

    def sample(self, view: Affine, pixels: int, border: int = cv2.BORDER_CONSTANT) -> Picture:
        """uint8 (pixels, pixels, 3): the picture under an affine map (2, 3) from picture to view."""
        scale = float(np.hypot(view[0, 0], view[1, 0]))
        level = max(0, int(np.floor(-np.log2(scale))))
        image = self._level(level)
        # Pixel centres of the halved picture in coordinates of the whole one.
        stretch = np.array([self.width / image.shape[1], self.height / image.shape[0]])
        turn = view[:, :2] * stretch
        shift = view[:, 2] + view[:, :2] @ (stretch / 2 - 0.5)
        mapped = np.column_stack([turn, shift])
        return np.asarray(cv2.warpAffine(image, mapped, (pixels, pixels), borderMode=border), np.uint8)

    def _level(self, level: int) -> Picture:
        while len(self._levels) <= level:
            height, width = self._levels[-1].shape[:2]
            half = (max(1, width // 2), max(1, height // 2))
            shrunk = cv2.resize(self._levels[-1], half, interpolation=cv2.INTER_AREA)
            self._levels.append(np.asarray(shrunk, np.uint8))
        return self._levels[level]


class BlazeFace:
    """Finds faces. Its checkpoints ``face_detection`` and ``face_landmark`` are fetched at first use.

    Safe to share between threads, which wait for one another: OpenCV's networks are not.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()

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
            return self._detect(_Pyramid(image))

    def _detect(self, pyramid: _Pyramid) -> list[Face]:
        faces: list[Face] = []
        for proposal in sorted(self._search(pyramid), key=lambda p: -p.score):
            if proposal.score < SURE or any(_holds(face, proposal) for face in faces):
                continue
            face = self._mesh(pyramid, proposal)
            if face is not None:
                faces.append(face)
        return sorted(faces, key=lambda face: -face.box.width * face.box.height)

    @functools.cached_property
    def _proposer(self) -> cv2.dnn.Net:
        return _read("face_detection")

    @functools.cached_property
    def _mesher(self) -> cv2.dnn.Net:
        return _read("face_landmark")

    def _search(self, image: _Pyramid) -> list[_Proposal]:
        """Proposals from ever smaller windows, until what they could add is irrelevant."""
        side = max(image.height, image.width)
        found: list[_Proposal] = []
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

    def _propose(self, image: _Pyramid, x: float, y: float, window: float, angle: float) -> list[_Proposal]:
        """Proposals in the square window around (x, y) that is turned by ``angle`` (radians)."""
        view = _view(x, y, window, angle, VIEW)
        pixels = image.sample(view, VIEW)
        blob = (pixels.astype(np.float32) / 127.5 - 1).transpose(2, 0, 1)[None]
        logits, regressed = _run(self._proposer, blob, ["classificators", "regressors"])
        scores = _sigmoid(logits.reshape(-1))
        keep = scores > PROPOSED
        if not keep.any():
            return []
        points = regressed.reshape(-1, 8, 2)[keep]
        # Rows: centre, size, right eye, left eye, nose, mouth, ears; all but the size are offsets.
        points[:, [0, *range(2, 8)]] += _anchors()[keep, None] * VIEW
        back = _inverse(view)
        return [_to_picture(group, score, back) for group, score in _merge(points, scores[keep])]

    def _mesh(self, image: _Pyramid, proposal: _Proposal) -> Face | None:
        """Landmarks of a proposal, or None where the network sees no face or a shape that is none."""
        centre, size, angle = np.array([proposal.x, proposal.y]), proposal.size * MARGIN, proposal.angle
        landmarks = np.zeros((468, 3), np.float32)
        # The second pass crops by the first one's landmarks, which is tighter and better turned.
        for _ in range(2):
            view = _view(float(centre[0]), float(centre[1]), size, angle, CROP)
            pixels = image.sample(view, CROP, cv2.BORDER_REPLICATE)
            blob = (pixels.astype(np.float32) / 255).transpose(2, 0, 1)[None]
            presence, flat = _run(self._mesher, blob, ["conv2d_31", "conv2d_21"])
            if _sigmoid(presence.reshape(-1))[0] < PRESENT:
                return None
            landmarks = _landmarks_to_picture(flat.reshape(468, 3), view)
            centre, size, angle = _crop_of(landmarks)
        if not _is_plausible(landmarks):
            return None
        low, high = landmarks[:, :2].min(0), landmarks[:, :2].max(0)
        box = Box(float(low[0]), float(low[1]), float(high[0]), float(high[1]))
        return Face(box, landmarks, pose(landmarks), proposal.score)


def pose(landmarks: Floats) -> tuple[float, float, float]:
    """Yaw, pitch and roll in degrees of landmarks (468, 3).

    Measured on the axes temple to temple and forehead to chin. Yaw > 0 looks to the right of the
    picture, pitch > 0 looks down, roll > 0 is turned clockwise; a straight face reads about 0.
    """
    across = landmarks[454].astype(float) - landmarks[234]
    down = landmarks[152].astype(float) - landmarks[10]
    across /= np.linalg.norm(across)
    down -= across * (across @ down)
    down /= np.linalg.norm(down)
    back = np.cross(across, down)
    yaw = np.degrees(np.arctan2(across[2], np.hypot(across[0], across[1])))
    pitch = np.degrees(np.arctan2(down[2], back[2])) - PITCH_OFFSET
    roll = np.degrees(np.arctan2(across[1], across[0]))
    return float(yaw), float(pitch), float(roll)


def _read(name: str) -> cv2.dnn.Net:
    path = str(weights.require(name))
    # OpenCV 5's new engine does not give two outputs at once; OpenCV 4 knows only the classic one.
    if hasattr(cv2.dnn, "ENGINE_CLASSIC"):
        return cv2.dnn.readNetFromTFLite(path, engine=cv2.dnn.ENGINE_CLASSIC)
    return cv2.dnn.readNetFromTFLite(path)


def _run(network: cv2.dnn.Net, blob: NDArray[np.floating], outputs: list[str]) -> list[Floats]:
    network.setInput(np.ascontiguousarray(blob))
    return [np.asarray(output, np.float32) for output in network.forward(outputs)]


def _sigmoid(logits: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -50, 50))), np.float32)


def _inverse(view: Affine) -> Affine:
    return np.asarray(cv2.invertAffineTransform(view), np.float64)


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


def _view(x: float, y: float, side: float, angle: float, pixels: int) -> Affine:
    """Affine (2, 3) from the picture to a view of ``pixels`` a side on the turned square around (x, y)."""
    scale = pixels / side
    cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
    turn = np.array([[cos, sin], [-sin, cos]])
    return np.column_stack([turn, pixels / 2 - turn @ [x, y]])


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


def _to_picture(points: Floats, score: float, back: Affine) -> _Proposal:
    """A proposal in pixels of the view as one in pixels of the picture."""
    centre, right_eye, left_eye = points[[0, 2, 3]] @ back[:, :2].T + back[:, 2]
    eyes = left_eye - right_eye
    size = float(points[1].max() * np.hypot(back[0, 0], back[1, 0]))
    return _Proposal(float(centre[0]), float(centre[1]), size, float(np.arctan2(eyes[1], eyes[0])), score)


def _landmarks_to_picture(landmarks: Floats, view: Affine) -> Floats:
    """(468, 3) in pixels of the crop as pixels of the picture, z by the same scale."""
    back = _inverse(view)
    flat = landmarks[:, :2] @ back[:, :2].T + back[:, 2]
    return np.column_stack([flat, landmarks[:, 2] * np.hypot(back[0, 0], back[1, 0])]).astype(np.float32)


def _crop_of(landmarks: Floats) -> tuple[NDArray[np.float64], float, float]:
    """Centre, side and angle (radians) of the upright crop around landmarks."""
    eyes = landmarks[EYES[1], :2] - landmarks[EYES[0], :2]
    angle = float(np.arctan2(eyes[1], eyes[0]))
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    upright = landmarks[:, :2] @ turn.T
    low, high = upright.min(0), upright.max(0)
    return ((low + high) / 2) @ turn, float((high - low).max()) * MARGIN, angle


def _is_plausible(landmarks: Floats) -> bool:
    """Whether, seen upright, brows, eyes, nose, mouth and chin follow one another and the eyes are apart."""
    eyes = landmarks[EYES[1], :2] - landmarks[EYES[0], :2]
    width = float(np.linalg.norm(eyes))
    if not np.isfinite(landmarks).all() or width < 4:
        return False
    down = np.array([-eyes[1], eyes[0]]) / width
    brow, lids, nose, lip, chin = (
        float(landmarks[ids, :2].mean(0) @ down) for ids in ([105, 334], [159, 386], [1], [13, 14], [152])
    )
    return brow < lids < nose < lip < chin and 0.5 < (chin - brow) / width < 2.5


def _holds(face: Face, proposal: _Proposal) -> bool:
    """Whether the proposal's centre lies in the face: then it is the same one, seen in another window."""
    box = face.box
    return box.x0 <= proposal.x < box.x1 and box.y0 <= proposal.y < box.y1
