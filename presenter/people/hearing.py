"""What can be heard in a recording: level, pauses, pitch and timbre, a hundred times a second."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from presenter import audio
from presenter.align.listening import mel
from presenter.types import RATE, Samples, Wave

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

FRAMES = 100
"""Frames a second."""
_RATE = 16_000
_HOP = _RATE // FRAMES
_WINDOW = 400
"""Samples of a frame: 25 ms."""
_FFT = 512
_LOWEST, _HIGHEST = 80.0, 7600.0
"""Where voices are (Hz): hum below and hiss above do not count."""
_FLOOR = 1e-9
"""Power below which a band counts as empty."""
_REACH = 30.0
"""What is this much below the loudest sounds is silence (dB)."""
_SHARE = 0.35
"""So far up between the quietest and the loudest moments silence ends."""
_BRIDGE = 20
"""Frames: a shorter gap is inside of a word."""
_DEEPEST, _HIGHEST_PITCH = 65.0, 400.0
"""Range of the pitch of voices (Hz)."""
_PERIODIC = 0.5
"""Peak of the normalised autocorrelation from which a frame is voiced."""


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """A recording frame by frame."""

    bands: Floats
    """float64 (T, 40): natural logarithm of the power in mel bands."""
    level: Floats
    """float64 (T,): power between 80 and 7600 Hz (dB, 0 is a full-scale square wave or less)."""
    speech: Flags
    """bool (T,): not a pause. Short gaps inside words count as speech."""
    pitch: Floats
    """float64 (T,): Hz, 0 where the frame is not voiced."""

    @property
    def seconds(self) -> float:
        """Length of what is not a pause (s)."""
        return float(self.speech.sum()) / FRAMES

    @property
    def span(self) -> tuple[int, int]:
        """First frame of the speech and one past the last; (0, 0) without any."""
        found = np.flatnonzero(self.speech)
        return (int(found[0]), int(found[-1]) + 1) if len(found) else (0, 0)

    @property
    def noise(self) -> float:
        """How far the speech is above what is heard in its quietest moments (dB), 0 to 80."""
        if not self.speech.any():
            return 0.0
        power = 10.0 ** (self.level / 10)
        quiet = np.sort(power)[: max(3, len(power) // 20)].mean()
        return float(np.clip(10 * math.log10(power[self.speech].mean() / max(quiet, 1e-12)), 0.0, 80.0))


def listen(samples: Samples, rate: int = RATE) -> Heard:
    """Analyse a recording, (N,) mono in [-1, 1]; one of less than 25 ms is filled up with silence."""
    sound = audio.resample(Wave(samples, rate), _RATE).astype(np.float64)
    sound = np.pad(sound, (0, max(0, _WINDOW - len(sound))))
    power = _spectrum(sound)
    frequencies = np.fft.rfftfreq(_FFT, 1 / _RATE)
    voice = (frequencies >= _LOWEST) & (frequencies <= _HIGHEST)
    # Parseval: half of the spectrum is the other half again; the window takes its mean square.
    scale = 2.0 / (_FFT * float((np.hamming(_WINDOW) ** 2).sum()))
    level = 10 * np.log10(power[:, voice].sum(axis=1) * scale + 1e-12)
    return Heard(np.log(power @ mel().T + _FLOOR), level, _speech(level), _pitch(sound, len(level)))


def _spectrum(sound: Floats) -> Floats:
    """Power (T, bins) of frames of 25 ms; long recordings are taken in parts, which bounds the memory."""
    frames = np.lib.stride_tricks.sliding_window_view(sound, _WINDOW)[::_HOP]
    window = np.hamming(_WINDOW)
    parts = [
        np.abs(np.fft.rfft(frames[at : at + 2000] * window, _FFT)) ** 2 for at in range(0, len(frames), 2000)
    ]
    return np.concatenate(parts)


def _speech(level: Floats) -> Flags:
    smooth = np.convolve(np.pad(level, 1, mode="edge"), np.full(3, 1 / 3), mode="valid")
    quiet, loud = np.quantile(smooth, [0.05, 0.95])
    # Digital silence between the words must not lower the bar: noise as quiet as that is never heard.
    quiet = max(quiet, loud - 60.0)
    found = smooth > max(loud - _REACH, quiet + _SHARE * (loud - quiet), -65.0)
    edges = np.flatnonzero(np.diff(found.astype(np.int8), prepend=0, append=0))
    ends, starts = edges[1::2], edges[::2]
    for end, start in zip(ends[:-1], starts[1:], strict=True):
        if start - end < _BRIDGE:
            found[end:start] = True
    return np.asarray(found, np.bool_)


def _pitch(sound: Floats, count: int) -> Floats:
    """Highest peak of the autocorrelation of 40 ms, normalised by that of its window (Boersma 1993)."""
    size, fft = 640, 2048
    window = np.hanning(size)
    shape = np.fft.irfft(np.abs(np.fft.rfft(window, fft)) ** 2)
    first, last = int(_RATE / _HIGHEST_PITCH), int(_RATE / _DEEPEST)
    padded = np.pad(sound, ((size - _WINDOW) // 2, size))
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[::_HOP][:count]
    found = []
    for at in range(0, count, 2000):
        part = frames[at : at + 2000]
        part = (part - part.mean(axis=1, keepdims=True)) * window
        turned = np.fft.irfft(np.abs(np.fft.rfft(part, fft)) ** 2)[:, : last + 2]
        turned /= turned[:, :1] + 1e-9
        turned = turned / (shape[: last + 2] / shape[0])
        lags = turned[:, first : last + 1]
        peak = (lags >= turned[:, first - 1 : last]) & (lags >= turned[:, first + 1 : last + 2])
        # A lag of two periods fits as well as one of one: longer ones pay a little.
        cost = 0.06 * np.log2(np.arange(first, last + 1) / first)
        best = np.where(peak, lags - cost, -1.0).argmax(axis=1) + first
        height = turned[np.arange(len(best)), best]
        found.append(np.where(height > _PERIODIC, _RATE / best, 0.0))
    return np.concatenate(found)
