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
from presenter.exports.speech import PAUSE, said
from presenter.types import RATE, Samples
from presenter.video import Chapter

COVER = 600
"""Width and height of the cover (pixels)."""


def write(source: Source, path: Path) -> None:
    """Write the sound as M4A, with title, chapters and a cover.

    The label is said in the lesson's voice, and in English where it is not written in the lesson's language.
    """
    record = source.record
    before = np.concatenate([label(source), PAUSE])
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


def _cover(source: Source) -> bytes:
    """The poster in a square, as JPEG."""
    from PIL import Image, ImageOps

    out = io.BytesIO()
    picture = frame(source)
    corner = tuple(picture[1, 1].tolist())
    ImageOps.pad(Image.fromarray(picture), (COVER, COVER), color=corner).save(out, "JPEG", quality=88)
    return out.getvalue()
