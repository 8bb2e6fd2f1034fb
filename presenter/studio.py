"""What presenter can do, as the few methods that all doors share. Doors translate, nothing more."""

from __future__ import annotations

import importlib.metadata
import json
import platform
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from presenter import faces, moderation, order, pipeline, policy, registry, script, voices
from presenter.engines import Engine, engines, load, weights
from presenter.errors import PresenterError
from presenter.meter import Report
from presenter.order import Order
from presenter.people import People
from presenter.settings import Settings
from presenter.store import Store
from presenter.types import Picture, Script, Video, Voice


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's report."""

    name: str
    state: Literal["ok", "warn", "fail"]
    detail: str
    remedy: str = ""
    """What to do, where there is something to do."""


@dataclass(frozen=True, slots=True)
class Preflight:
    """What was found in a photo."""

    verdicts: tuple[faces.Verdict, ...]
    outline: Picture | None
    """The photo with the found eyes and mouth drawn in, (H, W, 3) uint8 RGB; None without a face."""


class Studio:
    """presenter with its settings.

    Args:
        settings: where things are kept and what the defaults are.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def render(
        self,
        order: Order,
        out: Path,
        *,
        report: Report = lambda _: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Video:
        """Make a video; see ``pipeline.render``."""
        return pipeline.render(order, self.settings, out, report=report, cancelled=cancelled)

    def check(self, wanted: Order) -> Script:
        """Read a lesson, settle its choices and look at its pictures without rendering anything; raises
        what a render would, but asks for no consent."""
        recipe = order.decide(wanted, self.settings)
        real = isinstance(recipe.portrait, Path)
        if isinstance(recipe.portrait, Path):
            opened = faces.open_portrait(recipe.portrait, detector=load("detector", "auto"))
            moderation.check(opened.images[0], self.settings)
        else:
            faces.sample_files(recipe.portrait, self.settings.assets)
        policy.check(recipe.script, real_person=real)
        return recipe.script

    def parse(self, source: str, language: str | None = None) -> Script:
        """Read a lesson's text; its warnings are in the result."""
        return script.parse(source, language=language, limit=self.settings.max_script_characters)

    def preflight(self, photo: Path) -> Preflight:
        """Look at a photo before anything is rendered.

        Raises:
            InputError: when the file is no picture that can be used.
        """
        picture = faces.open_picture(photo)
        moderation.check(picture, self.settings)
        found = load("detector", "auto").detect(picture)
        verdicts = tuple(faces.examine(picture, found))
        return Preflight(verdicts, faces.outline(picture, found[0]) if found else None)

    def portraits(self) -> tuple[str, ...]:
        """Names of the sample presenters."""
        return faces.samples(self.settings.assets)

    def voices(self) -> tuple[Voice, ...]:
        """The voices that can be asked for by name."""
        return voices.builtin()

    def languages(self) -> tuple[str, ...]:
        """BCP 47 codes that the speaker can speak."""
        codes: tuple[str, ...] = load("speaker", self.settings.speaker).languages()
        return codes

    def forget(self, *references: str) -> int:
        """Delete all that was derived from photos with these sha256, here and on the page: pieces,
        records, videos that the page keeps, uploads. Without any, all finished work of everybody.

        Videos that were written elsewhere, and the notes of consent, stay. Returns how many files and
        folders were deleted.
        """
        home = self.settings.home
        if not references:
            folders = [home / name for name in ("store", "records", "videos", "uploads")]
            count = sum(1 for folder in folders for path in folder.rglob("*") if path.is_file())
            for folder in folders:
                shutil.rmtree(folder, ignore_errors=True)
            return count
        count = Store(home / "store").forget(*references) + registry.forget(home, *references)
        for about in (home / "videos").glob("*/about.json"):
            if _photo_of(about) in references:
                shutil.rmtree(about.parent, ignore_errors=True)
                count += 1
        for upload in (home / "uploads").glob("*"):
            if upload.name.split("-")[0] in references:
                upload.unlink(missing_ok=True)
                count += 1
        return count

    def revoke(self, consent: str) -> int:
        """End a consent and delete all that was derived from what it covered; see ``forget``.

        Raises:
            InputError: ``E-CONSENT-UNKNOWN``.
        """
        self.people().revoke(consent)
        covered = {entry.reference for entry in self.people().entries() if entry.consent.id == consent}
        return self.forget(*covered)

    def people(self) -> People:
        """Consents on record."""
        return People(self.settings.home)

    def doctor(self) -> tuple[Finding, ...]:
        """Whether everything that is needed is there."""
        return (
            _python(),
            *(_engine(row) for row in engines()),
            *_checkpoints(),
            *self._folders(),
        )

    def _folders(self) -> tuple[Finding, ...]:
        home = self.settings.home
        try:
            store = Store(home / "store")
        except PresenterError as error:
            return (Finding("home", "fail", error.message, error.hint),)
        free = shutil.disk_usage(home).free / 1e9
        used = store.size() / 1e9
        state: Literal["ok", "warn"] = "ok" if free > 2 else "warn"
        remedy = "" if state == "ok" else "Free some space, or clear finished work: presenter forget --all."
        return (Finding("home", state, f"{used:.1f} GB of finished work kept, {free:.0f} GB free", remedy),)


def _photo_of(about: Path) -> str | None:
    """The sha256 of the photo that a video of the page shows."""
    try:
        photo = json.loads(about.read_text(encoding="utf-8"))["photo"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return str(photo)


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
    terms = "commercial use allowed" if row.commercial else "non-commercial only"
    return Finding(name, "ok", f"{row.summary} ({row.licence}, {terms})")


def _checkpoints() -> tuple[Finding, ...]:
    rows = sorted({name for row in engines() for name in row.checkpoints})
    findings = []
    for name in rows:
        try:
            weights.find(name)
            findings.append(Finding(f"checkpoint {name}", "ok", "there, sha256 right"))
        except PresenterError as error:
            findings.append(Finding(f"checkpoint {name}", "fail", error.message, error.hint))
    return tuple(findings)
