"""One job in a child process: the same pipeline as everywhere, with its pieces drawn by all workers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from dbos import DBOSClient
from pydantic import TypeAdapter
from sqlalchemy.exc import OperationalError

from presenter import pipeline
from presenter.engines.runners import Step
from presenter.errors import Cancelled, PresenterError, WorkError, known
from presenter.jobs import tables
from presenter.jobs.ledger import Ledger
from presenter.jobs.orders import file_name, restore
from presenter.pieces import PIECES, Piece
from presenter.settings import Settings
from presenter.store import Artefact, Store
from presenter.types import Progress, Video

VERSION = "1"
"""Of what workers tell one another. A worker takes only tasks of its own version: raise it when an older
worker could not do what a newer one asks for."""

LESSONS, DRAWING = "lessons", "pieces"
"""Names of the queues, and of the workflows in them."""

PIECE = TypeAdapter(Piece)

UNHEARD = 60.0
"""Seconds for which the database may be away while pieces are drawn."""


@dataclass(frozen=True, slots=True)
class Task:
    """A job for a child process; it can be pickled."""

    job: str
    run: int
    fence: int
    settings: Settings


def make(task: Task, cancelled: Callable[[], bool], tick: Callable[[int], None]) -> Video:
    """Render the job's video into its folder.

    Raises:
        Cancelled: the job is not wanted any more, or not from this worker.
        PresenterError: as ``pipeline.render``.
    """
    ledger, client = _links(task.settings)
    folder = task.settings.home / "videos" / task.job
    written = ledger.order(task.job)
    if written is None:
        raise Cancelled()
    for left in folder.glob(".*"):  # by a process that was killed while it published
        left.unlink(missing_ok=True)
    order = restore(written, folder)
    wanted = _Wanted(lambda: not cancelled() and ledger.wanted(task.job, task.fence))
    told = _Told(ledger, task)

    def report(progress: Progress) -> None:
        tick(1)
        told.take(progress)

    pieces = Shared(client, ledger, task)
    try:
        title = ledger.find(task.job).title
        out = folder / f"{file_name(title)}.mp4"
        return pipeline.render(
            order, task.settings, out, report=report, cancelled=lambda: not wanted(), runner=pieces
        )
    finally:
        pieces.close()


@lru_cache(maxsize=2)
def _links(settings: Settings) -> tuple[Ledger, DBOSClient]:
    """What this process says to the database; kept from job to job."""
    client = DBOSClient(system_database_url=tables.address(settings), application_name="presenter")
    return Ledger(settings), client


class _Wanted:
    """Asks the ledger at most twice a second."""

    def __init__(self, ask: Callable[[], bool]) -> None:
        self._ask, self._answer, self._asked = ask, True, -1.0

    def __call__(self) -> bool:
        now = time.monotonic()
        if self._answer and now - self._asked > 0.5:
            self._answer, self._asked = unless_told(self._ask), now
        return self._answer


def unless_told(wanted: Callable[[], bool]) -> bool:
    """What the ledger says about the job; true while the database does not answer."""
    try:
        return wanted()
    except OperationalError:
        return True


class _Told:
    """Tells the ledger of progress about once a second."""

    def __init__(self, ledger: Ledger, task: Task) -> None:
        self._ledger, self._task = ledger, task
        self._last, self._when = ("", 0), 0.0

    def take(self, progress: Progress) -> None:
        now, news = time.monotonic(), (progress.stage, len(progress.ready))
        if progress.stage != "done" and (news != self._last or now - self._when > 1.0):
            with suppress(OperationalError):  # progress that cannot be told stops nobody
                self._ledger.note(self._task.job, self._task.fence, progress)
            self._last, self._when = news, now


class Shared:
    """A runner whose steps are done by whichever worker has room.

    Args:
        client: reaches the queue.
        ledger: knows how many pieces all workers together draw at a time.
    """

    def __init__(self, client: DBOSClient, ledger: Ledger, task: Task) -> None:
        self._client, self._task = client, task
        self.workers = max(1, sum(slots for _, slots in ledger.workers().values()))
        self._open: dict[str, tuple[Future[Any], Piece]] = {}
        self._ticks = 0
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def warm(self, step: Step, item: Any) -> None:
        pass  # the workers' processes stay warm from job to job

    def submit(self, step: Step, item: Piece) -> Future[Any]:  # noqa: ARG002
        """Queue a piece.

        Args:
            step: is ``draw_piece``, as workers of this queue do nothing else.
        """
        task = self._task
        name = f"{task.job}.{task.run}/{item.inputs}"
        future: Future[Any] = Future()
        self._client.enqueue(
            {"queue_name": DRAWING, "workflow_name": DRAWING, "workflow_id": name, "app_version": VERSION},
            task.job, task.run, PIECE.dump_json(item).decode(),
        )  # fmt: skip
        with self._lock:
            self._open[name] = future, item
        if self._thread is None:
            self._thread = threading.Thread(target=self._watch, daemon=True)
            self._thread.start()
        return future

    def ticks(self) -> int:
        return self._ticks

    def stop(self) -> None:
        self._ended.set()  # those who draw see in the ledger that nobody waits for them

    def close(self) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join()

    def _watch(self) -> None:
        heard = time.monotonic()
        while not self._ended.wait(0.2):
            with self._lock:
                names = list(self._open)
            if not names:  # asked about no workflow, DBOS tells of all that there are
                heard = time.monotonic()
                continue
            try:
                rows = self._client.list_workflows(workflow_ids=names, load_input=False, load_output=False)
            except Exception as error:
                if time.monotonic() - heard > UNHEARD:
                    self._give_up(known(error))
                    return
                continue  # the database may only be away for a moment
            heard = time.monotonic()
            states = {row.workflow_id: row.status for row in rows}
            for name in names:
                if states.get(name) not in ("ENQUEUED", "PENDING", "DELAYED"):
                    self._settle(name, states.get(name))

    def _give_up(self, error: PresenterError) -> None:
        with self._lock:
            for future, _ in self._open.values():
                future.set_exception(error)
            self._open.clear()

    def _settle(self, name: str, state: str | None) -> None:
        with self._lock:
            future, piece = self._open.pop(name)
        try:
            future.set_result(self._drawn(name, state, piece))
        except BaseException as error:  # whatever it is: the pipeline waits for an answer
            future.set_exception(known(error))

    def _drawn(self, name: str, state: str | None, piece: Piece) -> Artefact:
        """The finished piece; raises what drawing it raised, and ``E-PIECE-LOST``."""
        if state == "ERROR":
            self._client.retrieve_workflow(name).get_result()
        found = Store(Path(piece.store)).find("piece", PIECES, piece.inputs, "mp4")
        if found is None:
            raise WorkError("E-PIECE-LOST", "A finished piece is not there (any more).", "Try again.")
        self._ticks += piece.shot.count
        return replace(found, fresh=True)  # made for this very job
