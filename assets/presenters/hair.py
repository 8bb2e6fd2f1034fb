"""Hair: thousands of strands between guide curves, each lit along its length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from canvas import SUBPIXEL_BITS, UNITS, Canvas, Colour, Plane, Points, spline, to_display, to_linear
from light import KEY, RIM
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

STEPS = 44
"""Points of a strand."""


@dataclass(frozen=True)
class Section:
    """A mass of hair. Strands run from root to tip between neighbouring guides."""

    guides: Sequence[Sequence[tuple[float, float]]]
    """Curves from one side of the mass to the other, all with the same number of points."""
    count: int
    """Strands in the full picture."""
    locks: int = 22
    """Into how many locks they gather towards the tips."""
    gather: float = 0.55
    """How closely, 0..1."""
    wave: float = 0.0
    """Height of the waves, in units."""
    waves: float = 2.0
    """How many from root to tip."""
    tone: float = 1.0
    """Brightness of the whole mass."""
    ragged: float = 0.10
    """Share by which strands differ in length."""
    width: float = 1.1
    grey: float = 0.0
    """Share of grey strands."""


def make_waves(line: Points, height: float, count: float, phase: float = 0.0) -> Points:
    """``line`` with ``count`` waves that grow from its root to ``height`` at its tip."""
    t = np.linspace(0, 1, len(line))
    tangent = np.gradient(line, axis=0)
    normal = np.stack([-tangent[:, 1], tangent[:, 0]], 1)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True) + 1e-9
    swing = height * np.clip(2.2 * t - 0.45, 0, 1) * np.sin(2 * np.pi * count * t + phase)
    return line + normal * swing[:, None]


class HairLayer:
    """Strands being drawn: their colour and where they cover."""

    def __init__(self, canvas: Canvas, colour: Colour, seed: int) -> None:
        self.canvas = canvas
        self.base = to_linear(colour)
        self.rng = np.random.default_rng(seed)
        self.picture = np.zeros((canvas.pixels, canvas.pixels, 3), np.uint8)
        self.picture[:] = np.round(to_display(self.base * 0.30) * 255).astype(np.uint8)
        self.cover = np.zeros((canvas.pixels, canvas.pixels), np.uint8)
        self.normals: NDArray[np.float32] | None = None

    @property
    def mask(self) -> Plane:
        """float32 (H, W) in 0..1."""
        return self.cover.astype(np.float32) / 255

    def give_volume(self, outline: Points, radius: float) -> None:
        """Light the strands as if they lay on a cushion over ``outline``."""
        cushion = self.canvas.inflate(self.canvas.fill(outline), radius)
        self.normals = self.canvas.normals(cushion, 5)

    def underlay(self, outline: Points, soft: float = 1.5) -> None:
        """Close a shape with dark hair so that no gap shows between strands."""
        mask = np.round(self.canvas.fill(outline, soft) * 255).astype(np.uint8)
        self.cover = np.maximum(self.cover, mask)

    def add(self, section: Section, phase: float = 0.0) -> None:
        """Draw a section, its darker strands first."""
        guides = np.asarray(section.guides, np.float64)
        across = PchipInterpolator(np.linspace(0, 1, len(guides)), guides, axis=0)
        bright = self.rng.normal(0, 1, section.locks)
        phases = phase + self.rng.normal(0, 0.35, section.locks)
        count = self._thin(section.count)
        shares = self.rng.uniform(0, 1, count)
        tones = 0.20 * bright[self._lock(shares, section)] + 0.24 * self.rng.normal(0, 1, count)
        for index in np.argsort(tones):
            self._add_strand(section, across, float(shares[index]), float(tones[index]), phases)

    def _thin(self, count: int) -> int:
        """Fewer strands for a thumbnail, where each covers more."""
        return max(1, round(count * min(1.0, self.canvas.scale)))

    @staticmethod
    def _lock(shares: NDArray[np.float64], section: Section) -> NDArray[np.int64]:
        return np.minimum((shares * section.locks).astype(int), section.locks - 1)

    def _add_strand(
        self, section: Section, across: PchipInterpolator, share: float, tone: float, phases: Points
    ) -> None:
        lock = int(self._lock(np.array(share), section))
        middle = (lock + 0.5) / section.locks
        t = np.linspace(0, 1, STEPS)
        pulled = share + (middle - share) * section.gather * t**1.5
        root, tip = across(share), across(pulled[-1])
        nodes = root + (tip - root) * np.linspace(0, 1, len(root))[:, None] ** 1.5
        length = 1 - section.ragged * self.rng.uniform(0, 1) ** 2
        line = spline([tuple(node) for node in nodes], count=160)
        line = make_waves(line, section.wave, section.waves, phases[lock] + 1.2 * share)
        line = line[np.linspace(0, 159 * length, STEPS).astype(int)]
        # Roots lie unevenly across the parting, so that it is no straight cut.
        line[0] -= (line[1] - line[0]) * self.rng.uniform(-0.9, 1.0)
        line += self.rng.normal(0, 0.8, 2) + np.outer(t**2, self.rng.normal(0, 1.8, 2))
        grey = self.rng.uniform() < section.grey
        colours = self._light(line, section.tone * (1 + tone), grey)
        # Roots lie deep: the parting is darker.
        rooted = 1 - 0.26 * np.exp(-np.linspace(0, self.rng.uniform(4, 10), STEPS))
        colours = (colours * rooted[:, None]).astype(int)
        thick = section.width * self.rng.uniform(0.7, 1.25)
        self._draw(line, colours, thick)

    def _light(self, line: Points, tone: float, grey: bool) -> NDArray[np.int64]:
        """Display colours 0..255 (STEPS, 3): body light and hair's bright band (Kajiya, Kay 1989)."""
        assert self.normals is not None
        place = np.clip((line * self.canvas.scale).astype(int), 0, self.canvas.pixels - 1)
        normal = self.normals[place[:, 1], place[:, 0]]
        flat = np.gradient(line, axis=0)
        flat /= np.linalg.norm(flat, axis=1, keepdims=True) + 1e-9
        depth = -(normal[:, :2] * flat).sum(1) / np.maximum(normal[:, 2], 0.25)
        tangent = np.concatenate([flat, depth[:, None]], 1)
        tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
        # Strands are not quite parallel: each shines at a slightly other place.
        tangent[:, 2] += self.rng.normal(0, 0.10)
        half = KEY.direction + np.array((0, 0, 1))
        half /= np.linalg.norm(half)
        facing = np.clip(normal @ KEY.direction * 0.85 + 0.15, 0, 1)
        across = np.sqrt(np.clip(1 - (tangent @ KEY.direction) ** 2, 0, 1))
        band = np.clip(1 - (tangent @ half) ** 2, 0, 1)
        edge = np.clip(normal @ RIM.direction, 0, 1) * np.clip(1 - normal[:, 2], 0, 1) ** 1.5
        base = self.base if not grey else self.base * 0.5 + np.array((0.12, 0.12, 0.124), np.float32)
        body = (0.30 + 1.05 * facing * across + 0.15 * normal[:, 2])[:, None] * base
        shine = 0.75 * (facing * band**16)[:, None] * (base * 0.9 + 0.035)
        glint = 0.055 * (facing * band**44)[:, None] * np.array((1.0, 0.93, 0.84))
        light = (body + shine + glint) * max(tone, 0.15) + 0.22 * edge[:, None] * (base + 0.05)
        return np.round(to_display(light.astype(np.float32)) * 255).astype(int)

    def _draw(self, line: Points, colours: NDArray[np.int64], width: float) -> None:
        grid = np.round((line * self.canvas.scale - 0.5) * (1 << SUBPIXEL_BITS)).astype(int)
        full = max(1, round(width * self.canvas.scale))
        points = [tuple(map(int, point)) for point in grid]
        for step in range(len(points) - 1):
            thick = full if step < 0.8 * len(points) else max(1, full - 1)
            colour = tuple(map(int, colours[step]))
            cv2.line(self.picture, points[step], points[step + 1], colour, thick, cv2.LINE_AA, SUBPIXEL_BITS)
            cv2.line(self.cover, points[step], points[step + 1], 255, thick, cv2.LINE_AA, SUBPIXEL_BITS)

    def add_curls(self, where: Plane, count: int, length: float, width: float) -> None:
        """Short curls wherever ``where`` allows: the chance of each, 0..1."""
        count = self._thin(count)
        places = self.rng.uniform(0, UNITS, (count, 2))
        chances = self.rng.uniform(0, 1, count)
        for (x, y), chance in zip(places, chances, strict=True):
            column, row = int(x * self.canvas.scale), int(y * self.canvas.scale)
            turn, bend = self.rng.uniform(0, 2 * np.pi), self.rng.uniform(-2.6, 2.6)
            tone = 0.9 + 0.2 * self.rng.normal()
            if where[row, column] < chance:
                continue
            angles = turn + bend * np.linspace(-0.5, 0.5, 7)
            steps = np.stack([np.cos(angles), np.sin(angles)], 1) * length / 7
            line = np.cumsum(steps, axis=0) - steps.sum(0) / 2 + (x, y)
            self._draw(line, self._light(line, tone, False), width)

    def paint(self, opacity: float = 1.0) -> None:
        """Lay the strands on the picture."""
        self.canvas.paint(self.picture.astype(np.float32) / 255, self.mask * opacity)
