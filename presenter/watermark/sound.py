"""A watermark in sound: the loudness of small cells of time and frequency moves by less than a decibel.

The plane of time and frequency is cut into cells of 21 ms and 94 Hz between 470 and 6470 Hz. Each cell is
made a little louder or softer, as a pattern says that everybody can compute and that begins anew every
5.5 s. A fifth of the cells tells where the pattern begins; each of the others belongs to one bit of the id.
What is changed follows the sound itself, so it lies below it everywhere and silence stays silent.

Reading takes the cells' loudness relative to their neighbours, lays all periods over one another, looks
for the beginning, and sums up each bit. It needs nothing but the sound. Cropping, coding, filters and noise
leave most cells as they are; playing faster or slower moves them all, and then nothing is found.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from presenter.types import Samples
from presenter.watermark import code

VERSION = "1"
"""Raise when the pattern or its strength changes."""

_SIZE, _HOP = 1024, 512
"""Samples of a frame and from one to the next, at 48 kHz."""
_FRAMES = 2
"""Frames of a cell."""
_FIRST, _BANDS, _WIDE = 10, 64, 2
"""First bin, number of cells in frequency, and bins of each."""
_PERIOD = 256
"""Cells after which the pattern begins anew."""
_STRENGTH = 1.3
"""Decibels by which a cell is louder or softer."""
_LIMIT = 1.5
"""Decibels beyond which a cell does not count for more."""
_SILENT = -55.0
"""Decibels below which there is no sound in a cell."""
_BLOCK = 256
"""Cells that are read at once."""
_PHASES = 4
"""Places inside a cell at which its beginning is looked for."""
_CERTAIN = 6.0
"""Standard deviations of chance beyond which the pattern is there."""
_LEGIBLE = 4.5
"""The same for a place whose id is believed."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Found:
    """What was read from a sound."""

    score: float
    """How far the pattern stands out of chance, in standard deviations of it; clean sounds reach about 5."""
    identity: str | None
    """8 hex digits, or None where no id could be read."""

    @property
    def present(self) -> bool:
        """Whether there is a mark, be its id legible or not."""
        return self.score > _CERTAIN or self.identity is not None


def mark(sound: Iterable[Samples], identity: str) -> Iterator[Samples]:
    """The sound with its watermark, in chunks; memory does not grow with the length.

    Args:
        sound: chunks of mono float32 at 48 kHz, in order.
        identity: 8 hex digits.

    Returns:
        As many samples as came in, float32, not clipped.
    """
    gains = _gains(identity)
    window = _window()
    waiting = np.zeros(_HOP, np.float32)  # half a frame before the sound, so that its start is marked as well
    tail = np.zeros(_HOP)
    given = returned = frame = 0
    lead = _HOP

    def turn(block: Samples) -> Samples:
        """Frames of a block whose length is a multiple of the hop, plus half a frame."""
        nonlocal frame, tail
        count = len(block) // _HOP - 1
        views = np.lib.stride_tricks.sliding_window_view(block, _SIZE)[::_HOP][:count]
        spectra = np.fft.rfft(views * window)
        rows = (frame + np.arange(count)) // _FRAMES % _PERIOD
        spectra[:, _FIRST : _FIRST + _BANDS * _WIDE] *= gains[rows]
        parts = np.fft.irfft(spectra) * window
        out = parts[:, :_HOP].copy()
        out[1:] += parts[:-1, _HOP:]
        out[0] += tail
        tail = parts[-1, _HOP:]
        frame += count
        return out.reshape(-1).astype(np.float32)

    for chunk in sound:
        given += len(chunk)
        waiting = np.concatenate([waiting, chunk])
        count = len(waiting) // _HOP - 1
        if count < 1:
            continue
        done = turn(waiting[: (count + 1) * _HOP])[lead:]
        lead = 0
        waiting = waiting[count * _HOP :]
        returned += len(done)
        yield done
    missing = given - returned
    if missing:
        rest = np.pad(waiting, (0, _SIZE + -len(waiting) % _HOP))
        yield turn(rest)[lead:][:missing]


def read(sound: Iterable[Samples]) -> Found:
    """Look for a watermark.

    Args:
        sound: chunks of mono float32 at 48 kHz, in order.

    Returns:
        What was found. Half a minute of speech is enough where the sound was not much changed.
    """
    folded = np.zeros((_PHASES, _PERIOD, _BANDS))
    for phase, at, cells in _cells(sound):
        np.add.at(folded[phase], (at + np.arange(len(cells))) % _PERIOD, cells)
    return _decide(folded)


def _decide(folded: Floats) -> Found:
    """The best beginning of the pattern, and the id that stands there.

    Args:
        folded: (phases, period, bands): sums of cells.
    """
    pattern = code.pattern(_PERIOD, _BANDS)
    sync = pattern.sync
    turned = np.fft.rfft(folded, axis=1)
    known = np.conj(np.fft.rfft(sync, axis=0))
    scores = np.fft.irfft(turned * known, _PERIOD, axis=1).sum(axis=2)
    scores /= np.sqrt((folded**2).sum(axis=(1, 2), keepdims=True)[..., 0] * (sync != 0).mean() + 1e-9)
    best: Found | None = None
    for flat in np.argsort(scores, axis=None)[::-1][:_PHASES]:
        phase, begin = np.unravel_index(flat, scores.shape)
        cells = np.roll(folded[phase], -int(begin), axis=0)
        score = float(scores[phase, begin])
        found = Found(score, code.decode(pattern.bits(cells)) if score > _LEGIBLE else None)
        best = best or found
        if found.identity is not None:
            return found
    assert best is not None
    return best


def _cells(sound: Iterable[Samples]) -> Iterator[tuple[int, int, Floats]]:
    """Loudness of cells relative to their neighbours, as (phase, number of the first, cells)."""
    cell = _HOP * _FRAMES
    size = _BLOCK * cell + _SIZE
    waiting = np.zeros(0, np.float32)
    at = 0
    ended = False
    source = iter(sound)
    while not ended:
        chunks = [waiting]
        while sum(map(len, chunks)) < size + cell and not ended:
            chunk = next(source, None)
            ended = chunk is None
            chunks += [] if chunk is None else [chunk]
        waiting = np.concatenate(chunks)
        for phase in range(_PHASES):
            start = phase * cell // _PHASES
            levels = _levels(waiting[start : None if ended else start + size])
            if len(levels) > 2:
                yield phase, at + 1, _relative(levels)
        done = (_BLOCK - 2) * cell
        waiting = waiting[done:]
        at += _BLOCK - 2


def _levels(samples: Samples) -> Floats:
    """Power of cells in decibels, (N, bands)."""
    if len(samples) < _SIZE:
        return np.zeros((0, _BANDS))
    views = np.lib.stride_tricks.sliding_window_view(samples, _SIZE)[::_HOP]
    power = np.abs(np.fft.rfft(views * _window())[:, _FIRST : _FIRST + _BANDS * _WIDE]) ** 2
    count = len(power) // _FRAMES
    power = power[: count * _FRAMES].reshape(count, _FRAMES, _BANDS, _WIDE).mean(axis=(1, 3))
    return np.asarray(10 * np.log10(power + 1e-9))


def _relative(levels: Floats) -> Floats:
    """How much louder each cell is than its neighbours in time and frequency, limited (N - 2, bands)."""
    before, now, after = levels[:-2], levels[1:-1], levels[2:]
    sudden = now - (before + after) / 2
    beside = np.pad(sudden, ((0, 0), (1, 1)), mode="edge")
    cells = sudden - (beside[:, :-2] + beside[:, 2:]) / 2
    # Speech changes by more than that from cell to cell: without a limit few cells would outvote all others.
    cells = np.clip(cells, -_LIMIT, _LIMIT)
    # Cells far below the loudest of their time are what a coder leaves out, and those as loud as the quietest
    # of their band are mostly noise.
    heard = np.clip((now - now.max(axis=1, keepdims=True) + 70.0) / 20.0, 0.0, 1.0)
    clear = np.clip((now - np.percentile(now, 10, axis=0) - 3.0) / 12.0, 0.2, 1.0)
    return np.asarray(cells * heard * clear * (now > _SILENT))


@functools.cache
def _window() -> Floats:
    """A sine: its square and that of the next frame add up to one."""
    return np.sin(np.pi * (np.arange(_SIZE) + 0.5) / _SIZE)


def _gains(identity: str) -> Floats:
    """Factors (period, bins)."""
    steps = code.pattern(_PERIOD, _BANDS).carrying(identity)
    return np.asarray(np.repeat(10 ** (_STRENGTH / 20 * steps), _WIDE, axis=1))
