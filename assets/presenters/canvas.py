"""A square canvas with soft shapes, height fields and light: the tools the presenters are painted with.

All places and lengths are in units of 1/1024 of the picture's side, whatever its size in pixels,
so a thumbnail and the full picture are drawn by the same numbers. x runs right, y down, z towards
the viewer. Colours are RGB in 0..1 as they are displayed; light is added up in linear space.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import splev, splprep

UNITS = 1024
"""The picture's side in drawing units."""
SUBPIXEL_BITS = 4
"""OpenCV draws polygons on a grid of 1 / 2**4 pixel."""

Plane = NDArray[np.float32]
"""float32 (H, W): a mask in 0..1 or a height in units."""
Points = NDArray[np.float64]
"""float64 (N, 2): x, y in units."""
Colour = Sequence[float]
"""RGB in 0..1."""


def spline(points: Sequence[tuple[float, float]], closed: bool = False, count: int = 120) -> Points:
    """Smooth curve through ``points``, sampled at ``count`` places: float64 (count, 2)."""
    nodes = np.asarray(points, np.float64)
    if closed:
        nodes = np.vstack([nodes, nodes[:1]])
    knots, _ = splprep(nodes.T, s=0, per=closed, k=min(3, len(nodes) - 1))
    return np.stack(splev(np.linspace(0, 1, count), knots), axis=1)


def mirror(points: Points | Sequence[tuple[float, float]]) -> Points:
    """The same curve on the other side of the picture's middle."""
    flipped = np.array(points, np.float64)
    flipped[:, 0] = UNITS - flipped[:, 0]
    return flipped


def shift(points: Points, x: float, y: float) -> Points:
    """The same curve, moved."""
    return points + np.array((x, y), np.float64)


def smoothstep(value: Plane, low: float, high: float) -> Plane:
    """0 below ``low``, 1 above ``high``, smooth between."""
    t = np.clip((value - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def to_linear(colour: Colour | Plane) -> NDArray[np.float32]:
    """Displayed value -> amount of light (gamma 2.2)."""
    return np.power(np.clip(np.asarray(colour, np.float32), 0, None), 2.2)


def to_display(light: NDArray[np.float32]) -> NDArray[np.float32]:
    """Amount of light -> displayed value; highlights roll off softly above 0.8."""
    value = np.power(np.clip(light, 0, None), 1 / 2.2)
    over = np.clip(value - 0.8, 0, None)
    return np.where(value > 0.8, 0.8 + 0.2 * (1 - np.exp(-over / 0.2)), value).astype(np.float32)


class Canvas:
    """The picture being painted, with the brushes that know its resolution.

    ``image`` is float32 (H, W, 3) in 0..1; ``x`` and ``y`` are float32 (H, W) in units.
    """

    def __init__(self, size: int = 1024, supersample: int = 2) -> None:
        self.size = size
        self.pixels = size * supersample
        self.scale = self.pixels / UNITS
        axis = ((np.arange(self.pixels) + 0.5) / self.scale).astype(np.float32)
        self.x, self.y = np.meshgrid(axis, axis)
        self.image = np.zeros((self.pixels, self.pixels, 3), np.float32)

    # --- masks ------------------------------------------------------------------------------------

    def empty(self) -> Plane:
        """A mask of nothing."""
        return np.zeros((self.pixels, self.pixels), np.float32)

    def blur(self, plane: NDArray[np.float32], radius: float) -> NDArray[np.float32]:
        """Gaussian blur with a standard deviation of ``radius`` units."""
        sigma = radius * self.scale
        if sigma < 0.3:
            return plane
        if sigma > 12:
            return self._blur_coarsely(plane, sigma)
        return cv2.GaussianBlur(plane, (0, 0), sigma)

    @staticmethod
    def _blur_coarsely(plane: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
        """A wide blur on a quarter of the resolution: the same look in a sixteenth of the time."""
        height, width = plane.shape[:2]
        small = cv2.resize(plane, (width // 4, height // 4), interpolation=cv2.INTER_AREA)
        small = cv2.GaussianBlur(small, (0, 0), sigma / 4)
        return cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)

    def fill(self, outline: Points, soft: float = 0.0) -> Plane:
        """Inside of a closed outline; ``soft`` is the blur of its edge."""
        mask = np.zeros((self.pixels, self.pixels), np.uint8)
        cv2.fillPoly(mask, [self._grid(outline)], 255, cv2.LINE_AA, SUBPIXEL_BITS)
        return self.blur(mask.astype(np.float32) / 255, soft)

    def ribbon(self, line: Points, width: float | NDArray[np.float64], soft: float = 0.0) -> Plane:
        """A stroke along ``line``; ``width`` is one number (tapered at both ends) or one for each point."""
        if np.isscalar(width):
            width = width * np.sin(np.pi * np.linspace(0.02, 0.98, len(line))) ** 0.6
        tangent = np.gradient(line, axis=0)
        normal = np.stack([-tangent[:, 1], tangent[:, 0]], 1)
        normal /= np.linalg.norm(normal, axis=1, keepdims=True) + 1e-9
        half = normal * np.asarray(width)[:, None] / 2
        return self.fill(np.vstack([line + half, (line - half)[::-1]]), soft)

    def hairs(self, strokes: Sequence[tuple[Points, NDArray[np.float64], float]]) -> Plane:
        """Many fine strokes (line, width at each point, opacity) laid over each other.

        They are thinner than a pixel, so each is drawn enlarged in its own little window.
        """
        mask, finer = self.empty(), 4
        for line, width, opacity in strokes:
            tangent = np.gradient(line, axis=0)
            normal = np.stack([-tangent[:, 1], tangent[:, 0]], 1)
            normal /= np.linalg.norm(normal, axis=1, keepdims=True) + 1e-9
            half = normal * width[:, None] / 2
            outline = np.vstack([line + half, (line - half)[::-1]]) * self.scale
            first = np.clip(np.floor(outline.min(0)).astype(int) - 1, 0, self.pixels - 2)
            last = np.clip(np.ceil(outline.max(0)).astype(int) + 2, first + 2, self.pixels)
            window = np.zeros((last - first)[::-1] * finer, np.uint8)
            grid = np.round((outline - first) * finer * 16).astype(np.int32)
            cv2.fillPoly(window, [grid], 255, cv2.LINE_8, SUBPIXEL_BITS)
            small = cv2.resize(window, tuple(int(n) for n in last - first), interpolation=cv2.INTER_AREA)
            part = mask[first[1] : last[1], first[0] : last[0]]
            part += small.astype(np.float32) / 255 * opacity * (1 - part)
        return mask

    def dab(self, x: float, y: float, wide: float, high: float, angle: float = 0.0) -> Plane:
        """A Gaussian spot, 1 in its middle; ``wide`` and ``high`` are standard deviations, degrees."""
        mask = self.empty()
        reach = 3.5 * max(wide, high)
        rows = slice(*self._span(y, reach))
        columns = slice(*self._span(x, reach))
        dx, dy = self.x[rows, columns] - x, self.y[rows, columns] - y
        turn = np.deg2rad(angle)
        along = dx * np.cos(turn) + dy * np.sin(turn)
        across = dy * np.cos(turn) - dx * np.sin(turn)
        mask[rows, columns] = np.exp(-0.5 * ((along / wide) ** 2 + (across / high) ** 2))
        return mask

    def pair(self, x: float, y: float, wide: float, high: float, angle: float = 0.0) -> Plane:
        """Two mirrored spots at ``512 - x`` and ``512 + x``; ``angle`` is the left one's."""
        left = self.dab(512 - x, y, wide, high, angle)
        return left + self.dab(512 + x, y, wide, high, -angle)

    def _span(self, middle: float, reach: float) -> tuple[int, int]:
        first = int(np.clip((middle - reach) * self.scale, 0, self.pixels))
        last = int(np.clip((middle + reach) * self.scale + 1, 0, self.pixels))
        return first, last

    def _grid(self, points: Points) -> NDArray[np.int32]:
        return np.round((points * self.scale - 0.5) * (1 << SUBPIXEL_BITS)).astype(np.int32)

    # --- paint ------------------------------------------------------------------------------------

    def paint(self, colour: Colour | NDArray[np.float32], mask: Plane) -> None:
        """Cover the picture with ``colour`` (one colour or a whole picture) where ``mask`` is 1."""
        self.image += (np.asarray(colour, np.float32) - self.image) * mask[..., None]

    def shade(self, mask: Plane, amount: float, tint: Colour = (1, 1, 1)) -> None:
        """Multiply by ``1 + amount`` where ``mask`` is 1, more in the channels of ``tint``."""
        self.image *= 1 + amount * mask[..., None] * np.asarray(tint, np.float32)

    def noise(self, seed: int, radius: float) -> Plane:
        """Smooth noise of unit variance whose grain is ``radius`` units; the same at every size."""
        side = max(4, int(UNITS / max(radius, 1.0)))
        grain = np.random.default_rng(seed).standard_normal((side, side)).astype(np.float32)
        return cv2.resize(grain, (self.pixels, self.pixels), interpolation=cv2.INTER_CUBIC)

    # --- form -------------------------------------------------------------------------------------

    def inflate(self, mask: Plane, radius: float) -> Plane:
        """A cushion over ``mask``: rises round at the edge and is flat ``radius`` units inside."""
        inside = (mask > 0.5).astype(np.uint8)
        depth = cv2.distanceTransform(inside, cv2.DIST_L2, 5) / self.scale
        depth = np.minimum(depth, radius)
        cushion = np.sqrt(depth * (2 * radius - depth)).astype(np.float32)
        return self.blur(cushion, radius * 0.12)

    def normals(self, height: Plane, soft: float = 0.0) -> NDArray[np.float32]:
        """Unit normals float32 (H, W, 3) of a height field (units), after blurring it by ``soft``."""
        height = self.blur(height, soft)
        slope_x = cv2.Sobel(height, cv2.CV_32F, 1, 0, ksize=3, scale=self.scale / 8)
        slope_y = cv2.Sobel(height, cv2.CV_32F, 0, 1, ksize=3, scale=self.scale / 8)
        length = np.sqrt(slope_x**2 + slope_y**2 + 1)
        return np.stack([-slope_x / length, -slope_y / length, 1 / length], axis=-1)

    def occlusion(self, height: Plane, radii: Sequence[float] = (5, 12, 28)) -> Plane:
        """How much of the sky a place in a hollow misses, 0..1."""
        dark = self.empty()
        for radius in radii:
            dark += np.clip((self.blur(height, radius) - height) / radius, 0, 1)
        return np.clip(dark / len(radii) * 1.6, 0, 1)

    def cast_shadow(self, height: Plane, light: Sequence[float], reach: float = 120) -> Plane:
        """Where ``height`` hides the light (a direction towards it), 0..1, with soft edges."""
        small = cv2.resize(height, (384, 384), interpolation=cv2.INTER_AREA)
        unit = 384 / UNITS
        direction = np.asarray(light, np.float64)
        flat = np.hypot(direction[0], direction[1])
        shadow = np.zeros_like(small)
        for distance in np.arange(4, reach, 4):
            shift = direction[:2] / flat * distance * unit
            moved = np.float32([[1, 0, -shift[0]], [0, 1, -shift[1]]])
            towards = cv2.warpAffine(small, moved, (384, 384), borderMode=cv2.BORDER_REPLICATE)
            ray = small + distance * direction[2] / flat
            shadow = np.maximum(shadow, np.clip((towards - ray) / (3 + 0.12 * distance), 0, 1))
        shadow = cv2.GaussianBlur(shadow, (0, 0), 2.2)
        return cv2.resize(shadow, (self.pixels, self.pixels), interpolation=cv2.INTER_CUBIC)

    # --- result -----------------------------------------------------------------------------------

    def finish(self) -> NDArray[np.uint8]:
        """The picture at its final size: uint8 (size, size, 3) RGB."""
        small = cv2.resize(self.image, (self.size, self.size), interpolation=cv2.INTER_AREA)
        return np.clip(small * 255 + 0.5, 0, 255).astype(np.uint8)
