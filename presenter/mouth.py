"""Does the mouth do what the sound asks for: intended against measured opening."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from presenter.types import Face, Span

Floats = NDArray[np.float64]

UPPER_LIP, LOWER_LIP = 13, 14
"""Landmarks: middles of the lips' inner edges."""
EYES = (33, 263)
"""Landmarks: outer corners of the eyes; their distance is E."""

CLOSED = 0.015
"""E by which lips that count as closed may be farther apart than in the resting portrait. Landmarks of
closed lips scatter by about 0.005 E; open vowels are at 0.08 to 0.15 E."""
LARGEST_REST = 0.02
"""E: a portrait with lips farther apart than this smiles with open lips; that is not its rest."""
REACH = 8
"""Frames by which the mouth may be early or late for the offset to be found."""
_FINER = 8
"""Parts of a frame in which the offset is found."""


def gap(face: Face) -> float:
    """Distance of the lips' inner edges in E, down the face from the line of the eyes; 0 is closed."""
    points = face.landmarks[:, :2].astype(np.float64)
    across = points[EYES[1]] - points[EYES[0]]
    down = np.array([-across[1], across[0]])
    return float((points[LOWER_LIP] - points[UPPER_LIP]) @ down / (across @ across))


@dataclass(frozen=True, slots=True, eq=False)
class Take:
    """The mouth in one shot."""

    intended: Floats
    """(T,) opening in E."""
    measured: Floats
    """(T,) opening in E above the portrait at rest, NaN where no face was found."""
    closures: tuple[Span, ...]
    """When the lips have to be seen closed (s from the shot's start)."""
    fps: int

    def closed(self) -> list[float]:
        """For each closure that can be measured, the smallest opening in E seen during it."""
        times = (np.arange(len(self.measured)) + 0.5) / self.fps
        half = 0.5 / self.fps  # a frame that is shown during any part of the closure counts
        found = []
        for span in self.closures:
            during = self.measured[(times >= span.start - half) & (times <= span.end + half)]
            if np.isfinite(during).any():
                found.append(float(np.nanmin(during)))
        return found


def correlate(takes: Sequence[Take]) -> tuple[float, float]:
    """Pearson's correlation of intended and measured opening, and by how many frames the measured is late.

    The offset is where the correlation is largest, within ``REACH`` frames and in eighths of a frame.
    Shots begin and end with a closed mouth, so they can be put one after another.

    Returns:
        Correlation at offset 0, offset in frames (negative: early). NaN, NaN where nothing moves or
        fewer than 2 x ``REACH`` + 3 frames were seen.
    """
    if not takes:
        return np.nan, np.nan
    intended = np.concatenate([take.intended for take in takes])
    measured = np.concatenate([take.measured for take in takes])
    seen = np.isfinite(measured)
    if seen.sum() < 2 * REACH + 3:
        return np.nan, np.nan
    frames = np.arange(len(measured), dtype=np.float64)
    measured = np.interp(frames, frames[seen], measured[seen])
    if np.ptp(intended) < 1e-6 or np.ptp(measured) < 1e-6:
        return np.nan, np.nan
    inside = slice(REACH, len(frames) - REACH)
    lags = np.arange(-REACH * _FINER, REACH * _FINER + 1) / _FINER
    scores = [
        np.corrcoef(intended[inside], np.interp(frames + lag, frames, measured)[inside])[0, 1] for lag in lags
    ]
    offset = float(lags[int(np.nanargmax(scores))])
    return float(np.corrcoef(intended[seen], measured[seen])[0, 1]), offset
