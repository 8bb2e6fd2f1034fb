"""Pictures, tables and clips that stand beside a lesson, opened for its slides."""

from __future__ import annotations

import functools
import io
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import cv2
import numpy as np

from presenter.errors import InputError
from presenter.store import digest_of_file
from presenter.types import Picture, Slide

MAX_PICTURE_PIXELS = 50_000_000
MAX_PICTURE_SIDE = 1920
PICTURE_KINDS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
CLIPS = (".mp4", ".m4v", ".mov", ".webm", ".mkv")
"""Endings of files that move on a slide."""
CLIP_SECONDS = 600
CLIP_SIDES = (3840, 2160)
"""Longest clip, and its longer and shorter side at most (pixels)."""


def called(slide: Slide) -> str:
    """What a slide is called in messages."""
    return f'Slide "{slide.title}"' if slide.title else f"The slide of line {slide.line}"


def refusal(slide: Slide, reason: str, hint: str) -> InputError:
    """Why something on a slide cannot be shown."""
    return InputError("E-SLIDES-PICTURE", f"{called(slide)}: {reason}.", hint, "script")


def find(slide: Slide, name: str, folder: Path | None) -> Path:
    """A file that stands in the lesson's folder, and nowhere else.

    Raises:
        InputError: ``E-SLIDES-PICTURE``.
    """
    hint = "Put the picture beside the lesson and write its file name."
    if "://" in name or name.startswith(("//", "data:")):
        raise refusal(slide, "pictures from the internet are not fetched", hint)
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in name:
        raise refusal(slide, f'the picture "{path.name}" is outside the lesson\'s folder', hint)
    if folder is None:
        raise refusal(slide, f'the picture "{path.name}" cannot be found: this lesson has no folder', hint)
    root = folder.resolve()
    try:
        file = (root / path).resolve()
        there = file.is_file()
    except (OSError, ValueError):  # no file can have such a name
        raise refusal(slide, f'the picture "{path.name[:60]}" is not there', hint) from None
    if not file.is_relative_to(root):  # a link that leads away
        raise refusal(slide, f'the picture "{path.name}" is outside the lesson\'s folder', hint)
    if not there:
        raise refusal(slide, f'the picture "{path}" is not there', hint)
    return file


def digest(file: Path) -> str:
    """sha256 of a file, read again only when it changed: clips are large."""
    status = file.stat()
    return _digest(str(file), status.st_mtime_ns, status.st_size)


@functools.lru_cache(maxsize=256)
def _digest(path: str, changed: int, size: int) -> str:  # noqa: ARG001
    return digest_of_file(Path(path))


def picture(slide: Slide, name: str, folder: Path | None) -> tuple[bytes, tuple[int, int]]:
    """A picture as PNG, upright, no larger than needed, and its width and height; of a clip, its first.

    Raises:
        InputError: ``E-SLIDES-PICTURE``, ``E-SLIDES-CLIP``.
    """
    if is_clip(name):
        return _first(slide, find(slide, name, folder))
    content = find(slide, name, folder).read_bytes()
    try:
        return normalised(content)
    except InputError:
        raise
    except Exception as error:  # Pillow's decoders raise almost anything for a broken file
        shown = PurePosixPath(name).name
        raise refusal(
            slide, f'"{shown}" is not a picture that can be read', "Use PNG, JPEG, WebP or GIF."
        ) from error


@functools.lru_cache(maxsize=8)
def normalised(content: bytes) -> tuple[bytes, tuple[int, int]]:
    """A picture file's content as PNG, upright, no larger than needed, and its width and height.

    Raises:
        InputError: ``E-SLIDES-PICTURE`` when it has too many pixels.
        Exception: what Pillow's decoders raise for a broken file, which is almost anything.
    """
    from PIL import Image, ImageOps

    with Image.open(io.BytesIO(content), formats=PICTURE_KINDS) as image:
        if image.width * image.height > MAX_PICTURE_PIXELS:
            raise InputError(
                "E-SLIDES-PICTURE",
                f"A picture has {image.width * image.height / 1e6:.0f} megapixels; the limit is "
                f"{MAX_PICTURE_PIXELS / 1e6:.0f}.",
                "Save a smaller copy.",
                "script",
            )
        upright = ImageOps.exif_transpose(image).convert("RGBA")
    upright.thumbnail((MAX_PICTURE_SIDE, MAX_PICTURE_SIDE))
    out = io.BytesIO()
    upright.save(out, "PNG", compress_level=1)
    return out.getvalue(), upright.size


# --- clips --------------------------------------------------------------------------------------


def is_clip(name: str) -> bool:
    """Does a file of this name move?"""
    return name.lower().endswith(CLIPS)


def clip_frames(slide: Slide, name: str, folder: Path | None, fps: int) -> int:
    """Frames of a clip at a rate, by its header.

    Raises:
        InputError: ``E-SLIDES-CLIP`` when it is of another kind, too long or too large.
    """
    from presenter import video

    file = find(slide, name, folder)
    try:
        header = video.probe(file)
    except InputError as error:
        raise _refused(slide, f'"{file.name}" cannot be played: {error.message}', error.hint) from error
    if not 0 < header.seconds <= CLIP_SECONDS:
        reason = f'"{file.name}" lasts {header.seconds:.0f} s; the limit is {CLIP_SECONDS} s'
        raise _refused(slide, reason, "Cut it to what is shown.")
    sides = sorted((header.width, header.height), reverse=True)
    if sides[0] > CLIP_SIDES[0] or sides[1] > CLIP_SIDES[1]:
        reason = (
            f'"{file.name}" is {header.width}x{header.height}; the limit is {CLIP_SIDES[0]}x{CLIP_SIDES[1]}'
        )
        raise _refused(slide, reason, "Save a smaller copy.")
    return max(1, round(header.seconds * fps))


def clip(file: Path, width: int, height: int, fps: int) -> Iterator[Picture]:
    """The frames of a clip at an even rate and in a size, one at a time: uint8 (height, width, 3) RGB."""
    from presenter import video

    for number, image in enumerate(video.steady(file, fps)):
        if number >= CLIP_SECONDS * fps:
            return
        yield np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _first(slide: Slide, file: Path) -> tuple[bytes, tuple[int, int]]:
    from presenter import video

    clip_frames(slide, file.name, file.parent, 25)
    try:
        image = next(video.steady(file, 25), None)
    except Exception as error:  # decoders raise almost anything for a broken file
        raise _refused(slide, f'"{file.name}" cannot be played', "Save it as MP4 (H.264).") from error
    if image is None:
        raise _refused(slide, f'"{file.name}" holds no picture', "Save it as MP4 (H.264).")
    height, width = image.shape[:2]
    small = min(1.0, MAX_PICTURE_SIDE / max(width, height))
    size = max(2, round(width * small)), max(2, round(height * small))
    shown = cv2.resize(np.ascontiguousarray(image[..., ::-1]), size, interpolation=cv2.INTER_AREA)
    return cv2.imencode(".png", shown)[1].tobytes(), size


def _refused(slide: Slide, reason: str, hint: str) -> InputError:
    return InputError("E-SLIDES-CLIP", f"{called(slide)}: {reason.rstrip('.')}.", hint, "script")


# --- tables -------------------------------------------------------------------------------------


def table(slide: Slide, name: str, folder: Path | None) -> str:
    """The text of a table in a file.

    Raises:
        InputError: ``E-SLIDES-PICTURE``.
    """
    file = find(slide, name, folder)
    try:
        if file.stat().st_size > 1_000_000:
            raise refusal(
                slide, f'"{file.name}" is too large for a chart', "Keep only the rows that are shown."
            )
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise refusal(slide, f'"{file.name}" is no text in UTF-8', "Save it as CSV in UTF-8.") from error
