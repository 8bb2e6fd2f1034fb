"""Guided enrolment: lines are shown one at a time, each is recorded and judged at once, and in the end
they are a voice.

Everything lies under ``home/enrolments/<id>``, so that a closed tab or a killed process loses nothing:

    enrolment.json       name, person, language
    takes/<line>.json    what is known about the newest recording of a line
    takes/<line>.flac    the recording, mono, 48 kHz, 16 bits
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import shutil
from dataclasses import replace
from pathlib import Path

from presenter import audio, intake, records, text
from presenter.errors import InputError
from presenter.people import folders, takes
from presenter.people.consents import People, clean
from presenter.people.folders import Kept, Spoken
from presenter.people.lines import Line, lines
from presenter.people.recorded import Recorded, Take, unkept
from presenter.store import digest_of_file
from presenter.text import characters
from presenter.types import Consent, Voice

LEAST = folders.LEAST
"""Seconds of accepted speech that a voice needs."""
LONGEST = folders.LONGEST
"""Seconds of one recording."""
MOST_FREE = 12
"""Free recordings of an enrolment."""
RESERVED = frozenset({"auto", "none", "aria", "noah", "clara", "felix", "ruth"})
"""Names that mean something else: those of the built-in voices, and words of settings."""
_LONGEST_NAME = 60
_RECORD = "enrolment.json"


class Enrolment:
    """A voice that is being enrolled; see ``start`` and ``resume``. Safe for any number of processes.

    Attributes:
        id: unguessable.
        name: of the voice to be.
        person: who gives consent.
        language: BCP 47.
    """

    def __init__(self, home: Path, key: str) -> None:
        self._home = home
        self._folder = _place(home) / key
        self._recorded = Recorded(self._folder / "takes")
        try:
            values = json.loads((self._folder / _RECORD).read_text(encoding="utf-8"))
            self.id = key
            self.name = str(values["name"])
            self.person = str(values["person"])
            self.language = str(values["language"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise _unknown() from error

    @staticmethod
    def start(home: Path, name: str, *, person: str, language: str) -> Enrolment:
        """Begin to enrol a voice.

        Args:
            name: of the voice, at most 60 characters.
            person: who gives consent, in the user's words.
            language: BCP 47 code of what will be read.

        Raises:
            InputError: ``E-VOICE-NAME`` for an empty, reserved or used name, ``E-CONSENT-PERSON``,
                ``E-SCRIPT-LANG`` for a language that is none.
        """
        name = checked_name(home, name)
        person = clean(person)
        tag = text.canonical(language)
        if tag is None:
            raise InputError(
                "E-SCRIPT-LANG", f'"{language}" is no language.', "Write it like en, de or pt-BR.", "language"
            )
        key = secrets.token_hex(16)
        values = {"name": name, "person": person, "language": tag, "started": records.now()}
        folder = _place(home) / key
        try:
            (folder / "takes").mkdir(parents=True, mode=0o700)
            with records.whole(folder / _RECORD) as draft:
                draft.write_text(json.dumps(values, ensure_ascii=False), encoding="utf-8")
        except OSError as error:
            raise unkept(error) from error
        return Enrolment(home, key)

    @staticmethod
    def resume(home: Path, key: str) -> Enrolment:
        """An enrolment that was begun before, by its id.

        Raises:
            InputError: ``E-VOICE-ENROLMENT`` when there is none of that id.
        """
        if not re.fullmatch(r"[0-9a-f]{32}", key):
            raise _unknown()
        return Enrolment(home, key)

    @staticmethod
    def under_way(home: Path) -> tuple[Enrolment, ...]:
        """All enrolments that were begun and not finished, the newest first."""
        folders_ = sorted(_place(home).glob(f"*/{_RECORD}"), key=_changed, reverse=True)
        found = []
        for path in folders_:
            try:
                found.append(Enrolment(home, path.parent.name))
            except InputError:
                continue
        return tuple(found)

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines to read; in English where the language has none (``Line.language`` tells)."""
        return lines(self.language)

    def takes(self) -> dict[str, Take]:
        """The newest recording of each line that has one, by the line's id, in the lines' order."""
        return self._recorded.all([line.id for line in self.lines])

    def next(self) -> Line | None:
        """The first line without an accepted recording; None when all have one."""
        done = {take.line for take in self.takes().values() if take.accepted}
        return next((line for line in self.lines if line.id not in done), None)

    def progress(self) -> tuple[int, int]:
        """How many lines have an accepted recording, and how many lines there are."""
        accepted = {take.line for take in self.takes().values() if take.accepted}
        return sum(line.id in accepted for line in self.lines), len(self.lines)

    def seconds(self) -> float:
        """Seconds of accepted speech; ``finish`` needs ``LEAST``."""
        return sum(take.speech for take in self.takes().values() if take.accepted)

    def record(self, line_id: str, source: Path | bytes) -> Take:
        """Judge and keep a recording of a line; it replaces an earlier one.

        Args:
            source: a sound file or its content: WAV, FLAC, Ogg, MP3, M4A, MP4 or WebM; at most 2 min.

        Returns:
            The take with its verdicts. It is accepted unless one of them is ``redo``.

        Raises:
            InputError: ``E-VOICE-LINE`` for an unknown line; what cannot be opened at all (see
                ``intake.read``); ``E-CONSENT-REVOKED`` for a recording that was withdrawn.
        """
        line = next((line for line in self.lines if line.id == line_id), None)
        if line is None:
            raise InputError("E-VOICE-LINE", f'There is no line "{line_id}".', "Start again.", "line")
        return self._keep(line.id, line.text, source, line)

    def add(self, source: Path | bytes, text: str = "") -> Take:
        """Judge and keep one longer free recording, besides the lines or instead of them.

        Args:
            source: as in ``record``; with at least 6 s of speech.
            text: what is said in it, where somebody knows; at most 5,000 characters.

        Raises:
            InputError: as ``record``; ``E-VOICE-MANY`` beyond twelve, ``E-VOICE-TEXT`` for too long a text.
        """
        said = " ".join(characters.clean(text)[0].split())
        if len(said) > folders.LONGEST_TEXT:
            raise InputError(
                "E-VOICE-TEXT",
                f"The text has {len(said):,} characters; the limit is {folders.LONGEST_TEXT:,}.",
                "Give only what is said in this recording.",
                "text",
            )
        used = self.takes()
        free = (f"free-{number:02d}" for number in range(1, MOST_FREE + 1))
        name = next((name for name in free if name not in used), None)
        if name is None:
            raise InputError(
                "E-VOICE-MANY", f"There are {MOST_FREE} free recordings already.", "Drop one first.", "voice"
            )
        return self._keep(name, said, source, None)

    def accept(self, line_id: str) -> Take:
        """Use a recording although it was to be read again: the person listened and says it is right.

        Raises:
            InputError: the verdict itself where the recording cannot be used at all (silent, too short,
                no speech, clipped, two people), ``E-VOICE-LINE`` where there is none.
        """
        take = self.takes().get(line_id)
        if take is None:
            raise InputError("E-VOICE-LINE", "This line has no recording.", "Record it.", "line")
        for verdict in take.verdicts:
            if verdict.severity == "redo" and verdict.code not in takes.DOUBTFUL:
                raise InputError(verdict.code, verdict.message, verdict.hint, "voice")
        # Whoever keeps other words than those shown did not say which: nothing is learnt from a wrong text.
        other = any(verdict.code == "E-VOICE-LINE" for verdict in take.verdicts)
        take = replace(take, accepted=True, text="" if other else take.text)
        self._recorded.note(take)
        return take

    def drop(self, line_id: str) -> None:
        """Delete the recording of a line, if there is one."""
        if line_id in self.takes():
            self._recorded.drop(line_id)

    def refuse_others(self, person: str | None, language: str | None) -> None:
        """Raise where somebody goes on with this enrolment as another person or in another language.

        Args:
            person, language: what is wanted now; None where nothing was said.

        Raises:
            InputError: ``E-VOICE-NAME``; ``E-CONSENT-PERSON`` for an empty person.
        """
        hint = "Go on without it, forget the voice first, or choose another name."
        if person is not None and folders.normal(clean(person)) != folders.normal(self.person):
            raise InputError(
                "E-VOICE-NAME",
                f'The voice "{self.name}" was begun by "{self.person}", not by "{clean(person)}".',
                hint,
                "person",
            )
        if language is not None and (text.canonical(language) or language) != self.language:
            raise InputError(
                "E-VOICE-NAME",
                f'The voice "{self.name}" was begun in the language {self.language}, not in {language}.',
                hint,
                "language",
            )

    def discard(self) -> None:
        """Delete the enrolment with all its recordings."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def finish(self) -> Voice:
        """Make the voice of what was accepted, with the person's consent on record.

        Raises:
            InputError: ``E-VOICE-SHORT`` with less than 6 s of accepted speech, ``E-VOICE-NAME`` where
                the name was taken meanwhile, ``E-CONSENT-REVOKED``.
        """
        used = [take for take in self.takes().values() if take.accepted]
        speech = sum(take.speech for take in used)
        if speech < LEAST:
            raise InputError(
                "E-VOICE-SHORT",
                f"{speech:.1f} s of speech; at least {LEAST:.0f} s are needed.",
                "Read another line.",
                "voice",
            )
        checked_name(self._home, self.name, finished=True)
        spoken = tuple(self._spoken(take) for take in used)
        people = People(self._home)
        draft = Kept(
            format=folders.FORMAT,
            id=folders.slug(self.name),
            name=self.name,
            person=self.person,
            languages=tuple(sorted({line.language for line in spoken})),
            created=records.now(),
            lines=spoken,
            report=folders.report_of(used, [take.verdicts for take in used]),
            consent=_NOBODY,
        )
        given = people.attest(self.person, "voice", draft.reference, draft.covers)
        folders.write(replace(draft, consent=given), [take.path for take in used], self._home)
        self.discard()
        return people.voice(self.name)

    def _spoken(self, take: Take) -> Spoken:
        line = next((line for line in self.lines if line.id == take.line), None)
        language = line.language if line else self.language
        return Spoken(
            id=take.line,
            text=take.text,
            language=language,
            file=f"{take.line}.flac",
            sha256=take.sha256,
            source=take.source,
            seconds=take.speech,
            verdicts=take.verdicts,
        )

    def _keep(self, name: str, said: str, source: Path | bytes, line: Line | None) -> Take:
        content = source if isinstance(source, bytes) else intake.content(source, seconds_limit=LONGEST)
        handed_in = hashlib.sha256(content).hexdigest()
        People(self._home).refuse_revoked([handed_in], "voice")
        wave = intake.read(content, seconds_limit=LONGEST)
        others = [take.timbre for take in self.takes().values() if take.accepted and take.line != name]
        found = takes.judge(wave, line, others)
        path = self._recorded.write(name, audio.resample(wave))
        take = Take(
            line=name,
            path=path,
            seconds=found.seconds,
            level=found.level,
            peak=found.peak,
            noise=found.noise,
            verdicts=found.verdicts,
            accepted=found.usable,
            speech=found.speech,
            text=said,
            sha256=digest_of_file(path),
            source=handed_in,
            timbre=found.timbre,
        )
        self._recorded.note(take)
        return take


_NOBODY = Consent("", "", "voice", "", 1, "")
"""Stands in a voice's record until consent is attested."""


def checked_name(home: Path, name: str, *, finished: bool = False) -> str:
    """A name that a new voice can have.

    Args:
        finished: whether only finished voices count. Two enrolments of one name may have begun at the same
            moment: the first that is finished has it.

    Raises:
        InputError: ``E-VOICE-NAME``.
    """
    name = " ".join(text.clean(name)[0].split())
    if not any(text.is_word(char) for char in name):
        raise InputError("E-VOICE-NAME", "The voice has no name.", "Give it one.", "name")
    if len(name) > _LONGEST_NAME:
        raise InputError(
            "E-VOICE-NAME",
            f"The voice's name has {len(name)} characters; the limit is {_LONGEST_NAME}.",
            "Shorten it.",
            "name",
        )
    key = folders.slug(name)
    if key in RESERVED or folders.normal(name) in RESERVED:
        raise InputError(
            "E-VOICE-NAME", f'The name "{name}" belongs to a built-in voice.', "Choose another name.", "name"
        )
    used = {voice.id for voice in folders.kept(home)}
    if not finished:
        used |= {folders.slug(other.name) for other in Enrolment.under_way(home)}
    if key in used or folders.damaged(home, key) is not None:
        raise folders.taken(name)
    return name


def _place(home: Path) -> Path:
    return home / "enrolments"


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _unknown() -> InputError:
    return InputError(
        "E-VOICE-ENROLMENT", "There is no such enrolment; it may be finished.", "Start a new one.", "voice"
    )
