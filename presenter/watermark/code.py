"""What a watermark says and where: an id of 32 bits, with 16 that tell whether it was read rightly."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_BITS = 48
_SYNC = _BITS // 4
"""Share of the cells that is the same in every mark, in units of the cells of a bit."""
_DOUBTFUL, _TURNED = 6, 2
"""So many of the weakest bits may be wrong, and so many of them at once."""
_SEED = 0x70726573
_POLYNOMIAL = 0x1021
_START = 0xA1F0
"""Not 0 or 0xFFFF: sounds and pictures without a mark give equal bits more often than chance."""


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """Which cell of a plane carries what."""

    signs: Floats
    """float64 (rows, columns): the direction of each cell, +1 or -1."""
    owners: NDArray[np.intp]
    """(rows, columns): number of the bit that each cell belongs to; 48 for those that are always the same."""

    @property
    def sync(self) -> Floats:
        """float64 (rows, columns): the direction of the cells that are always the same, 0 elsewhere."""
        return np.where(self.owners == _BITS, self.signs, 0.0)

    def carrying(self, identity: str) -> Floats:
        """The direction of each cell for an id of 8 hex digits, float64 (rows, columns) of +1 and -1."""
        return np.asarray(self.signs * np.append(_encode(identity), 1)[self.owners])

    def bits(self, cells: Floats) -> Floats:
        """What cells (rows, columns) say about each bit, float64 (48,): positive where it is rather set."""
        sums = np.bincount(self.owners.ravel(), (cells * self.signs).ravel(), _BITS + 1)
        return np.asarray(sums[:_BITS], np.float64)


@functools.cache
def pattern(rows: int, columns: int) -> Pattern:
    """The pattern of a plane of so many cells; the same everywhere and for ever."""
    draw = np.random.Generator(np.random.PCG64([_SEED, rows, columns]))
    signs = np.asarray(draw.integers(0, 2, (rows, columns)) * 2.0 - 1.0, np.float64)
    owners = draw.permutation(rows * columns).reshape(rows, columns) % (_BITS + _SYNC)
    return Pattern(signs, np.minimum(owners, _BITS))


def decode(bits: Floats) -> str | None:
    """The id, or None where the bits were not read rightly.

    Where they do not fit together, up to two of the weakest are turned. One wrong reading in 3,000 passes for
    a right one, so callers look for the pattern first.
    """
    word = 0
    for value in bits:
        word = word << 1 | int(value > 0)
    weakest = [1 << (_BITS - 1 - int(place)) for place in np.argsort(np.abs(bits))[:_DOUBTFUL]]
    for count in range(_TURNED + 1):
        for turned in combinations(weakest, count):
            tried = word ^ sum(turned)
            if _checksum(tried >> 16) == tried & 0xFFFF:
                return f"{tried >> 16:08x}"
    return None


def _encode(identity: str) -> NDArray[np.int8]:
    value = int(identity, 16)
    word = value << 16 | _checksum(value)
    return np.array([1 if word >> (_BITS - 1 - place) & 1 else -1 for place in range(_BITS)], np.int8)


def _checksum(value: int) -> int:
    """CRC-16 (polynomial 0x1021) of 32 bits."""
    rest = _START
    for place in range(31, -1, -1):
        feed = (rest >> 15 ^ value >> place) & 1
        rest = (rest << 1 & 0xFFFF) ^ (_POLYNOMIAL if feed else 0)
    return rest
