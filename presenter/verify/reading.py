"""What a file of somebody else holds: read in the child process of ``sandbox``, so everything it needs is
imported here at once and nothing is opened."""

from __future__ import annotations

import encodings.cp437  # noqa: F401  (of names in packages)
import html
import io
import json
import re
import warnings
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

# The child cannot load these later.
import c2pa  # noqa: F401
import cryptography.exceptions
import cryptography.hazmat.backends.openssl.backend
import cryptography.hazmat.primitives.asymmetric.ec
import cryptography.hazmat.primitives.asymmetric.utils
import cryptography.hazmat.primitives.hashes
import cryptography.hazmat.primitives.serialization
import cryptography.x509  # noqa: F401
import cv2
import numpy as np
import numpy.fft
import numpy.ma
import numpy.random
from PIL import Image
from PIL.ExifTags import Base

from presenter import audio, credentials, planes, seals, video
from presenter.errors import InputError
from presenter.types import Arrays
from presenter.verify.kinds import DECK, TEXTS
from presenter.watermark import picture, sound

Image.init()

SECONDS = 600.0
"""Length of sound and picture that is looked at (s)."""
_CLOSE = 90.0
"""Length that is looked at closely where the key frames tell nothing (s)."""
_PIXELS = 40_000_000
_SHOWN, _LONGEST = 5, 1280
"""Pictures in which the label is looked for, and pixels of their longer side."""
_WORDS, _UNPACKED = 1_000_000, 500_000_000
"""Bytes of a text in which the label is looked for, and of a file in a deck."""


def look(data: bytes, *, kind: str, trusted: dict[str, str], certificates: Sequence[str]) -> Arrays:
    """Credentials, watermarks and metadata of a file.

    Args:
        kind: MIME type by ``kind_of``.
        trusted: see ``keys.anchors``.
        certificates: see ``keys.own``.

    Returns:
        ``answer``: JSON as uint8 (N,): credentials, sound, picture (None where there is none to be looked
        at), comment: what stands in words in a text or in metadata. ``luma``: some pictures, see ``Album``.
    """
    answer: dict[str, Any] = {"credentials": None, "sound": None, "picture": None, "comment": ""}
    album = Album()
    if kind in credentials.KINDS.values():
        answer["credentials"] = asdict(credentials.inspect(io.BytesIO(data), kind, trusted))
    if kind in seals.KINDS.values():
        answer["credentials"] = asdict(seals.inspect(data, certificates))
    if kind in TEXTS:
        answer["comment"] = _words(data)
    elif kind == DECK:
        answer |= _deck(data, album)
    elif kind.startswith("image/"):
        image = _image(data, kind)
        luma, blue = _planes(image)
        album.add(luma)
        answer["picture"] = asdict(picture.read([picture.fields(blue)]))
        answer["comment"] = _description(image)
    elif kind.startswith("video/"):
        answer |= _video(data, album)
    else:
        answer |= {"sound": _sound(data), "comment": audio.comment_of(data)}
    return {"answer": np.frombuffer(json.dumps(answer).encode(), np.uint8), "luma": album.luma()}


class Album:
    """A few of many pictures, evenly spread over them, small: what the label is looked for in."""

    def __init__(self) -> None:
        self._kept: list[Any] = []
        self._seen, self._step = 0, 1

    def add(self, luma: Any) -> None:
        """Take the brightness of a picture, uint8 (H, W); all have the same size."""
        if self._seen % self._step == 0:
            share = min(1.0, _LONGEST / max(luma.shape))
            size = [max(1, round(side * share)) for side in luma.shape[::-1]]
            self._kept.append(cv2.resize(luma, size, interpolation=cv2.INTER_AREA))
        self._seen += 1
        if len(self._kept) > 4 * _SHOWN:
            self._kept, self._step = self._kept[::2], 2 * self._step

    def luma(self) -> Any:
        """uint8 (N, H, W)."""
        step = -(-len(self._kept) // _SHOWN) or 1
        shape = self._kept[0].shape if self._kept else (0, 0)
        return np.array([one for one in self._kept[::step] if one.shape == shape], np.uint8)


def _words(data: bytes) -> str:
    """The beginning of a text, without markup."""
    plain = re.sub("<[^<>]{0,500}>", " ", data[:_WORDS].decode("utf-8", "replace"))
    return " ".join(html.unescape(plain).split())


def _deck(data: bytes, album: Album) -> dict[str, Any]:
    """What its properties say, and the marks of the first film in it: also where an office program wrote it
    anew, which keeps films as they are."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            said = _words(_part(package, "docProps/core.xml"))
            films = [name for name in package.namelist() if re.fullmatch(r"ppt/media/.+\.mp4", name)]
            seen = _video(_part(package, films[0]), album) if films else {"comment": ""}
            return seen | {"comment": f"{said} {seen['comment']}"}
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, KeyError) as error:
        raise InputError(
            "E-VERIFY-FILE", "This deck cannot be read.", "Check that it is whole.", "file"
        ) from error


def _part(package: zipfile.ZipFile, name: str) -> bytes:
    """A file of a package; the child's memory is the limit of what it may unpack to."""
    with package.open(name) as part:
        return part.read(_UNPACKED)


def _sound(data: bytes) -> dict[str, Any] | None:
    try:
        wave = audio.read(data, seconds_limit=SECONDS, cut=True)
    except InputError:
        return None  # a silent film, or sound that this cannot decode; the picture may still tell
    return asdict(sound.read([audio.resample(wave)]))


def _video(data: bytes, album: Album) -> dict[str, Any]:
    answer: dict[str, Any] = {"sound": _sound(data), "comment": video.comment_of(data), "picture": None}
    try:
        answer["picture"] = asdict(_film(data, album))
    except InputError:
        if answer["sound"] is None:
            raise
    return answer


def _film(data: bytes, album: Album) -> picture.Found:
    """Key frames first: they are enough where the mark is clear, and cost a fraction of all."""
    found = _read_every(data, 0.0, SECONDS, album)
    return found if found.identities else _read_every(data, 0.2, _CLOSE, Album())


def _read_every(data: bytes, every: float, seconds: float, album: Album) -> picture.Found:
    frames = []
    for frame in video.glances(data, every=every, seconds=seconds):
        luma, blue, _ = planes.split(frame)
        frames.append(picture.fields(blue))
        album.add(luma)
    return picture.read(frames)


def _image(data: bytes, kind: str) -> Any:
    """The first picture in a file, RGB, with what is said about it in ``info``."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            image = Image.open(io.BytesIO(data), formats=[kind.removeprefix("image/").upper()])
            if image.width * image.height > _PIXELS:
                raise ValueError("too large")
            return image.convert("RGB")
        except (OSError, ValueError, SyntaxError, Warning, Image.DecompressionBombError) as error:
            raise InputError(
                "E-VERIFY-FILE", "This picture cannot be read.", "Check that it is whole.", "file"
            ) from error


def _planes(image: Any) -> tuple[Any, Any]:
    """Brightness and blue difference."""
    height, width = image.height // 2 * 2, image.width // 2 * 2
    return planes.planes(np.asarray(image)[:height, :width])[:2]


def _description(image: Any) -> str:
    told = [image.info.get("Description", ""), image.info.get("comment", b"")]
    told.append(image.getexif().get(Base.ImageDescription, ""))
    return " ".join(one.decode("utf-8", "replace") if isinstance(one, bytes) else str(one) for one in told)
