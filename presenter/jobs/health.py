"""Whether the service is well: what the doctor says about jobs and workers."""

from __future__ import annotations

from typing import Literal

from presenter.errors import PresenterError
from presenter.jobs import tables
from presenter.jobs.ledger import Ledger
from presenter.settings import Settings

State = Literal["ok", "warn", "fail"]


def examine(settings: Settings) -> list[tuple[str, State, str, str]]:
    """Findings as (name, ok|warn|fail, detail, remedy); none where there were never any jobs."""
    if not tables.exists(settings):
        return []
    try:
        ledger = Ledger(settings)
        damage = ledger.damage()
        if damage:
            return [("jobs", "fail", f"the database is damaged ({damage})", tables.RESTORE)]
        counts, workers = ledger.counts(), ledger.workers()
    except PresenterError as error:
        return [("jobs", "fail", error.message, error.hint)]
    open_jobs = counts.get("queued", 0) + counts.get("running", 0)
    living = [name for name, (silent, _) in workers.items() if silent < settings.lease]
    detail = f"{open_jobs} waiting or running, {counts.get('done', 0)} done, {counts.get('failed', 0)} failed"
    detail = f"{detail}; workers: {', '.join(living) or 'none'}"
    if open_jobs and not living:
        return [("jobs", "warn", detail, "No worker makes them: start presenter serve or presenter work.")]
    return [("jobs", "ok", detail, "")]
