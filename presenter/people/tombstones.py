"""What stays of a consent that was ended: a tombstone, which refuses what it covered and names nobody.

    people/salt                   a secret number of this installation
    people/ended/<consent>.json   scope, level, dates, and a salted digest of each thing that was covered

A file is recognised when somebody brings it again, as its digest is salted in the same way. Out of a
tombstone alone nobody finds a file or a person: without the secret, digests cannot be tried either.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

from presenter import records
from presenter.errors import InputError, SetupError
from presenter.types import Consent

Scope = Literal["face", "voice", "both"]


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A consent that was ended."""

    consent: str
    """Its id."""
    scope: Scope
    level: int
    given: str
    """ISO 8601, UTC."""
    revoked: str
    """The same."""
    salted: frozenset[str]
    """HMAC-SHA256 of every sha256 that it covered; its key is the secret."""
    left: tuple[str, ...] = ()
    """sha256 of what still has to be deleted; none once it is gone."""

    @property
    def ended(self) -> Consent:
        """The consent, as far as it is still known."""
        return Consent(self.consent, "", self.scope, "", self.level, self.given, revoked=self.revoked)


class Tombstones:
    """The ended consents of an installation. Whoever changes them holds the lock of its consents."""

    def __init__(self, home: Path) -> None:
        self._salt = home / "people" / "salt"
        self._folder = home / "people" / "ended"

    def all(self) -> tuple[Tombstone, ...]:
        """Every one of them.

        Raises:
            SetupError: ``E-CONSENT-BROKEN`` where one cannot be read, or the secret is not the one that it
                was made with: it would refuse nothing, so nothing is given out.
        """
        paths = sorted(self._folder.glob("*.json"))
        return tuple(map(self._read, paths, [self._key()] * len(paths))) if paths else ()

    def add(self, consent: Consent, covered: Iterable[str], left: Iterable[str]) -> Tombstone:
        """Put a tombstone, or give the one that stands there.

        Args:
            consent: with the time at which it was ended.
            covered: sha256 of all that is refused from now on.
            left: sha256 of those that still have to be deleted.

        Raises:
            SetupError: ``E-CONSENT-WRITE``, ``E-CONSENT-BROKEN``.
        """
        path = self._folder / f"{consent.id}.json"
        if path.exists():
            return self._read(path, self._key())
        made = Tombstone(
            consent.id, consent.scope, consent.level, consent.given, consent.revoked or records.now(),
            self.salted(covered), tuple(sorted(left)),
        )  # fmt: skip
        self._write(made)
        return made

    def clear(self, gone: Iterable[str]) -> None:
        """Drop the plain digests of what was deleted.

        Raises:
            SetupError: ``E-CONSENT-WRITE``, ``E-CONSENT-BROKEN``.
        """
        known = set(gone)
        for stone in self.all():
            if known & set(stone.left):
                self._write(replace(stone, left=tuple(one for one in stone.left if one not in known)))

    def refuse(self, stones: Sequence[Tombstone], references: Iterable[str], scope: Scope) -> None:
        """Raise ``E-CONSENT-REVOKED`` where one of these (sha256) is covered by a tombstone of that scope."""
        concerned = [stone for stone in stones if stone.scope == scope or "both" in (stone.scope, scope)]
        brought = self.salted(references) if concerned else frozenset()
        for stone in concerned:
            if brought & stone.salted:
                raise refusal(stone.revoked)

    def covered(self, stone: Tombstone, references: Iterable[str]) -> frozenset[str]:
        """Those of these sha256 that a tombstone covers."""
        secret = self.secret()
        return frozenset(one for one in references if _salted(secret, one) in stone.salted)

    def salted(self, references: Iterable[str]) -> frozenset[str]:
        """Digests under which nobody else recognises what is known by these sha256."""
        secret = self.secret()
        return frozenset(_salted(secret, reference) for reference in references)

    def secret(self) -> bytes:
        """The secret number, made now if there is none.

        Raises:
            SetupError: ``E-CONSENT-WRITE``; ``E-CONSENT-BROKEN`` where it was lost and is needed.
        """
        try:
            if not self._salt.is_file():
                if next(self._folder.glob("*.json"), None) is not None:
                    raise _broken("The secret of the ended consents, people/salt, is missing.")
                self._salt.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                draft = records.draft_of(self._salt)
                draft.touch(mode=0o600)
                draft.write_bytes(secrets.token_bytes(32))
                with suppress(FileExistsError):  # another process was quicker
                    os.link(draft, self._salt)
                draft.unlink()
            return self._salt.read_bytes()
        except OSError as error:
            raise unwritten(error) from error

    def _key(self) -> str:
        """Tells one secret from another, and says nothing about it."""
        return _salted(self.secret(), "")

    def _read(self, path: Path, key: str) -> Tombstone:
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            made_with = values.pop("key")
            values |= {"salted": frozenset(values["salted"]), "left": tuple(values["left"])}
            stone = Tombstone(**values)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise _broken(f"The record {path.name} of an ended consent cannot be read.") from error
        if made_with != key:
            raise _broken("The secret of the ended consents, people/salt, is not theirs.")
        return stone

    def _write(self, stone: Tombstone) -> None:
        values = {**asdict(stone), "salted": sorted(stone.salted), "key": self._key()}
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with records.whole(self._folder / f"{stone.consent}.json", durable=True) as draft:
                draft.write_text(json.dumps(values, indent=1), encoding="utf-8")
        except OSError as error:
            raise unwritten(error) from error


def refusal(revoked: str) -> InputError:
    """What is said about something whose consent was ended at that time."""
    return InputError(
        "E-CONSENT-REVOKED", f"The consent was ended on {revoked[:10]}.",
        "Ask the person; without them this cannot be used.", "consent",
    )  # fmt: skip


def unwritten(error: OSError) -> SetupError:
    """What is said where a consent cannot be kept."""
    return SetupError(
        "E-CONSENT-WRITE", f"The consent could not be recorded ({error.strerror}).",
        "Free some space or set PRESENTER_HOME to another folder.",
    )  # fmt: skip


def _salted(secret: bytes, reference: str) -> str:
    return hmac.new(secret, b"ended\0" + reference.encode(), hashlib.sha256).hexdigest()


def _broken(message: str) -> SetupError:
    return SetupError("E-CONSENT-BROKEN", message, "Restore it from a backup.")
