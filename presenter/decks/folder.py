"""A folder of pictures into a ``Deck``: in the order in which people count, with the words beside them."""

from __future__ import annotations

import re
from pathlib import Path

from presenter.decks.limits import LARGEST_DECK, MOST_SLIDES, content, limited
from presenter.decks.sheets import Deck, Sheet
from presenter.errors import InputError
from presenter.media import CLIPS

PICTURES = frozenset([".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff"])
LARGEST = 60_000_000
"""Bytes of one picture."""
LARGEST_CLIP = 200_000_000
LARGEST_TEXT = 100_000
_NAMELESS = re.compile(
    r"(?:slide|folie|diapositiva?|slajd|幻灯片|img|dsc|dcim|pxl|image|bild|photo|picture|page|scan|screenshot)s?",
    re.I,
)
"""What programs call pictures that nobody gave a name."""


def is_folder(source: Path) -> bool:
    """Whether it is a folder with pictures that is not a lesson's."""
    return source.is_dir() and not (source / "lesson.md").exists() and any(
        child.suffix.lower() in PICTURES for child in source.iterdir()
    )  # fmt: skip


def read(source: Path) -> Deck:
    """Read the pictures and clips of a folder; raises what ``reading.read`` does.

    ``NAME.txt`` or ``NAME.md`` beside ``NAME.png`` is what is said about it; the name without its number is
    the title.
    """
    files = [
        path for path in source.iterdir() if path.suffix.lower() in PICTURES | set(CLIPS) and path.is_file()
    ]
    files = sorted((path for path in files if not path.name.startswith(".")), key=_counted)
    if not files:
        raise InputError(
            "E-SLIDES-NONE", "The folder has no pictures.", "Choose a folder with PNG or JPEG.", "deck"
        )
    if len(files) > MOST_SLIDES:
        message = f"{len(files):,} pictures; limit {MOST_SLIDES}."
        raise InputError("E-SLIDES-MANY", message, "Split them into several folders.", "deck")
    clips = sum(path.stat().st_size for path in files if path.suffix.lower() in CLIPS)
    if clips > LARGEST_DECK:
        message = f"The clips have {clips / 1e6:.0f} MB together; limit {LARGEST_DECK / 1e6:.0f}."
        raise InputError("E-SLIDES-LARGE", message, "Save them smaller, or split the folder.", "deck")
    sheets = tuple(_sheet(index, path) for index, path in enumerate(files, 1))
    return Deck(_title(source.resolve()), sheets, "pictures as they are")


def picture(path: Path) -> bytes:
    """A picture as PNG or JPEG, decoded in the sandbox.

    Raises:
        InputError: ``E-SLIDES-PICTURE``.
    """
    try:
        return bytes(limited("presenter.decks.rasters:picture", content(path, LARGEST))["picture"])
    except InputError as error:
        if error.code != "E-SLIDES-PICTURE":
            raise
        message = f'"{path.name}" cannot be read as a picture, or has more than 50 megapixels.'
        raise InputError(error.code, message, error.hint, "deck") from error


def _sheet(number: int, path: Path) -> Sheet:
    said = next((_words(beside) for suffix in (".txt", ".md")
                 if (beside := path.with_suffix(suffix)).is_file()), "")  # fmt: skip
    title = _title(path)
    if path.suffix.lower() in CLIPS:
        clip = content(path, LARGEST_CLIP)
        return Sheet(
            number, title, said, clip=clip, clip_suffix=path.suffix.lower(), identity=f"file-{path.name}"
        )
    return Sheet(number, title, said, (picture(path),), identity=f"file-{path.name}")


def _counted(path: Path) -> list[tuple[int, int, str]]:
    """A key that puts 2 before 10."""
    parts = re.split(r"(\d{1,18})", path.name.lower())
    return [(1, int(part), "") if part.isdecimal() else (0, 0, part) for part in parts]


def _title(path: Path) -> str:
    words = re.sub(r"[_\W]*\d+[_\W]*", " ", path.stem).replace("_", " ").replace("-", " ")
    words = " ".join(words.split())
    return "" if _NAMELESS.fullmatch(words.replace(" ", "")) else words


def _words(path: Path) -> str:
    try:
        return content(path, LARGEST_TEXT).decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        message = f'"{path.name}" is not a text in UTF-8.'
        raise InputError("E-SCRIPT-TYPE", message, "Save it as plain text in UTF-8.", "script") from error
