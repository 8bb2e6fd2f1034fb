"""Renders that were asked for on the page: one at a time, in the order in which they came.

A render belongs to the process, not to the browser tab that asked for it: closing the tab stops
nothing, and the tab that comes back finds it again by the browser's key.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from presenter import text
from presenter.errors import Cancelled, PresenterError, WorkError, known
from presenter.order import Order
from presenter.studio import Studio
from presenter.types import Progress, Video

WAITING = 8
"""So many videos may wait; more are turned away."""

REMEMBERED = 200
"""So many videos the desk can still tell of."""

RECORD = "about.json"
"""Beside each finished video: what is needed to delete it together with its photo."""


@dataclass(slots=True, eq=False)
class Job:
    """A video that was asked for. Written by the desk's thread, read by the page."""

    id: str
    """Unguessable: who knows it may watch the video."""
    browser: str
    """Key of the browser that asked."""
    order: Order
    title: str
    language: str
    out: Path
    burned: bool = False
    """Whether captions are drawn into the picture, so that the player need not show them."""
    photo: str = ""
    """sha256 of the own photo, or ``""`` for a sample presenter."""
    progress: Progress = field(default_factory=lambda: Progress("prepare", 0.0, None, "getting ready"))
    began: bool = False
    video: Video | None = None
    error: PresenterError | None = None
    stop: threading.Event = field(default_factory=threading.Event)
    finished: threading.Event = field(default_factory=threading.Event)

    def report(self, progress: Progress) -> None:
        """Take note of how far the render is."""
        self.progress = progress


class Desk:
    """Takes orders and has them rendered one after another.

    Args:
        studio: makes the videos; results lie in ``videos/<id>/`` under its home.
    """

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="render")
        self._lock = threading.Lock()
        self._jobs: dict[str, Job] = {}

    @property
    def videos(self) -> Path:
        """Folder of the finished videos."""
        return self._studio.settings.home / "videos"

    def submit(self, order: Order, browser: str, photo: str = "") -> Job:
        """Take an order.

        Raises:
            InputError: something in the order cannot be done.
            WorkError: ``E-BUSY`` when too many wait already.
        """
        script = self._studio.check(order)
        key = secrets.token_urlsafe(16)
        out = self.videos / key / f"{_slug(script.title)}.mp4"
        captions = order.captions or script.setting("captions") or self._studio.settings.captions
        job = Job(key, browser, order, script.title, script.language, out, captions == "burned", photo)
        with self._lock:
            waiting = sum(not other.began and not other.finished.is_set() for other in self._jobs.values())
            if waiting >= WAITING:
                raise WorkError(
                    "E-BUSY", f"{waiting} videos wait already; the limit is {WAITING}.", "Try again later."
                )
            self._jobs[key] = job
            done = [old for old, other in self._jobs.items() if other.finished.is_set()]
            for old in done[: max(0, len(self._jobs) - REMEMBERED)]:
                del self._jobs[old]
        self._thread.submit(self._work, job)
        return job

    def find(self, key: str) -> Job | None:
        """The job of that id."""
        return self._jobs.get(key)

    def of(self, browser: str) -> list[Job]:
        """Jobs of a browser, newest first."""
        jobs = list(self._jobs.values())
        return [job for job in reversed(jobs) if browser and job.browser == browser]

    def ahead(self, job: Job) -> int:
        """How many videos are made before this one."""
        count = 0
        for other in list(self._jobs.values()):
            if other is job:
                break
            count += not other.finished.is_set()
        return count

    def uses(self, photo: Path) -> bool:
        """Whether a video that is not finished is made from this file."""
        return any(
            job.order.portrait == photo and not job.finished.is_set() for job in list(self._jobs.values())
        )

    def stop(self, photo: str) -> None:
        """Stop all renders that show the photo with this sha256; returns when they have."""
        for job in list(self._jobs.values()):
            if job.photo == photo:
                job.stop.set()
                if job.began:
                    job.finished.wait()  # a render looks whether to stop several times a second

    def close(self) -> None:
        """Stop everything; finished pieces are kept."""
        for job in list(self._jobs.values()):
            job.stop.set()
        self._thread.shutdown(wait=True, cancel_futures=True)

    def _work(self, job: Job) -> None:
        job.began = True
        try:
            if job.stop.is_set():
                raise Cancelled()
            job.out.parent.mkdir(parents=True, exist_ok=True)
            _keep(job)
            job.video = self._studio.render(job.order, job.out, report=job.report, cancelled=job.stop.is_set)
        except BaseException as error:  # whatever it is, the page must not wait for ever
            job.error = known(error)
            shutil.rmtree(job.out.parent, ignore_errors=True)
        finally:
            job.finished.set()


def _keep(job: Job) -> None:
    record = {"photo": job.photo}
    (job.out.parent / RECORD).write_text(json.dumps(record), encoding="utf-8")


def _slug(title: str) -> str:
    """A file name that says what is inside, from letters and digits of any script."""
    kept = "".join(char if text.is_word(char) else "-" for char in title.lower())
    return re.sub("-+", "-", kept)[:60].strip("-") or "lesson"
