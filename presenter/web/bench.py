"""A lesson as the page shows it: which screens there are, and what stands in each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from presenter import compose, director
from presenter.director import CONFIRMED, Answer, Proposal, Refusal, Request
from presenter.errors import PresenterError, known
from presenter.jobs import Job
from presenter.lessons import Cast, Chat, Lesson, Message
from presenter.order import SIZES
from presenter.storyboard import Board
from presenter.studio import Studio
from presenter.video import Chapter
from presenter.web import chat, editor, proposals, stage, views
from presenter.web.album import Album
from presenter.web.orders import Orders
from presenter.web.portraits import thumbnail
from presenter.web.replies import Replies
from presenter.web.samples import Samples
from presenter.web.shows import Shows
from presenter.web.sight import Sight
from presenter.web.visits import Asked, Visit
from presenter.web.voices import Voices
from presenter.web.words import Words

EVERYTHING = ("talk", "bar", "making", "player", "slides", "text", "look")
"""The places that change when a lesson's text does. The player comes after the progress: where a render ends
between the two, the page asks once more, and does not stay with half a video."""

CLICKED = (CONFIRMED - {"forget-voice"}) | {"preview", "cancel"}
"""What the page does after a click on it in the chat; a voice is forgotten at People."""

FAILED = frozenset(f"E-CHAT-{name}" for name in ("TIME", "BUSY", "REACH", "NONSENSE"))
"""Refusals after which the same message may be answered the next time."""

LATEST = 5
"""So many of a lesson's last videos are looked at to find one that can be seen."""


class Bench:
    """Shows lessons.

    Args:
        studio: reads and prices them.
        orders: makes orders of them.
        album: the portraits that people brought.
        voices: knows who may use which voice.
        samples: what stands there before there is a lesson.
        shows: which videos were made of a lesson.
        replies: what is being answered.
    """

    def __init__(
        self,
        studio: Studio,
        orders: Orders,
        album: Album,
        voices: Voices,
        samples: Samples,
        shows: Shows,
        replies: Replies,
    ) -> None:
        self._studio = studio
        self._orders = orders
        self._album = album
        self._voices = voices
        self._shows = shows
        self._replies = replies
        self.samples = samples

    def chat(self, visit: Visit) -> Chat:
        """The lessons of whoever asks, and what can be asked for by name in them."""
        voices = self._voices.visible(visit)
        cast = Cast(
            voices=tuple(voice.id for voice in voices),
            own_voices=tuple(voice.id for voice in voices if voice.reference),
            portraits=tuple(name for name, _, _ in self._faces(visit)),
            themes=self._studio.themes(),
        )
        return self._studio.chat(visit.owner, cast)

    # --- what is asked for ---

    def view(self, visit: Visit, asked: Asked) -> str:
        """A lesson: the one asked for, else the one that was changed last, else a welcome."""
        wanted, words, kept = asked.place.get("id", ""), visit.words, self.chat(visit)
        entries = kept.lessons()
        name = wanted or (entries[0].id if entries else "new")
        if name == "new":
            player = stage.player(words, None, sample=self.samples.player(words))
            right = editor.bar(words, None, entries, ()) + player
            return f"<div class='bench first'>{chat.chat(words, None)}<div class='work'>{right}</div></div>"
        lesson = kept.lesson(name)
        sight = self._sight(visit, lesson)
        shown = {name: self._part(sight, name) for name in EVERYTHING if name != "talk"}
        right = shown["bar"] + shown["player"] + shown["making"] + editor.editor(words, shown)
        talk = chat.chat(words, lesson, kept.messages(name), self._waiting(sight))
        return f"<div class='bench'>{talk}<div class='work'>{right}</div></div>"

    def progress(self, visit: Visit, asked: Asked) -> str:
        """How far the render is; when it ended, also what it changed."""
        sight = self._sight(visit, self.chat(visit).lesson(asked.place["id"]))
        names = ("player", "making", *(("slides", "talk") if sight.ended else ()))
        return "".join(self._part(sight, name) for name in names)

    def answer(self, visit: Visit, asked: Asked) -> str:
        """How far the video of the last answer is."""
        kept = self.chat(visit)
        lesson = kept.lesson(asked.place["id"])
        job, pieces = self._answer(visit, lesson, answered(kept.messages(lesson.id)))
        if job is None or job.finished:
            return self.parts(visit, lesson, "talk")
        return chat.answer_player(visit.words, job) + chat.answer_making(visit.words, lesson, job, pieces)

    def slide(self, asked: Asked) -> bytes:
        """A slide of a lesson as a JPEG; who knows the unguessable ids of owner and lesson may see it."""
        lesson, (layout, width) = self._found(asked), _drawn(asked)
        order = self._orders.plain(lesson)
        return views.jpeg(self._studio.slide(order, asked.place["slide"], layout, width))

    def head(self, asked: Asked) -> bytes:
        """The presenter of a lesson as a JPEG; as ``slide``."""
        lesson, (layout, width) = self._found(asked), _drawn(asked)
        order = self._orders.portrayed(asked.place["owner"], lesson)
        return views.jpeg(self._studio.head(order, layout, width))

    def _found(self, asked: Asked) -> Lesson:
        return self._studio.chat(asked.place["owner"], Cast()).lesson(asked.place["id"])

    # --- its parts ---

    def parts(self, visit: Visit, lesson: Lesson, *names: str) -> str:
        """Some places with what stands in them now."""
        sight = self._sight(visit, lesson)
        return "".join(self._part(sight, name) for name in names)

    def _sight(self, visit: Visit, lesson: Lesson) -> Sight:
        return Sight(visit, lesson, self._jobs(visit, lesson), self._board)

    def _part(self, sight: Sight, name: str) -> str:
        """One place with what stands in it now."""
        draw: dict[str, Callable[[Sight], str]] = {
            "talk": self._talk,
            "bar": self._bar,
            "player": self._player,
            "making": self._making,
            "slides": self._slides,
            "text": lambda sight: editor.text_of(sight.words, sight.lesson),
            "look": self._look,
            "version": lambda sight: editor.version(sight.lesson),
            "hints": self._hints,
        }
        return draw[name](sight)

    def _talk(self, sight: Sight) -> str:
        messages = self.chat(sight.visit).messages(sight.lesson.id)
        return chat.talk(sight.words, sight.lesson, messages, self._waiting(sight))

    def _bar(self, sight: Sight) -> str:
        kept = self.chat(sight.visit)
        return editor.bar(sight.words, sight.lesson, kept.lessons(), kept.versions(sight.lesson.id))

    def _player(self, sight: Sight) -> str:
        shown = sight.seen
        chapters: Sequence[Chapter] = ()
        if shown is not None and shown.video is not None:
            chapters = self._studio.chapters(Path(shown.video.path))
        blank = self._blank(sight) if shown is None else ""
        return stage.player(sight.words, shown, chapters, blank)

    def _blank(self, sight: Sight) -> str:
        """What stands on the stage while nothing is made: how the lesson will begin."""
        board, lesson = sight.board, sight.lesson
        if board is None:
            return self.samples.player(sight.words) if not lesson.source.strip() else ""
        frame = editor.frame(place_of(sight.visit, lesson), board, board.cards[0], editor.LARGE)
        return f"<div class='screen'>{frame}</div>"

    def _making(self, sight: Sight) -> str:
        job, words, lesson = sight.job, sight.words, sight.lesson
        if job is not None and not job.finished:
            return stage.making(words, lesson.id, job, self._pieces(lesson.source, job))
        if not lesson.source.strip():
            return "<div data-place='making' class='making'></div>"
        note = _ended(sight.words, job) if job is not None else ""
        if sight.board is None:
            return stage.broken(note + sight.failure)
        cost = sight.board.estimate
        made = job is not None and job.state == "done" and not cost.new
        return stage.ready(words, lesson.id, cost, note, made=made)

    def _slides(self, sight: Sight) -> str:
        place = place_of(sight.visit, sight.lesson) if sight.board else ""
        return editor.slides(sight.words, sight.lesson.id, place, sight.board)

    def _hints(self, sight: Sight) -> str:
        script = sight.board.recipe.script if sight.board else None
        return editor.hints(sight.words, script, sight.failure)

    def _look(self, sight: Sight) -> str:
        try:
            settings = dict(self._studio.parse(sight.lesson.source).settings)
        except PresenterError:
            settings = {}
        chosen = {"portrait": self._studio.settings.portrait, **settings}
        menus, faces = self._menus(sight.visit), self._faces(sight.visit)
        return editor.look(sight.words, sight.lesson, menus, chosen, faces)

    # --- what they are made of ---

    def _board(self, visit: Visit, lesson: Lesson) -> tuple[Board | None, str]:
        """The storyboard, or what is wrong with the lesson."""
        if not lesson.source.strip():
            return None, ""
        try:
            return self._studio.board(self._orders.order(visit, lesson)), ""
        except Exception as error:
            # Nobody pressed a button: it is shown, but interrupts no screen reader.
            return None, views.failure(visit.words, known(error), role="status")

    def job(self, visit: Visit, lesson: Lesson) -> Job | None:
        """The newest job of a lesson."""
        return next(iter(self._jobs(visit, lesson)), None)

    def _jobs(self, visit: Visit, lesson: Lesson) -> Sequence[Job]:
        wanted = [show.job for show in self._shows.of(lesson.id) if not show.question][-LATEST:]
        return [job for job in self._studio.jobs(visit.owner) if job.id in wanted] if wanted else []

    def _pieces(self, source: str, job: Job) -> list[tuple[str, str]]:
        """Address and words of each finished sentence."""
        segments = self._studio.parse(source).segments if job.ready else ()
        said = [segment.text for segment in segments] + [""] * job.ready
        return [(f"media/{job.id}/early/{number}.mp4", said[number]) for number in range(job.ready)]

    def _menus(self, visit: Visit) -> dict[str, list[tuple[str, str]]]:
        words = visit.words
        automatic = ("", words.plain("look.automatic"))
        names = words.plain
        spoken = views.languages(words, self._studio.languages())
        return {
            "voice": [automatic, *((voice.id, voice.name) for voice in self._voices.visible(visit))],
            "language": [automatic, *((code, views.both_names(words, code)) for _, code in spoken)],
            "layout": [automatic, *((name, names(f"layout.{name}")) for name in compose.LAYOUTS)],
            "theme": [
                automatic,
                *((name, name.capitalize()) for name in self._studio.themes()),
            ],
            "size": [automatic, *((name, names(f"size.{name}")) for name in SIZES)],
            "captions": [
                automatic,
                *((name, names(f"captions.{name}")) for name in ("soft", "burned", "none")),
            ],
            "speed": [
                automatic,
                *((value, names(f"speed.{value}")) for value in ("0.8", "0.9", "1.1", "1.25")),
            ],
        }

    def _faces(self, visit: Visit) -> list[tuple[str, str, str]]:
        samples = [(name, name.capitalize(), f"presenters/{name}.jpg") for name in self._studio.portraits()]
        own = [
            (one.id, one.name, views.inline(thumbnail(self._album.path(one))))
            for one in self._album.of(visit.owner)
            if one.person
        ]
        return samples + own

    # --- the conversation ---

    def wanted(self, messages: Sequence[Message]) -> Request | None:
        """What was asked for last and needs a click on exactly this."""
        reply = messages[-1].reply if messages else None
        return reply if isinstance(reply, Request) and reply.action in CLICKED else None

    def _waiting(self, sight: Sight) -> str:
        """What waits for a click, ready to be clicked; or what is being written."""
        words, lesson = sight.words, sight.lesson
        said = self._replies.words(lesson.id)
        if said is not None:
            return chat.writing(words, lesson, said)
        if isinstance(lesson.pending, Proposal):
            return self._proposal(sight.visit, lesson, lesson.pending)
        messages = self.chat(sight.visit).messages(lesson.id)
        if lesson.pending is not None:
            asked = next((one.text for one in reversed(messages) if one.who == "user"), "")
            failed = isinstance(lesson.pending, Refusal) and lesson.pending.code in FAILED
            return chat.choices(lesson, lesson.pending) + (chat.again(words, lesson, asked) if failed else "")
        if messages and messages[-1].who == "user":  # the server was stopped before it could answer
            return chat.again(words, lesson, messages[-1].text)
        if question := answered(messages):
            return chat.answering(words, lesson, *self._answer(sight.visit, lesson, question))
        request = messages[-1].reply if messages else None
        if not isinstance(request, Request):
            return ""
        price = stage.price(words, sight.board.estimate) if sight.board else ""
        if request.action not in CLICKED:
            return chat.telling(words, request, sight.seen, price)
        return chat.confirming(words, lesson, request, price)

    def _answer(
        self, visit: Visit, lesson: Lesson, question: str
    ) -> tuple[Job | None, list[tuple[str, str]]]:
        """The video that answers a question, and its finished pieces while it is being made."""
        show = self._shows.answer(lesson.id, question)
        job = next((one for one in self._studio.jobs(visit.owner) if show and one.id == show.job), None)
        if job is None or job.finished or not job.ready:
            return job, []
        return job, self._pieces(self.chat(visit).answer(lesson.id, question).source, job)

    def _proposal(self, visit: Visit, lesson: Lesson, proposal: Proposal) -> str:
        told = self.chat(visit).waiting(lesson.id)
        if told is None or told.difference is None:
            return ""
        try:
            source = director.apply("" if proposal.fresh else lesson.source, proposal.edits)
            board = self._studio.board(self._orders.order(visit, replace(lesson, source=source)))
            price = stage.price(visit.words, board.estimate)
        except PresenterError as error:
            price = views.failure(visit.words, error, role="status")
        fresh = proposal.fresh or not lesson.source.strip()
        return proposals.proposal(visit.words, lesson, told.difference, price, proposal.notes, fresh=fresh)


def answered(messages: Sequence[Message]) -> str:
    """The question about the lesson that was answered last, or ``""``."""
    reply = messages[-1].reply if messages else None
    return reply.question if isinstance(reply, Answer) else ""


def place_of(visit: Visit, lesson: Lesson) -> str:
    """Where the pictures of a lesson are served."""
    return f"lessons/{visit.owner}/{lesson.id}"


def _drawn(asked: Asked) -> tuple[str, int]:
    """Name of the layout in which something is drawn, and how wide the whole picture is."""
    width = asked.query.get("width", "")
    return asked.query.get("layout", ""), editor.LARGE if width == str(editor.LARGE) else editor.SMALL


def _ended(words: Words, job: Job) -> str:
    """Why a render came to no good end, where it did."""
    if job.error is None or job.state == "done":
        return ""
    look = "warn" if job.state == "cancelled" else "bad"
    small = job.state != "cancelled"
    return views.failure(words, job.error, role="status", look=look, small=small)
