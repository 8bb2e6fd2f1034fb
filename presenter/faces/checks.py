"""Whether a picture will make a good presenter, in plain words, before anything is rendered.

A verdict refuses only where the result would surely be wrong; everything that is a matter of taste, or
that colours and landmarks cannot tell for sure, is a warning, and ``outline`` shows the person what was
found. The detector draws a mouth on anything with eyes: that is why a hand, a mask or a microphone has
to be found by colour and by the missing dark line between the lips. Thresholds were set on photographs,
paintings and drawn faces.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from presenter.errors import InputError
from presenter.types import Face, Picture

NARROWEST = 90
"""A face must be this wide (pixels) ..."""
SHARP_WIDTH = 200
"""... and looks sharp from this width on."""
RIVAL = 1 / 3
"""Faces narrower than this share of the largest are passers-by and do not count."""
YAW, YAW_WARN = 30.0, 20.0
"""Degrees to the side: beyond the first the far corner of the mouth is gone."""
PITCH, ROLL = 30.0, 45.0
"""Degrees up or down, and of tilt."""
CHIN, SIDE, TOP = 0.01, 0.10, 0.20
"""Shares of the face's size by which chin, sides and forehead may lie outside the picture."""
DARK, DARK_WARN = 20, 45
"""Mean grey level of the face (0..255)."""
SOFT = 6.0
"""Variance of the Laplacian of the face at 256x256 and mean grey 128; blurred photos are below."""
EYES_CLOSED = 0.20
"""Height of the eye's opening over its width; open eyes have 0.3 to 0.45."""
MOUTH_OPEN = 0.10
"""Gap of the lips over the distance of the outer eye corners."""
MOUTH_WIDE = 0.68
"""Width of the mouth over the distance of the outer eye corners."""
SEAM = 0.05
"""The line between the lips is darker than the lips by at least this share of the skin's lightness."""

Floats = NDArray[np.float32]

# Landmarks of the canonical face mesh, in order along each line.
LIPS_OUTER = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146)
LIPS_INNER = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95)
EYE_RIGHT = (33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7)
EYE_LEFT = (263, 466, 388, 387, 386, 385, 384, 398, 362, 382, 381, 380, 374, 373, 390, 249)
_SKIN = (151, 9, 6, 197, 118, 347, 50, 280)  # forehead, bridge of the nose, below the eyes: above any mask
_LIPS = (0, 37, 267, 17, 84, 314)


class Detector(Protocol):
    """Finds faces: largest first, with 468 landmarks each."""

    def detect(self, image: Picture) -> list[Face]: ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """One thing that is wrong with a picture."""

    code: str
    """``E-...`` where it refuses, ``W-...`` where it warns."""
    severity: Literal["refuse", "warn"]
    message: str
    hint: str


def preflight(image: Picture, detector: Detector) -> list[Verdict]:
    """What is wrong with a picture as a presenter; the worst first, empty when all is well."""
    return examine(image, detector.detect(image))


def lined_up(found: Sequence[Face]) -> list[Face]:
    """The faces (largest first) that are no passers-by, from left to right: the first is number 1."""
    people = [face for face in found if face.box.width >= found[0].box.width * RIVAL]
    return sorted(people, key=lambda face: face.box.x0 + face.box.x1)


def choose(found: Sequence[Face], number: int) -> Face:
    """One of several faces (largest first), counted from the left, from 1.

    Raises:
        InputError: ``E-FACE-NUMBER`` when there is none of that number.
    """
    people = lined_up(found)
    if not 1 <= number <= len(people):
        known = "1 face" if len(people) == 1 else f"{len(people)} faces"
        raise InputError(
            "E-FACE-NUMBER",
            f"There is no face {number}; {known} found.",
            "Count from the left, from 1.",
            "face",
        )
    return people[number - 1]


def examine(image: Picture, found: Sequence[Face]) -> list[Verdict]:
    """``preflight`` for faces that were found already (largest first)."""
    if not found:
        return [_refuse("E-FACE-NONE", "No face found.", "Use a front view with both eyes visible.")]
    face = found[0]
    verdicts = [
        *_check_rivals(found),
        *_check_size(face),
        *_check_angle(face),
        *_check_edges(image, face),
        *_check_light(image, face),
        *_check_mouth(image, face),
        *_check_expression(face),
    ]
    return sorted(verdicts, key=lambda verdict: verdict.severity != "refuse")


def raise_first(verdicts: Sequence[Verdict]) -> None:
    """Raise the first verdict that refuses as an InputError."""
    for verdict in verdicts:
        if verdict.severity == "refuse":
            raise InputError(verdict.code, verdict.message, verdict.hint, "photo")


def outline(image: Picture, *faces: Face) -> Picture:
    """The picture, at most 1280 pixels a side, with the found eyes and mouth drawn in.

    Several faces are numbered in their order.
    """
    scale = min(1.0, 1280 / max(image.shape[:2]))
    size = (round(image.shape[1] * scale), round(image.shape[0] * scale))
    canvas = np.array(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    for number, face in enumerate(faces, 1):
        _trace(canvas, face, scale, str(number) if len(faces) > 1 else "")
    return canvas


def _trace(canvas: Picture, face: Face, scale: float, label: str) -> None:
    # Sub-pixel corners: cv2 takes them as whole numbers with a number of fractional bits.
    bits = 4
    corners = np.round(((face.landmarks[:, :2] + 0.5) * scale - 0.5) * 2**bits).astype(np.int32)
    width = max(1, round(face.box.width * scale / 160))
    place = round((face.box.x0 + face.box.x1) / 2 * scale), max(30, round(face.box.y0 * scale))
    for colour, pen in (((20, 30, 40), width + 2), ((120, 240, 220), width)):
        size = max(0.8, face.box.width * scale / 150)
        cv2.putText(canvas, label, place, cv2.FONT_HERSHEY_SIMPLEX, size, colour, 2 * pen, cv2.LINE_AA)
        for line in (LIPS_OUTER, LIPS_INNER, EYE_RIGHT, EYE_LEFT):
            cv2.polylines(canvas, [corners[list(line)]], True, colour, pen, cv2.LINE_AA, bits)


def eye_opening(landmarks: Floats) -> float:
    """Mean of both eyes: height of the opening over its width."""
    right = _distance(landmarks, 159, 145) / _distance(landmarks, 33, 133)
    left = _distance(landmarks, 386, 374) / _distance(landmarks, 362, 263)
    return (right + left) / 2


def _refuse(code: str, message: str, hint: str) -> Verdict:
    return Verdict(code, "refuse", message, hint)


def _warn(code: str, message: str, hint: str) -> Verdict:
    return Verdict(code, "warn", message, hint)


def _distance(landmarks: Floats, a: int, b: int) -> float:
    return float(np.linalg.norm(landmarks[a, :2] - landmarks[b, :2])) + 1e-6


def _check_rivals(found: Sequence[Face]) -> Iterator[Verdict]:
    count = len(lined_up(found))
    if count > 1:
        yield _refuse(
            "E-FACE-MANY",
            f"{count} faces found.",
            "Crop to one person, or say which one, counted from the left: --face 1.",
        )


def _check_size(face: Face) -> Iterator[Verdict]:
    width = face.box.width
    if width < NARROWEST:
        yield _refuse(
            "E-PHOTO-SMALL",
            f"The face is {width:.0f} pixels wide; at least {NARROWEST} are needed, "
            f"from {SHARP_WIDTH} on it looks sharp.",
            "Use a larger photo or one taken from nearer.",
        )
    elif width < SHARP_WIDTH:
        yield _warn(
            "W-PHOTO-SMALL",
            f"The face is {width:.0f} pixels wide; from {SHARP_WIDTH} on it looks sharp.",
            "Use a larger photo if you have one.",
        )


def _check_angle(face: Face) -> Iterator[Verdict]:
    yaw, pitch, roll = (abs(angle) for angle in face.pose)
    if yaw > YAW:
        yield _refuse(
            "E-FACE-MOUTH",
            f"The mouth is turned away (angle {yaw:.0f}, limit {YAW:.0f}).",
            "Use a front view with both corners of the mouth visible.",
        )
    elif yaw > YAW_WARN:
        yield _warn(
            "W-FACE-ANGLE",
            f"The head is turned to the side (angle {yaw:.0f}; best below {YAW_WARN:.0f}).",
            "A front view looks more natural.",
        )
    if pitch > PITCH:
        way = "down" if face.pose[1] > 0 else "up"
        yield _refuse(
            "E-FACE-ANGLE",
            f"The head looks {way} (angle {pitch:.0f}, limit {PITCH:.0f}).",
            "Use a photo that looks into the camera.",
        )
    if roll > ROLL:
        yield _refuse(
            "E-FACE-ANGLE",
            f"The head lies on its side (angle {roll:.0f}, limit {ROLL:.0f}).",
            "Turn the photo upright.",
        )


def _check_edges(image: Picture, face: Face) -> Iterator[Verdict]:
    height, width = image.shape[:2]
    size = max(face.box.width, face.box.height)
    if (float(face.landmarks[152, 1]) - height) / size > CHIN:
        yield _refuse("E-FACE-CUT", "The chin is cut off.", "Use a photo that shows the whole head.")
    elif max(-face.box.x0, face.box.x1 - width) / size > SIDE or -face.box.y0 / size > TOP:
        yield _refuse(
            "E-FACE-CUT", "A part of the face is cut off.", "Use a photo that shows the whole head."
        )


def _check_light(image: Picture, face: Face) -> Iterator[Verdict]:
    grey = cv2.cvtColor(_crop(image, face), cv2.COLOR_RGB2GRAY)
    mean = float(grey.mean())
    if mean < DARK:
        yield _refuse("E-PHOTO-DARK", "The face is too dark to be seen.", "Use a photo with more light.")
        return
    if mean < DARK_WARN:
        yield _warn("W-PHOTO-DARK", "The face is rather dark.", "A photo with more light looks better.")
    square = cv2.resize(grey, (256, 256), interpolation=cv2.INTER_AREA)
    if cv2.Laplacian(square, cv2.CV_64F).var() * (128 / mean) ** 2 < SOFT:
        yield _warn("W-PHOTO-BLUR", "The face is blurred.", "Use a sharper photo if you have one.")


def _check_mouth(image: Picture, face: Face) -> Iterator[Verdict]:
    """Lips have nearly the colour of skin and a dark line between them; what covers them has not."""
    points = face.landmarks
    if points[17, 1] >= image.shape[0]:
        return  # cut off, which is said elsewhere
    # L in 0..100, a (green to red) and b (blue to yellow) about -100..100.
    crop = _crop(image, face).astype(np.float32) / 255
    lab = np.asarray(cv2.cvtColor(crop, cv2.COLOR_RGB2LAB), np.float32)
    corner = np.floor(np.maximum([face.box.x0, face.box.y0], 0))
    local = np.asarray(points[:, :2] - corner, np.float32)
    reach = _distance(points, 33, 263)
    skin = _colour(lab, local[list(_SKIN)], 0.04 * reach)
    lips = _colour(lab, local[list(_LIPS)], 0.02 * reach)
    light, red, yellow = lips - skin
    foreign = red < -8 or yellow < -15 or abs(light) > 30
    seamless = _seam(lab, local) < SEAM * skin[0]
    if foreign and seamless:
        yield _refuse("E-FACE-MOUTH", "The mouth is hidden.", "Use a photo in which nothing covers it.")
    elif seamless or np.hypot(red, yellow) > 40:
        yield _warn(
            "W-FACE-MOUTH",
            "The mouth can hardly be made out.",
            "Look at the outline; if something covers the mouth, use another photo.",
        )


def _colour(lab: Floats, points: Floats, radius: float) -> Floats:
    """Median L, a, b of the patches around points (N, 2) of x, y; outliers such as glints do not count."""
    reach = max(1, int(radius))
    patches = []
    for x, y in np.clip(points, 0, [lab.shape[1] - 1, lab.shape[0] - 1]).astype(int):
        patch = lab[max(0, y - reach) : y + reach + 1, max(0, x - reach) : x + reach + 1]
        patches.append(np.median(patch.reshape(-1, 3), 0))
    return np.asarray(np.median(patches, 0), np.float32)


def _seam(lab: Floats, points: Floats) -> float:
    """By how much (in L) the darkest spot between the lips is darker than they: median of nine columns."""
    depths = []
    top, bottom = min(points[0, 1], points[13, 1]), max(points[17, 1], points[14, 1])
    rows = slice(max(0, int(top)), int(bottom) + 1)
    for share in np.linspace(0.2, 0.8, 9):
        x = points[78, 0] * (1 - share) + points[308, 0] * share
        column = lab[rows, int(np.clip(x, 0, lab.shape[1] - 1)), 0]
        if len(column) > 4:
            depths.append(float(np.median(column) - column.min()))
    return float(np.median(depths)) if depths else 0.0


def _check_expression(face: Face) -> Iterator[Verdict]:
    points = face.landmarks
    eyes = _distance(points, 33, 263)
    if eye_opening(points) < EYES_CLOSED:
        yield _warn("W-FACE-EYES", "The eyes look closed.", "Use a photo with open eyes.")
    if _distance(points, 13, 14) / eyes > MOUTH_OPEN:
        yield _warn("W-FACE-SMILE", "The mouth is open.", "A closed, relaxed mouth works best.")
    elif _distance(points, 61, 291) / eyes > MOUTH_WIDE:
        yield _warn("W-FACE-SMILE", "The smile is wide.", "A closed, relaxed mouth works best.")


def _crop(image: Picture, face: Face) -> Picture:
    """The part of the picture inside the face's box, at least one pixel."""
    height, width = image.shape[:2]
    x0, y0 = (int(np.clip(low, 0, high - 1)) for low, high in ((face.box.x0, width), (face.box.y0, height)))
    x1, y1 = max(x0 + 1, int(min(face.box.x1, width))), max(y0 + 1, int(min(face.box.y1, height)))
    return image[y0:y1, x0:x1]
