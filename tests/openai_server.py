"""A server on loopback that speaks the OpenAI protocol and says what a test tells it to."""

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Scripted(ThreadingHTTPServer):
    """Args:
    script: replies in turn: a text, ``(tool, arguments)``, an HTTP status, a number of seconds to be silent
        as a float, bytes to be sent as they are; or a function from the request to one of these.
    pause: is called after each piece of an answer, to see it come.
    """

    daemon_threads = True

    def __init__(self, script, pause=lambda: None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.script = script if isinstance(script, Callable) else list(script)
        self.seen, self.pause = [], pause
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        server = self.server
        server.seen.append((request, self.headers.get("authorization", "")))
        if callable(server.script):
            step = server.script(request)
        else:
            step = server.script.pop(0) if server.script else "(end of script)"
        if isinstance(step, float):
            time.sleep(step)
            step = "late"
        if isinstance(step, int):
            return self._plain(step, json.dumps({"error": {"message": "no", "code": "x"}}).encode())
        if isinstance(step, bytes):
            return self._plain(200, step)
        return self._stream(request, step)

    def _plain(self, status, body):
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, request, step):
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        end = "stop"
        if step == "(filtered)":
            deltas, end = [{"role": "assistant", "content": ""}], "content_filter"
        elif isinstance(step, str):
            deltas = [{"role": "assistant"}, *({"content": f"{word} "} for word in step.split(" "))]
        else:
            name, arguments = step
            text = arguments if isinstance(arguments, str) else json.dumps(arguments)
            call = {"index": 0, "id": f"call_{len(self.server.seen)}", "type": "function"}
            deltas = [{"tool_calls": [{**call, "function": {"name": name, "arguments": ""}}]}]
            for start in range(0, len(text), 40):
                piece = {"index": 0, "function": {"arguments": text[start : start + 40]}}
                deltas.append({"tool_calls": [piece]})
            end = "tool_calls"
        for delta, reason in [*((delta, None) for delta in deltas), ({}, end)]:
            chunk = {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": request["model"]}
            chunk["choices"] = [{"index": 0, "delta": delta, "finish_reason": reason}]
            self.wfile.write(b"data: " + json.dumps(chunk).encode() + b"\n\n")
            self.server.pause()
        self.wfile.write(b"data: [DONE]\n\n")
        self.close_connection = True
