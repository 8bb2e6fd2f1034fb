"""What is known of a person's voice: how it is, what to change, and the recordings themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from presenter.engines.convert import network
from presenter.engines.convert.analysis import ORDER, STEP, Floats
from presenter.engines.convert.selection import Units, vectors
from presenter.types import Arrays

_NETWORK = "network."
"""What the names of the network's arrays begin with."""


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """A voice that was learnt. N samples, M frames, P phonemes."""

    kind: str
    """Which voice of the embedded engine is converted (``source.KINDS``)."""
    phonemes: tuple[str, ...]
    """The phonemes of the lines; none where nobody knows what was said."""
    warp: Floats
    """(ORDER, ORDER) what the source's cepstra are multiplied by: the length of the vocal tract."""
    source: Floats
    """(2, ORDER) mean and deviation of the warped cepstra of the source's speech."""
    target: Floats
    """(2, ORDER) the same of the person's."""
    melody: tuple[float, float]
    """Mean of log2 of the fundamental frequency (Hz), and the range of its melody over the source's."""
    pace: Floats
    """(P + 1,) how much longer than the source the person takes (natural logarithm); last: usually."""
    network: Mapping[str, Floats]
    """Parameters of the conversion; none where there was nothing to compare with."""
    spread: Floats
    """(2, ORDER) mean of the network's output, and the factor that restores its deviation."""
    recordings: Floats
    """(N,) the lines one after the other, at RATE."""
    lines: NDArray[np.int64]
    """(lines, 2) first sample and first frame of each line."""
    peaks: NDArray[np.int32]
    """Pitch marks in the recordings, rising."""
    f0: Floats
    """(M,) Hz, 0 where unvoiced."""
    cepstra: Floats
    """(M, ORDER)"""
    said: Floats
    """(M, CONTEXT) cepstra of the source where it says the same; zeros where nobody knows."""
    labels: NDArray[np.int16]
    """(M, 3) numbers of the phoneme, the one before and the one after; -1 where nobody knows."""
    place: Floats
    """(M,) where in the phoneme: 0 at its start, 1 at its end."""
    doubtful: NDArray[np.bool_]
    """(M,) whether the labels are not to be trusted."""

    @property
    def table(self) -> dict[str, int]:
        """Phoneme -> its number."""
        return {phoneme: number for number, phoneme in enumerate(self.phonemes)}

    def normal(self) -> Floats:
        """The cepstra with mean 0 and deviation 1, (M, ORDER)."""
        return np.asarray((self.cepstra - self.target[0]) / self.target[1], np.float32)

    def octaves(self) -> Floats:
        """The pitch against its mean, (M,); 0 where unvoiced."""
        logs = np.log2(np.maximum(self.f0, 1.0)) - np.float32(self.melody[0])
        return np.where(self.f0 > 0, logs, 0.0).astype(np.float32)

    def units(self) -> Units:
        """The frames of the recordings, to choose from."""
        return Units(
            vectors(self.normal(), self.said, self.octaves()),
            self.f0 > 0, self.labels, self.place, self.doubtful,
        )  # fmt: skip

    def places(self) -> NDArray[np.float64]:
        """(M,) the sample on which each frame is centred."""
        starts = np.append(self.lines[:, 1], len(self.f0))
        rows = np.repeat(np.arange(len(self.lines)), np.diff(starts))
        along = (np.arange(len(self.f0)) - self.lines[rows, 1]) * STEP
        return np.asarray(self.lines[rows, 0] + along, np.float64)

    def last(self) -> NDArray[np.bool_]:
        """(M,) whether a line ends with the frame."""
        found = np.zeros(len(self.f0), bool)
        found[np.append(self.lines[1:, 1], len(self.f0)) - 1] = True
        return found


def predict(given: Floats, parameters: Mapping[str, Floats]) -> tuple[Floats, NDArray[np.bool_]]:
    """The person's cepstra, mean 0 and deviation 1, (T, ORDER), and voicing for ``source.rows``, (T,)."""
    cepstra, voicing = given[:, :ORDER], given[:, ORDER]
    if parameters:
        change = network.run(parameters, given)
        cepstra, voicing = cepstra + change[:, :ORDER], voicing + change[:, ORDER]
    return cepstra, voicing > 0.5


def keep(person: Person) -> Arrays:
    """As arrays that fit into a .npz of about 90 kB a second of recordings."""
    samples = np.clip(np.round(person.recordings * 32767.0), -32768, 32767).astype(np.int16)
    kept: dict[str, NDArray[np.generic]] = {
        "kind": np.array(person.kind), "phonemes": np.array(person.phonemes, np.str_),
        "warp": person.warp, "source": person.source, "target": person.target,
        "melody": np.array(person.melody), "pace": person.pace, "spread": person.spread,
        "recordings": samples, "lines": person.lines, "peaks": person.peaks, "f0": person.f0,
        "cepstra": person.cepstra.astype(np.float16), "said": person.said.astype(np.float16),
        "labels": person.labels, "place": person.place.astype(np.float16), "doubtful": person.doubtful,
    }  # fmt: skip
    return kept | {_NETWORK + name: value for name, value in person.network.items()}


def restore(arrays: Arrays) -> Person:
    """What ``keep`` kept."""

    def floats(name: str) -> Floats:
        return np.asarray(arrays[name], np.float32)

    mean, ratio = np.asarray(arrays["melody"], np.float64).tolist()
    return Person(
        kind=str(arrays["kind"]), phonemes=tuple(str(label) for label in arrays["phonemes"]),
        warp=floats("warp"), source=floats("source"), target=floats("target"),
        melody=(mean, ratio), pace=floats("pace"),
        network={name.removeprefix(_NETWORK): floats(name) for name in arrays if name.startswith(_NETWORK)},
        spread=floats("spread"), recordings=floats("recordings") / np.float32(32767.0),
        lines=np.asarray(arrays["lines"], np.int64), peaks=np.asarray(arrays["peaks"], np.int32),
        f0=floats("f0"), cepstra=floats("cepstra"), said=floats("said"),
        labels=np.asarray(arrays["labels"], np.int16), place=floats("place"),
        doubtful=np.asarray(arrays["doubtful"], bool),
    )  # fmt: skip
