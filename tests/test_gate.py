"""Every address of the one server: what its answers bear, by which name and from where it may be asked, and
that somebody else's things are not there. The addresses are taken from the tables of the routers."""

import asyncio
import contextlib
import json
import re

import fakes
import pytest
from pages import LESSON, MINE, THEIRS, settings_in
from PIL import Image
from starlette.routing import Mount

from presenter import tokens
from presenter.order import Order
from presenter.studio import Studio
from presenter.web import photos, server
from presenter.web.album import Album
from presenter.web.gate import NEVER
from presenter.web.visits import Visit

HERE = "127.0.0.1:7860"
UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
SHARED = {
    "/media/{key}/{name}", "/watch/{job}", "/media/{job}/early/{number:int}.mp4",
    "/lessons/{owner}/{id}/slides/{slide}", "/lessons/{owner}/{id}/head",
}  # fmt: skip
"""Addresses that are open to whoever was given one: each holds an id of 128 bits or more that nobody else is
shown. Elements of HTML load them, which can send no key."""


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gate")
    with pytest.MonkeyPatch.context() as patch:
        fakes.install(patch)
        patch.setenv("GRADIO_TEMP_DIR", str(folder / "home" / "incoming"))
        patch.setattr("presenter.web.samples.Samples.prepare", lambda _: None)
        studio = Studio(settings_in(folder, frames="https://learn.example.org"))
        made = server.create(studio)
        made.studio = studio
        yield made


def addresses(app):
    """Every path of the application with its methods, those of what is mounted included."""

    def walk(routes, before):
        for route in routes:
            if isinstance(route, Mount) and not hasattr(route.app, "routes"):
                yield f"{before}{route.path}/x", {"GET"}  # a folder of files
            elif isinstance(route, Mount):
                yield from walk(route.app.routes, before + route.path)
            elif hasattr(route, "original_router"):  # routes that were included in others
                yield from walk(route.original_router.routes, before)
            else:
                yield before + route.path, set(route.methods or UNSAFE | {"GET"})

    found = sorted({(path, method) for path, methods in walk(app.routes, "") for method in methods})
    assert len(found) > 90, "the routers hold less than there is"
    return found


def filled(path, values=None):
    """A path with something in place of its fields."""
    values = values or {}
    return re.sub(r"{(\w+)(:\w+)?}", lambda at: values.get(at[1], "1" if at[2] == ":int" else "x" * 22), path)


async def first(app, method, path, headers=(), body=b"{}", kind="http"):
    """Status and headers of an answer and what came of its body within a moment, however long it goes on."""
    told, came = {}, bytearray()
    done = asyncio.Event()
    given = {"host": HERE, "content-type": "application/json", **dict(headers)}
    scope = {
        "type": kind, "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "path": path,
        "raw_path": path.encode(), "query_string": b"", "root_path": "", "scheme": "http",
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
        "client": ("127.0.0.1", 5), "server": ("127.0.0.1", 7860), "subprotocols": [],
    }  # fmt: skip
    asked = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive():
        while not asked:
            await asyncio.Event().wait()
        return asked.pop()

    async def send(message):
        told.update(message)
        came.extend(message.get("body", b""))
        if message["type"] == "http.response.body" and not message.get("more_body"):
            done.set()
        if "event-stream" in str(told.get("headers")) and came:
            done.set()

    task = asyncio.create_task(app(scope, receive, send))
    await asyncio.wait({task, asyncio.create_task(done.wait())}, timeout=30, return_when="FIRST_COMPLETED")
    task.cancel()
    with contextlib.suppress(BaseException):
        await task
    names = {name.decode().lower(): value.decode() for name, value in told.get("headers", [])}
    return told.get("status", told.get("code")), names, bytes(came).decode("utf-8", "replace")


def all_of(app, asks):
    async def ask():
        return [await first(app, *ask) for ask in asks]

    return asyncio.run(ask())


def test_every_answer_of_every_address_bears_the_headers(app):
    listed = [*addresses(app), ("/nothing/here", "GET"), ("/healthz", "DELETE")]
    answers = all_of(app, [(method, filled(path)) for path, method in listed])
    for (path, method), (status, headers, _) in zip(listed, answers, strict=True):
        assert status, (path, method)
        missing = [name for name in NEVER if name.lower() not in headers]
        assert not missing, (path, method, status, missing)
        assert headers["x-content-type-options"] == "nosniff"
        assert "server" not in headers
        policy = headers["content-security-policy"]
        assert "frame-ancestors 'self' https://learn.example.org" in policy
        scripts = re.search(r"script-src ([^;]*);", policy)[1]
        assert "unsafe" not in scripts, path
        assert (scripts == "'none'") == (path != "/"), (path, scripts)
        assert not re.search(r"https?:|\*", policy.replace("https://learn.example.org", "")), policy


def test_also_what_nobody_foresaw_bears_the_headers(app, monkeypatch):
    def fail(*_):
        raise RuntimeError("secret words")

    monkeypatch.setattr(server, "find_media", fail)
    [(status, headers, body)] = all_of(app, [("GET", f"/media/{'x' * 22}/a.mp4")])
    assert status == 500
    assert headers["x-content-type-options"] == "nosniff"
    assert "content-security-policy" in headers
    assert "secret" not in body


def test_nothing_is_answered_under_another_name(app):
    asks = [
        (method, filled(path), {"host": host})
        for path, method in addresses(app)
        for host in ("evil.example", "evil.example:7860")
    ]
    for ask, (status, _, body) in zip(asks, all_of(app, asks), strict=True):
        assert status == 421, ask
        assert "E-HOST-NAME" in body, ask


def test_no_page_of_another_site_changes_anything(app):
    theirs = (
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"origin": "http://127.0.0.1:7861"},
    )
    asks = [
        (method, filled(path), headers)
        for path, method in addresses(app)
        for headers in theirs
        if method in UNSAFE
    ]
    assert len(asks) > 100
    for ask, (status, _, body) in zip(asks, all_of(app, asks), strict=True):
        assert (status, "E-ORIGIN" in body) == (403, True), ask


def test_a_stream_and_a_socket_of_another_site_are_closed(app):
    evil = {"origin": "http://evil.example"}
    [(status, _, _)] = all_of(app, [("GET", "/api/v1/jobs/x/events", evil | {"accept": "text/event-stream"})])
    assert status == 403
    assert all_of(app, [("GET", "/any", evil, b"", "websocket")])[0][0] == 1008
    assert all_of(app, [("GET", "/any", {"host": "evil.example"}, b"", "websocket")])[0][0] == 1008


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:9", "[::1]:7860", "192.168.1.7", "LOCALHOST:80"])
def test_its_own_names_and_addresses_in_numbers_are_let_in(app, host):
    origin = {"origin": f"http://{host.lower()}", "host": host}
    [(status, *_), (other, *_)] = all_of(
        app, [("GET", "/healthz", {"host": host}), ("POST", "/studio/lessons", origin)]
    )
    assert status == 200
    assert other == 422  # read, and told that it has no key


def test_the_address_for_others_counts_behind_a_proxy(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "incoming"))
    studio = Studio(settings_in(tmp_path, public="https://lessons.example.org", hosts="box.lan"))
    app = server.create(studio)
    theirs = {"origin": "https://lessons.example.org", "host": "127.0.0.1:7860"}
    [one, two, three] = all_of(
        app,
        [("POST", "/studio/lessons", theirs), ("GET", "/healthz", {"host": "box.lan:80"}),
         ("GET", "/healthz", {"host": "lessons.example.org"})],
    )  # fmt: skip
    assert (one[0], two[0], three[0]) == (422, 200, 200)
    assert two[1]["strict-transport-security"].startswith("max-age=")


# --- somebody else's ----------------------------------------------------------------------------

SECRET = "Xylophonia"


@pytest.fixture(scope="module")
def theirs(app):
    """What somebody has: every kind of thing with an id, each with a word in it that nobody else may read."""
    studio, home = app.studio, app.studio.settings.home
    owner = Visit(MINE, None).owner
    token = tokens.create(home, "ada")
    mine = {"x-presenter-key": MINE, "x-presenter-name": "lesson.md"}
    lesson = LESSON.replace("Plants", SECRET)
    named = {"content-type": "application/octet-stream"}
    bearer = {"authorization": f"Bearer {token}"}
    form = (
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="' + SECRET.encode() + b'.jpg"\r\n\r\n'
        b"photo\r\n--b--\r\n"
    )
    sent = json.dumps({"lesson": lesson}).encode()
    begin = json.dumps({"name": SECRET, "person": SECRET, "language": "en", "agreed": "yes"}).encode()
    kept, job, upload, enrolment = all_of(
        app,
        [
            ("POST", "/studio/lessons/files", mine | named, lesson.encode()),
            ("POST", "/api/v1/jobs", bearer, sent),
            ("POST", "/api/v1/uploads", bearer | {"content-type": "multipart/form-data; boundary=b"}, form),
            ("POST", "/voices/enrolments", mine, begin),
        ],
    )
    assert (kept[0], job[0], upload[0], enrolment[0]) == (200, 202, 201, 200), (job, upload, enrolment)
    made = studio.submit(Order(source=lesson), owner=owner)
    picture = home / f"{SECRET}.png"
    Image.new("RGB", (300, 300)).save(picture)
    own = Album(home, ()).add(owner, photos.take(picture, home))
    return {
        "lesson": kept[1]["x-presenter-goto"][7:],
        "jobs": (json.loads(job[2])["id"], made.id),
        "upload": json.loads(upload[2])["id"],
        "enrolment": re.search(r"enrolments/([\w-]+)", enrolment[2])[1],
        "portrait": own.id,
        "bearer": bearer,
        "mine": mine,
    }


def ways(app, theirs, headers):
    """Every address with every id of somebody in it, as somebody asks."""
    ids = [theirs[name] for name in ("lesson", "upload", "enrolment", "portrait")] + list(theirs["jobs"])
    for path, method in addresses(app):
        if "{" not in path or path in SHARED:
            yield method, path, headers
            continue
        for name in ids:
            values = dict.fromkeys(("id", "job", "portrait", "line", "key", "slide"), name)
            if "studio/view/" in path:
                for view in ("lesson", "people", "library"):
                    yield method, filled(path, values | {"name": view}), headers
            else:
                yield method, filled(path, values | {"name": name}), headers


def test_somebody_else_reads_nothing_by_any_address(app, theirs):
    studio = app.studio
    stranger = {"x-presenter-key": THEIRS}
    eve = {"authorization": f"Bearer {tokens.create(studio.settings.home, 'eve')}"}
    asks = [
        (method, path, headers | {"x-presenter-name": "a.txt"})
        for headers in ({}, stranger, stranger | eve)
        for method, path, headers in ways(app, theirs, headers)
        if path != "/api/v1/jobs" or method == "GET"
    ]
    assert len(asks) > 800
    for ask, (status, _, body) in zip(asks, all_of(app, asks), strict=True):
        assert SECRET not in body, (ask, status)
    for job in theirs["jobs"]:
        assert studio.job(job, None).state == "queued", "somebody else stopped or deleted it"
    [mine, jobs, booth] = all_of(
        app,
        [
            ("GET", f"/studio/view/lesson/{theirs['lesson']}", theirs["mine"]),
            ("GET", f"/api/v1/jobs/{theirs['jobs'][0]}", theirs["bearer"]),
            ("GET", f"/voices/enrolments/{theirs['enrolment']}", theirs["mine"]),
        ],
    )
    assert SECRET in mine[2], "its owner reads it"
    assert jobs[0] == booth[0] == 200


def test_names_by_which_shared_things_are_asked_for_cannot_be_guessed(theirs):
    for name in (theirs["lesson"], *theirs["jobs"]):
        assert re.fullmatch(r"[\w-]{22,}", name), name
