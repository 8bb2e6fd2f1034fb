"""What the API takes and gives, as pydantic models: they are the OpenAPI document."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from presenter.errors import InputError
from presenter.jobs import Job
from presenter.order import Order, parse_size

Name = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]+$", max_length=80)]
Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{22}$")]
UploadId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}-[0-9a-f]{16}$")]


class Problem(BaseModel):
    """An error (RFC 9457)."""

    type: str = "about:blank"
    title: str = Field(description="What is wrong, in one sentence")
    status: int
    code: str = Field(description="E-AREA-NAME, stable")
    hint: str = Field(description="The next step; may be empty")
    field: str = Field(description="The input that it is about, or empty")
    reference: str = Field(description="By which the operator finds it in the log")


class Wanted(BaseModel):
    """What to make. What is left out is decided by the lesson, else by the installation."""

    model_config = ConfigDict(extra="forbid")

    lesson: str = Field(min_length=1, max_length=200_000, description="The lesson's text (Markdown)")
    portrait: Name | None = Field(None, description="Name of a sample presenter")
    photo: UploadId | None = Field(None, description="Id of an uploaded photo or clip")
    face: int | None = Field(None, ge=1, le=50, description="Which of several faces, from the left, from 1")
    consent: Name | None = Field(None, description="Who gave leave to use the photo; kept on record")
    voice: Name | None = None
    language: Name | None = Field(None, description="BCP 47")
    speaker: Name | None = None
    animator: Name | None = None
    layout: Name | None = None
    size: Annotated[str, StringConstraints(pattern=r"^[0-9]{3,4}x[0-9]{3,4}$")] | None = None
    fps: Literal[24, 25, 30, 50, 60] | None = None
    captions: Literal["burned", "soft", "none"] | None = None

    @field_validator("portrait", "photo", "voice", mode="before")
    @classmethod
    def _no_address(cls, value: object) -> object:
        if isinstance(value, str) and re.search(r"[/\\:~]|^\.", value):
            raise ValueError("Upload the file first, then use its id.")
        return value

    def order(self) -> Order:
        """The same as an order, without the photo.

        Raises:
            InputError: ``E-PORTRAIT-TWO`` where a photo and a sample presenter are asked for.
        """
        if self.photo and self.portrait:
            raise InputError(
                "E-PORTRAIT-TWO",
                "There are a photo and a sample presenter.",
                "Leave one of them out.",
                "portrait",
            )
        width, height = parse_size(self.size) if self.size else (None, None)
        return Order(
            source=self.lesson, portrait=self.portrait, face=self.face, consent=self.consent,
            voice=self.voice, language=self.language, speaker=self.speaker, animator=self.animator,
            layout=self.layout, width=width, height=height, fps=self.fps, captions=self.captions,
        )  # fmt: skip


class NewJob(Wanted):
    """A video to order."""

    priority: int = Field(10, ge=10, le=99, description="Smaller numbers go first")


class Check(BaseModel):
    """A lesson as it is understood."""

    title: str
    language: str
    slides: int
    sentences: list[str]
    warnings: list[str]


class Cost(BaseModel):
    """What a render would give and cost."""

    seconds: float = Field(description="Length of the video")
    exact: bool
    work: float = Field(description="Seconds of rendering, about")
    size: int = Field(description="Bytes of the video, about")
    sentences: int
    reused: int = Field(description="Sentences that are finished already")


class Voice(BaseModel):
    """A voice that can be asked for."""

    id: str
    name: str
    enrolled: bool = Field(description="Whether it is a real person's, with consent on record")


class Upload(BaseModel):
    """A file that was taken in; it is deleted after a day."""

    id: str
    bytes: int


class Result(BaseModel):
    """A finished video."""

    seconds: float
    digest: str = Field(description="sha256 of the file")
    rendered: int = Field(description="Pieces that were drawn for it")
    reused: int
    warnings: list[str]
    files: list[str] = Field(description="Addresses, the video first")


class Failed(BaseModel):
    """Why a job failed."""

    code: str
    message: str
    hint: str
    field: str
    reference: str


class JobView(BaseModel):
    """A job."""

    id: str
    title: str
    language: str
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    stage: str
    done: float = Field(ge=0, le=1)
    left: float | None = Field(description="Seconds that remain; null while unknown")
    message: str
    ahead: int = Field(description="Unfinished jobs that came before")
    ready: int = Field(description="Pieces that are finished from the beginning on")
    count: int = Field(description="Pieces in all; 0 while unknown")
    created: datetime
    started: datetime | None
    ended: datetime | None
    error: Failed | None
    video: Result | None

    @classmethod
    def of(cls, job: Job, prefix: str) -> JobView:
        """The job, with addresses below ``prefix``."""
        result = None
        if job.video is not None:
            names = [
                path.replace("\\", "/").rsplit("/", 1)[-1] for path in (job.video.path, *job.video.files)
            ]
            result = Result(
                seconds=job.video.seconds, digest=job.video.digest, rendered=job.video.rendered,
                reused=job.video.reused, warnings=list(job.video.warnings),
                files=[f"{prefix}/jobs/{job.id}/files/{name}" for name in names],
            )  # fmt: skip
        error = None
        if job.error is not None:
            error = Failed(**{name: getattr(job.error, name) for name in Failed.model_fields})
        plain = (
            "id",
            "title",
            "language",
            "state",
            "stage",
            "done",
            "left",
            "message",
            "ahead",
            "ready",
            "count",
        )
        times = {name: _moment(getattr(job, name)) for name in ("created", "started", "ended")}
        return cls.model_validate(
            {**{name: getattr(job, name) for name in plain}, **times, "error": error, "video": result}
        )


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
