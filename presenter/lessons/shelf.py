"""The shelf: lessons with all their versions and what was said about them, in the database of the jobs.

A lesson's versions are a tree that only grows: undo goes to the parent, redo to the child that was made
last, and an edit after an undo begins a branch. ``revision`` counts every change of a lesson; who changes
it names the revision they saw, so that of two tabs the second one is told.
"""

from __future__ import annotations

import hashlib
import secrets
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from presenter import records, script
from presenter.director import Proposal, Question, Refusal, Reply, from_json, to_json
from presenter.errors import InputError, PresenterError
from presenter.jobs import tables
from presenter.settings import Settings

LONGEST_MESSAGE = 20_000
"""Characters of a message that the transcript keeps."""

_tables = sa.MetaData()

_lessons = sa.Table(
    "presenter_lessons",
    _tables,
    sa.Column("id", sa.String(24), primary_key=True),
    sa.Column(
        "owner", sa.String(64), nullable=False, index=True
    ),  # sha256: nobody who reads it can act for them
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("at", sa.Integer, nullable=False),  # number of the version that counts; 0 before there is one
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("pending", sa.Text),
    sa.Column("created", sa.String(32), nullable=False),
    sa.Column("changed", sa.String(32), nullable=False),
)
_versions = sa.Table(
    "presenter_versions",
    _tables,
    sa.Column("lesson", sa.String(24), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("parent", sa.Integer, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("summary", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False, default=""),
    sa.Column("made", sa.String(32), nullable=False),
)
_messages = sa.Table(
    "presenter_messages",
    _tables,
    sa.Column("lesson", sa.String(24), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("who", sa.String(4), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("reply", sa.Text),
    sa.Column("made", sa.String(32), nullable=False),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A lesson in a list."""

    id: str
    title: str
    created: str
    """ISO 8601, UTC; so is ``changed``."""
    changed: str


@dataclass(frozen=True, slots=True)
class Version:
    """A state of a lesson that it can go back to."""

    number: int
    """From 1; never used again."""
    parent: int
    """The version that it was made from, or 0."""
    summary: str
    """What was changed, in plain words."""
    name: str
    """What somebody calls it, or ``""``."""
    made: str
    """ISO 8601, UTC."""


@dataclass(frozen=True, slots=True)
class Message:
    """Something that was said."""

    who: str
    """``user`` or ``chat``."""
    text: str
    reply: Reply | None
    """What the chat meant."""
    made: str
    """ISO 8601, UTC."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """A lesson as it is now."""

    id: str
    title: str
    source: str
    """``""`` before anything was written."""
    at: int
    """Number of its version; 0 before there is one."""
    revision: int
    """Rises with every change: whoever changes the lesson names the one that they saw."""
    pending: Proposal | Question | Refusal | None
    """The reply that waits for an answer."""
    can_undo: bool
    can_redo: bool
    folder: Path
    """Where its pictures are; made by whoever puts one there."""
    created: str
    changed: str


class Shelf:
    """The lessons of an installation. Safe for any number of threads, processes and machines.

    Args:
        settings: where the database is, and how many lessons one owner may keep.

    Raises:
        SetupError: see ``jobs.tables.open_database``.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._engine = tables.open_database(settings, _tables)

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    def _write(self) -> AbstractContextManager[sa.Connection]:
        return tables.writing(self._engine).begin()

    # --- reading ------------------------------------------------------------------------------------

    def all(self, owner: str) -> tuple[Entry, ...]:
        """The lessons of an owner, the one changed last first."""
        asked = (
            sa.select(_lessons).where(_lessons.c.owner == _digest(owner)).order_by(_lessons.c.changed.desc())
        )
        with self._engine.begin() as link:
            return tuple(Entry(row.id, row.title, row.created, row.changed) for row in link.execute(asked))

    def get(self, name: str, owner: str) -> Lesson:
        """A lesson.

        Raises:
            InputError: ``E-LESSON-UNKNOWN``, also where it is somebody else's.
        """
        with self._engine.begin() as link:
            return self._lesson(link, self._row(link, name, owner))

    def versions(self, name: str, owner: str) -> tuple[Version, ...]:
        """All versions of a lesson, the oldest first; raises as ``get``."""
        with self._engine.begin() as link:
            self._row(link, name, owner)
            asked = sa.select(_versions).where(_versions.c.lesson == name).order_by(_versions.c.number)
            return tuple(
                Version(row.number, row.parent, row.summary, row.name, row.made)
                for row in link.execute(asked)
            )

    def source(self, name: str, owner: str, number: int) -> str:
        """The text of a version; raises as ``get``, and ``E-LESSON-VERSION``."""
        with self._engine.begin() as link:
            self._row(link, name, owner)
            return self._source(link, name, number)

    def messages(self, name: str, owner: str) -> tuple[Message, ...]:
        """What was said about a lesson, in order; raises as ``get``."""
        with self._engine.begin() as link:
            self._row(link, name, owner)
            asked = sa.select(_messages).where(_messages.c.lesson == name).order_by(_messages.c.number)
            return tuple(
                Message(row.who, row.text, _reply(row.reply), row.made) for row in link.execute(asked)
            )

    # --- changing -----------------------------------------------------------------------------------

    def begin(self, owner: str, source: str = "", summary: str = "") -> Lesson:
        """A new lesson, with a first version where there is a source.

        Raises:
            InputError: ``E-LESSON-MANY``; what ``script.parse`` raises of the source.
        """
        title = self._title(source) if source.strip() else ""
        name, now = secrets.token_urlsafe(16), _now()
        with self._write() as link:
            own = sa.select(sa.func.count()).select_from(_lessons).where(_lessons.c.owner == _digest(owner))
            if (link.scalar(own) or 0) >= self._settings.lessons_each:
                raise InputError(
                    "E-LESSON-MANY",
                    f"You keep {self._settings.lessons_each} lessons; that is the limit.",
                    "Delete one that you no longer need.",
                    "lesson",
                )
            link.execute(
                _lessons.insert().values(
                    id=name, owner=_digest(owner), title=title, at=0, revision=1, created=now, changed=now
                )
            )
            row = self._row(link, name, owner)
            if source.strip():
                self._add(link, row, source, summary)
            return self._lesson(link, self._row(link, name, owner))

    def save(
        self,
        name: str,
        owner: str,
        source: str,
        *,
        revision: int | None = None,
        summary: str = "",
        unread: bool = False,
    ) -> Lesson:
        """A new version of a lesson. A proposal that waits is gone: it was made for the old one.

        Args:
            revision: the one that the change was made for; None changes whatever is there.
            unread: keep also what cannot be read as a lesson (yet), under the title that there was.

        Raises:
            InputError: ``E-LESSON-STALE`` where the lesson was changed meanwhile; as ``get`` and
                ``script.parse``.
        """
        title = None if unread else self._title(source)
        with self._write() as link:
            row = self._fresh(link, name, owner, revision)
            title = self._title(source, row.title) if title is None else title
            if row.at and self._source(link, name, row.at) == source:
                return self._lesson(link, row)
            self._add(link, row, source, summary)
            self._change(link, name, title=title, pending=None)
            return self._lesson(link, self._row(link, name, owner))

    def undo(self, name: str, owner: str, *, revision: int | None = None) -> Lesson:
        """Back to the version before; raises as ``save``, and ``E-LESSON-UNDO`` where there is none."""
        with self._write() as link:
            row = self._fresh(link, name, owner, revision)
            parent = link.scalar(
                sa.select(_versions.c.parent).where(_versions.c.lesson == name, _versions.c.number == row.at)
            )
            if not parent:
                raise InputError("E-LESSON-UNDO", "There is nothing to undo.", "", "lesson")
            return self._go(link, row, owner, parent)

    def redo(self, name: str, owner: str, *, revision: int | None = None) -> Lesson:
        """To the version that was left by ``undo``; raises as ``save``, and ``E-LESSON-REDO``."""
        with self._write() as link:
            row = self._fresh(link, name, owner, revision)
            child = self._child(link, name, row.at)
            if child is None:
                raise InputError("E-LESSON-REDO", "There is nothing to redo.", "", "lesson")
            return self._go(link, row, owner, child)

    def restore(self, name: str, owner: str, number: int, *, revision: int | None = None) -> Lesson:
        """To any version; raises as ``save``, and ``E-LESSON-VERSION`` where there is none of that number."""
        with self._write() as link:
            row = self._fresh(link, name, owner, revision)
            self._source(link, name, number)
            return self._go(link, row, owner, number)

    def call(self, name: str, owner: str, number: int, words: str) -> None:
        """Give a version a name; raises as ``restore``."""
        with self._write() as link:
            self._row(link, name, owner)
            self._source(link, name, number)
            link.execute(
                _versions.update()
                .where(_versions.c.lesson == name, _versions.c.number == number)
                .values(name=" ".join(words.split())[:100])
            )

    def tell(self, name: str, owner: str, who: str, text: str, reply: Reply | None = None) -> Lesson:
        """Add to the transcript. A reply that asks or proposes waits from now on; any other leaves nothing
        waiting. Raises as ``get``."""
        waits = to_json(reply) if isinstance(reply, Proposal | Question | Refusal) else None
        with self._write() as link:
            row = self._row(link, name, owner)
            last = sa.select(sa.func.max(_messages.c.number)).where(_messages.c.lesson == name)
            link.execute(
                _messages.insert().values(
                    lesson=name,
                    number=(link.scalar(last) or 0) + 1,
                    who=who,
                    text=text[:LONGEST_MESSAGE],
                    reply=to_json(reply) if reply else None,
                    made=_now(),
                )
            )
            if who == "chat":
                self._change(link, name, pending=waits, revision=row.revision + 1)
            return self._lesson(link, self._row(link, name, owner))

    def discard(self, name: str, owner: str) -> Lesson:
        """Let what waits go, which is no change of the lesson; raises as ``get``."""
        with self._write() as link:
            row = self._row(link, name, owner)
            self._change(link, name, pending=None, revision=row.revision + 1, changed=row.changed)
            return self._lesson(link, self._row(link, name, owner))

    def delete(self, name: str, owner: str) -> Path:
        """Delete a lesson with all that was said about it; raises as ``get``.

        Returns:
            The folder of its pictures, which is the caller's to delete.
        """
        with self._write() as link:
            row = self._row(link, name, owner)
            for table in (_messages, _versions):
                link.execute(table.delete().where(table.c.lesson == name))
            link.execute(_lessons.delete().where(_lessons.c.id == name))
            return self._folder(row.id)

    # --- rows ---------------------------------------------------------------------------------------

    def _row(self, link: sa.Connection, name: str, owner: str) -> Any:
        asked = sa.select(_lessons).where(_lessons.c.id == name, _lessons.c.owner == _digest(owner))
        row = link.execute(asked).first()
        if row is None:
            raise InputError(
                "E-LESSON-UNKNOWN", "There is no such lesson.", "Look at the list of your lessons.", "lesson"
            )
        return row

    def _fresh(self, link: sa.Connection, name: str, owner: str, revision: int | None) -> Any:
        row = self._row(link, name, owner)
        if revision is not None and revision != row.revision:
            raise InputError(
                "E-LESSON-STALE",
                "The lesson was changed elsewhere meanwhile, perhaps in another tab.",
                "Look at it again, then repeat your change.",
                "lesson",
            )
        return row

    def _add(self, link: sa.Connection, row: Any, source: str, summary: str) -> None:
        last = sa.select(sa.func.max(_versions.c.number)).where(_versions.c.lesson == row.id)
        number = (link.scalar(last) or 0) + 1
        link.execute(
            _versions.insert().values(
                lesson=row.id,
                number=number,
                parent=row.at,
                source=source,
                summary=summary,
                made=_now(),
            )
        )
        self._change(link, row.id, at=number, revision=row.revision + 1)

    def _go(self, link: sa.Connection, row: Any, owner: str, number: int) -> Lesson:
        title = self._title(self._source(link, row.id, number), row.title)
        self._change(link, row.id, at=number, title=title, pending=None, revision=row.revision + 1)
        return self._lesson(link, self._row(link, row.id, owner))

    def _change(self, link: sa.Connection, name: str, **values: Any) -> None:
        changed = _lessons.update().where(_lessons.c.id == name).values(**{"changed": _now(), **values})
        link.execute(changed)

    def _source(self, link: sa.Connection, name: str, number: int) -> str:
        asked = sa.select(_versions.c.source).where(_versions.c.lesson == name, _versions.c.number == number)
        source = link.scalar(asked)
        if source is None:
            raise InputError(
                "E-LESSON-VERSION", f"The lesson has no version {number}.", "Look at its versions.", "lesson"
            )
        return str(source)

    def _child(self, link: sa.Connection, name: str, number: int) -> int | None:
        asked = sa.select(sa.func.max(_versions.c.number)).where(
            _versions.c.lesson == name, _versions.c.parent == number
        )
        return link.scalar(asked) if number else None

    def _lesson(self, link: sa.Connection, row: Any) -> Lesson:
        current = sa.select(_versions.c.parent).where(
            _versions.c.lesson == row.id, _versions.c.number == row.at
        )
        waits = _reply(row.pending)
        return Lesson(
            id=row.id,
            title=row.title,
            source=self._source(link, row.id, row.at) if row.at else "",
            at=row.at,
            revision=row.revision,
            pending=waits if isinstance(waits, Proposal | Question | Refusal) else None,
            can_undo=bool(link.scalar(current)),
            can_redo=self._child(link, row.id, row.at) is not None,
            folder=self._folder(row.id),
            created=row.created,
            changed=row.changed,
        )

    def _folder(self, name: str) -> Path:
        return self._settings.home / "lessons" / name

    def _title(self, source: str, otherwise: str | None = None) -> str:
        """The title of a text; ``otherwise`` where it cannot be read, unless that is None."""
        try:
            return script.parse(source, limit=self._settings.max_script_characters).title
        except InputError:
            if otherwise is None:
                raise
            return otherwise


def _now() -> str:
    return records.now("microseconds")  # lists are sorted by it


def _digest(owner: str) -> str:
    return hashlib.sha256(owner.encode()).hexdigest()


def _reply(text: str | None) -> Reply | None:
    """A reply as it was kept; one that an older version wrote in another form is none."""
    try:
        return from_json(text) if text else None
    except (ValueError, PresenterError):
        return None
