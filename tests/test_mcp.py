"""MCP by the official client, over HTTP on loopback: who is let in, and a lesson from writing to watching."""

import asyncio
import socket
import threading
import time

import fakes
import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from mcp import ClientSession
from mcp.client.streamable_http import streamablehttp_client

from presenter import mcp, tokens
from presenter.settings import Settings
from presenter.studio import Studio

LESSON = "The first sentence is about bees.\n\nThe second is about birds.\n"


@pytest.fixture
def served(tmp_path, monkeypatch):
    """A server with a worker, both in this process; gives its settings."""
    from presenter.jobs.worker import Worker

    fakes.install(monkeypatch)
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    settings = Settings(
        home=tmp_path / "home", width=448, height=256, workers=1, lessons=1, reserve_gigabytes=0,
        port=bound.getsockname()[1], public="https://lessons.example.org",
    )  # fmt: skip
    app = FastAPI(lifespan=lambda _: sessions.run())
    sessions = mcp.mount(app, Studio(settings))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
    thread.start()
    worker = Worker(settings, here=True)
    worker.start()
    yield settings
    worker.stop()
    server.should_exit = True
    thread.join()


def address(settings):
    return f"http://127.0.0.1:{settings.port}/mcp"


def talk(settings, what, owner="ada"):
    """What a client says in one session."""

    async def session():
        headers = {"Authorization": f"Bearer {tokens.create(settings.home, owner)}"}
        async with (
            streamablehttp_client(address(settings), headers=headers) as (reads, writes, _),
            ClientSession(reads, writes) as client,
        ):
            await client.initialize()
            return await what(client)

    return asyncio.run(session())


def knock(settings, **headers):
    """The status of a request with these headers."""
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    accept = {"Accept": "application/json, text/event-stream"}
    while True:
        try:
            return httpx.post(address(settings), json=body, headers={**accept, **headers}).status_code
        except httpx.ConnectError:
            time.sleep(0.05)


def test_who_has_no_token_or_comes_from_elsewhere_is_not_let_in(served):
    good = {"Authorization": f"Bearer {tokens.create(served.home, 'ada')}"}
    reader = {"Authorization": f"Bearer {tokens.create(served.home, 'ada', 'reader')}"}
    assert knock(served, **good) == 200
    assert knock(served) == 401
    assert knock(served, Authorization="Bearer pst_wrong") == 401
    assert knock(served, **reader) == 401
    assert knock(served, **good, Host="evil.example") == 421
    assert knock(served, **good, Origin="http://evil.example") == 403
    assert knock(served, **good, Host="lessons.example.org", Origin="https://lessons.example.org") == 200


def test_an_assistant_writes_a_lesson_and_watches_it_become_a_video(served):
    seen = []

    async def note(done, total, message):
        seen.append((done, total, message))

    async def work(client):
        names = {tool.name for tool in (await client.list_tools()).tools}
        wrote = await client.call_tool("write_lesson", {"name": "bees", "text": LESSON})
        changed = await client.call_tool("change_lesson", {"name": "bees", "old": "birds", "new": "boats"})
        cost = await client.call_tool("estimate", {"lesson": "bees"})
        job = await client.call_tool("render", {"lesson": "bees", "size": "448x256"})
        name = job.structuredContent["id"]
        ended = await client.call_tool("watch", {"job": name}, progress_callback=note)
        return names, wrote, changed, cost, ended

    names, wrote, changed, cost, ended = talk(served, work)
    assert {
        "list_voices",
        "list_portraits",
        "write_lesson",
        "change_lesson",
        "estimate",
        "render",
        "watch",
    } <= names
    assert len(wrote.structuredContent["sentences"]) == 2
    assert changed.structuredContent["sentences"][1] == "The second is about boats."
    assert cost.structuredContent["sentences"] == 2
    assert ended.structuredContent["state"] == "done", ended
    assert ended.structuredContent["video"]["files"][0].startswith("https://lessons.example.org/api/v1/jobs/")
    assert seen[-1][:2] == (1.0, 1.0)


def test_what_is_wrong_is_told_and_somebody_elses_does_not_exist(served):
    async def adas(client):
        await client.call_tool("write_lesson", {"name": "mine", "text": LESSON})
        job = await client.call_tool("render", {"lesson": "mine"})
        empty = await client.call_tool("write_lesson", {"name": "x", "text": "  "})
        path = await client.call_tool("render", {"lesson": "mine", "portrait": "/etc/passwd"})
        outside = await client.call_tool("read_lesson", {"name": "../../tokens"})
        return job.structuredContent["id"], empty, path, outside

    job, *wrong = talk(served, adas)
    texts = [answer.content[0].text for answer in wrong]
    assert all(answer.isError for answer in wrong)
    assert ["E-SCRIPT-EMPTY" in texts[0], "Upload the file" in texts[1], "E-LESSON-NAME" in texts[2]] == [
        True
    ] * 3

    async def eves(client):
        return [
            await client.call_tool("watch", {"job": job}),
            await client.call_tool("cancel", {"job": job}),
            await client.call_tool("read_lesson", {"name": "mine"}),
        ]

    assert all(answer.isError for answer in talk(served, eves, "eve"))


def test_no_tool_can_switch_a_safeguard_off():
    tools = asyncio.run(mcp.build(Studio(Settings())).list_tools())
    fields = {field for tool in tools for field in tool.inputSchema["properties"]}
    assert not fields & {"label", "watermark", "credentials", "consent", "unsafe"}
    assert all(tool.description for tool in tools)
