"""The person's pace and melody, laid over the embedded voice's."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from presenter.engines.convert.analysis import HOP, Features, Floats
from presenter.engines.convert.source import Source, melody_of
from presenter.types import Span, Timing

_TRUST = 8.0
"""Occurrences of a phoneme after which its own length counts as much as the usual pace."""
_SLOWEST, _FASTEST = 0.5, 2.0


def paces(sources: Sequence[Source], places: Sequence[NDArray[np.float64]], table: dict[str, int]) -> Floats:
    """How much longer the person takes than the source, natural logarithm, (len(table) + 1,): for each
    phoneme, and for any other.

    Args:
        places: the source's frame for each of the person's, one array a line.
    """
    logs: list[list[float]] = [[] for _ in range(len(table) + 1)]
    for source, frames in zip(sources, places, strict=True):
        mine = np.searchsorted(frames, source.starts)
        for phoneme, theirs, own in zip(source.phonemes, np.diff(source.starts), np.diff(mine), strict=True):
            if theirs >= 4 and own >= 2:
                logs[table.get(phoneme, len(table))].append(float(np.log(own / theirs)))
    spoken = [value for phoneme, column in table.items() if phoneme for value in logs[column]]
    usual = float(np.median(spoken)) if spoken else 0.0
    found = [(sum(np.clip(row, usual - 1, usual + 1)) + _TRUST * usual) / (len(row) + _TRUST) for row in logs]
    return np.asarray(np.clip(found, np.log(_SLOWEST), np.log(_FASTEST)), np.float32)


def retimed(source: Source, pace: Floats, table: dict[str, int]) -> tuple[NDArray[np.float64], Timing]:
    """The source's frame for each frame of the result, (T,), and the result's timing."""
    columns = np.array([table.get(phoneme, len(table)) for phoneme in source.phonemes])
    lengths = np.diff(source.starts) * np.exp(pace[columns])
    ends = np.concatenate([[0.0], np.cumsum(lengths)])
    count = max(2, round(float(ends[-1])))
    places = np.interp(np.arange(count), ends, source.starts)

    def moved(spans: Sequence[Span]) -> tuple[Span, ...]:
        def at(time: float) -> float:
            return float(np.interp(time / HOP, source.starts, ends)) * HOP

        return tuple(Span(span.label, at(span.start), at(span.end)) for span in spans)

    return places, Timing(moved(source.timing.words), moved(source.timing.phonemes))


def melody(features: Sequence[Features]) -> tuple[float, float]:
    """Mean and deviation of log2 of the fundamental frequency over all voiced frames."""
    logs = np.concatenate([np.log2(one.f0[one.f0 > 0]) for one in features])
    if len(logs) == 0:
        return 7.3, 0.2
    low, high = np.percentile(logs, [5, 95])
    logs = logs[(logs > low - 0.4) & (logs < high + 0.4)]
    return float(logs.mean()), float(logs.std())


def sung(source: Source, places: NDArray[np.float64], mean: float, ratio: float) -> Floats:
    """Fundamental frequency of the result, (T,) in Hz, drawn through where there is no voice."""
    curve = np.interp(places, np.arange(len(source)), melody_of(source.features))
    return np.exp2(mean + ratio * curve).astype(np.float32)
