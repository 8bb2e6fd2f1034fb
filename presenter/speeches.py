"""A lesson's segments as they are heard: each is spoken once and kept; and texts said without a picture."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from presenter import audio, captions, delivery, pronunciations, text, voices
from presenter.engines import Engine, Recording, find, load
from presenter.engines.fingerprints import fingerprint
from presenter.errors import PresenterError
from presenter.order import Recipe
from presenter.rates import Rates
from presenter.store import Artefact, Store, digest
from presenter.types import RATE, Arrays, Samples, Segment, Span, Voice

PACE = 0.075
"""Seconds of speech for a column of text (see ``captions.width``), where a voice was not heard yet."""


def engine_name(engine: Engine, language: str = "") -> str:
    """Names what an engine's output depends on, for keys and records: its version and, where the user placed
    its weights, which ones these are.

    Args:
        language: BCP 47; of an engine with a model for each language, the one that speaks.
    """
    named = f"{engine.kind}:{engine.name}:{engine.version}"
    weights = fingerprint(engine, language)
    return f"{named}:{weights}" if weights else named


def prepared(
    voice: Voice, speaker: Engine, store: Store, recordings: Callable[[], Sequence[Recording]] = tuple
) -> Arrays:
    """What an engine knows about a voice: studied once, then taken from the store.

    Args:
        voice: a built-in voice, or one that was learnt from recordings (it names their sha256).
        recordings: gives the recordings that such a voice is learnt from; asked only when they are needed.
    """

    def study(path: Path) -> None:
        known: dict[str, Any]
        if voice.reference:
            known = dict(load("speaker", speaker.name).study(recordings()))
        else:
            known = dict(voices.study(voice))
        with path.open("wb") as stream:
            np.savez(stream, **known)

    inputs = (voice, engine_name(speaker))
    kept = store.once("voice", voices.VERSION, inputs, "npz", study, sources=_sources(voice))
    with np.load(kept.path, allow_pickle=False) as found:
        return dict(found)


def _sources(voice: Voice) -> list[str]:
    return [voice.reference] if voice.reference else []


class Speeches:
    """The speeches of a recipe.

    Args:
        recipe: what is said, in which voice and how.
        store: keeps them.
        recordings: gives the recordings that the voice is learnt from.
        seed: of engines that choose at random.
        confirm: raises where such a voice may not be used any more; asked after each new speech, because it
            may have been forgotten while somebody was waiting for it.
    """

    def __init__(
        self,
        recipe: Recipe,
        store: Store,
        recordings: Callable[[], Sequence[Recording]] = tuple,
        *,
        seed: int = 0,
        confirm: Callable[[], object] = lambda: None,
    ) -> None:
        self.recipe = recipe
        self.store = store
        self.speaker = find("speaker", recipe.speaker)
        self.seed = seed
        self._recordings = recordings
        self._confirm = confirm
        self._readings: dict[str, text.Reading] = {}

    def speech(self, segment: Segment) -> Artefact:
        """The segment as it is heard; see ``voices.load_speech``.

        Raises:
            InputError: what ``confirm`` raises, and what cannot be said; see ``voices.speak``.
        """
        recipe = self.recipe
        reading = self._reading(segment)

        def make(path: Path) -> None:
            speaker = load("speaker", self.speaker.name)
            voice = prepared(recipe.voice, self.speaker, self.store, self._recordings)
            began = time.monotonic()
            speech = voices.speak(
                segment,
                reading,
                speaker=speaker,
                speaker_name=self.speaker.name,
                voice=voice,
                style=recipe.style,
                seed=self.seed,
            )
            self._learn(segment, speech.seconds, time.monotonic() - began)
            voices.save(speech, path)

        try:
            made = self.store.once(*self._said(segment, reading), make, sources=_sources(recipe.voice))
        except (PresenterError, OSError):
            self._check()  # a voice that was forgotten meanwhile is the cause, and not a missing file
            raise
        if made.fresh:
            self._check()
        return made

    def _check(self) -> None:
        """What was made of a voice that was forgotten meanwhile goes too."""
        if not self.recipe.voice.reference:
            return
        try:
            self._confirm()
        except PresenterError:
            self.store.forget(self.recipe.voice.reference)
            raise

    def find(self, segment: Segment) -> Artefact | None:
        """The speech if the store has it."""
        return self.store.find(*self._said(segment, self._reading(segment)))

    def unspoken(self) -> int:
        """How many segments the store has no speech of."""
        return sum(self.find(one) is None for one in self.recipe.script.segments)

    def expected(self, segment: Segment) -> float:
        """Seconds that a segment is likely to last, by the width of its text and the pace of this voice so
        far; nothing is spoken for it."""
        pace = Rates(self.store.root).rate(self._pace(segment)) or PACE
        return _silence(segment) + captions.width(segment.text) * pace / self._speed(segment)

    def _learn(self, segment: Segment, seconds: float, spent: float) -> None:
        rates = Rates(self.store.root)
        spoken = (seconds - _silence(segment)) * self._speed(segment)
        rates.learn(self._pace(segment), captions.width(segment.text), spoken)
        rates.learn(f"speak {self.speaker.name}", seconds, spent)

    def _pace(self, segment: Segment) -> str:
        # Not by its name: a person's voice leaves no trace here when it is forgotten.
        return f"pace {self.speaker.name} {digest(self.recipe.voice)[:8]} {segment.language}"

    def _speed(self, segment: Segment) -> float:
        return self.recipe.style.changed_by(segment.style).speed

    def _reading(self, segment: Segment) -> text.Reading:
        if segment.id not in self._readings:
            self._readings[segment.id] = delivery.read(
                segment, lambda language: pronunciations.chosen(self.recipe.lexicon, language)
            )
        return self._readings[segment.id]

    def _said(self, segment: Segment, reading: text.Reading) -> tuple[str, str, Any, str]:
        parts = delivery.parts(segment, reading, self.recipe.style)
        names = sorted({engine_name(self.speaker, one.language) for one in parts})
        how = (self.recipe.voice, " ".join(names), self.seed)
        said = (segment.text, reading, parts, segment.pause)
        return "speech", voices.VERSION, (said, how), "npz"


def _silence(segment: Segment) -> float:
    """Seconds of silence that the author asked for."""
    return segment.pause + sum(pause.seconds for pause in segment.pauses)


@dataclass(frozen=True, slots=True, eq=False)
class Recital:
    """A text as it is heard, without a picture."""

    samples: Samples
    """float32 (N,) at 48 kHz, at ``audio.LOUDNESS``."""
    words: tuple[Span, ...]
    """When each written word is heard."""
    sentences: tuple[Span, ...]
    """When each sentence is heard, with the silence around it; gapless."""
    voice: Voice
    language: str
    engine: str
    """Name of the speech engine in the table."""
    warnings: tuple[str, ...]
    mark: str = ""
    """Id that its watermark carries; ``""`` before it has one."""

    @property
    def seconds(self) -> float:
        return len(self.samples) / RATE


def recite(speeches: Speeches, report: Callable[[int, int], None] = lambda _done, _all: None) -> Recital:
    """Say all segments of a recipe, one after the other, at ``audio.LOUDNESS``.

    Args:
        report: is told how many of how many sentences are done.
    """
    script = speeches.recipe.script
    parts: list[Samples] = []
    words: list[Span] = []
    sentences: list[Span] = []
    at = 0
    for index, segment in enumerate(script.segments):
        speech = voices.load_speech(speeches.speech(segment).path)
        start = at / RATE
        words += (Span(word.label, start + word.start, start + word.end) for word in speech.timing.words)
        parts.append(speech.samples)
        at += len(speech.samples)
        sentences.append(Span(segment.text, start, at / RATE))
        report(index + 1, len(script.segments))
    mastered = list(audio.master(parts, audio.LOUDNESS - audio.loudness(parts)))
    return Recital(
        samples=np.concatenate(mastered) if mastered else np.zeros(0, np.float32),
        words=tuple(words),
        sentences=tuple(sentences),
        voice=speeches.recipe.voice,
        language=script.language,
        engine=speeches.speaker.name,
        warnings=script.warnings,
    )
