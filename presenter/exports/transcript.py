"""Transcripts: what is said, with times, who speaks, the titles of the slides and the label."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path
from string import Template
from urllib.parse import quote

from presenter import provenance, typeset
from presenter.exports.source import Source


def write(source: Source, path: Path) -> None:
    """Write the transcript as HTML or, for ``.md``, as Markdown."""
    made = markdown(source) if path.suffix == ".md" else page(source)
    source.write(made, path)


def markdown(source: Source) -> str:
    """The transcript as Markdown: a heading for each chapter, a line for each sentence."""
    lines = [f"# {_marked(source.record.title)}", "", f"> {provenance.label_full(source.language)}", ""]
    lines += [f"{_marked(' · '.join(_facts(source)))}", ""]
    for chapter, spans in source.said():
        if source.record.chapters:
            lines += [f"## {_marked(chapter.title)} ({clock(chapter.start)})", ""]
        lines += [line for span in spans for line in (f"[{clock(span.start)}] {_marked(span.label)}", "")]
    return "\n".join(lines).rstrip() + "\n"


def page(source: Source) -> str:
    """The transcript as a page of its own: nothing is loaded from elsewhere, and times lead into the video
    beside it."""
    record = source.record
    template = Template((source.settings.assets / "exports" / "transcript.html").read_text(encoding="utf-8"))
    return template.substitute(
        language=html.escape(source.language),
        direction="rtl" if typeset.right_to_left(source.language) else "ltr",
        title=html.escape(record.title),
        label=html.escape(provenance.label_full(source.language)),
        facts=html.escape(" · ".join(_facts(source))),
        contents="".join(_contents(source)),
        sections="".join(_sections(source)),
    )


def _facts(source: Source) -> Iterator[str]:
    if source.record.speaker:
        yield source.record.speaker
    yield clock(source.seconds)
    yield source.record.created[:10]


def _contents(source: Source) -> Iterator[str]:
    if not source.record.chapters:
        return
    yield "<nav><ol>"
    for number, chapter in enumerate(source.record.chapters, 1):
        yield f'<li><a href="#part-{number}">{html.escape(chapter.title)}</a></li>'
    yield "</ol></nav>"


def _sections(source: Source) -> Iterator[str]:
    for number, (chapter, spans) in enumerate(source.said(), 1):
        yield f'<section id="part-{number}">'
        if source.record.chapters:
            yield f"<h2>{html.escape(chapter.title)} {_time(source, chapter.start)}</h2>"
        for span in spans:
            yield f"<p>{_time(source, span.start)}<span>{html.escape(span.label)}</span></p>"
        yield "</section>"


def _time(source: Source, seconds: float) -> str:
    address = f"{quote(source.video.name)}#t={seconds:.2f}"
    return f'<a class="time" href="{address}"><time datetime="PT{seconds:.2f}S">{clock(seconds)}</time></a> '


def clock(seconds: float) -> str:
    """Minutes and seconds, with hours where there are any: ``2:05``, ``1:02:05``; rounded down."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def _marked(written: str) -> str:
    """Text in which nothing is read as Markdown or HTML."""
    return re.sub(r"([\\`*_\[\]<>#|~&])", r"\\\1", written)
