"""Jobs: an accepted one is never lost, is made once, and is its owner's."""

import dataclasses
import hashlib
import hmac
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import ClassVar

import fakes
import pytest
from pydantic import SecretStr
from sqlalchemy.exc import OperationalError

from presenter.errors import Busy, InputError, SetupError, WorkError
from presenter.jobs import tables, webhook
from presenter.jobs.ledger import STARTS, Ledger
from presenter.jobs.orders import restore
from presenter.jobs.slots import Slot, Slots
from presenter.order import Order
from presenter.settings import ROOT, Settings
from presenter.studio import Studio
from presenter.types import Progress, Video

LESSON = "The first sentence is about bees.\n\nThe second is about birds.\n\nA third one ends it.\n"
VIDEO = Video("v.mp4", "0" * 64, 1.0, 25, 0, 1, 0.1)


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path / "home", width=448, height=256, workers=1, lessons=1, reserve_gigabytes=0)


@pytest.fixture
def studio(settings, monkeypatch):
    fakes.install(monkeypatch)
    return Studio(settings)


@pytest.fixture
def working(settings, studio):
    """A worker in this process, with the stand-ins."""
    from presenter.jobs.worker import Worker

    worker = Worker(settings, here=True)
    worker.start()
    yield worker
    worker.stop()


def submit(studio, source=LESSON, owner="ada", **more):
    return studio.submit(Order(source=source), owner=owner, **more)


def finished(studio, job, seconds=60.0):
    end = time.monotonic() + seconds
    while not (now := studio.job(job.id, None)).finished:
        assert time.monotonic() < end, f"still {now.state}: {now.message}"
        time.sleep(0.05)
    return now


# --- taking orders ------------------------------------------------------------------------------


def test_a_submitted_job_is_on_the_disk_before_anybody_works(studio, settings):
    job = submit(studio)
    assert (job.state, job.title, job.owner) == ("queued", "The first sentence is about bees", "ada")
    assert Ledger(settings).find(job.id, "ada") == job


def test_the_same_key_gives_the_same_job_and_another_order_is_refused(studio):
    first = submit(studio, key="k1")
    assert submit(studio, key="k1").id == first.id
    assert submit(studio, key="k1", owner="ben").id != first.id
    with pytest.raises(InputError, match="E-JOB-KEY"):
        submit(studio, "Something else is said.", key="k1")
    assert len(studio.jobs("ada")) == 1


def test_somebody_elses_job_does_not_exist(studio):
    job = submit(studio)
    for call in (studio.job, studio.cancel, studio.retry):
        with pytest.raises(InputError, match="E-JOB-UNKNOWN"):
            call(job.id, "eve")
    assert studio.jobs("eve") == ()
    assert studio.job(job.id, None).state == "queued"


def test_too_many_waiting_jobs_are_turned_away(settings, monkeypatch):
    fakes.install(monkeypatch)
    studio = Studio(settings.model_copy(update={"waiting": 3, "waiting_each": 2}))
    submit(studio)
    submit(studio)
    with pytest.raises(Busy, match=r"E-QUOTA.*limit is 2"):
        submit(studio)
    submit(studio, owner="ben")
    with pytest.raises(Busy, match=r"E-BUSY.*limit is 3"):
        submit(studio, owner="cyd")
    assert len(list((settings.home / "videos").iterdir())) == 3


def test_what_is_tried_again_waits_as_a_new_one_does(settings, monkeypatch):
    fakes.install(monkeypatch)
    studio = Studio(settings.model_copy(update={"waiting_each": 1}))
    first = submit(studio)
    studio.cancel(first.id, "ada")
    submit(studio)
    with pytest.raises(Busy, match=r"E-QUOTA.*limit is 1"):
        studio.retry(first.id, "ada")
    assert studio.job(first.id, "ada").state == "cancelled"


def test_a_nearly_full_disk_takes_no_more_orders(settings, monkeypatch):
    fakes.install(monkeypatch)
    with pytest.raises(Busy, match="E-DISK-RESERVE"):
        submit(Studio(settings.model_copy(update={"reserve_gigabytes": 1e9})))


def test_a_bad_lesson_is_refused_at_once(studio):
    with pytest.raises(InputError, match="E-SCRIPT-EMPTY"):
        submit(studio, "  ")
    assert studio.jobs("ada") == ()


def test_photo_and_pictures_are_kept_with_the_job(studio, settings, tmp_path):
    photo, pictures = tmp_path / "me.png", tmp_path / "lesson"
    pictures.mkdir()
    photo.write_bytes((ROOT / "assets" / "presenters" / "ada.png").read_bytes())
    (pictures / "a.png").write_bytes(photo.read_bytes())
    source = "# Title\n\n![a picture](a.png)\n\nThis is said.\n"
    order = Order(source=source, folder=pictures, portrait=photo, consent="Ada", width=640, height=360)
    job = studio.submit(order, owner="ada")
    kept = restore(Ledger(settings).order(job.id), settings.home / "videos" / job.id)
    photo.unlink()
    assert kept.portrait.is_file()
    assert (kept.folder / "a.png").is_file()
    assert (kept.source, kept.consent, kept.width) == (source, "Ada", 640)


def test_the_portrait_of_an_order_that_names_one_opens_no_file(studio, settings):
    job = studio.submit(Order(source=LESSON, portrait="ben"), owner="ada")
    assert restore(Ledger(settings).order(job.id), settings.home).portrait == "ben"


# --- the ledger ---------------------------------------------------------------------------------


def test_owners_take_turns(studio):
    ledger = studio.ledger
    ada = [submit(studio, owner="ada") for _ in range(3)]
    ben = submit(studio, owner="ben")
    assert [row[0] for row in ledger.waiting()] == [ada[0].id, ben.id]
    for name, run, _ in ledger.waiting():
        ledger.sent(name, run)
    assert ledger.waiting() == []
    fence = ledger.begin(ada[0].id, 1, "w")
    ledger.finish(ada[0].id, fence, VIDEO)
    assert [row[0] for row in ledger.waiting()] == [ada[1].id]


def test_smaller_priorities_go_first(studio):
    usual, urgent = submit(studio), submit(studio, priority=1)
    assert [row[0] for row in studio.ledger.waiting()] == [urgent.id]
    assert (studio.job(usual.id, "ada").ahead, studio.job(urgent.id, "ada").ahead) == (1, 0)


def test_only_the_last_starter_of_a_job_may_write(studio):
    ledger, job = studio.ledger, submit(studio)
    slow = ledger.begin(job.id, 1, "slow")
    quick = ledger.begin(job.id, 1, "quick")
    assert not ledger.wanted(job.id, slow)
    assert ledger.wanted(job.id, quick)
    ledger.note(job.id, slow, Progress("draw", 0.9, None, "late"))
    assert not ledger.finish(job.id, slow, VIDEO)
    assert studio.job(job.id, None).done == 0.0
    assert ledger.finish(job.id, quick, VIDEO)
    assert studio.job(job.id, None).video == VIDEO


def test_a_job_that_kills_its_workers_is_given_up(studio):
    ledger, job = studio.ledger, submit(studio)
    fences = [ledger.begin(job.id, 1, "w") for _ in range(STARTS + 1)]
    assert fences[-1] is None
    assert studio.job(job.id, None).error.code == "E-JOB-POISON"


def test_a_job_that_gets_on_is_started_as_often_as_it_takes(studio):
    ledger, job = studio.ledger, submit(studio)
    for number in range(2 * STARTS):
        fence = ledger.begin(job.id, 1, "w")
        ledger.note(job.id, fence, Progress("draw", 0.1, None, "on", tuple(map(str, range(number + 1))), 99))
    assert studio.job(job.id, None).ready == 2 * STARTS


def test_a_waiting_job_is_cancelled_at_once_and_can_be_tried_again(studio):
    job = submit(studio)
    assert studio.cancel(job.id, "ada").state == "cancelled"
    assert studio.cancel(job.id, "ada").state == "cancelled"
    assert studio.ledger.begin(job.id, 1, "w") is None
    assert studio.retry(job.id, "ada").state == "queued"
    assert studio.ledger.begin(job.id, 1, "w") is None  # of the run that was cancelled
    assert studio.ledger.begin(job.id, 2, "w") == 1


def test_a_silent_worker_is_named_to_the_others(settings):
    ledger = Ledger(settings)
    ledger.beat("a", 2, 60)
    assert ledger.beat("b", 1, 60) == ()
    time.sleep(0.02)
    assert ledger.beat("b", 1, 0.01) == ("a",)
    ledger.bury("a")
    assert {name: slots for name, (_, slots) in ledger.workers().items()} == {"b": 1}


def test_a_database_of_a_later_version_is_left_alone(settings):
    ledger = Ledger(settings)
    with ledger._write() as link:
        link.execute(tables._versions.update().values(version=tables.SCHEMA + 1))
    before = (settings.home / "jobs.sqlite").read_bytes()
    with pytest.raises(SetupError, match="E-DATABASE-NEWER"):
        Ledger(settings)
    assert (settings.home / "jobs.sqlite").read_bytes() == before


def test_other_databases_are_refused(settings):
    with pytest.raises(SetupError, match="E-DATABASE"):
        Ledger(settings.model_copy(update={"database": "mysql://somewhere/x"}))


# --- slots --------------------------------------------------------------------------------------


def double(item, cancelled, tick):
    return 2 * item


def die(item, cancelled, tick):
    import os

    if not Path(item).exists():
        Path(item).touch()
        os._exit(9)
    return "alive"


def hang(item, cancelled, tick):
    while True:
        time.sleep(0.1)


def break_down(item, cancelled, tick):
    raise ZeroDivisionError("secret")


@pytest.fixture
def slots():
    made = Slots(lambda: Slot(patience=60.0), 1)
    yield made
    made.close()


def test_a_process_that_dies_is_replaced_and_the_step_done_again(slots, tmp_path):
    assert slots.run(double, 21, lambda: False) == 42
    assert slots.run(die, tmp_path / "once", lambda: False) == "alive"


def test_a_process_that_hangs_is_ended(slots):
    slots._tries, slots._all[0]._patience = 1, 1.0
    with pytest.raises(WorkError, match="E-WORKER-HUNG"):
        slots.run(hang, None, lambda: False)
    slots._all[0]._patience = 60.0
    assert slots.run(double, 1, lambda: False) == 2


def test_a_step_that_does_not_listen_is_stopped_all_the_same(slots):
    from presenter.errors import Cancelled

    assert slots.run(double, 1, lambda: False) == 2
    calls = iter([False, True])
    with pytest.raises(Cancelled):
        slots.run(hang, None, lambda: next(calls, True))


def test_an_error_that_nobody_foresaw_crosses_without_its_text(slots, capfd):
    from presenter.errors import PresenterError

    with pytest.raises(PresenterError, match="E-INTERNAL") as caught:
        slots.run(break_down, None, lambda: False)
    assert "secret" not in str(caught.value)
    assert caught.value.reference in capfd.readouterr().err


# --- workers ------------------------------------------------------------------------------------


def test_a_job_becomes_a_video_and_an_equal_one_costs_nothing(studio, working):
    job = finished(studio, submit(studio))
    assert job.state == "done", job.error
    assert Path(job.video.path).is_file()
    assert (job.ready, job.count, job.video.rendered) == (3, 3, 3)
    assert all(Path(piece).is_file() for piece in job.pieces)
    again = finished(studio, submit(studio))
    assert (again.video.rendered, again.video.reused) == (0, 3)


def test_a_database_that_does_not_answer_for_a_moment_fails_no_job(studio, working, monkeypatch):
    away = dict.fromkeys(("wanted", "alive", "note"), 0)

    def breaking(name, method):
        def call(*values):
            away[name] += 1
            if away[name] <= 2:
                raise OperationalError("SELECT 1", {}, OSError("the connection is closed"))
            return method(*values)

        return call

    for name in away:
        monkeypatch.setattr(Ledger, name, breaking(name, getattr(Ledger, name)))
    assert finished(studio, submit(studio)).state == "done"
    assert min(away.values()) > 0


class Listener(BaseHTTPRequestHandler):
    """Takes messages, or answers with something that is no HTTP."""

    taken: ClassVar[list[tuple[str, bytes]]] = []
    sane = True

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not self.sane:
            self.wfile.write(b"what?\r\n\r\n")
            return
        self.taken.append((self.headers["X-Presenter-Signature"], body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


def test_the_webhook_is_told_with_a_signature_and_again_for_a_day(studio, settings, monkeypatch):
    job = submit(studio)
    studio.cancel(job.id, "ada")
    job = studio.job(job.id, "ada")
    server = HTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/"
    asked = settings.model_copy(update={"webhook": address, "webhook_secret": SecretStr("s")})
    try:
        monkeypatch.setattr(Listener, "sane", False)
        assert not webhook.tell(job, asked)
        assert webhook.tell(dataclasses.replace(job, ended=time.time() - 90_000), asked)  # given up
        monkeypatch.setattr(Listener, "sane", True)
        assert webhook.tell(job, asked)
    finally:
        server.shutdown()
        server.server_close()
    [(signature, body)] = Listener.taken
    assert json.loads(body)["state"] == "cancelled"
    seconds = int(signature.removeprefix("t=").partition(",")[0])
    mac = hmac.new(b"s", f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    assert signature == f"t={seconds},v1={mac}"


def test_what_fails_says_why_and_can_be_tried_again(studio, working):
    job = studio.submit(Order(source=LESSON, animator="fragile"), owner="ada")
    failed = finished(studio, job)
    assert (failed.state, failed.error.code) == ("failed", "E-TEST")
    assert finished(studio, studio.retry(job.id, "ada")).state == "failed"


def test_a_worker_takes_up_what_was_waiting_and_what_another_one_left(settings, studio):
    from presenter.jobs.worker import Worker

    job = submit(studio)
    studio.ledger.sent(job.id, 1)
    studio.ledger.begin(job.id, 1, "gone")  # a worker that vanished before its queue knew of it
    worker = Worker(settings.model_copy(update={"lease": 1.0}), here=True)
    worker.start()
    try:
        assert finished(studio, job).state == "done"
    finally:
        worker.stop()


def test_a_worker_that_leaves_gives_back_what_it_was_making_and_ends(settings, studio, monkeypatch):
    from presenter.errors import Cancelled
    from presenter.jobs import lesson
    from presenter.jobs.worker import Worker

    def endless(task, cancelled, tick):
        while not cancelled():
            time.sleep(0.05)
        raise Cancelled()

    before = set(threading.enumerate())
    with monkeypatch.context() as patched:
        patched.setattr(lesson, "make", endless)
        worker = Worker(settings, here=True)
        worker.start()
        job = submit(studio)
        while studio.job(job.id, None).state != "running":
            time.sleep(0.05)
        worker.stop()
    for thread in set(threading.enumerate()) - before:
        if not thread.daemon:
            thread.join(20)
            assert not thread.is_alive(), thread
    assert studio.job(job.id, None).state == "running"
    second = Worker(settings, here=True)
    second.start()
    try:
        assert finished(studio, job).state == "done"
    finally:
        second.stop()


# --- the doctor ---------------------------------------------------------------------------------


def test_a_disk_that_refuses_while_a_piece_is_taken_in_is_told_to_who_waits(studio, settings, monkeypatch):
    from concurrent.futures import Future

    from presenter.jobs import lesson

    def refuse(_root):
        raise SetupError("E-STORE-WRITE", "The folder for finished work cannot be written.")

    monkeypatch.setattr(lesson, "Store", refuse)
    shared = lesson.Shared(client=None, ledger=studio.ledger, task=lesson.Task("j", 1, 1, settings))
    waiting = Future()
    shared._open["j.1/piece"] = waiting, fakes
    monkeypatch.setattr(fakes, "store", "store", raising=False)
    shared._settle("j.1/piece", "SUCCESS")
    assert waiting.exception(timeout=0).code == "E-STORE-WRITE"


def test_a_damaged_page_of_the_database_is_told_in_words(studio, settings):
    from presenter.jobs import health

    job = submit(studio)
    studio.ledger.close()
    file = settings.home / "jobs.sqlite"
    content = file.read_bytes()
    page = content.index(job.id.encode()) // 4096 * 4096
    file.write_bytes(content[:page] + b"damaged." * 512 + content[page + 4096 :])
    with pytest.raises(SetupError, match="E-DATABASE: The database of jobs is damaged"):
        Studio(settings).job(job.id, None)
    ((_, state, detail, remedy),) = health.examine(settings)
    assert state == "fail"
    assert "damaged" in detail + remedy
    assert "backup" in remedy


def test_the_doctor_tells_of_jobs_that_nobody_makes_and_of_a_damaged_file(studio, settings):
    from presenter.jobs import health

    assert health.examine(settings) == []
    submit(studio)
    ((_, state, detail, remedy),) = health.examine(settings)
    assert (state, detail[:21]) == ("warn", "1 waiting or running,")
    assert "presenter work" in remedy
    studio.ledger.beat("w-1", 1, 60)
    assert health.examine(settings)[0][1] == "ok"
    studio.ledger.close()
    file = settings.home / "jobs.sqlite"
    file.write_bytes(file.read_bytes()[:4096] + b"damaged" * 3000)
    (settings.home / "jobs.sqlite-wal").unlink(missing_ok=True)
    assert health.examine(settings)[0][1] == "fail"
