"""The cheapest way through the frames of two recordings: dynamic time warping that knows pauses.

Sakoe and Chiba, "Dynamic programming algorithm optimization for spoken word recognition", IEEE Trans.
ASSP 26, 1978. All cells of an anti-diagonal depend only on the two before it, so each is one step of
arrays; only a band around a first guess is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Indices = NDArray[np.intp]

HELD = 0.8
"""Factor on the distance where one recording stands still: nobody speaks as evenly as a machine."""
PAUSE = 0.5
"""Cost of a frame of silence that the other recording does not have."""
IN_PAUSE, AT_WORD, INSIDE_WORD = 4.0, 8.0, 1000.0
"""What a frame of sound costs besides that is taken for none (a breath, a cough): in a pause of the known
recording, between two of its words, and elsewhere."""

_DIAGONAL, _DOWN, _RIGHT = 0, 1, 2
_BLOCK = 128
"""Diagonals whose distances are in memory at a time."""


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """The frames of the recording whose times are known."""

    rows: Floats
    """Features, (T, F)."""
    pause: Flags
    """(T,): nothing is said."""
    word: Flags
    """(T,): a word begins here or nearly here."""


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """The frames of the recording that is to be timed."""

    rows: Floats
    """Features, (T, F)."""
    pause: Floats
    """(T,) in 0..1: how surely nothing is said."""


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """Pairs of frames from the beginning to the end of both recordings, each (P,)."""

    known: Indices
    heard: Indices

    def centres(self, count: int, other: int, scale: int = 1) -> Floats:
        """Where the path crosses each diagonal of two recordings with so many frames, as known frames.

        Args:
            scale: how many of their frames one frame of this path stands for.
        """
        diagonals = np.arange(count + other - 1)
        return np.interp(diagonals, (self.known + self.heard) * scale, self.known * scale)


def coarser(known: Known, heard: Heard, by: int) -> tuple[Known, Heard]:
    """Both with ``by`` frames made one."""

    def grouped(values: Floats) -> Floats:
        whole = len(values) // by * by
        return np.asarray(values[:whole].reshape(-1, by, *values.shape[1:]).mean(axis=1), np.float64)

    pause, word = (grouped(flags.astype(np.float64)) for flags in (known.pause, known.word))
    return Known(grouped(known.rows), pause > 0.5, word > 0.0), Heard(
        grouped(heard.rows), grouped(heard.pause)
    )


def find(known: Known, heard: Heard, centres: Floats, reach: int) -> Path:
    """The cheapest path within ``reach`` frames of ``centres`` (see ``Path.centres``).

    A step on the diagonal costs the distance of the two frames; a step in one recording alone costs
    ``HELD`` times that, or less where it crosses a pause that the other does not have.
    """
    count, other = len(known.rows), len(heard.rows)
    # The band moves by no row or by one from diagonal to diagonal.
    first = np.clip(np.floor(centres).astype(np.intp) - reach, -reach, count - 1)
    width = 2 * reach + 1
    steps = np.empty((count + other - 1, width), np.int8)
    edge = np.full(width + 4, np.inf)
    before, last = edge.copy(), edge.copy()
    for start in range(0, len(steps), _BLOCK):
        block = np.arange(start, min(start + _BLOCK, len(steps)))
        costs = _costs(known, heard, block, first[block], width)
        for index, diagonal in enumerate(block):
            ways = costs[:, index].copy()
            if diagonal:
                # Row r of the diagonal before stands at r - first + 1.
                moved = first[diagonal] - first[diagonal - 1]
                ways[_DOWN] += last[moved : moved + width]
                ways[_RIGHT] += last[moved + 1 : moved + 1 + width]
            else:
                ways[_DOWN:] = np.inf
            if diagonal > 1:
                moved = first[diagonal] - first[diagonal - 2]
                ways[_DIAGONAL] += before[moved : moved + width]
            elif diagonal == 1:
                ways[_DIAGONAL] = np.inf
            best = ways.argmin(axis=0)
            steps[diagonal] = best
            current = edge.copy()
            current[1 : width + 1] = ways[best, np.arange(width)]
            before, last = last, current
    return _walk(steps, first, count - 1, other - 1)


def _costs(known: Known, heard: Heard, diagonals: Indices, first: Indices, width: int) -> Floats:
    """What the three steps into each cell cost, float64 (3, diagonals, width); inf beyond the recordings."""
    rows = first[:, None] + np.arange(width)
    columns = diagonals[:, None] - rows
    inside = (rows >= 0) & (rows < len(known.rows)) & (columns >= 0) & (columns < len(heard.rows))
    row, column = rows[inside], columns[inside]
    squares = (known.rows**2).sum(axis=1)[row] + (heard.rows**2).sum(axis=1)[column]
    products = np.einsum("ij,ij->i", known.rows[row], heard.rows[column])
    distance = np.sqrt(np.maximum(squares - 2.0 * products, 0.0))
    entry = np.where(known.pause, IN_PAUSE, np.where(known.word, AT_WORD, INSIDE_WORD))
    skipped = PAUSE + entry[row] * (1.0 - heard.pause[column])
    costs = np.full((3, *rows.shape), np.inf)
    costs[_DIAGONAL][inside] = distance
    costs[_DOWN][inside] = np.where(known.pause[row], np.minimum(HELD * distance, PAUSE), HELD * distance)
    costs[_RIGHT][inside] = np.minimum(HELD * distance, skipped)
    return costs


def _walk(steps: NDArray[np.int8], first: Indices, row: int, column: int) -> Path:
    rows, columns = [row], [column]
    while row > 0 or column > 0:
        step = steps[row + column, row - first[row + column]]
        if row == 0 or column == 0:
            step = _RIGHT if row == 0 else _DOWN
        row -= step != _RIGHT
        column -= step != _DOWN
        rows.append(row)
        columns.append(column)
    return Path(np.array(rows[::-1]), np.array(columns[::-1]))
