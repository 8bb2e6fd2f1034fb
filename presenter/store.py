"""The content-addressed store: artefacts named by everything that went into them.

Re-render only what changed, retry, resume after a crash and parallel work are one mechanism: a step
asks ``once`` for the artefact of its inputs and only a miss does the work. An artefact appears whole
or not at all (temporary file, then rename), so a process may be killed at any moment.

Layout below the root: ``<kind>/<2 digits>/<digest>.<suffix>``, beside each a ``.json`` that lists the
digests it was made from, which is what ``forget`` follows; a draft has such a note too, from the start.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from presenter.errors import SetupError, WorkError

_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EIO)
"""What an operating system answers when a disk does not take a file."""
_ABANDONED = 3600.0
"""Seconds after which somebody else's temporary file counts as left over by a killed process."""


def digest(*parts: Any) -> str:
    """sha256 (64 hex digits) of values of text, numbers, dataclasses, bytes, paths and arrays.

    A path stands for the content of its file; arrays stand for shape, dtype and values.
    """
    total = hashlib.sha256()
    for part in parts:
        total.update(_canonical(part))
        total.update(b"\x00")
    return total.hexdigest()


def _canonical(value: Any) -> bytes:
    if isinstance(value, bytes):
        return b"b" + hashlib.sha256(value).digest()
    if isinstance(value, np.ndarray):
        return b"a" + f"{value.shape}{value.dtype.str}".encode() + _digest_of_array(value)
    if isinstance(value, Path):
        return b"f" + digest_of_file(value).encode()
    if is_dataclass(value) and not isinstance(value, type):
        return b"d" + type(value).__name__.encode() + _canonical(asdict(value))
    if isinstance(value, dict):
        return b"{" + b"".join(_canonical(k) + b":" + _canonical(value[k]) for k in sorted(value)) + b"}"
    if isinstance(value, (list, tuple)):
        return b"[" + b",".join(_canonical(item) for item in value) + b"]"
    return b"j" + json.dumps(value, ensure_ascii=False, sort_keys=True).encode()


def _digest_of_array(value: NDArray[Any]) -> bytes:
    return hashlib.sha256(np.ascontiguousarray(value).data).digest()


def digest_of_file(path: Path) -> str:
    """sha256 of a file's content."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@dataclass(frozen=True, slots=True)
class Artefact:
    """Something made once and kept."""

    path: Path
    digest: str
    """Names the artefact: sha256 of its kind, version and inputs. Use it as an input of later steps."""
    fresh: bool
    """True when it was made by this very call."""


class Store:
    """A folder of artefacts. Safe for any number of processes on one machine."""

    def __init__(self, root: Path) -> None:
        self.root = root
        try:
            root.mkdir(parents=True, exist_ok=True)
            probe = root / f".probe-{uuid.uuid4().hex}"
            probe.write_bytes(b"")
            probe.unlink()
        except OSError as error:
            raise SetupError(
                "E-STORE-WRITE",
                f"The folder for finished work cannot be written ({error.strerror}).",
                "Free some space or set PRESENTER_HOME to another folder.",
            ) from error

    def _place(self, kind: str, version: str, inputs: Any, suffix: str) -> tuple[str, Path]:
        name = digest(kind, version, inputs)
        return name, self.root / kind / name[:2] / f"{name}.{suffix}"

    def find(self, kind: str, version: str, inputs: Any, suffix: str) -> Artefact | None:
        """The artefact of these inputs (see ``once``) if it is there; counts as a use of it. One that is not
        what was written is dropped."""
        name, path = self._place(kind, version, inputs, suffix)
        try:
            os.utime(path)
            if not _sound(path):
                self._drop(path.with_suffix(".json"))
                return None
        except FileNotFoundError:
            return None
        return Artefact(path, name, False)

    def once(
        self,
        kind: str,
        version: str,
        inputs: Any,
        suffix: str,
        make: Callable[[Path], object],
        *,
        sources: Iterable[str] = (),
    ) -> Artefact:
        """The artefact of these inputs, made now if it is not there yet.

        Args:
            kind: folder and part of the name, e.g. ``speech``.
            version: raise it when the step's output changes for equal inputs.
            inputs: everything else that the output depends on (see ``digest``).
            suffix: of the file, without a dot.
            make: writes the artefact to the path it is given; what it raises passes through and
                leaves nothing behind. Only a disk that refuses becomes ``E-STORE-WRITE``, and
                ``E-STORE-FORGOTTEN`` says that ``forget`` took it away meanwhile.
            sources: digests of artefacts and references that it is derived from, for ``forget``.
        """
        found = self.find(kind, version, inputs, suffix)
        if found is not None:
            return found
        name, path = self._place(kind, version, inputs, suffix)
        draft = path.with_name(f".{name}-{uuid.uuid4().hex}.{suffix}")
        note = draft.with_suffix(".note")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # Before the work: what a killed process leaves half done must be found by ``forget``.
            note.write_text(json.dumps({"sources": sorted(set(sources))}), encoding="utf-8")
            make(draft)
            if not note.exists():
                raise _forgotten(kind)
            if not draft.exists():
                raise WorkError("E-STORE-EMPTY", f"The step {kind} made nothing.", "Try again.")
            with note.open("r+", encoding="utf-8") as stream:  # not made anew if forget took it away
                json.dump({"sources": sorted(set(sources)), "sha256": digest_of_file(draft)}, stream)
            os.replace(note, path.with_suffix(".json"))
            os.replace(draft, path)
        except OSError as error:
            if error.errno == errno.ENOENT and not note.exists():
                raise _forgotten(kind) from error
            if error.errno not in _DISK:
                raise
            raise WorkError(
                "E-STORE-WRITE",
                f"The disk did not take the result ({error.strerror}).",
                "Free some space and start again; what was finished is kept.",
            ) from error
        finally:
            draft.unlink(missing_ok=True)
            note.unlink(missing_ok=True)
        return Artefact(path, name, True)

    def forget(self, *references: str) -> int:
        """Delete every artefact that is derived, over any number of steps, from these digests, also what is
        being made or was left half done.

        Returns:
            How many artefacts were deleted.
        """
        derived = {path: self._sources(path) for path in self._notes()}
        gone = set(references)
        deleted = 0
        while True:
            hit = [path for path, sources in derived.items() if path.stem in gone or gone & sources]
            if not hit:
                return deleted
            for path in hit:
                gone.add(path.stem)
                del derived[path]
                self._drop(path)
                deleted += 1

    def prune(self, limit: int, *, now: float | None = None) -> int:
        """Drop what was used longest ago until the store holds at most ``limit`` bytes.

        Also removes drafts that a killed process left behind. Returns the bytes freed.
        """
        now = time.time() if now is None else now
        freed = 0
        rows: list[tuple[float, int, Path]] = []
        for path in self._files():
            stat = path.stat()
            if path.name.startswith("."):
                if now - stat.st_mtime > _ABANDONED:
                    path.unlink(missing_ok=True)
                    freed += stat.st_size
            elif path.suffix != ".json":
                rows.append((stat.st_mtime, stat.st_size, path))
        total = sum(size for _, size, _ in rows)
        for _, size, path in sorted(rows):
            if total <= limit:
                break
            self._drop(path.with_suffix(".json"))
            total -= size
            freed += size
        return freed

    def size(self) -> int:
        """Bytes in the store."""
        return sum(path.stat().st_size for path in self._files())

    def _files(self) -> Iterator[Path]:
        return (path for path in self.root.rglob("*") if path.is_file())

    def _notes(self) -> Iterator[Path]:
        """Those of artefacts and of drafts."""
        yield from (path for path in self.root.rglob("*.json") if not path.name.startswith("."))
        yield from self.root.rglob(".*.note")

    @staticmethod
    def _sources(note: Path) -> set[str]:
        try:
            return set(json.loads(note.read_text(encoding="utf-8"))["sources"])
        except (OSError, ValueError, KeyError):
            return set()

    @staticmethod
    def _drop(note: Path) -> None:
        """The artefact first: a note without artefact is harmless, the reverse could not be forgotten."""
        for path in note.parent.glob(f"{note.stem}.*"):
            if path != note:
                path.unlink(missing_ok=True)
        note.unlink(missing_ok=True)


def _sound(path: Path) -> bool:
    """Whether the file is what its note says; a note that cannot be read says nothing good."""
    try:
        wanted = json.loads(path.with_suffix(".json").read_text(encoding="utf-8")).get("sha256")
    except FileNotFoundError:
        return True
    except (OSError, ValueError, AttributeError):
        return False
    return wanted is None or wanted == digest_of_file(path)


def _forgotten(kind: str) -> WorkError:
    return WorkError(
        "E-STORE-FORGOTTEN", f"What the step {kind} is made from was deleted meanwhile.", "Start again."
    )
