"""A worker: takes lessons and pieces from the queues and has them made in warm child processes.

Any number of workers share one database (and one home). Each says every few seconds that it lives; the work
of one that has been silent for ``lease`` seconds goes back into the queues. If it was only slow, nothing bad
happens: equal work gives equal artefacts, and the ledger takes messages of the last starter only.
"""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
import signal
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from dbos import DBOS, DBOSConfig, SetEnqueueOptions, SetWorkflowID

from presenter.engines.runners import room_for
from presenter.errors import Cancelled, SetupError, known
from presenter.jobs import lesson, tables, webhook
from presenter.jobs.ledger import Ledger
from presenter.jobs.lesson import DRAWING, LESSONS, PIECE, VERSION, Task
from presenter.jobs.slots import Here, Place, Slot, Slots
from presenter.pieces import draw_piece
from presenter.settings import Settings

POLL = 0.25
"""Seconds between two looks into a queue; more is better where hundreds of workers look."""
TIDY = 60.0
"""Seconds between two rounds of deleting what is too old."""
UPLOADS_KEPT = 86400.0
"""Seconds for which a photo stays that somebody brought and no job has taken."""
ENDED = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")

log = logging.getLogger("presenter.jobs")


class Worker:
    """One worker of this installation; there is at most one in a process.

    Args:
        settings: ``lessons`` and ``workers`` say how much it does at a time.
        only: takes only ``lessons`` or only ``pieces``, for machines that are good at one of them.
        here: work in threads of this process instead of child processes (for tests).
    """

    def __init__(self, settings: Settings, *, only: str | None = None, here: bool = False) -> None:
        self.settings = settings
        self._queues = [name for name in (LESSONS, DRAWING) if only in (None, name)]
        self._ledger = Ledger(settings)
        self._lock, self.name = _claim(settings.home / "workers")
        place: Callable[[], Place] = Here if here else lambda: Slot(settings.patience)
        self._lessons = Slots(place, settings.lessons if LESSONS in self._queues else 0)
        self._pieces = Slots(place, self._room() if DRAWING in self._queues else 0)
        self._leaving = threading.Event()
        self._gone = threading.Event()
        self._threads: list[threading.Thread] = []

    def _room(self) -> int:
        if self.settings.workers:
            return self.settings.workers
        from presenter.engines import choice

        animator, _ = choice.animator(self.settings.animator, commercial=self.settings.commercial)
        return room_for(min(8, os.cpu_count() or 1), animator.memory)

    # --- life -------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to work, first with what this worker left unfinished when it was ended."""
        DBOS(
            config=DBOSConfig(
                name="presenter",
                system_database_url=tables.address(self.settings),
                application_version=VERSION,
                executor_id=self.name,
                log_level="CRITICAL",
                notification_listener_polling_interval_sec=5.0,
            )
        )

        # Which work is left is known by the ledger and the store: DBOS may start it any number of times.
        @DBOS.workflow(name=LESSONS, max_recovery_attempts=None)
        def make(job: str, run: int) -> None:
            self._lesson(job, run)

        @DBOS.workflow(name=DRAWING, max_recovery_attempts=None)
        def draw(job: str, run: int, written: str) -> None:
            self._piece(job, run, written)

        self._task = make
        DBOS.listen_queues(self._queues)
        DBOS.launch()
        for name, slots in ((LESSONS, self._lessons), (DRAWING, self._pieces)):
            if slots.count:
                DBOS.register_queue(
                    name,
                    worker_concurrency=slots.count,
                    polling_interval_sec=POLL,
                    on_conflict="always_update",
                )
        for loop, seconds in (
            (self._beat, self.settings.lease / 5), (self._send, POLL), (self._mend, self.settings.lease),
            (self._tidy, TIDY), (self._tell, 1.0),
        ):  # fmt: skip
            thread = threading.Thread(target=self._repeat, args=(loop, seconds), daemon=True)
            thread.start()
            self._threads.append(thread)
        log.info(
            "worker %s is ready: %d lessons, %d pieces at a time",
            self.name,
            self._lessons.count,
            self._pieces.count,
        )

    def stop(self) -> None:
        """Stop working; what is unfinished goes to other workers, or waits for the next start."""
        self._leaving.set()
        for thread in self._threads:
            thread.join(timeout=5)
        self._lessons.close()
        self._pieces.close()
        DBOS._recover_pending_workflows([self.name])  # back into the queues, where it is pending
        DBOS.destroy(destroy_registry=True)
        self._gone.set()
        self._ledger.bury(self.name)
        self._ledger.close()
        self._lock.close()
        log.info("worker %s has left", self.name)

    def run(self, attached: bool = False) -> None:
        """Work until the process is asked to end.

        Args:
            attached: also end when standard input does, as when the process that started this one is gone.
        """
        asked = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: asked.set())
        if attached:
            threading.Thread(target=_ended_input, args=(asked,), daemon=True).start()
        self.start()
        asked.wait()
        self.stop()

    def _repeat(self, loop: Callable[[], None], seconds: float) -> None:
        while True:
            try:
                loop()
            except Exception as error:  # e.g. the database is away: it is tried again
                known(error)
            if self._leaving.wait(seconds):
                return

    # --- work -------------------------------------------------------------------------------------

    def _lesson(self, job: str, run: int) -> None:
        """Make a job's video and write down how it ended."""
        fence = self._ledger.begin(job, run, self.name)
        if fence is None:
            return
        task = Task(job, run, fence, self.settings)
        log.info("run %d, start %d", run, fence, extra={"job": job})
        began = time.monotonic()

        unwanted = self._unwanted(lambda: self._ledger.wanted(job, fence))
        try:
            video = self._lessons.run(lesson.make, task, unwanted)
        except Cancelled:
            self._wait_for_the_end()
            if self._ledger.cancelled(job, fence):
                log.info("cancelled", extra={"job": job})
        except Exception as error:
            self._wait_for_the_end()
            failure = known(error)
            self._ledger.fail(job, fence, failure)
            log.warning("failed: %s, reference %s", failure.code, failure.reference, extra={"job": job})
        else:
            self._ledger.finish(job, fence, video)  # where that cannot be written down, it is sent again
            log.info("done after %.1f s", time.monotonic() - began, extra={"job": job})
        self._forget_pieces(job, run)

    def _piece(self, job: str, run: int, written: str) -> None:
        """Draw one piece into the store."""
        unwanted = self._unwanted(lambda: self._ledger.alive(job, run))
        try:
            self._pieces.run(draw_piece, PIECE.validate_json(written), unwanted)
        except Cancelled:
            self._wait_for_the_end()  # of the worker, if that is why: then the piece stays in the queue

    def _unwanted(self, wanted: Callable[[], bool]) -> Callable[[], bool]:
        """Whether to stop: this worker leaves, or the ledger says so."""
        return lambda: self._leaving.is_set() or not lesson.unless_told(wanted)

    def _wait_for_the_end(self) -> None:
        """A workflow that returns counts as finished: one that this worker only leaves must not."""
        if self._leaving.is_set():
            self._gone.wait()
            raise SystemExit  # of this thread; what is to be recorded of it has no database any more

    def _forget_pieces(self, job: str, run: int) -> None:
        rows = DBOS.list_workflows(
            workflow_id_prefix=f"{job}.{run}/", status=list(ENDED), load_input=False, load_output=False
        )
        if rows:
            DBOS.delete_workflows([row.workflow_id for row in rows])

    # --- what is done again and again -------------------------------------------------------------

    def _beat(self) -> None:
        lease = self.settings.lease
        for name in self._ledger.beat(self.name, self._pieces.count, lease):
            if name == self.name:
                continue
            handles = DBOS._recover_pending_workflows([name])
            self._ledger.bury(name, lease)
            log.warning("worker %s is silent; %d of its tasks go to others", name, len(handles))

    def _send(self) -> None:
        """Put jobs whose turn it is into the queue. Sending twice is harmless: the name is the same."""
        for job, run, priority in self._ledger.waiting():
            with SetWorkflowID(f"{job}.{run}"), SetEnqueueOptions(priority=priority + 1):
                DBOS.enqueue_workflow(LESSONS, self._task, job, run)
            self._ledger.sent(job, run)

    def _mend(self) -> None:
        """A job whose workflow ended without a word (the database was away just then) is sent again."""
        rows = self._ledger.with_workers()
        names = {f"{job}.{run}": (job, run) for job, run, _ in rows}
        if not names:
            return
        found = DBOS.list_workflows(workflow_ids=list(names), load_input=False, load_output=False)
        states = {row.workflow_id: row.status for row in found}
        still = {(job, run) for job, run, _ in self._ledger.with_workers()}
        for name, (job, run) in names.items():
            if states.get(name) in (None, *ENDED) and (job, run) in still:
                log.warning("its task is %s; it is sent again", states.get(name), extra={"job": job})
                if name in states:
                    DBOS.delete_workflows([name])
                self._ledger.sent(job, run, False)

    def _tidy(self) -> None:
        """Delete what is older than ``keep_days``."""
        gone = self._ledger.expired(self.settings.keep_days * 86400)
        for job in gone:
            shutil.rmtree(self.settings.home / "videos" / job, ignore_errors=True)
        if gone:
            self._ledger.delete(*gone)
        for upload in (self.settings.home / "uploads").glob("*"):  # jobs have copies of theirs
            if time.time() - upload.stat().st_mtime > UPLOADS_KEPT:
                upload.unlink(missing_ok=True)
        old = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 3600))
        rows = DBOS.list_workflows(
            status=list(ENDED), completed_before=old, limit=1000, load_input=False, load_output=False
        )
        if rows:
            DBOS.delete_workflows([row.workflow_id for row in rows])

    def _tell(self) -> None:
        if not self.settings.webhook:
            return
        failed = False
        for job in self._ledger.untold():
            if webhook.tell(job, self.settings):
                self._ledger.told(job.id)
            else:
                failed = True
        if failed:
            self._leaving.wait(TIDY)  # who does not answer is not asked every second


def _ended_input(asked: threading.Event) -> None:
    while os.read(0, 4096):
        pass
    asked.set()


def _claim(folder: Path) -> tuple[IO[str], str]:
    """A name that no other living worker of this machine has, the same after a restart: ``host-1`` ..."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        host = socket.gethostname()
        for number in range(1, 1000):
            lock = (folder / f"{host}-{number}").open("w")
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return lock, f"{host}-{number}"
            except BlockingIOError:
                lock.close()
    except OSError as error:
        raise SetupError(
            "E-STORE-WRITE",
            f"The home cannot be written ({error.strerror}).",
            "Set PRESENTER_HOME to another folder.",
        ) from error
    raise SetupError("E-WORKERS", "There are 999 workers on this machine.", "Stop some.")
