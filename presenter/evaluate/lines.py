"""Recorded lines with what was said in them, from folders as data sets of speech have them."""

from __future__ import annotations

import csv
import glob
import itertools
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from presenter import audio
from presenter.errors import InputError
from presenter.types import Span, Wave

SUFFIXES = (".wav", ".flac", ".ogg", ".mp3", ".m4a")
LONGEST = 60.0
"""Seconds of one line."""
MOST = 200
"""Lines that are read of one folder."""


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A recorded line."""

    name: str
    """Of its file, without the suffix."""
    wave: Wave
    text: str
    """What was said, or ``""`` when nobody knows."""
    words: tuple[Span, ...] = ()
    """When each word is heard, where that is known."""


def gather(place: str, *, most: int = MOST, needs_text: bool = True) -> tuple[Line, ...]:
    """The recorded lines of a folder, by name.

    What was said is looked for in ``NAME.txt`` beside ``NAME.wav``, in ``metadata.csv`` (``NAME|text``, as
    in LJ Speech), in ``*.trans.txt`` (``NAME text``, as in LibriSpeech), and in ``transcripts.json``
    (``{"NAME.wav": "text"}``), each in the folder or in the one above. When words are heard is read from
    ``NAME.words.json`` (``{"words": [{"text", "start", "end"}]}``, as ``presenter say --json`` prints).

    Args:
        place: a folder, or a pattern of files such as ``folder/1688-*``.
        most: how many lines are read, from the first on.
        needs_text: leave out lines without a text.

    Raises:
        InputError: ``E-LINES-NONE`` when there are none, ``E-LINES-TEXT`` when none has a text,
            ``E-LINES-FILE`` for a file beside them that cannot be read, and what ``audio.read`` raises.
    """
    pattern = f"{glob.escape(place)}/*" if Path(place).is_dir() else place
    found = sorted(Path(path) for path in glob.glob(pattern) if Path(path).suffix.lower() in SUFFIXES)
    if not found:
        raise InputError(
            "E-LINES-NONE", f'There are no recordings in "{Path(place).name}".',
            f"Name a folder with {', '.join(SUFFIXES)} files.", "lines",
        )  # fmt: skip
    texts = _texts(found[0].parent)
    said = [(path, _text(path, texts)) for path in found]
    if needs_text:
        said = [(path, text) for path, text in said if text]
        if not said:
            raise InputError(
                "E-LINES-TEXT", f"Nothing tells what is said in the {len(found)} recordings.",
                "Put the words of NAME.wav into NAME.txt beside it.", "lines",
            )  # fmt: skip
    return tuple(
        Line(path.stem, audio.read(path, seconds_limit=LONGEST), text, _words(path))
        for path, text in said[:most]
    )


def by_speaker(place: str, *, most: int = 5) -> dict[str, tuple[Line, ...]]:
    """The lines of several people, by speaker: what a file's name has before its first hyphen.

    Args:
        most: how many lines of each are read.
    """
    pattern = f"{glob.escape(place)}/*" if Path(place).is_dir() else place
    paths = sorted(Path(path) for path in glob.glob(pattern) if Path(path).suffix.lower() in SUFFIXES)
    groups = itertools.groupby(paths, key=lambda path: path.stem.split("-")[0])
    return {
        speaker: tuple(
            Line(path.stem, audio.read(path, seconds_limit=LONGEST), "")
            for path in itertools.islice(group, most)
        )
        for speaker, group in groups
    }


def _text(path: Path, texts: Mapping[str, str]) -> str:
    own = path.with_suffix(".txt")
    if own.is_file():
        return _content(own).strip()
    return texts.get(f"{path.parent.name}/{path.name}") or texts.get(path.name) or texts.get(path.stem, "")


def _texts(folder: Path) -> dict[str, str]:
    """Name of a file, with or without suffix -> what is said in it."""
    found: dict[str, str] = {}
    for place in (folder.parent, folder):
        for path in sorted(place.glob("*.trans.txt")):
            found.update(_pairs(line.split(" ", 1) for line in _content(path).splitlines()))
        if (path := place / "metadata.csv").is_file():
            rows = csv.reader(_content(path).splitlines(), delimiter="|", quoting=csv.QUOTE_NONE)
            found.update(_pairs([row[0], row[-1]] for row in rows if row))
        if (path := place / "transcripts.json").is_file():
            values = _json(path)
            if not isinstance(values, dict) or not all(isinstance(text, str) for text in values.values()):
                raise _unreadable(path)
            found.update(values)
    return {name: re.sub(r"\s+", " ", text).strip() for name, text in found.items()}


def _pairs(rows: Iterable[list[str]]) -> dict[str, str]:
    return {row[0]: row[1] for row in rows if len(row) == 2}


def _words(path: Path) -> tuple[Span, ...]:
    beside = path.with_suffix(".words.json")
    if not beside.is_file():
        return ()
    try:
        rows = _json(beside)["words"]
        return tuple(Span(str(row["text"]), float(row["start"]), float(row["end"])) for row in rows)
    except (KeyError, TypeError, ValueError) as error:
        raise _unreadable(beside) from error


def _json(path: Path) -> Any:
    try:
        return json.loads(_content(path))
    except ValueError as error:
        raise _unreadable(path) from error


def _content(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(path) from error


def _unreadable(path: Path) -> InputError:
    return InputError(
        "E-LINES-FILE",
        f'"{path.name}" cannot be read as what its name says.',
        "Mend it or remove it.",
        "lines",
    )
