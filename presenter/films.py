"""Clips before and after a lesson: taken in with limits, fitted to its size, never whole in memory."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from presenter import audio, intake, video, voices
from presenter.errors import InputError
from presenter.store import Artefact, Store, digest_of_file
from presenter.types import RATE, Frames, Picture, Samples, Speech, Timing

VERSION = "1"
"""Raise when a clip's sound or length changes for an equal file."""
SECONDS = 60.0
"""Longest clip (s)."""
SIDE = 3840
"""Longest side (pixels)."""
RATES = (5.0, 120.0)
"""Frames a second."""


@dataclass(frozen=True, slots=True)
class Film:
    """A clip that was taken in."""

    file: Artefact
    """Its copy in the store."""
    sound: Artefact
    """Its sound as a speech without words, exactly as long as its frames."""
    count: int
    """Frames at the lesson's rate."""


def take_in(path: Path, store: Store, fps: int) -> Film:
    """Keep a clip with its sound.

    Raises:
        InputError: ``E-CLIP-FILE``, ``E-VIDEO-LONG``, ``E-VIDEO-SIZE``, ``E-VIDEO-RATE``,
            ``E-VIDEO-BROKEN``, and what ``video.probe`` and ``intake.read`` raise.
    """
    header = look(path)
    sha256 = digest_of_file(path)

    def copy(draft: Path) -> None:
        shutil.copyfile(path, draft)

    file = store.once("film", VERSION, sha256, "clip", copy, sources=[sha256])

    def make(draft: Path) -> None:
        count = _count(file.path, fps)
        if not count:
            raise _refused("E-VIDEO-BROKEN", "The clip holds no picture.", "Export it again.")
        length = count * RATE // fps
        heard = _sound(file.path)[:length] if header.sound else np.zeros(0, np.float32)
        samples = np.pad(heard, (0, length - len(heard)))
        voices.save(Speech("", samples, Timing((), ())), draft)

    sound = store.once("film", VERSION, (sha256, fps), "npz", make, sources=[sha256])
    return Film(file, sound, voices.load_timing(sound.path).samples.shape[0] * fps // RATE)


def look(path: Path) -> video.Probe:
    """Look at a clip's header; raises as ``take_in``."""
    if not path.is_file():
        raise _refused("E-CLIP-FILE", f'There is no clip "{path.name}".', "Check its name.")
    try:
        header = video.probe(path)
    except InputError as error:
        raise _refused(error.code, error.message, error.hint) from error
    if header.seconds > SECONDS:
        raise _refused(
            "E-VIDEO-LONG",
            f"The clip is {header.seconds:.0f} s long; the limit is {SECONDS:.0f}.",
            "Cut it.",
        )
    if max(header.width, header.height) > SIDE:
        raise _refused(
            "E-VIDEO-SIZE", f"The clip is {header.width}x{header.height}; the longest side is {SIDE}.",
            "Save a smaller copy.",
        )  # fmt: skip
    if not RATES[0] <= header.fps <= RATES[1]:
        raise _refused(
            "E-VIDEO-RATE",
            f"The clip has {header.fps:,.0f} frames a second; {RATES[0]:.0f} to {RATES[1]:.0f} are possible.",
            "Export it with 25 or 30.",
        )
    return header


def _refused(code: str, message: str, hint: str) -> InputError:
    return InputError(code, message, hint, "clip")


def _count(path: Path, fps: int) -> int:
    """Frames of a clip at a rate, at most those of ``SECONDS``."""
    try:
        return sum(1 for _ in zip(range(round(SECONDS * fps)), video.steady(path, fps), strict=False))
    except InputError as error:
        raise _refused(error.code, error.message, error.hint) from error


def _sound(path: Path) -> Samples:
    """As loud as the lesson, float32 (N,) at 48 kHz."""
    try:
        samples = audio.resample(intake.read(path, seconds_limit=SECONDS + 1))
    except InputError as error:
        raise _refused(error.code, error.message, error.hint) from error
    return np.concatenate(list(audio.master([samples], audio.LOUDNESS - audio.loudness([samples]))))


def frames(path: Path, width: int, height: int, fps: int, count: int) -> Frames:
    """The clip's pictures in the middle of a black picture of this size; the last one stays where it has
    fewer than ``count``."""

    def source() -> Iterator[Picture]:
        shown = np.zeros((height, width, 3), np.uint8)
        made = 0
        for picture in video.steady(path, fps):
            if made == count:
                return
            shown = _fitted(picture, width, height)
            yield shown
            made += 1
        for _ in range(count - made):
            yield shown

    return Frames(width, height, fps, count, source)


def _fitted(picture: Picture, width: int, height: int) -> Picture:
    scale = min(width / picture.shape[1], height / picture.shape[0])
    inner = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    small = np.asarray(cv2.resize(picture, inner, interpolation=method), np.uint8)
    if inner == (width, height):
        return small
    out = np.zeros((height, width, 3), np.uint8)
    left, top = (width - inner[0]) // 2, (height - inner[1]) // 2
    out[top : top + inner[1], left : left + inner[0]] = small
    return out
