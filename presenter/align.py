"""When each word and phoneme of a recording is heard, without any trained model.

Another rendering of the same text, whose times are known, is laid over the recording by dynamic time
warping of cepstral features (Sakoe and Chiba, "Dynamic programming algorithm optimization for spoken
word recognition", IEEE Trans. ASSP 26, 1978), and its times are carried over.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import scipy  # its parts load when they are used
from numpy.typing import NDArray

from presenter.audio import resample
from presenter.text import words
from presenter.types import Span, Timing, Wave

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

_RATE = 16_000
"""Rate at which features are computed (Hz)."""
_HOP = 160
"""Samples between frames: 10 ms."""
_WINDOW = 400
"""Samples of a frame: 25 ms."""
_FFT = 512
_BANDS = 40
_LOWEST, _HIGHEST = 80.0, 7600.0
_COEFFICIENTS = 12
_FLOOR = 1e-6
"""Power below which a band counts as empty: digital silence and faint noise look alike."""
_BAND, _SLACK = 0.2, 40
"""How far the path may leave the straight line: a share of the longer recording, and frames besides."""

_OPEN = 0.1
"""Share of the highest level above which a mouth is taken to be open where nothing better is known."""

_DIAGONAL, _DOWN, _RIGHT = 0, 1, 2


def align(wave: Wave, reference: Wave, timing: Timing) -> Timing:
    """Carry the times of one rendering over to another of the same text.

    Args:
        wave: the recording to time, at any rate.
        reference: another rendering of the text, at any rate.
        timing: when its words and phonemes are heard.

    Returns:
        The words and phonemes with the recording's times: sorted, inside the recording, phonemes
        gapless from 0 to its end. Phonemes for which no time is left are missing; recordings
        shorter than 0.05 s have none.
    """
    if min(wave.seconds, reference.seconds) < 0.05:
        return Timing((), ())
    times, places = _mapping(*_path(features(reference), features(wave)))
    # Times are those of the frames' middles; the ends of the two recordings belong together.
    known = np.concatenate([[0.0], _seconds(times), [reference.seconds]])
    heard = np.concatenate([[0.0], _seconds(places), [wave.seconds]])

    def at(time: float) -> float:
        return float(np.clip(np.interp(time, known, heard), 0.0, wave.seconds))

    return Timing(_carried(timing.words, at), _gapless(_carried(timing.phonemes, at), wave.seconds))


def spread(wave: Wave, text: str) -> Timing:
    """A guess where no other rendering of the text can be had.

    Words share the time from the first sound to the last by their length; the mouth is open
    (an ``a``) where the recording is loud, and closed elsewhere.
    """
    step = max(1, wave.rate // 100)
    padded = np.pad(wave.samples, (0, -len(wave.samples) % step)).reshape(-1, step)
    level = np.sqrt((padded.astype(np.float64) ** 2).mean(axis=1))
    loud = np.flatnonzero(level > max(_OPEN * level.max(initial=0.0), 1e-4))
    if len(loud) == 0:
        return Timing((), (Span("", 0.0, wave.seconds),))
    first, last = loud[0] / 100, min((loud[-1] + 1) / 100, wave.seconds)
    spans = words(text)
    ends = np.cumsum([0, *(end - begin for begin, end in spans)])
    times = first + (last - first) * ends / max(ends[-1], 1)
    said = tuple(
        Span(text[begin:end], float(start), float(stop))
        for (begin, end), start, stop in zip(spans, times[:-1], times[1:], strict=True)
    )
    marks = np.flatnonzero(np.diff(np.isin(np.arange(len(level)), loud).astype(int), prepend=0)) / 100
    edges = [0.0, *(float(mark) for mark in marks if 0 < mark < wave.seconds), wave.seconds]
    opened = loud[0] == 0
    shapes = ["a" if index % 2 == (0 if opened else 1) else "" for index in range(len(edges) - 1)]
    return Timing(
        said, tuple(Span(*row) for row in zip(shapes, edges[:-1], edges[1:], strict=True) if row[2] > row[1])
    )


def _seconds(frames: Floats) -> Floats:
    return (frames * _HOP + _WINDOW / 2) / _RATE


def _carried(spans: Sequence[Span], at: Callable[[float], float]) -> tuple[Span, ...]:
    return tuple(Span(span.label, at(span.start), at(span.end)) for span in spans)


def _gapless(spans: Sequence[Span], seconds: float) -> tuple[Span, ...]:
    kept = [span for span in spans if span.end - span.start > 1e-4]
    if not kept:
        return (Span("", 0.0, seconds),)
    starts = [0.0, *(span.start for span in kept[1:]), seconds]
    return tuple(
        Span(span.label, start, end) for span, start, end in zip(kept, starts[:-1], starts[1:], strict=True)
    )


# --- features ---


def features(wave: Wave) -> Floats:
    """Cepstral features, float64 (T, 26), one row each 10 ms: twelve mel-frequency cepstral coefficients
    and the loudness, all with mean 0 and variance 1 over the recording, and their slopes."""
    sound = resample(wave, _RATE).astype(np.float64)
    sound = np.pad(sound, (0, max(0, _WINDOW - len(sound))))
    sound = np.append(sound[0], sound[1:] - 0.97 * sound[:-1])
    frames = np.lib.stride_tricks.sliding_window_view(sound, _WINDOW)[::_HOP] * np.hamming(_WINDOW)
    power = np.abs(np.fft.rfft(frames, _FFT)) ** 2
    bands = np.log(power @ _mel().T + _FLOOR)
    shape = scipy.fft.dct(bands, norm="ortho")[:, 1 : _COEFFICIENTS + 1]
    loud = bands.mean(axis=1, keepdims=True)
    # The loudness tells syllables from gaps, whoever speaks: it counts for more than one coefficient.
    rows = np.hstack([_normal(shape), 1.5 * _normal(loud)])
    slopes = np.gradient(rows, axis=0) if len(rows) > 1 else np.zeros_like(rows)
    return np.hstack([rows, 1.5 * slopes])


def _normal(rows: Floats) -> Floats:
    return np.asarray((rows - rows.mean(axis=0)) / (rows.std(axis=0) + 1e-6), np.float64)


def _mel() -> Floats:
    """Triangular bands of equal width in mel, float64 (bands, bins) (O'Shaughnessy 1987)."""
    lowest, highest = (2595.0 * math.log10(1.0 + hertz / 700.0) for hertz in (_LOWEST, _HIGHEST))
    edges = np.linspace(lowest, highest, _BANDS + 2)
    points = 700.0 * (10.0 ** (edges / 2595.0) - 1.0) / _RATE * _FFT
    bins = np.arange(_FFT // 2 + 1)
    rising = (bins - points[:-2, None]) / np.diff(points)[:-1, None]
    falling = (points[2:, None] - bins) / np.diff(points)[1:, None]
    return np.asarray(np.clip(np.minimum(rising, falling), 0.0, None), np.float64)


# --- the path ---


def _path(known: Floats, heard: Floats) -> tuple[Indices, Indices]:
    """The cheapest way through the frames of two recordings, as frame numbers of each.

    All cells of an anti-diagonal depend only on the two before it, so each is one step of arrays.
    """
    count, other = len(known), len(heard)
    reach = round(_BAND * max(count, other)) + _SLACK
    before = last = np.full(count + 1, np.inf)
    steps: list[tuple[int, NDArray[np.int8]]] = []
    for diagonal in range(count + other - 1):
        first, end = _cells(diagonal, count, other, reach)
        rows = np.arange(first, end)
        distance = np.sqrt(((known[rows] - heard[diagonal - rows]) ** 2).sum(axis=1))
        # Index 0 is a border, so row r is at r + 1.
        ways = np.stack([before[rows], last[rows], last[rows + 1]])
        if diagonal == 0:
            ways[:] = 0.0
        best = ways.argmin(axis=0)
        current = np.full(count + 1, np.inf)
        current[rows + 1] = ways[best, np.arange(len(rows))] + distance
        before, last = last, current
        steps.append((first, best.astype(np.int8)))
    return _walk(steps, count - 1, other - 1)


def _cells(diagonal: int, count: int, other: int, reach: int) -> tuple[int, int]:
    """Rows [first, end) of an anti-diagonal that lie inside and near the straight line."""
    middle = diagonal * count / (count + other)
    first = max(0, diagonal - other + 1, int(middle - reach))
    return first, max(first + 1, min(count, diagonal + 1, int(middle + reach) + 1))


def _walk(steps: Sequence[tuple[int, NDArray[np.int8]]], row: int, column: int) -> tuple[Indices, Indices]:
    rows, columns = [row], [column]
    while row > 0 or column > 0:
        first, best = steps[row + column]
        step = best[row - first]
        if row == 0 or column == 0:
            step = _RIGHT if row == 0 else _DOWN
        row -= step != _RIGHT
        column -= step != _DOWN
        rows.append(row)
        columns.append(column)
    return np.array(rows[::-1]), np.array(columns[::-1])


def _mapping(rows: Indices, columns: Indices) -> tuple[Floats, Floats]:
    """The path as a function: each known frame with the mean of the frames that it met."""
    frames, index = np.unique(rows, return_inverse=True)
    means = np.bincount(index, weights=columns) / np.bincount(index)
    return frames.astype(np.float64), means
