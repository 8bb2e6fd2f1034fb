"""Sound: reading and writing files, the house rate, loudness, mastering, and warming a formant voice.

House format inside: float32 (N,) mono in [-1, 1] at 48 000 Hz. Everything that can be long works on
chunks and needs the same memory at any length.
"""

from __future__ import annotations

import functools
import io
from collections.abc import Iterable, Iterator, Sequence
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
        if data[:4] in (b"RIFF", b"RF64", b"fLaC", b"OggS"):
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


# --- loudness ---------------------------------------------------------------------------------

# ITU-R BS.1770-4, tables 1 and 2: the head's shelf and the revised low-frequency B curve at 48 kHz.
_K_WEIGHTING = np.array([
    [1.53512485958697, -2.69169618940638, 1.19839281085285, 1.0, -1.69065929318241, 0.73248077421585],
    [1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621],
])  # fmt: skip
_STEP = RATE // 10
"""Samples by which the measuring blocks of 0.4 s move on: an overlap of 75 %."""


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
        rest = np.concatenate([rest, _convolved(sound, kernel)[len(past) : len(sound)]])
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


def _convolved(sound: Floats, taps: Floats) -> Floats:
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


# --- warming a formant voice ------------------------------------------------------------------

_CENTRES = np.array([
    125, 160, 200, 250, 315, 400, 500, 630, 800, 1000, 1250, 1600, 2000, 2500, 3150, 4000, 5000, 6300,
    8000, 10000,
])  # fmt: skip
"""Third-octave bands (Hz)."""
_SPEECH = np.array([
    57.7, 56.8, 60.2, 60.3, 59.0, 62.1, 62.1, 60.5, 56.8, 53.7, 53.0, 52.0, 48.7, 48.1, 46.8, 45.6, 44.5,
    44.3, 43.7, 43.4,
])  # fmt: skip
"""Long-term average spectrum of speech over twelve languages, men and women (dB), from table II of
Byrne et al., "An international comparison of long-term average speech spectra", JASA 96 (1994)."""
_SHARE = 0.75
"""How much of the way towards the average of speech a voice is taken: it keeps some of its own colour."""
_CUT = -12.0
"""The most that a band is lowered (dB)."""
_LIFT = np.where(_CENTRES < 4000, 3.0, 0.0)
"""The most that a band is raised (dB): above 4 kHz that would bring up the synthesis's noise."""
_TAPS = 1023

_SIBILANT = (4500.0, 10500.0)
"""Where s and sh lie (Hz)."""
_SIBILANCE = 0.55
"""Share of the level in that band above which a sound is a hiss and is held back."""
_USUAL = 0.09
"""Level of a syllable above which it is held back."""
_GRID = 48
"""Samples in a millisecond: levels are followed at this pace."""
_ROOM = ((7.1, -19.0), (11.3, -22.0), (17.9, -24.0), (25.7, -27.0), (34.3, -30.0))
"""Early reflections of a small furnished room (ms, dB); uneven distances avoid a comb's colour."""


def spectrum(samples: Samples) -> Floats:
    """Long-term average in third-octave bands, float64 (20,) in dB, of sound at 48 kHz."""
    size = 4096
    padded = np.pad(samples.astype(np.float64), (0, max(0, size - len(samples))))
    windows = np.lib.stride_tricks.sliding_window_view(padded, size)[:: size // 2] * np.hanning(size)
    power = (np.abs(np.fft.rfft(windows)) ** 2).mean(axis=0)
    frequencies = np.fft.rfftfreq(size, 1 / RATE)
    edges = 2.0 ** (1 / 6)
    bands = [
        power[(frequencies >= centre / edges) & (frequencies < centre * edges)].sum() for centre in _CENTRES
    ]
    return np.asarray(10.0 * np.log10(np.maximum(bands, 1e-12)), np.float64)


def balance(samples: Samples) -> Floats:
    """The equaliser that brings a voice near the average spectrum of human speech.

    Args:
        samples: some ten seconds of the voice, (N,) at 48 kHz.

    Returns:
        float64 (20,): gains in dB for third-octave bands from 125 Hz to 10 kHz, for ``warm``.
    """
    wanted = _SPEECH - spectrum(samples)
    # Levels are compared where the voice has its power: the mean over 200 Hz to 1 kHz is kept.
    body = (_CENTRES >= 200) & (_CENTRES <= 1000)
    gains = _SHARE * (wanted - wanted[body].mean())
    # Single harmonics of a low or high voice must not be filled in: only the trend over an octave counts.
    return _blurred(np.clip(gains, _CUT, _LIFT), 1.5)


def warm(samples: Samples, gains: Floats) -> Samples:
    """Take the machine out of a formant voice: equaliser, de-esser, levelling, a little room.

    Args:
        samples: (N,) at 48 kHz.
        gains: from ``balance``, the same for all sentences of a voice.

    Returns:
        (N,) without delay. Levels are not normalised and may pass 1 a little: level and limit next.
    """
    if len(samples) == 0:
        return samples
    sound = _same(samples.astype(np.float64), _equaliser(gains))
    sound = _soften(sound)
    sound = _level(sound)
    return _reflect(sound).astype(np.float32)


def _same(sound: Floats, taps: Floats) -> Floats:
    """Linear-phase filter with its delay taken out."""
    middle = len(taps) // 2
    return _convolved(sound, taps)[middle : middle + len(sound)]


def _filter(count: int, frequencies: Sequence[float], amplitudes: Floats) -> Floats:
    """Taps of a linear-phase filter through the given points (Hz, factor), by the window method."""
    grid = np.fft.rfftfreq(8192, 1 / RATE)
    impulse = np.fft.irfft(np.interp(grid, frequencies, amplitudes))
    middle = count // 2
    return np.asarray(np.roll(impulse, middle)[:count] * np.hamming(count), np.float64)


def _equaliser(gains: Floats) -> Floats:
    # Nothing below 70 Hz is voice; above the last band espeak-ng's half rate ends at 11 kHz anyway.
    frequencies = [0.0, 50.0, 80.0, *_CENTRES.tolist(), 14000.0, RATE / 2]
    decibels = np.array([-30.0, -20.0, gains[0] - 1.0, *gains, gains[-1] - 6.0, gains[-1] - 12.0])
    return _filter(_TAPS, frequencies, 10.0 ** (decibels / 20.0))


def _envelope(sound: Floats, seconds: float) -> Floats:
    """Level over time, float64 (ceil(N / 48),): one value a millisecond, without delay."""
    padded = np.pad(sound, (0, -len(sound) % _GRID))
    return np.sqrt(_smooth(np.mean(padded.reshape(-1, _GRID) ** 2, axis=1), seconds))


def _smooth(curve: Floats, seconds: float) -> Floats:
    """A curve of one value a millisecond under a Gaussian window."""
    width = seconds * RATE / _GRID
    return np.maximum(0.0, _blurred(curve, width))


def _blurred(curve: Floats, width: float) -> Floats:
    """Convolution with a Gaussian of that standard deviation; beyond the ends the last values go on."""
    reach = int(4 * width + 0.5)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / width) ** 2)
    return np.convolve(np.pad(curve, reach, mode="edge"), kernel / kernel.sum(), mode="valid")


def _each(curve: Floats, count: int) -> Floats:
    """A curve of one value a millisecond at each of ``count`` samples."""
    middles = (np.arange(len(curve)) + 0.5) * _GRID
    return np.asarray(np.interp(np.arange(count), middles, curve), np.float64)


def _soften(sound: Floats) -> Floats:
    """De-esser: the band of s and sh gives way where it outweighs the rest, and only there."""
    low, high = _SIBILANT
    band = (0.0, low - 1, low, high, high + 1, RATE / 2)
    taps = _filter(255, band, np.array([0.0, 0.0, 1.0, 1.0, 0.0, 0.0]))
    hiss = _same(sound, taps)
    share = _envelope(hiss, 0.004) / (_envelope(sound, 0.004) + 1e-5)
    gain = _smooth(np.minimum(1.0, _SIBILANCE / np.maximum(share, 1e-6)), 0.003)
    return sound - hiss * (1.0 - _each(gain, len(sound)))


def _level(sound: Floats) -> Floats:
    """Gentle compressor, 2:1 above the voice's usual level: even syllables without pumping."""
    gain = np.minimum(1.0, np.sqrt(_USUAL / np.maximum(_envelope(sound, 0.03), 1e-6)))
    return sound * _each(_smooth(gain, 0.015), len(sound))


def _reflect(sound: Floats) -> Floats:
    """The dry voice and a few early reflections, dulled as by furniture."""
    taps = np.zeros(int(_ROOM[-1][0] / 1000 * RATE) + 2)
    for sign, (milliseconds, decibels) in zip((1, -1, 1, 1, -1), _ROOM, strict=True):
        taps[round(milliseconds / 1000 * RATE)] = sign * 10.0 ** (decibels / 20.0)
    dulling = np.exp(-2 * np.pi * 3500.0 / RATE) ** np.arange(64)
    return sound + _convolved(sound, np.convolve(taps, dulling / dulling.sum()))[: len(sound)]
