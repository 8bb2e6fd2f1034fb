"""The lips: where they are in the portrait, and where each parameter moves them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from presenter.engines.mesh import tables
from presenter.engines.mesh.geometry import Axes, Floats, Region, follow, sample, smoothstep
from presenter.types import Arrays, Picture
from presenter.visemes import JAW, LOW, LOWER_LIP, PRESS, ROUND, TUCK, UP, UPPER_LIP, WIDE

OPEN = 0.035
"""E between the lips from which a portrait counts as one with an open mouth."""
_WIDEST = 0.60
"""E between the corners beyond which a mouth counts as smiling; it speaks from nearly ``_RELAXED``."""
_RELAXED = 0.57
_POINTS = 61
"""Samples along the line where the lips meet."""


@dataclass(frozen=True, slots=True, eq=False)
class Shift:
    """How far everything is moved, in face units."""

    upper: Floats
    """(22, 2): inner, then outer edge of the upper lip."""
    lower: Floats
    """(22, 2): inner, then outer edge of the lower lip."""
    chin: float
    """Down."""
    corner: tuple[float, float]
    """Of the corners: outwards, and down."""
    gap: float
    """Largest distance between the inner edges, 0 when they touch."""


class Lips:
    """The lips of a portrait in face units.

    Attributes:
        upper_inner, lower_inner, upper_outer, lower_outer: (11, 2), left to right.
        upper_line, lower_line: (n, 2) the inner edges in finer steps, where the picture is cut.
        seam: (11, 2) where the lips meet when the mouth is closed.
        centre, half: x of the middle, and half the width between the corners.
        gap: distance of the lips in the portrait, 0 for a closed mouth.
        chin: y of the tip of the chin.
    """

    def __init__(self, arrays: Arrays) -> None:
        contours: Floats = np.asarray(arrays["lips.contours"], dtype=np.float64)
        self.upper_inner, self.lower_inner, self.upper_outer, self.lower_outer, self.seam = contours
        self.upper_line, self.lower_line = np.asarray(arrays["lips.lines"], dtype=np.float64)
        self.centre, self.half, self.gap, self.chin, self._relax = (float(v) for v in arrays["lips.numbers"])
        self._curves()

    def _curves(self) -> None:
        across = self.seam[:, 0] - self.centre
        # Each side has its own length, and is 1 exactly at its inner corner: a mouth that opens
        # beyond its corner, or not up to it, gets square corners.
        length = np.where(across < 0, -across[0], across[-1])
        part = np.clip(across / np.maximum(length, 1e-6), -1, 1)
        self._bow = 1 - part * part
        self._lens = 0.75 * self._bow + 0.25 * self._bow**1.5
        self._ellipse = self._bow**0.62
        self._thick_upper = np.maximum(self.upper_inner[:, 1] - self.upper_outer[:, 1], 0)
        self._thick_lower = np.maximum(self.lower_outer[:, 1] - self.lower_inner[:, 1], 0)
        # An edge that is bent where the lips touch is smooth where they do not.
        self._parabola = np.polyfit(self.seam[:, 0], self.seam[:, 1], 2)
        smooth = np.polyval(self._parabola, self.seam[:, 0])
        self._level = smooth.mean() - smooth
        self._unbend = (smooth - self.seam[:, 1]) * np.minimum(4 * self._bow, 1)
        self._close_upper = self.seam[:, 1] - self.upper_inner[:, 1]
        self._close_lower = self.seam[:, 1] - self.lower_inner[:, 1]

    def arc(self, x: Floats) -> Floats:
        """Height of the dental arch at each x: half as bent as the seam of the lips, level at the middle."""
        middle = np.polyval(self._parabola, self.centre)
        return np.asarray(0.5 * np.polyval(self._parabola, x) + 0.5 * middle)

    @property
    def is_open(self) -> bool:
        """Whether the portrait shows an open mouth."""
        return self.gap > 0

    def move(self, values: NDArray[Any]) -> Shift:
        """Where the parameters (8,) of ``visemes.NAMES`` move the lips."""
        v = np.asarray(values, dtype=np.float64)
        bow, pressed = self._bow, v[PRESS]
        rounded = v[ROUND] * (1 - pressed)
        width = 1 + 0.13 * v[WIDE] - 0.30 * v[ROUND] - 0.05 * v[JAW] * (1 - v[ROUND]) - 0.03 * pressed
        width *= self._relax
        # Rounded lips part in an ellipse, and a wide open lower lip hangs in a curve, not in a point.
        hole = self._lens + max(0.8 * v[ROUND], 0.3 * v[JAW]) * (self._ellipse - self._lens)
        up, low = UPPER_LIP, LOWER_LIP
        drop = 0.040 * v[JAW] + 0.010 * v[LOW] - 0.008 * v[WIDE]
        straight = 0.7 * v[ROUND] * self._level  # one cannot smile and purse one's lips
        corner = drop * (1 - bow) + straight
        upper = up[UP] * v[UP] * bow**0.8 + bow * (
            up[JAW] * v[JAW] + up[ROUND] * rounded + up[PRESS] * pressed
        )
        lower = hole * (low[JAW] * v[JAW] + low[LOW] * v[LOW]) + bow * (
            low[ROUND] * rounded + low[TUCK] * v[TUCK] + low[PRESS] * pressed
        )
        parted = smoothstep(float((lower - upper).max()), 0.0, 0.08)
        upper = upper + corner + 0.25 * parted * self._unbend
        lower = lower + corner + 0.90 * parted * self._unbend
        thinner = 0.26 * pressed
        heights = (
            self._close_upper + upper,
            0.80 * (self._close_upper + upper)
            + self._thick_upper * (thinner - 0.20 * v[ROUND] + 0.05 * v[TUCK]),
            self._close_lower + lower,
            0.85 * self._close_lower
            + 0.94 * lower
            - self._thick_lower * (thinner - 0.12 * v[ROUND] + 0.25 * v[TUCK]),
        )
        edges = (self.upper_inner, self.upper_outer, self.lower_inner, self.lower_outer)
        moved = [
            np.stack([(width - 1) * share * (edge[:, 0] - self.centre), height], axis=1)
            for edge, height, share in zip(edges, heights, (1, 0.97, 1, 0.97), strict=True)
        ]
        chin = 0.128 * v[JAW] + 0.004 * v[LOW] - 0.006 * pressed - 0.006 * v[TUCK] - 0.25 * self.gap
        gap = max(float((lower - upper).max()), 0.0)
        corner_shift = float((width - 1) * self.half), float(corner[[0, -1]].mean())
        return Shift(np.concatenate(moved[:2]), np.concatenate(moved[2:]), float(chin), corner_shift, gap)


def study(image: Picture, landmarks: NDArray[Any], axes: Axes) -> dict[str, NDArray[Any]]:
    """Find the lips: arrays for ``Lips``."""
    points = axes.to_face(landmarks[:, :2])
    upper, lower = points[list(tables.UPPER_INNER)], points[list(tables.LOWER_INNER)]
    gap = abs(points[14, 1] - points[13, 1])
    if gap <= OPEN:
        gap = 0.0
        lines = np.stack([_seam(image, (upper + lower) / 2, axes)] * 2)
        upper = (upper + lower) / 2
        upper[:, 1] = follow(lines[0], upper[:, 0])
        lower, seam = upper.copy(), upper.copy()
    else:
        across = np.linspace(upper[0, 0], upper[-1, 0], _POINTS)
        lines = np.stack([np.stack([across, follow(edge, across)], axis=1) for edge in (upper, lower)])
        seam = upper + 0.42 * (lower - upper)
        level = np.interp(seam[:, 0], seam[[0, -1], 0], seam[[0, -1], 1])
        seam[:, 1] = 0.75 * seam[:, 1] + 0.25 * level  # less of a smile
    left, right = points[tables.MOUTH_CORNERS[0], 0], points[tables.MOUTH_CORNERS[1], 0]
    width = right - left
    relax = 1.0 if width < _WIDEST else 1 - (1 - _RELAXED / width) * 0.75
    outer = points[list(tables.UPPER_OUTER)], points[list(tables.LOWER_OUTER)]
    return {
        "lips.contours": np.stack([upper, lower, *outer, seam]),
        "lips.lines": lines,
        "lips.numbers": np.array([(left + right) / 2, width / 2, gap, points[tables.CHIN, 1], relax]),
    }


def _seam(image: Picture, guess: Floats, axes: Axes) -> Floats:
    """The dark line where closed lips meet: (61, 2) face units, left to right.

    Landmarks are off by about 0.01 E, and a cut beside the true line shows as doubled lips. So the
    darkest smooth path near the guess is found by dynamic programming, held fast at the corners.
    """
    reach, heights = 0.035, 41
    sharp = max(0.6, axes.unit * 0.004)
    grey = cv2.GaussianBlur(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32), (0, 0), sharp)
    x = np.linspace(guess[0, 0], guess[-1, 0], _POINTS)
    y = follow(guess, x)
    offsets = np.linspace(-reach, reach, heights)
    grid = np.stack([np.repeat(x[:, None], heights, axis=1), y[:, None] + offsets[None]], axis=-1)
    light = sample(grey, axes.to_pixels(grid).astype(np.float32))
    light = (light - light.min(axis=1, keepdims=True)) / (np.ptp(light, axis=1, keepdims=True) + 8)
    from_end = np.minimum(np.arange(_POINTS), np.arange(_POINTS)[::-1]) / (0.18 * _POINTS)
    hold = 0.35 + 3 * np.clip(1 - from_end, 0, 1)
    cost = light + hold[:, None] * (offsets / reach) ** 2
    steps = np.arange(heights)
    bend = 0.04 * np.abs(steps[:, None] - steps[None]) ** 1.5
    total, came = cost[0], np.zeros(cost.shape, dtype=int)
    for i in range(1, _POINTS):
        ways = total[None] + bend
        came[i] = ways.argmin(axis=1)
        total = cost[i] + ways.min(axis=1)
    path = [int(total.argmin())]
    for i in range(_POINTS - 1, 0, -1):
        path.append(int(came[i, path[-1]]))
    found = y + offsets[path[::-1]]
    return np.stack([x, cv2.GaussianBlur(found.reshape(1, -1), (0, 0), 1.5).ravel()], axis=1)


def study_masks(lips: Lips, axes: Axes, region: Region) -> dict[str, NDArray[np.uint8]]:
    """Which pixels of a region of the portrait belong to the upper and the lower layer, 0..255.

    The upper layer ends at the upper lip's inner edge, the lower one begins at the lower lip's. Beyond
    the corners the upper layer is whole and the lower one fades in along a ramp that widens with the
    distance, so that the two join without a crease.
    """
    face = axes.to_face(region.pixels())
    x, y = face[..., 0], face[..., 1]
    pixel = 1 / axes.unit
    beyond = np.maximum(np.maximum(lips.upper_line[0, 0] - x, x - lips.upper_line[-1, 0]), 0)
    row = x.ravel()
    above = y - follow(lips.upper_line, row).reshape(y.shape)
    below = y - follow(lips.lower_line, row).reshape(y.shape)
    lower = smoothstep(below / (1.3 * pixel + 0.9 * beyond), -0.5, 0.5)
    upper = np.maximum(1 - smoothstep(above / (1.3 * pixel), -0.5, 0.5), smoothstep(beyond, 0, 0.012))
    return {
        "mask.upper": np.round(upper * 255).astype(np.uint8),
        "mask.lower": np.round(lower * 255).astype(np.uint8),
    }
