"""How much an owner may ask for within 24 hours, at every door, and what is said where it was too much."""

import re
import time

import fakes
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from presenter import api, mcp, quotas, tokens
from presenter.errors import Busy
from presenter.order import Order
from presenter.settings import Settings
from presenter.studio import Studio

LESSON = "Bees hum. They fly from one flower to the next one.\n"


@pytest.fixture
def studio(tmp_path, monkeypatch):
    fakes.install(monkeypatch)
    return Studio(
        Settings(
            home=tmp_path / "home",
            workers=1,
            reserve_gigabytes=0,
            minutes_a_day=0.2,
            uploads_a_day=2,
            upload_gigabytes_a_day=0.001,
            messages_a_day=2,
            requests_a_minute=5,
        )
    )


def test_minutes_of_video_are_limited_and_it_is_told_when_there_is_room_again(studio):
    for _ in range(3):
        studio.submit(Order(source=LESSON), owner="ada")
    with pytest.raises(
        Busy, match=r"E-QUOTA-MINUTES: .*minutes of video within 24 hours.* limit is 0.2"
    ) as caught:
        studio.submit(Order(source=LESSON), owner="ada")
    assert re.search(r"room again at \d{4}-\d\d-\d\d \d\d:\d\d UTC", caught.value.hint)
    assert studio.submit(Order(source=LESSON), owner="ben").state == "queued"
    assert len(studio.jobs("ada")) == 3


def test_the_same_submission_sent_again_costs_nothing(studio):
    ids = {studio.submit(Order(source=LESSON), owner="ada", key="1").id for _ in range(9)}
    assert len(ids) == 1


def test_after_a_day_there_is_room_again(tmp_path, monkeypatch):
    now = time.time()
    quotas.take(tmp_path, "ada", "things", 3, 3, "things", "E-QUOTA")
    with pytest.raises(Busy, match="3 things within 24 hours, and now 1; the limit is 3"):
        quotas.take(tmp_path, "ada", "things", 1, 3, "things", "E-QUOTA")
    monkeypatch.setattr(time, "time", lambda: now + quotas.DAY + quotas.STEP)
    quotas.take(tmp_path, "ada", "things", 3, 3, "things", "E-QUOTA")


def test_more_than_there_is_at_all_is_told_to_be_less(tmp_path):
    with pytest.raises(Busy, match="Ask for less"):
        quotas.take(tmp_path, "ada", "things", 4, 3, "things", "E-QUOTA")


def test_messages_of_the_chat_are_limited(studio):
    chat = studio.chat("ada")
    lesson = chat.begin(LESSON)
    for _ in range(2):
        chat.propose(lesson.id, "delete sentence 1")
    with pytest.raises(Busy, match="E-QUOTA-MESSAGES: 2 messages"):
        chat.propose(lesson.id, "delete sentence 1")
    assert len([one for one in chat.messages(lesson.id) if one.who == "user"]) == 2


@pytest.fixture
def client(studio):
    app = FastAPI(lifespan=lambda _: sessions.run())
    app.mount(api.PREFIX, api.build(studio))
    sessions = mcp.mount(app, studio)
    with TestClient(app, base_url=f"http://127.0.0.1:{studio.settings.port}") as client:
        client.headers["Authorization"] = f"Bearer {tokens.create(studio.settings.home, 'ada')}"
        yield client


@pytest.mark.parametrize(
    ("sizes", "told"), [((9, 9, 9), "2 files brought"), ((900_000, 900_000), "0.9 MB brought")]
)
def test_uploads_are_limited_in_number_and_in_bytes(client, sizes, told):
    *fine, last = [client.post("/api/v1/uploads", files={"file": ("a.jpg", bytes(size))}) for size in sizes]
    assert {answer.status_code for answer in fine} == {201}
    assert (last.status_code, last.json()["code"]) == (429, "E-QUOTA-UPLOADS")
    assert told in last.json()["title"]
    assert "Retry-After" in last.headers


def test_requests_to_mcp_are_limited(client):
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    accept = {"Accept": "application/json, text/event-stream"}
    answers = [client.post("/mcp", json=body, headers=accept) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert answers[-1].json()["code"] == "E-API-RATE"


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[" * 10_000, b'{"a": 1, "a": 2}', b'{"a": NaN}'])
def test_what_is_no_json_is_refused_by_mcp_as_by_the_api(client, body):
    answer = client.post("/mcp", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (400, "E-API-JSON")
