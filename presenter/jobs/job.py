"""A job as doors see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from presenter.types import Video

State = Literal["queued", "running", "done", "failed", "cancelled"]

UNFINISHED = ("queued", "running")


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a job failed; see ``PresenterError``."""

    code: str
    message: str
    hint: str
    field: str
    reference: str


@dataclass(frozen=True, slots=True)
class Job:
    """A video that was asked for."""

    id: str
    """Unguessable: who knows it may watch the video."""
    owner: str
    title: str
    language: str
    """BCP 47."""
    state: State
    stage: str
    """What is done at present; see ``Progress``."""
    done: float
    """0..1 of the whole."""
    left: float | None
    """Seconds that remain, or None while unknown."""
    message: str
    """The stage in plain words."""
    ahead: int
    """Unfinished jobs that came before this one; some of other owners may be made after it all the same."""
    created: float
    """Seconds since 1970 (UTC), as all times of a job."""
    started: float | None
    ended: float | None
    error: Failure | None
    video: Video | None
    """The result, once the job is done."""
    pieces: tuple[str, ...]
    """Paths of finished pieces from the beginning on, for playing early."""
    count: int
    """How many pieces there will be; 0 while unknown."""
    burned: bool
    """Whether captions are drawn into the picture, so that a player need not show them."""
    priority: int
    """Smaller numbers go first among all that wait; 10 is usual."""

    @property
    def ready(self) -> int:
        """How many pieces are finished from the beginning on."""
        return len(self.pieces)

    @property
    def finished(self) -> bool:
        """Whether nothing will change any more, unless it is tried again."""
        return self.state not in UNFINISHED
