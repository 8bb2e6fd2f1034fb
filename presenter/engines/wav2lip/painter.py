"""A network at work: on the GPU where there is one, in batches that fit, and each picture seen once."""

from __future__ import annotations

import logging
import multiprocessing
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from presenter.engines.wav2lip import mel
from presenter.engines.wav2lip.fast import Fast, Maps
from presenter.engines.wav2lip.layouts import Layout, Window
from presenter.engines.wav2lip.net import Net
from presenter.errors import WorkError

_log = logging.getLogger(__name__)

Floats = NDArray[np.float32]

BATCH_CPU, BATCH_GPU = 12, 64
"""Frames at once. More gain nothing on a GPU, and on a CPU they cost memory and then time."""
KEPT_CPU, KEPT_GPU = 200_000_000, 2_000_000_000
"""Bytes of maps of a clip's frames that are kept from one pass to the next."""


class Painter:
    """A network on a device. One user at a time.

    Args:
        net: the network with its weights.
        device: e.g. ``cuda``, ``cpu``; by default a GPU where torch has one.
    """

    def __init__(self, net: Net, device: str = "") -> None:
        self.layout = net.layout
        self.size = net.layout.size
        if multiprocessing.parent_process() is not None:
            torch.set_num_threads(1)  # workers are as many as cores
        self._use(net, device or ("cuda" if torch.cuda.is_available() else "cpu"))

    def _use(self, net: Net, device: str) -> None:
        gpu = device.startswith("cuda")
        # 16 bits are for GPUs: processors without such units compute them thirty times slower.
        self._fast = Fast(net, device, half=gpu)
        self._net = net if gpu else None  # for going on without the GPU
        self.batch = BATCH_GPU if gpu else BATCH_CPU
        self.kept = KEPT_GPU if gpu else KEPT_CPU

    @property
    def device(self) -> str:
        return str(self._fast.device)

    def paint(self, heard: Floats, faces: Sequence[int], gallery: Gallery) -> Floats:
        """Paint mouths; with smaller batches where memory is short, and on the CPU where that does not help.

        Args:
            heard: (B, 1, 80, 16), one window a frame.
            faces: for each frame, which picture of the gallery it shows.
            gallery: the pictures.

        Returns:
            float32 (B, rows, columns, 3) of the gallery's window, RGB, 0..255.

        Raises:
            WorkError: ``E-MEMORY`` when there is not enough even for one frame.
        """
        parts, start = [], 0
        while start < len(heard):
            part = slice(start, start + self.batch)
            try:
                parts.append(self._painted(heard[part], faces[part], gallery))
                start += self.batch
            except RuntimeError as error:
                if not _is_memory(error):
                    raise
                self._shrink(error, gallery)
        return np.concatenate(parts)

    def _painted(self, heard: Floats, faces: Sequence[int], gallery: Gallery) -> Floats:
        alike = len(set(faces)) == 1
        maps = gallery.maps(faces[0], self) if alike else [gallery.maps(face, self) for face in faces]
        painted = self._fast.paint(torch.from_numpy(heard), maps)
        return np.ascontiguousarray((painted * 255).permute(0, 2, 3, 1).flip(3).cpu().numpy())

    def _shrink(self, error: RuntimeError, gallery: Gallery) -> None:
        gallery.forget()
        if self.batch > 1:
            self.batch //= 2
            _log.warning("memory is short: %d frames at once from now on", self.batch)
        elif self._net is not None:
            _log.warning("the GPU's memory is too small: going on without it")
            self._use(self._net, "cpu")
        else:
            raise WorkError(
                "E-MEMORY", "The memory is too small to paint a frame.", "Close other programs and try again."
            ) from error
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def look(self, picture: Floats, window: Window) -> Maps:
        """See one picture, float32 (size, size, 3), RGB, 0..255."""
        found: Maps = self._fast.look(shown(picture, self.layout), window)
        return found


def shown(picture: Floats, layout: Layout) -> Any:
    """A picture as the network takes it: (1, 6, size, size), BGR, the lower half hidden and then whole."""
    reference = torch.from_numpy(np.ascontiguousarray(picture[..., ::-1])).permute(2, 0, 1) / 255
    nothing = 0.0
    if layout.signed:
        reference, nothing = reference * 2 - 1, -1.0
    hidden = reference.clone()
    end = layout.size - layout.margin
    hidden[:, layout.size // 2 : end, layout.margin : end] = nothing
    return torch.cat([hidden, reference])[None]


class Gallery:
    """The pictures of a portrait, each seen once as long as there is room.

    Args:
        picture: gives the crop of frame n of the portrait, float32 (size, size, 3), RGB, 0..255.
        window: what is painted of it.
    """

    def __init__(self, picture: Callable[[int], Floats], window: Window) -> None:
        self.picture, self.window = picture, window
        self._maps: dict[int, Maps] = {}
        self._bytes = 0

    def maps(self, face: int, painter: Painter) -> Maps:
        """What the network saw in picture ``face``.

        The first pictures are kept: a loop comes back to all alike, and replacing the oldest would replace
        each just before it is needed.
        """
        if face in self._maps:
            return self._maps[face]
        found = painter.look(self.picture(face), self.window)
        if self._bytes + found.bytes <= painter.kept:
            self._maps[face] = found
            self._bytes += found.bytes
        return found

    def quiet(self, face: int, painter: Painter) -> Floats:
        """What the network paints for silence: float32 (rows, columns, 3)."""
        painted: Floats = painter.paint(mel.silence(), [face], self)[0]
        return painted

    def forget(self) -> None:
        """Let go of what was seen."""
        self._maps.clear()
        self._bytes = 0


def _is_memory(error: RuntimeError) -> bool:
    text = str(error)
    return (
        isinstance(error, torch.OutOfMemoryError) or "not enough memory" in text or "allocate memory" in text
    )
