"""What every request passes and every answer bears, whichever door it belongs to: by which name the server
was called, which page a request came from, and the headers that tell a browser what this site never does.

It stands around the whole application, the page framework's own addresses, errors and websockets included.
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse

from presenter.errors import InputError
from presenter.settings import Settings

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

SAFE = {"GET", "HEAD", "OPTIONS"}
"""Methods that change nothing."""

NEVER = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(self), microphone=(self), display-capture=(), geolocation=(), payment=(), "
    "usb=(), serial=(), midi=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Permitted-Cross-Domain-Policies": "none",
}
"""On every answer that does not say something else."""

_INLINE = re.compile(rb"<script\b([^>]*)>(.*?)</script>", re.DOTALL | re.IGNORECASE)


class Gate:
    """The whole application behind its checks.

    Args:
        app: what answers.
        settings: ``public``, ``hosts``, ``host`` (its names) and ``frames`` (sites that may show it).
    """

    def __init__(self, app: App, settings: Settings) -> None:
        self._app = app
        own = (settings.host, settings.public and urlsplit(settings.public).hostname, "localhost")
        self._names = {name.lower() for name in (*own, *settings.hosts.split(), socket.gethostname()) if name}
        self._public = urlsplit(settings.public).netloc.lower()
        self._frames = " ".join(["'self'", *settings.frames.split()])
        self._safely = NEVER | (
            {"Strict-Transport-Security": "max-age=31536000"}
            if settings.public.startswith("https://")
            else {}
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        answering = _Answering(send, self._safely, self._frames, whole=scope["path"] in ("", "/"))
        try:
            self._check(scope)
        except InputError as error:
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
            else:
                body = {"code": error.code, "title": error.message, "hint": error.hint}
                refusal = JSONResponse(body, error.status, media_type="application/problem+json")
                await refusal(scope, receive, answering)
            return
        await self._app(scope, receive, answering)

    def _check(self, scope: Scope) -> None:
        """Refuse what came by another name, or was sent by another site's page.

        Raises:
            InputError: ``E-HOST-NAME`` (421) and ``E-ORIGIN`` (403).
        """
        headers = Headers(scope=scope)
        called = headers.get("host", "")
        if not self._is_ours(called):
            raise _refusal(
                421, "E-HOST-NAME", f'This server is not called "{called[:80]}".',
                "Use its own address; whoever runs it sets public or hosts.",
            )  # fmt: skip
        origin = headers.get("origin")
        site = headers.get("sec-fetch-site", "")
        changes = scope["type"] == "websocket" or scope["method"] not in SAFE
        if origin is None or origin == "null":
            foreign = changes and (site in ("cross-site", "same-site") or (origin == "null" and not site))
        else:
            foreign = urlsplit(origin).netloc.lower() not in (called.lower(), self._public)
        if foreign:
            raise _refusal(
                403,
                "E-ORIGIN",
                "This was asked for by a page of another site.",
                "Open this server's own page.",
            )

    def _is_ours(self, called: str) -> bool:
        """Whether somebody may call the server that: by one of its names, or by any address in numbers, which
        no other site can give itself as a name."""
        try:
            name = (urlsplit(f"//{called}").hostname or "").lower()
        except ValueError:
            return False
        if name in self._names:
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True


class _Answering:
    """Sends an answer with the headers; of the page itself it waits for the whole, to name its scripts.

    The framework writes scripts into its page whose text depends on the settings. Naming their digests lets
    these run and no others.
    """

    def __init__(self, send: Send, headers: dict[str, str], frames: str, *, whole: bool) -> None:
        self._send, self._headers, self._frames = send, headers, frames
        self._whole = whole
        self._start: Message | None = None
        self._body = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            del headers["server"]
            for name, value in self._headers.items():
                headers.setdefault(name, value)
            self._whole = self._whole and headers.get("content-type", "").startswith("text/html")
            if self._whole:
                self._start = message
                return
            headers.setdefault("Content-Security-Policy", policy(self._frames))
        elif message["type"] == "http.response.body" and self._start is not None:
            self._body += message.get("body", b"")
            if message.get("more_body"):
                return
            start, self._start = self._start, None
            named = policy(self._frames, [found[2] for found in _INLINE.finditer(self._body) if found[2]])
            MutableHeaders(scope=start)["Content-Security-Policy"] = named
            await self._send(start)
            message = {"type": "http.response.body", "body": bytes(self._body)}
        await self._send(message)


def policy(frames: str, scripts: list[bytes] | None = None) -> str:
    """What a browser lets an answer do.

    Args:
        frames: the sites that may show it inside of their pages.
        scripts: texts of the scripts that stand in the page; None where no script is to run at all.
    """
    ours = "'none'"
    if scripts is not None:
        digests = (base64.b64encode(hashlib.sha256(text).digest()).decode() for text in scripts)
        ours = " ".join(["'self' blob:", *(f"'sha256-{digest}'" for digest in digests)])
    return (
        f"default-src 'self'; script-src {ours}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; media-src 'self' data: blob:; font-src 'self' data:; "
        "connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'self'; "
        f"form-action 'self'; frame-ancestors {frames}"
    )


def _refusal(status: int, code: str, message: str, hint: str) -> InputError:
    error = InputError(code, message, hint)
    error.status = status
    return error
