"""What stands still behind the head: background, slide and its builds, and the way from one to another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from presenter.layouts import Layout, pixels
from presenter.planes import Planes, canvas, lay, mix, paint, split
from presenter.themes import rgb
from presenter.types import Box, Picture, Shot

FADE_BUILD = 6
"""Frames in which a build of a slide appears."""


@dataclass(frozen=True, slots=True)
class Steps:
    """Which build of the slide is seen when."""

    changes: tuple[tuple[int, int], ...]
    """(first frame, step), sorted; the first begins at frame 0."""

    @classmethod
    def of(cls, shot: Shot, slides: Mapping[int, Picture]) -> Steps:
        last = max(slides, default=0)
        changes = [(0, min(shot.steps, last))]
        for cue in shot.cues:
            if cue.mark.action == "build":
                changes.append((cue.frame, min(changes[-1][1] + 1, last)))
        return cls(tuple(changes))

    def at(self, frame: int) -> tuple[int, int, float]:
        """Steps between which the picture is, and how far: 1 shows the second alone."""
        before = now = self.changes[0][1]
        since = -FADE_BUILD
        for first, step in self.changes:
            if first <= frame:
                before, now, since = now, step, first
        share = min(1.0, (frame - since + 1) / FADE_BUILD)
        return (now, now, 1.0) if share >= 1.0 or before == now else (before, now, share)


class Stage:
    """Background and slide, converted once for each build."""

    def __init__(self, place: Layout, width: int, height: int, background: str,
                 slides: Mapping[int, Picture]) -> None:  # fmt: skip
        self._slides = slides
        # Where a layout has no slide, its picture is the background.
        self._box = pixels(place.slide or Box(0, 0, 1, 1), width, height)
        self._empty = canvas(np.full((height, width, 3), rgb(background), np.uint8))
        self._kept: dict[int, Planes] = {}

    def at(self, before: int, now: int, share: float) -> Planes:
        """The picture between two builds; not to be written to."""
        if share >= 1.0:
            return self._slide(now)
        return mix(self._slide(before), self._slide(now), share)

    def _slide(self, step: int) -> Planes:
        if step not in self._slides:
            return self._empty
        if step not in self._kept:
            while len(self._kept) >= 2:  # a fade needs two
                del self._kept[min(self._kept)]
            drawn = self._empty.copy()
            paint(drawn, self._slides[step], int(self._box.x0), int(self._box.y0))
            self._kept[step] = drawn
        return self._kept[step]


class Clip:
    """A moving picture on the slide.

    Args:
        frames: I420 planes from the shot's first frame on; the last one stays.
        x, y: where it stands in the picture (even pixels).
    """

    def __init__(self, frames: Iterable[Planes], x: int, y: int) -> None:
        self._frames = iter(frames)
        self._x, self._y = x, y
        self._at = -1
        self._shown: Planes | None = None

    def paint(self, target: Planes, frame: int) -> None:
        """Put the picture of a frame on a canvas; frames are asked for in order."""
        while self._at < frame:
            self._shown = next(self._frames, self._shown)
            self._at += 1
        if self._shown is not None:
            lay(target, self._shown, self._x, self._y)


def between(one: Planes, other: Planes, share: float, push: int) -> Planes:
    """A new canvas on the way from one still picture to another.

    Args:
        share: 0 is the first, 1 the second.
        push: 1 moves the second in from the right, -1 from the left; 0 fades.
    """
    if not push:
        return mix(one, other, share)
    out = np.empty_like(one)
    moved = 2 * round(share * one.shape[1] / 2)
    for index, (target, old, new) in enumerate(zip(split(out), split(one), split(other), strict=True)):
        step = moved // 2 if index else moved
        width = target.shape[1]
        if push > 0:
            target[:, : width - step], target[:, width - step :] = old[:, step:], new[:, :step]
        else:
            target[:, step:], target[:, :step] = old[:, : width - step], new[:, width - step :]
    return out
