"""Music under a lesson: it gives way while somebody speaks, comes back in longer pauses, and never pumps.

What is said and when is known beforehand, so nothing is detected: the music begins to give way before the
word and comes back slowly after it, and short pauses are passed over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from presenter import audio, intake
from presenter.errors import InputError
from presenter.store import Artefact, Store, digest_of_file
from presenter.types import RATE, Samples, Span, Wave

VERSION = "1"
"""Raise when the music under equal speech changes."""
SECONDS = 900.0
"""Longest music that is read (s); it is repeated under longer lessons."""
SHORTEST = 2.0
"""Shortest music (s)."""
LEVEL = -20.0
"""Usual level under speech (dB below it): words stay easy to follow (BBC and WCAG 1.4.7 ask for 20 dB)."""
RISE = 8.0
"""Decibels by which it comes back while nobody speaks."""
ATTACK, HOLD, RELEASE = 0.5, 0.3, 1.5
"""Seconds in which it gives way before a word, waits after one, and comes back."""
BRIDGE = 2.5
"""Seconds: shorter pauses are passed over."""
FADE_IN, FADE_OUT = 1.5, 3.0
"""Seconds at the beginning and the end."""
SEAM = 2.0
"""Seconds in which the end fades into the beginning where it is repeated."""
_GRID = 480
"""Samples (10 ms) from one point of the level's curve to the next."""

Floats = NDArray[np.float64]


def take_in(path: Path, store: Store) -> Artefact:
    """A file of music as it is kept: .npy with int16 (N,) mono at 48 kHz, at ``audio.LOUDNESS``, or as loud
    as it can be without clipping.

    Raises:
        InputError: ``E-MUSIC-FILE``, ``E-MUSIC-SHORT``, ``E-MUSIC-SILENT``, and what ``intake.read`` raises.
    """
    if not path.is_file():
        raise InputError("E-MUSIC-FILE", f'There is no music "{path.name}".', "Check its name.", "music")

    def make(draft: Path) -> None:
        samples = audio.resample(_read(path))
        if len(samples) < SHORTEST * RATE:
            raise InputError(
                "E-MUSIC-SHORT",
                f"The music is {len(samples) / RATE:.1f} s long; {SHORTEST:.0f} s are needed.",
                "Choose a longer piece.",
                "music",
            )
        found, peak = audio.loudness([samples]), float(np.abs(samples).max())
        if not found > audio.SILENT:
            raise InputError("E-MUSIC-SILENT", "The music is silent.", "Choose another file.", "music")
        gain = min(10 ** ((audio.LOUDNESS - found) / 20), 1.0 / peak)
        with draft.open("wb") as stream:
            np.save(stream, np.round(samples * gain * 32767).astype(np.int16))

    sha256 = digest_of_file(path)
    return store.once("music", VERSION, sha256, "npy", make, sources=[sha256])


def _read(path: Path) -> Wave:
    try:
        return intake.read(path, seconds_limit=SECONDS)
    except InputError as error:
        raise InputError(error.code, error.message, error.hint, "music") from error


@dataclass(frozen=True, slots=True, eq=False)
class Bed:
    """Music under a lesson."""

    music: NDArray[np.int16]
    """(N,) at 48 kHz; may lie on the disk."""
    speech: Sequence[Span]
    """Sorted stretches in which somebody speaks (s)."""
    start: float
    """Where the music begins (s)."""
    end: float
    """Where it has faded out (s)."""
    level: float = LEVEL
    """Under speech (dB)."""

    @classmethod
    def under(cls, kept: Path, words: Iterable[Span], start: float, end: float, level: float) -> Bed:
        """The music of ``take_in`` under a lesson in which these words are said, in order."""
        return cls(np.load(kept, mmap_mode="r"), tuple(bridged(words)), start, end, level)

    def add(self, chunks: Iterable[Samples]) -> Iterator[Samples]:
        """The lesson's sound with the music under it; chunks of any length from the lesson's beginning on."""
        at = 0
        for chunk in chunks:
            yield chunk + self.part(at, len(chunk))
            at += len(chunk)

    def part(self, at: int, count: int) -> Samples:
        """The music alone from a sample on, float32 (count,)."""
        grid = np.arange(at // _GRID, (at + count) // _GRID + 2)
        gains = self.gain(grid * _GRID / RATE)
        sample = np.arange(at, at + count)
        curve = np.interp(sample, grid * _GRID, gains)
        return (self._looped(sample - round(self.start * RATE)) * curve).astype(np.float32)

    def gain(self, times: Floats) -> Floats:
        """The factor on the music at these times (s)."""
        depth = np.zeros(len(times))
        if self.speech:
            starts = np.array([span.start for span in self.speech])
            ends = np.array([span.end for span in self.speech])
            after = np.searchsorted(starts, times, side="right")
            ahead = np.append(starts, np.inf)[after] - times
            past = times - np.insert(ends, 0, -np.inf)[after]
            depth = np.maximum(_eased(1 - ahead / ATTACK), _eased(1 - (past - HOLD) / RELEASE))
        decibels = self.level + RISE * (1 - depth)
        shown = _eased((times - self.start) / FADE_IN) * _eased((self.end - times) / FADE_OUT)
        return np.asarray(10 ** (decibels / 20) * shown)

    def _looped(self, sample: NDArray[np.int64]) -> Floats:
        """The music at these samples since its beginning; repeated, its end fades into its beginning."""
        seam = min(round(SEAM * RATE), len(self.music) // 4)
        period = len(self.music) - seam
        turn, index = np.divmod(np.maximum(sample, 0), period)
        sound = self.music[index] / 32768.0
        again = np.flatnonzero((turn > 0) & (index < seam))
        if len(again):
            angle = index[again] / seam * (np.pi / 2)
            sound[again] = np.sin(angle) * sound[again]
            sound[again] += np.cos(angle) * self.music[period + index[again]] / 32768.0
        return np.asarray(sound)


def bridged(words: Iterable[Span]) -> Iterator[Span]:
    """Stretches of speech: words with less than ``BRIDGE`` seconds between them are one."""
    open_since: float | None = None
    last = 0.0
    for word in words:
        if open_since is None:
            open_since = word.start
        elif word.start - last > BRIDGE:
            yield Span("", open_since, last)
            open_since = word.start
        last = max(last, word.end)
    if open_since is not None:
        yield Span("", open_since, last)


def _eased(share: Floats) -> Floats:
    """0 to 1 without a corner: half a cosine."""
    return np.asarray(0.5 - 0.5 * np.cos(np.pi * np.clip(share, 0.0, 1.0)))
