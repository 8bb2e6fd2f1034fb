"""Speech as frames: fundamental frequency, and the spectral envelope as a mel-cepstrum.

Frames are ``HOP`` seconds apart; frame ``k`` is centred on ``k * HOP``. Sound is at ``RATE``.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from presenter.audio import resample
from presenter.types import Wave

Floats = NDArray[np.float32]

RATE = 22_050
"""Hz: that of the embedded voice, and enough for speech."""
HOP = 0.005
"""Seconds between frames."""
STEP = HOP * RATE
"""Samples between frames: 110.25."""
ORDER = 40
"""Coefficients of the mel-cepstrum."""
FFT = 1024
"""Samples of a spectrum: three periods of the lowest voice fit in."""
LOWEST, HIGHEST = 65.0, 500.0
"""Fundamental frequencies that are looked for (Hz)."""

_UNVOICED = 500.0
"""Fundamental frequency that sets the window where there is none (Hz), as CheapTrick has it."""
_COMPENSATION = -0.15
"""q1 of CheapTrick's spectral recovery."""
_FLOOR = 1e-10
"""Power added to every spectrum (full scale 1): digital silence has no logarithm."""
_BLOCK = 2000
"""Frames worked on at once: 10 s, so that memory does not grow with the recording."""


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """A sound in frames."""

    f0: Floats
    """(T,) Hz, 0 where unvoiced."""
    cepstra: Floats
    """(T, ORDER) mel-cepstrum of the natural logarithm of the amplitude spectrum; the first
    coefficient is its mean."""

    def __len__(self) -> int:
        return len(self.f0)


def analyse(wave: Wave, floor: float = LOWEST, ceiling: float = HIGHEST) -> Features:
    """Features of a sound at ``RATE``; fundamental frequencies in [floor, ceiling] Hz."""
    f0 = pitch(wave, floor, ceiling)
    blocks = [
        _envelopes(wave.samples, f0[first : first + _BLOCK], first) @ _encoding()
        for first in range(0, len(f0), _BLOCK)
    ]
    return Features(f0, np.concatenate(blocks).astype(np.float32))


def spectra(cepstra: Floats) -> Floats:
    """Log amplitude spectra (T, FFT / 2 + 1), natural logarithm, of mel-cepstra (T, ORDER)."""
    return cepstra @ _decoding()


# --- fundamental frequency ---

_LAGS = 6
"""Candidates in each frame besides "unvoiced"."""
_VOICED = 0.45
"""Height of the autocorrelation from which a frame counts as voiced."""
_QUIET = 0.03
"""Share of the greatest amplitude under which a frame is taken for silence."""
_OCTAVE, _JUMP, _SWITCH = 0.01, 0.35, 0.14
"""Costs: for an octave down, for a jump of an octave, for a switch of voicing (a frame of 10 ms)."""


def pitch(wave: Wave, floor: float = LOWEST, ceiling: float = HIGHEST) -> Floats:
    """Fundamental frequency, float32 (T,) in Hz, 0 where unvoiced.

    The best path through peaks of the autocorrelation of the windowed sound over that of the window
    (Boersma, "Accurate short-term analysis of the fundamental frequency", IFA Proceedings 17, 1993).
    """
    count = int(len(wave.samples) / STEP) + 1
    rate = RATE / 2
    sound = resample(wave, RATE // 2).astype(np.float32)
    width = round(3.0 * rate / floor)
    # The window may be longer than FFT lags allow without wrapping round.
    size = 1 << int(np.ceil(np.log2(1.5 * width)))
    window = np.hanning(width + 2)[1:-1].astype(np.float32)
    own = np.fft.irfft(np.abs(np.fft.rfft(window, size)) ** 2)
    shortest, longest = int(rate / ceiling), int(np.ceil(rate / floor)) + 1
    padded = np.pad(sound, (width // 2, width + 1))
    loudest = float(np.abs(sound - sound.mean()).max(initial=0.0)) + 1e-9
    scores, values = [], []
    for first in range(0, count, _BLOCK):
        starts = np.round(np.arange(first, min(count, first + _BLOCK)) * HOP * rate).astype(np.intp)
        frames = padded[np.minimum(starts, len(padded) - width)[:, None] + np.arange(width)]
        frames = frames - frames.mean(axis=1, keepdims=True)
        level = np.abs(frames).max(axis=1) / loudest
        power = np.abs(np.fft.rfft(frames * window, size, axis=1)) ** 2
        likeness = np.fft.irfft(power, axis=1)[:, : longest + 2]
        likeness = likeness / (likeness[:, :1] + 1e-12) * (own[0] / own[: longest + 2])
        score, value = _peaks(likeness, shortest, longest, rate, floor)
        unvoiced = _VOICED + np.maximum(0.0, 2.0 - level / _QUIET * (1.0 + _VOICED))
        scores.append(np.hstack([unvoiced[:, None], score]))
        values.append(np.hstack([np.zeros((len(value), 1)), value]))
    return _track(np.concatenate(scores), np.concatenate(values)).astype(np.float32)


def _peaks(
    likeness: NDArray[np.float64], shortest: int, longest: int, rate: float, floor: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The highest peaks: their score and frequency (T, _LAGS); without a peak the score is -inf."""
    before, here, after = (likeness[:, shortest + s : longest + s] for s in (-1, 0, 1))
    bend = before - 2.0 * here + after
    peak = (here > before) & (here >= after) & (here > 0.2)
    shift = np.where(peak, 0.5 * (before - after) / np.minimum(bend, -1e-12), 0.0)
    height = here - 0.25 * (before - after) * shift
    frequency = rate / (np.arange(shortest, longest) + shift)
    score = np.where(peak, np.minimum(height, 1.0) + _OCTAVE * np.log2(frequency / floor), -np.inf)
    best = np.argpartition(-score, _LAGS - 1, axis=1)[:, :_LAGS]
    return np.take_along_axis(score, best, 1), np.take_along_axis(frequency, best, 1)


def _track(scores: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    scale = 0.01 / HOP
    logs = np.log2(np.maximum(values, 1.0))
    voiced = values > 0
    total = scores[0]
    back = np.zeros(scores.shape, np.intp)
    both = voiced[1:, :, None] & voiced[:-1, None, :]
    jumps = np.where(
        both,
        _JUMP * scale * np.abs(logs[1:, :, None] - logs[:-1, None, :]),
        _SWITCH * scale * (voiced[1:, :, None] != voiced[:-1, None, :]),
    )
    for frame in range(1, len(scores)):
        ways = total[None, :] - jumps[frame - 1]
        back[frame] = ways.argmax(axis=1)
        total = ways.max(axis=1) + scores[frame]
    path = np.zeros(len(scores), np.intp)
    path[-1] = int(total.argmax())
    for frame in range(len(scores) - 1, 0, -1):
        path[frame - 1] = back[frame, path[frame]]
    return np.asarray(np.take_along_axis(values, path[:, None], 1)[:, 0])


# --- spectral envelope ---


def _envelopes(samples: Floats, f0: Floats, first: int) -> Floats:
    """Log amplitude envelopes (T, FFT / 2 + 1) of frames ``first`` and on.

    CheapTrick: a window of three periods, smoothing over two thirds of the fundamental frequency, and
    a lifter that takes out what is left of the harmonics (Morise, "CheapTrick, a spectral envelope
    estimator for high-quality speech synthesis", Speech Communication 67, 2015).
    """
    pitches = np.where(f0 > 0, np.maximum(f0, LOWEST), _UNVOICED).astype(np.float32)[:, None]
    centres = np.round((first + np.arange(len(f0))) * STEP).astype(np.intp)
    half = FFT // 2
    low = int(centres[0]) - half
    part = samples[max(0, low) : max(0, int(centres[-1]) + half)]
    part = np.pad(part, (max(0, -low), max(0, int(centres[-1]) + half - len(samples))))
    frames = part[(centres - centres[0])[:, None] + np.arange(FFT)]
    offset = (np.arange(-half, half) / RATE).astype(np.float32)
    window = 0.5 + 0.5 * np.cos(np.pi * np.clip(offset * pitches / 1.5, -1.0, 1.0))
    window /= np.sqrt((window**2).sum(axis=1, keepdims=True))
    frames = frames * window
    frames -= window * (frames.sum(axis=1, keepdims=True) / window.sum(axis=1, keepdims=True))
    power = np.abs(np.fft.rfft(frames, axis=1)) ** 2
    # Under the fundamental there is no harmonic: its other side stands in for it.
    mirror = np.round(pitches * (FFT / RATE)).astype(np.intp) - np.arange(half + 1)
    power = power + np.where(mirror > 0, np.take_along_axis(power, np.maximum(mirror, 0), 1), 0.0)
    power = _smoothed(power, pitches * np.float32(2.0 / 3.0))
    return _liftered(np.log(power + _FLOOR), pitches)


def _smoothed(power: NDArray[np.float64], width: Floats) -> NDArray[np.float64]:
    """Means over bands ``width`` Hz wide (T, 1), by differences of the running sum."""
    bins = width * (FFT / RATE)
    margin = int(bins.max()) + 3
    mirrored = np.pad(power, ((0, 0), (margin, margin)), mode="reflect")
    running = np.cumsum(mirrored, axis=1, dtype=np.float64)  # differences of large sums: float32 loses them
    index = np.arange(power.shape[1]) + margin

    def until(shift: NDArray[Any]) -> NDArray[Any]:
        whole = np.floor(shift).astype(np.intp)
        share = shift - whole
        rows = np.arange(len(power))[:, None]
        low, high = running[rows, index + whole], running[rows, index + whole + 1]
        return np.asarray(low * (1.0 - share) + high * share)

    return np.asarray((until(bins / 2 - 0.5) - until(-bins / 2 - 0.5)) / bins)


def _liftered(logs: NDArray[np.float64], pitches: Floats) -> Floats:
    quefrency = np.arange(FFT // 2 + 1) / RATE
    phase = pitches * quefrency
    lifter = np.sinc(phase) * (1.0 - 2.0 * _COMPENSATION + 2.0 * _COMPENSATION * np.cos(2.0 * np.pi * phase))
    whole = np.fft.irfft(logs, axis=1)[:, : FFT // 2 + 1] * lifter
    mirrored = np.concatenate([whole, whole[:, -2:0:-1]], axis=1)
    return (0.5 * np.fft.rfft(mirrored, axis=1).real).astype(np.float32)


# --- mel-cepstrum ---

_POINTS = 160
"""Points of the mel axis on which the cosine transform works."""


def _axes() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Spectrum bins and points of the mel axis, in mel (O'Shaughnessy 1987)."""
    bins = 1127.01048 * np.log1p(np.arange(FFT // 2 + 1) * RATE / FFT / 700.0)
    return bins, np.linspace(bins[0], bins[-1], _POINTS)


def _cosines() -> NDArray[np.float64]:
    """Cosine transform (_POINTS, ORDER) whose first coefficient is the mean."""
    points = (np.arange(_POINTS) + 0.5) / _POINTS
    return np.cos(np.pi * points[:, None] * np.arange(ORDER)) / _POINTS


@functools.cache
def _encoding() -> Floats:
    bins, points = _axes()
    sampled = np.stack([np.interp(points, bins, row) for row in np.eye(len(bins))])
    return np.asarray(sampled @ _cosines(), np.float32)


@functools.cache
def _decoding() -> Floats:
    bins, points = _axes()
    curves = _cosines().T * _POINTS
    curves[1:] *= 2.0
    return np.stack([np.interp(bins, points, row) for row in curves]).astype(np.float32)


def stretching(factor: float) -> Floats:
    """The matrix (ORDER, ORDER) that moves a mel-cepstrum's frequencies up by ``factor``."""
    count = FFT // 2 + 1
    from_ = np.minimum(np.arange(count) / factor, count - 1.0)
    moved = np.stack([np.interp(from_, np.arange(count), row) for row in _decoding()])
    return np.asarray(moved @ _encoding(), np.float32)
