"""Speech alone: a text that is said without a picture, and the label before sound that nobody sees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from presenter import policy, provenance
from presenter.errors import InputError
from presenter.order import Order, Recipe, decide
from presenter.people import People
from presenter.settings import Settings
from presenter.speeches import Recital, Speeches, recite
from presenter.store import Store
from presenter.types import RATE, Samples, Voice

PAUSE = np.zeros(round(0.6 * RATE), np.float32)
"""Silence between the label and what follows."""
ALOUD = 30.0
"""Seconds from which speech alone says the label first; a sentence or two, to hear a voice, are marked and
signed without it."""


def speak(wanted: Order, settings: Settings, *, speed: float, seed: int, report: Callable[[int, int], None],
          ) -> Recital:  # fmt: skip
    """An order's text as it is heard, without a watermark yet; arguments and errors as of ``Studio.say``."""
    if not 0.5 <= speed <= 2.0:
        raise InputError("E-SPEED", f"The speed is {speed:g}.", "Choose 0.5 (slow) to 2 (fast).", "speed")
    recipe = decide(wanted, settings)
    policy.check(recipe.script, real_person=recipe.voice.consent is not None)
    People(settings.home).refuse_below(settings.consent_level, recipe.voice.consent)
    style = replace(recipe.style, speed=min(max(recipe.style.speed * speed, 0.5), 2.0))
    recital = recite(_speeches(replace(recipe, style=style), settings, seed), report)
    return recital if recital.seconds < ALOUD else _announced(recital, settings)


def said(voice: Voice, language: str, settings: Settings) -> Samples:
    """The label as a voice says it in a language, or in English where it is not written in that; float32
    (N,) at 48 kHz, at ``audio.LOUDNESS``."""
    text, language = provenance.label_spoken(language)
    order = Order(source=text, voice=voice.id, language=language, speaker=voice.engine)
    return recite(_speeches(decide(order, settings), settings)).samples


def _speeches(recipe: Recipe, settings: Settings, seed: int = 0) -> Speeches:
    people = People(settings.home)
    return Speeches(
        recipe,
        Store(settings.home / "store"),
        lambda: people.recordings(recipe.voice),
        seed=seed,
        confirm=lambda: people.confirm(recipe.voice),
    )


def _announced(recital: Recital, settings: Settings) -> Recital:
    """The same behind the label."""
    before = np.concatenate(
        [said(replace(recital.voice, engine=recital.engine), recital.language, settings), PAUSE]
    )
    late = len(before) / RATE
    words, sentences = (
        tuple(replace(span, start=span.start + late, end=span.end + late) for span in spans)
        for spans in (recital.words, recital.sentences)
    )
    samples = np.concatenate([before, recital.samples])
    return replace(recital, samples=samples, words=words, sentences=sentences)
