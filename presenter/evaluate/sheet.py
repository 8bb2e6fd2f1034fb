"""Contact sheets: a video at one glance."""

from __future__ import annotations

import math
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from presenter import video as files
from presenter.planes import Planes, split
from presenter.types import Picture

WIDTH = 1920
"""Width of a sheet (pixels)."""
_GAP = 8
_TEXT = 20
"""Height of the times (pixels)."""


def contact_sheet(video: Path, out: Path, columns: int | None = None, rows: int | None = None) -> None:
    """Write evenly spaced frames of a video, with their times, as one picture.

    Args:
        video: any MP4 that ``video.probe`` accepts.
        out: PNG or another type that Pillow writes by the name's ending.
        columns, rows: how many frames; by default thirty, 5 x 6 of wide pictures and 10 x 3 of tall ones.
    """
    header = files.probe(video)
    usual = (10, 3) if header.height > header.width else (5, 6)
    columns, rows = columns or usual[0], rows or usual[1]
    shown, _ = files.times(video)
    count = min(columns * rows, len(shown))
    numbers = [round((index + 0.5) * len(shown) / count - 0.5) for index in range(count)]
    columns = min(columns, count)
    width = (WIDTH - _GAP) // columns - _GAP
    height = round(width * header.height / header.width)
    down = math.ceil(count / columns)
    sheet = Image.new("RGB", (WIDTH, _GAP + down * (height + _TEXT + 2 * _GAP)), (24, 26, 30))
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(_TEXT - 4)
    for index, number in enumerate(numbers):
        x = _GAP + index % columns * (width + _GAP)
        y = _GAP + index // columns * (height + _TEXT + 2 * _GAP)
        frame = next(files.planes(video, number, number + 1))
        picture = cv2.resize(to_rgb(frame), (width, height), interpolation=cv2.INTER_AREA)
        sheet.paste(Image.fromarray(np.asarray(picture, np.uint8)), (x, y))
        draw.text((x + 2, y + height + 2), _clock(float(shown[number])), font=font, fill=(230, 232, 236))
    sheet.save(out)


def to_rgb(planes: Planes) -> Picture:
    """uint8 (H, W, 3) RGB of I420 planes, BT.709 limited range."""
    y, *chroma = split(planes)
    cb, cr = (cv2.resize(plane, y.shape[::-1]).astype(np.float32) - 128 for plane in chroma)
    luma = (y.astype(np.float32) - 16) * (255 / 219)
    # ITU-R BT.709-6, items 3.3 and 3.4, for chroma of -112..112.
    red = luma + 1.5748 * 255 / 224 * cr
    green = luma - (0.1873 * cb + 0.4681 * cr) * 255 / 224
    blue = luma + 1.8556 * 255 / 224 * cb
    return np.clip(np.round(np.stack([red, green, blue], axis=-1)), 0, 255).astype(np.uint8)


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{seconds % 60:05.2f}"
