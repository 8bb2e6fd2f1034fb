"""The studio's lamps, and how skin and cloth answer to them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from canvas import Canvas, Colour, Plane, to_display, to_linear
from numpy.typing import NDArray


@dataclass(frozen=True)
class Lamp:
    """A far light: the direction towards it (x right, y down, z to the viewer) and its linear colour."""

    towards: tuple[float, float, float]
    colour: tuple[float, float, float]

    @property
    def direction(self) -> NDArray[np.float32]:
        return (np.array(self.towards) / np.linalg.norm(self.towards)).astype(np.float32)


KEY = Lamp((-0.62, -0.55, 0.74), (1.0, 0.93, 0.84))
FILL = Lamp((0.85, -0.05, 0.60), (0.17, 0.19, 0.23))
RIM = Lamp((0.95, -0.30, -0.10), (0.40, 0.44, 0.50))
SKY = (0.20, 0.21, 0.235)
FLOOR = (0.155, 0.12, 0.10)
"""Ambient light on what faces up and on what faces down."""

SKIN_WRAP = (0.34, 0.20, 0.14)
"""How far light of each colour creeps round skin into the shadow: red travels deepest."""
SKIN_SOFTNESS = (3.2, 2.0, 1.4)
"""Blur of the form each colour sees, in units: the same cause."""


def ambient(normals: NDArray[np.float32]) -> NDArray[np.float32]:
    """Light from everywhere, bluish from above and warm from below: linear (H, W, 3)."""
    up = (0.5 - 0.5 * normals[..., 1])[..., None]
    return up * np.array(SKY, np.float32) + (1 - up) * np.array(FLOOR, np.float32)


def highlight(normals: NDArray[np.float32], sharpness: float) -> Plane:
    """Blinn-Phong reflection of the key lamp towards the viewer, 0..1."""
    half = KEY.direction + np.array((0, 0, 1), np.float32)
    half /= np.linalg.norm(half)
    return np.clip(normals @ half, 0, 1) ** sharpness


def rim(normals: NDArray[np.float32]) -> Plane:
    """The thin light from behind along the edges that face it, 0..1."""
    grazing = np.clip(1 - normals[..., 2], 0, 1) ** 2.2
    return grazing * np.clip(normals @ RIM.direction, 0, 1)


def light_skin(
    canvas: Canvas, albedo: NDArray[np.float32], height: Plane, shadow: Plane, shine: Plane
) -> NDArray[np.float32]:
    """Skin as displayed, float32 (H, W, 3).

    ``albedo`` is displayed colour, ``height`` the form in units, ``shadow`` 0..1 hides the key lamp,
    ``shine`` 0..1 is how oily the place is.
    """
    crisp = canvas.normals(height, 0.8)
    received = ambient(crisp) * (1 - 0.75 * canvas.occlusion(height))[..., None]
    for channel, (wrap, soft) in enumerate(zip(SKIN_WRAP, SKIN_SOFTNESS, strict=True)):
        normals = canvas.normals(height, soft)
        lit = np.clip((normals @ KEY.direction + wrap) / (1 + wrap), 0, 1) ** 1.15
        open_ = 1 - canvas.blur(shadow, 1.0 + 1.5 * soft) * (0.86 - 0.12 * (channel == 0))
        received[..., channel] += lit * open_ * KEY.colour[channel]
        received[..., channel] += np.clip(normals @ FILL.direction, 0, 1) * FILL.colour[channel]
    light = to_linear(albedo) * received
    gloss = (0.075 * highlight(crisp, 14) + 0.06 * highlight(crisp, 46)) * shine * (1 - shadow)
    light += gloss[..., None] * np.array(KEY.colour, np.float32)
    light += (0.30 * rim(crisp))[..., None] * np.array(RIM.colour, np.float32)
    return to_display(light)


def light_cloth(
    canvas: Canvas, colour: Colour | NDArray[np.float32], height: Plane, shadow: Plane, sheen: float = 0.04
) -> NDArray[np.float32]:
    """Matt cloth as displayed, float32 (H, W, 3)."""
    normals = canvas.normals(height, 1.0)
    received = ambient(normals) * (1 - 0.8 * canvas.occlusion(height))[..., None]
    lit = 0.95 * np.clip((normals @ KEY.direction + 0.08) / 1.08, 0, 1) * (1 - 0.85 * shadow)
    received += lit[..., None] * np.array(KEY.colour, np.float32)
    received += np.clip(normals @ FILL.direction, 0, 1)[..., None] * np.array(FILL.colour, np.float32)
    light = to_linear(colour) * received
    light += (rim(normals) * 0.16 + sheen * highlight(normals, 6))[..., None] * np.array(
        RIM.colour, np.float32
    )
    return to_display(light)
