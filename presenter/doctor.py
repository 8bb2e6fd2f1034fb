"""Whether everything that is needed is there, one line for each thing."""

from __future__ import annotations

import importlib.metadata
import platform
import shutil
import sys
from dataclasses import dataclass
from typing import Literal

from presenter import hosting
from presenter.engines import Engine, engines, load, weights
from presenter.engines.fingerprints import commercial
from presenter.errors import PresenterError
from presenter.settings import Settings
from presenter.store import Store


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's report."""

    name: str
    state: Literal["ok", "warn", "fail"]
    detail: str
    remedy: str = ""
    """What to do, where there is something to do."""


def examine(settings: Settings) -> tuple[Finding, ...]:
    """The doctor's report."""
    return (
        _python(),
        *(_engine(row) for row in engines()),
        *_checkpoints(),
        _decks(),
        _folders(settings),
        *_jobs(settings),
        *(Finding("hosted", "fail", lack.message, lack.hint) for lack in hosting.lacks(settings)),
    )


def _jobs(settings: Settings) -> list[Finding]:
    from presenter.jobs import health

    return [Finding(*found) for found in health.examine(settings)]


def _folders(settings: Settings) -> Finding:
    home = settings.home
    try:
        store = Store(home / "store")
    except PresenterError as error:
        return Finding("home", "fail", error.message, error.hint)
    free = shutil.disk_usage(home).free / 1e9
    used = store.size() / 1e9
    state: Literal["ok", "warn"] = "ok" if free > 2 else "warn"
    remedy = "" if state == "ok" else "Free some space, or clear finished work: presenter forget --all."
    return Finding("home", state, f"{used:.1f} GB of finished work kept, {free:.0f} GB free", remedy)


def _python() -> Finding:
    version = platform.python_version()
    if (3, 11) <= sys.version_info[:2] <= (3, 13):
        return Finding("python", "ok", f"{version}, PyAV {importlib.metadata.version('av')}")
    return Finding("python", "fail", f"{version}; 3.11 to 3.13 is needed", "Install one of these.")


def _engine(row: Engine) -> Finding:
    name = f"{row.kind} {row.name}"
    try:
        load(row.kind, row.name)
    except PresenterError as error:
        return Finding(name, "warn", error.message, error.hint)
    terms = "commercial use allowed" if commercial(row) else "non-commercial weights"
    return Finding(name, "ok", f"{row.summary} ({row.licence}, {terms})")


def _decks() -> Finding:
    from presenter.decks import office

    if office.program() is None:
        return Finding("decks", "ok", "drawn by the embedded renderer; LibreOffice is not installed")
    return Finding("decks", "ok", "drawn by LibreOffice; the embedded renderer is there, too")


def _placed(name: str) -> str:
    row = weights.folder_of(name)
    return "there" if row is None or row.commercial else f"there, non-commercial weights ({row.licence})"


def _checkpoints() -> tuple[Finding, ...]:
    rows = sorted({name for row in engines() for name in row.checkpoints})
    fetched = {row.name for row in weights.manifest()}
    findings = []
    for name in rows:
        try:
            weights.find(name)
            known = "there, sha256 right" if name in fetched else _placed(name)
            findings.append(Finding(f"checkpoint {name}", "ok", known))
        except PresenterError as error:
            # Models that the user places are a choice; what can be fetched is needed.
            state: Literal["fail", "warn"] = "fail" if name in fetched else "warn"
            findings.append(Finding(f"checkpoint {name}", state, error.message, error.hint))
    return tuple(findings)
