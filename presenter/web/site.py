"""What the page consists of, put together: one object for each view, and the addresses that lead to them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from presenter import takedown
from presenter.director import Context, grammar, model
from presenter.errors import InputError, PresenterError
from presenter.order import Order
from presenter.studio import Studio
from presenter.web import library, studio_routes
from presenter.web.album import Album
from presenter.web.bench import Bench
from presenter.web.cameras import Cameras
from presenter.web.challenges import Challenges
from presenter.web.dictionary import Dictionary
from presenter.web.house import House
from presenter.web.lessons import Lessons
from presenter.web.library import Library
from presenter.web.orders import Orders
from presenter.web.portraits import LARGEST, Portraits
from presenter.web.proof import Proof
from presenter.web.replies import Replies
from presenter.web.requests import PRIVATE, Endpoint, Reader
from presenter.web.routes import Routes
from presenter.web.samples import Samples
from presenter.web.shows import Shows
from presenter.web.visits import Asked
from presenter.web.voices import Voices

KEPT = {"X-Content-Type-Options": "nosniff", "Cache-Control": "private, max-age=86400, immutable",
        "Referrer-Policy": "no-referrer"}  # fmt: skip
"""Of a picture whose address changes whenever it does."""


class Site:
    """The page of a studio.

    Args:
        studio: does the work.
        incoming: folder in which files lie until they have been looked at.
    """

    def __init__(self, studio: Studio, incoming: Path) -> None:
        home = studio.settings.home
        self._studio = studio
        self._reader = Reader(incoming, studio.settings.assets / "web" / "words", LARGEST)
        self.voices = Voices(studio)
        self.samples = Samples(studio)
        self._incoming = incoming
        album, shows = Album(home, studio.portraits()), Shows(home)
        self._portraits = Portraits(studio, album)
        orders = Orders(studio, album, self.voices)
        replies = Replies(slow=bool(studio.settings.chat_url))
        self._bench = Bench(studio, orders, album, self.voices, self.samples, shows, replies)
        self._lessons = Lessons(studio, self._bench, orders, self._portraits, shows, replies)
        self._cameras = Cameras(studio, self.voices, self._portraits)
        self._library, self._proof, self._house = Library(studio, shows), Proof(studio), House(studio)

    def warm(self) -> None:
        """Have ready what the first visitor would wait for: the command grammar in all languages, what reads
        and draws lessons, and what talks to a language model."""
        grammar.read("?", Context())
        source = self.samples.source()
        with contextlib.suppress(PresenterError):
            self._studio.board(Order(source=source, folder=self._studio.settings.assets / "lessons"))
        if self._studio.settings.chat_url:
            with contextlib.suppress(PresenterError):
                model.load()

    def routes(self) -> list[BaseRoute]:
        """For the application."""
        parts = self._bench, self._portraits, self._library, self._proof, self._house
        views = studio_routes.Views(*parts)
        listed = studio_routes.rows(views, self._bench, self._lessons, self._cameras, *parts[1:])
        answering = self._reader.answering
        return [
            *studio_routes.table(self._reader, listed),
            Route(
                "/lessons/{owner}/{id}/slides/{slide}",
                answering(self._picture(self._bench.slide)),
            ),
            Route("/lessons/{owner}/{id}/head", answering(self._picture(self._bench.head))),
            Route("/watch/{job}", answering(self._watch)),
            Route("/media/{job}/early/{number:int}.mp4", answering(self._clip)),
            *self._spoken().table(),
        ]

    def _spoken(self) -> Routes:
        """The addresses behind the voices."""
        challenges = Challenges(self._studio, self.voices)
        dictionary = Dictionary(self._studio, self.voices)
        return Routes(self.voices, challenges, dictionary, self._reader, self._incoming)

    def _picture(self, draw: Callable[[Asked], bytes]) -> Endpoint:
        """A picture of a lesson, for whoever knows the lesson's unguessable id."""

        async def answer(request: Request) -> Response:
            asked = Asked(dict(request.path_params), dict(request.query_params))
            return Response(await run_in_threadpool(draw, asked), media_type="image/jpeg", headers=KEPT)

        return answer

    async def _clip(self, request: Request) -> Response:
        """A sentence of a video that is being made, for whoever knows the job's unguessable id."""
        job, number = request.path_params["job"], request.path_params["number"]
        path = await run_in_threadpool(self._studio.clip, job, number)
        return FileResponse(path, media_type="video/mp4", headers=KEPT)

    async def _watch(self, request: Request) -> Response:
        """A finished video, for whoever was given its unguessable address."""
        job = self._studio.job(request.path_params["job"], None)
        if job.video is None or takedown.is_hidden(Path(job.video.path)):
            raise InputError("E-VIDEO-UNKNOWN", "There is no such video.", "Ask for the link again.", "video")
        return HTMLResponse(library.watching(job, self._reader.words(request)), headers=PRIVATE)
