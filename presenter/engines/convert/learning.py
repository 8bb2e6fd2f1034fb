"""From a person's lines to a voice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from presenter.audio import resample
from presenter.engines import Recording
from presenter.engines.convert import network, pairs, prosody, psola, source
from presenter.engines.convert.analysis import (
    HIGHEST,
    HOP,
    LOWEST,
    ORDER,
    RATE,
    Features,
    Floats,
    analyse,
    stretching,
)
from presenter.engines.convert.person import Person, predict
from presenter.engines.convert.selection import CONTEXT
from presenter.engines.convert.source import Source
from presenter.errors import InputError
from presenter.types import Samples, Wave

LEAST = 2.0
"""Speech without which nothing is learnt (s)."""
MOST = 300.0
"""Recordings that are used (s); what is beyond adds little and makes speaking slower."""
COMPARED = 8.0
"""Speech with known text from which the conversion is learnt by comparing (s)."""
CALIBRATION = (
    "The quick brown fox jumps over the lazy dog, and a large bird watches them with pleasure.",
    "Which year did she choose to measure the height of those thin, yellow towers?",
    "Every boy and girl enjoys a good joke about cheese, a shoe, or a very small house.",
    "My father thought that the north wind would blow harder than usual this evening.",
)
"""What the source says where nobody knows what the person said."""

_ROUNDS = 2
"""How often the alignment is made again with what was learnt from it."""
_RIDGE = 100.0
_STEPS_A_SECOND, _FEWEST_STEPS, _MOST_STEPS = 6.0, 150, 500
_PACES = (0.4, 2.5)
"""Lengths of a line over the source's between which it is taken to be the text."""
_DOUBTED = 0.1
"""Weight of frames whose alignment is doubtful."""
_SHARPEST = 2.0
_WIDEST = 2.0
"""Greatest factors on the deviations of the network's output, and on the range of the melody."""
_LEVEL = 0.1
"""Level of the loud parts of each line (RMS)."""
_MARGIN = 0.15
"""Silence that stays around a line (s)."""
_FAINT = 0.02
"""Share of the loud level under which sound is silence."""
_STRETCHES = np.arange(0.80, 1.31, 0.04)
"""Lengths of vocal tracts that are tried: the source's over the person's."""
_SPEECH = 3.75
"""How far under the loud frames speech reaches (nepers)."""


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A line of the person's."""

    samples: Samples
    features: Features
    source: Source | None
    """The same text in the embedded voice, where it is known."""


def learn(references: Sequence[Recording], seed: int = 0) -> Person:
    """Everything about a voice.

    Raises:
        InputError: ``E-VOICE-SHORT``, ``E-VOICE-NOSPEECH`` or ``E-VOICE-BROKEN`` where there is too little
            to learn from.
    """
    prepared = _prepared(references)
    features = _analysed([samples for samples, _ in prepared])
    kind = "high" if np.exp2(prosody.melody(features)[0]) > source.BORDER else "low"
    lines = [
        Line(samples, found, _said(reference, len(found), kind))
        for (samples, reference), found in zip(prepared, features, strict=True)
    ]
    known = [line for line in lines if line.source]
    if sum(len(line.features) for line in known) * HOP >= COMPARED:
        return _compared(known, kind, seed)
    return _resembling(lines, kind)


# --- the lines ---


def _prepared(references: Sequence[Recording]) -> list[tuple[Samples, Recording]]:
    """Lines at RATE without silence around them, equally loud."""
    found: list[tuple[Samples, Recording]] = []
    speech = 0.0
    for reference in references:
        if not np.isfinite(reference.wave.samples).all():
            raise InputError(
                "E-VOICE-BROKEN", "A recording holds values that are no numbers.",
                "Record it again.", "voice",
            )  # fmt: skip
        samples, seconds = _trimmed(reference.wave)
        if not found and len(samples) > MOST * RATE:
            samples, seconds = samples[: round(MOST * RATE)], min(seconds, MOST)
        elif speech + seconds > MOST:
            break
        if seconds > 0.2:
            found.append((samples, reference))
            speech += seconds
    if speech < LEAST:
        raise InputError(
            "E-VOICE-SHORT",
            f"There are {speech:.1f} s of speech; at least {LEAST:.0f} s are needed.",
            "Record more lines, and speak closer to the microphone.",
            "voice",
        )
    return found


def _trimmed(wave: Wave) -> tuple[Samples, float]:
    """The line, and how many seconds of it are speech."""
    if len(wave.samples) == 0:
        return np.zeros(0, np.float32), 0.0
    samples = resample(Wave(wave.samples - wave.samples.mean(), wave.rate), RATE)
    width = RATE // 50
    frames = samples[: len(samples) // width * width].reshape(-1, width)
    level = np.sqrt((frames.astype(np.float64) ** 2).mean(axis=1))
    if len(level) == 0 or level.max() < 1e-4:
        return np.zeros(0, np.float32), 0.0
    loud = float(np.sqrt((np.sort(level)[-max(1, len(level) // 5) :] ** 2).mean()))
    heard = np.flatnonzero(level > _FAINT * loud)
    margin = round(_MARGIN * RATE)
    first, end = max(0, heard[0] * width - margin), (heard[-1] + 1) * width + margin
    kept = samples[first:end] * np.float32(_LEVEL / loud)
    return np.clip(kept, -1.0, 1.0), float((level > 0.1 * loud).sum()) * 0.02


def _analysed(lines: Sequence[Samples]) -> list[Features]:
    """Features of all lines, the pitch within what is usual for the speaker (two passes: De Looze and
    Hirst, "Detecting changes in key and range", Speech Prosody 2008)."""
    first = [analyse(Wave(samples, RATE)) for samples in lines]
    voiced = np.concatenate([one.f0[one.f0 > 0] for one in first])
    if len(voiced) * HOP < 0.25 * LEAST:
        raise InputError(
            "E-VOICE-NOSPEECH", "No voice is heard in the recordings.",
            "Record a person speaking, without music.", "voice",
        )  # fmt: skip
    low, high = np.percentile(voiced, [25, 75])
    floor, ceiling = max(LOWEST, 0.7 * low), min(HIGHEST, 1.7 * high)
    return [analyse(Wave(samples, RATE), floor, ceiling) for samples in lines]


def _said(reference: Recording, count: int, kind: str) -> Source | None:
    """The line's text in the embedded voice; None where it is unknown, or plainly another."""
    if not reference.text.strip() or not reference.language:
        return None
    try:
        found = source.say(reference.text, reference.language, kind)
    except InputError:
        return None  # a language that it cannot speak
    shortest, longest = _PACES
    if not any(found.phonemes) or not shortest < count / len(found) < longest:
        return None
    return found


# --- with the text known ---


def _compared(lines: Sequence[Line], kind: str, seed: int) -> Person:
    sources = [line.source for line in lines if line.source]
    features = [line.features for line in lines]
    phonemes = tuple(sorted({label for one in sources for label in one.phonemes} | {""}))
    table = {phoneme: number for number, phoneme in enumerate(phonemes)}
    statistics = _statistics([one.features.cepstra for one in sources])
    target = _statistics([one.cepstra for one in features])
    normal = [((one.cepstra - target[0]) / target[1]).astype(np.float32) for one in features]
    places = _aligned(sources, features, normal, table, statistics, target)
    rows = [
        source.rows(one, table, frames.astype(np.float32), statistics)
        for one, frames in zip(sources, places, strict=True)
    ]
    sure = [pairs.reliable(frames) for frames in places]
    parameters = _trained(rows, normal, features, sure, len(table), seed)
    mean, deviation = prosody.melody(features)
    labels, place, doubtful = zip(
        *(
            _labelled(*one, table)
            for one in zip(sources, places, sure, [line.features for line in lines], strict=True)
        ),
        strict=True,
    )
    return Person(
        kind=kind, phonemes=phonemes, warp=np.eye(ORDER, dtype=np.float32), source=statistics, target=target,
        melody=(mean, min(_WIDEST, deviation / prosody.melody([one.features for one in sources])[1])),
        pace=prosody.paces(sources, places, table), network=parameters,
        spread=_spread(np.concatenate([predict(row, parameters)[0] for row in rows]), normal, features),
        said=np.concatenate([row[:, :CONTEXT] for row in rows]),
        labels=np.concatenate(labels), place=np.concatenate(place), doubtful=np.concatenate(doubtful),
        **_bank(lines),
    )  # fmt: skip


def _aligned(
    sources: Sequence[Source],
    features: Sequence[Features],
    normal: Sequence[Floats],
    table: dict[str, int],
    statistics: Floats,
    target: Floats,
) -> list[NDArray[np.float64]]:
    """The source's frame for each of the person's; aligned, converted by ridge regression, and again."""
    converted = [one.features.cepstra for one in sources]
    for remaining in reversed(range(_ROUNDS + 1)):
        places = [pairs.align(*three) for three in zip(sources, converted, features, strict=True)]
        if not remaining:
            break
        given, wanted = [], []
        for one, frames, cepstra in zip(sources, places, normal, strict=True):
            sure = pairs.reliable(frames)
            given.append(_affine(source.rows(one, table, frames.astype(np.float32), statistics)[sure]))
            wanted.append(cepstra[sure])
        x, y = np.concatenate(given).astype(np.float64), np.concatenate(wanted)
        weights = np.linalg.solve(x.T @ x + _RIDGE * np.eye(x.shape[1]), x.T @ y)
        converted = [
            (_affine(source.rows(one, table, np.arange(len(one), dtype=np.float32), statistics)) @ weights)
            .astype(np.float32) * target[1] + target[0]
            for one in sources
        ]  # fmt: skip
    return places


def _affine(rows: Floats) -> Floats:
    return np.hstack([rows, np.ones((len(rows), 1), np.float32)])


def _trained(
    rows: Sequence[Floats],
    normal: Sequence[Floats],
    features: Sequence[Features],
    sure: Sequence[NDArray[np.bool_]],
    phonemes: int,
    seed: int,
) -> network.Parameters:
    """The network that adds to the source's cepstra and voicing what makes them the person's."""
    lines = []
    for row, cepstra, found, trusted in zip(rows, normal, features, sure, strict=True):
        voicing = (found.f0 > 0).astype(np.float32) - row[:, ORDER]
        wanted = np.hstack([cepstra - row[:, :ORDER], voicing[:, None]])
        lines.append(network.Line(row, wanted, np.where(trusted, 1.0, _DOUBTED).astype(np.float32)))
    seconds = sum(map(len, rows)) * HOP
    steps = int(np.clip(_STEPS_A_SECOND * seconds, _FEWEST_STEPS, _MOST_STEPS))
    return network.train(lines, slice(ORDER + 2, ORDER + 2 + 3 * phonemes), steps, seed)


def _labelled(
    one: Source,
    places: NDArray[np.float64],
    sure: NDArray[np.bool_],
    features: Features,
    table: dict[str, int],
) -> tuple[NDArray[np.int16], Floats, NDArray[np.bool_]]:
    """Labels (T, 3), places in phonemes (T,) and doubts (T,) of the person's frames."""
    labels, place = source.labels(one, table, places)
    # A pause that the source does not make.
    labels[(pairs.silence(features.cepstra) > 0.9) & ~sure, 0] = table[""]
    return labels, place, ~sure


# --- without a text ---


def _resembling(lines: Sequence[Line], kind: str) -> Person:
    """Pitch, vocal tract and spectrum as they are on average; which frames are heard is left to their
    likeness."""
    features = [line.features for line in lines]
    calm = [source.say(text, "en-US", kind) for text in CALIBRATION]
    target = _statistics([one.cepstra for one in features])
    warp = _nearest_tract([one.features for one in calm], features)
    mean, deviation = prosody.melody(features)
    count = sum(map(len, features))
    return Person(
        kind=kind, phonemes=(), warp=warp, target=target,
        source=_statistics([one.features.cepstra @ warp for one in calm]),
        melody=(mean, min(_WIDEST, deviation / prosody.melody([one.features for one in calm])[1])),
        pace=np.zeros(1, np.float32), network={},
        spread=np.stack([np.zeros(ORDER), np.ones(ORDER)]).astype(np.float32),
        said=np.zeros((count, CONTEXT), np.float32), labels=np.full((count, 3), -1, np.int16),
        place=np.zeros(count, np.float32), doubtful=np.zeros(count, bool),
        **_bank(lines),
    )  # fmt: skip


def _nearest_tract(calm: Sequence[Features], features: Sequence[Features]) -> Floats:
    """The stretching of the frequency axis whose voiced spectra are distributed most like the person's."""

    def voiced(all_: Sequence[Features]) -> Floats:
        return np.concatenate([one.cepstra[(one.f0 > 0) & _speaking(one.cepstra)] for one in all_])

    one, other = voiced(calm), voiced(features)[:, 1:20]
    deviation = other.std(axis=0)
    shares = (10, 30, 50, 70, 90)
    wanted = np.percentile(other - other.mean(axis=0), shares, axis=0)
    best, chosen = np.inf, np.eye(ORDER, dtype=np.float32)
    for factor in _STRETCHES:
        warp = stretching(float(factor))
        moved = (one @ warp)[:, 1:20]
        apart = np.percentile(moved - moved.mean(axis=0), shares, axis=0) - wanted
        shape = np.abs(moved.mean(axis=0) - other.mean(axis=0))[:11].sum() / deviation[:11].mean()
        unlike = float((np.abs(apart).mean(axis=0) / deviation).sum() + 0.5 * shape)
        if unlike < best:
            best, chosen = unlike, warp
    return chosen


# --- both ---


def _speaking(cepstra: Floats) -> NDArray[np.bool_]:
    level = cepstra[:, 0]
    return np.asarray(level > np.percentile(level, 95) - _SPEECH)


def _statistics(lines: Sequence[Floats]) -> Floats:
    """Mean and deviation of the cepstra of speech, (2, ORDER)."""
    speech = np.concatenate([cepstra[_speaking(cepstra)] for cepstra in lines])
    return np.stack([speech.mean(axis=0), speech.std(axis=0) + 1e-3]).astype(np.float32)


def _spread(predicted: Floats, normal: Sequence[Floats], features: Sequence[Features]) -> Floats:
    """Mean of what the network says, and the factors that restore the variance that averaging takes
    (Toda et al., "Voice conversion based on maximum-likelihood estimation of spectral parameter
    trajectory", IEEE Trans. ASLP 15, 2007)."""
    speech = np.concatenate([_speaking(one.cepstra) for one in features])
    wanted = np.concatenate(normal)[speech].std(axis=0)
    factor = np.clip(wanted / (predicted[speech].std(axis=0) + 1e-6), 1.0, _SHARPEST)
    factor[0] = 1.0
    return np.stack([predicted[speech].mean(axis=0), factor]).astype(np.float32)


class _Bank(TypedDict):
    """The recordings and their frames: fields of ``Person``."""

    recordings: Floats
    lines: NDArray[np.int64]
    peaks: NDArray[np.int32]
    f0: Floats
    cepstra: Floats


def _bank(lines: Sequence[Line]) -> _Bank:
    samples = np.cumsum([0, *(len(line.samples) for line in lines)])
    frames = np.cumsum([0, *(len(line.features) for line in lines)])
    peaks = [
        psola.marks(line.samples, line.features.f0) + np.int32(start)
        for line, start in zip(lines, samples[:-1], strict=True)
    ]
    return {
        "recordings": np.concatenate([line.samples for line in lines]),
        "lines": np.stack([samples[:-1], frames[:-1]], axis=1).astype(np.int64),
        "peaks": np.concatenate(peaks).astype(np.int32),
        "f0": np.concatenate([line.features.f0 for line in lines]),
        "cepstra": np.concatenate([line.features.cepstra for line in lines]),
    }
