"""Whose face and voice may be used: consents on record; portraits and voices given out only where one holds.

Each consent that was not ended is one JSON file in ``home/people``. A photo is known by the sha256 of its
file, a voice by that of all its recordings. From the first day on a real person needs somebody's word (level
1: attested by the user). A consent that is ended becomes a tombstone (see ``tombstones``): it stays ended for
that photo, and for each recording of that voice. Level 2 is a spoken challenge that was passed (see
``challenge``), level 3 one that was passed before a camera (see ``camera``), level 4 is verified by the
operator outside of the program, who is also the way for people who cannot read aloud.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from presenter import audit, faces, moderation, records
from presenter.engines import Recording
from presenter.engines.download import alone
from presenter.errors import InputError, SetupError
from presenter.faces import Detector
from presenter.people import folders
from presenter.people.statements import statement
from presenter.people.tombstones import Scope, Tombstone, Tombstones, refusal, unwritten
from presenter.settings import Settings
from presenter.store import digest, digest_of_file
from presenter.types import Consent, Portrait, PortraitRecord, Voice

__all__ = ["Entry", "People", "Scope", "clean", "reference_of", "reference_of_portrait"]


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


class People:
    """The consents of an installation. Safe for any number of processes."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._folder = home / "people"
        self._tombstones = Tombstones(home)

    def attest(
        self, person: str, scope: Scope, reference: str, covers: Sequence[str] = (), *, language: str = "en"
    ) -> Consent:
        """Record somebody's word that a person agreed (level 1). Doing so again changes nothing.

        Args:
            person: who gave consent, in the user's words.
            reference: sha256 of the photo, clip or voice.
            covers: sha256 of the recordings of a voice.
            language: BCP 47 of the statement that was agreed to.

        Raises:
            InputError: ``E-CONSENT-PERSON`` for an empty name, ``E-CONSENT-REVOKED`` where consent for
                this reference or for one of the recordings was ended.
            SetupError: ``E-CONSENT-WRITE`` when it cannot be kept.
        """
        person = clean(person)
        self.refuse_revoked(covers, scope)
        held = self.find(reference, scope)
        if held is not None and held.person == person:
            return held
        agreed = statement(language)
        agreed_to = hashlib.sha256(agreed.encode()).hexdigest()
        consent = Consent(uuid.uuid4().hex, person, scope, agreed_to, 1, records.now())
        audit.note(self._home, "consent", consent=consent.id, scope=scope, level=consent.level)
        self._write(Entry(consent, reference, tuple(covers), agreed))
        return consent

    def raised(
        self, consent: str, level: int, evidence: Mapping[str, Any], *, reference: str = "",
        covers: Iterable[str] = (),
    ) -> Consent:  # fmt: skip
        """A consent at a higher level, with what speaks for it on record; one at that level or above stays.

        Args:
            reference: sha256 of what it is for from now on, where that changes.
            covers: sha256 of all recordings and earlier forms of it.

        Raises:
            InputError: ``E-CONSENT-UNKNOWN``, ``E-CONSENT-REVOKED``.
            SetupError: ``E-CONSENT-WRITE`` when it cannot be kept.
        """
        with alone(self._folder):  # nobody ends it between reading and writing
            entry = self.holding(consent)
            if entry.consent.level >= level:
                return entry.consent
            higher = replace(entry.consent, level=level)
            audit.note(self._home, "consent", consent=consent, scope=higher.scope, level=level)
            self._write(
                replace(
                    entry, consent=higher, evidence=evidence, reference=reference or entry.reference,
                    covers=tuple(sorted(covers)) or entry.covers,
                )
            )  # fmt: skip
            return higher

    def vouched(self, consent: str, operator: str) -> Consent:
        """A consent that the operator verified outside of the program: level 4. Raises as ``raised``."""
        return self.raised(consent, 4, {"operator": clean(operator), "given": records.now()})

    def refuse_below(self, level: int, *consents: str | None) -> None:
        """Raise ``E-CONSENT-LEVEL`` where one of these is less sure than an installation asks for."""
        for consent in filter(None, consents):
            held = self.holding(consent).consent
            if held.level < level:
                raise InputError(
                    "E-CONSENT-LEVEL",
                    f"The consent for the {held.scope} has level {held.level}; level {level} is needed here.",
                    _ways_up(held.scope, level),
                    "consent",
                )

    def seen(self, recording: str) -> bool:
        """Whether a recording (its sha256) was handed in before, for a voice or a challenge."""
        entries, stones = self._read()
        salted = self._tombstones.salted([recording]) if stones else frozenset()
        return any(recording in entry.covers or recording == entry.evidence.get("recording")
                   for entry in entries) or any(salted & stone.salted for stone in stones)  # fmt: skip

    def find(self, reference: str, scope: Scope) -> Consent | None:
        """The newest consent that holds for a reference, or None where there never was one.

        Raises:
            InputError: ``E-CONSENT-REVOKED`` or ``E-CONSENT-ENDED`` where there was one.
        """
        entries, stones = self._read()
        self._tombstones.refuse(stones, [reference], scope)
        consents = [entry.consent for entry in entries if entry.reference == reference]
        matching = [consent for consent in consents if consent.scope in (scope, "both")]
        valid = [consent for consent in matching if not consent.expires or consent.expires > records.now()]
        if valid:
            return valid[-1]
        if matching:
            raise InputError(
                "E-CONSENT-ENDED",
                f"The consent was valid until {str(matching[-1].expires)[:10]}.",
                "Ask the person again.",
                "consent",
            )
        return None

    def refuse_revoked(self, references: Iterable[str], scope: Scope) -> None:
        """Raise ``E-CONSENT-REVOKED`` where consent for one of these was ended, alone or with others."""
        self._tombstones.refuse(self._read()[1], references, scope)

    def revoke(self, consent: str) -> Tombstone:
        """End a consent for good; what it covers is not given out any more.

        Another consent for the same photo or voice ends with it. Whoever deletes what the tombstone says is
        left tells ``cleared``.

        Args:
            consent: its id; of one that was ended before the tombstone is given.

        Raises:
            InputError: ``E-CONSENT-UNKNOWN`` when there is none of that id.
            SetupError: ``E-CONSENT-WRITE`` when it cannot be kept.
        """
        with alone(self._folder):
            entries, stones = self._read()
            ended = next((stone for stone in stones if stone.consent == consent), None)
            new = [entry for entry in entries if entry.consent.id == consent]
            if ended is None and not new:
                raise _unknown()
            when = records.now()
            ended = ended or self._bury(new[0], when)
            new += [other for other in entries if other not in new and self._part(other, ended, when)]
        for entry in new:
            audit.note(self._home, "revoked", consent=entry.consent.id)
        ended_with = [stone for stone in self._tombstones.all() if not set(ended.left).isdisjoint(stone.left)]
        return replace(ended, left=tuple(sorted({one for stone in ended_with for one in stone.left})))

    def cleared(self, references: Iterable[str]) -> None:
        """Note that nothing is left of what was known by these sha256: no tombstone names them any more.

        Raises:
            SetupError: ``E-CONSENT-WRITE``.
        """
        with alone(self._folder):
            self._tombstones.clear(references)

    def _bury(self, entry: Entry, when: str, *, deleted: bool = False) -> Tombstone:
        """A tombstone in the place of a record."""
        left = () if deleted else (entry.reference, *entry.covers)
        stone = self._tombstones.add(replace(entry.consent, revoked=when), entry.refused, {*left})
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
            name: next(iter(self._tombstones.salted([value]))) if value in gone else value
            for name, value in entry.evidence.items()
            if isinstance(value, str)
        }
        covers = tuple(one for one in entry.covers if one not in gone) if within else entry.covers
        changed = replace(entry, covers=covers, evidence={**entry.evidence, **evidence})
        if changed != entry:
            self._write(changed)
        return False

    def entry(self, consent: str) -> Entry:
        """A consent by its id.

        Raises:
            InputError: ``E-CONSENT-UNKNOWN`` when there is none of that id.
        """
        for entry in self.entries():
            if entry.consent.id == consent:
                return entry
        raise _unknown()

    def holding(self, consent: str) -> Entry:
        """The same for one that was not ended.

        Raises:
            InputError: ``E-CONSENT-UNKNOWN``, ``E-CONSENT-REVOKED``.
        """
        entry = self.entry(consent)
        if entry.consent.revoked:
            raise refusal(entry.consent.revoked)
        return entry

    def leave(self, consent: str) -> tuple[Scope, int, str]:
        """What strangers may know of a consent: scope, level, and a commitment to its record.

        The commitment is a sha256 over a secret salt and the record: whoever has both can show that they
        belong together; from it alone nobody is found, and with the salt gone it means nothing.

        Raises:
            InputError: ``E-CONSENT-UNKNOWN``, ``E-CONSENT-REVOKED``.
            SetupError: ``E-CONSENT-WRITE`` where the salt cannot be kept.
        """
        entry = self.holding(consent)
        given = entry.consent
        return given.scope, given.level, digest(self._tombstones.secret(), given, entry.reference)

    def entries(self) -> tuple[Entry, ...]:
        """All consents, the oldest first; of those that were ended what their tombstones say."""
        entries, stones = self._read()
        known = [*entries, *(Entry(stone.ended, "") for stone in stones)]
        return tuple(sorted(known, key=lambda entry: (entry.consent.given, entry.consent.id)))

    def _read(self) -> tuple[list[Entry], list[Tombstone]]:
        """Consents, the oldest first, and tombstones, which count where both are there: somebody restored
        a record, or a process was killed between the two. Records that an older version ended are buried."""
        entries = list(filter(None, map(_opened, self._folder.glob("*.json"))))
        # These are read last, as one may come meanwhile.
        stones = {stone.consent: stone for stone in self._tombstones.all()}
        for entry in entries:
            consent = entry.consent
            if consent.revoked or consent.id in stones:
                when = consent.revoked or records.now()
                stones[consent.id] = self._bury(entry, when, deleted=True)
        entries = [entry for entry in entries if entry.consent.id not in stones]
        entries.sort(key=lambda entry: (entry.consent.given, entry.consent.id))
        return entries, list(stones.values())

    def portrait(
        self,
        wanted: str | Path,
        *,
        consent: str | None,
        settings: Settings,
        detector: Callable[[], Detector],
        first_frame: bool = False,
        face: int | None = None,
    ) -> tuple[PortraitRecord, Callable[[], Portrait]]:
        """A presenter by name or file, where consent holds.

        Args:
            wanted: a string is the name of a sample presenter and never opens a file; a path is a file
                with a photo or clip.
            consent: who gave consent for the photo; not needed again once it is on record.
            detector: gives the detector when it is needed.
            face: which of several faces of the photo; see ``faces.open_portrait``.

        Returns:
            The record, and a function that opens the portrait: a photo that was used before is known
            by its sha256 and need not be opened at all.

        Raises:
            InputError: ``E-PORTRAIT-NAME``, ``E-PHOTO-FILE``, ``E-CONSENT-NEEDED``,
                ``E-CONSENT-REVOKED``, and what is wrong with the photo (see ``faces.open_portrait``).
        """
        if isinstance(wanted, str):
            files = faces.sample_files(wanted, settings.assets)
            record = PortraitRecord(wanted, wanted, reference_of_portrait(wanted, settings))
            return record, lambda: faces.portrait_from_files(*files)
        path = wanted
        reference = reference_of(path)

        def opened() -> Portrait:
            portrait = faces.open_portrait(path, detector=detector(), first_frame=first_frame, face=face)
            if reference_of(path) != reference:  # consent was given for what lay there before
                raise InputError(
                    "E-PHOTO-CHANGED",
                    f'The file "{path.name}" was changed meanwhile.',
                    "Start again.",
                    "photo",
                )
            moderation.check(portrait.images[0], settings)
            return portrait

        given = self.find(reference, "face")
        if given is not None:
            given = self.attest(consent, "face", reference) if consent is not None else given
            return PortraitRecord(reference[:16], path.stem, reference, given.id), opened
        # The first time: a photo that cannot be used says so before anybody is asked for consent.
        portrait = opened()
        if consent is None:
            raise InputError(
                "E-CONSENT-NEEDED",
                "This photo has no consent on record.",
                'Say who gave it: --consent "NAME", or the consent field of the page.',
                "consent",
            )
        given = self.attest(consent, "face", reference)
        return PortraitRecord(reference[:16], path.stem, reference, given.id), lambda: portrait

    def voices(self) -> tuple[Voice, ...]:
        """The enrolled voices for which consent holds, by name."""
        found = []
        for kept in folders.kept(self._home):
            try:
                found.append(self._allowed(kept))
            except InputError:
                continue
        return tuple(sorted(found, key=lambda voice: (voice.name.casefold(), voice.id)))

    def voice(self, name: str, language: str = "") -> Voice:  # noqa: ARG002 - engines speak what they can
        """The enrolled voice of that name or id, in any case, where consent holds.

        Raises:
            InputError: ``E-VOICE-NAME`` when there is none, ``E-CONSENT-NEEDED``, ``E-CONSENT-REVOKED`` or
                ``E-CONSENT-ENDED`` where it may not be used, ``E-VOICE-FOLDER`` where it was tampered with.
        """
        return self._allowed(folders.find(self._home, name))

    def recordings(self, voice: Voice) -> tuple[Recording, ...]:
        """What an enrolled voice is learnt from, in the order in which it was read.

        Raises:
            InputError: as ``confirm``; ``E-VOICE-FOLDER`` where a recording is missing or was changed.
        """
        return folders.recordings(self.confirm(voice))

    def confirm(self, voice: Voice) -> folders.Kept:
        """An enrolled voice as it is kept, where it is still the same and consent still holds.

        Raises:
            InputError: as ``voice``; ``E-VOICE-FOLDER`` where another voice has its place now.
        """
        kept = folders.find(self._home, voice.id)
        self._allowed(kept)
        if kept.reference != voice.reference:
            raise _exchanged(voice)
        return kept

    def confirm_made(self, voice: Voice) -> None:
        """The same for what was made in a voice before: also where recordings were only added since.

        Raises:
            InputError: as ``confirm``.
        """
        kept = folders.find(self._home, voice.id)
        given = self._allowed(kept).consent
        earlier = self.entry(given).evidence.get("earlier", ()) if given else ()
        if voice.reference not in (kept.reference, *earlier):
            raise _exchanged(voice)

    def _allowed(self, kept: folders.Kept) -> Voice:
        self.refuse_revoked({kept.reference, *kept.covers}, "voice")
        given = self.find(kept.reference, "voice")
        if given is None:
            raise InputError(
                "E-CONSENT-NEEDED",
                f'The voice "{kept.name}" has no consent on record here.',
                'Take it in with somebody\'s word: presenter voices enrol --from FOLDER --person "NAME".',
                "consent",
            )
        return Voice(kept.id, kept.name, "auto", kept.reference, given.id, kept.languages)

    def _write(self, entry: Entry) -> None:
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


def _unknown() -> InputError:
    return InputError("E-CONSENT-UNKNOWN", "There is no such consent.", "List those on record.", "consent")


def _ways_up(scope: Scope, level: int) -> str:
    """What makes a consent surer."""
    if level < 3 and scope == "voice":
        return "Read a challenge aloud (presenter people challenge), or let the operator vouch for it."
    if level < 4:
        return (
            "Answer a challenge before a camera (presenter people challenge ID --camera): it gives a "
            "portrait of level 3. For another photo the operator can vouch."
        )
    return "Let the operator vouch for it."


def _exchanged(voice: Voice) -> InputError:
    return InputError(
        "E-VOICE-FOLDER", f'The voice "{voice.name}" was exchanged for another meanwhile.', "Start again.",
        "voice",
    )  # fmt: skip


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


def reference_of_portrait(wanted: str | Path, settings: Settings) -> str:
    """What a portrait is known by, whether consent is on record or not; see ``People.portrait``.

    Raises:
        InputError: ``E-PORTRAIT-NAME``, ``E-PHOTO-FILE``.
    """
    if isinstance(wanted, Path):
        return reference_of(wanted)
    return digest(*faces.sample_files(wanted, settings.assets))


def reference_of(path: Path) -> str:
    """What a photo or clip is known by: the sha256 of its file.

    Raises:
        InputError: ``E-PHOTO-FILE`` when there is no such file, or it cannot be read.
    """
    refusal = InputError(
        "E-PHOTO-FILE", f'The file "{path.name}" cannot be read.', "Check its name.", "photo"
    )
    if not path.is_file():  # a pipe or a device would be read for ever
        raise refusal
    try:
        return digest_of_file(path)
    except OSError as error:
        raise refusal from error


def clean(person: str) -> str:
    """A person's name: NFC, one line, no control characters, at most 200 characters.

    Raises:
        InputError: ``E-CONSENT-PERSON`` when nothing is left.
    """
    kept = "".join(" " if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") else c for c in person)
    name = " ".join(unicodedata.normalize("NFC", kept).split())[:200]
    if not name:
        raise InputError(
            "E-CONSENT-PERSON", "It is not said who gave consent.", "Say who gave it.", "consent"
        )
    return name
