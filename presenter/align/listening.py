"""What a recording sounds like, ten milliseconds at a time: cepstra, level, voice, pauses and breaths."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator

import numpy as np
import scipy  # its parts load when they are used
from numpy.typing import NDArray

from presenter.audio import resample
from presenter.types import Wave

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

RATE = 16_000
"""Rate at which sound is looked at (Hz)."""
HOP = 160
"""Samples between frames. Frame ``i`` has its middle at ``i`` x 10 ms."""
STEP = HOP / RATE
"""Seconds between frames."""
COEFFICIENTS = 12
"""Cepstral coefficients of a frame, without the zeroth; its loudness takes the place of that one."""

_WINDOW, _FFT = 400, 512
"""Samples of a frame (25 ms) and of its spectrum."""
_BANDS = 40
_LOWEST, _HIGHEST = 80.0, 7600.0
_FLOOR = 1e-6
"""Power below which a band counts as empty: digital silence and faint noise look alike."""
_BLOCK = 512
"""Frames whose spectra are in memory at a time."""

_WIDE, _WIDE_FFT = 640, 1024
"""Samples of a frame in which the pitch is looked for (40 ms, three periods of the lowest voice)."""
_SHORTEST, _LONGEST = 40, 230
"""Periods of a voice: 70 to 400 Hz (samples)."""
_LONGER = 0.05
"""By how much more a period of twice the length has to repeat."""
_VOICED = 0.6
"""Share of a frame's power that repeats after one period, above which it is voiced."""

_LOUDNESS, _SLOPES = 1.5, 3.0
"""How much the loudness and the slopes count against one coefficient: they tell syllables from gaps,
whoever speaks."""
_OUTER = 3.5
"""Values farther from the mean than this many standard deviations tell no more than this."""
_SILENT = -3.0
"""Loudness of a pause in the same measure."""


def bands(wave: Wave) -> Floats:
    """Natural logarithm of the power in 40 mel bands, float64 (T, 40), with raised treble."""
    return _spectra(wave, emphasis=0.97, reduce=lambda power: np.log(power @ mel().T + _FLOOR))


def levels(wave: Wave) -> tuple[Floats, Floats]:
    """How loud, and how bright: float64 (T,) each, in dB.

    Returns:
        The power from 120 Hz up against that of the loudest frames, and the power above 4.5 kHz
        against that from 0.7 to 4 kHz: above 0 it hisses.
    """
    hertz = np.fft.rfftfreq(_FFT, 1 / RATE)

    def reduce(power: Floats) -> Floats:
        parts = [
            power[:, (hertz >= low) & (hertz < high)].sum(axis=1)
            for low, high in ((120, 7600), (4500, 7600), (700, 4000))
        ]
        return 10.0 * np.log10(np.stack(parts, axis=1) + 1e-8)

    whole, treble, middle = _spectra(wave, emphasis=0.0, reduce=reduce).T
    return whole - np.percentile(whole, 95), treble - middle


def periods(wave: Wave) -> tuple[Floats, Floats]:
    """The likeliest period of each frame (s), and how much of it repeats (0..1): float64 (T,) each.

    The highest peak of the autocorrelation below 1.5 kHz, freed from the window's own (Boersma,
    "Accurate short-term analysis of the fundamental frequency", IFA Proceedings 17, 1993).
    """
    hertz = np.fft.rfftfreq(_WIDE_FFT, 1 / RATE)
    window = np.hanning(_WIDE)
    own = np.fft.irfft(np.abs(np.fft.rfft(window, _WIDE_FFT)) ** 2)[:_LONGEST]
    octaves = np.log2(np.arange(_SHORTEST, _LONGEST) / _SHORTEST)
    found: list[Floats] = []
    for frames in _frames(_sound(wave), _WIDE):
        power = np.abs(np.fft.rfft(frames * window, _WIDE_FFT)) ** 2
        power[:, (hertz < 70) | (hertz > 1500)] = 0.0
        repeats = np.fft.irfft(power)[:, :_LONGEST]
        repeats = repeats / (repeats[:, :1] + 1e-9) / (own / own[0])
        # Every multiple of the period repeats as well: of equal ones the shortest counts.
        best = (repeats[:, _SHORTEST:] - _LONGER * octaves).argmax(axis=1) + _SHORTEST
        found.append(np.stack([best / RATE, repeats[np.arange(len(best)), best]], axis=1))
    joined = np.concatenate(found)
    return joined[:, 0], joined[:, 1]


def pitch(wave: Wave) -> float | None:
    """Median fundamental frequency of the voiced frames (Hz); None where there are none."""
    period, repeats = periods(wave)
    loud, _ = levels(wave)
    clear = (repeats > 0.8) & (loud > -25.0)
    return float(1.0 / np.median(period[clear])) if clear.any() else None


def spoken_seconds(wave: Wave) -> float:
    """How long there is speech in a recording, without its pauses (s)."""
    return float((quiet(bands(wave)) < 0.5).sum() * STEP)


def quiet(power: Floats) -> Floats:
    """How surely each frame is a pause, float64 (T,) in 0..1, by its mean level between the recording's
    own quietest and loudest.

    Args:
        power: from ``bands``.
    """
    level = power.mean(axis=1)
    lowest, highest = np.percentile(level, [3, 95])
    share = (level - lowest) / (highest - lowest + 1e-6)
    return np.asarray(np.clip(1.6 - 4.0 * share, 0.0, 1.0), np.float64)


def pauses(wave: Wave, power: Floats) -> Floats:
    """``quiet`` with the breaths that readers take in their pauses: they are loud enough for speech.

    A breath is a long noise without voice and without hiss that follows on silence.
    """
    found = quiet(power)
    loud, bright = levels(wave)
    _, repeats = periods(wave)
    silent = (found > 0.5) & (loud < -30.0)
    noise = (loud < -14.0) & (bright < 0.0) & ~((repeats > _VOICED) & (loud > -25.0))
    without_voice = _wider(_closed(silent | noise, 4), 1)
    for first, end in stretches(without_voice):
        for begin, stop in stretches(_closed(~silent[first:end], 3)):
            begin, stop = begin + first, stop + first
            after_silence = begin <= 5 or silent[begin - 6 : begin].mean() > 0.6
            before_silence = stop >= len(found) - 3 or silent[stop : stop + 6].mean() > 0.6
            if after_silence and stop - begin >= (12 if before_silence else 18):
                found[begin:stop] = 1.0
    return found


def features(power: Floats, pause: Floats) -> Floats:
    """What two renderings of a text are compared by, float64 (T, 26): twelve mel-frequency cepstral
    coefficients and the loudness, with mean 0 and variance 1 over the speech, and their slopes over 50 ms.

    In pauses the coefficients are 0: the colour of a room's noise says nothing.

    Args:
        power: from ``bands``.
        pause: how surely each frame is a pause, (T,) in 0..1.
    """
    speech = pause < 0.5
    if speech.sum() < 5:
        speech = np.ones(len(power), np.bool_)
    shape = scipy.fft.dct(power, norm="ortho")[:, 1 : COEFFICIENTS + 1]
    rows = np.hstack([shape, power.mean(axis=1, keepdims=True)])
    rows = (rows - rows[speech].mean(axis=0)) / (rows[speech].std(axis=0) + 1e-6)
    rows = np.clip(rows, -_OUTER, _OUTER) * (1.0 - pause[:, None])
    rows[:, -1] = _LOUDNESS * (rows[:, -1] + _SILENT * pause)
    padded = np.pad(rows, ((2, 2), (0, 0)), mode="edge")
    slopes = (2.0 * (padded[4:] - padded[:-4]) + padded[3:-1] - padded[1:-3]) / 10.0
    return np.hstack([rows, _SLOPES * slopes])


def stretches(flags: Flags) -> list[tuple[int, int]]:
    """Where flags are set, as half-open runs of frames."""
    edges = np.flatnonzero(np.diff(flags.astype(np.int8), prepend=0, append=0)).tolist()
    return list(zip(edges[::2], edges[1::2], strict=True))


def _closed(flags: Flags, gap: int) -> Flags:
    """Flags with gaps shorter than ``gap`` frames filled."""
    found = flags.copy()
    for first, end in stretches(~flags):
        if end - first < gap and first > 0 and end < len(flags):
            found[first:end] = True
    return found


def _wider(flags: Flags, by: int) -> Flags:
    kernel = np.ones(2 * by + 1)
    return np.asarray(np.convolve(flags, kernel)[by : by + len(flags)] > 0.5)


def _sound(wave: Wave) -> Floats:
    return resample(wave, RATE).astype(np.float64)


def _frames(sound: Floats, size: int) -> Iterator[Floats]:
    """Frames around every tenth millisecond, float64 (up to _BLOCK, size)."""
    padded = np.pad(sound, (size // 2, size // 2))
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[::HOP]
    for start in range(0, len(frames), _BLOCK):
        yield frames[start : start + _BLOCK]


def _spectra(wave: Wave, *, emphasis: float, reduce: Callable[[Floats], Floats]) -> Floats:
    sound = _sound(wave)
    if emphasis:
        sound = np.append(sound[:1], sound[1:] - emphasis * sound[:-1])
    window = np.hamming(_WINDOW)
    return np.concatenate(
        [reduce(np.abs(np.fft.rfft(frames * window, _FFT)) ** 2) for frames in _frames(sound, _WINDOW)]
    )


@functools.cache
def mel() -> Floats:
    """40 triangular bands of equal width in mel from 80 to 7600 Hz, float64 (40, 257): a spectrum of 512
    samples at ``RATE`` into bands (O'Shaughnessy 1987)."""
    lowest, highest = (2595.0 * math.log10(1.0 + hertz / 700.0) for hertz in (_LOWEST, _HIGHEST))
    edges = np.linspace(lowest, highest, _BANDS + 2)
    points = 700.0 * (10.0 ** (edges / 2595.0) - 1.0) / RATE * _FFT
    bins = np.arange(_FFT // 2 + 1)
    rising = (bins - points[:-2, None]) / np.diff(points)[:-1, None]
    falling = (points[2:, None] - bins) / np.diff(points)[1:, None]
    return np.asarray(np.clip(np.minimum(rising, falling), 0.0, None), np.float64)
