"""The embedded face animator: a photo that speaks, with nothing downloaded.

A dense warp of the photo, cut along the mouth into two layers, over a drawn mouth interior; eyelids,
brows, head and breath are fields of their own. Needs NumPy and OpenCV, and SciPy once a portrait.

Modules: ``geometry`` (coordinates and fields), ``tables`` (landmarks), ``mouth`` (lips), ``rig`` (the
field of the lower face), ``interior`` (teeth, tongue), ``eyes`` (blinks), ``head`` (pose), ``motion``
(what the head does), ``canvas`` (a frame of a photo), ``clip`` (a frame of a clip).
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from presenter import visemes
from presenter.engines.mesh import canvas, clip, motion
from presenter.engines.mesh.geometry import Region
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

    def carry(
        self, patches: Frames, corner: tuple[int, int], speech: Speech, portrait: Portrait, studied: Arrays,
        *, seed: int,
    ) -> Frames:  # fmt: skip
        """A photo that lives as in ``animate``, but with a part of it painted by somebody else in each frame.

        Args:
            patches: one for each frame of the speech: the part in the photo's own pose. Head, lids and breath
                carry it along; nothing is done to the mouth.
            corner: x and y of the part's first pixel.
            speech, portrait, studied, seed: as for ``animate``; the portrait is a photo.

        Returns:
            As many frames as there are patches.
        """
        loud = loudness(speech.samples, patches.count)
        own = zlib.crc32(np.ascontiguousarray(speech.samples).tobytes(), seed & 0xFFFFFFFF)
        performance = motion.perform(speech.timing, loud, patches.fps, own)
        photo = _Photo(portrait, studied, None, performance, self.lively)
        x, y = corner
        region = Region(x, y, x + patches.width, y + patches.height)
        return self._frames(
            portrait, patches.fps, patches.count, lambda: photo.carrying(iter(patches), region)
        )

    @staticmethod
    def order(portrait: Portrait, count: int, fps: int) -> NDArray[np.int64]:
        """Which frame of the portrait is shown in each of ``count`` frames: back and forth, from and to its
        first."""
        return clip.order(count, fps, len(portrait.images), portrait.fps)

    @staticmethod
    def _frames(portrait: Portrait, fps: int, count: int, source: Callable[[], Iterator[Picture]]) -> Frames:
        return Frames(portrait.width, portrait.height, fps, count, source)


class _Photo:
    """Passes over the frames of a speaking photo; each has its own canvas."""

    def __init__(
        self,
        portrait: Portrait,
        studied: Arrays,
        values: NDArray[np.float32] | None,
        performance: motion.Performance,
        lively: float,
    ) -> None:
        self._image, self._studied, self._values = portrait.images[0], studied, values
        self._pose = (performance.pose * lively).astype(np.float32)
        self._blink = performance.blink if lively > 0 else np.zeros_like(performance.blink)

    def __call__(self) -> Iterator[Picture]:
        assert self._values is not None
        painter = canvas.Canvas(self._image, self._studied)
        for values, pose, blink in zip(self._values, self._pose, self._blink, strict=True):
            yield painter.draw(values, pose, float(blink))

    def carrying(self, parts: Iterator[Picture], region: Region) -> Iterator[Picture]:
        """The same with a part of the photo painted by somebody else, and nothing done to the lips."""
        painter = canvas.Canvas(self._image, self._studied)
        for part, pose, blink in zip(parts, self._pose, self._blink, strict=True):
            painter.repaint(region, part)
            yield painter.draw(None, pose, float(blink))


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
