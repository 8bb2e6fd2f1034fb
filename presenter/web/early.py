"""The page before the framework: its scripts load with the document, and the studio stands in it at once.

The framework fetches itself, its settings and its components one after another before it puts its first
element on the page, and only then what that element needs. Nobody has to wait for that: our element stands in
the document from the start, and moves into the framework's as soon as that is there.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Early:
    """Puts additions into the document that the framework serves at ``/``.

    Args:
        app: serves everything.
        head: comes at the end of the document's head.
        body: comes at the beginning of its body.
    """

    def __init__(self, app: ASGIApp, head: str, body: str) -> None:
        self._app = app
        self._head, self._body = head.encode(), body.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or scope["path"] != "/" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        plain = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        started: list[Message] = []
        parts: list[bytes] = []

        async def gather(message: Message) -> None:
            if message["type"] == "http.response.start":
                started.append(message)
                return
            if message["type"] != "http.response.body":
                await send(message)
                return
            parts.append(message.get("body", b""))
            if message.get("more_body"):
                return
            body = self._added(b"".join(parts))
            headers = [row for row in started[0]["headers"] if row[0].lower() != b"content-length"]
            length = (b"content-length", str(len(body)).encode())
            await send({**started[0], "headers": [*headers, length]})
            await send({"type": "http.response.body", "body": body})

        await self._app({**scope, "headers": plain}, receive, gather)

    def _added(self, document: bytes) -> bytes:
        head, end, rest = document.partition(b"</head>")
        before, body, after = rest.partition(b"<body")
        tag, close, inside = after.partition(b">")
        if not (end and body and close):
            return document
        return head + self._head + end + before + body + tag + close + self._body + inside
