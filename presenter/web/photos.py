"""Photos that people bring: taken over from the web framework's folder into our own, by content."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from presenter import faces
from presenter.errors import InputError, WorkError
from presenter.store import digest_of_file


@dataclass(frozen=True, slots=True)
class Photo:
    """An uploaded file, exactly as it came."""

    digest: str
    """sha256 of its bytes."""
    path: Path
    name: str
    """What the person's file is called, for showing only."""


def take(upload: Path, home: Path, name: str = "") -> Photo:
    """Move an upload into ``uploads/`` under ``home`` and leave no copy where it lay.

    Args:
        name: what the person's file is called; by default as the upload is.

    The bytes are not looked at here: whether it is a picture is decided by the checks of faces.

    Raises:
        WorkError: ``E-PHOTO-GONE`` when the upload is not there (any more).
    """
    folder = home / "uploads"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        digest = digest_of_file(upload)
        # A file for each upload: what one person deletes another may still use.
        path = folder / f"{digest}-{secrets.token_hex(4)}{_suffix(Path(name or upload.name))}"
        # On another file system a move is a copy: make it whole before it gets its name.
        draft = folder / f".{digest}-{os.getpid()}"
        shutil.move(upload, draft)
        os.replace(draft, path)
    except FileNotFoundError as error:
        raise WorkError(
            "E-PHOTO-GONE", "The photo did not arrive.", "Choose the file again.", "photo"
        ) from error
    try:
        upload.parent.rmdir()
    except OSError:
        pass  # other uploads lie in the same folder
    return Photo(digest, path, name or upload.name)


def still(photo: Photo, home: Path) -> Photo:
    """The first frame of an animated picture as a photo of its own, without metadata."""
    from PIL import Image

    frame = Image.fromarray(faces.open_picture(photo.path, first_frame=True))
    draft = home / "uploads" / f".{photo.digest}-{os.getpid()}.png"
    frame.save(draft, "PNG", compress_level=1)
    taken = take(draft, home)
    return Photo(taken.digest, taken.path, photo.name)


def is_animated(photo: Photo) -> bool:
    """Whether more than one picture is inside.

    Raises:
        InputError: when the file is no picture that can be used.
    """
    try:
        faces.open_picture(photo.path)
    except InputError as error:
        if error.code == "E-PHOTO-ANIM":
            return True
        raise
    return False


def sweep(folder: Path, seconds: float = 3600.0) -> None:
    """Delete uploads that nobody took over, older than this."""
    for path in folder.rglob("*"):
        if path.is_file() and time.time() - path.stat().st_mtime > seconds:
            path.unlink(missing_ok=True)


def discard(photo: Photo) -> None:
    """Delete the uploaded file."""
    photo.path.unlink(missing_ok=True)


def _suffix(upload: Path) -> str:
    """A harmless suffix, kept because a clip and a photo may be told apart by it."""
    return upload.suffix.lower() if re.fullmatch(r"\.[A-Za-z0-9]{1,5}", upload.suffix) else ""
