"""What the pictures of a challenge's film show: one take of one face, taken by a camera.

Nearly every frame shows the face, nothing jumps, nothing stands still, nobody else is in it, and it carries
no mark of presenter's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from presenter import faces, intake, mouth
from presenter.faces import Detector
from presenter.people.challenge import LONGEST, refusal
from presenter.types import Face, Picture
from presenter.watermark import picture

FPS = 25
"""Frames a second at which a film is looked at."""
PIXELS = 220_000
"""Of a frame in which the face is followed: 60 s of them fit what the sandbox may answer."""
GLANCE = 12
"""Frames from one look for other faces to the next, and for a mark."""
SEEN = 0.9
"""Share of the frames in which the face has to be found."""
ALONE = 0.9
"""Share of the looks in which no other face may be found: now and then a detector sees one in wallpaper."""
LEAST_FPS = 10.0
"""Different frames a second: below, nobody can tell what lips do."""
STILL = 1.0
"""Longest time in which the picture does not change at all (s); a camera is never so quiet."""
LEAP, GROWTH, SPIN, SKIN, GROUND = 0.07, 0.05, 8.0, 7.0, 7.0
"""What one frame of a head does not do where those beside it do hardly anything: move by so much of the
distance of its eyes, grow or shrink by such a share, turn by so many degrees, change by so many grey levels;
and by how many its background does not."""
HARDLY = 3.0
"""A step has to be so many times larger than those beside it: a camera may leave out a frame or two."""
TURNED = 22.0
"""Degrees of the head beyond which its landmarks say little."""
FRONTAL = 12.0
"""Degrees by which a portrait may be turned, bowed or tilted."""
_COLUMNS, _ROWS = 32, 24
"""Fields of a frame whose colours are compared."""
_AROUND = 0.6
"""How much around the face's box moves with it: hair and shoulders, as a share of its sides."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What a film shows, T frames at ``FPS``; NaN where no face was found."""

    gaps: Floats
    """(T,) opening of the lips in E (see ``mouth.gap``)."""
    poses: Floats
    """(T, 3) yaw, pitch, roll in degrees."""
    eyes: Floats
    """(T, 3) middle between the outer corners of the eyes, x and y, and their distance, in pixels."""
    lids: Floats
    """(T,) how far the eyes are open (see ``faces.eye_opening``)."""
    changes: Floats
    """(T, 2) by how much background and face differ from the last frame that was new, in steps of 256."""
    fresh: NDArray[np.bool_]
    """(T,): does the frame differ from the one before?"""
    alone: float
    """Share of the looks that found no other face."""

    @property
    def found(self) -> NDArray[np.bool_]:
        """(T,): was there a face?"""
        return np.isfinite(self.gaps)


def refuse_marked(content: bytes) -> None:
    """Raise for a film of something that presenter drew."""
    glances = intake.fields(content, every=GLANCE / FPS, seconds=LONGEST)
    if picture.read(glances).present:
        raise refusal("SYNTHETIC", "This film carries the watermark of a synthetic picture.",
                      "Film the person themselves.")  # fmt: skip


def look(content: bytes, detector: Detector) -> Seen:
    """Follow the face through a film.

    Raises:
        InputError: as ``intake.frames``.
    """
    canvases = intake.frames(content, fps=FPS, pixels=PIXELS, seconds=LONGEST)
    rows: list[Floats] = []
    fresh, alone = [], []
    face: Face | None = None
    before: tuple[Floats, Floats, Face] | None = None
    for number, canvas in enumerate(canvases):
        fresh.append(number == 0 or not np.array_equal(canvas, canvases[number - 1]))
        if not fresh[-1]:
            rows.append(rows[-1])
            continue
        # The matrix of another standard (BT.601): good enough for landmarks, and quick.
        image = np.asarray(cv2.cvtColor(canvas, cv2.COLOR_YUV2RGB_I420), np.uint8)
        face = faces.follow(image, face, detector)
        if number % GLANCE == 0:
            found = detector.detect(image)
            alone.append(not found or len(faces.lined_up(found)) == 1)
        if face is None:
            rows.append(np.full(10, np.nan))
            continue
        after = _fields(image), _skin(image, face), face
        changed = _changes(before, after, image) if before else (0.0, 0.0)
        before = after
        rows.append(np.array([*_measured(face), *changed]))
    table = np.array(rows)
    return Seen(
        gaps=table[:, 0], poses=table[:, 1:4], eyes=table[:, 4:7], lids=table[:, 7], changes=table[:, 8:],
        fresh=np.array(fresh), alone=float(np.mean(alone)),
    )  # fmt: skip


def refuse_unsteady(seen: Seen, seconds: float) -> None:
    """Raise for a film that is no single take of one face.

    Args:
        seconds: length of its sound, to which there has to be a picture.
    """
    count = max(1, round(seconds * FPS))
    share = float(seen.found[:count].sum()) / count
    if share < SEEN:
        raise refusal("FACE", f"A face is seen in {share:.0%} of the film; {SEEN:.0%} are needed.",
                      "Sit in front of the camera, with light on the face.")  # fmt: skip
    if seen.alone < ALONE:
        raise refusal("FACES", f"Several faces are seen in {1 - seen.alone:.0%} of the film.",
                      "Be alone in the picture.")  # fmt: skip
    rate = float(seen.fresh.mean()) * FPS
    new = np.flatnonzero(np.append(seen.fresh, True))
    still = float(np.diff(new).max(initial=0)) / FPS
    if rate < LEAST_FPS or still > STILL:
        raise refusal(
            "RATE", f"The film shows {rate:.0f} pictures a second and stands still for {still:.1f} s; "
            f"{LEAST_FPS:.0f} are needed, and never more than {STILL:.0f} s.",
            "Use more light, close other programs, and film again.",
        )  # fmt: skip
    cut = first_cut(seen)
    if cut is not None:
        raise refusal("SPLICE", f"The picture jumps at {cut:.1f} s.",
                      "Film in one go, sit still, and let the light as it is.")  # fmt: skip


def first_cut(seen: Seen) -> float | None:
    """When a picture does not follow from the one before (s), or None."""
    there = np.flatnonzero(seen.found & seen.fresh)
    if len(there) < 4:
        return None
    apart = np.diff(there)  # frames that a camera left out give the head more time
    eyes, poses = seen.eyes[there], seen.poses[there]
    leap = np.hypot(*np.diff(eyes[:, :2], axis=0).T) / eyes[:-1, 2]
    growth = np.abs(np.diff(np.log(eyes[:, 2])))
    spin = np.abs(np.diff(poses, axis=0)).max(axis=1)
    ground, skin = seen.changes[there[1:]].T
    steps = np.stack([leap / LEAP, growth / GROWTH, spin / SPIN, skin / SKIN, ground / GROUND]) / apart
    beside = np.pad(steps, ((0, 0), (1, 1)))
    alone = steps - HARDLY * np.maximum(beside[:, :-2], beside[:, 2:])
    # Turned away, a face is misread now and then.
    away = np.abs(poses[:, 0] - np.median(poses[:, 0])) > TURNED
    alone[:-1, away[:-1] | away[1:]] = 0.0
    jumps = np.flatnonzero(alone.max(axis=0) > 1)
    return float(there[jumps[0] + 1]) / FPS if len(jumps) else None


def _measured(face: Face) -> tuple[float, ...]:
    right, left = face.landmarks[list(mouth.EYES), :2].astype(np.float64)
    middle, apart = (right + left) / 2, float(np.linalg.norm(left - right))
    return (mouth.gap(face), *face.pose, *middle, apart, faces.eye_opening(face.landmarks))


def _changes(before: tuple[Floats, Floats, Face], after: tuple[Floats, Floats, Face], image: Picture,
             ) -> tuple[float, float]:  # fmt: skip
    """By how much background (median) and face (mean) differ between two frames."""
    behind = ~(_covered(before[2], image) | _covered(after[2], image))
    ground = np.abs(before[0] - after[0]).max(axis=-1)[behind]
    return float(np.median(ground)) if ground.size else 0.0, float(np.abs(before[1] - after[1]).mean())


def _fields(image: Picture) -> Floats:
    """Mean colours of the fields of a frame, (rows, columns, 3)."""
    small = cv2.resize(image, (_COLUMNS, _ROWS), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float64)


def _covered(face: Face, image: Picture) -> NDArray[np.bool_]:
    """Fields in front of which the person is."""
    height, width = image.shape[:2]
    x, y = (np.arange(_COLUMNS) + 0.5) * width / _COLUMNS, (np.arange(_ROWS) + 0.5) * height / _ROWS
    box = face.box
    across, down = _AROUND * box.width, _AROUND * box.height
    beside = (x > box.x0 - across) & (x < box.x1 + across)
    below = y > box.y0 - down
    return np.asarray(below[:, None] & beside[None])


def _skin(image: Picture, face: Face) -> Floats:
    """The face's box in a few grey levels, so that another face in its place is noticed."""
    box = face.box
    x0, y0 = max(0, int(box.x0)), max(0, int(box.y0))
    part = image[y0 : max(y0 + 1, int(box.y1)), x0 : max(x0 + 1, int(box.x1))]
    grey = cv2.cvtColor(np.ascontiguousarray(part), cv2.COLOR_RGB2GRAY)
    return np.asarray(cv2.resize(grey, (12, 12), interpolation=cv2.INTER_AREA), np.float64)


def frontal(seen: Seen, within: Sequence[tuple[float, float]]) -> list[int]:
    """Frames that would make a portrait, the best first: straight, mouth closed, eyes open, hardly moving.

    Args:
        within: stretches (s) that count: where somebody speaks, so that the face is the one that spoke.
    """
    times = (np.arange(len(seen.gaps)) + 0.5) / FPS
    there = np.zeros(len(times), np.bool_)
    for start, end in within:
        there |= (times >= start) & (times <= end)
    there &= seen.found
    if not there.any():
        return []
    rest = float(np.percentile(seen.gaps[there], 10))
    open_lids = float(np.percentile(seen.lids[there], 75))
    motion = np.hypot(*np.gradient(seen.eyes[:, :2], axis=0).T) / seen.eyes[:, 2]
    turned = np.abs(seen.poses).max(axis=1) / FRONTAL
    opened = (seen.gaps - rest) / mouth.CLOSED
    lids = (open_lids - seen.lids) / (0.3 * open_lids)
    worst = np.max([turned, opened, lids, motion / 0.02], axis=0)
    chosen = np.flatnonzero(there & (worst < 1))
    return [int(number) for number in chosen[np.argsort(worst[chosen], kind="stable")]]
