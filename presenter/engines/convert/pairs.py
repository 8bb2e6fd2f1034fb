"""The person's line against the embedded voice's rendering of the same text, frame by frame.

Dynamic time warping (Sakoe and Chiba, IEEE Trans. ASSP 26, 1978) that knows where pauses may stand:
silence of the person costs little at the border of two words, and much inside of one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from presenter.engines.convert.analysis import HOP, Features, Floats
from presenter.engines.convert.source import Source

_STRIDE = 2
"""Every second frame is compared: 10 ms."""
_SLANT = 0.9
"""Weight of a step that advances only one of the two."""
_PAUSE, _SPEECH = 0.5, 20.0
"""Cost of a frame of the person's that is passed over at a border: silent, and what loudness adds."""
_BAND, _WIDEST, _SLACK = 0.2, 1000, 60
"""How far the path may leave the straight line: a share of the longer one, at most
so many frames, and frames besides."""


def silence(cepstra: Floats) -> Floats:
    """How silent each frame is, float32 (T,), 0 to 1, by its level between the recording's extremes."""
    level = cepstra[:, 0]
    low, high = np.percentile(level, [2, 95])
    share = np.clip(1.6 - 4.0 * (level - low) / (high - low + 1e-6), 0.0, 1.0)
    return np.asarray(share, np.float32)


def align(source: Source, cepstra: Floats, person: Features) -> NDArray[np.float64]:
    """Frame of the source for each frame of the person's, (T,), never falling.

    Args:
        source: the rendering.
        cepstra: (len(source), ORDER) its cepstra, or better what they have been converted to.
    """
    one, other = _comparable(cepstra)[::_STRIDE], _comparable(person.cepstra)[::_STRIDE]
    border = np.zeros(len(source), bool)
    for word in source.timing.words:
        at = round(word.start / HOP)
        border[max(0, at - 4) : at + 2] = True
    paused = np.array([not phoneme for phoneme in source.phonemes])[source.segment]
    border |= paused
    border[-1] = True
    quiet = silence(person.cepstra)[::_STRIDE]
    rows, columns = _path(one, other, paused[::_STRIDE], _spread(border), quiet)
    places, index = np.unique(columns, return_inverse=True)
    means = np.bincount(index, weights=rows) / np.bincount(index)
    frames = np.arange(len(person)) / _STRIDE
    return np.interp(frames, places, np.maximum.accumulate(means)) * _STRIDE


def reliable(places: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Where the two go at a comparable pace, (T,); elsewhere the match is not to be trusted."""
    reach = 8
    padded = np.pad(places, reach, mode="edge")
    pace = (padded[2 * reach :] - padded[: -2 * reach]) / (2 * reach)
    return (pace > 0.3) & (pace < 3.0)


def _spread(border: NDArray[np.bool_]) -> NDArray[np.bool_]:
    padded = np.pad(border, (0, -len(border) % _STRIDE))
    return np.asarray(padded.reshape(-1, _STRIDE).any(axis=1))


def _comparable(cepstra: Floats) -> Floats:
    """Shape, loudness and their slopes, with the voice and the microphone taken out."""
    level = cepstra[:, :1]
    low, high = level.min(), np.percentile(level, 95)
    loud = (level - low) / (high - low + 1e-6)
    speech = cepstra[level[:, 0] > high - 3.75]
    shape = (cepstra[:, 1:25] - speech[:, 1:25].mean(axis=0)) / (speech[:, 1:25].std(axis=0) + 1e-6) * loud
    return np.hstack([shape, 3.0 * loud, 0.5 * _slope(shape), 9.0 * _slope(loud)]).astype(np.float32)


def _slope(values: Floats) -> Floats:
    padded = np.pad(values, ((4, 4), (0, 0)), mode="edge")
    count = len(values)
    total = sum(
        step * (padded[4 + 2 * step : 4 + 2 * step + count] - padded[4 - 2 * step : 4 - 2 * step + count])
        for step in (1, 2)
    )
    return np.asarray(total / 10.0, np.float32)


def _path(
    one: Floats,
    other: Floats,
    paused: NDArray[np.bool_],
    border: NDArray[np.bool_],
    quiet: Floats,
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The cheapest way as frame numbers of both.

    All cells of an anti-diagonal depend only on the two before it, so each is one step of arrays.
    """
    count, width = len(one), len(other)
    reach = min(_WIDEST, round(_BAND * max(count, width))) + _SLACK
    squares, others = (one**2).sum(axis=1), (other**2).sum(axis=1)
    passing = (_PAUSE + _SPEECH * (1.0 - quiet)).astype(np.float32)
    before = last = np.full(count + 1, np.inf)
    steps: list[tuple[int, NDArray[np.int8]]] = []
    for diagonal in range(count + width - 1):
        middle = diagonal * count / (count + width)
        first = max(0, diagonal - width + 1, int(middle - reach))
        end = max(first + 1, min(count, diagonal + 1, int(middle + reach) + 1))
        rows = np.arange(first, end)
        columns = diagonal - rows
        product = np.einsum(
            "ij,ij->i", one[first:end], other[diagonal - end + 1 : diagonal - first + 1][::-1]
        )
        distance = np.sqrt(np.maximum(squares[first:end] + others[columns] - 2.0 * product, 0.0))
        slanted = distance * _SLANT
        down = np.where(paused[first:end], np.minimum(slanted, _PAUSE), slanted)
        right = np.where(border[first:end], np.minimum(slanted, passing[columns]), slanted)
        # Index 0 is a border, so row r is at r + 1.
        ways = np.stack(
            [before[first:end] + distance, last[first:end] + down, last[first + 1 : end + 1] + right]
        )
        if diagonal == 0:
            ways[:] = distance
        best = ways.argmin(axis=0)
        current = np.full(count + 1, np.inf)
        current[first + 1 : end + 1] = ways[best, np.arange(len(rows))]
        before, last = last, current
        steps.append((first, best.astype(np.int8)))
    return _walk(steps, count - 1, width - 1)


def _walk(
    steps: list[tuple[int, NDArray[np.int8]]], row: int, column: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    rows, columns = [row], [column]
    while row > 0 or column > 0:
        first, best = steps[row + column]
        step = best[row - first]
        if row == 0 or column == 0:
            step = 2 if row == 0 else 1
        row -= step != 2
        column -= step != 1
        rows.append(row)
        columns.append(column)
    return np.array(rows[::-1], np.intp), np.array(columns[::-1], np.intp)
