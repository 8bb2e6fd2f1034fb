"""Files that programs bring: kept by content and for their owner only, until a job has copied them."""

from __future__ import annotations

import hashlib
import re
import secrets
from pathlib import Path
from typing import BinaryIO

from presenter import records
from presenter.errors import InputError, WorkError

LARGEST = 100_000_000
"""Bytes of a file."""


class Uploads:
    """The uploads of an installation, in ``uploads/`` below the home as ``<sha256>-<id>``.

    Args:
        home: folder of the installation.
    """

    def __init__(self, home: Path) -> None:
        self._folder = home / "uploads"

    def take(self, stream: BinaryIO, name: str, owner: str) -> tuple[str, int]:
        """Take a file in.

        Args:
            name: what it is called; only its suffix is kept, if it is a plain one.

        Returns:
            Its id, and how many bytes it has.

        Raises:
            InputError: ``E-UPLOAD-EMPTY``, ``E-UPLOAD-LARGE``.
            WorkError: ``E-STORE-WRITE``.
        """
        total, size = hashlib.sha256(), 0
        suffix = Path(name).suffix.lower()
        suffix = suffix if re.fullmatch(r"\.[a-z0-9]{1,5}", suffix) else ""
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with (target := records.draft_of(self._folder / "upload")).open("wb") as draft:
                while block := stream.read(1 << 20):
                    size += len(block)
                    if size > LARGEST:
                        raise InputError(
                            "E-UPLOAD-LARGE",
                            f"The file has more than {LARGEST // 10**6} MB.",
                            "Send a smaller one.",
                            "file",
                        )
                    total.update(block)
                    draft.write(block)
            if not size:
                raise InputError("E-UPLOAD-EMPTY", "The file is empty.", "Choose the file again.", "file")
            name = f"{total.hexdigest()}-{secrets.token_hex(8)}"
            (self._folder / f"{name}.owner").write_text(_digest(owner), encoding="ascii")
            target.replace(self._folder / f"{name}{suffix or '.bin'}")
        except OSError as error:
            raise WorkError(
                "E-STORE-WRITE", f"The file could not be kept ({error.strerror}).", "Try again later.", "file"
            ) from error
        finally:
            target.unlink(missing_ok=True)
        return name, size

    def find(self, name: str, owner: str) -> Path:
        """The file of that id.

        Raises:
            InputError: ``E-UPLOAD-UNKNOWN``, also where it is somebody else's.
        """
        try:
            if (self._folder / f"{name}.owner").read_text(encoding="ascii") == _digest(owner):
                return next(path for path in self._folder.glob(f"{name}.*") if path.suffix != ".owner")
        except (OSError, StopIteration):
            pass
        raise InputError("E-UPLOAD-UNKNOWN", "There is no such upload.", "Upload the file again.", "photo")


def _digest(owner: str) -> str:
    return hashlib.sha256(owner.encode()).hexdigest()
