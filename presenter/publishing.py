"""The way out: every file that presenter makes of a lesson leaves through ``publish``."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np

from presenter import audio, audit, provenance, records, registry, signing, takedown, watermark
from presenter.errors import SetupError
from presenter.people import People
from presenter.registry import Record
from presenter.settings import Settings
from presenter.speeches import Recital
from presenter.store import digest, digest_of_file

Kind = Literal[
    "video", "captions", "chapters", "transcript", "audio", "poster", "preview", "slides", "clip", "speech"
]
"""What leaves: a video, what is made of it, a sentence of one that is not finished, and speech alone."""


def publish(kind: Kind, made: Path, out: Path, record: Record, settings: Settings) -> str:
    """Put a finished file where it was asked for, whole or not at all; its records are kept first.

    Args:
        made: the file in the store; it has its label and, where its format can carry them, its credentials
            or its seal.
        record: of the video that it is, or was made of.

    Returns:
        Name of the signed manifest or the seal in it; ``""`` for a format that carries neither.

    Raises:
        InputError: what ``confirm`` raises.
        WorkError: ``E-CREDENTIALS-BROKEN`` when the file is not as it was signed.
        SetupError: ``E-AUDIT-WRITE`` when it cannot be put on record, ``E-OUT-WRITE`` when it cannot be
            written there.
    """
    confirm(record, settings)
    found = signing.confirm(made, settings)
    signed = found.digest if found else ""
    digest = digest_of_file(made)
    marks = [record.claim.sound, *record.claim.pieces] if kind == "video" and record.claim else []
    audit.note(settings.home, "published", kind=kind, digest=digest, video=record.digest,
               credentials=signed, consent=record.consent, marks=marks)  # fmt: skip
    if kind == "video":
        registry.remember(settings.home, replace(record, credentials=signed))
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with records.whole(out) as draft:
            shutil.copyfile(made, draft)
    except OSError as error:
        raise SetupError(
            "E-OUT-WRITE", f'"{out.name}" could not be written ({error.strerror}).',
            "Free some space or choose another folder; nothing needs to be rendered again.", "out",
        ) from error  # fmt: skip
    return signed


def note_clip(made: Path, signed: str, marks: Sequence[str], consent: str | None, settings: Settings) -> None:
    """Put a sentence on record that can be watched before its video is finished.

    Args:
        signed: name of the signed manifest in it.
        marks: ids of the watermarks in its sound and picture.
        consent: for its face.
    """
    audit.note(settings.home, "published", kind="clip", digest=digest_of_file(made), credentials=signed,
               consent=consent, marks=list(marks))  # fmt: skip


def speech(recital: Recital, settings: Settings) -> Recital:
    """Speech without a picture that is about to leave: with its watermark, and on record."""
    identity = watermark.identity(digest(recital.samples))
    marked = [recital.samples[:0], *watermark.sound.mark([recital.samples], identity)]
    audit.note(settings.home, "spoken", digest=digest(recital.samples), marks=[identity],
               engine=recital.engine, consent=recital.voice.consent)  # fmt: skip
    samples = np.clip(np.concatenate(marked), -1.0, 1.0)
    return replace(recital, samples=samples, mark=identity)


def sound(recital: Recital, kind: Literal["WAV", "FLAC"], settings: Settings) -> bytes:
    """The content of a sound file of what ``speech`` gave: with a note, signed, and on record."""
    about = provenance.label_corner(recital.language), provenance.label_spoken(recital.language)[0]
    note = f"{about[0]}. {about[1]} Engine: {recital.engine}."
    with tempfile.TemporaryDirectory(prefix="presenter-") as folder:
        plain, made = (Path(folder, f"{name}.{kind.lower()}") for name in ("plain", "signed"))
        plain.write_bytes(audio.encoded(recital.samples, kind, comment=note))
        signed = signing.sign(plain, made, signing.spoken(recital, settings), settings)
        audit.note(settings.home, "published", kind="speech", digest=digest_of_file(made),
                   credentials=signed, consent=recital.voice.consent, marks=[recital.mark])  # fmt: skip
        return made.read_bytes()


def confirm(record: Record, settings: Settings) -> None:
    """Whether a lesson may leave: it was not taken down, and consent holds for its face and its voice.

    Raises:
        InputError: ``E-TAKEDOWN`` for one that was taken down, ``E-CONSENT-REVOKED`` or ``E-CONSENT-ENDED``
            where consent was ended, ``E-CONSENT-LEVEL`` where it is not sure enough, ``E-VOICE-NAME`` or
            ``E-VOICE-FOLDER`` where the voice was forgotten or exchanged.
    """
    takedown.refuse(settings.home, record)
    people = People(settings.home)
    spoken = record.spoken.consent if record.spoken is not None else None
    people.refuse_below(settings.consent_level, record.consent, spoken)
    if record.consent is not None:
        people.find(record.portrait, "face")
    if record.spoken is not None and spoken is not None:
        people.confirm_made(record.spoken)
