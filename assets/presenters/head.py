"""Head and neck: their form as a height field, the colour of the skin, and the light on both."""

from __future__ import annotations

import numpy as np
from anatomy import EYE_LINE, MIDDLE, NOSE_BASE, SEAM, both_sides, draw_mouth, face_outline, half_width
from canvas import Canvas, Plane, Points, smoothstep, spline
from light import KEY, light_skin
from looks import Look
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

PROFILE = (
    (140, 30), (170, 92), (210, 136), (260, 160), (310, 171), (360, 176), (400, 171), (440, 168), (500, 170),
    (545, 174), (585, 178), (615, 174), (640, 175), (665, 170), (685, 150), (705, 118),
)  # fmt: skip
"""Distance of the face's middle line from the plane of the ears, without the nose: (y, z)."""
ROUNDNESS = 2.25
"""Exponent of the head's cross-section: 2 is an ellipse, more is flatter in front."""


def sculpt_head(canvas: Canvas, look: Look) -> Plane:
    """Height of the bare head, in units: skull, sockets, nose, cheeks, mouth, chin."""
    rows = canvas.y[:, 0].astype(np.float64)
    profile = PchipInterpolator(*np.array(PROFILE).T)(np.clip(rows, 140, 705)).astype(np.float32)
    width = np.maximum(half_width(look, rows), 1).astype(np.float32)
    across = np.clip(np.abs(canvas.x - MIDDLE) / width[:, None], 0, 0.992)
    height = profile[:, None] * (1 - across**ROUNDNESS) ** (1 / ROUNDNESS)
    height = canvas.blur(height.astype(np.float32), 2.0)
    height = 0.62 * height + 0.52 * canvas.inflate(canvas.fill(face_outline(look)), 130)
    height += sculpt_brows_and_sockets(canvas, look)
    height += sculpt_cheeks_and_chin(canvas, look)
    height += sculpt_nose(canvas, look)
    height += sculpt_lips(canvas, look)
    if look.age > 0:
        height += sculpt_age(canvas, look)
    return height


def sculpt_brows_and_sockets(canvas: Canvas, look: Look) -> Plane:
    """Brow ridge, hollows of the eyes, and the balls under the lids."""
    form = look.ridge * canvas.pair(74, look.brow_height + 5, 40, 9, 6)
    form += 0.5 * look.ridge * canvas.dab(MIDDLE, look.brow_height + 4, 26, 12)
    depth = 1 - 0.45 * look.fold
    form -= 11 * depth * canvas.pair(80, EYE_LINE - 12, 44, 18)
    form -= 14 * depth * canvas.pair(42, EYE_LINE - 14, 13, 22, 18)
    form += 8.5 * canvas.pair(78, EYE_LINE - 3, 27, 18)
    form -= 2.4 * canvas.pair(72, EYE_LINE + 25, 34, 6, 8)
    form -= 5 * canvas.pair(162, EYE_LINE - 40, 26, 60)
    return form


def sculpt_cheeks_and_chin(canvas: Canvas, look: Look) -> Plane:
    """Cheekbones, the apples of a slight smile, the chin and the dip above it."""
    form = 9 * look.cheek * canvas.pair(112, 486, 42, 30, -24)
    form += 8 * look.cheek * canvas.pair(84, 520, 32, 28)
    form -= 5 * canvas.pair(116, 570, 26, 40, 18)
    form += 10 * canvas.dab(MIDDLE, 575, 58, 40)
    form += 9 * canvas.dab(MIDDLE, 656, 34, 20)
    form -= 6 * canvas.dab(MIDDLE, SEAM + 36, 30, 8)
    folds = both_sides(spline([(467, 516), (453, 534), (443, 556), (441, 574)]))
    for fold in folds:
        form -= (2.2 + 3.0 * look.age) * canvas.ribbon(fold, 9, 4.0)
    return form


def sculpt_nose(canvas: Canvas, look: Look) -> Plane:
    """Bridge, tip, wings and the groove below."""
    length = np.clip((canvas.y - 392) / (NOSE_BASE - 14 - 392), 0, 1.4)
    # The lower edge hangs lowest in the middle and rises to the wings.
    hanging = canvas.y + 7.5 * np.clip(np.abs(canvas.x - MIDDLE) / (20 * look.nose_width), 0, 2) ** 2
    fall = 1 - smoothstep(hanging, NOSE_BASE - 10, NOSE_BASE + 8)
    rise = (7 + 27 * np.clip(length, 0, 1) ** 1.3) * smoothstep(canvas.y, 366, 420)
    spread = (11.5 + 5.5 * np.clip(length, 0, 1)) * (0.55 + 0.45 * look.nose_width)
    ridge = np.exp(-((np.abs(canvas.x - MIDDLE) / spread) ** 2.3) / 2)
    form = look.nose_depth * rise * ridge * fall
    wide = look.nose_width
    form += 13 * look.nose_depth * canvas.dab(MIDDLE, NOSE_BASE - 9, 13 * wide, 9)
    form += 12 * canvas.pair(27 * wide, NOSE_BASE - 9, 8.5 * wide, 9)
    form += 4 * canvas.dab(MIDDLE, NOSE_BASE + 1, 6, 8)
    form -= 2.0 * canvas.dab(MIDDLE, NOSE_BASE + 18, 5, 12)
    form += 1.4 * canvas.pair(10, NOSE_BASE + 20, 4, 13, 6)
    return form


def sculpt_lips(canvas: Canvas, look: Look) -> Plane:
    """Two soft rolls with the seam between them."""
    mouth = draw_mouth(look)
    upper = (mouth.top + mouth.seam) / 2
    lower = (mouth.bottom + mouth.seam) / 2
    form = 5.0 * canvas.ribbon(upper, look.upper_lip * 0.9, look.upper_lip * 0.28)
    form += 9.5 * canvas.ribbon(lower, look.lower_lip * 0.85, look.lower_lip * 0.26)
    form += 3.0 * canvas.dab(MIDDLE, SEAM - 0.6 * look.upper_lip, 8, 5)
    form -= 6.0 * canvas.ribbon(mouth.seam, 4.5, 1.8)
    half = look.mouth_width / 2
    form -= 5.5 * canvas.pair(half + 3, SEAM - look.smile, 7, 8)
    form += 1.6 * canvas.ribbon(mouth.top, 3.0, 1.2)
    return form


def sculpt_age(canvas: Canvas, look: Look) -> Plane:
    """Friendly lines: crow's feet, under the eyes, one or two on the forehead."""
    form = canvas.empty()
    lines = [
        ([(452, 446), (434, 452), (412, 449)], 3.0, 0.9),
        ([(386, 416), (376, 412), (367, 406)], 2.4, 0.7),
        ([(385, 422), (374, 423), (364, 422)], 2.4, 0.8),
        ([(387, 428), (378, 433), (369, 436)], 2.2, 0.6),
    ]
    for points, width, depth in lines:
        for line in both_sides(spline(points)):
            form -= 2.0 * depth * look.age * canvas.ribbon(line, width, 1.1)
    for y in (304, 326):
        line = spline([(446, y + 3), (480, y - 2), (544, y - 2), (578, y + 3)])
        form -= 1.1 * look.age**2 * canvas.ribbon(line, 3.0, 1.4)
    return form


def colour_skin(canvas: Canvas, look: Look) -> NDArray[np.float32]:
    """Skin without light: redder cheeks, nose and chin, yellower forehead, pores, stubble."""
    skin = np.array(look.skin, np.float32)
    albedo = np.broadcast_to(skin, (*canvas.x.shape, 3)).copy()

    def tint(mask: Plane, factors: tuple[float, float, float], amount: float) -> None:
        albedo[...] *= 1 + (np.array(factors, np.float32) - 1) * (amount * mask)[..., None]

    red = (1.03, 0.80, 0.76)
    tint(canvas.pair(102, 512, 40, 30, -16), red, 0.75 * look.blush)
    tint(canvas.dab(MIDDLE, NOSE_BASE - 14, 22, 16), red, 0.45 * look.blush)
    tint(canvas.dab(MIDDLE, 655, 34, 20), red, 0.22 * look.blush)
    tint(canvas.dab(MIDDLE, 290, 120, 60), (1.0, 0.99, 0.95), 0.6)
    tint(canvas.pair(74, EYE_LINE + 19, 34, 9, 6), (0.93, 0.86, 0.90), 0.5 + 0.3 * look.age)
    tint(canvas.pair(82, EYE_LINE - 28, 40, 11), (0.95, 0.86, 0.84), 0.6)
    tint(canvas.pair(30 * look.nose_width, NOSE_BASE - 6, 9, 12), red, 0.4)
    if look.stubble > 0:
        tint(beard(canvas, look), (0.62, 0.64, 0.70), look.stubble)
    pores = 0.5 * canvas.noise(look.seed, 1.6) + 0.5 * canvas.noise(look.seed + 1, 3.5)
    albedo *= (1 + 0.016 * pores)[..., None]
    blotches = canvas.noise(look.seed + 2, 26)[..., None] * np.array((0.004, 0.012, 0.012), np.float32)
    return np.clip(albedo * (1 + blotches), 0, 1)


def beard(canvas: Canvas, look: Look) -> Plane:
    """Where a beard would grow, mottled like a day's stubble."""
    jaw = canvas.fill(
        spline(
            [
                (330, 470), (352, 500), (384, 556), (432, 566), (470, 548), (512, 545), (554, 548),
                (592, 566), (640, 556), (672, 500), (694, 470), (690, 720), (512, 780), (334, 720),
            ],
            closed=True,
        ),
        9,
    )  # fmt: skip
    mouth = draw_mouth(look)
    lips = canvas.fill(np.vstack([mouth.top, mouth.bottom[::-1]]), 3)
    bare = np.clip(canvas.pair(34, SEAM + 34, 16, 9) * 0.5, 0, 1)
    grain = np.clip(0.82 + 0.18 * canvas.noise(look.seed + 5, 1.8), 0, 1.3)
    return jaw * (1 - lips) * (1 - bare) * grain


def skin_shine(canvas: Canvas, look: Look) -> Plane:
    """Where skin is oily: forehead, nose, cheekbones, chin."""
    shine = 0.42 + 0.5 * canvas.dab(MIDDLE, 290, 90, 40) + 0.9 * canvas.dab(MIDDLE, 480, 16, 50)
    shine += 0.5 * canvas.pair(104, 478, 34, 18) + 0.3 * canvas.dab(MIDDLE, 655, 22, 14)
    return shine * (1 + 0.10 * canvas.noise(look.seed + 9, 2.0))


def paint_neck(canvas: Canvas, look: Look) -> None:
    """Neck and the top of the chest, in the shadow of the chin."""
    mask = canvas.fill(neck_outline(look), 0.8)
    x = np.abs(canvas.x - MIDDLE)
    spread = look.neck + 8 + 60 * smoothstep(canvas.y, 730, 830)
    height = 110 * np.sqrt(np.clip(1 - (np.clip(x / spread, 0, 0.99)) ** 2, 0, 1))
    height = canvas.blur(height.astype(np.float32), 5)
    for muscle in both_sides(spline([(MIDDLE - look.neck + 8, 660), (470, 760), (500, 812)])):
        height += 5 * canvas.ribbon(muscle, 16, 6)
    for bone in both_sides(spline([(500, 822), (450, 812), (390, 806)])):
        height += 7 * canvas.ribbon(bone, 14, 6)
    height -= 7 * canvas.dab(MIDDLE, 818, 10, 12)
    face = canvas.fill(face_outline(look))
    moved = np.roll(face, (round(46 * canvas.scale), round(20 * canvas.scale)), (0, 1))
    shadow = np.clip(canvas.blur(moved, 11) * 1.1, 0, 1)
    albedo = colour_skin(canvas, look) * np.array((0.97, 0.94, 0.93), np.float32)
    skin = light_skin(canvas, albedo, height, shadow, 0.35 * np.ones_like(mask))
    contact = (
        np.clip(1.5 * canvas.blur(face, 22), 0, 1) * np.array((0.46, 0.54, 0.56), np.float32)[:, None, None]
    )
    canvas.paint(skin * (1 - np.moveaxis(contact, 0, -1)), mask)


def neck_outline(look: Look) -> Points:
    """Closed outline from behind the jaw down to the chest."""
    half = look.neck
    left = [
        (MIDDLE - half - 2, 560), (MIDDLE - half, 640), (MIDDLE - half - 2, 700), (MIDDLE - half - 8, 736),
        (MIDDLE - half - 24, 772), (MIDDLE - half - 40, 820), (MIDDLE - 110, 900), (MIDDLE - 50, 950),
    ]  # fmt: skip
    right = [(2 * MIDDLE - x, y) for x, y in reversed(left)]
    return spline(left + right, closed=True)


def paint_ears(canvas: Canvas, look: Look) -> None:
    """Both ears; the face is painted over their inner edge."""
    edge = float(half_width(look, np.array([450.0]))[0])
    x = MIDDLE - edge
    shape = spline(
        [
            (x + 10, 408), (x - 8, 398), (x - 21, 408), (x - 25, 436), (x - 20, 466), (x - 14, 490),
            (x - 7, 512), (x + 4, 516), (x + 12, 500),
        ],
        closed=True,
    )  # fmt: skip
    helix = spline([(x + 4, 412), (x - 8, 405), (x - 17, 413), (x - 20, 438), (x - 16, 466), (x - 11, 486)])
    inner = spline([(x + 0, 430), (x - 10, 426), (x - 12, 446), (x - 6, 468), (x + 2, 482)])
    skin = colour_skin(canvas, look) * np.array((1.0, 0.90, 0.87), np.float32)
    for side in range(2):
        outline, rim_line, bowl = (both_sides(part)[side] for part in (shape, helix, inner))
        mask = canvas.fill(outline, 0.9)
        height = 0.8 * canvas.inflate(mask, 12)
        height += 6 * canvas.ribbon(rim_line, 6.5, 1.4) - 8 * canvas.ribbon(bowl, 8, 2.0)
        middle = MIDDLE + (edge if side else -edge)
        height -= 8 * canvas.dab(middle, 464, 6, 13)
        lit = light_skin(canvas, skin, height, canvas.empty(), 0.3 * np.ones_like(mask))
        canvas.paint(lit * 0.90, mask)
        canvas.shade(mask * canvas.ribbon(bowl, 7, 2.0), -0.30, (0.8, 1, 1))
        canvas.shade(mask * canvas.dab(middle, 460, 7, 34), -0.34, (0.8, 1, 1))


def paint_face(canvas: Canvas, look: Look, overhang: Plane) -> None:
    """The face without eyes, brows and colour of the lips; ``overhang`` is the hair over it (mask)."""
    mask = canvas.fill(face_outline(look), 0.8)
    height = sculpt_head(canvas, look)
    shadow = canvas.cast_shadow(height, KEY.direction)
    moved = np.roll(overhang, (round(16 * canvas.scale), round(9 * canvas.scale)), (0, 1))
    under_hair = np.clip(canvas.blur(moved, 7), 0, 1)
    shadow = np.clip(shadow * 0.6 + 0.75 * under_hair, 0, 1)
    skin = light_skin(canvas, colour_skin(canvas, look), height, shadow, skin_shine(canvas, look))
    contact = canvas.blur(overhang, 9)
    canvas.paint(skin * (1 - 0.35 * contact)[..., None], mask)
    paint_nostrils(canvas, look)


def paint_nostrils(canvas: Canvas, look: Look) -> None:
    """Soft dark openings and the crease round the wings."""
    wide = look.nose_width
    dark = np.array(look.skin) * np.array((0.30, 0.17, 0.15))
    nostril = spline(
        [
            (MIDDLE - 24 * wide, NOSE_BASE - 1.5), (MIDDLE - 18 * wide, NOSE_BASE - 5),
            (MIDDLE - 10.5 * wide, NOSE_BASE - 1), (MIDDLE - 8.5 * wide, NOSE_BASE + 2.6),
            (MIDDLE - 16 * wide, NOSE_BASE + 1),
        ],
        closed=True,
    )  # fmt: skip
    wing = spline(
        [
            (MIDDLE - 33 * wide, NOSE_BASE - 20), (MIDDLE - 38.5 * wide, NOSE_BASE - 9),
            (MIDDLE - 34 * wide, NOSE_BASE + 1), (MIDDLE - 24 * wide, NOSE_BASE + 1),
        ],
    )  # fmt: skip
    for hole, crease in zip(both_sides(nostril), both_sides(wing), strict=True):
        canvas.paint(dark, 0.72 * canvas.fill(hole, 1.9))
        canvas.shade(canvas.ribbon(crease, 4.0, 1.8), -0.28, (0.75, 1, 1.05))
