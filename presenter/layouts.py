"""Where head, slide, captions and label stand: one set of layouts for wide, square and tall pictures.

All boxes end on even pixels. Sizes follow the shorter side, so that text and margins look alike at
1280 x 720, 1920 x 1080, 1080 x 1920 and 1080 x 1080.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from presenter.errors import InputError
from presenter.slides import STRIP
from presenter.types import Box

WIDE, TALL = 1.2, 0.8
"""Width through height above which a picture is wide, and below which it is tall; else it is square."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things stand; all boxes are shares of the picture (0..1)."""

    name: str
    head: Box | None
    slide: Box | None
    captions: Box
    shape: Literal["full", "card", "circle"] = "full"
    """How the head's picture is cut: the whole box, rounded corners, or a disc."""
    banner: Box | None = None
    """Room of a banner with the presenter's name; it stands at the lower side of it."""


@functools.lru_cache(maxsize=64)
def layout(name: str, width: int, height: int) -> Layout:
    """The layout of that name for a picture of that size, its boxes as shares of the picture.

    Raises:
        InputError: ``E-LAYOUT-NAME`` when there is none.
    """
    if name not in LAYOUTS:
        known = ", ".join(LAYOUTS)
        raise InputError("E-LAYOUT-NAME", f'There is no layout "{name}".', f"Known: {known}.", "layout")
    return LAYOUTS[name](name, width, height)


def pixels(box: Box, width: int, height: int) -> Box:
    """Shares of the picture as whole even pixels."""
    return Box(
        *(2 * round(value * side / 2) for value, side in zip(
            (box.x0, box.y0, box.x1, box.y1), (width, height, width, height), strict=True
        ))
    )  # fmt: skip


def head_box(name: str, width: int, height: int) -> Box | None:
    """Where the head stands (even pixels), or None."""
    box = layout(name, width, height).head
    return None if box is None else pixels(box, width, height)


def slide_box(name: str, width: int, height: int) -> Box | None:
    """Where the slide stands (even pixels), or None."""
    box = layout(name, width, height).slide
    return None if box is None else pixels(box, width, height)


def captions_box(name: str, width: int, height: int) -> Box:
    """The room of burned captions (even pixels); they stand centred at its bottom."""
    return pixels(layout(name, width, height).captions, width, height)


def keep_clear(name: str, width: int, height: int) -> tuple[Box, ...]:
    """What stands on the slide, in pixels of the slide: the label's strip, the captions, the head."""
    slide = slide_box(name, width, height)
    if slide is None:
        return ()
    strip = Box(0, 0, width, 2 * round(STRIP * min(width, height) / 2))
    found = [strip, captions_box(name, width, height), head_box(name, width, height)]
    return tuple(
        Box(box.x0 - slide.x0, box.y0 - slide.y0, box.x1 - slide.x0, box.y1 - slide.y0)
        for box in found
        if box is not None
        and box.x0 < slide.x1 and box.x1 > slide.x0 and box.y0 < slide.y1 and box.y1 > slide.y0
    )  # fmt: skip


# --- the table ----------------------------------------------------------------------------------


def _shares(x0: float, y0: float, x1: float, y1: float, width: int, height: int) -> Box:
    return Box(x0 / width, y0 / height, x1 / width, y1 / height)


def _bottom_captions(x0: float, x1: float, width: int, height: int, lift: float = 0.045) -> Box:
    """Two lines of captions at the bottom between two vertical edges."""
    unit = min(width, height)
    y1 = height - max(lift * height, 0.04 * unit)
    return _shares(x0, y1 - 0.138 * unit, x1, y1, width, height)


def _full(name: str, width: int, height: int) -> Layout:
    margin = 0.06 * min(width, height)
    lift = 0.1 if width / height < TALL else 0.045  # phones draw their buttons over the bottom
    captions = _bottom_captions(margin, width - margin, width, height, lift)
    return Layout(name, Box(0, 0, 1, 1), None, captions, "full")


def _slide_only(name: str, width: int, height: int) -> Layout:
    margin = 0.06 * min(width, height)
    captions = _bottom_captions(margin, width - margin, width, height)
    return Layout(name, None, Box(0, 0, 1, 1), captions)


def _presenter_only(name: str, width: int, height: int) -> Layout:
    """A card with the head before the theme's background, and no slide."""
    unit = min(width, height)
    margin = 0.06 * unit
    captions = _bottom_captions(margin, width - margin, width, height)
    bottom = captions.y0 * height - 0.03 * unit
    wide = min(width - 2 * margin, 1.5 * (bottom - 0.105 * unit))
    head = _shares((width - wide) / 2, 0.105 * unit, (width + wide) / 2, bottom, width, height)
    return Layout(name, head, None, captions, "card")


def _lower_third(name: str, width: int, height: int) -> Layout:
    """The head fills the picture; a banner with the name stands above the captions."""
    plain = _full(name, width, height)
    unit, captions = min(width, height), plain.captions
    bottom = captions.y0 * height - 0.02 * unit
    banner = _shares(0.06 * unit, bottom - 0.16 * unit, width - 0.06 * unit, bottom, width, height)
    return replace(plain, banner=banner)


def _pip_top(name: str, width: int, height: int) -> Layout:
    """A disc in an upper corner, below the label's strip."""
    unit = min(width, height)
    margin = 0.05 * unit
    size = (0.4 if width / height > WIDE else 0.36 if width / height > TALL else 0.46) * unit
    top = 0.108 * unit
    lift = 0.045 if width / height > TALL else 0.06
    captions = _bottom_captions(margin, width - margin, width, height, lift)
    head = _shares(width - margin - size, top, width - margin, top + size, width, height)
    return Layout(
        name, _mirrored(head) if name.endswith("left") else head, Box(0, 0, 1, 1), captions, "circle"
    )


def _pip(name: str, width: int, height: int) -> Layout:
    """A disc in a lower corner; the slide fills the picture and keeps clear of it."""
    unit = min(width, height)
    margin = 0.05 * unit
    if width / height > WIDE:
        size, bottom = 0.4 * unit, height - margin
        captions = _bottom_captions(margin, width - 2 * margin - size, width, height)
    elif width / height > TALL:
        size, bottom = 0.36 * unit, height - 0.21 * unit
        captions = _bottom_captions(margin, width - margin, width, height)
    else:
        size, bottom = 0.52 * unit, height - 0.055 * height
        top = bottom - size - 0.18 * unit
        captions = _shares(margin, top, width - margin, top + 0.14 * unit, width, height)
    head = _shares(width - margin - size, bottom - size, width - margin, bottom, width, height)
    if name == "pip-left":
        head, captions = _mirrored(head), _mirrored(captions)
    return Layout(name, head, Box(0, 0, 1, 1), captions, "circle")


def _mirrored(box: Box) -> Box:
    return Box(1 - box.x1, box.y0, 1 - box.x0, box.y1)


def _side_by_side(name: str, width: int, height: int) -> Layout:
    """Slide left and a card with the head right; one above the other where the picture is tall."""
    unit = min(width, height)
    margin = 0.05 * unit
    if width / height > WIDE:
        edge = 0.64 * width
        head = _shares(edge, 0.1 * unit, width - margin, height - margin, width, height)
        captions = _bottom_captions(margin, edge - margin, width, height)
        return Layout(name, head, Box(0, 0, 1, 1), captions, "card")
    if width / height > TALL:
        edge = 0.6 * width
        captions = _bottom_captions(margin, width - margin, width, height)
        bottom = captions.y0 * height - 0.035 * unit
        head = _shares(edge, 0.105 * unit, width - margin, bottom, width, height)
        return Layout(name, head, Box(0, 0, 1, 1), captions, "card")
    top = 0.59 * height
    head = _shares(margin, top, width - margin, height - 0.045 * height, width, height)
    captions = _shares(margin, top - 0.165 * unit, width - margin, top - 0.025 * unit, width, height)
    return Layout(name, head, Box(0, 0, 1, 1), captions, "card")


LAYOUTS: dict[str, Callable[[str, int, int], Layout]] = {
    "full": _full,
    "presenter-only": _presenter_only,
    "lower-third": _lower_third,
    "pip-right": _pip,
    "pip-left": _pip,
    "pip-top-right": _pip_top,
    "pip-top-left": _pip_top,
    "side-by-side": _side_by_side,
    "slide-only": _slide_only,
}
"""Layouts by name; each makes itself for a width and height."""
