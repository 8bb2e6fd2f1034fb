"""Who may be learnt from: nobody's face without their word on record."""

from __future__ import annotations

from pathlib import Path

from presenter import registry
from presenter.errors import InputError
from presenter.people import People, reference_of
from presenter.settings import Settings


def check(clip: Path, person: str | None, settings: Settings) -> None:
    """Make sure that a clip may be learnt from, and record the word that was given.

    A video that this installation made of a sample presenter, who is drawn, needs nobody's; one that it
    made of somebody's photo needs the consent for that photo.

    Args:
        person: who gave consent, or None to rely on what is on record.

    Raises:
        InputError: ``E-VIDEO-FILE``, ``E-CONSENT-NEEDED``, ``E-CONSENT-REVOKED``, ``E-CONSENT-ENDED``.
    """
    if not clip.is_file():
        raise InputError("E-VIDEO-FILE", f'There is no file "{clip.name}".', "Check its name.", "clip")
    people = People(settings.home)
    reference = reference_of(clip)
    if person is not None:
        people.attest(person, "face", reference)
        return
    if people.find(reference, "face") is None and not _made_here(clip, people, settings):
        raise InputError(
            "E-CONSENT-NEEDED",
            f'The clip "{clip.name}" has no consent on record.',
            'Say who is seen in it and agreed: --person "NAME".',
            "person",
        )


def _made_here(clip: Path, people: People, settings: Settings) -> bool:
    try:
        record = registry.recall(settings.home, clip)
    except InputError:
        return False
    return record.consent is None or people.find(record.portrait, "face") is not None
