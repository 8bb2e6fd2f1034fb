"""Embedded cloning: the embedded voice says the text, and a person's own recordings say it again.

With the texts of the lines known, the embedded voice says them too, both are aligned frame by frame,
and a small network learns how the person's spectra follow from phonemes and the embedded voice's. To
speak, the embedded voice gives phonemes, melody and times; these take on the person's pace and pitch;
the network says which spectrum is wanted; pieces of the person's own waveform are chosen to be like
it, bent a part of the way towards it, and overlapped at the wanted pitch. So the sound is the person's,
and the network keeps it clear. Where nobody knows what was said, spectra are compared instead.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from presenter.engines import Recording, load
from presenter.engines.convert import learning, prosody, psola, selection, source
from presenter.engines.convert.analysis import RATE, Floats, spectra
from presenter.engines.convert.person import Person, keep, predict, restore
from presenter.errors import InputError
from presenter.types import Arrays, Span, Style, Timing, Wave

_BEND = 0.3
"""How far a chosen piece's spectrum is bent towards the wanted one. Measured on recordings of real people:
at 0 words are lost, from 0.5 on likeness is, at 1 both."""
_EVEN = 7
"""Frames over which the bending is averaged: what is quicker stays the person's own."""
_SOFTEST, _LOUDEST = -3.5, 2.3
"""Limits of the bending (nepers)."""
_OWN_MELODY = 0.5
"""Share of the chosen pieces' own intonation in the result."""
_MELODIC = 9
"""Frames over which that intonation is averaged."""
_PEAK = 0.98
"""Highest sample."""
_STEADY = 30
"""Cepstral coefficients that must not jump at joins."""
_GLIDE = 2.1
"""Weight of the pitch at joins (an octave)."""
_ONSET = 16.0
"""Weight of the voicing at joins: a voice may begin or end only where it did in a recording."""


class Convert:
    """Speaks like a person of whom some lines were recorded, in every language of the embedded voice."""

    def languages(self) -> tuple[str, ...]:
        """BCP 47 codes it can speak, sorted."""
        return tuple(load("speaker", "espeak").languages())

    def study(self, references: Sequence[Recording]) -> Arrays:
        """Learn a voice: about half a minute on one core. Recordings with their text and language are
        learnt from by comparing; with less than eight seconds of such, by what is usual in all of them.

        Returns:
            Arrays of about 90 kB a second of recordings.

        Raises:
            InputError: ``E-VOICE-SHORT`` for less than two seconds of speech, ``E-VOICE-NOSPEECH`` where no
                voice is heard, ``E-VOICE-BROKEN`` for values that are no numbers.
        """
        return keep(learning.learn(references))

    def speak(
        self, text: str, language: str, voice: Arrays, *, style: Style, seed: int = 0
    ) -> tuple[Wave, Timing]:
        """Say ``text`` in a voice from ``study``.

        Returns:
            Sound at 22 050 Hz, and its timing: words as substrings of ``text``, phonemes gapless.

        Raises:
            InputError: ``E-SCRIPT-LANG`` for a language it cannot speak, ``E-VOICE-NONE`` without a voice.
        """
        if "recordings" not in voice:
            raise InputError(
                "E-VOICE-NONE", "This engine speaks only in voices that were learnt from recordings.",
                "Record some lines first, or choose a built-in voice.", "voice",
            )  # fmt: skip
        kind = str(voice["kind"])
        said = source.say(text, language, kind, speed=style.speed, seed=seed)
        if not any(said.phonemes):
            return Wave(said.samples, RATE), said.timing
        return _converted(said, restore(voice), style, seed)


def _converted(said: source.Source, person: Person, style: Style, seed: int) -> tuple[Wave, Timing]:
    table = person.table
    places, timing = prosody.retimed(said, person.pace, table)
    mean, ratio = person.melody
    f0 = prosody.sung(said, places, mean, ratio * style.liveliness)
    wanted, units = _wanted(said, person, places, np.log2(f0) - np.float32(mean))
    path = selection.choose(units, person.units(), _joins(person), person.last())
    own = person.f0[path]
    drift = np.where(own > 0, np.log2(np.maximum(own, 1.0) / f0), 0.0)[:, None]
    f0 = f0 * np.exp2(
        _OWN_MELODY * min(1.0, style.liveliness) * _smooth(drift, _MELODIC)[:, 0] + style.pitch / 12.0
    )
    gains = spectra(_BEND * _smooth(wanted - person.cepstra[path], _EVEN))
    samples = psola.overlap(
        person.recordings, person.peaks, person.places()[path], own, f0,
        np.clip(gains, _SOFTEST, _LOUDEST), seed,
    )  # fmt: skip
    peak = float(np.abs(samples).max(initial=0.0))
    if peak > _PEAK:
        samples = samples * np.float32(_PEAK / peak)
    return Wave(samples, RATE), _fitted(timing, len(samples) / RATE)


def _wanted(
    said: source.Source, person: Person, places: source.Places, melody: Floats
) -> tuple[Floats, selection.Units]:
    """The cepstra (T, ORDER) that are wanted, and what the chosen frames should be like."""
    table = person.table
    rows = source.rows(said, table, places, person.source, person.warp)
    normal, voiced = predict(rows, person.network)
    normal = person.spread[0] + (normal - person.spread[0]) * person.spread[1]
    context = rows[:, : selection.CONTEXT] if person.network else np.zeros_like(rows[:, : selection.CONTEXT])
    labels, place = source.labels(said, table, places)
    if not person.network:
        place = np.zeros_like(place)
    units = selection.Units(
        selection.vectors(normal, context, np.where(voiced, melody, 0.0)),
        voiced, labels, place, np.zeros(len(rows), bool),
    )  # fmt: skip
    return normal * person.target[1] + person.target[0], units


def _joins(person: Person) -> Floats:
    pitch, voiced = _GLIDE * person.octaves(), _ONSET * (person.f0 > 0).astype(np.float32)
    return np.hstack([person.normal()[:, :_STEADY], pitch[:, None], voiced[:, None]])


def _smooth(values: Floats, width: int) -> Floats:
    """Means over ``width`` frames (odd), the same shape (T, C)."""
    padded = np.pad(values, ((width // 2 + 1, width // 2), (0, 0)), mode="edge")
    running = np.cumsum(padded, axis=0, dtype=np.float64)
    return np.asarray((running[width:] - running[:-width]) / width, np.float32)


def _fitted(timing: Timing, seconds: float) -> Timing:
    """The timing inside the sound, its phonemes from 0 to the end."""

    def inside(spans: Sequence[Span]) -> list[Span]:
        return [Span(span.label, min(span.start, seconds), min(span.end, seconds)) for span in spans]

    phonemes = [span for span in inside(timing.phonemes) if span.end > span.start]
    phonemes[-1] = Span(phonemes[-1].label, phonemes[-1].start, seconds)
    return Timing(tuple(inside(timing.words)), tuple(phonemes))
