"""What is done with a lesson on the page: each handler is a few calls of the core and what changed by it.

What belongs to another browser does not exist. Nothing is rendered, published or deleted without a click.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from presenter import decks, director
from presenter.director import LESSON, Edit, Move, Request, Set
from presenter.errors import InputError, SetupError, WorkError
from presenter.lessons import Chat, Lesson, Told, hear
from presenter.studio import Studio
from presenter.web import chat as talking
from presenter.web import shell
from presenter.web.bench import EVERYTHING, Bench, answered
from presenter.web.orders import Orders
from presenter.web.portraits import Portraits, agreeing
from presenter.web.replies import Replies
from presenter.web.shows import Show, Shows
from presenter.web.visits import Asked, Shown, Visit

SETTINGS = ("portrait", "voice", "language", "layout", "theme", "size", "captions", "speed")
"""Settings of a lesson that can be chosen on the page."""

PICTURES = (".jpg", ".jpeg", ".png", ".webp")
TEXTS = (".txt", ".md", "")


class Lessons:
    """What can be done with lessons.

    Args:
        studio: does the work.
        bench: shows lessons.
        orders: makes orders of them.
        portraits: the portraits that people brought.
        shows: which videos were made of a lesson.
        replies: what is being answered.
    """

    def __init__(
        self,
        studio: Studio,
        bench: Bench,
        orders: Orders,
        portraits: Portraits,
        shows: Shows,
        replies: Replies,
    ) -> None:
        self._studio = studio
        self._bench = bench
        self._orders = orders
        self._portraits = portraits
        self._shows = shows
        self._replies = replies

    # --- talking ---

    def begin(self, visit: Visit, asked: Asked) -> Shown:
        """The first message of a new lesson."""
        lesson = self._chat(visit).begin()
        self._say(visit, lesson, asked.text("text"))
        return Shown("", f"lesson/{lesson.id}")

    def sample(self, visit: Visit, _: Asked) -> Shown:
        """A sample lesson of one's own to change."""
        return Shown("", f"lesson/{self._chat(visit).begin(self._bench.samples.source()).id}")

    def say(self, visit: Visit, asked: Asked) -> str:
        """Somebody wrote something: what was understood, and nothing more but undo and redo."""
        changed = self._say(visit, self._lesson(visit, asked), asked.text("text"))
        return self._parts(visit, asked, *(EVERYTHING if changed else ["talk", "version"]))

    def reply(self, visit: Visit, asked: Asked) -> str:
        """What the language model has written so far; when it has ended, what came of it."""
        lesson = self._lesson(visit, asked)
        said = self._replies.words(lesson.id)
        if said is not None:
            return talking.writing(visit.words, lesson, said)
        changed = self._replies.take(lesson.id)
        return self._parts(visit, asked, *(EVERYTHING if changed else ["talk", "version"]))

    def hear(self, visit: Visit, asked: Asked) -> str:
        """Somebody spoke into the microphone: what was heard goes into the message field, and no further."""
        if asked.file is None:
            raise InputError("E-CHAT-SILENT", "The recording did not arrive.", "Speak again.", "message")
        return talking.heard(visit.words, hear(asked.file, visit.words.code))

    def choose(self, visit: Visit, asked: Asked) -> str:
        """One of the ways to read a message was chosen."""
        number = asked.text("choice")
        kept, lesson, language = self._chat(visit), self._lesson(visit, asked), visit.words.code
        chosen = int(number) if number.isdecimal() else 0

        def answer(hear: Callable[[str], None]) -> bool:
            return self._answered(
                kept, lesson, lambda: kept.choose(lesson.id, chosen, language=language, hear=hear)
            )

        changed = self._replies.ask(lesson.id, answer)
        return self._parts(visit, asked, *(EVERYTHING if changed else ["talk", "version"]))

    def approve(self, visit: Visit, asked: Asked) -> str | Shown:
        """The proposed change was approved: a new version of the lesson, or a lesson of its own."""
        chat = self._chat(visit)
        lesson = chat.approve(asked.place["id"])
        if lesson.id != asked.place["id"]:
            return Shown("", f"lesson/{lesson.id}")
        chat.note(lesson.id, visit.words.plain("chat.approved"))
        return self._parts(visit, asked, *EVERYTHING)

    def discard(self, visit: Visit, asked: Asked) -> str:
        """What waits is dropped."""
        self._chat(visit).note(asked.place["id"], visit.words.plain("chat.discarded"))
        return self._parts(visit, asked, "talk", "version")

    # --- writing ---

    def write(self, visit: Visit, asked: Asked) -> str:
        """The text was changed by hand; it is kept even while it cannot be read."""
        seen = asked.text("version")
        self._chat(visit).save(
            asked.place["id"], asked.text("source"), int(seen) if seen.isdecimal() else 0,
            summary=visit.words.plain("lesson.by-hand"), unread=True,
        )  # fmt: skip
        return self._parts(
            visit, asked, "talk", "bar", "making", "player", "slides", "look", "version", "hints"
        )

    def set(self, visit: Visit, asked: Asked) -> str:
        """A setting of the lesson was chosen."""
        edits = [Set(LESSON, name, value) for name, value in asked.form.items() if name in SETTINGS]
        return self._edit(visit, asked, edits)

    def layout(self, visit: Visit, asked: Asked) -> str:
        """A layout was chosen for a slide."""
        return self._edit(visit, asked, [Set(asked.query.get("slide", ""), "layout", asked.text("layout"))])

    def move(self, visit: Visit, asked: Asked) -> str:
        """A slide goes one place up or down."""
        ids = [slide.id for slide in self._studio.parse(self._lesson(visit, asked).source).slides]
        slide, up = asked.text("slide"), asked.text("way") == "earlier"
        at = ids.index(slide) + (-1 if up else 1) if slide in ids else -1
        if not 0 <= at < len(ids):
            return self._parts(visit, asked, "slides")
        return self._edit(visit, asked, [Move(slide, "before" if up else "after", ids[at])])

    def undo(self, visit: Visit, asked: Asked) -> str:
        """Back to the version before."""
        self._chat(visit).undo(asked.place["id"])
        return self._parts(visit, asked, *EVERYTHING)

    def redo(self, visit: Visit, asked: Asked) -> str:
        """Forward again."""
        self._chat(visit).redo(asked.place["id"])
        return self._parts(visit, asked, *EVERYTHING)

    def restore(self, visit: Visit, asked: Asked) -> str:
        """To any version; nothing is lost."""
        number = asked.text("version")
        self._chat(visit).restore(asked.place["id"], int(number) if number.isdecimal() else 0)
        return self._parts(visit, asked, *EVERYTHING)

    def delete(self, visit: Visit, asked: Asked) -> Shown:
        """A lesson goes with its past; its videos stay in the library."""
        self._chat(visit).delete(asked.place["id"])
        self._shows.drop(asked.place["id"])
        return Shown(shell.view("lesson", self._bench.view(visit, Asked())), "lesson")

    # --- files ---

    def bring(self, visit: Visit, asked: Asked) -> str | Shown:
        """A file was dropped into the chat: a photo becomes a portrait, a deck or a text a lesson."""
        if asked.name.lower().endswith(PICTURES):
            own, shown = self._portraits.taken(visit, asked)
            post = f"lessons/{asked.place.get('id', 'new')}/agree"
            more = agreeing(visit.words, own, post) if own is not None and not own.person else ""
            return (
                f"<div data-place='tray' class='tray' data-part><div data-message></div>{shown}{more}</div>"
            )
        return Shown("", f"lesson/{self._imported(visit, asked).id}")

    def agree(self, visit: Visit, asked: Asked) -> str:
        """It is said who gave leave to use the face of a photo that came by chat; the lesson uses it."""
        own = self._portraits.agreed(visit, asked)
        tray = "<div data-place='tray' class='tray'></div>"
        if asked.place["id"] == "new":
            return tray
        return tray + self._edit(visit, asked, [Set(LESSON, "portrait", own.id)])

    # --- rendering ---

    def make(self, visit: Visit, asked: Asked) -> str:
        """The button was pressed: the lesson is rendered as it stands."""
        lesson = self._lesson(visit, asked)
        order = self._orders.order(visit, lesson, small=asked.text("draft") == "yes")
        self._shows.add(lesson.id, Show(self._studio.submit(order, owner=visit.owner).id, lesson.at))
        return self._parts(visit, asked, "making", "player")

    def answer(self, visit: Visit, asked: Asked) -> str:
        """The answer in the chat is wanted as a video: small, so that its first words come soon."""
        lesson, chat = self._lesson(visit, asked), self._chat(visit)
        question = answered(chat.messages(lesson.id))
        if question:
            source = chat.answer(lesson.id, question, language=visit.words.code).source
            order = self._orders.order(visit, replace(lesson, source=source), small=True)
            job = self._studio.submit(order, owner=visit.owner)
            self._shows.add(lesson.id, Show(job.id, lesson.at, question))
        return self._parts(visit, asked, "talk")

    def confirm(self, visit: Visit, asked: Asked) -> str | Shown:
        """Something that was asked for in the chat was confirmed by a click."""
        wanted = self._bench.wanted(self._chat(visit).messages(asked.place["id"]))
        if wanted is None:
            return self._parts(visit, asked, "talk")
        shown = self._do(visit, asked, wanted)
        if isinstance(shown, Shown):
            return shown
        made = wanted.action in ("render", "preview")
        self._chat(visit).note(asked.place["id"], visit.words.plain("stage.leave" if made else "chat.done"))
        return shown + self._parts(visit, asked, "talk", "version")

    def cancel(self, visit: Visit, asked: Asked) -> str:
        """The render is stopped; what is finished is kept."""
        job = self._bench.job(visit, self._lesson(visit, asked))
        if job is not None and not job.finished:
            self._studio.cancel(job.id, visit.owner)
        return self._parts(visit, asked, "making", "player")

    # --- what they share ---

    def _chat(self, visit: Visit) -> Chat:
        return self._bench.chat(visit)

    def _lesson(self, visit: Visit, asked: Asked) -> Lesson:
        return self._chat(visit).lesson(asked.place["id"])

    def _parts(self, visit: Visit, asked: Asked, *names: str) -> str:
        return self._bench.parts(visit, self._lesson(visit, asked), *names)

    def _say(self, visit: Visit, lesson: Lesson, message: str) -> bool | None:
        """Take a message. Whether the text changed; None while it is being answered."""
        kept, language = self._chat(visit), visit.words.code

        def answer(hear: Callable[[str], None]) -> bool:
            return self._answered(
                kept, lesson, lambda: kept.propose(lesson.id, message, language=language, hear=hear)
            )

        return self._replies.ask(lesson.id, answer)

    def _answered(self, chat: Chat, lesson: Lesson, propose: Callable[[], Told]) -> bool:
        """An answer, or in its place what is wrong with the language model. Undo and redo harm nothing and
        are done at once. Whether the text changed."""
        try:
            reply = propose().reply
        except (SetupError, WorkError) as error:
            chat.refuse(lesson.id, error)
            return False
        if not isinstance(reply, Request) or reply.action not in ("undo", "redo"):
            return False
        if reply.action == "undo":
            for count in range(int((*reply.arguments, "1")[0])):
                if count and not chat.lesson(lesson.id).can_undo:
                    break
                chat.undo(lesson.id)
        else:
            chat.redo(lesson.id)
        return True

    def _edit(self, visit: Visit, asked: Asked, edits: Sequence[Edit]) -> str:
        """Edits that were made by hand: they are a click already."""
        lesson = self._lesson(visit, asked)
        source = director.apply(lesson.source, edits)
        self._chat(visit).save(
            lesson.id, source, lesson.revision, summary=visit.words.plain("lesson.by-hand")
        )
        return self._parts(visit, asked, "talk", "bar", "making", "player", "slides", "text", "look")

    def _do(self, visit: Visit, asked: Asked, wanted: Request) -> str | Shown:
        if wanted.action in ("render", "preview"):
            small = {"draft": "yes" if wanted.action == "preview" else ""}
            return self.make(visit, replace(asked, form=small))
        if wanted.action == "restore":
            number = wanted.arguments[0] if wanted.arguments else ""
            return self.restore(visit, replace(asked, form={"version": number}))
        return self.delete(visit, asked) if wanted.action == "forget-lesson" else self.cancel(visit, asked)

    def _imported(self, visit: Visit, asked: Asked) -> Lesson:
        """A new lesson of a deck or a text that was brought."""
        if asked.file is None:
            raise InputError("E-DECK-GONE", "The file did not arrive.", "Choose it again.", "deck")
        deck = asked.file.rename(asked.file.with_suffix(Path(asked.name).suffix.lower()))
        chat = self._chat(visit)
        try:
            if deck.suffix in TEXTS and not decks.is_deck(deck):
                return chat.begin(deck.read_text(encoding="utf-8", errors="replace"))
            lesson = chat.begin()
            try:
                found = self._studio.import_deck(deck, lesson.folder)
                return chat.save(lesson.id, found.lesson.read_text("utf-8"), summary=asked.name)
            except BaseException:
                chat.delete(lesson.id)
                raise
        finally:
            deck.unlink(missing_ok=True)
