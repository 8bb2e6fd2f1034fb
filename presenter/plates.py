"""Plates: slides that are nothing but a picture, as those of decks. They are shown whole and uncovered.

A plate fills its slide as far as label, head and captions leave room, and the colour of its own edge goes on
around it. The same layout gives every picture of one shape the same place, so nothing jumps from slide to
slide.
"""

from __future__ import annotations

import io

import numpy as np

from presenter import markup
from presenter.themes import rgb
from presenter.types import Box, Picture

NEXT = "+"
"""Alternative text of a picture that takes the place of the one before it at the next build."""
_PLAIN = 0.9
"""Share of the edge that is of one colour (within ``_NEAR`` levels) where it goes on around the plate."""
_NEAR = 10
_GAP = 0.03
"""Room between the plate and what stands beside it or the slide's edge, as a share of the shorter side."""


def builds(page: markup.Page) -> int:
    """How many pictures a plate shows one after another; 0 for a slide that is no plate."""
    if len(page.blocks) != 1 or page.blocks[0]["kind"] != "pictures":
        return 0
    following = [picture["alt"].strip() for picture in page.blocks[0]["pictures"][1:]]
    return 1 + len(following) if all(alt == NEXT for alt in following) else 0


def draw(png: bytes, width: int, height: int, *, background: str, keep_clear: tuple[Box, ...]) -> Picture:
    """A plate drawn for a slide box.

    Args:
        png: the picture.
        width, height: of the slide, in pixels.
        background: ``#rrggbb`` around a picture whose edge has no colour of its own, and behind a
            transparent one.
        keep_clear: pixels of the slide that something else stands on.

    Returns:
        uint8 (height, width, 3) RGB.
    """
    from PIL import Image

    with Image.open(io.BytesIO(png)) as opened:
        image = opened.convert("RGBA")
    paper = Image.new("RGBA", image.size, background)
    image = Image.alpha_composite(paper, image).convert("RGB")
    place = fitted(image.width, image.height, width, height, keep_clear)
    size = max(1, round(place.width)), max(1, round(place.height))
    around = edge_colour(np.asarray(image)) or rgb(background)
    canvas = Image.new("RGB", (width, height), around)
    canvas.paste(image.resize(size, Image.Resampling.LANCZOS), (round(place.x0), round(place.y0)))
    return np.array(canvas)


def fitted(across: int, down: int, width: int, height: int, keep_clear: tuple[Box, ...]) -> Box:
    """The largest place for a picture of ``across`` x ``down`` on a slide, in the middle of its free room.

    Its edges are even pixels, as a clip's have to be. Where nothing is free (a head that fills the slide),
    the whole slide counts.
    """
    best = Box(0, 0, 0, 0)
    for room in _rooms(width, height, keep_clear) or [Box(0, 0, width, height)]:
        factor = min(room.width / across, room.height / down)
        size = across * factor, down * factor
        if size[0] * size[1] > best.width * best.height * 1.001:
            x0, y0 = room.x0 + (room.width - size[0]) / 2, room.y0 + (room.height - size[1]) / 2
            best = Box(x0, y0, x0 + size[0], y0 + size[1])
    return Box(*(2.0 * round(edge / 2) for edge in (best.x0, best.y0, best.x1, best.y1)))


def _rooms(width: int, height: int, keep_clear: tuple[Box, ...]) -> list[Box]:
    """Every rectangle that touches none of ``keep_clear`` and lies between edges of them or of the slide."""
    gap = _GAP * min(width, height)
    edge = gap if keep_clear else 0.0
    taken = [Box(*_widened(box, width, height, gap)) for box in keep_clear]
    xs = sorted({edge, width - edge} | {x for box in taken for x in (box.x0, box.x1)})
    ys = sorted({edge, height - edge} | {y for box in taken for y in (box.y0, box.y1)})
    xs, ys = [x for x in xs if edge <= x <= width - edge], [y for y in ys if edge <= y <= height - edge]
    rooms = [Box(x0, y0, x1, y1) for x0 in xs for x1 in xs if x1 > x0 for y0 in ys for y1 in ys if y1 > y0]
    return [room for room in rooms if not any(_meet(room, box) for box in taken)]


def _widened(box: Box, width: int, height: int, gap: float) -> tuple[float, float, float, float]:
    """With room around it, but not where it spans the slide: a strip needs no room of its own."""
    beside = 0.0 if box.width >= 0.95 * width else gap
    x0, x1 = max(0.0, box.x0 - beside), min(float(width), box.x1 + beside)
    y0, y1 = max(0.0, box.y0 - beside), min(float(height), box.y1 + beside)
    return x0, y0, x1, y1


def _meet(one: Box, other: Box) -> bool:
    return one.x0 < other.x1 and other.x0 < one.x1 and one.y0 < other.y1 and other.y0 < one.y1


def edge_colour(image: Picture) -> tuple[int, int, int] | None:
    """The colour of a picture's outermost pixels, None where they have no colour in common."""
    edge = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]]).astype(int)
    middle = np.median(edge, axis=0)
    alike = (np.abs(edge - middle).max(axis=1) <= _NEAR).mean()
    red, green, blue = (int(value) for value in middle)
    return (red, green, blue) if alike >= _PLAIN else None
