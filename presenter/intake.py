"""Recordings and films of strangers: read into memory up to a limit, decoded where they can do no harm."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from presenter import audio, planes, sandbox, video
from presenter.errors import InputError
from presenter.types import Arrays, Picture, Wave
from presenter.watermark import picture

LARGEST = 256_000_000
"""Bytes of a recording that are read."""
FILM_SECONDS, FILM_MEMORY = 90.0, 3_000_000_000
"""What decoding a film may take (s, bytes)."""


def read(source: Path | bytes, *, seconds_limit: float) -> Wave:
    """``audio.read`` for a file of somebody else: decoded in a child process with limits (see ``sandbox``).

    Raises:
        InputError: as ``audio.read``; ``E-VOICE-FILE`` where the file cannot be opened, ``E-VOICE-LARGE``
            and ``E-MEDIA-HEAVY`` where it takes more bytes, memory or time than any usual recording.
    """
    data = source if isinstance(source, bytes) else content(source, seconds_limit=seconds_limit)
    try:
        found = sandbox.run("presenter.intake:decode", data, seconds_limit=seconds_limit)
    except InputError as error:
        raise InputError(error.code, error.message, error.hint, "voice") from error
    return Wave(np.asarray(found["samples"], np.float32), int(found["rate"]))


def decode(data: bytes, *, seconds_limit: float) -> Arrays:
    """``audio.read`` as arrays, for the child process: ``samples`` (N,) float32 and ``rate`` () in Hz."""
    wave = audio.read(data, seconds_limit=seconds_limit)
    return {"samples": wave.samples, "rate": np.array(wave.rate)}


def content(path: Path, *, seconds_limit: float) -> bytes:
    """The bytes of a recording of somebody else, not decoded.

    Raises:
        InputError: ``E-VOICE-FILE`` where it cannot be opened, ``E-VOICE-LARGE`` beyond ``LARGEST``,
            ``E-VOICE-LONG`` where so large a file tells in its header how long it is.
    """
    if not path.is_file():  # a pipe or a device would be read for ever
        raise InputError(
            "E-VOICE-FILE", f'There is no file "{path.name}".', "Check its name.", "voice"
        )  # fmt: skip
    try:
        with path.open("rb") as stream:
            data = stream.read(LARGEST + 1)
    except OSError as error:
        raise InputError(
            "E-VOICE-FILE", f'The file "{path.name}" cannot be read ({error.strerror}).',
            "Check its permissions.", "voice",
        ) from error  # fmt: skip
    if len(data) > LARGEST:
        size = path.stat().st_size
        if data[:4] == b"RIFF" and data[12:16] == b"fmt ":
            # What is too large to be read is told by its length in time where the header says how long.
            audio.refuse_long(size / max(1, int.from_bytes(data[28:32], "little")), seconds_limit)
        raise InputError(
            "E-VOICE-LARGE", f"The recording has {size / 1e6:,.0f} MB; the limit is {LARGEST / 1e6:,.0f}.",
            "Export it as FLAC, or cut out a shorter part.", "voice",
        )  # fmt: skip
    return data


# --- films ------------------------------------------------------------------------------------


def frames(content: bytes, *, fps: int, pixels: int, seconds: float) -> NDArray[np.uint8]:
    """The frames of somebody else's film from the moment its sound begins, decoded as in ``read``.

    Args:
        fps: frames a second of the result, whatever the film has.
        pixels: frames of more are shrunk to about so many.
        seconds: what comes later is not looked at.

    Returns:
        uint8 (T, H * 3 // 2, W): I420 canvases.

    Raises:
        InputError: ``E-VIDEO-TYPE``, ``-CODEC``, ``-LARGE``, ``-BROKEN``, ``E-MEDIA-HEAVY``.
    """
    found = _film("decode_frames", content, fps=fps, pixels=pixels, limit=seconds)
    return np.asarray(found["frames"], np.uint8)


def frame(content: bytes, number: int, *, fps: int) -> Picture:
    """One of these frames in its own size, uint8 (H, W, 3) RGB. Raises as ``frames``."""
    return np.asarray(_film("decode_frame", content, fps=fps, number=number)["picture"], np.uint8)


def fields(content: bytes, *, every: float, seconds: float) -> list[NDArray[np.float32]]:
    """What a watermark is read from (see ``watermark.picture``), of a frame each ``every`` seconds.

    Raises as ``frames``.
    """
    found = _film("decode_fields", content, every=every, limit=seconds)["fields"]
    return list(np.asarray(found, np.float32))


def _film(name: str, content: bytes, **arguments: float) -> Arrays:
    try:
        return sandbox.run(
            f"presenter.intake:{name}", content, seconds=FILM_SECONDS, memory=FILM_MEMORY, **arguments
        )
    except InputError as error:
        raise InputError(error.code, error.message, error.hint, "film") from error


def decode_frames(data: bytes, *, fps: int, pixels: int, limit: float) -> Arrays:
    """``frames``, for the child process."""
    found = [
        planes.canvas(one[: one.shape[0] // 2 * 2, : one.shape[1] // 2 * 2])
        for _, one in zip(range(round(limit * fps)), _pictures(data, fps, pixels), strict=False)
    ]
    if not found:
        raise InputError("E-VIDEO-BROKEN", "The film holds no picture.", "Record it again.", "film")
    return {"frames": np.stack(found)}


def decode_frame(data: bytes, *, fps: int, number: int) -> Arrays:
    """``frame``, for the child process."""
    found = next(itertools.islice(_pictures(data, fps), number, None), None)
    if found is None:
        raise InputError("E-VIDEO-BROKEN", "The film ends too early.", "Record it again.", "film")
    return {"picture": found}


def decode_fields(data: bytes, *, every: float, limit: float) -> Arrays:
    """``fields``, for the child process."""
    found = [picture.fields(planes.split(one)[1]) for one in video.glances(data, every=every, seconds=limit)]
    return {"fields": np.array(found, np.float32)}


def _pictures(data: bytes, fps: int, pixels: int = 0) -> Iterator[Picture]:
    header = video.probe(data)
    if header.width * header.height > video.LARGEST_FRAME:
        raise InputError(
            "E-VIDEO-LARGE", f"The film's frames have {header.width}x{header.height} pixels.",
            "Film in 1920x1080 or less.", "film",
        )  # fmt: skip
    return video.steady(data, fps, pixels=pixels)
