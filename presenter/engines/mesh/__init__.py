"""The embedded face animator: a photo that speaks, with nothing downloaded.

A dense warp of the photo, cut along the mouth into two layers, over a drawn mouth interior; eyelids,
brows, head and breath are fields of their own. Needs NumPy and OpenCV, and SciPy once a portrait.

Modules: ``geometry`` (coordinates and fields), ``tables`` (landmarks), ``mouth`` (lips), ``rig`` (the
field of the lower face), ``interior`` (teeth, tongue), ``eyes`` (blinks), ``head`` (pose), ``motion``
(what the head does), ``canvas`` (a frame of a photo), ``clip`` (a frame of a clip).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from presenter import visemes
from presenter.engines.mesh import canvas, clip, motion
from presenter.types import RATE, Arrays, Frames, Picture, Portrait, Speech


class Mesh:
    """An animator. Loaded instances hold no state.

    Args:
        lively: factor on everything but the lips; 0 keeps head, eyes and breath still.
    """

    def __init__(self, lively: float = 1.0) -> None:
        self.lively = lively

    def study(self, portrait: Portrait) -> Arrays:
        """Solve, cut and draw all that depends on the portrait alone; about a second.

        Args:
            portrait: a photo, or a clip of somebody who is not speaking.

        Returns:
            Named arrays, the same for the same portrait, that fit an .npz.
        """
        if len(portrait.images) > 1:
            return clip.study(portrait)
        return canvas.study(portrait.images[0], portrait.faces[0])

    def animate(self, speech: Speech, portrait: Portrait, studied: Arrays, *, fps: int, seed: int) -> Frames:
        """The portrait saying the speech.

        Args:
            speech: sound and timing of one segment.
            portrait: what ``studied`` was made from.
            studied: the result of ``study``.
            fps: frames a second.
            seed: the same seed gives the same blinks and movements for the same speech.

        Returns:
            ``ceil(seconds x fps)`` frames of the portrait's size, drawn while they are read. The first and
            the last show the photo's own pose with a closed mouth (of a clip, its first frame).
        """
        count = -(-len(speech.samples) * fps // RATE)
        loud = loudness(speech.samples, count)
        track = visemes.track(speech.timing, count / fps, fps, loudness=loud)
        if len(portrait.images) > 1:
            return self._frames(portrait, fps, count, _Clip(portrait, studied, track.values, fps))
        own = zlib.crc32(np.ascontiguousarray(speech.samples).tobytes(), seed & 0xFFFFFFFF)
        performance = motion.perform(speech.timing, loud, fps, own)
        photo = _Photo(portrait, studied, track.values, performance, self.lively)
        return self._frames(portrait, fps, count, photo)

    @staticmethod
    def _frames(portrait: Portrait, fps: int, count: int, source: _Photo | _Clip) -> Frames:
        return Frames(portrait.width, portrait.height, fps, count, source)


class _Photo:
    """Passes over the frames of a speaking photo; each has its own canvas."""

    def __init__(
        self,
        portrait: Portrait,
        studied: Arrays,
        values: NDArray[np.float32],
        performance: motion.Performance,
        lively: float,
    ) -> None:
        self._image, self._studied, self._values = portrait.images[0], studied, values
        self._pose = (performance.pose * lively).astype(np.float32)
        self._blink = performance.blink if lively > 0 else np.zeros_like(performance.blink)

    def __call__(self) -> Iterator[Picture]:
        painter = canvas.Canvas(self._image, self._studied)
        for values, pose, blink in zip(self._values, self._pose, self._blink, strict=True):
            yield painter.draw(values, pose, float(blink))


class _Clip:
    """Passes over the frames of a clip that is made to speak."""

    def __init__(self, portrait: Portrait, studied: Arrays, values: NDArray[np.float32], fps: int) -> None:
        self._portrait, self._studied, self._values = portrait, studied, values
        self._order = clip.order(len(values), fps, len(portrait.images), portrait.fps)

    def __call__(self) -> Iterator[Picture]:
        painter = clip.Reel(self._portrait, self._studied)
        for index, values in zip(self._order, self._values, strict=True):
            yield painter.draw(int(index), values)


def loudness(samples: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """How loud each of ``count`` frames is: float32 (count,), 0..1, where 1 is the loudest twentieth.

    Args:
        samples: (N,) the sound under all frames.
    """
    edges = np.linspace(0, len(samples), count + 1).astype(int)
    if not count:
        return np.zeros(0, np.float32)
    power = np.add.reduceat(np.append(np.square(samples, dtype=np.float64), 0.0), edges[:-1])
    level = np.sqrt(power / np.maximum(np.diff(edges), 1))
    loud = float(np.percentile(level, 95))
    scaled: NDArray[Any] = np.clip(level / loud, 0, 1) if loud > 1e-5 else np.zeros(count)
    return scaled.astype(np.float32)
