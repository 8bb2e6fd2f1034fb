"""The portraits that people bring to the page: each belongs to the browser that brought it.

A portrait is the file exactly as it came and a note beside it, in ``portraits/`` under the home.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from presenter import records, text
from presenter.errors import InputError
from presenter.web.photos import Photo

MOST = 12
"""Portraits that one browser may keep."""


@dataclass(frozen=True, slots=True)
class Own:
    """A portrait of somebody's own."""

    id: str
    """What a lesson asks for it by: ``portrait: ID``."""
    owner: str
    name: str
    file: str
    """Its name in the folder; begins with the sha256 of its bytes."""
    person: str = ""
    """Who gave leave to use the face, or ``""`` while nobody did."""

    @property
    def digest(self) -> str:
        """sha256 of the file, which consents refer to."""
        return self.file.split("-")[0]


class Album:
    """The portraits of an installation. Safe for any number of processes.

    Args:
        home: folder of the installation.
        taken: names of the sample presenters, which no portrait may have.
    """

    def __init__(self, home: Path, taken: tuple[str, ...]) -> None:
        self._folder = home / "portraits"
        self._taken = taken

    def path(self, own: Own) -> Path:
        """Where its file lies."""
        return self._folder / own.file

    def of(self, owner: str) -> tuple[Own, ...]:
        """The portraits of an owner by name."""
        mine = [own for own in self._all() if owner and own.owner == owner]
        return tuple(sorted(mine, key=lambda own: own.name.casefold()))

    def find(self, owner: str, wanted: str) -> Own | None:
        """The portrait of that id or name, where it belongs to the owner."""
        word = wanted.strip().casefold()
        return next((own for own in self.of(owner) if word in (own.id, own.name.casefold())), None)

    def get(self, owner: str, wanted: str) -> Own:
        """As ``find``.

        Raises:
            InputError: ``E-PORTRAIT-NAME`` when there is none.
        """
        own = self.find(owner, wanted)
        if own is None:
            raise InputError(
                "E-PORTRAIT-NAME", "There is no such portrait.", "Choose one of the list.", "photo"
            )
        return own

    def add(self, owner: str, photo: Photo) -> Own:
        """Take over a photo; the same one again changes nothing.

        Raises:
            InputError: ``E-PORTRAIT-MANY``.
        """
        mine = self.of(owner)
        known = next((own for own in mine if own.digest == photo.digest), None)
        if known is not None:
            photo.path.unlink(missing_ok=True)
            return known
        if len(mine) >= MOST:
            raise InputError(
                "E-PORTRAIT-MANY",
                f"{len(mine)} portraits are kept; the limit is {MOST}.",
                "Delete one first.",
                "photo",
            )
        name = Path(photo.name).stem[:60] or "photo"
        own = Own(
            self._id(name, mine), owner, name, f"{photo.digest}-{secrets.token_hex(8)}{photo.path.suffix}"
        )
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        photo.path.replace(self._folder / own.file)
        self._keep(own)
        return own

    def change(self, own: Own, *, name: str, person: str) -> Own:
        """Another name, and who gave leave."""
        changed = replace(own, name=" ".join(name.split())[:60] or own.name, person=person)
        if changed.name != own.name:
            others = tuple(one for one in self.of(own.owner) if one.id != own.id)
            changed = replace(changed, id=self._id(changed.name, others))
        self._keep(changed)
        return changed

    def drop(self, own: Own) -> None:
        """Delete a portrait."""
        self._note(own).unlink(missing_ok=True)
        self.path(own).unlink(missing_ok=True)

    def _id(self, name: str, mine: tuple[Own, ...]) -> str:
        word = re.sub("-+", "-", "".join(c if text.is_word(c) else "-" for c in name.lower())).strip("-")[:40]
        used = {*self._taken, *(own.id for own in mine), "auto", ""}
        return word if word not in used else f"{word or 'photo'}-{secrets.token_hex(2)}"

    def _all(self) -> Iterator[Own]:
        for note in self._folder.glob("*.json"):
            try:
                own = Own(**json.loads(note.read_text(encoding="utf-8")))
            except (OSError, ValueError, TypeError):
                continue
            if self.path(own).is_file():
                yield own
            else:  # the photo was forgotten: what is known of it goes, too
                note.unlink(missing_ok=True)

    def _keep(self, own: Own) -> None:
        with records.whole(self._note(own)) as draft:
            draft.write_text(json.dumps(asdict(own), ensure_ascii=False), encoding="utf-8")

    def _note(self, own: Own) -> Path:
        return self._folder / f"{Path(own.file).stem}.json"
