"""The API's application: how its routes, errors and guards come together."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from presenter import __version__
from presenter.api.bodies import Problem
from presenter.api.guards import Bodies, Callers
from presenter.api.routes import table
from presenter.errors import Busy, InputError, PresenterError, known
from presenter.studio import Studio

PREFIX = "/api/v1"

STATUS = {
    "E-JOB-UNKNOWN": 404, "E-UPLOAD-UNKNOWN": 404, "E-API-FILE": 404, "E-JOB-KEY": 409, "E-API-JSON": 400,
    "E-UPLOAD-LARGE": 413,
}  # fmt: skip
"""Where the kind of an error alone does not tell."""

RETRY = 30
"""Seconds after which somebody who was turned away may ask again."""


def build(studio: Studio) -> FastAPI:
    """The application, to be mounted at ``PREFIX``."""
    codes = {
        400: "Malformed",
        401: "No valid token",
        403: "Not allowed",
        422: "Cannot be done",
        429: "Too much",
    }
    answers: dict[int | str, dict[str, Any]] = {
        code: {
            "description": text,
            "content": {"application/problem+json": {"schema": Problem.model_json_schema()}},
        }
        for code, text in codes.items()
    }
    app = FastAPI(
        title="presenter", version=__version__, docs_url=None, redoc_url=None, responses=answers,
        description="Videos from lessons. Every video is labelled and signed as AI-generated.",
    )  # fmt: skip
    app.include_router(table(studio, Callers(studio.settings), PREFIX))
    app.add_middleware(Bodies, home=studio.settings.home, refuse=problem)
    app.add_exception_handler(Exception, _failed)
    for kind in (PresenterError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, _failed)
    return app


def problem(error: PresenterError) -> JSONResponse:
    """An error as an answer."""
    status = STATUS.get(error.code, error.status)
    body = Problem(
        title=error.message,
        status=status,
        code=error.code,
        hint=error.hint,
        field=error.field,
        reference=error.reference,
    )
    headers = {"Retry-After": str(RETRY)} if isinstance(error, Busy) else {}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(body.model_dump(), status, headers, media_type="application/problem+json")


async def _failed(_: Request, error: Exception) -> JSONResponse:
    if isinstance(error, RequestValidationError):
        return problem(_field(error))
    if isinstance(error, HTTPException):
        shown = PresenterError(f"E-API-{error.status_code}", f"{error.detail}.", "See openapi.json.")
        shown.status = error.status_code
        answer = problem(shown)
        answer.headers.update(error.headers or {})
        return answer
    return problem(known(error))


def _field(error: RequestValidationError) -> InputError:
    """The first thing that is wrong with a request; what was sent is not repeated."""
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"] if part not in ("body", "query", "path", "header"))
    what = str(first["msg"]).removeprefix("Value error, ").rstrip(".")
    if "Upload the file" in what:
        return InputError("E-API-UPLOAD", f"{where} is an address or a path.", f"{what}.", where)
    return InputError(
        "E-API-FIELD", f"{where or 'The request'}: {what}.", "Mend it; see openapi.json.", where
    )
