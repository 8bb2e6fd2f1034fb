"""The audit log: what left this installation, and whose leave came and went. Lines are added, never changed.

``home/audit/log.jsonl`` holds one JSON object a line: number, time, event, what it was about, and the sha256
of the line before. Whoever changes, drops or swaps a line breaks the chain there; whoever cuts off the end
is found out by a digest of the last line that was noted elsewhere. Persons appear as the ids of their
consents, scripts not at all.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal

from presenter import records
from presenter.errors import SetupError

try:
    import fcntl
except ImportError:  # Windows: two processes that write at once may break the chain
    fcntl = None  # type: ignore[assignment]

Event = Literal[
    "published", "spoken", "consent", "revoked", "challenge", "forgotten", "report", "takedown", "released"
]
_FIRST = "0" * 64
_LONGEST = 1_000_000
"""Bytes of a line."""


@dataclass(frozen=True, slots=True)
class Line:
    """An event."""

    number: int
    time: str
    """ISO 8601, UTC."""
    event: str
    detail: dict[str, Any]
    """What it was about: digests, ids, counts."""


@dataclass(frozen=True, slots=True)
class Check:
    """Whether the log is whole."""

    lines: int
    """So many hold."""
    head: str
    """sha256 of the last of them: note it elsewhere, and nobody can cut the log short unnoticed."""
    broken: str = ""
    """What is wrong with the next line; ``""`` where all hold."""


def note(home: Path, event: Event, **detail: Any) -> None:
    """Add a line; it is on the disk when this returns.

    Args:
        detail: values that JSON can hold: digests, ids, counts; no names, no words of a script.

    Raises:
        SetupError: ``E-AUDIT-WRITE`` when it cannot be kept: then it must not happen either.
    """
    path = _path(home)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(path, "a+b", opener=_private) as log, _alone(log):
            last = _last(log)
            number = json.loads(last)["number"] + 1 if last else 1
            before = hashlib.sha256(last).hexdigest() if last else _FIRST
            line = {"number": number, "time": records.now(), "event": event, "detail": detail,
                    "before": before}  # fmt: skip
            log.write(json.dumps(line, ensure_ascii=False, sort_keys=True).encode() + b"\n")
            log.flush()
            os.fsync(log.fileno())
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "its last line is broken"
        raise SetupError(
            "E-AUDIT-WRITE", f"The audit log cannot be written ({reason}).",
            "Free some space, or look at it with presenter audit verify.",
        ) from error  # fmt: skip


def lines(home: Path) -> Iterator[Line]:
    """All events, the oldest first; lines that cannot be read are left out."""
    for raw in _raw(home):
        with contextlib.suppress(ValueError, KeyError, TypeError):
            values = json.loads(raw)
            yield Line(values["number"], values["time"], values["event"], dict(values["detail"]))


def check(home: Path) -> Check:
    """Follow the chain from the first line to the last."""
    before, count = _FIRST, 0
    for raw in _raw(home):
        try:
            values = json.loads(raw)
            follows = values["before"] == before and values["number"] == count + 1
        except (ValueError, KeyError, TypeError):
            return Check(count, before, f"Line {count + 1} cannot be read.")
        if not follows:
            return Check(count, before, f"Line {count + 1} does not follow from the one before it.")
        before, count = hashlib.sha256(raw).hexdigest(), count + 1
    return Check(count, before)


def marks(home: Path) -> dict[str, tuple[str, ...]]:
    """Ids of watermarks that were given out here, each with the digests of the files that carry it."""
    found: dict[str, dict[str, None]] = {}
    for line in lines(home):
        for identity in line.detail.get("marks", ()):
            found.setdefault(str(identity), {})[str(line.detail.get("digest", ""))] = None
    return {identity: tuple(digests) for identity, digests in found.items()}


def _path(home: Path) -> Path:
    return home / "audit" / "log.jsonl"


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _raw(home: Path) -> Iterator[bytes]:
    """Whole lines without their ends; one that was cut off while it was written does not count."""
    try:
        with _path(home).open("rb") as log:
            for raw in log:
                if raw.endswith(b"\n"):
                    yield raw[:-1]
    except FileNotFoundError:
        return


@contextlib.contextmanager
def _alone(log: IO[bytes]) -> Iterator[None]:
    """Hold the log against other processes, and mend what a killed one left of a line."""
    if fcntl is not None:
        fcntl.flock(log, fcntl.LOCK_EX)
    size = log.seek(0, os.SEEK_END)
    log.seek(max(0, size - _LONGEST))
    end = log.read()
    if end and not end.endswith(b"\n"):
        log.truncate(size - len(end) + end.rfind(b"\n") + 1)
    yield  # closing the file lets go


def _last(log: IO[bytes]) -> bytes:
    size = log.seek(0, os.SEEK_END)
    log.seek(max(0, size - _LONGEST))
    return log.read().rstrip(b"\n").rpartition(b"\n")[2]
