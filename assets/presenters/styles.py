"""The three hair styles: back hair behind the neck, and front hair over face and shoulders."""

from __future__ import annotations

import numpy as np
from canvas import Canvas, Points, mirror, smoothstep, spline
from hair import HairLayer, Section
from looks import Look

Guide = list[tuple[float, float]]


def back_hair(canvas: Canvas, look: Look) -> HairLayer | None:
    """What hangs behind the neck, in shadow; None for short hair."""
    if look.style == "cropped":
        return None
    bottom = 800 if look.style == "wavy" else 668
    outline = spline(
        [
            (512, 150), (640, 170), (706, 300), (708, 480), (694, 620), (676, bottom - 20), (600, bottom),
            (512, bottom - 14), (424, bottom), (348, bottom - 20), (330, 620), (316, 480), (318, 300),
            (384, 170),
        ],
        closed=True,
    )  # fmt: skip
    layer = HairLayer(canvas, look.hair, look.seed)
    layer.give_volume(outline, 150)
    layer.underlay(outline, 2)
    left: Guide = [(330, 360), (318, 480), (330, 600), (346, bottom - 12)]
    right: Guide = [(694, 360), (706, 480), (694, 600), (678, bottom - 12)]
    middle: Guide = [(512, 360), (512, 480), (512, 600), (512, bottom)]
    layer.add(Section((left, middle, right), 900, locks=18, wave=4, tone=0.42, gather=0.4))
    return layer


def front_hair(canvas: Canvas, look: Look) -> HairLayer:
    """What lies over the face's edge."""
    return {"wavy": wavy, "cropped": cropped, "bob": bob}[look.style](canvas, look)


def hull(first: Guide, last: Guide) -> Points:
    """Closed outline between two guides."""
    return np.vstack([spline(first), spline(last)[::-1]])


def core(guides: list[Guide]) -> Points:
    """The middle of a mass, where no background may show between strands."""
    outer = spline([tuple(point) for point in (np.array(guides[0]) + np.array(guides[1])) / 2])
    inner = spline([tuple(point) for point in (np.array(guides[-1]) + np.array(guides[-2])) / 2])
    longest = 95
    return np.vstack([outer[:longest], inner[:longest][::-1]])


def wavy(canvas: Canvas, look: Look) -> HairLayer:
    """Shoulder-length waves from a side parting."""
    left: list[Guide] = [
        [(546, 127), (440, 134), (366, 178), (316, 248), (294, 340), (284, 480), (288, 630), (316, 778)],
        [(547, 140), (456, 154), (386, 204), (338, 276), (316, 364), (306, 490), (312, 640), (346, 796)],
        [(546, 166), (470, 186), (402, 236), (356, 304), (334, 386), (326, 500), (338, 640), (374, 782)],
        [(545, 206), (484, 222), (422, 264), (374, 324), (350, 400), (344, 500), (360, 630), (396, 748)],
    ]
    right: list[Guide] = [
        [(546, 127), (610, 138), (666, 180), (710, 250), (732, 340), (742, 480), (736, 630), (706, 778)],
        [(547, 140), (602, 158), (650, 206), (688, 278), (708, 364), (718, 490), (710, 640), (678, 796)],
        [(549, 166), (594, 188), (634, 238), (668, 306), (688, 386), (698, 500), (686, 640), (648, 782)],
        [(550, 206), (584, 222), (620, 262), (649, 324), (668, 400), (674, 500), (660, 630), (628, 748)],
    ]
    layer = HairLayer(canvas, look.hair, look.seed + 7)
    layer.give_volume(hull(left[0], right[0]), 190)
    for guides, phase in ((left, 0.0), (right, 2.2)):
        layer.underlay(core(guides))
        mass = Section(guides, 3000, locks=16, gather=0.76, wave=13, waves=2.4, tone=0.9, ragged=0.2)
        layer.add(mass, phase)
        loose = Section(guides, 260, locks=40, gather=0.3, wave=14, waves=2.2, tone=1.15, width=0.8)
        layer.add(loose, phase)
    return layer


def bob(canvas: Canvas, look: Look) -> HairLayer:
    """A straight chin-length bob with a swept fringe and silver strands."""
    left: list[Guide] = [
        [(474, 126), (420, 138), (358, 182), (312, 252), (290, 344), (282, 480), (294, 600), (336, 680)],
        [(474, 140), (426, 156), (374, 204), (332, 278), (312, 366), (304, 480), (316, 600), (352, 688)],
        [(472, 164), (430, 184), (386, 236), (350, 306), (330, 386), (326, 480), (336, 596), (366, 682)],
        [(467, 206), (434, 232), (398, 276), (366, 336), (346, 404), (342, 490), (350, 590), (376, 664)],
    ]
    right: list[Guide] = [
        [(472, 126), (584, 126), (662, 172), (712, 250), (734, 344), (742, 480), (730, 600), (688, 680)],
        [(473, 140), (572, 146), (644, 198), (690, 276), (712, 366), (720, 480), (708, 600), (672, 688)],
        [(471, 172), (546, 194), (614, 246), (666, 316), (692, 394), (698, 480), (688, 596), (658, 682)],
        [(468, 208), (516, 254), (580, 298), (640, 350), (674, 414), (682, 494), (674, 590), (648, 664)],
    ]
    layer = HairLayer(canvas, look.hair, look.seed + 7)
    layer.give_volume(hull(left[0], right[0]), 190)
    for guides in (left, right):
        layer.underlay(core(guides))
        layer.add(Section(guides, 3000, locks=34, gather=0.35, tone=0.95, ragged=0.07, grey=0.20, width=0.9))
    return layer


def cropped(canvas: Canvas, look: Look) -> HairLayer:
    """Very short curls that thin out above the ears."""
    left_edge: Guide = [
        (327, 440), (320, 380), (320, 306), (336, 228), (378, 162), (442, 126), (512, 117),
    ]  # fmt: skip
    hairline: Guide = [
        (512, 224), (464, 227), (420, 238), (394, 258), (378, 290), (366, 324), (351, 348),
        (347, 396), (340, 440),
    ]  # fmt: skip
    outer, inner = spline(left_edge), spline(hairline)
    half = np.vstack([outer, inner])
    layer = HairLayer(canvas, look.hair, look.seed + 7)
    layer.give_volume(np.vstack([outer, mirror(outer)[::-1]]), 150)
    area = np.clip(canvas.fill(half) + canvas.fill(mirror(half)), 0, 1)
    fade = 1 - 0.78 * smoothstep(canvas.y, 280, 436)
    grain = np.clip(1 + 0.10 * canvas.noise(look.seed + 8, 2), 0, 1.2)
    layer.cover = np.round(255 * np.clip(canvas.blur(area, 2.6) * fade * grain * 0.94, 0, 1)).astype(np.uint8)
    full = 1 - smoothstep(canvas.y, 250, 372)
    layer.add_curls(smoothstep(canvas.blur(area, 2), 0.5, 0.95) * full, 70000, 5.0, 0.8)
    return layer
