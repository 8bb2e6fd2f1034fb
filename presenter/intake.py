"""Recordings of strangers: read into memory up to a limit, decoded where they can do no harm."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from presenter import audio, sandbox
from presenter.errors import InputError
from presenter.types import Arrays, Wave

LARGEST = 256_000_000
"""Bytes of a recording that are read."""


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
