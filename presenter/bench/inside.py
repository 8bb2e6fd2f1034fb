"""What becomes of jobs when something fails inside: a process ends between two stages, the disk refuses or is
full, the clock jumps, a page of the database is damaged."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from presenter.bench.hurt import STAGES
from presenter.bench.service import Service, Shelf, lesson, outcome, small
from presenter.errors import PresenterError
from presenter.evaluate import Measure
from presenter.jobs import Job, health
from presenter.settings import Settings, environment
from presenter.studio import Studio

DAY = 86400
ROOM = 64_000_000
"""Bytes of the disk that is filled."""
SECONDS = 180.0
"""A job of two sentences that has not ended by then is lost."""


def run(settings: Settings, folder: Path, refusals: int, report: Callable[[str], None]) -> Iterator[Measure]:
    """All of it, in homes below a folder.

    Args:
        refusals: so many calls of a lesson's making are refused by the disk, one after the other.
    """
    report("ending the worker between stages")
    with _hurt(settings, folder / "stages") as service:
        yield from _stages(service)
    report("refusing to write")
    with _hurt(settings, folder / "refused") as service:
        for number in (errno.ENOSPC, errno.EIO):
            yield from _refused(service, number, refusals)
    report("setting the clock")
    with _hurt(settings, folder / "clock") as service:
        yield from _clock(service)
    report("filling the disk")
    with _disk(folder / "full") as mounted:
        if mounted:
            with _hurt(settings, folder / "full") as service:
                yield from _full(service)
        else:
            yield Measure("full", "full disk", None, note="skipped: no small disk could be mounted here")
    report("damaging the database")
    yield from _page(settings, folder / "page")


class _Hurt(Service):
    """A worker that fails as it is told; see ``hurt``."""

    def start(self) -> None:
        if self._process is None or self._process.poll() is not None:
            with self._log.open("ab") as log:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "presenter.bench.hurt"], stderr=log, stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE, env={**os.environ, **environment(self.settings)},
                )  # fmt: skip
            self._answer()

    def tell(self, what: str) -> int:
        """What is to go wrong from now on; gives how often the thing before did."""
        self.start()
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(f"{what}\n".encode())
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> int:
        assert self._process is not None
        assert self._process.stdout is not None
        return int(self._process.stdout.readline() or 0)

    def dead(self) -> bool:
        """Whether the process has ended."""
        return self._process is None or self._process.poll() is not None

    def order(self, number: int) -> Job:
        """A job of two sentences."""
        return self.studio.submit(lesson(number, 2), owner=f"owner{number % 2}")

    def settle(self, jobs: list[Job], each: Callable[[], None]) -> list[Job]:
        """The jobs once they are done; those that failed for the disk are tried again, once it is well."""
        ended = self.finish(jobs, SECONDS, each)
        self.tell("none")
        for job in ended:
            if job.error and job.error.code in ("E-STORE-WRITE", "E-OUT-WRITE", "E-AUDIT-WRITE"):
                self.studio.retry(job.id, None)
        return self.finish(jobs, SECONDS, each)


@contextmanager
def _hurt(settings: Settings, home: Path) -> Iterator[_Hurt]:
    service = _Hurt(small(settings, home, lease=3.0, lessons=2, workers=2), (), home.with_suffix(".log"))
    service.start()
    try:
        yield service
    finally:
        service.kill()


def _stages(service: _Hurt) -> Iterator[Measure]:
    """One job whose worker is ended before and after each stage in turn."""
    shelf, kills = Shelf(service.settings.home), 0
    job = service.order(0)
    for stage in STAGES:
        for when in ("before", "after"):
            service.tell(f"kill {stage} {when}")
            until = time.monotonic() + SECONDS
            while not service.dead() and time.monotonic() < until:
                shelf.look()
                time.sleep(0.02)
            kills += service.dead()
    service.start()
    ended = service.finish([job], SECONDS, shelf.look)
    note = f"before and after each of {', '.join(STAGES)}"
    yield Measure("stages", "kills at boundaries of stages", kills, least=2 * len(STAGES), note=note)
    yield from outcome("stages", service, ended, shelf)


def _refused(service: _Hurt, number: int, most: int) -> Iterator[Measure]:
    """A lesson each, of whose calls the first, the second ... is refused, until none is left to refuse."""
    name, shelf = errno.errorcode[number], Shelf(service.settings.home)
    jobs, told = [], 0
    for nth in range(1, most + 1):
        service.tell(f"refuse {number} {nth}")
        job = service.order(1000 * number + nth)
        (ended,) = service.finish([job], SECONDS, shelf.look)
        hit = service.tell("none")
        told += ended.error is not None
        jobs += service.settle([job], shelf.look)
        if not hit:
            break
    note = f"{told} jobs failed with it and were tried again; the others were made all the same"
    yield Measure(name.lower(), f"calls refused with {name}, a lesson each", len(jobs), note=note)
    yield from outcome(name.lower(), service, jobs, shelf)


def _clock(service: _Hurt) -> Iterator[Measure]:
    """The clock jumps while two jobs are made, by a day ahead and then to a day behind."""
    shelf, jobs = Shelf(service.settings.home), []
    for number, ahead in enumerate((DAY, -DAY)):
        service.tell("none")
        pair = [service.order(2 * number), service.order(2 * number + 1)]
        until = time.monotonic() + SECONDS
        while not any(job.ready for job in service.studio.ledger.some([job.id for job in pair])):
            if time.monotonic() > until:
                break
            time.sleep(0.02)
        service.tell(f"jump {ahead}")
        jobs += service.finish(pair, SECONDS, shelf.look)
        jobs += service.finish([service.order(10 + number)], SECONDS, shelf.look)
    yield Measure("clock", "jobs over which the clock jumped by a day", len(jobs), note="ahead, and behind")
    yield from outcome("clock", service, jobs, shelf)


def _full(service: _Hurt) -> Iterator[Measure]:
    """The disk is full while a job is made and another one is ordered; then there is room again."""
    shelf, refused, job = Shelf(service.settings.home), "", None
    jobs = service.finish([service.order(0)], SECONDS, shelf.look)
    running = service.order(1)
    ballast = service.settings.home / "ballast"
    _fill(ballast)
    try:
        job = service.order(2)
    except PresenterError as error:
        refused = error.code
    until = time.monotonic() + 10
    while time.monotonic() < until:
        shelf.look()
        time.sleep(0.05)
    ballast.unlink()
    jobs += service.settle([running, *([job] if job else [])], shelf.look)
    note = f"an order meanwhile was refused with {refused}" if refused else "an order meanwhile was kept"
    yield Measure("full", "jobs around a full disk", len(jobs), note=note)
    yield from outcome("full", service, jobs, shelf)


def _fill(ballast: Path) -> None:
    """Write until nothing more goes in."""
    with ballast.open("wb", buffering=0) as stream:
        for size in (1_000_000, 4096, 1):
            try:
                while stream.write(bytes(size)):
                    pass
            except OSError:
                continue


@contextmanager
def _disk(folder: Path) -> Iterator[bool]:
    """A small disk at a folder; false where none can be mounted (that needs root)."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        mounted = False
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], check=False)


def _page(settings: Settings, home: Path) -> Iterator[Measure]:
    """A page of the file of jobs is overwritten: doors refuse with an error, and the doctor names it."""
    own = small(settings, home)
    studio = Studio(own)
    for number in range(20):
        newest = studio.submit(lesson(number), owner="page")
    studio.ledger.close()
    _overwrite(home / "jobs.sqlite", newest.id.encode())
    code = ""
    try:
        Studio(own).jobs(None)
    except PresenterError as error:
        code = error.code
    ((_, state, detail, _),) = health.examine(own)
    named = state == "fail" and "damaged" in detail and code == "E-DATABASE"
    yield Measure(
        "page", "damaged database refused, and named by the doctor", float(named), least=1,
        note=f"{code or 'no error'}; doctor: {detail}",
    )  # fmt: skip


def _overwrite(file: Path, what: bytes) -> None:
    """Spoil the pages of a database that hold some bytes."""
    size, content = 4096, file.read_bytes()
    pages = [content[start : start + size] for start in range(0, len(content), size)]
    file.write_bytes(b"".join(b"damaged." * (size // 8) if what in page else page for page in pages))
