"""The service with real processes: short forms of ``presenter bench faults|fairness|load|cluster``; and disks
that refuse to write."""

import errno
import os
from pathlib import Path

import fakes
import postgres
import pytest

from presenter import pipeline
from presenter.bench import cluster, fairness, faults, load
from presenter.engines.runners import Here
from presenter.errors import PresenterError
from presenter.order import Order
from presenter.settings import Settings

needs_proc = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux's /proc")

pytestmark = pytest.mark.slow


def passed(measures):
    found = list(measures)
    assert [
        measure.line()
        for measure in found
        if measure.passed is False and measure.unit not in ("s", "ms", "%")
    ] == []
    return {measure.name: measure for measure in found}


@needs_proc
def test_killed_processes_lose_nothing_and_nothing_is_made_twice():
    found = passed(faults.run(Settings(), kills=4, jobs=2, refusals=0))
    assert found["kills"].value == 4


@needs_proc
def test_owners_take_turns_and_a_cancelled_job_stops():
    found = passed(fairness.run(Settings(), jobs=2))
    assert found["fair"].note.startswith(("0 of 2", "1 of 2"))


@needs_proc
def test_watchers_and_a_burst_of_orders_get_right_answers():
    found = passed(load.run(Settings(), minutes=0.05, burst=120, jobs=4))
    assert "told when to come back" in found["burst"].note


def test_a_lesson_outlives_a_dead_machine_and_its_pieces_are_those_of_one_machine(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cluster")
    for parent in (folder, *folder.parents):
        if parent.stat().st_uid == os.getuid() and parent != Path("/tmp"):
            parent.chmod(parent.stat().st_mode | 0o011)  # another account has to come through
    with postgres.running(folder) as database:
        passed(cluster.run(Settings(), database=database, sentences=6))


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
def test_whichever_write_the_disk_refuses_the_lesson_can_be_finished_afterwards(
    tmp_path, monkeypatch, number
):
    fakes.install(monkeypatch)
    settings = Settings(home=tmp_path / "home", width=448, height=256, workers=1)
    out = tmp_path / "out.mp4"
    order = Order(source="It is about bees.\n\nIt is about birds.\n")
    replace, room = os.replace, []

    def refused(source, target):
        if not room:
            raise OSError(number, os.strerror(number))
        room.pop()
        replace(source, target)

    monkeypatch.setattr(os, "replace", refused)
    codes = []
    for attempt in range(200):
        # Each attempt gets on by an artefact or by half of one; later by more, to publish in one go.
        room[:] = [None] * (attempt % 2 + 1 + attempt // 20)
        try:
            pipeline.render(order, settings, out, runner=Here())
        except PresenterError as error:
            codes.append(error.code)
            assert not list((settings.home / "store").rglob(".*"))
        else:
            break
    assert len(codes) > 10
    assert set(codes) <= {"E-STORE-WRITE", "E-OUT-WRITE"}
    assert out.is_file()
    assert list(tmp_path.glob(".*")) == []
