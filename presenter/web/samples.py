"""What stands on the page before there is a lesson: the sample lesson, and its video once it is made."""

from __future__ import annotations

import contextlib

from presenter.errors import PresenterError
from presenter.jobs import Job
from presenter.order import Order
from presenter.studio import Studio
from presenter.web import views
from presenter.web.words import Words

FIRST = "welcome"
"""The sample lesson."""

OWNER = "sample"
"""Whose its video is: nobody's of the page."""

LAST = 90
"""Priority of its render: everybody else's goes first."""


class Samples:
    """The sample lesson.

    Args:
        studio: renders it, once.
    """

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._folder = studio.settings.assets / "lessons"

    def source(self) -> str:
        """Its text."""
        return (self._folder / f"{FIRST}.md").read_text("utf-8")

    def prepare(self) -> None:
        """Have its video made in the background; once is enough."""
        with contextlib.suppress(PresenterError):  # the page works without
            if not any(job.state in ("queued", "running", "done") for job in self._studio.jobs(OWNER)):
                order = Order(source=self.source(), folder=self._folder)
                self._studio.submit(order, owner=OWNER, priority=LAST)

    def job(self) -> Job | None:
        """Its video, once it is made."""
        return next((job for job in self._studio.jobs(OWNER) if job.video is not None), None)

    def player(self, words: Words) -> str:
        """Its video, or a picture of it while that is not made yet."""
        job = self.job()
        shown = (
            views.player(words, job)
            if job is not None
            else f"<img class='poster' src='web/welcome.jpg' alt='{words('lesson.sample-picture')}'>"
        )
        return (
            f"<div class='screen'>{shown}</div><p class='facts-line'>"
            f"<span class='chip'>{words('stage.generated')}</span>{words('lesson.sample')}</p>"
        )
