"""A lesson as text becomes slides and segments.

The dialect in one sentence: a paragraph is said; a heading starts a slide; lists, tables, code,
formulas and pictures are shown; front matter names title, language, voice, portrait, layout, size.

Inline:

=============================  ===================================================================
``[pause 0.8]``                silence where it stands, in seconds, at most 10
``[layout pip-right]``         another layout from here on
``[build]``                    the next word reveals the next item or block of the slide
``[point red]``                highlights an element from the next word on (see ``elements``); ``[point off]``
``{#red}``                     behind something shown: its name
``[lang de]...[/lang]``        words of another language, inside one paragraph, as all that follow
``[slow]...[/slow]``           said slower (0.8 of the speed); ``[fast]...[/fast]`` faster (1.2)
``[speed 0.9]...[/speed]``     factor on the speed, 0.5 to 2
``[pitch +2]...[/pitch]``      semitones higher or lower, -12 to +12
``[lively 1.3]...[/lively]``   factor on the range of the intonation, 0 (flat) to 2
``*word*``, ``**word**``       up to five words that are emphasised, or strongly
``[emphasis]...[/emphasis]``   the same, also ``[emphasis strong]``, ``moderate``, ``reduced``, ``none``
``word{say: ...}``             how to say the word before it: plain words (``sequel``), a respelling
                               (``tuh-MAY-toe``) or IPA (``/təˈmeɪtoʊ/``)
``[some words]{say: ...}``     how to say several words
``> note: ...``                a block quote that is neither said nor shown
``---``                        a slide without a heading begins; a slide with nothing on it is none
``![Title](slides/01.png)``    alone on a slide: a plate, shown whole; its text is the slide's title
``![+](slides/01-2.png)``      after a plate's picture: takes its place at the next ``[build]``
=============================  ===================================================================

``Script.source`` is the truth and all else is read from it: an edit replaces characters of the
source at a segment's ``span`` and parses again. What the parser does not know stays as it is.
"""

from __future__ import annotations

import functools
from collections.abc import Collection
from dataclasses import replace

from presenter import text as texts
from presenter.errors import InputError
from presenter.script import blocks, front, sections, ssml
from presenter.script.front import KEYS, LAYOUTS
from presenter.types import Entry, Script, Segment

__all__ = ["KEYS", "LAYOUTS", "check_language", "format", "lexicon", "line_of", "parse"]

_CHARACTERS_PER_MINUTE = 800
_SURE = 0.9
_LONG_ENOUGH = 40
"""Characters below which the language of a Latin sentence cannot be told."""


def parse(source: str, *, language: str | None = None, limit: int = 20_000) -> Script:
    """Read a lesson.

    Args:
        source: Markdown of the dialect above, plain text, one line of text, or SSML, which is turned
            into the dialect first (see ``ssml``).
        language: BCP 47 tag that goes before the one the lesson names; None takes the lesson's, or
            detects it where it names none.
        limit: longest lesson (characters).

    Raises:
        InputError: ``E-SCRIPT-EMPTY``, ``E-SCRIPT-LONG``, ``E-SCRIPT-SSML``, ``E-SCRIPT-FRONT``,
            ``E-SCRIPT-TAG``, ``E-SCRIPT-PAUSE``, ``E-SCRIPT-STYLE``, ``E-SCRIPT-SAY``, ``E-SCRIPT-LAYOUT``,
            ``E-SCRIPT-LANG``, ``E-SCRIPT-POINT``, ``E-SCRIPT-SEGMENTS``.
    """
    return _parsed(source, language, limit)


@functools.lru_cache(maxsize=32)  # doors look at the same text several times for one click
def _parsed(source: str, language: str | None, limit: int) -> Script:
    if len(source) > limit:
        minutes = max(1, round(limit / _CHARACTERS_PER_MINUTE))
        message = f"{len(source):,} characters; the limit is {limit:,} (about {minutes} min)."
        raise InputError("E-SCRIPT-LONG", message, "Split the lesson into several.", "script")
    source, removed = texts.clean(source)
    if ssml.is_ssml(source):
        source = ssml.to_lesson(source)
    if not source.strip():
        raise InputError("E-SCRIPT-EMPTY", "The lesson is empty.", "Write what is to be said.", "script")
    head = front.read(source)
    settings = dict(head.settings)
    parts = sections.read(source, blocks.read(source, head.end))
    words = " ".join(flow.text for part in parts for flow in part.said)
    spoken = _language(settings.get("language"), language, words)
    slides, segments, warnings = sections.build(source, parts, spoken)
    if not segments:
        raise InputError(
            "E-SCRIPT-EMPTY",
            "The lesson has nothing to say: headings, lists, tables, code and pictures are only shown.",
            "Add a paragraph of text.",
            "script",
        )
    title = settings.get("title") or next((slide.title for slide in slides if slide.title), "")
    script = Script(title or _beginning(segments[0].text), spoken, head.settings, slides, segments, source)
    odd = [f"{removed} invisible or control characters were removed."] if removed else []
    return replace(script, warnings=(*odd, *head.warnings, *warnings, *_mixed(script)))


def format(script: Script) -> str:  # noqa: A001 - the counterpart of parse
    """The lesson as text: exactly what was parsed (after cleaning)."""
    return script.source


def lexicon(script: Script) -> tuple[Entry, ...]:
    """How the front matter wants words to be said: those of every language, then those of one."""
    found = []
    for key, say in script.settings:
        head, _, word = key.partition(".")
        kind, _, language = head.partition(":")
        if kind == "pronounce" and word and say:
            found.append(Entry(word, say, language))
    return tuple(sorted(found, key=lambda entry: bool(entry.language)))


def line_of(script: Script, segment: Segment) -> int:
    """The line of the source in which a segment begins; the first is 1."""
    return script.source.count("\n", 0, segment.span[0]) + 1


def check_language(script: Script, supported: Collection[str], engine: str) -> None:
    """Make sure that a voice engine can speak all of a lesson.

    Args:
        script: the lesson.
        supported: BCP 47 tags that the engine can speak; regions do not matter.
        engine: the engine's name, for the message.

    Raises:
        InputError: ``E-SCRIPT-LANG`` with the line and the language of the first sentence that it
            cannot speak, by its own tag or, where its writing contradicts that, by detection.
    """
    known = {texts.base(tag) for tag in supported}
    rows = [(segment, text, tag) for segment in script.segments for text, tag in _languages(segment)]
    for segment, text, tag in rows:
        language, verb = tag, "is in"
        if texts.contradicts(text, tag):
            language, verb = texts.detect_language(text)[0], "looks like"
        if texts.base(language) not in known:
            some = sorted({texts.name(tag) for tag in supported if "-" not in tag})
            more = f" and {len(some) - 12} more" if len(some) > 12 else ""
            raise InputError(
                "E-SCRIPT-LANG",
                f"Line {line_of(script, segment)} {verb} {texts.name(language)}, which the voice engine "
                f'"{engine}" cannot speak.',
                f"Supported: {', '.join(some[:12])}{more}.",
                "script",
            )


def _language(named: str | None, asked: str | None, words: str) -> str:
    for tag in (asked, named):
        if tag and tag != "auto":
            found = texts.canonical(tag)
            if found is None:
                hint = "Write a language such as en, de or hi."
                raise InputError("E-SCRIPT-LANG", f'"{tag[:40]}" is not a language.', hint, "language")
            return found
    return texts.detect_language(words[:2000])[0]


def _beginning(text: str, longest: int = 60) -> str:
    if len(text) <= longest:
        return text.rstrip(".。।")
    return text[: longest - 1].rsplit(" ", 1)[0].rstrip(",;:") + "…"


def _mixed(script: Script) -> list[str]:
    """Sentences that look like another language than the one they will be said in."""
    found = [(segment, other) for segment in script.segments if (other := _other_language(segment))]
    if not found:
        return []
    own = texts.name(script.language)
    others = {other for _, other in found}
    if len(found) * 2 > len(script.segments) and len(others) == 1 and len(found) > 1:
        other = others.pop()
        return [
            f"The lesson is set to {own} but looks like {texts.name(other)}. "
            f'Write "language: {other}" at its head.'
        ]
    warnings = [
        f'Line {line_of(script, segment)} looks like {texts.name(other)}: "{_beginning(segment.text)}". '
        f"To have it said so, write [lang {other}] before it and [/lang] after it."
        for segment, other in found[:5]
    ]
    if len(found) > 5:
        warnings.append(f"{len(found) - 5} more sentences look like another language.")
    return warnings


def _languages(segment: Segment) -> list[tuple[str, str]]:
    """What a segment says in each of its languages, its own first, and their tags."""
    own, foreign = list(segment.text), []
    for stretch in segment.stretches:
        if stretch.language != segment.language:
            foreign.append((segment.text[stretch.start : stretch.end], stretch.language))
            own[stretch.start : stretch.end] = " " * (stretch.end - stretch.start)
    return [("".join(own), segment.language), *foreign]


def _other_language(segment: Segment) -> str | None:
    text, language = _languages(segment)[0]
    if texts.contradicts(text, language):
        return texts.detect_language(text)[0]
    if texts.writing(text) != "LATIN" or len(" ".join(text.split())) < _LONG_ENOUGH:
        return None
    if not texts.may_be_foreign(text, language):
        return None
    other, sure = texts.detect_language(text)
    return other if sure >= _SURE and texts.base(other) != texts.base(segment.language) else None
