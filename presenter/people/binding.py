"""What a voice is made of once its consent was confirmed by speaking.

The recording of the challenge is the one that certainly is of whoever gave consent. It becomes part of the
voice, and of the lines only those stay which its speaker clearly read: a recording of somebody else that was
handed in before is not cloned because a voice like it answered. A line that is left out in error costs a
little likeness; one that is kept in error would cost the person their voice.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from presenter import audio
from presenter.errors import SetupError
from presenter.people import folders, takes
from presenter.people.consents import People
from presenter.people.folders import Kept, Spoken
from presenter.store import Store, digest_of_file
from presenter.types import Consent, Wave

_NAME = "challenge"


@dataclass(frozen=True, slots=True)
class Heard:
    """The answer to a challenge, as far as its sound was found right."""

    voice: Kept
    wave: Wave
    text: str
    language: str
    source: str
    """sha256 of the file that was handed in."""
    stays: tuple[bool, ...]
    """For each line of the voice whether this speaker clearly read it."""
    evidence: Mapping[str, Any]
    """What speaks for it: digests and scores."""

    @property
    def left_out(self) -> int:
        """Lines of the voice that are not cloned any more."""
        return self.stays.count(False)


def bind(home: Path, consent: str, level: int, heard: Heard) -> Consent:
    """Raise a consent, and make its voice of the answer and of the lines that stay.

    A consent that has the level already stays as it is, and so does its voice.

    Raises:
        InputError: ``E-CONSENT-UNKNOWN``, ``E-CONSENT-REVOKED``.
        SetupError: ``E-VOICE-WRITE``, ``E-CONSENT-WRITE``.
    """
    people = People(home)
    entry = people.holding(consent)
    if entry.consent.level >= level:
        return entry.consent
    before = heard.voice.reference
    bound = _bound(home, heard)
    # Videos that were made before stay allowed only if all that they were made of was the person's.
    earlier = [] if heard.left_out else [*entry.evidence.get("earlier", ()), before]
    raised = people.raised(
        consent, level, {**heard.evidence, "left_out": heard.left_out, "earlier": earlier},
        reference=bound.reference, covers={before, *entry.covers, *bound.covers},
    )  # fmt: skip
    if heard.left_out:
        Store(home / "store").forget(before)
    return raised


def leaving_out(count: int) -> str:
    """Says that lines were taken out of a voice."""
    lines, were = ("line", "was") if count == 1 else ("lines", "were")
    return f"{count} {lines} {were} not clearly read by the same person and {were} taken out of the voice."


def _bound(home: Path, heard: Heard) -> Kept:
    """The voice with the answer among its lines, in place of what it was."""
    voice = heard.voice
    lines = [line for line, stays in zip(voice.lines, heard.stays, strict=True) if stays]
    number = sum(line.id.startswith(_NAME) for line in voice.lines) + 1
    name = f"{_NAME}-{number:02}"
    with tempfile.TemporaryDirectory(dir=folders.place(home), prefix=".bind-") as draft:
        recorded = Path(draft) / f"{name}.flac"
        _write(recorded, heard.wave)
        judged = takes.judge(heard.wave)
        answer = Spoken(
            name, heard.text, heard.language, recorded.name, digest_of_file(recorded), heard.source,
            judged.speech, judged.verdicts,
        )  # fmt: skip
        paths = [folders.check(voice, line) for line in lines]
        stay = folders.recordings(replace(voice, lines=tuple(lines)))
        measured = [*(takes.judge(one.wave) for one in stay), judged]
        lines.append(answer)
        bound = replace(
            voice, lines=tuple(lines), languages=tuple(sorted({line.language for line in lines})),
            report=folders.report_of(measured, [line.verdicts for line in lines]),
        )  # fmt: skip
        return folders.write(bound, [*paths, recorded], home, instead_of=voice)


def _write(path: Path, wave: Wave) -> None:
    try:
        path.write_bytes(audio.encoded(np.clip(audio.resample(wave), -1.0, 1.0), "FLAC"))
    except OSError as error:
        raise SetupError(
            "E-VOICE-WRITE", f"The recording could not be kept ({error.strerror}).",
            "Free some space or set PRESENTER_HOME to another folder.",
        ) from error  # fmt: skip
