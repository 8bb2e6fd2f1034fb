"""The record of every published video: what it was drawn from, found again by the file's digest."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from presenter import records
from presenter.credentials import Claim
from presenter.errors import InputError, SetupError
from presenter.pieces import Piece
from presenter.store import digest_of_file
from presenter.types import Voice
from presenter.video import Chapter


@dataclass(frozen=True, slots=True)
class Record:
    """A published video."""

    digest: str
    """sha256 of the file."""
    title: str
    created: str
    """ISO 8601, UTC."""
    portrait: str
    """sha256 of the portrait's file."""
    consent: str | None
    """Id of the consent that covered it; None for a sample presenter."""
    engines: tuple[str, ...]
    """Kind, name and version of each engine that took part."""
    pieces: tuple[Piece, ...]
    """In order; together they are the whole video."""
    voice: str = ""
    """sha256 of what the voice was learnt from; ``""`` for a built-in voice."""
    restricted: tuple[str, ...] = ()
    """Names of the engines that took part with non-commercial weights."""
    sound: str = ""
    """Digest of the mixed sound; the sound's watermark carries its beginning."""
    credentials: str = ""
    """Name of the signed manifest."""
    spoken: Voice | None = None
    """The voice as it spoke: its engine is the one that did."""
    claim: Claim | None = None
    """What is said about its making, also in what is made of it."""
    speaker: str = ""
    """Who speaks, in words for people; ``""`` where nobody is named."""
    texts: tuple[str, ...] = ()
    """What each piece says, as written."""
    chapters: tuple[Chapter, ...] = ()


_CODEC = TypeAdapter(Record)


def remember(home: Path, record: Record) -> None:
    """Keep the record; it appears whole or not at all.

    Raises:
        SetupError: ``E-STORE-WRITE`` when it cannot be kept.
    """
    folder = home / "records"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with records.whole(folder / f"{record.digest}.json") as draft:
            draft.write_bytes(_CODEC.dump_json(record))
    except OSError as error:
        raise SetupError(
            "E-STORE-WRITE",
            f"The record of the video could not be kept ({error.strerror}).",
            "Free some space and start again; what was finished is kept.",
        ) from error


def forget(home: Path, *references: str) -> tuple[str, ...]:
    """Delete the records of all videos that were made from these portraits or voices (their sha256).

    Returns:
        The sha256 of those videos.
    """
    deleted = []
    for path, record in _concerned(home, references):
        path.unlink(missing_ok=True)
        deleted.append(record.digest)
    return tuple(deleted)


def _concerned(home: Path, references: Collection[str]) -> Iterator[tuple[Path, Record]]:
    for path in (home / "records").glob("*.json"):
        try:
            record = _CODEC.validate_json(path.read_bytes())
        except (OSError, ValidationError):
            continue
        if record.portrait in references or (record.voice and record.voice in references):
            yield path, record


def made_from(home: Path, *references: str) -> tuple[str, ...]:
    """The sha256 of all videos that were made from these portraits or voices (their sha256)."""
    return tuple(record.digest for _, record in _concerned(home, references))


def recall(home: Path, video: Path) -> Record:
    """The record of a video file.

    Raises:
        InputError: ``E-VIDEO-FILE`` when there is no such file, ``E-VIDEO-UNKNOWN`` when it was not made
            here or was changed since.
    """
    if not video.is_file():
        raise InputError("E-VIDEO-FILE", f'There is no file "{video.name}".', "Check its name.", "video")
    path = home / "records" / f"{digest_of_file(video)}.json"
    try:
        return _CODEC.validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise InputError(
            "E-VIDEO-UNKNOWN",
            f'"{video.name}" was not made by this installation, or was changed since.',
            "Render the lesson again here.",
            "video",
        ) from error
