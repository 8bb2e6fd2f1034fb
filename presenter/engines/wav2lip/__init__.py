"""Wav2Lip: a network paints the mouth from the sound, on the portrait that the embedded animator keeps alive.

The network hears a fifth of a second and paints the lower half of a face (see ``layouts`` for the paper and
the published variants). Around it this engine does what the published script leaves open: the face is cut
out along its landmarks and seen once, only the part that is pasted is decoded, mouth and jaw are blended in
the picture's own colours and texture, silence shows the portrait's own mouth, and what is in front of the
face stays there. A photo's head, lids and breath are those of ``mesh``, which carries the mouth along.

Modules: ``layouts`` (the networks as tables), ``net`` (as published), ``fast`` (the same, cheaper), ``mel``
(what is heard), ``crop`` (where it looks), ``mask`` (what is taken), ``paste`` (blending), ``gate``
(silence), ``painter`` (device and batches), ``files`` (weights), ``original`` (the published way).
"""

from __future__ import annotations

import functools
import importlib.util
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from presenter import settings
from presenter.engines import load
from presenter.engines.wav2lip import crop, files, gate, mask, mel, paste
from presenter.types import RATE, Arrays, Frames, Picture, Portrait, Speech

SAMPLES = 5
"""Frames of a clip from which the network's error in colour is learnt."""
LOST = 4
"""Frames of a clip over which the mouth becomes the clip's own before a frame that shows no face."""
GALLERIES = 3
"""Portraits whose features are kept: a lesson shows one face at two or three sizes."""

_MESH = "mesh."


class Wav2Lip:
    """An animator on a network of the Wav2Lip family.

    Args:
        device: e.g. ``cuda``; by default a GPU where there is one.
        sharpen: strength of the sharpening of what was painted, 0..1.
        shift: frames by which the network hears later; -1 is how it was trained, 0 how its authors use it.
        original: as published: the detector's box, pasted whole and without blending on a still picture. For
            comparisons.
    """

    def __init__(
        self, *, device: str = "", sharpen: float = paste.SHARPEN, shift: int = 0, original: bool = False
    ) -> None:
        for package in ("torch", "safetensors"):
            if importlib.util.find_spec(package) is None:
                raise ModuleNotFoundError(f"No module named '{package}'", name=package)
        self._file = files.find(settings.current().checkpoints / "wav2lip")
        self._device, self._sharpen, self._shift, self._original = device, sharpen, shift, original
        self._seen: dict[tuple[Any, ...], _Sitter] = {}

    @functools.cached_property
    def _painter(self) -> Any:
        from presenter.engines.wav2lip.painter import Painter

        return Painter(files.load(self._file), self._device)

    def weights(self, language: str = "") -> tuple[Path, ...]:  # noqa: ARG002  (one network for all)
        """The model's file."""
        return (files.find(settings.current().checkpoints / "wav2lip"),)

    def study(self, portrait: Portrait) -> Arrays:
        """Find where the face is in each frame, what of it will be painted, and what is in front of it.

        Args:
            portrait: a photo, or a clip; somebody who speaks in it is painted over.

        Returns:
            ``places`` float64 (N, 2, 3): see ``crop.place``; ``cover`` and ``skin`` uint8: see
            ``mask.study``; ``clear`` uint8 (N, 96, 96): see ``mask.clear``; for a photo also what ``mesh``
            learnt.
        """
        places = [crop.place(face.landmarks) for face in portrait.faces]
        cover, skin = mask.study(portrait.faces[0], places[0])
        frames = zip(portrait.images, portrait.faces, places, strict=True)
        clear = np.stack([mask.clear(image, face, place) for image, face, place in frames])
        found: dict[str, NDArray[Any]] = {
            "places": np.stack(places),
            "cover": cover,
            "skin": skin,
            "clear": clear,
        }
        if len(portrait.images) == 1:
            living = load("animator", "mesh").study(portrait)
            found |= {_MESH + name: array for name, array in living.items()}
        return found

    def animate(self, speech: Speech, portrait: Portrait, studied: Arrays, *, fps: int, seed: int) -> Frames:
        """The portrait saying the speech.

        Args:
            speech: sound and timing of one segment.
            portrait: what ``studied`` was made from.
            studied: the result of ``study``.
            fps: frames a second.
            seed: of the head's movements.

        Returns:
            ``ceil(seconds x fps)`` frames of the portrait's size, painted while they are read; memory does
            not grow with their number. The first and the last show the portrait as it is, and so do frames of
            a clip that show no face.

        Raises:
            SetupError: ``E-MODEL-...`` when the model's file cannot be used.
            WorkError: ``E-MEMORY``.
        """
        count = -(-len(speech.samples) * fps // RATE)
        heard = mel.windows(speech.samples, count, fps, self._shift)
        mesh = load("animator", "mesh")
        order = mesh.order(portrait, count, fps)
        if self._original:
            return self._published(portrait, heard, fps)
        sitter = self._sitter(portrait, studied)
        shares = gate.gate(speech.samples, count, fps) * _seen(portrait)[order]
        painting = _Painting(self._painter, sitter, heard, shares, order)
        if len(portrait.images) > 1:
            return Frames(portrait.width, portrait.height, fps, count, painting.whole)
        region = sitter.patch(0).region
        patches = Frames(*region.size, fps, count, painting.parts)
        living = {
            name.removeprefix(_MESH): array for name, array in studied.items() if name.startswith(_MESH)
        }
        carried: Frames = mesh.carry(patches, (region.x0, region.y0), speech, portrait, living, seed=seed)
        return carried

    def _sitter(self, portrait: Portrait, studied: Arrays) -> _Sitter:
        """The portrait for this network, kept from one speech to the next."""
        arrays = (portrait.images[0], studied["places"], studied["clear"])
        key = (portrait.images.shape, *(zlib.crc32(array.tobytes()) for array in arrays))
        if key not in self._seen:
            while len(self._seen) >= GALLERIES:
                del self._seen[next(iter(self._seen))]
            self._seen[key] = _Sitter(self._painter, portrait, studied, self._sharpen)
        return self._seen[key]

    def _published(self, portrait: Portrait, heard: mel.Windows, fps: int) -> Frames:
        from presenter.engines.wav2lip import original

        return Frames(
            portrait.width, portrait.height, fps, len(heard),
            lambda: original.frames(self._painter, portrait, heard),
        )  # fmt: skip


class _Sitter:
    """A portrait as the network sees it: where it is painted, in which colours, and what was seen of it."""

    def __init__(self, painter: Any, portrait: Portrait, studied: Arrays, sharpen: float) -> None:
        from presenter.engines.wav2lip.painter import Gallery

        self.portrait = portrait
        self._sharpen = sharpen
        self._places = np.asarray(studied["places"], np.float64)
        names = ("cover", "skin", "clear")
        self._cover, self._skin, self._clear = (np.asarray(studied[name], np.uint8) for name in names)
        self._frame = paste.Frame(paste.window_of(self._cover, painter.size), painter.size)
        self.gallery = Gallery(self._crop, self._frame.window)
        count = len(portrait.images)
        shown = np.flatnonzero(_seen(portrait))
        errors = []
        for frame in np.unique(shown[np.linspace(0, len(shown) - 1, min(SAMPLES, len(shown))).astype(int)]):
            quiet = self.gallery.quiet(int(frame), painter)
            difference = self._inner(frame) - quiet
            errors.append(paste.error(difference, self._skin, self._clear[frame], self._frame))
        self._tone = np.asarray(np.mean(errors, axis=0), np.float32)
        self._photo = self._patch(0, quiet) if count == 1 else None

    def _crop(self, frame: int) -> NDArray[np.float32]:
        return crop.cut_out(self.portrait.images[frame], self._places[frame], self._frame.size)

    def _inner(self, frame: int) -> NDArray[np.float32]:
        window = self._frame.window
        return self._crop(frame)[window.top : window.bottom, window.left : window.right]

    def patch(self, frame: int) -> paste.Patch:
        """The part of a frame of the portrait that is painted."""
        # What the network makes of each frame of a clip at rest would cost as much as painting it.
        return self._photo or self._patch(frame, self._inner(frame) - self._tone)

    def _patch(self, frame: int, rest: NDArray[np.float32]) -> paste.Patch:
        return paste.Patch(
            self.portrait.images[frame], self._places[frame], self._frame, cover=self._cover,
            skin=self._skin, clear=self._clear[frame], tone=self._tone, rest=rest, sharpen=self._sharpen,
        )  # fmt: skip


def _seen(portrait: Portrait) -> NDArray[np.float32]:
    """How much of a painted mouth each frame of the portrait may show: 0 without a face, 1 far from such."""
    missing = np.flatnonzero([face.score == 0 for face in portrait.faces])
    if not len(missing) or len(missing) == len(portrait.faces):
        return np.ones(len(portrait.faces), np.float32)
    away = np.abs(np.arange(len(portrait.faces))[:, None] - missing).min(axis=1)
    return np.asarray(np.minimum(away / LOST, 1), np.float32)


class _Painting:
    """Passes over the frames of a speaking portrait."""

    def __init__(
        self, painter: Any, sitter: _Sitter, heard: mel.Windows, shares: NDArray[np.float32],
        order: NDArray[np.int64],
    ) -> None:  # fmt: skip
        self._painter, self._sitter, self._heard = painter, sitter, heard
        self._shares, self._order = shares, order

    def parts(self) -> Iterator[Picture]:
        """The painted part of each frame of a photo."""
        for _, patch, part in self._each():
            yield part if part is not None else patch.at_rest

    def whole(self) -> Iterator[Picture]:
        """Each frame of a clip."""
        for frame, patch, part in self._each():
            picture = self._sitter.portrait.images[frame].copy()
            if part is not None:
                picture[patch.region.slices] = part
            yield picture

    def _each(self) -> Iterator[tuple[int, paste.Patch, Picture | None]]:
        """The portrait's frame, the patch that fits it, and the patch painted, or None in silence."""
        step = self._painter.batch
        for start in range(0, len(self._heard), step):
            frames = range(start, min(start + step, len(self._heard)))
            speaking = [frame for frame in frames if self._shares[frame] > 0]
            faces = [int(self._order[frame]) for frame in speaking]
            painted: Iterator[Any] = iter(())
            if speaking:
                windows = self._heard.part(speaking)
                painted = iter(self._painter.paint(windows, faces, self._sitter.gallery))
            for frame in frames:
                face, share = int(self._order[frame]), float(self._shares[frame])
                patch = self._sitter.patch(face)
                yield face, patch, patch.draw(next(painted), share) if share > 0 else None
