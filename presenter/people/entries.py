"""How consents lie on disk: a JSON file for each, and for each that was ended a tombstone in its place."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from presenter import records
from presenter.errors import InputError, SetupError
from presenter.people.tombstones import Tombstone, Tombstones, unwritten
from presenter.types import Consent


@dataclass(frozen=True, slots=True)
class Entry:
    """A consent and what it covers."""

    consent: Consent
    reference: str
    """sha256 of the photo, clip or voice."""
    covers: tuple[str, ...] = ()
    """sha256 of the single recordings of a voice, as they were handed in and as they are kept."""
    statement: str = ""
    """What was agreed to, in the person's language."""
    evidence: Mapping[str, Any] = field(default_factory=dict)
    """What raised its level: digests and scores, no recording."""

    @property
    def refused(self) -> frozenset[str]:
        """sha256 of all that is refused once it is ended; of a face not the film that confirmed it."""
        answer = None if self.consent.scope == "face" else self.evidence.get("recording")
        return frozenset(filter(None, (self.reference, *self.covers, answer)))


class Entries:
    """The consents of an installation, on its disk. Safe for any number of processes.

    Attributes:
        tombstones: those that were ended.
    """

    def __init__(self, home: Path) -> None:
        self._folder = home / "people"
        self.tombstones = Tombstones(home)

    def alone(self) -> AbstractContextManager[None]:
        """Nobody else ends or raises a consent meanwhile."""
        return records.alone(self._folder)

    def read(self) -> tuple[list[Entry], list[Tombstone]]:
        """Consents that were not ended, the oldest first, and tombstones.

        Where both are there, because somebody restored a record or a process was killed between the two, the
        tombstone counts. Records that an older version ended become tombstones.
        """
        entries = list(filter(None, map(_opened, self._folder.glob("*.json"))))
        # These are read last, as one may come meanwhile.
        stones = {stone.consent: stone for stone in self.tombstones.all()}
        for entry in entries:
            consent = entry.consent
            if consent.revoked or consent.id in stones:
                when = consent.revoked or records.now()
                stones[consent.id] = self._bury(entry, when, deleted=True)
        entries = [entry for entry in entries if entry.consent.id not in stones]
        entries.sort(key=lambda entry: (entry.consent.given, entry.consent.id))
        return entries, list(stones.values())

    def write(self, entry: Entry) -> None:
        """Keep a record; it appears whole or not at all. Raises ``E-CONSENT-WRITE``."""
        path = self._folder / f"{entry.consent.id}.json"
        values = {
            "consent": asdict(entry.consent),
            "reference": entry.reference,
            "covers": entry.covers,
            "statement": entry.statement,
            "evidence": entry.evidence,
        }
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with records.whole(path, durable=True) as draft:
                draft.write_text(json.dumps(values, ensure_ascii=False, indent=1), encoding="utf-8")
        except OSError as error:
            raise unwritten(error) from error

    def end(self, consent: str) -> tuple[Tombstone, list[str]]:
        """End a consent for good; what it covers is not given out any more.

        Another consent for the same photo or voice ends with it. Whoever deletes what the tombstone says is
        left tells ``clear``.

        Args:
            consent: its id; for one that was ended before the same comes back.

        Returns:
            Its tombstone, and the ids of all that were ended by it now.

        Raises:
            InputError: ``E-CONSENT-UNKNOWN`` when there is none of that id.
            SetupError: ``E-CONSENT-WRITE`` when it cannot be kept.
        """
        with self.alone():
            entries, stones = self.read()
            ended = next((stone for stone in stones if stone.consent == consent), None)
            new = [entry for entry in entries if entry.consent.id == consent]
            if ended is None and not new:
                raise unknown()
            when = records.now()
            ended = ended or self._bury(new[0], when)
            new += [other for other in entries if other not in new and self._part(other, ended, when)]
        ended_with = [stone for stone in self.tombstones.all() if not set(ended.left).isdisjoint(stone.left)]
        left = {one for stone in ended_with for one in stone.left}
        return replace(ended, left=tuple(sorted(left))), [entry.consent.id for entry in new]

    def clear(self, references: Iterable[str]) -> None:
        """Note that nothing is left of what was known by these sha256: no tombstone names them any more.

        Raises:
            SetupError: ``E-CONSENT-WRITE``.
        """
        with self.alone():
            self.tombstones.clear(references)

    def _bury(self, entry: Entry, when: str, *, deleted: bool = False) -> Tombstone:
        """A tombstone in the place of a record."""
        left = () if deleted else (entry.reference, *entry.covers)
        stone = self.tombstones.add(replace(entry.consent, revoked=when), entry.refused, {*left})
        (self._folder / f"{entry.consent.id}.json").unlink(missing_ok=True)
        return stone

    def _part(self, entry: Entry, ended: Tombstone, when: str) -> bool:
        """Take what was ended out of another consent's record; whether that is ended by it."""
        gone = set(ended.left)
        within = ended.scope in ("both", entry.consent.scope)
        if within and entry.reference in gone:
            self._bury(entry, when)
            return True
        evidence = {
            name: next(iter(self.tombstones.salted([value]))) if value in gone else value
            for name, value in entry.evidence.items()
            if isinstance(value, str)
        }
        covers = tuple(one for one in entry.covers if one not in gone) if within else entry.covers
        changed = replace(entry, covers=covers, evidence={**entry.evidence, **evidence})
        if changed != entry:
            self.write(changed)
        return False


def unknown() -> InputError:
    """What is said where there is no consent of that id."""
    return InputError("E-CONSENT-UNKNOWN", "There is no such consent.", "List those on record.", "consent")


def _opened(path: Path) -> Entry | None:
    """The record in a file, or None where it was ended since."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        covers = tuple(str(reference) for reference in values.get("covers", ()))
        return Entry(
            Consent(**values["consent"]), str(values["reference"]), covers,
            str(values.get("statement", "")), dict(values.get("evidence", {})),
        )  # fmt: skip
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        # A record that cannot be read might be one that was ended: better to stop.
        raise SetupError(
            "E-CONSENT-BROKEN", f"The consent record {path.name} cannot be read.", "Restore it from a backup."
        ) from error
