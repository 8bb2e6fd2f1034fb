"""From somebody's clips to what a network learns from: the face in each frame, and what is heard then.

Pictures and sound of a clip are gone through piece by piece and kept in files, so memory does not grow with
its length. The last part of each clip is held out: the network is judged by it and never learns from it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from presenter import audio, video
from presenter.engines import Detector
from presenter.engines.wav2lip import crop, mel
from presenter.engines.wav2lip.layouts import BANDS, COLUMNS
from presenter.errors import InputError, WorkError
from presenter.types import RATE, Face, Picture, Samples, Wave

FPS = 25
"""Frames a second that the networks learn at: five of them are as long as what is heard with them."""
WINDOW = 5
"""Frames that are looked at together, to see whether they fit the sound."""
LEAST_SECONDS, MOST_SECONDS = 4.0, 1800.0
"""Of all clips together, in which the face is seen; and of one clip."""
HELD_OUT = 0.15
"""Share of a clip, its end, that is held out."""
PAUSE = 2 * WINDOW
"""Frames between what is learnt from and what is held out: neighbours hear the same."""
SMOOTHED = 7
"""Frames over which a face's place is averaged."""
AT_REST = 20
"""Percentile of the face's height, against its width, over two seconds, that stands for a closed mouth."""
ROOM = 0.25
"""How far around the lips a mouth reaches that is judged, as a share of their width."""
_LIPS = (61, 291, 0, 17)
"""Landmarks: corners, top and bottom."""
_BLOCK = 10
"""Seconds of sound that are heard at once."""
_COLUMNS_A_SECOND = mel.HEARD // mel.HOP

Report = Callable[[float, str], None]
"""Is told a share, 0..1, and in plain words what is being done."""


@dataclass(frozen=True, slots=True, eq=False)
class Reel:
    """A clip, cut to the face."""

    faces: NDArray[np.uint8]
    """(N, size, size, 3) RGB, 25 a second; stays in its file."""
    seen: NDArray[np.bool_]
    """(N,): was there a face?"""
    heard: mel.Windows
    """What is heard with each frame."""
    mouth: tuple[slice, slice]
    """Rows and columns of ``faces`` in which the mouth lies."""

    @property
    def end(self) -> int:
        """The frame at which what is learnt from ends."""
        return len(self.seen) - max(WINDOW, round(HELD_OUT * len(self.seen))) - PAUSE

    def learnt(self) -> NDArray[np.int64]:
        """First frames of the windows that are learnt from."""
        return self._starts(0, self.end)

    def held_out(self) -> NDArray[np.int64]:
        """First frames of the windows that are held out."""
        return self._starts(self.end + PAUSE, len(self.seen))

    def _starts(self, begin: int, end: int) -> NDArray[np.int64]:
        if end - begin < WINDOW:
            return np.zeros(0, np.int64)
        whole = np.lib.stride_tricks.sliding_window_view(self.seen[begin:end], WINDOW).all(axis=1)
        return np.flatnonzero(whole) + begin


def prepare(clip: Path, folder: Path, size: int, detector: Callable[[], Detector], report: Report) -> None:
    """Cut a clip to its face and keep that; does nothing where it is kept already.

    Args:
        clip: MP4, MOV, MKV or WebM with one person who speaks.
        folder: where it is kept; appears whole or not at all.
        size: of the network's pictures (pixels).
        detector: gives the detector when it is needed.

    Raises:
        InputError: ``E-VIDEO-...`` when it is no clip, ``E-VIDEO-LONG``, ``E-TRAIN-SOUND`` without sound,
            ``E-FACE-NONE`` when nobody is seen.
    """
    if folder.is_dir():
        return
    _check(clip)
    draft = folder.with_name(f".{folder.name}.draft")
    draft.mkdir(mode=0o700, exist_ok=True)
    total = max(1, round(video.probe(clip).seconds * FPS))
    places, lips, seen = _look(clip, detector(), lambda done: report(0.8 * done / total, "finding the face"))
    if not seen.any():
        raise InputError(
            "E-FACE-NONE", f'No face is seen in "{clip.name}".', "Use a front view in good light.", "clip"
        )
    faces = np.lib.format.open_memmap(draft / "faces.npy", "w+", np.uint8, (len(seen), size, size, 3))
    for number, (picture, place) in enumerate(zip(video.steady(clip, FPS), places, strict=True)):
        faces[number] = np.rint(crop.cut_out(np.ascontiguousarray(picture), place, size))
        report(0.8 + 0.2 * number / len(seen), "cutting out the face")
    faces.flush()
    np.save(draft / "heard.npy", _listen(clip, len(seen)))
    np.save(draft / "seen.npy", seen)
    np.save(draft / "mouth.npy", _mouth(lips[seen]))
    os.replace(draft, folder)


def load(folder: Path) -> Reel:
    """Read what ``prepare`` kept.

    Raises:
        WorkError: ``E-TRAIN-BROKEN`` when it is damaged.
    """
    try:
        faces = np.load(folder / "faces.npy", mmap_mode="r")
        heard, seen = np.load(folder / "heard.npy"), np.load(folder / "seen.npy")
        left, right, top, bottom = np.load(folder / "mouth.npy") * faces.shape[1]
    except (OSError, ValueError) as error:
        raise WorkError(
            "E-TRAIN-BROKEN", "What was prepared of a clip is damaged.", "Delete the training's folder."
        ) from error
    first = (np.arange(len(seen)) * _COLUMNS_A_SECOND / FPS).astype(np.int64)
    mouth = slice(int(top), int(np.ceil(bottom))), slice(int(left), int(np.ceil(right)))
    return Reel(faces, seen, mel.Windows(heard, first), mouth)


def check_length(reels: Sequence[Reel]) -> None:
    """Refuse footage that is too short.

    Raises:
        InputError: ``E-TRAIN-SHORT``.
    """
    seconds = sum(int(reel.seen.sum()) for reel in reels) / FPS
    enough = all(len(starts) for starts in _parts(reels))
    if seconds < LEAST_SECONDS or not enough:
        raise InputError(
            "E-TRAIN-SHORT",
            f"The face is seen for {seconds:.1f} s; at least {LEAST_SECONDS:.0f} s are needed without a gap.",
            "Film more: two minutes of speech are a good beginning.",
            "clip",
        )


def _parts(reels: Sequence[Reel]) -> Iterator[NDArray[np.int64]]:
    yield np.concatenate([reel.learnt() for reel in reels])
    yield np.concatenate([reel.held_out() for reel in reels])


def _check(clip: Path) -> None:
    if not clip.is_file():
        raise InputError("E-VIDEO-FILE", f'There is no file "{clip.name}".', "Check its name.", "clip")
    header = video.probe(clip)
    if header.seconds > MOST_SECONDS:
        raise InputError(
            "E-VIDEO-LONG",
            f'"{clip.name}" is {header.seconds / 60:.0f} min long; '
            f"the limit of one clip is {MOST_SECONDS / 60:.0f} min.",
            "Cut it into several.",
            "clip",
        )
    try:
        next(video.sound(clip))
    except (IndexError, StopIteration) as error:
        raise InputError(
            "E-TRAIN-SOUND",
            f'"{clip.name}" has no sound.',
            "Use a clip in which the person is heard.",
            "clip",
        ) from error


# --- what is seen -----------------------------------------------------------------------------


def _look(
    clip: Path, detector: Detector, report: Callable[[int], None]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Where the face is in each frame (N, 2, 3), see ``crop.place``; its lips (N, 4, 2) in that square; and
    whether there was one."""
    places: list[NDArray[np.float64]] = []
    lips: list[NDArray[np.float64]] = []
    seen: list[bool] = []
    face: Face | None = None
    for number, picture in enumerate(video.steady(clip, FPS)):
        face = _find(np.ascontiguousarray(picture), face, detector)
        seen.append(face is not None)
        if face is not None:
            place = crop.place(face.landmarks)
            points = crop.to_unit(place, face.landmarks[list(_LIPS), :2])
        elif not places:
            place, points = crop.box(0, picture.shape[0], 0, picture.shape[1]), np.zeros((4, 2))
        places.append(place)
        lips.append(points)
        report(number)
    return _steady(np.stack(places), np.array(seen)), np.stack(lips), np.array(seen)


def _find(picture: Picture, last: Face | None, detector: Detector) -> Face | None:
    """The face near where it was, which is quick and keeps to one person; else the largest."""
    if last is not None:
        reach = int(max(last.box.width, last.box.height) / 2)
        x0, y0 = max(0, int(last.box.x0) - reach), max(0, int(last.box.y0) - reach)
        part = picture[y0 : int(last.box.y1) + reach, x0 : int(last.box.x1) + reach]
        near = detector.detect(np.ascontiguousarray(part)) if part.size else []
        if near:
            return _moved(near[0], x0, y0)
    found = detector.detect(picture)
    return found[0] if found else None


def _moved(face: Face, x: int, y: int) -> Face:
    box = type(face.box)(face.box.x0 + x, face.box.y0 + y, face.box.x1 + x, face.box.y1 + y)
    return Face(box, face.landmarks + np.array([x, y, 0], np.float32), face.pose, face.score)


def _steady(places: NDArray[np.float64], seen: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Places without trembling, and without following the jaw.

    The chin goes down when the mouth opens. A crop that followed it would show in its visible upper half how
    far the mouth is open, and the network would read it there instead of listening.
    """
    if not seen.any():
        return places
    nearest = np.flatnonzero(seen)
    known = nearest[np.abs(nearest[None] - np.arange(len(seen))[:, None]).argmin(axis=1)]
    places = places[known]
    width, height = (np.linalg.norm(places[:, :, axis], axis=1) for axis in (0, 1))
    rest = np.percentile(_around(height / width, 2 * FPS + 1), AT_REST, axis=1)
    places[:, :, 1] *= (rest * width / height)[:, None]
    weights = np.hanning(SMOOTHED + 2)[1:-1]
    return np.asarray(_around(places, SMOOTHED) @ (weights / weights.sum()))


def _around(values: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Each with its ``count`` neighbours (odd), as a last axis; the ends are held."""
    reach = count // 2
    padded = np.concatenate([values[:1]] * reach + [values] + [values[-1:]] * reach)
    return np.asarray(np.lib.stride_tricks.sliding_window_view(padded, count, axis=0))


def _mouth(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Left, right, top and bottom of the mouth in the unit square of the crop, from its lips (N, 4, 2)."""
    left, right = np.median(points[:, 0, 0]), np.median(points[:, 1, 0])
    top, bottom = np.percentile(points[:, 2, 1], 5), np.percentile(points[:, 3, 1], 95)
    room = ROOM * (right - left)
    edges = np.array([left - room, right + room, top - room, bottom + room])
    return np.asarray(np.clip(edges, 0, 1))


# --- what is heard ----------------------------------------------------------------------------


def _listen(clip: Path, frames: int) -> NDArray[np.float32]:
    """float32 (80, T): the spectrogram of a clip's sound, 80 columns a second, to the last frame's window."""
    needed = int((frames - 1) * _COLUMNS_A_SECOND / FPS) + COLUMNS
    parts: list[NDArray[np.float32]] = []
    for sound in _blocks(video.sound(clip)):
        columns = mel.spectrogram(audio.resample(Wave(sound, RATE), mel.HEARD))
        parts.append(columns[:, _COLUMNS_A_SECOND : (1 + _BLOCK) * _COLUMNS_A_SECOND])
    heard = np.concatenate(parts, axis=1)[:, :needed]
    silence = np.full((BANDS, needed - heard.shape[1]), mel.SILENCE, np.float32)
    return np.concatenate([heard, silence], axis=1)


def _blocks(sound: Iterator[Samples]) -> Iterator[Samples]:
    """Ten seconds each, with a second of what is before and after, so that no block has an edge."""
    margin, length = RATE, _BLOCK * RATE
    rest: Samples = np.zeros(margin, np.float32)
    for chunk in sound:
        rest = np.concatenate([rest, chunk])
        while len(rest) >= length + 2 * margin:
            yield rest[: length + 2 * margin]
            rest = rest[length:]
    while len(rest) > margin:
        yield np.pad(rest, (0, length + 2 * margin))[: length + 2 * margin]
        rest = rest[length:]
