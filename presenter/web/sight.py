"""A lesson as one request sees it: what its parts are drawn from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

from presenter.jobs import Job
from presenter.lessons import Lesson
from presenter.storyboard import Board
from presenter.web.visits import Visit


class Sight:
    """A lesson as one request sees it: what is asked for twice is looked at once, so all parts agree.

    Args:
        visit: who looks.
        lesson: at what.
        jobs: its last jobs, the newest first.
        board: gives its storyboard, or what is wrong with the lesson.
    """

    def __init__(
        self,
        visit: Visit,
        lesson: Lesson,
        jobs: Sequence[Job],
        board: Callable[[Visit, Lesson], tuple[Board | None, str]],
    ) -> None:
        self.visit, self.words, self.lesson, self.jobs = visit, visit.words, lesson, jobs
        self._look = board

    @cached_property
    def _looked(self) -> tuple[Board | None, str]:
        return self._look(self.visit, self.lesson)

    @property
    def board(self) -> Board | None:
        """The storyboard; None for a lesson that cannot be rendered as it stands."""
        return self._looked[0]

    @property
    def failure(self) -> str:
        """What is wrong with it, as HTML."""
        return self._looked[1]

    @property
    def job(self) -> Job | None:
        """Its newest job."""
        return next(iter(self.jobs), None)

    @property
    def ended(self) -> bool:
        """Whether nothing of it is being made."""
        return self.job is None or self.job.finished

    @cached_property
    def seen(self) -> Job | None:
        """Its newest job with something to be seen."""
        for job in self.jobs:
            if (job.video is not None and Path(job.video.path).is_file()) or (
                job.pieces and not job.finished
            ):
                return job
        return None
