"""Waveform pieces of one pitch period, taken out of recordings and overlapped at another pitch.

Pitch-synchronous overlap-add (Moulines and Charpentier, "Pitch-synchronous waveform processing
techniques for text-to-speech synthesis using diphones", Speech Communication 9, 1990); each piece is
filtered without delay, so that it takes on another spectral envelope and keeps its own phases.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from presenter.engines.convert.analysis import FFT, RATE, STEP, Floats

_BAND = (50.0, 900.0)
"""Where the pitch periods are most alike (Hz)."""
_DRIFT = 0.22
"""How far a mark may lie from where the pitch expects it, in periods."""
_NOISE = 0.005
"""Half the length of a piece without pitch (s)."""
_LONGEST = 1.6
"""Half the length of a piece in periods of the new pitch."""
_THIN = 0.4
"""Sum of the windows under which the sound is not scaled up further."""
_BLOCK = 512


def marks(samples: Floats, f0: Floats) -> NDArray[np.int32]:
    """Sample numbers of one peak in each pitch period of the voiced parts, rising."""
    low = _band(samples)
    # The larger excursion is that of the closing vocal folds; its sign depends on the microphone.
    if abs(low.min()) > abs(low.max()):
        low = -low
    edges = np.flatnonzero(np.diff(np.concatenate([[0], f0 > 0, [0]]).astype(np.int8)))
    found: list[int] = []
    for first, end in zip(edges[::2], edges[1::2], strict=True):
        start, stop = round(first * STEP), min(len(samples), round(end * STEP))
        if stop - start < 10:
            continue
        middle = start + int(low[start:stop].argmax())
        found.append(middle)
        for way in (1, -1):
            at = middle
            while True:
                period = RATE / f0[min(max(round(at / STEP), first), end - 1)]
                left = round(at + way * period - _DRIFT * period)
                right = round(at + way * period + _DRIFT * period)
                if left < start or right >= stop or right - left < 1:
                    break
                at = left + int(low[left:right].argmax())
                found.append(at)
    return np.unique(np.array(found, np.int32))


def _band(samples: Floats) -> NDArray[np.float64]:
    """What lies in ``_BAND``, without delay: Butterworth filters of second order, forwards and backwards."""
    size = 1 << (len(samples) + RATE // 10).bit_length()
    hertz = np.maximum(np.arange(size // 2 + 1), 1) * (RATE / size)
    gain = 1.0 / ((1.0 + (_BAND[0] / hertz) ** 4) * (1.0 + (hertz / _BAND[1]) ** 4))
    return np.asarray(np.fft.irfft(np.fft.rfft(samples, size) * gain, size)[: len(samples)], np.float64)


def overlap(
    recordings: Floats,
    peaks: NDArray[np.int32],
    places: NDArray[np.float64],
    own: Floats,
    f0: Floats,
    gains: Floats,
    seed: int,
) -> Floats:
    """The sound whose frames are the recordings' at ``places``, float32 (round(T * STEP),).

    Args:
        recordings: (N,) samples.
        peaks: pitch marks in them.
        places: (T,) sample number in the recordings for each frame.
        own: (T,) fundamental frequency there (Hz), 0 where unvoiced.
        f0: (T,) that of the result (Hz), used where ``own`` is voiced; never 0.
        gains: (T, FFT / 2 + 1) natural logarithm of the amplitude response for each frame.
        seed: of the places from which noise that is stretched is taken.
    """
    chance = np.random.default_rng(seed)
    length = round(len(places) * STEP)
    frames, targets, origins, halves = _schedule(len(places), peaks, places, own, f0, chance)
    sound = np.zeros(length + 2 * FFT, np.float32)
    weight = np.zeros(length + 2 * FFT, np.float32)
    offset = np.arange(-(FFT // 2), FFT // 2)
    padded = np.pad(recordings, FFT)
    for first in range(0, len(frames), _BLOCK):
        part = slice(first, first + _BLOCK)
        half = halves[part, None]
        window = np.where(np.abs(offset) < half, 0.5 + 0.5 * np.cos(np.pi * offset / half), 0.0)
        window = window.astype(np.float32)
        pieces = padded[origins[part, None] + offset + FFT] * window
        response = np.exp(gains[frames[part]])
        pieces = np.fft.irfft(np.fft.rfft(pieces, axis=1) * response, axis=1).astype(np.float32)
        for row, at in enumerate(targets[part]):
            begin = at + FFT // 2
            sound[begin : begin + FFT] += pieces[row]
            weight[begin : begin + FFT] += window[row]
    return np.asarray(sound / np.maximum(weight, _THIN), np.float32)[FFT : FFT + length]


def _schedule(
    count: int,
    peaks: NDArray[np.int32],
    places: NDArray[np.float64],
    own: Floats,
    f0: Floats,
    chance: np.random.Generator,
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Each piece's frame, where its middle is heard, where it was recorded, and half its length."""
    rows: list[tuple[int, int, int, int]] = []
    at = 0.0
    previous = -1
    while at < (count - 1) * STEP:
        frame = int(at / STEP)
        origin = int(places[frame] + at - frame * STEP)
        half = step = _NOISE * RATE
        if own[frame] > 0 and len(peaks):
            right = int(np.searchsorted(peaks, origin))
            near = min(
                (right - 1, right), key=lambda i: abs(int(peaks[min(max(i, 0), len(peaks) - 1)]) - origin)
            )
            peak = int(peaks[min(max(near, 0), len(peaks) - 1)])
            if abs(peak - origin) < RATE / own[frame]:
                origin = peak
            step = RATE / f0[frame]
            half = min(RATE / own[frame], _LONGEST * step)
        elif abs(origin - previous) < 40:
            # The same noise twice in a row would be heard as a tone.
            origin += int(chance.integers(-60, 60))
        previous = origin
        rows.append((frame, int(at), origin, min(max(16, int(half)), FFT // 2 - 1)))
        at += step
    table = np.array(rows, np.intp).reshape(-1, 4)
    return table[:, 0], table[:, 1], table[:, 2], table[:, 3]
