"""The lines of a face: outline, eyelids, lips. The picture and the landmarks are both made from these."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from canvas import Points, mirror, spline
from looks import Look
from scipy.interpolate import CubicSpline, PchipInterpolator

MIDDLE = 512.0
EYE_LINE = 418.0
"""Height of the eyes' corners."""
EYE_INNER, EYE_OUTER = 41.0, 117.0
"""Distance of the eye's corners from the middle of the face."""
NOSE_BASE = 528.0
SEAM = 584.0
"""Height of the middle of the mouth's line."""


def half_width(look: Look, y: np.ndarray) -> np.ndarray:
    """Half width of the face at heights ``y``; 0 above the crown and below the chin."""
    table = [(look.widths[0][0] - 6, 0.0), *look.widths, (look.chin, 0.0)]
    heights, widths = np.array(table).T
    # Squares grow linearly at a round end, so the crown and the chin come out round, not pointed.
    inside = PchipInterpolator(heights, widths**2)(np.clip(y, heights[0], heights[-1]))
    return np.sqrt(np.clip(inside, 0, None))


def face_outline(look: Look) -> Points:
    """Closed outline of the skull and jaw."""
    top, bottom = look.widths[0][0] - 6, look.chin
    turn = np.linspace(0, np.pi, 240)
    y = (top + bottom) / 2 - (bottom - top) / 2 * np.cos(turn)
    width = half_width(look, y)
    right = np.stack([MIDDLE + width, y], 1)
    left = np.stack([MIDDLE - width, y], 1)[::-1]
    return np.vstack([right, left])


@dataclass(frozen=True)
class Eye:
    """The left eye of the picture, corner to corner, outer first; mirror for the right one."""

    upper: Points
    """Edge of the upper lid."""
    lower: Points
    """Edge of the lower lid."""
    centre: tuple[float, float]
    """Middle of the iris."""
    radius: float
    """Of the iris."""


def draw_eye(look: Look) -> Eye:
    """Eyelids of ``look``'s left eye."""
    outer = (MIDDLE - EYE_OUTER, EYE_LINE - look.eye_tilt)
    inner = (MIDDLE - EYE_INNER, EYE_LINE + 1.5 + 2.5 * look.fold)
    top = EYE_LINE - 0.66 * look.eye_opening
    bottom = EYE_LINE + 0.34 * look.eye_opening
    flat = 1.5 * look.fold
    upper = spline(
        [
            outer,
            (MIDDLE - 106, EYE_LINE - 0.42 * look.eye_opening - 0.6 * look.eye_tilt),
            (MIDDLE - 92, top + 1.6 + flat * 0.3),
            (MIDDLE - 76, top),
            (MIDDLE - 60, EYE_LINE - 0.44 * look.eye_opening + flat),
            (MIDDLE - 48.5, EYE_LINE - 0.12 * look.eye_opening + 1.4 * flat),
            inner,
        ]
    )
    lower = spline(
        [
            outer,
            (MIDDLE - 104, EYE_LINE + 0.16 * look.eye_opening - 0.4 * look.eye_tilt),
            (MIDDLE - 87, bottom - 0.4),
            (MIDDLE - 70, bottom - 0.6),
            (MIDDLE - 54, EYE_LINE + 0.20 * look.eye_opening),
            inner,
        ]
    )
    radius = 17.0
    return Eye(upper, lower, (MIDDLE - 78.5, top + 12.6), radius)


@dataclass(frozen=True)
class Mouth:
    """Lines of the closed mouth from the picture's left corner to its right one."""

    top: Points
    """Upper edge of the upper lip."""
    seam: Points
    """Where the lips meet."""
    bottom: Points
    """Lower edge of the lower lip."""


def draw_mouth(look: Look) -> Mouth:
    """Lips of ``look``."""
    half = look.mouth_width / 2
    corner = SEAM - look.smile

    def line(shares: list[tuple[float, float]]) -> Points:
        left = [(MIDDLE - share * half, y) for share, y in shares]
        right = [(MIDDLE + share * half, y) for share, y in reversed(shares) if share > 0]
        nodes = np.array(left + right)
        curve = CubicSpline(nodes[:, 0], nodes[:, 1])
        x = np.linspace(nodes[0, 0], nodes[-1, 0], 161)
        return np.stack([x, curve(x)], 1)

    up, low = look.upper_lip, look.lower_lip
    seam = line(
        [
            (1, corner),
            (0.72, corner + 0.55 * look.smile),
            (0.38, SEAM - 1.8),
            (0.16, SEAM + 0.2),
            (0, SEAM + 1.6),
        ]
    )
    top = line(
        [
            (1, corner),
            (0.72, corner - 0.40 * up + 0.22 * look.smile),
            (0.42, SEAM - 0.86 * up - 1.0),
            (0.19, SEAM - 1.18 * up),
            (0, SEAM - 0.93 * up),
        ]
    )
    bottom = line(
        [
            (1, corner),
            (0.80, corner + 0.36 * low + 0.45 * look.smile),
            (0.48, SEAM + 0.84 * low),
            (0.20, SEAM + low),
            (0, SEAM + 1.02 * low),
        ]
    )
    return Mouth(top, seam, bottom)


def draw_brow(look: Look) -> Points:
    """Middle line of the left brow, from the nose outwards."""
    y, arch = look.brow_height, look.brow_arch
    return spline(
        [
            (MIDDLE - 37, y + 3),
            (MIDDLE - 62, y - 0.45 * arch),
            (MIDDLE - 92, y - arch),
            (MIDDLE - 114, y - 0.55 * arch),
            (MIDDLE - 131, y + 0.75 * arch),
        ]
    )


def both_sides(points: Points) -> tuple[Points, Points]:
    """A line on the left and its mirror image."""
    return points, mirror(points)
