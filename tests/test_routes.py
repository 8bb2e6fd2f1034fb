"""Every route by which a file can leave is on a list here, with what it carries; a new one fails until it is.

The lists are held against the tables that the doors are made of, and the routes that give generated files are
walked: each file is verified as its receiver would.
"""

import argparse
import asyncio
import inspect
import time
from pathlib import Path
from typing import get_args

import fakes
import pytest
from fastapi.testclient import TestClient
from starlette.routing import Mount

from presenter import audit, cli, exports, publishing, takedown, tokens, verify
from presenter.api.guards import Callers
from presenter.api.routes import owner_of, table
from presenter.jobs.worker import Worker
from presenter.mcp.server import build
from presenter.order import Order
from presenter.settings import Settings
from presenter.studio import Studio
from presenter.web import library, server
from presenter.web.visits import Visit

LESSON = "Bees hum in the morning and in the evening.\n\nBirds sing, and that is nearly all.\n"

# What leaves by a route:
VIDEO = "a published video and its captions"
CLIP = "a sentence of a video that is being made"
FORM = "what is made of a published video"
SPEECH = "speech alone"
OWN = "what a person brought: their photo, recording or lesson, to themselves; nothing in it is generated"
DRAWN = "pictures, fonts and scripts that come with presenter"
WORDS = "a page, or an answer in words"
GENERATED = (VIDEO, CLIP, FORM, SPEECH)

SERVER = {
    "/healthz": WORDS,
    "/media/{key}/{name}": VIDEO,
    "/media/{job}/early/{number:int}.mp4": CLIP,
    "/watch/{job}": WORDS,
    "/lessons/{owner}/{id}/slides/{slide}": OWN,
    "/lessons/{owner}/{id}/head": OWN,
    "/presenters/{name}.jpg": DRAWN,
    "/web/welcome.jpg": DRAWN,
    "/web": DRAWN,
    "/fonts": DRAWN,
    "/api/v1": "see API",
    "/mcp": "see TOOLS",
    "/.well-known/oauth-protected-resource/mcp": WORDS,
    "": "the page framework, which is given no file",
    "/voices/home": WORDS,
    "/voices/sample": SPEECH,
    "/voices/export": OWN,
    "/voices/forget": WORDS,
    "/voices/challenges": WORDS,
    "/voices/challenges/{id}": WORDS,
    "/voices/words": WORDS,
    "/voices/words/remove": WORDS,
    "/voices/words/sound": SPEECH,
    "/voices/enrolments": WORDS,
    "/voices/enrolments/{id}": WORDS,
    "/voices/enrolments/{id}/long": WORDS,
    "/voices/enrolments/{id}/discard": WORDS,
    "/voices/enrolments/{id}/finish": WORDS,
    "/voices/enrolments/{id}/made": WORDS,
    "/voices/enrolments/{id}/lines/{line}": WORDS,
    "/voices/enrolments/{id}/lines/{line}/take": OWN,
    "/voices/enrolments/{id}/lines/{line}/accept": WORDS,
    "/voices/enrolments/{id}/lines/{line}/drop": WORDS,
}
"""Addresses of the server. Those below ``/studio/`` answer in words, unless they stand in ``STUDIO``."""

STUDIO = {"library/{job}/forms/{form}": FORM}
"""Addresses below ``/studio/`` whose handlers give files."""

API = {
    "/voices": WORDS, "/portraits": WORDS, "/languages": WORDS, "/check": WORDS, "/estimate": WORDS,
    "/uploads": WORDS, "/jobs": WORDS, "/jobs/{job}": WORDS, "/jobs/{job}/cancel": WORDS,
    "/jobs/{job}/retry": WORDS, "/jobs/{job}/events": WORDS, "/jobs/{job}/files/{name}": VIDEO,
    "/metrics": WORDS,
}  # fmt: skip

TOOLS = {
    "list_voices", "list_portraits", "list_lessons", "read_lesson", "write_lesson", "change_lesson",
    "estimate", "render", "list_jobs", "watch", "cancel",
}  # fmt: skip
"""Tools of assistants: all answer in words; files are fetched by the API, or lie where a worker put them."""

COMMANDS = {
    "render": (VIDEO, FORM), "batch": (VIDEO, FORM), "export": (FORM,), "say": (SPEECH,),
    "chat": (OWN, VIDEO), "jobs add": (VIDEO,), "photo": (OWN,), "import": (OWN,), "voices export": (OWN,),
    "train wav2lip": ("a model of one's own footage",),
}  # fmt: skip
"""Commands that write files; see ``SILENT``."""

SILENT = {
    "estimate", "check", "jobs list", "jobs show", "jobs watch", "jobs cancel", "jobs retry", "serve", "work",
    "token create", "token list", "token revoke", "mcp", "voices list", "voices enrol", "voices show",
    "voices forget", "evaluate", "bench", "checkpoints list", "checkpoints fetch", "checkpoints verify",
    "checkpoints add", "verify", "audit show", "audit verify", "takedown", "people list", "people show",
    "people challenge", "people verify", "people consent", "people revoke", "engines", "doctor", "forget",
    "pronounce list", "pronounce add", "pronounce remove",
}  # fmt: skip
"""Commands that write no file for their user."""


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    return Settings(home=home, width=640, height=360, workers=1, lessons=1, reserve_gigabytes=0)


@pytest.fixture(scope="module")
def studio(settings):
    return Studio(settings)


@pytest.fixture(scope="module")
def app(studio):
    return server.create(studio)


# --- the lists ---


def test_every_address_of_the_server_is_on_the_list(app):
    found = {getattr(route, "path", None) for route in app.routes}
    studio = {path for path in found if path and path.startswith("/studio/")}
    assert found - studio == set(SERVER)


def test_every_handler_of_the_page_that_gives_a_file_is_on_the_list(studio, monkeypatch, tmp_path):
    from presenter.web import site, studio_routes

    listed = []
    table_of = studio_routes.table
    monkeypatch.setattr(
        studio_routes, "table", lambda reader, rows: listed.extend(rows) or table_of(reader, rows)
    )
    routes = site.Site(studio, tmp_path).routes()
    kinds = {path: inspect.signature(handler).return_annotation for _, path, handler in listed}
    assert len(kinds) > 20
    assert {path for path, kind in kinds.items() if not {"str", "Shown"} >= set(kind.split(" | "))} == set(
        STUDIO
    )
    assert {route.path for route in routes if route.path.startswith("/studio/")} == {
        f"/studio/{path}" for path in kinds
    }


def test_what_is_served_as_it_lies_comes_with_presenter(app, settings):
    mounts = {route.path: route for route in app.routes if isinstance(route, Mount)}
    assert set(mounts) == {"/fonts", "/web", "/api/v1", ""}
    for name in ("/fonts", "/web"):
        assert Path(mounts[name].app.directory).is_relative_to(settings.assets)


def test_every_address_of_the_api_is_on_the_list(studio, settings):
    assert {route.path for route in table(studio, Callers(settings), "").routes} == set(API)


def test_every_tool_of_assistants_is_on_the_list(studio):
    assert {tool.name for tool in asyncio.run(build(studio).list_tools())} == TOOLS


def test_every_command_is_on_a_list():
    def walk(parser, before=()):
        below = [one for one in parser._actions if isinstance(one, argparse._SubParsersAction)]
        if not below:
            yield " ".join(before)
        for actions in below:
            for name, one in actions.choices.items():
                yield from walk(one, (*before, name))

    found = set(walk(cli._parser()))
    assert found == SILENT | set(COMMANDS)
    writing = {name for name in found if name.split()[-1] in ("render", "batch", "export", "say", "import")}
    assert writing <= set(COMMANDS)


def test_every_kind_that_is_published_is_a_form_or_has_a_route():
    forms = {form.kind for form in exports.FORMS}
    assert set(get_args(publishing.Kind)) == forms | {"video", "captions", "clip", "speech"}


# --- the routes ---

KEY = "k" * 32


@pytest.fixture(scope="module")
def made(settings, studio):
    """A job of the page and one of the API, made."""
    secret = tokens.create(settings.home, "ada", "maker")
    with pytest.MonkeyPatch.context() as monkeypatch:
        fakes.install(monkeypatch)
        worker = Worker(settings, here=True)
        worker.start()
        try:
            owners = Visit(KEY, None).owner, owner_of(tokens.check(settings.home, secret))
            jobs = [studio.submit(Order(source=LESSON), owner=owner) for owner in owners]
            end = time.monotonic() + 120
            while not all((found := studio.job(job.id, None)).finished for job in jobs):
                assert time.monotonic() < end
                time.sleep(0.05)
        finally:
            worker.stop()
        assert found.video is not None
    return *(studio.job(job.id, None) for job in jobs), secret


@pytest.fixture(scope="module")
def client(app):
    return TestClient(app, base_url="http://127.0.0.1")


def proven(answer, name, settings, folder):
    """The verdict on a file that was fetched, and its line in the log."""
    assert answer.status_code == 200, answer.text
    path = folder / name
    path.write_bytes(answer.content)
    found = verify.verify(path, settings)
    lines = [line for line in audit.lines(settings.home) if line.detail.get("digest") == found.digest]
    assert lines, f"{name} is not in the log"
    assert found.answer == "made here"
    assert found.label
    if path.suffix != ".srt":
        assert found.credentials.state == "trusted"
        assert found.credentials.digest in [line.detail.get("credentials") for line in lines]
    return found


def test_a_video_and_its_captions_leave_the_page_with_all_four(made, client, settings, tmp_path):
    job = made[0]
    files = [Path(job.video.path), *map(Path, job.video.files)]
    assert {file.suffix for file in files} == {".mp4", ".srt", ".vtt"}
    for file in files:
        found = proven(client.get(f"/media/{job.id}/{file.name}"), file.name, settings, tmp_path)
        assert found.videos == (job.video.digest,)
        if file.suffix == ".mp4":
            assert found.seen.present
            assert found.picture.identities


def test_a_video_and_its_captions_leave_the_api_with_all_four(made, client, settings, tmp_path):
    _, job, secret = made
    for file in (Path(job.video.path), *map(Path, job.video.files)):
        address = f"/api/v1/jobs/{job.id}/files/{file.name}"
        assert client.get(address).status_code == 401
        answer = client.get(address, headers={"Authorization": f"Bearer {secret}"})
        assert proven(answer, file.name, settings, tmp_path).videos == (job.video.digest,)


@pytest.mark.parametrize("form", library.FORMS)
def test_every_form_leaves_the_page_with_all_that_it_can_carry(
    made, client, settings, tmp_path, monkeypatch, form
):
    fakes.install(monkeypatch)
    job = made[0]
    suffix = next(one.suffixes[0] for one in exports.FORMS if one.kind == form)
    answer = client.get(f"/studio/library/{job.id}/forms/{form}", headers={"X-Presenter-Key": KEY})
    found = proven(answer, f"talk{suffix}", settings, tmp_path)
    assert found.videos == (job.video.digest,)
    if form in ("poster", "preview"):
        assert found.seen.present


def test_a_sentence_that_is_watched_early_carries_all_four_and_obeys_a_takedown(
    made, client, settings, tmp_path, monkeypatch
):
    fakes.install(monkeypatch)
    job = made[0]
    address = f"/media/{job.id}/early/0.mp4"
    found = proven(client.get(address), "early.mp4", settings, tmp_path)
    assert found.picture.identities
    assert found.seen.present
    [line] = [line for line in audit.lines(settings.home) if line.detail.get("digest") == found.digest]
    assert set(found.picture.identities) <= set(line.detail["marks"])
    assert client.get(f"/watch/{job.id}").status_code == 200
    takedown.block(settings.home, job.video.digest)
    assert client.get(address).status_code == 422
    assert client.get(f"/watch/{job.id}").status_code == 422
    (Path(job.video.path).parent / "hidden").unlink()  # as where the lesson is being made anew
    assert client.get(address).status_code == 422
    takedown.release(settings.home, job.video.digest)
    assert client.get(address).status_code == 200


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("/voices/sample", {"voice": "noah", "text": "Light travels in waves, and that is all."}),
        ("/voices/words/sound", {"word": "GIF", "says": "jiff", "language": "en"}),
    ],
)
def test_speech_leaves_the_page_signed_and_on_record(client, settings, tmp_path, address, form):
    answer = client.post(address, json=form, headers={"X-Presenter-Key": KEY})
    found = proven(answer, "said.wav", settings, tmp_path)
    [line] = [line for line in audit.lines(settings.home) if line.detail.get("digest") == found.digest]
    assert len(line.detail["marks"]) == 1


def test_the_page_gives_the_answer_of_verify(made, client):
    data = Path(made[0].video.path).read_bytes()
    headers = {
        "X-Presenter-Key": KEY,
        "Content-Type": "application/octet-stream",
        "X-Presenter-Name": "a.mp4",
    }
    whole = client.post("/studio/verify", content=data, headers=headers).text
    assert "was made here and is unchanged" in whole
    assert "The label: seen in the picture." in whole
    assert (
        "was made here and changed since"
        in client.post("/studio/verify", content=data[:-1], headers=headers).text
    )
