"""What happens to voices on the page: each handler is a few calls of the core and a screen back.

Handlers know no web framework. Each takes the key of the browser that asks; what does not belong to
that browser does not exist for it. They raise ``PresenterError``, which the routes show.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from presenter import people, pronunciations, text
from presenter.errors import InputError, PresenterError, WorkError, known
from presenter.people import Enrolment, Line, Take
from presenter.speeches import Recital
from presenter.studio import Studio
from presenter.types import Voice
from presenter.web import booth, elements, screens, views
from presenter.web.booth import Sitting
from presenter.web.owners import Owners, voice_mark

UNFINISHED = 5
"""So many enrolments may be under way in one browser."""

LOOPBACK = ("127.0.0.1", "localhost", "::1")
"""Addresses that only this computer reaches."""

LEVELS = {1: "ticked", 2: "read aloud", 3: "read before a camera", 4: "vouched for"}
"""How a consent was given, in words."""

PATIENCE = 20.0
"""So long a sample waits for those that are being spoken (s)."""


@dataclass(slots=True, eq=False)
class Making:
    """A voice that is being computed. Written by the thread that computes, read by the page."""

    name: str
    browser: str
    """Key of the browser that asked."""
    stage: str = "Keeping the recordings"
    began: float = field(default_factory=time.monotonic)
    voice: Voice | None = None
    engine: str = ""
    """Name of the engine that spoke its first sentence."""
    error: PresenterError | None = None
    finished: threading.Event = field(default_factory=threading.Event)


class Voices:
    """What can be done with voices.

    Args:
        studio: gives out voices, speaks, exports, forgets.
    """

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._home = studio.settings.home
        # The dictionary is everybody's: where others can reach the page, only its operator changes it.
        self._local = self._editable = studio.settings.host in LOOPBACK
        self._owners = Owners(self._home)
        self._makings: dict[str, Making] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()
        self._saying = threading.Semaphore(1)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="voice")

    def close(self) -> None:
        """Wait for the voice that is being made; those behind it are not begun."""
        self._thread.shutdown(wait=True, cancel_futures=True)

    # --- the list ---

    def visible(self, browser: str) -> tuple[Voice, ...]:
        """The voices that a browser can ask for: built-in, its own, and those that nobody owns."""
        return tuple(voice for voice in self._studio.voices() if self._may_use(voice, browser))

    def check(self, name: str, browser: str) -> None:
        """Make sure that a browser may use the voice of that name.

        Raises:
            InputError: ``E-VOICE-NAME`` as for a voice that does not exist.
        """
        wanted = name.strip().casefold()
        seen = {word.casefold() for voice in self.visible(browser) for word in (voice.id, voice.name)}
        if wanted != "auto" and wanted not in seen:
            raise _no_voice(name)  # in the same words, whether it is somebody else's or nobody's

    def home(self, browser: str, said: str = "", *, of_words: bool = False) -> str:
        """The list of voices, and how to add one."""
        busy = {key: making for key, making in list(self._makings.items()) if making.browser == browser}
        for key, making in list(busy.items()):
            if making.finished.is_set():  # nobody waited for it
                del self._makings[key], busy[key]
                if making.voice is not None:
                    self._close(key)
        rows = [screens.Unfinished(key, making.name) for key, making in busy.items()]
        rows += [
            screens.Unfinished(one.id, one.name, one.progress())
            for one in self._studio.enrolments()
            if self._owners.owns("enrolment", one.id, browser) and one.id not in busy
        ]
        names = {making.name for making in busy.values()}
        cards = [self._card(voice) for voice in self.visible(browser) if voice.name not in names]
        words = pronunciations.entries(self._home)
        return screens.home(
            cards, rows, self._languages(), words, editable=self._editable, said=said, of_words=of_words
        )

    def _card(self, voice: Voice) -> screens.Card:
        if not voice.reference:
            return screens.Card(voice.id, voice.name, ())
        record = self._studio.voice_record(voice.id)
        given = {entry.consent.id: entry.consent for entry in self._studio.people().entries()}
        consent = given[voice.consent or ""]
        leave = f"Consent of {record.person}, {consent.given[:10]}: {LEVELS.get(consent.level, '')}"
        spoken = ", ".join(text.name(code) for code in record.languages)
        return screens.Card(
            voice.id,
            voice.name,
            (leave, f"Recorded in {spoken}"),
            record.report.sentence,
            own=True,
            language=record.languages[0] if record.languages else "en",
            confirmed=consent.level > 1,
        )

    def _languages(self) -> elements.Languages:
        """Those with lines to read, and all others that can be spoken."""
        scripted = people.written()
        bases = {text.name(text.base(code)): text.base(code) for code in self._studio.languages()}
        known = {text.name(code) for code in scripted}
        return elements.Languages(
            sorted((text.name(code), code) for code in scripted),
            sorted(row for row in bases.items() if row[0] not in known),
        )

    def _may_use(self, voice: Voice, browser: str) -> bool:
        if not voice.reference:
            return True
        for making in list(self._makings.values()):
            if making.name == voice.name and not making.finished.is_set():
                return making.browser == browser  # it is there, but whose it is may not be noted yet
        return self._owners.may_use("voice", self._mark(voice), browser)

    def _mark(self, voice: Voice) -> str:
        return voice_mark(self._studio.voice_record(voice.id))

    def own(self, name: str, browser: str) -> Voice:
        """An enrolled voice that this browser made. What nobody of the page made may be taken away only
        where nobody else reaches the page."""
        for voice in self.visible(browser):
            if voice.id == name and voice.reference:
                if self._local or self._owners.owns("voice", self._mark(voice), browser):
                    return voice
                raise InputError(
                    "E-VOICE-OWNER", f'The voice "{voice.name}" was not added in this browser.',
                    "Whoever runs this page can export or delete it on the command line.", "voice",
                )  # fmt: skip
        raise _no_voice(name)

    # --- lines ---

    def start(self, browser: str, name: str, person: str, language: str, *, agreed: bool) -> str:
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
        mine = [one for one in self._studio.enrolments() if self._owners.owns("enrolment", one.id, browser)]
        if len(mine) >= UNFINISHED:
            raise InputError(
                "E-ENROL-MANY",
                f"{len(mine)} voices are not finished; the limit is {UNFINISHED}.",
                "Finish one, or stop and delete it.",
            )
        enrolment = self._studio.enrol(name, person=person, language=language)
        self._owners.give("enrolment", enrolment.id, browser)
        sitting = self._sitting(enrolment)
        return booth.reading(sitting, 0) if sitting.scripted else booth.speaking(sitting)

    def booth(self, browser: str, key: str, at: int | None = None) -> str:
        """A line of an enrolment: the one asked for, else the next that is not kept."""
        with self._enrolment(browser, key) as enrolment:
            sitting = self._sitting(enrolment)
            if at is None and not sitting.scripted:
                return booth.speaking(sitting)
            at = self._index(enrolment, enrolment.next()) if at is None else at
            return booth.reading(sitting, min(at, len(sitting.lines) - 1))

    def long(self, browser: str, key: str) -> str:
        """One longer recording instead of lines."""
        with self._enrolment(browser, key) as enrolment:
            return booth.speaking(self._sitting(enrolment))

    def record(self, browser: str, key: str, line: str, source: Path) -> str:
        """A line was recorded: what is found in it.

        Raises:
            InputError: the recording cannot be read.
        """
        with self._enrolment(browser, key) as enrolment:
            take = enrolment.record(line, source)
            return booth.reading(self._sitting(enrolment), self._index(enrolment, take), taken=True)

    def add(self, browser: str, key: str, source: Path, words: str) -> str:
        """A longer recording was made: what is found in it.

        Raises:
            InputError: the recording cannot be read.
        """
        with self._enrolment(browser, key) as enrolment:
            enrolment.add(source, words)
            return booth.speaking(self._sitting(enrolment), taken=True)

    def accept(self, browser: str, key: str, line: str) -> str:
        """Keep a recording of which a machine thinks that it is wrong.

        Raises:
            InputError: it cannot be used at all.
        """
        with self._enrolment(browser, key) as enrolment:
            take = enrolment.accept(line)
            sitting = self._sitting(enrolment)
            if take.line in [free.line for free in sitting.free]:
                return booth.speaking(sitting, taken=True)
            return booth.reading(sitting, self._index(enrolment, take), taken=True)

    def drop(self, browser: str, key: str, line: str) -> str:
        """Delete a recording."""
        with self._enrolment(browser, key) as enrolment:
            self._take(enrolment, line)
            enrolment.drop(line)
            return booth.speaking(self._sitting(enrolment))

    def take(self, browser: str, key: str, line: str) -> Path:
        """The sound of a recording."""
        with self._enrolment(browser, key) as enrolment:
            return self._take(enrolment, line).path

    def discard(self, browser: str, key: str) -> str:
        """Delete an enrolment with its recordings."""
        with self._enrolment(browser, key) as enrolment:
            enrolment.discard()
        self._close(key)
        return self.home(browser, "The recordings are deleted.")

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
    def _enrolment(self, browser: str, key: str) -> Iterator[Enrolment]:
        """An enrolment of this browser, for one request at a time."""
        if not self._owners.owns("enrolment", key, browser):
            raise _no_enrolment()
        with self._guard:
            lock = self._locks.setdefault(key, threading.Lock())
            if self._is_making(key):
                raise WorkError("E-ENROL-BUSY", "The voice is being made.", "Wait until it is ready.")
        with lock:
            yield self._studio.enrolment(key)

    def _close(self, key: str) -> None:
        """An enrolment is no more."""
        self._owners.drop("enrolment", key)
        self._locks.pop(key, None)

    # --- making the voice ---

    def finish(self, browser: str, key: str) -> str:
        """Make the voice and let it say its first sentence, in a thread of its own."""
        with self._enrolment(browser, key) as enrolment:
            making = self._makings[key] = Making(enrolment.name, browser)
            self._thread.submit(self._make, making, enrolment)
        return booth.making(key, making.name, making.stage, 0.0)

    def made(self, browser: str, key: str) -> tuple[str, bool]:
        """How far it is: the screen, and whether it is ready.

        Raises:
            PresenterError: it could not be made; the recordings are still there.
        """
        making = self._makings.get(key)
        if making is None or not self._owners.owns("enrolment", key, browser):
            raise _no_enrolment()
        if not making.finished.wait(0.3):
            return booth.making(key, making.name, making.stage, time.monotonic() - making.began), False
        del self._makings[key]
        if making.voice is None:
            raise making.error or _no_enrolment()
        self._close(key)
        card = self._card(making.voice)
        complaint = views.failure(making.error) if making.error else ""
        return booth.made(card, making.engine, complaint), True

    def _is_making(self, key: str) -> bool:
        making = self._makings.get(key)
        return making is not None and not making.finished.is_set()

    def _make(self, making: Making, enrolment: Enrolment) -> None:
        try:
            voice = enrolment.finish()
            self._owners.give("voice", self._mark(voice), making.browser)
            making.voice = voice
            making.stage = "Learning the voice and saying a first sentence"
            making.engine = self._say(elements.example(voice.languages[0]), voice.id).engine
        except BaseException as error:  # whatever it is, the page must not wait for ever
            making.error = known(error)
        finally:
            making.finished.set()

    # --- voices ---

    def sample(self, browser: str, name: str, said: str) -> bytes:
        """A sentence in a voice, as a WAV file.

        Raises:
            InputError: ``E-VOICE-NAME``, ``E-SAMPLE-LONG``, and what ``Studio.say`` raises.
            WorkError: ``E-BUSY``.
        """
        voice = next((one for one in self.visible(browser) if one.id == name), None)
        if voice is None:
            raise _no_voice(name)
        return self._studio.sound(self._say(said, voice.id))

    def _say(self, said: str, voice: str | None, language: str | None = None) -> Recital:
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

    def export(self, browser: str, name: str, target: Path) -> Path:
        """A voice as a file that another installation can take."""
        return self._studio.export_voice(self.own(name, browser).id, target)

    def forget(self, browser: str, name: str) -> str:
        """Delete a voice and all that was made with it."""
        voice = self.own(name, browser)
        mark = self._mark(voice)
        self._studio.forget_voice(voice.id)
        self._owners.drop("voice", mark)
        return self.home(browser, f"The voice “{voice.name}” and all that was made with it are deleted.")

    # --- pronunciations ---

    def hear_word(self, word: str, says: str, language: str) -> bytes:
        """A word in a way of saying it, as a WAV file.

        Raises:
            InputError: what ``pronunciations.checked`` raises.
        """
        entry = pronunciations.checked(word, says, language)
        shown = re.sub(r"[][{}\\]", "", entry.word)
        said = self._say(f"[{shown}]{{say: {entry.say}}}", None, entry.language or None)
        return self._studio.sound(said)

    def add_word(self, browser: str, word: str, says: str, language: str) -> str:
        """Keep a way of saying a word."""
        self._check_editable()
        entry = pronunciations.add(self._home, word, says, language)
        return self.home(browser, f"“{entry.word}” is said “{entry.say}” from now on.", of_words=True)

    def remove_word(self, browser: str, word: str, language: str) -> str:
        """Forget a way of saying a word."""
        self._check_editable()
        pronunciations.remove(self._home, word, language)
        return self.home(browser, f"“{word}” is said as it is written again.", of_words=True)

    def _check_editable(self) -> None:
        if not self._editable:
            raise InputError(
                "E-PRONOUNCE-SHARED",
                "This list is shared by all visitors, so it cannot be changed here.",
                'Set it for one lesson: put "pronounce" at the head of its script.',
            )


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
