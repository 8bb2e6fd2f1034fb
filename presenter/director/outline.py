"""The lesson as an editor sees it: sections of its source, with their slides and sentences."""

from __future__ import annotations

import re
from dataclasses import dataclass

from presenter.script import blocks, front, sections
from presenter.types import Script, Segment, Slide

_RULE = re.compile(r"(?:^|\n)(?P<rule>[ ]{0,3}([-*_])(?:[ \t]*\2){2,}[ \t]*\n\s*)\Z")


@dataclass(frozen=True, slots=True)
class Section:
    """What stands between two headings or rules."""

    start: int
    """First character (offset into the source); a rule above it belongs to it."""
    end: int
    """One past the last character, with the empty lines below."""
    head: int
    """Where it begins below its rule."""
    slide: Slide | None
    segments: tuple[Segment, ...]


def outline(script: Script) -> tuple[Section, ...]:
    """The sections of a lesson in order; what stands above the first heading and is neither said nor shown
    belongs to none."""
    source = script.source
    begin = front.read(source).end
    parts = sections.read(source, blocks.read(source, begin))
    slides = iter(script.slides)
    shown = [next(slides) if "\n\n".join(part.shown) else None for part in parts]
    heads = [max(part.start, begin) for part in parts]
    starts = [_above(source, head, begin) for head in heads]
    found = []
    for number, (start, head, slide) in enumerate(zip(starts, heads, shown, strict=True)):
        end = starts[number + 1] if number + 1 < len(starts) else len(source)
        own = tuple(one for one in script.segments if start <= one.span[0] < end)
        if own or slide:
            found.append(Section(start, end, _text_from(source, head, end), slide, own))
    return tuple(found)


def _above(source: str, head: int, begin: int) -> int:
    """Where the rule right above a section begins, or the section's own beginning."""
    match = _RULE.search(source[begin:head])
    return begin + match.start("rule") if match else head


def _text_from(source: str, start: int, end: int) -> int:
    return start + len(source[start:end]) - len(source[start:end].lstrip())


def section_of(script: Script, slide: str) -> Section:
    """The section of a slide of that id; ``StopIteration`` cannot happen for a slide of the script."""
    return next(section for section in outline(script) if section.slide and section.slide.id == slide)


def layouts(script: Script) -> dict[str, str]:
    """The layout in which each slide begins: its id, and a name or ``auto``."""
    found: dict[str, str] = {}
    now = script.setting("layout") or "auto"
    for segment in script.segments:
        now = segment.layout or now
        if segment.slide:
            found.setdefault(segment.slide, now)
        for mark in segment.marks:
            if mark.action == "layout":
                now = mark.argument
    return found
