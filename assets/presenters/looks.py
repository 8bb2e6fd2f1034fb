"""Who is drawn: every number that tells one presenter from another."""

from __future__ import annotations

from dataclasses import dataclass

RGB = tuple[float, float, float]


def hexadecimal(code: str) -> RGB:
    """``"d9a58a"`` -> RGB in 0..1."""
    red, green, blue = (int(code[i : i + 2], 16) / 255 for i in (0, 2, 4))
    return red, green, blue


@dataclass(frozen=True)
class Look:
    """A presenter. Lengths are in units of 1/1024 of the picture, colours RGB in 0..1."""

    name: str
    seed: int
    skin: RGB
    lips: RGB
    hair: RGB
    brows: RGB
    iris: RGB
    top: RGB
    """Main garment."""
    shirt: RGB
    """What shows in its neckline."""
    backdrop: tuple[RGB, RGB]
    """Middle and edge of the background."""
    style: str
    """Hair: wavy, cropped or bob."""
    outfit: str
    """Clothes: blazer, jumper or cardigan."""

    # the face
    widths: tuple[tuple[float, float], ...]
    """Half width of the face at heights: (y, half width), from crown to chin."""
    chin: float = 690
    neck: float = 84
    """Half width of the neck."""
    ridge: float = 2.0
    """How far the brow ridge stands out."""
    cheek: float = 1.0
    nose_width: float = 1.0
    nose_depth: float = 1.0
    blush: float = 0.45
    stubble: float = 0.0
    age: float = 0.0
    """0 smooth .. 1 with the lines of sixty years."""

    # eyes and brows
    eye_opening: float = 30.0
    eye_tilt: float = 3.0
    """How much higher the outer corner is than the inner."""
    crease: float = 9.0
    """Height of the lid crease over the lashes."""
    fold: float = 0.0
    """Epicanthic fold over the inner corner, 0..1."""
    lashes: float = 1.0
    brow_height: float = 371.0
    brow_width: float = 11.0
    brow_arch: float = 9.0

    # mouth
    mouth_width: float = 122.0
    upper_lip: float = 13.0
    lower_lip: float = 20.0
    smile: float = 9.5
    """How much higher the mouth's corners are than the middle of its line."""


WOMAN = (
    (149, 46), (166, 98), (205, 146), (260, 168), (320, 180), (380, 184), (430, 182), (480, 176),
    (525, 167), (565, 152), (600, 131), (632, 105), (658, 78), (676, 52), (687, 26),
)  # fmt: skip
MAN = (
    (149, 48), (166, 102), (205, 150), (260, 172), (320, 184), (380, 188), (430, 187), (480, 183),
    (525, 178), (565, 170), (600, 158), (632, 139), (660, 112), (682, 80), (696, 42),
)  # fmt: skip

ADA = Look(
    name="ada", seed=11, style="wavy", outfit="blazer", widths=WOMAN,
    skin=hexadecimal("e6b598"), lips=hexadecimal("c3675f"), hair=hexadecimal("553323"),
    brows=hexadecimal("64422f"), iris=hexadecimal("6f7257"), top=hexadecimal("24495a"),
    shirt=hexadecimal("e2d8c9"), backdrop=(hexadecimal("c3d0cf"), hexadecimal("7f979d")),
)  # fmt: skip

BEN = Look(
    name="ben", seed=23, style="cropped", outfit="jumper", widths=MAN, chin=700, neck=96,
    skin=hexadecimal("96643f"), lips=hexadecimal("8f5147"), hair=hexadecimal("1d1715"),
    brows=hexadecimal("1c1513"), iris=hexadecimal("4f2f1c"), top=hexadecimal("93502f"),
    shirt=hexadecimal("dad8d3"), backdrop=(hexadecimal("dccfb8"), hexadecimal("a08d74")),
    ridge=6.0, cheek=0.9, nose_width=1.22, nose_depth=0.95, blush=0.45, stubble=0.55, age=0.3,
    eye_opening=26.5, eye_tilt=2.0, lashes=0.45, brow_height=376, brow_width=16, brow_arch=5,
    mouth_width=128, upper_lip=14, lower_lip=21, smile=8.5,
)  # fmt: skip

MEI = Look(
    name="mei", seed=37, style="bob", outfit="cardigan", widths=WOMAN, chin=690,
    skin=hexadecimal("e8bf9f"), lips=hexadecimal("b8605c"), hair=hexadecimal("2f2c2c"),
    brows=hexadecimal("4a403b"), iris=hexadecimal("3f2a1f"), top=hexadecimal("7d4a5f"),
    shirt=hexadecimal("ddd7d1"), backdrop=(hexadecimal("d9cfd6"), hexadecimal("9b8c9b")),
    cheek=1.25, nose_width=1.08, nose_depth=0.82, age=0.75, blush=0.5, eye_opening=25.5, eye_tilt=5.0,
    crease=6.0, fold=1.0, lashes=0.7, brow_width=9.5, brow_arch=7, mouth_width=118, upper_lip=11.5,
    lower_lip=17, smile=11,
)  # fmt: skip

LOOKS = (ADA, BEN, MEI)
