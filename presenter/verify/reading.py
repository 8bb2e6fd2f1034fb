"""What a file of somebody else holds: read in the child process of ``sandbox``, so everything it needs is
imported here at once and nothing is opened."""

from __future__ import annotations

import io
import json
import warnings
from dataclasses import asdict
from typing import Any

# The child cannot load these later.
import c2pa  # noqa: F401
import numpy as np
import numpy.fft
import numpy.ma
import numpy.random
from PIL import Image

from presenter import audio, credentials, planes, video
from presenter.errors import InputError
from presenter.types import Arrays
from presenter.watermark import picture, sound

Image.init()

SECONDS = 600.0
"""Length of sound and picture that is looked at (s)."""
_CLOSE = 90.0
"""Length that is looked at closely where the key frames tell nothing (s)."""
_PIXELS = 40_000_000


def look(data: bytes, *, kind: str, trusted: dict[str, str]) -> Arrays:
    """Credentials, watermarks and metadata of a file.

    Args:
        kind: MIME type by ``kind_of``.
        trusted: see ``credentials.anchors``.

    Returns:
        ``answer``: JSON as uint8 (N,): credentials, sound, picture (None where there is none to be looked
        at), comment.
    """
    answer: dict[str, Any] = {"credentials": None, "sound": None, "picture": None, "comment": ""}
    if kind in credentials.KINDS.values():
        answer["credentials"] = asdict(credentials.inspect(io.BytesIO(data), kind, trusted))
    if kind.startswith("image/"):
        answer["picture"] = asdict(picture.read([_image(data, kind)]))
    else:
        try:
            wave = audio.read(data, seconds_limit=SECONDS, cut=True)
            answer["sound"] = asdict(sound.read([audio.resample(wave)]))
        except InputError:
            pass  # a silent film, or sound that this cannot decode; the picture may still tell
    if kind.startswith("video/"):
        answer["comment"] = video.comment_of(data)
        try:
            answer["picture"] = asdict(_film(data))
        except InputError:
            if answer["sound"] is None:
                raise
    return {"answer": np.frombuffer(json.dumps(answer).encode(), np.uint8)}


def _film(data: bytes) -> picture.Found:
    """Key frames first: they are enough where the mark is clear, and cost a fraction of all."""
    for every, seconds in ((0.0, SECONDS), (0.2, _CLOSE)):
        frames = [
            picture.fields(planes.split(frame)[1])
            for frame in video.glances(data, every=every, seconds=seconds)
        ]
        found = picture.read(frames)
        if found.identities:
            break
    return found


def _image(data: bytes, kind: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            image = Image.open(io.BytesIO(data), formats=[kind.removeprefix("image/").upper()])
            if image.width * image.height > _PIXELS:
                raise ValueError("too large")
            pixels = np.asarray(image.convert("RGB"))
        except (OSError, ValueError, SyntaxError, Warning, Image.DecompressionBombError) as error:
            raise InputError(
                "E-VERIFY-FILE", "This picture cannot be read.", "Check that it is whole.", "file"
            ) from error
    height, width = pixels.shape[0] // 2 * 2, pixels.shape[1] // 2 * 2
    return picture.fields(planes.planes(pixels[:height, :width])[1])
