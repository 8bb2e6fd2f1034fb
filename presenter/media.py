"""Pictures, tables and clips that stand beside a lesson, opened for its slides."""

from __future__ import annotations

import functools
import io
from pathlib import Path, PurePosixPath

from presenter.errors import InputError
from presenter.types import Slide

MAX_PICTURE_PIXELS = 50_000_000
MAX_PICTURE_SIDE = 1920
PICTURE_KINDS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")


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
    file = (root / path).resolve()
    if not file.is_relative_to(root):  # a link that leads away
        raise refusal(slide, f'the picture "{path.name}" is outside the lesson\'s folder', hint)
    if not file.is_file():
        raise refusal(slide, f'the picture "{path}" is not there', hint)
    return file


def picture(slide: Slide, name: str, folder: Path | None) -> tuple[bytes, tuple[int, int]]:
    """A picture as PNG, upright, no larger than needed, and its width and height.

    Raises:
        InputError: ``E-SLIDES-PICTURE``.
    """
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
