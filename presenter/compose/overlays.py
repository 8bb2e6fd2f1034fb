"""What lies over the picture: captions, the label, and the banner with the presenter's name."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from presenter import provenance, typeset
from presenter.layouts import Layout, pixels
from presenter.planes import Sticker
from presenter.themes import Theme
from presenter.types import Box, Shot, Span

FADE_LABEL = 8
"""Frames in which the full label gives way to the corner mark."""
FAINTEST = 0.6
"""Opacity of the label where one gives way to the other: never both, as they share a place, and always
enough to be read."""
PLATES = {"dark": ("#10131a", "#ffffff"), "light": ("#ffffff", "#10131a")}
"""Colours of the plates and of the text on them; with their opacity they can be read over any picture."""
MARGIN = 0.024
"""Distance of the label from the edges, as a share of the shorter side."""
BANNER_COMES = 0.5
"""Seconds in which the banner appears, where the layout before had none."""


class Overlays:
    """Captions, label and banner of a shot: what lies over the picture at each frame."""

    def __init__(self, shot: Shot, place: Layout, width: int, height: int, fps: int, *, language: str,
                 burned: bool, theme: Theme, banner: tuple[str, str], comes: bool) -> None:  # fmt: skip
        self._label = shot.label
        self._repeat = round(provenance.LABEL_EVERY * fps)
        self._full, self._corner = label_stickers(language, width, height, theme.label)
        self._captions: list[tuple[int, int, Sticker]] = []
        if burned and shot.captions:
            room = pixels(place.captions, width, height)
            stickers = _captions(shot.captions, room, min(width, height), language)
            self._captions = [
                (round(span.start * fps), round(span.end * fps), sticker)
                for span, sticker in zip(shot.captions, stickers, strict=True)
            ]
        self._banner: Sticker | None = None
        if place.banner is not None and banner[0]:
            room = pixels(place.banner, width, height)
            self._banner = _banner(banner, room, min(width, height), language, theme)
        self._banner_comes = round(BANNER_COMES * fps) if comes else 0

    def at(self, frame: int) -> Iterator[tuple[Sticker, float]]:
        """Stickers and their opacity, lowest first."""
        if self._banner is not None:
            yield self._banner, min(1.0, (frame + 1) / (self._banner_comes + 1))
        for start, end, sticker in self._captions:
            if start <= frame < end:
                yield sticker, 1.0
        left = self._label - frame % self._repeat
        if left >= FADE_LABEL:
            yield self._full, 1.0
        elif left > 0:
            away = 2 * left / FADE_LABEL - 1  # 1 .. -1: how far from the change between the two
            yield self._full if away > 0 else self._corner, max(FAINTEST, abs(away))
        else:
            yield self._corner, 1.0


@functools.lru_cache(maxsize=8)
def label_stickers(language: str, width: int, height: int, style: str) -> tuple[Sticker, Sticker]:
    """The full label and the corner mark, both at the upper right edge, in the strip that slides leave."""
    margin = MARGIN * min(width, height)
    full, corner = (
        Sticker.of(drawn, round(width - margin - drawn.shape[1]), round(margin))
        for drawn in label_plates(language, width, height, style)
    )
    return full, corner


def label_plates(language: str, width: int, height: int, style: str) -> list[typeset.Drawing]:
    """The full label and the corner mark as they are drawn in a picture of that size.

    Args:
        style: one of ``PLATES``.
    """
    unit = min(width, height)
    room = width - 2 * MARGIN * unit
    full = _plate([provenance.label_full(language)], 0.0275 * unit, room, 0.82, PLATES[style])
    return [
        *_plates((full,), language),
        plate(provenance.label_corner(language), language, width, height, style),
    ]


def plate(words: str, language: str, width: int, height: int, style: str) -> typeset.Drawing:
    """Words on a plate like that of the corner mark."""
    item = _plate([words], 0.0235 * min(width, height), width / 2, 0.66, PLATES[style])
    [drawn] = _plates((item,), language)
    return drawn


def _captions(spans: tuple[Span, ...], room: Box, unit: int, language: str) -> list[Sticker]:
    """A picture for each cue, centred at the bottom of the captions' room."""
    size = 0.042 * unit
    items = [
        _plate(span.label.split("\n"), size, room.width, 0.74, PLATES["dark"], "medium") for span in spans
    ]
    return [
        Sticker.of(
            drawing,
            round((room.x0 + room.x1 - drawing.shape[1]) / 2),
            max(0, round(room.y1 - drawing.shape[0])),
        )
        for drawing in _plates(tuple(items), language)
    ]


def _plate(lines: list[str], size: float, width: float, opacity: float, colours: tuple[str, str],
           weight: str = "semibold") -> dict[str, object]:  # fmt: skip
    return {
        "lines": [typeset.clean(line) for line in lines],
        "size": size,
        "width": width,
        "pad-x": 0.62 * size,
        "pad-y": 0.36 * size,
        "radius": 0.4 * size,
        "fill": colours[0],
        "ink": colours[1],
        "opacity": opacity,
        "weight": weight,
        "tracking": 0.0 if weight == "medium" else 0.005,
    }


def _plates(items: tuple[dict[str, object], ...], language: str) -> list[typeset.Drawing]:
    data = {
        "language": typeset.language_of(language),
        "fonts": typeset.families(language, "Inter"),
        "items": items,
    }
    return typeset.render("pill", data)


@functools.lru_cache(maxsize=4)
def _banner(words: tuple[str, str], room: Box, unit: int, language: str, theme: Theme) -> Sticker:
    """Name and role on a plate in the theme's colours, at the lower side of its room."""
    data = {
        "language": typeset.language_of(language),
        "right-to-left": typeset.right_to_left(language),
        "fonts": typeset.families(language, theme.sans),
        "name": typeset.clean(words[0]),
        "role": typeset.clean(words[1]),
        "width": room.width,
        "unit": unit,
        "fill": theme.background,
        "text": theme.heading,
        "muted": theme.muted,
        "accent": theme.accent,
    }
    (drawing,) = typeset.render("banner", data)
    left = room.x1 - drawing.shape[1] if typeset.right_to_left(language) else room.x0
    return Sticker.of(drawing, round(left), round(room.y1 - drawing.shape[0]))
