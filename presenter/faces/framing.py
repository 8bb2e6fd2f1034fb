"""Fitting a portrait into a picture of another size, as a camera operator would.

The eyes lie on a line two fifths from the top, the face in the middle and of a size that leaves room
for hair and shoulders. The picture always reaches the bottom; where it is too narrow (or, in upright
formats, too short) it goes on as its own mirror image, more blurred and darker the farther out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from presenter.errors import WorkError
from presenter.types import Box, Face, Picture, Portrait

EYE_LINE = 0.40
"""Height of the eyes in the picture, from the top."""
ZOOM = 0.42
"""Height of the face (forehead to chin) over that of the picture."""
ZOOM_SMALL = 0.50
"""The same for small pictures, in which a face has to be larger to be read."""
SMALL = 400
"""Pictures lower than this are small (pixels)."""
HEAD_WIDTH = 1.15
"""Width of a head with hair in units of the face's height."""
CROWN = 0.45
"""How far hair reaches above the forehead landmark, in units of the face's height."""
BREADTH = 0.66
"""Most of the picture's width that a head with hair fills by default."""
UPSCALE = 2.0
"""In pictures of 720 lines, a photo is enlarged by no more than this for the sake of zoom; filling the
picture's height may need more. Larger pictures allow more in proportion, so that all sizes look alike."""
FEATHER = 0.05
"""Width of the soft edge between photo and its continuation, as a share of the picture's height."""
DIM = 0.30
"""By how much the continuation is darkened far out."""
STRIP = 0.05
"""Share of the photo's side that is continued at most: shoulders reach further in than that."""
BLUR = 0.03
"""Sigma of the continuation's blur, as a share of the picture's height."""
BLUR_MUCH = 0.14
"""The same where the head is near the photo's edge: streaks of hair must not show."""
LEAST_MARGIN = 0.15
"""Margin beside the head, in units of the gap that it has to fill, below which the head is near."""
BYTES_LIMIT = 400_000_000
"""A clip keeps only as many frames as fit into this."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Placement:
    """A crop of the photo and where its scaled copy goes; all half-open, pixels."""

    crop: tuple[int, int, int, int]
    """x0, y0, x1, y1 in the photo."""
    target: tuple[int, int, int, int]
    """x0, y0, x1, y1 in the picture."""

    @property
    def scale(self) -> NDArray[np.float64]:
        """Factors in x and y; they differ by rounding only."""
        (a, b, c, d), (e, f, g, h) = self.crop, self.target
        return np.array([(g - e) / (c - a), (h - f) / (d - b)])


def frame(portrait: Portrait, width: int, height: int, *, zoom: float | None = None) -> Portrait:
    """Crop and scale a portrait for a picture, with its landmarks.

    The same arguments give the same pixels. A clip is framed once for all its frames, by the mean place
    of the face, and cut to what fits into 400 MB.

    Args:
        width, height: of the picture (pixels, even).
        zoom: height of the face (forehead to chin) as a share of the picture's height, 0.05 to 1;
            by default what suits the format. Limited where the photo would get larger than needed.

    Returns:
        A portrait with images (N, height, width, 3).
    """
    if width < 2 or height < 2 or width % 2 or height % 2:
        raise WorkError("E-FRAME-SIZE", f"A picture of {width}x{height} cannot be made.", "Use even sizes.")
    count = max(1, min(len(portrait.images), BYTES_LIMIT // (width * height * 3)))
    landmarks = np.stack([face.landmarks for face in portrait.faces[:count]]).mean(axis=0)
    scale = _scale(landmarks, portrait, width, height, zoom)
    place = _place(landmarks, portrait, width, height, scale)
    surround = _Surround(_move(landmarks, place), place, width, height)
    images = np.empty((count, height, width, 3), np.uint8)
    for index in range(count):
        images[index] = _draw(portrait.images[index], place, surround, width, height)
    faces = tuple(_move_face(face, place) for face in portrait.faces[:count])
    return replace(portrait, images=images, faces=faces)


def _scale(landmarks: Floats, portrait: Portrait, width: int, height: int, zoom: float | None) -> float:
    """Pixels of the picture a pixel of the photo."""
    face = _length(landmarks, 10, 152)
    share = zoom
    if share is None:
        share = ZOOM if height >= SMALL else ZOOM_SMALL
        share = min(share, BREADTH * width / (HEAD_WIDTH * height))
    cover = height / portrait.height
    limit = UPSCALE * max(1.0, min(width, height) / 720)
    wanted = min(float(np.clip(share, 0.05, 1.0)) * height / face, max(limit, cover))
    # The photo fills the height, unless that would push the head out at the sides (upright formats).
    fits = 0.95 * width / (HEAD_WIDTH * face)
    return max(wanted, min(cover, fits))


def _place(landmarks: Floats, portrait: Portrait, width: int, height: int, scale: float) -> _Placement:
    """Where the photo goes at this scale."""
    face = _length(landmarks, 10, 152) * scale
    eyes = float(landmarks[[33, 133, 362, 263], 1].mean()) * scale
    crown = float(landmarks[10, 1]) * scale - CROWN * face
    middle = float(landmarks[234, 0] + landmarks[454, 0]) / 2 * scale
    # Hair rather stays in the picture than the eyes on their line.
    top = max(EYE_LINE * height - eyes, 0.02 * height - crown)
    left = width / 2 - middle
    room = width - portrait.width * scale
    left = float(np.clip(left, min(room, 0.0), max(room, 0.0)))
    room = height - portrait.height * scale
    # What is too short stands on the lower edge: shoulders must not float.
    top = float(np.clip(top, room, 0.0)) if room < 0 else room
    x0, x1, to_x0, to_x1 = _span(left, scale, portrait.width, width)
    y0, y1, to_y0, to_y1 = _span(top, scale, portrait.height, height)
    return _Placement((x0, y0, x1, y1), (to_x0, to_y0, to_x1, to_y1))


def _span(offset: float, scale: float, length: int, room: int) -> tuple[int, int, int, int]:
    """Along one axis: the part of the photo that is seen (first, last + 1), and where it lands.

    Gaps of a pixel or two, which are rounding, are closed.
    """
    first = max(0, int(np.floor(-offset / scale)))
    last = min(length, int(np.ceil((room - offset) / scale)))
    start, end = round(offset + first * scale), round(offset + last * scale)
    if 0 < start <= 2:
        start = 0
    if room - 2 <= end < room:
        end = room
    return first, last, start, end


def _draw(image: Picture, place: _Placement, surround: _Surround, width: int, height: int) -> Picture:
    x0, y0, x1, y1 = place.crop
    to_x0, to_y0, to_x1, to_y1 = place.target
    filter_ = cv2.INTER_AREA if place.scale.max() < 1 else cv2.INTER_CUBIC
    scaled = cv2.resize(image[y0:y1, x0:x1], (to_x1 - to_x0, to_y1 - to_y0), interpolation=filter_)
    seen = scaled[max(0, -to_y0) : height - to_y0, max(0, -to_x0) : width - to_x0]
    return surround.draw(np.asarray(seen, np.uint8))


class _Surround:
    """What is around a photo that does not fill its picture; the masks are made once for a clip."""

    def __init__(self, landmarks: Floats, place: _Placement, width: int, height: int) -> None:
        x0, y0, x1, _ = place.target
        self._size = width, height
        top, left, right = self._gaps = max(0, y0), max(0, x0), max(0, width - x1)
        if not any(self._gaps):
            return
        # Only what is beside and above the head is mirrored: nobody wants a ghost at the edge.
        head = HEAD_WIDTH * _length(landmarks, 10, 152)
        middle = float(landmarks[234, 0] + landmarks[454, 0]) / 2
        crown = float(landmarks[10, 1]) - CROWN * head / HEAD_WIDTH
        self._margins = (crown - top, middle - head * 0.6 - left, width - right - middle - head * 0.6)
        pairs = zip(self._gaps, self._margins, strict=True)
        near = any(margin < LEAST_MARGIN * gap for gap, margin in pairs if gap)
        self._sigma = (BLUR_MUCH if near else BLUR) * height / 8
        x = np.arange(width, dtype=np.float32)[None] + 0.5
        y = np.arange(height, dtype=np.float32)[:, None] + 0.5
        # Distance into the photo from its open edges (> 0), or out of it (< 0), in pixels.
        inside = np.full((height, width), np.float32(1e6))
        for gap, depth in ((top, y - top), (left, x - left), (right, width - right - x)):
            if gap:
                inside = np.minimum(inside, depth)
        self._opacity = _smooth(inside / (FEATHER * height))[..., None]
        self._light = 1 - DIM * _smooth(-inside / (0.5 * height))[..., None]

    def draw(self, seen: Picture) -> Picture:
        """The whole picture (height, width, 3) from the part that the photo covers."""
        if not any(self._gaps):
            return seen
        width, height = self._size
        # A blur needs no detail: an eighth of the size is enough.
        small = cv2.resize(seen, None, fx=1 / 8, fy=1 / 8, interpolation=cv2.INTER_AREA).astype(np.float32)
        soft = cv2.GaussianBlur(np.ascontiguousarray(self._mirror(small)), (0, 0), self._sigma)
        back = cv2.resize(soft, (width, height), interpolation=cv2.INTER_CUBIC) * self._light
        top, left, right = self._gaps
        front = cv2.copyMakeBorder(seen, top, 0, left, right, cv2.BORDER_REPLICATE)
        mixed = back + (front - back) * self._opacity
        return np.asarray(np.clip(np.round(mixed), 0, 255), np.uint8)

    def _mirror(self, image: Floats) -> Floats:
        """The photo (an eighth of its size) with its margins mirrored into the gaps."""
        # Turned so that each open edge is on the left in its turn.
        for gap, margin, turns in zip(self._gaps, self._margins, (1, 0, 2), strict=True):
            if gap:
                image = np.rot90(_extend(np.rot90(image, turns), gap / 8, margin / 8), -turns)
        return image


def _extend(image: Floats, gap: float, margin: float) -> Floats:
    """The picture with ``gap`` columns more on the left: its ``margin`` left ones mirrored and stretched."""
    taken = int(np.clip(margin, 1, max(1, min(gap, STRIP * image.shape[1]))))
    strip = np.ascontiguousarray(image[:, :taken][:, ::-1])
    stretched = cv2.resize(strip, (max(1, round(gap)), len(image)), interpolation=cv2.INTER_LINEAR)
    return np.concatenate([np.asarray(stretched, np.float32), image], 1)


def _smooth(value: Floats) -> Floats:
    """Smoothstep: 0 below 0, 1 above 1."""
    t = np.clip(value, 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def _length(landmarks: Floats, a: int, b: int) -> float:
    return float(np.linalg.norm(landmarks[a, :2] - landmarks[b, :2])) + 1e-6


def _move(landmarks: Floats, place: _Placement) -> Floats:
    """Landmarks (468, 3) in pixels of the photo as ones in pixels of the picture; integers are centres."""
    crop, target = np.array(place.crop[:2]), np.array(place.target[:2])
    flat = (landmarks[:, :2] + 0.5 - crop) * place.scale - 0.5 + target
    depth = landmarks[:, 2:] * place.scale.mean()
    return np.concatenate([flat, depth], 1).astype(np.float32)


def _move_face(face: Face, place: _Placement) -> Face:
    landmarks = _move(face.landmarks, place)
    low, high = landmarks[:, :2].min(0), landmarks[:, :2].max(0)
    box = Box(float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    return replace(face, box=box, landmarks=landmarks)
