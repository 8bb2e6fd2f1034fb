"""The tools, and how they are served."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mcp.server.auth.middleware.auth_context import get_access_token
from mcp.server.auth.provider import AccessToken, TokenVerifier
from mcp.server.auth.settings import AuthSettings
from mcp.server.fastmcp import Context, FastMCP
from mcp.server.fastmcp.exceptions import ToolError
from mcp.server.transport_security import TransportSecuritySettings
from pydantic import AnyHttpUrl, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.routing import Route

from presenter import tokens
from presenter.api.application import problem
from presenter.api.bodies import Check, Cost, JobView, Voice, Wanted
from presenter.api.guards import Bodies, Limited
from presenter.api.routes import Desk, owner_of
from presenter.errors import InputError, PresenterError, known
from presenter.mcp.lessons import Lessons
from presenter.order import Order
from presenter.settings import Settings
from presenter.studio import Studio
from presenter.tokens import Token

if TYPE_CHECKING:
    from fastapi import FastAPI
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

INSTRUCTIONS = """presenter makes talking-head videos of lessons. A lesson is Markdown: paragraphs are said,
headings begin slides, lists and tables are shown. Write one with write_lesson, look at the cost with
estimate, order it with render, follow it with watch. Only what changed is made anew. Every video is labelled
and signed as AI-generated; nothing switches that off. A photo or voice of a real person needs that person's
consent."""

LOCAL = Token("local", "local", "maker", "", "")
"""Whoever starts the server on standard input and output."""


class Caller(TokenVerifier):
    """Knows the tokens of this installation."""

    def __init__(self, settings: Settings) -> None:
        self._home = settings.home

    async def verify_token(self, token: str) -> AccessToken | None:
        found = await run_in_threadpool(tokens.check, self._home, token)
        if found is None or not found.may("maker"):
            return None
        return AccessToken(token=token, client_id=found.id, scopes=["maker"], subject=found.owner)


def build(studio: Studio, *, served: bool = False) -> FastMCP:
    """The server with its tools.

    Args:
        served: by HTTP with tokens; else on standard input and output for one person.
    """
    settings = studio.settings
    base = address(settings)
    more: dict[str, Any] = {}
    if served:
        more = {
            "token_verifier": Caller(settings),
            "auth": AuthSettings(
                issuer_url=AnyHttpUrl(base),
                resource_server_url=AnyHttpUrl(f"{base}/mcp"),
                required_scopes=["maker"],
            ),
            "transport_security": _allowed(settings),
        }
    server = FastMCP(
        "presenter",
        INSTRUCTIONS,
        stateless_http=True,
        streamable_http_path="/mcp",
        log_level="WARNING",
        **more,
    )
    _add_lessons(server, studio)
    _add_jobs(server, studio, f"{base}/api/v1" if served else "")
    return server


def address(settings: Settings) -> str:
    """Where the server is reached."""
    return settings.public.rstrip("/") or f"http://{settings.host}:{settings.port}"


def _allowed(settings: Settings) -> TransportSecuritySettings:
    """A page of another site, or one that gave itself this machine's address, is not let in."""
    hosts = ["127.0.0.1", "localhost", "[::1]", settings.host]
    public = urlsplit(settings.public)
    return TransportSecuritySettings(
        allowed_hosts=[*(f"{host}:{settings.port}" for host in hosts), *filter(None, [public.netloc])],
        allowed_origins=[
            *(f"http://{host}:{settings.port}" for host in hosts),
            *([f"{public.scheme}://{public.netloc}"] if public.netloc else []),
        ],
    )


def mount(app: FastAPI, studio: Studio) -> StreamableHTTPSessionManager:
    """Serve at ``/mcp`` of an application, while ``run()`` of what is returned is entered."""
    server = build(studio, served=True)
    inner = server.streamable_http_app()  # an application with its own middleware, which knows who asks
    outer = Limited(Bodies(inner, studio.settings.home, problem), studio.settings, problem)
    app.router.routes.extend(Route(route.path, outer) for route in inner.routes if isinstance(route, Route))
    return server.session_manager


def _caller() -> Token:
    shown = get_access_token()
    return LOCAL if shown is None else Token(shown.client_id, shown.subject or "", "maker", "", "")


async def _ask(call: Callable[..., Any], *values: Any) -> Any:
    """One call of the studio; what goes wrong is told in our own words."""
    try:
        return await run_in_threadpool(call, *values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise ToolError(f"E-API-FIELD: {where}: {first['msg']}.") from None
    except Exception as error:
        shown: PresenterError = known(error)
        raise ToolError(f"{shown} (reference {shown.reference})") from None


def _add_lessons(server: FastMCP, studio: Studio) -> None:
    desk = Desk(studio)

    def mine() -> Lessons:
        return Lessons(studio.settings.home, owner_of(_caller()))

    def read(text: str) -> Check:
        lesson = studio.check(desk.order(Wanted.model_validate({"lesson": text}), _caller()))
        return Check(
            title=lesson.title, language=lesson.language, slides=len(lesson.slides),
            sentences=[segment.text for segment in lesson.segments], warnings=list(lesson.warnings),
        )  # fmt: skip

    def write(name: str, text: str) -> Check:
        found = read(text)
        mine().write(name, text)
        return found

    def change(name: str, old: str, new: str) -> Check:
        text = mine().read(name)
        if text.count(old) != 1:
            raise InputError(
                "E-LESSON-OLD",
                f"The old text stands {text.count(old)} times in the lesson.",
                "Quote it whole.",
                "old",
            )
        return write(name, text.replace(old, new))

    @server.tool()
    async def list_voices() -> list[Voice]:
        """The voices that can be asked for; enrolled ones are of real people who gave consent."""
        return list(await _ask(desk.voices))

    @server.tool()
    async def list_portraits() -> list[str]:
        """The sample presenters, whom anybody may use."""
        return list(await _ask(studio.portraits))

    @server.tool()
    async def list_lessons() -> list[str]:
        """Names of the lessons that were written with write_lesson."""
        return list(await _ask(mine().names))

    @server.tool()
    async def read_lesson(name: str) -> str:
        """The text of a lesson."""
        return str(await _ask(mine().read, name))

    @server.tool()
    async def write_lesson(name: str, text: str) -> Check:
        """Check a lesson's text (Markdown) and keep it under a name (a-z, 0-9, hyphens)."""
        return Check.model_validate(await _ask(write, name, text))

    @server.tool()
    async def change_lesson(name: str, old: str, new: str) -> Check:
        """Replace a passage of a kept lesson, quoted exactly; a render makes anew only what changed."""
        return Check.model_validate(await _ask(change, name, old, new))


def _add_jobs(server: FastMCP, studio: Studio, prefix: str) -> None:
    desk = Desk(studio)

    def order(name: str, **choices: Any) -> Order:
        text = Lessons(studio.settings.home, owner_of(_caller())).read(name)
        return desk.order(Wanted.model_validate({"lesson": text, **choices}), _caller())

    def cost(name: str, choices: dict[str, Any]) -> Cost:
        found = studio.estimate(order(name, **choices))
        return Cost(**{field: getattr(found, field) for field in Cost.model_fields})

    def submit(name: str, choices: dict[str, Any]) -> JobView:
        return JobView.of(studio.submit(order(name, **choices), owner=owner_of(_caller())), prefix)

    def look(job: str) -> JobView:
        found = studio.job(job, owner_of(_caller()))
        shown = JobView.of(found, prefix)
        if shown.video and not prefix and found.video:  # on this machine: paths instead of addresses
            shown.video.files = [found.video.path, *found.video.files]
        return shown

    @server.tool()
    async def estimate(lesson: str, portrait: str | None = None, voice: str | None = None) -> Cost:
        """What rendering a kept lesson would give and cost, and how much of it is finished already."""
        return Cost.model_validate(await _ask(cost, lesson, {"portrait": portrait, "voice": voice}))

    @server.tool()
    async def render(
        lesson: str,
        portrait: str | None = None,
        voice: str | None = None,
        layout: str | None = None,
        size: str | None = None,
        captions: str | None = None,
    ) -> JobView:
        """Order the video of a kept lesson; tells the job, which watch follows. Sizes: 1280x720, 1920x1080,
        1080x1920, 1080x1080. Captions: soft, burned or none."""
        choices = {"portrait": portrait, "voice": voice, "layout": layout, "size": size, "captions": captions}
        return JobView.model_validate(await _ask(submit, lesson, choices))

    @server.tool()
    async def list_jobs() -> list[JobView]:
        """The jobs of this caller, the newest first."""
        found = await _ask(studio.jobs, owner_of(_caller()))
        return [JobView.of(job, prefix) for job in found[:50]]

    @server.tool()
    async def watch(job: str, context: Context[Any, Any, Any], seconds: float = 50.0) -> JobView:
        """Follow a job, with progress, until it ends or so many seconds have passed; then ask again. A
        finished one has the addresses of the video and its captions, to be fetched with the same token."""
        until = asyncio.get_running_loop().time() + min(max(seconds, 0.0), 300.0)
        while True:
            shown = JobView.model_validate(await _ask(look, job))
            await context.report_progress(shown.done, 1.0, shown.message)
            if shown.ended is not None or asyncio.get_running_loop().time() >= until:
                return shown
            await asyncio.sleep(1.0)

    @server.tool()
    async def cancel(job: str) -> JobView:
        """Stop a job."""
        return JobView.of(await _ask(studio.cancel, job, owner_of(_caller())), prefix)
