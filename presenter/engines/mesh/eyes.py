"""Blinking: pictures of both eyes at several stages, made once for a portrait."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from presenter.engines.mesh import tables
from presenter.engines.mesh.geometry import Axes, Floats, Region, remap, sample, smoothstep
from presenter.types import Arrays, Picture

STAGES = 8
"""Stages between open (0, not kept) and closed."""
_LASHES = 0.019
"""Height in E of the band of lashes, which moves as a whole."""
_SEARCH = 0.055
"""E around the landmarks within which the rim of an eye is looked for in the picture."""
_SKIN = 0.62
"""Share of the skin's colour from which a pixel counts as lid rather than eye."""


def study(image: Picture, landmarks: NDArray[Any], axes: Axes) -> dict[str, NDArray[Any]]:
    """Draw the stages: arrays for ``Eyes``, RGBA uint8 (8, h, w, 4) for each eye."""
    points = axes.to_face(landmarks[:, :2])
    picture = Region(0, 0, image.shape[1], image.shape[0])
    arrays: dict[str, NDArray[Any]] = {}
    for number, eye in enumerate(tables.EYES):
        upper, lower, brow = (_sorted(points[list(eye[part])]) for part in ("upper", "lower", "brow"))
        upper, lower = _rim(image, axes, upper, lower)
        top = min(brow[:, 1].min(), upper[:, 1].min() - 0.1)
        region = axes.region(
            upper[:, 0].min() - 0.07, top, upper[:, 0].max() + 0.07, lower[:, 1].max() + 0.10, 1, picture
        )
        if min(region.width, region.height) < 6:
            continue
        stages = [
            _close(image, axes, region, (upper, lower, brow), stage / STAGES)
            for stage in range(1, STAGES + 1)
        ]
        arrays[f"eyes.{number}.region"] = region.array()
        arrays[f"eyes.{number}.stages"] = np.stack(stages)
    return arrays


def _sorted(contour: Floats) -> Floats:
    return contour[np.argsort(contour[:, 0])]


def _rim(image: Picture, axes: Axes, upper: Floats, lower: Floats) -> tuple[Floats, Floats]:
    """Where the lids really end: contours (n, 2) from left to right; the landmarks' own if in doubt.

    Landmarks are drawn towards an average eye. On wide eyes the lids would leave the corners open.
    """
    left, right = upper[0, 0] - _SEARCH, upper[-1, 0] + _SEARCH
    top, bottom = upper[:, 1].min() - _SEARCH, lower[:, 1].max() + _SEARCH
    steps = max(24, round(2 * axes.unit * (right - left)))
    x = np.linspace(left, right, steps)
    y = np.linspace(top, bottom, max(16, round(steps * (bottom - top) / (right - left))))
    grid = np.stack(np.meshgrid(x, y), axis=-1)
    eye = _not_skin(sample(image, axes.to_pixels(grid).astype(np.float32)))
    guess = (grid[..., 1] > np.interp(x, *upper.T)) & (grid[..., 1] < np.interp(x, *lower.T))
    count, labels = cv2.connectedComponents(eye.astype(np.uint8))
    inside = np.bincount(labels[guess & eye], minlength=count)
    inside[0] = 0
    found = labels == inside.argmax()
    rows = np.count_nonzero(found, axis=0)
    columns = np.flatnonzero(rows)
    share = found.sum() / max(guess.sum(), 1)
    found |= guess
    if not inside.any() or len(columns) < 12 or not 0.5 < share < 2.8 or found[[0, -1]].mean() > 0.1:
        return upper, lower
    first, last = columns[0], columns[-1]
    across = x[first : last + 1]
    middle = np.searchsorted(y, (np.interp(x, *upper.T) + np.interp(x, *lower.T)) / 2)
    lid = y[_top(found, middle)][first : last + 1]
    floor = y[len(y) - 1 - found[::-1].argmax(axis=0)][first : last + 1]
    # Lids are smooth; lashes and reflections are not.
    lid, floor = (np.polyval(np.polyfit(across, edge, 4), across) for edge in (lid, floor))
    floor = np.maximum(floor, lid)
    lid = lid + np.minimum(0.7 * _LASHES, 0.5 * (floor - lid))  # the lashes are above their rim
    return np.stack([across, lid], axis=1), np.stack([across, floor], axis=1)


def _top(mask: NDArray[np.bool_], middle: NDArray[Any]) -> NDArray[Any]:
    """For each column of a mask the first row of the run that holds the row ``middle``; of the mask where
    that row is not in it. What is above a gap is the crease of the lid, not its rim.
    """
    gap = ~mask & (np.arange(len(mask))[:, None] < middle)
    run = np.where(gap.any(axis=0), len(mask) - gap[::-1].argmax(axis=0), 0)
    return np.where(mask[middle, np.arange(mask.shape[1])], run, mask.argmax(axis=0))


def _not_skin(patch: NDArray[Any]) -> NDArray[np.bool_]:
    """Where an eye, its white or its lashes are in a patch around an eye: by colour, not by brightness."""
    lab = cv2.cvtColor(cv2.GaussianBlur(patch, (0, 0), 1.0), cv2.COLOR_RGB2LAB).astype(np.float64)
    light, chroma = lab[..., 0], lab[..., 1:] - 128
    border = np.concatenate([lab[-3:].reshape(-1, 3), lab[:2].reshape(-1, 3)])
    skin = np.median(border[:, 1:] - 128, axis=0)
    share = chroma @ skin / max(float(skin @ skin), 1.0)
    share = share * np.minimum(light / max(float(np.median(border[:, 0])), 1.0), 1.0) ** 0.7
    mask = (share < _SKIN).astype(np.uint8)
    return cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8)) > 0


def _close(
    image: Picture, axes: Axes, region: Region, contours: tuple[Floats, Floats, Floats], amount: float
) -> NDArray[np.uint8]:
    """One eye, closed by ``amount`` (0..1): RGBA, transparent where nothing changes.

    Each column is solved on its own and in closed form: the lashes move down as they are, the skin
    between them and the brow is stretched. A field that is inverted numerically cannot do this, because
    its slope exceeds 1 and the iris would shine through.
    """
    upper, lower, brow = contours
    pixels = region.pixels()
    face = axes.to_face(pixels)
    x, y = face[..., 0], face[..., 1]
    lid = np.interp(x, *upper.T)
    floor = np.interp(x, upper[:, 0], np.interp(upper[:, 0], *lower.T))
    top = np.minimum(np.interp(x, *brow.T) + 0.015, lid - 0.05)
    lash = lid + 0.001
    inside = smoothstep(x, upper[0, 0] - 0.03, upper[0, 0]) * smoothstep(upper[-1, 0] + 0.03 - x, 0, 0.03)
    drop = amount * inside * np.maximum(floor - lid, 0)
    edge = lash + drop

    skin = np.maximum(lash - top - _LASHES, 0.02)
    longer = skin + drop
    above = edge - y
    part = np.clip((above - _LASHES) / longer, 0, 1)
    slope = np.clip(2 - longer / skin, 0.55, 1)
    skip = 0.20 * np.clip(drop / skin, 0, 1) ** 1.5  # the crease of the lid folds away
    stretched = lash - _LASHES - skin * (skip + (1 - skip) * part * (slope + (1 - slope) * part))
    origin = np.where(y < top, y, stretched)
    origin = np.where(above < _LASHES, lash - above, origin)
    origin = np.where(above < 0, lash, origin)
    maps = (pixels + (origin - y)[..., None] * axes.basis[:, 1]).astype(np.float32)
    colour = remap(image, maps, cv2.BORDER_REPLICATE, cv2.INTER_CUBIC).astype(np.float32)

    # Stretched skin shows vertical streaks of lashes: blur it along the lid.
    smooth = cv2.GaussianBlur(
        colour, (0, 0), sigmaX=max(1.0, 0.022 * axes.unit), sigmaY=max(0.6, 0.004 * axes.unit)
    )
    blur = 0.85 * smoothstep(drop, 0.01, 0.05) * smoothstep(above - _LASHES, 0, 0.012)
    blur = (blur * smoothstep(1 - part, 0, 0.25)).astype(np.float32)[..., None]
    colour += (smooth - colour) * blur
    # The lid turns away from the light near the lashes.
    shade = 1 - 0.16 * amount * np.exp(-((above / 0.03) ** 2)) * (above > 0)
    soft = 0.6 / axes.unit
    cover = smoothstep(above, -soft, soft) * smoothstep(y, top, top + 0.03) * smoothstep(drop, 0, 0.010)
    layer = np.dstack([colour * shade[..., None], cover * 255])
    return np.clip(np.round(layer), 0, 255).astype(np.uint8)


class Eyes:
    """Closes the eyes of a picture."""

    def __init__(self, arrays: Arrays) -> None:
        self._eyes = [
            (Region.of(arrays[f"eyes.{n}.region"]), np.asarray(arrays[f"eyes.{n}.stages"], dtype=np.uint8))
            for n in range(len(tables.EYES))
            if f"eyes.{n}.region" in arrays
        ]

    @property
    def regions(self) -> tuple[Region, ...]:
        """What blinking can change."""
        return tuple(region for region, _ in self._eyes)

    def stage(self, blink: float) -> int:
        """The nearest stage for how far the lids are down (0..1); 0 is open."""
        return int(np.clip(round(blink * STAGES), 0, STAGES))

    def close(self, image: NDArray[np.uint8], stage: int) -> None:
        """Draw a stage into a picture (H, W, 3 or more) that shows open eyes; in place."""
        if stage == 0:
            return
        for region, stages in self._eyes:
            layer = stages[stage - 1].astype(np.float32)
            part = image[region.slices][..., :3]
            cover = layer[..., 3:] / np.float32(255)
            part[...] = np.round(part + (layer[..., :3] - part) * cover).astype(np.uint8)
