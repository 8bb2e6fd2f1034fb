"""A deck with the lesson in it: each slide plays its part of the video, and its notes are what is said."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from presenter import provenance, signing, video
from presenter.exports.source import Source
from presenter.types import RATE, Samples, Span
from presenter.video import Chapter

EMU = 9525
"""Office's units of length in a pixel of 1/96 inch."""
WIDTH = 1280
"""Width of a slide in such pixels."""


def write(source: Source, path: Path) -> None:
    """Write a PPTX: a slide for each chapter, with its title, its part of the video, and notes."""
    from pptx import Presentation
    from pptx.util import Emu

    plan = source.plan
    deck = Presentation()
    deck.slide_width = Emu(WIDTH * EMU)
    deck.slide_height = Emu(round(WIDTH * plan.height / plan.width) * EMU)
    about = deck.core_properties
    about.title, about.author = source.record.title, source.record.speaker
    about.comments = provenance.comment(source.language, source.record.restricted)
    with tempfile.TemporaryDirectory(prefix="presenter-") as folder:
        heard, rest = video.sound(source.video), list[Samples]()
        for number, (chapter, spans) in enumerate(source.said()):
            file = Path(folder, f"{number}.mp4")
            first, last = _frames(source, chapter)
            count = (last - first) * RATE // plan.fps
            _cut(source, chapter, _next(heard, rest, count), file)
            _add_slide(deck, source, chapter, spans, file)
        memory = io.BytesIO()
        deck.save(memory)
    path.write_bytes(_stored(memory.getvalue()))


def _stored(package: bytes) -> bytes:
    """The same package without compression, which is what can be signed, and with a type for the
    credentials: Office opens no package with a part of unknown type. Pictures and films are packed anyway."""
    out = io.BytesIO()
    credentials_type = b'<Default Extension="c2pa" ContentType="application/c2pa"/>'
    with zipfile.ZipFile(io.BytesIO(package)) as given, zipfile.ZipFile(out, "w") as stored:
        for part in given.infolist():
            data = given.read(part)
            if part.filename == "[Content_Types].xml":
                data = data.replace(b"<Default ", credentials_type + b"<Default ", 1)
            stored.writestr(zipfile.ZipInfo(part.filename), data)
    return out.getvalue()


def _frames(source: Source, chapter: Chapter) -> tuple[int, int]:
    fps = source.plan.fps
    return round(chapter.start * fps), round(chapter.end * fps)


def _next(heard: Iterator[Samples], rest: list[Samples], count: int) -> Iterator[Samples]:
    """The next ``count`` samples, silence after the last; what a chunk has beyond them goes to ``rest``."""
    while count:
        chunk = rest.pop() if rest else next(heard, np.zeros(count, np.float32))
        if len(chunk) > count:
            rest.append(chunk[count:])
            chunk = chunk[:count]
        count -= len(chunk)
        yield chunk


def _cut(source: Source, chapter: Chapter, sound: Iterator[Samples], path: Path) -> None:
    """A chapter as a video of its own: its pictures are copied, its sound is encoded once more."""
    pictures, heard, plain = (path.with_suffix(end) for end in (".part.mp4", ".m4a", ".plain.mp4"))
    video.part(source.video, pictures, *_frames(source, chapter))
    video.encode_sound(heard, sound)
    comment = provenance.comment(source.language, source.record.restricted)
    video.join(plain, [pictures], heard, fps=source.plan.fps, title=chapter.title, comment=comment)
    assert source.record.claim is not None
    signing.sign(plain, path, source.record.claim, source.settings)


def _add_slide(deck: Any, source: Source, chapter: Chapter, spans: list[Span], file: Path) -> None:
    from PIL import Image
    from pptx.util import Emu

    _, last = _frames(source, chapter)
    still = io.BytesIO()
    Image.fromarray(next(video.pictures(source.video, last - 1))).save(still, "PNG")
    still.seek(0)
    slide = deck.slides.add_slide(deck.slide_layouts[5])  # a title and nothing else
    # The title is in the video: above the slide it names it in outlines and for those who listen.
    title = slide.shapes.title
    title.text = chapter.title
    title.left, title.top, title.width, title.height = Emu(0), Emu(-90 * EMU), deck.slide_width, Emu(80 * EMU)
    movie = slide.shapes.add_movie(
        str(file), 0, 0, deck.slide_width, deck.slide_height, poster_frame_image=still, mime_type="video/mp4"
    )
    label = provenance.label_full(source.language)
    movie.name = chapter.title
    movie._element.nvPicPr.cNvPr.set("descr", f"{chapter.title}. {label}")
    said = "\n".join(span.label for span in spans)
    slide.notes_slide.notes_text_frame.text = f"{said}\n\n{label}".strip()
