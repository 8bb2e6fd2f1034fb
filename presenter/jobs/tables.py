"""The tables of jobs and workers, and how their database is opened: SQLite, or PostgreSQL by its address."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from presenter.errors import PresenterError, SetupError, WorkError
from presenter.settings import Settings

SCHEMA = 1
"""Version of the tables below. Raise it with every change, and add the way there to ``UPGRADES``."""

UPGRADES: dict[int, tuple[str, ...]] = {}
"""For each version, the statements that make it out of the one before."""

RESTORE = "Stop the service and restore jobs.sqlite from a backup; videos are not affected."

_tables = sa.MetaData()

jobs = sa.Table(
    "presenter_jobs",
    _tables,
    sa.Column("id", sa.String(43), primary_key=True),
    sa.Column("owner", sa.String(128), nullable=False),
    sa.Column(
        "key", sa.String(200)
    ),  # with the owner it names a submission: the second one makes no second job
    sa.Column("digest", sa.String(64), nullable=False),  # of the order, to tell another one with the same key
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("language", sa.String(40), nullable=False),
    sa.Column("burned", sa.Boolean, nullable=False),
    sa.Column("photo", sa.String(64), nullable=False, default=""),
    sa.Column("voice", sa.String(64), nullable=False, default=""),
    sa.Column("order", sa.Text, nullable=False),
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("state", sa.String(10), nullable=False, default="queued", index=True),
    sa.Column("sent", sa.Boolean, nullable=False, default=False),  # whether it is in the queue of the workers
    sa.Column("stop", sa.Boolean, nullable=False, default=False),  # whether somebody wants it cancelled
    sa.Column("told", sa.Boolean, nullable=False, default=False),  # whether the webhook knows that it ended
    sa.Column("run", sa.Integer, nullable=False, default=1),  # how often it was asked for, with retries
    sa.Column(
        "fence", sa.Integer, nullable=False, default=0
    ),  # raised by each start: only the last may write
    sa.Column("starts", sa.Integer, nullable=False, default=0),  # since the last piece that was finished
    sa.Column("worker", sa.String(200), nullable=False, default=""),
    sa.Column("stage", sa.String(10), nullable=False, default="prepare"),
    sa.Column("done", sa.Float, nullable=False, default=0.0),
    sa.Column("left", sa.Float),
    sa.Column("message", sa.Text, nullable=False, default="waiting for its turn"),
    sa.Column("pieces", sa.JSON, nullable=False, default=list),
    sa.Column("count", sa.Integer, nullable=False, default=0),
    sa.Column("created", sa.Float, nullable=False),
    sa.Column("started", sa.Float),
    sa.Column("ended", sa.Float),
    sa.Column("error", sa.JSON),
    sa.Column("video", sa.JSON),
    sa.UniqueConstraint("owner", "key"),
    sa.Index("presenter_jobs_owner", "owner", "created"),
)

workers = sa.Table(
    "presenter_workers",
    _tables,
    sa.Column("name", sa.String(200), primary_key=True),
    sa.Column("seen", sa.Float, nullable=False),  # by the clock of the database
    sa.Column("slots", sa.Integer, nullable=False),
)

_versions = sa.Table("presenter_schema", _tables, sa.Column("version", sa.Integer, primary_key=True))


def address(settings: Settings) -> str:
    """The database's address as SQLAlchemy and DBOS take it.

    Raises:
        SetupError: ``E-DATABASE`` for another kind of database than PostgreSQL.
    """
    given = settings.database
    if not given:
        return f"sqlite:///{settings.home / 'jobs.sqlite'}"
    scheme, _, rest = given.partition("://")
    if scheme not in ("postgresql", "postgres", "postgresql+psycopg") or not rest:
        raise SetupError(
            "E-DATABASE",
            "The setting database is no postgresql:// address.",
            "Write it like postgresql://user@host/presenter, or leave it out.",
            "database",
        )
    return f"postgresql+psycopg://{rest}"


def open_database(settings: Settings, *others: sa.MetaData) -> sa.Engine:
    """The database with its tables, made or brought up to date where necessary.

    Args:
        others: further tables, which are made where there are none.

    Raises:
        SetupError: ``E-DATABASE`` when it cannot be reached or is damaged, ``E-DATABASE-NEWER`` when a later
            version of presenter has been at work in it: nothing is touched then.
    """
    url = address(settings)
    local = url.startswith("sqlite")
    try:
        if local:
            settings.home.mkdir(parents=True, exist_ok=True)
        engine = sa.create_engine(url, **({} if local else {"pool_size": 4, "pool_pre_ping": True}))
        if local:
            _prepare_sqlite(engine)
        with writing(engine).begin() as link:
            if not local:  # two that start at once would both make the tables
                link.execute(sa.text("SELECT pg_advisory_xact_lock(7330512)"))
            _upgrade(link)
            for more in others:
                more.create_all(link)
    except (SQLAlchemyError, OSError) as error:
        raise _unusable(error) from error
    return engine


@contextmanager
def transaction(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction, which is done when the block ends and undone where it fails.

    Raises:
        SetupError: ``E-DATABASE`` when the database is away or damaged.
        WorkError: ``E-STORE-WRITE`` when its disk is full.
    """
    try:
        with engine.begin() as link:
            yield link
    except sa.exc.DatabaseError as error:
        raise _unusable(error) from error


def _unusable(error: Exception) -> PresenterError:
    found = getattr(getattr(error, "orig", None), "sqlite_errorcode", 0) & 0xFF  # the rest says where it was
    if found == sqlite3.SQLITE_FULL:
        return WorkError("E-STORE-WRITE", "The disk of the jobs is full.", "Free some space and try again.")
    if found in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return SetupError("E-DATABASE", "The database of jobs is damaged.", RESTORE, "database")
    return SetupError(
        "E-DATABASE",
        f"The database of jobs cannot be used ({type(error).__name__}).",
        "Check its address and whether it runs; with a file, check disk space and permissions.",
        "database",
    )


def exists(settings: Settings) -> bool:
    """Whether there is anything to open: false before the first job on a single machine."""
    return bool(settings.database) or (Path(settings.home) / "jobs.sqlite").exists()


def writing(engine: sa.Engine) -> sa.Engine:
    """The engine for transactions that write: with SQLite they wait for one another at their beginning."""
    return engine.execution_options(writes=True)


def clock(link: sa.Connection) -> float:
    """Seconds by the database's clock, which is one for all machines."""
    sql = (
        "SELECT (julianday('now') - 2440587.5) * 86400.0"
        if link.dialect.name == "sqlite"
        else "SELECT extract(epoch FROM clock_timestamp())"
    )
    return float(link.scalar(sa.text(sql)))


def _prepare_sqlite(engine: sa.Engine) -> None:
    @sa.event.listens_for(engine, "connect")
    def connected(link: Any, _: Any) -> None:
        link.isolation_level = None  # transactions are begun below and by nobody else
        link.execute("PRAGMA busy_timeout = 30000")
        link.execute("PRAGMA journal_mode = WAL")  # who reads never waits for who writes
        link.execute("PRAGMA synchronous = FULL")  # an accepted job outlives a power cut

    @sa.event.listens_for(engine, "begin")
    def begun(link: sa.Connection) -> None:
        link.exec_driver_sql("BEGIN IMMEDIATE" if link.get_execution_options().get("writes") else "BEGIN")


def _upgrade(link: sa.Connection) -> None:
    found = 0
    if sa.inspect(link).has_table(_versions.name):
        found = link.scalar(sa.select(_versions.c.version)) or 0
    if found > SCHEMA:
        raise SetupError(
            "E-DATABASE-NEWER",
            f"The database of jobs has version {found}; this presenter knows {SCHEMA}.",
            "Install the newer presenter again, or restore the backup from before the upgrade.",
            "database",
        )
    if not found:
        _tables.create_all(link)
        link.execute(_versions.insert().values(version=SCHEMA))
        return
    for version in range(found + 1, SCHEMA + 1):
        for statement in UPGRADES[version]:
            link.execute(sa.text(statement))
    link.execute(_versions.update().values(version=SCHEMA))
