"""Voices come and go: taken in from a folder or an archive, copied out, deleted with all that is theirs."""

from __future__ import annotations

import errno
import lzma
import re
import shutil
import uuid
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from presenter import intake, text
from presenter.errors import InputError, SetupError
from presenter.people import folders, takes
from presenter.people.consents import People, clean
from presenter.people.enrolment import Enrolment, checked_name
from presenter.people.folders import Kept, Spoken
from presenter.people.lines import lines
from presenter.people.tombstones import Tombstone, Tombstones
from presenter.store import digest_of_file
from presenter.types import Voice

_MEMBER = re.compile(r"(?:[^/\\]{1,120}/)?(voice\.json|lines/[a-z0-9-]{1,40}\.flac)")
_SHA256 = re.compile(rb"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
_LARGEST_FILE = 40_000_000
"""Bytes of one file of a voice: two minutes of FLAC have at most 12 million."""
_DAMAGED = (
    OSError, EOFError, NotImplementedError, RuntimeError, zipfile.BadZipFile, zlib.error, lzma.LZMAError,
)  # fmt: skip
"""What opening a damaged archive, a strange one or one with a password can raise."""
_LARGEST = 400_000_000
"""Bytes of a whole voice."""
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
"""What an operating system answers when a disk takes no more."""


def take_in(home: Path, source: Path, *, consent: str, name: str = "") -> Voice:
    """Make a voice of another installation one of this: its recordings are judged anew.

    Args:
        source: a voice's folder, or a ZIP archive of one.
        consent: who gives consent here; what was given elsewhere is not known here.
        name: for the voice, by default the one that it has.

    Raises:
        InputError: ``E-VOICE-FOLDER`` where it holds no voice or one that was changed, ``E-VOICE-NAME``,
            ``E-CONSENT-PERSON``, ``E-CONSENT-REVOKED`` where one of its recordings was withdrawn here,
            ``E-VOICE-SHORT`` with too little speech, and what is wrong with a recording.
        SetupError: ``E-VOICE-WRITE`` when it cannot be kept.
    """
    person = clean(consent)
    with _opened(home, source) as folder:
        given = folders.read(folder)
        name = checked_name(home, name or given.name)
        paths = [folders.check(given, line) for line in given.lines]
        people = People(home)
        people.refuse_revoked({given.reference, *given.covers}, "voice")
        judged = [_judged(line, path) for line, path in zip(given.lines, paths, strict=True)]
        speech = sum(line.seconds for line, _ in judged)
        if speech < folders.LEAST:
            raise InputError(
                "E-VOICE-SHORT",
                f"The voice has {speech:.1f} s of speech; at least {folders.LEAST:.0f} s are needed.",
                "Enrol it again with more recordings.",
                "voice",
            )
        spoken = tuple(line for line, _ in judged)
        voice = Kept(
            format=folders.FORMAT,
            id=folders.slug(name),
            name=name,
            person=person,
            languages=tuple(sorted({line.language for line in spoken})),
            created=given.created,
            lines=spoken,
            report=folders.report_of(
                [measures for _, measures in judged], [line.verdicts for line in spoken]
            ),
            consent=given.consent,
        )
        attested = people.attest(person, "voice", voice.reference, voice.covers)
        folders.write(replace(voice, consent=attested), paths, home)
        return people.voice(name)


def _judged(line: Spoken, path: Path) -> tuple[Spoken, takes.Judgement]:
    """A recording of a stranger with what this installation finds."""
    if path.stat().st_size > _LARGEST_FILE:
        raise _strange(f'"{line.file}" has {path.stat().st_size / 1e6:.0f} MB')
    language = text.canonical(line.language)
    said, removed = text.clean(line.text)
    if language is None or removed or len(said) > folders.LONGEST_TEXT:
        raise _strange(f'the text of "{line.file}" cannot be shown')
    wave = intake.read(path, seconds_limit=folders.LONGEST)
    shown = next((one for one in lines(language) if one.id == line.id and one.text == said), None)
    found = takes.judge(wave, shown)
    for verdict in found.verdicts:
        # A line that is not among those of this version is still a line: it may be shorter than free speech.
        line_is_enough = not line.id.startswith("free-") and found.speech >= takes.LEAST_LINE
        if verdict.code == "E-VOICE-SHORT" and line_is_enough:
            continue
        if verdict.severity == "redo" and verdict.code not in takes.DOUBTFUL:
            raise InputError(
                verdict.code, f'The recording "{line.file}": {verdict.message}', verdict.hint, "voice"
            )
    # What was handed in elsewhere is only known from hearsay: consent here covers what is here.
    return replace(line, seconds=found.speech, verdicts=found.verdicts, source=line.sha256), found


def copy_out(home: Path, name: str, target: Path) -> Path:
    """Copy a voice's folder, or pack it where the target ends in ``.zip``.

    Raises:
        InputError: ``E-VOICE-NAME``; ``E-OUT-EXISTS`` where the target is there already; what
            ``People.voice`` says where consent does not hold.
        SetupError: ``E-OUT-WRITE``.
    """
    People(home).voice(name)
    voice = folders.find(home, name)
    paths = [folders.check(voice, line) for line in voice.lines]
    if target.exists():
        raise InputError("E-OUT-EXISTS", f'"{target.name}" is there already.', "Choose another name.", "out")
    draft = target.with_name(f".{target.name}-{uuid.uuid4().hex[:8]}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.suffix.lower() == ".zip":
            with zipfile.ZipFile(draft, "w") as archive:
                archive.write(voice.folder / "voice.json", f"{voice.id}/voice.json")
                for path in paths:
                    archive.write(path, f"{voice.id}/lines/{path.name}")
        else:
            (draft / "lines").mkdir(parents=True)
            shutil.copyfile(voice.folder / "voice.json", draft / "voice.json")
            for path in paths:
                shutil.copyfile(path, draft / "lines" / path.name)
        draft.rename(target)
    except OSError as error:
        raise SetupError(
            "E-OUT-WRITE", f'"{target.name}" could not be written ({error.strerror}).',
            "Free some space or choose another folder.", "out",
        ) from error  # fmt: skip
    finally:
        if draft.is_dir():
            shutil.rmtree(draft, ignore_errors=True)
        else:
            draft.unlink(missing_ok=True)
    return target


def begun(home: Path, name: str) -> tuple[Enrolment, ...]:
    """Enrolments under way for a voice of that name, in any case."""
    wanted = folders.normal(name)
    return tuple(
        one
        for one in Enrolment.under_way(home)
        if wanted in (folders.normal(one.name), folders.slug(one.name))
    )


def named(home: Path, name: str) -> tuple[tuple[Path, ...], set[str]]:
    """What belongs to a voice of that name, whether or not consent holds and its record can be read.

    Returns:
        The folders of the voice and of enrolments for it, with what a killed process left; and what
        was derived from the voice is known by (sha256).

    Raises:
        InputError: ``E-VOICE-NAME`` where there is neither a voice nor an enrolment of that name.
    """
    found = [home / "enrolments" / one.id for one in begun(home, name)]
    references: set[str] = set()
    broken = folders.damaged(home, name)
    if broken is not None:
        found.append(broken)
        references |= _recorded(home, broken)
    else:
        try:
            voice = folders.find(home, name)
        except InputError:
            if not found:
                raise
        else:
            found.append(voice.folder)
            references |= {voice.reference, *_earlier(home, voice)}
    left = re.compile(re.escape(f".{folders.slug(name)}-") + f"[0-9a-f]{{32}}({re.escape(folders.BEFORE)})?")
    found += [path for path in folders.place(home).glob(".*") if left.fullmatch(path.name)]
    return tuple(found), references


def _earlier(home: Path, voice: Kept) -> set[str]:
    """What a voice was known by before, with its recordings."""
    entries = People(home).entries()
    return {known for entry in entries if entry.reference == voice.reference for known in entry.covers}


def _recorded(home: Path, folder: Path) -> set[str]:
    """What a voice with a damaged record was known by when consent was given for its recordings."""
    held = {digest_of_file(path) for path in folder.rglob("*.flac") if path.is_file()}
    others = {voice.reference for voice in folders.kept(home)}
    found = {entry.reference for entry in People(home).entries() if held and held <= set(entry.covers)}
    return found - others


def holding(home: Path, *references: str) -> tuple[Path, ...]:
    """Folders of all voices and enrolments that hold one of these, also what a killed process left.

    Args:
        references: sha256 of voices or of recordings.
    """
    wanted = set(references)
    places = (*folders.place(home).glob("*"), *(home / "enrolments").glob("*"))
    return tuple(folder for folder in places if folder.is_dir() and wanted & _holds(folder))


def left(home: Path, ended: Tombstone) -> frozenset[str]:
    """sha256 of what is to be deleted for an ended consent: what was covered, later what is found of it."""
    return frozenset(ended.left) or frozenset().union(*residue(home, ended).values())


def residue(home: Path, ended: Tombstone) -> dict[str, frozenset[str]]:
    """Files that still are, or name, what an ended consent covered, told by its tombstone; all is read.

    Not counted are tombstones, which name it until all is gone; the records of consents that hold, as a film
    can be somebody's portrait and, for another consent, their voice; and what is noted of videos that left,
    which go by their own sha256.

    Returns:
        Their names, relative to home, each with the sha256 that were recognised.
    """
    held = [f"{entry.consent.id}.json" for entry in People(home).entries() if not entry.consent.revoked]
    apart = {Path("people", name) for name in held} | {
        path.relative_to(home) for path in (home / "people" / "ended").glob("*.json")
    }
    found = {}
    for path in sorted(home.rglob("*")):
        name = path.relative_to(home)
        if not path.is_file() or name in apart or name.parts[0] in ("audit", "blocked"):
            continue
        with suppress(FileNotFoundError):
            digests = {digest_of_file(path)}
            if path.suffix in (".json", ".jsonl", ".note"):
                digests |= {match.decode() for match in _SHA256.findall(path.read_bytes())}
            known = Tombstones(home).covered(ended, digests)
            if known:
                found[name.as_posix()] = known
    return found


def delete(paths: Iterable[Path]) -> int:
    """Delete folders of voices and enrolments.

    Returns:
        How many were deleted.

    Raises:
        SetupError: ``E-FORGET`` where one could not be deleted; it can still be found by its name.
    """
    count = 0
    for folder in paths:
        try:
            # The record goes last: without it nobody would find what is left.
            for part in ("lines", "takes"):
                if (folder / part).is_dir():
                    shutil.rmtree(folder / part)
            shutil.rmtree(folder)
        except FileNotFoundError:
            pass  # somebody else deletes it too
        except OSError as error:
            raise SetupError(
                "E-FORGET",
                f"Not all recordings could be deleted ({error.strerror}).",
                "Check who may write in PRESENTER_HOME, then forget the voice again.",
            ) from error
        if folder.exists():
            raise SetupError(
                "E-FORGET",
                "Not all recordings could be deleted; somebody is still adding some.",
                "Try again.",
            )
        count += 1
    return count


def _holds(folder: Path) -> set[str]:
    """sha256 of a folder's recordings, as they are and as they were handed in, and of the voice."""
    held = {digest_of_file(path) for path in folder.rglob("*.flac") if path.is_file()}
    # A record may be damaged: files are found without it too.
    for record in folder.glob("voice.json"):
        try:
            voice = folders.read(record.parent)
            held |= {voice.reference, *voice.covers}
        except InputError:
            pass
    if (folder / "enrolment.json").is_file():
        try:
            held |= {
                take.source for take in Enrolment.resume(folder.parent.parent, folder.name).takes().values()
            }
        except InputError:
            pass
    return held


@contextmanager
def _opened(home: Path, source: Path) -> Iterator[Path]:
    """The folder, or the archive's content in a folder of its own for as long as it is needed."""
    if source.is_dir():
        yield source
        return
    if not source.is_file():  # a pipe or a device would be read for ever
        raise _strange(f'there is no folder or archive "{source.name}"')
    draft = folders.place(home) / f".taken-{uuid.uuid4().hex}"
    try:
        _unpack(source, draft)
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _unpack(source: Path, target: Path) -> None:
    """The files of a voice out of a ZIP archive; anything else in it is passed over."""
    try:
        with zipfile.ZipFile(source) as archive:
            (target / "lines").mkdir(parents=True, mode=0o700)
            total = 0
            for member in archive.infolist():
                matched = _MEMBER.fullmatch(member.filename)
                if matched is None:
                    continue
                with archive.open(member) as packed:
                    data = packed.read(_LARGEST_FILE + 1)  # the archive may lie about sizes
                total += len(data)
                if len(data) > _LARGEST_FILE or total > _LARGEST:
                    raise _strange(f"it unpacks to more than {_LARGEST_FILE / 1e6:.0f} MB a file")
                (target / matched[1]).write_bytes(data)
    except _DAMAGED as error:
        if isinstance(error, OSError) and error.errno in _FULL:
            raise SetupError(
                "E-VOICE-WRITE",
                f"The voice could not be kept ({error.strerror}).",
                "Free some space or set PRESENTER_HOME to another folder.",
            ) from error
        raise _strange("it is neither a folder nor a ZIP archive that can be read") from error


def _strange(reason: str) -> InputError:
    return InputError(
        "E-VOICE-FOLDER", f"This is no voice that can be used: {reason}.", "Export it again.", "voice"
    )
