"""The server: the page at ``/``, finished videos at ``/media``, and a few small files.

Results are served by our own route and never by the web framework's cache, which would hand them
to any session that knows the content.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import logging
import os
import re
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from presenter import __version__, faces, hosting, takedown
from presenter.errors import SetupError
from presenter.jobs.watch import Watch
from presenter.studio import Studio
from presenter.web.photos import sweep

if TYPE_CHECKING:
    from fastapi import FastAPI

FRAMEWORK = {"/", "/static/{path:path}", "/assets/{path:path}", "/theme.css", "/favicon.ico", "/robots.txt"}
"""What of the page framework's own addresses is served: the page and what it loads. Its uploads, cache, queue
and calls are not: the page has no use for them, and they ask nobody who they are."""

TYPES = {
    ".mp4": "video/mp4",
    ".srt": "application/x-subrip; charset=utf-8",
    ".vtt": "text/vtt; charset=utf-8",
}
"""What may leave the folder of videos, and as what; nothing is guessed from content."""

PRIVATE = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, max-age=3600",
    "Referrer-Policy": "no-referrer",
}


def create(studio: Studio) -> FastAPI:
    """The whole application: page, media, health.

    Args:
        studio: what the page works with.

    Raises:
        SetupError: ``E-HOSTED`` where it is to serve strangers and something for that is missing.
    """
    hosting.check(studio.settings)
    # Both are read when gradio is imported: nothing is reported to anybody, and uploads land
    # inside our own folder.
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    incoming = studio.settings.home / "incoming"
    os.environ.setdefault("GRADIO_TEMP_DIR", str(incoming))
    sweep(incoming)
    sweep(studio.settings.home / "uploads")  # no page of an earlier run can use them
    import gradio
    from fastapi import FastAPI

    from presenter import api, mcp
    from presenter.web import page, shell
    from presenter.web.early import Early
    from presenter.web.gate import Gate
    from presenter.web.site import Site

    site = Site(studio, incoming)

    @contextlib.asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        asyncio.get_running_loop().run_in_executor(None, site.samples.prepare)
        asyncio.get_running_loop().run_in_executor(None, site.warm)
        async with assistants.run():
            yield
        site.voices.close()

    class Gated(FastAPI):
        """An application that is inside of its gate whole: also what answers when all else failed."""

        def build_middleware_stack(self) -> Any:
            return Gate(super().build_middleware_stack(), studio.settings)

    app = Gated(title="presenter", version=__version__, docs_url=None, openapi_url=None, lifespan=life)
    _add_routes(app, studio)
    app.mount(api.PREFIX, api.build(studio))
    assistants = mcp.mount(app, studio)
    app.router.routes.extend(site.routes())
    gradio.mount_gradio_app(
        app,
        page.build(),
        path="/",
        theme=page.theme(),
        favicon_path=str(studio.settings.assets / "web" / "favicon.png"),
        footer_links=[],
        run_history=False,
        ssr_mode=False,
        mcp_server=False,
        show_error=False,
    )
    app.add_middleware(Early, head=page.head(studio), body=shell.waiting())
    framework = app.router.routes[-1].app  # type: ignore[attr-defined]
    framework.router.routes[:] = [
        route for route in framework.router.routes if getattr(route, "path", "") in FRAMEWORK
    ]
    return app


def _add_routes(app: FastAPI, studio: Studio) -> None:
    from fastapi import HTTPException
    from fastapi.responses import FileResponse, Response
    from fastapi.staticfiles import StaticFiles

    thumbnails = {name: _thumbnail(studio.settings.assets, name) for name in studio.portraits()}

    @app.get("/healthz")
    def health() -> dict[str, str]:
        return {"status": "ok", "version": __version__}

    @app.api_route("/media/{key}/{name}", methods=["GET", "HEAD"])
    def media(key: str, name: str, download: bool = False) -> FileResponse:
        path = find_media(studio.settings.home / "videos", key, name)
        if path is None:
            raise HTTPException(404, "There is no such file.")
        return FileResponse(
            path,
            media_type=TYPES[path.suffix],
            filename=path.name,
            content_disposition_type="attachment" if download else "inline",
            headers=PRIVATE,
        )

    @app.get("/presenters/{name}.jpg")
    def portrait(name: str) -> Response:
        if name not in thumbnails:
            raise HTTPException(404, "There is no such presenter.")
        return Response(thumbnails[name], media_type="image/jpeg", headers={"Cache-Control": "max-age=3600"})

    @app.get("/web/welcome.jpg")
    def poster() -> FileResponse:
        return FileResponse(
            studio.settings.assets / "welcome.jpg", headers={"Cache-Control": "max-age=86400"}
        )

    for folder in ("fonts", "web"):
        app.mount(f"/{folder}", StaticFiles(directory=studio.settings.assets / folder))


def find_media(videos: Path, key: str, name: str) -> Path | None:
    """The file of that name in the folder of that id, or None.

    Names are looked up in the folder's listing and never joined to a path, so nothing outside of
    it can be meant.
    """
    if not re.fullmatch(r"[A-Za-z0-9_-]{22}", key) or not (videos / key).is_dir():
        return None
    for path in (videos / key).iterdir():
        if path.name == name and path.suffix in TYPES and path.is_file() and not path.is_symlink():
            return None if takedown.is_hidden(path) else path
    return None


def _thumbnail(assets: Path, name: str, side: int = 256) -> bytes:
    from PIL import Image

    picture, _ = faces.sample_files(name, assets)
    small = Image.fromarray(faces.open_picture(picture))
    small.thumbnail((side, side))
    memory = io.BytesIO()
    small.save(memory, "JPEG", quality=88)
    return memory.getvalue()


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to the address.

    Raises:
        SetupError: ``E-PORT-USED`` naming the port and the next free one, ``E-HOST`` for an address
            that this machine does not have.
    """
    try:
        return _bind(host, port)
    except socket.gaierror as error:
        raise SetupError(
            "E-HOST", f'The address "{host}" is unknown.', "Use 127.0.0.1 or 0.0.0.0.", "host"
        ) from error
    except PermissionError as error:
        raise SetupError(
            "E-PORT-DENIED", f"Port {port} may not be used by this account.", "Use one above 1023.", "port"
        ) from error
    except OSError as error:
        free = _next_free(host, port)
        if free is None:
            raise SetupError(
                "E-HOST", f'This machine has no address "{host}".', "Use 127.0.0.1 or 0.0.0.0.", "host"
            ) from error
        raise SetupError(
            "E-PORT-USED",
            f"Port {port} is in use already.",
            f"Port {free} is free: PRESENTER_PORT={free} python app.py",
            "port",
        ) from error


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
        bound.listen(128)
    except BaseException:
        bound.close()
        raise
    return bound


def _next_free(host: str, port: int) -> int | None:
    for candidate in range(port + 1, min(port + 100, 65536)):
        try:
            _bind(host, candidate).close()
        except OSError:
            continue
        return candidate
    return None


def serve(studio: Studio, workers: int = 1) -> None:
    """Run the page until it is stopped.

    Args:
        workers: how many workers run beside it, as processes of their own.

    Raises:
        SetupError: the address cannot be used.
    """
    import uvicorn

    settings = studio.settings
    bound = listen(settings.host, settings.port)
    shown = f"[{settings.host}]" if ":" in settings.host else settings.host
    logging.getLogger("uvicorn.error").addFilter(_is_worth_telling)
    watch = Watch(settings, workers)  # they start while the page is built
    try:
        app = create(studio)
        print(f"presenter is at http://{shown}:{settings.port}", flush=True)
        config = uvicorn.Config(
            app, log_level="warning", timeout_graceful_shutdown=1, server_header=False,
            timeout_keep_alive=75,  # longer than polling: a request that crosses a closing link is lost
        )  # fmt: skip
        uvicorn.Server(config).run(sockets=[bound])
    finally:
        watch.close()


def _is_worth_telling(record: logging.LogRecord) -> bool:
    """Not that pages were still open when the server was stopped: they always are."""
    cancelled = record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError)
    return not cancelled and "timeout graceful shutdown" not in record.getMessage()
