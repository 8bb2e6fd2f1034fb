"""The ledger: one row for each job, which doors and workers read and write. Every change of state is one
statement that names the state it starts from, so whoever comes second changes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from presenter.errors import Busy, InputError, PresenterError, SetupError
from presenter.jobs import tables
from presenter.jobs.job import UNFINISHED, Failure, Job
from presenter.jobs.tables import jobs, workers
from presenter.settings import Settings
from presenter.types import Progress, Video

STARTS = 50
"""So often a job is started without finishing one more piece; then it is given up. What a lesson can kill is
a child process, which is tried three times; a worker that dies is seldom the lesson's fault."""

SENT_EACH = 1
"""Jobs of one owner that are with the workers at a time: the next one queues behind those of others."""

_open = jobs.c.state.in_(UNFINISHED)


class Ledger:
    """All jobs of an installation. Safe for any number of threads, processes and machines.

    Raises:
        SetupError: see ``tables.open_database``.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._engine = tables.open_database(settings)

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    def _read(self) -> AbstractContextManager[sa.Connection]:
        return tables.transaction(self._engine)

    def _write(self) -> AbstractContextManager[sa.Connection]:
        return tables.transaction(tables.writing(self._engine))

    def _change(self, *where: sa.ColumnElement[bool], **values: Any) -> bool:
        """Whether a row was as expected, and has these values now."""
        with self._write() as link:
            return link.execute(jobs.update().where(*where).values(**values)).rowcount > 0

    # --- doors ------------------------------------------------------------------------------------

    def add(self, row: Mapping[str, Any]) -> bool:
        """Take a job in; it is on the disk when this returns.

        Args:
            row: values of the columns.

        Returns:
            False where this owner has a job with this key already.

        Raises:
            Busy: ``E-BUSY`` when too many wait, ``E-QUOTA`` when too many of this owner do.
        """
        with self._write() as link:
            if row.get("key") and link.scalar(
                sa.select(jobs.c.id).where(self._named(row["owner"], row["key"]))
            ):
                return False
            self._refuse_many(link, row["owner"])
            try:
                link.execute(jobs.insert().values(created=time.time(), **row))
            except sa.exc.IntegrityError:  # two machines at the same moment
                return False
        return True

    def _refuse_many(self, link: sa.Connection, owner: str) -> None:
        """Raise ``E-BUSY`` when too many jobs wait, ``E-QUOTA`` when too many of this owner do."""
        count = sa.select(sa.func.count()).select_from(jobs).where(_open)
        own, most = link.scalar(count.where(jobs.c.owner == owner)) or 0, self._settings.waiting_each
        if own >= most:
            raise Busy("E-QUOTA", f"{own} of your videos wait; the limit is {most}.", "Try again later.")
        waiting, most = link.scalar(count) or 0, self._settings.waiting
        if waiting >= most:
            raise Busy("E-BUSY", f"{waiting} videos wait; the limit is {most}.", "Try again later.")

    @staticmethod
    def _named(owner: str, key: str) -> sa.ColumnElement[bool]:
        return sa.and_(jobs.c.owner == owner, jobs.c.key == key)

    def by_key(self, owner: str, key: str) -> tuple[str, str] | None:
        """Id and digest of the owner's job with this key."""
        with self._read() as link:
            row = link.execute(sa.select(jobs.c.id, jobs.c.digest).where(self._named(owner, key))).first()
            return (row.id, row.digest) if row else None

    def find(self, name: str, owner: str | None = None) -> Job:
        """The job of that id.

        Args:
            owner: whose it has to be; None for anybody's.

        Raises:
            InputError: ``E-JOB-UNKNOWN``, also where it is somebody else's.
        """
        found = self._jobs(jobs.c.id == name, *([jobs.c.owner == owner] if owner is not None else []))
        if not found:
            raise InputError("E-JOB-UNKNOWN", "There is no such job.", "Look at the list of jobs.", "job")
        return found[0]

    def of(self, owner: str | None, limit: int = 200) -> tuple[Job, ...]:
        """Jobs of an owner (None: of everybody), newest first."""
        return self._jobs(*([jobs.c.owner == owner] if owner is not None else []), limit=limit)

    def _jobs(self, *where: sa.ColumnElement[bool], limit: int = 1) -> tuple[Job, ...]:
        other = jobs.alias()
        before = sa.or_(
            other.c.state == "running",
            other.c.priority < jobs.c.priority,
            sa.and_(other.c.priority == jobs.c.priority, other.c.created < jobs.c.created),
        )
        ahead = (
            sa.select(sa.func.count())
            .select_from(other)
            .where(jobs.c.state == "queued", other.c.state.in_(UNFINISHED), other.c.id != jobs.c.id, before)
            .scalar_subquery()
        )
        chosen = sa.select(jobs, ahead.label("ahead")).where(*where)
        with self._read() as link:
            rows = link.execute(chosen.order_by(jobs.c.created.desc()).limit(limit)).all()
        return tuple(_job(row._mapping) for row in rows)

    def cancel(self, name: str) -> None:
        """Have it stopped: at once where it waits, else as soon as its worker looks."""
        with self._write() as link:
            waiting = jobs.update().where(jobs.c.id == name, jobs.c.state == "queued")
            if not link.execute(waiting.values(**_ended("cancelled"))).rowcount:
                link.execute(
                    jobs.update().where(jobs.c.id == name, jobs.c.state == "running").values(stop=True)
                )

    def retry(self, name: str) -> None:
        """Make it once more, if it failed or was cancelled; finished pieces are kept.

        Raises:
            Busy: as ``add``: it waits as a new one does.
        """
        again: dict[str, Any] = {"state": "queued", "stage": "prepare", "message": "waiting for its turn"}
        clear = dict.fromkeys(("error", "ended", "started", "left", "video"), None)
        ended = (jobs.c.id == name, jobs.c.state.in_(("failed", "cancelled")))
        with self._write() as link:
            owner = link.scalar(sa.select(jobs.c.owner).where(*ended))
            if owner is None:
                return
            self._refuse_many(link, owner)
            again.update(run=jobs.c.run + 1, sent=False, stop=False, told=False, starts=0, done=0.0, **clear)
            link.execute(jobs.update().where(*ended).values(**again))

    def order(self, name: str) -> str | None:
        """What was asked for, as it was taken in."""
        with self._read() as link:
            return link.scalar(sa.select(jobs.c.order).where(jobs.c.id == name))

    def holder(self, name: str) -> str:
        """The worker that began the job last."""
        with self._read() as link:
            return str(link.scalar(sa.select(jobs.c.worker).where(jobs.c.id == name)) or "")

    def made_from(self, *references: str) -> tuple[str, ...]:
        """Ids of all jobs that use a photo or a voice with these sha256."""
        uses = sa.or_(jobs.c.photo.in_(references), jobs.c.voice.in_(references))
        with self._read() as link:
            return tuple(link.scalars(sa.select(jobs.c.id).where(uses)))

    def some(self, names: Iterable[str]) -> tuple[Job, ...]:
        """The jobs of these ids, as far as there are any."""
        wanted = list(names)
        return self._jobs(jobs.c.id.in_(wanted), limit=len(wanted))

    def forget_ended(self) -> tuple[str, ...]:
        """Forget all jobs that have ended; the ids of those that have not."""
        with self._write() as link:
            link.execute(jobs.delete().where(~_open))
            return tuple(link.scalars(sa.select(jobs.c.id)))

    def delete(self, *names: str) -> None:
        """Forget jobs, whatever became of them; one that runs ends because it is not wanted any more."""
        with self._write() as link:
            link.execute(jobs.delete().where(jobs.c.id.in_(names)))

    # --- workers ----------------------------------------------------------------------------------

    def waiting(self) -> list[tuple[str, int, int]]:
        """Jobs that are to be sent to the workers now, as (id, run, priority): of each owner the first, and
        none while one of the same owner is there. So owners take turns."""
        there = jobs.alias()
        busy = sa.select(there.c.owner).where(there.c.sent.is_(True), there.c.state.in_(UNFINISHED))
        rank = sa.func.row_number().over(
            partition_by=jobs.c.owner, order_by=(jobs.c.priority, jobs.c.created)
        )
        first = (
            sa.select(jobs.c.id, jobs.c.run, jobs.c.priority, jobs.c.created, rank.label("rank"))
            .where(_open, jobs.c.sent.is_(False), jobs.c.owner.not_in(busy))
            .subquery()
        )
        chosen = sa.select(first).where(first.c.rank <= SENT_EACH).order_by(first.c.priority, first.c.created)
        with self._read() as link:
            return [(row.id, row.run, row.priority) for row in link.execute(chosen)]

    def sent(self, name: str, run: int, value: bool = True) -> None:
        """It is in the queue of the workers now, or has to go there again."""
        self._change(jobs.c.id == name, jobs.c.run == run, sent=value)

    def with_workers(self) -> list[tuple[str, int, int]]:
        """Unfinished jobs that were sent, as (id, run, fence)."""
        chosen = sa.select(jobs.c.id, jobs.c.run, jobs.c.fence).where(_open, jobs.c.sent.is_(True))
        with self._read() as link:
            return [(row.id, row.run, row.fence) for row in link.execute(chosen)]

    def begin(self, name: str, run: int, worker: str) -> int | None:
        """A worker takes the job: the number that its later messages have to carry (``fence``), or None where
        the job is not to be made (any more).

        A job that was started ``STARTS`` times and did not get on is failed with ``E-JOB-POISON``.
        """
        now = time.time()
        with self._write() as link:
            row = link.execute(sa.select(jobs).where(jobs.c.id == name, jobs.c.run == run, _open)).first()
            if row is None:
                return None
            mine = jobs.update().where(jobs.c.id == name)
            if row.stop:
                link.execute(mine.values(**_ended("cancelled")))
                return None
            if row.starts >= STARTS:
                failure = PresenterError(
                    "E-JOB-POISON",
                    f"The worker died {row.starts} times over this lesson.",
                    "Try a smaller picture or another engine; the operator finds more in the log.",
                )
                link.execute(mine.values(**_ended("failed", error=failure.as_dict())))
                return None
            values = {"state": "running", "fence": row.fence + 1, "starts": row.starts + 1, "worker": worker}
            link.execute(mine.values(started=row.started or now, message="getting ready", **values))
            return int(row.fence) + 1

    def wanted(self, name: str, fence: int) -> bool:
        """Whether the job is still to be made, and by whoever holds this number."""
        with self._read() as link:
            row = link.execute(
                sa.select(jobs.c.state, jobs.c.fence, jobs.c.stop).where(jobs.c.id == name)
            ).first()
        return row is not None and row.state == "running" and row.fence == fence and not row.stop

    def alive(self, name: str, run: int) -> bool:
        """Whether somebody makes this run of the job, and so waits for its pieces."""
        with self._read() as link:
            row = link.execute(
                sa.select(jobs.c.state, jobs.c.run, jobs.c.stop).where(jobs.c.id == name)
            ).first()
        return row is not None and row.state == "running" and row.run == run and not row.stop

    def note(self, name: str, fence: int, progress: Progress) -> None:
        """How far it is. A piece that was finished shows that the job gets on."""
        with self._write() as link:
            mine = (jobs.c.id == name, jobs.c.fence == fence, jobs.c.state == "running")
            before = link.scalar(sa.select(jobs.c.pieces).where(*mine))
            if before is None:
                return
            values = {key: getattr(progress, key) for key in ("stage", "done", "left", "message", "count")}
            if len(progress.ready) > len(before):
                values.update(pieces=list(progress.ready), starts=0)
            link.execute(jobs.update().where(*mine).values(**values))

    def finish(self, name: str, fence: int, video: Video) -> bool:
        """The video is there; false where somebody else has ended the job."""
        return self._end(name, fence, "done", video=asdict(video), done=1.0, stage="done")

    def fail(self, name: str, fence: int, error: PresenterError) -> bool:
        """It cannot be made; false where somebody else has ended the job."""
        return self._end(name, fence, "failed", error=error.as_dict())

    def cancelled(self, name: str, fence: int) -> bool:
        """It was stopped because somebody wanted that; false where nobody did."""
        with self._write() as link:
            mine = (
                jobs.c.id == name,
                jobs.c.fence == fence,
                jobs.c.state == "running",
                jobs.c.stop.is_(True),
            )
            return link.execute(jobs.update().where(*mine).values(**_ended("cancelled"))).rowcount > 0

    def _end(self, name: str, fence: int, state: str, **values: Any) -> bool:
        return self._change(
            jobs.c.id == name, jobs.c.fence == fence, jobs.c.state == "running", **_ended(state, **values)
        )

    def untold(self) -> tuple[Job, ...]:
        """Ended jobs that the webhook does not know of."""
        return self._jobs(~_open, jobs.c.told.is_(False), limit=20)

    def told(self, name: str) -> None:
        """The webhook knows that it ended."""
        self._change(jobs.c.id == name, told=True)

    def expired(self, seconds: float) -> tuple[str, ...]:
        """Ids of jobs that ended longer ago than this."""
        with self._read() as link:
            return tuple(
                link.scalars(sa.select(jobs.c.id).where(~_open, jobs.c.ended < time.time() - seconds))
            )

    def beat(self, name: str, slots: int, lease: float) -> tuple[str, ...]:
        """Say that this worker lives.

        Args:
            slots: pieces that it draws at a time.

        Returns:
            The workers that have been silent for longer than ``lease`` seconds.
        """
        with self._write() as link:
            now = tables.clock(link)
            if not link.execute(
                workers.update().where(workers.c.name == name).values(seen=now, slots=slots)
            ).rowcount:
                link.execute(workers.insert().values(name=name, seen=now, slots=slots))
            return tuple(link.scalars(sa.select(workers.c.name).where(workers.c.seen < now - lease)))

    def bury(self, name: str, lease: float = 0.0) -> None:
        """Strike a worker off, unless it was heard of within ``lease`` seconds."""
        with self._write() as link:
            gone = workers.c.seen < tables.clock(link) - lease if lease else sa.true()
            link.execute(workers.delete().where(workers.c.name == name, gone))

    def workers(self) -> dict[str, tuple[float, int]]:
        """For each worker, seconds since it was heard of, and its slots."""
        with self._read() as link:
            now = tables.clock(link)
            return {row.name: (now - row.seen, row.slots) for row in link.execute(sa.select(workers))}

    def damage(self) -> str:
        """What is wrong with a file of jobs, ``""`` for nothing; a database server looks after itself."""
        if self._engine.dialect.name != "sqlite":
            return ""
        try:
            with self._read() as link:
                found = str(link.scalar(sa.text("PRAGMA quick_check(1)")))
        except SetupError:
            return "it cannot be read"
        return "" if found == "ok" else "its pages contradict one another"

    def counts(self) -> dict[str, int]:
        """How many jobs are in each state."""
        with self._read() as link:
            rows = link.execute(sa.select(jobs.c.state, sa.func.count()).group_by(jobs.c.state))
            return {str(state): int(count) for state, count in rows}


def _ended(state: str, **values: Any) -> dict[str, Any]:
    return {"state": state, "ended": time.time(), "left": 0.0, "message": state, **values}


def _job(row: Mapping[Any, Any]) -> Job:
    plain: Iterable[str] = set(Job.__slots__) - {"error", "video", "pieces"}
    values = {name: row[name] for name in plain}
    video = row["video"]
    if video:
        video = Video(**{**video, "files": tuple(video["files"]), "warnings": tuple(video["warnings"])})
    failure = Failure(**row["error"]) if row["error"] else None
    return Job(**values, error=failure, video=video, pieces=tuple(row["pieces"]))
