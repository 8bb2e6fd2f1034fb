"""Eyes, brows and lips, painted on the lit face."""

from __future__ import annotations

import numpy as np
from anatomy import EYE_LINE, MIDDLE, SEAM, Eye, draw_brow, draw_eye, draw_mouth
from canvas import Canvas, Colour, Plane, Points, mirror, shift, smoothstep, spline
from looks import Look

SCLERA = (0.90, 0.875, 0.85)
CATCHLIGHT = (1.0, 0.99, 0.96)
GLANCE = (-5.6, -6.4)
"""Where the key lamp shines back from an iris, from its middle, in units."""


def paint_eyes(canvas: Canvas, look: Look) -> None:
    """Both eyes with lids and lashes."""
    eye = draw_eye(look)
    for side in (-1, 1):
        place = (lambda points: points) if side < 0 else mirror
        upper, lower = place(eye.upper), place(eye.lower)
        opening = canvas.fill(np.vstack([upper, lower[::-1]]), 0.5)
        paint_lid_crease(canvas, look, eye, side)
        paint_eyeball(canvas, look, eye, side, opening)
        paint_lower_lid(canvas, look, lower)
        paint_lashes(canvas, look, eye, side)


def paint_lid_crease(canvas: Canvas, look: Look, eye: Eye, side: int) -> None:
    """The fold over the upper lid, the lit plate under it and the bag under the lower lid."""
    rise = np.sin(np.pi * np.linspace(0.02, 0.98, len(eye.upper))) ** 0.5
    crease = eye.upper - np.stack([0.02 * (eye.upper[:, 0] - eye.centre[0]), look.crease * rise + 1.5], 1)
    bag = eye.lower + np.stack([np.zeros(len(eye.lower)), 8.5 * rise], 1)
    if side > 0:
        crease, bag = mirror(crease), mirror(bag)
    warm = (0.75, 1.05, 1.1)
    inside = slice(4, -10)
    canvas.shade(canvas.ribbon(crease[inside], 6.0, 2.6), -0.20, warm)
    canvas.shade(canvas.ribbon(crease[inside], 2.4, 0.8), -0.34, warm)
    canvas.shade(canvas.ribbon(bag[12:-8], 3.2, 1.8), -0.11 - 0.10 * look.age, warm)
    plate = (crease + (eye.upper if side < 0 else mirror(eye.upper))) / 2
    canvas.shade(canvas.ribbon(plate[20:-30], look.crease * 0.55, 2.0), 0.07)


def paint_eyeball(canvas: Canvas, look: Look, eye: Eye, side: int, opening: Plane) -> None:
    """White, iris, pupil, the lid's shadow and the lamp's reflection."""
    x = MIDDLE + side * (MIDDLE - eye.centre[0])
    y = eye.centre[1]
    globe = np.hypot((canvas.x - x) / 46, (canvas.y - y - 2) / 40)
    white = np.array(SCLERA, np.float32) * (1.0 - 0.34 * np.clip(globe, 0, 1.2) ** 2.2)[..., None]
    canvas.paint(white, opening)
    inner_x = MIDDLE + side * 41
    pink = canvas.dab(inner_x + side * 4, EYE_LINE + 2, 5.0, 4.0)
    canvas.paint((0.80, 0.52, 0.47), opening * np.clip(pink * 1.1, 0, 0.9))
    outer_x = MIDDLE + side * 117
    canvas.shade(opening * canvas.dab(outer_x, EYE_LINE, 10, 14), -0.25, (0.8, 1, 1))
    paint_iris(canvas, look, (x, y), eye.radius, opening)
    upper = eye.upper if side < 0 else mirror(eye.upper)
    lid_shadow = canvas.ribbon(shift(upper, 0, 2.5), 11.0, 2.6)
    canvas.shade(opening * np.clip(lid_shadow, 0, 1), -0.52, (0.92, 1, 1))
    paint_reflections(canvas, (x, y), opening)


def paint_iris(
    canvas: Canvas, look: Look, centre: tuple[float, float], radius: float, opening: Plane
) -> None:
    """Fibres, the dark ring round them, the bright lower half and the pupil."""
    dx, dy = canvas.x - centre[0], canvas.y - centre[1]
    distance = np.hypot(dx, dy)
    angle = np.arctan2(dy, dx)
    share = distance / radius
    disc = opening * np.clip((radius - distance) / 1.0 + 0.5, 0, 1)
    rng = np.random.default_rng(look.seed)
    fibres = sum(
        np.sin(angle * count + phase + share * twist) / rank
        for rank, (count, phase, twist) in enumerate(
            zip((19, 31, 47, 73), rng.uniform(0, 6.3, 4), rng.uniform(-3, 3, 4), strict=True), 1
        )
    )
    glow = 0.72 + 0.10 * fibres * smoothstep(share, 0.35, 0.6)
    glow = glow + 0.55 * np.clip((dy + 0.35 * dx) / radius + 0.05, 0, 1) * smoothstep(share, 0.35, 0.7)
    glow = glow + 0.30 * np.exp(-(((share - 0.52) / 0.10) ** 2))
    glow = glow * (1 - 0.72 * smoothstep(share, 0.76, 1.0))
    canvas.paint(np.clip(np.array(look.iris, np.float32) * glow[..., None], 0, 1), disc)
    warm = np.exp(-(((share - 0.50) / 0.12) ** 2)) * disc
    canvas.paint((0.52, 0.33, 0.16), 0.45 * warm)
    pupil = opening * np.clip((radius * 0.43 - distance) / 1.1 + 0.5, 0, 1)
    canvas.paint((0.035, 0.028, 0.03), pupil)


def paint_reflections(canvas: Canvas, centre: tuple[float, float], opening: Plane) -> None:
    """The soft box upper left, a faint bounce lower right and a moist glint at the lower lid."""
    x, y = centre[0] + GLANCE[0], centre[1] + GLANCE[1]
    box = spline(
        [(x - 3.0, y - 2.6), (x + 2.6, y - 3.1), (x + 3.0, y + 2.4), (x - 2.5, y + 2.9)], closed=True
    )
    canvas.paint(CATCHLIGHT, opening * 0.95 * canvas.fill(box, 0.5))
    canvas.paint(CATCHLIGHT, opening * 0.30 * canvas.dab(centre[0] + 6.5, centre[1] + 7, 3.0, 2.2, -30))


def paint_lower_lid(canvas: Canvas, look: Look, lower: Points) -> None:
    """The moist rim of the lower lid."""
    skin = np.array(look.skin)
    rim_line = shift(lower, 0, 0.6)
    canvas.paint(skin * (0.98, 0.80, 0.76), 0.75 * canvas.ribbon(rim_line[6:-4], 3.2, 0.7))
    canvas.paint(np.clip(skin * 1.25, 0, 1), 0.35 * canvas.ribbon(shift(lower, 0, -0.6)[25:-25], 1.1, 0.5))
    canvas.shade(canvas.ribbon(shift(lower, 0, 2.4), 2.0, 0.9), -0.22, (0.8, 1, 1))


def paint_lashes(canvas: Canvas, look: Look, eye: Eye, side: int) -> None:
    """A dark line that thickens outwards, and single lashes."""
    dark = (0.115, 0.075, 0.065)
    count = len(eye.upper)
    t = np.linspace(0, 1, count)
    width = (1.7 + 2.3 * look.lashes * np.clip(1 - t, 0, 1) ** 0.7) * np.clip(t * 14, 0.25, 1)
    width *= np.clip((1 - t) * 7, 0.15, 1)
    line = eye.upper - np.stack([np.zeros(count), 0.35 * width], 1)
    flick = 5.0 * look.lashes
    tail = eye.upper[0] + np.array([(-flick, -0.55 * flick)])
    line, width = np.vstack([tail, line]), np.concatenate([[0.3], width])
    place = (lambda points: points) if side < 0 else mirror
    canvas.paint(dark, 0.92 * canvas.ribbon(place(line), width, 0.45))
    rng = np.random.default_rng(look.seed + 3)
    strokes = []
    for share in np.sort(rng.uniform(0.02, 0.86, 44)):
        root = eye.upper[int(share * (count - 1))]
        length = look.lashes * (3.2 + 7.2 * (1 - share) ** 1.4) * rng.uniform(0.75, 1.1)
        lean = -1.15 + 1.35 * share + rng.normal(0, 0.10)
        tip = root + length * np.array([np.sin(lean), -0.85 * np.cos(lean)])
        bend = (root + tip) / 2 + np.array([0.10 * np.sin(lean) * length, 0.14 * length])
        hair = place(spline([tuple(root), tuple(bend), tuple(tip)], count=10))
        strokes.append((hair, np.linspace(1.15, 0.2, 10), 0.8))
    for share in rng.uniform(0.08, 0.72, 24):
        root = eye.lower[int(share * (count - 1))] + (0, 1.6)
        length = look.lashes * rng.uniform(2.0, 3.6)
        tip = root + length * np.array([0.8 * (share - 0.62), 0.8])
        hair = place(np.linspace(root, tip, 6))
        strokes.append((hair, np.linspace(0.7, 0.2, 6), 0.24))
    canvas.paint(dark, canvas.hairs(strokes))


def paint_brows(canvas: Canvas, look: Look) -> None:
    """Both brows, hair by hair over a soft shade."""
    line = draw_brow(look)
    rng = np.random.default_rng(look.seed + 4)
    count = len(line)
    shares = np.linspace(0, 1, count)
    body = look.brow_width * np.interp(shares, [0, 0.12, 0.55, 0.8, 1], [0.42, 0.95, 0.92, 0.55, 0.12])
    tangent = np.gradient(line, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    for side in (-1, 1):
        place = (lambda points: points) if side < 0 else mirror
        canvas.paint(look.brows, 0.34 * canvas.ribbon(place(line[6:]), 0.85 * body[6:], 2.6))
        strokes = []
        for _ in range(int(230 + 12 * look.brow_width)):
            share = float(rng.uniform(0, 0.985))
            index = int(share * (count - 1))
            offset = rng.uniform(-0.5, 0.5)
            root = line[index] + (0, offset * body[index])
            # Hairs stand up near the nose, then lie along the brow, the upper ones falling, the lower rising.
            lift = np.interp(share, [0, 0.18, 0.5, 1], [-1.15, -0.62, -0.22, 0.05]) + 0.75 * (-offset) * (
                0.4 + share
            )
            direction = tangent[index] + (0, lift + rng.normal(0, 0.10))
            direction = direction / np.linalg.norm(direction)
            length = rng.uniform(6.5, 11.5) * (1 - 0.25 * share) * (0.75 + 0.25 * look.brow_width / 11)
            middle = root + 0.5 * length * direction
            tip = root + length * (0.75 * direction + 0.25 * tangent[index])
            hair = place(spline([tuple(root), tuple(middle), tuple(tip)], count=8))
            strokes.append(
                (hair, np.linspace(1.2, 0.3, 8), rng.uniform(0.35, 0.75) * min(1, 0.35 + 5 * share))
            )
        canvas.paint(np.array(look.brows) * 0.85, canvas.hairs(strokes))


def paint_lips(canvas: Canvas, look: Look) -> None:
    """Colour, fine creases, the dark line between the lips and a soft shine."""
    mouth = draw_mouth(look)
    skin, lips = np.array(look.skin), np.array(look.lips)
    factor = lips / skin
    upper = canvas.fill(np.vstack([mouth.top, mouth.seam[::-1]]), 1.3)
    lower = canvas.fill(np.vstack([mouth.seam, mouth.bottom[::-1]]), 1.6)
    multiply(canvas, factor * (0.90, 0.86, 0.87), 0.92 * upper)
    multiply(canvas, factor * (1.02, 1.0, 1.0), 0.88 * lower)
    both = np.clip(upper + lower, 0, 1)
    columns = canvas.x + 0.30 * (canvas.x - MIDDLE) * (canvas.y - SEAM) / 22
    rng = np.random.default_rng(look.seed + 6)
    creases = sum(np.sin(columns * rate + rng.uniform(0, 6.3)) for rate in (0.55, 0.83, 1.31, 1.9)) / 4
    canvas.shade(both * creases.astype(np.float32), 0.045)
    shine = canvas.dab(MIDDLE - 12, SEAM + 0.56 * look.lower_lip, 17, 2.6, 2) + 0.55 * canvas.dab(
        MIDDLE + 18, SEAM + 0.56 * look.lower_lip, 12, 2.2, -3
    )
    gloss = shine * lower * np.clip(0.85 + 0.35 * creases, 0, 1.3).astype(np.float32)
    canvas.paint((1.0, 0.93, 0.90), 0.26 * gloss)
    paint_seam(canvas, look, mouth.seam)


def paint_seam(canvas: Canvas, look: Look, seam: Points) -> None:
    """The dark line where the lips meet, and the corners of the mouth."""
    dark = np.array(look.lips) * (0.34, 0.20, 0.20)
    t = np.abs(np.linspace(-1, 1, len(seam)))
    width = 3.1 * (1 - 0.55 * t**2.5)
    canvas.shade(canvas.ribbon(seam, 8.0, 2.4), -0.20, (0.8, 1, 1))
    canvas.paint(dark, 0.92 * canvas.ribbon(seam, width, 0.75))
    half = look.mouth_width / 2
    canvas.shade(canvas.pair(half + 1, SEAM - look.smile, 4.5, 3.2, -24), -0.34, (0.8, 1, 1.02))


def multiply(canvas: Canvas, factor: Colour, mask: Plane) -> None:
    """Dye what is there by ``factor`` where ``mask`` is 1."""
    canvas.image *= 1 + (np.asarray(factor, np.float32) - 1) * mask[..., None]
