"""The HTTP API: who may do what, what is refused how, and one video from order to download."""

import json

import fakes
import numpy as np
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from presenter import api, audio, people, tokens
from presenter.api import uploads
from presenter.api.guards import read_json
from presenter.errors import InputError
from presenter.people import folders
from presenter.settings import ROOT, Settings
from presenter.store import digest_of_file
from presenter.studio import Studio
from presenter.types import RATE, Consent
from presenter.web.owners import Owners, voice_mark

LESSON = "The first sentence is about bees.\n\nThe second is about birds.\n"


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path / "home", width=448, height=256, workers=1, lessons=1, reserve_gigabytes=0)


@pytest.fixture
def studio(settings, monkeypatch):
    fakes.install(monkeypatch)
    return Studio(settings)


@pytest.fixture
def server(studio):
    app = FastAPI()
    app.mount(api.PREFIX, api.build(studio))
    return TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False)


@pytest.fixture
def ask(server, settings):
    """Asks as somebody: ``ask("ada", "get", "/jobs")``."""
    shown = {}

    def call(who, method, path, role="maker", headers=None, **more):
        if (who, role) not in shown:
            shown[who, role] = tokens.create(settings.home, who, role)
        headers = {"Authorization": f"Bearer {shown[who, role]}", **(headers or {})}
        return server.request(method, f"{api.PREFIX}{path}", headers=headers, **more)

    return call


def order(**more):
    return {"lesson": LESSON, **more}


def refused(answer, status, code):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == code
    return answer.json()


# --- who ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/jobs", "/voices", "/metrics", "/jobs/" + "a" * 22])
def test_nobody_comes_in_without_a_token(server, path):
    answer = server.get(api.PREFIX + path)
    refused(answer, 401, "E-API-TOKEN")
    assert answer.headers["www-authenticate"] == "Bearer"
    refused(server.get(api.PREFIX + path, headers={"Authorization": "Bearer pst_x"}), 401, "E-API-TOKEN")


def test_a_reader_orders_nothing_and_a_maker_sees_no_metrics(ask):
    refused(ask("ada", "post", "/jobs", role="reader", json=order()), 403, "E-API-ROLE")
    refused(ask("ada", "get", "/metrics"), 403, "E-API-ROLE")


def test_somebody_elses_job_does_not_exist_but_for_an_admin(ask):
    job = ask("ada", "post", "/jobs", json=order()).json()["id"]
    texts = {
        refused(ask("eve", method, path), 404, "E-JOB-UNKNOWN")["title"]
        for method, path in (
            ("get", f"/jobs/{job}"), ("post", f"/jobs/{job}/cancel"), ("post", f"/jobs/{job}/retry"),
            ("get", f"/jobs/{job}/events"), ("get", f"/jobs/{job}/files/x.mp4"), ("get", f"/jobs/{'a' * 22}"),
        )
    }  # fmt: skip
    assert len(texts) == 1
    assert ask("eve", "get", "/jobs").json() == []
    assert ask("root", "get", f"/jobs/{job}", role="admin").json()["id"] == job


def test_a_voice_that_was_enrolled_on_the_page_is_not_the_apis(ask, settings):
    kept = a_voice(settings.home, "Anna Lee")
    assert "anna-lee" in [voice["id"] for voice in ask("ada", "get", "/voices").json()]  # nobody's yet
    Owners(settings.home).give("voice", voice_mark(kept), "k" * 22)
    assert "anna-lee" not in [voice["id"] for voice in ask("ada", "get", "/voices").json()]
    for name in ("anna-lee", "Anna Lee", "ANNA  LEE"):
        refused(ask("ada", "post", "/jobs", json=order(voice=name)), 422, "E-VOICE-NAME")
        written = {"lesson": f"---\nvoice: {name}\n---\n\n{LESSON}"}
        refused(ask("ada", "post", "/check", json=written), 422, "E-VOICE-NAME")


def a_voice(home, name):
    """An enrolled voice of one recording, with consent on record."""
    recording = home / "line.flac"
    home.mkdir(parents=True, exist_ok=True)
    recording.write_bytes(audio.encoded(np.zeros(RATE, np.float32), "FLAC"))
    digest = digest_of_file(recording)
    line = people.Spoken("en-01", "Hello.", "en", "en-01.flac", digest, digest, 8.0)
    consent = Consent("c", "Anna", "voice", "", 1, "2026-01-01T00:00:00+00:00")
    report = people.Report(1, 8.0, -20.0, 40.0, 0, "")
    draft = people.Kept(1, folders.slug(name), name, "Anna", ("en",), consent.given, (line,), report, consent)
    people.People(home).attest("Anna", "voice", draft.reference, draft.covers)
    return folders.write(draft, [recording], home)


# --- what is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [b"{", b"[" * 10_000, b'{"lesson": "a", "lesson": "b"}', b'{"fps": NaN}', b'{"fps": 1e999}', b"\xff",
     b'{"a":' * 5000 + b"1" + b"}" * 5000],
)  # fmt: skip
def test_json_that_is_none_is_refused(ask, body):
    for kind in ("application/json", "application/merge-patch+json; charset=utf-8"):
        answer = ask("ada", "post", "/jobs", content=body, headers={"Content-Type": kind})
        refused(answer, 400, "E-API-JSON")


def test_a_body_that_is_too_large_is_refused(ask):
    answer = ask("ada", "post", "/jobs", json=order(consent="x" * 1_000_001))
    refused(answer, 400, "E-API-JSON")
    for headers in ({"Content-Type": "text/plain"}, {}):
        answer = ask("ada", "post", "/jobs", content=b"x" * 1_000_001, headers=headers)
        refused(answer, 413, "E-API-413")


def test_a_file_is_not_read_before_it_is_known_who_sends_it(server, ask, monkeypatch):
    monkeypatch.setattr(uploads, "LARGEST", 1_000_000)

    def photo(size):
        return {"file": ("me.png", b"x" * size)}

    refused(server.post(f"{api.PREFIX}/uploads", files=photo(2_500_000)), 401, "E-API-TOKEN")
    refused(ask("ada", "post", "/uploads", files=photo(2_500_000)), 413, "E-API-413")
    refused(ask("ada", "post", "/uploads", files=photo(1_500_000)), 413, "E-UPLOAD-LARGE")
    assert ask("ada", "post", "/uploads", files=photo(500_000)).status_code == 201


def test_brackets_inside_of_text_are_no_nesting():
    assert read_json(json.dumps({"lesson": '[{"\\' * 100}).encode()) == {"lesson": '[{"\\' * 100}
    with pytest.raises(InputError, match="nested 21 deep"):
        read_json(b"[" * 21 + b"]" * 21)


@pytest.mark.parametrize("field", ["label", "watermark", "credentials", "folder", "source", "owner"])
def test_fields_that_there_are_not_are_refused(ask, field):
    assert (
        refused(ask("ada", "post", "/jobs", json=order(**{field: False})), 422, "E-API-FIELD")["field"]
        == field
    )


@pytest.mark.parametrize(
    "value", ["/etc/passwd", "file:///etc/passwd", "http://localhost/x", "..", "~/x", "C:\\x"]
)
def test_paths_and_addresses_are_refused(ask, value):
    for field in ("portrait", "photo"):
        refused(ask("ada", "post", "/jobs", json=order(**{field: value})), 422, "E-API-UPLOAD")


def test_too_many_requests_are_told_when_to_come_back(studio, settings):
    few = Studio(settings.model_copy(update={"requests_a_minute": 3}))
    client = TestClient(api.build(few), raise_server_exceptions=False)
    answers = [client.get("/jobs") for _ in range(8)]
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) > 0


def test_too_many_jobs_are_told_when_to_come_back(ask, studio):
    studio.ledger._settings = studio.settings.model_copy(update={"waiting_each": 1})
    assert ask("ada", "post", "/jobs", json=order()).status_code == 202
    answer = ask("ada", "post", "/jobs", json=order())
    refused(answer, 429, "E-QUOTA")
    assert answer.headers["retry-after"]


def test_no_field_of_the_api_can_switch_a_safeguard_off(server):
    from presenter.api import application

    document = json.dumps(application.build(Studio(Settings())).openapi()["components"]).lower()
    assert not [word for word in ("watermark", '"label"', "unsafe", "credentials") if word in document]


def test_an_error_that_nobody_foresaw_tells_only_a_reference(ask, studio, monkeypatch):
    monkeypatch.setattr(studio, "check", lambda order: 1 / 0)
    told = refused(ask("ada", "post", "/check", json=order()), 500, "E-INTERNAL")
    assert told["reference"]
    assert "division" not in json.dumps(told)


# --- what works ---------------------------------------------------------------------------------


def test_choices_checks_and_costs_are_told(ask):
    assert "ada" in ask("ada", "get", "/portraits", role="reader").json()
    assert all(not voice["enrolled"] for voice in ask("ada", "get", "/voices", role="reader").json())
    assert "en" in ask("ada", "get", "/languages", role="reader").json()
    check = ask("ada", "post", "/check", role="reader", json=order()).json()
    assert check["sentences"] == LESSON.strip().split("\n\n")
    cost = ask("ada", "post", "/estimate", role="reader", json=order()).json()
    assert (cost["sentences"], cost["reused"]) == (2, 0)


def test_the_same_key_gives_the_same_job(ask):
    keyed = {"Idempotency-Key": "k1"}
    first = ask("ada", "post", "/jobs", json=order(), headers=keyed)
    assert ask("ada", "post", "/jobs", json=order(), headers=keyed).json()["id"] == first.json()["id"]
    assert first.headers["location"] == f"{api.PREFIX}/jobs/{first.json()['id']}"
    refused(ask("ada", "post", "/jobs", json=order(fps=30), headers=keyed), 409, "E-JOB-KEY")


def test_an_upload_is_its_owners(ask):
    photo = ROOT / "assets" / "presenters" / "ada.png"
    files = {"file": ("me.png", photo.read_bytes(), "image/png")}
    upload = ask("ada", "post", "/uploads", files=files).json()["id"]
    refused(ask("eve", "post", "/check", json=order(photo=upload)), 404, "E-UPLOAD-UNKNOWN")
    refused(ask("ada", "post", "/check", json=order(photo=upload, portrait="ada")), 422, "E-PORTRAIT-TWO")
    empty = {"file": ("me.png", b"", "image/png")}
    refused(ask("ada", "post", "/uploads", files=empty), 422, "E-UPLOAD-EMPTY")


def test_a_cancelled_job_can_be_tried_again(ask):
    job = ask("ada", "post", "/jobs", json=order()).json()["id"]
    assert ask("ada", "post", f"/jobs/{job}/cancel").json()["state"] == "cancelled"
    assert ask("ada", "post", f"/jobs/{job}/retry").json()["state"] == "queued"


def test_a_video_is_ordered_followed_and_fetched(ask, settings, studio):
    from presenter.jobs.worker import Worker

    worker = Worker(settings, here=True)
    worker.start()
    try:
        job = ask("ada", "post", "/jobs", json=order()).json()["id"]
        events = ask("ada", "get", f"/jobs/{job}/events").text
    finally:
        worker.stop()
    told = [json.loads(line[6:]) for line in events.splitlines() if line.startswith("data: ")]
    assert told[-1]["state"] == "done", told[-1]
    files = told[-1]["video"]["files"]
    path = files[0].removeprefix(api.PREFIX)
    whole = ask("ada", "get", path)
    assert whole.headers["content-type"] == "video/mp4"
    part = ask("ada", "get", path, headers={"Range": "bytes=4-7"})
    assert (part.status_code, part.content) == (206, whole.content[4:8])
    assert any(name.endswith(".vtt") for name in files)
    refused(ask("ada", "get", f"/jobs/{job}/files/about.json"), 404, "E-API-FILE")
    metrics = ask("root", "get", "/metrics", role="admin").text
    assert 'presenter_jobs{state="done"} 1.0' in metrics


def test_events_end_when_the_job_is_deleted(ask, studio, monkeypatch):
    job = ask("ada", "post", "/jobs", json=order()).json()["id"]
    look, looks = studio.job, iter(range(100))

    def deleted(name, owner):
        if next(looks) == 2:
            studio.ledger.delete(name)
        return look(name, owner)

    monkeypatch.setattr(studio, "job", deleted)
    assert "queued" in ask("ada", "get", f"/jobs/{job}/events").text
