"""From what the network painted to a part of the picture that nobody can tell from its surroundings.

What the network makes of silence shows how it sees this face at rest. The difference from the picture
itself tells its error in colour, which is taken off everywhere, and the fine texture that 96 pixels cannot
hold, which is put back on skin as long as that skin stays where it was. Both are constant, so nothing
flickers.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from presenter.engines.wav2lip import crop
from presenter.engines.wav2lip.layouts import Window
from presenter.types import Picture

Floats = NDArray[np.float32]

SHARPEN = 0.5
"""Strength of the unsharp mask on what was painted; 0 leaves it as it is."""
_RADIUS = 0.9
"""Its sigma in pixels of a 96-pixel network."""
_REACH = 9.0
"""Sigma over which an error in colour is the same, likewise."""
_OUTLIER = 40.0
"""Levels by which a pixel may differ at most to count as an error in colour."""
_STILL, _MOVED = 5.0, 18.0
"""Levels by which skin may change and keep all of its texture, and from which it keeps none."""


def window_of(cover: NDArray[np.uint8], size: int) -> Window:
    """The part of the network's picture that a cover (any size) takes anything of.

    It begins in the lower half: above it the network repeats what it was shown.
    """
    rows, columns = np.flatnonzero(cover.any(axis=1)), np.flatnonzero(cover.any(axis=0))
    scale = size / len(cover)
    top, left = (max(int(each[0] * scale) - 1, 0) for each in (rows, columns))
    bottom, right = (min(int(np.ceil((each[-1] + 1) * scale)) + 1, size) for each in (rows, columns))
    return Window(max(top, size // 2), bottom, left, right)


@dataclass(frozen=True, slots=True)
class Frame:
    """The network's picture, and the part of it that it paints."""

    window: Window
    size: int
    """Side of the whole (pixels)."""

    @property
    def grain(self) -> float:
        """Its pixels for each pixel of the smallest network."""
        return self.size / 96

    def part(self, mask: NDArray[np.uint8]) -> Floats:
        """A mask 0..255 of the unit square as 0..1 in the window's pixels."""
        share = mask.astype(np.float32) / np.float32(255)
        whole = cv2.resize(share, (self.size, self.size), interpolation=cv2.INTER_AREA)
        w = self.window
        return np.asarray(whole[w.top : w.bottom, w.left : w.right], np.float32)


def error(difference: Floats, skin: NDArray[np.uint8], clear: NDArray[np.uint8], frame: Frame) -> Floats:
    """The network's error in colour: smooth, learnt from skin that nothing is in front of.

    Args:
        difference: the picture less what the network paints for silence: float32 (rows, columns, 3).
        skin, clear: masks of the unit square (see ``mask``).
    """
    far = np.abs(difference).max(axis=2) > _OUTLIER
    weight = (frame.part(skin) * frame.part(clear) + np.float32(1e-3)) * np.where(far, np.float32(0.01), 1)
    sigma = _REACH * frame.grain
    blurred = cv2.GaussianBlur(difference * weight[..., None], (0, 0), sigma)
    total = cv2.GaussianBlur(np.asarray(weight, np.float32), (0, 0), sigma)
    return np.asarray(np.clip(blurred / total[..., None], -_OUTLIER, _OUTLIER), np.float32)


class Patch:
    """The part of a picture that is painted anew. Keeps no state between calls.

    Args:
        image: the picture.
        matrix: of the crop (see ``crop.place``).
        frame: what the network paints.
        cover, skin, clear: uint8 masks of the unit square (see ``mask``).
        tone: the network's error in colour (see ``error``).
        rest: what the network would paint of this picture as it is: float32 (rows, columns, 3), RGB, 0..255.
        sharpen: see ``SHARPEN``.

    Attributes:
        region: the pixels of the picture that are painted.
        at_rest: these pixels of the picture itself, uint8.
    """

    def __init__(
        self, image: Picture, matrix: crop.Matrix, frame: Frame, *, cover: NDArray[np.uint8],
        skin: NDArray[np.uint8], clear: NDArray[np.uint8], tone: Floats, rest: Floats, sharpen: float,
    ) -> None:  # fmt: skip
        self._matrix, self._frame, self._sharpen = matrix, frame, sharpen
        self._tone, self._rest, self._skin = tone, rest, frame.part(skin)
        self.region = crop.region(matrix, frame.window, frame.size, image.shape[1], image.shape[0])
        self.at_rest: Picture = image[self.region.slices].copy()
        self._base = self.at_rest.astype(np.float32)
        alpha = self._laid(frame.part(cover) * frame.part(clear), smooth=False)
        self._alpha = np.clip(alpha, 0, 1)[..., None]
        self._texture = self._base - self._laid(self._sharpened(rest) + tone)

    def draw(self, painted: Floats, share: float) -> Picture:
        """The region as it looks with a painted mouth.

        Args:
            painted: float32 (rows, columns, 3), RGB, 0..255.
            share: how much of it is shown, 0..1.

        Returns:
            uint8 (height, width, 3), a new picture.
        """
        laid = self._laid(self._sharpened(painted) + self._tone)
        laid += self._texture * self._laid(self._kept(painted), smooth=False)[..., None]
        laid -= self._base
        laid *= self._alpha * np.float32(share)
        laid += self._base
        return np.asarray(np.clip(np.round(laid), 0, 255), np.uint8)

    def _sharpened(self, painted: Floats) -> Floats:
        if not self._sharpen:
            return painted
        soft = cv2.GaussianBlur(painted, (0, 0), _RADIUS * self._frame.grain)
        return np.asarray(painted + np.float32(self._sharpen) * (painted - soft), np.float32)

    def _kept(self, painted: Floats) -> Floats:
        """How much of its texture each place keeps: skin that is where it was at rest."""
        change = np.abs(painted - self._rest).max(axis=2)
        change = cv2.GaussianBlur(change, (0, 0), 1.5 * self._frame.grain)
        return np.asarray(self._skin * np.clip((_MOVED - change) / (_MOVED - _STILL), 0, 1), np.float32)

    def _laid(self, picture: Floats, *, smooth: bool = True) -> Floats:
        window, size = self._frame.window, self._frame.size
        return crop.lay(picture, self._matrix, window, size, self.region, smooth=smooth)
