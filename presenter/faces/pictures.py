"""Photos from strangers: recognised by content, measured before they are decoded, turned into RGB.

The header is read by hand because Pillow already allocates, warns or walks through every frame when it
opens a file; a few hundred bytes are enough to refuse a bomb.
"""

from __future__ import annotations

import io
import struct
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, ImageOps

from presenter import settings
from presenter.errors import InputError
from presenter.types import Picture

SMALLEST = 200
"""Least width and height of a photo (pixels)."""
METADATA_LIMIT = 4_000_000
"""Most bytes of EXIF, ICC profile, XMP and text; the largest colour profiles in use have 3 MB."""
FILE_LIMIT = 150_000_000
"""Most bytes of a file; 24 megapixels of 16-bit PNG without any compression."""
BACKGROUND = (236, 238, 240)
"""RGB that shows through transparent pixels."""

_KINDS = "Save it as JPEG, PNG or WebP."


@dataclass(slots=True)
class Header:
    """What the first bytes of a photo say."""

    kind: str
    """Pillow's name of the format."""
    width: int = 0
    height: int = 0
    metadata: int = 0
    """Bytes that are not picture."""
    animated: bool = False


def open_picture(data: bytes | Path, *, first_frame: bool = False) -> Picture:
    """Read a photo.

    EXIF orientation is applied; CMYK, grey, palette and 16-bit pictures and other colour spaces are
    converted to sRGB; transparent pixels get a light grey background. Nothing of the metadata is kept.

    Args:
        data: the file or its bytes: JPEG, PNG, WebP or GIF.
        first_frame: take the first frame of an animated picture.

    Returns:
        uint8 (H, W, 3) RGB.

    Raises:
        InputError: ``E-PHOTO-FILE``, ``-EMPTY``, ``-TYPE``, ``-SIZE``, ``-SMALL``, ``-META``,
            ``-ANIM`` or ``-BROKEN``. Size and metadata are checked before anything is decoded.
    """
    raw = data if isinstance(data, bytes) else _read(data)
    header = read_header(raw)
    _check(header, first_frame)
    try:
        with Image.open(io.BytesIO(raw), formats=[header.kind]) as image:
            if getattr(image, "is_animated", False) and header.kind == "GIF" and not first_frame:
                raise _animated()
            image.seek(0)
            image.load()
            upright = _upright(image)
            return np.ascontiguousarray(_to_rgb(upright), np.uint8)
    except Image.DecompressionBombError as error:
        raise _too_large(header) from error
    except (OSError, SyntaxError, ValueError, TypeError, EOFError, struct.error) as error:
        raise _broken() from error


def read_header(raw: bytes) -> Header:
    """Size, metadata and kind of a photo without decoding it.

    Raises:
        InputError: ``E-PHOTO-EMPTY``, ``E-PHOTO-TYPE`` or ``E-PHOTO-BROKEN``.
    """
    if not raw:
        raise InputError("E-PHOTO-EMPTY", "The photo file is empty.", "Choose the file again.", "photo")
    kind = _kind(raw[:16])
    if kind is None:
        raise InputError("E-PHOTO-TYPE", "This is not a JPEG, PNG or WebP picture.", _KINDS, "photo")
    header = Header(kind)
    try:
        {"JPEG": _walk_jpeg, "PNG": _walk_png, "WEBP": _walk_webp, "GIF": _walk_gif}[kind](raw, header)
    except (struct.error, IndexError) as error:
        raise _broken() from error
    if header.width < 1 or header.height < 1:
        raise _broken()
    return header


def _read(path: Path) -> bytes:
    try:
        if not path.is_file():  # reading a pipe or a device would not end
            raise FileNotFoundError(path.name)
        size = path.stat().st_size
        if size > FILE_LIMIT:
            raise InputError(
                "E-PHOTO-SIZE",
                f"The photo file has {size / 1e6:,.0f} MB; the limit is {FILE_LIMIT / 1e6:.0f}.",
                "Save a smaller copy.",
                "photo",
            )
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            "E-PHOTO-FILE", f'The file "{path.name}" cannot be read.', "Check its name.", "photo"
        ) from error


def _kind(head: bytes) -> str | None:
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[:6] in (b"GIF87a", b"GIF89a"):
        return "GIF"
    return None


def _walk_jpeg(raw: bytes, header: Header) -> None:
    """Segments up to the first scan (ITU-T T.81, annex B)."""
    at = 2
    while at < len(raw):
        at = raw.find(b"\xff", at)  # some writers leave bytes between segments
        if at < 0:
            break
        marker = raw[at + 1]
        if marker in (0x00, 0xFF):  # stuffing and fill bytes
            at += 1
            continue
        (length,) = struct.unpack_from(">H", raw, at + 2)
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            header.height, header.width = struct.unpack_from(">HH", raw, at + 5)
        elif 0xE0 <= marker <= 0xEF or marker == 0xFE:
            header.metadata += length
        elif marker == 0xDA:
            return
        at += 2 + length
    raise _broken()


def _walk_png(raw: bytes, header: Header) -> None:
    """Chunks of the whole file (W3C PNG, third edition); metadata may follow the picture."""
    header.width, header.height = struct.unpack_from(">II", raw, 16)
    at = 8
    while at + 8 <= len(raw):
        length, name = struct.unpack_from(">I4s", raw, at)
        if name == b"acTL":
            header.animated = struct.unpack_from(">I", raw, at + 8)[0] > 1
        elif name in (b"eXIf", b"iCCP", b"tEXt", b"zTXt", b"iTXt"):
            header.metadata += length
        at += 12 + length


def _walk_webp(raw: bytes, header: Header) -> None:
    """Chunks of the whole file (RFC 9649)."""
    at = 12
    while at + 8 <= len(raw):
        name, length = struct.unpack_from("<4sI", raw, at)
        if name == b"VP8X":
            flags, width, height = struct.unpack_from("<I3s3s", raw, at + 8)
            header.animated = bool(flags & 0x02)
            header.width = int.from_bytes(width, "little") + 1
            header.height = int.from_bytes(height, "little") + 1
        elif name == b"VP8 " and not header.width:
            width, height = struct.unpack_from("<HH", raw, at + 14)
            header.width, header.height = width & 0x3FFF, height & 0x3FFF
        elif name == b"VP8L" and not header.width:
            (packed,) = struct.unpack_from("<I", raw, at + 9)
            header.width, header.height = (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
        elif name in (b"EXIF", b"ICCP", b"XMP "):
            header.metadata += length
        at += 8 + length + length % 2


def _walk_gif(raw: bytes, header: Header) -> None:
    header.width, header.height = struct.unpack_from("<HH", raw, 6)


def _check(header: Header, first_frame: bool) -> None:
    limit = settings.current().max_photo_megapixels
    if header.width * header.height > limit * 1e6:
        raise _too_large(header)
    if min(header.width, header.height) < SMALLEST:
        raise InputError(
            "E-PHOTO-SMALL",
            f"The photo is {header.width}x{header.height}; the face needs at least {SMALLEST} pixels across.",
            "Use a larger photo.",
            "photo",
        )
    if header.metadata > METADATA_LIMIT:
        raise InputError(
            "E-PHOTO-META",
            f"The photo carries {header.metadata / 1e6:.1f} MB of metadata; "
            f"the limit is {METADATA_LIMIT / 1e6:.0f}.",
            "Save a copy without metadata.",
            "photo",
        )
    if header.animated and not first_frame:
        raise _animated()


def _too_large(header: Header) -> InputError:
    limit = settings.current().max_photo_megapixels
    return InputError(
        "E-PHOTO-SIZE",
        f"The photo has {header.width * header.height / 1e6:,.0f} megapixels; the limit is {limit:g}.",
        "Save a smaller copy.",
        "photo",
    )


def _animated() -> InputError:
    return InputError(
        "E-PHOTO-ANIM",
        "Animated pictures are not supported; the first frame can be used.",
        "Save the frame that you want as JPEG or PNG.",
        "photo",
    )


def _broken() -> InputError:
    return InputError(
        "E-PHOTO-BROKEN", "The photo is damaged: not all of it can be read.", "Export it again.", "photo"
    )


def _upright(image: Image.Image) -> Image.Image:
    """The picture turned as its EXIF orientation says; damaged EXIF counts as none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ImageOps.exif_transpose(image)
    except Exception:  # Pillow's EXIF reader raises whatever its parsing meets; the pixels are fine
        return image.copy()


def _to_rgb(image: Image.Image) -> Image.Image:
    """Any mode of Pillow as RGB in sRGB."""
    profile = image.info.get("icc_profile")
    if image.mode.startswith("I"):  # 16-bit grey
        wide = np.asarray(image).astype(np.int64)
        image = Image.fromarray((np.clip(wide, 0, 65535) >> 8).astype(np.uint8))
    alpha = None
    if image.mode in ("LA", "PA", "RGBA", "RGBa", "La") or "transparency" in image.info:
        image = image.convert("RGBA")
        alpha = image.getchannel("A")
    if image.mode not in ("RGB", "CMYK", "L"):
        image = image.convert("RGB")
    rgb = _to_srgb(image, profile).convert("RGB")
    if alpha is None:
        return rgb
    ground = Image.new("RGB", rgb.size, BACKGROUND)
    ground.paste(rgb, mask=alpha)
    return ground


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Colours by the embedded ICC profile; a profile that is damaged or of another mode is ignored."""
    if not profile:
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image
    return image if converted is None else converted
