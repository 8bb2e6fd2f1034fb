"""Which of the 468 landmarks of MediaPipe's canonical face mesh are what, and how far they follow the jaw.

"Left" in a comment is the left of the picture. Contours run from left to right.
"""

from __future__ import annotations

# The four edges of the lips, 11 points each, with the corners of the mouth at both ends.
UPPER_INNER = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
LOWER_INNER = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
UPPER_OUTER = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291)
LOWER_OUTER = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291)
MOUTH_CORNERS = (61, 291)

EYE_CORNERS = (33, 263)
"""Outer corners; their distance is E, the unit of everything."""
FOREHEAD, CHIN, NOSE = 10, 152, 1

JAW = {
    # outline of the face, from the chin up to the temples
    152: 1.00, 148: 0.98, 377: 0.98, 176: 0.95, 400: 0.95, 149: 0.90, 378: 0.90, 150: 0.80, 379: 0.80,
    136: 0.64, 365: 0.64, 172: 0.44, 397: 0.44, 58: 0.26, 288: 0.26, 132: 0.12, 361: 0.12, 93: 0.04,
    323: 0.04, 234: 0.00, 454: 0.00, 127: 0.00, 356: 0.00,
    # chin and the cheeks beside it
    175: 1.00, 199: 1.00, 200: 0.97, 18: 0.92, 83: 0.92, 313: 0.92, 208: 0.93, 428: 0.93, 32: 0.93,
    262: 0.93, 140: 0.95, 369: 0.95, 171: 0.97, 396: 0.97, 211: 0.88, 431: 0.88, 170: 0.90, 395: 0.90,
    194: 0.86, 418: 0.86, 204: 0.80, 424: 0.80, 169: 0.72, 394: 0.72, 210: 0.70, 430: 0.70, 135: 0.62,
    364: 0.62, 214: 0.36, 434: 0.36, 192: 0.28, 416: 0.28, 138: 0.45, 367: 0.45, 213: 0.16, 433: 0.16,
    147: 0.05, 376: 0.05,
}  # fmt: skip
"""Share of the jaw's movement that skin takes part in."""
OUTLINE = tuple(JAW)[:23]
"""The outline of the face without the forehead."""

CORNER = {
    57: 0.85, 287: 0.85, 186: 0.62, 410: 0.62, 212: 0.66, 432: 0.66, 216: 0.42, 436: 0.42, 92: 0.36,
    322: 0.36,
}  # fmt: skip
"""Share of the movement of its corner of the mouth that skin beside it takes part in."""

STILL = (
    2, 98, 327, 97, 326, 240, 460, 1, 4, 5, 6, 129, 358, 203, 423, 50, 280, 205, 425, 101, 330, 118, 347,
    117, 346, 123, 352, 116, 345, 137, 366, 177, 401, 168, 33, 133, 263, 362, 159, 386, 145, 374, 10, 67,
    297, 109, 338, 151,
)  # fmt: skip
"""Nose, cheeks, eyes, forehead: what speech does not move."""

EYES = (
    {
        "upper": (33, 246, 161, 160, 159, 158, 157, 173, 133),
        "lower": (33, 7, 163, 144, 145, 153, 154, 155, 133),
        "brow": (46, 53, 52, 65, 55),
    },
    {
        "upper": (362, 398, 384, 385, 386, 387, 388, 466, 263),
        "lower": (362, 382, 381, 380, 374, 373, 390, 249, 263),
        "brow": (285, 295, 282, 283, 276),
    },
)
BROWS = (
    70, 63, 105, 66, 107, 46, 53, 52, 65, 55, 300, 293, 334, 296, 336, 276, 283, 282, 295, 285,
)  # fmt: skip
"""Both eyebrows, upper and lower edge."""
AROUND_BROWS = (
    10, 109, 338, 67, 297, 103, 332, 54, 284, 21, 251, 162, 389, 168, 6, 234, 454,
)  # fmt: skip
"""Hairline, temples and the bridge of the nose: where a raised brow is no longer felt."""

CHEEKS = (205, 425, 50, 280)
LIPS = (17, 314, 84, 0)
LEFT_CHEEK, RIGHT_CHEEK = (205, 50), (425, 280)

STABLE = (
    33, 133, 362, 263, 168, 6, 197, 195, 5, 4, 1, 98, 327, 234, 454, 93, 323, 132, 361, 50, 280, 205, 425,
)  # fmt: skip
"""What follows the skull and hardly the speech: places a face in the frames of a clip."""
