"""Pictures of a video: a poster that stands for it, and a preview that moves. Their frames carry the label,
because they are frames of the video."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np

from presenter import provenance, video
from presenter.exports.source import Source
from presenter.types import Picture

SECONDS = 5.0
"""Length of a preview (s)."""
FPS = 12
"""Pictures a second of a preview, at most: every second, third ... frame is taken."""
WIDTH = 480
"""Width of a preview (pixels)."""


def poster(source: Source, path: Path) -> None:
    """Write a good frame as JPEG or PNG, by the suffix; the label is also in its description."""
    from PIL import Image, PngImagePlugin

    image = Image.fromarray(frame(source))
    if path.suffix == ".png":
        about = PngImagePlugin.PngInfo()
        about.add_itxt("Description", _about(source))
        image.save(path, "PNG", optimize=True, pnginfo=about)
    else:
        image.save(path, "JPEG", quality=90, optimize=True, exif=_exif(source))


def frame(source: Source) -> Picture:
    """The frame that stands for the video, uint8 (H, W, 3) RGB.

    A shot ends with the head at rest, eyes open and mouth closed, and the last shot of a slide shows all of
    its builds: so it is the last frame of the first slide, or of the first shot where there is none.
    """
    pieces = source.record.pieces
    starts = (*source.plan.starts(), source.plan.count)
    shown = [index for index, piece in enumerate(pieces) if piece.slides]
    last = (shown or [index for index, piece in enumerate(pieces) if piece.head is not None] or [0])[0]
    while shown and last + 1 < len(pieces) and pieces[last + 1].shot.slide == pieces[last].shot.slide:
        last += 1
    return next(video.pictures(source.video, starts[last + 1] - 1))


def preview(source: Source, path: Path) -> None:
    """Write the first seconds as an animated WebP or GIF, by the suffix; it begins with the full label."""
    from PIL import Image

    plan = source.plan
    step = math.ceil(plan.fps / FPS)
    size = min(WIDTH, plan.width), round(plan.height * min(WIDTH, plan.width) / plan.width)
    stop = min(plan.count, round(SECONDS * plan.fps))
    images = [
        Image.fromarray(np.ascontiguousarray(picture)).resize(size, Image.Resampling.LANCZOS)
        for index, picture in enumerate(video.pictures(source.video, 0, stop))
        if index % step == 0
    ]
    shared: dict[str, Any] = {
        "save_all": True, "append_images": images[1:], "duration": round(1000 * step / plan.fps), "loop": 0,
    }  # fmt: skip
    if path.suffix == ".gif":
        # One palette for all: with one for each frame, what stands still would flicker.
        palette = _montage(images).quantize(256, dither=Image.Dither.NONE)
        images = [image.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG) for image in images]
        shared |= {"append_images": images[1:], "comment": _about(source).encode(), "disposal": 1}
        images[0].save(path, "GIF", **shared)
    else:
        images[0].save(path, "WEBP", quality=78, method=4, exif=_exif(source), **shared)


def _montage(images: list[Any]) -> Any:
    """A few of the images one below the other: their colours stand for all."""
    from PIL import Image

    chosen = images[:: max(1, len(images) // 6)]
    width, height = chosen[0].size
    sheet = Image.new("RGB", (width, height * len(chosen)))
    for index, image in enumerate(chosen):
        sheet.paste(image, (0, height * index))
    return sheet


def _about(source: Source) -> str:
    return f"{source.record.title}. {provenance.comment(source.language, source.record.restricted)}"


def _exif(source: Source) -> bytes:
    from PIL import Image
    from PIL.ExifTags import Base

    exif = Image.Exif()
    exif[Base.ImageDescription] = _about(source)
    return exif.tobytes()
