"""Whether somebody with one video waits for somebody with twenty; how soon a cancelled one has stopped."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from presenter.bench.service import Service, lesson, small
from presenter.evaluate import Measure
from presenter.settings import Settings


def run(settings: Settings, *, jobs: int = 20, report: Callable[[str], None] = print) -> Iterator[Measure]:
    """One worker that makes one lesson at a time.

    Args:
        jobs: of the one who has many.
    """
    with tempfile.TemporaryDirectory(prefix="presenter-fairness-") as name:
        service = Service(
            small(settings, Path(name) / "home", lessons=1, workers=1), ("work",), Path(name) / "log"
        )
        service.start()
        try:
            service.finish([service.studio.submit(lesson(0), owner="warm")], 120)
            yield from _turns(service, jobs, report)
            yield from _cancel(service, report)
        finally:
            service.end()


def _turns(service: Service, count: int, report: Callable[[str], None]) -> Iterator[Measure]:
    report(f"{count} jobs of one owner, then one of another")
    many = [service.studio.submit(lesson(number), owner="ada") for number in range(1, count + 1)]
    while not any(job.started for job in service.studio.ledger.some([job.id for job in many])):
        time.sleep(0.05)
    one = service.studio.submit(lesson(count + 1), owner="ben")
    (one,) = service.finish([one], 300)
    ended = service.finish(many, 60 * count)
    longest = max((job.ended or 0) - (job.started or 0) for job in ended)
    waited = (one.started or 0) - one.created
    before = sum((job.ended or 0) <= (one.started or 0) for job in ended)
    yield Measure(
        "fair", "the one job waited", waited, "s", most=longest + 1,
        note=f"{before} of {count} went before; one takes up to {longest:.1f} s",
    )  # fmt: skip


def _cancel(service: Service, report: Callable[[str], None]) -> Iterator[Measure]:
    report("cancelling")
    job = service.studio.submit(lesson(500, 40), owner="cyd")
    while service.studio.job(job.id, None).ready < 1:
        time.sleep(0.05)
    began = time.monotonic()
    service.studio.cancel(job.id, "cyd")
    service.finish([job], 60)
    took = time.monotonic() - began
    drafts = service.settings.home / "store" / "piece"
    while any(drafts.glob("*/.*")) and time.monotonic() - began < 60:  # the piece that was being drawn
        time.sleep(0.05)
    yield Measure("cancel", "a cancelled job had stopped after", took, "s", most=2)
    yield Measure("cancel-drawing", "and its drawing after", time.monotonic() - began, "s", most=2)
