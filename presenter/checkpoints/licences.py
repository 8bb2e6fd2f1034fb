"""Terms that somebody has to accept before model files are fetched or added; kept on record."""

from __future__ import annotations

import getpass
import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from presenter import records
from presenter.engines import weights
from presenter.errors import InputError, SetupError

_FILE = "licences.json"


@dataclass(frozen=True, slots=True)
class Terms:
    """What the files of a model may be used for."""

    name: str
    """Name of the model in checkpoints/manifest.toml."""
    licence: str
    text: str

    @property
    def digest(self) -> str:
        """sha256 of licence and text; other terms have to be accepted again."""
        return hashlib.sha256(f"{self.licence}\n{self.text}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Somebody accepted terms."""

    name: str
    licence: str
    digest: str
    """See ``Terms.digest``."""
    who: str
    """Name of the account on this machine."""
    when: str
    """ISO 8601, UTC."""


def terms(name: str) -> Terms | None:
    """What has to be accepted before files of a model are taken in; None where there is nothing."""
    row = weights.folder_of(name)
    return Terms(row.name, row.licence, row.notice) if row is not None and row.notice else None


def accepted(home: Path, name: str) -> Acceptance | None:
    """Who accepted the present terms of a model, if anybody did."""
    wanted = terms(name)
    found = [row for row in _read(home) if wanted and (row.name, row.digest) == (name, wanted.digest)]
    return found[-1] if found else None


def accept(home: Path, name: str) -> Acceptance | None:
    """Keep on record that whoever runs this accepted the terms of a model; None where there are none.

    Raises:
        SetupError: ``E-STORE-WRITE`` when it cannot be kept.
    """
    wanted = terms(name)
    known = accepted(home, name)
    if wanted is None or known is not None:
        return known
    new = Acceptance(name, wanted.licence, wanted.digest, _account(), records.now())
    text = json.dumps([asdict(row) for row in (*_read(home), new)], ensure_ascii=False, indent=1)
    try:
        home.mkdir(parents=True, exist_ok=True)
        with records.whole(home / _FILE) as draft:
            draft.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SetupError(
            "E-STORE-WRITE",
            f"That the licence was accepted could not be kept ({error.strerror}).",
            "Free some space and start again.",
        ) from error
    return new


def check(home: Path, name: str) -> None:
    """Refuse files of a model whose terms nobody accepted.

    Raises:
        InputError: ``E-MODEL-LICENCE``.
    """
    wanted = terms(name)
    if wanted is not None and accepted(home, name) is None:
        raise InputError(
            "E-MODEL-LICENCE",
            f'The licence of "{name}" was not accepted yet ({wanted.licence}).',
            f"Read it (presenter checkpoints list) and add --accept-licence {name}.",
            "licence",
        )


def _account() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"


def _read(home: Path) -> list[Acceptance]:
    try:
        rows = json.loads((home / _FILE).read_text(encoding="utf-8"))
        return [Acceptance(**row) for row in rows]
    except (OSError, ValueError, TypeError):
        return []
