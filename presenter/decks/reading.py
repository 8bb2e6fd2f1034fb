"""Any deck into a ``Deck``: which kind it is, what its script says, and what is to be told about it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from presenter.decks import folder, marp, pages, presentation
from presenter.decks.limits import LARGEST_DECK, content
from presenter.decks.sheets import Deck, Sheet, slides
from presenter.errors import InputError

RENDERERS = ("auto", "embedded", "libreoffice")
"""Who draws a PPTX: ``auto`` is LibreOffice where it is installed, else the embedded renderer."""
SUFFIXES = (".pptx", ".pdf")
"""Files that are decks by their name; so are folders of pictures, and Markdown with ``marp: true``."""
REFUSED = {
    ".pptm": "The deck carries macros (.pptm), which are never run",
    ".ppsm": "The deck carries macros (.ppsm), which are never run",
    ".potm": "The deck carries macros (.potm), which are never run",
    ".ppt": "This is a presentation of the old kind (.ppt)",
    ".pps": "This is a presentation of the old kind (.pps)",
    ".key": "This is a Keynote presentation (.key)",
    ".odp": "This is a LibreOffice presentation (.odp)",
    ".ppsx": "This is a slide show (.ppsx)",
}
"""Suffix -> what is said about decks that are not taken."""

_ORDERS = re.compile(
    r"\b(?:ignore|disregard|forget)\b.{0,30}\b(?:previous|prior|above|all|your)\b.{0,20}\b(?:instruction|rule|prompt)"
    r"|\bsystem prompt\b|\byou are now\b|\bas an ai\b",
    re.I | re.S,
)
"""Words that try to give orders to a language model."""

Report = Callable[[float, str], None]


def is_deck(source: Path) -> bool:
    """Whether a file or folder is taken for a deck, also for one that is refused afterwards."""
    suffix = source.suffix.lower()
    if suffix in SUFFIXES or suffix in REFUSED:
        return True
    return folder.is_folder(source) or (suffix in (".md", ".markdown") and marp.is_deck(source))


def read(
    source: Path,
    *,
    script: str | None = None,
    renderer: str = "auto",
    report: Report = lambda _done, _what: None,
) -> Deck:
    """Read a deck.

    Args:
        source: a PPTX, a PDF, a folder of pictures, or a Markdown deck.
        script: what is said, in place of the deck's own notes: a part for each slide that is shown, between
            lines of ``---`` or under headings.
        renderer: one of ``RENDERERS``; matters to a PPTX only.
        report: is told how far it is (0..1) and what is done.

    Raises:
        InputError: ``E-SLIDES-FILE``, ``-TYPE``, ``-LARGE``, ``-LOCKED``, ``-BOMB``, ``-XML``, ``-BROKEN``,
        ``-MANY``,
            ``-NONE``, ``-SIZE``, ``-COUNT``, ``-RENDERER``; ``E-MEDIA-HEAVY`` for what the sandbox had to
            end.
        SetupError: ``E-SLIDES-OFFICE`` where LibreOffice was asked for and cannot be used.
    """
    if renderer not in RENDERERS:
        known = ", ".join(RENDERERS)
        raise InputError(
            "E-SLIDES-RENDERER", f'There is no renderer "{renderer}".', f"Known: {known}.", "renderer"
        )
    suffix = source.suffix.lower()
    if suffix in REFUSED:
        raise InputError("E-SLIDES-TYPE", f"{REFUSED[suffix]}.", "Save it as .pptx or PDF.", "deck")
    if source.is_dir():
        deck = folder.read(source)
    elif suffix == ".pptx":
        deck = presentation.read(_content(source), renderer, report)
    elif suffix == ".pdf":
        deck = pages.read(_content(source), report)
    elif suffix in (".md", ".markdown"):
        deck = marp.read(source)
    else:
        raise InputError(
            "E-SLIDES-TYPE",
            f'"{source.name}" is not a deck.',
            "Choose a .pptx, a .pdf or a folder of pictures.",
            "deck",
        )
    if script is not None:
        deck = replace(deck, sheets=_spoken(deck.sheets, script))
    deck = replace(
        deck, title=deck.title or next((sheet.title for sheet in deck.sheets if sheet.title), source.stem)
    )
    return replace(deck, warnings=(*deck.warnings, *_notices(deck.sheets)))


def _content(source: Path) -> bytes:
    data = content(source, LARGEST_DECK)
    if not data:
        raise InputError("E-SLIDES-BROKEN", "The deck is empty.", "Export it again.", "deck")
    return data


# --- the script beside a deck ---------------------------------------------------------------------


def _spoken(sheets: Sequence[Sheet], script: str) -> tuple[Sheet, ...]:
    """The sheets with what a script says on each."""
    parts = parted(script)
    if len(parts) != len(sheets):
        count, found = len(sheets), len(parts)
        few = f"{found + 1}-{count}" if count > found + 1 else str(count)
        hint = (f"Mark where slides {few} belong with a line --- or leave them out." if found < count
                else f"Join {found - count + 1} parts, or take out a line ---.")  # fmt: skip
        raise InputError("E-SLIDES-COUNT", f"{count} slides, {found} parts.", hint, "script")
    return tuple(
        replace(sheet, title=title or sheet.title, said=said)
        for sheet, (title, said) in zip(sheets, parts, strict=True)
    )


def parted(script: str) -> list[tuple[str, str]]:
    """The parts of a script, as (title, words): between lines of ``---``, else under headings."""
    text = script.replace("\r\n", "\n").strip("\n")
    ruled = re.split(r"^[ \t]*-{3,}[ \t]*$", text, flags=re.M)
    if len(ruled) == 1:
        ruled = [part for part in re.split(r"^(?=#{1,6}[ \t])", text, flags=re.M) if part.strip()]
    return [_headed(part) for part in ruled]


def _headed(part: str) -> tuple[str, str]:
    first, _, rest = part.strip().partition("\n")
    heading = re.fullmatch(r"#{1,6}[ \t]+(.*?)[ \t#]*", first)
    return (heading[1], rest.strip()) if heading else ("", part.strip())


# --- what is told -----------------------------------------------------------------------------------


def _notices(sheets: Sequence[Sheet]) -> list[str]:
    found = []
    if untold := [sheet.number for sheet in sheets if not sheet.said and sheet.title]:
        found.append(f"W-SLIDES-NOTES: {slides(untold)} without notes: the title is said.")
    if silent := [sheet.number for sheet in sheets if not sheet.said and not sheet.title]:
        found.append(
            f"W-SLIDES-SILENT: {slides(silent)} with neither notes nor title: nothing is said, so "
            "not shown in the video. Write what is to be said into the lesson."
        )
    if orders := [sheet.number for sheet in sheets if _ORDERS.search(sheet.said)]:
        found.append(
            f"W-SLIDES-ORDERS: The notes of {slides(orders).lower()} read like orders to a "
            "program. They are only said."
        )
    return found
