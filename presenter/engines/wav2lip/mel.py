"""What the network hears: the mel spectrogram that it was trained on.

Constants and steps are those of the published training code: 16 kHz, pre-emphasis, magnitudes of a centred
short-time Fourier transform, Slaney's mel scale with bands of equal area (M. Slaney, "Auditory Toolbox",
Interval Research TR 1998-010), decibels, -4..4. Silence is -4.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from presenter import audio
from presenter.engines.wav2lip.layouts import BANDS, COLUMNS
from presenter.types import RATE, Samples, Wave

HEARD = 16_000
"""Samples a second."""
HOP = 200
"""Samples between columns: 80 columns a second."""
FFT = 800
"""Samples under a column's window (Hann): 50 ms."""
PREEMPHASIS = 0.97
LOWEST, HIGHEST = 55.0, 7600.0
"""Hz."""
FLOOR, REFERENCE = -100.0, 20.0
"""Decibels: the least level, and what is taken off."""
LOUDEST = 4.0
SILENCE = -4.0
AT_ONCE = 2000
"""Columns that are computed at once."""

Floats = NDArray[np.float32]


def spectrogram(samples: Samples) -> Floats:
    """float32 (80, 1 + N // 200), -4..4, of sound at 16 kHz, float (N,).

    The ends are continued by reflection, as in the training's library (librosa before 0.9).
    """
    sound = np.asarray(samples, np.float64)
    sound = np.append(sound[:1], sound[1:] - PREEMPHASIS * sound[:-1])
    if len(sound) <= FFT // 2:  # too short to be reflected
        sound = np.pad(sound, (0, FFT // 2 + 1 - len(sound)))
        columns = 1 + len(samples) // HOP
    else:
        columns = 1 + len(sound) // HOP
    sound = np.pad(sound, FFT // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(sound, FFT)[::HOP][:columns]
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FFT) / FFT)
    bands = np.empty((BANDS, columns), np.float32)
    for start in range(0, columns, AT_ONCE):
        part = slice(start, start + AT_ONCE)
        bands[:, part] = filters() @ np.abs(np.fft.rfft(frames[part] * window, axis=1)).T
    level = 20 * np.log10(np.maximum(bands, 10 ** (FLOOR / 20))) - REFERENCE
    scaled = 2 * LOUDEST * (level - FLOOR) / -FLOOR - LOUDEST
    return np.asarray(np.clip(scaled, -LOUDEST, LOUDEST), np.float32)


@functools.cache
def filters() -> NDArray[np.float64]:
    """(80, 401): the triangles from frequencies to bands, each of the same area."""
    frequencies = np.fft.rfftfreq(FFT, 1 / HEARD)
    edges = _hertz(np.linspace(_mels(LOWEST), _mels(HIGHEST), BANDS + 2))
    below, centre, above = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    rise = (frequencies - below) / (centre - below)
    fall = (above - frequencies) / (above - centre)
    return np.asarray(np.maximum(0, np.minimum(rise, fall)) * 2 / (above - below))


_LINEAR, _KNEE, _STEP = 200 / 3, 1000.0, np.log(6.4) / 27
"""Slaney's scale: 200/3 Hz a mel up to 1 kHz, then 27 mels for each factor of 6.4."""


def _mels(hertz: float) -> float:
    if hertz < _KNEE:
        return hertz / _LINEAR
    return float(_KNEE / _LINEAR + np.log(hertz / _KNEE) / _STEP)


def _hertz(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    beyond = _KNEE * np.exp(_STEP * (mels - _KNEE / _LINEAR))
    return np.where(mels < _KNEE / _LINEAR, mels * _LINEAR, beyond)


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """What the network hears for each frame. They share most of their columns, so they are cut on demand."""

    columns: Floats
    """(80, T), with silence where the sound has ended."""
    first: NDArray[np.int64]
    """(count,) the first column of each window."""

    def __len__(self) -> int:
        return len(self.first)

    def part(self, frames: Sequence[int]) -> Floats:
        """(len(frames), 1, 80, 16) float32: the windows of some frames."""
        view = np.lib.stride_tricks.sliding_window_view(self.columns, COLUMNS, axis=1)
        return np.ascontiguousarray(view[:, self.first[list(frames)]].transpose(1, 0, 2)[:, None])


def windows(samples: Samples, count: int, fps: float, shift: int = 0) -> Windows:
    """The windows of ``count`` frames.

    Args:
        samples: (N,) at 48 kHz.
        count: frames; beyond the sound there is silence, so that the picture is as long as the sound.
        fps: frames a second.
        shift: frames by which windows are later. 0 is what the published inference does; in its training,
            windows began a frame earlier (-1).
    """
    heard = audio.resample(Wave(samples, RATE), HEARD)
    first = np.array([int((frame + shift) * (HEARD / HOP / fps)) for frame in range(count)], np.int64)
    needed = (int(first.max(initial=0)) + COLUMNS) * HOP
    columns = spectrogram(np.pad(heard, (0, max(0, needed - len(heard)))))
    before = max(0, -int(first.min(initial=0)))
    columns = np.pad(columns, ((0, 0), (before, 0)), constant_values=SILENCE)
    return Windows(columns, first + before)


def silence() -> Floats:
    """(1, 1, 80, 16): the window in which nothing is heard."""
    return np.full((1, 1, BANDS, COLUMNS), SILENCE, np.float32)
