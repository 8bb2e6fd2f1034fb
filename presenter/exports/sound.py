"""The sound of a lesson alone: it says the label before it begins, as nobody can see one."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from presenter import provenance, video
from presenter.exports.pictures import frame
from presenter.exports.source import Source
from presenter.order import Order, decide
from presenter.people import People
from presenter.settings import Settings
from presenter.speeches import Recital, Speeches, recite
from presenter.store import Store
from presenter.types import RATE, Samples, Voice
from presenter.video import Chapter

PAUSE = 0.6
"""Seconds between the label and the lesson."""
_PAUSE = np.zeros(round(PAUSE * RATE), np.float32)
ALOUD = 30.0
"""Seconds from which speech alone says the label first; a sentence or two, to hear a voice, are marked and
signed without it."""
COVER = 600
"""Width and height of the cover (pixels)."""


def write(source: Source, path: Path) -> None:
    """Write the sound as M4A, with title, chapters and a cover.

    The label is said in the lesson's voice, and in English where it is not written in the lesson's language.
    """
    record = source.record
    before = np.concatenate([label(source), _PAUSE])
    late = len(before) / RATE
    chapters = [
        replace(chapter, start=chapter.start + late, end=chapter.end + late) for chapter in record.chapters
    ]
    if chapters:
        chapters[0] = Chapter(chapters[0].title, 0.0, chapters[0].end)

    def heard() -> Iterator[Samples]:
        yield before
        yield from video.sound(source.video)

    video.encode_sound(
        path,
        heard(),
        about={
            "title": record.title,
            "artist": record.speaker,
            "comment": provenance.comment(source.language, record.restricted),
        },
        chapters=chapters,
        cover=_cover(source),
    )


def label(source: Source) -> Samples:
    """The label as it is said, float32 (N,) at 48 kHz, as loud as the lesson."""
    voice = source.record.spoken
    assert voice is not None
    return said(voice, source.language, source.settings)


def said(voice: Voice, language: str, settings: Settings) -> Samples:
    """The label as a voice says it in a language, or in English where it is not written in that; float32
    (N,) at 48 kHz, at ``audio.LOUDNESS``."""
    text, language = provenance.label_spoken(language)
    people = People(settings.home)
    recipe = decide(Order(source=text, voice=voice.id, language=language, speaker=voice.engine), settings)
    speeches = Speeches(
        recipe,
        Store(settings.home / "store"),
        lambda: people.recordings(recipe.voice),
        confirm=lambda: people.confirm(recipe.voice),
    )
    return recite(speeches).samples


def announced(recital: Recital, settings: Settings) -> Recital:
    """A recital behind the label, where it is long enough to be heard by itself; see ``ALOUD``."""
    if recital.seconds < ALOUD:
        return recital
    before = np.concatenate(
        [said(replace(recital.voice, engine=recital.engine), recital.language, settings), _PAUSE]
    )
    late = len(before) / RATE
    words, sentences = (
        tuple(replace(span, start=span.start + late, end=span.end + late) for span in spans)
        for spans in (recital.words, recital.sentences)
    )
    samples = np.concatenate([before, recital.samples])
    return replace(recital, samples=samples, words=words, sentences=sentences)


def _cover(source: Source) -> bytes:
    """The poster in a square, as JPEG."""
    from PIL import Image, ImageOps

    out = io.BytesIO()
    picture = frame(source)
    corner = tuple(picture[1, 1].tolist())
    ImageOps.pad(Image.fromarray(picture), (COVER, COVER), color=corner).save(out, "JPEG", quality=88)
    return out.getvalue()
