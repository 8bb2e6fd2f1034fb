"""What files on disk have in common: they appear whole or not at all, carry the moment they were made, and
are changed by one process at a time."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


def now(timespec: str = "seconds") -> str:
    """The present moment, ISO 8601 in UTC, to the second (or the ``microseconds``)."""
    return datetime.now(UTC).isoformat(timespec=timespec)


def draft_of(target: Path) -> Path:
    """A hidden name beside ``target`` that nobody else uses."""
    return target.with_name(f".{target.name}-{uuid.uuid4().hex[:8]}")


@contextmanager
def whole(target: Path, *, durable: bool = False) -> Iterator[Path]:
    """A file to write, which becomes ``target`` when the block ends and is gone where the block fails.

    Its folder has to be there. A file that was called ``target`` before stays until the new one is whole.

    Args:
        durable: what was written is on the disk, also after a power cut, before it gets its name.

    Raises:
        OSError: it could not be put in place.
    """
    draft = draft_of(target)
    try:
        yield draft
        if durable:
            with draft.open("rb") as stream:
                os.fsync(stream.fileno())
        os.replace(draft, target)
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold a folder's lock: of several processes one works there, and the others wait and find it done.

    The system takes the lock back from a process that died.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if fcntl is None:
        yield
        return
    with (folder / ".lock").open("ab") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield
