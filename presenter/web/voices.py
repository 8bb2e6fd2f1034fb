"""What happens to voices on the page: each handler is a few calls of the core and a screen back.

Handlers know no web framework. Each takes the visit of the browser that asks; what does not belong to
that browser does not exist for it. They raise ``PresenterError``, which the routes show.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from presenter import people, pronunciations, text
from presenter.errors import InputError, WorkError
from presenter.people import Enrolment, Line, Take
from presenter.speeches import Recital
from presenter.studio import Studio
from presenter.types import Voice
from presenter.web import booth, elements, screens, views
from presenter.web.booth import Sitting
from presenter.web.makings import Makings
from presenter.web.owners import Owners, voice_mark
from presenter.web.visits import Visit
from presenter.web.words import Words

UNFINISHED = 5
"""So many enrolments may be under way in one browser."""

LOOPBACK = ("127.0.0.1", "localhost", "::1")
"""Addresses that only this computer reaches."""

PATIENCE = 20.0
"""So long a sample waits for those that are being spoken (s)."""


class Voices:
    """What can be done with voices.

    Args:
        studio: gives out voices, speaks, exports, forgets.
    """

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._home = studio.settings.home
        self.local = studio.settings.host in LOOPBACK
        """Whether nobody but who runs the page can reach it."""
        self._owners = Owners(self._home)
        self._makings = Makings(self._note, self._first)
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()
        self._saying = threading.Semaphore(1)

    def close(self) -> None:
        """Wait for the voice that is being made; those behind it are not begun."""
        self._makings.close()

    # --- the list ---

    def visible(self, visit: Visit) -> tuple[Voice, ...]:
        """The voices that a browser can ask for: built-in, its own, and those that nobody owns."""
        return tuple(voice for voice in self._studio.voices() if self._may_use(voice, visit.key))

    def check(self, name: str, visit: Visit) -> None:
        """Make sure that a browser may use the voice of that name.

        Raises:
            InputError: ``E-VOICE-NAME`` as for a voice that does not exist.
        """
        wanted = name.strip().casefold()
        seen = {word.casefold() for voice in self.visible(visit) for word in (voice.id, voice.name)}
        if wanted != "auto" and wanted not in seen:
            raise _no_voice(name)  # in the same words, whether it is somebody else's or nobody's

    def home(self, visit: Visit, said: str = "", *, of_words: bool = False) -> str:
        """The list of voices, and how to add one.

        Args:
            said: something that has just been done, to a word of the dictionary or to a voice.
        """
        busy = self._makings.of(visit.key)
        for key, making in list(busy.items()):
            if making.finished.is_set():  # nobody waited for it
                self._makings.drop(key)
                del busy[key]
                if making.voice is not None:
                    self._close(key)
        rows = [screens.Unfinished(key, making.name) for key, making in busy.items()]
        rows += [
            screens.Unfinished(one.id, one.name, one.progress())
            for one in self._studio.enrolments()
            if self._owners.owns("enrolment", one.id, visit.key) and one.id not in busy
        ]
        names = {making.name for making in busy.values()}
        cards = [self._card(visit.words, voice) for voice in self.visible(visit) if voice.name not in names]
        return screens.home(
            visit.words, cards, rows, self._languages(visit.words), pronunciations.entries(self._home),
            editable=self.local, said=said, of_words=of_words,
        )  # fmt: skip

    def _card(self, words: Words, voice: Voice) -> screens.Card:
        if not voice.reference:
            return screens.Card(voice.id, voice.name, ())
        record = self._studio.voice_record(voice.id)
        entries = self._studio.people().entries()
        consent = next(entry.consent for entry in entries if entry.consent.id == voice.consent)
        spoken = ", ".join(words.language(code) for code in record.languages)
        given = words.plain(
            "voices.leave", person=record.person, date=words.date(consent.given),
            how=words.plain(f"voices.how-{consent.level}"),
        )  # fmt: skip
        return screens.Card(
            voice.id,
            voice.name,
            (given, words.plain("voices.recorded", languages=spoken)),
            words.said(record.report.sentence),
            own=True,
            language=record.languages[0] if record.languages else "en",
            confirmed=consent.level > 1,
        )

    def _languages(self, words: Words) -> elements.Languages:
        """Those with lines to read, and all others that can be spoken."""
        scripted = people.written()
        have = {text.base(code) for code in scripted}
        others = {text.base(code) for code in self._studio.languages()} - have
        groups = (scripted, others, {*scripted, *others})
        named = (views.languages(words, codes) for codes in groups)
        return elements.Languages(*named)

    def _may_use(self, voice: Voice, browser: str) -> bool:
        if not voice.reference:
            return True
        maker = self._makings.maker(voice.name)
        if maker is not None:
            return maker == browser  # it is there, but whose it is may not be noted yet
        return self._owners.may_use("voice", self._mark(voice), browser)

    def _mark(self, voice: Voice) -> str:
        return voice_mark(self._studio.voice_record(voice.id))

    def own(self, name: str, visit: Visit) -> Voice:
        """An enrolled voice that this browser made. What nobody of the page made may be taken away only
        where nobody else reaches the page."""
        for voice in self.visible(visit):
            if voice.id == name and voice.reference:
                if self.local or self._owners.owns("voice", self._mark(voice), visit.key):
                    return voice
                raise InputError(
                    "E-VOICE-OWNER", f'The voice "{voice.name}" was not added in this browser.',
                    "Whoever runs this page can export or delete it on the command line.", "voice",
                )  # fmt: skip
        raise _no_voice(name)

    # --- lines ---

    def start(self, visit: Visit, name: str, person: str, language: str, *, agreed: bool) -> str:
        """Begin an enrolment: its first line.

        Raises:
            InputError: ``E-CONSENT-NEEDED``, ``E-ENROL-MANY``, and what ``Enrolment.start`` raises.
        """
        if not agreed:
            raise InputError(
                "E-CONSENT-NEEDED",
                "It is not ticked that the person agrees.",
                "Read the statement and tick it, or use a built-in voice.",
                "consent",
            )
        mine = [one for one in self._studio.enrolments() if self._owners.owns("enrolment", one.id, visit.key)]
        if len(mine) >= UNFINISHED:
            raise InputError(
                "E-ENROL-MANY",
                f"{len(mine)} voices are not finished; the limit is {UNFINISHED}.",
                "Finish one, or stop and delete it.",
            )
        enrolment = self._studio.enrol(name, person=person, language=language)
        self._owners.give("enrolment", enrolment.id, visit.key)
        sitting = self._sitting(enrolment)
        return (
            booth.reading(visit.words, sitting, 0)
            if sitting.scripted
            else booth.speaking(visit.words, sitting)
        )

    def booth(self, visit: Visit, key: str, at: int | None = None) -> str:
        """A line of an enrolment: the one asked for, else the next that is not kept."""
        with self._enrolment(visit, key) as enrolment:
            sitting = self._sitting(enrolment)
            if at is None and not sitting.scripted:
                return booth.speaking(visit.words, sitting)
            at = self._index(enrolment, enrolment.next()) if at is None else at
            return booth.reading(visit.words, sitting, min(at, len(sitting.lines) - 1))

    def long(self, visit: Visit, key: str) -> str:
        """One longer recording instead of lines."""
        with self._enrolment(visit, key) as enrolment:
            return booth.speaking(visit.words, self._sitting(enrolment))

    def record(self, visit: Visit, key: str, line: str, source: Path) -> str:
        """A line was recorded: what is found in it.

        Raises:
            InputError: the recording cannot be read.
        """
        with self._enrolment(visit, key) as enrolment:
            take = enrolment.record(line, source)
            return booth.reading(
                visit.words, self._sitting(enrolment), self._index(enrolment, take), taken=True
            )

    def add(self, visit: Visit, key: str, source: Path, words: str) -> str:
        """A longer recording was made: what is found in it.

        Raises:
            InputError: the recording cannot be read.
        """
        with self._enrolment(visit, key) as enrolment:
            enrolment.add(source, words)
            return booth.speaking(visit.words, self._sitting(enrolment), taken=True)

    def accept(self, visit: Visit, key: str, line: str) -> str:
        """Keep a recording of which a machine thinks that it is wrong.

        Raises:
            InputError: it cannot be used at all.
        """
        with self._enrolment(visit, key) as enrolment:
            take = enrolment.accept(line)
            sitting = self._sitting(enrolment)
            if take.line in [free.line for free in sitting.free]:
                return booth.speaking(visit.words, sitting, taken=True)
            return booth.reading(visit.words, sitting, self._index(enrolment, take), taken=True)

    def drop(self, visit: Visit, key: str, line: str) -> str:
        """Delete a recording."""
        with self._enrolment(visit, key) as enrolment:
            self._take(enrolment, line)
            enrolment.drop(line)
            return booth.speaking(visit.words, self._sitting(enrolment))

    def take(self, visit: Visit, key: str, line: str) -> Path:
        """The sound of a recording."""
        with self._enrolment(visit, key) as enrolment:
            return self._take(enrolment, line).path

    def discard(self, visit: Visit, key: str) -> str:
        """Delete an enrolment with its recordings."""
        with self._enrolment(visit, key) as enrolment:
            enrolment.discard()
        self._close(key)
        return self.home(visit, visit.words.plain("voices.dropped"))

    def _sitting(self, enrolment: Enrolment) -> Sitting:
        return Sitting(
            enrolment.id,
            enrolment.name,
            enrolment.language,
            enrolment.lines,
            enrolment.takes(),
            enrolment.seconds(),
        )

    def _index(self, enrolment: Enrolment, wanted: Line | Take | None) -> int:
        """Where a line stands; the last one for None."""
        ids = [line.id for line in enrolment.lines]
        if wanted is None:
            return len(ids) - 1
        return ids.index(wanted.line if isinstance(wanted, Take) else wanted.id)

    def _take(self, enrolment: Enrolment, line: str) -> Take:
        take = enrolment.takes().get(line)
        if take is None:
            raise InputError("E-ENROL-TAKE", "There is no such recording.", "Record it again.")
        return take

    @contextmanager
    def _enrolment(self, visit: Visit, key: str) -> Iterator[Enrolment]:
        """An enrolment of this browser, for one request at a time."""
        if not self._owners.owns("enrolment", key, visit.key):
            raise _no_enrolment()
        with self._guard:
            lock = self._locks.setdefault(key, threading.Lock())
            if self._makings.is_busy(key):
                raise WorkError("E-ENROL-BUSY", "The voice is being made.", "Wait until it is ready.")
        with lock:
            yield self._studio.enrolment(key)

    def _close(self, key: str) -> None:
        """An enrolment is no more."""
        self._owners.drop("enrolment", key)
        self._locks.pop(key, None)

    # --- making the voice ---

    def finish(self, visit: Visit, key: str) -> str:
        """Make the voice and let it say its first sentence, in a thread of its own."""
        with self._enrolment(visit, key) as enrolment:
            making = self._makings.begin(enrolment, visit.key)
        return booth.making(visit.words, key, making.name, making.stage, 0.0)

    def made(self, visit: Visit, key: str) -> tuple[str, bool]:
        """How far it is: the screen, and whether it is ready.

        Raises:
            PresenterError: it could not be made; the recordings are still there.
        """
        making = self._makings.get(key)
        if making is None or not self._owners.owns("enrolment", key, visit.key):
            raise _no_enrolment()
        if not making.finished.wait(0.3):
            return booth.making(visit.words, key, making.name, making.stage, making.seconds), False
        self._makings.drop(key)
        if making.voice is None:
            raise making.error or _no_enrolment()
        self._close(key)
        card = self._card(visit.words, making.voice)
        complaint = views.failure(visit.words, making.error) if making.error else ""
        return booth.made(visit.words, card, making.engine, complaint), True

    def _note(self, voice: Voice, browser: str) -> None:
        self._owners.give("voice", self._mark(voice), browser)

    def _first(self, voice: Voice) -> str:
        return self.say(elements.example(voice.languages[0]), voice.id).engine

    # --- voices ---

    def sample(self, visit: Visit, name: str, said: str) -> bytes:
        """A sentence in a voice, as a WAV file.

        Raises:
            PresenterError: ``E-VOICE-NAME``, and what ``say`` raises.
        """
        voice = next((one for one in self.visible(visit) if one.id == name), None)
        if voice is None:
            raise _no_voice(name)
        return self._studio.sound(self.say(said, voice.id))

    def say(self, said: str, voice: str | None, language: str | None = None) -> Recital:
        """A sample, one at a time.

        Raises:
            InputError: ``E-SAMPLE-LONG``, and what ``Studio.say`` raises.
            WorkError: ``E-BUSY``.
        """
        line = " ".join(said.split())  # on one line there is no front matter
        if len(line) > elements.SENTENCE:
            raise InputError(
                "E-SAMPLE-LONG",
                f"{len(line)} characters; a sample has at most {elements.SENTENCE}.",
                "Shorten it, or make a lesson of it.",
            )
        if not self._saying.acquire(timeout=PATIENCE):
            raise WorkError("E-BUSY", "Another sample is being spoken.", "Try again in a moment.")
        try:
            return self._studio.say(line, voice=voice, language=language)
        finally:
            self._saying.release()

    def export(self, visit: Visit, name: str, target: Path) -> Path:
        """A voice as a file that another installation can take."""
        return self._studio.export_voice(self.own(name, visit).id, target)

    def forget(self, visit: Visit, name: str) -> str:
        """Delete a voice and all that was made with it."""
        voice = self.own(name, visit)
        mark = self._mark(voice)
        self._studio.forget_voice(voice.id)
        self._owners.drop("voice", mark)
        return self.home(visit, visit.words.plain("voices.forgotten", name=voice.name))


def _no_enrolment() -> InputError:
    return InputError(
        "E-VOICE-ENROLMENT",
        "There is no such enrolment; it may be finished.",
        "Go back to the list.",
        "voice",
    )


def _no_voice(name: str) -> InputError:
    shown = re.sub(r"\s+", " ", name)[:60]
    return InputError("E-VOICE-NAME", f'There is no voice "{shown}".', "Choose one of the list.", "voice")
