"""The label by its looks: the plate at the upper right, found again where a file says nothing about itself.

presenter knows how its label is drawn, in every language. The letters on a plate are compared with a picture
by normalised correlation, which does not mind brightness and contrast, so a light plate is a dark one turned
over, and what shines through it matters little. First it is looked for where it stands in a copy of the
whole frame, of whatever size; then, as in the recording of a screen, in the upper part at all sizes.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from presenter import provenance
from presenter.compose import overlays

Luma = NDArray[np.uint8]
"""Brightness of a picture, uint8 (H, W)."""

_UNIT = 1080
"""Shorter side of the picture for which the plates are drawn."""
_NEAR = (0.94, 0.97, 1.0, 1.03, 1.06)
"""Sizes of the label in a copy of the whole frame, relative to the one that it has there."""
_AWAY = tuple(0.98 * 1.045**-step for step in range(30))
"""Its sizes in the recording of a screen: up to a quarter."""
_SMALLEST = 6
"""Pixels of height below which letters cannot be told apart."""
_COARSE = 800
"""Width to which a picture is shrunk, where the mark is looked for everywhere."""
_CANDIDATES = 24
"""So many of the best places of that search are looked at closely."""
CERTAIN = 0.66
"""Correlation from which the label is there at its place."""
CERTAIN_AWAY = 0.8
"""The same where it was looked for everywhere, and chance had many more tries."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of the label."""

    score: float
    """Best correlation, -1..1."""
    language: str
    """In which the best one is written."""
    away: bool
    """Whether it stands elsewhere than in a copy of the whole frame."""

    @property
    def present(self) -> bool:
        """Whether the label is there."""
        return self.score > (CERTAIN_AWAY if self.away else CERTAIN)


def look(frames: Sequence[Luma]) -> Seen | None:
    """Look for the label.

    Args:
        frames: some pictures of a video, all of one size; or a single one.

    Returns:
        The best of what was found; None without a picture.
    """
    if not len(frames):
        return None
    near = max((_near(frame) for frame in frames), key=lambda seen: seen.score)
    if near.present:
        return near
    # What stays the same is what is left in the middle of all values: a label, and no head.
    still = np.median(np.stack(frames), axis=0).astype(np.uint8) if len(frames) > 2 else frames[0]
    away = _away(still)
    return away if away.present else near


def _near(frame: Luma) -> Seen:
    """The best match around the place in which the label stands."""
    height, width = frame.shape
    unit = min(height, width)
    best = Seen(-1.0, "", False)
    for kind in ("corner", "full"):
        for language in provenance.LANGUAGES:
            drawn = _plate(kind, language, round(_UNIT * width / unit))
            for size in _NEAR:
                mark = _sized(drawn, size * unit / _UNIT)
                room = round(0.03 * unit)
                field = frame[: mark.shape[0] + 2 * room, max(0, width - mark.shape[1] - 2 * room) :]
                best = max(best, Seen(_match(field, mark)[0], language, False), key=lambda seen: seen.score)
    return best


def _away(frame: Luma) -> Seen:
    """The best match of the corner mark anywhere in the upper right: coarsely at all sizes and in all
    languages, then finely around the best of these."""
    height, width = frame.shape
    field = np.ascontiguousarray(frame[: round(0.6 * height), round(0.3 * width) :])
    unit, coarse = min(height, width), min(1.0, _COARSE / width)
    small = _sized(field, coarse)
    rows = []
    for language, size in ((language, size) for language in provenance.LANGUAGES for size in _AWAY):
        mark = _sized(_plate("corner", language, _UNIT), size * coarse * unit / _UNIT)
        score, place = _match(small, mark)
        rows.append((score, language, size, place))
    best = Seen(-1.0, "", True)
    for _, language, size, (x, y) in sorted(rows, reverse=True)[:_CANDIDATES]:
        for finer in (0.985, 1.0, 1.015):
            mark = _sized(_plate("corner", language, _UNIT), size * finer * unit / _UNIT)
            top, left = (max(0, round(at / coarse) - 8) for at in (y, x))
            near = field[top : top + mark.shape[0] + 16, left : left + mark.shape[1] + 16]
            best = max(best, Seen(_match(near, mark)[0], language, True), key=lambda seen: seen.score)
    return best


def _match(field: Luma, mark: Luma) -> tuple[float, tuple[int, int]]:
    """Highest correlation of a mark with a field, or with its negative, and where (x, y)."""
    if mark.shape[0] < _SMALLEST or mark.shape[0] > field.shape[0] or mark.shape[1] > field.shape[1]:
        return -1.0, (0, 0)
    found = np.abs(cv2.matchTemplate(field, mark, cv2.TM_CCOEFF_NORMED))
    found[~(found <= 1.0)] = 0.0  # where a field is quite even, there is none
    y, x = np.unravel_index(found.argmax(), found.shape)
    return float(found[y, x]), (int(x), int(y))


def _sized(drawn: Luma, scale: float) -> Luma:
    height, width = (max(1, round(side * scale)) for side in drawn.shape)
    return np.asarray(cv2.resize(drawn, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


@functools.cache
def _plate(kind: str, language: str, width: int) -> Luma:
    """Letters on a plate, without its border, as they are drawn in a picture of that width."""
    full, corner = overlays.label_plates(language, width, _UNIT, "dark")
    drawn = full if kind == "full" else corner
    # Its rounded corners show what lies below.
    inset = round(0.012 * _UNIT / 2)
    alpha = drawn[inset:-inset, inset:-inset, 3:].astype(np.float32) / 255
    mixed = drawn[inset:-inset, inset:-inset, :3] * alpha + 128 * (1 - alpha)
    return np.asarray(mixed.mean(axis=2), np.uint8)
