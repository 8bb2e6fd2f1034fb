"""Portraits from photos, clips and the drawn sample presenters; keeping and reading them.

A clip costs memory, not time: only its first seconds are kept (and later played forth and back), but
the rest is looked through, so that a person who walks away is noticed.
"""

from __future__ import annotations

import difflib
import json
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from presenter import video
from presenter.errors import InputError, SetupError, WorkError
from presenter.faces.checks import Detector, choose, examine, eye_opening, lined_up, raise_first
from presenter.faces.pictures import open_picture
from presenter.types import Box, Face, Picture, Portrait

CLIP_SECONDS = 60.0
"""Longest clip."""
CLIP_SIZE = (1920, 1080)
"""Largest clip (pixels), lying or upright."""
CLIP_FPS = (10.0, 120.0)
"""Frames a second that a clip may have; above 30 every second, third ... frame is taken."""
KEPT_SIDE = 1280
"""Frames are shrunk to this longer side."""
KEPT_FRAMES = 300
KEPT_BYTES = 400_000_000
"""So much of a clip is kept: 6 s at 1280x720 and 25 frames a second."""
GLANCE = 0.5
"""Seconds between looks at the part of a clip that is not kept, and the longest time without a face."""
WINDOW = 7
"""Frames over which landmarks of a clip are smoothed."""

_HEIF = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis")


def open_portrait(
    data: bytes | Path, *, detector: Detector, first_frame: bool = False, face: int | None = None
) -> Portrait:
    """A portrait from a photo or a clip.

    Args:
        data: the file or its bytes: JPEG, PNG, WebP; or MP4, MOV, WebM, MKV of at most 60 s and
            1920x1080.
        first_frame: take the first frame of an animated picture.
        face: which of several faces, counted from the left, from 1; of a clip where faces are first seen.

    Returns:
        One image, or the first frames of a clip with landmarks smoothed over 7 frames.

    Raises:
        InputError: what is wrong with the photo (see ``open_picture`` and ``preflight``), ``E-FACE-NUMBER``;
            or with the clip: ``E-VIDEO-TYPE``, ``-CODEC``, ``-LONG``, ``-SIZE``, ``-RATE``, ``E-FACE-LOST``.
    """
    if not is_clip(data):
        picture = open_picture(data, first_frame=first_frame)
        found = detector.detect(picture)
        if face is not None and found:
            found = [choose(found, face)]
        raise_first(examine(picture, found))
        return Portrait(picture[None], (found[0],))
    if isinstance(data, Path):
        return _open_clip(data, detector, face)
    with tempfile.TemporaryDirectory(prefix="presenter-") as folder:
        path = Path(folder) / "clip"
        path.write_bytes(data)
        return _open_clip(path, detector, face)


def is_clip(data: bytes | Path) -> bool:
    """Whether the file is in a container for video: MP4, MOV, WebM or MKV."""
    if isinstance(data, bytes):
        head = data[:12]
    elif not data.is_file():
        return False  # opening it as a photo says why
    else:
        try:
            with data.open("rb") as stream:
                head = stream.read(12)
        except OSError:
            return False
    is_mp4 = head[4:8] == b"ftyp" and head[8:12] not in _HEIF
    return is_mp4 or head[4:8] in (b"moov", b"mdat", b"wide") or head[:4] == b"\x1a\x45\xdf\xa3"


# --- clips ------------------------------------------------------------------------------------


def _open_clip(path: Path, detector: Detector, number: int | None) -> Portrait:
    header = video.probe(path)
    _check_clip(header)
    step = max(1, round(header.fps / 30))
    fps = header.fps / step
    images: list[Picture] = []
    faces: list[Face | None] = []
    seen: list[tuple[float, bool]] = []
    last: Face | None = None
    glance = max(1, round(GLANCE * fps))
    limit = int(CLIP_SECONDS * header.fps) + 1
    for index, frame in enumerate(_every(video.decode(path, limit), step)):
        image = _shrink(frame)
        room = min(KEPT_FRAMES, KEPT_BYTES // image.nbytes)
        if index < room or index % glance == 0:
            last = follow(image, last, detector, number)
            seen.append((index / fps, last is not None))
        if index < room:
            images.append(image)
            faces.append(last)
    if not images:
        raise InputError("E-VIDEO-BROKEN", "The clip holds no picture.", "Export it again.", "photo")
    _check_lost(seen, GLANCE)
    tracked = _smooth_faces(_fill_gaps(faces))
    best = max(range(len(tracked)), key=lambda index: eye_opening(tracked[index].landmarks))
    raise_first(examine(images[best], [tracked[best]]))
    return Portrait(np.stack(images), tuple(tracked), fps)


def _check_clip(header: video.Probe) -> None:
    if header.seconds > CLIP_SECONDS:
        raise InputError(
            "E-VIDEO-LONG",
            f"The clip is {_clock(header.seconds)} long; the limit is {_clock(CLIP_SECONDS)}.",
            "Cut it to the best minute.",
            "photo",
        )
    sides = sorted((header.width, header.height), reverse=True)
    if sides[0] > CLIP_SIZE[0] or sides[1] > CLIP_SIZE[1]:
        raise InputError(
            "E-VIDEO-SIZE",
            f"The clip is {header.width}x{header.height}; the limit is {CLIP_SIZE[0]}x{CLIP_SIZE[1]}.",
            "Save a smaller copy.",
            "photo",
        )
    if not CLIP_FPS[0] <= header.fps <= CLIP_FPS[1]:
        raise InputError(
            "E-VIDEO-RATE",
            f"The clip has {header.fps:,.0f} frames a second; "
            f"{CLIP_FPS[0]:.0f} to {CLIP_FPS[1]:.0f} are possible.",
            "Export it with 25 or 30.",
            "photo",
        )


def _every(frames: Iterator[Picture], step: int) -> Iterator[Picture]:
    for index, frame in enumerate(frames):
        if index % step == 0:
            yield frame


def _shrink(image: Picture) -> Picture:
    scale = KEPT_SIDE / max(image.shape[:2])
    if scale >= 1:
        return np.ascontiguousarray(image)
    size = (round(image.shape[1] * scale), round(image.shape[0] * scale))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def follow(image: Picture, last: Face | None, detector: Detector, number: int | None = None) -> Face | None:
    """The face in a frame of a clip: near where it was in the last one, which is quick, else anywhere.

    Args:
        number: which of several, counted from the left, from 1; None is the largest.
    """
    if last is not None:
        reach = max(last.box.width, last.box.height)
        x0, y0 = max(0, int(last.box.x0 - reach / 2)), max(0, int(last.box.y0 - reach / 2))
        x1, y1 = int(last.box.x1 + reach / 2), int(last.box.y1 + reach / 2)
        near = detector.detect(np.ascontiguousarray(image[y0:y1, x0:x1])) if x1 > x0 and y1 > y0 else []
        if near:
            return _shift(near[0] if number is None else _nearest(near, last, x0, y0), x0, y0)
    found = detector.detect(image)
    if not found or number is None:
        return found[0] if found else None
    people = lined_up(found)
    return people[number - 1] if 1 <= number <= len(people) else None


def _nearest(found: Sequence[Face], last: Face, x: int, y: int) -> Face:
    """Of several faces the one whose eyes are where they were; found in a part of the picture at (x, y)."""
    before = last.landmarks[[33, 263], :2].mean(axis=0) - (x, y)
    return min(found, key=lambda face: float(np.linalg.norm(face.landmarks[[33, 263], :2].mean(0) - before)))


def _shift(face: Face, x: int, y: int) -> Face:
    box = Box(face.box.x0 + x, face.box.y0 + y, face.box.x1 + x, face.box.y1 + y)
    return replace(face, box=box, landmarks=face.landmarks + np.array([x, y, 0], np.float32))


def _check_lost(seen: Sequence[tuple[float, bool]], patience: float) -> None:
    """Refuse a clip in which the face is away for longer than ``patience`` (s), and say when."""
    away: list[tuple[float, float]] = []
    start: float | None = None
    for time, there in [*seen, (seen[-1][0] + patience, True)]:
        if not there and start is None:
            start = time
        elif there and start is not None:
            away.append((start, time))
            start = None
    away = [(a, b) for a, b in away if b - a > patience]
    if not away:
        return
    if sum(there for _, there in seen) == 0:
        raise InputError("E-FACE-NONE", "No face found.", "Use a front view with both eyes visible.", "photo")
    times = ", ".join(f"{_clock(a)} to {_clock(b)}" for a, b in away[:3])
    raise InputError(
        "E-FACE-LOST", f"No face from {times}.", "Cut the clip to where the face is in view.", "photo"
    )


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02d}"


def _fill_gaps(faces: Sequence[Face | None]) -> list[Face]:
    """Frames without a face take the nearest frame's, with a score of 0."""
    known = {index: face for index, face in enumerate(faces) if face is not None}
    nearest = (min(known, key=lambda other: abs(other - index)) for index in range(len(faces)))
    return [face or replace(known[other], score=0.0) for face, other in zip(faces, nearest, strict=True)]


def _smooth_faces(faces: Sequence[Face]) -> list[Face]:
    """Landmarks and poses averaged over a window (Hann), so that they do not tremble."""
    kernel = np.hanning(WINDOW + 2)[1:-1]
    landmarks = _smooth(np.stack([face.landmarks for face in faces]), kernel)
    poses = _smooth(np.array([face.pose for face in faces]), kernel)
    return [
        Face(_box(points), points.astype(np.float32), _triple(pose), face.score)
        for face, points, pose in zip(faces, landmarks, poses, strict=True)
    ]


def _smooth(values: NDArray[np.floating], kernel: NDArray[np.float64]) -> NDArray[np.floating]:
    """Convolution along the first axis, with the ends held."""
    reach = len(kernel) // 2
    padded = np.concatenate([values[:1]] * reach + [values] + [values[-1:]] * reach)
    windows = np.lib.stride_tricks.sliding_window_view(padded, len(kernel), axis=0)
    return np.asarray(windows @ (kernel / kernel.sum()))


def _box(landmarks: NDArray[np.floating]) -> Box:
    low, high = landmarks[:, :2].min(0), landmarks[:, :2].max(0)
    return Box(float(low[0]), float(low[1]), float(high[0]), float(high[1]))


def _triple(values: Sequence[float] | NDArray[np.floating]) -> tuple[float, float, float]:
    yaw, pitch, roll = (float(value) for value in values)
    return yaw, pitch, roll


# --- files of our own -------------------------------------------------------------------------


def save(portrait: Portrait, path: Path) -> None:
    """Write a portrait as .npz, uncompressed. Equal portraits give equal bytes."""
    with path.open("wb") as stream:
        np.savez(
            stream,
            images=portrait.images,
            landmarks=np.stack([face.landmarks for face in portrait.faces]),
            poses=np.array([face.pose for face in portrait.faces]),
            boxes=np.array([(f.box.x0, f.box.y0, f.box.x1, f.box.y1) for f in portrait.faces]),
            scores=np.array([face.score for face in portrait.faces]),
            fps=np.array(portrait.fps),
        )


def load_portrait(path: Path) -> Portrait:
    """Read what ``save`` wrote. The images stay in the file and are mapped, read-only: processes share them.

    Raises:
        WorkError: ``E-PORTRAIT-BROKEN`` when the file is damaged.
    """
    try:
        images = _map(path, "images.npy")
        with np.load(path) as arrays:
            rows = zip(arrays["landmarks"], arrays["poses"], arrays["boxes"], arrays["scores"], strict=True)
            faces = tuple(
                Face(Box(*map(float, box)), landmarks, _triple(pose), float(score))
                for landmarks, pose, box, score in rows
            )
            return Portrait(images, faces, float(arrays["fps"]))
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise WorkError("E-PORTRAIT-BROKEN", "A kept portrait is damaged.", "Try again.") from error


def _map(path: Path, member: str) -> NDArray[np.uint8]:
    """An uncompressed array of an .npz as a read-only memory map."""
    with zipfile.ZipFile(path) as archive, archive.open(member) as stream:
        version = np.lib.format.read_magic(stream)
        read = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
        shape, _, dtype = read[version](stream)
        skip = stream.tell()
        row = archive.getinfo(member)
    with path.open("rb") as stream_of_file:
        # The local header repeats the name; its extra field may differ from the directory's.
        stream_of_file.seek(row.header_offset + 26)
        lengths = np.frombuffer(stream_of_file.read(4), "<u2")
    offset = row.header_offset + 30 + int(lengths.sum()) + skip
    return np.memmap(path, dtype, "r", offset, shape)


def to_json(face: Face) -> dict[str, Any]:
    """A face as the side-car of a drawn presenter: landmarks, pose, score."""
    return {
        "landmarks": np.round(face.landmarks.astype(float), 2).tolist(),
        "pose": [round(angle, 2) for angle in face.pose],
        "score": round(face.score, 4),
    }


def portrait_from_files(png: Path, landmarks: Path) -> Portrait:
    """A drawn presenter: its picture, and its landmarks from the JSON beside it. No detector is needed.

    Raises:
        SetupError: ``E-PORTRAIT-BROKEN`` when the JSON is not one of ``to_json``.
    """
    image = open_picture(png)
    try:
        values = json.loads(landmarks.read_text(encoding="utf-8"))
        points = np.asarray(values["landmarks"], np.float32).reshape(468, 3)
        face = Face(_box(points), points, _triple(values["pose"]), float(values["score"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SetupError(
            "E-PORTRAIT-BROKEN",
            f'The presenter "{png.stem}" is damaged.',
            "Check the folder assets/presenters.",
        ) from error
    return Portrait(image[None], (face,))


def samples(assets: Path) -> tuple[str, ...]:
    """Names of the drawn presenters, sorted."""
    pictures = (assets / "presenters").glob("*.png")
    return tuple(sorted(path.stem for path in pictures if path.with_suffix(".json").is_file()))


def sample_files(name: str, assets: Path) -> tuple[Path, Path]:
    """Picture and landmarks of a drawn presenter.

    Raises:
        InputError: ``E-PORTRAIT-NAME`` when there is none of that name.
    """
    known = samples(assets)
    if name not in known:
        near = difflib.get_close_matches(name, known, 1)
        hint = f'Did you mean "{near[0]}"?' if near else f"Known: {', '.join(known)}; or give a photo."
        raise InputError("E-PORTRAIT-NAME", f'There is no presenter "{name}".', hint, "portrait")
    picture = assets / "presenters" / f"{name}.png"
    return picture, picture.with_suffix(".json")


def sample(name: str, assets: Path) -> Portrait:
    """A drawn presenter by name; see ``sample_files`` for errors."""
    return portrait_from_files(*sample_files(name, assets))
