"""The chat about lessons: message -> proposal with its difference -> approval -> new version.

Nothing but a version of a lesson ever comes of a message. Rendering, publishing, deleting for good and
consents are a door's, after a click.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from presenter import director, faces, quotas, script, themes
from presenter.director import Answer, Context, Difference, Edit, Proposal, Reply, answers
from presenter.errors import InputError, PresenterError
from presenter.lessons.shelf import Entry, Lesson, Message, Shelf, Version
from presenter.order import Order
from presenter.settings import Settings
from presenter.types import Script, Voice

Hear = Callable[[str], None]
"""Is given the words of an answer as they come."""
Understand = Callable[[str, Context, Hear], Reply]
"""From a message to a reply: the command grammar, or a model with it."""

Explain = Callable[[str, Context, Hear], Sequence[str]]
"""From a question about a lesson to the sentences of an answer; none where there is none."""


TURNS, REMEMBERED = 8, 2000
"""So many turns of the conversation, and characters of each, are told to a language model."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Who and what can be asked for by name."""

    voices: tuple[str, ...] = ()
    own_voices: tuple[str, ...] = ()
    """Those of them that the owner may delete."""
    portraits: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()

    @classmethod
    def here(cls, settings: Settings, voices: Sequence[Voice], own: Sequence[str] = ()) -> Cast:
        """All sample presenters and themes of an installation, with these voices.

        Args:
            voices: those that the owner may use.
            own: names of those that the owner may delete.
        """
        return cls(
            tuple(one.name if one.reference else one.id for one in voices),
            tuple(own),
            faces.samples(settings.assets),
            tuple(themes.names([settings.home / "themes", settings.assets / "themes"])),
        )


@dataclass(frozen=True, slots=True)
class Told:
    """What came of a message."""

    lesson: Lesson
    reply: Reply
    difference: Difference | None = None
    """What a proposal would change."""


class Chat:
    """One owner's lessons and the conversations about them.

    Args:
        settings: limits, and what renders are estimated with.
        shelf: where lessons are kept.
        owner: whose they are; opaque.
        cast: the names that this owner may use.
        understand: how messages are understood.
        explain: how questions about a lesson are answered.
    """

    def __init__(
        self,
        settings: Settings,
        shelf: Shelf,
        owner: str,
        cast: Cast,
        understand: Understand,
        explain: Explain,
    ) -> None:
        self._settings = settings
        self._shelf = shelf
        self._owner = owner
        self._cast = cast
        self._understand = understand
        self._explain = explain

    # --- lessons --------------------------------------------------------------------------------

    def lessons(self) -> tuple[Entry, ...]:
        """All lessons, the one changed last first."""
        return self._shelf.all(self._owner)

    def lesson(self, name: str) -> Lesson:
        """A lesson; raises ``E-LESSON-UNKNOWN``, here and below, also where it is somebody else's."""
        return self._shelf.get(name, self._owner)

    def begin(self, source: str = "") -> Lesson:
        """A new lesson, empty or from a text; see ``Shelf.begin``."""
        return self._shelf.begin(self._owner, source)

    def save(
        self,
        name: str,
        source: str,
        revision: int | None = None,
        *,
        summary: str = "",
        unread: bool = False,
    ) -> Lesson:
        """A new version from the editor; see ``Shelf.save``."""
        return self._shelf.save(name, self._owner, source, revision=revision, summary=summary, unread=unread)

    def note(self, name: str, words: str) -> Lesson:
        """Add to the transcript what came of a click; nothing waits after it."""
        return self._shelf.tell(name, self._owner, "chat", words)

    def refuse(self, name: str, error: PresenterError) -> Lesson:
        """Add to the transcript why a message could not be answered."""
        words = f"{error.message} {error.hint}".rstrip()
        return self._shelf.tell(name, self._owner, "chat", words, director.Refusal(error.code, words))

    def undo(self, name: str, revision: int | None = None) -> Lesson:
        """Back to the version before; see ``Shelf.undo``."""
        return self._shelf.undo(name, self._owner, revision=revision)

    def redo(self, name: str, revision: int | None = None) -> Lesson:
        """Forward again; see ``Shelf.redo``."""
        return self._shelf.redo(name, self._owner, revision=revision)

    def restore(self, name: str, number: int, revision: int | None = None) -> Lesson:
        """To any version; see ``Shelf.restore``."""
        return self._shelf.restore(name, self._owner, number, revision=revision)

    def versions(self, name: str) -> tuple[Version, ...]:
        """All versions of a lesson, the oldest first."""
        return self._shelf.versions(name, self._owner)

    def call(self, name: str, number: int, words: str) -> None:
        """Give a version a name."""
        self._shelf.call(name, self._owner, number, words)

    def delete(self, name: str) -> None:
        """Delete a lesson for good, with its versions, its pictures and what was said about it."""
        shutil.rmtree(self._shelf.delete(name, self._owner), ignore_errors=True)

    def messages(self, name: str) -> tuple[Message, ...]:
        """What was said about a lesson, in order."""
        return self._shelf.messages(name, self._owner)

    # --- talking --------------------------------------------------------------------------------

    def propose(
        self,
        name: str,
        message: str,
        *,
        language: str = "en",
        slide: str = "",
        segment: str = "",
        hear: Hear = lambda _: None,
    ) -> Told:
        """Take a message and answer it. Whatever it is, the lesson stays as it is.

        Args:
            language: BCP 47 tag of the conversation.
            slide, segment: ids of what is selected, or ``""``.
            hear: is given the words of a language model as they come.

        Raises:
            Busy: ``E-QUOTA-MESSAGES``.
            SetupError, WorkError: ``E-CHAT-...``; see ``director.model``. The message is in the transcript.
        """
        lesson = self.lesson(name)
        quotas.take(
            self._settings.home, self._owner, "messages", 1, self._settings.messages_a_day, "messages",
            "E-QUOTA-MESSAGES",
        )  # fmt: skip
        context = self._context(lesson, language, slide, segment)
        self._shelf.tell(name, self._owner, "user", message)
        reply = self._understand(message, context, hear)
        return self._told(self._shown(lesson, reply))

    def choose(self, name: str, number: int, *, language: str = "en", hear: Hear = lambda _: None) -> Told:
        """Take a choice of the question that waits, counted from 1.

        Args:
            language, hear: as for ``propose``.

        Raises:
            InputError: ``E-CHAT-CHOICE`` where nothing waits or there is no such choice.
        """
        lesson = self.lesson(name)
        choices = () if isinstance(lesson.pending, Proposal | None) else lesson.pending.choices
        if not 1 <= number <= len(choices):
            raise InputError("E-CHAT-CHOICE", "That choice is not there (any more).", "Ask again.", "message")
        chosen = choices[number - 1]
        if isinstance(chosen.reply, Answer) and chosen.reply.beyond:
            # The answer is for the language model.
            return self.propose(name, chosen.label, language=language, hear=hear)
        self._shelf.tell(name, self._owner, "user", chosen.label)
        return self._told(self._shown(lesson, chosen.reply))

    def approve(self, name: str, revision: int | None = None) -> Lesson:
        """Carry the proposal that waits out: a new version, or a new lesson where the proposal says so.

        Raises:
            InputError: ``E-CHAT-NOTHING`` where none waits; as ``Shelf.save``.
        """
        lesson = self.lesson(name)
        if not isinstance(lesson.pending, Proposal):
            raise InputError(
                "E-CHAT-NOTHING", "No proposal waits for approval.", "Say what to change.", "message"
            )
        source = self._applied(lesson, lesson.pending)
        summary = lesson.pending.summary
        if lesson.pending.fresh and lesson.source:
            begun = self._shelf.begin(self._owner, source, summary)  # first: where it is refused, it waits on
            self._shelf.discard(name, self._owner)
            return begun
        return self._shelf.save(
            name, self._owner, source, revision=revision or lesson.revision, summary=summary
        )

    def discard(self, name: str) -> Lesson:
        """Let the proposal or the question that waits go."""
        return self._shelf.discard(name, self._owner)

    def waiting(self, name: str) -> Told | None:
        """What waits, with its difference and price, for a page that is opened again; None for nothing."""
        lesson = self.lesson(name)
        return self._shown(lesson, lesson.pending) if lesson.pending else None

    def answer(self, name: str, question: str, *, language: str = "en", hear: Hear = lambda _: None) -> Order:
        """A question about a lesson, answered by its presenter: what to render as a short video.

        Args:
            language: of the answer where the lesson names none; ``hear`` as for ``propose``.
        """
        lesson = self.lesson(name)
        context = self._context(lesson, language)
        told = (message.reply for message in reversed(self.messages(name)))
        known = (one.text for one in told if isinstance(one, Answer) and one.question == question)
        said = [next(known, "")]  # what was answered in writing is said in the same words
        if not said[0]:
            said = [one for one in self._explain(question, context, hear) if one.strip()]
        source = answers.as_lesson(said, context.script, language, title=question)
        return Order(source, folder=lesson.folder if lesson.folder.is_dir() else None)

    def order(self, name: str) -> Order:
        """What to render of a lesson."""
        lesson = self.lesson(name)
        return Order(lesson.source, folder=lesson.folder if lesson.folder.is_dir() else None)

    # --- inside ---------------------------------------------------------------------------------

    def _context(self, lesson: Lesson, language: str, slide: str = "", segment: str = "") -> Context:
        return Context(
            script=self._read(lesson.source) if lesson.source else None,
            slide=slide,
            segment=segment,
            voices=self._cast.voices,
            own_voices=self._cast.own_voices,
            portraits=self._cast.portraits,
            themes=self._cast.themes,
            language=language,
            pending=lesson.pending,
            last=self._approved_last(lesson),
            said=tuple((one.who, one.text[:REMEMBERED]) for one in self.messages(lesson.id)[-TURNS:]),
        )

    def _approved_last(self, lesson: Lesson) -> tuple[Edit, ...]:
        """The edits that the present version came of: what "it" and "the same for slide 4" go back to."""
        summary = next((one.summary for one in self.versions(lesson.id) if one.number == lesson.at), "")
        told = (one.reply for one in reversed(self.messages(lesson.id)) if summary)
        found = (one for one in told if isinstance(one, Proposal) and one.summary == summary)
        return next((one.edits for one in found), ())

    def _told(self, told: Told) -> Told:
        """The reply written down; it waits from now on if it asks or proposes."""
        words = getattr(told.reply, "summary", "") or getattr(told.reply, "text", "")
        return replace(told, lesson=self._shelf.tell(told.lesson.id, self._owner, "chat", words, told.reply))

    def _shown(self, lesson: Lesson, reply: Reply) -> Told:
        """A reply with what people look at. A proposal that cannot be carried out becomes the reason."""
        if not isinstance(reply, Proposal):
            return Told(lesson, reply)
        try:
            source = self._applied(lesson, reply)
            difference = director.diff(
                "" if reply.fresh else lesson.source, source, limit=self._settings.max_script_characters
            )
        except InputError as error:
            return Told(lesson, director.Refusal(error.code, f"{error.message} {error.hint}".rstrip()))
        return Told(lesson, reply, difference)

    def _applied(self, lesson: Lesson, proposal: Proposal) -> str:
        before = "" if proposal.fresh else lesson.source
        return director.apply(before, proposal.edits, limit=self._settings.max_script_characters)

    def _read(self, source: str) -> Script:
        return script.parse(source, limit=self._settings.max_script_characters)
