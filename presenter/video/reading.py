"""Reading video files: ours, and those of strangers by their first bytes and a list of codecs."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from presenter.errors import InputError
from presenter.types import RATE, Picture, Samples

LARGEST_FRAME = 3840 * 2160
"""Pixels of a frame of somebody else that are decoded."""
CODECS = ("h264", "hevc", "vp8", "vp9", "av1", "mpeg4")

Planes = NDArray[np.uint8]
"""uint8 (H * 3 // 2, W): I420 planes one below the other, BT.709 limited range."""


@dataclass(frozen=True, slots=True)
class Probe:
    """What a video file's header says."""

    width: int
    height: int
    fps: float
    seconds: float
    codec: str
    sound: bool = False
    """Whether there is any."""


def probe(source: Path | bytes) -> Probe:
    """Look at the header of a file, or of its content.

    Raises:
        InputError: ``E-VIDEO-TYPE`` when it is no MP4, MOV, MKV or WebM with a video in it,
            ``E-VIDEO-CODEC`` for codecs that are not on the list.
    """
    try:
        with _opened(source) as container:
            stream = _pictures(container)
            context = stream.codec_context
            seconds = container.duration / 1e6 if container.duration else 0.0
            rate = float(stream.average_rate or 0)
            sound = bool(container.streams.audio)
            return Probe(context.width, context.height, rate, seconds, context.name, sound)
    except av.error.FFmpegError as error:
        raise _no_video() from error


def _no_video() -> InputError:
    return InputError(
        "E-VIDEO-TYPE", "This is not a video that can be read.", "Save it as MP4 (H.264).", "photo"
    )


def _pictures(container: Any) -> Any:
    """The first stream of pictures, where it is coded as it may be."""
    if not container.streams.video:
        raise InputError("E-VIDEO-TYPE", "The file holds no video.", "Use an MP4 or WebM.", "photo")
    stream = container.streams.video[0]
    name = stream.codec_context.name
    if name not in (*CODECS, "libdav1d", "libvpx-vp9"):
        raise InputError("E-VIDEO-CODEC", f"The video is coded in {name}.", "Use H.264.", "photo")
    return stream


def _opened(source: Path | bytes) -> Any:
    """The container of a file or of its content, to be used in a ``with``."""
    if isinstance(source, bytes):
        return av.open(io.BytesIO(source), "r", format=_demuxer(source[:16]))
    return av.open(str(source), format=_container(source))


def _container(path: Path) -> str:
    with path.open("rb") as stream:
        return _demuxer(stream.read(16))


def _demuxer(head: bytes) -> str:
    """The demuxer by the file's first bytes, never by guessing: a text file could be a playlist."""
    if head[4:8] == b"ftyp":
        return "mp4"
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return "matroska"
    raise InputError(
        "E-VIDEO-TYPE", "This is not an MP4, MOV, MKV or WebM.", "Save it as MP4 (H.264).", "photo"
    )


def decode(path: Path, limit: int | None = None) -> Iterator[Picture]:
    """The pictures of a file's first video stream, upright: uint8 (H, W, 3) RGB, at most ``limit``.

    Raises:
        InputError: ``E-VIDEO-BROKEN`` where it cannot be decoded any further.
    """
    with _unbroken(), av.open(str(path), format=_container(path)) as container:
        for index, frame in enumerate(container.decode(video=0)):
            if limit is not None and index >= limit:
                return
            yield _upright(frame)


def pictures(path: Path, start: int = 0, stop: int | None = None) -> Iterator[Picture]:
    """As ``planes``, as uint8 (H, W, 3) RGB."""
    for frame in _shown(path, start, stop):
        yield np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)


def steady(source: Path | bytes, fps: int, *, pixels: int = 0) -> Iterator[Picture]:
    """The pictures of a clip at an even rate from the moment its sound begins: uint8 (H, W, 3) RGB.

    Phones film at a rate that wavers. Each moment shows the picture that a player shows then; before the
    first picture, the first.

    Args:
        source: a file, or its content.
        pixels: pictures of more are shrunk to about so many, with even sides; 0 leaves them as they are.

    Raises:
        InputError: ``E-VIDEO-BROKEN`` where it cannot be decoded any further.
    """
    with _unbroken(), _opened(source) as container:
        begin = Fraction(0)
        if container.streams.audio:
            heard = container.streams.audio[0]
            begin = (heard.start_time or 0) * Fraction(heard.time_base or 1)
        count = 0
        shown: VideoFrame | None = None
        for frame in container.decode(video=0):
            time = (frame.pts or 0) * Fraction(frame.time_base or 1) - begin
            while time > Fraction(count, fps) and shown is not None:
                yield _upright(shown, pixels)
                count += 1
            shown = frame
        if shown is not None:
            yield _upright(shown, pixels)


@contextmanager
def _unbroken() -> Iterator[None]:
    """A header may promise what the file does not hold, as after a download that broke off."""
    try:
        yield
    except av.error.FFmpegError as error:
        message = "The video is damaged: not all of it can be read."
        raise InputError("E-VIDEO-BROKEN", message, "Copy or export it again.", "photo") from error


def _upright(frame: VideoFrame, pixels: int = 0) -> Picture:
    scale = (pixels / (frame.width * frame.height)) ** 0.5 if pixels else 1.0
    if scale < 1:
        width, height = (int(side * scale) // 2 * 2 for side in (frame.width, frame.height))
        shrunk = frame.reformat(width=width, height=height, format="rgb24", interpolation="AREA")
        picture = np.asarray(shrunk.to_ndarray(), np.uint8)
    else:
        picture = np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
    # Phones film upright by a turn in the header: degrees counter-clockwise, as np.rot90 turns.
    return np.rot90(picture, round(frame.rotation / 90)) if frame.rotation else picture


def glances(data: bytes, *, every: float, seconds: float) -> Iterator[Planes]:
    """Frames of a file of somebody else, some for each second, as I420 canvases of even size.

    Args:
        every: seconds from one frame to the next; 0 takes the key frames alone, which costs least.
        seconds: what comes later is not looked at.

    Raises:
        InputError: ``E-VIDEO-TYPE``, ``E-VIDEO-CODEC``, ``E-VIDEO-LARGE``.
    """
    try:
        with av.open(io.BytesIO(data), "r", format=_demuxer(data[:16])) as container:
            stream = _pictures(container)
            context = stream.codec_context
            if context.width * context.height > LARGEST_FRAME:
                raise InputError(
                    "E-VIDEO-LARGE", f"The video's frames have {context.width}x{context.height} pixels.",
                    "Scale it down to 3840x2160 or less.", "file",
                )  # fmt: skip
            context.skip_frame = "DEFAULT" if every else "NONKEY"
            due = 0.0
            for frame in container.decode(stream):
                time = frame.time or 0.0
                if time > seconds:
                    return
                if every and time < due:
                    continue
                due = time + every
                size = {"width": frame.width // 2 * 2, "height": frame.height // 2 * 2}
                yield np.asarray(frame.reformat(**size, format="yuv420p").to_ndarray(), np.uint8)
    except av.error.FFmpegError as error:
        raise _no_video() from error


def comment_of(data: bytes) -> str:
    """What a video file's header says about itself in words, at most 500 characters; ``""`` for nothing."""
    try:
        with av.open(io.BytesIO(data), "r", format=_demuxer(data[:16])) as container:
            return str(container.metadata.get("comment", ""))[:500]
    except av.error.FFmpegError:
        return ""


def planes(path: Path, start: int = 0, stop: int | None = None) -> Iterator[Planes]:
    """Frames ``start`` to ``stop`` (half-open; None is the end) of a file of ``join``, as they are coded.

    Seeks to the key frame before ``start``, so a stretch costs the same wherever it lies.
    """
    for frame in _shown(path, start, stop):
        yield np.asarray(frame.to_ndarray(format="yuv420p"), np.uint8)


def _shown(path: Path, start: int, stop: int | None) -> Iterator[VideoFrame]:
    with av.open(str(path), format=_container(path)) as container:
        stream = container.streams.video[0]
        ticks = Fraction(stream.average_rate or 1) * Fraction(stream.time_base or 1)
        container.seek(int(start / ticks), stream=stream)
        for frame in container.decode(stream):
            index = round((frame.pts or 0) * ticks)
            if stop is not None and index >= stop:
                return
            if index >= start:
                yield frame


def frames(path: Path) -> int:
    """Frames of a file of ``encode``, by its index."""
    with av.open(str(path), format=_container(path)) as container:
        return container.streams.video[0].frames


def times(path: Path) -> tuple[tuple[Fraction, ...], int]:
    """When each frame is shown (s, exact, sorted), and the samples of sound by the file's index."""
    with av.open(str(path), format=_container(path)) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        base = Fraction(video.time_base or 1)
        shown = sorted(packet.pts * base for packet in container.demux(video) if packet.pts is not None)
        return tuple(shown), round((audio.duration or 0) * Fraction(audio.time_base or 1) * RATE)


def sound(path: Path) -> Iterator[Samples]:
    """The sound of a file as a player hears it: chunks of float32 (N,) mono at 48 kHz."""
    with av.open(str(path), format=_container(path)) as container:
        convert = av.AudioResampler(format="fltp", layout="mono", rate=RATE)
        for frame in container.decode(audio=0):
            for part in convert.resample(frame):
                yield part.to_ndarray()[0].astype(np.float32)
