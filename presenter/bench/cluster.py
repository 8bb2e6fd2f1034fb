"""A lesson made by two workers over PostgreSQL, one of which dies for good in the middle."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from presenter import pipeline
from presenter.bench.service import Service, lesson, small, whole
from presenter.errors import InputError
from presenter.evaluate import Measure
from presenter.settings import Settings
from presenter.store import digest_of_file

LEASE = 5.0
"""Seconds of silence after which the dead worker's tasks go to the living one."""


def run(
    settings: Settings, *, database: str | None, sentences: int = 100, report: Callable[[str], None] = print
) -> Iterator[Measure]:
    """Make a lesson on this machine without the service, then by two workers of which one is killed, and once
    more by two workers that live.

    Args:
        database: address of an empty PostgreSQL database.

    Raises:
        InputError: ``E-BENCH-DATABASE`` without one.
    """
    if not database:
        raise InputError(
            "E-BENCH-DATABASE",
            "There is no database to work with.",
            "Give one: --database postgresql://...",
            "database",
        )
    with tempfile.TemporaryDirectory(prefix="presenter-cluster-") as name:
        root = Path(name)
        report("one machine, without the service")
        alone = small(settings, root / "alone", workers=2)
        began = time.monotonic()
        pipeline.render(lesson(1, sentences), alone, root / "alone.mp4")
        local = time.monotonic() - began
        shared = small(settings, root / "shared", workers=1, lessons=1, database=database, lease=LEASE)
        workers = [Service(shared, ("work",), root / f"worker{number}.log") for number in (1, 2)]
        for worker in workers:
            worker.start()
        try:
            yield from _compared(workers, sentences, local, report)
            yield from _death(workers, sentences, alone.home, report)
        finally:
            for worker in workers:
                worker.end()


def _compared(
    workers: list[Service], sentences: int, local: float, report: Callable[[str], None]
) -> Iterator[Measure]:
    studio = workers[0].studio
    report("two workers, warming up")
    workers[0].finish([studio.submit(lesson(2, 4), owner=f"warm{number}") for number in range(2)], 300)
    report("two workers")
    began = time.monotonic()
    (job,) = workers[0].finish([studio.submit(lesson(3, sentences), owner="ada")], 60 + 10 * sentences)
    took = time.monotonic() - began
    yield Measure(
        "overhead", "a lesson by two workers, against local", 100 * (took / local - 1), "% more",
        note=f"{took:.1f} s against {local:.1f} s for {sentences} sentences; {whole([job])} video",
    )  # fmt: skip


def _death(
    workers: list[Service], sentences: int, alone: Path, report: Callable[[str], None]
) -> Iterator[Measure]:
    studio = workers[0].studio
    report("two workers, one of which dies")
    job = studio.submit(lesson(1, sentences), owner="ada")
    while studio.job(job.id, None).ready < max(1, sentences // 4):
        time.sleep(0.05)
    holder = studio.ledger.holder(job.id)  # the worst: who leads the lesson
    names = {worker.pid: name for worker, name in zip(workers, sorted(studio.ledger.workers()), strict=True)}
    dead = next((worker for worker in workers if names[worker.pid] == holder), workers[0])
    dead.kill()
    began = time.monotonic()
    other = next(worker for worker in workers if worker is not dead)
    (ended,) = other.finish([job], 60 + 10 * sentences)
    yield Measure(
        "survived",
        "videos although a worker died",
        whole([ended]),
        least=1,
        note=f"{time.monotonic() - began:.1f} s later",
    )
    here, there = (_pieces(home) for home in (alone, other.settings.home))
    same = sum(there.get(piece) == content for piece, content in here.items())
    yield Measure("same", f"of {len(here)} pieces equal to one machine's", same, least=len(here))


def _pieces(home: Path) -> dict[str, str]:
    """For each piece in a store, the sha256 of its content."""
    found = (home / "store" / "piece").glob("*/[0-9a-f]*.mp4")
    return {path.stem: digest_of_file(path) for path in found}
