"""What is seen between the lips: cavity, tongue, lower and upper teeth.

Everything is drawn once for a portrait, in its own light and colours, as premultiplied pictures of the
mouth's region: upper teeth belong to the skull, lower teeth and tongue move with the jaw. Where the
portrait shows teeth they are kept and used instead of drawn ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from presenter.engines.mesh import tables
from presenter.engines.mesh.geometry import Axes, Field, Floats, Region, follow, remap, smoothstep
from presenter.engines.mesh.mouth import Lips
from presenter.types import Arrays, Picture
from presenter.visemes import ROUND, TONGUE

_BLACK = 30.0
"""Up to this (0..255) the darkest spots of a face count as black."""
_FINER = 3
"""Sprites are drawn so many times finer and averaged."""
_SKIN = np.array([205.0, 160.0, 138.0])
"""RGB of average skin in neutral light: what differs from it is taken as the colour of the light."""
_LUMA = np.array([0.299, 0.587, 0.114])

_SHADE = np.array([0.34, 0.40, 0.42], np.float32)
"""How much lips shade what is near them, RGB: what light remains comes red through the flesh."""

# Widths and heights of teeth in E from the middle outwards. Chosen by eye: a little larger than life, so
# that the front teeth fill an open mouth as they do in photos.
_UPPER_WIDTHS = (0.088, 0.068, 0.074, 0.060, 0.050, 0.045)
_UPPER_HEIGHTS = (0.110, 0.098, 0.104, 0.090, 0.080, 0.070)
_LOWER_WIDTHS = (0.056, 0.060, 0.068, 0.062, 0.055)
_LOWER_HEIGHTS = (0.090, 0.090, 0.095, 0.080, 0.070)


@dataclass(frozen=True, slots=True)
class _Light:
    """How the portrait is lit."""

    skin: Floats
    """(3,) RGB of the cheeks, 0..255."""
    lip: Floats
    """(3,) RGB of the lips."""
    tint: Floats
    """(3,) colour of the light, 1 on average."""
    slope: float
    """How much brighter the right cheek is than the left one, as a share, -0.35..0.35."""

    @property
    def level(self) -> float:
        """Brightness of the cheeks, 0..255."""
        return float(self.skin.mean())


def _light_of(image: Picture, landmarks: NDArray[Any], unit: float) -> _Light:
    def colour(points: Sequence[int], radius: float) -> Floats:
        reach = max(2, int(radius * unit))
        patches = []
        for x, y in landmarks[list(points), :2].astype(int):
            patch = image[max(0, y - reach) : y + reach, max(0, x - reach) : x + reach]
            if patch.size:
                patches.append(np.median(patch.reshape(-1, 3), axis=0))
        return np.asarray(np.mean(patches, axis=0) if patches else _SKIN, dtype=np.float64)

    skin = colour(tables.CHEEKS, 0.05)
    left, right = colour(tables.LEFT_CHEEK, 0.05).mean(), colour(tables.RIGHT_CHEEK, 0.05).mean()
    tint = (skin / max(skin.sum(), 1.0)) / (_SKIN / _SKIN.sum())
    tint = np.clip(tint, 0.35, 1.8) ** 0.75
    slope = float(np.clip((right - left) / (right + left + 1e-3), -0.35, 0.35))
    return _Light(skin, colour(tables.LIPS, 0.02), tint / (tint @ _LUMA), slope)


def _teeth(
    x: Floats,
    y: Floats,
    sizes: Sequence[tuple[float, float]],
    edge: Callable[[float], float],
    upwards: bool,
) -> tuple[Floats, Floats]:
    """A row of teeth: coverage 0..1 and shade 0..1 at each point.

    Args:
        x, y: points in face units, from the middle of the mouth and from its arc.
        sizes: (width, height) of each tooth from the middle outwards.
        edge: y of the biting edge at a distance from the middle.
        upwards: whether the roots are above.
    """
    cover, shade = np.zeros_like(x), np.zeros_like(x)
    rounding = 0.16 if upwards else 0.12
    start = 0.0
    for width, height in sizes:
        bite = edge(start + width / 2)
        for side in (-1, 1):
            across = (side * x - start) / width - 0.5
            up = (bite - y) / height if upwards else (y - bite) / height
            corner = np.hypot(np.maximum(np.abs(across) - 0.5 + rounding, 0), np.maximum(rounding - up, 0))
            tooth = smoothstep(1 - corner / rounding, -0.10, 0.10) * (up < 1.25) * (np.abs(across) < 0.53)
            light = 1 - 0.13 * np.clip(np.abs(across) * 2, 0, 1) ** 4
            light = light * (0.90 + 0.10 * smoothstep(up, 0, 0.30)) * (1 - 0.22 * smoothstep(up, 0.75, 1.1))
            light = light * (1 - 0.42 * smoothstep(np.abs(start + width * (across + 0.5)), 0.10, 0.27))
            cover = np.maximum(cover, tooth)
            shade = np.where(tooth > 0.02, np.maximum(shade, light), shade)
        start += width
    return cover, shade


def _real_teeth(image: Picture, lips: Lips, axes: Axes, region: Region, level: float) -> Floats | None:
    """The portrait's own teeth as premultiplied RGBA 0..255, or None where it shows none."""
    face = axes.to_face(region.pixels())
    x, y = face[..., 0], face[..., 1]
    top = follow(lips.upper_line, x.ravel()).reshape(y.shape)
    bottom = follow(lips.lower_line, x.ravel()).reshape(y.shape)
    inside = (y > top) & (y < bottom) & (np.abs(x - lips.centre) < lips.half)
    if inside.sum() < 40:
        return None
    crop = image[region.slices]
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2HSV)[..., 1] < 0.45 * 255
    bright = crop.mean(axis=2) > 0.62 * level
    if (inside & grey & bright).sum() < 0.35 * inside.sum():
        return None
    soft = 1.2 / axes.unit
    cover = smoothstep(y - top, -2 * soft, 2 * soft) * smoothstep(bottom - y, -0.5 * soft, 0.012)
    cover = cover * smoothstep(0.94 * lips.half - np.abs(x - lips.centre), 0, 0.02)
    return np.dstack([crop * cover[..., None], cover * 255])


def _enamel(light: _Light, own: Floats | None, white: Floats | None) -> Floats:
    """RGB (3,) of teeth in the portrait's light: of those it shows, else like the white of the eyes.

    Without either, skin has to tell the light, which makes the teeth of dark skin too dark.
    """
    if own is not None:
        shown = own[own[..., 3] > 250][:, :3]
        bright = shown[shown.mean(axis=1) >= np.percentile(shown.mean(axis=1), 40)]
        if len(bright):
            return np.asarray(np.median(bright, axis=0), dtype=np.float64)
    enamel: Floats = (
        np.array([226.0, 213.0, 190.0]) * np.clip(light.level * 1.25 / 200, 0.32, 1.08) * light.tint
    )
    if white is not None:
        enamel = 0.2 * enamel + 0.8 * white * (1.01, 0.97, 0.88)
    enamel[1] = min(enamel[1], 0.965 * enamel[0])  # teeth are never bluer than a warm white
    enamel[2] = min(enamel[2], 0.90 * enamel[0])
    return enamel


def _white(image: Picture, landmarks: NDArray[Any], light: _Light) -> Floats | None:
    """RGB (3,) of the white of the eyes, or None where too little of it is seen."""
    inside = np.zeros(image.shape[:2], np.uint8)
    for eye in tables.EYES:
        rim = landmarks[[*eye["upper"], *eye["lower"]], :2]
        cv2.fillConvexPoly(inside, cv2.convexHull(np.round(rim).astype(np.int32)), 1)
    pixels = image[inside > 0].astype(np.float64)
    if len(pixels) < 60:
        return None
    level = pixels.mean(axis=1)
    bright = pixels[(level >= np.percentile(level, 70)) & (level < np.percentile(level, 95))]
    white = np.median(bright, axis=0)
    colourful = (white.max() - white.min()) / max(white.max(), 1.0)
    # Closed, tiny or strongly tinted eyes show no white.
    return white if colourful < 0.30 and white.mean() > 0.9 * light.level else None


def _haze(image: Picture, landmarks: NDArray[Any]) -> float:
    """How far the face is from any black, 0..1: haze or glare that is over it is over the mouth as well."""
    low, high = landmarks[:, :2].min(axis=0).astype(int), landmarks[:, :2].max(axis=0).astype(int)
    face = image[max(0, low[1]) : high[1], max(0, low[0]) : high[0]].reshape(-1, 3)
    darkest = float(np.percentile(face, 0.5, axis=0).min()) if len(face) else 0.0
    return max(0.0, darkest - _BLACK) / 255


def study(
    image: Picture, landmarks: NDArray[Any], axes: Axes, lips: Lips, region: Region
) -> dict[str, NDArray[Any]]:
    """Draw the inside of the mouth: arrays for ``Interior``, the pictures uint8 of the size of ``region``."""
    light = _light_of(image, landmarks, axes.unit)
    face = axes.to_face(region.pixels(_FINER))
    x = face[..., 0] - lips.centre
    y = face[..., 1] - lips.arc(face[..., 0])
    side = (1 + light.slope * np.clip(x / lips.half, -1, 1))[..., None]
    size = float(np.clip(2 * lips.half / 0.55, 0.8, 1.15))
    dim = np.clip(light.level / 150, 0.35, 1.1)

    def sprite(colour: Floats, cover: Floats) -> NDArray[np.uint8]:
        finer = np.dstack([colour * side * cover[..., None], cover * 255]).astype(np.float32)
        layer = cv2.resize(finer, (region.width, region.height), interpolation=cv2.INTER_AREA)
        layer = cv2.GaussianBlur(layer, (0, 0), max(0.45, 0.0035 * axes.unit))
        return np.clip(np.round(layer), 0, 255).astype(np.uint8)

    own = _real_teeth(image, lips, axes, region, light.level) if lips.is_open else None
    enamel = _enamel(light, own, _white(image, landmarks, light))
    widths = [(w * size, h * size) for w, h in zip(_UPPER_WIDTHS, _UPPER_HEIGHTS, strict=True)]
    cover, shade = _teeth(x, y, widths, lambda away: 0.020 - 0.19 * away * away, upwards=True)
    upper = sprite(enamel * shade[..., None], cover)
    if own is not None:
        upper = np.clip(np.round(own), 0, 255).astype(np.uint8)
    widths = [(w * size, h * size) for w, h in zip(_LOWER_WIDTHS, _LOWER_HEIGHTS, strict=True)]
    cover, shade = _teeth(x, y, widths, lambda away: 0.021 + 0.10 * away * away, upwards=False)
    lower = sprite(0.86 * enamel * shade[..., None] * (1, 0.975, 0.94), cover)

    middle = (y - 0.100) / 0.085
    cover = smoothstep(1 - (np.abs(x / 0.225) ** 2.4 + np.abs(middle) ** 2.2), 0, 0.30)
    groove = 1 - 0.18 * np.exp(-((x / 0.02) ** 2)) * smoothstep(-middle, -0.3, 0.6)
    flesh = 0.58 * (0.30 * light.lip + np.array([172.0, 86.0, 84.0]) * light.tint * 0.70 * max(dim, 0.4))
    tongue = sprite(flesh * ((0.72 + 0.28 * smoothstep(-middle, -0.6, 0.7)) * groove)[..., None], cover)

    depth = 0.35 + 0.65 * smoothstep(y, -0.02, 0.14)
    dark = np.array([50.0, 20.0, 22.0]) * light.tint * dim
    cavity = cv2.resize(dark * depth[..., None], (region.width, region.height), interpolation=cv2.INTER_AREA)
    return {
        "interior.cavity": np.clip(np.round(cavity), 0, 255).astype(np.uint8),
        "interior.haze": np.array([_haze(image, landmarks)], np.float32),
        "interior.tongue": tongue,
        "interior.lower": lower,
        "interior.upper": upper,
    }


class Interior:
    """Draws the inside of the mouth for a position of jaw and tongue.

    Args:
        gap: distance of the lips in the portrait, 0 for a closed mouth: as far a smile has lifted the lip.
    """

    def __init__(self, arrays: Arrays, axes: Axes, gap: float) -> None:
        self._cavity = np.asarray(arrays["interior.cavity"], dtype=np.uint8)
        self._haze = np.float32(arrays["interior.haze"][0])
        self._tongue = np.asarray(arrays["interior.tongue"], dtype=np.uint8)
        self._lower = np.asarray(arrays["interior.lower"], dtype=np.uint8)
        self._upper = np.asarray(arrays["interior.upper"], dtype=np.uint8)
        self._down = axes.basis[:, 1].astype(np.float32)
        self._hidden = 0.02 + 0.6 * gap
        self._spread = max(1.0, 0.028 * axes.unit)

    def draw(
        self, positions: Field, chin: float, values: NDArray[Any], hole: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """The inside of the mouth at some pixels.

        Args:
            positions: (h, w, 2) where each pixel lies in the mouth's region while the head is still.
            chin: how far the jaw is down, in face units.
            values: (8,) parameters of ``visemes.NAMES``.
            hole: (h, w) how open each pixel is, 0..1: lips shade what is near them.

        Returns:
            float32 (h, w, 3), 0..255.
        """
        picture = _layer(self._cavity, positions, cv2.BORDER_REPLICATE)
        tongue = self._down * np.float32(0.70 * chin - 0.055 * values[TONGUE])
        jaw = self._down * np.float32(chin + 0.004)
        # Rounded lips stand out and hide and shade the teeth behind them.
        skull = self._down * np.float32(-self._hidden * smoothstep(values[ROUND], 0.25, 0.90))
        rounded = float(smoothstep(values[ROUND], 0.50, 1.0))
        dark = 1 - rounded * np.array([0.64, 0.73, 0.75], np.float32)
        for sprite, shift in ((self._tongue, tongue), (self._lower, jaw), (self._upper, skull)):
            layer = _layer(sprite, positions - shift, cv2.BORDER_CONSTANT)
            picture *= 1 - layer[..., 3:] * (dark / 255)
            picture += layer[..., :3] * dark
        near = cv2.GaussianBlur(hole, (0, 0), self._spread)
        light = 1.20 * (1 - _SHADE * np.clip(1 - near, 0, 1)[..., None])
        picture *= np.clip(light, 0, 1) * (1 - 0.7 * rounded * _SHADE)
        if self._haze > 0:
            picture += (255 - picture) * self._haze
        return picture


def _layer(sprite: NDArray[np.uint8], positions: Field, border: int) -> NDArray[np.float32]:
    layer: NDArray[np.float32] = remap(sprite, positions, border).astype(np.float32)
    return layer
