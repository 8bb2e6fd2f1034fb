"""What becomes of jobs while processes are killed: nothing may be lost, half done or done twice."""

from __future__ import annotations

import random
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from presenter.bench import inside
from presenter.bench.service import Service, Shelf, lesson, outcome, small, stop, whole
from presenter.evaluate import Measure
from presenter.jobs import Job
from presenter.settings import Settings

OWNERS = 6
LEASE = 3.0
"""Seconds; short, so that a frozen worker is given up soon."""


def run(
    settings: Settings,
    *,
    kills: int = 300,
    jobs: int = 60,
    seed: int = 1,
    refusals: int = 200,
    report: Callable[[str], None] = print,
) -> Iterator[Measure]:
    """Kill processes at random while jobs are made; then freeze a worker, damage the store, start with many
    old jobs; and what ``inside`` does.

    Args:
        kills: how many; of workers, of their child processes and (one in ten) of the server with all of them.
        jobs: of three sentences each, over which they are spread.
        seed: of what is killed and when.
        refusals: so many calls of a lesson's making are refused by the disk, one after the other; 0 leaves
            out all that ``inside`` does.
    """
    with tempfile.TemporaryDirectory(prefix="presenter-faults-") as name:
        home = Path(name) / "home"
        service = Service(
            small(settings, home, lease=LEASE, lessons=2, workers=2), ("serve",), Path(name) / "log"
        )
        try:
            yield from _kills(service, kills, jobs, random.Random(seed), report)
            yield from _frozen(service, report)
            yield from _damaged(service, report)
            yield from _restart(service, report)
        finally:
            service.end()
        if refusals:
            yield from inside.run(settings, Path(name), refusals, report)


def _kills(
    service: Service, kills: int, count: int, dice: random.Random, report: Callable[[str], None]
) -> Iterator[Measure]:
    shelf = Shelf(service.settings.home)
    done = {"server": 0, "worker": 0, "child": 0}
    waiting = iter(range(count))
    jobs: list[Job] = []
    service.start()
    began = time.monotonic()
    while sum(done.values()) < kills:
        # Jobs come in as kills go on, so that there is always something to lose.
        while (
            len(jobs) < count * (sum(done.values()) + 1) / kills
            and (number := next(waiting, None)) is not None
        ):
            jobs.append(service.studio.submit(lesson(number), owner=f"owner{number % OWNERS}"))
        until = time.monotonic() + dice.uniform(0.2, 5.0)
        while time.monotonic() < until:
            shelf.look()
            time.sleep(0.05)
        hit = _kill(service, dice)
        if hit:
            done[hit] += 1
        if sum(done.values()) % 20 == 0 and hit:
            report(f"{sum(done.values())} of {kills} kills")
    jobs += [service.studio.submit(lesson(number), owner="late") for number in waiting]
    service.start()
    ended = service.finish(jobs, 120 + 30 * count, shelf.look)
    took = time.monotonic() - began
    note = ", ".join(f"{number} of {kind}" for kind, number in done.items())
    yield Measure("kills", f"kills over {count} jobs", sum(done.values()), note=f"{note}; {took:.0f} s")
    yield from outcome("", service, ended, shelf)


def _kill(service: Service, dice: random.Random) -> str | None:
    """Kill something that works; what it was."""
    if dice.random() < 0.1:
        service.kill()
        service.start()
        return "server"
    others = service.others()
    workers = [pid for pid, line in others if " work " in line]
    children = [pid for pid, line in others if "spawn_main" in line]
    kind, chosen = ("worker", workers) if dice.random() < 0.5 or not children else ("child", children)
    return kind if chosen and stop(dice.choice(chosen)) else None


def _frozen(service: Service, report: Callable[[str], None]) -> Iterator[Measure]:
    """Two workers on one job: the one that has it is frozen past its lease, and thawed in the middle."""
    report("freezing a worker")
    shelf = Shelf(service.settings.home)
    second = Service(service.settings, ("work",), service.settings.home.parent / "second.log")
    second.start()
    try:
        job = service.studio.submit(lesson(1001, 8), owner="frozen")
        until = time.monotonic() + 60
        while not service.studio.job(job.id, None).ready and time.monotonic() < until:
            shelf.look()
            time.sleep(0.05)
        workers = [pid for pid, line in [*service.others(), (second.pid, " work ")] if " work" in line]
        holder = _holder(service, job.id, workers)
        stop(holder, signal.SIGSTOP)
        time.sleep(2 * LEASE)
        stop(holder, signal.SIGCONT)
        (ended,) = service.finish([job], 180, shelf.look)
    finally:
        second.end()
    yield Measure("frozen", "videos of a job with a frozen worker", whole([ended]), least=1, most=1)
    files = len(list(Path(service.settings.home / "videos" / job.id).glob("*.mp4")))
    yield Measure("frozen-files", "files of that video", files, least=1, most=1)


def _holder(service: Service, name: str, workers: list[int]) -> int:
    """The process of the worker that has the job: it holds the lock of its name."""
    worker = service.studio.ledger.holder(name)
    for pid in workers:
        if any(_target(link).endswith(f"/workers/{worker}") for link in Path(f"/proc/{pid}/fd").iterdir()):
            return pid
    return workers[0]


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:
        return ""


def _damaged(service: Service, report: Callable[[str], None]) -> Iterator[Measure]:
    """Bytes of kept files change: the next job makes them anew."""
    report("damaging the store")
    first = service.finish([service.studio.submit(lesson(1002), owner="damaged")], 120)
    for kind in ("piece", "speech", "lesson"):
        for path in (service.settings.home / "store" / kind).glob("*/[0-9a-f]*"):
            if path.suffix != ".json":
                path.write_bytes(path.read_bytes()[:-100] + b"damaged" * 14)
    again = service.finish([service.studio.submit(lesson(1002), owner="damaged")], 120)
    same = [job.video.frames if job.video else 0 for job in (*first, *again)]
    good = whole(again) and same[0] == same[1] and Shelf(service.settings.home)
    pieces = again[0].video.rendered if again[0].video else 0
    yield Measure(
        "damaged",
        "videos made whole from a damaged store",
        float(bool(good)),
        least=1,
        note=f"{pieces} pieces anew",
    )


def _restart(service: Service, report: Callable[[str], None], old: int = 1000) -> Iterator[Measure]:
    """How soon after a start the first new job is begun, with many old ones."""
    report(f"starting with {old} old jobs")
    blank = {"owner": "old", "digest": "", "title": "old", "language": "en", "burned": False, "order": "{}"}
    for number in range(old):
        service.studio.ledger.add({**blank, "id": f"old{number:019d}", "priority": 10})
        service.studio.ledger.cancel(f"old{number:019d}")
    service.kill()
    job = service.studio.submit(lesson(1002), owner="restart")
    service.start()
    began = time.monotonic()
    while not service.studio.job(job.id, None).started and time.monotonic() < began + 60:
        time.sleep(0.05)
    yield Measure("ready", f"ready again with {old} old jobs after", time.monotonic() - began, "s", most=10)
