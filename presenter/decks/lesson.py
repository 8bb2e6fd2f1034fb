"""The lesson folder of a deck: made once, and brought up to date with the deck; the person's edits stay.

Beside the pictures lies ``deck.json``: what the last import wrote for each slide. A section of the lesson
that still reads so was not edited and follows the deck; an edited one stays.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from presenter import records
from presenter import text as texts
from presenter.decks import writing
from presenter.decks.merging import Known, merged
from presenter.decks.sheets import Deck
from presenter.errors import InputError, WorkError

FILE, PICTURES, MEMORY = "lesson.md", "slides", "deck.json"
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Imported:
    """A deck that became a lesson folder."""

    lesson: Path
    """The lesson's text."""
    title: str
    slides: int
    drawn_by: str
    """What made the pictures, for people."""
    warnings: tuple[str, ...]


def write(deck: Deck, folder: Path, language: str | None = None) -> Imported:
    """Write a deck as a lesson folder, or bring the folder of an earlier edition up to date.

    Args:
        language: BCP 47 tag of what is said; None detects it.

    Raises:
        InputError: ``E-DECK-FOLDER`` where the folder holds something else.
        WorkError: ``E-OUT-WRITE`` where it cannot be written; the lesson's text is then as it was before.
    """
    before = _before(folder)
    words = " ".join(sheet.said or sheet.title for sheet in deck.sheets)
    tag = language or (texts.detect_language(words[:4000])[0] if words.strip() else "")
    if before is None:
        names = [
            f"{number:0{max(2, len(str(len(deck.sheets))))}d}" for number in range(1, len(deck.sheets) + 1)
        ]
        text, warnings, unused = writing.lesson(deck, names, tag), [], []
    else:
        source, known = before
        found = merged(source, known, deck, tag)
        text, names, warnings, unused = found.text, found.names, found.warnings, found.unused
    memory = {
        "version": _VERSION,
        "sheets": [
            {"name": name, "identity": sheet.identity, "digest": sheet.digest, "title": sheet.title,
             "section": writing.section(sheet, name, tag)}
            for sheet, name in zip(deck.sheets, names, strict=True)
        ],
    }  # fmt: skip
    try:
        (folder / PICTURES).mkdir(parents=True, exist_ok=True)
        for sheet, name in zip(deck.sheets, names, strict=True):
            for file, content in writing.files(sheet, name):
                with records.whole(folder / PICTURES / file) as draft:
                    draft.write_bytes(content)
        # The text before the memory: after a crash between them a section counts as edited, and stays.
        for file, words in (
            (FILE, text),
            (f"{PICTURES}/{MEMORY}", json.dumps(memory, ensure_ascii=False, indent=1)),
        ):
            with records.whole(folder / file) as draft:
                draft.write_text(words, encoding="utf-8")
        for name in unused:
            for path in (folder / PICTURES).glob(f"{name}*"):
                if re.fullmatch(rf"{name}(-\d+)?\.\w+", path.name):
                    path.unlink(missing_ok=True)
    except OSError as error:
        message = f'The folder "{folder.name}" cannot be written ({error.strerror}).'
        raise WorkError(
            "E-OUT-WRITE", message, "Choose another folder, or free some space.", "out"
        ) from error
    return Imported(folder / FILE, deck.title, len(deck.sheets), deck.drawn_by, (*deck.warnings, *warnings))


def _before(folder: Path) -> tuple[str, list[Known]] | None:
    """The lesson of an earlier import and what that import wrote; None for a new folder."""
    lesson, memory = folder / FILE, folder / PICTURES / MEMORY
    if folder.exists() and not folder.is_dir():
        raise _other(folder)
    if not lesson.exists() and not memory.exists():
        if folder.is_dir() and any(folder.iterdir()):
            raise _other(folder)
        return None
    try:
        values: Any = json.loads(memory.read_text(encoding="utf-8"))
        rows = values["sheets"] if values["version"] == _VERSION else ()
        known = [
            Known(*(str(row[key]) for key in ("name", "identity", "digest", "title", "section")))
            for row in rows
        ]
        if not all(re.fullmatch(r"\d{2,4}", row.name) for row in known):
            raise ValueError("names")
        return lesson.read_text(encoding="utf-8-sig"), known
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _other(folder) from error


def _other(folder: Path) -> InputError:
    return InputError(
        "E-DECK-FOLDER",
        f'"{folder.name}" holds something that was not imported from a deck.',
        "Choose a new folder with -o, or the one of an earlier import.",
        "out",
    )
