"""Tokens: what a program shows to be let in by the HTTP API and MCP.

A token is ``pst_<id>_<secret>``. Only a digest of the secret is kept, one file a token in ``tokens/`` below
the home, so nobody who reads the files can act for its owner.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal, get_args

from presenter import records
from presenter.errors import InputError, SetupError

Role = Literal["reader", "maker", "admin"]
"""``reader`` looks at and fetches its owner's videos, ``maker`` also orders, ``admin`` also sees everybody's
jobs and the metrics."""

ROLES: tuple[Role, ...] = get_args(Role)

_SHAPE = re.compile(r"pst_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class Token:
    """What is known about a token; not the token itself."""

    id: str
    owner: str
    role: Role
    created: str
    """ISO 8601, UTC."""
    expires: str
    """ISO 8601, UTC; ``""`` for never."""

    def may(self, role: Role) -> bool:
        """Whether it can do all that this role can."""
        return ROLES.index(self.role) >= ROLES.index(role)

    @property
    def valid(self) -> bool:
        """Whether it has not expired."""
        return not self.expires or self.expires > records.now()


def create(home: Path, owner: str, role: Role = "maker", days: float | None = None) -> str:
    """Make a token; it is shown once and not kept.

    Args:
        owner: whose jobs it makes and sees; several tokens can have the same owner.
        days: how long it is valid; None for ever.

    Raises:
        InputError: ``E-TOKEN-OWNER`` for a name that cannot be used.
        SetupError: ``E-STORE-WRITE``.
    """
    if not re.fullmatch(r"[\w.@-]{1,60}", owner):
        raise InputError(
            "E-TOKEN-OWNER",
            f'"{owner[:60]}" cannot be an owner.',
            "Use letters, digits and . @ - _.",
            "owner",
        )
    name, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    ends = (datetime.now(UTC) + timedelta(days=days)).isoformat(timespec="seconds") if days else ""
    token = Token(name, owner, role, records.now(), ends)
    try:
        folder = home / "tokens"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with records.whole(folder / f"{name}.json", durable=True) as draft:
            draft.write_text(json.dumps({**asdict(token), "digest": _digest(secret)}), encoding="utf-8")
    except OSError as error:
        raise SetupError(
            "E-STORE-WRITE",
            f"The token could not be kept ({error.strerror}).",
            "Check the home's permissions.",
        ) from error
    return f"pst_{name}_{secret}"


def check(home: Path, shown: str) -> Token | None:
    """The token that somebody shows, or None where it is unknown, revoked or expired."""
    match = _SHAPE.fullmatch(shown)
    if match is None:
        return None
    found = _read(home / "tokens" / f"{match[1]}.json")
    if found is None:
        return None
    token, digest = found
    return token if hmac.compare_digest(digest, _digest(match[2])) and token.valid else None


def kept(home: Path) -> tuple[Token, ...]:
    """All tokens that were not revoked, the oldest first."""
    found = [_read(path) for path in (home / "tokens").glob("*.json")]
    return tuple(sorted((pair[0] for pair in found if pair), key=lambda token: token.created))


def revoke(home: Path, name: str) -> None:
    """Make a token worthless.

    Raises:
        InputError: ``E-TOKEN-UNKNOWN``.
    """
    path = home / "tokens" / f"{name}.json"
    if not re.fullmatch(r"[0-9a-f]{12}", name) or not path.is_file():
        raise InputError("E-TOKEN-UNKNOWN", "There is no such token.", "See: presenter token list.", "token")
    path.unlink(missing_ok=True)


def _read(path: Path) -> tuple[Token, str] | None:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        digest = str(values.pop("digest"))
        return Token(**values), digest
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
