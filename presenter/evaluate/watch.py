"""Going through the frames of a video, side by side with the drawing that was meant."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import repeat
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from presenter import compose, mouth, visemes, voices
from presenter import video as files
from presenter.engines import Detector
from presenter.engines.mesh import loudness
from presenter.evaluate import picture
from presenter.evaluate.card import Measure, finite
from presenter.evaluate.motion import Motion
from presenter.pieces import Head, Piece, animated, drawn, portrait_of
from presenter.types import Box, Face, Frames

VIEW = 2.0
"""Side of the part of a picture in which a face is looked for, in units of the face's box."""


class Watch:
    """What is seen in the frames of some shots.

    Args:
        video: the file.
        pieces: all its shots, in order.
        detector: finds the landmarks again.
    """

    def __init__(self, video: Path, pieces: Sequence[Piece], detector: Detector) -> None:
        self._video, self._pieces, self._detector = video, pieces, detector
        self._starts = np.cumsum([0, *(piece.shot.count for piece in pieces)]).tolist()
        self._rests: dict[Head, float] = {}
        self._last: tuple[int, Head | None] = (-2, None)
        self._takes: list[mouth.Take] = []
        self._errors: list[tuple[float, int]] = []
        self._shares: list[float] = []
        self._motion = Motion()
        self._heads = self._faces = self._misplaced = self._told_apart = 0
        self.frames = 0
        """Frames looked at so far."""

    def look(self, index: int) -> Iterator[None]:
        """Look at each frame of a shot; yields after each."""
        piece = self._pieces[index]
        box = compose.head_box(piece.shot.layout, piece.width, piece.height) if piece.head else None
        if self._last != (index - 1, piece.head):
            self._motion.cut()
        self._last = index, piece.head
        backdrop = picture.Backdrop((piece.height * 3 // 2, piece.width))
        if box is not None and piece.slides:
            backdrop.hide(box)
        succession = picture.Succession()
        view = _view(piece, box) if box is not None else None
        gaps: list[float] = []
        moving = compose.frames_between(piece.shot, piece.fps, piece.transition)
        start = self._starts[index]
        seen = files.planes(self._video, start, start + piece.shot.count)
        before = self.frames
        for frame, meant, rest in zip(seen, drawn(piece, animated(piece)), _rest(piece), strict=False):
            backdrop.add(frame, meant, rest)
            succession.add(frame, meant)
            self.frames += 1
            if view is not None and len(gaps) < moving:
                gaps.append(np.nan)  # the head comes from elsewhere: nothing to be measured yet
                self._motion.cut()
            elif view is not None:
                gaps.append(self._look_at_face(frame, view))
            yield
        self._errors.append(backdrop.error())
        self._shares.append(backdrop.share)
        self._told_apart += succession.told_apart
        self._misplaced += succession.misplaced + piece.shot.count - (self.frames - before)
        if piece.head is not None:
            self._takes.append(_take(piece, np.array(gaps) - self._gap_at_rest(piece.head)))

    def _look_at_face(self, frame: files.Planes, view: Box) -> float:
        """The lips' distance in E, NaN where no face is found; the head's motion is followed on the way."""
        face = _find(frame, view, self._detector)
        self._motion.add(np.ascontiguousarray(_cut(frame[: len(frame) * 2 // 3], view)), face)
        self._heads += 1
        self._faces += face is not None
        return mouth.gap(face) if face is not None else np.nan

    def _gap_at_rest(self, head: Head) -> float:
        """Distance of the lips in the portrait, in E, as the detector sees it."""
        if head not in self._rests:
            image = portrait_of(head)[0].images[0]
            found = self._detector.detect(image)
            self._rests[head] = min(mouth.gap(found[0]), mouth.LARGEST_REST) if found else 0.0
        return self._rests[head]

    def measures(self) -> Iterator[Measure]:
        """What was seen, in numbers."""
        note = "" if self._heads else "no head is shown"
        found = 100 * self._faces / self._heads if self._heads else None
        yield Measure("face-found", "frames in which the face is found", found, "%", note=note)
        yield from self._mouth(note)
        errors, samples = (sum(column) for column in zip(*self._errors, strict=True))
        worst = min((picture.psnr(*row) for row in self._errors if row[1]), default=np.nan)
        yield Measure(
            "background", "background against the intended one (PSNR)",
            picture.psnr(errors, samples) if samples else None, "dB", least=40,
            note=f"worst shot {worst:.1f} dB; {np.mean(self._shares):.0%} of the picture is background",
        )  # fmt: skip
        jumps = self._motion.jumps() * 720 / min(self._pieces[0].width, self._pieces[0].height)
        if len(jumps):
            note = f"99 % are below {np.percentile(jumps, 99):.2f} px"
        largest = float(jumps.max()) if len(jumps) else None
        yield Measure("jump", "largest jump of a still landmark, at 720p", largest, "px", most=1, note=note)
        yield Measure(
            "misplaced", "frames that show a neighbour's picture", self._misplaced, "frames", most=0,
            note=f"{self._told_apart} of {self.frames} frames can be told from the one before",
        )  # fmt: skip

    def _mouth(self, note: str) -> Iterator[Measure]:
        correlation, late = mouth.correlate(self._takes)
        yield Measure(
            "mouth",
            "intended and measured opening of the mouth (r)",
            finite(correlation),
            least=0.9,
            note=note,
        )
        if np.isfinite(late):
            note = f"{late * 1000 / self._pieces[0].fps:+.0f} ms; positive is late"
        yield Measure("mouth-offset", "by how much the mouth is late", finite(late), "frames", -1, 1, note)
        gaps = [opening for take in self._takes for opening in take.closed()]
        closed = 100 * sum(opening <= mouth.CLOSED for opening in gaps) / len(gaps) if gaps else None
        if gaps:
            note = f"{len(gaps)} of them; widest {max(gaps):.3f} E, {mouth.CLOSED} E counts as closed"
        yield Measure("closed", "lips closed at p, b and m", closed, "%", least=95, note=note)


def intended_opening(piece: Piece) -> NDArray[np.float64]:
    """(T,) how far the lips are meant to be apart in each frame of a shot, in E.

    From the phonemes and the loudness of the speech, as the embedded animator takes them.
    """
    speech = voices.load_speech(Path(piece.speech))
    count = piece.shot.count
    effort = loudness(speech.samples, count)
    track = visemes.track(speech.timing, count / piece.fps, piece.fps, loudness=effort)
    return visemes.opening(track).astype(np.float64)


def _take(piece: Piece, measured: NDArray[np.float64]) -> mouth.Take:
    speech = voices.load_speech(Path(piece.speech))
    intended = intended_opening(piece)[: len(measured)]
    return mouth.Take(intended, measured, visemes.closures(speech.timing), piece.fps)


def _rest(piece: Piece) -> Iterator[files.Planes | None]:
    """The shot drawn with the portrait at rest; None for each frame where it shows no head."""
    count = piece.shot.count
    if piece.head is None:
        return repeat(None, count)
    portrait, _ = portrait_of(piece.head)
    image = portrait.images[0]

    def pictures() -> Iterator[NDArray[np.uint8]]:
        return repeat(image, count)

    return drawn(piece, Frames(portrait.width, portrait.height, piece.fps, count, pictures))


def _view(piece: Piece, box: Box) -> Box:
    """The square around the face, in pixels of the video: the detector is quick where it need not search."""
    assert piece.head is not None
    portrait, _ = portrait_of(piece.head)
    low = np.min([(face.box.x0, face.box.y0) for face in portrait.faces], axis=0)
    high = np.max([(face.box.x1, face.box.y1) for face in portrait.faces], axis=0)
    middle, reach = (low + high) / 2, VIEW * float((high - low).max()) / 2
    corner = np.array([box.x0, box.y0])
    x0, y0 = corner + np.maximum(middle - reach, 0)
    x1, y1 = corner + np.minimum(middle + reach, (box.width, box.height))
    return Box(round(x0), round(y0), round(x1), round(y1))


def _find(frame: files.Planes, view: Box, detector: Detector) -> Face | None:
    """The largest face in a part of the picture, in pixels of that part."""
    # The matrix of another standard (BT.601): good enough for landmarks, and quick.
    colours = np.asarray(cv2.cvtColor(frame, cv2.COLOR_YUV2RGB_I420), np.uint8)
    found = detector.detect(np.ascontiguousarray(_cut(colours, view)))
    return found[0] if found else None


def _cut(image: NDArray[np.uint8], box: Box) -> NDArray[np.uint8]:
    return image[int(box.y0) : int(box.y1), int(box.x0) : int(box.x1)]


def watch(
    video: Path,
    pieces: Sequence[Piece],
    chosen: Sequence[int],
    detector: Detector,
    report: Callable[[float, str], None],
) -> Watch:
    """Look at the chosen shots, in order; reports the share that is done."""
    total = sum(pieces[index].shot.count for index in chosen)
    seen = Watch(video, pieces, detector)
    for index in chosen:
        for _ in seen.look(index):
            report(seen.frames / total, f"looking at frame {seen.frames} of {total}")
    return seen
