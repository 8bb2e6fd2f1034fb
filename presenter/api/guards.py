"""What stands before every request: how much, what kind of JSON, and who asks."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException

from presenter import tokens
from presenter.api import uploads
from presenter.errors import Busy, InputError, PresenterError
from presenter.settings import Settings
from presenter.tokens import Role, Token

LARGEST = 1_000_000
"""Bytes of a JSON body."""
DEEPEST = 20
"""Levels of nesting in a JSON body."""

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Denied(PresenterError):
    """Nobody who may do this: HTTP 401 without a token that holds, else 403."""

    def __init__(self, status: int) -> None:
        if status == 401:
            super().__init__(
                "E-API-TOKEN",
                "There is no valid token.",
                "Send Authorization: Bearer pst_... (presenter token create).",
            )
        else:
            super().__init__(
                "E-API-ROLE", "The token's role does not allow this.", "Ask the operator for another one."
            )
        self.status = status


class Limit:
    """So many requests a minute for each token or address; counted in this process."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._minute, self._counts = 0, dict[str, int]()
        self._lock = threading.Lock()

    def take(self, who: str) -> None:
        """Count a request.

        Raises:
            Busy: ``E-API-RATE``.
        """
        minute = int(time.time() // 60)
        with self._lock:
            if minute != self._minute:
                self._minute, self._counts = minute, {}
            self._counts[who] = self._counts.get(who, 0) + 1
            if self._counts[who] > self._most:
                raise Busy(
                    "E-API-RATE", f"More than {self._most} requests a minute.", "Wait for the next minute."
                )


class Callers:
    """Finds out who asks.

    Args:
        settings: ``requests_a_minute`` and where tokens are kept.
    """

    def __init__(self, settings: Settings) -> None:
        self._home, self._limit = settings.home, Limit(settings.requests_a_minute)

    def role(self, role: Role) -> Callable[..., Token]:
        """A dependency that gives the caller's token if it may do what ``role`` may."""

        def caller(
            request: Request,
            shown: Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))],
        ) -> Token:
            token = tokens.check(self._home, shown.credentials) if shown else None
            address = request.client.host if request.client else ""
            self._limit.take(token.id if token else address)
            if token is None:
                raise Denied(401)
            if not token.may(role):
                raise Denied(403)
            return token

        return caller


class Limited:
    """Middleware that counts requests as ``Callers`` does, for what finds out by itself who asks.

    Args:
        app: what comes next.
        settings: ``requests_a_minute`` and where tokens are kept.
        refuse: sends an error as the answer.
    """

    def __init__(self, app: Any, settings: Settings, refuse: Callable[[PresenterError], Any]) -> None:
        self._app, self._home, self._refuse = app, settings.home, refuse
        self._limit = Limit(settings.requests_a_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        shown = Headers(scope=scope).get("authorization", "").partition(" ")[2].strip()
        token = await run_in_threadpool(tokens.check, self._home, shown) if shown else None
        try:
            self._limit.take(token.id if token else (scope.get("client") or ("",))[0])
        except Busy as error:
            await self._refuse(error)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def read_json(body: bytes) -> Any:
    """Strict JSON: UTF-8, no duplicate keys, no NaN, no number beyond a double, no deep nesting.

    Raises:
        InputError: ``E-API-JSON``.
    """
    try:
        text = body.decode("utf-8")
        depth = deepest = 0
        quoted = escaped = False
        for char in text:  # counted before parsing, which would recurse
            if quoted:
                quoted, escaped = (char != '"' or escaped), (char == "\\" and not escaped)
            elif char == '"':
                quoted = True
            elif char in "[{":
                depth += 1
                deepest = max(deepest, depth)
            elif char in "]}":
                depth -= 1
        if deepest > DEEPEST:
            raise ValueError(f"it is nested {deepest} deep, more than {DEEPEST}")
        return json.loads(text, object_pairs_hook=_once, parse_constant=_refuse, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        reason = str(error) if type(error) is ValueError else "it is malformed"
        raise InputError(
            "E-API-JSON", f"The body is no JSON that can be used: {reason}.", "Mend it."
        ) from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) < len(pairs):
        raise ValueError("a key stands twice")
    return dict(pairs)


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is no number")


def _finite(digits: str) -> float:
    value = float(digits)
    if value in (float("inf"), float("-inf")):
        raise ValueError("a number is too large")
    return value


class Bodies:
    """Middleware that looks at bodies first: no JSON that ``read_json`` refuses, no file of somebody without
    a token, and nothing that is larger than it may be.

    Args:
        app: what comes next.
        home: where tokens are kept.
        refuse: sends an error as the answer.
    """

    def __init__(self, app: Any, home: Path, refuse: Callable[[PresenterError], Any]) -> None:
        self._app, self._home, self._refuse = app, home, refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind.endswith(("/json", "+json")):
            await self._json(scope, receive, send)
        elif not kind.startswith("multipart/"):
            await self._app(scope, _counted(receive, LARGEST), send)
        elif await run_in_threadpool(self._known, headers.get("authorization", "")):
            await self._app(scope, _counted(receive, LARGEST + uploads.LARGEST), send)
        else:  # a form is read before anything asks who sent it
            await self._refuse(Denied(401))(scope, receive, send)

    def _known(self, authorization: str) -> bool:
        return tokens.check(self._home, authorization.partition(" ")[2].strip()) is not None

    async def _json(self, scope: Scope, receive: Receive, send: Send) -> None:
        body, more = b"", True
        while more and len(body) <= LARGEST:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        try:
            if len(body) > LARGEST:
                raise InputError("E-API-JSON", f"The body has more than {LARGEST} bytes.", "Send less.")
            if body:
                read_json(body)
        except InputError as error:
            await self._refuse(error)(scope, receive, send)
            return
        sent = False

        async def again() -> dict[str, Any]:
            nonlocal sent
            if sent:
                return await receive()
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, again, send)


def _counted(receive: Receive, most: int) -> Receive:
    """Raises HTTP 413 once more bytes than that have come."""
    count = 0

    async def next_part() -> dict[str, Any]:
        nonlocal count
        message = await receive()
        count += len(message.get("body", b""))
        if count > most:
            raise HTTPException(413, f"The body has more than {most} bytes")
        return message

    return next_part
