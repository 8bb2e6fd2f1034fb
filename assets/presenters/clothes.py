"""Clothes: a body with folds, and what is worn on it."""

from __future__ import annotations

import numpy as np
from anatomy import MIDDLE, both_sides, face_outline
from canvas import Canvas, Plane, Points, mirror, shift, spline
from light import light_cloth
from looks import Look


def straight(points: list[tuple[float, float]]) -> Points:
    """A polygon with corners."""
    return np.array(points, np.float64)


def body_outline(look: Look) -> Points:
    """Shoulders and chest down past the lower edge of the picture."""
    broad = 1.0 if look.neck < 90 else 1.07
    left = [
        (512 - look.neck + 22, 640), (512 - look.neck - 2, 740), (380, 770), (286, 796), (200, 824),
        (146, 872), (120, 950), (110, 1100),
    ]  # fmt: skip
    left = [(512 - (512 - x) * broad, y) for x, y in left]
    curve = spline(left)
    return np.vstack([curve, mirror(curve)[::-1]])


def folds(canvas: Canvas, look: Look) -> Plane:
    """Soft ridges where cloth hangs from the shoulders and turns at the arms."""
    form = canvas.empty()
    rng = np.random.default_rng(look.seed + 20)
    lines = [
        ([(236, 1080), (240, 1000), (252, 940), (272, 884)], 22, 11),
        ([(264, 1050), (280, 990), (312, 944), (350, 912)], 22, 4),
        ([(170, 1040), (180, 980), (206, 920)], 20, 3),
    ]
    for points, width, depth in lines:
        for line in both_sides(spline(points)):
            moved = line + rng.normal(0, 5, 2)
            form += depth * canvas.ribbon(moved, width * 1.4, width * 0.5)
            form -= 0.8 * depth * canvas.ribbon(shift(moved, width * 1.1, 4), width, width * 0.5)
    return form


def drop_shadow(canvas: Canvas, mask: Plane, by: tuple[float, float], soft: float) -> Plane:
    """Shadow that ``mask`` throws on what lies under it."""
    shift = (round(by[1] * canvas.scale), round(by[0] * canvas.scale))
    return np.clip(canvas.blur(np.roll(mask, shift, (0, 1)), soft), 0, 1)


def paint_clothes(canvas: Canvas, look: Look, overhang: Plane) -> None:
    """Everything below the neck; ``overhang`` is the hair in front (mask), which shades it."""
    body = canvas.fill(body_outline(look), 0.8)
    height = 0.75 * canvas.inflate(body, 170) + folds(canvas, look)
    head = canvas.fill(face_outline(look))
    shadow = 0.8 * drop_shadow(canvas, overhang, (14, 18), 10) + 0.75 * drop_shadow(
        canvas, head, (34, 84), 20
    )
    shadow = np.clip(shadow, 0, 1)
    {"blazer": paint_blazer, "jumper": paint_jumper, "cardigan": paint_cardigan}[look.outfit](
        canvas, look, body, height, shadow
    )


def weave(canvas: Canvas, seed: int) -> Plane:
    """Fine irregular threads, as a height."""
    return 0.10 * canvas.noise(seed, 1.5) + 0.06 * canvas.noise(seed + 1, 3)


def paint_blazer(canvas: Canvas, look: Look, body: Plane, height: Plane, shadow: Plane) -> None:
    """A blazer with notched lapels over a light top with a round neck."""
    top_opening = spline(
        [(MIDDLE - 96, 700), (MIDDLE - 82, 770), (MIDDLE - 48, 826), (MIDDLE, 846), (MIDDLE + 48, 826),
         (MIDDLE + 82, 770), (MIDDLE + 96, 700)]
    )  # fmt: skip
    bare = canvas.fill(top_opening)
    top = (
        canvas.fill(straight([(400, 724), (624, 724), (640, 1000), (512, 1040), (384, 1000)]))
        * body
        * (1 - bare)
    )
    soft_folds = height.copy()
    for line in both_sides(spline([(470, 850), (478, 900), (492, 960)])):
        soft_folds += 4 * canvas.ribbon(line, 16, 6)
    soft_folds += 3.0 * canvas.ribbon(top_opening, np.full(len(top_opening), 7.0), 1.4)
    left_lapel = straight(
        [(MIDDLE - 92, 736), (MIDDLE - 118, 752), (374, 806), (350, 866), (392, 880), (372, 912), (438, 1000),
         (500, 1090), (524, 1060), (470, 940), (430, 830)]
    )  # fmt: skip
    lapels = [canvas.fill(shape, 1.0) for shape in both_sides(left_lapel)]
    both = np.clip(lapels[0] + lapels[1], 0, 1)
    cloth = light_cloth(canvas, look.shirt, soft_folds + weave(canvas, look.seed), shadow)
    under = drop_shadow(canvas, both, (7, 8), 7)
    canvas.paint(cloth * (1 - 0.45 * under)[..., None], top)
    canvas.shade(drop_shadow(canvas, top, (0, -3), 4) * bare * body, -0.10)
    opening = canvas.fill(straight([(400, 600), (624, 600), (596, 850), (512, 1060), (428, 850)]))
    coat = body * (1 - opening)
    threads = weave(canvas, look.seed + 2)
    canvas.paint(light_cloth(canvas, look.top, height + threads, shadow), coat)
    canvas.shade(coat * np.clip(drop_shadow(canvas, both, (5, 8), 6), 0, 1), -0.42)
    for mask in reversed(lapels):
        raised = height * 0.6 + 1.0 * canvas.inflate(mask, 10) + threads
        canvas.paint(light_cloth(canvas, np.array(look.top) * 1.04, raised, shadow), mask * body)
        canvas.shade(np.clip(canvas.blur(mask, 2.2), 0, 1) * (1 - mask) * body, -0.25)


def paint_jumper(canvas: Canvas, look: Look, body: Plane, height: Plane, shadow: Plane) -> None:
    """A knitted jumper with a round ribbed neck over a shirt collar."""
    edge = spline(
        [(MIDDLE - 112, 742), (MIDDLE - 86, 800), (MIDDLE - 44, 838), (MIDDLE, 850), (MIDDLE + 44, 838),
         (MIDDLE + 86, 800), (MIDDLE + 112, 742)]
    )  # fmt: skip
    hole = canvas.fill(
        np.vstack(
            [
                edge,
                straight([(MIDDLE + 116, 690), (MIDDLE + 90, 600), (MIDDLE - 90, 600), (MIDDLE - 116, 690)]),
            ]
        )
    )
    shirt = canvas.fill(
        straight([(MIDDLE - 118, 720), (MIDDLE - 60, 860), (MIDDLE + 60, 860), (MIDDLE + 118, 720),
                  (MIDDLE + 92, 716), (MIDDLE, 822), (MIDDLE - 92, 716)]), 0.8
    ) * hole  # fmt: skip
    canvas.paint(light_cloth(canvas, np.array(look.shirt) * 0.86, height, shadow), shirt)
    paint_collar(canvas, look, height, shadow, hole)
    stitches = knit(canvas)
    canvas.paint(light_cloth(canvas, look.top, height + stitches, shadow), body * (1 - hole))
    paint_ribbed_band(canvas, look, edge, height, shadow, hole)


def paint_collar(canvas: Canvas, look: Look, height: Plane, shadow: Plane, hole: Plane) -> None:
    """Two leaves of a shirt collar whose points are tucked under the jumper."""
    inner = spline([(MIDDLE - 101, 704), (MIDDLE - 82, 752), (MIDDLE - 48, 796), (MIDDLE - 3, 826)])
    outer = straight(
        [
            (MIDDLE - 20, 880),
            (MIDDLE - 70, 900),
            (MIDDLE - 112, 820),
            (MIDDLE - 110, 752),
            (MIDDLE - 111, 716),
        ]
    )
    leaves = [
        canvas.fill(np.vstack([place(inner), place(outer)]), 0.8) * hole for place in (np.array, mirror)
    ]
    both = np.clip(leaves[0] + leaves[1], 0, 1)
    canvas.shade(drop_shadow(canvas, both, (4, 5), 5) * (1 - both), -0.34)
    raised = 0.7 * height + 0.25 * weave(canvas, look.seed)
    for place in (np.array, mirror):
        raised += 2.5 * canvas.ribbon(place(inner), np.full(len(inner), 7.0), 2.2)
        raised -= 0.8 * canvas.ribbon(place(shift(inner, -9, 5)), np.full(len(inner), 1.4), 0.4)
    canvas.paint(light_cloth(canvas, look.shirt, raised, shadow), both)


def knit(canvas: Canvas) -> Plane:
    """Rows of little V stitches, as a height."""
    column = canvas.x / 7.0
    zigzag = np.abs(column - np.floor(column) - 0.5)
    row = canvas.y / 6.0 + 1.3 * zigzag
    return (0.55 * np.sin(2 * np.pi * row) * (0.4 + 1.2 * zigzag)).astype(np.float32)


def paint_ribbed_band(
    canvas: Canvas, look: Look, edge: Points, height: Plane, shadow: Plane, hole: Plane
) -> None:
    """The neck's band: ribs across its length."""
    middle = shift(edge, 0, 11)
    band = canvas.ribbon(middle, np.full(len(edge), 25.0), 0.8)
    angle = np.arctan2(canvas.x - MIDDLE, canvas.y - 700)
    ribs = 1.3 * np.sin(angle * 95).astype(np.float32)
    raised = 0.5 * height + 1.3 * canvas.inflate(band, 12) + ribs
    canvas.shade(drop_shadow(canvas, band, (2, 6), 5) * (1 - band) * (1 - hole), -0.35)
    canvas.paint(light_cloth(canvas, np.array(look.top) * 0.96, raised, shadow), band)


def paint_cardigan(canvas: Canvas, look: Look, body: Plane, height: Plane, shadow: Plane) -> None:
    """A fine cardigan, open in a V, over a blouse with a small round collar."""
    round_neck = spline(
        [(MIDDLE - 98, 716), (MIDDLE - 80, 762), (MIDDLE - 42, 796), (MIDDLE, 808), (MIDDLE + 42, 796),
         (MIDDLE + 80, 762), (MIDDLE + 98, 716)]
    )  # fmt: skip
    bare = canvas.fill(np.vstack([round_neck, straight([(MIDDLE + 80, 600), (MIDDLE - 80, 600)])]))
    blouse = body * (1 - bare)
    silk = height.copy()
    for line in both_sides(spline([(478, 820), (486, 880), (500, 940)])):
        silk += 4 * canvas.ribbon(line, 15, 6)
    silk += 1.5 * canvas.ribbon(spline([(512, 806), (513, 900), (512, 1030)]), np.full(120, 3.0), 1.0)
    opening_left = spline([(MIDDLE - 112, 600), (MIDDLE - 110, 770), (MIDDLE - 72, 890), (MIDDLE - 4, 1010)])
    opening = np.vstack([opening_left, mirror(opening_left)[::-1]])
    hole = canvas.fill(opening)
    under = drop_shadow(canvas, 1 - hole, (6, 5), 6) * hole
    canvas.paint(light_cloth(canvas, look.shirt, silk, shadow) * (1 - 0.4 * under)[..., None], blouse)
    knitted = height + 0.6 * knit(canvas)
    canvas.paint(light_cloth(canvas, look.top, knitted, shadow), body * (1 - hole))
    for line in both_sides(opening_left):
        away = 9 if line[0, 0] > MIDDLE else -9
        band = canvas.ribbon(shift(line, away, 3), np.full(len(line), 19.0), 0.8) * body
        raised = 0.6 * height + 1.2 * canvas.inflate(band, 9) + 0.35 * np.sin(canvas.y * 1.7)
        canvas.shade(drop_shadow(canvas, band, (3, 4), 4) * (1 - band) * body, -0.25)
        canvas.paint(light_cloth(canvas, np.array(look.top) * 0.94, raised, shadow), band)
    left_collar = spline(
        [(MIDDLE - 98, 716), (MIDDLE - 118, 744), (MIDDLE - 106, 800), (MIDDLE - 62, 838), (MIDDLE - 14, 838),
         (MIDDLE - 4, 808), (MIDDLE - 52, 790), (MIDDLE - 84, 752)],
        closed=True,
    )  # fmt: skip
    leaves = [canvas.fill(shape, 1.0) for shape in both_sides(left_collar)]
    for leaf in leaves:
        canvas.shade(drop_shadow(canvas, leaf, (4, 6), 5) * (1 - leaf), -0.28)
        raised = 0.45 * height + 0.8 * canvas.inflate(leaf, 7)
        canvas.paint(light_cloth(canvas, look.shirt, raised, shadow * 0.5), leaf)
