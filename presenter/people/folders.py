"""A voice as a folder: what was read, how good it is, and the recordings. It can be copied as it is.

    voices/<id>/voice.json        format, name, person, languages, lines, report, consent
    voices/<id>/lines/*.flac      recordings, mono, 48 kHz, 16 bits

The voice is known by ``reference``: the sha256 over the sha256 of its recordings, their texts and
languages. A folder says what it holds, not what may be done with it: that is for ``consents``.
"""

from __future__ import annotations

import difflib
import functools
import hashlib
import json
import os
import re
import shutil
import unicodedata
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from pydantic import TypeAdapter, ValidationError

from presenter import intake, text
from presenter.engines import Recording
from presenter.errors import InputError, SetupError
from presenter.store import digest, digest_of_file
from presenter.types import Consent

FORMAT = 1
"""Version of voice.json."""
LEAST = 6.0
"""Seconds of speech that a voice needs."""
LONGEST = 120.0
"""Seconds of one recording."""
LONGEST_TEXT = 5_000
"""Characters of what is said in one recording."""
BEFORE = ".before"
"""Ending of the folder that a voice has for the moment in which another takes its place."""
_RECORD = "voice.json"
_LARGEST_RECORD = 1_000_000
_MOST_LINES = 60


@dataclass(frozen=True, slots=True)
class Verdict:
    """One thing to say about a recording."""

    severity: Literal["ok", "warn", "redo"]
    code: str
    """``E-...`` where it should be read again, ``W-...`` where it could be better, else ``""``."""
    message: str
    """In plain words, with the actual value and the limit."""
    hint: str = ""
    """What to do."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A recording of a voice."""

    id: str
    """Of the line, or ``free-01`` ... for a free recording."""
    text: str
    """What was said, or ``""`` when nobody knows."""
    language: str
    file: str
    """Name in the folder ``lines``."""
    sha256: str
    """Of that file."""
    source: str
    """sha256 of the file that was handed in."""
    seconds: float
    """Length of the speech in it, without silence (s)."""
    verdicts: tuple[Verdict, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """How good the recordings of a voice are."""

    recordings: int
    speech: float
    """Seconds of speech in all."""
    level: float
    """Median loudness (LUFS)."""
    noise: float
    """Median distance of the speech from the noise (dB)."""
    warnings: int
    """Recordings that could be better."""
    sentence: str
    """The same in one plain sentence."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A voice as its folder holds it."""

    format: int
    id: str
    name: str
    person: str
    """Who gave consent."""
    languages: tuple[str, ...]
    created: str
    """ISO 8601, UTC."""
    lines: tuple[Spoken, ...]
    report: Report
    consent: Consent
    """As it was given where the voice was enrolled."""
    folder: Path = Path()
    """Where it lies; not part of the record."""

    @property
    def reference(self) -> str:
        """sha256 of what the voice is learnt from."""
        return digest("voice", [(line.sha256, line.text, line.language) for line in self.lines])

    @property
    def covers(self) -> tuple[str, ...]:
        """sha256 of its single recordings, as they are kept and as they were handed in."""
        return tuple(sorted({line.sha256 for line in self.lines} | {line.source for line in self.lines}))


class Quality(Protocol):
    """What a voice's report is made of."""

    @property
    def speech(self) -> float: ...
    @property
    def level(self) -> float: ...
    @property
    def noise(self) -> float: ...


@functools.cache
def _codec() -> TypeAdapter[Kept]:
    return TypeAdapter(Kept)  # built when it is needed: that takes longer than most imports


def place(home: Path) -> Path:
    """Folder of all voices."""
    return home / "voices"


def kept(home: Path) -> Iterator[Kept]:
    """The enrolled voices; folders that hold none are passed over."""
    for path in sorted(place(home).glob(f"*/{_RECORD}")):
        if path.parent.name.startswith("."):
            continue
        try:
            yield read(path.parent)
        except InputError:
            continue


def normal(name: str) -> str:
    """A name as names are compared: NFC, one space between words, in no case."""
    return unicodedata.normalize("NFC", " ".join(unicodedata.normalize("NFC", name).split()).casefold())


def find(home: Path, name: str) -> Kept:
    """The enrolled voice of that name or id, in any case.

    Raises:
        InputError: ``E-VOICE-NAME`` when there is none, ``E-VOICE-FOLDER`` where its record is damaged.
    """
    wanted = normal(name)
    found = list(kept(home))
    for one in found:
        if wanted in (one.id, normal(one.name)):
            return one
    if damaged(home, name) is not None:
        raise InputError(
            "E-VOICE-FOLDER",
            f'The record of the voice "{name}" cannot be read.',
            f"Restore its folder from a copy, or delete it: presenter voices forget {slug(name)}.",
            "voice",
        )
    near = difflib.get_close_matches(wanted, [one.id for one in found], 1)
    hint = f'Did you mean "{near[0]}"?' if near else "See which there are: presenter voices."
    raise InputError("E-VOICE-NAME", f'There is no enrolled voice "{name}".', hint, "voice")


def damaged(home: Path, name: str) -> Path | None:
    """The folder of a voice of that name or id whose record cannot be read, if there is one."""
    wanted = (normal(name), slug(name))
    for path in place(home).glob("*"):
        if path.name in wanted and path.is_dir() and not path.is_symlink():
            try:
                read(path)
            except InputError:
                return path
    return None


def read(folder: Path) -> Kept:
    """The voice in a folder; its recordings are not opened.

    Raises:
        InputError: ``E-VOICE-FOLDER`` where it is none, or one of another version.
    """
    try:
        if (folder / _RECORD).stat().st_size > _LARGEST_RECORD:
            raise ValueError("too long")
        data = json.loads((folder / _RECORD).read_text(encoding="utf-8"))
        if isinstance(data, dict) and data.get("format") != FORMAT:
            raise InputError(
                "E-VOICE-FOLDER",
                f"The voice is of format {data.get('format')!r:.20}; this version reads {FORMAT}.",
                "Install a newer version of presenter.",
                "voice",
            )
        found = _codec().validate_python({**data, "folder": folder})
    except (OSError, ValueError, TypeError, ValidationError, RecursionError) as error:
        raise InputError(
            "E-VOICE-FOLDER", "This folder holds no voice.", "Choose one with a voice.json.", "voice"
        ) from error
    names = [line.file for line in found.lines]
    sane = all(
        re.fullmatch(r"[a-z0-9-]{1,40}\.flac", line.file)
        and re.fullmatch(r"[a-z0-9-]{1,40}", line.id)
        and re.fullmatch(r"[0-9a-f]{64}", line.source)
        for line in found.lines
    )
    if not sane or len(set(names)) < len(names) or not 0 < len(names) <= _MOST_LINES:
        raise InputError(
            "E-VOICE-FOLDER", "The voice names recordings that it cannot have.", "Export it again.", "voice"
        )
    return found


def write(voice: Kept, sources: Sequence[Path], home: Path, *, instead_of: Kept | None = None) -> Kept:
    """Put a voice in its place, whole or not at all.

    Args:
        sources: the file of each line, in order; they are copied.
        instead_of: the voice that has the place now and is deleted.

    Returns:
        The voice with its folder.

    Raises:
        InputError: ``E-VOICE-NAME`` where there is one of that id.
        SetupError: ``E-VOICE-WRITE`` when it cannot be kept.
    """
    target = place(home) / voice.id
    draft = place(home) / f".{voice.id}-{uuid.uuid4().hex}"
    before = draft.with_suffix(BEFORE)
    try:
        (draft / "lines").mkdir(parents=True, mode=0o700)
        for line, source in zip(voice.lines, sources, strict=True):
            shutil.copyfile(source, draft / "lines" / line.file)
        values = asdict(voice)
        del values["folder"]
        (draft / _RECORD).write_text(json.dumps(values, ensure_ascii=False, indent=1), encoding="utf-8")
        if instead_of is not None:
            os.rename(instead_of.folder, before)
        if target.exists():
            raise taken(voice.name)
        os.rename(draft, target)  # fails where another process was quicker: its folder is not empty
    except OSError as error:
        if target.exists():
            raise taken(voice.name) from error
        raise SetupError(
            "E-VOICE-WRITE",
            f"The voice could not be kept ({error.strerror}).",
            "Free some space or set PRESENTER_HOME to another folder.",
        ) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        if before.exists():
            if not target.exists():  # the new one did not come: the voice stays as it was
                os.rename(before, target)
            shutil.rmtree(before, ignore_errors=True)
    return _codec().validate_python({**values, "folder": target})


def taken(name: str) -> InputError:
    """The refusal of a name that another voice has."""
    return InputError(
        "E-VOICE-NAME",
        f'There is a voice "{name}" already.',
        "Choose another name, or forget that one.",
        "name",
    )


def recordings(voice: Kept) -> tuple[Recording, ...]:
    """The recordings of a voice.

    Raises:
        InputError: ``E-VOICE-FOLDER`` where one is missing or is not the one that consent was given for.
    """
    found = []
    for line in voice.lines:
        path = voice.folder / "lines" / line.file
        check(voice, line)
        found.append(Recording(intake.read(path, seconds_limit=LONGEST), line.text, line.language))
    return tuple(found)


def check(voice: Kept, line: Spoken) -> Path:
    """The file of a line, when it is the one that the voice was made from."""
    path = voice.folder / "lines" / line.file
    try:
        same = not path.is_symlink() and path.is_file() and digest_of_file(path) == line.sha256
    except OSError:
        same = False
    if not same:
        raise InputError(
            "E-VOICE-FOLDER",
            f'The recording "{line.file}" of the voice "{voice.name}" is missing or was changed.',
            "Restore the voice's folder from a copy, or enrol the voice again.",
            "voice",
        )
    return path


def report_of(measured: Sequence[Quality], verdicts: Sequence[Sequence[Verdict]]) -> Report:
    """The quality of the recordings of a voice.

    Args:
        measured: what was measured of each recording.
        verdicts: what was said about each.
    """
    speech = sum(one.speech for one in measured)
    noise = float(np.median([one.noise for one in measured]))
    level = float(np.median([one.level for one in measured]))
    warnings = sum(any(verdict.severity != "ok" for verdict in row) for row in verdicts)
    sound = "clear" if noise >= 25 else "a little noisy" if noise >= 15 else "noisy"
    amount = "enough to be recognised, more is better" if speech >= LEAST else "too little for a voice"
    amount = "enough for a good likeness" if speech >= 60 else amount
    sentence = f"{speech:.0f} s of speech, {amount}; the recordings are {sound}."
    if warnings:
        sentence = (
            f"{speech:.0f} s of speech, {amount}; the recordings are {sound}, and {warnings} of "
            f"{len(measured)} could be better."
        )
    return Report(len(measured), round(speech, 2), round(level, 1), round(noise, 1), warnings, sentence)


def slug(name: str) -> str:
    """A folder's name for a voice: Latin letters and digits, or digits of its sha256."""
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    kept = re.sub("[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-")
    # A name in another script loses letters: two such names must not become one.
    whole = sum(text.is_word(char) for char in name) == sum(char.isalnum() for char in kept)
    return kept if kept and whole else f"voice-{hashlib.sha256(name.casefold().encode()).hexdigest()[:8]}"
