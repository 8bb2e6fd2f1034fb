"""Requests of the page's scripts, read within limits, and what they are answered with.

Each carries the browser's key in a header: pages of other sites cannot send it, and it stands in no address
and no log.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from urllib.parse import unquote

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from presenter.errors import InputError, SetupError, WorkError, known
from presenter.web import views
from presenter.web.owners import KEY
from presenter.web.visits import Asked, Shown, Visit
from presenter.web.words import Words, choose

PRIVATE = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
}

FORM = 200_000
"""Most bytes of a form: a lesson's text is one of its fields."""

ARRIVING = 8
"""So many files may arrive at the same time."""

Handler = Callable[[Visit, Asked], "str | Shown | bytes | Path"]
Endpoint = Callable[[Request], Awaitable[Response]]


class Reader:
    """Turns requests into what handlers are asked.

    Args:
        incoming: folder in which a file lies until a handler has looked at it.
        words: folder of the page's texts.
        largest: most bytes of a file.
    """

    def __init__(self, incoming: Path, words: Path, largest: int) -> None:
        self._incoming = incoming
        self._words = words
        self._largest = largest
        self._arriving = asyncio.Semaphore(ARRIVING)

    def route(self, method: str, path: str, handler: Handler) -> Route:
        """An address that leads to a handler."""

        async def endpoint(request: Request) -> Response:
            visit = self.visit(request)
            async with self._asked(request) as asked:
                shown = await run_in_threadpool(handler, visit, asked)
            if isinstance(shown, bytes):
                return Response(shown, media_type="image/jpeg", headers=PRIVATE)
            if isinstance(shown, Path):
                return FileResponse(shown, filename=shown.name, headers=PRIVATE)
            answer = shown if isinstance(shown, Shown) else Shown(shown)
            onward = {"X-Presenter-Goto": answer.onward} if answer.onward else {}
            return HTMLResponse(answer.html, headers=PRIVATE | onward)

        return Route(path, self.answering(endpoint), methods=[method])

    def answering(self, endpoint: Endpoint) -> Endpoint:
        """Errors become boxes that the page shows, in its language."""

        async def answer(request: Request) -> Response:
            try:
                return await endpoint(request)
            except ClientDisconnect:
                return Response(status_code=400)
            except Exception as error:
                shown = known(error)
                status = shown.status if isinstance(shown, InputError | SetupError | WorkError) else 500
                return HTMLResponse(views.failure(self.words(request), shown), status, PRIVATE)

        return answer

    def visit(self, request: Request) -> Visit:
        """Who asks.

        Raises:
            InputError: ``E-KEY``.
        """
        return Visit(key_of(request), self.words(request))

    def words(self, request: Request) -> Words:
        """The language in which a request is answered."""
        wanted = request.headers.get("X-Presenter-Language", "")
        return Words(choose(wanted, request.headers.get("Accept-Language", "")), self._words)

    @contextlib.asynccontextmanager
    async def _asked(self, request: Request) -> AsyncIterator[Asked]:
        place, query = dict(request.path_params), dict(request.query_params)
        if not request.headers.get("content-type", "").startswith("application/octet-stream"):
            form = await form_of(request) if request.method == "POST" else {}
            yield Asked(place, query, form)
            return
        path = self._incoming / f"file-{secrets.token_hex(8)}"
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = (
            unquote(request.headers.get("X-Presenter-Name", ""))[-200:].replace("\\", "/").rsplit("/", 1)[-1]
        )
        try:
            async with self._arriving:
                await self._receive(request, path)
            yield Asked(place, query, {}, path, name)
        finally:
            path.unlink(missing_ok=True)

    async def _receive(self, request: Request, path: Path) -> None:
        count = 0
        try:
            with path.open("xb") as out:
                async for part in request.stream():
                    count += len(part)
                    if count > self._largest:
                        limit = f"{self._largest // 2**20} MB"
                        raise InputError(
                            "E-FILE-SIZE", f"The file is larger than {limit}.", "Bring a smaller one."
                        )
                    out.write(part)
        except OSError as error:
            raise SetupError(
                "E-DISK", f"The file could not be kept ({error.strerror}).", "Free some space."
            ) from error


def key_of(request: Request) -> str:
    """The browser's key.

    Raises:
        InputError: ``E-KEY``.
    """
    key = request.headers.get("X-Presenter-Key", "")
    if not KEY.fullmatch(key):
        raise InputError("E-KEY", "The browser did not say who it is.", "Load the page again.")
    return key


async def form_of(request: Request) -> dict[str, str]:
    """Fields of a form.

    Raises:
        InputError: ``E-FORM``.
    """
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > FORM:
            raise InputError("E-FORM", "The form is too long.", "Shorten it.")
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        raise InputError("E-FORM", "The form cannot be read.", "Load the page again.")
    return {str(name): str(value) for name, value in fields.items()}
