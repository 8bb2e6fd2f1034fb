"""What the page shows, as HTML. Everything that comes from people or files is escaped here."""

from __future__ import annotations

import base64
import html
import io
from pathlib import Path
from urllib.parse import quote

from presenter import text
from presenter.errors import PresenterError
from presenter.meter import Meter
from presenter.studio import Preflight
from presenter.types import Picture, Script
from presenter.web.desk import Job

STAGES = {
    "prepare": "Getting ready",
    "speak": "Speaking",
    "draw": "Drawing",
    "join": "Joining",
    "done": "Finished",
}
"""What the stages of a render are called on the page."""

LOOK = {"refuse": "bad", "warn": "warn"}
"""Severity of a verdict -> class of its box."""

CHARACTERS = {"zh": 4.5, "yue": 4.5, "ja": 6.5, "ko": 6.0, "th": 11.0}
"""Characters spoken in a second where it is far from ``Meter.SPEAKING_RATE``."""

PAUSE = 0.4
"""Silence between two sentences (s)."""


def clock(seconds: float) -> str:
    """``1:05``, ``12:00`` or ``1:02:03``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def size(count: int) -> str:
    """Bytes as people read them."""
    return f"{count / 1e6:.1f} MB" if count >= 1e5 else f"{max(1, round(count / 1e3))} kB"


def plural(count: int, noun: str) -> str:
    """``1 sentence``, ``2 sentences``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def notice(look: str, message: str, hint: str = "", note: str = "", *, role: str = "") -> str:
    """A box with a message: what is the matter, what to do, and small print."""
    parts = [f"<p><strong>{html.escape(message)}</strong></p>"]
    parts += [f"<p>{html.escape(hint)}</p>"] if hint else []
    parts += [f"<p class='small'>{html.escape(note)}</p>"] if note else []
    attribute = f" role='{role}'" if role else ""
    return f"<div class='notice {look}'{attribute}>{''.join(parts)}</div>"


def failure(error: PresenterError, *, role: str = "alert") -> str:
    """An error as a box that screen readers announce."""
    return notice("bad", error.message, error.hint, f"{error.code} · reference {error.reference}", role=role)


def nothing() -> str:
    """What stands below an empty script."""
    return "<ul class='facts'><li>Nothing is written yet.</li></ul>"


def hints(script: Script) -> str:
    """What is known about a script while it is written."""
    facts = [
        plural(len(script.segments), "sentence"),
        f"about {clock(_seconds(script))}",
        text.name(script.language),
    ]
    if script.slides:
        facts.insert(1, plural(len(script.slides), "slide"))
    line = "".join(f"<li>{html.escape(fact)}</li>" for fact in facts)
    return f"<ul class='facts'>{line}</ul>" + "".join(notice("warn", warning) for warning in script.warnings)


def _seconds(script: Script) -> float:
    rate = CHARACTERS.get(text.base(script.language), Meter.SPEAKING_RATE)
    return sum(len(segment.text) / rate + segment.pause + PAUSE for segment in script.segments)


def verdicts(found: Preflight, name: str, animated: bool = False) -> str:
    """What was found in a photo, with the outlined picture."""
    boxes = notice("warn", "The picture is animated.", "Its first frame is used.") if animated else ""
    boxes += "".join(
        notice(LOOK[verdict.severity], verdict.message, verdict.hint, verdict.code)
        for verdict in found.verdicts
    )
    if not any(verdict.severity == "refuse" for verdict in found.verdicts):
        boxes += notice("good", "This photo can be used.")
    picture = ""
    if found.outline is not None:
        alternative = html.escape(f"{name} with the found eyes and mouth outlined", quote=True)
        picture = f"<img src='{_inline(found.outline)}' alt='{alternative}'>"
    return f"<div class='preflight' role='status'>{picture}<div>{boxes}</div></div>"


def _inline(picture: Picture, side: int = 480) -> str:
    """A picture inside the page, so that no address leads to somebody's face."""
    from PIL import Image

    image = Image.fromarray(picture)
    image.thumbnail((side, side))
    memory = io.BytesIO()
    image.save(memory, "JPEG", quality=85)
    return "data:image/jpeg;base64," + base64.b64encode(memory.getvalue()).decode()


def progress(job: Job, ahead: int) -> str:
    """How far a render is. ``data-say`` is what a screen reader is told; it changes seldom."""
    now = job.progress
    percent = int(100 * now.done)
    if job.stop.is_set():
        head, detail, say = "Stopping …", "What is finished is kept.", "Stopping."
    elif ahead:
        head = "Waiting"
        detail = f"{plural(ahead, 'video')} before yours; it starts by itself."
        say = f"Waiting. {detail}"
    else:
        head = STAGES[now.stage]
        detail = now.message if now.message != head.lower() else ""
        say = f"{head}, {percent // 10 * 10} percent."
    left = "" if now.left is None or ahead else f"about {clock(now.left)} left"
    value = "" if ahead else f" value='{percent}'"
    return (
        f"<div class='progress' data-say='{html.escape(say, quote=True)}'>"
        f"<p><strong>{head}</strong><span>{'' if ahead else f'{percent} %'}</span></p>"
        f"<progress max='100'{value} aria-label='Progress of the video'></progress>"
        f"<p class='small'><span>{html.escape(detail)}</span><span>{left}</span></p></div>"
    )


def result(job: Job) -> str:
    """The player with its downloads; job.video must be there."""
    video = job.video
    assert video is not None
    files = [Path(video.path), *(Path(file) for file in video.files)]
    links = "".join(
        f"<a class='button' href='{_address(job, file)}?download=1' download>{file.suffix[1:].upper()}</a>"
        for file in files
    )
    total = video.reused + video.rendered
    facts = [
        clock(video.seconds),
        size(files[0].stat().st_size),
        f"made in {clock(video.spent)}",
        f"{video.reused} of {plural(total, 'piece')} reused",
    ]
    return (
        "<section class='result' aria-label='Finished video' data-say='The video is ready.'>"
        f"<h2>{html.escape(job.title)}</h2>{_player(job, files)}"
        f"<p class='facts-line'><span class='chip'>AI-generated</span>{' · '.join(facts)}</p>"
        f"<p class='downloads'><span>Download</span>{links}</p></section>"
    )


def _player(job: Job, files: list[Path]) -> str:
    track = ""
    captions = next((file for file in files if file.suffix == ".vtt"), None)
    if captions is not None:
        language = html.escape(job.language, quote=True)
        shown = "" if job.burned else " default"
        track = (
            f"<track kind='captions' src='{_address(job, captions)}' srclang='{language}'"
            f" label='{html.escape(text.name(job.language), quote=True)}'{shown}>"
        )
    return f"<video controls playsinline preload='metadata' src='{_address(job, files[0])}'>{track}</video>"


def _address(job: Job, file: Path) -> str:
    # Relative, so that the page also works behind a proxy that serves it from a folder.
    return f"media/{job.id}/{quote(file.name)}"
