"""A deck that is rendered as it is: its lesson folder is kept in the store, and laid out while needed."""

from __future__ import annotations

import json
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

from presenter.decks import folder, office, reading
from presenter.decks.lesson import FILE, Imported, write
from presenter.media import CLIPS
from presenter.store import Store, digest_of_file

DECKS = "2"
"""Raise it when a lesson folder changes for equal decks."""
_ABOUT = "import.json"


@contextmanager
def laid_out(
    source: Path,
    store: Store,
    *,
    script: str | None = None,
    renderer: str = "auto",
    language: str | None = None,
    report: Callable[[float, str], None] = lambda _done, _what: None,
) -> Iterator[Imported]:
    """The lesson folder of a deck, until the block ends; equal decks are imported once.

    Takes and raises what ``reading.read`` and ``lesson.write`` do.
    """
    with tempfile.TemporaryDirectory(prefix="presenter-deck-") as name:
        place = Path(name, "lesson")
        content = _content(source)
        if content is None:
            yield write(
                reading.read(source, script=script, renderer=renderer, report=report), place, language
            )
            return

        def make(path: Path) -> None:
            found = write(
                reading.read(source, script=script, renderer=renderer, report=report), place, language
            )
            (place / _ABOUT).write_text(json.dumps(asdict(replace(found, lesson=Path(FILE))), default=str))
            with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
                for file in sorted(each for each in place.rglob("*") if each.is_file()):
                    archive.write(file, file.relative_to(place).as_posix())

        inputs = (content, source.stem, script, renderer, office.program() is not None, language)
        kept = store.once("deck", DECKS, inputs, "zip", make)
        if not kept.fresh:
            shutil.unpack_archive(kept.path, place, "zip")
        about = json.loads((place / _ABOUT).read_text(encoding="utf-8"))
        yield Imported(**about | {"lesson": place / FILE, "warnings": tuple(about["warnings"])})


def _content(source: Path) -> list[tuple[str, str]] | None:
    """What names a deck in the store; None for one that is read anew each time, as it is read at once."""
    if source.is_dir():
        kinds = folder.PICTURES | set(CLIPS) | {".txt", ".md"}
        files = [path for path in sorted(source.iterdir()) if path.is_file() and path.suffix.lower() in kinds]
        return [(path.name, digest_of_file(path)) for path in files]
    if source.suffix.lower() in reading.SUFFIXES and source.is_file():
        return [("", digest_of_file(source))]
    return None
