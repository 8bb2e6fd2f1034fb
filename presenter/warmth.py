"""Warming a formant voice: what takes the machine out of a synthesizer's sound."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from presenter.audio import Floats, convolved
from presenter.types import RATE, Samples

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
    return convolved(sound, taps)[middle : middle + len(sound)]


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
    return sound + convolved(sound, np.convolve(taps, dulling / dulling.sum()))[: len(sound)]
