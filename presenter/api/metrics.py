"""Numbers of the service in the text format of Prometheus, counted when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from presenter.jobs.job import State
from presenter.jobs.ledger import Ledger


class _Service(Collector):
    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def collect(self) -> Iterator[GaugeMetricFamily]:
        jobs = GaugeMetricFamily("presenter_jobs", "Jobs that are kept, by state", labels=["state"])
        counts = self._ledger.counts()
        for state in get_args(State):
            jobs.add_metric([state], counts.get(state, 0))
        yield jobs
        workers = self._ledger.workers()
        silent = GaugeMetricFamily(
            "presenter_worker_silent_seconds", "Since a worker was heard of", labels=["worker"]
        )
        slots = GaugeMetricFamily(
            "presenter_worker_slots", "Pieces that a worker draws at a time", labels=["worker"]
        )
        for name, (seconds, count) in workers.items():
            silent.add_metric([name], seconds)
            slots.add_metric([name], count)
        yield silent
        yield slots


def report(ledger: Ledger) -> str:
    """All numbers."""
    registry = CollectorRegistry()
    registry.register(_Service(ledger))
    return generate_latest(registry).decode()
