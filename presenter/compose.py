"""A shot as frames: head, slide, captions and label put together.

What stands still is drawn once and kept until it changes; for each frame only the head is converted
and blended. A shot is drawn from nothing but what is handed over, so it can be drawn anywhere, in any
order.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import repeat

import cv2
import numpy as np
from numpy.typing import NDArray

from presenter import provenance, typeset
from presenter.layouts import LAYOUTS, head_box, keep_clear, layout, pixels, slide_box
from presenter.planes import Planes, Stencil, Sticker, canvas, mix, paint
from presenter.slides import Theme
from presenter.types import Box, Frames, Layout, Picture, Shot, Span

__all__ = ["LAYOUTS", "VERSION", "draw", "head_box", "keep_clear", "layout", "slide_box"]

VERSION = "2"
"""Raise when the picture changes for equal inputs."""

FADE_SLIDE = 6
"""Frames in which a build of a slide appears."""
FADE_LABEL = 8
"""Frames in which the full label gives way to the corner mark."""
FAINTEST = 0.6
"""Opacity of the label where one gives way to the other: never both, as they share a place, and always
enough to be read."""
CARD_RADIUS = 0.045
"""Rounding of a card's corners, as a share of the picture's shorter side."""


def draw(
    shot: Shot,
    plan_size: tuple[int, int],
    fps: int,
    *,
    head: Frames | None,
    slides: Mapping[int, Picture],
    language: str,
    burned: bool,
    theme: Theme,
) -> Iterator[Planes]:
    """Draw a shot.

    Args:
        plan_size: width and height of the video, even pixels.
        head: the speaking head at the size of the layout's head box; its last picture stays when it
            has fewer frames than the shot. None shows no head.
        slides: for each build that the shot shows, the slide drawn for the slide box; uint8
            (H, W, 3) RGB. May be empty.
        language: BCP 47, of captions and label.
        burned: are captions part of the picture?

    Yields:
        ``shot.count`` pictures as I420 planes, uint8 (H * 3 // 2, W), BT.709 limited range. Each is a
        new array.
    """
    width, height = plan_size
    place = layout(shot.layout, width, height)
    box = head_box(shot.layout, width, height)
    painter = _Painter(
        _Stage(place, width, height, theme, slides),
        _Steps.of(shot, slides),
        _Overlays(shot, place, width, height, fps, language, burned),
        None if box is None or head is None else _Figure.of(box, place, min(width, height)),
    )
    faces = repeat(None) if box is None or head is None else _lasting(head)
    for frame, face in zip(range(shot.count), faces, strict=False):
        yield painter.at(frame, face)


def _lasting(head: Frames) -> Iterator[Picture | None]:
    """The frames of the head, and the last one again and again."""
    face: Picture | None = None
    for face in head:
        yield face
    # The source may reuse its last picture, so it is copied before the source goes on to its end.
    yield from repeat(None if face is None else face.copy())


class _Painter:
    """Puts everything together, and keeps the still part of the picture until it changes."""

    def __init__(self, stage: _Stage, steps: _Steps, overlays: _Overlays, figure: _Figure | None) -> None:
        self._stage = stage
        self._steps = steps
        self._overlays = overlays
        self._figure = figure
        self._still: Planes = np.empty((0, 0), np.uint8)
        self._shown: tuple[object, ...] = ()

    def at(self, frame: int, face: Picture | None) -> Planes:
        """The picture of a frame."""
        above: list[tuple[Sticker, float]] = []
        below: list[tuple[Sticker, float]] = []
        for sticker, opacity in self._overlays.at(frame):
            # What the head cannot cover is part of the still picture.
            (above if _meet(sticker, self._figure) else below).append((sticker, opacity))
        build = self._steps.at(frame)
        shown = (build, *((id(sticker), opacity) for sticker, opacity in below))
        if shown != self._shown:
            self._still, self._shown = self._stage.at(*build).copy(), shown
            if self._figure is not None:
                self._figure.shade(self._still)
            for sticker, opacity in below:
                sticker.paint(self._still, opacity)
        picture = self._still.copy()
        if self._figure is not None and face is not None:
            self._figure.paint(picture, face)
        for sticker, opacity in above:
            sticker.paint(picture, opacity)
        return picture


# --- the slide ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Steps:
    """Which build of the slide is seen when."""

    changes: tuple[tuple[int, int], ...]
    """(first frame, step), sorted; the first begins at frame 0."""

    @classmethod
    def of(cls, shot: Shot, slides: Mapping[int, Picture]) -> _Steps:
        last = max(slides, default=0)
        changes = [(0, min(shot.steps, last))]
        for cue in shot.cues:
            if cue.mark.action == "build":
                changes.append((cue.frame, min(changes[-1][1] + 1, last)))
        return cls(tuple(changes))

    def at(self, frame: int) -> tuple[int, int, float]:
        """Steps between which the picture is, and how far: 1 shows the second alone."""
        before = now = self.changes[0][1]
        since = -FADE_SLIDE
        for first, step in self.changes:
            if first <= frame:
                before, now, since = now, step, first
        share = min(1.0, (frame - since + 1) / FADE_SLIDE)
        return (now, now, 1.0) if share >= 1.0 or before == now else (before, now, share)


class _Stage:
    """Background and slide, converted once for each build."""

    def __init__(self, place: Layout, width: int, height: int, theme: Theme, slides: Mapping[int, Picture]):
        self._slides = slides
        self._box = pixels(place.slide, width, height) if place.slide is not None else None
        self._empty = canvas(np.full((height, width, 3), _colour(theme.background), np.uint8))
        self._kept: dict[int, Planes] = {}

    def at(self, before: int, now: int, share: float) -> Planes:
        if share >= 1.0:
            return self._slide(now)
        return mix(self._slide(before), self._slide(now), share)

    def _slide(self, step: int) -> Planes:
        if step not in self._slides or self._box is None:
            return self._empty
        if step not in self._kept:
            while len(self._kept) >= 2:  # a fade needs two
                del self._kept[min(self._kept)]
            drawn = self._empty.copy()
            paint(drawn, self._slides[step], int(self._box.x0), int(self._box.y0))
            self._kept[step] = drawn
        return self._kept[step]


def _colour(code: str) -> tuple[int, int, int]:
    return int(code[1:3], 16), int(code[3:5], 16), int(code[5:7], 16)


# --- the head -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class _Figure:
    """The head's place, its cut and its shadow."""

    box: Box
    stencil: Stencil | None
    """None where the head fills its box."""
    shadow: Sticker | None
    """With the ring around the head; None where the head fills its box."""

    @classmethod
    def of(cls, box: Box, place: Layout, unit: int) -> _Figure:
        width, height = round(box.width), round(box.height)
        if place.shape == "full":
            return cls(box, None, None)
        radius = width / 2 if place.shape == "circle" else CARD_RADIUS * unit
        mask = _rounded(width, height, radius)
        return cls(box, Stencil.of(mask), _shadow(box, radius, unit))

    def shade(self, target: Planes) -> None:
        if self.shadow is not None:
            self.shadow.paint(target)

    def paint(self, target: Planes, face: Picture) -> None:
        size = round(self.box.width), round(self.box.height)
        if (face.shape[1], face.shape[0]) != size:
            face = np.asarray(cv2.resize(face, size, interpolation=cv2.INTER_AREA), np.uint8)
        if self.stencil is None:
            paint(target, face, int(self.box.x0), int(self.box.y0))
        else:
            self.stencil.paint(target, face, int(self.box.x0), int(self.box.y0))


def _rounded(width: int, height: int, radius: float) -> NDArray[np.uint8]:
    """A mask of a rounded rectangle, smooth at its edge: coverage from the signed distance to it."""
    x = np.abs(np.arange(width) + 0.5 - width / 2) - (width / 2 - radius)
    y = np.abs(np.arange(height) + 0.5 - height / 2) - (height / 2 - radius)
    outside = np.hypot(np.maximum(x, 0)[None], np.maximum(y, 0)[:, None])
    inside = np.minimum(np.maximum(x[None], y[:, None]), 0)
    distance = outside + inside - radius
    return np.asarray(np.clip(0.5 - distance, 0, 1) * 255 + 0.5, np.uint8)


@functools.lru_cache(maxsize=8)
def _shadow(box: Box, radius: float, unit: int) -> Sticker:
    """A soft shadow below the head and a thin light ring around it, as one picture."""
    blur, ring, drop = 0.016 * unit, max(2.0, 0.0052 * unit), 0.007 * unit
    pad = 2 * round(2.5 * blur / 2)
    width, height = round(box.width), round(box.height)
    mask = np.pad(_rounded(width, height, radius), pad)
    moved = np.roll(mask, round(drop), axis=0).astype(np.float32)
    shade = cv2.GaussianBlur(moved, (0, 0), blur) * 0.42
    edge = round(ring)
    light = np.zeros_like(mask)
    light[pad - edge : pad + height + edge, pad - edge : pad + width + edge] = _rounded(
        width + 2 * edge, height + 2 * edge, radius + edge
    )
    cover = light.astype(np.float32) / 255
    alpha = cover * 255 + (1 - cover) * shade
    drawing = np.zeros((*mask.shape, 4), np.uint8)
    # Where the ring is half there, its colour is mixed with the shadow's black by their shares.
    drawing[..., :3] = np.where(alpha > 0, 255 * cover * 255 / np.maximum(alpha, 1e-6), 0)[..., None]
    drawing[..., 3] = np.round(alpha)
    return Sticker.of(drawing, int(box.x0) - pad, int(box.y0) - pad)


# --- captions and label -------------------------------------------------------------------------


class _Overlays:
    """Captions and label of a shot: what lies over the picture at each frame."""

    def __init__(self, shot: Shot, place: Layout, width: int, height: int, fps: int, language: str,
                 burned: bool) -> None:  # fmt: skip
        self._label = shot.label
        self._full, self._corner = _labels(language, width, height)
        self._captions: list[tuple[int, int, Sticker]] = []
        if burned and shot.captions:
            room = pixels(place.captions, width, height)
            stickers = _captions(shot.captions, room, min(width, height), language)
            self._captions = [
                (round(span.start * fps), round(span.end * fps), sticker)
                for span, sticker in zip(shot.captions, stickers, strict=True)
            ]

    def at(self, frame: int) -> list[tuple[Sticker, float]]:
        """Stickers and their opacity, lowest first."""
        found = [(sticker, 1.0) for start, end, sticker in self._captions if start <= frame < end]
        left = self._label - frame
        if left >= FADE_LABEL:
            found.append((self._full, 1.0))
        elif left > 0:
            away = 2 * left / FADE_LABEL - 1  # 1 .. -1: how far from the change between the two
            found.append((self._full if away > 0 else self._corner, max(FAINTEST, abs(away))))
        else:
            found.append((self._corner, 1.0))
        return [(sticker, opacity) for sticker, opacity in found if opacity > 0]


@functools.lru_cache(maxsize=8)
def _labels(language: str, width: int, height: int) -> tuple[Sticker, Sticker]:
    """The full label and the corner mark, both at the upper right edge, in the strip that slides leave."""
    unit = min(width, height)
    margin = 0.024 * unit
    full = _plate([provenance.label_full(language)], 0.0275 * unit, width - 2 * margin, 0.78)
    corner = _plate([provenance.label_corner(language)], 0.0235 * unit, width / 2, 0.62)
    drawings = _plates((full, corner), language)
    stickers = [
        Sticker.of(drawn, round(width - margin - drawn.shape[1]), round(margin)) for drawn in drawings
    ]
    return stickers[0], stickers[1]


def _captions(spans: tuple[Span, ...], room: Box, unit: int, language: str) -> list[Sticker]:
    """A picture for each cue, centred at the bottom of the captions' room."""
    size = 0.042 * unit
    items = [_plate(span.label.split("\n"), size, room.width, 0.74, "medium") for span in spans]
    return [
        Sticker.of(
            drawing,
            round((room.x0 + room.x1 - drawing.shape[1]) / 2),
            max(0, round(room.y1 - drawing.shape[0])),
        )
        for drawing in _plates(tuple(items), language)
    ]


def _plate(lines: list[str], size: float, width: float, opacity: float,
           weight: str = "semibold") -> dict[str, object]:  # fmt: skip
    return {
        "lines": [typeset.clean(line) for line in lines],
        "size": size,
        "width": width,
        "pad-x": 0.62 * size,
        "pad-y": 0.36 * size,
        "radius": 0.4 * size,
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


def _meet(sticker: Sticker, figure: _Figure | None) -> bool:
    """Do they overlap, so that the sticker must be drawn after the head?"""
    if figure is None:
        return False
    box = figure.box
    return (
        sticker.x < box.x1 and sticker.x + sticker.width > box.x0
        and sticker.y < box.y1 and sticker.y + sticker.height > box.y0
    )  # fmt: skip
