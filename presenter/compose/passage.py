"""The way from what the shot before showed last to what this one shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from presenter.compose.figure import Anchor, Figure, Rest
from presenter.compose.stage import Clip, Stage, between
from presenter.layouts import head_box, layout
from presenter.planes import Planes
from presenter.types import Face, Picture, View

SECONDS = 0.48
"""Length of a passage."""

Transition = Literal["fade", "push", "none"]
TRANSITIONS: tuple[Transition, ...] = ("fade", "push", "none")
"""Ways from one slide or layout to the next."""


@dataclass(frozen=True, slots=True, eq=False)
class Before:
    """What was seen last in the shot before, as far as it stood still."""

    view: View
    slide: Picture | None
    """As it was drawn for that layout; None where there was none."""
    rest: Rest | None
    """The head at rest in that layout, where it is another layout with a head."""
    clip: Clip | None = None
    """What was seen of the slide's clip."""


class Passage:
    """Draws the frames between two pictures.

    Args:
        figure: the head's place now, with ``anchor`` of the face in its picture; None shows no head.
        push: 1 moves a new slide in from the right, -1 from the left; 0 fades.
        count: how many frames it takes.
    """

    def __init__(self, before: Before, size: tuple[int, int], background: str, figure: Figure | None,
                 anchor: Anchor | None, *, moved: bool, push: int, count: int) -> None:  # fmt: skip
        width, height = size
        place = layout(before.view.layout, width, height)
        slides = {} if before.slide is None else {0: before.slide}
        self.count = count
        self._old = Stage(place, width, height, background, slides).at(0, 0, 1.0)
        if before.clip is not None:
            self._old = self._old.copy()
            before.clip.paint(self._old, 0)
        self._figure, self._anchor, self._rest = figure, anchor, before.rest
        self._push = push
        box = head_box(before.view.layout, width, height)
        self._start = None
        if moved and box is not None and before.rest is not None:
            self._start = Figure.of(box, place, min(width, height))
        self._moved = moved

    def at(self, frame: int, still: Planes, face: Picture | None) -> Planes:
        """A new picture of an early frame without what lies over it; ``still`` is the slide now."""
        way = (frame + 1) / (self.count + 1)
        share = way * way * (3 - 2 * way)
        picture = between(self._old, still, share, self._push)
        figure, start, rest = self._figure, self._start, self._rest
        if figure is None or face is None:
            if start is not None and rest is not None:
                start.appear(picture, rest.picture, 1 - share)
        elif not self._moved:
            figure.shade(picture)
            figure.paint(picture, face)
        elif start is not None and rest is not None and self._anchor is not None:
            figure.move(picture, start, rest, face, self._anchor, share)
        else:
            figure.appear(picture, face, share)
        return picture


def anchor_of(face: Face) -> Anchor:
    """The spot of a face that is the same in every crop: between the eyes, and from forehead to chin."""
    points = face.landmarks[:, :2]
    x, y = points[[33, 133, 362, 263]].mean(axis=0)
    length = float(((points[10] - points[152]) ** 2).sum() ** 0.5)
    return float(x) + 0.5, float(y) + 0.5, max(length, 1.0)
