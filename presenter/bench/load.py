"""How the service answers while many look at it: watchers, orders, a burst, and many jobs in a row."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from presenter import tokens
from presenter.bench import memory
from presenter.bench.service import Service, lesson, small
from presenter.bench.tree import zombies
from presenter.errors import WorkError
from presenter.evaluate import Measure
from presenter.settings import Settings

WATCHERS = 50
EVERY = 5.0
"""Seconds between two looks of a watcher."""
ORDERS = 12.0
"""Seconds between two orders."""
WAITING = 100
"""Jobs that may wait during the burst."""


@dataclass(slots=True)
class _Times:
    """What the requests took, in ms."""

    looks: list[float] = field(default_factory=list)
    orders: list[float] = field(default_factory=list)
    errors: int = 0


def run(
    settings: Settings,
    *,
    minutes: float = 10.0,
    burst: int = 200,
    jobs: int = 500,
    report: Callable[[str], None] = print,
) -> Iterator[Measure]:
    """Load a server with one worker, over loopback.

    Args:
        minutes: of 50 watchers who look every 5 s, and an order every 12 s.
        burst: orders that are sent at once.
        jobs: that are made one after the other, to see whether memory grows.
    """
    with tempfile.TemporaryDirectory(prefix="presenter-load-") as name:
        home = Path(name) / "home"
        wanted = small(
            settings,
            home,
            lessons=1,
            workers=1,
            waiting=WAITING,
            waiting_each=WAITING,
            requests_a_minute=10**6,
        )
        service = Service(wanted, ("serve",), Path(name) / "log")
        service.start()
        try:
            _wait_for(service)
            yield from asyncio.run(_watched(service, minutes, report))
            yield from asyncio.run(_burst(service, burst, report))
            yield from _many(service, jobs, report)
        finally:
            service.end()


def _address(service: Service) -> str:
    return f"http://127.0.0.1:{service.settings.port}"


def _wait_for(service: Service) -> None:
    import httpx

    until = time.monotonic() + 120
    while time.monotonic() < until:
        try:
            if httpx.get(f"{_address(service)}/healthz").status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.2)
    raise WorkError("E-BENCH", "The server does not answer.", "Run: presenter doctor.")


def _client(service: Service, owner: str) -> Any:
    import httpx

    shown = tokens.create(service.settings.home, owner)
    return httpx.AsyncClient(
        base_url=f"{_address(service)}/api/v1", headers={"Authorization": f"Bearer {shown}"}, timeout=60,
        limits=httpx.Limits(max_connections=250),
    )  # fmt: skip


async def _timed(times: list[float], request: Any) -> int:
    """The status of the answer, 0 where there is none."""
    import httpx

    began = time.perf_counter()
    try:
        return int((await request).status_code)
    except httpx.HTTPError:
        return 0
    finally:
        times.append(1000 * (time.perf_counter() - began))


async def _watched(service: Service, minutes: float, report: Callable[[str], None]) -> list[Measure]:
    report(f"{WATCHERS} watchers for {minutes:g} min")
    times, number = _Times(), 0
    async with _client(service, "watcher") as client:
        first = (await client.post("/jobs", json={"lesson": lesson(0).source})).json()["id"]
        until = time.monotonic() + 60 * minutes

        async def watch(offset: float) -> None:
            await asyncio.sleep(offset)
            while time.monotonic() < until:
                times.errors += await _timed(times.looks, client.get(f"/jobs/{first}")) != 200
                await asyncio.sleep(EVERY)

        async def order() -> None:
            nonlocal number
            while time.monotonic() < until:
                number += 1
                asked = client.post("/jobs", json={"lesson": lesson(number).source})
                times.errors += await _timed(times.orders, asked) != 202
                await asyncio.sleep(min(ORDERS, 60 * minutes / 3))

        await asyncio.gather(order(), *(watch(EVERY * index / WATCHERS) for index in range(WATCHERS)))
    looks = f"of {len(times.looks)}; half of them within {statistics.median(times.looks):.0f} ms"
    orders = f"of {len(times.orders)}; half of them within {statistics.median(times.orders):.0f} ms"
    return [
        Measure("look", "95 in 100 looks at a job took", _p95(times.looks), "ms", most=300, note=looks),
        Measure("order", "95 in 100 orders took", _p95(times.orders), "ms", most=1000, note=orders),
        Measure("errors", "errors", times.errors, most=0),
    ]


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1] if len(values) > 1 else values[0]


async def _burst(service: Service, count: int, report: Callable[[str], None]) -> list[Measure]:
    report(f"{count} orders at once")
    async with _client(service, "burst") as client:
        wanted = [client.post("/jobs", json={"lesson": lesson(0).source}) for _ in range(count)]
        answers = await asyncio.gather(*wanted)
    taken = [answer.json()["id"] for answer in answers if answer.status_code == 202]
    turned = [answer for answer in answers if answer.status_code == 429 and answer.headers.get("retry-after")]
    kept = {job.id for job in service.studio.ledger.some(taken)}
    note = f"{len(taken)} taken, {len(turned)} told when to come back"
    for name in taken:
        service.studio.cancel(name, None)
    wrong, lost = count - len(taken) - len(turned), len(set(taken) - kept)
    return [
        Measure("burst", "orders of a burst without a right answer", wrong, most=0, note=note),
        Measure("burst-lost", "taken orders that are not kept", lost, most=0),
    ]


def _many(service: Service, count: int, report: Callable[[str], None]) -> Iterator[Measure]:
    """Equal lessons in a row: nothing is drawn, so what stays in memory is the service's own."""
    report(f"{count} jobs in a row")
    service.finish(list(service.studio.jobs(None)), 600)
    before = None
    warm = max(3, count // 10)
    for number in range(count):
        if number == warm:
            before = memory(service.pid)
        service.finish([service.studio.submit(lesson(0), owner="many")], 120)
    after = memory(service.pid)
    growth = 100 * (after[0] / before[0] - 1) if before and after else None
    note = (
        f"{before[0]:.0f} MB after {warm} jobs, {after[0]:.0f} MB after {count}" if before and after else ""
    )
    yield Measure("memory", "memory grew", growth, "%", most=10, note=note)
    yield Measure("zombies", "processes that nobody waited for", zombies(service.pid), most=0)
    home = service.settings.home
    left = [
        path
        for folder in ("store", "videos", "incoming")
        for path in (home / folder).rglob(".*")
        if path.is_file()
    ]
    yield Measure("left", "temporary files left", len(left), most=0)
