"""Sound: reading and writing files, the house rate, loudness and mastering.

House format inside: float32 (N,) mono in [-1, 1] at 48 000 Hz. Everything that can be long works on
chunks and needs the same memory at any length.
"""

from __future__ import annotations

import functools
import io
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import av
import av.error
import av.subtitles.codeccontext  # PyAV loads it late, where a child of sandbox cannot
import av.subtitles.stream  # PyAV imports it with the first file; in the sandbox that is too late
import numpy as np
import soundfile
import soxr
from av.audio.frame import AudioFrame
from av.filter import Graph
from numpy.typing import NDArray

from presenter.errors import InputError
from presenter.types import RATE, Samples, Wave

Floats = NDArray[np.float64]

SILENT = -70.0
"""Loudness below which nothing is heard: the absolute gate of BS.1770-4 (LUFS)."""
LOUDNESS = -16.0
"""Integrated loudness of all that is made (LUFS), as podcasts and learning platforms ask for."""
CEILING = -1.5
"""Highest sample of a mastered lesson (dBFS): leaves room for what AAC adds between samples."""

CODECS = frozenset({
    "mp3", "mp3float", "aac", "opus", "libopus", "vorbis", "libvorbis", "flac", "alac",
    "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_s16be",
})  # fmt: skip
"""Codecs that are decoded from MP3, MP4 and WebM files."""
_LOWEST_RATE, _HIGHEST_RATE = 4_000, 384_000

# --- files ------------------------------------------------------------------------------------


def read(source: Path | bytes, *, seconds_limit: float, cut: bool = False) -> Wave:
    """Sound of a file, mixed to mono, at the file's own rate.

    WAV, FLAC and Ogg by libsndfile; MP3, M4A, MP4 and WebM by PyAV, by the file's first bytes and a
    list of codecs, never by guessing: a text file could be a playlist that opens others.

    Args:
        source: the file or its content.
        seconds_limit: longer files are refused, by their header where it tells, so before decoding.
        cut: of longer files the beginning is taken instead.

    Raises:
        InputError: ``E-VOICE-EMPTY``, ``E-MEDIA-TYPE``, ``E-VOICE-LONG``, ``E-VOICE-BROKEN``.
    """
    data = source if isinstance(source, bytes) else source.read_bytes()
    if not data:
        raise InputError("E-VOICE-EMPTY", "The sound file is empty.", "Choose the file again.", "voice")
    try:
        if data[:4] in (b"RIFF", b"RF64", b"fLaC", b"OggS") or is_tagged_flac(data):
            wave = _read_sndfile(data, seconds_limit, cut)
        else:
            wave = _read_av(data, _demuxer(data), seconds_limit, cut)
    except (soundfile.SoundFileError, av.error.FFmpegError, ValueError) as error:
        raise _unreadable() from error
    if not np.isfinite(wave.samples).all():
        raise InputError(
            "E-VOICE-BROKEN", "The recording holds values that are no numbers.",
            "Export it again as WAV with 16 bits.", "voice",
        )  # fmt: skip
    if len(wave.samples) == 0:
        raise InputError("E-VOICE-EMPTY", "The recording holds no sound.", "Record it again.", "voice")
    return Wave(np.clip(wave.samples, -1.0, 1.0), wave.rate)


def _unreadable(message: str = "This is not a recording that can be read.") -> InputError:
    return InputError("E-MEDIA-TYPE", message, "Use WAV, FLAC, Ogg, MP3, M4A, MP4 or WebM.", "voice")


def refuse_long(seconds: float, limit: float) -> None:
    """Raise ``E-VOICE-LONG`` for a recording of more seconds than the limit."""
    if seconds > limit:
        raise InputError(
            "E-VOICE-LONG", f"The recording has {_clock(seconds)}; the limit is {_clock(limit)}.",
            "Cut out a shorter part.", "voice",
        )  # fmt: skip


def _clock(seconds: float) -> str:
    whole = round(seconds)
    if whole < 60:
        return f"{seconds:.1f} s"
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02d} min"
    return f"{whole // 3600}:{whole // 60 % 60:02d} h"


def _refuse_rate(rate: int) -> None:
    if not _LOWEST_RATE <= rate <= _HIGHEST_RATE:
        raise _unreadable(f"The recording has {rate} samples a second.")


def _read_sndfile(data: bytes, limit: float, cut: bool) -> Wave:
    with soundfile.SoundFile(io.BytesIO(data)) as file:
        _refuse_rate(file.samplerate)
        if not cut:
            refuse_long(file.frames / file.samplerate, limit)
        # The header may lie: never more than the limit is decoded.
        samples = file.read(int(limit * file.samplerate) + 1, dtype="float32", always_2d=True)
        return Wave(samples.mean(axis=1, dtype=np.float32), file.samplerate)


def _demuxer(data: bytes) -> str:
    if data[4:8] == b"ftyp":
        return "mp4"
    if data[:4] == b"\x1a\x45\xdf\xa3":
        return "matroska"
    if data[:3] == b"ID3" or (data[0] == 0xFF and len(data) > 1 and data[1] & 0xE0 == 0xE0):
        return "mp3"
    raise _unreadable()


def _read_av(data: bytes, demuxer: str, limit: float, cut: bool) -> Wave:
    with av.open(io.BytesIO(data), "r", format=demuxer) as container:
        if not container.streams.audio:
            raise _unreadable("The file holds no sound.")
        stream = container.streams.audio[0]
        context = stream.codec_context
        if context.name not in CODECS:
            raise _unreadable(f"The sound is coded in {context.name}.")
        rate = int(context.sample_rate)
        _refuse_rate(rate)
        if container.duration and not cut:
            refuse_long(container.duration / av.time_base, limit)
        convert = av.AudioResampler(format="fltp", layout="mono", rate=rate)
        chunks: list[Samples] = []
        count = 0
        for frame in container.decode(stream):
            for part in convert.resample(frame):
                chunks.append(part.to_ndarray()[0].astype(np.float32))
                count += len(chunks[-1])
            if cut and count > limit * rate:
                break
            refuse_long(count / rate, limit)
        return Wave(np.concatenate(chunks) if chunks else np.zeros(0, np.float32), rate)


def is_tagged_flac(data: bytes) -> bool:
    """Whether a FLAC stands behind an ID3 tag, which is where its credentials are."""
    length = 0
    for digit in data[6:10]:  # seven bits each (ID3v2.4, 3.1)
        length = length << 7 | digit & 0x7F
    return data[:3] == b"ID3" and data[10 + length :][:4] == b"fLaC"


def comment_of(data: bytes) -> str:
    """What the header of a sound file (WAV, FLAC, M4A) says about it in words, at most 500 characters."""
    try:
        if data[4:8] == b"ftyp":
            with av.open(io.BytesIO(data), "r", format="mp4") as container:
                return str(container.metadata.get("comment", ""))[:500]
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            return str(file.comment)[:500]
    except (av.error.FFmpegError, soundfile.LibsndfileError):
        return ""


def write_wav(path: Path, samples: Samples, rate: int = RATE) -> None:
    """Write (N,) mono samples in [-1, 1] as WAV with 16 bits."""
    soundfile.write(str(path), samples, rate, subtype="PCM_16", format="WAV")


def encoded(samples: Samples, kind: str, *, rate: int = RATE, comment: str = "") -> bytes:
    """The content of a sound file with 16 bits; ``kind`` is ``WAV`` or ``FLAC``.

    Args:
        samples: (N,) mono in [-1, 1].
        comment: kept in the file's header, where players and archives show it.
    """
    out = io.BytesIO()
    with soundfile.SoundFile(out, "w", rate, 1, "PCM_16", format=kind) as file:
        if comment:
            file.comment = comment
        file.write(samples)
    return out.getvalue()


def lossy(samples: Samples, codec: Literal["aac", "mp3"], bits: int) -> Samples:
    """What is heard of a sound at 48 kHz after a lossy coder of so many bits a second; for measuring."""
    file = io.BytesIO()
    container, coder = {"aac": ("adts", "aac"), "mp3": ("mp3", "libmp3lame")}[codec]
    with av.open(file, "w", format=container) as out:
        stream: Any = out.add_stream(coder, rate=RATE)
        stream.bit_rate, stream.layout = bits, "mono"
        frame = AudioFrame.from_ndarray(samples[None].astype(np.float32), format="fltp", layout="mono")
        frame.rate = RATE
        out.mux([*stream.encode(frame), *stream.encode(None)])
    file.seek(0)
    with av.open(file, "r", format="mp3" if codec == "mp3" else "aac") as given:
        return np.concatenate([part.to_ndarray()[0] for part in given.decode(audio=0)]).astype(np.float32)


def resample(wave: Wave, rate: int = RATE) -> Samples:
    """The same sound at another rate (Hz): linear phase, so without delay; round(N x ratio) samples."""
    if wave.rate == rate:
        return wave.samples
    out = np.asarray(soxr.resample(wave.samples, wave.rate, rate, quality="HQ"), np.float32)
    count = round(len(wave.samples) * rate / wave.rate)
    return np.pad(out[:count], (0, max(0, count - len(out))))


def stretch(wave: Wave, speed: float) -> Wave:
    """The same sound ``speed`` times as fast, at the same pitch, for engines that cannot change their pace.

    By FFmpeg's ``atempo``, which repeats or drops waveform pieces of about 80 ms where they fit best
    (WSOLA: Verhelst and Roelands, ICASSP 1993).

    Args:
        speed: 0.5 to 2, where it joins pieces smoothly.
    """
    if speed == 1.0 or len(wave.samples) == 0:
        return wave
    graph = Graph()
    source = graph.add_abuffer(
        sample_rate=wave.rate, format="flt", layout="mono", time_base=Fraction(1, wave.rate)
    )
    tempo = graph.add("atempo", f"{speed:.6f}")
    sink = graph.add("abuffersink")
    source.link_to(tempo)
    tempo.link_to(sink)
    graph.configure()
    frame = AudioFrame.from_ndarray(np.ascontiguousarray(wave.samples)[None], format="flt", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = wave.rate, 0, Fraction(1, wave.rate)
    source.push(frame)
    source.push(None)
    return Wave(np.concatenate([np.zeros(0, np.float32), *_pulled(sink)]), wave.rate)


# --- loudness ---------------------------------------------------------------------------------

# ITU-R BS.1770-4, tables 1 and 2: the head's shelf and the revised low-frequency B curve at 48 kHz.
_K_WEIGHTING = np.array([
    [1.53512485958697, -2.69169618940638, 1.19839281085285, 1.0, -1.69065929318241, 0.73248077421585],
    [1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621],
])  # fmt: skip
_STEP = RATE // 10
"""Samples by which the measuring blocks of 0.4 s move on: an overlap of 75 %."""


def loudness(chunks: Iterable[Samples]) -> float:
    """Integrated loudness of mono sound after ITU-R BS.1770-4, in LUFS.

    Keeps one number for each tenth of a second and nothing else. Sound of less than 0.4 s is measured
    as one block; silence gives ``-inf``.
    """
    kernel = _k_weighting()
    past: Floats = np.zeros(len(kernel) - 1)
    rest: Floats = np.zeros(0)
    steps: list[float] = []
    for chunk in chunks:
        if len(chunk) == 0:
            continue
        sound = np.concatenate([past, chunk])
        past = sound[-len(past) :]
        rest = np.concatenate([rest, convolved(sound, kernel)[len(past) : len(sound)]])
        whole = len(rest) // _STEP * _STEP
        steps.extend(np.mean(rest[:whole].reshape(-1, _STEP) ** 2, axis=1).tolist())
        rest = rest[whole:]
    if len(steps) < 4:
        powers = np.array([*steps, *([np.mean(rest**2)] if len(rest) else [])])
        blocks = powers.mean(keepdims=True) if len(powers) else powers
    else:
        blocks = np.convolve(steps, np.full(4, 0.25), mode="valid")
    heard = blocks[_lufs(blocks) > SILENT]
    if len(heard) == 0:
        return float("-inf")
    # The relative gate lies 10 LU below the mean of what is heard.
    return float(_lufs(heard[_lufs(heard) > _lufs(heard.mean()) - 10.0].mean()))


@functools.cache
def _k_weighting() -> Floats:
    """The weighting as an impulse response: after 4096 samples it has died down to 1e-9."""
    response: Floats = np.zeros(4096)
    response[0] = 1.0
    for b0, b1, b2, _, a1, a2 in _K_WEIGHTING.tolist():
        out = np.zeros_like(response)
        x1 = x2 = y1 = y2 = 0.0
        for index, x in enumerate(response.tolist()):
            y = b0 * x + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2
            out[index] = y
            x1, x2, y1, y2 = x, x1, y, y1
        response = out
    return response


def convolved(sound: Floats, taps: Floats) -> Floats:
    """The whole convolution, float64 (N + taps - 1,), by way of the spectrum."""
    count = len(sound) + len(taps) - 1
    size = 1 << (count - 1).bit_length()
    return np.asarray(np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(taps, size), size)[:count])


def _lufs(power: Any) -> Any:
    return -0.691 + 10.0 * np.log10(np.maximum(power, 1e-20))


def true_peak(samples: Samples) -> float:
    """Highest level between the samples, by fourfold oversampling (BS.1770-4, annex 2), in dBTP."""
    if len(samples) == 0:
        return float("-inf")
    dense = soxr.resample(samples, RATE, 4 * RATE, quality="HQ")
    return float(20.0 * np.log10(max(np.abs(dense).max(), np.abs(samples).max(), 1e-10)))


def master(chunks: Iterable[Samples], gain_db: float) -> Iterator[Samples]:
    """One gain for everything, then a limiter that holds the peaks at ``CEILING``.

    The limiter looks ahead but its delay is taken out again: every sample keeps its place and the
    total length stays. Chunks may come out in other sizes than they went in.
    """
    gain = np.float32(10.0 ** (gain_db / 20.0)) if np.isfinite(gain_db) else np.float32(1.0)
    graph = Graph()
    source = graph.add_abuffer(sample_rate=RATE, format="flt", layout="mono", time_base=Fraction(1, RATE))
    limiter = graph.add("alimiter", f"limit={CEILING}dB:level=false:latency=true")
    sink = graph.add("abuffersink")
    source.link_to(limiter)
    limiter.link_to(sink)
    graph.configure()
    at = 0
    for chunk in chunks:
        if len(chunk) == 0:
            continue
        frame = AudioFrame.from_ndarray(np.ascontiguousarray(chunk * gain)[None], format="flt", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, at, Fraction(1, RATE)
        at += len(chunk)
        source.push(frame)
        yield from _pulled(sink)
    if at:
        source.push(None)
        yield from _pulled(sink)


def _pulled(sink: Any) -> Iterator[Samples]:
    while True:
        try:
            frame = sink.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return
        yield frame.to_ndarray().reshape(-1).astype(np.float32)
