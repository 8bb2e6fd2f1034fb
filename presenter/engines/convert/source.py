"""The embedded voice saying a text, in frames that know their phonemes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from presenter.audio import resample
from presenter.engines import load
from presenter.engines.convert.analysis import HOP, RATE, Features, Floats, analyse
from presenter.types import Arrays, Samples, Style, Timing, Wave

Places = NDArray[np.floating[Any]]
"""(N,) frames, between whole numbers too."""

KINDS: dict[str, Arrays] = {
    "high": {"variant": np.array("f2"), "pitch": np.array(0.0), "liveliness": np.array(1.1)},
    "low": {"variant": np.array("edward"), "pitch": np.array(1.0), "liveliness": np.array(1.2)},
}
"""Voices of the embedded engine that are converted, by how high the person speaks."""
BORDER = 155.0
"""Median fundamental frequency from which a voice is ``high`` (Hz)."""


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A text as the embedded voice says it."""

    samples: Samples
    """float32 (N,) at RATE."""
    timing: Timing
    features: Features
    phonemes: tuple[str, ...]
    """One label a segment, without stress; ``""`` is a pause."""
    stressed: NDArray[np.bool_]
    """(segments,)"""
    starts: NDArray[np.intp]
    """(segments + 1,) first frame of each segment, and the number of frames."""
    segment: NDArray[np.intp]
    """(T,) number of the segment in which each frame lies."""

    def __len__(self) -> int:
        return len(self.features)


def say(text: str, language: str, kind: str, *, speed: float = 1.0, seed: int = 0) -> Source:
    """The embedded voice's rendering of ``text`` at its own pitch.

    Raises:
        InputError: ``E-SCRIPT-LANG`` for a language that it cannot speak.
    """
    wave, timing = load("speaker", "espeak").speak(
        text, language, KINDS[kind], style=Style(speed=speed), seed=seed
    )
    samples = resample(wave, RATE)
    features = analyse(Wave(samples, RATE))
    count = len(features)
    starts = [min(count, round(span.start / HOP)) for span in timing.phonemes]
    starts[0] = 0
    edges = np.array([*starts, count], np.intp)
    segment = np.clip(np.searchsorted(edges, np.arange(count), side="right") - 1, 0, len(starts) - 1)
    return Source(
        samples, timing, features,
        tuple(span.label.lstrip("ˈˌ") for span in timing.phonemes),
        np.array(["ˈ" in span.label for span in timing.phonemes], bool),
        edges, segment,
    )  # fmt: skip


# --- what is known about a frame before anything is converted ---


def rows(
    source: Source,
    table: dict[str, int],
    places: Places,
    statistics: Floats,
    warp: Floats | None = None,
) -> Floats:
    """What the network sees of each frame, float32 (N, ORDER + 2 + 3 * len(table) + 4).

    Args:
        table: phoneme -> column; a phoneme that is not there has no column and is all zeros.
        places: (N,) frames of the source, in any order and between whole numbers.
        statistics: (2, ORDER) mean and deviation of the source's cepstra.
        warp: (ORDER, ORDER) what the cepstra are multiplied by before.

    Returns:
        Cepstra with mean 0 and variance 1, voicing, pitch against its mean (octaves); then the phoneme,
        the one before fading out and the one after fading in, one column each; then the position in the
        phoneme and its square, the logarithm of its length, and its stress.
    """
    whole = np.clip(np.round(places).astype(np.intp), 0, len(source) - 1)
    segment = source.segment[whole]
    numbers, position = labels(source, table, places)
    count = len(table)
    ones = np.vstack([np.eye(count, dtype=np.float32), np.zeros((1, count), np.float32)])
    cepstra = source.features.cepstra if warp is None else source.features.cepstra @ warp
    shape = (between(cepstra, places) - statistics[0]) / statistics[1]
    length = np.log(np.maximum(np.diff(source.starts), 1) / 16.0)[segment]
    voiced = (source.features.f0[whole] > 0).astype(np.float32)
    melody = between(melody_of(source.features)[:, None], places)
    along = position[:, None]
    return np.hstack([
        shape, voiced[:, None], melody,
        ones[numbers[:, 0]], ones[numbers[:, 1]] * (1.0 - along), ones[numbers[:, 2]] * along,
        along, along**2, length[:, None], source.stressed[segment][:, None],
    ]).astype(np.float32)  # fmt: skip


def labels(source: Source, table: dict[str, int], places: Places) -> tuple[NDArray[np.int16], Floats]:
    """Numbers of the phoneme, the one before and the one after, (N, 3), -1 for one that is not in the
    table; and where in the phoneme, (N,), 0 at its start, 1 at its end."""
    silence = table.get("", -1)
    own = np.array([table.get(phoneme, -1) for phoneme in source.phonemes], np.int16)
    before, after = np.append(silence, own[:-1]), np.append(own[1:], silence)
    segment = source.segment[np.clip(np.round(places).astype(np.intp), 0, len(source) - 1)]
    lengths = np.maximum(np.diff(source.starts), 1)
    place = np.clip((places - source.starts[segment]) / lengths[segment], 0.0, 1.0)
    numbers = np.stack([own[segment], before[segment], after[segment]], axis=1)
    return numbers.astype(np.int16), place.astype(np.float32)


def between(values: Floats, places: Places) -> Floats:
    """Rows of ``values`` (T, C) at places between whole numbers, (N, C)."""
    places = np.clip(places, 0.0, len(values) - 1.0)
    low = np.minimum(places.astype(np.intp), max(0, len(values) - 2))
    share = (places - low).astype(np.float32)[:, None]
    high = np.minimum(low + 1, len(values) - 1)
    return np.asarray(values[low] * (1.0 - share) + values[high] * share, np.float32)


def melody_of(features: Features) -> Floats:
    """Octaves above the mean, float32 (T,), drawn through where there is no voice."""
    voiced = np.flatnonzero(features.f0 > 0)
    if len(voiced) == 0:
        return np.zeros(len(features), np.float32)
    logs = np.log2(features.f0[voiced])
    logs = logs - logs.mean()
    return np.asarray(np.interp(np.arange(len(features)), voiced, logs), np.float32)
