"""Which browser a recording or an own voice belongs to.

The page has no accounts. A browser makes itself an unguessable key and sends it with every request;
here only digests are kept, so nobody who reads the files can act for a browser. What nobody of the
page owns (a voice enrolled on the command line) is everybody's.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from pathlib import Path
from typing import Literal

from presenter import records
from presenter.people import Kept

Kind = Literal["enrolment", "voice"]

KEY = re.compile(r"[A-Za-z0-9_-]{22,64}")
"""What a browser's key looks like: at least 128 bits in base64."""


class Owners:
    """The owners of an installation. Safe for any number of processes.

    Args:
        home: folder of the installation.
    """

    def __init__(self, home: Path) -> None:
        self._folder = home / "owners"

    def give(self, kind: Kind, name: str, key: str) -> None:
        """Note that something belongs to the browser with this key."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with records.whole(self._path(kind, name)) as draft:
            draft.write_text(_digest(key), encoding="ascii")

    def owns(self, kind: Kind, name: str, key: str) -> bool:
        """Whether something belongs to this browser and to nobody else."""
        owner = self._owner(kind, name)
        return owner is not None and bool(key) and hmac.compare_digest(owner, _digest(key))

    def may_use(self, kind: Kind, name: str, key: str) -> bool:
        """Whether something belongs to this browser, or to nobody."""
        return self._owner(kind, name) is None or self.owns(kind, name, key)

    def drop(self, kind: Kind, name: str) -> None:
        """Forget whose it was."""
        self._path(kind, name).unlink(missing_ok=True)

    def _owner(self, kind: Kind, name: str) -> str | None:
        try:
            return self._path(kind, name).read_text(encoding="ascii")
        except FileNotFoundError:
            return None

    def _path(self, kind: Kind, name: str) -> Path:
        return self._folder / _digest(f"{kind} {name}")


def voice_mark(kept: Kept) -> str:
    """What a voice's owner is noted under. Not its recordings: two people may hand in the same file."""
    return f"{kept.id} {kept.created}"


def _digest(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()
