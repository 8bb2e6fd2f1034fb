"""The addresses behind the voices. Recordings go through them and never through the web framework's
uploads and cache, which would hand them to whoever knows their content.

Each request carries the browser's key in a header: pages of other sites cannot send it, and it stands in
no address and no log.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from presenter.errors import InputError, SetupError
from presenter.web import screens
from presenter.web.challenges import Challenges
from presenter.web.dictionary import Dictionary
from presenter.web.requests import ARRIVING, PRIVATE, Endpoint, Reader, form_of
from presenter.web.visits import Visit
from presenter.web.voices import Voices

WORDS = 20_000
"""Most bytes of the words that come with a recording."""


class Routes:
    """The addresses, all below ``/voices/``.

    Args:
        voices, challenges, dictionary: what they lead to.
        reader: tells who asks, and in which language.
        incoming: folder in which a recording lies until it has been looked at.
    """

    def __init__(
        self, voices: Voices, challenges: Challenges, dictionary: Dictionary, reader: Reader, incoming: Path
    ) -> None:
        self._voices = voices
        self._challenges = challenges
        self._dictionary = dictionary
        self._reader = reader
        self._incoming = incoming
        self._arriving = asyncio.Semaphore(ARRIVING)

    def table(self) -> list[Route]:
        """For the application."""
        one = "/voices/enrolments/{id}"
        line = one + "/lines/{line}"
        rows: list[tuple[str, str, Endpoint]] = [
            ("GET", "/voices/home", self._home),
            ("POST", "/voices/sample", self._sample),
            ("GET", "/voices/export", self._export),
            ("POST", "/voices/forget", self._forget),
            ("POST", "/voices/challenges", self._challenge),
            ("POST", "/voices/challenges/{id}", self._answer),
            ("POST", "/voices/words", self._add_word),
            ("POST", "/voices/words/remove", self._remove_word),
            ("POST", "/voices/words/sound", self._hear_word),
            ("POST", "/voices/enrolments", self._start),
            ("GET", one, self._booth),
            ("POST", f"{one}/long", self._add),
            ("POST", f"{one}/discard", self._discard),
            ("POST", f"{one}/finish", self._finish),
            ("GET", f"{one}/made", self._made),
            ("POST", line, self._record),
            ("GET", f"{line}/take", self._take),
            ("POST", f"{line}/accept", self._accept),
            ("POST", f"{line}/drop", self._drop),
        ]
        answering = self._reader.answering
        return [Route(path, answering(endpoint), methods=[method]) for method, path, endpoint in rows]

    def _visit(self, request: Request) -> Visit:
        return self._reader.visit(request)

    # --- the list ---

    async def _home(self, request: Request) -> Response:
        return _screen(await run_in_threadpool(self._voices.home, self._visit(request)))

    async def _sample(self, request: Request) -> Response:
        form = await _form(request)
        return _sound(
            await run_in_threadpool(self._voices.sample, self._visit(request), form["voice"], form["text"])
        )

    async def _export(self, request: Request) -> Response:
        target = self._incoming / f"{secrets.token_hex(8)}.zip"
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = request.query_params.get("voice", "")
        try:
            path = await run_in_threadpool(self._voices.export, self._visit(request), name, target)
        except BaseException:
            target.unlink(missing_ok=True)
            raise
        header = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}.zip"}
        gone = BackgroundTask(path.unlink, missing_ok=True)
        return FileResponse(path, media_type="application/zip", headers=PRIVATE | header, background=gone)

    async def _forget(self, request: Request) -> Response:
        form = await _form(request)
        return _screen(await run_in_threadpool(self._voices.forget, self._visit(request), form["voice"]))

    # --- challenges ---

    async def _challenge(self, request: Request) -> Response:
        form = await _form(request)
        return _screen(await run_in_threadpool(self._challenges.ask, self._visit(request), form["voice"]))

    async def _answer(self, request: Request) -> Response:
        who = self._visit(request), request.query_params.get("voice", ""), request.path_params["id"]
        async with self._received(request) as (path, _):
            return _screen(await run_in_threadpool(self._challenges.answer, *who, path))

    # --- pronunciations ---

    async def _add_word(self, request: Request) -> Response:
        form = await _form(request)
        entry = form["word"], form["says"], form["language"]
        return _screen(await run_in_threadpool(self._dictionary.add, self._visit(request), *entry))

    async def _remove_word(self, request: Request) -> Response:
        form = await _form(request)
        entry = form["word"], form["language"]
        return _screen(await run_in_threadpool(self._dictionary.remove, self._visit(request), *entry))

    async def _hear_word(self, request: Request) -> Response:
        form = await _form(request)
        self._visit(request)
        entry = form["word"], form["says"], form["language"]
        return _sound(await run_in_threadpool(self._dictionary.hear, *entry))

    # --- lines ---

    async def _start(self, request: Request) -> Response:
        form = await _form(request)
        agreed = form["agreed"] == "yes"

        def begin() -> str:
            name, person, language = form["name"], form["person"], form["language"]
            return self._voices.start(self._visit(request), name, person, language, agreed=agreed)

        return _screen(await run_in_threadpool(begin))

    async def _booth(self, request: Request) -> Response:
        who = self._visit(request), request.path_params["id"]
        if request.query_params.get("long"):
            return _screen(await run_in_threadpool(self._voices.long, *who))
        at = request.query_params.get("at", "")
        return _screen(await run_in_threadpool(self._voices.booth, *who, int(at) if at.isdecimal() else None))

    async def _record(self, request: Request) -> Response:
        who = self._visit(request), request.path_params["id"], request.path_params["line"]
        async with self._received(request) as (path, _):
            return _screen(await run_in_threadpool(self._voices.record, *who, path))

    async def _add(self, request: Request) -> Response:
        who = self._visit(request), request.path_params["id"]
        async with self._received(request) as (path, words):
            return _screen(await run_in_threadpool(self._voices.add, *who, path, words))

    async def _accept(self, request: Request) -> Response:
        who = self._visit(request), request.path_params["id"], request.path_params["line"]
        return _screen(await run_in_threadpool(self._voices.accept, *who))

    async def _drop(self, request: Request) -> Response:
        who = self._visit(request), request.path_params["id"], request.path_params["line"]
        return _screen(await run_in_threadpool(self._voices.drop, *who))

    async def _take(self, request: Request) -> Response:
        who = self._visit(request), request.path_params["id"], request.path_params["line"]
        return _sound(await run_in_threadpool(self._voices.take, *who))

    async def _discard(self, request: Request) -> Response:
        who = self._visit(request), request.path_params["id"]
        return _screen(await run_in_threadpool(self._voices.discard, *who))

    async def _finish(self, request: Request) -> Response:
        who = self._visit(request), request.path_params["id"]
        return _screen(await run_in_threadpool(self._voices.finish, *who))

    async def _made(self, request: Request) -> Response:
        shown, _ = await run_in_threadpool(self._voices.made, self._visit(request), request.path_params["id"])
        return _screen(shown)

    @contextlib.asynccontextmanager
    async def _received(self, request: Request) -> AsyncIterator[tuple[Path, str]]:
        """The sound as a file that goes away again, and the words that came with it."""
        self._incoming.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._incoming / f"take-{secrets.token_hex(8)}"
        try:
            async with self._arriving:
                words = await _receive(request, path)
            yield path, words
        finally:
            path.unlink(missing_ok=True)


async def _receive(request: Request, path: Path) -> str:
    """Write the body to a file, never more than ``screens.LARGEST``; the words before it are returned."""
    told = request.headers.get("X-Presenter-Words", "0")
    left = min(int(told) if told.isdecimal() else 0, WORDS)
    words, count = b"", 0
    try:
        with path.open("xb") as out:
            async for part in request.stream():
                taken, part = part[:left], part[left:]
                words, left, count = words + taken, left - len(taken), count + len(part)
                if count > screens.LARGEST:
                    limit = f"{screens.LARGEST // 2**20} MB"
                    raise InputError(
                        "E-VOICE-SIZE", f"The file is larger than {limit}.", "Hand in a shorter recording.",
                        "voice",
                    )  # fmt: skip
                out.write(part)
    except OSError as error:
        raise SetupError(
            "E-DISK", f"The recording could not be kept ({error.strerror}).", "Free some space."
        ) from error
    return words.decode("utf-8", "replace")


async def _form(request: Request) -> dict[str, str]:
    """Fields of a form; those that are missing are empty."""
    fields = await form_of(request)
    names = ("voice", "text", "name", "person", "language", "agreed", "word", "says")
    return {name: fields.get(name, "") for name in names}


def _screen(shown: str) -> Response:
    return HTMLResponse(shown, headers=PRIVATE)


def _sound(sound: bytes | Path) -> Response:
    if isinstance(sound, Path):
        return FileResponse(sound, media_type="audio/flac", headers=PRIVATE)
    return Response(sound, media_type="audio/wav", headers=PRIVATE)
