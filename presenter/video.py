"""Video files, through PyAV alone: no ffmpeg program is needed.

A piece is video-only H.264 with closed GOPs and integer frame times. Pieces made with equal settings
share their codec header, so joining copies packets and encodes nothing. Sound is encoded once, over
the whole lesson: AAC pieces put end to end would drift by their priming and padding.
"""

from __future__ import annotations

import io
import struct
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error
import av.stream
import numpy as np
from av.audio.frame import AudioFrame
from av.packet import Packet
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from presenter.errors import Cancelled, InputError, WorkError
from presenter.types import RATE, Picture, Samples, Span

GOP_SECONDS = 4
"""Length of a group of pictures (s); also the longest step of a seek."""
REORDER = 2
"""Frames by which libx264 at most delays decoding against showing (B-pyramid)."""
AHEAD = 3
"""Frames that may wait for the encoder."""
AAC_BITS = 160_000
AAC_FRAME = 1024
"""Samples an AAC frame holds."""
LARGEST_FRAME = 3840 * 2160
"""Pixels of a frame of somebody else that are decoded."""
CODECS = ("h264", "hevc", "vp8", "vp9", "av1", "mpeg4")

Planes = NDArray[np.uint8]
"""uint8 (H * 3 // 2, W): I420 planes one below the other, BT.709 limited range."""


@dataclass(frozen=True, slots=True)
class Quality:
    """Settings of the encoder; all pieces of a lesson share them."""

    crf: int = 21
    """x264's constant rate factor: 18 is visually lossless, 28 is coarse."""
    preset: str = "veryfast"

    @property
    def key(self) -> str:
        """Names encoder, version and settings, for cache keys: pieces of different keys do not join."""
        return f"libx264-{'.'.join(map(str, av.library_versions['libavcodec']))}-{self.preset}-{self.crf}-1"


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


def probe(path: Path) -> Probe:
    """Look at a file's header.

    Raises:
        InputError: ``E-VIDEO-TYPE`` when it is no MP4, MOV, MKV or WebM with a video in it,
            ``E-VIDEO-CODEC`` for codecs that are not on the list.
    """
    try:
        with av.open(str(path), format=_container(path)) as container:
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
    """The pictures of a file's first video stream, upright: uint8 (H, W, 3) RGB, at most ``limit``."""
    with av.open(str(path), format=_container(path)) as container:
        for index, frame in enumerate(container.decode(video=0)):
            if limit is not None and index >= limit:
                return
            yield _upright(frame)


def pictures(path: Path, start: int = 0, stop: int | None = None) -> Iterator[Picture]:
    """As ``planes``, as uint8 (H, W, 3) RGB."""
    for frame in _shown(path, start, stop):
        yield np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)


def steady(path: Path, fps: int) -> Iterator[Picture]:
    """The pictures of a clip at an even rate from the moment its sound begins: uint8 (H, W, 3) RGB.

    Phones film at a rate that wavers. Each moment shows the picture that a player shows then; before the
    first picture, the first.
    """
    with av.open(str(path), format=_container(path)) as container:
        begin = Fraction(0)
        if container.streams.audio:
            heard = container.streams.audio[0]
            begin = (heard.start_time or 0) * Fraction(heard.time_base or 1)
        count = 0
        shown: VideoFrame | None = None
        for frame in container.decode(video=0):
            time = (frame.pts or 0) * Fraction(frame.time_base or 1) - begin
            while time > Fraction(count, fps) and shown is not None:
                yield _upright(shown)
                count += 1
            shown = frame
        if shown is not None:
            yield _upright(shown)


def _upright(frame: VideoFrame) -> Picture:
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


def encode(
    path: Path,
    frames: Iterable[Planes],
    *,
    width: int,
    height: int,
    fps: int,
    quality: Quality = Quality(),
) -> int:
    """Write a piece: video only, MP4.

    Args:
        frames: I420 planes, uint8 (height * 3 // 2, width), BT.709 limited range; each a new array.

    Returns:
        How many frames were written.
    """
    options = {
        "preset": quality.preset,
        "crf": str(quality.crf),
        # One thread: pieces are made side by side in processes, and the output stays the same everywhere.
        "threads": "1",
        "x264-params": f"keyint={GOP_SECONDS * fps}:open-gop=0",
    }
    count = 0
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=fps, options=options)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.time_base = Fraction(1, fps)
        context = stream.codec_context
        context.time_base = Fraction(1, fps)
        context.color_range = 1
        context.colorspace = context.color_primaries = context.color_trc = 1

        def write(planes: Planes, number: int) -> None:
            frame = VideoFrame.from_ndarray(planes, format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, fps)
            container.mux(stream.encode(frame))

        # The encoder works on one frame while the next is drawn: x264 runs without the interpreter's lock.
        with ThreadPoolExecutor(1) as encoder:
            writing: deque[Future[None]] = deque()
            for planes in frames:
                writing.append(encoder.submit(write, planes, count))
                count += 1
                if len(writing) > AHEAD:
                    writing.popleft().result()
            for future in writing:
                future.result()
        container.mux(stream.encode())
    return count


@dataclass(frozen=True, slots=True)
class Chapter:
    """A named stretch of the video."""

    title: str
    start: float
    """Seconds."""
    end: float


@dataclass(frozen=True, slots=True)
class Subtitles:
    """A track that a player can switch on."""

    language: str
    """ISO 639-2, e.g. ``eng``."""
    cues: tuple[Span, ...]


# The edit list counts in the movie's time scale: by milliseconds it would cut off a part of a frame.
_EXACT = {"movie_timescale": str(RATE)}


def encode_sound(
    path: Path,
    sound: Iterable[Samples],
    *,
    about: Mapping[str, str] | None = None,
    chapters: Sequence[Chapter] = (),
    cover: bytes = b"",
) -> None:
    """Write the sound of a whole lesson: AAC alone, MP4.

    Args:
        sound: 48 kHz mono float32 in chunks of any length.
        about: what the file says about itself: title, artist, comment.
        cover: a JPEG that players show.
    """
    options = {**_EXACT, "movflags": "+faststart", "brand": "M4A "}
    with av.open(str(path), "w", format="mp4", options=options) as out:
        # The fast coder takes half the time and is nearer to the original at this bit rate.
        stream = out.add_stream("aac", rate=RATE, layout="mono", options={"aac_coder": "fast"})
        stream.bit_rate = AAC_BITS
        out.metadata.update(about or {})
        out.set_chapters([_chapter(index, chapter) for index, chapter in enumerate(chapters)])
        if cover:
            _add_cover(out, cover)
        at = 0
        rest: Samples = np.zeros(0, np.float32)
        for chunk in sound:
            rest = np.concatenate([rest, chunk])
            whole = len(rest) // AAC_FRAME * AAC_FRAME
            for begin in range(0, whole, AAC_FRAME):
                out.mux(stream.encode(_audio_frame(rest[begin : begin + AAC_FRAME], at)))
                at += AAC_FRAME
            rest = rest[whole:]
        if len(rest):
            out.mux(stream.encode(_audio_frame(rest, at)))
        out.mux(stream.encode(None))


def _add_cover(out: Any, jpeg: bytes) -> None:
    stream = out.add_stream("mjpeg", rate=1)
    stream.pix_fmt = "yuvj420p"
    stream.disposition = av.stream.Disposition.attached_pic
    packet = Packet(jpeg)
    packet.stream, packet.time_base, packet.is_keyframe = stream, Fraction(1), True
    packet.pts = packet.dts = 0
    out.mux(packet)


def join(
    path: Path,
    pieces: Sequence[Path],
    sound: Path,
    *,
    fps: int,
    title: str = "",
    comment: str = "",
    chapters: Sequence[Chapter] = (),
    subtitles: Sequence[Subtitles] = (),
    cancelled: Any = None,
) -> int:
    """Copy the pieces one after another beside the sound, with the index in front (faststart).

    Args:
        pieces: files of ``encode`` with equal size, fps and quality.
        sound: file of ``encode_sound`` with frames x 48000 / fps samples.
        cancelled: a function that is asked now and then whether to stop.

    Returns:
        Frames in the file. Memory does not grow with the length.

    Raises:
        WorkError: ``E-JOIN-SETTINGS`` when a piece was coded with other settings.
    """
    options = {"movflags": "+faststart", **_EXACT}
    with av.open(str(sound)) as heard, av.open(str(path), "w", format="mp4", options=options) as out:
        with av.open(str(pieces[0])) as first:
            video = out.add_stream_from_template(first.streams.video[0])
            header = first.streams.video[0].codec_context.extradata
        audio = out.add_stream_from_template(heard.streams.audio[0])
        tracks = [out.add_mux_stream("mov_text") for _ in subtitles]
        for track, subtitle in zip(tracks, subtitles, strict=True):
            track.time_base = Fraction(1, 1000)
            track.metadata["language"] = subtitle.language
        out.metadata.update({"title": title, "comment": comment})
        out.set_chapters([_chapter(index, chapter) for index, chapter in enumerate(chapters)])
        packets = (packet for packet in heard.demux(audio=0) if packet.pts is not None and packet.size)
        waiting = next(packets, None)
        for track, subtitle in zip(tracks, subtitles, strict=True):
            for cue in subtitle.cues:
                out.mux(_cue_packet(track, cue))
        count = 0
        for packet, count in _copied(pieces, header, fps):
            if cancelled is not None and cancelled():
                raise Cancelled()
            packet.stream = video
            # Sound goes in beside its pictures: the muxer would otherwise hold one of them in memory.
            while waiting is not None and (waiting.pts or 0) * fps <= count * RATE:
                waiting.stream = audio
                out.mux(waiting)
                waiting = next(packets, None)
            out.mux(packet)
        while waiting is not None:
            waiting.stream = audio
            out.mux(waiting)
            waiting = next(packets, None)
    return count


def _copied(pieces: Sequence[Path], header: bytes | None, fps: int) -> Iterator[tuple[Packet[Any], int]]:
    """Packets of all pieces with new times, and the number of frames so far."""
    index = start = 0
    for piece in pieces:
        with av.open(str(piece)) as source:
            stream = source.streams.video[0]
            if stream.codec_context.extradata != header:
                raise WorkError(
                    "E-JOIN-SETTINGS",
                    "The pieces were coded with different settings.",
                    "Render again; if it stays, clear the store: presenter forget --all.",
                )
            ticks = Fraction(1, fps) / Fraction(stream.time_base or 1)
            count = 0
            for packet in source.demux(stream):
                if packet.pts is None or packet.size == 0:
                    continue
                packet.pts = int((packet.pts / ticks + start) * ticks)
                # Decoding order is counted anew: a very short piece has another delay than a long one.
                packet.dts = int((index - REORDER) * ticks)
                index += 1
                count += 1
                yield packet, start + count
            start += count


def _audio_frame(samples: Samples, at: int) -> AudioFrame:
    frame = AudioFrame.from_ndarray(np.ascontiguousarray(samples)[None], format="fltp", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = RATE, at, Fraction(1, RATE)
    return frame


def _chapter(index: int, chapter: Chapter) -> Any:
    return {
        "id": index,
        "start": round(chapter.start * 1000),
        "end": round(chapter.end * 1000),
        "time_base": Fraction(1, 1000),
        "metadata": {"title": chapter.title},
    }


def _cue_packet(track: Any, cue: Span) -> Packet[Any]:
    """A text sample of ISO/IEC 14496-17 (3GPP timed text): length in two bytes, then UTF-8."""
    text = cue.label.encode()
    packet = Packet(struct.pack(">H", len(text)) + text)
    packet.stream = track
    packet.time_base = Fraction(1, 1000)
    packet.pts = packet.dts = round(cue.start * 1000)
    packet.duration = round((cue.end - cue.start) * 1000)
    packet.is_keyframe = True
    return packet
