"""Presenters: the samples that are drawn, and photos and clips of people, given out where consent holds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from presenter import faces, moderation
from presenter.errors import InputError
from presenter.faces import Detector
from presenter.people.consents import People
from presenter.settings import Settings
from presenter.store import digest, digest_of_file
from presenter.types import Portrait, PortraitRecord


def give_out(
    people: People,
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

    given = people.find(reference, "face")
    if given is not None:
        given = people.attest(consent, "face", reference) if consent is not None else given
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
    given = people.attest(consent, "face", reference)
    return PortraitRecord(reference[:16], path.stem, reference, given.id), lambda: portrait


def reference_of_portrait(wanted: str | Path, settings: Settings) -> str:
    """What a portrait is known by, whether consent is on record or not; see ``give_out``.

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
