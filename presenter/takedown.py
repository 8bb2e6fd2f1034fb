"""Videos that were taken down: hidden at once, and not published again, also when they are made anew.

One JSON file for each in ``home/blocked``, asked for whenever something is published, and a mark beside the
files that a door keeps, looked for at every request.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from presenter import audit, records, registry
from presenter.errors import InputError, SetupError
from presenter.store import digest_of_file
from presenter.watermark import identity

_HIDDEN = "hidden"
"""Name of the file that stands beside those that are not served."""


@dataclass(frozen=True, slots=True)
class Block:
    """A video that was taken down."""

    digest: str
    """sha256 of its file."""
    since: str
    """ISO 8601, UTC."""
    reason: str
    """In the operator's words; shown to nobody else."""
    marks: tuple[str, ...] = ()
    """Ids of the watermarks in its sound and in its picture, in order: another file with all of them is the
    same video."""


def block(home: Path, digest: str, reason: str = "") -> Block:
    """Take a video down. Doing so again changes nothing.

    Args:
        digest: sha256 of its file; one that was never seen here is blocked as well.

    Raises:
        SetupError: ``E-TAKEDOWN-WRITE`` when it cannot be kept.
    """
    held = blocks(home).get(digest)
    if held is not None:
        return held
    made = Block(digest, records.now(), " ".join(reason.split())[:500], _marks(home, digest))
    try:
        (home / "blocked").mkdir(parents=True, exist_ok=True, mode=0o700)
        with records.whole(home / "blocked" / f"{digest}.json", durable=True) as draft:
            draft.write_text(json.dumps(asdict(made), ensure_ascii=False), encoding="utf-8")
    except OSError as error:
        raise SetupError(
            "E-TAKEDOWN-WRITE", f"It could not be kept that this was taken down ({error.strerror}).",
            "Free some space and try again.",
        ) from error  # fmt: skip
    audit.note(home, "takedown", digest=digest)
    for path in _kept(home, digest):
        (path.parent / _HIDDEN).touch()
    return made


def release(home: Path, digest: str) -> bool:
    """Let a video be published again; False where it was not taken down."""
    if digest not in blocks(home):
        return False
    audit.note(home, "released", digest=digest)
    (home / "blocked" / f"{digest}.json").unlink(missing_ok=True)
    for path in _kept(home, digest):
        (path.parent / _HIDDEN).unlink(missing_ok=True)
    return True


def is_hidden(path: Path) -> bool:
    """Whether a file of a video that a door serves, or one made of it, is not to be served."""
    return (path.parent / _HIDDEN).exists()


def shares(home: Path, path: Path) -> bool:
    """Whether a file that left carries a mark of a video that was taken down. A sentence that is also part
    of other videos counts: these can be watched when they are finished."""
    held = {mark for block in blocks(home).values() for mark in block.marks}
    return bool(held) and not held.isdisjoint(_marks(home, digest_of_file(path)))


def _marks(home: Path, digest: str) -> tuple[str, ...]:
    """Ids that a file carries, by the log."""
    marks: tuple[str, ...] = ()
    for line in audit.lines(home):
        if line.detail.get("digest") == digest:
            marks = tuple(map(str, line.detail.get("marks", ())))
    return marks


def _kept(home: Path, digest: str) -> Iterator[Path]:
    """Files of that video that the page and the service keep."""
    return (path for path in (home / "videos").glob("*/*.mp4") if digest_of_file(path) == digest)


def blocks(home: Path) -> dict[str, Block]:
    """All videos that were taken down, by the sha256 of their files.

    Raises:
        SetupError: ``E-TAKEDOWN-BROKEN`` where one cannot be read: nothing leaves before it is mended.
    """
    found = {}
    for path in sorted((home / "blocked").glob("*.json")):
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            found[path.stem] = Block(**{**values, "marks": tuple(values["marks"])})
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SetupError(
                "E-TAKEDOWN-BROKEN", f"The record {path.name[:20]} of a takedown cannot be read.",
                "Restore it from a backup.",
            ) from error  # fmt: skip
    return found


def is_blocked(home: Path, digest: str) -> bool:
    """Whether a file may not be shown."""
    return (home / "blocked" / f"{digest}.json").exists()


def refuse(home: Path, record: registry.Record) -> None:
    """Raise ``E-TAKEDOWN`` for a video that was taken down, also where it was made anew."""
    own = (identity(record.sound), *dict.fromkeys(identity(piece.inputs) for piece in record.pieces))
    for held in blocks(home).values():
        if held.digest == record.digest or (held.marks and held.marks == own):
            raise InputError(
                "E-TAKEDOWN", f"This video was taken down on {held.since[:10]}.",
                "Ask whoever runs this installation; other lessons are not concerned.", "script",
            )  # fmt: skip


def resolve(home: Path, name: str) -> tuple[str, ...]:
    """The videos that are meant: by the sha256 of a file, or by the id in a watermark.

    Raises:
        InputError: ``E-TAKEDOWN-NAME`` where it is neither, or an id that was never given out.
    """
    if re.fullmatch("[0-9a-f]{64}", name):
        return (name,)
    known = audit.marks(home).get(name, ()) if re.fullmatch("[0-9a-f]{8}", name) else ()
    if known:
        return known
    raise InputError(
        "E-TAKEDOWN-NAME", f'"{name[:70]}" is no sha256 of a file and no id of a watermark given out here.',
        "presenter verify FILE names both.", "digest",
    )  # fmt: skip
