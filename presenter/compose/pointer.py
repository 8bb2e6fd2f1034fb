"""The highlight on what is pointed at: it appears with a word, glides to the next place, and goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np

from presenter.compose.figure import between, rounded
from presenter.planes import Planes, Sticker
from presenter.themes import rgb
from presenter.types import Box, Shot

GLIDE = 0.4
"""Seconds in which it appears, goes from place to place, or goes away."""
FILL, RING, GLOW = 0.12, 0.95, 0.3
"""Opacities of its inside, its edge and what shines around it."""

Place = tuple[Box, float]
"""Where it is and how opaque."""


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where the highlight of a shot is, frame by frame."""

    changes: tuple[tuple[int, Box | None], ...]
    """(frame, place from then on), sorted; the first begins at frame 0."""
    accent: str
    """``#rrggbb``."""
    unit: int
    """The picture's shorter side (pixels)."""
    glide: int
    """Frames from place to place."""

    @classmethod
    def of(
        cls, shot: Shot, places: Mapping[str, Box], slide: Box | None, accent: str, unit: int, fps: int
    ) -> Pointer:
        """``places`` are pixels of the slide, which stands at ``slide``."""
        pad_x, pad_y = 0.02 * unit, 0.014 * unit

        def place(name: str) -> Box | None:
            box = places.get(name)
            if box is None or slide is None:
                return None
            x, y = slide.x0, slide.y0
            return Box(box.x0 + x - pad_x, box.y0 + y - pad_y, box.x1 + x + pad_x, box.y1 + y + pad_y)

        cues = [cue for cue in shot.cues if cue.mark.action == "point"]
        changes = [(0, place(shot.point)), *((cue.frame, place(cue.mark.argument)) for cue in cues)]
        return cls(tuple(changes), accent, unit, max(1, round(GLIDE * fps)))

    def at(self, frame: int) -> Place | None:
        """Where it is at a frame, or None."""
        before, now, since = None, self.changes[0][1], -self.glide
        for first, box in self.changes[1:]:
            if first <= frame:
                before, now, since = now, box, first
        way = min(1.0, (frame - since + 1) / self.glide)
        share = way * way * (3 - 2 * way)
        if now is None:
            return None if before is None or share >= 1 else (before, 1 - share)
        if before is None:
            return now, share
        return between(before, now, share), 1.0

    def paint(self, target: Planes, place: Place) -> None:
        """Draw it on a canvas."""
        box, opacity = place
        glow, edge = 0.016 * self.unit, max(2.0, 0.0042 * self.unit)
        width, height, pad = round(box.width), round(box.height), round(2 * glow)
        thin = round(edge)
        if min(width, height) <= 2 * thin:
            return
        radius = min(0.018 * self.unit, width / 2, height / 2)
        outer = np.pad(rounded(width, height, radius), pad).astype(np.float32) / 255
        inner = np.pad(rounded(width - 2 * thin, height - 2 * thin, max(1.0, radius - thin)), pad + thin)
        ring = outer - inner.astype(np.float32) / 255
        around = cv2.GaussianBlur(outer, (0, 0), glow) * (1 - outer)
        alpha = np.clip(FILL * outer + (RING - FILL) * ring + GLOW * around, 0, 1)
        drawing = np.empty((*alpha.shape, 4), np.uint8)
        drawing[..., :3] = rgb(self.accent)
        drawing[..., 3] = np.round(alpha * 255)
        Sticker.of(drawing, round(box.x0) - pad, round(box.y0) - pad).paint(target, opacity)
