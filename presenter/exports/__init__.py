"""What is made of a finished video: its transcript, sound, poster, preview, captions, chapters, slides.

Everything is made from the video's file and its record, so it also works when the lesson has changed or the
store was emptied since. Every export says that it is AI-generated, is kept in the store, and leaves through
``publishing.publish``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from presenter import captions, credentials, keys, provenance, publishing, registry, seals, signing
from presenter.errors import InputError
from presenter.exports import deck, pictures, sound, transcript
from presenter.exports.source import Source
from presenter.publishing import Kind
from presenter.settings import Settings
from presenter.store import Store
from presenter.types import Span

VERSION = "2"
"""Raise when an export changes for an equal video."""


@dataclass(frozen=True, slots=True)
class Form:
    """A form in which a lesson can leave, beside the video."""

    kind: Kind
    suffixes: tuple[str, ...]
    """Of its files; the first is used where only the kind is asked for."""
    make: Callable[[Source, Path], None]
    """Writes it to a file of one of these suffixes."""
    about: str
    """In words for people."""


def _captions(source: Source, path: Path) -> None:
    spans = source.captions()
    if path.suffix == ".srt":
        text = captions.srt(spans, provenance.label_corner(source.language))
    else:
        text = captions.vtt(spans, provenance.label_full(source.language))
    source.write(text, path)


def _chapters(source: Source, path: Path) -> None:
    spans = [Span(chapter.title, chapter.start, chapter.end) for chapter in source.chapters()]
    source.write(captions.vtt(spans, provenance.label_full(source.language)), path)


FORMS = (
    Form("transcript", (".html", ".md"), transcript.write, "what is said, with times and slide titles"),
    Form("audio", (".m4a",), sound.write, "the sound alone, with chapters and a cover"),
    Form("poster", (".jpg", ".jpeg", ".png"), pictures.poster, "a picture that stands for the video"),
    Form("preview", (".webp", ".gif"), pictures.preview, "five seconds that move"),
    Form("slides", (".pptx",), deck.write, "a deck whose slides play the video, with notes"),
    Form("captions", (".vtt", ".srt"), _captions, "captions for players"),
    Form("chapters", (".chapters.vtt",), _chapters, "chapters for players on web pages"),
)
"""All forms."""


def export(
    video: Path, wanted: Sequence[str], settings: Settings, folder: Path | None = None
) -> tuple[Path, ...]:
    """Make files of a finished video.

    Args:
        video: a file of this installation, unchanged.
        wanted: kinds (``audio``) or names of files (``talk.m4a``); a kind is called like the video.
        folder: where they are written; by default beside the video.

    Returns:
        The files, in the order asked for. Each appears whole or not at all.

    Raises:
        InputError: ``E-EXPORT-FORM`` for an unknown kind or suffix, ``E-EXPORT-OLD`` for a record that does
            not tell enough, what ``registry.recall`` and ``publishing.publish`` raise.
    """
    targets = [_target(one, video, folder or video.parent) for one in wanted]
    source = Source(video, registry.recall(settings.home, video), settings)
    for form, out in targets:
        publishing.publish(form.kind, _made(form, out, source), out, source.record, settings)
    return tuple(out for _, out in targets)


def _target(wanted: str, video: Path, folder: Path) -> tuple[Form, Path]:
    name = wanted.strip()
    for form in FORMS:
        if name == form.kind:
            return form, folder / f"{video.stem}{form.suffixes[0]}"
    # The longest suffix decides: .chapters.vtt is no captions.
    rows = [(suffix, form) for form in FORMS for suffix in form.suffixes]
    for suffix, form in sorted(rows, key=lambda row: -len(row[0])):
        if name.lower().endswith(suffix) and Path(name).name == name and name.lower() != suffix:
            return form, folder / name
    known = ", ".join(f"{form.kind} ({', '.join(form.suffixes)})" for form in FORMS)
    raise InputError(
        "E-EXPORT-FORM", f'A lesson cannot be exported as "{name[:60]}".', f"Known: {known}.", "export"
    )


def _made(form: Form, out: Path, source: Source) -> Path:
    record, settings = source.record, source.settings
    if not any(record.texts) or record.claim is None:
        raise InputError(
            "E-EXPORT-OLD",
            f'"{source.video.name}" was made by an earlier version, which kept too little of it.',
            "Render the lesson again; what was drawn is reused.",
            "video",
        )
    claim = record.claim
    suffix = next(one for one in form.suffixes if out.name.lower().endswith(one))[1:]
    kind = f".{suffix}" if f".{suffix}" in credentials.KINDS else ""

    def make(path: Path) -> None:
        if not kind:
            form.make(source, path)
            return
        unsigned = path.with_name(f"{path.stem}.unsigned.{suffix}")
        try:
            form.make(source, unsigned)
            signing.sign(unsigned, path, claim, settings)
        finally:
            unsigned.unlink(missing_ok=True)

    version = credentials.VERSION if kind else seals.VERSION
    signed = version, keys.fingerprint(settings)
    inputs = (form.kind, record.digest, source.video.name, provenance.VERSION, signed)
    sources = [one for one in (record.portrait, record.voice) if one]
    store = Store(settings.home / "store")
    return store.once("export", VERSION, inputs, suffix, make, sources=[record.digest, *sources]).path
