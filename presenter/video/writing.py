"""Writing video files: pieces, the sound of a lesson, and both joined."""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.stream
import numpy as np
from av.audio.frame import AudioFrame
from av.packet import Packet
from av.video.frame import VideoFrame

from presenter.errors import Cancelled, WorkError
from presenter.types import RATE, Samples, Span
from presenter.video.reading import Planes

GOP_SECONDS = 4
"""Length of a group of pictures (s); also the longest step of a seek."""
REORDER = 2
"""Frames by which libx264 at most delays decoding against showing (B-pyramid)."""
AHEAD = 3
"""Frames that may wait for the encoder."""
AAC_BITS = 160_000
AAC_FRAME = 1024
"""Samples an AAC frame holds."""


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


def part(source: Path, path: Path, start: int, stop: int) -> None:
    """Copy the pictures of frames ``start`` to ``stop`` (half-open) of a file of ``join``, without sound.

    Args:
        start: the first frame of a piece: only there can a player begin.
    """
    with av.open(str(source)) as given, av.open(str(path), "w", format="mp4") as out:
        stream = given.streams.video[0]
        copy = out.add_stream_from_template(stream)
        ticks = 1 / (Fraction(stream.average_rate or 1) * Fraction(stream.time_base or 1))
        for packet in given.demux(stream):
            if packet.pts is None or not start <= round(packet.pts / ticks) < stop:
                continue
            packet.pts -= int(start * ticks)
            packet.dts = (packet.dts or 0) - int(start * ticks)
            packet.stream = copy
            out.mux(packet)


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
