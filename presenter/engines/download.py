"""A file from an address: gone on with where it broke off, never longer than it has to be.

Only ``https`` and ``file`` addresses are followed; plain ``http`` only to this machine. Whether it is the
right file its sha256 tells elsewhere; what can be told sooner (a web page, another size) is told here.
"""

from __future__ import annotations

import http.client
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

TIMEOUT = 30.0
"""Seconds without a byte after which a connection counts as broken."""
TRIES = 4
"""Connections to one address; one that brought nothing new ends it."""
_CHUNK = 1 << 18
_HERE = ("localhost", "127.0.0.1", "::1")


class Unreachable(Exception):
    """The file cannot be had at this address; the text is the reason, in words."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """How far a download is."""

    file: str
    done: int
    """Bytes that are here."""
    bytes: int
    """Bytes of the whole file."""
    seconds: float | None
    """Time that remains; None where it cannot be told yet."""


def host(url: str) -> str:
    """Whom an address leads to, for people."""
    return urlsplit(url).hostname or "a folder"


def allowed(url: str) -> bool:
    """Whether an address is followed: one that others on the way cannot change the content of."""
    parts = urlsplit(url)
    return parts.scheme in ("https", "file") or (parts.scheme == "http" and parts.hostname in _HERE)


def bring(url: str, part: Path, size: int, tick: Callable[[Transfer], None] = lambda _: None) -> None:
    """Bring what is still missing of a file.

    Args:
        url: where the whole file is.
        part: takes it; what it holds already is kept, and stays there when the connection breaks for good.
        size: bytes of the whole file.
        tick: is told how far it is, a few times a second.

    Raises:
        Unreachable: it cannot be had there.
        OSError: ``part`` cannot be written.
    """
    if not allowed(url):
        raise Unreachable("only https addresses are used")
    if _size(part) > size:
        part.unlink()  # of another file
    for attempt in range(TRIES):
        before = _size(part)
        if before == size:
            return
        try:
            _go_on(url, part, size, tick)
        except urllib.error.HTTPError as error:
            if error.code == 416:  # it asks for a part behind the end: what is here is no part of this file
                part.unlink(missing_ok=True)
                continue
            gone = error.code in (404, 410)
            raise Unreachable(
                f"the link is dead ({error.code})" if gone else _answered(error.code)
            ) from error
        except urllib.error.URLError as error:
            raise Unreachable(_why(error.reason)) from error
        except (http.client.HTTPException, ConnectionError, TimeoutError) as error:
            if _size(part) <= before or attempt == TRIES - 1:
                raise Unreachable("the connection broke off") from error
    if _size(part) != size:
        raise Unreachable("the connection broke off")


def _answered(code: int) -> str:
    return f"it asks for a login ({code})" if code in (401, 403) else f"it answered {code}"


def _why(reason: Any) -> str:
    if isinstance(reason, TimeoutError):
        return "no answer"
    if isinstance(reason, OSError) and reason.strerror:
        return f"no connection: {reason.strerror}"
    return str(reason) if isinstance(reason, str) else "no connection"


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


class _Careful(urllib.request.HTTPRedirectHandler):
    """Follows a redirection only to where an address of our own could lead."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        if not allowed(newurl) or urlsplit(newurl).scheme == "file":
            raise urllib.error.URLError("it leads to an address that is not used")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _go_on(url: str, part: Path, size: int, tick: Callable[[Transfer], None]) -> None:
    """One connection: append to ``part`` what comes, or begin anew where the server cannot go on."""
    have = _size(part)
    request = urllib.request.Request(url, headers={"User-Agent": "presenter", "Accept-Encoding": "identity"})
    if have and urlsplit(url).scheme != "file":
        request.add_header("Range", f"bytes={have}-")
    with urllib.request.build_opener(_Careful).open(request, timeout=TIMEOUT) as answer:
        resumed = _resumed(answer, have)
        _check(answer.headers, size - (have if resumed else 0))
        with part.open("ab" if resumed else "wb") as target:
            _copy(answer, target, _Clock(part, size, tick, have if resumed else 0))


def _resumed(answer: Any, have: int) -> bool:
    """Whether the server goes on where ``part`` ends; some send the whole file again."""
    stated = str(answer.headers.get("Content-Range", ""))
    return bool(have) and getattr(answer, "status", 200) == 206 and stated.startswith(f"bytes {have}-")


def _check(headers: Mapping[str, str], expected: int) -> None:
    """Tell another file by what the server says of it, before it is brought."""
    if str(headers.get("Content-Type", "")).startswith("text/html"):
        raise Unreachable("it sent a web page instead of the file")
    length = str(headers.get("Content-Length") or "")
    if length.isdigit() and int(length) != expected:
        raise Unreachable(f"it has {int(length):,} bytes to send instead of {expected:,}")


def _copy(answer: IO[bytes], target: IO[bytes], clock: _Clock) -> None:
    left = clock.left
    while left:
        data = answer.read(min(_CHUNK, left))
        if not data:
            raise http.client.IncompleteRead(b"", left)
        target.write(data)
        left -= len(data)
        clock.went(len(data))


class _Clock:
    """Tells how far a download is and how long it will take at the pace so far."""

    def __init__(self, part: Path, size: int, tick: Callable[[Transfer], None], done: int) -> None:
        name = part.name.removeprefix(".").removesuffix(".part")
        self._file, self._size, self._tick = name, size, tick
        self._first = self._done = done
        self._began = self._told = time.monotonic()

    @property
    def left(self) -> int:
        return self._size - self._done

    def went(self, count: int) -> None:
        self._done += count
        now = time.monotonic()
        if now - self._told < 0.3 and self.left:
            return
        self._told = now
        spent = now - self._began
        pace = (self._done - self._first) / spent if spent > 0.2 else 0.0
        self._tick(Transfer(self._file, self._done, self._size, self.left / pace if pace else None))


def finish(part: Path, target: Path) -> None:
    """Give a complete file its name."""
    with part.open("rb") as stream:
        os.fsync(stream.fileno())
    os.replace(part, target)
