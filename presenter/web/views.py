"""What the page shows, as HTML. Everything that comes from people or files is escaped here."""

from __future__ import annotations

import base64
import datetime
import html
import io
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from babel import Locale, UnknownLocaleError

from presenter.errors import PresenterError
from presenter.jobs import Job
from presenter.jobs.job import Failure
from presenter.studio import Preflight
from presenter.types import Picture
from presenter.web.elements import escape
from presenter.web.words import Words

LOOK = {"refuse": "bad", "warn": "warn"}
"""Severity of a verdict -> class of its box."""


def clock(seconds: float) -> str:
    """``1:05``, ``12:00`` or ``1:02:03``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def size(words: Words, count: int) -> str:
    """Bytes as people read them."""
    if count >= 1e5:
        return words.unit(count / 1e6, "digital-megabyte", 1)
    return words.unit(max(1, round(count / 1e3)), "digital-kilobyte")


def notice(look: str, message: str, hint: str = "", note: str = "", *, role: str = "") -> str:
    """A box with a message: what is the matter, what to do, and small print."""
    parts = [f"<p><strong>{html.escape(message)}</strong></p>"]
    parts += [f"<p>{html.escape(hint)}</p>"] if hint else []
    parts += [f"<p class='small'>{html.escape(note)}</p>"] if note else []
    attribute = f" role='{role}'" if role else ""
    return f"<div class='notice {look}'{attribute}>{''.join(parts)}</div>"


def failure(
    words: Words,
    error: PresenterError | Failure,
    *,
    role: str = "alert",
    look: str = "bad",
    small: bool = True,
) -> str:
    """An error as a box that screen readers announce, in the language of the page.

    Args:
        small: with its code and reference.
    """
    note = f"{error.code} · {words.plain('photo.reference', reference=error.reference)}" if small else ""
    return notice(look, words.said(error.message), words.said(error.hint), note, role=role)


def verdicts(words: Words, found: Preflight, name: str, animated: bool = False) -> str:
    """What was found in a photo, with the outlined picture."""
    boxes = ""
    if animated:
        boxes = notice("warn", words.plain("photo.animated"), words.plain("photo.animated-what"))
    boxes += "".join(
        notice(LOOK[verdict.severity], words.said(verdict.message), words.said(verdict.hint), verdict.code)
        for verdict in found.verdicts
    )
    if not any(verdict.severity == "refuse" for verdict in found.verdicts):
        boxes += notice("good", words.plain("photo.usable"))
    picture = ""
    if found.outline is not None:
        picture = f"<img src='{_inline(found.outline)}' alt='{words('photo.outlined', name=name)}'>"
    return f"<div class='preflight' role='status'>{picture}<div>{boxes}</div></div>"


def _inline(picture: Picture, side: int = 480) -> str:
    """A picture inside the page, so that no address leads to somebody's face."""
    return inline(jpeg(picture, side))


def jpeg(picture: Picture, side: int = 4096) -> bytes:
    """A picture as a JPEG whose longer side is at most ``side``."""
    from PIL import Image

    image = Image.fromarray(picture)
    image.thumbnail((side, side))
    memory = io.BytesIO()
    image.save(memory, "JPEG", quality=87)
    return memory.getvalue()


def inline(picture: bytes) -> str:
    """A JPEG as an address that holds it."""
    return "data:image/jpeg;base64," + base64.b64encode(picture).decode()


def player(words: Words, job: Job) -> str:
    """The browser's own player, which the keyboard operates, with captions switched on; job.video must be
    there."""
    assert job.video is not None
    captions = next((Path(file) for file in job.video.files if file.endswith(".vtt")), None)
    track = ""
    if captions is not None:
        track = (
            f"<track kind='captions' src='{address(job, captions)}' srclang='{escape(job.language)}'"
            f" label='{escape(words.language(job.language))}'{'' if job.burned else ' default'}>"
        )
    return (
        f"<video controls playsinline preload='metadata' aria-label='{escape(job.title)}'"
        f" src='{address(job, Path(job.video.path))}'>{track}</video>"
    )


def address(job: Job, file: Path) -> str:
    """Where a file of a video is served. Relative, so that the page also works behind a proxy that serves it
    from a folder."""
    return f"media/{job.id}/{quote(file.name)}"


def when(made: str) -> datetime.datetime:
    """A time of a record (ISO 8601, UTC) in the zone of the server."""
    return datetime.datetime.fromisoformat(made).astimezone()


def both_names(words: Words, code: str) -> str:
    """A language's name on this page and its own: ``German · Deutsch``."""
    here = words.language(code)
    try:
        native = Locale.parse("zh" if code == "cmn" else code, sep="-").get_display_name() or here
    except (UnknownLocaleError, ValueError):
        native = here
    return here if native.casefold() == here.casefold() else f"{here} · {native}"


def languages(words: Words, codes: Iterable[str]) -> list[tuple[str, str]]:
    """What languages are called on this page, and their codes, in the order of the names."""
    named = [(words.language(code), code) for code in codes]
    return [(name, code) for name, code in sorted(named, key=lambda row: _sorted_by(row[0]))]


def _sorted_by(name: str) -> str:
    """Letters with accents stand beside those without."""
    apart = unicodedata.normalize("NFKD", name)
    return "".join(char for char in apart if not unicodedata.combining(char)).casefold()
