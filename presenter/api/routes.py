"""The API's addresses: each is one call of the studio and back."""

# Annotations are read while the routes are made, and name what is local there: they must not be put off.
import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Response, UploadFile
from fastapi.responses import FileResponse, PlainTextResponse, StreamingResponse
from starlette.concurrency import run_in_threadpool

from presenter import quotas, takedown
from presenter.api.bodies import Check, Cost, Id, JobView, NewJob, Problem, Upload, Voice, Wanted
from presenter.api.guards import Callers
from presenter.api.uploads import Uploads
from presenter.errors import InputError
from presenter.jobs import Job
from presenter.order import Order
from presenter.studio import Studio
from presenter.tokens import Token
from presenter.web.owners import Owners, voice_mark

TYPES = {".mp4": "video/mp4", ".srt": "application/x-subrip", ".vtt": "text/vtt", ".json": "application/json"}
"""What may be fetched of a job, and as what; everything else is plain bytes."""

_problem = {"application/problem+json": {"schema": Problem.model_json_schema()}}
MISSING: dict[int | str, dict[str, Any]] = {404: {"description": "There is none", "content": _problem}}
TAKEN: dict[int | str, dict[str, Any]] = {
    409: {"description": "The key was used before", "content": _problem},
    **MISSING,
}


def owner_of(token: Token) -> str:
    """Whose jobs a token makes; no page's visitor has such a name."""
    return f"token:{token.owner}"


def seen_by(token: Token) -> str | None:
    """Whose jobs a token sees."""
    return None if token.may("admin") else owner_of(token)


class Desk:
    """Turns what is wanted into an order, as far as the caller may have it."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self.uploads = Uploads(studio.settings.home)
        self._owners = Owners(studio.settings.home)

    def order(self, wanted: Wanted, token: Token) -> Order:
        """The order.

        Raises:
            InputError: ``E-UPLOAD-UNKNOWN``, ``E-VOICE-NAME`` for a voice of somebody who uses the page.
        """
        order = wanted.order()
        lesson = self._studio.parse(order.source, order.language)
        name = order.voice or lesson.setting("voice") or self._studio.settings.voice
        self._refuse_owned(name)
        if wanted.photo:
            order = replace(order, portrait=self.uploads.find(wanted.photo, owner_of(token)))
        return order

    def count(self, size: int, owner: str) -> None:
        """Count an upload. Raises ``Busy``: ``E-QUOTA-UPLOADS``."""
        most, settings = self._studio.settings.upload_gigabytes_a_day * 1000, self._studio.settings
        code = "E-QUOTA-UPLOADS"
        quotas.take(settings.home, owner, "uploads", 1, settings.uploads_a_day, "files brought", code)
        quotas.take(settings.home, owner, "megabytes", size / 1e6, most, "MB brought", code)

    def voices(self) -> list[Voice]:
        """Those that everybody may use."""
        found = []
        for voice in self._studio.voices():
            with contextlib.suppress(InputError):
                self._refuse_owned(voice.id)
                found.append(Voice(id=voice.id, name=voice.name, enrolled=voice.consent is not None))
        return found

    def _refuse_owned(self, name: str) -> None:
        """Raise ``E-VOICE-NAME`` for a voice that somebody of the page enrolled, by any of its names."""
        try:
            kept = self._studio.voice_record(name)
        except InputError:
            return  # a built-in one, or none at all: that is told where the order is settled
        if not self._owners.may_use("voice", voice_mark(kept), ""):
            raise InputError("E-VOICE-NAME", "There is no such voice.", "See /voices.", "voice")


def table(studio: Studio, callers: Callers, prefix: str) -> APIRouter:
    """All addresses, relative to ``prefix``."""
    router, desk = APIRouter(), Desk(studio)
    reader, maker, admin = (Depends(callers.role(role)) for role in ("reader", "maker", "admin"))

    @router.get("/voices", dependencies=[reader], tags=["choices"])
    def voices() -> list[Voice]:
        """The voices that can be asked for."""
        return desk.voices()

    @router.get("/portraits", dependencies=[reader], tags=["choices"])
    def portraits() -> list[str]:
        """The sample presenters."""
        return list(studio.portraits())

    @router.get("/languages", dependencies=[reader], tags=["choices"])
    def languages() -> list[str]:
        """The languages that can be spoken (BCP 47)."""
        return list(studio.languages())

    @router.post("/check", tags=["lessons"], responses=MISSING)
    def check(wanted: Wanted, token: Annotated[Token, reader]) -> Check:
        """Read a lesson and look at its choices, without rendering."""
        lesson = studio.check(desk.order(wanted, token))
        sentences = [segment.text for segment in lesson.segments]
        return Check(
            title=lesson.title, language=lesson.language, slides=len(lesson.slides), sentences=sentences,
            warnings=list(lesson.warnings),
        )  # fmt: skip

    @router.post("/estimate", tags=["lessons"], responses=MISSING)
    def estimate(wanted: Wanted, token: Annotated[Token, reader]) -> Cost:
        """What a render would give and cost."""
        found = studio.estimate(desk.order(wanted, token))
        return Cost(**{name: getattr(found, name) for name in Cost.model_fields})

    @router.post(
        "/uploads",
        status_code=201,
        tags=["jobs"],
        responses={413: {"description": "Too large", "content": _problem}},
    )
    def upload(file: UploadFile, token: Annotated[Token, maker]) -> Upload:
        """Bring a photo or a clip, to be named in an order."""
        desk.count(file.size or 0, owner_of(token))
        name, size = desk.uploads.take(file.file, file.filename or "", owner_of(token))
        return Upload(id=name, bytes=size)

    @router.post("/jobs", status_code=202, tags=["jobs"], responses=TAKEN)
    def submit(
        wanted: NewJob,
        response: Response,
        token: Annotated[Token, maker],
        idempotency_key: Annotated[str | None, Header(min_length=1, max_length=200)] = None,
    ) -> JobView:
        """Order a video. With an Idempotency-Key the same order, sent again, gives the same job."""
        job = studio.submit(
            desk.order(wanted, token), owner=owner_of(token), key=idempotency_key, priority=wanted.priority
        )
        response.headers["Location"] = f"{prefix}/jobs/{job.id}"
        return JobView.of(job, prefix)

    @router.get("/jobs", tags=["jobs"])
    def jobs(token: Annotated[Token, reader]) -> list[JobView]:
        """One's own jobs, the newest first; an admin's token sees everybody's."""
        return [JobView.of(job, prefix) for job in studio.jobs(seen_by(token))]

    @router.get("/jobs/{job}", tags=["jobs"], responses=MISSING)
    def show(job: Id, token: Annotated[Token, reader]) -> JobView:
        """How a job is."""
        return JobView.of(studio.job(job, seen_by(token)), prefix)

    @router.post("/jobs/{job}/cancel", tags=["jobs"], responses=MISSING)
    def cancel(job: Id, token: Annotated[Token, maker]) -> JobView:
        """Stop a job; one that has ended stays as it is."""
        return JobView.of(studio.cancel(job, seen_by(token)), prefix)

    @router.post("/jobs/{job}/retry", tags=["jobs"], responses=MISSING)
    def retry(job: Id, token: Annotated[Token, maker]) -> JobView:
        """Make a job once more that failed or was cancelled."""
        return JobView.of(studio.retry(job, seen_by(token)), prefix)

    @router.get(
        "/jobs/{job}/events", tags=["jobs"], response_class=StreamingResponse,
        responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}, **MISSING},
    )  # fmt: skip
    def events(job: Id, token: Annotated[Token, reader]) -> StreamingResponse:
        """Server-sent events named ``job`` with the job as JSON, whenever it changed, until it ends."""
        studio.job(job, seen_by(token))
        return StreamingResponse(_events(studio, job, prefix), media_type="text/event-stream")

    @router.api_route(
        "/jobs/{job}/files/{name}", methods=["GET"], tags=["jobs"], response_class=FileResponse,
        responses={
            200: {"content": {kind: {"schema": {"type": "string"}} for kind in TYPES.values()}},
            206: {"description": "The range that was asked for"}, **MISSING,
        },
    )  # fmt: skip
    def fetch(job: Id, name: str, token: Annotated[Token, reader]) -> FileResponse:
        """A file of a finished job; ranges are served."""
        path = file_of(studio.job(job, seen_by(token)), name)
        if path is None or takedown.is_hidden(path):
            raise InputError("E-API-FILE", "The job has no such file.", "See the job's files.", "name")
        kind = TYPES.get(path.suffix, "application/octet-stream")
        return FileResponse(
            path, media_type=kind, filename=path.name, headers={"X-Content-Type-Options": "nosniff"}
        )

    @router.get("/metrics", dependencies=[admin], tags=["operation"], response_class=PlainTextResponse)
    def metrics() -> PlainTextResponse:
        """Jobs and workers, for Prometheus."""
        from presenter.api.metrics import report

        return PlainTextResponse(report(studio.ledger))

    return router


def file_of(job: Job, name: str) -> Path | None:
    """The file of that name among a job's results. Names are compared and never joined to a path."""
    if job.video is None:
        return None
    files = map(Path, (job.video.path, *job.video.files))
    return next((path for path in files if path.name == name and path.is_file()), None)


async def _events(studio: Studio, name: str, prefix: str) -> AsyncIterator[str]:
    last, silent = "", 0
    with contextlib.suppress(InputError):  # the job was deleted meanwhile
        while True:
            job = await run_in_threadpool(studio.job, name, None)
            shown = JobView.of(job, prefix).model_dump_json()
            silent = 0 if shown != last else silent + 1
            if shown != last:
                yield f"event: job\ndata: {shown}\n\n"
            elif silent % 15 == 0:
                yield ": still there\n\n"
            if job.finished:
                return
            last = shown
            await asyncio.sleep(1.0)
