"""A service to be measured: a server with a worker in processes of their own, over a home of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from presenter.bench.tree import family
from presenter.errors import PresenterError, WorkError
from presenter.evaluate import Measure
from presenter.jobs import Job
from presenter.order import Order
from presenter.settings import Settings, environment
from presenter.store import digest_of_file
from presenter.studio import Studio

SMALL = 256
"""Side of the pictures, in pixels: what is measured is the service and not the drawing."""


def small(settings: Settings, home: Path, **more: object) -> Settings:
    """The settings of a service whose videos cost little."""
    port = _free_port()
    values = {
        **{name: getattr(settings, name) for name in ("checkpoints", "assets")},
        "home": home, "width": SMALL, "height": SMALL, "captions": "none", "port": port,
        "reserve_gigabytes": 0.0, "waiting": 10_000, "waiting_each": 10_000, **more,
    }  # fmt: skip
    return Settings.model_validate(values)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def lesson(number: int, sentences: int = 3) -> Order:
    """A short lesson; no two numbers have a sentence in common."""
    words = ("bees", "birds", "boats", "books", "bells", "bread", "bricks", "bones")
    lines = [f"Part {number} has {words[index % 8]} in line {index}." for index in range(sentences)]
    return Order(source="\n\n".join(lines) + "\n")


LABELLED = 30.0
"""Contrast (standard deviation of 8-bit values) that the label gives the upper right edge of a picture of
this size: 44 and more with it, about 10 for the wall behind."""


class Service:
    """``presenter serve`` or ``presenter work`` as a process; ``end`` ends it.

    Args:
        settings: of the process and of the studio that talks to it.
        command: what is run.
        log: takes what it says.
    """

    def __init__(self, settings: Settings, command: tuple[str, ...], log: Path) -> None:
        self.settings, self.studio = settings, Studio(settings)
        self._command, self._log = command, log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, if it is not there."""
        if self._process is None or self._process.poll() is not None:
            with self._log.open("ab") as log:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "presenter", *self._command],
                    env={**os.environ, **environment(self.settings)}, stdout=log, stderr=log,
                )  # fmt: skip

    @property
    def pid(self) -> int:
        """Of the process."""
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """As when the power is cut: the process has no chance to tidy up."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def end(self) -> None:
        """Ask it to leave."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()

    def others(self) -> list[tuple[int, str]]:
        """Workers and their child processes, with their command lines."""
        return [
            (pid, line)
            for pid, line in family(self.pid)
            if pid != self.pid and "resource_tracker" not in line
        ]

    def finish(self, jobs: list[Job], seconds: float, each: Callable[[], None] = lambda: None) -> list[Job]:
        """Wait until all of these have ended.

        Raises:
            WorkError: ``E-BENCH`` when they have not after so many seconds.
        """
        until = time.monotonic() + seconds
        while True:
            now = list(self.studio.ledger.some([job.id for job in jobs]))
            open_ones = [job for job in now if not job.finished]
            if not open_ones:
                return now
            if time.monotonic() > until:
                said = self._log.read_text(errors="replace").splitlines()[-3:]
                raise WorkError(
                    "E-BENCH",
                    f"{len(open_ones)} of {len(jobs)} jobs have not ended: {open_ones[0].message}; {said}",
                )
            each()
            time.sleep(0.2)


class Shelf:
    """Looks at a store from outside: what was made twice, and what is not whole.

    Args:
        home: whose store it is.
    """

    def __init__(self, home: Path) -> None:
        self._root = home / "store"
        self._seen: dict[Path, int] = {}
        self.again = 0
        """Pieces that were made although they were there."""

    def look(self) -> None:
        """Note which pieces there are. One that was made again is another file (inode) of the same name."""
        for path in self._pieces():
            try:
                inode = path.stat().st_ino
            except FileNotFoundError:
                continue
            self.again += self._seen.setdefault(path, inode) != inode
            self._seen[path] = inode

    def _pieces(self) -> Iterator[Path]:
        return (path for path in self._root.glob("piece/*/*.mp4") if not path.name.startswith("."))

    def half(self) -> int:
        """How many pieces cannot be read to their end."""
        return sum(not _readable(path) for path in self._pieces())


def _readable(path: Path) -> bool:
    from presenter.video import decode

    try:
        return sum(1 for _ in decode(path)) > 0
    except Exception:  # whatever is wrong with it
        return False


def outcome(name: str, service: Service, jobs: list[Job], shelf: Shelf) -> Iterator[Measure]:
    """What the service promises, counted over jobs that have ended.

    Args:
        name: goes before the names of the measures; may be ``""``.
        shelf: has looked at the store while the jobs were made.
    """
    lost = [job for job in jobs if job.state != "done"]
    codes = ", ".join(sorted({job.error.code for job in lost if job.error}))
    drafts = [path for job in jobs for path in (service.settings.home / "videos" / job.id).glob(".*")]
    for key, text, value, note in (
        ("lost", "jobs lost or failed", len(lost), codes),
        ("again", "finished pieces drawn again", shelf.again, ""),
        ("half", "half files: pieces, videos, drafts beside them",
         shelf.half() + len(jobs) - len(lost) - whole(jobs) + len(drafts), ""),
        ("unlabelled", "videos without label or credentials", unlabelled(service, jobs), ""),
    ):  # fmt: skip
        yield Measure(f"{name}-{key}" if name else key, f"  {text}", value, most=0, note=note)


def whole(jobs: list[Job]) -> int:
    """How many videos of these jobs are there as they were published."""
    return sum(
        job.video is not None
        and Path(job.video.path).is_file()
        and digest_of_file(Path(job.video.path)) == job.video.digest
        for job in jobs
    )


def unlabelled(service: Service, jobs: list[Job]) -> int:
    """How many videos of these jobs have a frame without the visible label, or not the credentials and the
    label in words that they left with."""
    videos = [Path(job.video.path) for job in jobs if job.video]
    return sum(not _marked(service.studio, path) for path in videos)


def _marked(studio: Studio, path: Path) -> bool:
    from presenter.video import decode

    try:
        verdict = studio.verify(path)
        signed = verdict.credentials is not None and verdict.credentials.state == "trusted"
        shown = all(picture[: SMALL // 11, SMALL // 2 :].std() > LABELLED for picture in decode(path))
    except (PresenterError, OSError):
        return False
    return shown and signed and verdict.label and verdict.answer == "made here"


def stop(pid: int, number: int = signal.SIGKILL) -> bool:
    """Send a signal; false where the process is gone."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True
