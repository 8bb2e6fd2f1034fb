"""Whose face and voice may be used: consents on record; voices given out only where one holds.

A photo is known by the sha256 of its
file, a voice by that of all its recordings. From the first day on a real person needs somebody's word (level
1: attested by the user). A consent that is ended becomes a tombstone (see ``tombstones``): it stays ended for
that photo, and for each recording of that voice. Level 2 is a spoken challenge that was passed (see
``challenge``), level 3 one that was passed before a camera (see ``camera``), level 4 is verified by the
operator outside of the program, who is also the way for people who cannot read aloud.
"""

from __future__ import annotations

import hashlib
import unicodedata
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from presenter import audit, records
from presenter.engines import Recording
from presenter.errors import InputError
from presenter.people import folders
from presenter.people.entries import Entries, Entry, unknown
from presenter.people.statements import statement
from presenter.people.tombstones import Scope, Tombstone, refusal
from presenter.store import digest
from presenter.types import Consent, Voice

__all__ = ["Entry", "People", "Scope", "clean"]


class People:
    """The consents of an installation. Safe for any number of processes."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._kept = Entries(home)

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
        self._kept.write(Entry(consent, reference, tuple(covers), agreed))
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
        with self._kept.alone():  # nobody ends it between reading and writing
            entry = self.holding(consent)
            if entry.consent.level >= level:
                return entry.consent
            higher = replace(entry.consent, level=level)
            audit.note(self._home, "consent", consent=consent, scope=higher.scope, level=level)
            self._kept.write(
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
        entries, stones = self._kept.read()
        salted = self._kept.tombstones.salted([recording]) if stones else frozenset()
        return any(recording in entry.covers or recording == entry.evidence.get("recording")
                   for entry in entries) or any(salted & stone.salted for stone in stones)  # fmt: skip

    def find(self, reference: str, scope: Scope) -> Consent | None:
        """The newest consent that holds for a reference, or None where there never was one.

        Raises:
            InputError: ``E-CONSENT-REVOKED`` or ``E-CONSENT-ENDED`` where there was one.
        """
        entries, stones = self._kept.read()
        self._kept.tombstones.refuse(stones, [reference], scope)
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
        self._kept.tombstones.refuse(self._kept.read()[1], references, scope)

    def revoke(self, consent: str) -> Tombstone:
        """End a consent for good; what it covers is not given out any more. See ``Entries.end``."""
        ended, others = self._kept.end(consent)
        for one in others:
            audit.note(self._home, "revoked", consent=one)
        return ended

    def cleared(self, references: Iterable[str]) -> None:
        """Note that nothing is left of what was known by these sha256; see ``Entries.clear``."""
        self._kept.clear(references)

    def entry(self, consent: str) -> Entry:
        """A consent by its id.

        Raises:
            InputError: ``E-CONSENT-UNKNOWN`` when there is none of that id.
        """
        for entry in self.entries():
            if entry.consent.id == consent:
                return entry
        raise unknown()

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
        return given.scope, given.level, digest(self._kept.tombstones.secret(), given, entry.reference)

    def entries(self) -> tuple[Entry, ...]:
        """All consents, the oldest first; of those that were ended what their tombstones say."""
        entries, stones = self._kept.read()
        known = [*entries, *(Entry(stone.ended, "") for stone in stones)]
        return tuple(sorted(known, key=lambda entry: (entry.consent.given, entry.consent.id)))

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
