"""A shot as frames: head, slide, captions and label put together.

What stands still is drawn once and kept until it changes; for each frame only the head is converted
and blended. A shot is drawn from nothing but what is handed over, so it can be drawn anywhere, in any
order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import repeat

import numpy as np

from presenter import typeset
from presenter.compose.figure import Anchor, Figure, Rest
from presenter.compose.overlays import Overlays
from presenter.compose.passage import SECONDS, TRANSITIONS, Before, Passage, Transition, anchor_of
from presenter.compose.pointer import Place, Pointer
from presenter.compose.stage import Clip, Stage, Steps
from presenter.layouts import LAYOUTS, captions_box, head_box, keep_clear, layout, slide_box
from presenter.planes import Planes, Sticker
from presenter.themes import Theme
from presenter.types import Box, Frames, Picture, Shot

__all__ = [
    "LAYOUTS",
    "TRANSITIONS",
    "VERSION",
    "Anchor",
    "Before",
    "Clip",
    "Rest",
    "Transition",
    "anchor_of",
    "captions_box",
    "draw",
    "frames_between",
    "head_box",
    "keep_clear",
    "layout",
    "slide_box",
]

VERSION = "4"
"""Raise when the picture changes for equal inputs."""


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
    anchor: Anchor | None = None,
    before: Before | None = None,
    transition: Transition = "fade",
    banner: tuple[str, str] = ("", ""),
    places: Mapping[str, Box] = {},
    clip: Clip | None = None,
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
        anchor: of the face in the head's pictures; without it the head fades in instead of moving.
        before: what the shot before showed last, where that was another slide or layout.
        transition: the way from there.
        banner: name and role of the presenter, for layouts with a banner.
        clip: the clip on the slide.
        places: where on the slide is what the shot points at (pixels of the slide).

    Yields:
        ``shot.count`` pictures as I420 planes, uint8 (H * 3 // 2, W), BT.709 limited range. Each is a
        new array.
    """
    width, height = plan_size
    place = layout(shot.layout, width, height)
    box = head_box(shot.layout, width, height)
    figure = None if box is None or head is None else Figure.of(box, place, min(width, height))
    passage = None
    if before is not None and transition != "none":
        new_slide = before.view.slide != shot.slide
        from_side = -1 if typeset.right_to_left(language) else 1
        passage = Passage(
            before, plan_size, theme.background, figure, anchor,
            moved=before.view.layout != shot.layout,
            push=from_side if transition == "push" and new_slide else 0,
            count=min(round(SECONDS * fps), shot.count),
        )  # fmt: skip
    painter = _Painter(
        Stage(place, width, height, theme.background, slides),
        Steps.of(shot, slides),
        Overlays(
            shot,
            place,
            width,
            height,
            fps,
            language=language,
            burned=burned,
            theme=theme,
            banner=banner,
            comes=passage is not None,
        ),
        figure,
        passage,
        clip,
        Pointer.of(
            shot, places, slide_box(shot.layout, width, height), theme.accent, min(width, height), fps
        ),
    )
    faces = repeat(None) if figure is None or head is None else _lasting(head)
    for frame, face in zip(range(shot.count), faces, strict=False):
        yield painter.at(frame, face)


def frames_between(shot: Shot, fps: int, transition: Transition) -> int:
    """In how many frames at its start a shot is on its way from another layout, with the head elsewhere."""
    before = shot.before
    if before is None or transition == "none" or before.layout == shot.layout:
        return 0
    return min(round(SECONDS * fps), shot.count)


def _lasting(head: Frames) -> Iterator[Picture | None]:
    """The frames of the head, and the last one again and again."""
    face: Picture | None = None
    for face in head:
        yield face
    # The source may reuse its last picture, so it is copied before the source goes on to its end.
    yield from repeat(None if face is None else face.copy())


class _Painter:
    """Puts everything together, and keeps the still part of the picture until it changes."""

    def __init__(self, stage: Stage, steps: Steps, overlays: Overlays, figure: Figure | None,
                 passage: Passage | None, clip: Clip | None, pointer: Pointer) -> None:  # fmt: skip
        self._stage = stage
        self._steps = steps
        self._overlays = overlays
        self._figure = figure
        self._passage = passage
        self._clip = clip
        self._pointer = pointer
        self._still: Planes = np.empty((0, 0), np.uint8)
        self._shown: tuple[object, ...] = ()

    def at(self, frame: int, face: Picture | None) -> Planes:
        """The picture of a frame."""
        if self._passage is not None and frame < self._passage.count:
            return self._between(self._passage, frame, face)
        self._passage = None
        above: list[tuple[Sticker, float]] = []
        below: list[tuple[Sticker, float]] = []
        for sticker, opacity in self._overlays.at(frame):
            # What the head cannot cover is part of the still picture.
            (above if _meet(sticker, self._figure) else below).append((sticker, opacity))
        build, place = self._steps.at(frame), self._pointer.at(frame)
        shown = (build, place, *((id(sticker), opacity) for sticker, opacity in below))
        if shown != self._shown:
            self._still, self._shown = self._slide(build, place), shown
            if self._figure is not None:
                self._figure.shade(self._still)
            for sticker, opacity in below:
                sticker.paint(self._still, opacity)
        picture = self._still.copy()
        if self._clip is not None:
            self._clip.paint(picture, frame)
        if self._figure is not None and face is not None:
            self._figure.paint(picture, face)
        for sticker, opacity in above:
            sticker.paint(picture, opacity)
        return picture

    def _slide(self, build: tuple[int, int, float], place: Place | None) -> Planes:
        """A new canvas with the slide and the highlight on it."""
        still = self._stage.at(*build).copy()
        if place is not None:
            self._pointer.paint(still, place)
        return still

    def _between(self, passage: Passage, frame: int, face: Picture | None) -> Planes:
        still = self._slide(self._steps.at(frame), self._pointer.at(frame))
        if self._clip is not None:
            self._clip.paint(still, frame)
        picture = passage.at(frame, still, face)
        for sticker, opacity in self._overlays.at(frame):
            sticker.paint(picture, opacity)
        return picture


def _meet(sticker: Sticker, figure: Figure | None) -> bool:
    """Do they overlap, so that the sticker must be drawn after the head?"""
    if figure is None:
        return False
    box = figure.box
    return (
        sticker.x < box.x1 and sticker.x + sticker.width > box.x0
        and sticker.y < box.y1 and sticker.y + sticker.height > box.y0
    )  # fmt: skip
