"""Orders on disk: what a job is made from is copied into the job's own folder when the order is taken, so
nobody has to keep a photo or a picture in place until its turn comes.

Folder of a job, below ``videos/`` in the home: ``about.json`` (the sha256 of the own photo, by which it is
found and deleted), ``inputs/`` (photo and pictures), later the video with its side-cars.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from presenter import markup, quotas, records, text
from presenter.errors import Busy, InputError, SetupError, WorkError
from presenter.jobs.job import Job
from presenter.jobs.ledger import Ledger
from presenter.order import Order, Recipe
from presenter.settings import Settings
from presenter.store import digest, digest_of_file

RECORD = "about.json"
BESIDE = ("music", "intro", "outro")
"""Files of an order, beside portrait and pictures."""
CHARACTERS_A_MINUTE = 840
"""How long a text is when it is said, roughly: what counts before anything is rendered."""
USUAL = 10
"""Priority of a job where nothing else is said."""


def submit(
    order: Order,
    recipe: Recipe,
    settings: Settings,
    ledger: Ledger,
    *,
    owner: str,
    key: str | None,
    priority: int,
) -> Job:
    """Take an order; the job is on the disk when this returns.

    Args:
        recipe: the order with everything decided.
        key: names this submission: with the same key and order the same job is given back.
        priority: 0 (first) to 99.

    Raises:
        InputError: ``E-JOB-KEY`` when the key was used for another order.
        Busy: ``E-BUSY``, ``E-QUOTA``: see ``Ledger.add``; ``E-QUOTA-MINUTES``; ``E-DISK-RESERVE`` when the
            disk is nearly full.
        SetupError, WorkError: the job's folder cannot be written.
    """
    own = recipe.portrait if isinstance(recipe.portrait, Path) else None
    files = [getattr(recipe, name) or "" for name in BESIDE]
    plain = replace(order, portrait=str(order.portrait or ""), folder=None)
    asked = digest(asdict(replace(plain, music=None, intro=None, outro=None)), own or "", files)
    if key is not None and (found := ledger.by_key(owner, key)):
        return ledger.find(_same(found, asked))
    _check_room(settings)
    minutes = sum(len(segment.text) for segment in recipe.script.segments) / CHARACTERS_A_MINUTE
    quotas.take(
        settings.home,
        owner,
        "minutes",
        minutes,
        settings.minutes_a_day,
        "minutes of video",
        "E-QUOTA-MINUTES",
    )
    name = secrets.token_urlsafe(16)
    folder = settings.home / "videos" / name
    photo = digest_of_file(own) if own else ""
    try:
        _copy(folder, recipe, own, photo)
        row = {
            "id": name, "owner": owner, "key": key, "digest": asked, "title": recipe.script.title,
            "language": recipe.script.language, "burned": recipe.captions == "burned", "photo": photo,
            "voice": recipe.voice.reference, "order": _written(order, recipe, own), "priority": priority,
        }  # fmt: skip
        added = ledger.add(row)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise WorkError(
            "E-STORE-WRITE",
            f"The order could not be kept ({error.strerror}).",
            "Free some space and try again.",
        ) from error
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    if not added and key is not None and (found := ledger.by_key(owner, key)):
        shutil.rmtree(folder, ignore_errors=True)
        name = _same(found, asked)
    return ledger.find(name)


def _same(found: tuple[str, str], asked: str) -> str:
    name, before = found
    if before != asked:
        raise InputError(
            "E-JOB-KEY", "This key was used for another order.", "Use a new key for a new order.", "key"
        )
    return name


def _check_room(settings: Settings) -> None:
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(settings.home).free / 1e9
    except OSError as error:
        raise SetupError(
            "E-STORE-WRITE",
            f"The home cannot be written ({error.strerror}).",
            "Set PRESENTER_HOME to another folder.",
        ) from error
    if free < settings.reserve_gigabytes:
        raise Busy(
            "E-DISK-RESERVE",
            f"{free:.1f} GB are free; {settings.reserve_gigabytes:g} GB are kept in reserve.",
            "Try again later; the operator can free some space.",
        )


def _copy(folder: Path, recipe: Recipe, own: Path | None, photo: str) -> None:
    inputs = folder / "inputs"
    inputs.mkdir(parents=True, mode=0o700)
    with records.whole(folder / RECORD, durable=True) as draft:
        draft.write_text(json.dumps({"photo": photo}), encoding="utf-8")
    if own is not None:
        _keep(own, _portrait(folder, own.suffix))
    for slide in recipe.script.slides:
        for name in markup.read(slide.markdown).pictures:
            if recipe.folder is not None:
                _keep(recipe.folder / name, inputs / "pictures" / name)
    for name in BESIDE:
        file: Path | None = getattr(recipe, name)
        if file is not None:
            _keep(file, _input(folder, name, file.suffix))


def _keep(source: Path, target: Path) -> None:
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        with records.whole(target, durable=True) as draft:
            shutil.copyfile(source, draft)


def _portrait(folder: Path, suffix: str) -> Path:
    return _input(folder, "portrait", suffix)


def _input(folder: Path, name: str, suffix: str) -> Path:
    return folder / "inputs" / f"{name}{suffix.lower()}"


def _written(order: Order, recipe: Recipe, own: Path | None) -> str:
    files: dict[str, Path | None] = {name: getattr(recipe, name) for name in BESIDE}
    portrait = None if own else order.portrait
    values = asdict(replace(order, folder=None, portrait=portrait, music=None, intro=None, outro=None))
    beside = {name: file.suffix for name, file in files.items() if file is not None}
    return json.dumps(
        {
            "order": values, "portrait": own.suffix if own else None,
            "pictures": order.folder is not None, "beside": beside,
        }
    )  # fmt: skip


def restore(written: str, folder: Path) -> Order:
    """The order of a job, with the files in the job's own folder."""
    values: dict[str, Any] = json.loads(written)
    order = Order(**values["order"])
    order = replace(order, subtitles=tuple((tag, content) for tag, content in order.subtitles))
    beside: dict[str, Any] = {
        name: _input(folder, name, suffix) for name, suffix in values.get("beside", {}).items()
    }
    order = replace(order, **beside)
    if values["portrait"] is not None:
        order = replace(order, portrait=_portrait(folder, values["portrait"]))
    if values["pictures"]:
        pictures = folder / "inputs" / "pictures"
        pictures.mkdir(parents=True, exist_ok=True)
        order = replace(order, folder=pictures)
    return order


def file_name(title: str) -> str:
    """A file name that says what is inside, from letters and digits of any script, without a suffix."""
    kept = "".join(char if text.is_word(char) else "-" for char in title.lower())
    return re.sub("-+", "-", kept)[:60].strip("-") or "lesson"
