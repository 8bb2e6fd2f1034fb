"""Faces by S3FD (Zhang et al. 2017, arXiv:1708.05237) and FAN (Bulat and Tzimiropoulos 2017,
arXiv:1703.07332), from the package ``face-alignment``, with the 468 landmarks of the embedded network.

S3FD finds small, turned and dim faces that the embedded detector misses, and is slow without a GPU. Its
weights are never downloaded here: the user places both files, whose published names end in the first
ten digits of their sha256, and they are read as plain weights.
"""

from __future__ import annotations

import functools
import threading
import warnings
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import numpy as np

from presenter.engines import checkpoint
from presenter.engines import weights as models
from presenter.engines.facemesh import FaceMesh, Floats, Proposal, Pyramid
from presenter.errors import SetupError
from presenter.types import Face, Picture

PUBLISHED = {"s3fd": "s3fd-619a316812.pth", "fan": "2DFAN4-11f355bf06.pth.tar"}
"""Network -> its file as the authors published it."""
LARGEST = 1280
"""Larger pictures are shrunk to this side for S3FD (pixels): its time grows with the area, and a face that
can be animated is not that small."""
SPREAD = 1.2
"""A face's size in units of the extent of FAN's points, which end at the brows."""
OUTER = (36, 45)
"""FAN's points at the outer corners of the eyes, left one of the picture first."""


class S3fd:
    """Finds faces. Needs the files of ``PUBLISHED`` in checkpoints/face_alignment.

    Safe to share between threads, which wait for one another.
    """

    def __init__(self) -> None:
        import face_alignment  # noqa: F401  (tells here, and not in the middle of the work, that it is missing)

        self._lock = threading.Lock()
        self._mesh = FaceMesh()

    def detect(self, image: Picture) -> list[Face]:
        """Faces in a picture, largest first; see ``BlazeFace.detect``.

        Raises:
            SetupError: ``E-MODEL-MISSING``, ``E-MODEL-HASH``, ``E-MODEL-UNSAFE`` or ``E-MODEL-KIND`` where
                something is wrong with the model files.
        """
        with self._lock:
            pyramid = Pyramid(image)
            shrunk, scale = _shrunk(image)
            return self._mesh.faces(pyramid, (_proposal(*one, scale) for one in self._found(shrunk)))

    def weights(self, language: str = "") -> tuple[Path, ...]:  # noqa: ARG002  (faces speak no language)
        """The files that it uses."""
        folder = models.find("face_alignment")
        return tuple(folder / file for file in PUBLISHED.values())

    def _found(self, image: Picture) -> list[tuple[Floats, float]]:
        """FAN's points, float32 (68, 2), and S3FD's score of each face."""
        networks = self._networks
        with warnings.catch_warnings():  # of pictures without a face
            warnings.simplefilter("ignore")
            points, _, boxes = networks.get_landmarks_from_image(image, return_bboxes=True)
        if points is None:
            return []
        return [(np.asarray(one, np.float32), float(box[4])) for one, box in zip(points, boxes, strict=True)]

    @functools.cached_property
    def _networks(self) -> Any:
        import torch
        from face_alignment import FaceAlignment, LandmarksType
        from face_alignment.models import FAN

        detector, points = self.weights()

        class Local(FaceAlignment):  # type: ignore[misc]
            """The package's own, with the weights that lie here instead of downloaded ones."""

            def _load_native(self, name: str, size: int, device: str, dtype: Any) -> Any:  # noqa: ARG002
                net = FAN(size)
                net.load_state_dict(checkpoint.read(points))
                return net.to(device, dtype=dtype).eval()

        for path in (detector, points):
            _check(path)
        try:
            return Local(
                LandmarksType.TWO_D,
                device="cuda" if torch.cuda.is_available() else "cpu",
                compile=False,
                face_detector_kwargs={"path_to_detector": str(detector)},
            )
        except (RuntimeError, UnpicklingError) as error:
            raise SetupError(
                "E-MODEL-KIND",
                "The model files in checkpoints/face_alignment are other networks than S3FD and FAN.",
                "Get them again from their publisher.",
                "detector",
            ) from error


def published(digest: str) -> str:
    """Name of the published file with that sha256, or ``""``."""
    return next((file for file in PUBLISHED.values() if digest.startswith(_start(file))), "")


def _start(file: str) -> str:
    """The digits of the sha256 in a published name."""
    return file.split(".")[0].rpartition("-")[2]


def _check(path: Path) -> None:
    """That a file is the published one, and asks to run no code."""
    expected = _start(path.name)
    found = models.digest(path)
    if not found.startswith(expected):
        raise SetupError(
            "E-MODEL-HASH",
            f"The model file {path.name} is not the right one: expected sha256 {expected}…, "
            f"found {found[: len(expected)]}….",
            "Delete it and get it again from its publisher.",
            "detector",
        )
    checkpoint.check_safe(path)


def _shrunk(image: Picture) -> tuple[Picture, float]:
    """The picture with sides of at most ``LARGEST``, and its size in units of that."""
    import cv2

    scale = max(1.0, max(image.shape[:2]) / LARGEST)
    if scale == 1.0:
        return image, scale
    size = round(image.shape[1] / scale), round(image.shape[0] / scale)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8), scale


def _proposal(points: Floats, score: float, scale: float) -> Proposal:
    """Where the embedded network should look: around FAN's points, turned as the eyes are."""
    points = points * scale
    left, right = points[OUTER[0]], points[OUTER[1]]
    low, high = points.min(0), points.max(0)
    x, y = (low + high) / 2
    angle = float(np.arctan2(right[1] - left[1], right[0] - left[0]))
    return Proposal(float(x), float(y), SPREAD * float((high - low).max()), angle, score)
