"""Places in a lesson's source, and the source with characters put in or taken out there."""

from __future__ import annotations

import re

from presenter.director.outline import Section
from presenter.types import Segment

_BLOCK = re.compile(r"(?:#{1,6}(?:\s|$)|>|[-+*](?:\s|$)|```|~~~|\||-{3,}|\$\$|<!--)")
"""What makes a line something else than spoken words."""
_NUMBERED = re.compile(r"(\d{1,9})([.)](?:\s|$))")
_SINGLE_BEFORE = re.compile(r"(?:\[build\]\s*)+\Z")
_PAUSE_AFTER = re.compile(r"\s*\[pause(?:[ ][^\[\]\n]*)?\]")
_LAYOUT = re.compile(r"[ \t]*\[layout[ ][^\[\]\n]*\]")
_STYLES = {"speed": "speed|slow|fast", "pitch": "pitch", "lively": "lively"}
"""Directives of each style, as regular expression text."""


def spoken(text: str) -> str:
    """Words as a part of a paragraph: one line that is no heading, list or rule."""
    line = " ".join(text.split())
    line = _NUMBERED.sub(r"\1\\\2", line, count=1) if _NUMBERED.match(line) else line
    return f"\\{line}" if _BLOCK.match(line) else line


def start_of(source: str, segment: Segment) -> int:
    """Where a sentence begins, with what of the slide appears at its first word."""
    start = segment.span[0]
    match = _SINGLE_BEFORE.search(source[:start])
    return match.start() if match else start


def end_of(source: str, segment: Segment) -> int:
    """Where a sentence ends, with the pause that was asked for after it."""
    match = _PAUSE_AFTER.match(source, segment.span[1])
    return match.end() if match else segment.span[1]


def cut(source: str, start: int, end: int) -> str:
    """The source without some characters; neither two spaces nor empty lines are left."""
    before, after = source[:start], source[end:]
    if not before.strip(" \t") or before.endswith("\n"):
        after = after.lstrip(" ")
        if before.endswith("\n\n") and (after.startswith("\n") or not after):
            after = after.lstrip("\n")
            before = before.rstrip("\n") + ("\n\n" if after else "\n")
        elif after.startswith("\n") and not after.startswith("\n\n"):
            after = after[1:]
        return before + after
    return before.rstrip(" ") + after if after[:1] in ("\n", "", " ") else before + after


def put(source: str, at: int, block: str) -> str:
    """The source with a block of its own at an offset between two blocks."""
    before, after = source[:at].rstrip("\n"), source[at:].lstrip("\n")
    head = f"{before}\n\n" if before.strip() else before
    return f"{head}{block}\n\n{after}" if after.strip() else f"{head}{block}\n"


def joined(before: str, after: str) -> str:
    """Two halves of a lesson between which a section was; a rule at the very head is no rule."""
    if not before.strip():
        after = re.sub(r"\A\s*[-*_]{3,}[ \t]*\n\s*", "", after)
    return before + after if after.strip() else f"{before.rstrip()}\n"


def layout_put(source: str, section: Section, layout: str) -> str:
    """The source with a slide's own layout at its beginning."""
    if source[section.head] == "#":
        stop = source.find("\n", section.head)
        stop = len(source) if stop < 0 else stop
        line = _LAYOUT.sub("", source[section.head : stop]).rstrip()
        return f"{source[: section.head]}{line} [layout {layout}]{source[stop:]}"
    if not section.segments:
        return source
    at = start_of(source, section.segments[0])
    before = re.sub(r"\[layout[ ][^\[\]\n]*\]\s*\Z", "", source[:at])
    return f"{before}[layout {layout}] {source[at:]}"


def with_wrapping(source: str, start: int, end: int, name: str) -> tuple[int, int]:
    """A stretch of the source with the directives that hold for exactly it."""
    opening = re.search(rf"\[({_STYLES[name]})(?:[ ][^\[\]\n]*)?\]\Z", source[:start])
    if opening and source.startswith(closing := f"[/{opening[1]}]", end):
        return opening.start(), end + len(closing)
    return start, end


def without(text: str, name: str) -> str:
    """Words without the directives of a style."""
    return re.sub(rf"\[(?:(?:{_STYLES[name]})(?:[ ][^\[\]\n]*)?|/(?:{_STYLES[name]}))\]", "", text)
