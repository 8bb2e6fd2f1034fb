"""Who in a picture is in front: MediaPipe's selfie segmentation, run by OpenCV alone.

The network sees the picture squeezed into a small view, so its edge is coarse; a guided filter (He, Sun and
Tang 2013, "Guided image filtering", in its fast form) lays it along the edges of the picture itself.
"""

from __future__ import annotations

import functools
import threading

import cv2
import numpy as np
from numpy.typing import NDArray

from presenter.engines.facemesh import read
from presenter.types import Picture

VIEW = 256
"""Side of what the network sees (pixels)."""
RADIUS = 0.02
"""Of the guided filter, as a share of the picture's height."""
SOFT = 1e-4
"""How much of the picture's texture the filter ignores (variance of values from 0 to 1)."""
LOW, HIGH = 0.3, 0.9
"""What the filter leaves below and above these is background and person alone."""

Floats = NDArray[np.float32]


class Selfie:
    """Tells people from what is behind them. Its checkpoint ``selfie_segmentation`` is fetched at first use.

    Safe to share between threads, which wait for one another.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def matte(self, image: Picture) -> Floats:
        """How much of each pixel is a person: float32 (H, W), 0..1.

        Args:
            image: uint8 (H, W, 3) RGB, any size; best not much wider than high.

        Raises:
            SetupError: when the model files are missing and cannot be fetched, or are broken.
        """
        height, width = image.shape[:2]
        view = cv2.resize(image, (VIEW, VIEW), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
        with self._lock:
            self._network.setInput(np.ascontiguousarray(view.transpose(2, 0, 1)[None]))
            coarse = np.asarray(self._network.forward(), np.float32).reshape(VIEW, VIEW)
        found = _guided(image, cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR))
        return np.asarray(np.clip((found - LOW) / (HIGH - LOW), 0, 1), np.float32)

    @functools.cached_property
    def _network(self) -> cv2.dnn.Net:
        return read("selfie_segmentation")


def _guided(image: Picture, mask: NDArray[np.generic]) -> Floats:
    """The mask along the edges of the picture, by its colours; solved small and enlarged."""
    height, width = mask.shape
    small = max(1, min(height, width) // 256)
    size = max(1, width // small), max(1, height // small)
    guide = cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    wanted = cv2.resize(np.asarray(mask, np.float32), size, interpolation=cv2.INTER_AREA)
    side = 2 * max(2, round(RADIUS * size[1])) + 1

    def mean(values: NDArray[np.generic]) -> Floats:
        found = cv2.boxFilter(np.asarray(values, np.float32), -1, (side, side), borderType=cv2.BORDER_REFLECT)
        return np.asarray(found, np.float32)

    centre, level = mean(guide), mean(wanted)
    joint = mean(guide * wanted[..., None]) - centre * level[..., None]
    spread = np.empty((*wanted.shape, 3, 3), np.float32)
    for one in range(3):
        for other in range(one, 3):
            both = mean(guide[..., one] * guide[..., other]) - centre[..., one] * centre[..., other]
            spread[..., one, other] = spread[..., other, one] = both
    slope = np.linalg.solve(spread + SOFT * np.eye(3, dtype=np.float32), joint[..., None])[..., 0]
    base = level - (slope * centre).sum(axis=-1)
    fit = cv2.resize(np.dstack([mean(slope), mean(base)]), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray((fit[..., :3] * (image / np.float32(255))).sum(axis=-1) + fit[..., 3], np.float32)
