"""Pictures of strangers as PNG or JPEG that is safe to open (child process only)."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageOps

from presenter.decks import package
from presenter.types import Arrays

Image.init()  # its decoders are modules, which cannot be loaded later

MOST_PIXELS = 50_000_000
LONGEST_SIDE = 1920
KINDS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")


def picture(data: bytes) -> Arrays:
    """A picture file as ``picture`` (N,) uint8: see ``decoded``.

    Raises:
        InputError: ``E-SLIDES-PICTURE``.
    """
    try:
        return {"picture": np.frombuffer(decoded(data), np.uint8)}
    except MemoryError:
        raise
    except Exception as error:  # Pillow's decoders raise almost anything for a broken file
        message = "A picture cannot be read, or has more than 50 megapixels."
        raise package.refused("PICTURE", message, "Save it as PNG or JPEG.") from error


def decoded(data: bytes, cut: list[float] | None = None) -> bytes:
    """A picture, upright, no larger than a slide shows it: JPEG where it was one, else PNG.

    Args:
        cut: shares of its width and height that are left out at the left, top, right and bottom.
    """
    with Image.open(io.BytesIO(data), formats=KINDS) as image:
        if image.width * image.height > MOST_PIXELS:
            raise ValueError("too large")
        photo = image.format == "JPEG"
        shown = _eight_bits(ImageOps.exif_transpose(image)).convert("RGB" if photo else "RGBA")
    left, top, right, bottom = cut or [0.0] * 4
    edges = (left * shown.width, top * shown.height, (1 - right) * shown.width, (1 - bottom) * shown.height)
    if cut and any(cut) and edges[2] > edges[0] + 1 and edges[3] > edges[1] + 1:
        x0, y0, x1, y1 = (round(edge) for edge in edges)
        shown = shown.crop((x0, y0, x1, y1))
    shown.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    if not photo:
        return png(shown)
    out = io.BytesIO()
    shown.save(out, "JPEG", quality=92)
    return out.getvalue()


def _eight_bits(image: Image.Image) -> Image.Image:
    """Greys of 16 bits, as of scans, in 8: Pillow's own conversion makes nearly all of them white."""
    if not image.mode.startswith("I;16"):
        return image
    return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))


def png(image: Image.Image) -> bytes:
    """A picture as PNG, packed quickly."""
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=2)
    return out.getvalue()
