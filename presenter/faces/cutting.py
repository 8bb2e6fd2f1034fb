"""Cutting a person out of a portrait and setting them before colours.

The background is replaced once, in the portrait itself: what animates a face bends what is close around it
a little, which nobody sees in a smooth gradient. So nothing is cut in moving pictures, and no edge flickers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from presenter.types import Face, Picture, Portrait

Matte = NDArray[np.float32]
"""float32 (H, W), 0..1: how much of each pixel is the person."""

SURE = 0.9
"""Mean of the matte inside of the face from which it is believed."""
MOST = 0.97
"""Share of the picture; a person who fills more was not told from the background."""
AROUND = 1.4
"""Width of what is looked at in a wide picture, as a share of its height."""
FADE = 0.06
"""Width in which a person fades at the sides of that, likewise."""
INSIDE = 0.95
"""Of the matte: pixels above it have the person's colours alone."""
REACH = 0.012
"""How far those colours are carried outwards, as a share of the picture's height."""

Colour = tuple[int, int, int]


def cut_out(
    portrait: Portrait, matte: Callable[[Picture], Matte], colours: tuple[Colour, Colour]
) -> Portrait | None:
    """The portrait with another background.

    Args:
        portrait: framed already.
        matte: finds the person in a picture.
        colours: RGB at the top and at the bottom; between them is a gradient.

    Returns:
        A new portrait with the same faces, or None where the person could not be told from the background.
    """
    ground = _gradient(portrait.height, portrait.width, colours)
    images = np.empty_like(portrait.images)
    steady: Matte | None = None
    for index, (image, face) in enumerate(zip(portrait.images, portrait.faces, strict=True)):
        found = _seen(image, face, matte)
        if index == 0 and not _holds(found, face):
            return None
        # In a clip edges are held still a little against the frame before.
        steady = found if steady is None else np.asarray(0.5 * steady + 0.5 * found, np.float32)
        images[index] = _set_before(image, steady, ground)
    return replace(portrait, images=images)


def _seen(image: Picture, face: Face, matte: Callable[[Picture], Matte]) -> Matte:
    """The matte of a picture; of a wide one only what is around the face is looked at."""
    height, width = image.shape[:2]
    room = round(AROUND * height)
    if width <= room:
        return matte(image)
    left = round(min(max((face.box.x0 + face.box.x1 - room) / 2, 0), width - room))
    part = matte(np.ascontiguousarray(image[:, left : left + room]))
    # Who reaches beyond it fades out instead of being cut.
    edge = np.minimum(np.arange(room), np.arange(room)[::-1]) / (FADE * height)
    out = np.zeros((height, width), np.float32)
    out[:, left : left + room] = part * np.minimum(1, edge)[None]
    return out


def _holds(matte: Matte, face: Face) -> bool:
    """Is the face a part of the person, and is there a background at all?"""
    box = face.box
    inner = matte[
        max(0, round(box.y0 + 0.15 * box.height)) : max(0, round(box.y1 - 0.15 * box.height)),
        max(0, round(box.x0 + 0.15 * box.width)) : max(0, round(box.x1 - 0.15 * box.width)),
    ]
    return bool(inner.size and inner.mean() >= SURE and matte.mean() <= MOST)


def _set_before(image: Picture, matte: Matte, ground: NDArray[np.float32]) -> Picture:
    share = matte[..., None]
    colours = image.astype(np.float32)
    # Half-covered pixels hold the old background's light: they take the colours just inside of them.
    inside = (matte > INSIDE).astype(np.float32)
    sigma = REACH * len(matte)
    near = cv2.GaussianBlur(inside, (0, 0), sigma)
    carried = cv2.GaussianBlur(colours * inside[..., None], (0, 0), sigma) / np.maximum(near, 1e-4)[..., None]
    edge = ((matte <= INSIDE) & (near > 1e-3))[..., None]
    person = np.where(edge, carried, colours)
    return np.asarray(np.clip(np.round(ground + (person - ground) * share), 0, 255), np.uint8)


def _gradient(height: int, width: int, colours: tuple[Colour, Colour]) -> NDArray[np.float32]:
    way = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    top, bottom = (np.array(colour, np.float32) for colour in colours)
    return np.asarray(np.broadcast_to(top + (bottom - top) * way, (height, width, 3)), np.float32)
