"""The 468 landmarks of a face by Face Mesh (Kartynnik et al. 2019, arXiv:1907.06724), run by OpenCV.

A detector says about where a face is and how it is turned; the network looks at an upright crop of it and
says whether there is a face at all.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from presenter.engines import weights
from presenter.types import Box, Face, Picture

Floats = NDArray[np.float32]
Affine = NDArray[np.float64]

CROP = 192
"""Side of the network's input (pixels)."""
MARGIN = 1.5
"""The crop's side in units of the face's box."""
PRESENT = 0.5
"""Least probability, by the network, that its crop shows a face."""

EYES = (33, 263)
"""Landmarks: outer corners of the eyes, left one of the picture first."""
PITCH_OFFSET = 12.0
"""Degrees that the mesh reads for a face that looks straight into the camera: in its mean shape the
chin lies farther back than the forehead."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Where a face may be, in pixels of the picture."""

    x: float
    y: float
    size: float
    angle: float
    """Radians, of the line between the eyes; positive is clockwise on the screen."""
    score: float


class Pyramid:
    """A picture and its halves, so that views of any size can be taken from it without aliasing.

    Args:
        image: uint8 (H, W, 3) RGB.
    """

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


class FaceMesh:
    """Finds the landmarks of faces that a detector proposes. Its checkpoint ``face_landmark`` is fetched at
    first use. Not safe to share between threads."""

    def faces(self, image: Pyramid, proposals: Iterable[Proposal]) -> list[Face]:
        """The faces of proposals, each once, largest first."""
        found: list[Face] = []
        for proposal in sorted(proposals, key=lambda one: -one.score):
            face = None if any(_holds(one, proposal) for one in found) else self._face(image, proposal)
            if face is not None:
                found.append(face)
        return sorted(found, key=lambda face: -face.box.width * face.box.height)

    def _face(self, image: Pyramid, proposal: Proposal) -> Face | None:
        """None where the network sees no face, or a shape that is none."""
        centre, size, angle = np.array([proposal.x, proposal.y]), proposal.size * MARGIN, proposal.angle
        landmarks = np.zeros((468, 3), np.float32)
        # The second pass crops by the first one's landmarks, which is tighter and better turned.
        for _ in range(2):
            looked = view(float(centre[0]), float(centre[1]), size, angle, CROP)
            pixels = image.sample(looked, CROP, cv2.BORDER_REPLICATE)
            blob = (pixels.astype(np.float32) / 255).transpose(2, 0, 1)[None]
            presence, flat = run(self._network, blob, ["conv2d_31", "conv2d_21"])
            if sigmoid(presence.reshape(-1))[0] < PRESENT:
                return None
            landmarks = _to_picture(flat.reshape(468, 3), looked)
            centre, size, angle = _crop_of(landmarks)
        if not _is_plausible(landmarks):
            return None
        low, high = landmarks[:, :2].min(0), landmarks[:, :2].max(0)
        box = Box(float(low[0]), float(low[1]), float(high[0]), float(high[1]))
        return Face(box, landmarks, pose(landmarks), proposal.score)

    @functools.cached_property
    def _network(self) -> cv2.dnn.Net:
        return read("face_landmark")


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


def read(name: str) -> cv2.dnn.Net:
    """The network of a checkpoint of the manifest.

    Raises:
        SetupError: when the model file is missing and cannot be fetched, or is broken.
    """
    path = str(weights.require(name))
    # OpenCV 5's new engine does not give two outputs at once; OpenCV 4 knows only the classic one.
    if hasattr(cv2.dnn, "ENGINE_CLASSIC"):
        return cv2.dnn.readNetFromTFLite(path, engine=cv2.dnn.ENGINE_CLASSIC)
    return cv2.dnn.readNetFromTFLite(path)


def run(network: cv2.dnn.Net, blob: NDArray[np.floating], outputs: list[str]) -> list[Floats]:
    """What a network makes of a blob (N, C, H, W), by the names of its outputs, float32."""
    network.setInput(np.ascontiguousarray(blob))
    return [np.asarray(output, np.float32) for output in network.forward(outputs)]


def sigmoid(logits: Floats) -> Floats:
    """Probabilities, float32 like ``logits``."""
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -50, 50))), np.float32)


def inverse(view: Affine) -> Affine:
    """The affine map (2, 3) back."""
    return np.asarray(cv2.invertAffineTransform(view), np.float64)


def view(x: float, y: float, side: float, angle: float, pixels: int) -> Affine:
    """Affine (2, 3) from the picture to a view of ``pixels`` a side on the turned square around (x, y)."""
    scale = pixels / side
    cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
    turn = np.array([[cos, sin], [-sin, cos]])
    return np.column_stack([turn, pixels / 2 - turn @ [x, y]])


def _to_picture(landmarks: Floats, view: Affine) -> Floats:
    """(468, 3) in pixels of the crop as pixels of the picture, z by the same scale."""
    back = inverse(view)
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


def _holds(face: Face, proposal: Proposal) -> bool:
    """Whether the proposal's centre lies in the face: then it is the same one, seen in another window."""
    box = face.box
    return box.x0 <= proposal.x < box.x1 and box.y0 <= proposal.y < box.y1
